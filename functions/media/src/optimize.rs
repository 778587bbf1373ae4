//! A file arrived below `uploads/`: it becomes renditions below `renditions/`, or is rejected and removed.
//!
//! May run twice: the same file makes the same renditions under the same keys, and what was made ready stays.

use aws_sdk_s3::{error::ProvideErrorMetadata, primitives::ByteStream};
use domain::{
    id::MediaId,
    media::{MAX_BYTES, Media as Upload, MediaStatus, Picture, PictureType},
};
use edge::{Event, Fault, Grant, Route, Row, Setting, rendition_key};
use serde_json::{Value, json};
use store::{Error, MediaItems};

use crate::{
    Media,
    picture::{Format, Limits, Optimized, Rejection, optimize},
    upload_key,
};

pub(crate) const ROUTE: Route<Media> = Row::bucket("media.optimize", "uploads/")
    .summary("Make renditions of an uploaded picture")
    .features(&["L2", "M1", "M3", "B6", "P2"])
    .needs(&[Setting::MediaBucket])
    // The most of a processor that one thread can use.
    .size(1769, 60)
    .may(&[
        Grant::Table("GetItem", &["MEDIA#"]),
        Grant::Table("UpdateItem", &["MEDIA#"]),
        Grant::Bucket("GetObject", "uploads/"),
        // Who may not list a bucket is told of what is not there that access is denied.
        Grant::Bucket("ListBucket", ""),
        Grant::Bucket("DeleteObject", "uploads/"),
        Grant::Bucket("PutObject", "renditions/"),
    ])
    .budget(2, 1.0, 2.0)
    .event(|app, event| Box::pin(handle(app, event)));

/// A year: a rendition never changes, its key is of one upload.
const CACHE: &str = "public, max-age=31536000, immutable";

async fn handle(app: &Media, event: Event<'_>) -> Result<Value, Fault> {
    let records = event.payload["Records"].as_array().map_or(&[][..], Vec::as_slice);
    let mut done = vec![];
    for record in records {
        let key = record["s3"]["object"]["key"].as_str().unwrap_or_default();
        // Keys come encoded; ours have nothing to encode, so that one which has is not ours.
        let Some(id) = key.strip_prefix("uploads/").and_then(|id| MediaId::parse(id).ok()) else { continue };
        let status = one(app, &event, &id).await?;
        done.push(json!({"media": id, "outcome": status}));
    }
    Ok(json!({"handled": done}))
}

async fn one(app: &Media, event: &Event<'_>, id: &MediaId) -> Result<&'static str, Fault> {
    let items = MediaItems(event.table()?);
    let upload = items.by_id(id).await?;
    let outcome = match upload {
        // Removed meanwhile, or never begun here.
        None => "unknown",
        Some(upload) if upload.status != MediaStatus::Waiting => "done before",
        Some(upload) => match fetched(app, event, id).await? {
            // There is nothing to remove either.
            None => return Ok("gone"),
            Some(Err(rejection)) => rejected(items, id, &rejection).await?,
            Some(Ok(bytes)) => match made(&upload, bytes).await? {
                Err(rejection) => rejected(items, id, &rejection).await?,
                Ok(optimized) => ready(app, event, items, id, optimized).await?,
            },
        },
    };
    remove(app, event, id).await?;
    Ok(outcome)
}

/// The file, unless it is larger than any that an address was given out for.
async fn fetched(app: &Media, event: &Event<'_>, id: &MediaId) -> Result<Option<Result<Vec<u8>, Rejection>>, Fault> {
    let request = app.bucket().get_object().bucket(event.setting(Setting::MediaBucket)?).key(upload_key(id));
    let object = match request.send().await {
        Ok(object) => object,
        // Done and removed by a twin of this call.
        Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
        Err(error) => return Err(Fault::internal(aws_sdk_s3::error::DisplayErrorContext(error))),
    };
    if object.content_length().is_none_or(|length| length > i64::from(MAX_BYTES)) {
        return Ok(Some(Err(Rejection::TooLarge)));
    }
    let bytes = object.body.collect().await.map_err(Fault::internal)?.to_vec();
    Ok(Some(Ok(bytes)))
}

/// Renditions, made off the runtime's thread: the laptop cloud has others to serve meanwhile.
async fn made(upload: &Upload, bytes: Vec<u8>) -> Result<Result<Optimized, Rejection>, Fault> {
    let format = match upload.content_type {
        PictureType::Jpeg => Format::Jpeg,
        PictureType::Png => Format::Png,
        PictureType::WebP => Format::WebP,
        PictureType::Gif => Format::Gif,
    };
    tokio::task::spawn_blocking(move || {
        let limits = Limits { max_bytes: MAX_BYTES as usize, ..Limits::default() };
        optimize(&bytes, format, &limits)
    })
    .await
    .map_err(Fault::internal)
}

async fn ready(
    app: &Media,
    event: &Event<'_>,
    items: MediaItems<'_>,
    id: &MediaId,
    optimized: Optimized,
) -> Result<&'static str, Fault> {
    let mut widths: Vec<u32> = optimized.renditions.iter().map(|rendition| rendition.width).collect();
    widths.dedup();
    let bucket = event.setting(Setting::MediaBucket)?;
    let puts = optimized.renditions.into_iter().map(|rendition| {
        app.bucket()
            .put_object()
            .bucket(bucket)
            .key(rendition_key(id, rendition.width, rendition.kind.extension()))
            .content_type(rendition.kind.content_type())
            .cache_control(CACHE)
            .body(ByteStream::from(rendition.bytes))
            .send()
    });
    futures::future::try_join_all(puts)
        .await
        .map_err(|error| Fault::internal(aws_sdk_s3::error::DisplayErrorContext(error)))?;
    let picture = Picture {
        media: id.clone(),
        width: optimized.width,
        height: optimized.height,
        placeholder: optimized.placeholder,
        widths,
    };
    match items.ready(id, &picture).await {
        Ok(()) => Ok("ready"),
        // Removed while it was being made: the sweep of the bucket takes the renditions.
        Err(Error::Clash(_)) => Ok("unknown"),
        Err(other) => Err(other.into()),
    }
}

async fn rejected(items: MediaItems<'_>, id: &MediaId, rejection: &Rejection) -> Result<&'static str, Fault> {
    match items.reject(id, rejection.code()).await {
        Ok(()) | Err(Error::Clash(_)) => Ok("rejected"),
        Err(other) => Err(other.into()),
    }
}

/// The file as it came, with all that a camera writes into it, is kept no longer than needed.
async fn remove(app: &Media, event: &Event<'_>, id: &MediaId) -> Result<(), Fault> {
    app.bucket()
        .delete_object()
        .bucket(event.setting(Setting::MediaBucket)?)
        .key(upload_key(id))
        .send()
        .await
        .map(drop)
        .map_err(|error| Fault::internal(aws_sdk_s3::error::DisplayErrorContext(error)))
}
