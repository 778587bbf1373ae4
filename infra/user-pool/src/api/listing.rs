//! ListUsers, with the filters Cognito knows.

use std::ops::Bound;

use serde_json::{Value, json};

use super::admin::user_type;
use super::request::Request;
use super::{Fault, Outcome};
use crate::Inner;
use crate::crypto::{base64url, from_base64url};
use crate::state::User;

const MOST: u64 = 60;

/// `attribute = "value"`, or `^=` for a beginning.
struct Filter {
    attribute: String,
    begins: bool,
    value: String,
}

impl Filter {
    fn parse(text: &str) -> Result<Self, Fault> {
        let broken = || Fault::invalid("One or more user attributes filter is malformed.");
        let (attribute, value) = text.split_once('=').ok_or_else(broken)?;
        let (attribute, begins) = attribute.trim().strip_suffix('^').map_or((attribute, false), |name| (name, true));
        let attribute = attribute.trim().trim_matches('"').to_owned();
        let quoted = value.trim().strip_prefix('"').and_then(|value| value.strip_suffix('"')).ok_or_else(broken)?;
        let known = [
            "username",
            "sub",
            "email",
            "name",
            "given_name",
            "family_name",
            "preferred_username",
            "phone_number",
            "cognito:user_status",
            "status",
        ];
        if !known.contains(&attribute.as_str()) {
            return Err(Fault::invalid(format!("Attribute {attribute} is not searchable.")));
        }
        Ok(Self { attribute, begins, value: quoted.replace("\\\"", "\"").replace("\\\\", "\\") })
    }

    fn takes(&self, user: &User) -> bool {
        let held = match self.attribute.as_str() {
            "username" => Some(user.username.as_str()),
            "cognito:user_status" => Some(user.status.name()),
            "status" => Some(if user.enabled { "Enabled" } else { "Disabled" }),
            name => user.attributes.get(name).map(String::as_str),
        };
        held.is_some_and(|held| {
            let (held, value) = (held.to_lowercase(), self.value.to_lowercase());
            if self.begins { held.starts_with(&value) } else { held == value }
        })
    }
}

pub(super) fn users(inner: &Inner, request: &Request) -> Outcome {
    request.pool(inner)?;
    let limit = request.number("Limit", MOST)?.filter(|limit| *limit > 0).unwrap_or(MOST);
    let filter = request.optional("Filter", 0, 256)?.filter(|text| !text.trim().is_empty());
    let filter = filter.as_deref().map(Filter::parse).transpose()?;
    let wanted = request.names("AttributesToGet")?;
    let after = match request.optional("PaginationToken", 1, 4096)? {
        None => None,
        Some(token) => {
            let name = from_base64url(&token).and_then(|bytes| String::from_utf8(bytes).ok());
            Some(name.ok_or_else(|| Fault::invalid("Invalid pagination token"))?)
        }
    };
    let limit = usize::try_from(limit).unwrap_or(60);
    let mut page: Vec<User> = inner.read(|state| {
        let from = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let users = state.users.range::<str, _>((from, Bound::Unbounded)).map(|(_, user)| user);
        let taken = users.filter(|user| filter.as_ref().is_none_or(|filter| filter.takes(user)));
        taken.take(limit + 1).cloned().collect()
    });
    let more = page.len() > limit;
    page.truncate(limit);
    let next = page.last().filter(|_| more).map(|last| base64url(last.username.as_bytes()));
    let shown: Vec<Value> = page.iter().map(|user| only(user_type(user), &wanted)).collect();
    let mut reply = json!({ "Users": shown });
    if let Some(next) = next {
        reply["PaginationToken"] = json!(next);
    }
    Ok(reply)
}

fn only(mut user: Value, wanted: &[String]) -> Value {
    if !wanted.is_empty()
        && let Some(attributes) = user["Attributes"].as_array_mut()
    {
        attributes.retain(|attribute| wanted.iter().any(|name| attribute["Name"] == name.as_str()));
    }
    user
}
