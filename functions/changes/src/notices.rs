//! Notifications: making them of what happened, and telling a person's connections of those that were made.
//!
//! A message makes one for one person at the most, whatever the size of its room. Everything here may happen twice, late
//! and out of order: a notification is named by what it is about, and counts its messages by their numbers.

use domain::{
    errand::Designation,
    id::{AccountId, ListingId, NotificationId, RoomId},
    listing::Listing,
    message::Message,
    notification::{Known, Notice, Notification, Said, Settings, Type, told_of, wants},
    room::{Kind, Member, Preview, Room},
    time::Time,
};
use edge::{Event, Fault};
use live::{Live, Outbox, Weight};
use notifications::{MAILS, NotificationGone, NotificationTold, NotificationView, NotificationsRead, ToMail};
use serde::Serialize;
use serde_json::Value;
use store::{Accounts, Connections, Error, Listings, Notifications, Rooms};

use crate::project::{Image, kind, read};

/// How often a write is tried that another is faster than.
const TRIES: usize = 5;

/// A message was written or changed.
pub(crate) async fn follow_message(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    let old: Option<Message> = old.map(read).transpose()?;
    let Some(new) = new.map(read::<Message>).transpose()? else { return Ok(()) };
    // A reaction: nothing to read the room for.
    if old.as_ref().is_some_and(|old| old.text == new.text && old.deleted_at == new.deleted_at) {
        return Ok(());
    }
    let Some(room) = Rooms(event.table()?).by_id(&new.room).await? else { return Ok(()) };
    match old {
        None => on_message(event, &new, &room).await,
        Some(old) => on_message_changed(event, &old, &new, &room).await,
    }
}

/// Somebody's part in a room changed: they may have read on.
pub(crate) async fn follow_member(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    let (old, new): (Option<Member>, Option<Member>) = (old.map(read).transpose()?, new.map(read).transpose()?);
    match (old, new) {
        (Some(old), Some(new)) if old.read < new.read => on_read(event, &new.room, &new.account, new.read).await,
        _ => Ok(()),
    }
}

/// A room was made: it may be somebody's question to the owner of a listing.
pub(crate) async fn follow_room(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    match (old, new) {
        (None, Some(new)) => on_inquiry(event, &read(new)?).await,
        _ => Ok(()),
    }
}

/// Tells the owner that the deadline passed (row N13): one notification for one deadline, however often it is told.
/// The deadline that passed is the old one: an edit may have set another since.
pub(crate) async fn on_listing_expired(event: &Event<'_>, old: &Listing, listing: &Listing) -> Result<(), Fault> {
    let at = old.terms.deadline().unwrap_or(listing.updated_at);
    let id = Notifications::id_of(at, &format!("listing.expired {} {at}", listing.id));
    let title = listing.title.as_str().to_owned();
    tell(event, id, &listing.owner, Notice::ListingExpired { listing: listing.id.clone(), title }, listing.updated_at)
        .await
}

/// Tells a maker that an errand's owner asks them for a quote (row N5).
pub(crate) async fn on_asked(event: &Event<'_>, asked: &Designation) -> Result<(), Fault> {
    let about = format!("errand.asked {} {} {}", asked.errand, asked.maker, asked.asked_at);
    let notice = Notice::ErrandAsked {
        errand: asked.errand.clone(),
        title: asked.title.as_str().to_owned(),
        journey: asked.journey,
        account: asked.host.clone(),
        nickname: nickname_of(event, &asked.host).await?,
    };
    tell(event, Notifications::id_of(asked.asked_at, &about), &asked.maker, notice, asked.asked_at).await
}

/// Tells an errand's owner that a maker they asked for a quote says no (row N5).
pub(crate) async fn on_declined(event: &Event<'_>, asked: &Designation) -> Result<(), Fault> {
    let at = asked.answered_at.unwrap_or(asked.asked_at);
    let notice = Notice::ErrandDeclined {
        errand: asked.errand.clone(),
        title: asked.title.as_str().to_owned(),
        account: asked.maker.clone(),
        nickname: nickname_of(event, &asked.maker).await?,
    };
    let id = Notifications::id_of(at, &format!("errand.declined {} {} {at}", asked.errand, asked.maker));
    tell(event, id, &asked.host, notice, at).await
}

/// What somebody is called, if they are there.
async fn nickname_of(event: &Event<'_>, account: &AccountId) -> Result<Option<String>, Fault> {
    let people = Accounts(event.table()?).by_ids(std::slice::from_ref(account)).await?;
    Ok(people.get(account).map(|account| account.nickname.as_str().to_owned()))
}

/// Tells the owner of a listing that somebody opened a conversation about it (row N10).
async fn on_inquiry(event: &Event<'_>, room: &Room) -> Result<(), Fault> {
    let (Kind::Inquiry, Some(listing), [asker, owner]) = (room.kind, &room.listing, room.two.as_slice()) else {
        return Ok(());
    };
    let asking = Accounts(event.table()?).by_ids(std::slice::from_ref(asker)).await?;
    let id = Notifications::id_of(room.created_at, &format!("listing.inquiry {}", room.id));
    let notice = Notice::ListingInquiry {
        listing: listing.clone(),
        title: room.title.clone(),
        room: room.id.clone(),
        account: asker.clone(),
        nickname: asking.get(asker).map(|asker| asker.nickname.as_str().to_owned()),
    };
    tell(event, id, owner, notice, room.created_at).await
}

/// Tells somebody that they were shown out of a listing's room, for good (row N13); by the item of the ban.
pub(crate) async fn on_ban(
    event: &Event<'_>,
    listing: &ListingId,
    account: &AccountId,
    ban: Option<&Image>,
) -> Result<(), Fault> {
    let at = match ban.and_then(|ban| ban.get("createdAt")) {
        Some(serde_dynamo::AttributeValue::S(at)) => Time::parse(at).unwrap_or(event.now),
        _ => event.now,
    };
    let Some(found) = Listings(event.table()?).by_id_now(listing).await? else { return Ok(()) };
    let id = Notifications::id_of(at, &format!("room.kicked {listing} {account} {at}"));
    let title = found.title.as_str().to_owned();
    let notice = Notice::RoomKicked { room: Room::id_of(listing), listing: listing.clone(), title };
    tell(event, id, account, notice, at).await
}

/// Tells of a new message whoever it is for (row N10), unless they do not want it, have read it, or have the room open.
async fn on_message(event: &Event<'_>, message: &Message, room: &Room) -> Result<(), Fault> {
    let (Some((to, kind)), Some(author)) = (told_of(message, room), &message.author) else { return Ok(()) };
    if message.deleted_at.is_some() {
        return Ok(());
    }
    let table = event.table()?;
    let notifications = Notifications(table);
    let id = gathering(kind, &room.id, to);
    let connections = Connections(table).of_account(to, event.now).await?;
    for _ in 0..TRIES {
        let before = notifications.before_message(&room.id, (to, &connections), author, &id).await?;
        let wanted = before.member.is_some_and(|member| wants(&member, message.seq));
        if !wanted || before.watching {
            return Ok(());
        }
        let said = Said {
            room: room.id.clone(),
            kind: room.kind,
            title: room.title.clone(),
            nickname: before.nickname,
            preview: Preview::of(message),
            count: 1,
        };
        let notice = if kind == Type::RoomMessage { Notice::RoomMessage(said) } else { Notice::RoomReply(said) };
        let known = before.known.as_ref();
        let Some(after) = before.settings.gathered(known, id.clone(), to.clone(), notice, message.created_at) else {
            return Ok(());
        };
        match notifications.save(&after, known.map_or(0, Known::revision)).await {
            // Another message of the room, or its reader, was faster.
            Err(Error::Clash(_)) => {}
            other => return other.map_err(Fault::from),
        }
    }
    Err(Fault::internal(format!("{id} changes faster than it can be written")))
}

/// Shows a message that was edited or deleted as it is now, where a notification shows it.
async fn on_message_changed(event: &Event<'_>, old: &Message, message: &Message, room: &Room) -> Result<(), Fault> {
    // A deleted message says no more whom it answered.
    let Some((to, kind)) = told_of(old, room) else { return Ok(()) };
    change(event, to, &[gathering(kind, &room.id, to)], |notification| notification.showing(message)).await
}

/// Takes off what somebody has read in a room; a notification whose messages were all read is read.
async fn on_read(event: &Event<'_>, room: &RoomId, account: &AccountId, seq: u64) -> Result<(), Fault> {
    let ids = [Type::RoomMessage, Type::RoomReply].map(|kind| gathering(kind, room, account));
    change(event, account, &ids, |notification| notification.read_to(seq)).await
}

/// Tells the person's connections of a notification that was made, changed, read or deleted (row N3), whoever did so.
pub(crate) async fn push(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    // One that ran out, or went with its person, is nobody's news.
    let Some(new) = new else { return Ok(()) };
    let there = |image: &&Image| kind(image) == Some("notification");
    let before: Option<Notification> = old.filter(there).map(read).transpose()?;
    match kind(new) {
        Some("notification") => told(event, before, read(new)?).await,
        Some("deletedNotification") => {
            let Some(gone) = before.filter(|before| !before.hidden) else { return Ok(()) };
            post(event, &gone.account, Some(&gone.id), "notification.removed", |unread| NotificationGone {
                id: gone.id.clone(),
                unread,
            })
            .await
        }
        _ => read_everything(event, old, new).await,
    }
}

async fn told(event: &Event<'_>, before: Option<Notification>, notification: Notification) -> Result<(), Fault> {
    let (account, id) = (notification.account.clone(), notification.id.clone());
    if notification.is_news(before.as_ref()) {
        let settings = Notifications(event.table()?).settings(&account).await?;
        // Read meanwhile with everything else.
        if notification.is_read(settings.read_until) {
            return Ok(());
        }
        let (kind, preferences) = (notification.notice.kind(), &settings.preferences);
        if notification.begins(before.as_ref()) && preferences.mails(kind, event.now) {
            let began = notification.created_at;
            event.hand_over(MAILS, &ToMail { account: account.clone(), notification: id.clone(), began }).await?;
        }
        if !preferences.pushes(kind, event.now) {
            return Ok(());
        }
        let own = usize::from(!notification.hidden);
        let view = NotificationView::of(notification, settings.read_until);
        return post(event, &account, Some(&id), "notification", |others| NotificationTold {
            notification: view,
            unread: (others + own).min(domain::notification::MOST_COUNTED),
        })
        .await;
    }
    if notification.read && !notification.hidden && before.is_some_and(|before| !before.read) {
        return post(event, &account, Some(&id), "notification.read", |unread| NotificationsRead {
            ids: Some(vec![id.clone()]),
            until: None,
            unread,
        })
        .await;
    }
    Ok(())
}

/// Tells that everything up to a moment was read, where a person's settings say a later one than before.
async fn read_everything(event: &Event<'_>, old: Option<&Image>, new: &Image) -> Result<(), Fault> {
    let before: Option<Settings> = old.map(read).transpose()?;
    let after: Settings = read(new)?;
    let Some(until) = after.read_until.filter(|until| before.and_then(|before| before.read_until) != Some(*until))
    else {
        return Ok(());
    };
    let account = match new.get("account") {
        Some(serde_dynamo::AttributeValue::S(account)) => AccountId::parse(account).ok(),
        _ => None,
    };
    let account = account.ok_or_else(|| Fault::internal("settings of nobody"))?;
    post(event, &account, None, "notification.read", |unread| NotificationsRead {
        ids: None,
        until: Some(until),
        unread,
    })
    .await
}

/// Posts a frame to every connection of somebody, with how many they have not read. `known` is counted by the caller.
async fn post<T: Serialize>(
    event: &Event<'_>,
    account: &AccountId,
    known: Option<&NotificationId>,
    kind: &str,
    frame: impl FnOnce(usize) -> T,
) -> Result<(), Fault> {
    let table = event.table()?;
    let connections = Connections(table).of_account(account, event.now).await?;
    if connections.is_empty() {
        return Ok(());
    }
    let notifications = Notifications(table);
    let settings = notifications.settings(account).await?;
    let unread = notifications.unread(account, &settings, event.now, known).await?;
    let mut frame = serde_json::to_value(frame(unread)).map_err(Fault::internal)?;
    frame["type"] = Value::from(kind);
    let mut outbox = Outbox::default();
    for connection in connections {
        outbox.put(connection, frame.clone(), Weight::Lasting);
    }
    // Whoever cannot be told finds it in the list.
    Live { env: event.env, now: event.now }.send(outbox).await.map(drop)
}

/// The notification that gathers what is said in a room to somebody.
fn gathering(kind: Type, room: &RoomId, account: &AccountId) -> NotificationId {
    Notifications::id_of(Time::EPOCH, &format!("{} {room} {account}", kind.word()))
}

/// Tells somebody of something, once, as they want to be told.
pub(crate) async fn tell(
    event: &Event<'_>,
    id: NotificationId,
    account: &AccountId,
    notice: Notice,
    at: Time,
) -> Result<(), Fault> {
    let notifications = Notifications(event.table()?);
    let settings = notifications.settings(account).await?;
    match settings.told(id, account.clone(), notice, at) {
        Some(notification) => Ok(notifications.tell(&notification).await?),
        None => Ok(()),
    }
}

/// Changes those of somebody's notifications that are there and of which something changes.
async fn change(
    event: &Event<'_>,
    account: &AccountId,
    ids: &[NotificationId],
    after: impl Fn(&Notification) -> Option<Notification>,
) -> Result<(), Fault> {
    let notifications = Notifications(event.table()?);
    for _ in 0..TRIES {
        let known = notifications.known(account, ids).await?;
        let mut clashed = false;
        for before in known.into_iter().filter_map(Known::there) {
            let Some(after) = after(&before) else { continue };
            match notifications.save(&after, before.revision).await {
                Err(Error::Clash(_)) => clashed = true,
                other => other?,
            }
        }
        if !clashed {
            return Ok(());
        }
    }
    Err(Fault::internal("a notification changes faster than it can be written"))
}
