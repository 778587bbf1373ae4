//! POST /auth/session/refresh: a new pair of tokens for the refresh token, which is used up by it.

use deserr::Deserr;
use domain::{input::Invalid, text::Secret};
use edge::{Call, Code, Fault, Grant, Outcome, Route, Row, Setting};
use ports::PoolError;
use schemars::JsonSchema;

use crate::{
    Accounts,
    faults::told,
    session::{Carrier, SessionView, opened, refresh_token},
};

pub(crate) const ROUTE: Route<Accounts> = Row::post("accounts.session_refresh", "/auth/session/refresh")
    .summary("New tokens for a refresh token")
    .description(
        "The refresh token is taken from the cookie, or from the body. It is good once: the reply brings the next one, \
         and using an old one again ends the session.",
    )
    .features(&["A8", "A9", "A10"])
    .anyone()
    .sets_cookie()
    .needs(&[Setting::UserPoolId, Setting::ClientId, Setting::ApiUrl, Setting::MediaUrl])
    .may(&[
        Grant::Table("GetItem", &["ACCOUNT#"]),
        Grant::Table("PutItem", &["ACCOUNT#", "NICKNAME#"]),
        Grant::Pool(&["GetTokensFromRefreshToken"]),
    ])
    .takes::<Body>()
    .replies::<SessionView>(200)
    .problems(&[Code::NotSignedIn, Code::BadToken, Code::TooMany])
    .budget(3, 2.0, 10.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// The whole body may be left out by clients that use the cookie.
#[derive(Default, Deserr, JsonSchema)]
#[schemars(rename = "Refresh", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
pub(crate) struct Body {
    /// The refresh token, of clients that keep it themselves.
    #[deserr(default)]
    #[schemars(default)]
    pub(crate) refresh_token: Option<Secret>,
}

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    let Body { refresh_token: in_body } = if call.has_body() { call.body()? } else { Body::default() };
    // A token that came in the body goes back in the body.
    let carrier = if in_body.is_some() { Carrier::Body } else { Carrier::Cookie };
    let token = refresh_token(call, in_body)?;
    let tokens = app.pool()?.tokens(ports::Grant::Refresh(&token)).await.map_err(|refused| match refused {
        PoolError::WrongCredentials | PoolError::BadIdentity | PoolError::Refused(_) => Fault::from(Code::BadToken),
        PoolError::Failed(what) if what.contains("InvalidParameter") => Code::BadToken.into(),
        other => told(other, "/refreshToken"),
    })?;
    opened(call.table()?, call, tokens, carrier).await
}
