//! POST /accounts/{accountId}/room: the conversation of two people who share a room.

use domain::{
    id::{AccountId, RoomId},
    room::{self, Room},
};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row, Setting};
use ports::fresh_ulid;
use store::{Accounts, Error, NewRoom};

use crate::{Rooms, doing::Doing, views::RoomView};

pub(crate) const ROUTE: Route<Rooms> = Row::post("rooms.direct", "/accounts/{accountId}/room")
    .summary("Talk to somebody")
    .description(
        "Two people may talk who share a room, or have talked before. The conversation that is open, or a new one when \
         the last was closed.",
    )
    .features(&["C7", "A24"])
    .needs(&[Setting::MediaUrl])
    .may(&[
        Grant::Table("GetItem", &["DIRECT#"]),
        Grant::Table("BatchGetItem", &["ACCOUNT#", "ROOM#"]),
        Grant::Table("PutItem", &["DIRECT#", "ROOM#"]),
        Grant::Index("gsi1", &["ROOMS#"]),
    ])
    .replies::<RoomView>(200)
    .problems(&[Code::NoCommonRoom, Code::OnboardingNeeded, Code::RegionNeeded, Code::TooManyRooms, Code::BadToken])
    .budget(4, 16.0, 20.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Rooms, call: &Call<'_>) -> Outcome {
    let doing = Doing::call(call)?;
    let me = &doing.caller.id;
    let other = call.path("accountId", AccountId::parse)?;
    if other == *me {
        return Err(Code::NotFound.into());
    }
    let (rooms, accounts) = (doing.rooms()?, Accounts(doing.table()?));
    let both = [me.clone(), other.clone()];
    let (people, own, theirs, seen) = futures::try_join!(
        accounts.by_ids(&both),
        rooms.ids_of(me),
        rooms.ids_of(&other),
        rooms.direct_of(me, &other)
    )?;
    people.get(me).ok_or(Code::BadToken)?.acting_region()?;
    let partner = people.get(&other).ok_or(Code::NotFound)?;
    if let Some(seen) = &seen
        && let (Some(room), Some(member)) = rooms.with_member(seen, me).await?
        && room.status == room::Status::Open
    {
        return Reply::ok(&RoomView::of(&room, &member, Some(partner), doing.media_url()?));
    }
    if !own.iter().any(|room| theirs.contains(room)) {
        return Err(Code::NoCommonRoom.into());
    }
    if own.len() >= room::MAX_ROOMS || theirs.len() >= room::MAX_ROOMS {
        return Err(Code::TooManyRooms.into());
    }
    let room_id = RoomId::from_ulid(&fresh_ulid(call.now));
    let (room, members) = Room::of_two(room_id, me, &other, None, call.now);
    let new = NewRoom { room: &room, members: &members };
    match rooms.make_direct(me, &other, seen.as_ref(), &new).await {
        Ok(()) => Reply::ok(&RoomView::of(&room, &members[0], Some(partner), doing.media_url()?)),
        // Opened by the other, or another device, a moment ago.
        Err(Error::Clash(clash)) => {
            let room = clash.standing().and_then(store::room_in).ok_or(Code::InProgress)?;
            let (room, member) = doing.part(&room).await?;
            Reply::ok(&RoomView::of(&room, &member, Some(partner), doing.media_url()?))
        }
        Err(other) => Err(Fault::from(other)),
    }
}
