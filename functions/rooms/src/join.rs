//! POST /listings/{listingId}/room: somebody joins the room of a barter.

use domain::{
    id::ListingId,
    listing::{Status, Terms},
    room::{Member, Room},
};
use edge::{Call, Code, Fault, Grant, Outcome, Problem, Reply, Route, Row, Setting};
use store::{Error, NewRoom};

use crate::{Rooms, doing::Doing, views::RoomView};

pub(crate) const ROUTE: Route<Rooms> = Row::post("rooms.join", "/listings/{listingId}/room")
    .summary("Join the room of a barter")
    .description(
        "Everybody interested in a barter talks in one room with its owner, who is its host. Whoever joins sees what is \
         said from then on. Again is no fault. A rental has no such room: ask its owner (`POST \
         /listings/{listingId}/inquiry`).",
    )
    .features(&["C2", "C7", "C12", "L21", "A24"])
    .needs(&[Setting::MediaUrl])
    .may(&[
        Grant::Table("BatchGetItem", &["LISTING#", "ACCOUNT#", "ROOM#"]),
        Grant::Table("Query", &["ROOM#"]),
        Grant::Table("PutItem", &["ROOM#"]),
        Grant::Table("UpdateItem", &["ROOM#"]),
        Grant::Table("ConditionCheckItem", &["LISTING#"]),
        Grant::Index("gsi1", &["ROOMS#"]),
    ])
    .replies::<RoomView>(200)
    .problems(&[
        Code::Banned,
        Code::OnboardingNeeded,
        Code::RegionNeeded,
        Code::WrongStatus,
        Code::RoomFull,
        Code::TooManyRooms,
        Code::BadToken,
    ])
    .budget(3, 10.0, 20.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Rooms, call: &Call<'_>) -> Outcome {
    let doing = Doing::call(call)?;
    let id = call.path("listingId", ListingId::parse)?;
    let (rooms, log) = (doing.rooms()?, doing.log()?);
    let room_id = Room::id_of(&id);
    let (about, last, own) = futures::try_join!(
        async { rooms.about(&id, &doing.caller.id).await },
        async { log.last(&room_id, 1).await },
        async { rooms.ids_of(&doing.caller.id).await },
    )?;
    if about.banned {
        return Err(Code::Banned.into());
    }
    let listing = about.listing.ok_or(Code::NotFound)?;
    let is_barter = matches!(listing.terms, Terms::Barter { .. });
    if !is_barter || (listing.status == Status::Withdrawn && listing.owner != doing.caller.id) {
        return Err(Code::NotFound.into());
    }
    let last = last.first();
    // A moment after the listing was put up its room may not be there yet.
    let (fresh, host) = Room::of_listing(&listing);
    let made = about.room.is_none();
    let room = about.room.unwrap_or_else(|| fresh.clone());
    let room = last.map_or_else(|| room.clone(), |last| room.clone().with(last));
    if let Some(member) = about.member {
        return Reply::ok(&RoomView::of(&room, &member, None, doing.media_url()?));
    }
    if made {
        rooms.make_for_listing(&NewRoom { room: &fresh, members: std::slice::from_ref(&host) }).await?;
    }
    if listing.owner == doing.caller.id {
        return Reply::ok(&RoomView::of(&room, &host, None, doing.media_url()?));
    }
    about.account.ok_or(Code::BadToken)?.acting_region()?;
    let status = listing.status_at(call.now);
    if !matches!(status, Status::Open | Status::Reserved) {
        return Err(Problem::new(Code::WrongStatus).with("listingStatus", status.word()).into());
    }
    if own.len() >= domain::room::MAX_ROOMS {
        return Err(Code::TooManyRooms.into());
    }
    let member = Member::new(room_id, doing.caller.id.clone(), call.now, last.map_or(0, |last| last.seq));
    match rooms.join(&id, &member).await {
        // By another device a moment ago.
        Ok(()) => {}
        Err(Error::Clash(clash)) if clash.at(1) => {}
        Err(Error::Clash(clash)) if clash.at(2) => return Err(Code::Banned.into()),
        Err(Error::Clash(_)) => return Err(Code::RoomFull.into()),
        Err(other) => return Err(Fault::from(other)),
    }
    let room = Room { members: room.members + 1, ..room };
    Reply::ok(&RoomView::of(&room, &member, None, doing.media_url()?))
}
