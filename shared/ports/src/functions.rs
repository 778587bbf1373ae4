//! Other functions, to hand something over to.

use aws_config::SdkConfig;
use aws_sdk_lambda::{Client, error::DisplayErrorContext, primitives::Blob, types::InvocationType};
use serde_json::Value;

/// The functions of one deployment.
#[derive(Debug, Clone)]
pub struct Functions {
    client: Client,
    prefix: String,
}

/// Lambda did not take the event: a sentence for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTaken(pub String);

impl std::fmt::Display for NotTaken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotTaken {}

impl Functions {
    /// The functions whose names begin with this. Opens no connection yet.
    #[must_use]
    pub fn new(config: &SdkConfig, prefix: &str) -> Self {
        Self { client: Client::new(config), prefix: prefix.to_owned() }
    }

    /// The name that a row's function is deployed under.
    #[must_use]
    pub fn name(prefix: &str, row: &str) -> String {
        format!("{prefix}-{}", row.replace('.', "-"))
    }

    /// Has a function handle an event, some time soon and perhaps twice, and does not wait for it. Lambda takes events
    /// of at most 1 MB.
    ///
    /// # Errors
    /// [`NotTaken`]: it may still have been, and be handled.
    pub async fn invoke_later(&self, row: &str, event: &Value) -> Result<(), NotTaken> {
        let invoke = self
            .client
            .invoke()
            .function_name(Self::name(&self.prefix, row))
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(event.to_string()));
        match Box::pin(invoke.send()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(NotTaken(DisplayErrorContext(error).to_string())),
        }
    }
}
