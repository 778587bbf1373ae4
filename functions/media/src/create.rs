//! POST /media: an address to upload a file to, bound to its type and size.

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use domain::{
    id::MediaId,
    input::{Invalid, integer_value},
    media::{FileType, MAX_VIDEO_BYTES, Media as Upload, MediaStatus, Purpose, UPLOAD_LIFE, taken},
    time::{MINUTE, Time},
};
use edge::{Call, Code, Fault, Grant, Outcome, Problem, Reply, Route, Row, Setting};
use ports::fresh_ulid;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use store::{Error, MediaItems, Rate, Rates};

use crate::{Media, upload_key};

pub(crate) const ROUTE: Route<Media> = Row::post("media.create", "/media")
    .summary("Begin the upload of a file")
    .description(
        "Listings and profiles take pictures (JPEG, PNG, WebP, GIF) of up to 5 MB, which everybody sees; messages take \
         pictures (JPEG, PNG) of up to 5 MB and videos (MP4, QuickTime) of up to 100 MB, which only their room sees. The \
         reply has an address for one `PUT` with exactly the headers given, good for 15 minutes. Once the file has \
         arrived it is made ready within seconds; `GET /media/{mediaId}` tells. An upload that nothing uses goes after a \
         day. What a camera wrote into a picture is taken out; a video is kept as it came.",
    )
    .features(&["L2", "M1", "M4", "P2", "C19"])
    .idempotent()
    .needs(&[Setting::MediaBucket])
    .may(&[
        Grant::Table("GetItem", &["RECEIPT#media.create#"]),
        Grant::Table("PutItem", &["MEDIA#", "RECEIPT#media.create#"]),
        Grant::Table("UpdateItem", &["RATE#upload#"]),
        Grant::Bucket("PutObject", "uploads/"),
    ])
    .takes::<Body>()
    .replies::<View>(201)
    .problems(&[Code::TooMany])
    .budget(4, 1.0, 10.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// Sixty uploads at once for a person, one more each minute.
const RATE: Rate = Rate { what: "upload", burst: 60, refill: MINUTE };

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "NewUpload", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    purpose: Purpose,
    content_type: FileType,
    size: Size,
}

/// Bytes of a file: 1 to what the largest type may have.
struct Size(u32);

impl Deserr<Invalid> for Size {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        let bytes = integer_value(value, at, 1..=i64::from(MAX_VIDEO_BYTES))?;
        Ok(Self(u32::try_from(bytes).unwrap_or(MAX_VIDEO_BYTES)))
    }
}

impl JsonSchema for Size {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Size".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let description = "Bytes of the file: up to 5 MB of a picture, 100 MB of a video.";
        json_schema!({"type": "integer", "minimum": 1, "maximum": MAX_VIDEO_BYTES, "description": description})
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "UploadBegun")]
struct View {
    id: MediaId,
    status: MediaStatus,
    upload: AddressView,
}

/// Where and how to send the file.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "UploadAddress")]
struct AddressView {
    /// `PUT`.
    method: &'static str,
    url: String,
    /// To be sent exactly so.
    headers: std::collections::BTreeMap<String, String>,
    /// Until when.
    expires_at: Time,
}

async fn handle(app: &Media, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let Body { purpose, content_type, size } = call.body()?;
    taken(purpose, content_type, size.0)?;
    let table = call.table()?;
    if let Err(seconds) = Rates(table).take(&RATE, caller.id.as_str(), call.now).await? {
        return Err(Problem::too_many(seconds).into());
    }
    let id = MediaId::from_ulid(&fresh_ulid(call.now));
    let life = Duration::from_millis(u64::try_from(UPLOAD_LIFE).unwrap_or_default());
    let presigned = app
        .bucket()
        .put_object()
        .bucket(call.setting(Setting::MediaBucket)?)
        .key(upload_key(&id))
        .content_type(content_type.content_type())
        .content_length(i64::from(size.0))
        .presigned(PresigningConfig::expires_in(life).map_err(Fault::internal)?)
        .await
        .map_err(|error| Fault::internal(aws_sdk_s3::error::DisplayErrorContext(error)))?;
    // In Lambda the SDK adds the trace of this call. It is not signed, and no upload of a client's is part of the call.
    let headers = presigned.headers().filter(|(name, _)| !name.eq_ignore_ascii_case("x-amzn-trace-id"));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let upload = Upload {
        id: id.clone(),
        owner: caller.id.clone(),
        purpose,
        content_type,
        size: size.0,
        status: MediaStatus::Waiting,
        rejection: None,
        picture: None,
        file: None,
        used_by: None,
        created_at: call.now,
    };
    let view = View {
        id: id.clone(),
        status: MediaStatus::Waiting,
        upload: AddressView {
            method: "PUT",
            url: presigned.uri().to_owned(),
            headers,
            expires_at: call.now.plus(UPLOAD_LIFE),
        },
    };
    let reply = Reply::created(format!("/media/{id}"), &view)?;
    MediaItems(table).create(&upload, call.receipt(&reply)).await.map_err(|error| match error {
        Error::Clash(_) => Fault::from(Code::InProgress),
        other => other.into(),
    })?;
    Ok(reply)
}
