//! The mail box: what Cognito and SES would send lies in `/_local/mail`. Of SES there is `SendEmail` of its version 2, with a
//! simple message.

use axum::{
    body::to_bytes,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    cloud::Inner,
    privileges::{Denied, Need},
};

/// Where SES takes mails.
pub(crate) const PATH: &str = "/v2/email/outbound-emails";
/// The identity that mails come from here.
pub(crate) const MAIL_IDENTITY: &str = "madang.example";
/// Who mails come from here.
pub(crate) const MAIL_FROM: &str = "no-reply@madang.example";

/// SES's limit of a mail.
const MAX_MAIL: usize = 40 * 1024 * 1024;
/// SES's limit of a mail's receivers.
const MAX_RECEIVERS: usize = 50;

/// A mail in the box.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) subject: String,
    /// The page, or the text of a mail without.
    pub(crate) body: String,
    /// The text, of a mail that has both.
    pub(crate) text: Option<String>,
    /// The code that a mail of the user pool carries.
    pub(crate) code: Option<String>,
    pub(crate) headers: Value,
}

impl Posted {
    /// A mail that the user pool sends.
    pub(crate) fn by_the_pool(mail: user_pool::Mail) -> Self {
        Self {
            from: MAIL_FROM.to_owned(),
            to: mail.to,
            subject: mail.subject,
            body: mail.body_html_or_text,
            text: None,
            code: mail.code,
            headers: json!({}),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEmail {
    from_email_address: Option<String>,
    #[serde(default)]
    destination: Destination,
    content: EmailContent,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Destination {
    to_addresses: Vec<String>,
    cc_addresses: Vec<String>,
    bcc_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EmailContent {
    simple: Option<Simple>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Content,
    body: Body,
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    text: Option<Content>,
    html: Option<Content>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Header {
    name: String,
    value: String,
}

/// `POST /v2/email/outbound-emails`.
pub(crate) async fn send(inner: &Inner, request: Request) -> Response {
    if request.method() != http::Method::POST {
        return refused(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowedException", "POST it");
    }
    let caller = inner.guard.caller(request.headers());
    let Ok(body) = to_bytes(request.into_body(), MAX_MAIL).await else {
        return refused(StatusCode::BAD_REQUEST, "BadRequestException", "The message is larger than 40 MB.");
    };
    let sent: SendEmail = match serde_json::from_slice(&body) {
        Ok(sent) => sent,
        Err(error) => return refused(StatusCode::BAD_REQUEST, "BadRequestException", &error.to_string()),
    };
    let from = sent.from_email_address.unwrap_or_default();
    if let Err(Denied(sentence)) = inner.guard.check(caller, || vec![Need::mail(identity(&from))]) {
        return refused(StatusCode::FORBIDDEN, "AccessDeniedException", &sentence);
    }
    let Some(message) = sent.content.simple else {
        return refused(StatusCode::BAD_REQUEST, "BadRequestException", "Here only simple messages are sent.");
    };
    let Destination { to_addresses: mut to, cc_addresses, bcc_addresses } = sent.destination;
    to.extend(cc_addresses);
    to.extend(bcc_addresses);
    if to.is_empty() || to.len() > MAX_RECEIVERS {
        return refused(StatusCode::BAD_REQUEST, "BadRequestException", "A mail has 1 to 50 receivers.");
    }
    if let Some(bad) = to.iter().find(|address| !is_address(address)) {
        return refused(StatusCode::BAD_REQUEST, "BadRequestException", &format!("Missing final '@domain': {bad}"));
    }
    if identity(&from) != MAIL_IDENTITY {
        let said = format!("Email address is not verified. The following identities failed the check: {from}");
        return refused(StatusCode::BAD_REQUEST, "MessageRejected", &said);
    }
    if inner.faults.of_mail() {
        return refused(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", "Maximum sending rate exceeded.");
    }
    let (text, html) = (message.body.text.map(|text| text.data), message.body.html.map(|html| html.data));
    let headers: serde_json::Map<String, Value> =
        message.headers.into_iter().map(|header| (header.name, header.value.into())).collect();
    for to in to {
        inner.post(Posted {
            from: from.clone(),
            to,
            subject: message.subject.data.clone(),
            body: html.clone().or_else(|| text.clone()).unwrap_or_default(),
            text: text.clone().filter(|_| html.is_some()),
            code: None,
            headers: headers.clone().into(),
        });
    }
    answer(StatusCode::OK, json!({"MessageId": Uuid::new_v4().to_string()}))
}

/// The domain in `name <somebody@domain>` or `somebody@domain`.
fn identity(from: &str) -> &str {
    let address = from.rsplit_once('<').map_or(from, |(_, rest)| rest.trim_end_matches('>'));
    address.rsplit_once('@').map_or(address, |(_, domain)| domain)
}

fn is_address(address: &str) -> bool {
    address.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
}

fn refused(status: StatusCode, kind: &'static str, message: &str) -> Response {
    let mut response = answer(status, json!({"message": message}));
    response.headers_mut().insert("x-amzn-errortype", http::HeaderValue::from_static(kind));
    response
}

fn answer(status: StatusCode, body: Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identity_is_the_domain_of_whoever_sends() {
        for from in [MAIL_FROM, "=?UTF-8?B?66eI64u5?= <no-reply@madang.example>", "Madang <a@madang.example>"] {
            assert_eq!(identity(from), MAIL_IDENTITY, "{from}");
        }
        assert_eq!(identity("a@elsewhere.example"), "elsewhere.example");
        assert_eq!(identity("nobody"), "nobody");
    }
}
