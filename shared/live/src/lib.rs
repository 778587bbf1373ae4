//! Telling people's connections what happened.
//!
//! What is told is a convenience: it follows what was stored, and a client that misses it finds it in the room's log. So
//! a frame that cannot be delivered is given up after a few tries, and what is only of the moment (who types, who is
//! there) is given up first.

mod deliver;
mod outbox;

use std::collections::BTreeSet;

use domain::id::{AccountId, ConnectionId, RoomId};
use futures::StreamExt;
use ports::{Connections, PostError};
use serde_json::Value;
use store::{Error, Table, Watches};

pub use deliver::{Deliver, Delivery};
pub use outbox::{LARGEST, Outbox};

/// Posts under way at once.
const AT_ONCE: usize = 64;

/// Up to how many connections a room is told by the function that changed it; beyond, shards are told side by side.
pub const FEW: usize = 300;

/// How much it matters that a frame arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Weight {
    /// Tried again when there were too many.
    Lasting,
    /// Of the moment: tried once.
    Passing,
}

/// What came of posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Posted {
    /// Delivered.
    pub sent: usize,
    /// Closed; forgotten.
    pub gone: usize,
    /// Given up.
    pub failed: usize,
}

/// The connections of everybody, and the table that knows which there are.
#[derive(Clone, Copy)]
pub struct Live<'a> {
    /// The table.
    pub table: &'a Table,
    /// The connections.
    pub connections: &'a Connections,
}

impl Live<'_> {
    /// Posts to many connections side by side, and forgets those that are gone; `room` is the one they were thought to
    /// have open.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn post(
        &self,
        room: Option<&RoomId>,
        weight: Weight,
        frames: impl IntoIterator<Item = (ConnectionId, String)>,
    ) -> Result<Posted, Error> {
        let mut posts = futures::stream::iter(frames.into_iter().map(|(to, frame)| async move {
            let outcome = match weight {
                Weight::Lasting => self.connections.send(&to, &frame).await,
                Weight::Passing => self.connections.post(&to, &frame).await,
            };
            (to, outcome)
        }))
        .buffer_unordered(AT_ONCE);
        let (mut posted, mut gone) = (Posted::default(), BTreeSet::new());
        while let Some((to, outcome)) = posts.next().await {
            match outcome {
                Ok(()) => posted.sent += 1,
                Err(PostError::Gone) => {
                    gone.insert(to);
                }
                Err(_) => posted.failed += 1,
            }
        }
        drop(posts);
        posted.gone = gone.len();
        let gone: Vec<ConnectionId> = gone.into_iter().collect();
        Watches(self.table).prune(room, &gone).await?;
        Ok(posted)
    }

    /// Sends what has gathered, one frame a connection where it fits.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn send(&self, outbox: Outbox) -> Result<Posted, Error> {
        let (lasting, passing) = outbox.frames();
        // In this order: what lasts must not wait behind what passes.
        let told = self.post(None, Weight::Lasting, lasting).await?;
        let passed = self.post(None, Weight::Passing, passing).await?;
        Ok(Posted { sent: told.sent + passed.sent, gone: told.gone + passed.gone, failed: told.failed + passed.failed })
    }

    /// Tells every connection that has a room open, but one; a large room by way of `deliver`, shard by shard.
    ///
    /// # Errors
    /// Those of the table, and of invoking the function that delivers.
    pub async fn tell_room(
        &self,
        deliver: &Deliver,
        room: &RoomId,
        frame: &Value,
        weight: Weight,
        except: Option<&ConnectionId>,
    ) -> Result<Posted, Error> {
        let (watches, next) = Watches(self.table).of_room(room, None, None, FEW).await?;
        if next.is_some() {
            deliver.to_all_shards(room, frame, weight, except).await?;
            return Ok(Posted::default());
        }
        let text = frame.to_string();
        let others = watches.into_iter().map(|watch| watch.connection).filter(|id| Some(id) != except);
        self.post(Some(room), weight, others.map(|id| (id, text.clone()))).await
    }

    /// Puts a frame into the outbox for every connection of somebody.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn tell_account(
        &self,
        outbox: &mut Outbox,
        account: &AccountId,
        frame: &Value,
        now: domain::time::Time,
    ) -> Result<(), Error> {
        for connection in store::Connections(self.table).of_account(account, now).await? {
            outbox.put(connection, frame.clone(), Weight::Lasting);
        }
        Ok(())
    }
}
