//! DELETE /listings/{listingId}: the owner deletes a listing; what hangs on it goes along.

use domain::{id::ListingId, listing::Refused};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row};
use store::Error;

use crate::Listings;

pub(crate) const ROUTE: Route<Listings> = Row::delete("listings.delete", "/listings/{listingId}")
    .summary("Delete one's listing")
    .description(
        "Its pictures, bookmarks, bans and index entries go along. One that is promised to somebody cannot be deleted.",
    )
    .features(&["L7"])
    .may(&[Grant::Table("DeleteItem", &["LISTING#"])])
    .replies_nothing(204)
    .problems(&[Code::NotOwner, Code::WrongStatus])
    .budget(1, 0.0, 10.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Listings, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let id = call.path("listingId", ListingId::parse)?;
    store::Listings(call.table()?).delete(&id, &caller.id).await.map_err(|error| match error {
        Error::Clash(clash) => match clash.standing().map(store::listing_in) {
            None => Fault::from(Code::NotFound),
            Some(Ok(listing)) if listing.owner == caller.id => Refused::Status(listing.status).into(),
            Some(Ok(_)) => Code::NotOwner.into(),
            Some(Err(error)) => error.into(),
        },
        other => other.into(),
    })?;
    Ok(Reply::nothing())
}
