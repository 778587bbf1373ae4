//! GET /accounts/{accountId}: somebody, as everybody may see them.

use domain::id::AccountId;
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row, Setting};
use store::AccountRecord;

use crate::{Accounts, views::ProfileView};

pub(crate) const ROUTE: Route<Accounts> = Row::get("accounts.account_show", "/accounts/{accountId}")
    .summary("Somebody's public profile")
    .features(&["P1", "P12", "P19"])
    .anyone()
    .needs(&[Setting::MediaUrl])
    .may(&[Grant::Table("BatchGetItem", &["ACCOUNT#"])])
    .replies::<ProfileView>(200)
    .etag()
    .budget(1, 1.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Accounts, call: &Call<'_>) -> Outcome {
    let id = call.path("accountId", AccountId::parse)?;
    match store::Accounts(call.table()?).with_standing(&id).await?.ok_or(Code::NotFound)? {
        (AccountRecord::Active(account), standing) => Reply::ok(&ProfileView::of(*account, standing.followers, call)?),
        (AccountRecord::Withdrawn, _) => Reply::ok(&ProfileView::withdrawn(id)),
    }
}
