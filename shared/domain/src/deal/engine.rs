//! What may happen to a deal now, and what comes of it.

use super::{
    Action, Actor, Deal, Effect, State, Terms, Transition,
    process::{Guard, Moment},
    rental,
};
use crate::{
    id::AccountId,
    input::{Invalid, Wrong},
    listing::Status,
    text::ReasonText,
    time::{DAY, Time},
};

/// What the engine cannot know of itself. Times and coins that are not told count as good: whoever lists what may be done
/// need not look them up, and whoever does it must.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts {
    /// How the listing or errand stands; `None` where it is gone.
    pub subject: Option<Status>,
    /// Whether nobody else has it at the times in question.
    pub free: Option<bool>,
    /// How many coins the payer has.
    pub balance: Option<u64>,
}

/// What somebody says along with what they do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Why.
    pub reason: Option<ReasonText>,
    /// Until when more time is asked for.
    pub until: Option<Time>,
}

/// What was decided: the deal afterwards, and the transitions that led there, time's own first.
#[derive(Debug, Clone)]
pub struct Step {
    /// The deal.
    pub deal: Deal,
    /// What happened, in order.
    pub taken: Vec<&'static Transition>,
}

impl Step {
    /// What follows, in order.
    pub fn effects(&self) -> impl Iterator<Item = Effect> {
        self.taken.iter().flat_map(|transition| transition.effects.iter().copied())
    }

    /// Whether something follows.
    #[must_use]
    pub fn has(&self, effect: Effect) -> bool {
        self.effects().any(|one| one == effect)
    }
}

/// Why something is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The deal stands where this cannot be done.
    State(State),
    /// It is for somebody else to do.
    NotYours,
    /// The listing or errand does not allow it; `None` where it is gone.
    Subject(Option<Status>),
    /// Somebody else has it then.
    Taken,
    /// The payer has fewer coins than are to be held.
    TooFewCoins {
        /// How many are to be held.
        needs: u64,
        /// How many there are.
        has: u64,
    },
    /// It can be done from this moment on.
    TooEarly(Time),
    /// It could be done until this moment.
    TooLate(Time),
    /// No coins are held that one could quarrel about.
    NothingHeld,
    /// More time was asked for already, or was not.
    Extension,
    /// A field is missing or wrong.
    Invalid(Invalid),
}

impl Deal {
    fn moment(&self, moment: Moment) -> Option<Time> {
        match (moment, &self.terms) {
            (Moment::Moved(ms), _) => Some(self.moved_at.plus(ms)),
            (Moment::Start(ms), Terms::Rental { start, .. }) => Some(start.plus(ms)),
            (Moment::End(ms), Terms::Rental { end, .. }) => Some(end.plus(ms)),
            (Moment::Day(ms), Terms::Errand { date, .. }) => Some(date.begins().plus(ms)),
            (Moment::DayOver(ms), Terms::Errand { date, .. }) => Some(date.over().plus(ms)),
            _ => None,
        }
    }

    /// When both sides are reminded: the day before it begins (row B14).
    fn remind_at(&self) -> Option<Time> {
        self.moment(Moment::Start(-DAY)).or(self.moment(Moment::Day(-DAY)))
    }

    pub(super) fn guarded(&self, guard: Guard) -> Option<Time> {
        match guard {
            Guard::NotBefore(moment) | Guard::Before(moment) => self.moment(moment),
            _ => None,
        }
    }

    /// What time does from here on if nobody does anything, and when.
    pub(super) fn timed(&self) -> impl Iterator<Item = (&'static Transition, Time)> {
        self.kind.process().from(self.state).filter_map(|transition| {
            let moment = self.moment(transition.when?)?;
            let holds = |guard: &Guard| match guard {
                Guard::Held => self.held > 0,
                Guard::NothingHeld => self.held == 0,
                Guard::NotReminded => !self.reminded,
                _ => true,
            };
            transition.guards.iter().all(holds).then_some((transition, moment))
        })
    }

    /// The deal as it stands at a moment: a timeout is a fact, whether or not it was written down (row Z5).
    #[must_use]
    pub fn at(&self, now: Time) -> Step {
        let mut step = Step { deal: self.clone(), taken: vec![] };
        while let Some((transition, moment)) =
            step.deal.timed().filter(|(_, moment)| *moment <= now).min_by_key(|(_, moment)| *moment)
        {
            step.deal = step.deal.after(transition, None, &Said::default(), moment);
            step.taken.push(transition);
        }
        step
    }

    fn plays(&self, account: &AccountId, actor: Actor) -> bool {
        self.player(actor) == Some(account)
    }

    /// What somebody can do now. `None` is Madang.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn step(&self, action: Action, by: &By<'_>, said: &Said, facts: &Facts, now: Time) -> Result<Step, Refused> {
        let mut step = self.at(now);
        let deal = &step.deal;
        let ways: Vec<_> =
            deal.kind.process().from(deal.state).filter(|way| way.action == action && way.when.is_none()).collect();
        if ways.is_empty() {
            return Err(Refused::State(deal.state));
        }
        let mut refused = Refused::NotYours;
        for way in ways.into_iter().filter(|way| by.may(deal, way)) {
            match deal.allowed(way, said, facts, now) {
                Ok(()) => {
                    step.deal = deal.after(way, by.account(), said, now);
                    step.taken.push(way);
                    return Ok(step);
                }
                Err(why) => refused = why,
            }
        }
        Err(refused)
    }

    /// Whether a deal can be proposed.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn propose(self, facts: &Facts, now: Time) -> Result<Step, Refused> {
        let first = &self.kind.process().propose;
        self.allowed(first, &Said::default(), facts, now)?;
        let by = self.guest.clone();
        Ok(Step {
            deal: Self { version: 0, ..self }.after(first, Some(&by), &Said::default(), now),
            taken: vec![first],
        })
    }

    /// What somebody may do now, in the order of the process.
    #[must_use]
    pub fn actions(&self, by: &By<'_>, facts: &Facts, now: Time) -> Vec<Action> {
        let deal = self.at(now).deal;
        let mut actions: Vec<Action> = vec![];
        for way in deal.kind.process().from(deal.state).filter(|way| way.when.is_none() && by.may(&deal, way)) {
            let wanting = |guard: &Guard| matches!(guard, Guard::Reasoned | Guard::Later);
            let rest = way.guards.iter().filter(|guard| !wanting(guard));
            let allowed = rest.map(|guard| deal.holds(*guard, &Said::default(), facts, now)).all(|held| held.is_ok());
            if allowed && !actions.contains(&way.action) {
                actions.push(way.action);
            }
        }
        actions
    }

    fn allowed(&self, way: &Transition, said: &Said, facts: &Facts, now: Time) -> Result<(), Refused> {
        way.guards.iter().try_for_each(|guard| self.holds(*guard, said, facts, now))
    }

    fn holds(&self, guard: Guard, said: &Said, facts: &Facts, now: Time) -> Result<(), Refused> {
        let not = |holds: bool, refused: Refused| if holds { Ok(()) } else { Err(refused) };
        match guard {
            Guard::Open => not(facts.subject == Some(Status::Open), Refused::Subject(facts.subject)),
            Guard::There => {
                not(matches!(facts.subject, Some(Status::Open | Status::Reserved)), Refused::Subject(facts.subject))
            }
            Guard::Here => not(facts.subject != Some(Status::Reserved), Refused::Subject(facts.subject)),
            Guard::Gone => {
                not(!matches!(facts.subject, Some(Status::Open | Status::Reserved)), Refused::Subject(facts.subject))
            }
            Guard::Free => not(facts.free != Some(false), Refused::Taken),
            Guard::Covered => match (self.stake(), facts.balance) {
                (Some((needs, ..)), Some(has)) => not(has >= needs, Refused::TooFewCoins { needs, has }),
                _ => Ok(()),
            },
            Guard::NotBefore(moment) => match self.moment(moment) {
                Some(moment) => not(now >= moment, Refused::TooEarly(moment)),
                None => Ok(()),
            },
            Guard::Before(moment) => match self.moment(moment) {
                Some(moment) => not(now < moment, Refused::TooLate(moment)),
                None => Ok(()),
            },
            Guard::Held => not(self.held > 0, Refused::NothingHeld),
            Guard::NothingHeld => not(self.held == 0, Refused::NothingHeld),
            Guard::Asked | Guard::NotAsked => {
                let asked = matches!(self.terms, Terms::Rental { extension: Some(_), .. });
                not(asked == (guard == Guard::Asked), Refused::Extension)
            }
            Guard::NotReminded => not(!self.reminded, Refused::State(self.state)),
            Guard::Reasoned => not(said.reason.is_some(), Refused::Invalid(Invalid::one("/reason", Wrong::Missing))),
            Guard::Later => self.later(said),
        }
    }

    fn later(&self, said: &Said) -> Result<(), Refused> {
        let Terms::Rental { start, end, .. } = &self.terms else { return Err(Refused::Extension) };
        let mut wrong = Invalid::default();
        match said.until {
            None => wrong.add("/until", Wrong::Missing),
            Some(until) if until <= *end => wrong.add("/until", Wrong::TooEarly("end + 1 h")),
            Some(until) => rental::check_end(&mut wrong, "/until", *start, until),
        }
        wrong.none().map_err(Refused::Invalid)
    }

    /// The times in question: those it has, or those it would have with what is asked for.
    #[must_use]
    pub fn times(&self, said: &Said) -> Option<(Time, Time)> {
        match &self.terms {
            Terms::Rental { start, end, extension, .. } => Some((*start, said.until.or(*extension).unwrap_or(*end))),
            _ => None,
        }
    }

    fn after(&self, way: &Transition, by: Option<&AccountId>, said: &Said, now: Time) -> Self {
        let mut deal = self.clone();
        deal.last = way.action;
        deal.by = by.cloned();
        deal.reason.clone_from(&said.reason);
        deal.updated_at = now;
        deal.version += 1;
        if let Some(to) = way.to {
            deal.state = to;
            deal.moved_at = now;
            if to == State::Agreed {
                deal.agreed_at = Some(now);
                // Whoever agrees on the day before need not be reminded of it.
                deal.reminded = deal.remind_at().is_none_or(|moment| moment <= now);
            }
            if to.is_over() {
                deal.ended_at = Some(now);
            }
        }
        for effect in way.effects {
            match effect {
                Effect::Hold => deal.held = deal.stake().map_or(0, |(coins, ..)| coins),
                Effect::PayOut | Effect::PayBack => deal.held = 0,
                Effect::OpenRoom => deal.room = Some(crate::id::RoomId::from_ulid(deal.id.ulid())),
                Effect::Remind => deal.reminded = true,
                Effect::Ask => deal.ask(said.until),
                Effect::Forget => deal.ask(None),
                Effect::Prolong => deal.prolong(),
                _ => {}
            }
        }
        deal
    }

    fn ask(&mut self, until: Option<Time>) {
        if let Terms::Rental { extension, .. } = &mut self.terms {
            *extension = until;
        }
    }

    fn prolong(&mut self) {
        if let Terms::Rental { start, end, extension, rate, price, .. } = &mut self.terms {
            *end = extension.take().unwrap_or(*end);
            *price = rate.map(|rate| rental::price(*start, *end, rate)).or(*price);
        }
    }
}

/// Who does something.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// A person.
    Account(&'a AccountId),
    /// An administrator, whoever they are.
    Admin(&'a AccountId),
    /// Nobody: what follows from something else.
    Madang,
}

impl By<'_> {
    fn may(&self, deal: &Deal, way: &Transition) -> bool {
        way.by.iter().any(|actor| match self {
            Self::Account(account) => deal.plays(account, *actor),
            Self::Admin(_) => *actor == Actor::Admin,
            Self::Madang => *actor == Actor::Madang,
        })
    }

    fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Account(account) => Some(account),
            Self::Admin(_) | Self::Madang => None,
        }
    }
}
