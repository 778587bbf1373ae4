//! PUT /rooms/{roomId}/messages/{seq}/reactions/{reaction} and `message.react`: an answer without words.

use deserr::Deserr;
use domain::{
    id::RoomId,
    input::Invalid,
    message::{Reaction, seq_in_path},
};
use edge::{Answer, Answered, Call, Code, Fault, Frame, Outcome, Reply, Route, Row, Setting};
use schemars::JsonSchema;

use crate::{
    Rooms,
    change::{MAY, PUSHES, one, replaced, seen},
    doing::Doing,
    saying::SeqBody,
    views::OneMessage,
};

pub(crate) const PROBLEMS: &[Code] = &[
    Code::NotMember,
    Code::Banned,
    Code::NotFound,
    Code::MessageDeleted,
    Code::TooManyReactions,
    Code::RoomClosed,
    Code::InProgress,
];

pub(crate) const ROUTE: Route<Rooms> = Row::put("rooms.react", "/rooms/{roomId}/messages/{seq}/reactions/{reaction}")
    .summary("React to a message")
    .description(
        "`like`, `heart`, `laugh`, `wow`, `sad`, `thanks`, `party`, `fire`, `eyes` or `check`. Again is no fault.",
    )
    .features(&["C11"])
    .needs(&[Setting::MediaUrl])
    .may(MAY)
    .replies::<OneMessage>(200)
    .problems(PROBLEMS)
    .pushes(PUSHES)
    .budget(4, 30.0, 50.0)
    .http(|app, call| Box::pin(handle(app, call, true)));

pub(crate) const LIVE: Route<Rooms> = Row::socket("rooms.react_live", "message.react")
    .summary("React to a message, or take a reaction back")
    .features(&["C11"])
    .needs(&[Setting::MediaUrl])
    .may(MAY)
    .takes::<Body>()
    .replies::<OneMessage>(200)
    .problems(PROBLEMS)
    .pushes(PUSHES)
    .budget(4, 30.0, 50.0)
    .frame(|app, frame| Box::pin(handle_live(app, frame)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "React", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    room: RoomId,
    seq: SeqBody,
    reaction: Reaction,
    /// Whether it is set or taken back.
    on: bool,
}

pub(crate) async fn handle(_: &Rooms, call: &Call<'_>, on: bool) -> Outcome {
    let doing = Doing::call(call)?;
    let room = call.path("roomId", RoomId::parse)?;
    let seq = call.path("seq", seq_in_path)?;
    let reaction = call.path("reaction", Reaction::parse)?;
    Reply::ok(&reacted(&doing, &room, seq, reaction, on).await?)
}

async fn handle_live(_: &Rooms, frame: &Frame<'_>) -> Answered {
    let doing = Doing::frame(frame)?;
    let Body { room, seq, reaction, on } = frame.body()?;
    Answer::of(&reacted(&doing, &room, seq.0, reaction, on).await?)
}

async fn reacted(
    doing: &Doing<'_>,
    room: &RoomId,
    seq: u64,
    reaction: Reaction,
    on: bool,
) -> Result<OneMessage, Fault> {
    // Others react at this moment too; each of them looks again at what stands there.
    for _ in 0..4 {
        let (before, _) = seen(doing, room, seq).await?;
        let after = before.reacted(&doing.caller.id, reaction, on)?;
        if after == before {
            return Ok(one(&before, doing));
        }
        if let Ok(after) = replaced(doing, &before, after).await? {
            return Ok(one(&after, doing));
        }
    }
    Err(Code::InProgress.into())
}
