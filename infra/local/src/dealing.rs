//! What the demo people deal with each other: an offer that waits for an answer, a rental whose deposit is disputed, a few
//! coins. Made by the engine itself, so that nothing stands there that could not.

use domain::{
    coins::{Coins, Movement, Purse, Reason},
    deal::{Action, By, Deal, Said, Step, Subject, Terms},
    id::{AccountId, DealId, ListingId, RoomId},
    listing::{Price, PriceUnit, Section},
    room::Room,
    text::{OfferText, ReasonText},
    time::{DAY, HOUR, Time},
};
use store::{Deals, NewRoom, Rooms, Table, Told, Wallets};

use crate::{seed::PEOPLE, talk};

/// An offer of the second demo person for the first one's bicycle.
pub const OFFERED: &str = "dea_01K9ZX3V5M8QJ4T0N2R6W7Y1AQ";
/// A rental of the third one's surfboard by the second, whose deposit an administrator decides on.
pub const DISPUTED: &str = "dea_01K9ZX3V5M8QJ4T0N2R6W7Y1AR";
/// A drill that the second lends: a rental to ask for.
pub const LENT: &str = "01K9ZX3V5M8QJ4T0N2R6W7Y1AE";
const SURFBOARD: &str = "01K9ZX3V5M8QJ4T0N2R6W7Y1AG";
const DEPOSIT: u64 = 30;

pub(crate) async fn begin(table: &Table, now: Time) -> Result<(), String> {
    let badly = |_| "the demo people's deals are not well formed".to_owned();
    let accounts = PEOPLE.map(|person| AccountId::parse(person.sub));
    let [Ok(minji), Ok(junho), Ok(haru), _] = accounts else { return Err("a demo person is not well formed".into()) };
    for (account, coins) in [(&minji, 100), (&junho, 330), (&haru, 50)] {
        let movement = Movement {
            id: format!("grant#seed-{account}"),
            from: Purse::Platform,
            to: Purse::Person(account.clone()),
            coins: Coins(coins),
            reason: Reason::Grant,
            about: "마당에 오신 것을 환영해요".to_owned(),
            deal: None,
            at: now.plus(-5 * DAY),
        };
        Wallets(table).make(&movement, None).await.map_err(|error| error.to_string())?;
    }

    let bicycle = ListingId::from_ulid(talk::TALKED_ABOUT);
    let terms = Terms::Barter {
        offer: OfferText::parse("캠핑 의자 두 개, 작년에 샀어요.").map_err(badly)?,
        pictures: vec![],
        listing: None,
    };
    let id = DealId::parse(OFFERED).map_err(badly)?;
    let mut offer = Deal::proposed(
        id,
        Subject::Listing(bicycle.clone()),
        "자전거 21단, 거의 새것".to_owned(),
        minji,
        junho.clone(),
        terms,
        now,
    );
    offer.room = Some(Room::id_of(&bicycle));
    propose(table, offer, now).await?;

    let board = ListingId::from_ulid(SURFBOARD);
    let begins = Time::from_ms((now.ms().div_euclid(HOUR) - 72) * HOUR);
    let terms = Terms::Rental {
        start: begins,
        end: begins.plus(DAY),
        section: Section::Lend,
        rate: Some((Price(0), PriceUnit::Day)),
        price: Some(0),
        deposit: DEPOSIT,
        extension: None,
    };
    let at = |hours: i64| begins.plus(hours * HOUR);
    let id = DealId::parse(DISPUTED).map_err(badly)?;
    let title = "서핑보드 무료로 빌려드려요".to_owned();
    let mut rental =
        Deal::proposed(id, Subject::Listing(board.clone()), title, haru.clone(), junho.clone(), terms, at(-3));
    let room_id = RoomId::from_ulid("01K9ZX3V5M8QJ4T0N2R6W7Y1AR");
    let listing = store::Listings(table).by_id_now(&board).await.map_err(|error| error.to_string())?;
    let (room, members) = Room::of_two(room_id.clone(), &junho, &haru, listing.as_ref(), at(-3));
    let new = NewRoom { room: &room, members: &members };
    Rooms(table).make_inquiry(&board, &junho, None, &new).await.map_err(|error| error.to_string())?;
    rental.room = Some(room_id);
    let reason = Some(ReasonText::parse("보드에 금이 갔어요.").map_err(badly)?);
    let mut deal = propose(table, rental, at(-3)).await?;
    for (action, by, hours, reason) in [
        (Action::Accept, &haru, -2, None),
        (Action::HandOver, &haru, 0, None),
        (Action::Return, &junho, 20, None),
        (Action::Dispute, &haru, 22, reason),
    ] {
        let said = Said { reason, until: None };
        let around = Deals(table).around(&deal).await.map_err(|error| error.to_string())?;
        let facts = around.facts(&deal, &said, at(hours));
        let step = deal.step(action, &By::Account(by), &said, &facts, at(hours));
        let step = step.map_err(|why| format!("the demo deal does not {action:?}: {why:?}"))?;
        deal = write(table, Some(&deal), step, &around, at(hours)).await?;
    }
    Ok(())
}

async fn propose(table: &Table, deal: Deal, now: Time) -> Result<Deal, String> {
    let around = Deals(table).around(&deal).await.map_err(|error| error.to_string())?;
    let facts = around.facts(&deal, &Said::default(), now);
    let step = deal.propose(&facts, now).map_err(|why| format!("the demo deal cannot be proposed: {why:?}"))?;
    write(table, None, step, &around, now).await
}

async fn write(
    table: &Table,
    before: Option<&Deal>,
    step: Step,
    around: &store::Around,
    now: Time,
) -> Result<Deal, String> {
    let written = Deals(table).write(before, &step, around, Told::default(), now).await;
    written.map_err(|error| error.to_string())?;
    Ok(step.deal)
}
