//! `$connect`: notes a connection. Of a person's connections beyond ten the oldest is hung up.
//!
//! It is the oldest that goes, not the new one that is refused: a `$disconnect` may be lost, and whoever comes back from a
//! tunnel ten times must not be locked out by their own ghosts for two hours.

use std::collections::BTreeSet;

use domain::id::ConnectionId;
use edge::{Event, Fault, Grant, Method, Route, Row};
use serde_json::{Value, json};
use store::{Connection, Connections};

use crate::{
    Realtime,
    protocol::{self, PROTOCOL},
};

pub(crate) const ROUTE: Route<Realtime> = Row::socket("realtime.connect", "$connect")
    .summary("Open a connection")
    .description(
        "`Sec-WebSocket-Protocol: madang.v1, <access token>` (in a browser `new WebSocket(url, [\"madang.v1\", token])`), \
         or `?token=` for clients that cannot send it. Problems are worded by `?lang=`, or by `Accept-Language`. A person \
         has ten connections; the oldest makes room for an eleventh.",
    )
    .features(&["C1", "P16"])
    .may(&[
        Grant::Table("PutItem", &["CONNECTION#"]),
        Grant::Table("BatchWriteItem", &["CONNECTION#"]),
        Grant::Index("gsi1", &["CONNECTIONS#"]),
        Grant::Connections(&[Method::Delete]),
    ])
    .answers_nothing()
    .budget(2, 1.0, 6.0)
    .event(|app, event| Box::pin(handle(app, event)));

async fn handle(_: &Realtime, event: Event<'_>) -> Result<Value, Fault> {
    let opened = event.connection()?;
    let connection = Connection {
        id: opened.id,
        account: opened.caller.id,
        connected_at: opened.since,
        expires_at: opened.expires,
        lang: opened.lang,
        active_at: opened.since,
        idle: false,
        watching: BTreeSet::new(),
    };
    let connections = Connections(event.table()?);
    let (noted, known) =
        futures::join!(connections.put(&connection), connections.of_account(&connection.account, event.now));
    noted?;
    let surplus = surplus(&known?, &connection.id);
    if !surplus.is_empty() {
        let all = event.env.connections()?;
        // Most of them are gone already; one that is not and stays is ended by its two hours.
        futures::future::join_all(surplus.iter().map(|id| all.hang_up(id))).await;
        connections.remove_all(&surplus).await?;
    }
    // A client that offers a protocol closes when it is not chosen, and so does one that offers none when one is.
    Ok(if protocol::is_offered(&event) {
        json!({"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": PROTOCOL}})
    } else {
        json!({"statusCode": 200})
    })
}

/// Which connections, the oldest first, are too many beside a new one that the index may know of or not.
fn surplus(known: &[ConnectionId], new: &ConnectionId) -> Vec<ConnectionId> {
    let others: Vec<&ConnectionId> = known.iter().filter(|id| *id != new).collect();
    let too_many = (others.len() + 1).saturating_sub(Connection::MOST);
    others.into_iter().take(too_many).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room_and_the_new_one_never_goes() {
        let id = |n: usize| ConnectionId::parse(&format!("c{n}")).unwrap();
        let known = |n: usize| (0..n).map(id).collect::<Vec<_>>();
        assert!(surplus(&known(9), &id(99)).is_empty());
        assert_eq!(surplus(&known(10), &id(99)), [id(0)]);
        assert_eq!(surplus(&known(12), &id(99)), [id(0), id(1), id(2)]);
        // Delivered twice: the index knows it already.
        assert!(surplus(&known(10), &id(0)).is_empty());
        assert_eq!(surplus(&known(11), &id(0)), [id(1)]);
    }
}
