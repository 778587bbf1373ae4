//! Large rooms: the function that delivers to one shard of a room's connections, invoked once for each.

use aws_config::SdkConfig;
use aws_sdk_lambda::{Client, error::DisplayErrorContext, primitives::Blob, types::InvocationType};
use domain::id::{ConnectionId, RoomId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Error, keys::WATCH_SHARDS};

use crate::Weight;

/// What a shard's delivery is told.
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

/// Invokes the function that delivers.
#[derive(Debug, Clone)]
pub struct Deliver {
    client: Client,
    function: String,
}

impl Deliver {
    /// The function of this name. Opens no connection yet.
    #[must_use]
    pub fn new(config: &SdkConfig, function: impl Into<String>) -> Self {
        Self { client: Client::new(config), function: function.into() }
    }

    /// Has one shard told, without waiting for it.
    ///
    /// # Errors
    /// That the function could not be invoked.
    pub async fn to_shard(&self, delivery: &Delivery) -> Result<(), Error> {
        let payload = serde_json::to_vec(delivery).map_err(|error| Error::Failed(error.to_string()))?;
        self.client
            .invoke()
            .function_name(&self.function)
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(payload))
            .send()
            .await
            .map(drop)
            .map_err(|error| Error::Failed(DisplayErrorContext(error).to_string()))
    }

    pub(crate) async fn to_all_shards(
        &self,
        room: &RoomId,
        frame: &Value,
        weight: Weight,
        except: Option<&ConnectionId>,
    ) -> Result<(), Error> {
        let deliveries = (0..WATCH_SHARDS).map(|shard| Delivery {
            room: room.clone(),
            shard,
            frame: frame.clone(),
            weight,
            except: except.cloned(),
            after: None,
        });
        let invoked = deliveries.map(|delivery| async move { self.to_shard(&delivery).await });
        futures::future::try_join_all(invoked).await.map(drop)
    }
}
