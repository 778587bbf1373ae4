//! POST /oauth2/token and /oauth2/revoke.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::{basic_credentials, oauth_error, open_to_all, pkce_holds};
use crate::crypto::same;
use crate::params::Params;
use crate::tokens::{Entry, Issued, Stale, TOKEN_S};
use crate::{AppClient, Inner};

/// The client that calls, if it proves to be it.
fn client<'a>(inner: &'a Inner, headers: &HeaderMap, form: &Params) -> Result<&'a AppClient, &'static str> {
    let basic = basic_credentials(headers);
    let (id, secret) = match &basic {
        Some((id, secret)) => (id.as_str(), Some(secret.as_str())),
        None => (form.text("client_id"), form.get("client_secret")),
    };
    if id.is_empty() {
        return Err("invalid_request");
    }
    if form.get("client_id").is_some_and(|named| named != id) {
        return Err("invalid_client");
    }
    let client = inner.client(id).ok_or("invalid_client")?;
    let proven = match &client.secret {
        None => true,
        Some(wanted) => secret.is_some_and(|secret| same(secret.as_bytes(), wanted.as_bytes())),
    };
    if proven { Ok(client) } else { Err("invalid_client") }
}

pub(super) async fn exchange(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: String) -> Response {
    let form = Params::parse(&body);
    let client = match client(&inner, &headers, &form) {
        Ok(client) => client,
        Err(error) => return oauth_error(error, None),
    };
    let issued = match form.text("grant_type") {
        "authorization_code" => by_code(&inner, client, &form).await,
        "refresh_token" => by_refresh_token(&inner, client, &form).await,
        "" => Err(("invalid_request", None)),
        "client_credentials" => Err(("unauthorized_client", None)),
        _ => Err(("unsupported_grant_type", None)),
    };
    match issued {
        Ok(issued) => {
            let mut body = json!({
                "access_token": issued.access, "expires_in": TOKEN_S, "token_type": "Bearer",
            });
            if issued.scopes.iter().any(|scope| scope == "openid") {
                body["id_token"] = json!(issued.id);
            }
            if let Some(refresh) = &issued.refresh {
                body["refresh_token"] = json!(refresh);
            }
            open_to_all(([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
        }
        Err((error, description)) => oauth_error(error, description.as_deref()),
    }
}

type Refused = (&'static str, Option<String>);

async fn by_code(inner: &Inner, client: &AppClient, form: &Params) -> Result<Issued, Refused> {
    let (Some(code), Some(redirect_uri)) = (form.get("code"), form.get("redirect_uri")) else {
        return Err(("invalid_request", None));
    };
    // Taken before anything else is checked: a code that was presented wrongly is spent.
    let grant = inner.flight().grants.take(code, inner.now_ms()).ok_or(("invalid_grant", None))?;
    let asked = &grant.request;
    if asked.client_id != client.id
        || asked.redirect_uri != redirect_uri
        || !pkce_holds(asked.code_challenge.as_deref(), form.get("code_verifier"))
    {
        return Err(("invalid_grant", None));
    }
    let entry = Entry {
        client,
        username: &grant.username,
        scopes: grant.request.scopes.clone(),
        auth_time_s: grant.auth_time_s,
        hosted: true,
        nonce: grant.request.nonce.clone(),
        metadata: None,
    };
    inner.enter(entry).await.map_err(|fault| ("invalid_grant", Some(fault.message)))
}

async fn by_refresh_token(inner: &Inner, client: &AppClient, form: &Params) -> Result<Issued, Refused> {
    let token = form.get("refresh_token").ok_or(("invalid_request", None))?;
    let issued = inner.refresh(client, token, &None).await.map_err(|fault| ("invalid_grant", Some(fault.message)))?;
    issued.map_err(|stale| {
        let why = match stale {
            Stale::Expired => "Refresh Token has expired",
            Stale::Revoked | Stale::Reused => "Refresh Token has been revoked",
            Stale::Unknown | Stale::OtherClient => "Invalid Refresh Token",
        };
        ("invalid_grant", Some(why.to_owned()))
    })
}

pub(super) async fn revoke(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: String) -> Response {
    let form = Params::parse(&body);
    let client = match client(&inner, &headers, &form) {
        Ok(client) => client,
        Err(error) => return oauth_error(error, None),
    };
    let Some(token) = form.get("token") else {
        return oauth_error("invalid_request", None);
    };
    if inner.key.verify(token).is_some() {
        return oauth_error("unsupported_token_type", None);
    }
    match inner.revoke(client, token) {
        Ok(true) => open_to_all(StatusCode::OK.into_response()),
        Ok(false) => oauth_error("invalid_client", None),
        Err(fault) => oauth_error("server_error", Some(&fault.message)),
    }
}
