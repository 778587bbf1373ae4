//! Connections of the WebSocket API: one item each, which outlives a `$disconnect` that never came by ten minutes.

use domain::{
    id::{AccountId, ConnectionId},
    lang::Lang,
    time::{HOUR, MINUTE, Time},
};
use serde::{Deserialize, Serialize};

use crate::{
    keys::{self, Index, TTL},
    table::{Error, Item, Page, Table, Write, indexed, item, n, text},
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
}

impl Connection {
    /// How long a connection is believed in: the two hours that API Gateway gives it at the most, and ten minutes.
    pub const LIFE: i64 = 2 * HOUR + 10 * MINUTE;

    /// How many a person may have at once.
    pub const MOST: usize = 10;
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
