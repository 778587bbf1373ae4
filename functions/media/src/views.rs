//! Uploads as they are shown to their owner.

use domain::{
    id::MediaId,
    media::{FileType, Media, MediaStatus, PrivateFile, Purpose},
    time::Time,
};
use edge::{Call, Fault, PictureView};
use schemars::JsonSchema;
use serde::Serialize;

/// An upload.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Upload")]
pub(crate) struct UploadView {
    pub(crate) id: MediaId,
    pub(crate) purpose: Purpose,
    pub(crate) status: MediaStatus,
    /// Why it was rejected: `not_this_format`, `truncated`, `too_many_pixels`, `too_large`, `unreadable`.
    pub(crate) rejection: Option<String>,
    /// The picture of a listing or a profile, once it is ready.
    pub(crate) picture: Option<PictureView>,
    /// The file of a message, once it is ready. Its addresses are given out where the message is.
    pub(crate) file: Option<FileView>,
    /// Whether a listing, a profile or a message uses it.
    pub(crate) used: bool,
    pub(crate) created_at: Time,
}

/// The file of a message as its room gets it: pictures as JPEG of at most 2560 pixels a side, videos as they came.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "MessageFile")]
pub(crate) struct FileView {
    content_type: FileType,
    /// Bytes.
    size: u32,
    /// Pixels across; of a video it is not known.
    width: Option<u32>,
    /// Pixels down.
    height: Option<u32>,
    /// A thumbhash, base 64, to show meanwhile.
    placeholder: Option<String>,
}

impl From<PrivateFile> for FileView {
    fn from(file: PrivateFile) -> Self {
        let PrivateFile { content_type, size, width, height, placeholder, .. } = file;
        Self { content_type, size, width, height, placeholder }
    }
}

impl UploadView {
    pub(crate) fn of(media: Media, call: &Call<'_>) -> Result<Self, Fault> {
        Ok(Self {
            picture: media.picture.as_ref().map(|picture| PictureView::of(picture, call)).transpose()?,
            file: media.file.map(FileView::from),
            used: media.used_by.is_some(),
            id: media.id,
            purpose: media.purpose,
            status: media.status,
            rejection: media.rejection,
            created_at: media.created_at,
        })
    }
}
