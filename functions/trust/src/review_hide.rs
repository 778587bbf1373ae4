//! PUT /admin/accounts/{accountId}/reviews/{dealId}/hidden: an administrator takes a review out of sight.

use domain::id::{AccountId, DealId};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row};
use store::{Error, Reviews};

use crate::Trust;

pub(crate) const ROUTE: Route<Trust> =
    Row::put("trust.review_hide", "/admin/accounts/{accountId}/reviews/{dealId}/hidden")
        .summary("Take a review out of sight (administrators)")
        .description("Its stars are counted no more. Again is no fault.")
        .features(&["P10", "X3"])
        .admin()
        .may(&[
            Grant::Table("GetItem", &["ACCOUNT#"]),
            Grant::Table("PutItem", &["ACCOUNT#"]),
            Grant::Table("UpdateItem", &["ACCOUNT#"]),
        ])
        .replies_nothing(204)
        .budget(2, 1.0, 10.0)
        .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Trust, call: &Call<'_>) -> Outcome {
    let account = call.path("accountId", AccountId::parse)?;
    let deal = call.path("dealId", DealId::parse)?;
    let reviews = Reviews(call.table()?);
    let review = reviews.by_deal(&account, &deal).await?.ok_or(Code::NotFound)?;
    if !review.hidden {
        reviews.hide(&review, true, call.now).await.map_err(|error| match error {
            // Shown or hidden by another at this moment.
            Error::Clash(_) => Fault::from(Code::InProgress),
            other => other.into(),
        })?;
    }
    Ok(Reply::nothing())
}
