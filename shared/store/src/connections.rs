//! Connections of the WebSocket API: one item each, which outlives a `$disconnect` that never came by ten minutes.

use std::collections::BTreeSet;

use domain::{
    id::{AccountId, ConnectionId, RoomId},
    lang::Lang,
    presence::{CONNECTION_LIFE, Sign},
    time::{MINUTE, Time},
};
use serde::{Deserialize, Serialize};

use crate::{
    keys::{self, Index, TTL},
    table::{Error, Expression, Item, Page, Table, Write, indexed, item, n, s, text},
};

/// A connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// What API Gateway calls it.
    pub id: ConnectionId,
    /// Whose it is.
    pub account: AccountId,
    /// When it was opened.
    pub connected_at: Time,
    /// Until when its token is good: after that it is shown nothing more.
    pub expires_at: Time,
    /// What its person reads best.
    pub lang: Lang,
    /// When its person last did something, to a minute.
    pub active_at: Time,
    /// Whether its client said that its person does nothing.
    #[serde(default)]
    pub idle: bool,
    /// The rooms it has open.
    #[serde(default, skip_serializing)]
    pub watching: BTreeSet<RoomId>,
}

impl Connection {
    /// How long a connection is believed in.
    pub const LIFE: i64 = CONNECTION_LIFE;

    /// How many a person may have at once.
    pub const MOST: usize = 10;

    /// What it says of whether its person is there.
    #[must_use]
    pub fn sign(&self) -> Sign {
        Sign { connected_at: self.connected_at, active_at: self.active_at, idle: self.idle }
    }
}

/// Access to connections.
#[derive(Debug, Clone, Copy)]
pub struct Connections<'a>(pub &'a Table);

impl Connections<'_> {
    /// Notes a connection. Told twice of one, it notes the same.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn put(&self, connection: &Connection) -> Result<(), Error> {
        let mut put = item("connection", keys::connection(&connection.id), connection)?;
        let opened = keys::by_time(connection.connected_at, connection.id.as_str());
        indexed(&mut put, Index::Gsi1, keys::connections_of(&connection.account), opened);
        put.insert(TTL.into(), n(connection.connected_at.plus(Connection::LIFE).seconds()));
        self.0.write(Write::Put { item: put, condition: None }).await
    }

    /// Notes whether the person did something, at most once a minute, and once when they stop.
    ///
    /// # Errors
    /// Those of the table; that it was noted, or the connection has ended, is none.
    pub async fn seen(&self, id: &ConnectionId, active: bool, now: Time) -> Result<(), Error> {
        let yes = aws_sdk_dynamodb::types::AttributeValue::Bool;
        let (update, condition) = if active {
            let stale = vec![
                (":now", s(now.to_string())),
                (":idle", yes(true)),
                (":active", yes(false)),
                (":stale", s(now.plus(-MINUTE).to_string())),
            ];
            let text = "attribute_exists(pk) AND (#activeAt <= :stale OR #idle = :idle)";
            ("SET #activeAt = :now, #idle = :active", Expression::new(text, &["activeAt", "idle"], stale))
        } else {
            let text = "attribute_exists(pk) AND #idle <> :idle";
            ("SET #idle = :idle", Expression::new(text, &["idle"], vec![(":idle", yes(true))]))
        };
        match self.0.write(Write::Update { key: keys::connection(id), update: update.into(), condition }).await {
            Err(Error::Clash(_)) => Ok(()),
            other => other,
        }
    }

    /// Forgets a connection; that it is gone already is no fault.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn remove(&self, id: &ConnectionId) -> Result<(), Error> {
        self.0.write(Write::Delete { key: keys::connection(id), condition: None }).await
    }

    /// Forgets many connections.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn remove_all(&self, ids: &[ConnectionId]) -> Result<(), Error> {
        self.0.put_and_delete(vec![], ids.iter().map(keys::connection).collect()).await
    }

    /// A connection, if it may still be open.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by_id(&self, id: &ConnectionId, now: Time) -> Result<Option<Connection>, Error> {
        let found: Option<Connection> = self.0.get_now(&keys::connection(id)).await?;
        Ok(found.filter(|connection| now < connection.connected_at.plus(Connection::LIFE)))
    }

    /// The connections of somebody that may still be open, the oldest first. One that opened this very moment may be
    /// missing, one that closed may be there: a post to it says so.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn of_account(&self, account: &AccountId, now: Time) -> Result<Vec<ConnectionId>, Error> {
        let partition = keys::connections_of(account);
        // DynamoDB may take days to remove what has run out.
        let dead = keys::by_time(now.plus(-Connection::LIFE), "~");
        let page = Page { after: Some(&dead), ..Page::of(Index::Gsi1, &partition) };
        Ok(self.0.page(&page).await?.iter().filter_map(id_of).collect())
    }
}

fn id_of(item: &Item) -> Option<ConnectionId> {
    ConnectionId::parse(text(item, keys::PK)?.strip_prefix(keys::CONNECTION)?).ok()
}
