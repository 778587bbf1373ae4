//! Private files: addresses by which those who may see a message get its picture or video (row M2). A crate of its own, so
//! that the client of the bucket is in the contexts alone that use it.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_s3::{
    Client,
    config::{Builder, RequestChecksumCalculation, ResponseChecksumValidation},
    error::DisplayErrorContext,
    presigning::PresigningConfig,
};
use domain::{
    media::{FileType, Media, PRIVATE_ADDRESS_LIFE},
    time::Time,
};
use schemars::JsonSchema;
use serde::Serialize;

/// The private files of a bucket. Making one opens no connection; addresses are made without asking the bucket.
#[derive(Debug, Clone)]
pub struct PrivateFiles {
    client: Client,
    bucket: String,
}

/// Where the file of a message is, for whoever has this: neither is to be shown to anybody who may not see the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "FileAddresses")]
pub struct Addresses {
    /// The picture as JPEG, or the video as it came.
    pub url: String,
    /// The picture within 400 × 300 pixels as JPEG; of a video there is none.
    pub thumbnail_url: Option<String>,
    /// Until when both are good.
    pub expires_at: Time,
}

/// Why there is no address: the credentials are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSigned(String);

impl std::fmt::Display for NotSigned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotSigned {}

impl PrivateFiles {
    /// The private files of this bucket.
    #[must_use]
    pub fn new(config: &SdkConfig, bucket: &str) -> Self {
        let config = Builder::from(config)
            // A checksum of the SDK's own would be one more header for a client to send.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .build();
        Self { client: Client::from_conf(config), bucket: bucket.to_owned() }
    }

    /// The addresses of a message's file, good for an hour (row M2); none while there is no file that is ready. They are
    /// used in the name of the function that asks, whose row has to grant `GetObject` on `private/`, and end early if its
    /// credentials do. Whether the caller may see the message is for the caller of this to know.
    ///
    /// # Errors
    /// [`NotSigned`].
    pub async fn addresses(&self, media: &Media, now: Time) -> Result<Option<Addresses>, NotSigned> {
        let (Some(file), Some(original)) = (&media.file, media.original_key()) else { return Ok(None) };
        let url = self.signed(&original, file.content_type).await?;
        let thumbnail_url = match media.thumbnail_key() {
            Some(thumbnail) => Some(self.signed(&thumbnail, FileType::Jpeg).await?),
            None => None,
        };
        Ok(Some(Addresses { url, thumbnail_url, expires_at: now.plus(PRIVATE_ADDRESS_LIFE) }))
    }

    async fn signed(&self, key: &str, content_type: FileType) -> Result<String, NotSigned> {
        let life = Duration::from_millis(u64::try_from(PRIVATE_ADDRESS_LIFE).unwrap_or_default());
        // Said by the address and signed with it: whatever lies there, a browser shows a picture or a video.
        let name = format!("madang.{}", content_type.extension());
        let presigned = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .response_content_type(content_type.content_type())
            .response_content_disposition(format!("inline; filename=\"{name}\""))
            .presigned(PresigningConfig::expires_in(life).map_err(|error| NotSigned(error.to_string()))?)
            .await
            .map_err(|error| NotSigned(DisplayErrorContext(error).to_string()))?;
        Ok(presigned.uri().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use aws_config::{BehaviorVersion, Region};
    use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
    use domain::{
        id::{AccountId, MediaId},
        media::{MediaStatus, PrivateFile, Purpose},
        time::HOUR,
    };

    use super::*;

    fn files() -> PrivateFiles {
        let keys = Credentials::new("key", "secret", Some("session".into()), None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-northeast-2"))
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .build();
        PrivateFiles::new(&config, "pictures")
    }

    fn media(file: Option<PrivateFile>) -> Media {
        Media {
            id: MediaId::from_ulid("01K9ZX3V5M8QJ4T0N2R6W7Y1AB"),
            owner: AccountId::parse("6f1c2b3a-0000-4000-8000-000000000001").unwrap(),
            purpose: Purpose::Message,
            content_type: FileType::Png,
            size: 1,
            status: MediaStatus::Ready,
            rejection: None,
            picture: None,
            file,
            used_by: None,
            created_at: Time::from_ms(0),
        }
    }

    fn file(content_type: FileType, thumbnail: bool) -> Option<PrivateFile> {
        Some(PrivateFile { content_type, size: 1, width: None, height: None, placeholder: None, thumbnail })
    }

    #[tokio::test]
    async fn a_picture_has_two_addresses_that_last_an_hour_and_say_what_is_there() {
        let found = files().addresses(&media(file(FileType::Jpeg, true)), Time::from_ms(5)).await.unwrap().unwrap();
        assert_eq!(found.expires_at, Time::from_ms(5 + HOUR));
        let thumbnail = found.thumbnail_url.unwrap();
        for (url, name) in [(&found.url, "original"), (&thumbnail, "thumbnail")] {
            let place = format!(
                "https://pictures.s3.ap-northeast-2.amazonaws.com/private/med_01K9ZX3V5M8QJ4T0N2R6W7Y1AB/{name}.jpg?"
            );
            assert!(url.starts_with(&place), "{url}");
            for part in [
                "X-Amz-Expires=3600",
                "X-Amz-SignedHeaders=host&",
                "X-Amz-Security-Token=session",
                "response-content-type=image%2Fjpeg",
                "response-content-disposition=inline%3B%20filename%3D%22madang.jpg%22",
            ] {
                assert!(format!("{url}&").contains(part), "{part} is not in {url}");
            }
        }
    }

    #[tokio::test]
    async fn a_video_has_no_thumbnail_and_what_is_not_ready_no_address() {
        let video =
            files().addresses(&media(file(FileType::QuickTime, false)), Time::from_ms(0)).await.unwrap().unwrap();
        assert!(video.url.contains("/original.mov?") && video.url.contains("response-content-type=video%2Fquicktime"));
        assert_eq!(video.thumbnail_url, None);
        assert_eq!(files().addresses(&media(None), Time::from_ms(0)).await, Ok(None));
    }
}
