//! GET /admin/accounts/{accountId}: somebody, as an administrator sees them.

use domain::id::AccountId;
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row, Setting};
use store::AccountRecord;

use crate::{Accounts, views::MeView};

pub(crate) const ROUTE: Route<Accounts> = Row::get("accounts.admin_account_show", "/admin/accounts/{accountId}")
    .summary("Look somebody up (administrators)")
    .features(&["X4", "A22"])
    .admin()
    .needs(&[Setting::MediaUrl])
    .may(&[Grant::Table("GetItem", &["ACCOUNT#"])])
    .replies::<MeView>(200)
    .etag()
    .budget(1, 1.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Accounts, call: &Call<'_>) -> Outcome {
    let id = call.path("accountId", AccountId::parse)?;
    let account = store::Accounts(call.table()?).by_id_now(&id).await?;
    let account = account.and_then(AccountRecord::active).ok_or(Code::NotFound)?;
    // Groups live in tokens; of somebody else none is at hand.
    Reply::ok(&MeView::of(account, false, call)?)
}
