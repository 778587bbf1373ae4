//! GET /listings/{listingId}: one listing with its owner.

use domain::{id::ListingId, listing::Status, manner::Manner};
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row, Setting};
use store::{AccountRecord, Reviews};

use crate::{Listings, views::ListingView};

pub(crate) const ROUTE: Route<Listings> = Row::get("listings.show", "/listings/{listingId}")
    .summary("A listing")
    .description("A withdrawn listing is there for its owner alone. Whoever is banned from a listing is refused.")
    .features(&["L16", "L18", "L21", "X5", "P9"])
    .maybe()
    .needs(&[Setting::MediaUrl])
    .may(&[
        Grant::Table("GetItem", &["ACCOUNT#", "LISTING#"]),
        Grant::Table("BatchGetItem", &["ACCOUNT#", "LISTING#"]),
        Grant::Table("Query", &["ACCOUNT#"]),
        Grant::Index("gsi1", &["REVIEWS#"]),
    ])
    .replies::<ListingView>(200)
    .etag()
    .problems(&[Code::Banned])
    .budget(2, 6.0, 0.0)
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
    let (accounts, reviews) = (store::Accounts(call.table()?), Reviews(call.table()?));
    let (owner, (reviews, penalties)) =
        futures::try_join!(accounts.by_id(&listing.owner), reviews.manner(&listing.owner, call.now))?;
    let owner = owner.and_then(AccountRecord::active);
    let mut view = ListingView::of(listing, owner, bookmarked, call)?;
    view.owner.manner_score = Manner::of(&reviews, &penalties, call.now).map(|manner| manner.score);
    Reply::ok(&view)
}
