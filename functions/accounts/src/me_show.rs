//! GET /me: who am I.

use edge::{Call, Code, Grant, Outcome, Reply, Route, Row, Setting};
use store::AccountRecord;

use crate::{Accounts, views::MeView};

pub(crate) const ROUTE: Route<Accounts> = Row::get("accounts.me_show", "/me")
    .summary("One's own account")
    .features(&["A10", "A22", "A25", "P1"])
    .needs(&[Setting::MediaUrl])
    .may(&[Grant::Table("GetItem", &["ACCOUNT#"])])
    .replies::<MeView>(200)
    .etag()
    .problems(&[Code::BadToken])
    .budget(1, 1.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Accounts, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let account = store::Accounts(call.table()?).by_id_now(&caller.id).await?;
    let account = account.and_then(AccountRecord::active).ok_or(Code::BadToken)?;
    Reply::ok(&MeView::of(account, caller.is_admin(), call)?)
}
