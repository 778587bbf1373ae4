//! Rooms and messages as their members see them.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    account::Account,
    id::{AccountId, ListingId, RoomId},
    message::{Attachment, Kind as MessageKind, Message, Nonce, Quote, SystemEvent},
    presence::Presence,
    room::{Kind, Member, Preview, Role, Room, Status},
    text::MessageText,
    time::Time,
};
use edge::PersonView;
use schemars::JsonSchema;
use serde::Serialize;

/// A room, as one of its members sees it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Room")]
pub struct RoomView {
    /// Its identifier.
    pub id: RoomId,
    /// What kind of room.
    pub kind: Kind,
    /// What it is called: the title of its listing.
    pub title: Option<String>,
    /// The listing it is about.
    pub listing: Option<ListingId>,
    /// The other one, in a conversation of two; null elsewhere, and when they have left Madang.
    pub partner: Option<PersonView>,
    /// Whoever may show people out.
    pub host: Option<AccountId>,
    /// Whether one can write.
    pub status: Status,
    /// How many are in it.
    pub members: u32,
    /// The number of the last message.
    pub seq: u64,
    /// How many messages one has not read.
    pub unread: u64,
    /// Up to which message one has read.
    pub read: u64,
    /// The last message before one joined: what came up to it is not shown.
    pub since: u64,
    /// Whether one wants not to be told of it.
    pub muted: bool,
    /// What one may do.
    pub role: Role,
    /// The last message in short.
    pub preview: Option<Preview>,
    /// When it was written, or the room made.
    pub active_at: Time,
    /// When the room was made.
    pub created_at: Time,
}

impl RoomView {
    /// A room as this member sees it.
    #[must_use]
    pub fn of(room: &Room, member: &Member, partner: Option<&Account>, media_url: &str) -> Self {
        Self {
            id: room.id.clone(),
            kind: room.kind,
            title: room.title.clone(),
            listing: room.listing.clone(),
            partner: partner.map(|account| PersonView::of(account, media_url)),
            host: room.host.clone(),
            status: room.status,
            members: room.members,
            seq: room.seq,
            unread: member.unread(room.seq),
            read: member.read,
            since: member.since,
            muted: member.muted,
            role: member.role,
            preview: room.preview.clone().filter(|preview| member.sees(preview.seq)),
            active_at: room.active_at,
            created_at: room.created_at,
        }
    }
}

/// A message.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Message")]
pub struct MessageView {
    /// The room.
    pub room: RoomId,
    /// Its number in the room.
    pub seq: u64,
    /// One more with each change: of two states the higher is the newer.
    pub version: u64,
    /// Its kind.
    pub kind: MessageKind,
    /// Who wrote it; null for Madang itself.
    pub author: Option<AccountId>,
    /// What its author named it by; shown to them alone.
    pub nonce: Option<Nonce>,
    /// The words; null where there are none, or none any more.
    pub text: Option<MessageText>,
    /// The file.
    pub media: Option<Attachment>,
    /// What happened, in a system message.
    pub system: Option<SystemEvent>,
    /// What it answers.
    pub reply_to: Option<Quote>,
    /// Who said what to it without words.
    pub reactions: BTreeMap<String, BTreeSet<AccountId>>,
    /// When it was written.
    pub created_at: Time,
    /// When it was last edited.
    pub edited_at: Option<Time>,
    /// When it was deleted.
    pub deleted_at: Option<Time>,
}

impl MessageView {
    /// A message, for this reader or for everybody in the room.
    #[must_use]
    pub fn of(message: &Message, reader: Option<&AccountId>) -> Self {
        let own = reader.is_some() && message.author.as_ref() == reader;
        Self {
            room: message.room.clone(),
            seq: message.seq,
            version: message.version,
            kind: message.kind,
            author: message.author.clone(),
            nonce: own.then(|| message.nonce.clone()),
            text: message.text.clone(),
            media: message.media.clone(),
            system: message.system.clone(),
            reply_to: message.reply_to.clone(),
            reactions: message.reactions.clone(),
            created_at: message.created_at,
            edited_at: message.edited_at,
            deleted_at: message.deleted_at,
        }
    }
}

/// A message and its room, as frames tell of it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MessageOfRoom")]
pub struct MessageOfRoom {
    /// The room.
    pub room: RoomId,
    /// The message.
    pub message: MessageView,
}

/// Something was written in a room: what a list of rooms shows of it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RoomActivity")]
pub struct Activity {
    /// The room.
    pub room: RoomId,
    /// The number of its last message.
    pub seq: u64,
    /// How many messages one has not read.
    pub unread: u64,
    /// The last message in short.
    pub preview: Preview,
    /// Whether one can write.
    pub status: Status,
    /// When it was written.
    pub at: Time,
}

/// A room of one's own is new or has changed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RoomChanged")]
pub struct Changed {
    /// The room.
    pub room: RoomView,
}

/// A room is one's own no more.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RoomRemoved")]
pub struct Removed {
    /// The room.
    pub room: RoomId,
    /// Why.
    pub reason: Removal,
}

/// Why a room is one's own no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Removal {
    /// One left.
    Left,
    /// One was shown out for good.
    Kicked,
}

/// Whether somebody is there has changed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PresenceOf")]
pub struct PresenceOf {
    /// Who.
    pub account: AccountId,
    /// Whether they are there.
    pub presence: Presence,
}
