//! `typing`: somebody is writing. Told to whoever looks, kept nowhere.

use deserr::Deserr;
use domain::{
    id::{AccountId, RoomId},
    input::Invalid,
};
use edge::{Answer, Answered, Code, Frame, Grant, Method, Push, Route, Row};
use live::Weight;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{Rooms, doing::Doing};

pub(crate) const LIVE: Route<Rooms> = Row::socket("rooms.typing_live", "typing")
    .summary("Say that one is writing")
    .description("Every three seconds or so while it goes on. It is not answered. Large rooms are not told.")
    .features(&["C20"])
    .may(&[
        Grant::Table("BatchGetItem", &["ROOM#"]),
        Grant::Table("GetItem", &["LISTING#"]),
        Grant::Table("Query", &["ROOM#"]),
        Grant::Table("BatchWriteItem", &["CONNECTION#", "ROOM#"]),
        Grant::Connections(&[Method::Post]),
        Grant::Invoke(live::DELIVERS),
    ])
    .takes::<Body>()
    .answers_nothing()
    .problems(&[Code::NotMember, Code::Banned, Code::NotFound])
    .pushes(&[Push::of::<TypingOf>(
        "typing",
        "Somebody is writing; to whoever has the room open, of up to 100 members",
    )])
    .budget(3, 16.0, 0.0)
    .frame(|app, frame| Box::pin(handle(app, frame)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "Typing", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    room: RoomId,
}

/// Somebody is writing.
#[derive(Serialize, JsonSchema)]
struct TypingOf {
    /// The room.
    room: RoomId,
    /// Who.
    account: AccountId,
}

async fn handle(_: &Rooms, frame: &Frame<'_>) -> Answered {
    let doing = Doing::frame(frame)?;
    let Body { room } = frame.body()?;
    let (found, _) = doing.part(&room).await?;
    if found.is_small() {
        let told = TypingOf { room: room.clone(), account: doing.caller.id.clone() };
        doing.tell_room(&room, &live::frame("typing", &told)?, Weight::Passing).await;
    }
    Ok(Answer::done())
}
