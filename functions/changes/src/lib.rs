//! What follows from a change of the table: index entries, notifications, and the end of what belonged to something that
//! is gone. The stream is the outbox: whatever is written down is followed up, at least once.

use std::sync::{Arc, OnceLock};

use edge::{Context, Env, Route};

mod accounts;
mod connections;
mod deals;
mod errands;
mod listings;
mod makers;
mod media;
mod messages;
mod notices;
mod project;
mod rooms;
mod trust;

/// What the functions of this context share.
pub struct Changes {
    env: Arc<Env>,
    bucket: OnceLock<aws_sdk_s3::Client>,
}

impl Changes {
    /// The bucket, made at first use.
    fn bucket(&self) -> &aws_sdk_s3::Client {
        self.bucket.get_or_init(|| aws_sdk_s3::Client::new(&self.env.sdk))
    }
}

impl Context for Changes {
    const NAME: &'static str = "changes";

    fn routes() -> &'static [Route<Self>] {
        const ROUTES: &[Route<Changes>] = &[project::ROUTE];
        ROUTES
    }

    fn new(env: &Arc<Env>) -> Result<Self, String> {
        Ok(Self { env: Arc::clone(env), bucket: OnceLock::new() })
    }
}
