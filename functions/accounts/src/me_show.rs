//! GET /me: who am I.

use edge::{Call, Code, Grant, Outcome, Reply, Route, Row, Setting, SuspensionView};

use crate::{
    Accounts,
    views::{AccountNowView, MeView},
};

pub(crate) const ROUTE: Route<Accounts> = Row::get("accounts.me_show", "/me")
    .summary("One's own account")
    .features(&["A10", "A22", "A25", "P1", "X1"])
    .needs(&[Setting::MediaUrl])
    .may(&[Grant::Table("BatchGetItem", &["ACCOUNT#"])])
    .replies::<AccountNowView>(200)
    .even_suspended()
    .etag()
    .problems(&[Code::BadToken])
    .budget(1, 2.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Accounts, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let found = store::Accounts(call.table()?).with_suspension(&caller.id, call.now).await?.ok_or(Code::BadToken)?;
    let (account, suspension) = (found.0.active().ok_or(Code::BadToken)?, found.1.map(SuspensionView::from));
    Reply::ok(&AccountNowView { account: MeView::of(account, caller.is_admin(), call)?, suspension })
}
