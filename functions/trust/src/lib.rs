//! Trust between neighbours: who follows whom, what people say of each other after a deal, the manner score, reports and
//! what comes of them, suspension, feedback.

use std::sync::Arc;

use edge::{Context, Env, Route};

mod feedback_create;
mod feedback_list;
mod follow_clear;
mod follow_set;
mod following;
mod manner;
mod my_reviews;
mod report_create;
mod report_decide;
mod report_list;
mod report_show;
mod reveal;
mod review_create;
mod review_hide;
mod review_unhide;
mod reviewable;
mod reviews;
mod suspend;
mod unsuspend;
mod views;

/// What the functions of this context share: nothing.
pub struct Trust;

impl Context for Trust {
    const NAME: &'static str = "trust";

    fn routes() -> &'static [Route<Self>] {
        const ROUTES: &[Route<Trust>] = &[
            follow_set::ROUTE,
            follow_clear::ROUTE,
            following::ROUTE,
            review_create::ROUTE,
            reviews::ROUTE,
            my_reviews::ROUTE,
            reviewable::ROUTE,
            review_hide::ROUTE,
            review_unhide::ROUTE,
            reveal::ROUTE,
            manner::ROUTE,
            report_create::ROUTE,
            report_list::ROUTE,
            report_show::ROUTE,
            report_decide::ROUTE,
            suspend::ROUTE,
            unsuspend::ROUTE,
            feedback_create::ROUTE,
            feedback_list::ROUTE,
        ];
        ROUTES
    }

    fn new(_: &Arc<Env>) -> Result<Self, String> {
        Ok(Self)
    }
}
