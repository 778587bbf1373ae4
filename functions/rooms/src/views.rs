//! What replies hold.

pub(crate) use live::{MessageOfRoom, MessageView, RoomView};
use schemars::JsonSchema;
use serde::Serialize;

/// A message, where a reply or a frame holds nothing else.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OneMessage")]
pub(crate) struct OneMessage {
    /// The message.
    pub(crate) message: MessageView,
}
