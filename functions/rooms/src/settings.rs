//! PATCH /rooms/{roomId}: what one wants of a room.

use deserr::Deserr;
use domain::{id::RoomId, input::Invalid};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row, Setting};
use schemars::JsonSchema;
use store::Error;

use crate::{Rooms, doing::Doing, show::shown, views::RoomView};

pub(crate) const ROUTE: Route<Rooms> = Row::patch("rooms.settings", "/rooms/{roomId}")
    .summary("Mute a room, or not")
    .description("A muted room makes no notifications; it is in the list with its unread messages all the same.")
    .features(&["N10"])
    .needs(&[Setting::MediaUrl])
    .may(&[
        Grant::Table("UpdateItem", &["ROOM#"]),
        Grant::Table("BatchGetItem", &["ACCOUNT#", "ROOM#"]),
        Grant::Table("GetItem", &["LISTING#"]),
        Grant::Table("Query", &["ROOM#"]),
    ])
    .takes::<Body>()
    .replies::<RoomView>(200)
    .problems(&[Code::NotMember, Code::Banned])
    .budget(3, 8.0, 1.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "RoomSettings", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    /// Whether one wants not to be told of it.
    muted: bool,
}

async fn handle(_: &Rooms, call: &Call<'_>) -> Outcome {
    let doing = Doing::call(call)?;
    let id = call.path("roomId", RoomId::parse)?;
    let Body { muted } = call.body()?;
    match doing.rooms()?.mute(&id, &doing.caller.id, muted).await {
        // Whoever is not in it is told so by what follows.
        Ok(()) | Err(Error::Clash(_)) => Reply::ok(&shown(&doing, &id).await?),
        Err(other) => Err(Fault::from(other)),
    }
}
