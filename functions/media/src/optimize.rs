//! A file arrived below `uploads/`: it becomes renditions below `renditions/`, or files of a message below `private/`, or is
//! rejected. Then it is removed.
//!
//! May run twice: the same file makes the same files under the same keys, and what was made ready stays.

use aws_sdk_s3::{error::ProvideErrorMetadata, primitives::ByteStream};
use domain::{
    id::MediaId,
    media::{FileType, MAX_BYTES, Media as Upload, MediaStatus, Picture, Purpose},
};
use edge::{Event, Fault, Grant, Route, Row, Setting, rendition_key};
use serde_json::{Value, json};
use store::{Error, MediaItems};

use crate::{
    Media, message,
    picture::{Format, Limits, Optimized, Rejection, Rendition, for_message, optimize},
    upload_key,
};

pub(crate) const ROUTE: Route<Media> = Row::bucket("media.optimize", "uploads/")
    .summary("Make ready what was uploaded")
    .features(&["L2", "M1", "M3", "M4", "B6", "C19", "P2"])
    .needs(&[Setting::MediaBucket])
    // The most of a processor that one thread can use. A video of 100 MB is copied by S3 itself, in seconds.
    .size(1769, 60)
    .may(&[
        Grant::Table("GetItem", &["MEDIA#"]),
        Grant::Table("UpdateItem", &["MEDIA#"]),
        Grant::Bucket("GetObject", "uploads/"),
        // Who may not list a bucket is told of what is not there that access is denied.
        Grant::Bucket("ListBucket", ""),
        Grant::Bucket("DeleteObject", "private/"),
        Grant::Bucket("DeleteObject", "renditions/"),
        Grant::Bucket("DeleteObject", "uploads/"),
        Grant::Bucket("PutObject", "private/"),
        Grant::Bucket("PutObject", "renditions/"),
    ])
    .budget(2, 1.0, 2.0)
    .event(|app, event| Box::pin(handle(app, event)));

/// A year: a rendition never changes, its key is of one upload.
const CACHE: &str = "public, max-age=31536000, immutable";

/// What became of an upload.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Removed meanwhile, or never begun here.
    Unknown,
    /// Another event of the same file was quicker.
    DoneBefore,
    /// There is no file.
    Gone,
    /// Another file came in its place: its own event tells of it.
    Replaced,
    /// It was not what it claimed to be.
    Rejected,
    /// It can be used.
    Ready,
    /// Its owner removed it while it was being made ready.
    RemovedMeanwhile,
}

impl Fate {
    fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::DoneBefore => "done before",
            Self::Gone => "gone",
            Self::Replaced => "replaced",
            Self::Rejected => "rejected",
            Self::Ready => "ready",
            Self::RemovedMeanwhile => "removed meanwhile",
        }
    }
}

async fn handle(app: &Media, event: Event<'_>) -> Result<Value, Fault> {
    let records = event.payload["Records"].as_array().map_or(&[][..], Vec::as_slice);
    let mut done = vec![];
    for record in records {
        let key = record["s3"]["object"]["key"].as_str().unwrap_or_default();
        // Keys come encoded; ours have nothing to encode, so that one which has is not ours.
        let Some(id) = key.strip_prefix("uploads/").and_then(|id| MediaId::parse(id).ok()) else { continue };
        let fate = one(app, &event, &id).await?;
        if !matches!(fate, Fate::Gone | Fate::Replaced) {
            // The file as it came, with all that a camera writes into it, is kept no longer than needed.
            discard(app, &event, &[upload_key(&id)]).await?;
        }
        done.push(json!({"media": id, "outcome": fate.word()}));
    }
    Ok(json!({"handled": done}))
}

async fn one(app: &Media, event: &Event<'_>, id: &MediaId) -> Result<Fate, Fault> {
    let items = MediaItems(event.table()?);
    let upload = match items.by_id(id).await? {
        None => return Ok(Fate::Unknown),
        Some(upload) if upload.status != MediaStatus::Waiting => return Ok(Fate::DoneBefore),
        Some(upload) => upload,
    };
    if upload.content_type.is_video() {
        return message::video(app, event, items, &upload).await;
    }
    let made = match fetched(app, event, id).await? {
        None => return Ok(Fate::Gone),
        Some(Err(rejection)) => Err(rejection),
        Some(Ok(bytes)) => made(&upload, bytes).await?,
    };
    match made {
        Err(rejection) => rejected(items, id, &rejection).await,
        Ok(optimized) if upload.purpose == Purpose::Message => {
            message::picture(app, event, items, &upload, optimized).await
        }
        Ok(optimized) => ready(app, event, items, id, optimized).await,
    }
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
        FileType::Jpeg => Format::Jpeg,
        FileType::Png => Format::Png,
        FileType::WebP => Format::WebP,
        FileType::Gif => Format::Gif,
        FileType::Mp4 | FileType::QuickTime => return Ok(Err(Rejection::NotThisFormat)),
    };
    let make = if upload.purpose == Purpose::Message { for_message } else { optimize };
    tokio::task::spawn_blocking(move || {
        let limits = Limits { max_bytes: MAX_BYTES as usize, ..Limits::default() };
        make(&bytes, format, &limits)
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
) -> Result<Fate, Fault> {
    let mut widths: Vec<u32> = optimized.renditions.iter().map(|rendition| rendition.width).collect();
    widths.dedup();
    let bucket = event.setting(Setting::MediaBucket)?;
    let key = |rendition: &Rendition| rendition_key(id, rendition.width, rendition.kind.extension());
    let keys: Vec<String> = optimized.renditions.iter().map(key).collect();
    let puts = optimized.renditions.into_iter().map(|rendition| {
        app.bucket()
            .put_object()
            .bucket(bucket)
            .key(key(&rendition))
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
        Ok(()) => Ok(Fate::Ready),
        Err(Error::Clash(_)) => {
            // Whoever follows its removal may have looked before the files were there.
            discard(app, event, &keys).await?;
            Ok(Fate::RemovedMeanwhile)
        }
        Err(other) => Err(other.into()),
    }
}

pub(crate) async fn rejected(items: MediaItems<'_>, id: &MediaId, rejection: &Rejection) -> Result<Fate, Fault> {
    match items.reject(id, rejection.code()).await {
        Ok(()) | Err(Error::Clash(_)) => Ok(Fate::Rejected),
        Err(other) => Err(other.into()),
    }
}

/// Removes files from the bucket; those that are not there are no fault.
pub(crate) async fn discard(app: &Media, event: &Event<'_>, keys: &[String]) -> Result<(), Fault> {
    let bucket = event.setting(Setting::MediaBucket)?;
    let deletions = keys.iter().map(|key| app.bucket().delete_object().bucket(bucket).key(key).send());
    futures::future::try_join_all(deletions)
        .await
        .map(drop)
        .map_err(|error| Fault::internal(aws_sdk_s3::error::DisplayErrorContext(error)))
}
