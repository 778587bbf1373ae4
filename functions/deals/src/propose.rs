//! POST /listings/{listingId}/deals: somebody offers something for a barter, or asks for a rental.

use domain::{
    deal::{By, Deal, Said, Subject},
    id::{DealId, ListingId, RoomId},
    listing::{Kind, Listing},
    room::{self, Room},
};
use edge::{Call, Code, Fault, Grant, Outcome, Problem, Reply, Route, Row, Setting};
use futures::try_join;
use ports::fresh_ulid;
use store::{Accounts, Error, Log, NewDeal, NewRoom, Rooms, Told};

use crate::{
    Deals,
    acting::{self, Trial, refused},
    proposal::Body,
    views::DealView,
};

pub(crate) const ROUTE: Route<Deals> = Row::post("deals.propose", "/listings/{listingId}/deals")
    .summary("Offer something for a barter, or ask for a rental")
    .description(
        "A barter takes `offer`, and if one likes `pictures` (uploads of purpose `listing`) and `offeredListingId`, one of \
         one's own; whoever offers is in the listing's room. A rental takes `start` and `end` on the hour, an hour apart at \
         least; what it costs is computed here, and its deposit is held at once. One deal a person and listing at a time. \
         `?dryRun=true` says what would happen.",
    )
    .features(&["D1", "D2", "D6", "D8", "C2", "S4", "Z4", "Z5", "A24"])
    .idempotent()
    .needs(&[Setting::MediaUrl])
    .may(&[
        Grant::Table("GetItem", &["RECEIPT#deals.propose#"]),
        Grant::Table("BatchGetItem", &["LISTING#", "ACCOUNT#", "ROOM#", "PURSE#", "MEDIA#"]),
        Grant::Table("Query", &["ROOM#"]),
        Grant::Index("gsi1", &["ROOMS#"]),
        Grant::Table("PutItem", &["DEAL#", "LISTING#", "ROOM#", "PURSE#", "RECEIPT#deals.propose#"]),
        Grant::Table("UpdateItem", &["LISTING#", "PURSE#", "MEDIA#"]),
        Grant::Table("ConditionCheckItem", &["LISTING#"]),
    ])
    .query::<Trial>()
    .takes::<Body>()
    .replies::<DealView>(201)
    .problems(&[
        Code::OwnListing,
        Code::Banned,
        Code::NotMember,
        Code::DealExists,
        Code::OnboardingNeeded,
        Code::RegionNeeded,
        Code::BadToken,
        Code::TooManyRooms,
        Code::WrongStatus,
        Code::TimesTaken,
        Code::TooFewCoins,
        Code::InProgress,
    ])
    .budget(4, 30.0, 60.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Deals, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let id = call.path("listingId", ListingId::parse)?;
    let trial: Trial = call.query()?;
    let body: Body = call.body()?;
    let (deals, listings) = (store::Deals(call.table()?), store::Listings(call.table()?));
    let offered: Vec<ListingId> = body.offered_listing_id.iter().cloned().collect();
    for _ in 0..acting::TRIES {
        let (mut before, context, offered) =
            try_join!(deals.before(&id, me), listings.context(me, None, &body.pictures.0), listings.by_ids(&offered),)?;
        let listing = before.around.listing.clone().ok_or(Code::NotFound)?;
        if listing.owner == *me {
            return Err(Code::OwnListing.into());
        }
        if before.banned {
            return Err(Code::Banned.into());
        }
        before.account.take().ok_or(Code::BadToken)?.acting_region()?;
        let deal_id = DealId::from_ulid(&fresh_ulid(call.now));
        let terms = body.terms(&listing, &deal_id, &context, &offered, call)?;
        if let Some(open) = &before.open {
            return Err(Problem::new(Code::DealExists).with("dealId", open.as_str()).into());
        }
        let title = listing.title.as_str().to_owned();
        let subject = Subject::Listing(id.clone());
        let mut deal = Deal::proposed(deal_id, subject, title, listing.owner.clone(), me.clone(), terms, call.now);
        // Before a room is made for it: what cannot be is refused without a trace.
        let facts = before.around.facts(&deal, &Said::default(), call.now);
        deal.clone().propose(&facts, call.now).map_err(|why| refused(why, None))?;
        let both = [listing.owner.clone(), me.clone()];
        let people = Accounts(call.table()?);
        let people = async { people.by_ids(&both).await.map_err(Fault::from) };
        let (room, people) = match listing.terms.kind() {
            Kind::Barter => (before.member.as_ref().map(|_| Room::id_of(&id)).ok_or(Code::NotMember)?, people.await?),
            Kind::Rental if trial.dry_run.0 => (RoomId::from_ulid(deal.id.ulid()), people.await?),
            Kind::Rental => try_join!(inquiry(call, &listing, &mut before), people)?,
        };
        deal.room = Some(room);
        let step = deal.propose(&facts, call.now).map_err(|why| refused(why, None))?;
        let view = acting::shown_to(call, &step.deal, &before.around, &By::Account(me), &people)?;
        if trial.dry_run.0 {
            return Reply::ok(&view.would(&step));
        }
        let reply = Reply::created(format!("/deals/{}", step.deal.id), &view)?;
        let told = Told { receipt: call.receipt(&reply), also: vec![] };
        if acting::written(call.table()?, None, &step, &before.around, told, call.now).await? {
            return Ok(reply);
        }
    }
    Err(Code::InProgress.into())
}

/// The conversation of a renter and a lender: the one they have, or a new one (row C3).
async fn inquiry(call: &Call<'_>, listing: &Listing, before: &mut NewDeal) -> Result<RoomId, Fault> {
    let me = &call.caller()?.id;
    let (rooms, log) = (Rooms(call.table()?), Log(call.table()?));
    let last = async {
        match &before.inquiry {
            Some(room) => log.last(room, 1).await,
            None => Ok(vec![]),
        }
    };
    let (last, own) = try_join!(last, rooms.ids_of(me))?;
    before.around.last = last.into_iter().next();
    if let Some(room) = &before.inquiry
        && !before.around.last.as_ref().is_some_and(|last| last.closed)
    {
        return Ok(room.clone());
    }
    if own.len() >= room::MAX_ROOMS {
        return Err(Code::TooManyRooms.into());
    }
    let id = RoomId::from_ulid(&fresh_ulid(call.now));
    let (room, members) = Room::of_two(id.clone(), me, &listing.owner, Some(listing), call.now);
    let new = NewRoom { room: &room, members: &members };
    match rooms.make_inquiry(&listing.id, me, before.inquiry.as_ref(), &new).await {
        Ok(()) => {}
        Err(Error::Clash(clash)) if clash.at(1) => return Err(Code::Banned.into()),
        Err(Error::Clash(clash)) if clash.at(0) => return Err(Code::InProgress.into()),
        Err(Error::Clash(_)) => return Err(Code::NotFound.into()),
        Err(other) => return Err(other.into()),
    }
    before.around.last = None;
    Ok(id)
}
