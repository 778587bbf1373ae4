//! What follows from who is in a room and from what becomes of its listing: what Madang says in it, and who is told
//! (rows C2, C7, C8, C10, N13).

use domain::{
    id::{AccountId, ListingId, RoomId},
    listing::{Listing, Status, Terms},
    message::{Closing, Message, Nonce, SystemEvent},
    room::{Kind, Member, Role, Room, SMALL},
};
use edge::{Event, Fault, Setting};
use futures::{StreamExt, TryStreamExt};
use live::{Changed, Live, Outbox, Removal, Removed, RoomView, Weight, frame};
use serde_json::Value;
use store::{Accounts, Appended, Connections, Error, Log, NewRoom, Rooms, Watches};

use crate::project::{Image, read};

/// Members whom something is looked up for at once.
const AT_ONCE: usize = 16;

/// A listing was put up, edited, closed, or is gone.
pub(crate) async fn follow_listing(
    event: &Event<'_>,
    old: Option<&Listing>,
    new: Option<&Listing>,
) -> Result<(), Fault> {
    let rooms = Rooms(event.table()?);
    match (old, new) {
        (None, Some(listing)) if matches!(listing.terms, Terms::Barter { .. }) => {
            let (room, host) = Room::of_listing(listing);
            rooms.make_for_listing(&NewRoom { room: &room, members: &[host] }).await?;
        }
        (Some(old), Some(new)) if old.title != new.title => {
            for room in about(event, new).await? {
                rooms.rename(&room, new.title.as_str()).await?;
            }
        }
        _ => {}
    }
    let (Some(before), after) = (old, new.map(|new| new.status)) else { return Ok(()) };
    let goes_on = |status: Status| matches!(status, Status::Open | Status::Reserved);
    let said = match after {
        None => SystemEvent::Closed { reason: Closing::Deleted },
        Some(after) if goes_on(before.status) == goes_on(after) => return Ok(()),
        Some(Status::Open | Status::Reserved) => SystemEvent::Opened,
        Some(Status::Closed) => SystemEvent::Closed { reason: Closing::Closed },
        Some(Status::Expired) => SystemEvent::Closed { reason: Closing::Expired },
        Some(Status::Withdrawn) => SystemEvent::Closed { reason: Closing::Withdrawn },
    };
    let named = new.map_or_else(|| "listing-deleted".to_owned(), |new| format!("listing-v{:06}", new.version));
    for room in about(event, before).await? {
        // A conversation that was over stays so.
        let is_listings = room == Room::id_of(&before.id);
        let was_left = || async { Ok::<_, Fault>(rooms.by_id(&room).await?.is_none_or(|room| room.members < 2)) };
        if said == SystemEvent::Opened && !is_listings && was_left().await? {
            continue;
        }
        announce(event, &room, &named, said.clone()).await?;
    }
    Ok(())
}

/// The rooms about a listing.
async fn about(event: &Event<'_>, listing: &Listing) -> Result<Vec<RoomId>, Fault> {
    let mut rooms = Rooms(event.table()?).inquiries_about(&listing.id).await?;
    if matches!(listing.terms, Terms::Barter { .. }) {
        rooms.push(Room::id_of(&listing.id));
    }
    Ok(rooms)
}

/// Somebody is in a room, is so in another way, or is so no more.
pub(crate) async fn follow_member(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    let old: Option<Member> = old.map(read).transpose()?;
    let new: Option<Member> = new.map(read).transpose()?;
    match (old, new) {
        (None, Some(member)) => came(event, &member).await,
        (Some(member), None) => went(event, &member).await,
        (Some(before), Some(member)) if before.muted != member.muted => tell_of_room(event, &member).await,
        _ => Ok(()),
    }
}

async fn came(event: &Event<'_>, member: &Member) -> Result<(), Fault> {
    tell_of_room(event, member).await?;
    let Some(room) = Rooms(event.table()?).by_id(&member.room).await? else { return Ok(()) };
    if room.kind != Kind::Listing || member.role == Role::Host {
        return Ok(());
    }
    let nickname = nickname_of(event, &member.account).await?;
    let named = format!("joined-{}-{}", member.account, member.joined_at.ms());
    announce(event, &member.room, &named, SystemEvent::Joined { account: member.account.clone(), nickname }).await
}

async fn went(event: &Event<'_>, member: &Member) -> Result<(), Fault> {
    let rooms = Rooms(event.table()?);
    Watches(event.table()?).remove_account(&member.room, &member.account).await?;
    let room = rooms.by_id(&member.room).await?;
    let banned = match room.as_ref().filter(|room| room.kind == Kind::Listing).and_then(|room| room.listing.as_ref()) {
        Some(listing) => rooms.is_banned(listing, &member.account).await?,
        None => false,
    };
    let reason = if banned { Removal::Kicked } else { Removal::Left };
    let mut outbox = Outbox::default();
    let told = frame("room.removed", &Removed { room: member.room.clone(), reason })?;
    let live = Live { env: event.env, now: event.now };
    live.tell_account(&mut outbox, &member.account, &told).await?;
    live.send(outbox).await?;
    let Some(room) = room else { return Ok(()) };
    let account = member.account.clone();
    let nickname = nickname_of(event, &account).await?;
    let at = member.joined_at.ms();
    let (named, said) = match (room.kind, banned) {
        (Kind::Listing, true) => (format!("kicked-{account}-{at}"), SystemEvent::Kicked { account, nickname }),
        (Kind::Listing, false) => (format!("left-{account}-{at}"), SystemEvent::Left { account, nickname }),
        (Kind::Inquiry | Kind::Direct | Kind::Deal, _) => {
            (format!("left-{account}-{at}"), SystemEvent::Closed { reason: Closing::Left })
        }
    };
    announce(event, &member.room, &named, said).await
}

/// Somebody was banned from a listing: they are in none of its rooms any more.
pub(crate) async fn follow_ban(event: &Event<'_>, listing: &ListingId, account: &AccountId) -> Result<(), Fault> {
    let rooms = Rooms(event.table()?);
    match rooms.leave(&Room::id_of(listing), account).await {
        // Shown out of the room itself, or never in it.
        Ok(()) | Err(Error::Clash(_)) => {}
        Err(other) => return Err(other.into()),
    }
    if let Some(inquiry) = rooms.inquiry_of(listing, account).await? {
        let named = format!("banned-{account}");
        announce(event, &inquiry, &named, SystemEvent::Closed { reason: Closing::Banned }).await?;
    }
    Ok(())
}

/// Somebody has left Madang: they leave every room.
pub(crate) async fn forget_account(event: &Event<'_>, account: &AccountId) -> Result<(), Fault> {
    let rooms = Rooms(event.table()?);
    for room in rooms.ids_of(account).await? {
        match rooms.leave(&room, account).await {
            Ok(()) | Err(Error::Clash(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok(())
}

/// A small room is called something else, was closed or opened again: lists that show it are told.
pub(crate) async fn follow_room(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    let (Some(old), Some(new)) = (old.map(read::<Room>).transpose()?, new.map(read::<Room>).transpose()?) else {
        return Ok(());
    };
    if !new.is_small() || (&old.title, old.status) == (&new.title, new.status) {
        return Ok(());
    }
    let (members, _) = Rooms(event.table()?).members(&new.id, None, SMALL as usize).await?;
    let (room, connections) = (&new, Connections(event.table()?));
    let shown: Vec<_> = futures::stream::iter(members)
        .map(|member| async move {
            let open = connections.of_account(&member.account, event.now).await?;
            // Most are not there: nothing to be looked up for them.
            let frame = if open.is_empty() { Value::Null } else { show(event, room, &member).await? };
            Ok::<_, Fault>((open, frame))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let mut outbox = Outbox::default();
    for (open, frame) in shown {
        for connection in open {
            outbox.put(connection, frame.clone(), Weight::Lasting);
        }
    }
    Live { env: event.env, now: event.now }.send(outbox).await.map(drop)
}

/// Shows a person's connections a room of theirs as it is now.
async fn tell_of_room(event: &Event<'_>, member: &Member) -> Result<(), Fault> {
    let Some(room) = Rooms(event.table()?).by_id(&member.room).await? else { return Ok(()) };
    let mut outbox = Outbox::default();
    let live = Live { env: event.env, now: event.now };
    live.tell_account(&mut outbox, &member.account, &show(event, &room, member).await?).await?;
    live.send(outbox).await?;
    Ok(())
}

/// The frame that shows somebody a room of theirs.
async fn show(event: &Event<'_>, room: &Room, member: &Member) -> Result<Value, Fault> {
    let partner = room.partner_of(&member.account).cloned();
    let people = Accounts(event.table()?).by_ids(partner.as_slice()).await?;
    let partner = partner.and_then(|id| people.get(&id));
    let view = RoomView::of(room, member, partner, event.setting(Setting::MediaUrl)?);
    frame("room.changed", &Changed { room: view })
}

async fn nickname_of(event: &Event<'_>, account: &AccountId) -> Result<Option<String>, Fault> {
    let people = Accounts(event.table()?).by_ids(std::slice::from_ref(account)).await?;
    Ok(people.get(account).map(|account| account.nickname.as_str().to_owned()))
}

/// Has Madang say something in a room, once for its name, and tells whoever has it open.
async fn announce(event: &Event<'_>, room: &RoomId, named: &str, said: SystemEvent) -> Result<(), Fault> {
    let nonce = Nonce::parse(named).map_err(|wrong| Fault::internal(format!("{named}: {wrong:?}")))?;
    let log = Log(event.table()?);
    let (last, known) = futures::try_join!(log.last(room, 1), log.nonce(room, None, &nonce))?;
    let message = Message::announced(room.clone(), nonce, said, event.now);
    match log.append(&message, last.first(), known, event.now).await? {
        Appended::New(message) | Appended::Known(message) => {
            Live { env: event.env, now: event.now }.tell_of("message.created", &message, None).await?;
            Ok(())
        }
        // Said in other words before: what it was called has changed since.
        Appended::OtherContents | Appended::Closed => Ok(()),
    }
}
