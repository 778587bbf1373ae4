//! `room.open`: from now on this connection is told of everything in the room.

use deserr::Deserr;
use domain::{id::RoomId, input::Invalid, room::MAX_OPEN};
use edge::{Answer, Answered, Code, Fault, Frame, Grant, Method, Route, Row, Setting};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Error, Watch, Watches};

use crate::{Rooms, doing::Doing, show::shown, views::RoomView};

pub(crate) const LIVE: Route<Rooms> = Row::socket("rooms.open_live", "room.open")
    .summary("Be told of everything in a room")
    .description("A connection has up to five rooms open. Again is no fault.")
    .features(&["C5", "C6", "C7", "C21", "G16"])
    .needs(&[Setting::MediaUrl])
    .may(&[
        Grant::Table("BatchGetItem", &["ACCOUNT#", "ROOM#"]),
        Grant::Table("GetItem", &["CONNECTION#", "LISTING#"]),
        Grant::Table("Query", &["ROOM#"]),
        Grant::Table("ConditionCheckItem", &["ROOM#"]),
        Grant::Table("UpdateItem", &["CONNECTION#"]),
        Grant::Table("PutItem", &["ROOM#"]),
        Grant::Connections(&[Method::Post]),
    ])
    .takes::<Body>()
    .replies::<OneRoom>(200)
    .problems(&[Code::NotMember, Code::Banned, Code::NotFound, Code::TooManyOpen])
    .budget(4, 12.0, 8.0)
    .frame(|app, frame| Box::pin(handle(app, frame)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "OpenRoom", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    room: RoomId,
}

/// A room, where an answer holds nothing else.
#[derive(Serialize, JsonSchema)]
struct OneRoom {
    /// The room.
    room: RoomView,
}

async fn handle(_: &Rooms, frame: &Frame<'_>) -> Answered {
    let doing = Doing::frame(frame)?;
    let Body { room } = frame.body()?;
    let connection = frame.connection()?;
    let watches = Watches(doing.table()?);
    let open = watches.of_connection(&connection.id).await?;
    if !open.contains(&room) && open.len() >= MAX_OPEN {
        return Err(Code::TooManyOpen.into());
    }
    let watch = Watch { room: room.clone(), connection: connection.id.clone(), account: doing.caller.id.clone() };
    match watches.open(&watch, frame.now).await {
        // What was said up to here is in the log; what is said from here on is told.
        Ok(()) => Answer::of(&OneRoom { room: shown(&doing, &room).await? }),
        Err(Error::Clash(clash)) if clash.at(0) => {
            doing.part(&room).await?;
            // Shown in again meanwhile.
            Err(Code::InProgress.into())
        }
        // The item of a connection is written before it opens; this one was hung up on.
        Err(Error::Clash(_)) => Err(Code::NotSignedIn.into()),
        Err(other) => Err(Fault::from(other)),
    }
}
