//! What follows from connections: whether their people are there, and what those who share a room with them see of it
//! (row P16).

use std::collections::BTreeSet;

use domain::id::AccountId;
use edge::{Event, Fault};
use futures::{StreamExt, TryStreamExt};
use live::{Live, PresenceOf, Weight, frame};
use store::{Connection, Connections, PresenceRecord, Presences, Rooms, Watches};

use crate::project::{Image, read};

/// Rooms that are looked at at once.
const AT_ONCE: usize = 16;
/// In how large a room, by the connections that have it open, people are shown who is there.
const SHOWN: usize = 100;

/// A connection was opened, used, or is gone.
pub(crate) async fn follow(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    let old: Option<Connection> = old.map(read).transpose()?;
    let new: Option<Connection> = new.map(read).transpose()?;
    let presences = Presences(event.table()?);
    match (old, new) {
        (before, Some(now)) if before.as_ref().map(Connection::sign) != Some(now.sign()) => {
            presences.sign(&now.account, &now.id, &now.sign()).await?;
        }
        (Some(gone), None) => {
            presences.unsign(&gone.account, &gone.id).await?;
            for room in &gone.watching {
                Watches(event.table()?).remove(room, std::slice::from_ref(&gone.id)).await?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Ends all connections of somebody.
pub(crate) async fn hang_up(event: &Event<'_>, account: &AccountId) -> Result<(), Fault> {
    let known = Connections(event.table()?);
    let open = known.of_account(account, event.now).await?;
    let connections = event.env.connections()?;
    futures::future::join_all(open.iter().map(|connection| connections.hang_up(connection))).await;
    known.remove_all(&open).await?;
    Ok(())
}

/// What is known of whether somebody is there has changed.
pub(crate) async fn follow_presence(
    event: &Event<'_>,
    account: &AccountId,
    old: Option<&Image>,
    new: Option<&Image>,
) -> Result<(), Fault> {
    let at = |image: Option<&Image>| -> Result<_, Fault> {
        let record = image.map(|image| PresenceRecord::read(image.clone().into())).transpose()?;
        Ok(record.unwrap_or_default().presence(event.now))
    };
    let (before, presence) = (at(old)?, at(new)?);
    if before == presence {
        return Ok(());
    }
    let frame = frame("presence.changed", &PresenceOf { account: account.clone(), presence })?.to_string();
    let rooms = Rooms(event.table()?).ids_of(account).await?;
    let watches = Watches(event.table()?);
    let open: Vec<_> = futures::stream::iter(rooms)
        .map(|room| async move { watches.of_room(&room, None, None, SHOWN).await })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let small = open.into_iter().filter(|(_, more)| more.is_none()).flat_map(|(watches, _)| watches);
    let to: BTreeSet<_> = small.filter(|watch| watch.account != *account).map(|watch| watch.connection).collect();
    let live = Live { env: event.env, now: event.now };
    live.post(None, Weight::Passing, to.into_iter().map(|id| (id, frame.clone()))).await?;
    Ok(())
}
