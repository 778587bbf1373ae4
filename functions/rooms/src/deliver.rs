//! Tells one shard of a large room's connections. Handed over by whatever changed the room.

use edge::{Event, Fault, Grant, Method, Route, Row};
use live::{DELIVERS, Delivery, Live};
use serde_json::{Value, json};
use store::Watches;

use crate::Rooms;

pub(crate) const ROUTE: Route<Rooms> = Row::call(DELIVERS)
    .summary("Tell a shard of a large room's connections")
    .description("May run twice: clients know a message by its number.")
    .features(&["C23"])
    .size(512, 60)
    .may(&[
        Grant::Table("Query", &["ROOM#"]),
        Grant::Table("BatchWriteItem", &["CONNECTION#", "ROOM#"]),
        Grant::Connections(&[Method::Post]),
        Grant::Invoke(DELIVERS),
    ])
    .event(|app, event| Box::pin(handle(app, event)));

/// Connections a page.
const PAGE: usize = 500;

async fn handle(_: &Rooms, event: Event<'_>) -> Result<Value, Fault> {
    let mut delivery: Delivery = serde_json::from_value(event.payload.clone()).map_err(Fault::internal)?;
    let live = Live { env: event.env, now: event.now };
    let (text, mut sent) = (delivery.frame.to_string(), 0);
    loop {
        let (watches, next) = Watches(event.table()?)
            .of_room(&delivery.room, Some(delivery.shard), delivery.after.as_deref(), PAGE)
            .await?;
        let others =
            watches.into_iter().map(|watch| watch.connection).filter(|id| Some(id) != delivery.except.as_ref());
        let posted = live.post(Some(&delivery.room), delivery.weight, others.map(|id| (id, text.clone()))).await?;
        sent += posted.sent;
        delivery.after = next;
        if delivery.after.is_none() {
            return Ok(json!({"sent": sent}));
        }
        // A target that hangs costs three seconds.
        if event.time_left().as_secs() < 10 {
            event.hand_over(DELIVERS, &delivery).await?;
            return Ok(json!({"sent": sent, "handedOn": true}));
        }
    }
}
