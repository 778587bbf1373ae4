//! What an administrator does to users.

use serde_json::{Value, json};

use super::profile::attribute_list;
use super::request::{Request, is_email};
use super::{Fault, Outcome};
use crate::Inner;
use crate::crypto::{random_text, uuid};
use crate::passwords::conforms;
use crate::state::{Status, User};
use crate::triggers::{About, NO_CLIENT};

/// Seconds with a fraction, as the API writes times.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since the epoch fit a double for 285,000 years")]
pub(super) fn seconds(ms: i64) -> Value {
    json!(ms as f64 / 1000.0)
}

/// `UserType`; the attributes go by another name than in AdminGetUser.
pub(super) fn user_type(user: &User) -> Value {
    json!({
        "Username": user.username, "Attributes": attribute_list(user), "Enabled": user.enabled,
        "UserStatus": user.status.name(), "UserCreateDate": seconds(user.created_ms),
        "UserLastModifiedDate": seconds(user.modified_ms),
    })
}

pub(super) fn get(inner: &Inner, request: &Request) -> Outcome {
    let user = request.administered(inner)?;
    let mut shown = user_type(&user);
    if let Some(shown) = shown.as_object_mut() {
        let attributes = shown.remove("Attributes").unwrap_or_default();
        shown.insert("UserAttributes".to_owned(), attributes);
    }
    Ok(shown)
}

pub(super) async fn create(inner: &Inner, request: &Request) -> Outcome {
    request.pool(inner)?;
    let email = request.username()?;
    let mut attributes = request.attributes(true)?;
    let metadata = request.metadata()?;
    let validation = request.pairs("ValidationData")?;
    let quiet = request.optional("MessageAction", 1, 16)?;
    let temporary = request.optional("TemporaryPassword", 1, 256)?;
    if !is_email(&email) {
        return Err(Fault::invalid("Username should be an email."));
    }
    let temporary = temporary.unwrap_or_else(|| format!("{}a1!", random_text(9)));
    conforms(&temporary)?;
    attributes.insert("email".to_owned(), email.clone());
    attributes.entry("email_verified".to_owned()).or_insert_with(|| "false".to_owned());
    inner.read(|state| if state.owner_of(&email).is_some() { Err(Fault::email_taken()) } else { Ok(()) })?;

    let username = uuid();
    let about = About { source: "PreSignUp_AdminCreateUser", username: &username, client_id: NO_CLIENT };
    let decision = inner.pre_sign_up(about, &attributes, json!(validation), &metadata).await?;
    if decision.verify_email {
        attributes.insert("email_verified".to_owned(), "true".to_owned());
    }
    attributes.insert("sub".to_owned(), username.clone());
    let now_ms = inner.now_ms();
    let user = User {
        username: username.clone(),
        attributes,
        status: Status::ForceChangePassword,
        enabled: true,
        created_ms: now_ms,
        modified_ms: now_ms,
        password: Some(inner.enroll(&username, &temporary)),
        identities: Vec::new(),
        groups: Default::default(),
        codes: Default::default(),
    };
    let shown = user_type(&user);
    inner.change(|state| {
        if state.owner_of(&email).is_some() {
            return Err(Fault::email_taken());
        }
        state.users.insert(username.clone(), user);
        Ok(())
    })?;
    if quiet.as_deref() != Some("SUPPRESS") {
        let about = About { source: "CustomMessage_AdminCreateUser", username: &username, client_id: NO_CLIENT };
        inner.mail_text(about, &email, &temporary, &metadata).await?;
    }
    Ok(json!({ "User": shown }))
}

/// Changes the user the request is about.
fn change(inner: &Inner, request: &Request, change: impl FnOnce(&mut User) -> Result<(), Fault>) -> Outcome {
    let username = request.administered(inner)?.username;
    let now_ms = inner.now_ms();
    inner.change(|state| {
        let user = state.users.get_mut(&username).ok_or_else(Fault::no_user)?;
        change(user)?;
        user.modified_ms = now_ms;
        Ok(json!({}))
    })
}

pub(super) fn set_password(inner: &Inner, request: &Request) -> Outcome {
    let password = request.text("Password", 1, 256)?;
    let permanent = request.flag("Permanent")?;
    conforms(&password)?;
    let username = request.administered(inner)?.username;
    let verifier = inner.enroll(&username, &password);
    inner.change(|state| {
        state.wrong_passwords.remove(&username);
        Ok(())
    })?;
    change(inner, request, |user| {
        user.password = Some(verifier);
        if user.status != Status::ExternalProvider {
            user.status = if permanent { Status::Confirmed } else { Status::ForceChangePassword };
        }
        Ok(())
    })
}

pub(super) async fn confirm(inner: &Inner, request: &Request) -> Outcome {
    let metadata = request.metadata()?;
    let username = request.administered(inner)?.username;
    change(inner, request, |user| {
        if user.status != Status::Unconfirmed {
            let status = user.status.name();
            return Err(Fault::not_authorized(format!("User cannot be confirmed. Current status is {status}")));
        }
        // An administrator confirms the user, not the address.
        user.status = Status::Confirmed;
        Ok(())
    })?;
    let user = inner.read(|state| state.users.get(&username).cloned()).ok_or_else(Fault::no_user)?;
    inner.post_confirmation("PostConfirmation_ConfirmSignUp", NO_CLIENT, &user, &metadata).await?;
    Ok(json!({}))
}

pub(super) fn update_attributes(inner: &Inner, request: &Request) -> Outcome {
    let attributes = request.attributes(true)?;
    let user = request.administered(inner)?;
    if let Some(email) = attributes.get("email") {
        let owner = inner.read(|state| state.owner_of(email).map(|owner| owner.username.clone()));
        if user.status != Status::ExternalProvider && owner.is_some_and(|owner| owner != user.username) {
            return Err(Fault::new("AliasExistsException", "An account with the given email already exists."));
        }
    }
    change(inner, request, |user| {
        if attributes.get("email").is_some_and(|email| user.email() != Some(email)) {
            user.attributes.insert("email_verified".to_owned(), "false".to_owned());
        }
        user.attributes.extend(attributes);
        Ok(())
    })
}

pub(super) fn delete(inner: &Inner, request: &Request) -> Outcome {
    let username = request.administered(inner)?.username;
    inner.change(|state| {
        state.remove(&username);
        Ok(json!({}))
    })
}

pub(super) fn set_enabled(inner: &Inner, request: &Request, enabled: bool) -> Outcome {
    let username = request.administered(inner)?.username;
    if !enabled {
        inner.change(|state| {
            state.sign_out(&username);
            Ok(())
        })?;
    }
    change(inner, request, |user| {
        user.enabled = enabled;
        Ok(())
    })
}

pub(super) fn sign_out(inner: &Inner, request: &Request) -> Outcome {
    let username = request.administered(inner)?.username;
    inner.change(|state| {
        state.sign_out(&username);
        Ok(json!({}))
    })
}
