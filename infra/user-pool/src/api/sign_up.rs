//! SignUp, ConfirmSignUp, ResendConfirmationCode.

use serde_json::{Value, json};

use super::request::{Request, check_secret, is_email};
use super::{Fault, Outcome};
use crate::Inner;
use crate::codes::{count_wrong, delivery, redeem, refuse_guessing};
use crate::crypto::uuid;
use crate::passwords::conforms;
use crate::state::{Purpose, Status, User};
use crate::triggers::About;

pub(super) async fn sign_up(inner: &Inner, request: &Request) -> Outcome {
    let client = request.client(inner)?;
    let email = request.username()?;
    check_secret(client, request.optional("SecretHash", 1, 128)?.as_deref(), &[&email])?;
    let password = request.text("Password", 1, 256)?;
    let mut attributes = request.attributes(false)?;
    let validation = request.pairs("ValidationData")?;
    let metadata = request.metadata()?;
    if !is_email(&email) {
        return Err(Fault::invalid("Username should be an email."));
    }
    if attributes.get("email").is_some_and(|other| other.to_lowercase() != email.to_lowercase()) {
        return Err(Fault::invalid("Attribute email must be the username."));
    }
    conforms(&password)?;
    attributes.insert("email".to_owned(), email.clone());
    inner.read(|state| if state.owner_of(&email).is_some() { Err(Fault::email_taken()) } else { Ok(()) })?;

    let username = uuid();
    let about = About { source: "PreSignUp_SignUp", username: &username, client_id: &client.id };
    let decision = inner.pre_sign_up(about, &attributes, json!(validation), &metadata).await?;

    attributes.insert("sub".to_owned(), username.clone());
    attributes.insert("email_verified".to_owned(), (decision.confirm && decision.verify_email).to_string());
    let now_ms = inner.now_ms();
    let user = User {
        username: username.clone(),
        attributes,
        status: if decision.confirm { Status::Confirmed } else { Status::Unconfirmed },
        enabled: true,
        created_ms: now_ms,
        modified_ms: now_ms,
        password: Some(inner.enroll(&username, &password)),
        identities: Vec::new(),
        groups: Default::default(),
        codes: Default::default(),
    };
    inner.change(|state| {
        // Somebody may have taken the address while the function ran.
        if state.owner_of(&email).is_some() {
            return Err(Fault::email_taken());
        }
        state.users.insert(username.clone(), user.clone());
        Ok(())
    })?;

    let mut reply = json!({ "UserConfirmed": decision.confirm, "UserSub": username });
    if decision.confirm {
        inner.post_confirmation("PostConfirmation_ConfirmSignUp", &client.id, &user, &metadata).await?;
    } else {
        let about = About { source: "CustomMessage_SignUp", username: &username, client_id: &client.id };
        inner.mail_code(about, Purpose::SignUp, &email, &metadata).await?;
        reply["CodeDeliveryDetails"] = delivery(&email);
    }
    Ok(reply)
}

pub(super) async fn confirm(inner: &Inner, request: &Request) -> Outcome {
    let client = request.client(inner)?;
    let name = request.username()?;
    check_secret(client, request.optional("SecretHash", 1, 128)?.as_deref(), &[&name])?;
    let code = request.text("ConfirmationCode", 1, 2048)?;
    let metadata = request.metadata()?;
    let now_ms = inner.now_ms();

    let user = inner.change(|state| {
        let Some(user) = state.user(&name).filter(|user| user.enabled) else {
            refuse_guessing(state, &name, now_ms)?;
            count_wrong(state, &name, now_ms);
            return Err(Fault::expired_code());
        };
        if user.status != Status::Unconfirmed {
            let status = user.status.name();
            return Err(Fault::not_authorized(format!("User cannot be confirmed. Current status is {status}")));
        }
        let username = user.username.clone();
        let address = redeem(state, &username, Purpose::SignUp, &code, now_ms)?;
        let user = state.users.get_mut(&username).ok_or_else(Fault::no_user)?;
        user.status = Status::Confirmed;
        if user.email() == Some(&address) {
            user.attributes.insert("email_verified".to_owned(), "true".to_owned());
        }
        user.modified_ms = now_ms;
        Ok(user.clone())
    })?;
    // The user stays confirmed when the function fails; only the caller hears of it.
    inner.post_confirmation("PostConfirmation_ConfirmSignUp", &client.id, &user, &metadata).await?;
    Ok(json!({}))
}

pub(super) async fn resend(inner: &Inner, request: &Request) -> Outcome {
    let client = request.client(inner)?;
    let name = request.username()?;
    check_secret(client, request.optional("SecretHash", 1, 128)?.as_deref(), &[&name])?;
    let metadata = request.metadata()?;
    let user = inner.read(|state| state.user(&name).cloned()).filter(|user| user.enabled);
    let address: Value = match user {
        None => delivery(&name),
        Some(user) if user.status != Status::Unconfirmed => {
            return Err(Fault::invalid("User is already confirmed."));
        }
        Some(user) => {
            let address = user.email().unwrap_or_default().to_owned();
            let about = About { source: "CustomMessage_ResendCode", username: &user.username, client_id: &client.id };
            inner.mail_code(about, Purpose::SignUp, &address, &metadata).await?;
            delivery(&address)
        }
    };
    Ok(json!({ "CodeDeliveryDetails": address }))
}
