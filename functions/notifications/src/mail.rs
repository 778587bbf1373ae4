//! notifications.mail: mails somebody a notification of a type that they chose to be mailed (rows N10, N12).

use domain::{
    account::Account,
    id::{AccountId, NotificationId},
    lang::Lang,
    notification::{Notification, Words},
    time::{DAY, Time},
};
use edge::{Event, Fault, Grant, Route, Row};
use ports::MailError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{BeforeMail, Notifications, Rate, Rates};

use crate::Notices;

/// The row that mails.
pub const MAILS: &str = "notifications.mail";

/// Mails that somebody gets at the most: twenty at once, and one more each seventy-two minutes, twenty a day. What is over
/// that is in the list all the same.
const RATE: Rate = Rate { what: "notification-mail", burst: 20, refill: DAY / 20 };

pub(crate) const ROUTE: Route<Notices> = Row::call(MAILS)
    .summary("Mail somebody a notification")
    .description(
        "Once, however often it is handed over: what is mailed is noted first, and taken back when SES does not take it \
         just now. Not what was read or deleted meanwhile, not in quiet hours, and to verified addresses alone.",
    )
    .features(&["N10", "N12", "N13"])
    .size(256, 20)
    .may(&[
        Grant::Table("BatchGetItem", &["ACCOUNT#"]),
        Grant::Table("PutItem", &["ACCOUNT#"]),
        Grant::Table("DeleteItem", &["ACCOUNT#"]),
        Grant::Table("UpdateItem", &["RATE#"]),
        Grant::Mail,
    ])
    .budget(4, 6.0, 5.0)
    .event(|app, event| Box::pin(handle(app, event)));

/// A notification that is to be mailed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToMail {
    /// Whose it is.
    pub account: AccountId,
    /// Which.
    pub notification: NotificationId,
    /// When it began: one that is read and begins again is mailed again.
    pub began: Time,
}

async fn handle(app: &Notices, event: Event<'_>) -> Result<Value, Fault> {
    let ToMail { account, notification, began } =
        serde_json::from_value(event.payload.clone()).map_err(Fault::internal)?;
    let mail = app.mail()?;
    if !mail.is_on() {
        return Ok(unsent("nobody sends mails here"));
    }
    let notifications = Notifications(event.table()?);
    let before = notifications.before_mail(&account, &notification).await?;
    let language = before.settings.preferences.language;
    let Some((to, found)) = wanted(before, event.now) else { return Ok(unsent("not wanted, or not any more")) };
    let rates = Rates(event.table()?);
    // Side by side: a repeat takes a token for nothing, which is cheaper than a round trip for each mail.
    let (first, admitted) = futures::join!(
        notifications.mailing(&account, &notification, began, event.now),
        rates.take(&RATE, account.as_str(), event.now),
    );
    if !first? {
        return Ok(unsent("mailed before"));
    }
    if admitted?.is_err() {
        return Ok(unsent("too many today"));
    }
    let Letter { subject, text, html } = Letter::of(&found, language);
    match mail.send(&to, &subject, &text, &html, None).await {
        Ok(_) => Ok(json!({"sent": true})),
        Err(MailError::Refused(_)) => {
            // SES's words may name the address, which is not for the log.
            (event.env.log)(&json!({"route": event.row.name, "refused": notification}).to_string());
            Ok(unsent("refused by SES"))
        }
        Err(MailError::Later(said)) => {
            notifications.not_mailed(&account, &notification, began).await?;
            Err(Fault::internal(said))
        }
    }
}

fn unsent(why: &str) -> Value {
    json!({"sent": false, "why": why})
}

/// The address and the notification, where its person is still to be mailed it. An account knows verified addresses alone.
fn wanted(before: BeforeMail, now: Time) -> Option<(String, Notification)> {
    let BeforeMail { account, settings, notification } = before;
    let to = account.and_then(|Account { email, .. }| email)?;
    let found = notification.filter(|found| !found.is_read(settings.read_until))?;
    settings.preferences.mails(found.notice.kind(), now).then(|| (to.as_str().to_owned(), found))
}

/// A mail in words.
struct Letter {
    subject: String,
    text: String,
    html: String,
}

impl Letter {
    fn of(notification: &Notification, language: Lang) -> Self {
        let Words { title, body } = notification.notice.render(language);
        let (product, why) = match language {
            Lang::Ko => ("마당", "알림 설정에서 이메일로 받기로 고른 알림이에요. 설정에서 언제든지 끌 수 있어요."),
            Lang::En => (
                "Madang",
                "You chose to be mailed this in your notification settings. You can end it there at any time.",
            ),
        };
        Self {
            subject: format!("[{product}] {title}"),
            text: format!("{title}\n\n{body}\n\n--\n{why}\n"),
            html: format!(
                "<!doctype html><html lang=\"{}\"><body><h1 style=\"font-size:1.25em\">{}</h1><p>{}</p><hr><p><small>{why}</small></p></body></html>",
                language.tag(),
                escaped(&title),
                escaped(&body),
            ),
        }
    }
}

/// A text as it stands in HTML: others wrote parts of it.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut html, one| {
        match one {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' => html.push_str("<br>"),
            other => html.push(other),
        }
        html
    })
}
