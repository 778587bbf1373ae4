//! GET /auth/hosted/callback: a browser comes back from the hosted sign-in with a code, or with bad news.

use deserr::Deserr;
use domain::{input::Invalid, text::Secret};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row, Setting};
use ports::Tokens;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Accounts,
    hosted_start::{Away, COOKIE, cookie},
    pre_sign_up::LINKED,
    session::{Carrier, opened},
};

pub(crate) const ROUTE: Route<Accounts> = Row::get("accounts.hosted_callback", "/auth/hosted/callback")
    .summary("Where the hosted sign-in sends the browser back to")
    .description("Sets the refresh cookie and redirects to `returnTo` with `signedIn=1`, or with `signInError=…`.")
    .features(&["A11", "A12", "A13", "A14", "A15"])
    .anyone()
    .needs(&[Setting::ClientId, Setting::HostedUrl, Setting::ApiUrl, Setting::MediaUrl])
    .may(&[Grant::Table("GetItem", &["ACCOUNT#"]), Grant::Table("PutItem", &["ACCOUNT#", "NICKNAME#"])])
    .query::<Query>()
    .replies_nothing(302)
    .sets_cookie()
    .problems(&[Code::SignInFailed, Code::BadToken])
    .budget(3, 2.0, 10.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[deserr(error = Invalid, deny_unknown_fields)]
struct Query {
    /// The code.
    #[deserr(default)]
    code: Option<Secret>,
    /// What the browser was sent off with.
    #[deserr(default)]
    state: Option<Secret>,
    /// Why there is no code.
    #[deserr(default)]
    error: Option<Secret>,
    /// More about it.
    #[schemars(rename = "error_description")]
    #[deserr(default)]
    error_description: Option<Secret>,
}

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    let query: Query = call.query()?;
    let away = call.cookie(COOKIE).and_then(Away::read).ok_or(Code::SignInFailed)?;
    // Whoever was not sent off with this state did not ask for this sign-in (login CSRF).
    if query.state.as_ref().map(Secret::reveal) != Some(away.state.as_str()) {
        return Err(Code::SignInFailed.into());
    }
    let api = call.setting(Setting::ApiUrl)?;
    let cleared = cookie(api, "", 0);

    let Some(code) = query.code else {
        let said = query.error_description.as_ref().map_or("", Secret::reveal);
        // The first sign-in by a provider that links it to an account fails by Cognito's design; the second works.
        let linked = said.contains(LINKED) || said.contains("Already found an entry");
        if linked && !away.again {
            return Away { again: true, ..away }.depart(call);
        }
        let why = query.error.as_ref().map_or("failed", Secret::reveal);
        return Ok(Reply::elsewhere(with(&away.return_to, "signInError", why)?).with_cookie(cleared));
    };
    let tokens = exchanged(app, call, code.reveal(), &away.verifier, &format!("{api}/auth/hosted/callback")).await?;
    let session = opened(call.table()?, call, tokens, Carrier::Cookie).await?;
    let mut reply = Reply::elsewhere(with(&away.return_to, "signedIn", "1")?).with_cookie(cleared);
    reply.cookies.extend(session.cookies);
    Ok(reply)
}

fn with(url: &str, name: &str, value: &str) -> Result<String, Fault> {
    let mut url = reqwest::Url::parse(url).map_err(|_| Code::SignInFailed)?;
    url.query_pairs_mut().append_pair(name, &value.chars().take(100).collect::<String>());
    Ok(url.into())
}

/// A code of the hosted sign-in, exchanged for tokens.
pub(crate) async fn exchanged(
    app: &Accounts,
    call: &Call<'_>,
    code: &str,
    verifier: &str,
    redirect_uri: &str,
) -> Result<Tokens, Fault> {
    #[derive(Deserialize)]
    struct Granted {
        access_token: String,
        id_token: String,
        refresh_token: Option<String>,
        expires_in: i32,
    }
    let reply = app
        .web()?
        .post(format!("{}/oauth2/token", call.setting(Setting::HostedUrl)?))
        .form(&[
            ("grant_type", "authorization_code"),
            ("client_id", call.setting(Setting::ClientId)?),
            ("code", code),
            ("code_verifier", verifier),
            ("redirect_uri", redirect_uri),
        ])
        .send()
        .await
        .map_err(|error| Fault::internal(error.without_url()))?;
    if reply.status().is_client_error() {
        return Err(Code::SignInFailed.into());
    }
    let granted: Granted = reply.json().await.map_err(|error| Fault::internal(error.without_url()))?;
    Ok(Tokens {
        access: granted.access_token,
        id: granted.id_token,
        refresh: granted.refresh_token,
        expires_in: granted.expires_in,
    })
}
