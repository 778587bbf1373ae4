//! `template.yaml`: the functions for SAM, to be tried on this machine. Terraform deploys.

use edge::{Row, Trigger};
use serde_json::{Map, Value, json};

const ABOUT: &str = "\
# Generated from the routes by `cargo xtask`; do not edit.
#
# For trying functions with the SAM CLI on this machine, against a laptop cloud that runs beside it:
# `sam local invoke ListingsFeed -e events/listings/feed.json` (needs Docker; events/README.md has the whole of it).
# It is no deployment: roles, alarms and keys are Terraform's, in infra/terraform.
";

/// The name of a function's resource: `ListingsFeed`.
pub(crate) fn logical_id(row: &str) -> String {
    row.split(['.', '_'])
        .map(|word| {
            word.chars().take(1).map(|c| c.to_ascii_uppercase()).chain(word.chars().skip(1)).collect::<String>()
        })
        .collect()
}

pub(crate) fn document(rows: &[&'static Row]) -> String {
    let mut resources = Map::new();
    for row in rows {
        resources.insert(logical_id(row.name), function(row));
    }
    let attribute = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
    let key = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
    resources.insert(
        "Table".to_owned(),
        json!({
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [attribute("pk"), attribute("sk")],
                "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
                "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
            },
        }),
    );
    resources.insert("Bucket".to_owned(), json!({"Type": "AWS::S3::Bucket"}));
    resources.insert("UserPool".to_owned(), json!({"Type": "AWS::Cognito::UserPool"}));
    let document = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Description": "Madang's functions, to be tried with SAM against the laptop cloud.",
        "Parameters": {
            "Architecture": {
                "Type": "String",
                "Default": "x86_64",
                "AllowedValues": ["arm64", "x86_64"],
                "Description": "What `make package` built for.",
            },
            "Cloud": {
                "Type": "String",
                "Default": "http://host.docker.internal:3000",
                "Description": "Where functions in a container reach the laptop cloud.",
            },
            "Api": {
                "Type": "String",
                "Default": "http://127.0.0.1:3000",
                "Description": "What the laptop cloud calls itself.",
            },
        },
        "Globals": {
            "Function": {
                "Runtime": "provided.al2023",
                "Architectures": [{"Ref": "Architecture"}],
                "Environment": {"Variables": {"AWS_ENDPOINT_URL": {"Ref": "Cloud"}}},
            },
        },
        "Resources": resources,
    });
    let mut text = ABOUT.to_owned();
    spell(&document, 0, &mut text);
    text
}

fn function(row: &Row) -> Value {
    let values = local::settings_at("${Cloud}", "${Api}");
    let mut variables = Map::new();
    for setting in row.all_needs() {
        if let Some(value) = values.get(setting.variable()) {
            let value = if value.contains("${") { json!({"Fn::Sub": value}) } else { json!(value) };
            variables.insert(setting.variable().to_owned(), value);
        }
    }
    let mut properties = json!({
        "Description": row.summary,
        "CodeUri": format!("target/package/{}.zip", row.context()),
        "Handler": row.name,
        "MemorySize": row.memory_mb,
        "Timeout": row.timeout_s,
    });
    if !variables.is_empty() {
        properties["Environment"] = json!({"Variables": variables});
    }
    if let Some((name, event)) = trigger(row.trigger) {
        properties["Events"] = json!({name: event});
    }
    json!({"Type": "AWS::Serverless::Function", "Properties": properties})
}

/// What sets the function off, where SAM has a word for it: it has none for the WebSocket API, nor for other functions.
fn trigger(trigger: Trigger) -> Option<(&'static str, Value)> {
    let event = |kind: &str, properties: Value| json!({"Type": kind, "Properties": properties});
    Some(match trigger {
        Trigger::Http { method, path } => {
            ("Request", event("HttpApi", json!({"Method": method.word().to_lowercase(), "Path": path})))
        }
        Trigger::Schedule(expression) => ("Clock", event("Schedule", json!({"Schedule": expression}))),
        Trigger::Bucket(prefix) => (
            "Upload",
            event(
                "S3",
                json!({
                    "Bucket": {"Ref": "Bucket"},
                    "Events": "s3:ObjectCreated:*",
                    "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": prefix}]}},
                }),
            ),
        ),
        Trigger::Stream => (
            "Change",
            event(
                "DynamoDB",
                json!({
                    "Stream": {"Fn::GetAtt": ["Table", "StreamArn"]},
                    "StartingPosition": "TRIM_HORIZON",
                    "FunctionResponseTypes": ["ReportBatchItemFailures"],
                }),
            ),
        ),
        Trigger::Pool(name) => {
            let name = logical_id(name.trim_end_matches("_config"));
            ("Pool", event("Cognito", json!({"UserPool": {"Ref": "UserPool"}, "Trigger": name})))
        }
        Trigger::Socket(_) | Trigger::Authorizer | Trigger::Call => return None,
    })
}

/// YAML in blocks; texts are quoted where they could be taken for something else.
fn spell(value: &Value, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                out.push_str(&format!("{indent}{name}:"));
                below(member, depth, out);
            }
        }
        Value::Array(all) => {
            for one in all {
                let mut inner = String::new();
                spell(one, depth + 1, &mut inner);
                out.push_str(&format!("{indent}- {}", inner.trim_start()));
            }
        }
        other => out.push_str(&format!("{indent}{}\n", scalar(other))),
    }
}

fn below(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(_) | Value::Array(_) => {
            out.push('\n');
            spell(value, depth + 1, out);
        }
        other => out.push_str(&format!(" {}\n", scalar(other))),
    }
}

fn scalar(value: &Value) -> String {
    let Some(text) = value.as_str() else { return value.to_string() };
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./ ".contains(c))
        && !text.ends_with(' ')
        && !["true", "false", "null", "yes", "no", "on", "off"].contains(&text.to_lowercase().as_str());
    if plain { text.to_owned() } else { value.to_string() }
}
