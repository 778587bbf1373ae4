//! The laptop cloud: everything Madang stands on, in one process and on one port. The gateway hands real events to the
//! same functions that Lambda runs; they reach the table, the bucket and the user pool through the AWS SDK, and know
//! nothing of where they are.

pub mod bucket;
mod clock;
mod cloud;
mod control;
pub mod dealing;
mod docs;
mod faults;
mod functions;
mod gateway;
mod invoke;
mod mail;
mod people;
pub mod privileges;
pub mod recorded;
pub mod runtime_api;
pub mod seed;
mod sockets;
pub mod tables;
pub mod talk;
pub mod travels;
pub mod trusted;
pub mod underway;
mod web;

pub use clock::Clock;
pub use cloud::{BUCKET, CLIENT_ID, Cloud, Options, POOL_ID, REGION, settings_at};
pub use functions::services;
pub use invoke::{check_files, event_files, function_of, invoke_file};
pub use sockets::{IDLE, LIFE, MAX_FRAME, MAX_MESSAGE};
