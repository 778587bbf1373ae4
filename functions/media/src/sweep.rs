//! Every hour: uploads that nothing has used for a day go; their files follow from the stream.

use domain::id::MediaId;
use edge::{Event, Fault, Grant, Route, Row};
use futures::StreamExt;
use serde_json::{Value, json};
use store::{Due, DueKind, Error, MediaItems};

use crate::Media;

pub(crate) const ROUTE: Route<Media> = Row::schedule("media.sweep", "rate(1 hour)")
    .summary("Remove uploads that nothing uses")
    .features(&["M1", "M5"])
    .size(256, 120)
    .may(&[
        Grant::Table("GetItem", &["SCHEDULE#media.sweep"]),
        Grant::Table("PutItem", &["SCHEDULE#media.sweep"]),
        Grant::Table("DeleteItem", &["MEDIA#"]),
        Grant::Index("gsi3", &["DUE#media#"]),
    ])
    .event(|app, event| Box::pin(handle(app, event)));

async fn handle(_: &Media, event: Event<'_>) -> Result<Value, Fault> {
    let (table, now) = (event.table()?, event.now);
    let (due, items) = (Due(table), MediaItems(table));
    let mut removed = 0_u64;
    for day in due.days(event.row.name, now).await? {
        for shard in due.shards() {
            let mut after = None;
            loop {
                if event.time_left().is_zero() {
                    // What is left is still in the index in an hour.
                    return Ok(json!({"removed": removed, "finished": false}));
                }
                let (ids, next) = due.page(DueKind::Media, (day, shard), now, after.as_deref(), 100).await?;
                let ids: Vec<MediaId> = ids.iter().filter_map(|id| MediaId::parse(id).ok()).collect();
                let mut removals =
                    futures::stream::iter(ids.into_iter().map(|id| remove(items, id))).buffer_unordered(16);
                while let Some(one) = removals.next().await {
                    removed += u64::from(one?);
                }
                after = next;
                if after.is_none() {
                    break;
                }
            }
        }
    }
    due.drained(event.row.name, now).await?;
    Ok(json!({"removed": removed, "finished": true}))
}

async fn remove(items: MediaItems<'_>, id: MediaId) -> Result<bool, Fault> {
    match items.remove_unused(&id, None).await {
        Ok(()) => Ok(true),
        // Taken into use at this moment.
        Err(Error::Clash(_)) => Ok(false),
        Err(other) => Err(other.into()),
    }
}
