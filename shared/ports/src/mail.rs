//! Mail, by SES.

use aws_config::SdkConfig;
use aws_sdk_sesv2::{
    Client,
    error::{BuildError, DisplayErrorContext, ProvideErrorMetadata, SdkError},
    types::{Body, Content, Destination, EmailContent, Message, MessageHeader},
};

/// Why a mail was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailError {
    /// It never will be: the address is refused, or the mail is.
    Refused(String),
    /// Too many at once or today, or SES does not answer: trying again later is safe, it was most likely not sent.
    Later(String),
}

impl std::fmt::Display for MailError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(what) => write!(f, "refused: {what}"),
            Self::Later(what) => write!(f, "not now: {what}"),
        }
    }
}

impl std::error::Error for MailError {}

/// Sends mails in one name.
#[derive(Debug, Clone)]
pub struct Mail {
    client: Client,
    from: Option<String>,
}

impl Mail {
    /// What `MAIL_FROM` says where nobody may send mails (yet).
    pub const NOBODY: &'static str = "none";

    /// Sends mails from there. Opens no connection yet.
    #[must_use]
    pub fn new(config: &SdkConfig, from: &str) -> Self {
        Self { client: Client::new(config), from: Some(from.to_owned()).filter(|from| from != Self::NOBODY) }
    }

    /// Whether there is a name to send mails in. Without one nothing is sent, and that is no error.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.from.is_some()
    }

    /// Sends a mail: a text for those who read no HTML, and a page. A `POST` to the address, without anybody signed in, ends
    /// mails of this kind (RFC 8058); whatever nobody asked for one by one has one. Gives what SES calls the mail, or
    /// nothing where there is no name to send it in.
    ///
    /// # Errors
    /// [`MailError`].
    pub async fn send(
        &self,
        to: &str,
        subject: &str,
        text: &str,
        html: &str,
        unsubscribe_url: Option<&str>,
    ) -> Result<Option<String>, MailError> {
        let Some(from) = &self.from else { return Ok(None) };
        let message = message(subject, text, html, unsubscribe_url);
        let message = message.map_err(|error| MailError::Refused(error.to_string()))?;
        let send = self
            .client
            .send_email()
            .from_email_address(from)
            .destination(Destination::builder().to_addresses(to).build())
            .content(EmailContent::builder().simple(message).build());
        match Box::pin(send.send()).await {
            Ok(sent) => Ok(Some(sent.message_id.unwrap_or_default())),
            Err(error) => Err(failed(&error)),
        }
    }
}

fn message(subject: &str, text: &str, html: &str, unsubscribe_url: Option<&str>) -> Result<Message, BuildError> {
    let content = |text: &str| Content::builder().data(text).charset("UTF-8").build();
    let header = |name: &str, value: &str| MessageHeader::builder().name(name).value(value).build();
    let mut message = Message::builder()
        .subject(content(subject)?)
        .body(Body::builder().text(content(text)?).html(content(html)?).build());
    if let Some(url) = unsubscribe_url {
        message = message
            .headers(header("List-Unsubscribe", &format!("<{url}>"))?)
            .headers(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")?);
    }
    Ok(message.build())
}

fn failed<E>(error: &SdkError<E>) -> MailError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let said = DisplayErrorContext(error).to_string();
    match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some("BadRequestException" | "MessageRejected" | "NotFoundException") => MailError::Refused(said),
        _ => MailError::Later(said),
    }
}
