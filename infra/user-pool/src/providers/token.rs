//! The stand-ins' token endpoints, over HTTP and in process.

use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{CLIENT_SECRET, Provider};
use crate::Inner;
use crate::crypto::{random_text, same};
use crate::flight::Consent;
use crate::hosted::{basic_credentials, pkce_holds};
use crate::params::Params;

const ACCESS_MS: i64 = 3_600_000;

/// Kakao and Naver know the secret in the body only.
pub(super) fn methods(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::Google => &["client_secret_post", "client_secret_basic"],
        Provider::Kakao | Provider::Naver => &["client_secret_post"],
    }
}

pub(super) async fn endpoint(inner: Arc<Inner>, provider: Provider, headers: HeaderMap, body: String) -> Response {
    let form = Params::parse(&body);
    let basic = basic_credentials(&headers).filter(|_| provider == Provider::Google);
    let (id, secret) = basic.unwrap_or_else(|| (form.text("client_id").into(), form.text("client_secret").into()));
    let answer = if form.text("grant_type") == "authorization_code" {
        redeem(
            &inner,
            provider,
            &Presented {
                client_id: &id,
                client_secret: &secret,
                code: form.text("code"),
                redirect_uri: form.get("redirect_uri"),
                code_verifier: form.get("code_verifier"),
            },
        )
    } else {
        Err("unsupported_grant_type")
    };
    match answer {
        Ok(tokens) => Json(tokens).into_response(),
        Err(error) => {
            (StatusCode::BAD_REQUEST, Json(json!({ "error": error, "error_description": error }))).into_response()
        }
    }
}

/// What a client presents for tokens.
pub(crate) struct Presented<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) client_secret: &'a str,
    pub(crate) code: &'a str,
    /// Naver's token call goes without it.
    pub(crate) redirect_uri: Option<&'a str>,
    pub(crate) code_verifier: Option<&'a str>,
}

/// Exchanges a code for the provider's tokens.
pub(crate) fn redeem(inner: &Inner, provider: Provider, presented: &Presented<'_>) -> Result<Value, &'static str> {
    if presented.client_id != provider.client_id()
        || !same(presented.client_secret.as_bytes(), CLIENT_SECRET.as_bytes())
    {
        return Err("invalid_client");
    }
    let now_ms = inner.now_ms();
    let consent = inner.flight().provider_codes.take(presented.code, now_ms);
    let consent = consent.filter(|consent| consent.provider == provider && consent.client_id == presented.client_id);
    let consent = consent.ok_or("invalid_grant")?;
    let elsewhere = presented.redirect_uri.is_some_and(|uri| uri != consent.redirect_uri);
    let missing = presented.redirect_uri.is_none() && provider != Provider::Naver;
    if elsewhere || missing || !pkce_holds(consent.code_challenge.as_deref(), presented.code_verifier) {
        return Err("invalid_grant");
    }
    let id_token = inner.key.sign(&id_claims(inner, &consent)).ok_or("server_error")?;
    let access_token = random_text(32);
    let mut tokens = provider.token_extras();
    tokens["access_token"] = json!(access_token);
    tokens["id_token"] = json!(id_token);
    if provider != Provider::Google {
        tokens["refresh_token"] = json!(random_text(32));
    }
    inner.flight().provider_tokens.put(access_token, now_ms, ACCESS_MS, consent);
    Ok(tokens)
}

fn id_claims(inner: &Inner, consent: &Consent) -> Value {
    let now_s = inner.now_ms() / 1000;
    let mut claims = consent.provider.id_claims(&consent.person);
    claims["iss"] = json!(consent.provider.issuer(inner));
    claims["aud"] = json!(consent.client_id);
    claims["iat"] = json!(now_s);
    claims["exp"] = json!(now_s + 3600);
    claims["auth_time"] = json!(now_s);
    if let Some(nonce) = &consent.nonce {
        claims["nonce"] = json!(nonce);
    }
    claims
}
