//! GET /me/bookmarks: what the caller has bookmarked.

use domain::listing::Status;
use edge::{Call, Code, Grant, ListQuery, Outcome, Paged, Reply, Route, Row, Setting};
use store::Bookmarks;

use crate::{Listings, views::CardView};

pub(crate) const ROUTE: Route<Listings> = Row::get("listings.bookmark_list", "/me/bookmarks")
    .summary("What one has bookmarked, the latest first")
    .features(&["L17", "P18"])
    .needs(&[Setting::MediaUrl, Setting::CursorKey])
    .may(&[Grant::Index("gsi1", &["BOOKMARKS#"]), Grant::Table("BatchGetItem", &["LISTING#"])])
    .query::<ListQuery>()
    .replies::<Paged<CardView>>(200)
    .problems(&[Code::BadCursor])
    .budget(2, 110.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Listings, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let ListQuery { limit, cursor, .. }: ListQuery = call.query()?;
    let after = call.position(cursor.as_ref())?;
    let (ids, next) = Bookmarks(call.table()?).of(&caller.id, after.as_deref(), limit.0).await?;
    let mut listings = store::Listings(call.table()?).by_ids(&ids).await?;
    listings.retain(|listing| listing.status != Status::Withdrawn || listing.owner == caller.id);
    Reply::ok(&call.paged(CardView::all(listings, call)?, next)?)
}
