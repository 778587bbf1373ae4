//! The notification centre: what somebody was told, what they have read of it, and what they want to be told. Notifications
//! are made, and told over connections, by what follows from the table's changes.

use std::sync::Arc;

use edge::{Context, Env, Route};

mod count;
mod delete;
mod list;
mod preferences;
mod preferences_set;
mod read;
mod read_all;
mod views;

pub use views::{NotificationGone, NotificationTold, NotificationView, NotificationsRead};

/// What the functions of this context share: nothing.
pub struct Notices;

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
        ];
        ROUTES
    }

    fn new(_: &Arc<Env>) -> Result<Self, String> {
        Ok(Self)
    }
}
