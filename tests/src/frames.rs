//! AsyncAPI says what every frame holds: one that it does not describe is a lie in the document.

use std::{collections::BTreeMap, path::Path, sync::LazyLock};

use jsonschema::Validator;
use serde_json::{Value, json};

/// A message of the document.
struct Shape {
    message: String,
    payload: Value,
    validator: Validator,
}

/// The messages by their names: `out.room.changed`.
static SHAPES: LazyLock<BTreeMap<String, Shape>> = LazyLock::new(|| {
    let document = document();
    let messages = document["components"]["messages"].as_object().expect("messages").clone();
    let shape = |(message, described): (String, Value)| {
        let payload = described["payload"].clone();
        // References lead to the document's schemas, so these go along.
        let whole = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "allOf": [payload],
            "components": {"schemas": document["components"]["schemas"]},
        });
        let validator = jsonschema::validator_for(&whole).unwrap_or_else(|error| panic!("{message}: {error}"));
        (message.clone(), Shape { message, payload, validator })
    };
    messages.into_iter().map(shape).collect()
});

fn document() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/asyncapi.json");
    let text = std::fs::read_to_string(file).expect("docs/asyncapi.json: cargo xtask writes it");
    serde_json::from_str(&text).expect("JSON")
}

impl Shape {
    /// What of a frame is not as described. Of what is sent to clients a member that is not described is wrong too, though
    /// clients are to ignore it.
    fn faults(&self, frame: &Value) -> Vec<String> {
        let mut faults: Vec<String> =
            self.validator.iter_errors(frame).map(|error| format!("{}: {error}", error.instance_path())).collect();
        if self.payload["oneOf"].is_null() && self.payload["anyOf"].is_null() {
            let described = |name: &&String| self.payload["properties"].get(name.as_str()).is_some();
            let strange = frame.as_object().into_iter().flatten().map(|(name, _)| name).filter(|name| !described(name));
            faults.extend(strange.map(|name| format!("/{name} is not described")));
        }
        faults.iter_mut().for_each(|fault| *fault = format!("{}: {fault}", self.message));
        faults
    }

    fn kind(&self) -> &str {
        self.payload["properties"]["type"]["const"].as_str().unwrap_or("gateway")
    }
}

/// What was sent to a client is described, whatever it answers.
pub(crate) fn check(frame: &Value) {
    let kind = frame["type"].as_str().unwrap_or("gateway");
    let mut faults = vec![];
    for shape in SHAPES.values().filter(|shape| !shape.message.starts_with("in.") && shape.kind() == kind) {
        let found = shape.faults(frame);
        if found.is_empty() {
            // Several in one: each of them is described too.
            for inner in frame["frames"].as_array().filter(|_| kind == "batch").into_iter().flatten() {
                check(inner);
            }
            return;
        }
        faults.extend(found);
    }
    panic!("docs/asyncapi.json (cargo xtask) has no such frame: {frame}\n{}", faults.join("\n"));
}

/// What answers an action is described as its answer, or as its refusal.
pub(crate) fn check_answer(action: &str, answer: &Value) {
    let action = if SHAPES.contains_key(&format!("in.{action}")) { action } else { "default" };
    let name = if answer["type"] == "error" { format!("error.{action}") } else { format!("answer.{action}") };
    let shape = SHAPES.get(&name).unwrap_or_else(|| panic!("docs/asyncapi.json has no {name}: {answer}"));
    let faults = shape.faults(answer);
    assert!(faults.is_empty(), "docs/asyncapi.json describes another answer than {answer}\n{}", faults.join("\n"));
}

#[test]
fn every_example_of_the_document_is_as_the_document_says() {
    let document = document();
    for (name, message) in document["components"]["messages"].as_object().expect("messages") {
        for example in message["examples"].as_array().expect("examples") {
            let faults = SHAPES[name].faults(&example["payload"]);
            // What no action takes may hold anything.
            assert!(faults.is_empty() || name == "in.default", "{}\n{}", example["payload"], faults.join("\n"));
        }
    }
}

#[test]
fn a_frame_that_is_not_described_is_found_out() {
    let pong = json!({"type": "pong", "ref": "c1", "at": "2026-11-21T03:00:00.000Z"});
    check(&pong);
    check_answer("ping", &pong);
    for (member, value) in [("type", json!("pang")), ("ref", json!("x".repeat(65))), ("at", json!(7)), ("x", json!(1))]
    {
        let mut wrong = pong.clone();
        wrong[member] = value;
        assert!(std::panic::catch_unwind(|| check(&wrong)).is_err(), "{wrong}");
    }
    let refusal = |code: &str| {
        json!({"type": "error", "problem": {
            "type": format!("urn:madang:problem:{code}"), "code": code, "title": "t", "status": 400, "requestId": "r",
        }})
    };
    check_answer("dance", &refusal("unknown_action"));
    assert!(std::panic::catch_unwind(|| check_answer("ping", &refusal("unknown_action"))).is_err());
}
