//! POST /deals/{dealId}/actions: a side of a deal does something to it.

use deserr::Deserr;
use domain::{
    deal::{Action, By, Said},
    input::Invalid,
    text::ReasonText,
    time::Time,
};
use edge::{Call, Code, Grant, Outcome, Route, Row, Setting};
use schemars::JsonSchema;

use crate::{
    Deals,
    acting::{self, Trial},
    views::DealView,
};

pub(crate) const ROUTE: Route<Deals> = Row::post("deals.act", "/deals/{dealId}/actions")
    .summary("Do something to a deal")
    .description(
        "One of the `actions` that the deal lists. What follows — coins, the listing, the times, what is said in the room — \
         is written with it, all of it or nothing. The same again by the same side is answered as it was done. \
         `?dryRun=true` says what would happen. docs/deals.md draws who may do what, and when.",
    )
    .features(&[
        "D1", "D3", "D4", "D5", "D7", "D8", "D15", "D17", "D18", "D20", "D24", "S4", "L8", "X7", "Z4", "Z5", "Z6", "B13",
    ])
    .needs(&[Setting::MediaUrl])
    .may(MAY)
    .query::<Trial>()
    .takes::<Body>()
    .replies::<DealView>(200)
    .problems(PROBLEMS)
    .budget(4, 12.0, 60.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// What a transition may touch.
pub(crate) const MAY: &[Grant] = &[
    Grant::Table("GetItem", &["DEAL#"]),
    Grant::Table("BatchGetItem", &["LISTING#", "ERRAND#", "PURSE#", "ACCOUNT#"]),
    Grant::Table("Query", &["ROOM#"]),
    Grant::Table("PutItem", &["DEAL#", "LISTING#", "ERRAND#", "ROOM#", "PURSE#", "ACCOUNT#", "REVIEWABLE#"]),
    Grant::Table("UpdateItem", &["LISTING#", "PURSE#", "MEDIA#"]),
    Grant::Table("DeleteItem", &["LISTING#", "ERRAND#"]),
    Grant::Table("ConditionCheckItem", &["LISTING#"]),
];

/// What can be in the way of a transition.
pub(crate) const PROBLEMS: &[Code] = &[
    Code::NotYours,
    Code::DealMoved,
    Code::WrongStatus,
    Code::TimesTaken,
    Code::TooFewCoins,
    Code::TooEarly,
    Code::Passed,
    Code::NothingHeld,
    Code::NoExtension,
    Code::InProgress,
];

#[derive(Debug, Deserr, JsonSchema)]
#[schemars(rename = "DealAction", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    /// What.
    action: Action,
    /// Why: needed to break off what was agreed, and to dispute.
    #[deserr(default)]
    reason: Option<ReasonText>,
    /// Of `askExtension`: the new end, on the hour.
    #[deserr(default)]
    until: Option<Time>,
}

async fn handle(_: &Deals, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let trial: Trial = call.query()?;
    let Body { action, reason, until } = call.body()?;
    acting::act(call, &By::Account(me), action, &Said { reason, until }, trial).await
}
