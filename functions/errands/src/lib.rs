//! Errands: journeys that people ask of others, the makers who make them, their quotes, and whom an owner asks by name. What
//! becomes of a quote once it is sent is a deal's affair.

use std::sync::Arc;

use edge::{Context, Env, Route};

mod create;
mod decline;
mod delete;
mod demand;
mod designate;
mod designations;
mod expire;
mod faults;
mod feed;
mod maker_delete;
mod maker_mine;
mod maker_set;
mod maker_show;
mod makers;
mod mine;
mod queries;
mod quote;
mod quotes;
mod show;
mod views;

/// What the functions of this context share: nothing.
pub struct Errands;

impl Context for Errands {
    const NAME: &'static str = "errands";

    fn routes() -> &'static [Route<Self>] {
        const ROUTES: &[Route<Errands>] = &[
            create::ROUTE,
            show::ROUTE,
            delete::ROUTE,
            mine::ROUTE,
            feed::ROUTE,
            demand::ROUTE,
            quote::ROUTE,
            quotes::ROUTE,
            designate::ROUTE,
            designations::ROUTE,
            decline::ROUTE,
            maker_set::ROUTE,
            maker_mine::ROUTE,
            maker_delete::ROUTE,
            maker_show::ROUTE,
            makers::ROUTE,
            expire::ROUTE,
        ];
        ROUTES
    }

    fn new(_: &Arc<Env>) -> Result<Self, String> {
        Ok(Self)
    }
}
