//! GET /oauth2/authorize: checks what is asked and sends the browser on.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::{cookie, redirect, set_cookie};
use crate::crypto::{fingerprint, random_text, uuid};
use crate::flight::{CODE_MS, Grant, Request, Visit};
use crate::pages::{self, Lang};
use crate::params::{Params, query, with_query};
use crate::providers::Provider;
use crate::{AppClient, Inner};

/// Why a request is not taken up.
pub(super) enum Refusal {
    /// The client or its address is not known: nothing may be sent there.
    Here(&'static str),
    /// The client hears of it.
    There { redirect_uri: String, state: Option<String>, error: &'static str, description: Option<String> },
}

impl Refusal {
    pub(super) fn response(self, lang: Lang) -> Response {
        match self {
            Self::Here(message) => pages::refusal(lang, message),
            Self::There { redirect_uri, state, error, description } => {
                let mut pairs = Vec::new();
                pairs.extend(description.as_deref().map(|text| ("error_description", text)));
                pairs.extend(state.as_deref().map(|state| ("state", state)));
                pairs.push(("error", error));
                redirect(&with_query(&redirect_uri, pairs))
            }
        }
    }
}

/// Tells the client of a request that it failed.
pub(super) fn failed(request: &Request, error: &'static str, description: Option<String>) -> Refusal {
    Refusal::There { redirect_uri: request.redirect_uri.clone(), state: request.state.clone(), error, description }
}

/// Checks the parameters of `/oauth2/authorize` and `/login`.
pub(super) fn check<'a>(inner: &'a Inner, params: &Params) -> Result<(&'a AppClient, Request), Refusal> {
    let client = inner.client(params.text("client_id")).ok_or(Refusal::Here("Client does not exist."))?;
    let redirect_uri = params.text("redirect_uri");
    if !client.redirect_uris.iter().any(|uri| uri == redirect_uri) {
        return Err(Refusal::Here("redirect_mismatch"));
    }
    let mut request = Request {
        client_id: client.id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        scopes: Vec::new(),
        state: params.owned("state"),
        nonce: params.owned("nonce"),
        code_challenge: params.owned("code_challenge"),
    };
    if params.text("response_type") != "code" {
        return Err(failed(&request, "unsupported_response_type", None));
    }
    let asked = params.text("scope");
    request.scopes = match asked.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect::<Vec<_>>() {
        none if none.is_empty() => client.scopes.clone(),
        some => some,
    };
    let openid = request.scopes.iter().any(|scope| scope == "openid");
    let needs_openid = request.scopes.iter().any(|scope| matches!(scope.as_str(), "email" | "profile" | "phone"));
    if request.scopes.iter().any(|scope| !client.scopes.contains(scope)) || (needs_openid && !openid) {
        return Err(failed(&request, "invalid_scope", None));
    }
    let method = params.get("code_challenge_method");
    let proper = match (&request.code_challenge, method) {
        (None, None) => true,
        (Some(challenge), Some("S256")) => challenge.len() == 43,
        _ => false,
    };
    if !proper {
        return Err(failed(&request, "invalid_request", Some("code_challenge_method must be S256".to_owned())));
    }
    Ok((client, request))
}

pub(super) async fn show(State(inner): State<Arc<Inner>>, RawQuery(raw): RawQuery, headers: HeaderMap) -> Response {
    let params = Params::parse(raw.as_deref().unwrap_or_default());
    let lang = Lang::of(params.get("lang"), &headers);
    let (client, request) = match check(&inner, &params) {
        Ok(checked) => checked,
        Err(refusal) => return refusal.response(lang),
    };
    if let Some(name) =
        params.get("identity_provider").or(params.get("idp_identifier")).filter(|name| *name != "COGNITO")
    {
        let provider = Provider::named(name).filter(|_| client.providers.iter().any(|listed| listed == name));
        return match provider {
            Some(provider) => visit(&inner, provider, request, &params, &headers),
            None => {
                failed(&request, "invalid_request", Some("Login option is not available".to_owned())).response(lang)
            }
        };
    }
    let session = session(&inner, &headers).filter(|_| params.text("prompt") != "login");
    match session {
        Some((username, auth_time_s)) => grant(&inner, request, &username, auth_time_s),
        None if params.text("prompt") == "none" => failed(&request, "login_required", None).response(lang),
        None => redirect(&format!("/login?{}", params.without(&["identity_provider", "idp_identifier"]))),
    }
}

/// Who this browser signed in as, and when.
fn session(inner: &Inner, headers: &HeaderMap) -> Option<(String, i64)> {
    let name = fingerprint(cookie(headers, "cognito")?);
    let now_ms = inner.now_ms();
    inner.read(|state| {
        let session = state.browser_sessions.get(&name).filter(|session| session.expires_ms > now_ms)?;
        let user = state.users.get(&session.username).filter(|user| user.enabled)?;
        Some((user.username.clone(), session.auth_time_s))
    })
}

/// Sends the browser back with a code.
pub(super) fn grant(inner: &Inner, request: Request, username: &str, auth_time_s: i64) -> Response {
    let code = uuid();
    let mut pairs = vec![("code", code.as_str())];
    pairs.extend(request.state.as_deref().map(|state| ("state", state)));
    let response = redirect(&with_query(&request.redirect_uri, pairs));
    let held = Grant { request, username: username.to_owned(), auth_time_s };
    inner.flight().grants.put(code, inner.now_ms(), CODE_MS, held);
    response
}

/// Sends the browser to a provider; the way back is open to this browser alone.
fn visit(inner: &Inner, provider: Provider, request: Request, params: &Params, headers: &HeaderMap) -> Response {
    let browser = cookie(headers, "csrf-state").map_or_else(|| random_text(24), str::to_owned);
    let (state, nonce) = (random_text(24), random_text(24));
    let back = format!("{}/oauth2/idpresponse", inner.settings.base_url);
    let mut pairs = vec![
        ("client_id", provider.client_id()),
        ("redirect_uri", back.as_str()),
        ("scope", provider.scopes()),
        ("response_type", "code"),
        ("state", state.as_str()),
        ("nonce", nonce.as_str()),
    ];
    pairs.extend(["login_hint", "lang"].into_iter().filter_map(|name| params.get(name).map(|value| (name, value))));
    let mut response = redirect(&format!("{}?{}", provider.authorize_url(inner), query(pairs)));
    set_cookie(inner, &mut response, "csrf-state", &browser, 3600);
    let held = Visit { request, provider, browser, nonce };
    inner.flight().visits.put(state, inner.now_ms(), CODE_MS, held);
    response
}
