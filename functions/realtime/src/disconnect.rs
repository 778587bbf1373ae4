//! `$disconnect`: forgets a connection. It may come late, twice or never; the item's time to live stands behind it.

use edge::{Event, Fault, Grant, Route, Row};
use serde_json::{Value, json};
use store::Connections;

use crate::Realtime;

pub(crate) const ROUTE: Route<Realtime> = Row::socket("realtime.disconnect", "$disconnect")
    .summary("A connection has ended")
    .features(&["C1", "P16"])
    .may(&[Grant::Table("DeleteItem", &["CONNECTION#"])])
    .answers_nothing()
    .budget(1, 0.0, 2.0)
    .event(|app, event| Box::pin(handle(app, event)));

async fn handle(_: &Realtime, event: Event<'_>) -> Result<Value, Fault> {
    if let Err(fault) = forget(&event).await {
        // Nobody is there to be told, and the item goes by itself: a line in the log, not a failed function.
        let line = json!({"route": event.row.name, "fault": format!("not forgotten: {fault:?}")});
        (event.env.log)(&line.to_string());
    }
    Ok(json!({"statusCode": 200}))
}

async fn forget(event: &Event<'_>) -> Result<(), Fault> {
    let connection = event.connection()?;
    Ok(Connections(event.table()?).remove(&connection.id).await?)
}
