//! Moments: RFC 3339 in UTC outside, milliseconds inside.

use std::fmt;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
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

/// Korea is nine hours ahead of UTC, in summer and in winter.
pub const KST: i64 = 9 * HOUR;

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

/// A day in Korea, `2026-12-24`. Texts of it sort as the days do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(NaiveDate);

impl Date {
    /// Reads `2026-12-24`, and nothing else.
    ///
    /// # Errors
    /// `malformed`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .map(Self)
            .filter(|date| date.to_string() == text && ("1970-01-02".."9999").contains(&text))
            .ok_or(Wrong::Malformed("a day, 2026-12-24"))
    }

    /// The day in Korea on which a moment lies.
    #[must_use]
    pub fn of(time: Time) -> Self {
        Self(time.plus(KST).date_time().date_naive())
    }

    /// When it begins: midnight in Korea.
    #[must_use]
    pub fn begins(self) -> Time {
        Time::from_ms(self.0.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc().timestamp_millis()).plus(-KST)
    }

    /// When it is over: the midnight after.
    #[must_use]
    pub fn over(self) -> Time {
        self.begins().plus(DAY)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|wrong| serde::de::Error::custom(wrong.code()))
    }
}

impl Deserr<Invalid> for Date {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        Self::parse(&text_value(value, at)?).map_err(|wrong| wrong_at(wrong, at))
    }
}

impl JsonSchema for Date {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Date".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date", "examples": ["2026-12-24"], "description": "A day in Korea"})
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY, Date, Time};

    #[test]
    fn a_day_begins_at_midnight_in_korea() {
        let date = Date::parse("2028-02-29").unwrap();
        assert_eq!(date.begins().to_string(), "2028-02-28T15:00:00.000Z");
        assert_eq!(date.over().to_string(), "2028-02-29T15:00:00.000Z");
        assert_eq!(Date::of(date.begins()), date);
        assert_eq!(Date::of(date.begins().plus(DAY - 1)), date);
        assert_ne!(Date::of(date.begins().plus(-1)), date);
        assert_ne!(Date::of(date.over()), date);
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in ["", "2027-02-29", "2026-13-01", "2026-1-1", "2026-12-24T00:00:00Z", "20261224", "0001-01-01"] {
            assert!(Date::parse(text).is_err(), "{text}");
        }
    }

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
