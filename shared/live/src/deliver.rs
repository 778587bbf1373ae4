//! Large rooms: what the function that delivers to one shard of a room's connections is handed.

use domain::id::{ConnectionId, RoomId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Weight;

/// The row that delivers.
pub const DELIVERS: &str = "rooms.deliver";

/// A frame for one shard of a room's connections.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The room.
    pub room: RoomId,
    /// The shard of its connections.
    pub shard: u32,
    /// The frame.
    pub frame: Value,
    /// How much it matters.
    pub weight: Weight,
    /// Who knows it already.
    pub except: Option<ConnectionId>,
    /// Where an earlier call stopped.
    #[serde(default)]
    pub after: Option<String>,
}
