//! The laptop cloud: everything Madang stands on, in one process and on one port. The gateway hands real events to the
//! same functions that Lambda runs; they reach the table, the bucket and the user pool through the AWS SDK, and know
//! nothing of where they are.

pub mod bucket;
mod clock;
mod cloud;
mod control;
mod docs;
mod functions;
mod gateway;
mod invoke;
pub mod privileges;
pub mod runtime_api;
pub mod seed;
pub mod tables;

pub use clock::Clock;
pub use cloud::{CLIENT_ID, Cloud, Options, POOL_ID, REGION};
pub use functions::services;
pub use invoke::{function_of, invoke_file};
