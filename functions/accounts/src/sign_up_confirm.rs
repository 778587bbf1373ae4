//! POST /auth/sign-up/confirm: the mailed code proves the address.

use deserr::Deserr;
use domain::{
    input::Invalid,
    text::{Email, MailedCode},
};
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row, Setting};
use ports::PoolError;
use schemars::JsonSchema;

use crate::{Accounts, faults::told};

pub(crate) const ROUTE: Route<Accounts> = Row::post("accounts.sign_up_confirm", "/auth/sign-up/confirm")
    .summary("Confirm an e-mail address by the mailed code")
    .features(&["A2"])
    .anyone()
    .needs(&[Setting::UserPoolId, Setting::ClientId])
    .may(&[Grant::Pool(&["ConfirmSignUp"])])
    .takes::<Body>()
    .replies_nothing(204)
    .problems(&[Code::WrongCode, Code::ExpiredCode, Code::TooMany])
    .budget(0, 0.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "SignUpConfirmation", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    email: Email,
    code: MailedCode,
}

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    let Body { email, code } = call.body()?;
    match app.pool()?.confirm(&email, &code).await {
        // The address is confirmed even when the trigger that makes the account failed; signing in makes up for it.
        Ok(()) | Err(PoolError::Refused(_)) => Ok(Reply::nothing()),
        // Confirmed before, or no such address: not told apart from a wrong code.
        Err(PoolError::WrongCredentials | PoolError::BadIdentity) => Err(Code::WrongCode.into()),
        Err(refused) => Err(told(refused, "/code")),
    }
}
