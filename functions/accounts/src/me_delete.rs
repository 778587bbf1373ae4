//! DELETE /me: the caller leaves, and what is theirs goes with them.

use edge::{Call, Code, Fault, Grant, Outcome, Problem, Reply, Route, Row, Setting};
use store::{AccountRecord, Error};

use crate::{Accounts, faults::told};

pub(crate) const ROUTE: Route<Accounts> = Row::delete("accounts.me_delete", "/me")
    .summary("Leave")
    .description(
        "The account, its listings, pictures, bookmarks and notifications go; others' content shows `탈퇴유저` in its \
         place. The nickname is free at once.",
    )
    .features(&["A20", "P19"])
    .needs(&[Setting::UserPoolId, Setting::ClientId])
    .may(&[
        Grant::Table("GetItem", &["ACCOUNT#"]),
        Grant::Table("PutItem", &["ACCOUNT#"]),
        Grant::Table("DeleteItem", &["NICKNAME#"]),
        Grant::Pool(&["AdminDeleteUser"]),
    ])
    .replies_nothing(204)
    .even_suspended()
    .problems(&[Code::VersionConflict, Code::TooMany])
    .budget(2, 2.0, 8.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let accounts = store::Accounts(call.table()?);
    if let Some(AccountRecord::Active(account)) = accounts.by_id_now(&caller.id).await? {
        accounts.withdraw(&account, call.now).await.map_err(|error| match error {
            // Edited at this very moment: the caller asks again.
            Error::Clash(_) => Fault::from(Problem::new(Code::VersionConflict)),
            other => other.into(),
        })?;
    }
    // Last, so that a call that broke off can be made again with the same token.
    app.pool()?.delete(&caller.username).await.map_err(|refused| told(refused, ""))?;
    Ok(Reply::nothing())
}
