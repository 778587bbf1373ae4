//! What follows from messages: what a room knows of its log, and alerts to whoever is in it (rows C13, C24).

use std::collections::BTreeMap;

use domain::{
    id::RoomId,
    message::{Message, SystemEvent},
    room::{Member, Room, SMALL},
};
use edge::{Event, Fault};
use futures::{StreamExt, TryStreamExt};
use live::{Activity, Live, Outbox, Weight, frame};
use store::{Connections, MediaItems, Rooms};

use crate::project::{Image, read};

/// Queries under way at once.
const AT_ONCE: usize = 16;

/// The last message of each room that a batch tells of: what was written in between needs no alert of its own.
#[derive(Default)]
pub(crate) struct Last(BTreeMap<RoomId, Message>);

impl Last {
    pub(crate) async fn follow(
        &mut self,
        event: &Event<'_>,
        old: Option<&Image>,
        new: Option<&Image>,
    ) -> Result<(), Fault> {
        let Some(message) = new.map(read::<Message>).transpose()? else { return Ok(()) };
        let Some(before) = old.map(read::<Message>).transpose()? else {
            // Written with a deal, by a function that tells nobody.
            if matches!(message.system, Some(SystemEvent::Deal { .. })) {
                Live { env: event.env, now: event.now }.tell_of("message.created", &message, None).await?;
            }
            match self.0.get(&message.room) {
                Some(last) if last.seq >= message.seq => {}
                _ => {
                    self.0.insert(message.room.clone(), message);
                }
            }
            return Ok(());
        };
        if before.text != message.text || before.deleted_at != message.deleted_at {
            Rooms(event.table()?).show_anew(&message).await?;
            // Written and changed in one batch: what the batch ends with is what its end shows.
            if let Some(last) = self.0.get_mut(&message.room).filter(|last| last.seq == message.seq) {
                *last = message.clone();
            }
        }
        if let (Some(media), None) = (before.media, message.media) {
            MediaItems(event.table()?).remove_all(&[media.id]).await?;
        }
        Ok(())
    }

    /// Notes what follows for the rooms, and tells their members.
    pub(crate) async fn close(self, event: &Event<'_>) -> Result<(), Fault> {
        let mut outbox = Outbox::default();
        for (room, message) in self.0 {
            if let Some(room) = Rooms(event.table()?).follow(&room, &message).await?.filter(Room::is_small) {
                alert(event, room, &mut outbox).await?;
            }
        }
        Live { env: event.env, now: event.now }.send(outbox).await?;
        Ok(())
    }
}

async fn alert(event: &Event<'_>, room: Room, outbox: &mut Outbox) -> Result<(), Fault> {
    let table = event.table()?;
    let Some(preview) = room.preview else { return Ok(()) };
    let (members, _) = Rooms(table).members(&room.id, None, SMALL as usize).await?;
    let connections = Connections(table);
    let found: Vec<(Member, Vec<_>)> = futures::stream::iter(members)
        .map(|member| async move {
            let open = connections.of_account(&member.account, event.now).await?;
            Ok::<_, Fault>((member, open))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    for (member, open) in found {
        let unread = member.unread(room.seq);
        let (preview, status) = (preview.clone(), room.status);
        let view = Activity { room: room.id.clone(), seq: room.seq, unread, preview, status, at: room.active_at };
        let frame = frame("room.activity", &view)?;
        for connection in open {
            outbox.put(connection, frame.clone(), Weight::Lasting);
        }
    }
    Ok(())
}
