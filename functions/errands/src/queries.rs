//! Query parameters that several lists take.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use domain::{
    errand::Journey,
    input::{Invalid, Wrong, text_value, wrong_at},
    search,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// What is searched for.
pub(crate) struct Sought(pub(crate) search::Query);

impl Deserr<Invalid> for Sought {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        let text = text_value(value, at)?;
        if text.len() > 2_000 {
            return Err(wrong_at(Wrong::TooLong(search::QUERY_MAX), at));
        }
        search::Query::parse(&text).map(Self).map_err(|error| {
            let wrong = match error {
                search::QueryError::TooShort => Wrong::TooShort(search::QUERY_MIN),
                search::QueryError::TooLong => Wrong::TooLong(search::QUERY_MAX),
            };
            wrong_at(wrong, at)
        })
    }
}

impl JsonSchema for Sought {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ErrandSought".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 2, "maxLength": 31, "examples": ["오메", "ㅇㅁㄱ"]})
    }
}

/// Kinds of journeys with commas between them.
#[derive(Default)]
pub(crate) struct Journeys(pub(crate) Vec<Journey>);

impl Deserr<Invalid> for Journeys {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        let mut journeys = vec![];
        for word in text_value(value, at)?.split(',') {
            let Some(journey) = Journey::ALL.into_iter().find(|journey| journey.word() == word) else {
                return Err(wrong_at(Wrong::UnknownValue(Journey::ALL.map(Journey::word).join(", ")), at));
            };
            if journeys.contains(&journey) {
                return Err(wrong_at(Wrong::Duplicate, at));
            }
            journeys.push(journey);
        }
        Ok(Self(journeys))
    }
}

impl JsonSchema for Journeys {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Journeys".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words = Journey::ALL.map(Journey::word).join("|");
        json_schema!({
            "type": "string", "pattern": format!("^({words})(,({words}))*$"), "maxLength": 64,
            "examples": ["shopping", "foodTour,festival"],
        })
    }
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserr, JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[deserr(error = Invalid, rename_all = lowercase)]
pub(crate) enum YesNo {
    /// Yes.
    True,
    /// No.
    #[default]
    False,
}
