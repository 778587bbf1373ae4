//! The notification centre: what somebody was told, what they have read of it, and what they want to be told. Notifications
//! are made, and told over connections, by what follows from the table's changes.

use std::sync::{Arc, OnceLock};

use edge::{Context, Env, Fault, Route, Setting};
use ports::Mail;

mod count;
mod delete;
mod list;
mod mail;
mod preferences;
mod preferences_set;
mod read;
mod read_all;
mod views;

pub use mail::{MAILS, ToMail};
pub use views::{NotificationGone, NotificationTold, NotificationView, NotificationsRead};

/// What the functions of this context share.
pub struct Notices {
    env: Arc<Env>,
    mail: OnceLock<Mail>,
}

impl Notices {
    /// Mail, made at first use.
    fn mail(&self) -> Result<&Mail, Fault> {
        let from = self.env.settings.get(Setting::MailFrom)?;
        Ok(self.mail.get_or_init(|| Mail::new(&self.env.sdk, from)))
    }
}

impl Context for Notices {
    const NAME: &'static str = "notifications";

    fn routes() -> &'static [Route<Self>] {
        const ROUTES: &[Route<Notices>] = &[
            list::ROUTE,
            count::ROUTE,
            read::ROUTE,
            read_all::ROUTE,
            delete::ROUTE,
            preferences::ROUTE,
            preferences_set::ROUTE,
            mail::ROUTE,
        ];
        ROUTES
    }

    fn new(env: &Arc<Env>) -> Result<Self, String> {
        Ok(Self { env: Arc::clone(env), mail: OnceLock::new() })
    }
}
