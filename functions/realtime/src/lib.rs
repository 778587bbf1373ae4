//! The WebSocket API: who may open a connection, what is known of it while it lasts, and frames that belong to nobody else.

use std::sync::Arc;

use edge::{Context, Env, Route};

mod authorize;
mod connect;
mod default;
mod disconnect;
mod ping;
mod presence_choose;
mod presence_show;
mod protocol;

/// What the functions of this context share: nothing.
pub struct Realtime;

impl Context for Realtime {
    const NAME: &'static str = "realtime";

    fn routes() -> &'static [Route<Self>] {
        const ROUTES: &[Route<Realtime>] = &[
            authorize::ROUTE,
            connect::ROUTE,
            disconnect::ROUTE,
            ping::ROUTE,
            default::ROUTE,
            presence_show::ROUTE,
            presence_choose::ROUTE,
            presence_choose::LIVE,
        ];
        ROUTES
    }

    fn new(_: &Arc<Env>) -> Result<Self, String> {
        Ok(Self)
    }
}
