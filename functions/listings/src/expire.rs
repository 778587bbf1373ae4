//! Every five minutes: listings whose deadline has passed are written down as expired.
//!
//! Nobody waits for it: whoever reads a listing after its deadline finds it expired anyway. It makes feeds follow and,
//! by the stream, tells the owners. It may run twice at once or be killed anywhere: each listing is one conditional
//! write, and what is left is still in the due-index.

use domain::{
    id::ListingId,
    listing::{Listing, Status, Step},
    time::Time,
};
use edge::{Event, Fault, Grant, Route, Row};
use futures::StreamExt;
use serde_json::{Value, json};
use store::{Due, DueKind, Error};

use crate::Listings;

pub(crate) const ROUTE: Route<Listings> = Row::schedule("listings.expire", "rate(5 minutes)")
    .summary("Write down what has expired")
    .features(&["L9", "B1", "Z5"])
    .size(512, 120)
    .may(&[
        Grant::Table("GetItem", &["SCHEDULE#listings.expire"]),
        Grant::Table("PutItem", &["SCHEDULE#listings.expire"]),
        Grant::Table("BatchGetItem", &["LISTING#"]),
        Grant::Table("UpdateItem", &["LISTING#"]),
        Grant::Index("gsi3", &["DUE#listing#"]),
        Grant::Invoke("listings.expire"),
    ])
    .event(|app, event| Box::pin(handle(app, event)));

/// Writes under way at once.
const AT_ONCE: usize = 32;
/// Continuations in a row, at most: a function that calls itself must come to an end whatever happens, and Lambda takes
/// some sixteen for a loop and ends it. 100,000 listings take two or three.
const CONTINUATIONS: u64 = 14;

async fn handle(_: &Listings, event: Event<'_>) -> Result<Value, Fault> {
    let table = event.table()?;
    let (due, now) = (Due(table), event.now);
    let mut expired = 0_u64;
    for day in due.days(event.row.name, now).await? {
        for shard in due.shards() {
            let mut after = None;
            loop {
                if event.time_left().is_zero() {
                    continue_later(&event).await?;
                    return Ok(json!({"expired": expired, "finished": false}));
                }
                let (ids, next) = due.page(DueKind::Listing, (day, shard), now, after.as_deref(), 100).await?;
                let ids: Vec<ListingId> = ids.iter().filter_map(|id| ListingId::parse(id).ok()).collect();
                expired += write_down(store::Listings(table), &ids, now).await?;
                after = next;
                if after.is_none() {
                    break;
                }
            }
        }
    }
    due.drained(event.row.name, now).await?;
    Ok(json!({"expired": expired, "finished": true}))
}

async fn write_down(store: store::Listings<'_>, ids: &[ListingId], now: Time) -> Result<u64, Fault> {
    let listings = store.by_ids(ids).await?;
    let over = listings
        .into_iter()
        .filter(|listing| listing.status == Status::Open && listing.status_at(now) == Status::Expired);
    let mut writes = futures::stream::iter(over.map(|listing| expire(store, listing, now))).buffer_unordered(AT_ONCE);
    let mut expired = 0;
    while let Some(written) = writes.next().await {
        expired += u64::from(written?);
    }
    Ok(expired)
}

async fn expire(store: store::Listings<'_>, listing: Listing, now: Time) -> Result<bool, Fault> {
    let mut after = listing.clone();
    // `step` looks at the clock and finds it expired already: here that is what is written down.
    after.status = listing.status.after(Step::Expire).unwrap_or(Status::Expired);
    match store.save(&listing, &after.edited(now), now).await {
        Ok(()) => Ok(true),
        // Edited, relisted or deleted at this moment, or written down by a twin of this run.
        Err(Error::Clash(_)) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

/// Calls this function again with the same event, without waiting for it.
async fn continue_later(event: &Event<'_>) -> Result<(), Fault> {
    let so_far = event.payload["continuation"].as_u64().unwrap_or(0);
    if so_far >= CONTINUATIONS {
        // The schedule comes round in five minutes and takes up what is left.
        return Ok(());
    }
    let mut payload = event.payload.clone();
    payload["continuation"] = (so_far + 1).into();
    event.hand_over(event.row.name, &payload).await
}
