//! Messages: what stands in a room's log, and who may change it (rows C11, C17–C19).

use std::collections::{BTreeMap, BTreeSet};

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{
    id::{AccountId, MediaId, RoomId},
    input::{Invalid, Wrong, text_value, wrong_at},
    room::Preview,
    text::MessageText,
    tier::Tier,
    time::{DAY, MINUTE, Time},
};

/// How long an author may delete a message (row C18).
pub const DELETABLE: i64 = 5 * MINUTE;
/// How long a nonce is known. A client that was away for longer begins anew.
pub const NONCE_LIFE: i64 = 7 * DAY;
/// Most people whose reaction of one kind is kept: they stand in the message itself.
pub const MAX_REACTORS: usize = 200;
/// Earlier texts that are kept of a message that is edited again and again.
pub const MAX_HISTORY: usize = 10;

/// What kind of message (row C19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// Text.
    Text,
    /// A picture.
    Image,
    /// A video.
    Video,
    /// What Madang says.
    System,
}

/// The number of a message, in a path.
///
/// # Errors
/// `malformed`.
pub fn seq_in_path(text: &str) -> Result<u64, Wrong> {
    let digits = (1..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|seq| digits && *seq > 0).ok_or(Wrong::Malformed("^[1-9][0-9]{0,11}$"))
}

/// What a client names a message by before it has a number: the same nonce is the same message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nonce(String);

impl Nonce {
    /// Reads a nonce: 8–64 letters, digits, `_` or `-`.
    ///
    /// # Errors
    /// `malformed`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let fits = (8..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        if fits { Ok(Self(text.to_owned())) } else { Err(Wrong::Malformed("^[A-Za-z0-9_-]{8,64}$")) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deserr<Invalid> for Nonce {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        Self::parse(&text_value(value, at)?).map_err(|wrong| wrong_at(wrong, at))
    }
}

impl JsonSchema for Nonce {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Nonce".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[A-Za-z0-9_-]{8,64}$", "examples": ["V1StGXR8_Z5jdHi6"]})
    }
}

/// What one can say to a message without words. A closed set: it is kept in the message, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase)]
pub enum Reaction {
    /// 👍
    Like,
    /// ❤️
    Heart,
    /// 😂
    Laugh,
    /// 😮
    Wow,
    /// 😢
    Sad,
    /// 🙏
    Thanks,
    /// 🎉
    Party,
    /// 🔥
    Fire,
    /// 👀
    Eyes,
    /// ✅
    Check,
}

impl Reaction {
    /// Every reaction.
    pub const ALL: [Self; 10] = [
        Self::Like,
        Self::Heart,
        Self::Laugh,
        Self::Wow,
        Self::Sad,
        Self::Thanks,
        Self::Party,
        Self::Fire,
        Self::Eyes,
        Self::Check,
    ];

    /// The word on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Like => "like",
            Self::Heart => "heart",
            Self::Laugh => "laugh",
            Self::Wow => "wow",
            Self::Sad => "sad",
            Self::Thanks => "thanks",
            Self::Party => "party",
            Self::Fire => "fire",
            Self::Eyes => "eyes",
            Self::Check => "check",
        }
    }

    /// The reaction of this word.
    ///
    /// # Errors
    /// `unknown_value`.
    pub fn parse(word: &str) -> Result<Self, Wrong> {
        Self::ALL
            .into_iter()
            .find(|one| one.word() == word)
            .ok_or_else(|| Wrong::UnknownValue(Self::ALL.map(Self::word).join(", ")))
    }
}

/// What Madang says in a room (row C8). Clients put it into words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all_fields = "camelCase")]
pub enum SystemEvent {
    /// Somebody came in.
    #[serde(rename = "member.joined")]
    Joined {
        /// Who.
        account: AccountId,
        /// What they were called then.
        nickname: Option<String>,
    },
    /// Somebody went.
    #[serde(rename = "member.left")]
    Left {
        /// Who.
        account: AccountId,
        /// What they were called then.
        nickname: Option<String>,
    },
    /// Somebody was shown out for good.
    #[serde(rename = "member.kicked")]
    Kicked {
        /// Who.
        account: AccountId,
        /// What they were called then.
        nickname: Option<String>,
    },
    /// From here on the room can only be read.
    #[serde(rename = "room.closed")]
    Closed {
        /// Why.
        reason: Closing,
    },
    /// One can write again: its listing was put up again.
    #[serde(rename = "room.opened")]
    Opened,
}

/// Why a room was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Closing {
    /// The listing was deleted.
    Deleted,
    /// The deal is done.
    Closed,
    /// The deadline passed.
    Expired,
    /// The owner took the listing back.
    Withdrawn,
    /// One of the two left.
    Left,
    /// One of the two was banned from the listing.
    Banned,
}

/// A picture or a video in a message: enough to lay out a page before asking where the file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// The upload.
    pub id: MediaId,
    /// What it is: `image/jpeg`, `video/mp4` …
    pub content_type: String,
    /// Bytes.
    pub size: u32,
    /// Pixels across, of a picture.
    pub width: Option<u32>,
    /// Pixels down, of a picture.
    pub height: Option<u32>,
    /// A thumbhash, base 64, to show meanwhile.
    pub placeholder: Option<String>,
}

/// What a message answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// Its number.
    pub seq: u64,
    /// Who wrote it.
    pub author: Option<AccountId>,
    /// Its first 80 characters, as they were.
    pub text: Option<String>,
}

impl Quote {
    /// A message as it is quoted.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        let Preview { seq, author, text, .. } = Preview::of(message);
        Self { seq, author, text }
    }
}

/// A text that was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Earlier {
    /// The text.
    pub text: MessageText,
    /// Until when it stood.
    pub until: Time,
}

/// What somebody wants to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Contents {
    /// Words.
    Text(MessageText),
    /// A picture or a video.
    Media(Attachment),
}

/// A message, as it stands in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The room.
    pub room: RoomId,
    /// Its number in the room, from 1, without a gap.
    pub seq: u64,
    /// One more with each change.
    pub version: u64,
    /// Its kind.
    #[serde(rename = "messageKind")]
    pub kind: Kind,
    /// Who wrote it; nobody for Madang itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<AccountId>,
    /// What its author named it by.
    pub nonce: Nonce,
    /// The words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<MessageText>,
    /// The file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<Attachment>,
    /// What happened, in a system message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemEvent>,
    /// What it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Quote>,
    /// Who said what to it without words.
    #[serde(default)]
    pub reactions: BTreeMap<String, BTreeSet<AccountId>>,
    /// Whether the room is closed from here on: the log itself says so, so that nothing slips in behind it.
    #[serde(default)]
    pub closed: bool,
    /// When it was written.
    pub created_at: Time,
    /// When it was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Time>,
    /// When it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Time>,
    /// Earlier texts, the latest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Earlier>,
}

/// Why a message is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It is somebody else's.
    NotAuthor,
    /// It is deleted.
    Deleted,
    /// It has no words to edit.
    NoText,
    /// Five minutes are over.
    TooLate,
    /// As many reactions as are kept.
    TooManyReactions,
}

/// Whether a text is short enough for a tier.
///
/// # Errors
/// `too_long`.
pub fn fits(text: &MessageText, tier: Tier) -> Result<(), Wrong> {
    let longest = tier.longest_message();
    if text.as_str().chars().count() > longest { Err(Wrong::TooLong(longest)) } else { Ok(()) }
}

impl Message {
    /// What somebody says, before it has a place in the log: whoever appends it gives it its number.
    #[must_use]
    pub fn said(
        room: RoomId,
        author: AccountId,
        nonce: Nonce,
        contents: Contents,
        quoted: Option<&Self>,
        at: Time,
    ) -> Self {
        let (kind, text, media) = match contents {
            Contents::Text(text) => (Kind::Text, Some(text), None),
            Contents::Media(media) if media.content_type.starts_with("video/") => (Kind::Video, None, Some(media)),
            Contents::Media(media) => (Kind::Image, None, Some(media)),
        };
        let (author, reply_to) = (Some(author), quoted.map(Quote::of));
        Self { kind, author, text, media, reply_to, ..Self::blank(room, nonce, at) }
    }

    /// What Madang says, before it has a place in the log.
    #[must_use]
    pub fn announced(room: RoomId, nonce: Nonce, event: SystemEvent, at: Time) -> Self {
        let closed = matches!(event, SystemEvent::Closed { .. });
        Self { closed, system: Some(event), ..Self::blank(room, nonce, at) }
    }

    fn blank(room: RoomId, nonce: Nonce, at: Time) -> Self {
        Self {
            room,
            seq: 0,
            version: 1,
            kind: Kind::System,
            author: None,
            nonce,
            text: None,
            media: None,
            system: None,
            reply_to: None,
            reactions: BTreeMap::new(),
            closed: false,
            created_at: at,
            edited_at: None,
            deleted_at: None,
            history: vec![],
        }
    }

    /// Whether it leaves a room as open or closed as it finds it: what Madang says of people does.
    #[must_use]
    pub fn system_keeps_state(&self) -> bool {
        self.system.as_ref().is_some_and(|event| !matches!(event, SystemEvent::Closed { .. } | SystemEvent::Opened))
    }

    /// The message with another text; the one it had is kept (row C17).
    ///
    /// # Errors
    /// [`Refused`].
    pub fn edited(&self, by: &AccountId, text: MessageText, now: Time) -> Result<Self, Refused> {
        if self.author.as_ref() != Some(by) {
            return Err(Refused::NotAuthor);
        }
        if self.deleted_at.is_some() {
            return Err(Refused::Deleted);
        }
        let Some(before) = &self.text else { return Err(Refused::NoText) };
        if *before == text {
            return Ok(self.clone());
        }
        let mut after = self.clone();
        after.history.push(Earlier { text: before.clone(), until: now });
        let surplus = after.history.len().saturating_sub(MAX_HISTORY);
        after.history.drain(..surplus);
        after.text = Some(text);
        after.edited_at = Some(now);
        after.version += 1;
        Ok(after)
    }

    /// The message without what it said (row C18; section 13, point 8): by its author within five minutes, by the host at
    /// any time. Deleted again, it stays as it is.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn deleted(&self, by: &AccountId, is_host: bool, now: Time) -> Result<Self, Refused> {
        if self.system.is_some() {
            return Err(Refused::NotAuthor);
        }
        let is_author = self.author.as_ref() == Some(by);
        if !is_author && !is_host {
            return Err(Refused::NotAuthor);
        }
        if self.deleted_at.is_some() {
            return Ok(self.clone());
        }
        if !is_host && now >= self.created_at.plus(DELETABLE) {
            return Err(Refused::TooLate);
        }
        Ok(Self {
            text: None,
            media: None,
            reply_to: None,
            reactions: BTreeMap::new(),
            history: vec![],
            deleted_at: Some(now),
            version: self.version + 1,
            ..self.clone()
        })
    }

    /// The message with somebody's reaction, or without; the same again changes nothing.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn reacted(&self, by: &AccountId, reaction: Reaction, on: bool) -> Result<Self, Refused> {
        if self.deleted_at.is_some() {
            return Err(Refused::Deleted);
        }
        let mut after = self.clone();
        let who = after.reactions.entry(reaction.word().to_owned()).or_default();
        let changed = if on { who.insert(by.clone()) } else { who.remove(by) };
        if who.len() > MAX_REACTORS {
            return Err(Refused::TooManyReactions);
        }
        if who.is_empty() {
            after.reactions.remove(reaction.word());
        }
        after.version += u64::from(changed);
        Ok(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(n: u8) -> AccountId {
        AccountId::parse(&format!("6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f5{n:02x}")).unwrap()
    }

    fn text(text: &str) -> MessageText {
        MessageText::parse(text).unwrap()
    }

    fn message() -> Message {
        Message {
            room: RoomId::from_ulid("01K9ZX3V5M8QJ4T0N2R6W7Y1AB"),
            seq: 1,
            version: 1,
            kind: Kind::Text,
            author: Some(account(1)),
            nonce: Nonce::parse("nonce-01").unwrap(),
            text: Some(text("처음")),
            media: None,
            system: None,
            reply_to: None,
            reactions: BTreeMap::new(),
            closed: false,
            created_at: Time::from_ms(0),
            edited_at: None,
            deleted_at: None,
            history: vec![],
        }
    }

    #[test]
    fn a_nonce_reaches_into_no_key() {
        for good in ["12345678", &"a".repeat(64), "A_b-C_d-9"] {
            assert!(Nonce::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "1234567", &"a".repeat(65), "12345678#", "한글한글한글한글", "a b c d e"] {
            assert!(Nonce::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_its_author_edits_a_message_and_what_it_said_is_kept() {
        let now = Time::from_ms(9);
        let edited = message().edited(&account(1), text("나중"), now).unwrap();
        assert_eq!((edited.version, edited.edited_at), (2, Some(now)));
        assert_eq!(edited.history, [Earlier { text: text("처음"), until: now }]);
        assert_eq!(message().edited(&account(2), text("나중"), now), Err(Refused::NotAuthor));
        assert_eq!(message().edited(&account(1), text("처음"), now), Ok(message()), "the same is no edit");
        let deleted = message().deleted(&account(1), false, now).unwrap();
        assert_eq!(deleted.edited(&account(1), text("나중"), now), Err(Refused::Deleted));
    }

    #[test]
    fn of_many_edits_the_last_ten_are_kept() {
        let mut edited = message();
        for n in 0..30 {
            edited = edited.edited(&account(1), text(&format!("{n}")), Time::from_ms(n)).unwrap();
        }
        assert_eq!(edited.history.len(), MAX_HISTORY);
        assert_eq!(edited.history.last().map(|earlier| earlier.text.as_str()), Some("28"));
    }

    #[test]
    fn an_author_deletes_within_five_minutes_and_a_host_at_any_time_c18() {
        let last = Time::from_ms(DELETABLE - 1);
        let late = Time::from_ms(DELETABLE);
        assert!(message().deleted(&account(1), false, last).is_ok());
        assert_eq!(message().deleted(&account(1), false, late), Err(Refused::TooLate));
        assert!(message().deleted(&account(2), true, late).is_ok());
        assert!(message().deleted(&account(1), true, late).is_ok());
        assert_eq!(message().deleted(&account(2), false, last), Err(Refused::NotAuthor));
    }

    #[test]
    fn nothing_of_what_a_deleted_message_said_is_left() {
        let edited = message().edited(&account(1), text("나중"), Time::from_ms(1)).unwrap();
        let reacted = edited.reacted(&account(2), Reaction::Heart, true).unwrap();
        let deleted = reacted.deleted(&account(1), false, Time::from_ms(2)).unwrap();
        assert_eq!((&deleted.text, &deleted.media, &deleted.reply_to), (&None, &None, &None));
        assert!(deleted.history.is_empty() && deleted.reactions.is_empty());
        assert_eq!((deleted.version, deleted.seq), (4, 1));
        assert_eq!(deleted.deleted(&account(1), false, Time::from_ms(DELETABLE * 2)), Ok(deleted.clone()));
    }

    #[test]
    fn what_madang_says_is_nobodys_to_change() {
        let said = Message { author: None, system: Some(SystemEvent::Opened), text: None, ..message() };
        assert_eq!(said.deleted(&account(1), true, Time::from_ms(0)), Err(Refused::NotAuthor));
        assert_eq!(said.edited(&account(1), text("x"), Time::from_ms(0)), Err(Refused::NotAuthor));
    }

    #[test]
    fn a_reaction_counts_once_a_person_and_can_be_taken_back() {
        let once = message().reacted(&account(2), Reaction::Like, true).unwrap();
        assert_eq!(once.version, 2);
        assert_eq!(once.reacted(&account(2), Reaction::Like, true), Ok(once.clone()));
        let none = once.reacted(&account(2), Reaction::Like, false).unwrap();
        assert!(none.reactions.is_empty());
        assert_eq!(none.reacted(&account(2), Reaction::Like, false), Ok(none.clone()));
    }

    #[test]
    fn reactions_of_a_kind_end_at_two_hundred() {
        let mut full = message();
        let id = |n: usize| AccountId::parse(&format!("6f1c2a34-5b6d-4e7f-8a90-{n:012x}")).unwrap();
        for n in 0..MAX_REACTORS {
            full = full.reacted(&id(n), Reaction::Party, true).unwrap();
        }
        assert_eq!(full.reacted(&id(999), Reaction::Party, true), Err(Refused::TooManyReactions));
        assert!(full.reacted(&id(999), Reaction::Like, true).is_ok());
    }

    #[test]
    fn the_longest_message_is_as_long_as_the_tier_allows() {
        for (tier, longest) in [("free", 150), ("basic", 500), ("premium", 1_000)] {
            let tier = Tier::named(tier);
            assert_eq!(fits(&text(&"가".repeat(longest)), tier), Ok(()));
            if longest < MessageText::MAX {
                assert_eq!(fits(&text(&"가".repeat(longest + 1)), tier), Err(Wrong::TooLong(longest)));
            }
        }
    }

    #[test]
    fn the_number_of_a_message_is_a_number_from_one() {
        assert_eq!(seq_in_path("42"), Ok(42));
        for bad in ["", "0", "-1", "1.5", "x", "1000000000000", "999999999999999999999"] {
            assert!(matches!(seq_in_path(bad), Err(Wrong::Malformed(_))), "{bad}");
        }
    }
}
