//! DELETE /listings/{listingId}/bookmark: the caller takes a bookmark away.

use domain::id::ListingId;
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row};
use store::{Bookmarks, Error};

use crate::{Listings, bookmark_set::BookmarkView};

pub(crate) const ROUTE: Route<Listings> = Row::delete("listings.bookmark_clear", "/listings/{listingId}/bookmark")
    .summary("Take a bookmark away")
    .description("That there is none is no fault.")
    .features(&["L17", "L18"])
    .may(&[
        Grant::Table("BatchGetItem", &["ACCOUNT#", "LISTING#"]),
        Grant::Table("DeleteItem", &["ACCOUNT#"]),
        Grant::Table("UpdateItem", &["LISTING#"]),
    ])
    .replies::<BookmarkView>(200)
    .budget(2, 2.0, 20.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Listings, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let id = call.path("listingId", ListingId::parse)?;
    let found = store::Listings(call.table()?).for_reader(&id, Some(&caller.id)).await?;
    let (listing, there, _) = found.ok_or(Code::NotFound)?;
    let mut bookmarks = listing.bookmarks;
    if there {
        match Bookmarks(call.table()?).clear(&caller.id, &id).await {
            Ok(()) => bookmarks = bookmarks.saturating_sub(1),
            Err(Error::Clash(clash)) if clash.at(0) => {}
            Err(Error::Clash(_)) => return Err(Fault::from(Code::NotFound)),
            Err(other) => return Err(other.into()),
        }
    }
    Reply::ok(&BookmarkView { bookmarked: false, bookmarks })
}
