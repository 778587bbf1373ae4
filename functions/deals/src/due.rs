//! Every five minutes: what time has done to deals is written down (rows B2, B14, Z5).
//!
//! Nobody waits for it: whoever reads a deal or does something to it finds it where time has put it. It pays whoever is to
//! be paid, gives back what is to be given back, reminds, and by the stream tells both sides. It may run twice at once or be
//! killed anywhere: each deal is one conditional transaction, and what is left is still in the due-index.

use domain::{deal::Deal, id::DealId, time::Time};
use edge::{Event, Fault, Grant, Route, Row};
use futures::StreamExt;
use serde_json::{Value, json};
use store::{Due, DueKind, Told};

use crate::{
    Deals,
    acting::{TRIES, written},
};

pub(crate) const ROUTE: Route<Deals> = Row::schedule("deals.due", "rate(5 minutes)")
    .summary("Write down what time has done to deals")
    .features(&["D21", "B2", "B14", "N8", "Z4", "Z5"])
    .size(512, 120)
    .may(&[
        Grant::Table("GetItem", &["SCHEDULE#deals.due"]),
        Grant::Table(
            "PutItem",
            &["SCHEDULE#deals.due", "DEAL#", "LISTING#", "ERRAND#", "ROOM#", "PURSE#", "ACCOUNT#", "REVIEWABLE#"],
        ),
        Grant::Table("BatchGetItem", &["DEAL#", "LISTING#", "ERRAND#", "PURSE#"]),
        Grant::Table("Query", &["ROOM#"]),
        Grant::Table("UpdateItem", &["LISTING#", "PURSE#"]),
        Grant::Table("DeleteItem", &["LISTING#", "ERRAND#"]),
        Grant::Index("gsi3", &["DUE#deal#"]),
        Grant::Invoke("deals.due"),
    ])
    .event(|app, event| Box::pin(handle(app, event)));

/// Deals under way at once.
const AT_ONCE: usize = 16;
/// Continuations in a row, at most: Lambda takes some sixteen for a loop and ends it.
const CONTINUATIONS: u64 = 14;

async fn handle(_: &Deals, event: Event<'_>) -> Result<Value, Fault> {
    let table = event.table()?;
    let (due, now) = (Due(table), event.now);
    let (mut moved, mut left) = (0_u64, 0_u64);
    for day in due.days(event.row.name, now).await? {
        for shard in due.shards() {
            let mut after = None;
            loop {
                if event.time_left().is_zero() {
                    continue_later(&event).await?;
                    return Ok(json!({"moved": moved, "finished": false}));
                }
                let (ids, next) = due.page(DueKind::Deal, (day, shard), now, after.as_deref(), 100).await?;
                let ids: Vec<DealId> = ids.iter().filter_map(|id| DealId::parse(id).ok()).collect();
                let deals = store::Deals(table).by_ids(&ids).await?;
                let mut moves = futures::stream::iter(deals.into_iter().map(|deal| settled(table, deal, now)))
                    .buffer_unordered(AT_ONCE);
                while let Some(result) = moves.next().await {
                    match result? {
                        Settled::Moved => moved += 1,
                        Settled::AsItWas => {}
                        Settled::Left => left += 1,
                    }
                }
                after = next;
                if after.is_none() {
                    break;
                }
            }
        }
    }
    if left > 0 {
        // The alarm rings, and the next run looks through the same days again.
        return Err(Fault::internal(format!("{left} deals could not be moved; {moved} were")));
    }
    due.drained(event.row.name, now).await?;
    Ok(json!({"moved": moved, "finished": true}))
}

/// What came of writing down what time has done to a deal.
enum Settled {
    /// It is written.
    Moved,
    /// There was nothing to write, or somebody else has written it.
    AsItWas,
    /// Something is in the way again and again.
    Left,
}

async fn settled(table: &store::Table, mut deal: Deal, now: Time) -> Result<Settled, Fault> {
    for _ in 0..TRIES {
        let step = deal.at(now);
        if step.taken.is_empty() {
            return Ok(Settled::AsItWas);
        }
        let around = store::Deals(table).around(&deal).await?;
        if written(table, Some(&deal), &step, &around, Told::default(), now).await? {
            return Ok(Settled::Moved);
        }
        match store::Deals(table).by_ids(std::slice::from_ref(&deal.id)).await?.pop() {
            Some(again) => deal = again,
            None => return Ok(Settled::AsItWas),
        }
    }
    Ok(Settled::Left)
}

async fn continue_later(event: &Event<'_>) -> Result<(), Fault> {
    let so_far = event.payload["continuation"].as_u64().unwrap_or(0);
    if so_far >= CONTINUATIONS {
        return Ok(());
    }
    let mut payload = event.payload.clone();
    payload["continuation"] = (so_far + 1).into();
    event.hand_over(event.row.name, &payload).await
}
