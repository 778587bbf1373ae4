//! Notifications: one item a person and event (row N1).

use domain::{
    id::{AccountId, NotificationId},
    time::Time,
};
use serde::{Deserialize, Serialize};

use crate::{
    keys::{self, Index},
    table::{Error, Expression, Page, Table, Write, item, key_of},
};

/// Something a person is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// Made from the event, so that the event told twice is one notification.
    pub id: NotificationId,
    /// Who is told.
    pub account: AccountId,
    /// What happened: `listing.expired`.
    pub event: String,
    /// The particulars, for a client to render.
    pub payload: serde_json::Value,
    /// Whether the person has seen it.
    pub read: bool,
    /// When it happened.
    pub created_at: Time,
}

/// Access to notifications.
#[derive(Debug, Clone, Copy)]
pub struct Notifications<'a>(pub &'a Table);

impl Notifications<'_> {
    /// Tells somebody something, once.
    ///
    /// # Errors
    /// Those of the table; that it was told before is none.
    pub async fn tell(&self, notification: &Notification) -> Result<(), Error> {
        let put = item("notification", keys::notification(&notification.account, &notification.id), notification)?;
        match self.0.write(Write::Put { item: put, condition: Some(Expression::absent()) }).await {
            Err(Error::Clash(_)) => Ok(()),
            other => other,
        }
    }

    /// A person's latest notifications.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn latest(&self, account: &AccountId, limit: usize) -> Result<Vec<Notification>, Error> {
        let partition = keys::account(account).pk;
        let page =
            Page { prefix: Some(keys::NOTIFICATIONS), forward: false, limit, ..Page::of(Index::Table, &partition) };
        self.0.page(&page).await?.into_iter().map(crate::table::read).collect()
    }

    /// Removes some of the notifications of somebody who has left; `true` while there may be more.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn remove_some(&self, account: &AccountId) -> Result<bool, Error> {
        let partition = keys::account(account).pk;
        let page = Page { prefix: Some(keys::NOTIFICATIONS), keys_only: true, ..Page::of(Index::Table, &partition) };
        let found: Vec<_> = self.0.page(&page).await?.iter().filter_map(key_of).collect();
        let more = found.len() == page.limit;
        self.0.put_and_delete(vec![], found).await?;
        Ok(more)
    }
}
