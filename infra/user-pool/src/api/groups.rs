//! Groups and who is in them.

use serde_json::{Value, json};

use super::admin::seconds;
use super::request::Request;
use super::{Fault, Outcome};
use crate::Inner;
use crate::state::Group;

fn shown(inner: &Inner, name: &str, group: &Group) -> Value {
    let mut shown = json!({
        "GroupName": name, "UserPoolId": inner.settings.pool_id,
        "CreationDate": seconds(group.created_ms), "LastModifiedDate": seconds(group.created_ms),
    });
    if let Some(description) = &group.description {
        shown["Description"] = json!(description);
    }
    if let Some(precedence) = group.precedence {
        shown["Precedence"] = json!(precedence);
    }
    shown
}

pub(super) fn create(inner: &Inner, request: &Request) -> Outcome {
    request.pool(inner)?;
    let name = request.text("GroupName", 1, 128)?;
    let group = Group {
        description: request.optional("Description", 0, 2048)?,
        precedence: request.number("Precedence", 2_147_483_647)?,
        created_ms: inner.now_ms(),
    };
    inner.change(|state| {
        if state.groups.contains_key(&name) {
            return Err(Fault::new("GroupExistsException", "A group with the name already exists."));
        }
        let reply = json!({ "Group": shown(inner, &name, &group) });
        state.groups.insert(name, group);
        Ok(reply)
    })
}

pub(super) fn list(inner: &Inner, request: &Request) -> Outcome {
    request.pool(inner)?;
    let groups: Vec<Value> =
        inner.read(|state| state.groups.iter().map(|(name, group)| shown(inner, name, group)).collect());
    Ok(json!({ "Groups": groups }))
}

fn membership(inner: &Inner, request: &Request) -> Result<(String, String), Fault> {
    let user = request.administered(inner)?;
    let group = request.text("GroupName", 1, 128)?;
    if !inner.read(|state| state.groups.contains_key(&group)) {
        return Err(Fault::not_found("Group not found."));
    }
    Ok((user.username, group))
}

pub(super) fn add_user(inner: &Inner, request: &Request) -> Outcome {
    let (username, group) = membership(inner, request)?;
    inner.change(|state| {
        state.users.get_mut(&username).ok_or_else(Fault::no_user)?.groups.insert(group);
        Ok(json!({}))
    })
}

pub(super) fn remove_user(inner: &Inner, request: &Request) -> Outcome {
    let (username, group) = membership(inner, request)?;
    inner.change(|state| {
        state.users.get_mut(&username).ok_or_else(Fault::no_user)?.groups.remove(&group);
        Ok(json!({}))
    })
}

pub(super) fn of_user(inner: &Inner, request: &Request) -> Outcome {
    let user = request.administered(inner)?;
    let groups: Vec<Value> = inner.read(|state| {
        let of_user = user.groups.iter().filter_map(|name| state.groups.get_key_value(name));
        of_user.map(|(name, group)| shown(inner, name, group)).collect()
    });
    Ok(json!({ "Groups": groups }))
}
