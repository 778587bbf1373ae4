//! Rooms: joining and leaving them, what is said in them, who has read it. What a client may do over its connection it may
//! do by HTTP too; both go through the same function here.

use std::sync::Arc;

use edge::{Context, Env, Route};

mod change;
mod close;
mod delete;
mod deliver;
mod direct;
mod doing;
mod edit;
mod inquire;
mod join;
mod kick;
mod leave;
mod list;
mod media;
mod members;
mod messages;
mod open;
mod react;
mod read;
mod saying;
mod send;
mod settings;
mod show;
mod typing;
mod unreact;
mod views;

/// What the functions of this context share: nothing.
pub struct Rooms;

impl Context for Rooms {
    const NAME: &'static str = "rooms";

    fn routes() -> &'static [Route<Self>] {
        const ROUTES: &[Route<Rooms>] = &[
            join::ROUTE,
            inquire::ROUTE,
            direct::ROUTE,
            list::ROUTE,
            show::ROUTE,
            settings::ROUTE,
            leave::ROUTE,
            members::ROUTE,
            kick::ROUTE,
            messages::ROUTE,
            send::ROUTE,
            send::LIVE,
            edit::ROUTE,
            edit::LIVE,
            delete::ROUTE,
            delete::LIVE,
            react::ROUTE,
            unreact::ROUTE,
            react::LIVE,
            read::ROUTE,
            read::LIVE,
            open::LIVE,
            close::LIVE,
            typing::LIVE,
            deliver::ROUTE,
        ];
        ROUTES
    }

    fn new(_: &Arc<Env>) -> Result<Self, String> {
        Ok(Self)
    }
}
