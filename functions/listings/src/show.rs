//! GET /listings/{listingId}: one listing with its owner.

use domain::{id::ListingId, listing::Status};
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row, Setting};
use store::AccountRecord;

use crate::{Listings, views::ListingView};

pub(crate) const ROUTE: Route<Listings> = Row::get("listings.show", "/listings/{listingId}")
    .summary("A listing")
    .description("A withdrawn listing is there for its owner alone. Whoever is banned from a listing is refused.")
    .features(&["L16", "L18", "L21", "X5"])
    .maybe()
    .needs(&[Setting::MediaUrl])
    .may(&[Grant::Table("GetItem", &["ACCOUNT#", "LISTING#"]), Grant::Table("BatchGetItem", &["ACCOUNT#", "LISTING#"])])
    .replies::<ListingView>(200)
    .etag()
    .problems(&[Code::Banned])
    .budget(2, 3.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Listings, call: &Call<'_>) -> Outcome {
    let id = call.path("listingId", ListingId::parse)?;
    let reader = call.reader().map(|reader| &reader.id);
    let found = store::Listings(call.table()?).for_reader(&id, reader).await?;
    let (listing, bookmarked, banned) = found.ok_or(Code::NotFound)?;
    if listing.status == Status::Withdrawn && reader != Some(&listing.owner) {
        return Err(Code::NotFound.into());
    }
    if banned {
        return Err(Code::Banned.into());
    }
    let owner = store::Accounts(call.table()?).by_id(&listing.owner).await?.and_then(AccountRecord::active);
    Reply::ok(&ListingView::of(listing, owner, bookmarked, call)?)
}
