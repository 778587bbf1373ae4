//! GET /me/deals: the caller's deals.

use deserr::Deserr;
use domain::{deal::Phase, input::Invalid};
use edge::{Call, Code, Grant, ListQuery, Outcome, Paged, Reply, Route, Row, Setting};
use schemars::JsonSchema;

use crate::{Deals, page::looked_at, views::DealView};

pub(crate) const ROUTE: Route<Deals> = Row::get("deals.mine", "/me/deals")
    .summary("One's own deals of a phase, whichever side one is on; the latest moved first")
    .description(
        "`proposed` waits for an answer, `ongoing` is agreed and not over, `done` ended as agreed, `failed` ended otherwise. \
         One that time has just moved may still be listed where it was; what it shows is what is so now.",
    )
    .features(&["D16", "D22", "D25", "P18"])
    .needs(&[Setting::MediaUrl, Setting::CursorKey])
    .may(&[
        Grant::Index("gsi1", &["DEALS#"]),
        Grant::Index("gsi2", &["DEALS#"]),
        Grant::Table("BatchGetItem", &["DEAL#", "LISTING#", "ERRAND#", "ACCOUNT#"]),
    ])
    .query::<ListQuery<Which>>()
    .replies::<Paged<DealView>>(200)
    .problems(&[Code::BadCursor])
    .budget(3, 400.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Debug, Deserr, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Which {
    /// Of which phase.
    phase: Phase,
}

async fn handle(_: &Deals, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let ListQuery { limit, cursor, rest } = call.query::<ListQuery<Which>>()?;
    let after = call.position(cursor.as_ref())?;
    let (deals, next) = store::Deals(call.table()?).of(me, rest.phase, after.as_deref(), limit.0).await?;
    let views = looked_at(call, &deals).await?;
    Reply::ok(&call.paged(views, next)?)
}
