//! The hosted sign-in: what a browser or an OAuth client calls.

mod authorize;
mod discovery;
mod federation;
mod login;
mod logout;
mod token;
mod userinfo;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use percent_encoding::percent_decode_str;
use serde_json::json;

use crate::crypto::{base64url, from_base64, same, sha256};
use crate::{AppClient, Inner, providers};

pub(crate) use federation::provider_group;

pub(crate) fn router(inner: Arc<Inner>) -> Router {
    let well_known = format!("/{}/.well-known", inner.settings.pool_id);
    Router::new()
        .route("/oauth2/authorize", get(authorize::show))
        .route("/oauth2/idpresponse", get(federation::arrive))
        .route("/oauth2/token", post(token::exchange).options(preflight))
        .route("/oauth2/revoke", post(token::revoke).options(preflight))
        .route("/oauth2/userInfo", get(userinfo::show).post(userinfo::show).options(preflight))
        .route("/login", get(login::show).post(login::submit))
        .route("/logout", get(logout::leave))
        .route(&format!("{well_known}/jwks.json"), get(discovery::keys))
        .route(&format!("{well_known}/openid-configuration"), get(discovery::configuration))
        .merge(providers::router())
        .with_state(inner)
}

/// A redirect as Cognito sends it.
pub(crate) fn redirect(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => (
            StatusCode::FOUND,
            [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        )
            .into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// Lets every origin read the answer, as Cognito does for its token endpoints and keys.
fn open_to_all(mut response: Response) -> Response {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

async fn preflight() -> Response {
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    open_to_all((StatusCode::NO_CONTENT, allowed).into_response())
}

/// The value of a cookie.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, value)| *found == name && !value.is_empty())
        .map(|(_, value)| value)
}

/// Sets a cookie that no script reads.
fn set_cookie(inner: &Inner, response: &mut Response, name: &str, value: &str, seconds: i64) {
    let secure = if inner.settings.base_url.starts_with("https:") { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Name and secret of `Authorization: Basic`.
pub(crate) fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    let plain =
        String::from_utf8(from_base64(encoded.trim()).filter(|_| scheme.eq_ignore_ascii_case("basic"))?).ok()?;
    let (name, secret) = plain.split_once(':')?;
    let decode = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
    Some((decode(name), decode(secret)))
}

/// Whether the verifier answers the challenge; without a challenge there must be no verifier either.
pub(crate) fn pkce_holds(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            same(base64url(&sha256(verifier.as_bytes())).as_bytes(), challenge.as_bytes())
        }
        _ => false,
    }
}

/// `{"error": …}` with status 400, as the token endpoints answer.
fn oauth_error(error: &str, description: Option<&str>) -> Response {
    let mut body = json!({ "error": error });
    if let Some(description) = description {
        body["error_description"] = json!(description);
    }
    let headers = [(header::CACHE_CONTROL, "no-store")];
    open_to_all((StatusCode::BAD_REQUEST, headers, axum::Json(body)).into_response())
}

/// The providers on a client's sign-in page.
fn shown_providers(client: &AppClient) -> Vec<&'static str> {
    let all = providers::Provider::ALL.into_iter().map(providers::Provider::name);
    all.filter(|name| client.providers.iter().any(|listed| listed == name)).collect()
}
