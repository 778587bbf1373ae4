//! GET /oauth2/userInfo: the attributes the token's scopes show, all of them text.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::open_to_all;
use crate::Inner;
use crate::providers::bearer;
use crate::tokens::shows;

fn refused(why: &str) -> Response {
    let challenge = format!("error=\"invalid_token\", error_description=\"{why}\"");
    let body = json!({ "error": "invalid_token", "error_description": why });
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)], Json(body)).into_response()
}

pub(super) async fn show(State(inner): State<Arc<Inner>>, headers: HeaderMap) -> Response {
    let Some(token) = bearer(&headers) else {
        return open_to_all(refused("Access token is missing"));
    };
    let (user, claims) = match inner.bearer(token) {
        Ok(found) => found,
        Err(fault) => return open_to_all(refused(&fault.message)),
    };
    let scopes: Vec<String> = claims["scope"].as_str().unwrap_or_default().split(' ').map(str::to_owned).collect();
    if !scopes.iter().any(|scope| scope == "openid") {
        let body = json!({ "error": "insufficient_scope", "error_description": "The openid scope is missing" });
        return open_to_all((StatusCode::FORBIDDEN, Json(body)).into_response());
    }
    let mut shown: Map<String, Value> = user
        .shown_attributes()
        .into_iter()
        .filter(|(name, _)| shows(&scopes, name))
        .map(|(name, value)| (name, json!(value)))
        .collect();
    shown.insert("username".to_owned(), json!(user.username));
    open_to_all(([(header::CACHE_CONTROL, "no-store")], Json(Value::Object(shown))).into_response())
}
