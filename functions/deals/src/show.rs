//! GET /deals/{dealId}: a deal, for its two sides.

use domain::deal::By;
use edge::{Call, Grant, Outcome, Reply, Route, Row, Setting};

use crate::{Deals, acting, views::DealView};

pub(crate) const ROUTE: Route<Deals> = Row::get("deals.show", "/deals/{dealId}")
    .summary("A deal, with what the reader may do now")
    .features(&["D7", "Z4"])
    .needs(&[Setting::MediaUrl])
    .may(&[
        Grant::Table("GetItem", &["DEAL#"]),
        Grant::Table("BatchGetItem", &["LISTING#", "ERRAND#", "PURSE#", "ACCOUNT#"]),
        Grant::Table("Query", &["ROOM#"]),
    ])
    .replies::<DealView>(200)
    .etag()
    .budget(3, 8.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Deals, call: &Call<'_>) -> Outcome {
    let (deal, around) = acting::of_caller(call).await?;
    Reply::ok(&acting::shown(call, &deal, &around, &By::Account(&call.caller()?.id)).await?)
}
