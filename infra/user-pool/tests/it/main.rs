//! The pool from outside: its API, its pages and the stand-ins.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod hosted;
mod linking;
mod profile;
mod refreshing;
mod seeding;
mod sign_up;
mod srp;
mod state;
mod triggers;
mod world;
