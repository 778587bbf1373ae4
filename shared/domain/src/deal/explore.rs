//! Every way that a deal can go, walked to its end: what `docs/deals.md` counts and the tests hold the processes to.
//!
//! The world is one deal, its listing or errand, three purses and a clock that jumps from one moment that matters to the
//! next. Whatever anybody may do at all is tried at every moment, with somebody else's times free and taken, with enough
//! coins and with one too few.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Action, By, Deal, Effect, Facts, Kind, Said, State, Step, Subject, Terms};
use crate::{
    coins::Coins,
    id::{AccountId, DealId, ErrandId, ListingId},
    listing::{self, Price, PriceUnit, Section, Status},
    text::{OfferText, QuoteText, ReasonText},
    time::{DAY, Date, HOUR, Time},
};

/// What a walk found. Everything that must not be is a sentence in `faults`.
#[derive(Debug, Default)]
pub struct Report {
    /// Worlds that differ.
    pub worlds: usize,
    /// Ways from one to another.
    pub steps: usize,
    /// States of the deal that were reached.
    pub states: BTreeSet<State>,
    /// Transitions that were taken, of how many there are.
    pub transitions: (usize, usize),
    /// States from which it ends, or comes before an administrator, if neither side ever does anything again.
    pub ends_by_itself: BTreeSet<State>,
    /// What should not be.
    pub faults: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct World {
    now: Time,
    // A deal is compared by what it looks like from outside.
    deal: String,
    subject: Option<Status>,
    host: u64,
    guest: u64,
    held: u64,
    booked: bool,
}

const STAKE: u64 = 3;

fn account(n: u8) -> Option<AccountId> {
    AccountId::parse(&format!("6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f5{n:02x}")).ok()
}

/// The deals to begin with: each kind, and what differs within it.
fn beginnings(kind: Kind, now: Time) -> Vec<Deal> {
    let (Some(host), Some(guest)) = (account(1), account(2)) else { return vec![] };
    let listing = Subject::Listing(ListingId::from_ulid("01K9ZX3V5M8QJ4T0N2R6W7Y1AB"));
    let errand = Subject::Errand(ErrandId::from_ulid("01K9ZX3V5M8QJ4T0N2R6W7Y1AB"));
    let rental = |section, deposit| Terms::Rental {
        start: now.plus(2 * DAY),
        end: now.plus(3 * DAY),
        section,
        rate: Some((Price(1_000), PriceUnit::Hour)),
        price: Some(24_000),
        deposit,
        extension: None,
    };
    let terms = match kind {
        Kind::Barter => OfferText::parse("책 두 권")
            .map(|offer| Terms::Barter { offer, pictures: vec![], listing: None })
            .into_iter()
            .collect(),
        Kind::Rental => vec![rental(Section::Lend, STAKE), rental(Section::Lend, 0), rental(Section::Borrow, 0)],
        Kind::Errand => QuoteText::parse("바로 다녀올 수 있습니다.")
            .map(|content| {
                let date = Date::of(now.plus(3 * DAY));
                Terms::Errand { price: Coins(STAKE), content, date, designated: false }
            })
            .into_iter()
            .collect(),
    };
    let subject = if kind == Kind::Errand { errand } else { listing };
    let id = DealId::from_ulid("01K9ZX3V5M8QJ4T0N2R6W7Y1AB");
    let deal =
        |terms| Deal::proposed(id.clone(), subject.clone(), "자전거".into(), host.clone(), guest.clone(), terms, now);
    terms.into_iter().map(deal).collect()
}

struct Walk {
    report: Report,
    taken: BTreeSet<usize>,
    seen: BTreeMap<World, usize>,
    found: Vec<(World, Deal)>,
    ways: Vec<Vec<(usize, bool)>>,
    queue: VecDeque<usize>,
    coins: u64,
}

impl Walk {
    fn visit(&mut self, world: World, deal: Deal) -> usize {
        if let Some(known) = self.seen.get(&world) {
            return *known;
        }
        let index = self.found.len();
        self.report.states.insert(deal.state);
        self.seen.insert(world.clone(), index);
        self.check(&world, &deal);
        self.found.push((world, deal));
        self.ways.push(vec![]);
        self.queue.push_back(index);
        index
    }

    fn check(&mut self, world: &World, deal: &Deal) {
        let mut fault = |what: String| self.report.faults.push(what);
        let sum = world.host + world.guest + world.held;
        if sum != self.coins {
            fault(format!("{:?}: {sum} coins of {}", deal.state, self.coins));
        }
        if deal.held != world.held {
            fault(format!("{:?}: the deal says that {} are held, and {} are", deal.state, deal.held, world.held));
        }
        if deal.state.is_over() {
            if world.held > 0 {
                fault(format!("{:?}: over, and {} are held", deal.state, world.held));
            }
            if world.subject == Some(Status::Reserved) {
                fault(format!("{:?}: over, and what it is about is reserved", deal.state));
            }
            if world.booked {
                fault(format!("{:?}: over, and its times are taken", deal.state));
            }
        }
    }

    fn apply(&mut self, from: usize, step: Step, now: Time) {
        let (mut world, before) = self.found[from].clone();
        world.now = now;
        for way in &step.taken {
            // Which of the process's transitions: they are distinct constants, told apart by where they stand.
            let known = before.kind.process().transitions.iter().position(|one| std::ptr::eq(one, *way));
            self.taken.extend(known);
            let mut deal_then = before.clone();
            for effect in way.effects {
                self.follow(&mut world, &mut deal_then, *effect, &step.deal);
            }
        }
        world.deal = outside(&step.deal);
        let by_time = step.taken.iter().all(|way| way.when.is_some());
        let to = self.visit(world, step.deal);
        self.report.steps += 1;
        self.ways[from].push((to, by_time));
    }

    fn follow(&mut self, world: &mut World, before: &mut Deal, effect: Effect, after: &Deal) {
        let mut subject = |step, must: bool| match world.subject.and_then(|status| status.after(step)) {
            Some(status) => world.subject = Some(status),
            None if must => {
                self.report.faults.push(format!("{:?}: {effect:?} of {:?}", after.state, world.subject));
            }
            None => {}
        };
        let rental = after.kind == Kind::Rental;
        match effect {
            Effect::Reserve => subject(listing::Step::Reserve, !rental),
            Effect::Release => subject(listing::Step::Release, !rental),
            Effect::Close => subject(listing::Step::Close, true),
            Effect::Book => world.booked = true,
            Effect::Free => world.booked = false,
            Effect::Hold | Effect::PayOut | Effect::PayBack => {
                let Some((coins, payer, payee)) = after.stake() else { return };
                let host_pays = *payer == before.host;
                let host_earns = *payee == before.host;
                let (payer, payee) = match (effect, host_pays, host_earns) {
                    (Effect::PayOut, _, true) | (Effect::PayBack, true, _) => (None, Some(&mut world.host)),
                    (Effect::PayOut | Effect::PayBack, ..) => (None, Some(&mut world.guest)),
                    (_, true, _) => (Some(&mut world.host), None),
                    _ => (Some(&mut world.guest), None),
                };
                if let Some(payer) = payer {
                    match payer.checked_sub(coins) {
                        Some(left) => *payer = left,
                        None => self.report.faults.push(format!("{:?}: below zero", after.state)),
                    }
                    world.held += coins;
                }
                if let Some(payee) = payee {
                    *payee += world.held;
                    world.held = 0;
                }
            }
            _ => {}
        }
    }

    fn try_all(&mut self, index: usize) {
        let (world, deal) = self.found[index].clone();
        let now = world.now;
        // Time goes on to whatever matters next.
        let next = deal.moments().into_iter().filter(|moment| *moment > now).min();
        if let Some(next) = next {
            let step = deal.at(next);
            self.apply(index, step, next);
        }
        // Whose it is does something with it. What is over holds on to nothing.
        for step in [listing::Step::Withdraw, listing::Step::Expire] {
            let after = world.subject.and_then(|status| status.after(step));
            if let (Some(status), false) = (after, deal.state.is_over()) {
                let to = self.visit(World { subject: Some(status), ..world.clone() }, deal.clone());
                self.ways[index].push((to, false));
                self.report.steps += 1;
            }
        }
        let actions: BTreeSet<Action> = deal.kind.process().transitions.iter().map(|way| way.action).collect();
        let said = Said {
            reason: ReasonText::parse("까닭").ok(),
            until: deal.times(&Said::default()).map(|_| first_end(&deal).plus(HOUR)),
        };
        let people = [By::Account(&deal.host), By::Account(&deal.guest), By::Admin(&deal.host), By::Madang];
        for (action, by) in actions.into_iter().flat_map(|action| people.map(|by| (action, by))) {
            for free in [true, false] {
                let facts = Facts { subject: world.subject, free: Some(free), balance: Some(balance(&deal, &world)) };
                let said =
                    if action == Action::AskExtension { said.clone() } else { Said { until: None, ..said.clone() } };
                let stepped = deal.step(action, &by, &said, &facts, now);
                let listed = deal.actions(&by, &Facts { free: Some(free), ..facts }, now).contains(&action);
                if stepped.is_ok() && !listed {
                    self.report.faults.push(format!("{:?}: {action:?} can be done, and is not listed", deal.state));
                }
                if let Ok(step) = stepped {
                    self.apply(index, step, now);
                }
            }
        }
    }
}

/// When the rental was to end at first: more time is asked for once, so that the walk comes to an end.
fn first_end(deal: &Deal) -> Time {
    deal.proposed_at.plus(3 * DAY)
}

fn balance(deal: &Deal, world: &World) -> u64 {
    match deal.stake() {
        Some((_, payer, _)) if *payer == deal.host => world.host,
        Some(_) => world.guest,
        None => 0,
    }
}

fn outside(deal: &Deal) -> String {
    format!("{:?} {} {} {:?}", deal.state, deal.moved_at, deal.reminded, deal.terms)
}

impl Deal {
    /// The moments at which something can be done, or happens by itself, that could not before.
    fn moments(&self) -> Vec<Time> {
        let ways = self.kind.process().from(self.state);
        let guarded = ways.flat_map(|way| way.guards.iter().filter_map(|guard| self.guarded(*guard)));
        guarded.chain(self.timed().map(|(_, moment)| moment)).collect()
    }
}

/// Walks a process from every beginning of its kind.
#[must_use]
pub fn explore(kind: Kind) -> Report {
    let now = Time::from_ms(1_795_000_000_000 / HOUR * HOUR);
    let process = kind.process();
    let mut walk = Walk {
        report: Report::default(),
        taken: BTreeSet::new(),
        seen: BTreeMap::new(),
        found: vec![],
        ways: vec![],
        queue: VecDeque::new(),
        coins: 0,
    };
    for (deal, purse) in
        beginnings(kind, now).into_iter().flat_map(|deal| [STAKE, STAKE - 1].map(|purse| (deal.clone(), purse)))
    {
        walk.coins = 2 * purse;
        let facts = Facts { subject: Some(Status::Open), free: Some(true), balance: Some(purse) };
        let Ok(step) = deal.clone().propose(&facts, now) else { continue };
        let mut world = World {
            now,
            deal: outside(&step.deal),
            subject: Some(Status::Open),
            host: purse,
            guest: purse,
            held: 0,
            booked: false,
        };
        let mut before = deal;
        for effect in step.effects() {
            walk.follow(&mut world, &mut before, effect, &step.deal);
        }
        walk.visit(world, step.deal);
        while let Some(index) = walk.queue.pop_front() {
            walk.try_all(index);
        }
    }
    walk.conclude(process.transitions.len(), kind)
}

impl Walk {
    fn conclude(mut self, transitions: usize, kind: Kind) -> Report {
        let ends = |only_time: bool| {
            // Backwards from what is over.
            let mut back: Vec<Vec<usize>> = vec![vec![]; self.found.len()];
            for (from, ways) in self.ways.iter().enumerate() {
                for (to, by_time) in ways {
                    if *by_time || !only_time {
                        back[*to].push(from);
                    }
                }
            }
            let is_end = |state: State| state.is_over() || (only_time && state == State::Disputed);
            let mut ends: BTreeSet<usize> =
                (0..self.found.len()).filter(|index| is_end(self.found[*index].1.state)).collect();
            let mut queue: Vec<usize> = ends.iter().copied().collect();
            while let Some(index) = queue.pop() {
                for from in &back[index] {
                    if ends.insert(*from) {
                        queue.push(*from);
                    }
                }
            }
            ends
        };
        let (any, alone) = (ends(false), ends(true));
        let mut stuck = BTreeSet::new();
        let mut held_up = BTreeSet::new();
        for (index, (_, deal)) in self.found.iter().enumerate() {
            if !any.contains(&index) {
                stuck.insert(deal.state);
            }
            if !alone.contains(&index) {
                held_up.insert(deal.state);
            }
        }
        let faults = &mut self.report.faults;
        faults.extend(stuck.iter().map(|state| format!("{state:?}: stuck")));
        let process = kind.process();
        for (index, way) in process.transitions.iter().enumerate() {
            if !self.taken.contains(&index) {
                faults.push(format!("{:?} by {:?} from {:?} is never taken", way.action, way.by, way.from));
            }
        }
        let named: BTreeSet<State> =
            process.transitions.iter().flat_map(|way| way.to.iter().chain(way.from)).copied().collect();
        faults.extend(named.difference(&self.report.states).map(|state| format!("{state:?} is never reached")));
        faults.sort();
        faults.dedup();
        self.report.worlds = self.found.len();
        self.report.transitions = (self.taken.len(), transitions);
        self.report.ends_by_itself =
            self.report.states.difference(&held_up).copied().filter(|state| !state.is_over()).collect();
        self.report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_that_a_deal_can_go_ends_and_no_coin_is_lost_or_made_z4() {
        for kind in Kind::ALL {
            let report = explore(kind);
            assert_eq!(report.faults, Vec::<String>::new(), "{kind:?}");
            assert!(report.worlds > 20, "{kind:?}: {}", report.worlds);
            assert_eq!(report.transitions.0, report.transitions.1, "{kind:?}");
        }
    }

    #[test]
    fn what_was_agreed_ends_or_comes_before_an_administrator_if_both_sides_fall_silent() {
        for kind in Kind::ALL {
            let report = explore(kind);
            let needs: Vec<_> = report
                .states
                .iter()
                .filter(|state| !state.is_over() && !report.ends_by_itself.contains(state))
                .collect();
            // A proposal ends with what it is about.
            assert!(needs.iter().all(|state| **state == State::Proposed), "{kind:?}: {needs:?}");
        }
    }
}
