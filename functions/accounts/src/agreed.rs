//! Agreement to the terms (row A23): `true`, or nothing is signed.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use domain::input::{Invalid, Wrong, wrong_at};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// A `true` that has to be there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Agreed;

impl Deserr<Invalid> for Agreed {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        match value {
            Value::Boolean(true) => Ok(Self),
            Value::Boolean(false) => Err(wrong_at(Wrong::UnknownValue("true".into()), at)),
            _ => Err(wrong_at(Wrong::WrongType("boolean".into()), at)),
        }
    }
}

impl JsonSchema for Agreed {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Agreed".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "boolean", "const": true, "description": "Agreement to the terms of use."})
    }
}
