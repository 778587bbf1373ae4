//! `infra/terraform/routes.json`: what Terraform makes functions, routes, schedules, triggers and roles from.

use edge::{Grant, Row, Trigger};
use serde_json::{Value, json};

pub(crate) fn document(rows: &[&'static Row]) -> Value {
    rows.iter().map(|row| one(row)).collect()
}

fn one(row: &Row) -> Value {
    let settings: Vec<&str> = row.all_needs().iter().map(|setting| setting.variable()).collect();
    json!({
        "name": row.name,
        "context": row.context(),
        "summary": row.summary,
        "trigger": trigger(row.trigger),
        "access": row.access.word(),
        "memory": row.memory_mb,
        "timeout": row.timeout_s,
        "settings": settings,
        "may": row.all_may().iter().map(grant).collect::<Vec<_>>(),
    })
}

fn trigger(trigger: Trigger) -> Value {
    match trigger {
        Trigger::Http { method, path } => json!({"type": "http", "method": method.word(), "path": path}),
        Trigger::Schedule(expression) => json!({"type": "schedule", "expression": expression}),
        Trigger::Bucket(prefix) => json!({"type": "bucket", "prefix": prefix}),
        Trigger::Stream => json!({"type": "stream"}),
        Trigger::Pool(name) => json!({"type": "pool", "name": name}),
        Trigger::Socket(route) => json!({"type": "socket", "route": route}),
        Trigger::Authorizer => json!({"type": "authorizer"}),
        Trigger::Call => json!({"type": "call"}),
    }
}

fn grant(grant: &Grant) -> Value {
    match grant {
        Grant::Table(action, prefixes) => json!({"on": "table", "action": action, "prefixes": prefixes}),
        Grant::Index(index, prefixes) => {
            json!({"on": "index", "index": index, "action": "Query", "prefixes": prefixes})
        }
        Grant::Bucket(action, prefix) => json!({"on": "bucket", "action": action, "prefix": prefix}),
        Grant::Pool(actions) => json!({"on": "pool", "actions": actions}),
        Grant::Connections(methods) => {
            let words: Vec<&str> = methods.iter().map(|method| method.word()).collect();
            json!({"on": "connections", "action": "ManageConnections", "methods": words})
        }
        Grant::Mail => json!({"on": "mail", "action": "SendEmail"}),
        Grant::Invoke(name) => json!({"on": "function", "action": "InvokeFunction", "name": name}),
    }
}
