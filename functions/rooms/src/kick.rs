//! DELETE /rooms/{roomId}/members/{accountId}: the host shows somebody out, for good.

use domain::{
    id::{AccountId, RoomId},
    room::Role,
};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row};
use store::{Error, Watches};

use crate::{Rooms, doing::Doing};

pub(crate) const ROUTE: Route<Rooms> = Row::delete("rooms.kick", "/rooms/{roomId}/members/{accountId}")
    .summary("Show somebody out of the room of one's listing, for good")
    .description(
        "They are banned from the listing: they neither read nor join nor open it again. Their connections are told, and \
         told nothing more of the room.",
    )
    .features(&["C10", "L21", "X5"])
    .may(&[
        Grant::Table("BatchGetItem", &["ROOM#"]),
        Grant::Table("GetItem", &["LISTING#"]),
        Grant::Table("Query", &["ROOM#"]),
        Grant::Table("DeleteItem", &["ROOM#"]),
        Grant::Table("BatchWriteItem", &["ROOM#"]),
        Grant::Table("UpdateItem", &["ROOM#"]),
        Grant::Table("PutItem", &["LISTING#"]),
    ])
    .replies_nothing(204)
    .problems(&[Code::NotMember, Code::Banned, Code::NotHost, Code::HostStays])
    .budget(4, 12.0, 16.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Rooms, call: &Call<'_>) -> Outcome {
    let doing = Doing::call(call)?;
    let id = call.path("roomId", RoomId::parse)?;
    let who = call.path("accountId", AccountId::parse)?;
    let (room, member) = doing.part(&id).await?;
    let (Role::Host, Some(listing)) = (member.role, &room.listing) else { return Err(Code::NotHost.into()) };
    if who == doing.caller.id {
        return Err(Code::HostStays.into());
    }
    // First nothing of the room reaches them any more. Should they open it again before they are out, the stream ends that.
    Watches(doing.table()?).remove_account(&id, &who).await?;
    match doing.rooms()?.kick(listing, &doing.caller.id, &who, call.now).await {
        Ok(()) => {}
        Err(Error::Clash(clash)) if clash.at(0) => return Err(Code::NotFound.into()),
        Err(Error::Clash(_)) => return Err(Code::NotHost.into()),
        Err(other) => return Err(Fault::from(other)),
    }
    // That they are told, and the others, follows from the stream.
    Ok(Reply::nothing())
}
