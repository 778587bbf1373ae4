//! Lists: `?limit=` and `?cursor=` in, `{items, nextCursor}` out.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use domain::input::{Invalid, Wrong, text_value, wrong_at};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

/// How many entries a page has: 1–100, 20 unless asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(pub usize);

impl Default for Limit {
    fn default() -> Self {
        Self(20)
    }
}

impl Deserr<Invalid> for Limit {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        let text = text_value(value, at)?;
        let number: i64 = if text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit()) {
            text.parse().map_err(|_| wrong_at(Wrong::WrongType("integer".into()), at))?
        } else {
            return Err(wrong_at(Wrong::WrongType("integer".into()), at));
        };
        match number {
            ..1 => Err(wrong_at(Wrong::TooSmall(1), at)),
            101.. => Err(wrong_at(Wrong::TooLarge(100), at)),
            fits => Ok(Self(usize::try_from(fits).unwrap_or(20))),
        }
    }
}

impl JsonSchema for Limit {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Limit".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": 1, "maximum": 100, "default": 20, "description": "How many, at most."})
    }
}

/// Where a page begins: what an earlier page said in `nextCursor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

impl Deserr<Invalid> for Cursor {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        let text = text_value(value, at)?;
        if text.len() > 2048 { Err(wrong_at(Wrong::TooLong(2048), at)) } else { Ok(Self(text)) }
    }
}

impl JsonSchema for Cursor {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Cursor".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "maxLength": 2048, "description": "`nextCursor` of the page before."})
    }
}

/// A page of a list.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PageOf{T}")]
pub struct Paged<T> {
    /// The entries, in order. A page of a search may be short and still not be the last.
    pub items: Vec<T>,
    /// Where the next page begins; null at the end.
    pub next_cursor: Option<String>,
}
