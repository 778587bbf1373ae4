//! GET /me/listings: the caller's own listings.

use deserr::Deserr;
use domain::{input::Invalid, listing::Status};
use edge::{Call, Code, Grant, ListQuery, Outcome, Paged, Reply, Route, Row, Setting};
use schemars::JsonSchema;

use crate::{Listings, views::CardView};

pub(crate) const ROUTE: Route<Listings> = Row::get("listings.mine", "/me/listings")
    .summary("One's own listings, the latest first")
    .features(&["L1", "P18", "D25"])
    .needs(&[Setting::MediaUrl, Setting::CursorKey])
    .may(&[
        Grant::Index("gsi1", &["OWNER#"]),
        Grant::Index("gsi2", &["OWNER#"]),
        Grant::Table("BatchGetItem", &["LISTING#"]),
    ])
    .query::<ListQuery<Query>>()
    .replies::<Paged<CardView>>(200)
    .problems(&[Code::BadCursor])
    .budget(2, 110.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Query {
    /// Only those of a status. One whose deadline has just passed may still be listed as open.
    #[deserr(default)]
    status: Option<Status>,
}

async fn handle(_: &Listings, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let ListQuery { limit, cursor, rest: Query { status } } = call.query()?;
    let after = call.position(cursor.as_ref())?;
    let store = store::Listings(call.table()?);
    let (ids, next) = store.of_owner(&caller.id, status, after.as_deref(), limit.0).await?;
    Reply::ok(&call.paged(CardView::all(store.by_ids(&ids).await?, call)?, next)?)
}
