//! Pictures that members upload (rows L2, M1, M5, P2).

use deserr::Deserr;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    id::{AccountId, MediaId},
    input::Invalid,
    time::{DAY, MINUTE, Time},
};

/// How long an upload's address is good for.
pub const UPLOAD_LIFE: i64 = 15 * MINUTE;
/// How long an upload may lie about unused.
pub const UNUSED_LIFE: i64 = DAY;
/// Most bytes of a picture of a listing or a profile (row C19's limit for pictures, 5 MB).
pub const MAX_BYTES: u32 = 5 * 1024 * 1024;

/// What an upload is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase)]
pub enum Purpose {
    /// A picture of a listing.
    Listing,
    /// The picture of a person.
    Profile,
}

/// The types of picture that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Deserr, JsonSchema)]
#[deserr(error = Invalid)]
pub enum PictureType {
    /// JPEG.
    #[serde(rename = "image/jpeg")]
    #[deserr(rename = "image/jpeg")]
    Jpeg,
    /// PNG.
    #[serde(rename = "image/png")]
    #[deserr(rename = "image/png")]
    Png,
    /// WebP.
    #[serde(rename = "image/webp")]
    #[deserr(rename = "image/webp")]
    WebP,
    /// GIF, of which the first frame is taken.
    #[serde(rename = "image/gif")]
    #[deserr(rename = "image/gif")]
    Gif,
}

impl PictureType {
    /// The content type.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
        }
    }
}

/// Where an upload stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MediaStatus {
    /// The address was given out; the file has not been made ready.
    Waiting,
    /// The renditions are there.
    Ready,
    /// The file was not the picture it claimed to be; it was removed.
    Rejected,
}

/// An upload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Media {
    /// Its identifier, which is also the key of the file.
    pub id: MediaId,
    /// Who uploads it.
    pub owner: AccountId,
    /// What for.
    pub purpose: Purpose,
    /// What it claims to be.
    pub content_type: PictureType,
    /// Bytes it claims to have.
    pub size: u32,
    /// Where it stands.
    pub status: MediaStatus,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection: Option<String>,
    /// What there is to show once it is ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
    /// What uses it; nothing else may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_by: Option<String>,
    /// When the address was given out.
    pub created_at: Time,
}

/// A picture that can be shown: all that a client needs to lay out a page before loading it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Picture {
    /// The upload it was made from.
    pub media: MediaId,
    /// Pixels across, upright, as uploaded.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// A thumbhash, base 64: a blur to show meanwhile (<https://evanw.github.io/thumbhash/>).
    pub placeholder: String,
    /// Widths there are renditions of, widest first.
    pub widths: Vec<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_words_are_the_words_on_the_wire() {
        assert_eq!(serde_json::to_value(PictureType::WebP).unwrap(), "image/webp");
        assert_eq!(serde_json::to_value(Purpose::Listing).unwrap(), "listing");
        assert_eq!(serde_json::to_value(MediaStatus::Waiting).unwrap(), "waiting");
    }
}
