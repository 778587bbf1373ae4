//! GET /logout: forgets the browser's session. Tokens live on until they expire or are revoked.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::{cookie, redirect, set_cookie};
use crate::Inner;
use crate::crypto::fingerprint;
use crate::pages::{self, Lang};
use crate::params::Params;

pub(super) async fn leave(State(inner): State<Arc<Inner>>, RawQuery(raw): RawQuery, headers: HeaderMap) -> Response {
    let params = Params::parse(raw.as_deref().unwrap_or_default());
    let lang = Lang::of(params.get("lang"), &headers);
    let Some(client) = inner.client(params.text("client_id")) else {
        return pages::refusal(lang, "Client does not exist.");
    };
    let location = match (params.get("logout_uri"), params.get("redirect_uri")) {
        (Some(uri), _) if client.logout_uris.iter().any(|known| known == uri) => uri.to_owned(),
        // Signs out and straight in again.
        (None, Some(uri))
            if client.redirect_uris.iter().any(|known| known == uri) && params.get("response_type").is_some() =>
        {
            format!("/login?{}", params.without(&[]))
        }
        (None, Some(uri)) if client.logout_uris.iter().chain(&client.redirect_uris).any(|known| known == uri) => {
            uri.to_owned()
        }
        _ => return pages::refusal(lang, "redirect_mismatch"),
    };
    if let Some(value) = cookie(&headers, "cognito") {
        let gone = inner.change(|state| {
            state.browser_sessions.remove(&fingerprint(value));
            Ok(())
        });
        if let Err(fault) = gone {
            return pages::refusal(lang, &fault.message);
        }
    }
    let mut response = redirect(&location);
    set_cookie(&inner, &mut response, "cognito", "", 0);
    response
}
