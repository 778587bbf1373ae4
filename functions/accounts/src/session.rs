//! A session as it is handed to a client: the access token in the body, the refresh token in a cookie that only the
//! session's own paths see, or in the body for clients that ask for it (row A8).

use deserr::Deserr;
use domain::{input::Invalid, text::Secret, time::Time};
use edge::{Call, Code, Fault, Reply, Setting};
use ports::Tokens;
use schemars::JsonSchema;
use serde::Serialize;
use store::Table;

use crate::{
    made::{Known, claims_of, ensured},
    views::MeView,
};

/// The cookie of the refresh token.
const COOKIE: &str = "refreshToken";
/// The path the cookie is limited to.
const PATH: &str = "/auth/session";
/// 30 days (section 13, point 4).
const LIFE: i64 = 30 * 24 * 3600;

/// Where the refresh token travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserr, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[deserr(error = Invalid, rename_all = lowercase)]
pub(crate) enum Carrier {
    /// In an httpOnly cookie: for browsers.
    #[default]
    Cookie,
    /// In the body: for clients that keep it in a safe place of their own.
    Body,
}

/// A session (rows A6–A8, A26).
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Session")]
pub(crate) struct SessionView {
    /// For the `Authorization: Bearer` header.
    pub(crate) access_token: String,
    /// About the person, for the client alone; it opens nothing here.
    pub(crate) id_token: String,
    /// Seconds the access token is good for.
    pub(crate) expires_in: i32,
    /// When it expires.
    pub(crate) expires_at: Time,
    /// The refresh token, where the body was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token: Option<String>,
    /// Whose session it is.
    pub(crate) account: MeView,
}

/// The reply to whoever proved who they are.
pub(crate) async fn opened(table: &Table, call: &Call<'_>, tokens: Tokens, carrier: Carrier) -> Result<Reply, Fault> {
    let claims = claims_of(&tokens.id)?;
    let username = claims.get("cognito:username").and_then(|name| name.as_str()).unwrap_or_default().to_owned();
    let known = Known { username: &username, attributes: &claims };
    let account = ensured(table, &known, call.now).await?;
    let admin = claims
        .get("cognito:groups")
        .and_then(|groups| groups.as_array())
        .is_some_and(|groups| groups.iter().any(|group| group == "admin"));
    let (cookie, refresh_token) = match (carrier, tokens.refresh) {
        (_, None) => (None, None),
        (Carrier::Cookie, Some(token)) => (Some(cookie(call, &token, LIFE)?), None),
        (Carrier::Body, Some(token)) => (None, Some(token)),
    };
    let reply = Reply::ok(&SessionView {
        access_token: tokens.access,
        id_token: tokens.id,
        expires_in: tokens.expires_in,
        expires_at: call.now.plus(i64::from(tokens.expires_in) * 1000),
        refresh_token,
        account: MeView::of(account, admin, call)?,
    })?;
    Ok(match cookie {
        Some(cookie) => reply.with_cookie(cookie),
        None => reply,
    })
}

/// The refresh token of a request: in the body, or else in the cookie.
pub(crate) fn refresh_token(call: &Call<'_>, in_body: Option<Secret>) -> Result<Secret, Fault> {
    match in_body {
        Some(token) => Ok(token),
        None => call.cookie(COOKIE).and_then(|token| Secret::parse(token).ok()).ok_or_else(|| Code::NotSignedIn.into()),
    }
}

/// The cookie with a token, or, with no life, the one that takes it away.
pub(crate) fn cookie(call: &Call<'_>, token: &str, life: i64) -> Result<String, Fault> {
    // A laptop serves plain http, over which a browser would drop a secure cookie.
    let secure = if call.setting(Setting::ApiUrl)?.starts_with("https:") { "; Secure" } else { "" };
    Ok(format!("{COOKIE}={token}; Path={PATH}; Max-Age={life}; HttpOnly; SameSite=Strict{secure}"))
}
