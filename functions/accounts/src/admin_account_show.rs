//! GET /admin/accounts/{accountId}: somebody, as an administrator sees them.

use domain::id::AccountId;
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row, Setting, SuspensionView};

use crate::{
    Accounts,
    views::{AccountNowView, MeView},
};

pub(crate) const ROUTE: Route<Accounts> = Row::get("accounts.admin_account_show", "/admin/accounts/{accountId}")
    .summary("Look somebody up (administrators)")
    .features(&["X4", "A22", "X1"])
    .admin()
    .needs(&[Setting::MediaUrl])
    .may(&[Grant::Table("BatchGetItem", &["ACCOUNT#"])])
    .replies::<AccountNowView>(200)
    .etag()
    .budget(1, 2.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Accounts, call: &Call<'_>) -> Outcome {
    let id = call.path("accountId", AccountId::parse)?;
    let found = store::Accounts(call.table()?).with_suspension(&id, call.now).await?.ok_or(Code::NotFound)?;
    let (account, suspension) = (found.0.active().ok_or(Code::NotFound)?, found.1.map(SuspensionView::from));
    // Groups live in tokens; of somebody else none is at hand.
    Reply::ok(&AccountNowView { account: MeView::of(account, false, call)?, suspension })
}
