//! What edits, deletions and reactions have in common: a message is put in the place of the one that was seen.

use domain::{id::RoomId, message::Message, room::Role};
use edge::{Code, Fault, Grant, Method, Push};
use store::Error;

use crate::{
    doing::Doing,
    views::{MessageOfRoom, MessageView, OneMessage},
};

pub(crate) const MAY: &[Grant] = &[
    Grant::Table("BatchGetItem", &["ROOM#"]),
    Grant::Table("GetItem", &["LISTING#", "ROOM#"]),
    Grant::Table("Query", &["ROOM#"]),
    Grant::Table("PutItem", &["ROOM#"]),
    Grant::Table("BatchWriteItem", &["CONNECTION#", "ROOM#"]),
    Grant::Connections(&[Method::Post]),
    Grant::Invoke(live::DELIVERS),
];

pub(crate) const PUSHES: &[Push] = &[Push::of::<MessageOfRoom>(
    "message.changed",
    "A message was edited, deleted or reacted to; to whoever has the room open, but for the connection that did it",
)];

/// A message that the caller may see in a room that is open, and what the caller is there.
pub(crate) async fn seen(doing: &Doing<'_>, room: &RoomId, seq: u64) -> Result<(Message, Role), Fault> {
    let (rooms, log) = (doing.rooms()?, doing.log()?);
    let ((found, member), message) =
        futures::try_join!(rooms.with_member(room, &doing.caller.id), log.by_seq(room, seq))?;
    let (found, member) = doing.admitted(found, member).await?;
    let message = message.filter(|message| member.sees(message.seq)).ok_or(Code::NotFound)?;
    if found.status == domain::room::Status::Closed {
        return Err(Code::RoomClosed.into());
    }
    Ok((message, member.role))
}

/// Puts a changed message in the place of the one that was seen and tells the room; the version that stands there when it
/// moved on meanwhile.
pub(crate) async fn replaced(
    doing: &Doing<'_>,
    before: &Message,
    after: Message,
) -> Result<Result<Message, u64>, Fault> {
    match doing.log()?.replace(before, &after, doing.now).await {
        Ok(()) => {
            doing.tell("message.changed", &after).await;
            Ok(Ok(after))
        }
        Err(Error::Clash(clash)) => {
            let version = clash.standing().and_then(|item| item.get("version")).and_then(|n| n.as_n().ok());
            Ok(Err(version.and_then(|n| n.parse().ok()).unwrap_or(before.version + 1)))
        }
        Err(other) => Err(other.into()),
    }
}

pub(crate) fn one(message: &Message, doing: &Doing<'_>) -> OneMessage {
    OneMessage { message: MessageView::of(message, Some(&doing.caller.id)) }
}
