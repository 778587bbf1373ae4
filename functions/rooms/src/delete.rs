//! DELETE /rooms/{roomId}/messages/{seq} and `message.delete`: somebody takes back what was said.

use deserr::Deserr;
use domain::{id::RoomId, input::Invalid, message::seq_in_path, room::Role};
use edge::{Answer, Answered, Call, Code, Fault, Frame, Outcome, Reply, Route, Row, Setting};
use schemars::JsonSchema;

use crate::{
    Rooms,
    change::{MAY, PUSHES, one, replaced, seen},
    doing::Doing,
    saying::SeqBody,
    views::OneMessage,
};

const PROBLEMS: &[Code] =
    &[Code::NotMember, Code::Banned, Code::NotAuthor, Code::NotFound, Code::TooLate, Code::RoomClosed];

pub(crate) const ROUTE: Route<Rooms> = Row::delete("rooms.delete", "/rooms/{roomId}/messages/{seq}")
    .summary("Take back what was said")
    .description(
        "The author within five minutes, the host at any time. The message keeps its place and its author, and nothing of \
         what it said. Again is no fault.",
    )
    .features(&["C18"])
    .needs(&[Setting::MediaUrl])
    .may(MAY)
    .replies::<OneMessage>(200)
    .problems(PROBLEMS)
    .pushes(PUSHES)
    .budget(3, 8.0, 50.0)
    .http(|app, call| Box::pin(handle(app, call)));

pub(crate) const LIVE: Route<Rooms> = Row::socket("rooms.delete_live", "message.delete")
    .summary("Take back what was said")
    .features(&["C18"])
    .needs(&[Setting::MediaUrl])
    .may(MAY)
    .takes::<DeleteFrame>()
    .replies::<OneMessage>(200)
    .problems(PROBLEMS)
    .pushes(PUSHES)
    .budget(3, 8.0, 50.0)
    .frame(|app, frame| Box::pin(handle_live(app, frame)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "DeleteMessage", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct DeleteFrame {
    room: RoomId,
    seq: SeqBody,
}

async fn handle(_: &Rooms, call: &Call<'_>) -> Outcome {
    let doing = Doing::call(call)?;
    let room = call.path("roomId", RoomId::parse)?;
    let seq = call.path("seq", seq_in_path)?;
    Reply::ok(&deleted(&doing, &room, seq).await?)
}

async fn handle_live(_: &Rooms, frame: &Frame<'_>) -> Answered {
    let doing = Doing::frame(frame)?;
    let DeleteFrame { room, seq } = frame.body()?;
    Answer::of(&deleted(&doing, &room, seq.0).await?)
}

async fn deleted(doing: &Doing<'_>, room: &RoomId, seq: u64) -> Result<OneMessage, Fault> {
    // Somebody may be reacting to it at this moment.
    for _ in 0..5 {
        let (before, role) = seen(doing, room, seq).await?;
        let after = before.deleted(&doing.caller.id, role == Role::Host, doing.now)?;
        if after == before {
            // Perhaps by a call that ended before it told anybody.
            doing.tell("message.changed", &before).await;
            return Ok(one(&before, doing));
        }
        if let Ok(after) = replaced(doing, &before, after).await? {
            return Ok(one(&after, doing));
        }
    }
    Err(Code::InProgress.into())
}
