//! Telling people's connections what happened.
//!
//! What is told is a convenience: it follows what was stored, and a client that misses it finds it in the room's log. So
//! a frame that cannot be delivered is given up after a few tries, and what is only of the moment (who types, who is
//! there) is given up first.

mod deliver;
mod outbox;
mod views;

use std::collections::BTreeSet;

use domain::{
    id::{AccountId, ConnectionId, RoomId},
    time::Time,
};
use edge::{Env, Fault};
use futures::StreamExt;
use ports::PostError;
use serde_json::Value;
use store::{Connections, Watches, keys::WATCH_SHARDS};

pub use deliver::{DELIVERS, Delivery};
pub use outbox::{Frames, LARGEST, Outbox};
pub use views::{Activity, Changed, MessageOfRoom, MessageView, PresenceOf, Removal, Removed, RoomView};

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

/// A frame of this `type`.
///
/// # Errors
/// When the view is no JSON object, which is a fault of ours.
pub fn frame<T: serde::Serialize>(kind: &str, view: &T) -> Result<Value, Fault> {
    let mut frame = serde_json::to_value(view).map_err(Fault::internal)?;
    let Value::Object(fields) = &mut frame else { return Err(Fault::internal("a frame that is no object")) };
    fields.insert("type".to_owned(), kind.into());
    Ok(frame)
}

/// Everybody's connections, as a function reaches them.
#[derive(Clone, Copy)]
pub struct Live<'a> {
    /// The function's surroundings.
    pub env: &'a Env,
    /// What time it is.
    pub now: Time,
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
    ) -> Result<Posted, Fault> {
        let connections = self.env.connections()?;
        let mut posts = futures::stream::iter(frames.into_iter().map(|(to, frame)| async move {
            let outcome = match weight {
                Weight::Lasting => connections.send(&to, &frame).await,
                Weight::Passing => connections.post(&to, &frame).await,
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
        Watches(self.env.table()?).prune(room, &gone).await?;
        Ok(posted)
    }

    /// Sends what has gathered, one frame a connection where it fits.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn send(&self, outbox: Outbox) -> Result<Posted, Fault> {
        let (lasting, passing) = outbox.frames();
        // In this order: what lasts must not wait behind what passes.
        let told = self.post(None, Weight::Lasting, lasting).await?;
        let passed = self.post(None, Weight::Passing, passing).await?;
        Ok(Posted { sent: told.sent + passed.sent, gone: told.gone + passed.gone, failed: told.failed + passed.failed })
    }

    /// Tells every connection that has a room open, but one; a large room shard by shard, by functions of its own.
    ///
    /// # Errors
    /// Those of the table, and that the functions could not be invoked.
    pub async fn tell_room(
        &self,
        room: &RoomId,
        frame: &Value,
        weight: Weight,
        except: Option<&ConnectionId>,
    ) -> Result<Posted, Fault> {
        let (watches, next) = Watches(self.env.table()?).of_room(room, None, None, FEW).await?;
        if next.is_some() {
            self.hand_over(room, frame, weight, except).await?;
            return Ok(Posted::default());
        }
        let text = frame.to_string();
        let others = watches.into_iter().map(|watch| watch.connection).filter(|id| Some(id) != except);
        self.post(Some(room), weight, others.map(|id| (id, text.clone()))).await
    }

    async fn hand_over(
        &self,
        room: &RoomId,
        frame: &Value,
        weight: Weight,
        except: Option<&ConnectionId>,
    ) -> Result<(), Fault> {
        let shards = (0..WATCH_SHARDS).map(|shard| async move {
            let (room, frame, except) = (room.clone(), frame.clone(), except.cloned());
            let delivery = Delivery { room, shard, frame, weight, except, after: None };
            self.env.hand_over(DELIVERS, &delivery, self.now).await
        });
        // One shard that could not be handed over holds up none of the others.
        futures::future::join_all(shards).await.into_iter().collect()
    }

    /// Tells whoever has a room open of a message, but for the connection that it came by.
    ///
    /// # Errors
    /// As [`Self::tell_room`].
    pub async fn tell_of(
        &self,
        kind: &str,
        message: &domain::message::Message,
        except: Option<&ConnectionId>,
    ) -> Result<Posted, Fault> {
        let view = MessageOfRoom { room: message.room.clone(), message: MessageView::of(message, None) };
        self.tell_room(&message.room, &frame(kind, &view)?, Weight::Lasting, except).await
    }

    /// Puts a frame into the outbox for every connection of somebody.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn tell_account(&self, outbox: &mut Outbox, account: &AccountId, frame: &Value) -> Result<(), Fault> {
        for connection in Connections(self.env.table()?).of_account(account, self.now).await? {
            outbox.put(connection, frame.clone(), Weight::Lasting);
        }
        Ok(())
    }
}
