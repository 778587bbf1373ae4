//! InitiateAuth, RespondToAuthChallenge and their administrators' twins.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::refreshing::{by_refresh_token, rotation_refused};
use super::request::{Request, check_secret};
use super::{Fault, Outcome};
use crate::crypto::{base64, from_base64, random_text, same, uuid_of};
use crate::flight::{CHALLENGE_MS, NewPassword, SrpChallenge};
use crate::passwords::{conforms, count, may_enter, refuse_locked};
use crate::state::{Status, User};
use crate::tokens::{Entry, SELF_SCOPE};
use crate::triggers::Metadata;
use crate::{AppClient, Inner, srp};

type Texts = BTreeMap<String, String>;

fn needed<'a>(texts: &'a Texts, name: &str) -> Result<&'a str, Fault> {
    let text = texts.get(name).map(String::as_str).filter(|text| !text.is_empty());
    text.ok_or_else(|| Fault::invalid(format!("Missing required parameter {name}")))
}

fn username(texts: &Texts) -> Result<&str, Fault> {
    let name = needed(texts, "USERNAME")?;
    if name.chars().count() > 128 {
        return Err(Fault::invalid("Parameter USERNAME must have length less than or equal to 128"));
    }
    Ok(name)
}

pub(super) async fn initiate(inner: &Inner, request: &Request, admin: bool) -> Outcome {
    if admin {
        request.pool(inner)?;
    }
    let client = request.client(inner)?;
    let flow = request.text("AuthFlow", 1, 128)?;
    let parameters = request.map("AuthParameters")?.unwrap_or_default();
    let metadata = request.metadata()?;
    let secret_hash = parameters.get("SECRET_HASH").map(String::as_str);
    match (flow.as_str(), admin) {
        ("USER_PASSWORD_AUTH", false) | ("ADMIN_USER_PASSWORD_AUTH" | "ADMIN_NO_SRP_AUTH", true) => {
            let name = username(&parameters)?;
            check_secret(client, secret_hash, &[name])?;
            let password = needed(&parameters, "PASSWORD")?;
            if password.chars().count() > 256 {
                return Err(Fault::invalid("Parameter PASSWORD must have length less than or equal to 256"));
            }
            let user = inner.check_password(client, name, password, &metadata).await?;
            // The metadata of this call goes to the functions before the sign-in, not to those after it.
            admit(inner, client, &user, None).await
        }
        ("USER_SRP_AUTH", _) => {
            let name = username(&parameters)?;
            check_secret(client, secret_hash, &[name])?;
            challenge(inner, client, name, needed(&parameters, "SRP_A")?, &metadata).await
        }
        ("REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN", _) => {
            if client.refresh_rotation {
                return Err(rotation_refused());
            }
            let token = needed(&parameters, "REFRESH_TOKEN")?;
            by_refresh_token(inner, client, token, secret_hash, &None).await
        }
        _ => Err(Fault::invalid("Initiate Auth method not supported.")),
    }
}

async fn challenge(inner: &Inner, client: &AppClient, name: &str, srp_a: &str, metadata: &Metadata) -> Outcome {
    let now_ms = inner.now_ms();
    let user = inner.read(|state| {
        refuse_locked(state, name, now_ms)?;
        Ok::<_, Fault>(state.user(name).cloned())
    })?;
    let client_public = srp::client_public(srp_a).ok_or_else(|| Fault::invalid("Invalid SRP_A value."))?;
    if let Some(user) = &user {
        if !user.enabled {
            return Err(Fault::not_authorized("User is disabled."));
        }
        inner.pre_authentication(&client.id, user, metadata).await?;
    }
    let verifier = user.as_ref().and_then(|user| user.password.clone()).unwrap_or_else(|| inner.decoy(name));
    let user_id = user
        .as_ref()
        .map_or_else(|| uuid_of(inner.settings.pool_id.as_bytes(), &name.to_lowercase()), |user| user.username.clone());
    let server = srp::begin(&verifier);
    let block = base64(random_text(512).as_bytes());
    let reply = json!({
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeParameters": {
            "SALT": verifier.salt, "SECRET_BLOCK": block, "SRP_B": server.public.to_str_radix(16),
            "USERNAME": user_id, "USER_ID_FOR_SRP": user_id,
        },
    });
    let challenge = SrpChallenge {
        client_id: client.id.clone(),
        typed: name.to_owned(),
        user_id,
        username: user.map(|user| user.username),
        verifier,
        client_public,
        server,
    };
    inner.flight().srp.put(block, now_ms, CHALLENGE_MS, challenge);
    Ok(reply)
}

pub(super) async fn respond(inner: &Inner, request: &Request, admin: bool) -> Outcome {
    if admin {
        request.pool(inner)?;
    }
    let client = request.client(inner)?;
    let name = request.text("ChallengeName", 1, 128)?;
    let answers = request.map("ChallengeResponses")?.unwrap_or_default();
    let metadata = request.metadata()?;
    match name.as_str() {
        "PASSWORD_VERIFIER" => prove(inner, client, &answers, metadata).await,
        "NEW_PASSWORD_REQUIRED" => {
            let session = request.text("Session", 20, 2048)?;
            choose(inner, client, &answers, &session, metadata).await
        }
        _ => Err(Fault::invalid("Invalid challenge name.")),
    }
}

async fn prove(inner: &Inner, client: &AppClient, answers: &Texts, metadata: Metadata) -> Outcome {
    let named = username(answers)?;
    let block = needed(answers, "PASSWORD_CLAIM_SECRET_BLOCK")?;
    let presented = needed(answers, "PASSWORD_CLAIM_SIGNATURE")?;
    let timestamp = needed(answers, "TIMESTAMP")?;
    let now_ms = inner.now_ms();
    let open = inner.flight().srp.take(block, now_ms).filter(|open| open.client_id == client.id);
    let open = open.ok_or_else(Fault::wrong_password)?;
    check_secret(client, answers.get("SECRET_HASH").map(String::as_str), &[named, &open.typed, &open.user_id])?;
    if named != open.typed && named != open.user_id {
        return Err(Fault::wrong_password());
    }
    inner.read(|state| refuse_locked(state, &open.typed, now_ms))?;

    let key = srp::session_key(&open.verifier, &open.client_public, &open.server);
    let block = from_base64(block).unwrap_or_default();
    let wanted = srp::signature(&key, inner.pool_name(), &open.user_id, &block, timestamp);
    let right = same(wanted.as_bytes(), presented.as_bytes()) && open.username.is_some();
    inner.change(|state| count(state, &open.typed, right, now_ms))?;
    let user = inner.read(|state| open.username.and_then(|name| state.users.get(&name).cloned()));
    admit(inner, client, &user.ok_or_else(Fault::wrong_password)?, metadata).await
}

/// Lets someone in who proved the password: tokens, or the demand for a new one.
async fn admit(inner: &Inner, client: &AppClient, user: &User, metadata: Metadata) -> Outcome {
    may_enter(user)?;
    if user.status == Status::ForceChangePassword {
        let session = random_text(48);
        let held = NewPassword { client_id: client.id.clone(), username: user.username.clone() };
        inner.flight().new_passwords.put(session.clone(), inner.now_ms(), CHALLENGE_MS, held);
        return Ok(json!({
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "Session": session,
            "ChallengeParameters": {
                "USER_ID_FOR_SRP": user.username, "requiredAttributes": "[]",
                "userAttributes": json!(user.attributes).to_string(),
            },
        }));
    }
    enter(inner, client, user, metadata).await
}

async fn enter(inner: &Inner, client: &AppClient, user: &User, metadata: Metadata) -> Outcome {
    inner.post_authentication(&client.id, user, &metadata).await?;
    let entry = Entry {
        client,
        username: &user.username,
        scopes: vec![SELF_SCOPE.to_owned()],
        auth_time_s: inner.now_ms() / 1000,
        hosted: false,
        nonce: None,
        metadata,
    };
    let issued = inner.enter(entry).await?;
    Ok(
        json!({ "AuthenticationResult": issued.authentication_result(), "ChallengeParameters": Value::Object(Default::default()) }),
    )
}

async fn choose(inner: &Inner, client: &AppClient, answers: &Texts, session: &str, metadata: Metadata) -> Outcome {
    let named = username(answers)?;
    let password = needed(answers, "NEW_PASSWORD")?;
    let now_ms = inner.now_ms();
    let held = inner.flight().new_passwords.get(session, now_ms).filter(|held| held.client_id == client.id);
    let held = held.ok_or_else(|| Fault::not_authorized("Invalid session for the user, session is expired."))?;
    let email = inner.read(|state| state.user(&held.username).and_then(User::email).unwrap_or_default().to_owned());
    check_secret(client, answers.get("SECRET_HASH").map(String::as_str), &[named, &held.username])?;
    if named != held.username && named.to_lowercase() != email.to_lowercase() {
        return Err(Fault::not_authorized("Invalid session for the user."));
    }
    conforms(password)?;
    inner.flight().new_passwords.take(session, now_ms);
    let verifier = inner.enroll(&held.username, password);
    let user = inner.change(|state| {
        let user = state.users.get_mut(&held.username).ok_or_else(Fault::no_user)?;
        user.password = Some(verifier);
        user.status = Status::Confirmed;
        user.modified_ms = now_ms;
        Ok(user.clone())
    })?;
    may_enter(&user)?;
    enter(inner, client, &user, metadata).await
}
