//! A thing for a time (rows D2–D8, Z5). The price is computed here; nobody else has the thing at the same time; a deposit,
//! where the listing asks for one, is held from the request until the thing is back.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Months, Timelike};
use serde::{Deserialize, Serialize};

use super::process::{Action, Actor, Effect, Guard, Moment, Others, Process, State, Transition, step};
use crate::{
    id::DealId,
    input::{Invalid, Wrong},
    listing::{Price, PriceUnit},
    manner::PenaltyCause,
    time::{DAY, HOUR, KST, Time},
};

/// The shortest rental (row D2).
pub const SHORTEST: i64 = HOUR;
/// The longest. No system set a bound; a thing that is away for longer is given, not lent.
pub const LONGEST: i64 = 366 * DAY;
/// How far ahead a rental may start.
pub const AHEAD: i64 = 366 * DAY;
/// How long before its start a thing may be handed over.
pub const EARLY: i64 = DAY;
/// How long the lender may leave a return unanswered until all is well.
pub const SILENCE: i64 = 3 * DAY;
/// How long a thing may be late until it counts as gone.
pub const GONE: i64 = 30 * DAY;
/// Times that a listing's calendar holds at most, so that it stays one small item.
pub const MOST_TAKEN: usize = 100;

use Action as Do;
use State::{
    Agreed, Broken, Declined, Disputed, Done, Lapsed, Late, Overtaken, Proposed, Returned, Running, Withdrawn,
};

const TOLD: &[Effect] = &[Effect::Say, Effect::Notify];
const LATE: &[Effect] = &[Effect::Penalise(Actor::Borrower, PenaltyCause::LateReturn), Effect::Say, Effect::Notify];
const NOT_TO_BE: &[Effect] = &[Effect::PayBack, Effect::Say, Effect::Notify];
const FELL_THROUGH: &[Effect] = &[Effect::Free, Effect::PayBack, Effect::Say, Effect::Notify];
const ENDED: &[Effect] =
    &[Effect::Free, Effect::Release, Effect::PayBack, Effect::OpenReviews, Effect::Say, Effect::Notify];
const ENDED_LATE: &[Effect] = &[
    Effect::Free,
    Effect::Release,
    Effect::PayBack,
    Effect::Penalise(Actor::Borrower, PenaltyCause::LateReturn),
    Effect::OpenReviews,
    Effect::Say,
    Effect::Notify,
];

const fn broken(by: &'static [Actor], effects: &'static [Effect]) -> Transition {
    step(Do::Break, by, &[Agreed], Broken, &[Guard::Reasoned], effects)
}

/// The process.
pub const PROCESS: Process = Process {
    propose: step(
        Do::Propose,
        &[Actor::Guest],
        &[],
        Proposed,
        &[Guard::There, Guard::Free, Guard::Covered],
        &[Effect::Hold, Effect::Say, Effect::Notify],
    ),
    transitions: &[
        step(Do::Withdraw, &[Actor::Guest], &[Proposed], Withdrawn, &[], NOT_TO_BE),
        step(Do::Decline, &[Actor::Host], &[Proposed], Declined, &[], NOT_TO_BE),
        step(
            Do::Accept,
            &[Actor::Host],
            &[Proposed],
            Agreed,
            &[Guard::There, Guard::Free, Guard::Before(Moment::Start(0))],
            &[Effect::Book, Effect::CloseOthers(Others::Overlapping), Effect::Say, Effect::Notify],
        ),
        step(Do::Overtake, &[Actor::Madang], &[Proposed], Overtaken, &[], NOT_TO_BE),
        step(Do::Lapse, &[Actor::Madang], &[Proposed], Lapsed, &[Guard::Gone], NOT_TO_BE),
        step(Do::Lapse, &[Actor::Madang], &[Proposed], Lapsed, &[], NOT_TO_BE).at(Moment::Start(0)),
        broken(
            &[Actor::Host],
            &[
                Effect::Free,
                Effect::PayBack,
                Effect::Penalise(Actor::Host, PenaltyCause::BrokeDeal),
                Effect::Say,
                Effect::Notify,
            ],
        ),
        broken(
            &[Actor::Guest],
            &[
                Effect::Free,
                Effect::PayBack,
                Effect::Penalise(Actor::Guest, PenaltyCause::BrokeDeal),
                Effect::Say,
                Effect::Notify,
            ],
        ),
        step(
            Do::HandOver,
            &[Actor::Lender],
            &[Agreed],
            Running,
            &[Guard::Here, Guard::NotBefore(Moment::Start(-EARLY)), Guard::Before(Moment::End(0))],
            &[Effect::Reserve, Effect::Say, Effect::Notify],
        ),
        step(Do::Lapse, &[Actor::Madang], &[Agreed], Lapsed, &[], FELL_THROUGH).at(Moment::End(0)),
        step(Do::Remind, &[Actor::Madang], &[Agreed], Agreed, &[Guard::NotReminded], &[Effect::Remind, Effect::Notify])
            .stays()
            .at(Moment::Start(-DAY)),
        step(
            Do::AskExtension,
            &[Actor::Borrower],
            &[Agreed, Running],
            Agreed,
            &[Guard::NotAsked, Guard::Later, Guard::Free],
            &[Effect::Ask, Effect::Say, Effect::Notify],
        )
        .stays(),
        step(
            Do::AllowExtension,
            &[Actor::Lender],
            &[Agreed, Running],
            Agreed,
            &[Guard::Asked, Guard::Free],
            &[Effect::Prolong, Effect::Book, Effect::Say, Effect::Notify],
        )
        .stays(),
        step(
            Do::RefuseExtension,
            &[Actor::Lender],
            &[Agreed, Running],
            Agreed,
            &[Guard::Asked],
            &[Effect::Forget, Effect::Say, Effect::Notify],
        )
        .stays(),
        step(Do::Return, &[Actor::Borrower], &[Running], Returned, &[], TOLD),
        step(Do::End, &[Actor::Lender], &[Running, Returned], Done, &[], ENDED),
        step(Do::Overdue, &[Actor::Madang], &[Running], Late, &[], TOLD).at(Moment::End(0)),
        step(Do::Return, &[Actor::Borrower], &[Late], Returned, &[], LATE),
        step(Do::End, &[Actor::Lender], &[Late], Done, &[], ENDED_LATE),
        step(Do::End, &[Actor::Madang], &[Returned], Done, &[], ENDED).at(Moment::Moved(SILENCE)),
        step(Do::Dispute, &[Actor::Lender], &[Returned], Disputed, &[Guard::Held, Guard::Reasoned], TOLD),
        step(Do::Dispute, &[Actor::Lender], &[Late], Disputed, &[Guard::Held, Guard::Reasoned], LATE),
        step(Do::Dispute, &[Actor::Madang], &[Late], Disputed, &[Guard::Held], LATE).at(Moment::Moved(GONE)),
        step(
            Do::Lapse,
            &[Actor::Madang],
            &[Late],
            Broken,
            &[Guard::NothingHeld],
            &[
                Effect::Free,
                Effect::Release,
                Effect::Penalise(Actor::Borrower, PenaltyCause::LateReturn),
                Effect::OpenReviews,
                Effect::Say,
                Effect::Notify,
            ],
        )
        .at(Moment::Moved(GONE)),
        step(
            Do::Award,
            &[Actor::Admin],
            &[Disputed],
            Done,
            &[Guard::Reasoned],
            &[Effect::Free, Effect::Release, Effect::PayOut, Effect::OpenReviews, Effect::Say, Effect::Notify],
        ),
        step(Do::Refund, &[Actor::Admin], &[Disputed], Done, &[Guard::Reasoned], ENDED),
        step(Do::Abandon, &[Actor::Madang], &[Proposed], Lapsed, &[], NOT_TO_BE),
        step(Do::Abandon, &[Actor::Madang], &[Agreed], Broken, &[], FELL_THROUGH),
    ],
};

/// Whether a rental can be asked for from one moment to another.
///
/// # Errors
/// `past`, `too_far`, `not_on_the_hour` at `/start` and `/end`, `too_short`, `too_long` at `/end`.
pub fn check_times(start: Time, end: Time, now: Time) -> Result<(), Invalid> {
    let mut wrong = Invalid::default();
    if start < now {
        wrong.add("/start", Wrong::Past);
    } else if start > now.plus(AHEAD) {
        wrong.add("/start", Wrong::TooFar(AHEAD / DAY));
    } else if !start.is_on_the_hour() {
        wrong.add("/start", Wrong::NotOnTheHour);
    }
    check_end(&mut wrong, "/end", start, end);
    wrong.none()
}

/// Whether a rental may last until a moment.
pub fn check_end(wrong: &mut Invalid, field: &str, start: Time, end: Time) {
    let length = end.ms() - start.ms();
    if length < SHORTEST {
        wrong.add(field, Wrong::TooEarly("start + 1 h"));
    } else if length > LONGEST {
        wrong.add(field, Wrong::TooFar(LONGEST / DAY));
    } else if !end.is_on_the_hour() {
        wrong.add(field, Wrong::NotOnTheHour);
    }
}

/// How many hours, days or months are paid for: every one that was begun. A month goes from a day of the month to the
/// same of the next, in Korea, or to its last where it has no such day.
#[must_use]
pub fn units(start: Time, end: Time, unit: PriceUnit) -> u64 {
    let length = (end.ms() - start.ms()).max(0).unsigned_abs();
    match unit {
        PriceUnit::Hour => length.div_ceil(HOUR.unsigned_abs()),
        PriceUnit::Day => length.div_ceil(DAY.unsigned_abs()),
        PriceUnit::Month => (1..).find(|months| months_after(start, *months) >= end).map_or(0, u64::from),
    }
}

fn months_after(start: Time, months: u32) -> Time {
    let Some(local) = DateTime::from_timestamp_millis(start.ms() + KST) else { return Time::from_ms(i64::MAX) };
    let later = local.checked_add_months(Months::new(months));
    later.map_or(Time::from_ms(i64::MAX), |later| Time::from_ms(later.timestamp_millis() - KST))
}

/// What a rental costs, in KRW.
#[must_use]
pub fn price(start: Time, end: Time, (price, unit): (Price, PriceUnit)) -> u64 {
    u64::from(price.0) * units(start, end, unit)
}

/// When a listing is with somebody: from when until when, by deal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Calendar {
    /// The times, by deal.
    pub taken: BTreeMap<DealId, (Time, Time)>,
    /// One more with each change.
    pub version: u64,
}

impl Calendar {
    /// Whether nobody but a deal itself has it at these times. One may begin when another ends.
    #[must_use]
    pub fn is_free(&self, deal: &DealId, start: Time, end: Time) -> bool {
        self.taken.iter().all(|(other, (from, until))| other == deal || *until <= start || end <= *from)
    }

    /// Whether it holds no more.
    #[must_use]
    pub fn is_full(&self, now: Time) -> bool {
        self.taken.values().filter(|(_, until)| *until >= now.plus(-DAY)).count() >= MOST_TAKEN
    }

    /// With times taken; those of a deal that has some move. What is long over is forgotten.
    #[must_use]
    pub fn booked(mut self, deal: &DealId, start: Time, end: Time, now: Time) -> Self {
        self.taken.retain(|_, (_, until)| *until >= now.plus(-DAY));
        self.taken.insert(deal.clone(), (start, end));
        self.version += 1;
        self
    }

    /// Without the times of a deal.
    #[must_use]
    pub fn freed(mut self, deal: &DealId) -> Self {
        self.taken.remove(deal);
        self.version += 1;
        self
    }

    /// The times in order.
    #[must_use]
    pub fn times(&self) -> Vec<(Time, Time)> {
        let mut times: Vec<_> = self.taken.values().copied().collect();
        times.sort_unstable();
        times
    }
}

/// A line of an iCalendar document (RFC 5545): a moment in UTC, `20261224T090000Z`.
#[must_use]
pub fn ical_time(time: Time) -> String {
    let Some(at) = DateTime::from_timestamp_millis(time.ms()) else { return String::new() };
    format!("{:04}{:02}{:02}T{:02}{:02}{:02}Z", at.year(), at.month(), at.day(), at.hour(), at.minute(), at.second())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::MINUTE;

    fn at(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    fn deal(n: u8) -> DealId {
        DealId::from_ulid(&format!("01K9ZX3V5M8QJ4T0N2R6W7Y1{n:02}"))
    }

    #[test]
    fn a_rental_is_an_hour_at_least_and_on_the_hour_d2() {
        let now = at("2026-11-21T09:00:00Z");
        let start = now.plus(HOUR);
        assert_eq!(check_times(now, now.plus(HOUR), now), Ok(()), "it may start now");
        assert_eq!(check_times(start, start.plus(HOUR), now), Ok(()));
        for (from, until, field) in [
            (now.plus(-HOUR), start, "/start"),
            (now.plus(MINUTE), start.plus(HOUR), "/start"),
            (now.plus(AHEAD + HOUR), now.plus(AHEAD + 2 * HOUR), "/start"),
            (start, start.plus(HOUR - 1), "/end"),
            (start, start, "/end"),
            (start, now, "/end"),
            (start, start.plus(HOUR + MINUTE), "/end"),
            (start, start.plus(LONGEST + HOUR), "/end"),
        ] {
            let wrong = check_times(from, until, now).unwrap_err();
            assert!(wrong.0.iter().any(|bad| bad.field == field), "{from} {until}: {wrong:?}");
        }
        assert_eq!(check_times(start, start.plus(LONGEST), now), Ok(()));
    }

    #[test]
    fn every_hour_and_day_that_was_begun_is_paid_for() {
        let start = at("2026-11-21T09:00:00Z");
        for (length, hours, days) in [(HOUR, 1, 1), (23 * HOUR, 23, 1), (DAY, 24, 1), (DAY + HOUR, 25, 2)] {
            assert_eq!(units(start, start.plus(length), PriceUnit::Hour), hours);
            assert_eq!(units(start, start.plus(length), PriceUnit::Day), days);
        }
    }

    #[test]
    fn a_month_ends_on_the_same_day_of_the_next_or_its_last_in_korea() {
        for (start, end, months) in [
            ("2027-01-31T00:00:00+09:00", "2027-02-28T00:00:00+09:00", 1),
            ("2027-01-31T00:00:00+09:00", "2027-02-28T01:00:00+09:00", 2),
            ("2028-01-31T00:00:00+09:00", "2028-02-29T00:00:00+09:00", 1),
            ("2028-02-29T12:00:00+09:00", "2029-02-28T12:00:00+09:00", 12),
            ("2026-12-01T00:00:00+09:00", "2027-01-01T00:00:00+09:00", 1),
            // Told in another zone, on a day when its clocks change: it is the same moment in Korea.
            ("2026-10-25T01:00:00+02:00", "2026-11-25T00:00:00+01:00", 1),
            ("2026-12-01T00:00:00+09:00", "2026-12-01T01:00:00+09:00", 1),
        ] {
            assert_eq!(units(at(start), at(end), PriceUnit::Month), months, "{start} to {end}");
        }
    }

    #[test]
    fn the_price_is_computed_here_to_the_end_of_its_range() {
        let start = at("2026-11-21T09:00:00Z");
        assert_eq!(price(start, start.plus(3 * HOUR), (Price(5_000), PriceUnit::Hour)), 15_000);
        assert_eq!(price(start, start.plus(3 * HOUR), (Price(0), PriceUnit::Hour)), 0);
        assert_eq!(price(start, start.plus(LONGEST), (Price(10_000_000), PriceUnit::Hour)), 87_840_000_000);
    }

    #[test]
    fn one_rental_may_begin_when_another_ends_z5() {
        let (start, end) = (at("2026-11-21T09:00:00Z"), at("2026-11-21T12:00:00Z"));
        let calendar = Calendar::default().booked(&deal(1), start, end, start);
        for (from, until, free) in [
            (end, end.plus(HOUR), true),
            (start.plus(-HOUR), start, true),
            (end.plus(-1), end.plus(HOUR), false),
            (start.plus(-HOUR), start.plus(1), false),
            (start.plus(-HOUR), end.plus(HOUR), false),
            (start.plus(HOUR), start.plus(2 * HOUR), false),
        ] {
            assert_eq!(calendar.is_free(&deal(2), from, until), free, "{from} {until}");
            assert!(calendar.is_free(&deal(1), from, until), "its own times are no hindrance");
        }
        assert!(calendar.freed(&deal(1)).is_free(&deal(2), start, end));
    }

    proptest! {
        #[test]
        fn a_calendar_that_takes_only_what_is_free_never_overlaps_z5(wanted in prop::collection::vec((0_i64..500, 1_i64..40), 1..80)) {
            let start = at("2026-11-21T00:00:00Z");
            let mut calendar = Calendar::default();
            for (n, (from, length)) in wanted.iter().enumerate() {
                let (from, until) = (start.plus(from * HOUR), start.plus((from + length) * HOUR));
                let deal = deal(u8::try_from(n).unwrap());
                if calendar.is_free(&deal, from, until) {
                    calendar = calendar.booked(&deal, from, until, start);
                }
            }
            let times = calendar.times();
            prop_assert!(times.windows(2).all(|two| two[0].1 <= two[1].0), "{times:?}");
        }

        #[test]
        fn longer_never_costs_less(length in 1_i64..8000, more in 0_i64..500, unit in prop::sample::select(vec![PriceUnit::Hour, PriceUnit::Day, PriceUnit::Month])) {
            let start = at("2026-11-21T09:00:00Z");
            let cost = |hours: i64| price(start, start.plus(hours * HOUR), (Price(100), unit));
            prop_assert!(cost(length) <= cost(length + more));
        }
    }
}
