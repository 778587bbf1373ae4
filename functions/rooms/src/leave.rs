//! DELETE /rooms/{roomId}/members/me: somebody leaves a room.

use domain::{id::RoomId, room::Role};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row};
use store::Error;

use crate::{Rooms, doing::Doing};

pub(crate) const ROUTE: Route<Rooms> = Row::delete("rooms.leave", "/rooms/{roomId}/members/me")
    .summary("Leave a room")
    .description(
        "The host of a listing's room stays. A conversation of two is closed when one leaves; they can begin another.",
    )
    .features(&["C8"])
    .may(&[
        Grant::Table("BatchGetItem", &["ROOM#"]),
        Grant::Table("GetItem", &["LISTING#"]),
        Grant::Table("DeleteItem", &["ROOM#"]),
        Grant::Table("UpdateItem", &["ROOM#"]),
    ])
    .replies_nothing(204)
    .problems(&[Code::NotMember, Code::Banned, Code::HostStays])
    .budget(2, 4.0, 8.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Rooms, call: &Call<'_>) -> Outcome {
    let doing = Doing::call(call)?;
    let id = call.path("roomId", RoomId::parse)?;
    let (_, member) = doing.part(&id).await?;
    if member.role == Role::Host {
        return Err(Code::HostStays.into());
    }
    match doing.rooms()?.leave(&id, &doing.caller.id).await {
        // Left by another device a moment ago.
        Ok(()) | Err(Error::Clash(_)) => Ok(Reply::nothing()),
        Err(other) => Err(Fault::from(other)),
    }
}
