//! Rooms: who talks with whom, about what (rows C2, C3, C9, C10, C13, C14).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    deal::Deal,
    id::{AccountId, ListingId, RoomId},
    listing::Listing,
    message::{Kind as MessageKind, Message, SystemEvent},
    time::Time,
};

/// Most members of a room.
pub const MAX_MEMBERS: u32 = 10_000;
/// Most rooms a person is in: they are listed by their last activity, and so read together.
pub const MAX_ROOMS: usize = 200;
/// Most rooms that one connection has open.
pub const MAX_OPEN: usize = 5;
/// Up to how many members everybody is told who has read what, who types, and what happens in a room that is not open.
pub const SMALL: u32 = 100;

/// What kind of room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// Everybody interested in a barter, with its owner as host (row C2).
    Listing,
    /// One person and the owner of a listing (row C3).
    Inquiry,
    /// Two people.
    Direct,
    /// The two sides of an errand that was confirmed (row D17).
    Deal,
}

impl Kind {
    /// Whether it is a conversation of two.
    #[must_use]
    pub fn is_of_two(self) -> bool {
        self != Self::Listing
    }
}

/// Whether one can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// Members write.
    Open,
    /// It can only be read.
    Closed,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Shows people out, deletes messages.
    Host,
    /// Talks.
    Member,
}

/// A room. What follows from its log (`seq`, `preview`, `active_at`, `status`) is a moment behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Room {
    /// Its identifier.
    pub id: RoomId,
    /// Its kind.
    #[serde(rename = "roomKind")]
    pub kind: Kind,
    /// The listing it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listing: Option<ListingId>,
    /// What it is called: the title of its listing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whoever may show people out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<AccountId>,
    /// The two, in a conversation of two.
    #[serde(default)]
    pub two: Vec<AccountId>,
    /// How many are in it.
    pub members: u32,
    /// The number of the last message.
    pub seq: u64,
    /// The last message in short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Preview>,
    /// When it was written.
    pub active_at: Time,
    /// Whether one can write.
    pub status: Status,
    /// When the room was made.
    pub created_at: Time,
}

impl Room {
    /// The room of a listing. There is one, so that its identifier follows from the listing's.
    #[must_use]
    pub fn id_of(listing: &ListingId) -> RoomId {
        RoomId::from_ulid(listing.ulid())
    }

    /// The room of a listing and its host's part in it, as they are at first (row C2).
    #[must_use]
    pub fn of_listing(listing: &Listing) -> (Self, Member) {
        let id = Self::id_of(&listing.id);
        let room = Self {
            id: id.clone(),
            kind: Kind::Listing,
            listing: Some(listing.id.clone()),
            title: Some(listing.title.as_str().to_owned()),
            host: Some(listing.owner.clone()),
            two: vec![],
            members: 1,
            seq: 0,
            preview: None,
            active_at: listing.created_at,
            status: Status::Open,
            created_at: listing.created_at,
        };
        let host = Member { role: Role::Host, ..Member::new(id, listing.owner.clone(), listing.created_at, 0) };
        (room, host)
    }

    /// A conversation of two, and their parts in it.
    #[must_use]
    pub fn of_two(
        id: RoomId,
        one: &AccountId,
        other: &AccountId,
        about: Option<&Listing>,
        now: Time,
    ) -> (Self, [Member; 2]) {
        let room = Self {
            id: id.clone(),
            kind: if about.is_some() { Kind::Inquiry } else { Kind::Direct },
            listing: about.map(|listing| listing.id.clone()),
            title: about.map(|listing| listing.title.as_str().to_owned()),
            host: None,
            two: vec![one.clone(), other.clone()],
            members: 2,
            seq: 0,
            preview: None,
            active_at: now,
            status: Status::Open,
            created_at: now,
        };
        let members = [one, other].map(|account| Member::new(id.clone(), account.clone(), now, 0));
        (room, members)
    }

    /// The conversation of the two sides of a deal (row D17), and their parts in it.
    #[must_use]
    pub fn of_deal(id: RoomId, deal: &Deal, now: Time) -> (Self, [Member; 2]) {
        let (room, members) = Self::of_two(id, &deal.host, &deal.guest, None, now);
        (Self { kind: Kind::Deal, title: Some(deal.title.clone()), ..room }, members)
    }

    /// The other one in a conversation of two.
    #[must_use]
    pub fn partner_of(&self, account: &AccountId) -> Option<&AccountId> {
        self.two.iter().find(|one| *one != account)
    }

    /// Whether everybody is told everything.
    #[must_use]
    pub fn is_small(&self) -> bool {
        self.members <= SMALL
    }

    /// The room after a message was written to its log; a message that it knows of changes nothing.
    #[must_use]
    pub fn with(mut self, message: &Message) -> Self {
        if message.seq > self.seq {
            self.seq = message.seq;
            self.preview = Some(Preview::of(message));
            self.active_at = message.created_at;
            self.status = if message.closed { Status::Closed } else { Status::Open };
        }
        self
    }
}

/// A message in short (row C13).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// Which.
    pub seq: u64,
    /// Its kind: a client shows "이미지" or "동영상" by it.
    pub kind: MessageKind,
    /// Who wrote it; null for Madang itself.
    pub author: Option<AccountId>,
    /// The first 80 characters.
    pub text: Option<String>,
    /// What happened, in a system message.
    #[serde(default)]
    pub system: Option<SystemEvent>,
}

impl Preview {
    /// Characters of a preview.
    pub const LENGTH: usize = 80;

    /// A message in short.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        Self {
            seq: message.seq,
            kind: message.kind,
            author: message.author.clone(),
            text: message.text.as_ref().map(|text| text.as_str().chars().take(Self::LENGTH).collect()),
            system: message.system.clone(),
        }
    }
}

/// Somebody in a room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The room.
    pub room: RoomId,
    /// Who.
    pub account: AccountId,
    /// What they may do.
    pub role: Role,
    /// When they joined.
    pub joined_at: Time,
    /// The last message before they joined, which is not theirs to read (section 13, point 9).
    pub since: u64,
    /// Up to which message they have read (row C14).
    pub read: u64,
    /// Whether they want not to be told.
    pub muted: bool,
}

impl Member {
    /// Somebody who joins after the message of this number.
    #[must_use]
    pub fn new(room: RoomId, account: AccountId, now: Time, since: u64) -> Self {
        Self { room, account, role: Role::Member, joined_at: now, since, read: since, muted: false }
    }

    /// How many messages they have not read, of a room whose last is this.
    #[must_use]
    pub fn unread(&self, seq: u64) -> u64 {
        seq.saturating_sub(self.read.max(self.since))
    }

    /// Whether they may read the message of this number.
    #[must_use]
    pub fn sees(&self, seq: u64) -> bool {
        seq > self.since
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(since: u64, read: u64) -> Member {
        Member {
            room: RoomId::from_ulid("01K9ZX3V5M8QJ4T0N2R6W7Y1AB"),
            account: AccountId::parse("6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506").unwrap(),
            role: Role::Member,
            joined_at: Time::from_ms(0),
            since,
            read,
            muted: false,
        }
    }

    #[test]
    fn what_came_before_one_joined_is_neither_seen_nor_unread() {
        let member = member(7, 0);
        assert_eq!((member.unread(7), member.unread(9)), (0, 2));
        assert!(!member.sees(7) && member.sees(8));
    }

    #[test]
    fn a_pointer_ahead_of_a_room_that_lags_leaves_nothing_unread() {
        assert_eq!(member(0, 9).unread(4), 0);
    }

    #[test]
    fn the_room_of_a_listing_is_found_from_the_listing_alone() {
        let listing = ListingId::from_ulid("01K9ZX3V5M8QJ4T0N2R6W7Y1AB");
        assert_eq!(Room::id_of(&listing).as_str(), "room_01K9ZX3V5M8QJ4T0N2R6W7Y1AB");
    }
}
