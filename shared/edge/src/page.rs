//! Lists: `?limit=` and `?cursor=` in, `{items, nextCursor}` out.

use deserr::{Deserr, IntoValue, Map as _, Value, ValuePointerRef};
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

/// What is asked of a list: how many, from where on, and what else its route takes.
#[derive(Debug)]
pub struct ListQuery<Q = Nothing> {
    /// How many entries.
    pub limit: Limit,
    /// Where the page begins; nothing for the first.
    pub cursor: Option<Cursor>,
    /// What else the route takes.
    pub rest: Q,
}

/// The query of a list that takes nothing else.
#[derive(Debug, Deserr, JsonSchema)]
#[deserr(error = Invalid, deny_unknown_fields)]
pub struct Nothing {}

impl<Q: Deserr<Invalid>> Deserr<Invalid> for ListQuery<Q> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        let Value::Map(mut members) = value else { return Err(wrong_at(Wrong::WrongType("object".into()), at)) };
        let limit = members.remove("limit");
        let cursor = members.remove("cursor");
        let limit = limit.map(|value| Limit::deserialize_from_value(value.into_value(), at.push_key("limit")));
        let cursor = cursor.map(|value| Cursor::deserialize_from_value(value.into_value(), at.push_key("cursor")));
        match (limit.transpose(), cursor.transpose(), Q::deserialize_from_value::<V>(Value::Map(members), at)) {
            (Ok(limit), Ok(cursor), Ok(rest)) => Ok(Self { limit: limit.unwrap_or_default(), cursor, rest }),
            (limit, cursor, rest) => {
                let wrong = [limit.err(), cursor.err(), rest.err()];
                Err(Invalid(wrong.into_iter().flatten().flat_map(|invalid| invalid.0).collect()))
            }
        }
    }
}

impl<Q: JsonSchema> JsonSchema for ListQuery<Q> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("ListBy{}", Q::schema_name()).into()
    }
    fn schema_id() -> std::borrow::Cow<'static, str> {
        format!("{}::ListQuery<{}>", module_path!(), Q::schema_id()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Q::json_schema(generator);
        let own = [("limit", Limit::json_schema(generator)), ("cursor", Cursor::json_schema(generator))];
        let properties = schema.ensure_object().entry("properties").or_insert_with(|| serde_json::json!({}));
        if let Some(properties) = properties.as_object_mut() {
            properties.extend(own.map(|(name, schema)| (name.to_owned(), schema.to_value())));
        }
        schema
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, Deserr, JsonSchema)]
    #[deserr(error = Invalid, deny_unknown_fields)]
    struct Colour {
        colour: String,
    }

    fn read(query: serde_json::Value) -> Result<ListQuery<Colour>, Vec<(String, &'static str)>> {
        deserr::deserialize::<ListQuery<Colour>, _, Invalid>(query)
            .map_err(|invalid| invalid.0.into_iter().map(|bad| (bad.field, bad.wrong.code())).collect())
    }

    #[test]
    fn every_bad_parameter_of_a_list_is_named_at_once_its_own_and_those_of_all_lists() {
        let good = read(json!({"limit": "7", "cursor": "c", "colour": "red"})).unwrap();
        assert_eq!((good.limit, good.cursor, good.rest.colour.as_str()), (Limit(7), Some(Cursor("c".into())), "red"));
        let usual = read(json!({"colour": "red"})).unwrap();
        assert_eq!((usual.limit, usual.cursor), (Limit(20), None));
        let mut bad = read(json!({"limit": "0", "cursor": "c".repeat(2049), "size": "7"})).unwrap_err();
        bad.sort();
        let wanted =
            [("/colour", "missing"), ("/cursor", "too_long"), ("/limit", "too_small"), ("/size", "unknown_field")];
        assert_eq!(bad, wanted.map(|(field, code)| (field.to_owned(), code)));
        let plain = deserr::deserialize::<ListQuery, _, Invalid>(json!({"colour": "red"}));
        assert_eq!(plain.unwrap_err().0[0].wrong.code(), "unknown_field");
    }

    #[test]
    fn the_schema_of_a_list_has_its_own_parameters_and_those_of_all_lists() {
        let schema = SchemaGenerator::default().into_root_schema_for::<ListQuery<Colour>>().to_value();
        let mut names: Vec<_> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!((names, &schema["required"]), (vec!["colour", "cursor", "limit"], &json!(["colour"])));
    }
}
