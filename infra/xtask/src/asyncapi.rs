//! `docs/asyncapi.json`: `AsyncAPI` 3.0 of the live connection, made from the socket rows and the types they name, and
//! from the frames that rows push. The page `/docs/realtime` shows it, and tests hold every frame against it.
//!
//! Messages are named by what they are: `in.ping` is sent by a client, `answer.ping` and `error.ping` answer it, `out.…` is
//! pushed.

use std::collections::BTreeMap;

use edge::{Frame, Lang, Problem, Push, Row, Trigger};
use serde_json::{Map, Value, json};

use crate::{
    events::sent,
    sample::sample,
    schemas::{Schemas, problem, resolved, used},
};

const DESCRIPTION: &str = "\
Frames are JSON objects. In: `{\"action\": …, \"ref\": …}` and the action's fields; unknown fields are refused. Out: \
`{\"type\": …}` and its fields; unknown types and unknown fields are to be ignored, for more will come. An answer carries the \
`ref` of what it answers: `ack` (or the type that the action names), or `error` with the same problem document that a request \
gets. An answer may be lost with its connection, so every action is safe to repeat. `docs/realtime.md` has the rules between \
frames: sending again, resuming, what is true.";

/// How a connection ends, by its close code.
const CLOSE_CODES: [(u16, &str); 8] = [
    (1000, "Hung up by Madang: of a person's connections beyond ten the oldest goes. Connect again when it is needed."),
    (1001, "Going away: ten minutes of silence, or two hours in all. Connect again."),
    (1002, "A frame that breaks the protocol of WebSockets."),
    (1003, "Binary frames are not supported."),
    (1006, "The line was cut; no code was sent. Connect again."),
    (1007, "A text that is not UTF-8."),
    (1008, "Not allowed: refresh the token before the next attempt."),
    (1009, "A frame above 32 KB, or a message above 128 KB."),
];

/// What a handshake that is refused is answered with.
const REFUSALS: [(u16, &str); 5] = [
    (401, "No token. Refresh it before the next attempt."),
    (403, "The token is not good here. Refresh it before the next attempt."),
    (414, "The address with its query is longer than 4,096 bytes."),
    (426, "Not a handshake of WebSockets."),
    (429, "Too many at once. Try again after a while."),
];

/// The document.
///
/// # Errors
/// A sentence, when two rows push frames of one type with different fields.
pub(crate) fn document(rows: &[&'static Row]) -> Result<Value, String> {
    let mut schemas = Schemas::asyncapi();
    let actions: Vec<Action> = rows.iter().filter_map(|row| Action::of(row, &mut schemas)).collect();
    let pushes = pushes(rows, &mut schemas);
    let definitions = schemas.definitions();
    agreed(&pushes, &definitions)?;

    let mut messages = Map::new();
    let mut operations = Map::new();
    for action in &actions {
        action.describe(&definitions, &mut messages, &mut operations);
    }
    for (kind, pushed) in &pushes {
        pushed.describe(kind, &definitions, &mut messages, &mut operations);
    }
    messages.insert("out.gateway".to_owned(), gateway());
    operations.insert(
        "gateway.failed".to_owned(),
        json!({
            "action": "send", "channel": {"$ref": "#/channels/live"},
            "title": "The gateway itself", "summary": "A function failed or was turned away: treat it as no answer",
            "messages": [{"$ref": "#/channels/live/messages/out.gateway"}],
        }),
    );

    let mut document = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Madang, the live connection",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": {"name": "MIT OR Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": servers(),
        "channels": {"live": channel(rows, &messages)},
        "operations": operations,
        "components": {
            "messages": messages,
            "securitySchemes": {
                "protocol": {
                    "type": "httpApiKey", "in": "header", "name": "Sec-WebSocket-Protocol",
                    "description": "`madang.v1, <access token>`; in a browser `new WebSocket(url, [\"madang.v1\", token])`. \
                                    The handshake is answered with `madang.v1`.",
                },
                "query": {
                    "type": "httpApiKey", "in": "query", "name": "token",
                    "description": "The access token, for clients that cannot offer a protocol.",
                },
            },
        },
    });
    let mut known = definitions;
    known.insert("Problem".to_owned(), frames_problem());
    document["components"]["schemas"] = Value::Object(used(&document, &known));
    Ok(document)
}

fn servers() -> Value {
    let security = json!([
        {"$ref": "#/components/securitySchemes/protocol"},
        {"$ref": "#/components/securitySchemes/query"},
    ]);
    json!({
        "aws": {
            "host": "{api}.execute-api.{region}.amazonaws.com", "protocol": "wss",
            "description": "A stage on AWS; `terraform output socket_url` says where.",
            "variables": {
                "api": {"default": "f6g7h8i9j0", "description": "The identifier of the WebSocket API."},
                "region": {"default": local::REGION},
            },
            "security": security,
        },
        "laptop": {
            "host": "127.0.0.1:3000", "protocol": "ws", "description": "The laptop cloud (`make run`).",
            "security": security,
        },
    })
}

fn channel(rows: &[&'static Row], messages: &Map<String, Value>) -> Value {
    let opening = rows.iter().find(|row| row.trigger == Trigger::Socket("$connect"));
    let references =
        messages.keys().map(|name| (name.clone(), json!({"$ref": format!("#/components/messages/{name}")})));
    json!({
        "address": "/live",
        "title": "The live connection",
        "summary": opening.map_or("", |row| row.summary),
        "description": opening.map_or("", |row| row.description),
        "servers": [{"$ref": "#/servers/aws"}, {"$ref": "#/servers/laptop"}],
        "messages": references.collect::<Map<_, _>>(),
        "bindings": {"ws": {
            "method": "GET",
            "query": {
                "type": "object",
                "properties": {
                    "token": {"type": "string", "description": "The access token, where it is not offered beside the protocol."},
                    "lang": {"type": "string", "enum": ["ko", "en"], "description": "What problems are worded in."},
                },
            },
            "headers": {
                "type": "object",
                "properties": {
                    "Sec-WebSocket-Protocol": {"type": "string", "description": "`madang.v1, <access token>`"},
                    "Accept-Language": {"type": "string", "description": "What problems are worded in, without `lang`."},
                },
            },
            "bindingVersion": "0.1.0",
        }},
        "x-limits": {
            "frameBytes": local::MAX_FRAME,
            "messageBytes": local::MAX_MESSAGE,
            "idleSeconds": local::IDLE / 1000,
            "lifeSeconds": local::LIFE / 1000,
        },
        "x-close-codes": explained(&CLOSE_CODES),
        "x-refusals": explained(&REFUSALS),
    })
}

fn explained(all: &[(u16, &str)]) -> Value {
    all.iter().map(|(code, meaning)| json!({"code": code, "meaning": meaning})).collect()
}

/// An action, and `$default`.
struct Action {
    row: &'static Row,
    route: &'static str,
    takes: Option<Value>,
    answers: Option<Value>,
}

impl Action {
    fn of(row: &'static Row, schemas: &mut Schemas) -> Option<Self> {
        let Trigger::Socket(route) = row.trigger else { return None };
        // These are no frames: the channel's description and its close codes tell of them.
        if matches!(route, "$connect" | "$disconnect") {
            return None;
        }
        let takes = row.body.map(|body| schemas.asked(body));
        let answers = row.reply.1.map(|reply| schemas.told(reply));
        Some(Self { row, route, takes, answers })
    }

    /// Its name among the messages.
    fn name(&self) -> &'static str {
        self.route.trim_start_matches('$')
    }

    fn describe(
        &self,
        definitions: &Map<String, Value>,
        messages: &mut Map<String, Value>,
        operations: &mut Map<String, Value>,
    ) {
        let Self { row, route, takes, answers } = self;
        let name = self.name();
        let is_default = *route == "$default";
        let title = if is_default { "Any other frame" } else { *route };
        let mut said = json!({"type": "string"});
        if !is_default {
            said["const"] = (*route).into();
        }
        let head = [("action", said, true), ("ref", reference("Whatever the answer is to carry."), false)];
        let mut payload = framed(head, takes.as_ref(), definitions);
        if !is_default {
            payload["additionalProperties"] = false.into();
        }
        let message = message(route, title, row.summary, payload, sent(row, route, definitions));
        messages.insert(format!("in.{name}"), message);

        let mut replies = vec![];
        if let Some(kind) = row.answer {
            let head = [("type", constant(kind), true), ("ref", reference("Of the frame that it answers."), false)];
            let payload = framed(head, answers.as_ref(), definitions);
            let mut example = sample(&payload, definitions);
            example["ref"] = "c1".into();
            let summary = format!("`{route}` was done");
            messages.insert(format!("answer.{name}"), message_of(kind, &summary, payload, example));
            replies.push(format!("answer.{name}"));
        }
        messages.insert(format!("error.{name}"), refusal(row, route));
        replies.push(format!("error.{name}"));

        let there = |names: &[String]| -> Value {
            names.iter().map(|name| json!({"$ref": format!("#/channels/live/messages/{name}")})).collect()
        };
        let mut operation = json!({
            "action": "receive",
            "channel": {"$ref": "#/channels/live"},
            "title": title,
            "summary": row.summary,
            "tags": [{"name": row.context()}],
            "messages": there(&[format!("in.{name}")]),
            "reply": {"channel": {"$ref": "#/channels/live"}, "messages": there(&replies)},
            "x-features": row.features,
        });
        if !row.description.is_empty() {
            operation["description"] = row.description.into();
        }
        operations.insert(row.name.to_owned(), operation);
    }
}

/// A frame that is pushed: by whom, with what fields, and when each of them does.
#[derive(Default)]
struct Pushed {
    by: Vec<(&'static Row, Push, Value)>,
}

fn pushes(rows: &[&'static Row], schemas: &mut Schemas) -> BTreeMap<&'static str, Pushed> {
    let mut all: BTreeMap<&'static str, Pushed> = BTreeMap::new();
    for row in rows {
        for push in row.pushes {
            all.entry(push.kind).or_default().by.push((row, *push, schemas.told(push.payload)));
        }
    }
    all
}

/// Frames of one type have the same fields, whoever pushes them.
fn agreed(pushes: &BTreeMap<&'static str, Pushed>, definitions: &Map<String, Value>) -> Result<(), String> {
    for (kind, pushed) in pushes {
        let mut all = pushed.by.iter().map(|(row, _, payload)| (row.name, expanded(payload, definitions, 0)));
        let Some((first, fields)) = all.next() else { continue };
        if let Some((other, _)) = all.find(|(_, others)| *others != fields) {
            return Err(format!("{first} and {other} push {kind} with different fields"));
        }
    }
    Ok(())
}

/// A schema with its references followed and without its words: what it is, not what it is called.
fn expanded(schema: &Value, definitions: &Map<String, Value>, depth: usize) -> Value {
    // A type that holds itself is the same all the way down.
    if depth > 16 {
        return Value::Null;
    }
    match resolved(schema, definitions) {
        Value::Object(members) => {
            let told = members.iter().filter(|(name, value)| *name != "description" || !value.is_string());
            Value::Object(told.map(|(name, value)| (name.clone(), expanded(value, definitions, depth + 1))).collect())
        }
        Value::Array(all) => all.iter().map(|one| expanded(one, definitions, depth + 1)).collect(),
        other => other.clone(),
    }
}

impl Pushed {
    fn describe(
        &self,
        kind: &str,
        definitions: &Map<String, Value>,
        messages: &mut Map<String, Value>,
        operations: &mut Map<String, Value>,
    ) {
        let payload = self.by.first().map(|(_, _, payload)| payload);
        let payload = framed([("type", constant(kind), true)], payload, definitions);
        let example = sample(&payload, definitions);
        // Each says when it pushes it; most say the same.
        let mut summaries: Vec<&str> = vec![];
        for (_, push, _) in &self.by {
            if !summaries.contains(&push.summary) {
                summaries.push(push.summary);
            }
        }
        let summary = summaries.join(". ");
        messages.insert(format!("out.{kind}"), message_of(kind, &summary, payload, example));
        let mut features: Vec<&str> = self.by.iter().flat_map(|(row, ..)| row.features.iter().copied()).collect();
        features.sort_unstable();
        features.dedup();
        let mut contexts: Vec<&str> = self.by.iter().map(|(row, ..)| row.context()).collect();
        contexts.dedup();
        let tags: Vec<Value> = contexts.iter().map(|context| json!({"name": context})).collect();
        operations.insert(
            format!("push.{kind}"),
            json!({
                "action": "send",
                "channel": {"$ref": "#/channels/live"},
                "title": kind,
                "summary": summary,
                "tags": tags,
                "messages": [{"$ref": format!("#/channels/live/messages/out.{kind}")}],
                "x-features": features,
                "x-pushed-by": self.by.iter().map(|(row, ..)| row.name).collect::<Vec<_>>(),
            }),
        );
    }
}

fn message(name: &str, title: &str, summary: &str, payload: Value, example: Value) -> Value {
    json!({
        "name": name,
        "title": title,
        "summary": summary,
        "contentType": "application/json",
        "payload": payload,
        "examples": [{"payload": example}],
    })
}

fn message_of(kind: &str, summary: &str, payload: Value, example: Value) -> Value {
    message(kind, kind, summary, payload, example)
}

fn constant(kind: &str) -> Value {
    json!({"type": "string", "const": kind})
}

fn reference(description: &str) -> Value {
    json!({"type": "string", "maxLength": Frame::MAX_REF, "description": description})
}

/// A frame's own members, and beside them the fields of a type.
fn framed<const N: usize>(
    head: [(&str, Value, bool); N],
    fields: Option<&Value>,
    definitions: &Map<String, Value>,
) -> Value {
    let mut properties = Map::new();
    let mut required = vec![];
    for (name, schema, must) in head {
        properties.insert(name.to_owned(), schema);
        if must {
            required.push(Value::from(name));
        }
    }
    let mut frame = json!({"type": "object"});
    if let Some(fields) = fields.map(|fields| resolved(fields, definitions)) {
        let own = fields["properties"].as_object().cloned().unwrap_or_default();
        properties.extend(own);
        required.extend(fields["required"].as_array().cloned().unwrap_or_default());
        if let Some(description) = fields.get("description") {
            frame["description"] = description.clone();
        }
        // What is one of several shapes stays so, beside the members.
        for choice in ["oneOf", "anyOf", "allOf"] {
            if let Some(choices) = fields.get(choice) {
                frame[choice] = choices.clone();
            }
        }
    }
    frame["properties"] = Value::Object(properties);
    frame["required"] = Value::Array(required);
    frame
}

/// The `error` that may answer an action, with the codes it may have.
fn refusal(row: &Row, route: &str) -> Value {
    let codes = row.all_problems();
    let problems: Vec<Value> = codes
        .iter()
        .map(|code| {
            json!({
                "code": code.slug(), "status": code.status(),
                "title": {"en": code.title(Lang::En), "ko": code.title(Lang::Ko)},
            })
        })
        .collect();
    let slugs: Vec<&str> = codes.iter().map(|code| code.slug()).collect();
    let payload = json!({
        "type": "object",
        "properties": {
            "type": constant("error"),
            "ref": reference("Of the frame that it answers."),
            "problem": {"allOf": [
                {"$ref": "#/components/schemas/Problem"},
                {"properties": {"code": {"enum": slugs}}},
            ]},
        },
        "required": ["type", "problem"],
    });
    let first = row.problems.first().or(codes.first());
    let problem = first.map(|code| Problem::new(*code).document(Lang::Ko, "JKJaXGfvPHcEShw="));
    let example = json!({"type": "error", "ref": "c1", "problem": problem});
    let mut refusal = message_of("error", &format!("`{route}` was refused"), payload, example);
    refusal["x-problems"] = problems.into();
    refusal
}

/// The problem of a frame: that of a request, and what a request has in a header.
fn frames_problem() -> Value {
    let mut problem = problem();
    problem["properties"]["retryAfter"] =
        json!({"type": "integer", "description": "Of `too_many_requests`, `in_progress` and `unavailable`: seconds."});
    problem["properties"]["action"] =
        json!({"type": "string", "description": "Of `unknown_action`: the action, cut short."});
    problem
}

/// What API Gateway itself says; it knows no `type`.
fn gateway() -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    let payload = json!({
        "type": "object",
        "properties": {
            "message": text("In the gateway's words, like `Internal server error`."),
            "connectionId": text("The connection's name."),
            "requestId": text("To be named when asking for help."),
        },
        "required": ["message", "connectionId", "requestId"],
        "additionalProperties": false,
    });
    let example = json!({
        "message": "Internal server error", "connectionId": "VNRUSeldSwMCIRQ=", "requestId": "VNRXVFJOywMF3-Q=",
    });
    message("gateway", "The gateway itself", "No `type`: a function failed", payload, example)
}

#[cfg(test)]
mod tests {
    use super::*;
    use schemars::JsonSchema;

    #[derive(JsonSchema)]
    #[schemars(rename_all = "camelCase")]
    #[expect(dead_code, reason = "only its schema is of interest")]
    struct Send {
        /// Which room.
        room: String,
        reply_to: Option<u64>,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is of interest")]
    struct Created {
        room: String,
        message: Message,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is of interest")]
    struct Message {
        seq: u64,
    }

    const PUSHES: &[Push] = &[Push::of::<Created>("message.created", "To whoever has the room open")];
    const SEND: Row = Row::socket("rooms.send", "message.send").takes::<Send>().replies::<Message>(200);
    const DELIVER: Row = Row::call("rooms.deliver").pushes(PUSHES);
    // The same fields, by another name.
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is of interest")]
    struct MadeAgain {
        /// In other words.
        room: String,
        message: Message,
    }

    const AGAIN: Row =
        Row::call("rooms.again").pushes(&[Push::of::<MadeAgain>("message.created", "Also after a while")]);
    const OTHER: Row = Row::call("rooms.other").pushes(&[Push::of::<Send>("message.created", "Of other fields")]);

    #[test]
    fn an_action_is_its_fields_beside_action_and_ref_and_its_answer_has_a_type() {
        let document = document(&[&SEND]).unwrap();
        let payload = |name: &str| &document["components"]["messages"][name]["payload"];
        let sent = payload("in.message.send");
        assert_eq!(sent["properties"]["action"], json!({"type": "string", "const": "message.send"}));
        assert_eq!(sent["properties"]["room"]["description"], "Which room.");
        assert_eq!((&sent["required"], &sent["additionalProperties"]), (&json!(["action", "room"]), &json!(false)));
        let answer = payload("answer.message.send");
        assert_eq!(
            (&answer["properties"]["type"]["const"], &answer["required"]),
            (&json!("ack"), &json!(["type", "seq"]))
        );
        let replies = &document["operations"]["rooms.send"]["reply"]["messages"];
        assert_eq!(replies[1], json!({"$ref": "#/channels/live/messages/error.message.send"}));
        // Both types are spread out in their frames, and nobody else names them.
        assert_eq!(document["components"]["schemas"].as_object().unwrap().keys().collect::<Vec<_>>(), ["Problem"]);
    }

    #[test]
    fn a_frame_that_is_pushed_is_sent_by_everybody_who_says_so() {
        let document = document(&[&DELIVER, &AGAIN]).unwrap();
        assert_eq!(
            document["operations"]["push.message.created"]["x-pushed-by"],
            json!(["rooms.deliver", "rooms.again"])
        );
        let message = &document["components"]["messages"]["out.message.created"];
        assert_eq!(message["payload"]["required"], json!(["type", "room", "message"]));
        assert_eq!(message["payload"]["properties"]["message"]["$ref"], "#/components/schemas/Message");
        assert!(document["components"]["schemas"]["Message"].is_object());
        assert_eq!(message["examples"][0]["payload"]["type"], "message.created");
        assert_eq!(message["summary"], "To whoever has the room open. Also after a while");
        let said = super::document(&[&DELIVER, &OTHER]).unwrap_err();
        assert_eq!(said, "rooms.deliver and rooms.other push message.created with different fields");
    }
}
