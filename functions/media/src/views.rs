//! Uploads as they are shown to their owner.

use domain::{
    id::MediaId,
    media::{Media, MediaStatus, Purpose},
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
    /// The picture, once it is ready.
    pub(crate) picture: Option<PictureView>,
    /// Whether a listing or a profile uses it.
    pub(crate) used: bool,
    pub(crate) created_at: Time,
}

impl UploadView {
    pub(crate) fn of(media: Media, call: &Call<'_>) -> Result<Self, Fault> {
        Ok(Self {
            picture: media.picture.as_ref().map(|picture| PictureView::of(picture, call)).transpose()?,
            used: media.used_by.is_some(),
            id: media.id,
            purpose: media.purpose,
            status: media.status,
            rejection: media.rejection,
            created_at: media.created_at,
        })
    }
}
