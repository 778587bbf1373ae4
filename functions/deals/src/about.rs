//! GET /listings/{listingId}/deals: what people ask for or offer on a listing.

use domain::{deal::Subject, id::ListingId};
use edge::{Call, Code, Grant, Outcome, Paged, Reply, Route, Row, Setting};

use crate::{Deals, page::looked_at, views::DealView};

pub(crate) const ROUTE: Route<Deals> = Row::get("deals.about", "/listings/{listingId}/deals")
    .summary("The deals about a listing that are not over")
    .description("All of them for its owner, the first hundred; one's own for everybody else.")
    .features(&["D1", "D7"])
    .needs(&[Setting::MediaUrl, Setting::CursorKey])
    .may(&[
        Grant::Table("GetItem", &["LISTING#"]),
        Grant::Table("Query", &["LISTING#"]),
        Grant::Table("BatchGetItem", &["DEAL#", "LISTING#", "ACCOUNT#"]),
    ])
    .replies::<Paged<DealView>>(200)
    .budget(4, 420.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Deals, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let id = call.path("listingId", ListingId::parse)?;
    let (listings, store) = (store::Listings(call.table()?), store::Deals(call.table()?));
    let listing = listings.by_id_now(&id).await?.ok_or(Code::NotFound)?;
    let subject = Subject::Listing(id);
    let mut ids = if listing.owner == *me {
        store.open_about(&subject).await?
    } else {
        store.open_of(&subject, me).await?.into_iter().collect()
    };
    ids.truncate(100);
    let deals = store.by_ids(&ids).await?;
    Reply::ok(&call.paged(looked_at(call, &deals).await?, None)?)
}
