//! Notifications as the person sees them to whom they are told, and the frames that tell of them.

use domain::{
    id::NotificationId,
    lang::Lang,
    notification::{Chosen, Notice, Notification, Quiet, Settings, Type, Words},
    time::Time,
};
use schemars::JsonSchema;
use serde::Serialize;

/// A notification.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Notification")]
pub struct NotificationView {
    /// Its identifier.
    pub id: NotificationId,
    /// What it is about: `type` and `payload`.
    #[serde(flatten)]
    pub notice: Notice,
    /// Whether it was read.
    pub read: bool,
    /// The same in words.
    pub text: Text,
    /// When it happened first.
    pub created_at: Time,
    /// When something of its kind happened last: lists are in this order.
    pub updated_at: Time,
}

/// A notification in both languages.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "NotificationText")]
pub struct Text {
    /// In Korean.
    pub ko: Words,
    /// In English.
    pub en: Words,
}

impl NotificationView {
    /// A notification of somebody who has read everything up to a moment.
    #[must_use]
    pub fn of(notification: Notification, read_until: Option<Time>) -> Self {
        let read = notification.is_read(read_until);
        let Notification { id, notice, created_at, updated_at, .. } = notification;
        let text = Text { ko: notice.render(Lang::Ko), en: notice.render(Lang::En) };
        Self { id, notice, read, text, created_at, updated_at }
    }
}

/// How many notifications were not read.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[schemars(rename = "UnreadNotifications")]
pub(crate) struct Unread {
    /// How many; a hundred means a hundred or more.
    pub(crate) unread: usize,
}

/// Something somebody is told.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NotificationTold {
    /// What.
    pub notification: NotificationView,
    /// How many they have not read; a hundred means a hundred or more.
    pub unread: usize,
}

/// What somebody read on another device.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NotificationsRead {
    /// These.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<NotificationId>>,
    /// All that were last changed up to this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// How many they have not read; a hundred means a hundred or more.
    pub unread: usize,
}

/// What somebody deleted on another device.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NotificationRemoved")]
pub struct NotificationGone {
    /// Which.
    pub id: NotificationId,
    /// How many they have not read; a hundred means a hundred or more.
    pub unread: usize,
}

/// What somebody wants of notifications.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "NotificationPreferences")]
pub(crate) struct PreferencesView {
    /// The version that an edit names; 0 before the first.
    version: u64,
    /// By which ways they are told of each type.
    types: Chosen,
    /// When they are told nothing at once; null for never.
    quiet_hours: Option<Quiet>,
    /// In which language they are mailed.
    language: Lang,
}

impl From<Settings> for PreferencesView {
    fn from(Settings { preferences, version, .. }: Settings) -> Self {
        let types = Type::ALL.map(|kind| (kind, preferences.ways(kind)));
        Self {
            version,
            types: Chosen(types.into()),
            quiet_hours: preferences.quiet_hours,
            language: preferences.language,
        }
    }
}
