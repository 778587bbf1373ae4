//! The two languages Madang speaks to people.

use deserr::Deserr;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::input::Invalid;

/// A language of titles and messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[deserr(error = Invalid, rename_all = lowercase)]
pub enum Lang {
    /// Korean, the language of most members.
    #[default]
    Ko,
    /// English.
    En,
}

impl Lang {
    /// The better of the two by an `Accept-Language` value (RFC 9110 §12.5.4); Korean when it says neither.
    #[must_use]
    pub fn accepted(header: &str) -> Self {
        let mut best = (Self::Ko, 0.0_f32);
        for part in header.split(',') {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = pieces
                .find_map(|piece| piece.trim().strip_prefix("q=").map(|q| q.parse().unwrap_or(0.0)))
                .unwrap_or(1.0);
            let lang = match tag.split('-').next() {
                Some("ko") => Self::Ko,
                Some("en") => Self::En,
                _ => continue,
            };
            if weight > best.1 {
                best = (lang, weight);
            }
        }
        best.0
    }

    /// The tag of the language, as `Content-Language` has it.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn the_heaviest_of_the_two_languages_wins() {
        assert_eq!(Lang::accepted("en-US,en;q=0.9,ko;q=0.8"), Lang::En);
        assert_eq!(Lang::accepted("fr, ko;q=0.3, en;q=0.7"), Lang::En);
        assert_eq!(Lang::accepted("en;q=0.2,ko-KR"), Lang::Ko);
    }

    #[test]
    fn an_unknown_or_broken_header_means_korean() {
        for header in ["", "fr", "*", ";;;,,", "en;q=abc"] {
            assert_eq!(Lang::accepted(header), Lang::Ko, "{header}");
        }
    }
}
