//! What follows from a change of an upload: when it is gone, so are its files.

use domain::media::Media;
use edge::{Event, Fault, Setting, rendition_key};

use crate::{
    Changes,
    project::{Image, read},
};

pub(crate) async fn follow(
    app: &Changes,
    event: &Event<'_>,
    old: Option<&Image>,
    new: Option<&Image>,
) -> Result<(), Fault> {
    let (Some(old), None) = (old, new) else { return Ok(()) };
    let media: Media = read(old)?;
    let bucket = event.setting(Setting::MediaBucket)?;
    let mut keys = vec![format!("uploads/{}", media.id)];
    keys.extend(media.private_keys());
    for width in media.picture.iter().flat_map(|picture| &picture.widths) {
        keys.extend(["webp", "jpg"].map(|extension| rendition_key(&media.id, *width, extension)));
    }
    let deletions = keys.iter().map(|key| app.bucket().delete_object().bucket(bucket).key(key).send());
    futures::future::try_join_all(deletions)
        .await
        .map_err(|error| Fault::internal(aws_sdk_s3::error::DisplayErrorContext(error)))?;
    Ok(())
}
