//! Makers: who makes journeys for others (rows P7, P8, P13). A maker is an account with a profile, not another account
//! (section 13, point 5).

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{
    errand::Journey,
    id::AccountId,
    input::{Invalid, Wrong, text_value, wrong_at},
    region::ProvinceId,
    text::{MakerDescription, MakerLine},
    time::Time,
};

/// Where a maker shows what they have made: an address that begins with `https://` and names a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GalleryUrl(String);

/// The most bytes of such an address.
const LONGEST_URL: usize = 256;
/// What it looks like.
const URL: &str = "https://www.instagram.com/madang";

impl GalleryUrl {
    /// Reads an address. It is shown as a link: no user, no port, nothing that a browser would read in another way.
    ///
    /// # Errors
    /// `too_long`, `malformed`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        if text.len() > LONGEST_URL {
            return Err(Wrong::TooLong(LONGEST_URL));
        }
        let rest = text.strip_prefix("https://").ok_or(Wrong::Malformed(URL))?;
        let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let named = host.contains('.')
            && host.split('.').all(label)
            && host.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-'));
        let plain = path.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\' | b'`'));
        if named && plain { Ok(Self(text.to_owned())) } else { Err(Wrong::Malformed(URL)) }
    }
}

impl Deserr<Invalid> for GalleryUrl {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        Self::parse(&text_value(value, at)?).map_err(|wrong| wrong_at(wrong, at))
    }
}

impl JsonSchema for GalleryUrl {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "GalleryUrl".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "format": "uri", "pattern": "^https://", "maxLength": LONGEST_URL, "examples": [URL],
        })
    }
}

/// What a maker says of themselves. Name and picture are the account's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Maker {
    /// Whose it is.
    pub account: AccountId,
    /// Where they show what they have made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gallery: Option<GalleryUrl>,
    /// In one line.
    pub line: MakerLine,
    /// At length.
    pub description: MakerDescription,
    /// What kinds of journeys they make, one at least.
    pub journeys: Vec<Journey>,
    /// Where they make them, one at least.
    pub provinces: Vec<ProvinceId>,
    /// When the profile was made.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
    /// Rises with every edit.
    pub version: u64,
}

impl Maker {
    /// Whether they make journeys in a province.
    #[must_use]
    pub fn serves(&self, province: ProvinceId) -> bool {
        self.provinces.contains(&province)
    }
}

/// What is counted of somebody's errands for others (row P8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Made {
    /// Quotes of theirs that were confirmed.
    pub confirmed: u64,
    /// Errands that were done.
    pub completed: u64,
}

/// In what order makers are listed, the highest first (row P13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserr, JsonSchema)]
#[schemars(rename = "MakerSort", rename_all = "lowercase")]
#[deserr(error = Invalid, rename_all = lowercase)]
pub enum Sort {
    /// By how many reviews they have.
    #[default]
    Reviews,
    /// By the average of their reviews.
    Rating,
    /// By how many of their quotes were confirmed.
    Confirmed,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Reviews, Self::Rating, Self::Confirmed];

    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reviews => "reviews",
            Self::Rating => "rating",
            Self::Confirmed => "confirmed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gallery_is_a_plain_https_address_with_a_host_p7() {
        for good in ["https://a.kr", "https://www.instagram.com/madang?x=1#y", "https://xn--9t4b11yi5a.kr/%EA%B0%80"] {
            assert!(GalleryUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "http://a.kr",
            "HTTPS://a.kr",
            "https://",
            "https://localhost",
            "https://user@a.kr",
            "https://a.kr:8443",
            "https://127.0.0.1/",
            "https://a..kr",
            "https://-a.kr",
            "https://a.kr/b c",
            "https://a.kr/<script>",
            "https://a.kr/가",
            "https://a.kr\\@b.kr",
            "javascript:alert(1)",
        ] {
            assert_eq!(GalleryUrl::parse(bad), Err(Wrong::Malformed(URL)), "{bad}");
        }
        let long = format!("https://a.kr/{}", "a".repeat(LONGEST_URL));
        assert_eq!(GalleryUrl::parse(&long), Err(Wrong::TooLong(LONGEST_URL)));
    }
}
