//! PUT /me/password: whoever knows the current password sets another.

use deserr::Deserr;
use domain::{
    input::{Invalid, Wrong},
    text::{Password, Secret},
};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row, Setting};
use ports::PoolError;
use schemars::JsonSchema;
use store::AccountRecord;

use crate::{Accounts, faults::told};

pub(crate) const ROUTE: Route<Accounts> = Row::put("accounts.password_change", "/me/password")
    .summary("Change the password")
    .description("A wrong current password is 401 `wrong_credentials`. Accounts that sign in by a provider have none.")
    .features(&["A16", "A18"])
    .needs(&[Setting::UserPoolId, Setting::ClientId])
    .may(&[Grant::Table("GetItem", &["ACCOUNT#"]), Grant::Pool(&["ChangePassword"])])
    .takes::<Body>()
    .replies_nothing(204)
    .problems(&[Code::NoPassword, Code::WrongCredentials, Code::TooMany, Code::BadToken])
    .budget(1, 1.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "PasswordChange", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    current_password: Secret,
    new_password: Password,
}

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let Body { current_password, new_password } = call.body()?;
    if current_password.reveal() == new_password.reveal() {
        return Err(Invalid::one("/newPassword", Wrong::Unchanged).into());
    }
    let account = store::Accounts(call.table()?).by_id(&caller.id).await?;
    let account = account.and_then(AccountRecord::active).ok_or(Code::BadToken)?;
    if !account.has_password() {
        return Err(Code::NoPassword.into());
    }
    app.pool()?.change_password(call.bearer()?, &current_password, &new_password).await.map_err(
        |refused| match refused {
            PoolError::Failed(what) if what.contains("InvalidParameter") => Fault::from(Code::WrongCredentials),
            other => told(other, "/newPassword"),
        },
    )?;
    Ok(Reply::nothing())
}
