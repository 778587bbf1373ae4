//! Files of messages (rows C19, M3, M4): kept below `private/`, where nothing is public, and given out by addresses that
//! are good for an hour.

use aws_sdk_s3::{
    error::{DisplayErrorContext, ProvideErrorMetadata},
    operation::get_object::GetObjectOutput,
    primitives::ByteStream,
    types::MetadataDirective,
};
use domain::media::{FileType, Media as Upload, PrivateFile, original_key, thumbnail_key};
use edge::{Event, Fault, Setting};
use store::{Error, MediaItems};

use crate::{
    Media,
    optimize::{Fate, discard, rejected},
    picture::{Optimized, Rejection},
    upload_key,
    video::{self, HEAD},
};

/// As long as an address is good for, and in nobody's cache but the reader's.
const CACHE: &str = "private, max-age=3600";

/// Keeps a picture and its thumbnail, of which nothing but the pixels came with the file.
pub(crate) async fn picture(
    app: &Media,
    event: &Event<'_>,
    items: MediaItems<'_>,
    upload: &Upload,
    optimized: Optimized,
) -> Result<Fate, Fault> {
    let Ok([kept, thumbnail]) = <[_; 2]>::try_from(optimized.renditions) else {
        return Err(Fault::internal("a picture of a message is made in two sizes"));
    };
    let file = PrivateFile {
        content_type: FileType::Jpeg,
        size: u32::try_from(kept.bytes.len()).map_err(Fault::internal)?,
        width: Some(kept.width),
        height: Some(kept.height),
        placeholder: Some(optimized.placeholder),
        thumbnail: true,
    };
    let bucket = event.setting(Setting::MediaBucket)?;
    let keys = [original_key(&upload.id, file.content_type), thumbnail_key(&upload.id)];
    let puts = keys.into_iter().zip([kept, thumbnail]).map(|(key, made)| {
        app.bucket()
            .put_object()
            .bucket(bucket)
            .key(key)
            .content_type(made.kind.content_type())
            .cache_control(CACHE)
            .body(ByteStream::from(made.bytes))
            .send()
    });
    futures::future::try_join_all(puts).await.map_err(|error| Fault::internal(DisplayErrorContext(error)))?;
    ready(app, event, items, upload, &file).await
}

/// Keeps a video as it came, if it begins like one. No more than its beginning is ever read here: S3 copies it.
pub(crate) async fn video(
    app: &Media,
    event: &Event<'_>,
    items: MediaItems<'_>,
    upload: &Upload,
) -> Result<Fate, Fault> {
    let bucket = event.setting(Setting::MediaBucket)?;
    let beginning = app.bucket().get_object().bucket(bucket).key(upload_key(&upload.id));
    let object = match beginning.range(format!("bytes=0-{}", HEAD - 1)).send().await {
        Ok(object) => object,
        // Done and removed by a twin of this call.
        Err(error) if error.code() == Some("NoSuchKey") => return Ok(Fate::Gone),
        // There is no first byte.
        Err(error) if error.code() == Some("InvalidRange") => {
            return rejected(items, &upload.id, &Rejection::Truncated).await;
        }
        Err(error) => return Err(Fault::internal(DisplayErrorContext(error))),
    };
    let length = length_of(&object).ok_or_else(|| Fault::internal("the bucket does not say how long the file is"))?;
    let tag = object.e_tag.clone().unwrap_or_default();
    let head = object.body.collect().await.map_err(Fault::internal)?.to_vec();
    if let Err(rejection) = as_claimed(&head, length, upload) {
        return rejected(items, &upload.id, &rejection).await;
    }
    let copied = app
        .bucket()
        .copy_object()
        .bucket(bucket)
        .key(original_key(&upload.id, upload.content_type))
        .copy_source(format!("{bucket}/{}", upload_key(&upload.id)))
        // What was looked at, not what may have come in its place since: the address takes a file as often as it likes.
        .copy_source_if_match(tag)
        // No header of the uploader's but the type, which the address was bound to.
        .metadata_directive(MetadataDirective::Replace)
        .content_type(upload.content_type.content_type())
        .cache_control(CACHE)
        .send()
        .await;
    match copied {
        Ok(_) => {}
        Err(error) if error.code() == Some("NoSuchKey") => return Ok(Fate::Gone),
        Err(error) if error.code() == Some("PreconditionFailed") => return Ok(Fate::Replaced),
        Err(error) => return Err(Fault::internal(DisplayErrorContext(error))),
    }
    let file = PrivateFile {
        content_type: upload.content_type,
        size: upload.size,
        width: None,
        height: None,
        placeholder: None,
        thumbnail: false,
    };
    ready(app, event, items, upload, &file).await
}

/// The length of the whole file, of which a part was asked for: `bytes 0-4095/146515`.
fn length_of(object: &GetObjectOutput) -> Option<u64> {
    object.content_range()?.rsplit_once('/')?.1.parse().ok()
}

fn as_claimed(head: &[u8], length: u64, upload: &Upload) -> Result<(), Rejection> {
    match length.cmp(&u64::from(upload.size)) {
        std::cmp::Ordering::Less => Err(Rejection::Truncated),
        std::cmp::Ordering::Greater => Err(Rejection::TooLarge),
        std::cmp::Ordering::Equal => video::check(head, length, upload.content_type),
    }
}

async fn ready(
    app: &Media,
    event: &Event<'_>,
    items: MediaItems<'_>,
    upload: &Upload,
    file: &PrivateFile,
) -> Result<Fate, Fault> {
    match items.ready_in_private(&upload.id, file).await {
        Ok(()) => Ok(Fate::Ready),
        Err(Error::Clash(_)) => {
            // Whoever follows its removal may have looked before the files were there.
            discard(app, event, &upload.private_keys()).await?;
            Ok(Fate::RemovedMeanwhile)
        }
        Err(other) => Err(other.into()),
    }
}
