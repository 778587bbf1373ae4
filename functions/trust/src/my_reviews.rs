//! GET /me/reviews: what the caller has said of others after deals.

use edge::{Call, Code, Grant, Outcome, Paged, Reply, Route, Row, Setting};
use store::{Accounts, Reviews};

use crate::{
    Trust,
    views::{PageQuery, ReviewView, people_in},
};

pub(crate) const ROUTE: Route<Trust> = Row::get("trust.my_reviews", "/me/reviews")
    .summary("What one has said of others, the latest first")
    .description("Also what others do not see yet.")
    .features(&["P11", "P19"])
    .needs(&[Setting::MediaUrl, Setting::CursorKey])
    .may(&[Grant::Index("gsi2", &["REVIEWED#"]), Grant::Table("BatchGetItem", &["ACCOUNT#"])])
    .query::<PageQuery>()
    .replies::<Paged<ReviewView>>(200)
    .problems(&[Code::BadCursor])
    .budget(3, 60.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Trust, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let PageQuery { limit, cursor } = call.query()?;
    let after = call.position(cursor.as_ref())?;
    let media_url = call.setting(Setting::MediaUrl)?;
    let (found, next) = Reviews(call.table()?).by(me, after.as_deref(), limit.0).await?;
    let people = Accounts(call.table()?).by_ids(&people_in(&found)).await?;
    Reply::ok(&call.paged(ReviewView::all(found, &people, media_url, call.now), next)?)
}
