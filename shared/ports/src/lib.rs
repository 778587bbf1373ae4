//! What cannot run inside a function: the user pool and fresh identifiers, as their real adapters. The laptop cloud
//! speaks the user pool's own protocol, so there is no stand-in behind these.

mod ids;
mod user_pool;

pub use ids::{fresh_ulid, ulid_of};
pub use user_pool::{Grant, Identity, PoolError, PoolUser, Tokens, UserPool};
