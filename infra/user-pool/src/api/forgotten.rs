//! ForgotPassword, ConfirmForgotPassword.

use serde_json::json;

use super::request::{Request, check_secret};
use super::{Fault, Outcome};
use crate::Inner;
use crate::codes::{count_wrong, delivery, redeem, refuse_guessing};
use crate::passwords::conforms;
use crate::state::{Purpose, Status, User};
use crate::triggers::About;

/// Whether a code can reach this user. All others are answered as if they did not exist.
fn reachable(user: &User) -> bool {
    user.enabled && user.status == Status::Confirmed && user.email_verified()
}

pub(super) async fn forgot(inner: &Inner, request: &Request) -> Outcome {
    let client = request.client(inner)?;
    let name = request.username()?;
    check_secret(client, request.optional("SecretHash", 1, 128)?.as_deref(), &[&name])?;
    let metadata = request.metadata()?;
    let user = inner.read(|state| state.user(&name).cloned()).filter(reachable);
    let address = user.as_ref().and_then(User::email).unwrap_or(&name);
    if let Some(user) = &user {
        let about = About { source: "CustomMessage_ForgotPassword", username: &user.username, client_id: &client.id };
        inner.mail_code(about, Purpose::ForgotPassword, address, &metadata).await?;
    }
    Ok(json!({ "CodeDeliveryDetails": delivery(address) }))
}

pub(super) async fn confirm(inner: &Inner, request: &Request) -> Outcome {
    let client = request.client(inner)?;
    let name = request.username()?;
    check_secret(client, request.optional("SecretHash", 1, 128)?.as_deref(), &[&name])?;
    let code = request.text("ConfirmationCode", 1, 2048)?;
    let password = request.text("Password", 1, 256)?;
    let metadata = request.metadata()?;
    conforms(&password)?;
    let now_ms = inner.now_ms();
    let known = inner.read(|state| state.user(&name).map(|user| user.username.clone()));
    let verifier = inner.enroll(known.as_deref().unwrap_or(&name), &password);

    let user = inner.change(|state| {
        let Some(user) = state.user(&name).filter(|user| reachable(user)) else {
            refuse_guessing(state, &name, now_ms)?;
            count_wrong(state, &name, now_ms);
            return Err(Fault::code_mismatch());
        };
        let username = user.username.clone();
        redeem(state, &username, Purpose::ForgotPassword, &code, now_ms)?;
        state.wrong_passwords.remove(&username);
        let user = state.users.get_mut(&username).ok_or_else(Fault::no_user)?;
        user.password = Some(verifier);
        user.modified_ms = now_ms;
        Ok(user.clone())
    })?;
    inner.post_confirmation("PostConfirmation_ConfirmForgotPassword", &client.id, &user, &metadata).await?;
    Ok(json!({}))
}
