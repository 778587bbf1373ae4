//! POST /auth/session: somebody signs in by address and password.

use deserr::Deserr;
use domain::{
    input::Invalid,
    text::{Email, Secret},
};
use edge::{Call, Code, Fault, Grant, Outcome, Problem, Route, Row, Setting};
use ports::PoolError;
use schemars::JsonSchema;

use crate::{
    Accounts,
    faults::told,
    session::{Carrier, SessionView, opened},
};

pub(crate) const ROUTE: Route<Accounts> = Row::post("accounts.session_create", "/auth/session")
    .summary("Sign in by e-mail and password")
    .description(
        "The refresh token comes in an httpOnly cookie limited to `/auth/session`, or in the body where \
         `refreshTokenIn` is `body`. An address that was not confirmed gets 403 `email_unconfirmed` with the address.",
    )
    .features(&["A2", "A6", "A7", "A8", "A10", "A26"])
    .anyone()
    .sets_cookie()
    .needs(&[Setting::UserPoolId, Setting::ClientId, Setting::ApiUrl, Setting::MediaUrl])
    .may(&[
        Grant::Table("GetItem", &["ACCOUNT#"]),
        Grant::Table("PutItem", &["ACCOUNT#", "NICKNAME#"]),
        Grant::Pool(&["InitiateAuth"]),
    ])
    .takes::<Body>()
    .replies::<SessionView>(200)
    .problems(&[Code::WrongCredentials, Code::EmailUnconfirmed, Code::TooMany, Code::BadToken])
    .budget(3, 2.0, 10.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "SignIn", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    email: Email,
    password: Secret,
    /// Where the refresh token shall travel.
    #[deserr(default)]
    #[serde(default)]
    refresh_token_in: Carrier,
}

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    let Body { email, password, refresh_token_in } = call.body()?;
    let tokens = app.pool()?.tokens(ports::Grant::Password(&email, &password)).await.map_err(|refused| {
        match refused {
            PoolError::Unconfirmed => Fault::from(Problem::new(Code::EmailUnconfirmed).with("email", email.as_str())),
            // The pool's own limit speaks of attempts; a trigger of ours refuses whoever has left.
            PoolError::Refused(_) | PoolError::BadIdentity => Code::WrongCredentials.into(),
            // A password of a form that no password has.
            PoolError::Failed(what) if what.contains("InvalidParameter") => Code::WrongCredentials.into(),
            other => told(other, "/password"),
        }
    })?;
    opened(call.table()?, call, tokens, refresh_token_in).await
}
