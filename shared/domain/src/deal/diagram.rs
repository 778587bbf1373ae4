//! The processes as `docs/deals.md` shows them, drawn from what they are.

use std::fmt::Write;

use super::{
    Actor, Effect, Kind, State, Transition,
    explore::explore,
    process::{Guard, Moment, Others},
};
use crate::time::{DAY, HOUR};

/// Every process as Markdown: a state diagram (Mermaid), a table of its transitions, and what the walk through it counted.
#[must_use]
pub fn markdown() -> String {
    let mut page = String::new();
    for kind in Kind::ALL {
        let process = kind.process();
        let report = explore(kind);
        let _ = writeln!(page, "## {}\n\n```mermaid\nstateDiagram-v2", title(kind));
        let _ = writeln!(page, "    [*] --> proposed: propose (guest)");
        for way in process.transitions {
            for from in way.from {
                let to = way.to.unwrap_or(*from);
                let _ = writeln!(page, "    {} --> {}: {} ({})", from.word(), to.word(), way.action.word(), who(way));
            }
        }
        for state in State::ALL.iter().filter(|state| state.is_over() && report.states.contains(state)) {
            let _ = writeln!(page, "    {} --> [*]", state.word());
        }
        page.push_str("```\n\n| action | who | from | to | if | then |\n|---|---|---|---|---|---|\n");
        for way in std::iter::once(&process.propose).chain(process.transitions) {
            let from: Vec<_> = way.from.iter().map(|state| state.word()).collect();
            let guards: Vec<_> = way.guards.iter().map(|guard| guard_words(*guard)).collect();
            let effects: Vec<_> = way.effects.iter().map(|effect| effect_words(*effect)).collect();
            let to = way.to.map_or("stays", State::word);
            let _ = writeln!(
                page,
                "| `{}` | {} | {} | {to} | {} | {} |",
                way.action.word(),
                who(way),
                from.join(", "),
                guards.join("; "),
                effects.join("; "),
            );
        }
        let alone: Vec<_> = report.ends_by_itself.iter().map(|state| state.word()).collect();
        let _ = writeln!(
            page,
            "\nWalked in every way: {} worlds, {} steps, {} of {} transitions taken, {} states reached, {} faults (stuck, \
             unreachable, coins lost or made, something left reserved or booked). If neither side does \
             anything any more, it ends or comes before an administrator from: {}.\n",
            report.worlds,
            report.steps,
            report.transitions.0,
            report.transitions.1,
            report.states.len(),
            report.faults.len(),
            alone.join(", "),
        );
    }
    page
}

fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Barter => "Barter",
        Kind::Rental => "Rental",
        Kind::Errand => "Errand",
    }
}

fn actor(actor: Actor) -> &'static str {
    match actor {
        Actor::Host => "host",
        Actor::Guest => "guest",
        Actor::Lender => "lender",
        Actor::Borrower => "borrower",
        Actor::Admin => "administrator",
        Actor::Madang => "Madang",
    }
}

fn who(way: &Transition) -> String {
    match way.when {
        Some(moment) => moment_words(moment),
        None => way.by.iter().map(|one| actor(*one)).collect::<Vec<_>>().join(" or "),
    }
}

fn moment_words(moment: Moment) -> String {
    let (ms, what) = match moment {
        Moment::Start(ms) => (ms, "its start"),
        Moment::End(ms) => (ms, "its end"),
        Moment::Day(ms) => (ms, "its day begins"),
        Moment::DayOver(ms) => (ms, "its day is over"),
        Moment::Moved(ms) => (ms, "it came there"),
    };
    let length = ms.abs();
    let length = if length % DAY == 0 { format!("{} d", length / DAY) } else { format!("{} h", length / HOUR) };
    match ms {
        0 => what.to_owned(),
        1.. => format!("{length} after {what}"),
        _ => format!("{length} before {what}"),
    }
}

fn guard_words(guard: Guard) -> String {
    match guard {
        Guard::Open => "it is open".into(),
        Guard::There => "it is open or with somebody".into(),
        Guard::Here => "nobody has it".into(),
        Guard::Gone => "it is gone or done with".into(),
        Guard::Free => "the times are free".into(),
        Guard::Covered => "the payer has the coins".into(),
        Guard::NotBefore(moment) => format!("from {}", moment_words(moment)),
        Guard::Before(moment) => format!("until {}", moment_words(moment)),
        Guard::Held => "coins are held".into(),
        Guard::NothingHeld => "no coins are held".into(),
        Guard::Asked => "more time was asked for".into(),
        Guard::NotAsked => "no more time was asked for".into(),
        Guard::Reasoned => "a reason".into(),
        Guard::Later => "a later end".into(),
    }
}

/// An effect in words.
#[must_use]
pub fn effect_words(effect: Effect) -> String {
    match effect {
        Effect::Reserve => "reserve".into(),
        Effect::Release => "release".into(),
        Effect::Close => "close".into(),
        Effect::CloseOthers(Others::All) => "close the others".into(),
        Effect::CloseOthers(Others::Overlapping) => "close those at the same time".into(),
        Effect::Book => "book the times".into(),
        Effect::Free => "free the times".into(),
        Effect::Ask => "note what is asked for".into(),
        Effect::Prolong => "prolong".into(),
        Effect::Forget => "forget what was asked for".into(),
        Effect::Hold => "hold coins".into(),
        Effect::PayOut => "pay out".into(),
        Effect::PayBack => "pay back".into(),
        Effect::OpenRoom => "open a room".into(),
        Effect::CloseRoom => "close the room".into(),
        Effect::Say => "say so in the room".into(),
        Effect::Notify => "notify".into(),
        Effect::OpenReviews => "open reviews".into(),
        Effect::Penalise(who, _) => format!("penalise the {}", actor(who)),
    }
}
