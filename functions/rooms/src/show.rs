//! GET /rooms/{roomId}: a room one is in.

use domain::id::RoomId;
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row, Setting};
use store::Accounts;

use crate::{Rooms, doing::Doing, views::RoomView};

pub(crate) const ROUTE: Route<Rooms> = Row::get("rooms.show", "/rooms/{roomId}")
    .summary("A room one is in")
    .description("`seq` is that of the last message at this moment.")
    .features(&["C4", "C13", "C16"])
    .needs(&[Setting::MediaUrl])
    .may(&[
        Grant::Table("BatchGetItem", &["ACCOUNT#", "ROOM#"]),
        Grant::Table("GetItem", &["LISTING#"]),
        Grant::Table("Query", &["ROOM#"]),
    ])
    .replies::<RoomView>(200)
    .problems(&[Code::NotMember, Code::Banned])
    .budget(2, 8.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Rooms, call: &Call<'_>) -> Outcome {
    let doing = Doing::call(call)?;
    let id = call.path("roomId", RoomId::parse)?;
    Reply::ok(&shown(&doing, &id).await?)
}

/// A room as it is at this moment.
pub(crate) async fn shown(doing: &Doing<'_>, id: &RoomId) -> Result<RoomView, Fault> {
    let (rooms, log) = (doing.rooms()?, doing.log()?);
    let ((room, member), last) = futures::try_join!(rooms.with_member(id, &doing.caller.id), log.last(id, 1))?;
    let (room, member) = doing.admitted(room, member).await?;
    // What the room knows of its log is a moment behind.
    let room = match last.first() {
        Some(last) => room.with(last),
        None => room,
    };
    let partner = room.partner_of(&doing.caller.id).cloned();
    let people = Accounts(doing.table()?).by_ids(partner.as_slice()).await?;
    Ok(RoomView::of(&room, &member, partner.and_then(|id| people.get(&id)), doing.media_url()?))
}
