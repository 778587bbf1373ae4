//! Every five minutes: open errands whose day is over are written down as overdue.
//!
//! Nobody waits for it: whoever reads an errand after its day finds it overdue anyway. It makes the feed and the counts
//! follow. It may run twice at once or be killed anywhere: each errand is one conditional write, and what is left is still
//! in the due-index.

use domain::{
    errand::Errand,
    id::ErrandId,
    listing::{Status, Step},
    time::Time,
};
use edge::{Event, Fault, Grant, Route, Row};
use futures::StreamExt;
use serde_json::{Value, json};
use store::{Due, DueKind, Error};

use crate::Errands;

pub(crate) const ROUTE: Route<Errands> = Row::schedule("errands.expire", "rate(5 minutes)")
    .summary("Write down what is overdue")
    .features(&["D21", "B2", "Z5"])
    .size(512, 120)
    .may(&[
        Grant::Table("GetItem", &["SCHEDULE#errands.expire"]),
        Grant::Table("PutItem", &["ERRAND#", "SCHEDULE#errands.expire"]),
        Grant::Table("BatchGetItem", &["ERRAND#"]),
        Grant::Index("gsi3", &["DUE#errand#"]),
        Grant::Invoke("errands.expire"),
    ])
    .event(|app, event| Box::pin(handle(app, event)));

/// Writes under way at once.
const AT_ONCE: usize = 32;
/// Continuations in a row, at most: a function that calls itself must come to an end whatever happens, and Lambda takes
/// some sixteen for a loop and ends it.
const CONTINUATIONS: u64 = 14;

async fn handle(_: &Errands, event: Event<'_>) -> Result<Value, Fault> {
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
                let (ids, next) = due.page(DueKind::Errand, (day, shard), now, after.as_deref(), 100).await?;
                let ids: Vec<ErrandId> = ids.iter().filter_map(|id| ErrandId::parse(id).ok()).collect();
                expired += write_down(store::Errands(table), &ids, now).await?;
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

async fn write_down(store: store::Errands<'_>, ids: &[ErrandId], now: Time) -> Result<u64, Fault> {
    let errands = store.by_ids(ids).await?;
    let over =
        errands.into_iter().filter(|errand| errand.status == Status::Open && errand.status_at(now) == Status::Expired);
    let mut writes = futures::stream::iter(over.map(|errand| expire(store, errand, now))).buffer_unordered(AT_ONCE);
    let mut expired = 0;
    while let Some(written) = writes.next().await {
        expired += u64::from(written?);
    }
    Ok(expired)
}

async fn expire(store: store::Errands<'_>, errand: Errand, now: Time) -> Result<bool, Fault> {
    let Ok(after) = errand.clone().step(Step::Expire, now) else { return Ok(false) };
    match store.save(&errand, &after).await {
        Ok(()) => Ok(true),
        // Taken back at this moment, or written down by a twin of this run.
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
