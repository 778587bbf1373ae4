//! POST /listings/{listingId}/inquiry: somebody asks the owner of a listing.

use domain::{
    id::{ListingId, RoomId},
    listing::Status,
    room::{self, Room},
};
use edge::{Call, Code, Fault, Grant, Outcome, Problem, Reply, Route, Row, Setting};
use ports::fresh_ulid;
use store::{Accounts, Error, NewRoom};

use crate::{Rooms, doing::Doing, views::RoomView};

pub(crate) const ROUTE: Route<Rooms> = Row::post("rooms.inquire", "/listings/{listingId}/inquiry")
    .summary("Talk to the owner of a listing")
    .description(
        "One conversation of two a person and listing: the one that is open, or a new one when the last was closed.",
    )
    .features(&["C3", "C7", "D6", "L18", "L21", "A24"])
    .needs(&[Setting::MediaUrl])
    .may(&[
        Grant::Table("BatchGetItem", &["LISTING#", "ACCOUNT#", "ROOM#"]),
        Grant::Table("PutItem", &["LISTING#", "ROOM#"]),
        Grant::Table("UpdateItem", &["LISTING#"]),
        Grant::Table("ConditionCheckItem", &["LISTING#"]),
        Grant::Index("gsi1", &["ROOMS#"]),
    ])
    .replies::<RoomView>(200)
    .problems(&[
        Code::Banned,
        Code::OwnListing,
        Code::OnboardingNeeded,
        Code::RegionNeeded,
        Code::WrongStatus,
        Code::TooManyRooms,
        Code::BadToken,
        Code::InProgress,
    ])
    .budget(4, 20.0, 24.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Rooms, call: &Call<'_>) -> Outcome {
    let doing = Doing::call(call)?;
    let me = &doing.caller.id;
    let id = call.path("listingId", ListingId::parse)?;
    let rooms = doing.rooms()?;
    let (about, own) = futures::try_join!(rooms.about(&id, me), rooms.ids_of(me))?;
    if about.banned {
        return Err(Code::Banned.into());
    }
    let listing = about.listing.ok_or(Code::NotFound)?;
    if listing.owner == *me {
        return Err(Code::OwnListing.into());
    }
    if listing.status == Status::Withdrawn {
        return Err(Code::NotFound.into());
    }
    about.account.ok_or(Code::BadToken)?.acting_region()?;
    let people = [listing.owner.clone()];
    let accounts = Accounts(doing.table()?);
    let owner = accounts.by_ids(&people);
    let ((seen, member), people) = match &about.inquiry {
        None => ((None, None), owner.await?),
        Some(room) => futures::try_join!(rooms.with_member(room, me), owner)?,
    };
    let owner = people.get(&listing.owner).ok_or(Code::NotFound)?;
    if let (Some(room), Some(member)) = (seen, member)
        && room.status == room::Status::Open
    {
        return Reply::ok(&RoomView::of(&room, &member, Some(owner), doing.media_url()?));
    }
    let status = listing.status_at(call.now);
    if !matches!(status, Status::Open | Status::Reserved) {
        return Err(Problem::new(Code::WrongStatus).with("listingStatus", status.word()).into());
    }
    if own.len() >= room::MAX_ROOMS {
        return Err(Code::TooManyRooms.into());
    }
    let room_id = RoomId::from_ulid(&fresh_ulid(call.now));
    let (room, members) = Room::of_two(room_id, me, &listing.owner, Some(&listing), call.now);
    let new = NewRoom { room: &room, members: &members };
    match rooms.make_inquiry(&id, me, about.inquiry.as_ref(), &new).await {
        Ok(()) => Reply::ok(&RoomView::of(&room, &members[0], Some(owner), doing.media_url()?)),
        Err(Error::Clash(clash)) if clash.at(1) => Err(Code::Banned.into()),
        // Opened by another device a moment ago.
        Err(Error::Clash(clash)) if clash.at(0) => {
            let room = clash.standing().and_then(store::room_in).ok_or(Code::InProgress)?;
            let (room, member) = doing.part(&room).await?;
            Reply::ok(&RoomView::of(&room, &member, Some(owner), doing.media_url()?))
        }
        Err(Error::Clash(_)) => Err(Code::NotFound.into()),
        Err(other) => Err(Fault::from(other)),
    }
}
