//! The log of a room: messages by number, from 1, without a gap, each written once (row Z3).
//!
//! There is no counter. The log itself is the truth: whoever writes looks for the last message and puts the next one in
//! the slot behind it, on the condition that the slot is free. Slots are never emptied, and nobody tries a slot whose
//! predecessor they have not seen taken; so there are no gaps. What makes a send that is repeated, or two functions that
//! do it at once, one message is the nonce's item. It names the one slot in which the message may stand, and it moves on
//! only once that slot is seen to hold another message, in which it can then never stand. Two writes a message where nobody else
//! writes at that moment; whoever is beaten to a slot takes two more.

use std::time::Duration;

use domain::{
    id::{AccountId, RoomId},
    message::{Message, NONCE_LIFE, Nonce},
    time::Time,
};
use sha2::{Digest, Sha256};

use crate::{
    keys::{self, Index, TTL},
    table::{Clash, Error, Expression, Item, Page, Table, Write, indexed, item, n, read, s, text},
};

/// How often a message that is beaten to its slot tries the next one.
const TRIES: u32 = 40;

/// The highest number that a key holds.
const MOST: u64 = 999_999_999_999;

/// Access to the logs of rooms.
#[derive(Debug, Clone, Copy)]
pub struct Log<'a>(pub &'a Table);

/// A nonce that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The slot in which its message stands, or may stand.
    pub seq: u64,
    /// What the message said, hashed.
    pub contents: String,
}

/// What came of writing a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Appended {
    /// It stands in the log.
    New(Message),
    /// It stood there before, by the same nonce.
    Known(Message),
    /// The nonce is of a message that says something else.
    OtherContents,
    /// The room is closed.
    Closed,
}

impl Log<'_> {
    /// The last messages of a room as it is now, the latest first.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn last(&self, room: &RoomId, limit: usize) -> Result<Vec<Message>, Error> {
        let partition = keys::room(room).pk;
        let page = Page {
            prefix: Some(keys::MESSAGES),
            forward: false,
            limit,
            consistent: true,
            ..Page::of(Index::Table, &partition)
        };
        self.0.page(&page).await?.into_iter().map(read).collect()
    }

    /// Messages above a number, the earliest first, as they are now.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn after(&self, room: &RoomId, seq: u64, limit: usize) -> Result<Vec<Message>, Error> {
        let first = keys::message(room, seq);
        let last = keys::message(room, MOST);
        let page = Page {
            after: Some(&first.sk),
            until: Some(&last.sk),
            limit,
            consistent: true,
            ..Page::of(Index::Table, &first.pk)
        };
        self.0.page(&page).await?.into_iter().map(read).collect()
    }

    /// Messages below a number, the latest first.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn before(&self, room: &RoomId, seq: u64, limit: usize) -> Result<Vec<Message>, Error> {
        let last = keys::message(room, seq.saturating_sub(1).min(MOST));
        let page = Page {
            prefix: Some(keys::MESSAGES),
            until: Some(&last.sk),
            forward: false,
            limit,
            ..Page::of(Index::Table, &last.pk)
        };
        self.0.page(&page).await?.into_iter().map(read).collect()
    }

    /// Messages that were changed at or after a moment, the earliest change first, and where the next page begins.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn changed(
        &self,
        room: &RoomId,
        since: Time,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Message>, Option<String>), Error> {
        let partition = keys::changed_in(room);
        // Just below all that was changed at this moment.
        let from = format!("{:013}", since.ms().max(0));
        let page = Page { after: Some(after.unwrap_or(&from)), limit: limit + 1, ..Page::of(Index::Gsi2, &partition) };
        let mut items = self.0.page(&page).await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().and_then(|item| text(item, "gsi2sk")).map(str::to_owned) } else { None };
        let found: Vec<_> = items.iter().filter_map(crate::table::key_of).collect();
        let mut stored = self.0.get_many_now(&found).await?;
        let messages = found.iter().filter_map(|key| stored.remove(key)).map(read).collect::<Result<_, _>>()?;
        Ok((messages, next))
    }

    /// A message as it is now.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by_seq(&self, room: &RoomId, seq: u64) -> Result<Option<Message>, Error> {
        self.0.get_now(&keys::message(room, seq)).await
    }

    /// A nonce, if it is known.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn nonce(
        &self,
        room: &RoomId,
        author: Option<&AccountId>,
        nonce: &Nonce,
    ) -> Result<Option<Written>, Error> {
        let found = self.0.get_item(&keys::nonce(room, author, nonce), true).await?;
        Ok(found.as_ref().and_then(written))
    }

    /// Writes a message behind the last one, once for its nonce. `message.seq` is not looked at; `last` is the room's
    /// last message as it was just read; `known` what was known of the nonce then. A closed room takes only what Madang
    /// says.
    ///
    /// # Errors
    /// [`Error::Contended`] when so many write at once that it was beaten to forty slots; trying again is safe. Those of
    /// the table.
    pub async fn append(
        &self,
        message: &Message,
        last: Option<&Message>,
        known: Option<Written>,
        now: Time,
    ) -> Result<Appended, Error> {
        let contents = contents_of(message);
        let (room, author) = (&message.room, message.author.as_ref());
        let key = keys::nonce(room, author, &message.nonce);
        let mut last: Option<Message> = last.cloned();
        let is_closed = |last: Option<&Message>| author.is_some() && last.is_some_and(|last| last.closed);
        let mut retried = known.is_some();
        let mut seq = if let Some(known) = known {
            if known.contents != contents {
                return Ok(Appended::OtherContents);
            }
            known.seq
        } else {
            if is_closed(last.as_ref()) {
                return Ok(Appended::Closed);
            }
            let seq = last.as_ref().map_or(0, |last| last.seq) + 1;
            match self
                .0
                .write(Write::Put {
                    item: nonce_item(&key, seq, &contents, now),
                    condition: Some(Expression::absent()),
                })
                .await
            {
                Ok(()) => seq,
                // A twin of this call.
                Err(Error::Clash(clash)) => {
                    let known = standing(&clash)?;
                    if known.contents != contents {
                        return Ok(Appended::OtherContents);
                    }
                    retried = true;
                    known.seq
                }
                Err(other) => return Err(other),
            }
        };
        for attempt in 0..TRIES {
            if message.system_keeps_state() && seq > 1 && last.as_ref().is_none_or(|last| last.seq + 1 != seq) {
                last = self.by_seq(room, seq - 1).await?;
            }
            // Closed where the room's state is not the author's: what Madang says keeps the state it finds, or sets it.
            let closed =
                message.closed || (message.system_keeps_state() && last.as_ref().is_some_and(|last| last.closed));
            let put = Message { seq, closed, ..message.clone() };
            let item = message_item(&put)?;
            match self.0.write(Write::Put { item, condition: Some(Expression::absent()) }).await {
                Ok(()) => return Ok(if retried { Appended::Known(put) } else { Appended::New(put) }),
                Err(Error::Clash(clash)) => {
                    let there = clash.standing().cloned();
                    let there: Message = there
                        .map(read)
                        .transpose()?
                        .ok_or_else(|| Error::Failed("a slot without its message".into()))?;
                    if there.author.as_ref() == author && there.nonce == message.nonce {
                        return Ok(Appended::Known(there));
                    }
                    if is_closed(Some(&there)) {
                        return Ok(Appended::Closed);
                    }
                    last = Some(there);
                }
                Err(other) => return Err(other),
            }
            pause(attempt).await;
            // Others may have written on meanwhile.
            if let Some(latest) = self.last(room, 1).await?.into_iter().next() {
                if is_closed(Some(&latest)) {
                    return Ok(Appended::Closed);
                }
                last = Some(latest);
            }
            let next = last.as_ref().map_or(0, |last| last.seq) + 1;
            seq = self.moved(&key, seq, next).await?;
        }
        Err(Error::Contended)
    }

    /// Moves a nonce on from a slot that holds another message; where it stands now, by this call or a twin.
    async fn moved(&self, key: &keys::Key, from: u64, to: u64) -> Result<u64, Error> {
        let condition = Expression::new("#seq = :from", &["seq"], vec![(":from", n(from)), (":to", n(to))]);
        match self.0.write(Write::Update { key: key.clone(), update: "SET #seq = :to".into(), condition }).await {
            Ok(()) => Ok(to),
            Err(Error::Clash(clash)) => Ok(standing(&clash)?.seq),
            Err(other) => Err(other),
        }
    }

    /// Puts a changed message in the place of the one that was seen.
    ///
    /// # Errors
    /// [`Error::Clash`] when it has another version by now.
    pub async fn replace(&self, before: &Message, after: &Message, now: Time) -> Result<(), Error> {
        let mut put = message_item(after)?;
        let place = keys::by_time(now, &format!("{:012}", after.seq));
        indexed(&mut put, Index::Gsi2, keys::changed_in(&after.room), place);
        let seen = Expression::new("#version = :seen", &["version"], vec![(":seen", n(before.version))]);
        match self.0.write(Write::Put { item: put, condition: Some(seen) }).await {
            // The SDK tries again what was not answered; it may have been done all the same.
            Err(Error::Clash(clash)) if is_there(&clash, after) => Ok(()),
            other => other,
        }
    }
}

/// Whether this very message stands where a condition did not hold.
fn is_there(clash: &Clash, message: &Message) -> bool {
    clash.standing().cloned().map(read::<Message>).is_some_and(|there| there.is_ok_and(|there| there == *message))
}

pub(crate) fn message_item(message: &Message) -> Result<Item, Error> {
    item("message", keys::message(&message.room, message.seq), message)
}

fn nonce_item(key: &keys::Key, seq: u64, contents: &str, now: Time) -> Item {
    Item::from([
        (keys::PK.into(), s(&key.pk)),
        (keys::SK.into(), s(&key.sk)),
        (keys::KIND.into(), s("nonce")),
        ("seq".into(), n(seq)),
        ("contents".into(), s(contents)),
        (TTL.into(), n(now.plus(NONCE_LIFE).seconds())),
    ])
}

fn written(item: &Item) -> Option<Written> {
    let seq = item.get("seq")?.as_n().ok()?.parse().ok()?;
    Some(Written { seq, contents: text(item, "contents")?.to_owned() })
}

fn standing(clash: &Clash) -> Result<Written, Error> {
    clash.standing().and_then(written).ok_or_else(|| Error::Failed("a nonce without its slot".into()))
}

/// What a message says, hashed: two sends of one nonce have to say the same.
fn contents_of(message: &Message) -> String {
    let said = serde_json::json!([
        message.text,
        message.media.as_ref().map(|media| &media.id),
        message.system,
        message.reply_to.as_ref().map(|quote| quote.seq),
    ]);
    Sha256::digest(said.to_string()).iter().take(12).fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"))
}

/// Whoever is beaten waits a little, each for another time, so that they do not meet again at the next slot.
#[expect(clippy::disallowed_methods, reason = "others are writing to the same log at this moment")]
async fn pause(attempt: u32) {
    let most = 4_u128 << attempt.min(4);
    let drawn = u64::try_from(ulid::Ulid::generate().random() % most).unwrap_or_default();
    tokio::time::sleep(Duration::from_millis(drawn)).await;
}
