//! GET /admin/deals: the deals that an administrator is to decide on.

use edge::{Call, Code, Grant, ListQuery, Outcome, Paged, Reply, Route, Row, Setting};

use crate::{Deals, page::looked_at, views::DealView};

pub(crate) const ROUTE: Route<Deals> = Row::get("deals.disputes", "/admin/deals")
    .summary("The disputed deals, those that wait longest first")
    .features(&["X3", "S4"])
    .admin()
    .needs(&[Setting::MediaUrl, Setting::CursorKey])
    .may(&[
        Grant::Index("gsi3", &["DISPUTES"]),
        Grant::Table("BatchGetItem", &["DEAL#", "LISTING#", "ERRAND#", "ACCOUNT#"]),
    ])
    .query::<ListQuery>()
    .replies::<Paged<DealView>>(200)
    .problems(&[Code::BadCursor])
    .budget(3, 400.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Deals, call: &Call<'_>) -> Outcome {
    let ListQuery { limit, cursor, .. } = call.query::<ListQuery>()?;
    let after = call.position(cursor.as_ref())?;
    let (deals, next) = store::Deals(call.table()?).disputed(after.as_deref(), limit.0).await?;
    Reply::ok(&call.paged(looked_at(call, &deals).await?, next)?)
}
