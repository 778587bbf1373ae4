//! PATCH and DELETE /rooms/{roomId}/messages/{seq}, `message.edit` and `message.delete`: a message is changed.

use deserr::Deserr;
use domain::{
    id::RoomId,
    input::{Invalid, integer_value},
    message::{self, Message},
    room::Role,
    text::MessageText,
    tier::Tier,
};
use edge::{
    Answer, Answered, Call, Code, Fault, Frame, Grant, Method, Outcome, Problem, Push, Reply, Route, Row, Setting,
};
use schemars::JsonSchema;
use store::Error;

use crate::{
    Rooms,
    doing::Doing,
    send::{SeqBody, seq_in_path},
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

const EDITS: &[Code] = &[
    Code::NotMember,
    Code::Banned,
    Code::NotAuthor,
    Code::NotFound,
    Code::MessageDeleted,
    Code::NoWords,
    Code::VersionConflict,
    Code::RoomClosed,
];

const DELETES: &[Code] =
    &[Code::NotMember, Code::Banned, Code::NotAuthor, Code::NotFound, Code::TooLate, Code::RoomClosed];

pub(crate) const EDIT: Route<Rooms> = Row::patch("rooms.edit", "/rooms/{roomId}/messages/{seq}")
    .summary("Say it in other words")
    .description("The author alone; the version is the one that was seen. Earlier words are kept, and shown to nobody.")
    .features(&["C17"])
    .needs(&[Setting::MediaUrl])
    .may(MAY)
    .takes::<EditBody>()
    .replies::<OneMessage>(200)
    .problems(EDITS)
    .pushes(PUSHES)
    .budget(3, 8.0, 50.0)
    .http(|app, call| Box::pin(edit(app, call)));

pub(crate) const EDIT_LIVE: Route<Rooms> = Row::socket("rooms.edit_live", "message.edit")
    .summary("Say it in other words")
    .features(&["C17"])
    .needs(&[Setting::MediaUrl])
    .may(MAY)
    .takes::<EditFrame>()
    .replies::<OneMessage>(200)
    .problems(EDITS)
    .pushes(PUSHES)
    .budget(3, 8.0, 50.0)
    .frame(|app, frame| Box::pin(edit_live(app, frame)));

pub(crate) const DELETE: Route<Rooms> = Row::delete("rooms.delete", "/rooms/{roomId}/messages/{seq}")
    .summary("Take back what was said")
    .description(
        "The author within five minutes, the host at any time. The message keeps its place and its author, and nothing of \
         what it said. Again is no fault.",
    )
    .features(&["C18"])
    .needs(&[Setting::MediaUrl])
    .may(MAY)
    .replies::<OneMessage>(200)
    .problems(DELETES)
    .pushes(PUSHES)
    .budget(3, 8.0, 50.0)
    .http(|app, call| Box::pin(delete(app, call)));

pub(crate) const DELETE_LIVE: Route<Rooms> = Row::socket("rooms.delete_live", "message.delete")
    .summary("Take back what was said")
    .features(&["C18"])
    .needs(&[Setting::MediaUrl])
    .may(MAY)
    .takes::<DeleteFrame>()
    .replies::<OneMessage>(200)
    .problems(DELETES)
    .pushes(PUSHES)
    .budget(3, 8.0, 50.0)
    .frame(|app, frame| Box::pin(delete_live(app, frame)));

/// The version that was seen.
struct Version(u64);

impl Deserr<Invalid> for Version {
    fn deserialize_from_value<V: deserr::IntoValue>(
        value: deserr::Value<V>,
        at: deserr::ValuePointerRef<'_>,
    ) -> Result<Self, Invalid> {
        integer_value(value, at, 1..=i64::from(u32::MAX)).map(|number| Self(number.unsigned_abs()))
    }
}

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "MessageEdit", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct EditBody {
    text: MessageText,
    /// The version that was seen.
    #[schemars(with = "u32", range(min = 1))]
    version: Version,
}

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "EditMessage", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct EditFrame {
    room: RoomId,
    seq: SeqBody,
    text: MessageText,
    /// The version that was seen.
    #[schemars(with = "u32", range(min = 1))]
    version: Version,
}

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "DeleteMessage", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct DeleteFrame {
    room: RoomId,
    seq: SeqBody,
}

async fn edit(_: &Rooms, call: &Call<'_>) -> Outcome {
    let doing = Doing::call(call)?;
    let room = call.path("roomId", RoomId::parse)?;
    let seq = call.path("seq", seq_in_path)?;
    let EditBody { text, version } = call.body()?;
    Reply::ok(&edited(&doing, &room, seq, text, version).await?)
}

async fn edit_live(_: &Rooms, frame: &Frame<'_>) -> Answered {
    let doing = Doing::frame(frame)?;
    let EditFrame { room, seq, text, version } = frame.body()?;
    Answer::of(&edited(&doing, &room, seq.0, text, version).await?)
}

async fn delete(_: &Rooms, call: &Call<'_>) -> Outcome {
    let doing = Doing::call(call)?;
    let room = call.path("roomId", RoomId::parse)?;
    let seq = call.path("seq", seq_in_path)?;
    Reply::ok(&deleted(&doing, &room, seq).await?)
}

async fn delete_live(_: &Rooms, frame: &Frame<'_>) -> Answered {
    let doing = Doing::frame(frame)?;
    let DeleteFrame { room, seq } = frame.body()?;
    Answer::of(&deleted(&doing, &room, seq.0).await?)
}

async fn edited(
    doing: &Doing<'_>,
    room: &RoomId,
    seq: u64,
    text: MessageText,
    version: Version,
) -> Result<OneMessage, Fault> {
    message::fits(&text, Tier::named(&doing.caller.tier)).map_err(|wrong| Invalid::one("/text", wrong))?;
    let (before, _) = seen(doing, room, seq).await?;
    let after = before.edited(&doing.caller.id, text, doing.now)?;
    if after == before {
        return Ok(one(&before, doing));
    }
    if before.version != version.0 {
        return Err(Problem::new(Code::VersionConflict).with("version", before.version).into());
    }
    match replaced(doing, &before, after).await? {
        Ok(after) => Ok(one(&after, doing)),
        Err(standing) => Err(Problem::new(Code::VersionConflict).with("version", standing).into()),
    }
}

async fn deleted(doing: &Doing<'_>, room: &RoomId, seq: u64) -> Result<OneMessage, Fault> {
    // Somebody may be reacting to it at this moment.
    for _ in 0..5 {
        let (before, role) = seen(doing, room, seq).await?;
        let after = before.deleted(&doing.caller.id, role == Role::Host, doing.now)?;
        if after == before {
            return Ok(one(&before, doing));
        }
        if let Ok(after) = replaced(doing, &before, after).await? {
            return Ok(one(&after, doing));
        }
    }
    Err(Code::InProgress.into())
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::input::Wrong;

    #[test]
    fn the_number_of_a_message_is_a_number_from_one() {
        assert_eq!(seq_in_path("42"), Ok(42));
        for bad in ["", "0", "-1", "1.5", "x", "1000000000000", "999999999999999999999"] {
            assert!(matches!(seq_in_path(bad), Err(Wrong::Malformed(_))), "{bad}");
        }
    }
}
