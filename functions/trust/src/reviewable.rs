//! GET /me/reviewable: the deals that the caller may review now.

use domain::{id::DealId, time::Time};
use edge::{Call, Code, Grant, Outcome, Paged, Reply, Route, Row, Setting};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Accounts, Reviews};

use crate::{
    Trust,
    views::{NeighbourView, PageQuery},
};

pub(crate) const ROUTE: Route<Trust> = Row::get("trust.reviewable", "/me/reviewable")
    .summary("The deals one may review, those that close first first")
    .features(&["P10", "Z6"])
    .needs(&[Setting::MediaUrl, Setting::CursorKey])
    .may(&[
        Grant::Index("gsi1", &["REVIEWABLE#"]),
        Grant::Index("gsi2", &["REVIEWABLE#"]),
        Grant::Table("BatchGetItem", &["ACCOUNT#", "REVIEWABLE#"]),
    ])
    .query::<PageQuery>()
    .replies::<Paged<ReviewableView>>(200)
    .problems(&[Code::BadCursor])
    .budget(3, 60.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// A deal that has ended and waits for one's review.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReviewableDeal")]
struct ReviewableView {
    deal: DealId,
    /// What it was about.
    about: String,
    /// The other side.
    with: NeighbourView,
    ended_at: Time,
    /// Until when it may be reviewed, and not at that moment any more.
    closes_at: Time,
}

async fn handle(_: &Trust, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let PageQuery { limit, cursor } = call.query()?;
    let after = call.position(cursor.as_ref())?;
    let media_url = call.setting(Setting::MediaUrl)?;
    let (deals, next) = Reviews(call.table()?).open_to(me, after.as_deref(), call.now, limit.0).await?;
    let mut others: Vec<_> = deals.iter().filter_map(|deal| deal.other(me)).cloned().collect();
    others.sort();
    others.dedup();
    let people = Accounts(call.table()?).by_ids(&others).await?;
    let views = deals.into_iter().filter_map(|deal| {
        Some(ReviewableView {
            with: NeighbourView::of(deal.other(me)?, &people, media_url),
            deal: deal.deal,
            about: deal.about,
            ended_at: deal.ended_at,
            closes_at: deal.closes_at,
        })
    });
    Reply::ok(&call.paged(views.collect(), next)?)
}
