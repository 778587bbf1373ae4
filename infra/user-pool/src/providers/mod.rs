//! Stand-ins for Google, Kakao and Naver, each below `/_idp/<provider>` with its real paths and shapes.

mod consent;
mod google;
mod kakao;
mod naver;
mod token;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::Inner;
use crate::flight::Consent;

pub(crate) use token::{Presented, redeem};

/// The secret the pool presents to every stand-in.
pub(crate) const CLIENT_SECRET: &str = "madang-stand-in-secret";

/// The providers the pool knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Provider {
    Google,
    Kakao,
    Naver,
}

/// Somebody who has an account at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) email: Option<String>,
    pub(crate) email_verified: bool,
    pub(crate) name: String,
    pub(crate) picture: Option<String>,
}

impl Person {
    fn new(id: &str, email: Option<&str>, email_verified: bool, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            email: email.map(str::to_owned),
            email_verified,
            name: name.to_owned(),
            picture: None,
        }
    }
}

/// A provider's paths, relative to its prefix.
struct Paths {
    authorize: &'static str,
    token: &'static str,
    jwks: &'static str,
    userinfo: &'static str,
}

impl Provider {
    pub(crate) const ALL: [Self; 3] = [Self::Google, Self::Kakao, Self::Naver];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.name() == name)
    }

    /// The name in the pool; usernames begin with it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Google => "Google",
            Self::Kakao => "Kakao",
            Self::Naver => "Naver",
        }
    }

    /// The type of provider in `identities`.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Google => "Google",
            Self::Kakao | Self::Naver => "OIDC",
        }
    }

    fn slug(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Kakao => "kakao",
            Self::Naver => "naver",
        }
    }

    /// The pool's client id at the provider.
    pub(crate) fn client_id(self) -> &'static str {
        match self {
            Self::Google => "madang.apps.googleusercontent.com",
            Self::Kakao => "madang-kakao-rest-api-key",
            Self::Naver => "madang-naver-client",
        }
    }

    pub(crate) fn scopes(self) -> &'static str {
        match self {
            Self::Google => "openid email profile",
            Self::Kakao => "openid account_email profile_nickname profile_image",
            Self::Naver => "openid profile",
        }
    }

    fn paths(self) -> Paths {
        match self {
            Self::Google => google::PATHS,
            Self::Kakao => kakao::PATHS,
            Self::Naver => naver::PATHS,
        }
    }

    pub(crate) fn issuer(self, inner: &Inner) -> String {
        format!("{}/_idp/{}", inner.settings.base_url, self.slug())
    }

    /// Where a browser is sent.
    pub(crate) fn authorize_url(self, inner: &Inner) -> String {
        format!("{}{}", self.issuer(inner), self.paths().authorize)
    }

    /// The three demo people.
    pub(crate) fn people(self) -> [Person; 3] {
        match self {
            Self::Google => google::people(),
            Self::Kakao => kakao::people(),
            Self::Naver => naver::people(),
        }
    }

    /// The claims of an ID token beyond the common ones.
    fn id_claims(self, person: &Person) -> Value {
        match self {
            Self::Google => google::id_claims(person),
            Self::Kakao => kakao::id_claims(person),
            Self::Naver => naver::id_claims(person),
        }
    }

    /// What the token endpoint says besides access and ID token.
    fn token_extras(self) -> Value {
        match self {
            Self::Google => google::token_extras(),
            Self::Kakao => kakao::token_extras(),
            Self::Naver => naver::token_extras(),
        }
    }

    /// The claims the pool reads from the provider's OIDC userinfo.
    pub(crate) fn userinfo(self, person: &Person) -> Value {
        match self {
            Self::Google => google::userinfo(person),
            Self::Kakao => kakao::userinfo(person),
            Self::Naver => naver::userinfo(person),
        }
    }
}

pub(crate) fn router() -> Router<Arc<Inner>> {
    let mut router = Router::new();
    for provider in Provider::ALL {
        let at = |path: &str| format!("/_idp/{}{path}", provider.slug());
        let paths = provider.paths();
        router = router
            .route(
                &at(paths.authorize),
                get(move |State(inner), query, headers| consent::ask(inner, provider, query, headers)).post(
                    move |State(inner), query, headers, body| consent::answer(inner, provider, query, headers, body),
                ),
            )
            .route(
                &at(paths.token),
                post(move |State(inner), headers, body| token::endpoint(inner, provider, headers, body)),
            )
            .route(
                &at(paths.userinfo),
                get(move |State(inner): State<Arc<Inner>>, headers: HeaderMap| async move {
                    with_bearer(&inner, provider, &headers, |person| provider.userinfo(person))
                }),
            )
            .route(&at(paths.jwks), get(|State(inner): State<Arc<Inner>>| async move { axum::Json(inner.key.jwks()) }))
            .route(
                &at("/.well-known/openid-configuration"),
                get(move |State(inner): State<Arc<Inner>>| async move { axum::Json(discovery(&inner, provider)) }),
            );
    }
    router.route(
        "/_idp/kakao/v2/user/me",
        get(|State(inner): State<Arc<Inner>>, headers: HeaderMap| async move {
            with_bearer(&inner, Provider::Kakao, &headers, kakao::rich)
        }),
    )
}

fn discovery(inner: &Inner, provider: Provider) -> Value {
    let issuer = provider.issuer(inner);
    let at = |path: &str| format!("{issuer}{path}");
    let paths = provider.paths();
    json!({
        "issuer": issuer,
        "authorization_endpoint": at(paths.authorize),
        "token_endpoint": at(paths.token),
        "userinfo_endpoint": at(paths.userinfo),
        "jwks_uri": at(paths.jwks),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": [if provider == Provider::Naver { "pairwise" } else { "public" }],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": provider.scopes().split(' ').collect::<Vec<_>>(),
        "token_endpoint_auth_methods_supported": token::methods(provider),
        "code_challenge_methods_supported": ["S256"],
    })
}

/// The bearer token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Answers about the person an access token stands for, or refuses in the provider's words.
fn with_bearer(inner: &Inner, provider: Provider, headers: &HeaderMap, say: impl Fn(&Person) -> Value) -> Response {
    let now_ms = inner.now_ms();
    let held: Option<Consent> = bearer(headers)
        .and_then(|token| inner.flight().provider_tokens.get(token, now_ms))
        .filter(|consent| consent.provider == provider);
    match held {
        Some(consent) => axum::Json(say(&consent.person)).into_response(),
        None => {
            let words = match provider {
                Provider::Google => {
                    json!({ "error": "invalid_request", "error_description": "Invalid Credentials" })
                }
                Provider::Kakao => {
                    json!({ "msg": "this access token does not exist", "code": -401 })
                }
                Provider::Naver => {
                    json!({ "resultcode": "024", "message": "Authentication failed" })
                }
            };
            (StatusCode::UNAUTHORIZED, axum::Json(words)).into_response()
        }
    }
}
