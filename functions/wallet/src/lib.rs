//! The wallet: coins, and every line of where they came from and went to.

use std::sync::Arc;

use edge::{Context, Env, Route};

mod entries;
mod grant;
mod show;

/// What the functions of this context share: nothing.
pub struct Wallet;

impl Context for Wallet {
    const NAME: &'static str = "wallet";

    fn routes() -> &'static [Route<Self>] {
        const ROUTES: &[Route<Wallet>] = &[show::ROUTE, entries::ROUTE, grant::ROUTE];
        ROUTES
    }

    fn new(_: &Arc<Env>) -> Result<Self, String> {
        Ok(Self)
    }
}
