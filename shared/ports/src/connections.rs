//! Connections of the WebSocket API, as `@connections` lets them be reached.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_apigatewaymanagement::{
    Client,
    config::{Builder, retry::RetryConfig, timeout::TimeoutConfig},
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    primitives::Blob,
};
use domain::id::ConnectionId;
use ulid::Ulid;

/// Why a connection was not reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PostError {
    /// It is closed: whatever is known of it can be forgotten.
    Gone,
    /// The frame is larger than 128 KB.
    TooLarge,
    /// Too many at once, or the client does not read: trying again later is safe, the frame was not delivered.
    TooMany,
    /// Anything else, for the log. Whether the frame was delivered is not known.
    Failed(String),
}

impl std::fmt::Display for PostError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Failed(what) => f.write_str(what),
            other => write!(f, "{other:?}"),
        }
    }
}

impl std::error::Error for PostError {}

/// The connections of one stage of the WebSocket API.
#[derive(Debug, Clone)]
pub struct Connections {
    client: Client,
}

/// How long one post may take: a target that hangs must not hold up the rest.
const PATIENCE: Duration = Duration::from_secs(3);

impl Connections {
    /// How often a post is tried that was told "too many".
    pub const TRIES: u32 = 4;

    /// The connections behind this address, `https://{api}.execute-api.{region}.amazonaws.com/{stage}`. Opens no
    /// connection yet.
    #[must_use]
    pub fn new(config: &SdkConfig, url: &str) -> Self {
        let config = Builder::from(config)
            .endpoint_url(url)
            // The SDK would also try again what may have been delivered, and a fan-out has its own mind about when.
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().operation_timeout(PATIENCE).build())
            .build();
        Self { client: Client::from_conf(config) }
    }

    /// Sends a frame, once.
    ///
    /// # Errors
    /// [`PostError`].
    pub async fn post(&self, id: &ConnectionId, frame: &str) -> Result<(), PostError> {
        let data = Blob::new(frame.as_bytes());
        match self.client.post_to_connection().connection_id(id.as_str()).data(data).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Sends a frame, and again after a while (50 to 400 ms, drawn so that many do not come back together) when there
    /// were too many.
    ///
    /// # Errors
    /// [`PostError`].
    pub async fn send(&self, id: &ConnectionId, frame: &str) -> Result<(), PostError> {
        let mut outcome = self.post(id, frame).await;
        for attempt in 1..Self::TRIES {
            if outcome != Err(PostError::TooMany) {
                break;
            }
            pause(attempt).await;
            outcome = self.post(id, frame).await;
        }
        outcome
    }

    /// Hangs up.
    ///
    /// # Errors
    /// [`PostError`].
    pub async fn hang_up(&self, id: &ConnectionId) -> Result<(), PostError> {
        match self.client.delete_connection().connection_id(id.as_str()).send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }
}

/// Waits before the attempt after this one.
#[expect(clippy::disallowed_methods, reason = "the gateway said to come back later, and nothing says when")]
async fn pause(attempt: u32) {
    tokio::time::sleep(backoff(attempt, Ulid::generate().random())).await;
}

/// Half of a doubling time, and up to as much again by chance.
fn backoff(attempt: u32, chance: u128) -> Duration {
    let half = 50_u64 << attempt.saturating_sub(1).min(3);
    let drawn = u64::try_from(chance % u128::from(half)).unwrap_or_default();
    Duration::from_millis(half + drawn)
}

fn failed<E>(error: &SdkError<E>) -> PostError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    // By its name, or where a stand-in names nothing by its status.
    let status = error.raw_response().map(|response| response.status().as_u16());
    match (error.as_service_error().and_then(ProvideErrorMetadata::code), status) {
        (Some("GoneException"), _) | (None, Some(410)) => PostError::Gone,
        (Some("PayloadTooLargeException"), _) | (None, Some(413)) => PostError::TooLarge,
        (Some("LimitExceededException"), _) | (None, Some(429)) => PostError::TooMany,
        _ => PostError::Failed(DisplayErrorContext(error).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_and_is_drawn_within_its_half() {
        for (attempt, half) in [(1, 50), (2, 100), (3, 200), (9, 400)] {
            for chance in [0, 1, 49, u128::MAX] {
                let wait = backoff(attempt, chance).as_millis();
                assert!((half..2 * half).contains(&wait), "{attempt}: {wait}");
            }
        }
    }
}
