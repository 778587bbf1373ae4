//! Moments: RFC 3339 in UTC outside, milliseconds inside.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::input::{Invalid, Wrong, text_value, wrong_at};

/// Milliseconds in a minute, an hour, a day.
pub const MINUTE: i64 = 60_000;
/// Milliseconds in an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Milliseconds in a day.
pub const DAY: i64 = 24 * HOUR;

/// A moment, to the millisecond. Texts of it sort as the moments do (years 0 to 9999).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

/// The last moment that still has four digits to its year.
const LAST: i64 = 253_402_300_799_999;

impl Time {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// A moment from milliseconds since 1970; beyond the years 0–9999 it stops at their edge.
    #[must_use]
    pub fn from_ms(ms: i64) -> Self {
        Self(ms.clamp(-62_167_219_200_000, LAST))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn ms(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, as the table's `ttl` wants them.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Later (or, with a negative number, earlier) by milliseconds.
    #[must_use]
    pub fn plus(self, ms: i64) -> Self {
        Self::from_ms(self.0.saturating_add(ms))
    }

    /// Whether minutes, seconds and milliseconds are all zero.
    #[must_use]
    pub fn is_on_the_hour(self) -> bool {
        self.0.rem_euclid(HOUR) == 0
    }

    /// The UTC day, `2026-11-21`: the bucket of the due-index.
    #[must_use]
    pub fn day(self) -> String {
        self.date_time().format("%Y-%m-%d").to_string()
    }

    /// Reads RFC 3339, with any offset.
    ///
    /// # Errors
    /// `malformed` for anything else.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|time| Self(time.timestamp_millis()))
            .filter(|time| (0..=LAST).contains(&time.0))
            .ok_or(Wrong::Malformed("RFC 3339, 2026-12-24T09:00:00Z"))
    }

    fn date_time(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.date_time().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|wrong| serde::de::Error::custom(wrong.code()))
    }
}

impl Deserr<Invalid> for Time {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        Self::parse(&text_value(value, at)?).map_err(|wrong| wrong_at(wrong, at))
    }
}

impl JsonSchema for Time {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date-time", "examples": ["2026-12-24T09:00:00.000Z"]})
    }
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn texts_of_times_sort_as_the_times_do() {
        let (early, late) = (Time::from_ms(999), Time::from_ms(1_000));
        assert!(early.to_string() < late.to_string());
        assert_eq!(late.to_string(), "1970-01-01T00:00:01.000Z");
    }

    #[test]
    fn an_offset_is_turned_into_utc() {
        let time = Time::parse("2026-12-24T18:00:00+09:00").unwrap();
        assert_eq!(time.to_string(), "2026-12-24T09:00:00.000Z");
        assert!(time.is_on_the_hour());
        assert_eq!(time.day(), "2026-12-24");
    }

    #[test]
    fn what_is_not_rfc_3339_is_refused() {
        for text in ["", "2026-12-24", "24.12.2026", "2026-12-24T09:00:00", "1e9", "+10000-01-01T00:00:00Z"] {
            assert!(Time::parse(text).is_err(), "{text}");
        }
    }
}
