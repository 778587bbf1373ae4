//! `room.close`: this connection is told no more of a room.

use deserr::Deserr;
use domain::{id::RoomId, input::Invalid};
use edge::{Answer, Answered, Frame, Grant, Method, Route, Row};
use schemars::JsonSchema;
use store::Watches;

use crate::Rooms;

pub(crate) const LIVE: Route<Rooms> = Row::socket("rooms.close_live", "room.close")
    .summary("Be told no more of what happens in a room")
    .description("Again is no fault. Alerts (`room.activity`) come all the same.")
    .features(&["C7"])
    .may(&[
        Grant::Table("UpdateItem", &["CONNECTION#"]),
        Grant::Table("DeleteItem", &["ROOM#"]),
        Grant::Connections(&[Method::Post]),
    ])
    .takes::<Body>()
    .budget(1, 0.0, 2.0)
    .frame(|app, frame| Box::pin(handle(app, frame)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "CloseRoom", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    room: RoomId,
}

async fn handle(_: &Rooms, frame: &Frame<'_>) -> Answered {
    let Body { room } = frame.body()?;
    Watches(frame.table()?).close(&room, &frame.connection()?.id).await?;
    Ok(Answer::done())
}
