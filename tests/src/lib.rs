//! The end-to-end tests: each a sentence, each against a cloud of its own, in memory, with its clock standing still.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a test that cannot go on says why and stops")]

mod deployment;
mod frames;
mod socket_client;
mod world;

pub use socket_client::{Client, Opening};
pub use world::{Ask, CODE, Person, Reply, World, picture_bytes, titles_in};

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod authorisation;
#[cfg(test)]
mod chat_media;
#[cfg(test)]
mod crowd;
#[cfg(test)]
mod deals;
#[cfg(test)]
mod door;
#[cfg(test)]
mod errand_deals;
#[cfg(test)]
mod errands;
#[cfg(test)]
mod events;
#[cfg(test)]
mod expiry;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod federation;
#[cfg(test)]
mod laptop;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod listings;
#[cfg(test)]
mod mails;
#[cfg(test)]
mod makers;
#[cfg(test)]
mod notifications;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod privileges;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod schedules;
#[cfg(test)]
mod search;
#[cfg(test)]
mod session;
#[cfg(test)]
mod sockets;
#[cfg(test)]
mod suspension;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod trust;
