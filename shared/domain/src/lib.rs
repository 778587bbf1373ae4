//! Entities, values and rules of Madang. Nothing here knows AWS, HTTP, the clock or randomness: what time it is and
//! what is fresh is told by whoever calls.

pub mod account;
pub mod category;
pub mod coins;
pub mod deal;
pub mod errand;
pub mod id;
pub mod input;
pub mod lang;
pub mod listing;
pub mod maker;
pub mod manner;
pub mod media;
pub mod message;
pub mod notification;
pub mod presence;
pub mod region;
pub mod room;
pub mod search;
pub mod text;
pub mod tier;
pub mod time;
pub mod trust;
