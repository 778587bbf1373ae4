//! Which connections have a room open: who is told at once of what happens in it.

use domain::{
    id::{AccountId, ConnectionId, RoomId},
    presence::CONNECTION_LIFE,
    time::Time,
};
use serde::{Deserialize, Serialize};

use crate::{
    keys::{self, Index, Key, TTL},
    table::{Error, Expression, Item, Page, Table, Write, item, n, text},
};

/// A connection that has a room open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Watch {
    /// The room.
    pub room: RoomId,
    /// The connection.
    pub connection: ConnectionId,
    /// Whose it is.
    pub account: AccountId,
}

/// Access to them.
#[derive(Debug, Clone, Copy)]
pub struct Watches<'a>(pub &'a Table);

impl Watches<'_> {
    /// Notes that a connection has a room open, on its own item too, so that it can be undone when it ends.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when the person is not in the room (any more), at 1 when the connection has ended.
    pub async fn open(&self, watch: &Watch, now: Time) -> Result<(), Error> {
        let mut put = item("watch", keys::watch(&watch.room, &watch.connection), watch)?;
        put.insert(TTL.into(), n(now.plus(CONNECTION_LIFE).seconds()));
        let there = || Expression::new("attribute_exists(pk)", &[], vec![]);
        let mut noted = Expression::new("attribute_exists(pk)", &["watching"], vec![]);
        noted
            .values
            .push((":room".into(), aws_sdk_dynamodb::types::AttributeValue::Ss(vec![watch.room.as_str().to_owned()])));
        self.0
            .transact(vec![
                Write::Check { key: keys::member(&watch.room, &watch.account), condition: there() },
                Write::Update {
                    key: keys::connection(&watch.connection),
                    update: "ADD #watching :room".into(),
                    condition: noted,
                },
                Write::Put { item: put, condition: None },
            ])
            .await
    }

    /// Notes that a connection has a room open no more.
    ///
    /// # Errors
    /// Those of the table; that it had not is none.
    pub async fn close(&self, room: &RoomId, connection: &ConnectionId) -> Result<(), Error> {
        let mut noted = Expression::new("attribute_exists(pk)", &["watching"], vec![]);
        noted
            .values
            .push((":room".into(), aws_sdk_dynamodb::types::AttributeValue::Ss(vec![room.as_str().to_owned()])));
        let unnoted = self.0.write(Write::Update {
            key: keys::connection(connection),
            update: "DELETE #watching :room".into(),
            condition: noted,
        });
        let gone = self.0.write(Write::Delete { key: keys::watch(room, connection), condition: None });
        let (unnoted, gone) = futures::join!(unnoted, gone);
        match unnoted {
            Err(Error::Clash(_)) => {}
            other => other?,
        }
        gone
    }

    /// The rooms that a connection has open.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn of_connection(&self, connection: &ConnectionId) -> Result<Vec<RoomId>, Error> {
        let found = self.0.get_item(&keys::connection(connection), true).await?;
        let names = found.as_ref().and_then(|item| item.get("watching")).and_then(|all| all.as_ss().ok());
        Ok(names.into_iter().flatten().filter_map(|id| RoomId::parse(id).ok()).collect())
    }

    /// A page of the connections that have a room open, of one shard or of all, and where the next page begins.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn of_room(
        &self,
        room: &RoomId,
        shard: Option<u32>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Watch>, Option<String>), Error> {
        let partition = keys::room(room).pk;
        let first = keys::watches(shard);
        let last = format!("{first}~");
        let page = Page {
            after: Some(after.unwrap_or(&first)),
            until: Some(&last),
            limit: limit + 1,
            ..Page::of(Index::Table, &partition)
        };
        let mut items = self.0.page(&page).await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().and_then(|item| text(item, keys::SK)).map(str::to_owned) } else { None };
        Ok((items.iter().filter_map(read).collect(), next))
    }

    /// Forgets that somebody has a room open on any connection; which had it open.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn remove_account(&self, room: &RoomId, account: &AccountId) -> Result<Vec<ConnectionId>, Error> {
        let mut removed = vec![];
        let mut after = None;
        loop {
            let (watches, next) = self.of_room(room, None, after.as_deref(), 500).await?;
            let theirs = watches.into_iter().filter(|watch| watch.account == *account);
            removed.extend(theirs.map(|watch| watch.connection));
            after = next;
            if after.is_none() {
                break;
            }
        }
        self.remove(room, &removed).await?;
        Ok(removed)
    }

    /// Forgets that connections have a room open.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn remove(&self, room: &RoomId, connections: &[ConnectionId]) -> Result<(), Error> {
        self.0.put_and_delete(vec![], connections.iter().map(|id| keys::watch(room, id)).collect()).await
    }

    /// Forgets connections that are gone, and that they had this room open.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn prune(&self, room: Option<&RoomId>, connections: &[ConnectionId]) -> Result<(), Error> {
        let mut gone: Vec<Key> = connections.iter().map(keys::connection).collect();
        if let Some(room) = room {
            gone.extend(connections.iter().map(|id| keys::watch(room, id)));
        }
        self.0.put_and_delete(vec![], gone).await
    }
}

fn read(item: &Item) -> Option<Watch> {
    Some(Watch {
        room: RoomId::parse(text(item, "room")?).ok()?,
        connection: ConnectionId::parse(text(item, "connection")?).ok()?,
        account: AccountId::parse(text(item, "account")?).ok()?,
    })
}
