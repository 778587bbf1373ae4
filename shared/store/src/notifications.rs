//! Notifications: one item each, in the order of their last change, with the unread ones in an index of their own. What
//! everybody has read together is one moment a person, so that "all read" is one write, however many there are.

use domain::{
    account::Account,
    id::{AccountId, ConnectionId, NotificationId, RoomId},
    notification::{DELETED_LIFE, Gathered, Known, LIFE, MOST_COUNTED, Notification, Preferences, Settings},
    room::Member,
    time::Time,
};
use sha2::{Digest, Sha256};
use ulid::Ulid;

use crate::{
    accounts::AccountRecord,
    keys::{self, Index, KIND, TTL},
    table::{Error, Expression, Item, Page, Table, Write, indexed, item, key_of, n, read, s, text},
};

/// The kind of a notification's item.
const THERE: &str = "notification";
/// The kind of what is left of one that was deleted.
const DELETED: &str = "deletedNotification";
/// The kind of the item of somebody's settings.
const SETTINGS: &str = "notificationSettings";

/// Access to notifications.
#[derive(Debug, Clone, Copy)]
pub struct Notifications<'a>(pub &'a Table);

/// What decides whether somebody is told of a message, read in one round trip.
#[derive(Debug)]
pub struct BeforeMessage {
    /// Their part in the room.
    pub member: Option<Member>,
    /// Whether one of their connections has the room open.
    pub watching: bool,
    /// What they want.
    pub settings: Settings,
    /// The notification that the message would be gathered in.
    pub known: Option<Known>,
    /// What the message's author is called.
    pub nickname: Option<String>,
}

/// What decides whether somebody is mailed a notification, read in one round trip.
#[derive(Debug)]
pub struct BeforeMail {
    /// Whose it is, unless they have left.
    pub account: Option<Account>,
    /// What they want.
    pub settings: Settings,
    /// The notification, unless it was deleted.
    pub notification: Option<Notification>,
}

/// Which notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// Those that were not read.
    Unread,
}

/// A list of notifications: which, of when, and in which order.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    /// Which.
    pub which: Which,
    /// Changed after this moment.
    pub since: Time,
    /// The oldest first.
    pub forward: bool,
    /// Where the page before ended.
    pub cursor: Option<&'a str>,
    /// How many at the most.
    pub limit: usize,
}

impl Notifications<'_> {
    /// The notification that belongs to what it is about, the same each time it is asked for.
    #[must_use]
    pub fn id_of(at: Time, about: &str) -> NotificationId {
        let hash = Sha256::digest(about);
        let mut random = [0_u8; 16];
        random.copy_from_slice(&hash[..16]);
        let ms = u64::try_from(at.ms()).unwrap_or_default();
        NotificationId::from_ulid(&Ulid::from_parts(ms, u128::from_be_bytes(random)).to_string())
    }

    /// Tells somebody something, once.
    ///
    /// # Errors
    /// Those of the table; that it was told before, and perhaps deleted, is none.
    pub async fn tell(&self, notification: &Notification) -> Result<(), Error> {
        match self.save(notification, 0).await {
            Err(Error::Clash(_)) => Ok(()),
            other => other,
        }
    }

    /// Writes a notification in the place of the revision that was seen, 0 for none.
    ///
    /// # Errors
    /// [`Error::Clash`] when it was changed meanwhile.
    pub async fn save(&self, notification: &Notification, seen: u64) -> Result<(), Error> {
        let condition = if seen == 0 {
            Expression::absent()
        } else {
            Expression::new("#revision = :seen", &["revision"], vec![(":seen", n(seen))])
        };
        self.0.write(Write::Put { item: notification_item(notification)?, condition: Some(condition) }).await
    }

    /// What somebody wants, and up to when they have read everything.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn settings(&self, account: &AccountId) -> Result<Settings, Error> {
        Ok(self.0.get_now(&keys::notification_settings(account)).await?.unwrap_or_default())
    }

    /// What is known of some of somebody's notifications, in no order.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn known(&self, account: &AccountId, ids: &[NotificationId]) -> Result<Vec<Known>, Error> {
        let keys: Vec<_> = ids.iter().map(|id| keys::notification(account, id)).collect();
        self.0.get_many_now(&keys).await?.into_values().map(known_in).collect()
    }

    /// All that telling somebody of a message needs to know.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn before_message(
        &self,
        room: &RoomId,
        to: (&AccountId, &[ConnectionId]),
        author: &AccountId,
        id: &NotificationId,
    ) -> Result<BeforeMessage, Error> {
        let (to, connections) = to;
        let wanted = [
            keys::member(room, to),
            keys::notification_settings(to),
            keys::notification(to, id),
            keys::account(author),
        ];
        let watches: Vec<_> = connections.iter().map(|connection| keys::watch(room, connection)).collect();
        let all: Vec<_> = wanted.iter().chain(&watches).cloned().collect();
        let mut found = self.0.get_many_now(&all).await?;
        let watching = watches.iter().any(|key| found.contains_key(key));
        let [member, settings, known, author] = wanted.map(|key| found.remove(&key));
        let author = author.map(AccountRecord::read).transpose()?.and_then(AccountRecord::active);
        Ok(BeforeMessage {
            member: member.map(read).transpose()?,
            watching,
            settings: settings.map(read).transpose()?.unwrap_or_default(),
            known: known.map(known_in).transpose()?,
            nickname: author.map(|author| author.nickname.as_str().to_owned()),
        })
    }

    /// All that mailing somebody a notification needs to know.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn before_mail(&self, account: &AccountId, id: &NotificationId) -> Result<BeforeMail, Error> {
        let wanted = [keys::account(account), keys::notification_settings(account), keys::notification(account, id)];
        let mut found = self.0.get_many_now(&wanted).await?;
        let [account, settings, notification] = wanted.map(|key| found.remove(&key));
        Ok(BeforeMail {
            account: account.map(AccountRecord::read).transpose()?.and_then(AccountRecord::active),
            settings: settings.map(read).transpose()?.unwrap_or_default(),
            notification: notification.map(known_in).transpose()?.and_then(Known::there),
        })
    }

    /// Notes that somebody is mailed a notification that began at a moment; `false` when that was noted before.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn mailing(
        &self,
        account: &AccountId,
        id: &NotificationId,
        began: Time,
        now: Time,
    ) -> Result<bool, Error> {
        let mut mark = item("mailed", keys::mailed(account, id, began), &serde_json::json!({}))?;
        // As long as an event may be told again.
        mark.insert(TTL.into(), n(now.plus(DELETED_LIFE).seconds()));
        match self.0.write(Write::Put { item: mark, condition: Some(Expression::absent()) }).await {
            Ok(()) => Ok(true),
            Err(Error::Clash(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// Takes back that somebody is mailed: it could not be sent, and will be tried again.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn not_mailed(&self, account: &AccountId, id: &NotificationId, began: Time) -> Result<(), Error> {
        self.0.write(Write::Delete { key: keys::mailed(account, id, began), condition: None }).await
    }

    /// A page of somebody's notifications, and where the next begins.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn page(
        &self,
        account: &AccountId,
        listed: &Listed<'_>,
    ) -> Result<(Vec<Notification>, Option<String>), Error> {
        let (index, partition) = match listed.which {
            Which::All => (Index::Gsi1, keys::notifications_of(account)),
            Which::Unread => (Index::Gsi2, keys::unread_of(account)),
        };
        let (_, _, sk) = index.names();
        let floor = keys::by_time(listed.since, "~");
        let (after, until) = if listed.forward {
            (listed.cursor.unwrap_or(&floor), "~")
        } else {
            (floor.as_str(), listed.cursor.unwrap_or("~"))
        };
        // Everything was read since the page before.
        if until <= after {
            return Ok((vec![], None));
        }
        // Backward the cursor's own entry comes along, and one more than is shown tells whether there is a next page.
        let limit = listed.limit + 2;
        let page = Page {
            after: Some(after),
            until: Some(until),
            forward: listed.forward,
            limit,
            ..Page::of(index, &partition)
        };
        let mut entries = self.0.page(&page).await?;
        entries.retain(|entry| listed.cursor.is_none() || text(entry, sk) != listed.cursor);
        let more = entries.len() > listed.limit;
        entries.truncate(listed.limit);
        let next = if more { entries.last().and_then(|entry| text(entry, sk)).map(str::to_owned) } else { None };
        let keys: Vec<_> = entries.iter().filter_map(key_of).collect();
        let mut found = self.0.get_many(&keys).await?;
        let mut notifications = vec![];
        for item in keys.iter().filter_map(|key| found.remove(key)) {
            // One that was deleted a moment ago is still in the index.
            notifications.extend(known_in(item)?.there());
        }
        Ok((notifications, next))
    }

    /// How many somebody has not read, a hundred at the most. One of which it is known better than the index may know
    /// at this moment is left out.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn unread(
        &self,
        account: &AccountId,
        settings: &Settings,
        now: Time,
        except: Option<&NotificationId>,
    ) -> Result<usize, Error> {
        let partition = keys::unread_of(account);
        let floor = keys::by_time(unread_since(settings, now), "~");
        let page = Page { after: Some(&floor), limit: MOST_COUNTED + 1, ..Page::of(Index::Gsi2, &partition) };
        let entries = self.0.page(&page).await?;
        let left_out = except.map(|id| keys::notification(account, id).sk);
        let others = entries.iter().filter(|entry| left_out.is_none() || text(entry, keys::SK) != left_out.as_deref());
        Ok(others.count().min(MOST_COUNTED))
    }

    /// Marks one as read.
    ///
    /// # Errors
    /// [`Error::Clash`] when there is none; that it was read before is no fault.
    pub async fn read(&self, account: &AccountId, id: &NotificationId) -> Result<(), Error> {
        let yes = aws_sdk_dynamodb::types::AttributeValue::Bool;
        let condition = Expression::new(
            "#kind = :there AND #read = :unread",
            &["kind", "read", "revision"],
            vec![(":there", s(THERE)), (":unread", yes(false)), (":read", yes(true)), (":one", n(1))],
        );
        let update = "SET #read = :read, #revision = #revision + :one REMOVE gsi2pk, gsi2sk";
        match self
            .0
            .write(Write::Update { key: keys::notification(account, id), update: update.into(), condition })
            .await
        {
            Err(Error::Clash(clash)) if clash.standing().and_then(|item| text(item, KIND)) == Some(THERE) => Ok(()),
            other => other,
        }
    }

    /// Notes that somebody has read everything up to a moment. The moment only rises.
    ///
    /// # Errors
    /// Those of the table; that it stands higher is none.
    pub async fn read_until(&self, account: &AccountId, until: Time) -> Result<(), Error> {
        let condition = Expression::new(
            "attribute_not_exists(#readUntil) OR #readUntil < :until",
            &["readUntil", "kind", "account"],
            vec![(":until", s(until.to_string())), (":kind", s(SETTINGS)), (":account", s(account.as_str()))],
        );
        let update = "SET #readUntil = :until, #kind = :kind, #account = :account";
        let key = keys::notification_settings(account);
        match self.0.write(Write::Update { key, update: update.into(), condition }).await {
            Err(Error::Clash(_)) => Ok(()),
            other => other,
        }
    }

    /// Deletes one. What is left of it says nothing but that it is not to come back.
    ///
    /// # Errors
    /// [`Error::Clash`] when there is none; that it was deleted before is no fault.
    pub async fn delete(&self, account: &AccountId, id: &NotificationId, now: Time) -> Result<(), Error> {
        let condition = Expression::new(
            "#kind = :there",
            &["kind", "notice", "revision", TTL],
            vec![
                (":there", s(THERE)),
                (":deleted", s(DELETED)),
                (":one", n(1)),
                (":ttl", n(now.plus(DELETED_LIFE).seconds())),
            ],
        );
        let update = "SET #kind = :deleted, #revision = #revision + :one, #ttl = :ttl \
                      REMOVE #notice, gsi1pk, gsi1sk, gsi2pk, gsi2sk";
        match self
            .0
            .write(Write::Update { key: keys::notification(account, id), update: update.into(), condition })
            .await
        {
            Err(Error::Clash(clash)) if clash.standing().and_then(|item| text(item, KIND)) == Some(DELETED) => Ok(()),
            other => other,
        }
    }

    /// Saves edited preferences. Those that were never edited have version 0.
    ///
    /// # Errors
    /// [`Error::Clash`] when they have another version by now.
    pub async fn prefer(&self, account: &AccountId, preferences: &Preferences, seen: u64) -> Result<(), Error> {
        let stored = serde_dynamo::to_attribute_value(preferences).map_err(|error| Error::Failed(error.to_string()))?;
        let text = if seen == 0 { "attribute_not_exists(#version)" } else { "#version = :seen" };
        let mut condition = Expression::new(
            text,
            &["version", "preferences", "kind", "account"],
            vec![
                (":next", n(seen + 1)),
                (":preferences", stored),
                (":kind", s(SETTINGS)),
                (":account", s(account.as_str())),
            ],
        );
        if seen > 0 {
            condition.values.push((":seen".into(), n(seen)));
        }
        let update = "SET #version = :next, #preferences = :preferences, #kind = :kind, #account = :account";
        let key = keys::notification_settings(account);
        self.0.write(Write::Update { key, update: update.into(), condition }).await
    }

    /// A person's latest notifications, hidden ones too.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn latest(&self, account: &AccountId, limit: usize) -> Result<Vec<Notification>, Error> {
        let partition = keys::account(account).pk;
        let page = Page { prefix: Some(keys::NOTIFICATIONS), limit: 500, ..Page::of(Index::Table, &partition) };
        let mut found = vec![];
        for item in self.0.page(&page).await? {
            found.extend(known_in(item)?.there());
        }
        found.sort_by(|one, other| (other.updated_at, &other.id).cmp(&(one.updated_at, &one.id)));
        found.truncate(limit);
        Ok(found)
    }

    /// Removes some of the notifications of somebody who has left, and what they wanted; `true` while there may be more.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn remove_some(&self, account: &AccountId) -> Result<bool, Error> {
        let partition = keys::account(account).pk;
        let page = Page { prefix: Some(keys::NOTIFICATIONS), keys_only: true, ..Page::of(Index::Table, &partition) };
        let mut found: Vec<_> = self.0.page(&page).await?.iter().filter_map(key_of).collect();
        let more = found.len() == page.limit;
        found.push(keys::notification_settings(account));
        self.0.put_and_delete(vec![], found).await?;
        Ok(more)
    }
}

/// From when on notifications can be unread.
#[must_use]
pub fn unread_since(settings: &Settings, now: Time) -> Time {
    let oldest = now.plus(-LIFE);
    settings.read_until.map_or(oldest, |until| until.max(oldest))
}

fn notification_item(notification: &Notification) -> Result<Item, Error> {
    let (account, id) = (&notification.account, &notification.id);
    let mut put = item(THERE, keys::notification(account, id), notification)?;
    put.insert(TTL.into(), n(notification.updated_at.plus(LIFE).seconds()));
    let place = keys::by_time(notification.updated_at, id.as_str());
    if !notification.hidden {
        indexed(&mut put, Index::Gsi1, keys::notifications_of(account), place.clone());
        if !notification.read {
            indexed(&mut put, Index::Gsi2, keys::unread_of(account), place);
        }
    }
    Ok(put)
}

fn known_in(item: Item) -> Result<Known, Error> {
    #[derive(serde::Deserialize)]
    struct Left {
        #[serde(default)]
        gathered: Gathered,
        revision: u64,
    }
    if text(&item, KIND) == Some(DELETED) {
        let Left { gathered, revision } = read(item)?;
        return Ok(Known::Deleted { gathered, revision });
    }
    read(item).map(|notification| Known::There(Box::new(notification)))
}
