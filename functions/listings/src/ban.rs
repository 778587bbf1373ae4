//! PUT /listings/{listingId}/bans/{accountId}: the owner keeps somebody away from a listing, for good.

use domain::id::{AccountId, ListingId};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row};
use store::Error;

use crate::Listings;

pub(crate) const ROUTE: Route<Listings> = Row::put("listings.ban", "/listings/{listingId}/bans/{accountId}")
    .summary("Ban somebody from one's listing")
    .description("For good: whoever is banned neither opens nor joins it. Again is no fault.")
    .features(&["L21", "X5"])
    .may(&[
        Grant::Table("GetItem", &["ACCOUNT#"]),
        Grant::Table("PutItem", &["LISTING#"]),
        Grant::Table("ConditionCheckItem", &["LISTING#"]),
    ])
    .replies_nothing(204)
    .problems(&[Code::NotOwner, Code::OwnListing])
    .budget(2, 1.0, 16.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Listings, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let id = call.path("listingId", ListingId::parse)?;
    let who = call.path("accountId", AccountId::parse)?;
    if who == caller.id {
        return Err(Code::OwnListing.into());
    }
    store::Accounts(call.table()?).by_id(&who).await?.ok_or(Code::NotFound)?;
    store::Listings(call.table()?).ban(&id, &caller.id, &who, call.now).await.map_err(|error| match error {
        Error::Clash(clash) if clash.standing().is_some() => Fault::from(Code::NotOwner),
        Error::Clash(_) => Code::NotFound.into(),
        other => other.into(),
    })?;
    Ok(Reply::nothing())
}
