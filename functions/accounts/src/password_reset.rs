//! POST /auth/password/reset: the mailed code sets a new password, once.

use deserr::Deserr;
use domain::{
    input::Invalid,
    text::{Email, MailedCode, Password},
};
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row, Setting};
use ports::PoolError;
use schemars::JsonSchema;

use crate::{Accounts, faults::told};

pub(crate) const ROUTE: Route<Accounts> = Row::post("accounts.password_reset", "/auth/password/reset")
    .summary("Set a new password by the mailed code")
    .features(&["A17"])
    .anyone()
    .needs(&[Setting::UserPoolId, Setting::ClientId])
    .may(&[Grant::Pool(&["ConfirmForgotPassword"])])
    .takes::<Body>()
    .replies_nothing(204)
    .problems(&[Code::WrongCode, Code::ExpiredCode, Code::TooMany])
    .budget(0, 0.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "PasswordReset", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    email: Email,
    code: MailedCode,
    new_password: Password,
}

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    let Body { email, code, new_password } = call.body()?;
    match app.pool()?.reset_password(&email, &code, &new_password).await {
        // The password is set even when the trigger after it failed.
        Ok(()) | Err(PoolError::Refused(_)) => Ok(Reply::nothing()),
        Err(PoolError::BadIdentity | PoolError::WrongCredentials | PoolError::Unconfirmed) => {
            Err(Code::WrongCode.into())
        }
        Err(refused) => Err(told(refused, "/newPassword")),
    }
}
