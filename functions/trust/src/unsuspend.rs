//! DELETE /admin/accounts/{accountId}/suspension: an administrator lifts a suspension.

use domain::id::AccountId;
use edge::{Call, Grant, Outcome, Reply, Route, Row};
use store::Suspensions;

use crate::Trust;

pub(crate) const ROUTE: Route<Trust> = Row::delete("trust.unsuspend", "/admin/accounts/{accountId}/suspension")
    .summary("Lift a suspension (administrators)")
    .description("Within a minute every door lets them in. That there is none is no fault.")
    .features(&["X1", "X3"])
    .admin()
    .may(&[Grant::Table("DeleteItem", &["ACCOUNT#"]), Grant::Table("PutItem", &["SUSPENSIONS"])])
    .replies_nothing(204)
    .budget(1, 0.0, 6.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Trust, call: &Call<'_>) -> Outcome {
    let account = call.path("accountId", AccountId::parse)?;
    Suspensions(call.table()?).lift(&account, call.now).await?;
    Ok(Reply::nothing())
}
