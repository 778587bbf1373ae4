//! Random schedules over the store: people, time and the stream take turns, a round trip at a time, in an order that a seed
//! decides; writes are refused, throttled, or done without an answer. Whatever the order, nothing is lent twice, no coin is
//! lost or made, and every deal stands where its process allows (rows Z4, Z5, S4).
//!
//! `SCHEDULES` says how many, `SEED` which; docs/deals.md has the figures of a large run.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io::Write,
};

use domain::{
    coins::{Coins, Movement, Purse, Reason},
    deal::{
        Action, By, Deal, Effect, Said, State, Step, Subject, Terms,
        process::Others,
        rental::{self, Calendar},
    },
    errand::{Errand, Journey},
    id::{AccountId, CategoryId, DealId, ErrandId, ListingId, RoomId},
    listing::{self, Listing, Price, PriceUnit, Section, Status},
    region::{ProvinceId, Region},
    text::{Description, ErrandDetails, ErrandTitle, OfferText, QuoteText, ReasonText, Title, Wish},
    time::{DAY, Date, HOUR, Time},
};
use store::{Around, Deals, Errands, Error, Listings, NewListing, Table, Told, Wallets};

use crate::World;

const STAKE: u64 = 3;
const GUESTS: usize = 3;

/// A generator whose numbers follow from its seed (Steele et al., `SplitMix64`).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(most.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.roll().is_multiple_of(n)
    }
}

/// What somebody is about to do.
#[derive(Debug, Clone)]
struct Task {
    deal: DealId,
    action: Action,
    /// Nobody: what follows from something else.
    by: Option<AccountId>,
    admin: bool,
    /// Of a proposal: the deal as it would be.
    new: Option<Deal>,
    stage: Stage,
    tries: u32,
}

#[derive(Debug, Clone)]
enum Stage {
    Begin,
    Read(Box<Deal>),
    Looked(Box<Deal>, Box<Around>),
}

struct Run<'a> {
    table: &'a Table,
    dice: Dice,
    now: Time,
    host: AccountId,
    guests: Vec<AccountId>,
    subject: Subject,
    terms: Terms,
    room: RoomId,
    deals: Vec<DealId>,
    tasks: Vec<Task>,
    /// What the stream has yet to tell, perhaps again.
    stream: VecDeque<(Deal, Step)>,
    log: Vec<String>,
    number: u64,
}

fn ulid(kind: u64, number: u64) -> String {
    format!("01K9ZX3V5M{kind:02}{number:014}")
}

fn account(run: u64, n: usize) -> AccountId {
    AccountId::parse(&format!("{run:08x}-0000-4000-8000-{n:012x}")).expect("an account")
}

impl<'a> Run<'a> {
    async fn begin(table: &'a Table, seed: u64, number: u64) -> Self {
        let mut dice = Dice(seed ^ number.wrapping_mul(0x5851_f42d_4c95_7f2d));
        let now = Time::parse("2026-11-21T03:00:00Z").expect("a moment");
        let host = account(u32::try_from(number % 0xffff_ffff).unwrap_or(0).into(), 0);
        let guests: Vec<_> = (1..=GUESTS).map(|n| account(number % 0xffff_ffff, n)).collect();
        let kind = dice.below(3);
        let (listing_id, errand_id) = (ListingId::from_ulid(&ulid(1, number)), ErrandId::from_ulid(&ulid(1, number)));
        let (subject, terms) = match kind {
            0 => (Subject::Listing(listing_id.clone()), barter()),
            1 => (Subject::Listing(listing_id.clone()), lent(now, 0)),
            _ => (Subject::Errand(errand_id.clone()), quote(now)),
        };
        if kind < 2 {
            let terms = if kind == 0 {
                let wants = Wish::parse("책").expect("a wish");
                listing::Terms::Barter { wants, deadline: now.plus(10 * DAY) }
            } else {
                let (section, price) = (Section::Lend, Some(Price(1_000)));
                listing::Terms::Rental { section, price, unit: Some(PriceUnit::Hour), deposit: STAKE }
            };
            let listing = listing_of(listing_id, &host, terms, now);
            let new = NewListing { listing: &listing, receipt: None };
            Listings(table).create(new).await.expect("a listing is put up");
        } else {
            let errand = errand_of(errand_id, &host, now);
            Errands(table).create(&errand, None).await.expect("an errand is put up");
        }
        // Some have just enough, some one too few.
        for person in guests.iter().chain([&host]) {
            let coins = Coins(STAKE - 1 + dice.roll() % (2 * STAKE));
            let grant = Movement {
                id: format!("grant#{person}"),
                from: Purse::Platform,
                to: Purse::Person(person.clone()),
                coins,
                reason: Reason::Grant,
                about: String::new(),
                deal: None,
                at: now,
            };
            Wallets(table).make(&grant, None).await.expect("coins are granted");
        }
        let room = RoomId::from_ulid(&ulid(2, number));
        Self {
            table,
            dice,
            now,
            host,
            guests,
            subject,
            terms,
            room,
            deals: vec![],
            tasks: vec![],
            stream: VecDeque::new(),
            log: vec![],
            number,
        }
    }

    async fn go(&mut self) {
        for turn in 0..140 {
            match self.dice.below(10) {
                0..3 if turn < 90 => self.think(),
                3 => self.told().await,
                4 if self.dice.one_in(6) => self.now = self.now.plus(HOUR * i64::from(self.dice.one_in(3)) * 20 + HOUR),
                5 if self.dice.one_in(4) => self.settle().await,
                6 if turn > 60 && self.dice.one_in(20) => self.withdraw_subject().await,
                _ => self.step().await,
            }
        }
        // Whatever was begun comes to an end, and what follows is told.
        while !self.tasks.is_empty() || !self.stream.is_empty() {
            self.step().await;
            self.told().await;
        }
    }

    /// Somebody makes up their mind.
    fn think(&mut self) {
        if self.tasks.len() > 8 {
            return;
        }
        if self.deals.is_empty() || self.dice.one_in(3) {
            let guest = self.guests[self.dice.below(GUESTS)].clone();
            let id = DealId::from_ulid(&ulid(10 + u64::try_from(self.deals.len() % 80).unwrap_or(0), self.number));
            let terms = match &self.terms {
                Terms::Rental { .. } => lent(self.now, i64::try_from(self.dice.below(30)).unwrap_or(0)),
                other => other.clone(),
            };
            let mut new = Deal::proposed(
                id.clone(),
                self.subject.clone(),
                "자전거".to_owned(),
                self.host.clone(),
                guest.clone(),
                terms,
                self.now,
            );
            if !matches!(self.subject, Subject::Errand(_)) {
                new.room = Some(self.room.clone());
            }
            self.deals.push(id.clone());
            let task = Task {
                deal: id,
                action: Action::Propose,
                by: Some(guest),
                admin: false,
                new: Some(new),
                stage: Stage::Begin,
                tries: 0,
            };
            self.tasks.push(task);
            return;
        }
        let deal = self.deals[self.dice.below(self.deals.len())].clone();
        let actions = [
            Action::Withdraw,
            Action::Decline,
            Action::Accept,
            Action::Accept,
            Action::Confirm,
            Action::Confirm,
            Action::HandOver,
            Action::Return,
            Action::End,
            Action::AskExtension,
            Action::AllowExtension,
            Action::RefuseExtension,
            Action::Complete,
            Action::Break,
            Action::Dispute,
            Action::Award,
            Action::Refund,
        ];
        let action = actions[self.dice.below(actions.len())];
        let everybody: Vec<_> = self.guests.iter().chain([&self.host, &self.host]).cloned().collect();
        let by = everybody[self.dice.below(everybody.len())].clone();
        let admin = matches!(action, Action::Award | Action::Refund);
        self.tasks.push(Task { deal, action, by: Some(by), admin, new: None, stage: Stage::Begin, tries: 0 });
    }

    /// One round trip of somebody, whoever's turn it is.
    async fn step(&mut self) {
        if self.tasks.is_empty() {
            return;
        }
        let index = self.dice.below(self.tasks.len());
        let mut task = self.tasks.swap_remove(index);
        let deals = Deals(self.table);
        task.stage = match task.stage {
            Stage::Begin => match &task.new {
                Some(new) => Stage::Read(Box::new(new.clone())),
                None => match deals.by_id_now(&task.deal).await.expect("a deal is read") {
                    Some(deal) => Stage::Read(Box::new(deal)),
                    None => return,
                },
            },
            Stage::Read(deal) => {
                let around = deals.around(&deal).await.expect("what is around is read");
                Stage::Looked(deal, Box::new(around))
            }
            Stage::Looked(deal, around) => {
                let said = Said {
                    reason: ReasonText::parse("까닭").ok(),
                    until: deal
                        .times(&Said::default())
                        .map(|(_, end)| end.plus(5 * HOUR))
                        .filter(|_| task.action == Action::AskExtension),
                };
                let facts = around.facts(&deal, &said, self.now);
                let by = match (&task.by, task.admin) {
                    (Some(by), false) => By::Account(by),
                    (Some(by), true) => By::Admin(by),
                    (None, _) => By::Madang,
                };
                let step = match &task.new {
                    Some(new) => new.clone().propose(&facts, self.now),
                    None => deal.step(task.action, &by, &said, &facts, self.now),
                };
                let Ok(step) = step else {
                    self.log.push(format!("{} {:?} refused", task.deal, task.action));
                    return;
                };
                let before = task.new.is_none().then_some(&*deal);
                if self.write(before, &step, &around).await {
                    return;
                }
                task.tries += 1;
                if task.tries > 12 {
                    return;
                }
                Stage::Begin
            }
        };
        self.tasks.push(task);
    }

    /// Writes, unless something is in the way; whether whoever asked knows that it is done.
    async fn write(&mut self, before: Option<&Deal>, step: &Step, around: &Around) -> bool {
        // Throttled, or a conflict: nothing was written.
        if self.dice.one_in(12) {
            return false;
        }
        match Deals(self.table).write(before, step, around, Told::default(), self.now).await {
            Ok(()) => {}
            Err(Error::Clash(_) | Error::Contended) => return false,
            Err(other) => panic!("{other}"),
        }
        self.log.push(format!("{} {:?} v{} {:?}", step.deal.id, step.deal.last, step.deal.version, step.deal.state));
        let old = before.cloned().unwrap_or_else(|| step.deal.clone());
        self.stream.push_back((old.clone(), step.clone()));
        if self.dice.one_in(5) {
            self.stream.push_back((old, step.clone()));
        }
        // Whoever wrote it may end before they know it, and do it again.
        !self.dice.one_in(10)
    }

    /// The stream tells of a change: others' deals about the same thing end.
    async fn told(&mut self) {
        let Some((_, step)) = self.stream.pop_front() else { return };
        for effect in step.effects() {
            let Effect::CloseOthers(which) = effect else { continue };
            let open = Deals(self.table).open_about(&self.subject).await.expect("offers are read");
            for deal in Deals(self.table).by_ids(&open).await.expect("deals are read") {
                let meets = match (which, step.deal.times(&Said::default()), deal.times(&Said::default())) {
                    (Others::All, ..) => true,
                    (Others::Overlapping, Some((start, end)), Some((from, until))) => start < until && from < end,
                    _ => false,
                };
                if deal.id != step.deal.id && deal.state == State::Proposed && meets {
                    let action = Action::Overtake;
                    let task = Task {
                        deal: deal.id,
                        action,
                        by: None,
                        admin: false,
                        new: None,
                        stage: Stage::Begin,
                        tries: 0,
                    };
                    self.tasks.push(task);
                }
            }
        }
    }

    /// The schedule writes down what time has done.
    async fn settle(&mut self) {
        let ids = self.deals.clone();
        for deal in Deals(self.table).by_ids(&ids).await.expect("deals are read") {
            let step = deal.at(self.now);
            if step.taken.is_empty() {
                continue;
            }
            let around = Deals(self.table).around(&deal).await.expect("what is around is read");
            self.write(Some(&deal), &step, &around).await;
        }
    }

    /// The owner takes the listing back, if it is not promised.
    async fn withdraw_subject(&mut self) {
        let Subject::Listing(id) = &self.subject else { return };
        let Some(before) = Listings(self.table).by_id_now(id).await.expect("the listing is read") else { return };
        if let Ok(after) = before.clone().step(listing::Step::Withdraw, self.now) {
            match Listings(self.table).save(&before, &after, self.now).await {
                Ok(()) | Err(Error::Clash(_) | Error::Contended) => {}
                Err(other) => panic!("{other}"),
            }
        }
    }

    /// What must be so, however it went.
    async fn check(&self) {
        let ids: Vec<_> = self.deals.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect();
        let deals = Deals(self.table).by_ids(&ids).await.expect("deals are read");
        let told = || format!("schedule {}:\n{}", self.number, self.log.join("\n"));
        let wallets = Wallets(self.table);
        let mut sum = 0;
        let mut granted = 0;
        for person in self.guests.iter().chain([&self.host]) {
            let (balance, lines) = wallets.whole(&Purse::Person(person.clone())).await.expect("a purse is read");
            let total: i64 = lines.iter().map(|line| line.coins).sum();
            assert_eq!(balance.map(u64::cast_signed), Some(total), "{}", told());
            assert!(total >= 0, "{}", told());
            sum += total;
            granted += lines.iter().filter(|line| line.reason == Reason::Grant).map(|line| line.coins).sum::<i64>();
        }
        let mut held: BTreeMap<&DealId, u64> = BTreeMap::new();
        for deal in &deals {
            let (balance, lines) = wallets.whole(&Purse::Held(deal.id.clone())).await.expect("a purse is read");
            let total: i64 = lines.iter().map(|line| line.coins).sum();
            assert_eq!((balance, total), (Some(deal.held), deal.held.cast_signed()), "{deal:?} {lines:?} {}", told());
            assert!(!deal.state.is_over() || deal.held == 0, "{} {}", deal.id, told());
            held.insert(&deal.id, deal.held);
            sum += total;
        }
        assert_eq!(sum, granted, "{}", told());
        let bound: Vec<_> = deals.iter().filter(|deal| deal.state.is_bound()).collect();
        match &self.subject {
            Subject::Listing(id) if matches!(self.terms, Terms::Rental { .. }) => {
                let (listing, calendar) = Deals(self.table).calendar(id).await.expect("the calendar is read");
                self.check_calendar(&bound, &calendar, &told);
                let away = bound.iter().any(|deal| !matches!(deal.state, State::Agreed));
                let reserved = listing.is_some_and(|listing| listing.status == Status::Reserved);
                assert!(!reserved || away, "{}", told());
            }
            Subject::Listing(id) => {
                let listing = Listings(self.table).by_id_now(id).await.expect("the listing is read");
                let reserved = listing.is_some_and(|listing| listing.status == Status::Reserved);
                assert_eq!(usize::from(reserved), bound.len(), "promised to one at the most: {}", told());
            }
            Subject::Errand(id) => {
                let errand = Errands(self.table).by_id_now(id).await.expect("the errand is read");
                let reserved = errand.is_some_and(|errand| errand.status == Status::Reserved);
                assert_eq!(usize::from(reserved), bound.len(), "promised to one at the most: {}", told());
            }
        }
    }

    fn check_calendar(&self, bound: &[&Deal], calendar: &Calendar, told: &impl Fn() -> String) {
        let mut times: Vec<_> = bound.iter().filter_map(|deal| deal.times(&Said::default())).collect();
        times.sort_unstable();
        for deal in bound {
            if let Terms::Rental { start, end, .. } = deal.terms {
                let booked = calendar.taken.get(&deal.id);
                // What is long over is forgotten.
                assert!(booked == Some(&(start, end)) || end < self.now, "{} {}", deal.id, told());
            }
        }
        let booked = calendar.times();
        assert!(booked.windows(2).all(|two| two[0].1 <= two[1].0), "lent twice: {booked:?} {}", told());
        assert!(rental::MOST_TAKEN >= booked.len());
    }
}

fn barter() -> Terms {
    Terms::Barter { offer: OfferText::parse("책 두 권").expect("an offer"), pictures: vec![], listing: None }
}

fn lent(now: Time, from: i64) -> Terms {
    let start = Time::from_ms((now.ms().div_euclid(HOUR) + 1 + from) * HOUR);
    let end = start.plus(6 * HOUR);
    let rate = (Price(1_000), PriceUnit::Hour);
    Terms::Rental {
        start,
        end,
        section: Section::Lend,
        rate: Some(rate),
        price: Some(rental::price(start, end, rate)),
        deposit: STAKE,
        extension: None,
    }
}

fn quote(now: Time) -> Terms {
    let content = QuoteText::parse("바로 다녀올 수 있습니다.").expect("a quote");
    Terms::Errand { price: Coins(STAKE), content, date: Date::of(now.plus(DAY)), designated: false }
}

fn listing_of(id: ListingId, host: &AccountId, terms: listing::Terms, now: Time) -> Listing {
    Listing {
        id,
        owner: host.clone(),
        terms,
        title: Title::parse("자전거").expect("a title"),
        description: Description::parse("탑니다").expect("a description"),
        category: CategoryId::parse("sports").expect("a category"),
        region: Region::parse("seoul/gangnam-gu").expect("a district"),
        pictures: vec![],
        status: Status::Open,
        bookmarks: 0,
        inquiries: 0,
        created_at: now,
        listed_at: now,
        updated_at: now,
        hidden: false,
        version: 1,
    }
}

fn errand_of(id: ErrandId, host: &AccountId, now: Time) -> Errand {
    Errand {
        id,
        host: host.clone(),
        title: ErrandTitle::parse("떡 사 오기").expect("a title"),
        date: Date::of(now.plus(DAY)),
        journey: Journey::FoodTour,
        province: ProvinceId::parse("jeju").expect("a province"),
        details: ErrandDetails::parse("두 상자").expect("details"),
        address: None,
        status: Status::Open,
        maker: None,
        deal: None,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

async fn run(table: &Table, seed: u64, number: u64) -> Vec<String> {
    let mut run = Run::begin(table, seed, number).await;
    run.go().await;
    run.check().await;
    run.log
}

#[expect(clippy::disallowed_methods, reason = "how many and which is for whoever runs them to say")]
fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_order_nothing_is_lent_twice_and_no_coin_is_lost_or_made_z4_z5_s4() {
    let world = World::unfollowed().await;
    let (table, seed, many) = (world.table(), setting("SEED", 1), setting("SCHEDULES", 120));
    let (mut moves, mut refused) = (0, 0);
    for number in 0..many {
        let log = run(&table, seed, number).await;
        refused += log.iter().filter(|line| line.ends_with("refused")).count();
        moves += log.len();
        if many > 1000 && (number + 1).is_multiple_of(1000) {
            let line = format!("{} schedules, {} transitions, {refused} refusals\n", number + 1, moves - refused);
            std::io::stderr().write_all(line.as_bytes()).expect("somebody waits for it");
        }
    }
    assert!(moves - refused > usize::try_from(many).expect("a number"), "the schedules do something");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_seed_gives_the_same_run() {
    let (one, other) = tokio::join!(World::unfollowed(), World::unfollowed());
    for number in 0..12 {
        let (first, second) = (run(&one.table(), 7, number).await, run(&other.table(), 7, number).await);
        assert_eq!(first, second);
    }
}
