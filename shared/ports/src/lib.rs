//! What cannot run inside a function: the user pool, connections, other functions, mail and fresh identifiers, as their real
//! adapters. The laptop cloud speaks the protocols of AWS itself, so there is no stand-in behind these.

mod connections;
mod functions;
mod ids;
#[cfg(feature = "mail")]
mod mail;
mod user_pool;

pub use connections::{Connections, PostError};
pub use functions::{Functions, NotTaken};
pub use ids::{fresh_ulid, ulid_of};
#[cfg(feature = "mail")]
pub use mail::{Mail, MailError};
pub use user_pool::{Grant, Identity, PoolError, PoolUser, Tokens, UserPool};
