//! What goes wrong by a test's wish, here and there, as it does on AWS: calls of the table that fail before or after they
//! did their work, functions that run twice or end in the middle, posts to connections that are refused, get lost or take
//! their time. The cloud's own plumbing is spared.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{Json, Router, extract::State, routing::get};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cloud::Inner;

/// How often each thing goes wrong, from 0 to 1. What is left out works.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Wishes {
    /// Where the dice begin: the same seed draws the same row of numbers. Who draws which depends on who comes first.
    seed: u64,
    /// A function's call of the table fails: half of them before it is done, half after.
    table: f64,
    /// A frame, an event or a batch of the stream is handed to its function twice.
    twice: f64,
    /// A function that handles a frame, an event or a batch ends before it is done.
    ends: f64,
    /// A post finds the connection gone, and it is.
    gone: f64,
    /// A post is told that there are too many.
    limit: f64,
    /// A post is told that something went wrong; half of them arrive all the same.
    fail: f64,
    /// How long each post takes.
    delay_ms: u64,
    /// SES takes no mail just now.
    mail: f64,
}

#[derive(Default)]
struct Dice {
    wishes: Wishes,
    drawn: u64,
    counts: BTreeMap<&'static str, u64>,
}

/// What goes wrong.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Dice>);

/// How a call of the table fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TableFault {
    /// Refused: nothing was done.
    Before,
    /// Done, and nobody is told.
    After,
}

/// How a post goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PostFault {
    Gone,
    Limit,
    /// Whether it arrives all the same.
    Fail(bool),
}

/// How a function is handed what it is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handing {
    Once,
    /// One after the other, or side by side.
    Twice(bool),
    /// It ends after so long, done or not.
    Ends(Duration),
}

/// A killed function had at most so long: most are in the middle of something then.
const SHORT_LIFE_MS: f64 = 40.0;

impl Faults {
    fn dice(&self) -> MutexGuard<'_, Dice> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn of_table(&self) -> Option<TableFault> {
        let mut dice = self.dice();
        let often = dice.wishes.table;
        if !dice.falls(often) {
            return None;
        }
        let (fault, name) =
            if dice.falls(0.5) { (TableFault::Before, "tableBefore") } else { (TableFault::After, "tableAfter") };
        dice.count(name);
        Some(fault)
    }

    pub(crate) fn of_mail(&self) -> bool {
        let mut dice = self.dice();
        let often = dice.wishes.mail;
        let falls = dice.falls(often);
        if falls {
            dice.count("mailLater");
        }
        falls
    }

    pub(crate) fn of_post(&self) -> (Option<PostFault>, Duration) {
        let mut dice = self.dice();
        let Wishes { gone, limit, fail, delay_ms, .. } = dice.wishes;
        let fault = if dice.falls(gone) {
            dice.count("postGone");
            Some(PostFault::Gone)
        } else if dice.falls(limit) {
            dice.count("postLimit");
            Some(PostFault::Limit)
        } else if dice.falls(fail) {
            dice.count("postFail");
            let arrives = dice.falls(0.5);
            Some(PostFault::Fail(arrives))
        } else {
            None
        };
        (fault, Duration::from_millis(delay_ms))
    }

    pub(crate) fn of_handing(&self) -> Handing {
        let mut dice = self.dice();
        let Wishes { twice, ends, .. } = dice.wishes;
        if dice.falls(ends) {
            dice.count("functionEnded");
            let life = dice.next() * SHORT_LIFE_MS;
            return Handing::Ends(Duration::from_secs_f64(life / 1000.0));
        }
        if dice.falls(twice) {
            dice.count("functionTwice");
            return Handing::Twice(dice.falls(0.5));
        }
        Handing::Once
    }
}

impl Dice {
    /// From 0 to just below 1 (splitmix64).
    fn next(&mut self) -> f64 {
        self.drawn = self.drawn.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.drawn;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        f64::from(u32::try_from(mixed >> 32).unwrap_or_default()) / (f64::from(u32::MAX) + 1.0)
    }

    fn falls(&mut self, often: f64) -> bool {
        often > 0.0 && self.next() < often
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }
}

/// `/_local/faults`: what is to go wrong from here on (`{}` ends it), and how often it did.
pub(crate) fn control(inner: Arc<Inner>) -> Router {
    Router::new().route("/_local/faults", get(counted).post(wished)).with_state(inner)
}

async fn counted(State(inner): State<Arc<Inner>>) -> Json<Value> {
    Json(json!(inner.faults.dice().counts))
}

async fn wished(State(inner): State<Arc<Inner>>, Json(wishes): Json<Wishes>) -> StatusCode {
    let mut dice = inner.faults.dice();
    if wishes.seed != dice.wishes.seed {
        dice.drawn = wishes.seed;
    }
    dice.wishes = wishes;
    StatusCode::NO_CONTENT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishing(wishes: Wishes) -> Faults {
        Faults(Mutex::new(Dice { wishes, drawn: wishes.seed, ..Dice::default() }))
    }

    #[test]
    fn nothing_goes_wrong_unless_it_is_wished_for() {
        let faults = Faults::default();
        for _ in 0..1_000 {
            assert_eq!(faults.of_table(), None);
            assert_eq!(faults.of_post(), (None, Duration::ZERO));
            assert_eq!(faults.of_handing(), Handing::Once);
        }
        assert!(faults.dice().counts.is_empty());
    }

    #[test]
    fn one_in_a_hundred_fails_before_or_after_and_a_seed_repeats_it() {
        let row = || {
            let faults = wishing(Wishes { seed: 7, table: 0.01, ..Wishes::default() });
            (0..20_000).map(|_| faults.of_table()).collect::<Vec<_>>()
        };
        let drawn = row();
        for fault in [TableFault::Before, TableFault::After] {
            let count = drawn.iter().filter(|one| **one == Some(fault)).count();
            assert!((60..140).contains(&count), "{fault:?} {count}");
        }
        assert_eq!(drawn, row());
    }

    #[test]
    fn what_is_wished_for_always_happens_each_time_and_is_counted() {
        let faults = wishing(Wishes { twice: 1.0, gone: 1.0, delay_ms: 5, ..Wishes::default() });
        assert!(matches!(faults.of_handing(), Handing::Twice(_)));
        assert_eq!(faults.of_post(), (Some(PostFault::Gone), Duration::from_millis(5)));
        assert_eq!(faults.dice().counts, BTreeMap::from([("functionTwice", 1), ("postGone", 1)]));
    }
}
