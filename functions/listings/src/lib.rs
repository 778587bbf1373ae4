//! Listings: what is put up for barter or rent, the feeds, search, bookmarks, categories, and what happens when a deadline
//! passes.

use std::sync::Arc;

use edge::{Context, Env, Route};

mod ban;
mod bookmark_clear;
mod bookmark_list;
mod bookmark_set;
mod category_create;
mod category_edit;
mod category_list;
mod create;
mod delete;
mod edit;
mod expire;
mod feed;
mod mine;
mod pictures;
mod relist;
mod show;
mod views;

/// What the functions of this context share: nothing.
pub struct Listings;

impl Context for Listings {
    const NAME: &'static str = "listings";

    fn routes() -> &'static [Route<Self>] {
        const ROUTES: &[Route<Listings>] = &[
            create::ROUTE,
            feed::ROUTE,
            show::ROUTE,
            edit::ROUTE,
            delete::ROUTE,
            relist::ROUTE,
            mine::ROUTE,
            bookmark_set::ROUTE,
            bookmark_clear::ROUTE,
            bookmark_list::ROUTE,
            ban::ROUTE,
            category_list::ROUTE,
            category_create::ROUTE,
            category_edit::ROUTE,
            expire::ROUTE,
        ];
        ROUTES
    }

    fn new(_: &Arc<Env>) -> Result<Self, String> {
        Ok(Self)
    }
}
