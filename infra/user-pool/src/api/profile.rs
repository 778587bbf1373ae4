//! GetUser, UpdateUserAttributes and the proof of a new e-mail address.
//!
//! A new address waits until its code comes back; until then the old one stays and signs in
//! (`AttributesRequireVerificationBeforeUpdate = [email]`).

use serde_json::{Value, json};

use super::request::Request;
use super::{Fault, Outcome};
use crate::Inner;
use crate::codes::{delivery, redeem};
use crate::state::{Purpose, Status, User};
use crate::triggers::About;

/// `[{Name, Value}]`, `sub` first as Cognito has it.
pub(super) fn attribute_list(user: &User) -> Value {
    let mut shown: Vec<(String, String)> = user.shown_attributes().into_iter().collect();
    shown.sort_by_key(|(name, _)| name != "sub");
    shown.into_iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect()
}

pub(super) fn get(inner: &Inner, request: &Request) -> Outcome {
    let user = request.bearer(inner)?;
    Ok(json!({ "Username": user.username, "UserAttributes": attribute_list(&user) }))
}

pub(super) async fn update(inner: &Inner, request: &Request) -> Outcome {
    let user = request.bearer(inner)?;
    let mut attributes = request.attributes(false)?;
    let metadata = request.metadata()?;
    let new_email = attributes.remove("email").filter(|email| user.email() != Some(email));
    let now_ms = inner.now_ms();
    inner.change(|state| {
        if let Some(email) = &new_email {
            let owner = state.owner_of(email).map(|owner| owner.username.clone());
            if user.status != Status::ExternalProvider && owner.is_some_and(|owner| owner != user.username) {
                return Err(Fault::new("AliasExistsException", "An account with the given email already exists."));
            }
        }
        let user = state.users.get_mut(&user.username).ok_or_else(Fault::no_user)?;
        user.attributes.extend(attributes);
        user.modified_ms = now_ms;
        Ok(())
    })?;
    let mut details = Vec::new();
    if let Some(email) = &new_email {
        let about = About {
            source: "CustomMessage_UpdateUserAttribute",
            username: &user.username,
            client_id: &client_of(inner, request),
        };
        inner.mail_code(about, Purpose::Email, email, &metadata).await?;
        details.push(delivery(email));
    }
    Ok(json!({ "CodeDeliveryDetailsList": details }))
}

/// The client an access token was issued to.
fn client_of(inner: &Inner, request: &Request) -> String {
    let token = request.text("AccessToken", 1, 16_384).unwrap_or_default();
    let claims = inner.key.verify(&token).unwrap_or_default();
    claims["client_id"].as_str().unwrap_or_default().to_owned()
}

pub(super) fn delete_attributes(inner: &Inner, request: &Request) -> Outcome {
    let user = request.bearer(inner)?;
    let names = request.names("UserAttributeNames")?;
    if let Some(name) =
        names.iter().find(|name| matches!(name.as_str(), "sub" | "email" | "email_verified" | "identities"))
    {
        return Err(Fault::invalid(format!("user.{name}: Attribute cannot be deleted.")));
    }
    inner.change(|state| {
        let user = state.users.get_mut(&user.username).ok_or_else(Fault::no_user)?;
        user.attributes.retain(|name, _| !names.contains(name));
        Ok(json!({}))
    })
}

fn only_email(request: &Request) -> Result<(), Fault> {
    match request.text("AttributeName", 1, 32)?.as_str() {
        "email" => Ok(()),
        name => Err(Fault::invalid(format!("Invalid attribute name {name}: only email can be verified."))),
    }
}

pub(super) async fn send_code(inner: &Inner, request: &Request) -> Outcome {
    let user = request.bearer(inner)?;
    only_email(request)?;
    let metadata = request.metadata()?;
    // The address that waits, or else the one in place.
    let waiting = user.codes.get(&Purpose::Email).map(|kept| kept.address.clone());
    let address = waiting.or_else(|| user.email().map(str::to_owned));
    let address = address.ok_or_else(|| Fault::invalid("User has no email to verify."))?;
    let about = About {
        source: "CustomMessage_VerifyUserAttribute",
        username: &user.username,
        client_id: &client_of(inner, request),
    };
    inner.mail_code(about, Purpose::Email, &address, &metadata).await?;
    Ok(json!({ "CodeDeliveryDetails": delivery(&address) }))
}

pub(super) fn verify(inner: &Inner, request: &Request) -> Outcome {
    let user = request.bearer(inner)?;
    only_email(request)?;
    let code = request.text("Code", 1, 2048)?;
    let now_ms = inner.now_ms();
    inner.change(|state| {
        let address = redeem(state, &user.username, Purpose::Email, &code, now_ms)?;
        let owner = state.owner_of(&address).map(|owner| owner.username.clone());
        if user.status != Status::ExternalProvider && owner.is_some_and(|owner| owner != user.username) {
            return Err(Fault::new("AliasExistsException", "An account with the given email already exists."));
        }
        let user = state.users.get_mut(&user.username).ok_or_else(Fault::no_user)?;
        user.attributes.insert("email".to_owned(), address);
        user.attributes.insert("email_verified".to_owned(), "true".to_owned());
        user.modified_ms = now_ms;
        Ok(json!({}))
    })
}
