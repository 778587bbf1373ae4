//! Identifiers: what a thing is named by, and nothing that tells about it.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::input::{Invalid, Wrong, text_value, wrong_at};

/// Declares an identifier: a type prefix and a ULID (26 characters of Crockford's base 32, which sort by time).
macro_rules! ulid_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// What the text begins with.
            pub const PREFIX: &'static str = $prefix;

            /// The identifier of a fresh ULID.
            #[must_use]
            pub fn from_ulid(ulid: &str) -> Self {
                Self(format!("{}{ulid}", $prefix))
            }

            /// Reads an identifier; one of another kind is refused.
            ///
            /// # Errors
            /// `malformed`.
            pub fn parse(text: &str) -> Result<Self, Wrong> {
                match text.strip_prefix($prefix) {
                    Some(ulid) if is_ulid(ulid) => Ok(Self(text.to_owned())),
                    _ => Err(Wrong::Malformed(concat!("^", $prefix, "[0-7][0-9A-HJKMNP-TV-Z]{25}$"))),
                }
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The ULID behind the prefix.
            #[must_use]
            pub fn ulid(&self) -> &str {
                self.0.strip_prefix($prefix).unwrap_or(&self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Deserr<Invalid> for $name {
            fn deserialize_from_value<V: IntoValue>(
                value: Value<V>,
                at: ValuePointerRef<'_>,
            ) -> Result<Self, Invalid> {
                Self::parse(&text_value(value, at)?).map_err(|wrong| wrong_at(wrong, at))
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "pattern": concat!("^", $prefix, "[0-7][0-9A-HJKMNP-TV-Z]{25}$"),
                    "examples": [$example],
                })
            }
        }
    };
}

fn is_ulid(text: &str) -> bool {
    text.len() == 26
        && text.as_bytes()[0] <= b'7'
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b.is_ascii_uppercase() && !matches!(b, b'I' | b'L' | b'O' | b'U')))
}

ulid_id!(
    /// A listing.
    ListingId, "lst_", "lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AB"
);
ulid_id!(
    /// An uploaded picture.
    MediaId, "med_", "med_01K9ZX3V5M8QJ4T0N2R6W7Y1AC"
);
ulid_id!(
    /// A room.
    RoomId, "room_", "room_01K9ZX3V5M8QJ4T0N2R6W7Y1AE"
);
ulid_id!(
    /// A notification.
    NotificationId, "ntf_", "ntf_01K9ZX3V5M8QJ4T0N2R6W7Y1AD"
);
ulid_id!(
    /// A deal.
    DealId, "dea_", "dea_01K9ZX3V5M8QJ4T0N2R6W7Y1AG"
);
ulid_id!(
    /// An errand.
    ErrandId, "err_", "err_01K9ZX3V5M8QJ4T0N2R6W7Y1AK"
);
ulid_id!(
    /// A report of something that should not be.
    ReportId, "rpt_", "rpt_01K9ZX3V5M8QJ4T0N2R6W7Y1AH"
);
ulid_id!(
    /// What somebody wants to tell the makers of Madang.
    FeedbackId, "fbk_", "fbk_01K9ZX3V5M8QJ4T0N2R6W7Y1AJ"
);

/// An account: the `sub` of the user pool, a UUID (section 13, point 1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(String);

impl AccountId {
    /// Reads an account's identifier.
    ///
    /// # Errors
    /// `malformed`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let fits = text.len() == 36
            && text.bytes().enumerate().all(|(i, b)| match i {
                8 | 13 | 18 | 23 => b == b'-',
                _ => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
            });
        if fits { Ok(Self(text.to_owned())) } else { Err(Wrong::Malformed("UUID")) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for AccountId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Deserr<Invalid> for AccountId {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        Self::parse(&text_value(value, at)?).map_err(|wrong| wrong_at(wrong, at))
    }
}

impl JsonSchema for AccountId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AccountId".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
            "examples": ["6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506"],
        })
    }
}

/// A connection of the WebSocket API: what API Gateway calls it, which is nobody's to look into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnectionId(String);

impl ConnectionId {
    /// Reads a connection's identifier: base 64 of some kind or a UUID, as gateways make them.
    ///
    /// # Errors
    /// `malformed`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let fits = (1..=128).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'=' | b'+' | b'/'));
        if fits { Ok(Self(text.to_owned())) } else { Err(Wrong::Malformed("^[A-Za-z0-9_=+/-]{1,128}$")) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A category: lower-case Latin letters, digits and hyphens, 2–30.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CategoryId(String);

impl CategoryId {
    /// Reads a category's identifier.
    ///
    /// # Errors
    /// `malformed`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let fits = (2..=30).contains(&text.len())
            && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && !text.starts_with('-')
            && !text.ends_with('-');
        if fits { Ok(Self(text.to_owned())) } else { Err(Wrong::Malformed("^[a-z0-9][a-z0-9-]{0,28}[a-z0-9]$")) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deserr<Invalid> for CategoryId {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        Self::parse(&text_value(value, at)?).map_err(|wrong| wrong_at(wrong, at))
    }
}

impl JsonSchema for CategoryId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CategoryId".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,28}[a-z0-9]$", "examples": ["digital"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_of_another_kind_is_refused() {
        let ulid = "01K9ZX3V5M8QJ4T0N2R6W7Y1AB";
        assert!(ListingId::parse(&format!("lst_{ulid}")).is_ok());
        for bad in [
            format!("med_{ulid}"),
            ulid.into(),
            "lst_".into(),
            format!("lst_{}", ulid.to_lowercase()),
            format!("lst_8{}", &ulid[1..]),
            format!("lst_{ulid}#"),
        ] {
            assert!(ListingId::parse(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_account_is_a_lower_case_uuid() {
        assert!(AccountId::parse("6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506").is_ok());
        for bad in ["", "6F1C2A34-5B6D-4E7F-8A90-B1C2D3E4F506", "6f1c2a345b6d4e7f8a90b1c2d3e4f506", "x"] {
            assert!(AccountId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_connection_is_what_gateways_make_and_reaches_into_no_key() {
        for good in ["JKJaWcQKPHcCFxA=", "VNRXVFJOywMF3-Q=", "9b2d5d5e-0c1f-4c0e-8f0e-3f6a1c1e2d3b"] {
            assert!(ConnectionId::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a#b", "a b", "한", &"x".repeat(129)] {
            assert!(ConnectionId::parse(bad).is_err(), "{bad}");
        }
    }
}
