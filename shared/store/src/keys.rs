//! How things are found: every key of the table, spelled here and nowhere else.
//!
//! An index holds only items that carry its keys. Whatever comes from outside is an identifier whose form was checked,
//! so that no value can reach into another's key.

use domain::{
    id::{AccountId, CategoryId, ConnectionId, ListingId, MediaId, NotificationId, RoomId},
    listing::Status,
    message::Nonce,
    text::Nickname,
    time::Time,
};

/// The table's key attributes.
pub const PK: &str = "pk";
/// The sort key.
pub const SK: &str = "sk";
/// When DynamoDB may remove the item, in seconds since 1970.
pub const TTL: &str = "ttl";
/// What kind of thing an item is.
pub const KIND: &str = "kind";

/// Partitions of the feed of the whole country and of a day of the due-index, so that none is hot.
pub const SHARDS: u32 = 4;

/// A general index of the table. All project keys only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    /// The table itself.
    Table,
    /// An owner's things, connections among them; feeds and terms of a province.
    Gsi1,
    /// An owner's things by status; feeds and terms of a district; what hangs on a listing.
    Gsi2,
    /// What falls due.
    Gsi3,
}

impl Index {
    /// The key attributes of all indexes.
    pub const KEY_ATTRIBUTES: [&'static str; 6] = ["gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "gsi3pk", "gsi3sk"];

    /// Its name, and those of its two key attributes.
    #[must_use]
    pub fn names(self) -> (Option<&'static str>, &'static str, &'static str) {
        match self {
            Self::Table => (None, PK, SK),
            Self::Gsi1 => (Some("gsi1"), "gsi1pk", "gsi1sk"),
            Self::Gsi2 => (Some("gsi2"), "gsi2pk", "gsi2sk"),
            Self::Gsi3 => (Some("gsi3"), "gsi3pk", "gsi3sk"),
        }
    }
}

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The partition.
    pub pk: String,
    /// The place in it.
    pub sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }
}

/// An account.
#[must_use]
pub fn account(id: &AccountId) -> Key {
    Key::new(format!("ACCOUNT#{id}"), "ACCOUNT")
}

/// When somebody last signed out on every device.
#[must_use]
pub fn sign_out(id: &AccountId) -> Key {
    Key::new(format!("ACCOUNT#{id}"), "SIGNED_OUT")
}

/// A nickname that is taken.
#[must_use]
pub fn nickname(nickname: &Nickname) -> Key {
    Key::new(format!("NICKNAME#{}", nickname.folded()), "NICKNAME")
}

/// A listing.
#[must_use]
pub fn listing(id: &ListingId) -> Key {
    Key::new(format!("LISTING#{id}"), "LISTING")
}

/// Somebody banned from a listing.
#[must_use]
pub fn ban(listing: &ListingId, account: &AccountId) -> Key {
    Key::new(format!("LISTING#{listing}"), format!("BAN#{account}"))
}

/// What a listing's bans begin with.
pub const BANS: &str = "BAN#";

/// A bookmark.
#[must_use]
pub fn bookmark(account: &AccountId, listing: &ListingId) -> Key {
    Key::new(format!("ACCOUNT#{account}"), format!("BOOKMARK#{listing}"))
}

/// What an account's bookmarks begin with.
pub const BOOKMARKS: &str = "BOOKMARK#";

/// gsi1: an account's bookmarks, by when they were set.
#[must_use]
pub fn bookmarks_of(account: &AccountId) -> String {
    format!("BOOKMARKS#{account}")
}

/// gsi2: what hangs on a listing.
#[must_use]
pub fn hanging_on(listing: &ListingId) -> String {
    format!("LISTING#{listing}")
}

/// A notification.
#[must_use]
pub fn notification(account: &AccountId, id: &NotificationId) -> Key {
    Key::new(format!("ACCOUNT#{account}"), format!("NOTIFICATION#{id}"))
}

/// What an account's notifications begin with.
pub const NOTIFICATIONS: &str = "NOTIFICATION#";

/// That somebody was mailed a notification that began at a moment.
#[must_use]
pub fn mailed(account: &AccountId, id: &NotificationId, began: Time) -> Key {
    Key::new(format!("ACCOUNT#{account}"), format!("MAILED#{id}#{:013}", began.ms()))
}

/// What somebody wants of notifications, and up to when they have read them.
#[must_use]
pub fn notification_settings(account: &AccountId) -> Key {
    Key::new(format!("ACCOUNT#{account}"), "NOTIFYING")
}

/// gsi1: somebody's notifications, by when they were last changed.
#[must_use]
pub fn notifications_of(account: &AccountId) -> String {
    format!("NOTIFICATIONS#{account}")
}

/// gsi2: somebody's notifications that were not read one by one, by when they were last changed.
#[must_use]
pub fn unread_of(account: &AccountId) -> String {
    format!("UNREAD#{account}")
}

/// A connection of the WebSocket API.
#[must_use]
pub fn connection(id: &ConnectionId) -> Key {
    Key::new(format!("{CONNECTION}{id}"), "CONNECTION")
}

/// What the partition of a connection begins with.
pub const CONNECTION: &str = "CONNECTION#";

/// gsi1: somebody's connections, by when they were opened.
#[must_use]
pub fn connections_of(account: &AccountId) -> String {
    format!("CONNECTIONS#{account}")
}

/// A room.
#[must_use]
pub fn room(id: &RoomId) -> Key {
    Key::new(format!("{ROOM}{id}"), "ROOM")
}

/// What the partition of a room begins with.
pub const ROOM: &str = "ROOM#";

/// Somebody in a room.
#[must_use]
pub fn member(room: &RoomId, account: &AccountId) -> Key {
    Key::new(format!("{ROOM}{room}"), format!("{MEMBERS}{account}"))
}

/// What a room's members begin with.
pub const MEMBERS: &str = "MEMBER#";

/// gsi1: the rooms somebody is in.
#[must_use]
pub fn rooms_of(account: &AccountId) -> String {
    format!("ROOMS#{account}")
}

/// A message. Twelve digits: a room that is written to a thousand times a second fills them in thirty years.
#[must_use]
pub fn message(room: &RoomId, seq: u64) -> Key {
    Key::new(format!("{ROOM}{room}"), format!("{MESSAGES}{seq:012}"))
}

/// What a room's messages begin with.
pub const MESSAGES: &str = "MESSAGE#";

/// gsi2: messages of a room that were changed after they were written, by when.
#[must_use]
pub fn changed_in(room: &RoomId) -> String {
    format!("CHANGED#{room}")
}

/// What somebody named a message by, or an event (`madang`) is named by.
#[must_use]
pub fn nonce(room: &RoomId, author: Option<&AccountId>, nonce: &Nonce) -> Key {
    let author = author.map_or("madang", AccountId::as_str);
    Key::new(format!("NONCE#{room}#{author}#{}", nonce.as_str()), "NONCE")
}

/// A connection that has a room open. In shards, so that a large room is told in parallel.
#[must_use]
pub fn watch(room: &RoomId, connection: &ConnectionId) -> Key {
    Key::new(format!("{ROOM}{room}"), format!("{}{connection}", watches(Some(watch_shard(connection)))))
}

/// Shards of a room's open connections.
pub const WATCH_SHARDS: u32 = 16;

fn watch_shard(connection: &ConnectionId) -> u32 {
    connection.as_str().bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)))
        % WATCH_SHARDS
}

/// What a room's open connections begin with, all of them or a shard's.
#[must_use]
pub fn watches(shard: Option<u32>) -> String {
    shard.map_or_else(|| "WATCH#".to_owned(), |shard| format!("WATCH#{shard:x}#"))
}

/// Which room is somebody's conversation about a listing with its owner.
#[must_use]
pub fn inquiry(listing: &ListingId, account: &AccountId) -> Key {
    Key::new(format!("LISTING#{listing}"), format!("{INQUIRIES}{account}"))
}

/// What a listing's inquiries begin with.
pub const INQUIRIES: &str = "INQUIRY#";

/// Which room is the conversation of two people, whoever of them asks.
#[must_use]
pub fn direct(one: &AccountId, other: &AccountId) -> Key {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    Key::new(format!("DIRECT#{first}#{second}"), "DIRECT")
}

/// Whether somebody is there.
#[must_use]
pub fn presence(account: &AccountId) -> Key {
    Key::new(format!("ACCOUNT#{account}"), "PRESENCE")
}

/// gsi1: an owner's listings.
#[must_use]
pub fn listings_of(owner: &AccountId) -> String {
    format!("OWNER#{owner}")
}

/// gsi2: an owner's listings of one status.
#[must_use]
pub fn listings_of_status(owner: &AccountId, status: Status) -> String {
    format!("OWNER#{owner}#{}", status.word())
}

/// An upload.
#[must_use]
pub fn media(id: &MediaId) -> Key {
    Key::new(format!("MEDIA#{id}"), "MEDIA")
}

/// gsi1: an owner's uploads.
#[must_use]
pub fn media_of(owner: &AccountId) -> String {
    format!("UPLOADER#{owner}")
}

/// A category that an administrator changed.
#[must_use]
pub fn category(id: &CategoryId) -> Key {
    Key::new(CATEGORIES, format!("CATEGORY#{}", id.as_str()))
}

/// The partition of the categories.
pub const CATEGORIES: &str = "CATEGORIES";

/// A token bucket.
#[must_use]
pub fn rate(what: &str, who: &str) -> Key {
    Key::new(format!("RATE#{what}#{who}"), "RATE")
}

/// The receipt of a request that carried an `Idempotency-Key`.
#[must_use]
pub fn receipt(route: &str, caller: &str, key_hash: &str) -> Key {
    Key::new(format!("RECEIPT#{route}#{caller}#{key_hash}"), "RECEIPT")
}

/// How far a schedule has come.
#[must_use]
pub fn progress(schedule: &str) -> Key {
    Key::new(format!("SCHEDULE#{schedule}"), "PROGRESS")
}

/// gsi3: what of a kind falls due on a day, one of [`SHARDS`].
#[must_use]
pub fn due(kind: &str, day: &str, shard: u32) -> String {
    format!("DUE#{kind}#{day}#{shard}")
}

/// A sort key by time: thirteen digits of milliseconds, then what tells two of one moment apart.
#[must_use]
pub fn by_time(time: Time, id: &str) -> String {
    format!("{:013}#{id}", time.ms().max(0))
}

/// Where a feed or a term is looked at from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The whole country, one of [`SHARDS`].
    All(u32),
    /// A province.
    Province(String),
    /// A district.
    District(String),
}

impl Place {
    /// The index that serves the place, and the end of its partition's name.
    #[must_use]
    pub fn indexed(&self) -> (Index, String) {
        match self {
            Self::All(shard) => (Index::Table, format!("all#{shard}")),
            Self::Province(id) => (Index::Gsi1, id.clone()),
            Self::District(id) => (Index::Gsi2, id.clone()),
        }
    }
}

/// A partition of a feed: `order` is `new` or `soon`, `facet` what it is narrowed to.
#[must_use]
pub fn feed(order: &str, status: Status, facet: &str, place: &str) -> String {
    format!("FEED#{order}#{}#{facet}#{place}", status.word())
}

/// A partition of the search index: the open listings whose title has the term.
#[must_use]
pub fn term(term: &str, place: &str) -> String {
    format!("TERM#{term}#{place}")
}

/// The shard of an identifier: its bytes summed, since the end of a ULID is random.
#[must_use]
pub fn shard_of(id: &str) -> u32 {
    id.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % SHARDS
}
