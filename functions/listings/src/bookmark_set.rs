//! PUT /listings/{listingId}/bookmark: the caller bookmarks a listing.

use domain::{id::ListingId, listing::Status};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Bookmarks, Error};

use crate::Listings;

pub(crate) const ROUTE: Route<Listings> = Row::put("listings.bookmark_set", "/listings/{listingId}/bookmark")
    .summary("Bookmark a listing")
    .description("Again is no fault.")
    .features(&["L17", "L18", "L21"])
    .may(&[
        Grant::Table("BatchGetItem", &["ACCOUNT#", "LISTING#"]),
        Grant::Table("PutItem", &["ACCOUNT#"]),
        Grant::Table("UpdateItem", &["LISTING#"]),
    ])
    .replies::<BookmarkView>(200)
    .problems(&[Code::Banned])
    .budget(2, 2.0, 20.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// Whether a listing is bookmarked, and by how many.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Bookmark")]
pub(crate) struct BookmarkView {
    /// By the caller.
    pub(crate) bookmarked: bool,
    /// By how many in all.
    pub(crate) bookmarks: u64,
}

async fn handle(_: &Listings, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let id = call.path("listingId", ListingId::parse)?;
    let found = store::Listings(call.table()?).for_reader(&id, Some(&caller.id)).await?;
    let (listing, already, banned) = found.ok_or(Code::NotFound)?;
    if banned {
        return Err(Code::Banned.into());
    }
    if listing.status == Status::Withdrawn && listing.owner != caller.id {
        return Err(Code::NotFound.into());
    }
    let mut bookmarks = listing.bookmarks;
    if !already {
        match Bookmarks(call.table()?).set(&caller.id, &id, call.now).await {
            Ok(()) => bookmarks += 1,
            // Set by another device a moment ago.
            Err(Error::Clash(clash)) if clash.at(0) => {}
            Err(Error::Clash(_)) => return Err(Fault::from(Code::NotFound)),
            Err(other) => return Err(other.into()),
        }
    }
    Reply::ok(&BookmarkView { bookmarked: true, bookmarks })
}
