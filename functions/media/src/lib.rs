//! Files that members upload: addresses to upload to, and what is made of what arrived: renditions for everybody, and
//! private files of messages.

use std::sync::{Arc, OnceLock};

use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
use edge::{Context, Env, Route};

mod create;
mod delete;
mod message;
mod of_message;
mod optimize;
pub mod picture;
mod show;
mod sweep;
pub mod video;
mod views;

/// What the functions of this context share.
pub struct Media {
    env: Arc<Env>,
    bucket: OnceLock<aws_sdk_s3::Client>,
}

impl Media {
    /// The bucket, made at first use. No checksums of the SDK's own: a browser could not match them in a presigned upload.
    fn bucket(&self) -> &aws_sdk_s3::Client {
        self.bucket.get_or_init(|| {
            let config = aws_sdk_s3::config::Builder::from(&self.env.sdk)
                .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
                .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
                .build();
            aws_sdk_s3::Client::from_conf(config)
        })
    }
}

/// The key of an upload in the bucket.
fn upload_key(id: &domain::id::MediaId) -> String {
    format!("uploads/{id}")
}

impl Context for Media {
    const NAME: &'static str = "media";

    fn routes() -> &'static [Route<Self>] {
        const ROUTES: &[Route<Media>] =
            &[create::ROUTE, show::ROUTE, delete::ROUTE, of_message::ROUTE, optimize::ROUTE, sweep::ROUTE];
        ROUTES
    }

    fn new(env: &Arc<Env>) -> Result<Self, String> {
        Ok(Self { env: Arc::clone(env), bucket: OnceLock::new() })
    }
}
