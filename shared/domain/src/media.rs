//! Files that members upload: pictures of listings and profiles, which everybody sees (rows L2, M1, M5, P2), and the
//! pictures and videos of messages, which only their rooms see (rows C19, M2, M3, M4).

use deserr::Deserr;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    id::{AccountId, MediaId},
    input::{Invalid, Wrong},
    time::{DAY, HOUR, MINUTE, Time},
};

/// How long an upload's address is good for.
pub const UPLOAD_LIFE: i64 = 15 * MINUTE;
/// How long an upload may lie about unused.
pub const UNUSED_LIFE: i64 = DAY;
/// How long the address of a message's file is good for (row M2).
pub const PRIVATE_ADDRESS_LIFE: i64 = HOUR;
/// Most bytes of a picture (row C19, 5 MB; listings and profiles have the same limit).
pub const MAX_BYTES: u32 = 5 * 1024 * 1024;
/// Most bytes of a video (rows C19 and M4, 100 MB).
pub const MAX_VIDEO_BYTES: u32 = 100 * 1024 * 1024;

/// What an upload is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase)]
pub enum Purpose {
    /// A picture of a listing.
    Listing,
    /// The picture of a person.
    Profile,
    /// A picture or a video of a message.
    Message,
}

impl Purpose {
    /// Whether files of this type are taken for it.
    #[must_use]
    pub fn takes(self, content_type: FileType) -> bool {
        match self {
            Self::Listing | Self::Profile => !content_type.is_video(),
            // Row C19.
            Self::Message => {
                matches!(content_type, FileType::Jpeg | FileType::Png | FileType::Mp4 | FileType::QuickTime)
            }
        }
    }

    /// What a field is told that does not go together with it.
    #[must_use]
    pub fn named(self) -> &'static str {
        match self {
            Self::Listing => "purpose listing",
            Self::Profile => "purpose profile",
            Self::Message => "purpose message",
        }
    }
}

/// The types of file that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Deserr, JsonSchema)]
#[deserr(error = Invalid)]
pub enum FileType {
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
    /// MP4, of messages.
    #[serde(rename = "video/mp4")]
    #[deserr(rename = "video/mp4")]
    Mp4,
    /// `QuickTime`, what telephones of Apple record, of messages.
    #[serde(rename = "video/quicktime")]
    #[deserr(rename = "video/quicktime")]
    QuickTime,
}

impl FileType {
    /// The content type.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Mp4 => "video/mp4",
            Self::QuickTime => "video/quicktime",
        }
    }

    /// How names of such files end, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Gif => "gif",
            Self::Mp4 => "mp4",
            Self::QuickTime => "mov",
        }
    }

    /// Whether it moves (a GIF does not: its first frame is taken).
    #[must_use]
    pub fn is_video(self) -> bool {
        matches!(self, Self::Mp4 | Self::QuickTime)
    }

    /// Most bytes of a file of this type.
    #[must_use]
    pub fn max_bytes(self) -> u32 {
        if self.is_video() { MAX_VIDEO_BYTES } else { MAX_BYTES }
    }
}

/// Whether a file of this type and size is taken for this.
///
/// # Errors
/// What is wrong with `/contentType` and `/size`.
pub fn taken(purpose: Purpose, content_type: FileType, size: u32) -> Result<(), Invalid> {
    let mut invalid = Invalid::default();
    if !purpose.takes(content_type) {
        invalid.add("/contentType", Wrong::NotTogether(purpose.named()));
    }
    if size > content_type.max_bytes() {
        invalid.add("/size", Wrong::TooLarge(content_type.max_bytes().into()));
    }
    invalid.none()
}

/// Where an upload stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MediaStatus {
    /// The address was given out; the file has not been made ready.
    Waiting,
    /// What is made of the file is there.
    Ready,
    /// The file was not what it claimed to be; it was removed.
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
    pub content_type: FileType,
    /// Bytes it claims to have.
    pub size: u32,
    /// Where it stands.
    pub status: MediaStatus,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection: Option<String>,
    /// What there is to show to everybody once it is ready; never of a message's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
    /// What there is for a room once it is ready; of a message's alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PrivateFile>,
    /// What uses it; nothing else may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_by: Option<String>,
    /// When the address was given out.
    pub created_at: Time,
}

impl Media {
    /// Whether this person may use it for this: it is theirs, made for this, ready, and used by nothing else.
    ///
    /// # Errors
    /// What is wrong with the field that names it. Somebody else's is no more to be known of than one that does not exist.
    pub fn usable(&self, owner: &AccountId, purpose: Purpose, by: &str) -> Result<(), Wrong> {
        if self.owner != *owner {
            return Err(Wrong::NotFound);
        }
        if self.purpose != purpose {
            return Err(Wrong::NotTogether(self.purpose.named()));
        }
        if self.used_by.as_deref().is_some_and(|user| user != by) {
            return Err(Wrong::InUse);
        }
        match self.status {
            MediaStatus::Ready => Ok(()),
            MediaStatus::Waiting => Err(Wrong::NotReady),
            MediaStatus::Rejected => Err(Wrong::Malformed("a file that was not rejected")),
        }
    }

    /// The key in the bucket of a message's file, once it is ready.
    #[must_use]
    pub fn original_key(&self) -> Option<String> {
        self.file.as_ref().map(|file| original_key(&self.id, file.content_type))
    }

    /// The key in the bucket of the thumbnail of a message's picture, once it is ready.
    #[must_use]
    pub fn thumbnail_key(&self) -> Option<String> {
        self.file.as_ref().filter(|file| file.thumbnail).map(|_| thumbnail_key(&self.id))
    }

    /// The keys of every private file that may be there of it, made ready or not.
    #[must_use]
    pub fn private_keys(&self) -> Vec<String> {
        match self.purpose {
            Purpose::Listing | Purpose::Profile => vec![],
            Purpose::Message if self.content_type.is_video() => vec![original_key(&self.id, self.content_type)],
            Purpose::Message => vec![original_key(&self.id, FileType::Jpeg), thumbnail_key(&self.id)],
        }
    }
}

/// The key in the bucket of a message's file that is kept as this type. Nothing below `private/` is public.
#[must_use]
pub fn original_key(id: &MediaId, content_type: FileType) -> String {
    format!("private/{id}/original.{}", content_type.extension())
}

/// The key in the bucket of the thumbnail of a message's picture.
#[must_use]
pub fn thumbnail_key(id: &MediaId) -> String {
    format!("private/{id}/thumbnail.jpg")
}

/// The file of a message, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PrivateFile {
    /// What it is: pictures are kept as JPEG, videos as they came.
    pub content_type: FileType,
    /// Its bytes.
    pub size: u32,
    /// Pixels across, upright; of a video it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// A thumbhash, base 64, of a picture: a blur to show meanwhile (<https://evanw.github.io/thumbhash/>).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
    /// Whether there is a thumbnail: of every picture, of no video.
    pub thumbnail: bool,
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

    const ALL: [FileType; 6] =
        [FileType::Jpeg, FileType::Png, FileType::WebP, FileType::Gif, FileType::Mp4, FileType::QuickTime];

    fn person(last: char) -> AccountId {
        AccountId::parse(&format!("6f1c2b3a-0000-4000-8000-00000000000{last}")).unwrap()
    }

    fn media(purpose: Purpose, content_type: FileType) -> Media {
        Media {
            id: MediaId::from_ulid("01K9ZX3V5M8QJ4T0N2R6W7Y1AB"),
            owner: person('1'),
            purpose,
            content_type,
            size: 1,
            status: MediaStatus::Ready,
            rejection: None,
            picture: None,
            file: None,
            used_by: None,
            created_at: Time::from_ms(0),
        }
    }

    #[test]
    fn stored_words_are_the_words_on_the_wire() {
        assert_eq!(serde_json::to_value(FileType::WebP).unwrap(), "image/webp");
        assert_eq!(serde_json::to_value(Purpose::Listing).unwrap(), "listing");
        assert_eq!(serde_json::to_value(Purpose::Message).unwrap(), "message");
        assert_eq!(serde_json::to_value(MediaStatus::Waiting).unwrap(), "waiting");
        for content_type in ALL {
            assert_eq!(serde_json::to_value(content_type).unwrap(), content_type.content_type());
        }
    }

    #[test]
    fn each_purpose_takes_its_own_types() {
        let taken = |purpose: Purpose| ALL.map(|content_type| purpose.takes(content_type));
        assert_eq!(taken(Purpose::Listing), [true, true, true, true, false, false]);
        assert_eq!(taken(Purpose::Profile), [true, true, true, true, false, false]);
        assert_eq!(taken(Purpose::Message), [true, true, false, false, true, true]);
    }

    #[test]
    fn pictures_have_5_megabytes_and_videos_100_and_each_wrong_field_is_named() {
        let wrong = |purpose, content_type, size| {
            let invalid = taken(purpose, content_type, size).err().unwrap_or_default();
            invalid.0.into_iter().map(|bad| (bad.field, bad.wrong.code())).collect::<Vec<_>>()
        };
        for content_type in ALL {
            let limit = if content_type.is_video() { 104_857_600 } else { 5_242_880 };
            let purpose = if Purpose::Message.takes(content_type) { Purpose::Message } else { Purpose::Listing };
            assert!(wrong(purpose, content_type, limit).is_empty());
            assert_eq!(wrong(purpose, content_type, limit + 1), [("/size".to_owned(), "too_large")]);
        }
        let both = wrong(Purpose::Message, FileType::Gif, MAX_VIDEO_BYTES);
        assert_eq!(both, [("/contentType".to_owned(), "not_together"), ("/size".to_owned(), "too_large")]);
        assert_eq!(wrong(Purpose::Listing, FileType::Mp4, 6_000_000), [("/contentType".to_owned(), "not_together")]);
    }

    #[test]
    fn a_file_is_used_by_its_owner_for_what_it_was_made_for_and_by_one_thing() {
        let ready = media(Purpose::Message, FileType::Png);
        assert_eq!(ready.usable(&person('1'), Purpose::Message, "a"), Ok(()));
        assert_eq!(ready.usable(&person('2'), Purpose::Message, "a"), Err(Wrong::NotFound));
        assert_eq!(ready.usable(&person('1'), Purpose::Listing, "a"), Err(Wrong::NotTogether("purpose message")));
        let used = Media { used_by: Some("a".into()), ..ready.clone() };
        assert_eq!(used.usable(&person('1'), Purpose::Message, "a"), Ok(()));
        assert_eq!(used.usable(&person('1'), Purpose::Message, "b"), Err(Wrong::InUse));
        let waiting = Media { status: MediaStatus::Waiting, ..ready.clone() };
        assert_eq!(waiting.usable(&person('1'), Purpose::Message, "a"), Err(Wrong::NotReady));
        let rejected = Media { status: MediaStatus::Rejected, ..ready };
        assert!(matches!(rejected.usable(&person('1'), Purpose::Message, "a"), Err(Wrong::Malformed(_))));
    }

    #[test]
    fn what_may_be_there_of_a_message_covers_what_is() {
        let kept = |content_type, thumbnail| {
            Some(PrivateFile { content_type, size: 1, width: None, height: None, placeholder: None, thumbnail })
        };
        for (sent, file) in [
            (FileType::Png, kept(FileType::Jpeg, true)),
            (FileType::Jpeg, kept(FileType::Jpeg, true)),
            (FileType::Mp4, kept(FileType::Mp4, false)),
            (FileType::QuickTime, kept(FileType::QuickTime, false)),
        ] {
            let media = Media { file, ..media(Purpose::Message, sent) };
            let there: Vec<String> = media.original_key().into_iter().chain(media.thumbnail_key()).collect();
            assert_eq!(media.private_keys(), there);
            assert!(there.iter().all(|key| key.starts_with(&format!("private/{}/", media.id))));
        }
        assert!(media(Purpose::Listing, FileType::Jpeg).private_keys().is_empty());
    }
}
