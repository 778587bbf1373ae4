//! The pool's key set and its discovery document.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::open_to_all;
use crate::Inner;

pub(super) async fn keys(State(inner): State<Arc<Inner>>) -> Response {
    open_to_all(([(header::CACHE_CONTROL, "public, max-age=86400")], Json(inner.key.jwks())).into_response())
}

pub(super) async fn configuration(State(inner): State<Arc<Inner>>) -> Response {
    let base = &inner.settings.base_url;
    let issuer = inner.issuer();
    let body = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{base}/oauth2/authorize"),
        "token_endpoint": format!("{base}/oauth2/token"),
        "userinfo_endpoint": format!("{base}/oauth2/userInfo"),
        "revocation_endpoint": format!("{base}/oauth2/revoke"),
        "end_session_endpoint": format!("{base}/logout"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
    });
    open_to_all(Json(body).into_response())
}
