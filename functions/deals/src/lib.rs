//! Deals: barter, rental and errands, from the first word to the last coin. What may happen is data in `domain::deal`; here
//! is who asks for it.

use std::sync::Arc;

use edge::{Context, Env, Route};

mod about;
mod act;
mod acting;
mod calendar;
mod calendar_ical;
mod disputes;
mod due;
mod mine;
mod page;
mod proposal;
mod propose;
mod settle;
mod show;
mod views;

pub use views::DealView;

/// What the functions of this context share: nothing.
pub struct Deals;

impl Context for Deals {
    const NAME: &'static str = "deals";

    fn routes() -> &'static [Route<Self>] {
        const ROUTES: &[Route<Deals>] = &[
            propose::ROUTE,
            about::ROUTE,
            show::ROUTE,
            act::ROUTE,
            settle::ROUTE,
            disputes::ROUTE,
            mine::ROUTE,
            page::ROUTE,
            calendar::ROUTE,
            calendar_ical::ROUTE,
            due::ROUTE,
        ];
        ROUTES
    }

    fn new(_: &Arc<Env>) -> Result<Self, String> {
        Ok(Self)
    }
}
