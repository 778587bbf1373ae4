//! Every five minutes: reviews whose window has ended are counted, and whom they are about is told.
//!
//! Nobody waits for it: whoever reads after the window's end sees the review, and the sums with it. It may run twice at
//! once or be killed anywhere: each review is one transaction, and what is left is still in the due-index.

use edge::{Event, Fault, Grant, Route, Row};
use futures::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use store::{Due, DueKind, Reviews};

use crate::Trust;

pub(crate) const ROUTE: Route<Trust> = Row::schedule("trust.reveal", "rate(5 minutes)")
    .summary("Count reviews whose window has ended")
    .features(&["P10", "Z6"])
    .size(256, 120)
    .may(&[
        Grant::Table("GetItem", &["SCHEDULE#trust.reveal"]),
        Grant::Table("PutItem", &["ACCOUNT#", "SCHEDULE#trust.reveal"]),
        Grant::Table("BatchGetItem", &["ACCOUNT#"]),
        Grant::Table("UpdateItem", &["ACCOUNT#"]),
        Grant::Index("gsi3", &["DUE#review#"]),
    ])
    .event(|app, event| Box::pin(handle(app, event)));

/// Writes under way at once.
const AT_ONCE: usize = 16;

async fn handle(_: &Trust, event: Event<'_>) -> Result<Value, Fault> {
    let table = event.table()?;
    let (due, reviews, now) = (Due(table), Reviews(table), event.now);
    let mut counted = 0_usize;
    for day in due.days(event.row.name, now).await? {
        for shard in due.shards() {
            let mut after = None;
            loop {
                if event.time_left().is_zero() {
                    // The next run takes up what is left.
                    return Ok(json!({"counted": counted, "finished": false}));
                }
                let (ids, next) = due.page(DueKind::Review, (day, shard), now, after.as_deref(), 100).await?;
                let found = if ids.is_empty() { vec![] } else { reviews.due(&ids).await? };
                let written: Vec<bool> = futures::stream::iter(found)
                    .map(|review| async move { reviews.count(&review, now).await })
                    .buffer_unordered(AT_ONCE)
                    .try_collect()
                    .await?;
                counted += written.into_iter().filter(|written| *written).count();
                after = next;
                if after.is_none() {
                    break;
                }
            }
        }
    }
    due.drained(event.row.name, now).await?;
    Ok(json!({"counted": counted, "finished": true}))
}
