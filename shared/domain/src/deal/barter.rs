//! Something for something (rows D1, L8, C2). People offer in the listing's room; the host picks one; both confirm that
//! things have changed hands. Others keep waiting until then: what falls through is to be had again.

use super::process::{Action, Actor, Effect, Guard, Moment, Others, Process, State, Transition, step};
use crate::{manner::PenaltyCause, time::DAY};

/// How long both may leave an agreed swap alone until it falls through.
pub const PATIENCE: i64 = 30 * DAY;
/// How long one side may leave the other's confirmation unanswered until it counts as theirs.
pub const SILENCE: i64 = 7 * DAY;

use Action as Do;
use State::{Agreed, Broken, Declined, Done, GuestConfirmed, HostConfirmed, Lapsed, Overtaken, Proposed, Withdrawn};

const SWAPPED: &[Effect] =
    &[Effect::Close, Effect::CloseOthers(Others::All), Effect::OpenReviews, Effect::Say, Effect::Notify];
const TOLD: &[Effect] = &[Effect::Say, Effect::Notify];
const FELL_THROUGH: &[Effect] = &[Effect::Release, Effect::Say, Effect::Notify];

const fn broken(by: &'static [Actor], from: &'static [State], effects: &'static [Effect]) -> Transition {
    step(Do::Break, by, from, Broken, &[Guard::Reasoned], effects)
}

/// The process.
pub const PROCESS: Process = Process {
    propose: step(Do::Propose, &[Actor::Guest], &[], Proposed, &[Guard::Open], TOLD),
    transitions: &[
        step(Do::Withdraw, &[Actor::Guest], &[Proposed], Withdrawn, &[], TOLD),
        step(Do::Decline, &[Actor::Host], &[Proposed], Declined, &[], TOLD),
        step(
            Do::Accept,
            &[Actor::Host],
            &[Proposed],
            Agreed,
            &[Guard::Open],
            &[Effect::Reserve, Effect::Say, Effect::Notify],
        ),
        step(Do::Overtake, &[Actor::Madang], &[Proposed], Overtaken, &[Guard::Gone], &[Effect::Notify]),
        step(Do::Lapse, &[Actor::Madang], &[Proposed], Lapsed, &[Guard::Gone], &[Effect::Notify]),
        step(Do::Confirm, &[Actor::Host], &[Agreed], HostConfirmed, &[], TOLD),
        step(Do::Confirm, &[Actor::Guest], &[Agreed], GuestConfirmed, &[], TOLD),
        step(Do::Confirm, &[Actor::Guest], &[HostConfirmed], Done, &[], SWAPPED),
        step(Do::Confirm, &[Actor::Host], &[GuestConfirmed], Done, &[], SWAPPED),
        broken(
            &[Actor::Host],
            &[Agreed, GuestConfirmed],
            &[Effect::Release, Effect::Penalise(Actor::Host, PenaltyCause::BrokeDeal), Effect::Say, Effect::Notify],
        ),
        broken(
            &[Actor::Guest],
            &[Agreed, HostConfirmed],
            &[Effect::Release, Effect::Penalise(Actor::Guest, PenaltyCause::BrokeDeal), Effect::Say, Effect::Notify],
        ),
        step(Do::Confirm, &[Actor::Madang], &[HostConfirmed, GuestConfirmed], Done, &[], SWAPPED)
            .at(Moment::Moved(SILENCE)),
        step(Do::Lapse, &[Actor::Madang], &[Agreed], Lapsed, &[], FELL_THROUGH).at(Moment::Moved(PATIENCE)),
        step(Do::Abandon, &[Actor::Madang], &[Proposed], Lapsed, &[], &[Effect::Notify]),
        step(Do::Abandon, &[Actor::Madang], &[Agreed, HostConfirmed, GuestConfirmed], Broken, &[], FELL_THROUGH),
    ],
};
