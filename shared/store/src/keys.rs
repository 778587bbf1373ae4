//! How things are found: every key of the table, spelled here and nowhere else.
//!
//! An index holds only items that carry its keys. Whatever comes from outside is an identifier whose form was checked,
//! so that no value can reach into another's key.

use domain::{
    coins::Purse,
    deal::{Phase, Subject as DealSubject},
    errand::Journey,
    id::{
        AccountId, CategoryId, ConnectionId, DealId, ErrandId, FeedbackId, ListingId, MediaId, NotificationId,
        ReportId, RoomId,
    },
    listing::Status,
    maker::Sort,
    message::Nonce,
    region::ProvinceId,
    text::Nickname,
    time::Time,
    trust::{ReportStatus, Subject},
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
    /// An owner's things, connections among them; feeds and terms of a province; errands, the newest; makers by reviews.
    Gsi1,
    /// An owner's things by status; feeds and terms of a district; what hangs on a listing; errands, the soonest; makers by
    /// rating.
    Gsi2,
    /// What falls due; makers by confirmed quotes.
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

/// That somebody follows somebody.
#[must_use]
pub fn follow(account: &AccountId, whom: &AccountId) -> Key {
    Key::new(format!("ACCOUNT#{account}"), format!("{FOLLOWS}{whom}"))
}

/// What those whom somebody follows begin with.
pub const FOLLOWS: &str = "FOLLOW#";

/// gsi1: whom somebody follows, by since when.
#[must_use]
pub fn follows_of(account: &AccountId) -> String {
    format!("FOLLOWS#{account}")
}

/// gsi2: who follows somebody.
#[must_use]
pub fn followers_of(account: &AccountId) -> String {
    format!("FOLLOWERS#{account}")
}

/// What is counted of somebody: followers, stars.
#[must_use]
pub fn standing(account: &AccountId) -> Key {
    Key::new(format!("ACCOUNT#{account}"), "STANDING")
}

/// What cost somebody manner points.
#[must_use]
pub fn penalty(account: &AccountId, at: Time, about: &str) -> Key {
    Key::new(format!("ACCOUNT#{account}"), format!("{PENALTIES}{}", by_time(at, about)))
}

/// What an account's penalties begin with.
pub const PENALTIES: &str = "PENALTY#";

/// Behind all penalties up to a moment.
#[must_use]
pub fn penalties_after(at: Time) -> String {
    format!("{PENALTIES}{}", by_time(at, "~"))
}

/// A deal that has ended, for its sides to review.
#[must_use]
pub fn reviewable(deal: &DealId) -> Key {
    Key::new(format!("REVIEWABLE#{deal}"), "REVIEWABLE")
}

/// gsi1 as its host, gsi2 as its guest: the deals somebody may review, by until when.
#[must_use]
pub fn reviewable_by(account: &AccountId) -> String {
    format!("REVIEWABLE#{account}")
}

/// What was said of somebody after a deal.
#[must_use]
pub fn review(account: &AccountId, deal: &DealId) -> Key {
    Key::new(format!("ACCOUNT#{account}"), format!("{REVIEWS}{deal}"))
}

/// What the reviews about an account begin with.
pub const REVIEWS: &str = "REVIEW#";

/// gsi1: what was said of somebody, by when it can be seen; the stars stand at the end.
#[must_use]
pub fn reviews_of(account: &AccountId) -> String {
    format!("REVIEWS#{account}")
}

/// gsi2: what somebody said of others, by when.
#[must_use]
pub fn reviews_by(author: &AccountId) -> String {
    format!("REVIEWED#{author}")
}

/// A report.
#[must_use]
pub fn report(id: &ReportId) -> Key {
    Key::new(format!("REPORT#{id}"), "REPORT")
}

/// gsi1: the reports of a status, by when they were made.
#[must_use]
pub fn reports_of(status: ReportStatus) -> String {
    format!("REPORTS#{}", status.word())
}

/// That somebody has reported something.
#[must_use]
pub fn reported(account: &AccountId, subject: &Subject) -> Key {
    Key::new(format!("ACCOUNT#{account}"), format!("{REPORTED}{}", subject.id()))
}

/// What stands for an account's reports begins with this.
pub const REPORTED: &str = "REPORTED#";

/// That somebody is suspended.
#[must_use]
pub fn suspension(account: &AccountId) -> Key {
    Key::new(format!("ACCOUNT#{account}"), "SUSPENSION")
}

/// What was decided of late about somebody's suspension.
#[must_use]
pub fn suspension_news(account: &AccountId, at: Time) -> Key {
    Key::new(SUSPENSIONS, by_time(at, account.as_str()))
}

/// The partition of what was decided of late about suspensions.
pub const SUSPENSIONS: &str = "SUSPENSIONS";

/// Feedback.
#[must_use]
pub fn feedback(id: &FeedbackId, at: Time) -> Key {
    Key::new(FEEDBACK, by_time(at, id.as_str()))
}

/// The partition of feedback.
pub const FEEDBACK: &str = "FEEDBACK";

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

/// A deal.
#[must_use]
pub fn deal(id: &DealId) -> Key {
    Key::new(format!("{DEAL}{id}"), "DEAL")
}

/// What the partition of a deal begins with.
pub const DEAL: &str = "DEAL#";

/// gsi1, of the host, and gsi2, of the guest: somebody's deals of a phase, by when anything happened to them last.
#[must_use]
pub fn deals_of(account: &AccountId, phase: Phase) -> String {
    format!("DEALS#{account}#{}", phase.word())
}

/// gsi3: the deals that an administrator is to decide on, by since when.
pub const DISPUTES: &str = "DISPUTES";

/// The partition of a listing or an errand: the deals about it stand there while they are not over.
#[must_use]
pub fn offers_on(about: &DealSubject) -> String {
    match about {
        DealSubject::Listing(id) => format!("LISTING#{id}"),
        DealSubject::Errand(id) => format!("ERRAND#{id}"),
    }
}

/// The deal that somebody has about a listing or an errand, while it is not over: one at a time.
#[must_use]
pub fn offer(about: &DealSubject, guest: &AccountId) -> Key {
    Key::new(offers_on(about), format!("{OFFERS}{guest}"))
}

/// What the deals about a listing or an errand begin with.
pub const OFFERS: &str = "OFFER#";

/// When a listing is with somebody.
#[must_use]
pub fn calendar(listing: &ListingId) -> Key {
    Key::new(format!("LISTING#{listing}"), "CALENDAR")
}

/// An errand.
#[must_use]
pub fn errand(id: &ErrandId) -> Key {
    Key::new(format!("ERRAND#{id}"), "ERRAND")
}

/// gsi1: somebody's errands of a status, by their day.
#[must_use]
pub fn errands_of(host: &AccountId, status: Status) -> String {
    format!("ERRANDS#{host}#{}", status.word())
}

/// An errand among those that makers look through: while it is open, once for each partition it stands in.
#[must_use]
pub fn errand_entry(errand: &ErrandId, partition: &str) -> Key {
    Key::new(format!("ERRAND#{errand}"), format!("ENTRY#{partition}"))
}

/// gsi1 by when they were put up (`new`), gsi2 by their day (`soon`): the open errands of a province, of one kind of
/// journey or of all.
#[must_use]
pub fn errand_feed(order: &str, province: ProvinceId, journey: Option<Journey>) -> String {
    format!("ERRAND_FEED#{order}#{province}#{}", journey.map_or("*", Journey::word))
}

/// The same, of those whose title has the term.
#[must_use]
pub fn errand_term(order: &str, term: &str, province: ProvinceId) -> String {
    format!("ERRAND_TERM#{order}#{term}#{province}")
}

/// A maker whom an errand's owner asked for a quote.
#[must_use]
pub fn designation(errand: &ErrandId, maker: &AccountId) -> Key {
    Key::new(format!("ERRAND#{errand}"), format!("{DESIGNATIONS}{maker}"))
}

/// What the makers whom an errand asks begin with.
pub const DESIGNATIONS: &str = "ASKED#";

/// How many makers an errand waits for.
#[must_use]
pub fn asking(errand: &ErrandId) -> Key {
    Key::new(format!("ERRAND#{errand}"), "ASKING")
}

/// gsi1 by when, gsi2 by the errand's day: what a maker is asked for and has not answered.
#[must_use]
pub fn designated(maker: &AccountId) -> String {
    format!("DESIGNATED#{maker}")
}

/// How many errands of a kind are open in a province.
#[must_use]
pub fn demand(province: ProvinceId, journey: Journey) -> Key {
    Key::new(DEMAND, format!("{province}#{}", journey.word()))
}

/// The partition of these numbers.
pub const DEMAND: &str = "DEMAND";

/// That an errand is counted among the open ones.
#[must_use]
pub fn demanded(errand: &ErrandId) -> Key {
    Key::new(format!("ERRAND#{errand}"), "COUNTED")
}

/// What a maker says of themselves.
#[must_use]
pub fn maker(account: &AccountId) -> Key {
    Key::new(format!("ACCOUNT#{account}"), "MAKER")
}

/// How many errands a maker was given, and has done.
#[must_use]
pub fn made(account: &AccountId) -> Key {
    Key::new(format!("ACCOUNT#{account}"), "MADE")
}

/// That a deal is counted there, once as `confirmed` and once as `completed`.
#[must_use]
pub fn made_of(account: &AccountId, what: &str, deal: &DealId) -> Key {
    Key::new(format!("ACCOUNT#{account}"), format!("{MADE}{what}#{deal}"))
}

/// What stands for the deals that are counted begins with this.
pub const MADE: &str = "MADE#";

/// A maker in the directory, once for each partition they stand in.
#[must_use]
pub fn maker_entry(account: &AccountId, partition: &str) -> Key {
    Key::new(format!("ACCOUNT#{account}"), format!("{MAKER_ENTRIES}{partition}"))
}

/// What a maker's entries in the directory begin with.
pub const MAKER_ENTRIES: &str = "MAKER_ENTRY#";

/// The index that lists makers in an order.
#[must_use]
pub fn makers_index(sort: Sort) -> Index {
    match sort {
        Sort::Reviews => Index::Gsi1,
        Sort::Rating => Index::Gsi2,
        Sort::Confirmed => Index::Gsi3,
    }
}

/// gsi1 by reviews, gsi2 by rating, gsi3 by confirmed quotes: the makers of a province and a kind of journey, or of all.
#[must_use]
pub fn makers(sort: Sort, province: Option<ProvinceId>, journey: Option<Journey>) -> String {
    let province = province.map_or("*", ProvinceId::id);
    format!("MAKERS#{}#{province}#{}", sort.word(), journey.map_or("*", Journey::word))
}

/// The same, of those whose nickname has the term.
#[must_use]
pub fn maker_term(sort: Sort, term: &str) -> String {
    format!("MAKER_TERM#{}#{term}", sort.word())
}

/// A purse of the ledger. The platform's is in shards, by movement.
#[must_use]
pub fn purse(purse: &Purse, movement: &str) -> Key {
    match purse {
        Purse::Person(account) => Key::new(format!("PURSE#{account}"), "PURSE"),
        Purse::Held(deal) => Key::new(format!("PURSE#{deal}"), "PURSE"),
        Purse::Platform => platform(shard_of(movement)),
    }
}

/// A shard of the platform's purse.
#[must_use]
pub fn platform(shard: u32) -> Key {
    Key::new(format!("PURSE#platform#{shard}"), "PURSE")
}

/// A line of a purse.
#[must_use]
pub fn entry(of: &Purse, at: Time, movement: &str) -> Key {
    Key::new(purse(of, movement).pk, format!("{ENTRIES}{}", by_time(at, movement)))
}

/// What the lines of a purse begin with.
pub const ENTRIES: &str = "ENTRY#";

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
