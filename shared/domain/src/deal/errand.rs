//! A journey for another (rows D14–D21). Makers quote; the host confirms one, whose price is held; when the host says that
//! it is done, or has said nothing for seven days after the day, the maker is paid.

use super::process::{Action, Actor, Effect, Guard, Moment, Others, Process, State, step};
use crate::{manner::PenaltyCause, time::DAY};

/// How long after its day an errand is done by itself (row D21).
pub const AUTOMATIC: i64 = 7 * DAY;

use Action as Do;
use State::{Agreed, Broken, Declined, Disputed, Done, Lapsed, Overtaken, Proposed, Withdrawn};

const COMPLETED: &[Effect] =
    &[Effect::PayOut, Effect::Close, Effect::OpenReviews, Effect::CloseRoom, Effect::Say, Effect::Notify];
const UNDONE: &[Effect] = &[Effect::PayBack, Effect::Release, Effect::CloseRoom, Effect::Say, Effect::Notify];

/// The process.
pub const PROCESS: Process = Process {
    propose: step(Do::Propose, &[Actor::Guest], &[], Proposed, &[Guard::Open], &[Effect::Notify]),
    transitions: &[
        step(Do::Withdraw, &[Actor::Guest], &[Proposed], Withdrawn, &[Guard::Open], &[]),
        step(Do::Decline, &[Actor::Host], &[Proposed], Declined, &[], &[Effect::Notify]),
        step(
            Do::Accept,
            &[Actor::Host],
            &[Proposed],
            Agreed,
            &[Guard::Open, Guard::Covered],
            &[
                Effect::Hold,
                Effect::Reserve,
                Effect::CloseOthers(Others::All),
                Effect::OpenRoom,
                Effect::Say,
                Effect::Notify,
            ],
        ),
        step(Do::Overtake, &[Actor::Madang], &[Proposed], Overtaken, &[], &[Effect::Notify]),
        step(Do::Lapse, &[Actor::Madang], &[Proposed], Lapsed, &[Guard::Gone], &[Effect::Notify]),
        step(Do::Complete, &[Actor::Host], &[Agreed], Done, &[Guard::NotBefore(Moment::Day(0))], COMPLETED),
        step(Do::Complete, &[Actor::Madang], &[Agreed], Done, &[], COMPLETED).at(Moment::DayOver(AUTOMATIC)),
        step(
            Do::Break,
            &[Actor::Guest],
            &[Agreed],
            Broken,
            &[Guard::Reasoned],
            &[
                Effect::PayBack,
                Effect::Release,
                Effect::Penalise(Actor::Guest, PenaltyCause::BrokeDeal),
                Effect::CloseRoom,
                Effect::Say,
                Effect::Notify,
            ],
        ),
        step(
            Do::Break,
            &[Actor::Host],
            &[Agreed],
            Broken,
            &[Guard::Reasoned, Guard::Before(Moment::Day(0))],
            &[
                Effect::PayBack,
                Effect::Release,
                Effect::Penalise(Actor::Host, PenaltyCause::BrokeDeal),
                Effect::CloseRoom,
                Effect::Say,
                Effect::Notify,
            ],
        ),
        // From the day on the maker may have made the journey: who is right is for an administrator to say.
        step(
            Do::Dispute,
            &[Actor::Host],
            &[Agreed],
            Disputed,
            &[Guard::Reasoned, Guard::NotBefore(Moment::Day(0))],
            &[Effect::Say, Effect::Notify],
        ),
        step(Do::Award, &[Actor::Admin], &[Disputed], Done, &[Guard::Reasoned], COMPLETED),
        step(
            Do::Refund,
            &[Actor::Admin],
            &[Disputed],
            Broken,
            &[Guard::Reasoned],
            &[
                Effect::PayBack,
                Effect::Close,
                Effect::Penalise(Actor::Guest, PenaltyCause::NoShow),
                Effect::OpenReviews,
                Effect::CloseRoom,
                Effect::Say,
                Effect::Notify,
            ],
        ),
        step(Do::Abandon, &[Actor::Madang], &[Proposed], Lapsed, &[], &[Effect::Notify]),
        step(Do::Abandon, &[Actor::Madang], &[Agreed], Broken, &[Guard::Before(Moment::Day(0))], UNDONE),
        step(
            Do::Abandon,
            &[Actor::Madang],
            &[Agreed],
            Disputed,
            &[Guard::NotBefore(Moment::Day(0))],
            &[Effect::Say, Effect::Notify],
        ),
    ],
};
