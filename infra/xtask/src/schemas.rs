//! Schemas of the types that rows name: what is asked of a client, and what it is told.

use std::collections::BTreeSet;

use edge::TypeDoc;
use schemars::{
    SchemaGenerator,
    generate::{Contract, SchemaSettings},
};
use serde_json::{Map, Value, json};

/// Where both documents keep them.
const HOME: &str = "/components/schemas";

/// The schemas of one document.
pub(crate) struct Schemas {
    asked: SchemaGenerator,
    told: SchemaGenerator,
}

impl Schemas {
    /// In the words of `OpenAPI` 3.1: JSON Schema 2020-12.
    pub(crate) fn openapi() -> Self {
        Self::of(&SchemaSettings::draft2020_12())
    }

    /// In the words of `AsyncAPI` 3: JSON Schema draft 7.
    pub(crate) fn asyncapi() -> Self {
        Self::of(&SchemaSettings::draft07())
    }

    fn of(settings: &SchemaSettings) -> Self {
        let generator = |contract: Contract| {
            let settings = settings.clone().with(move |settings| {
                settings.definitions_path = HOME.into();
                settings.meta_schema = None;
                settings.contract = contract;
            });
            SchemaGenerator::new(settings)
        };
        Self { asked: generator(Contract::Deserialize), told: generator(Contract::Serialize) }
    }

    /// A type that a client sends.
    pub(crate) fn asked(&mut self, of: TypeDoc) -> Value {
        of(&mut self.asked).to_value()
    }

    /// A type that a client is sent.
    pub(crate) fn told(&mut self, of: TypeDoc) -> Value {
        of(&mut self.told).to_value()
    }

    /// What the schemas so far refer to, by its name.
    pub(crate) fn definitions(mut self) -> Map<String, Value> {
        let mut definitions = self.told.take_definitions(true);
        let asked = self.asked.take_definitions(true);
        let differs =
            |name: &&String| definitions.get(*name).is_some_and(|told| kind_of(told) != kind_of(&asked[*name]));
        let differing: Vec<_> = asked.keys().filter(differs).collect();
        assert!(differing.is_empty(), "one thing in what is asked and another in what is told: {differing:?}");
        definitions.extend(asked);
        definitions
    }
}

/// What tells two schemas of one name apart: a type may be wanted in part where it is told whole.
fn kind_of(schema: &Value) -> (Value, Option<Vec<String>>) {
    let mut values: Vec<String> = schema["enum"].as_array().into_iter().flatten().map(Value::to_string).collect();
    values.extend(schema["oneOf"].as_array().into_iter().flatten().map(|one| one["const"].to_string()));
    values.sort();
    let members = schema["properties"].as_object().map(|members| members.keys().cloned().collect());
    (values.into(), members)
}

/// The schema that a reference means, or the schema itself.
pub(crate) fn resolved<'a>(schema: &'a Value, definitions: &'a Map<String, Value>) -> &'a Value {
    match named(schema).and_then(|name| definitions.get(name)) {
        Some(found) => resolved(found, definitions),
        None => schema,
    }
}

/// The name that a reference gives.
pub(crate) fn named(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix('#')?.strip_prefix(HOME)?.strip_prefix('/')
}

/// Only those definitions that the document refers to, be it by way of others.
pub(crate) fn used(document: &Value, definitions: &Map<String, Value>) -> Map<String, Value> {
    fn gather(value: &Value, definitions: &Map<String, Value>, found: &mut BTreeSet<String>) {
        if let Some(name) = named(value)
            && let Some(definition) = definitions.get(name)
            && found.insert(name.to_owned())
        {
            gather(definition, definitions, found);
        }
        match value {
            Value::Object(members) => members.values().for_each(|member| gather(member, definitions, found)),
            Value::Array(all) => all.iter().for_each(|one| gather(one, definitions, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    gather(document, definitions, &mut found);
    definitions.iter().filter(|(name, _)| found.contains(*name)).map(|(n, s)| (n.clone(), s.clone())).collect()
}

/// A problem document, as requests and frames are answered with.
pub(crate) fn problem() -> Value {
    json!({
        "type": "object",
        "description": "What is wrong (RFC 9457).",
        "properties": {
            "type": {"type": "string"},
            "code": {"type": "string", "description": "Stable: decide by this."},
            "title": {"type": "string", "description": "For a person, in their language."},
            "status": {"type": "integer"},
            "requestId": {"type": "string", "description": "To be named when asking for help."},
            "errors": {
                "type": "array", "description": "Every bad field.", "maxItems": 50,
                "items": {
                    "type": "object",
                    "properties": {
                        "field": {"type": "string", "description": "A JSON Pointer into the body, or a parameter's name."},
                        "code": {"type": "string"},
                        "message": {"type": "string"},
                    },
                    "required": ["field", "code", "message"],
                },
            },
            "version": {"type": "integer", "description": "Of `version_conflict`: the version it has now."},
            "listingStatus": {"type": "string", "description": "Of `wrong_status`: the status it has now."},
            "email": {"type": "string", "description": "Of `email_unconfirmed`: the address to confirm."},
        },
        "required": ["type", "code", "title", "status", "requestId"],
    })
}
