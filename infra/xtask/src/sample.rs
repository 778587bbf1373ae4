//! A sample of a schema: its examples where it has some, and what is required.

use serde_json::{Map, Value};

pub(crate) fn sample(schema: &Value, definitions: &Map<String, Value>) -> Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return definitions.get(name).map_or(Value::Null, |schema| sample(schema, definitions));
    }
    if let Some(example) = schema["examples"].get(0) {
        return example.clone();
    }
    for name in ["const", "default"] {
        if let Some(value) = schema.get(name) {
            return value.clone();
        }
    }
    if let Some(value) = schema["enum"].get(0) {
        return value.clone();
    }
    for name in ["oneOf", "anyOf", "allOf"] {
        if let Some(first) = schema[name].get(0) {
            let mut first = sample(first, definitions);
            // A part that can be one of several, beside members of its own.
            if let (Some(members), Some("object")) = (first.as_object_mut(), schema["type"].as_str()) {
                members.extend(required(schema, definitions));
            }
            return first;
        }
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or_default();
    match kind {
        "object" => Value::Object(required(schema, definitions)),
        "array" => Value::Array(vec![]),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| 1.into()),
        "boolean" => true.into(),
        "string" => "text".into(),
        _ => Value::Null,
    }
}

/// The members of an object that have to be there.
fn required(schema: &Value, definitions: &Map<String, Value>) -> Map<String, Value> {
    let names = schema["required"].as_array().cloned().unwrap_or_default();
    let named = names.iter().filter_map(Value::as_str);
    named.map(|name| (name.to_owned(), sample(&schema["properties"][name], definitions))).collect()
}
