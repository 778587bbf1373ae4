//! POST /admin/deals/{dealId}/settlement: an administrator decides on what is held for a disputed deal.

use deserr::Deserr;
use domain::{
    deal::{Action, By, Said},
    input::Invalid,
    text::ReasonText,
};
use edge::{Call, Grant, Outcome, Route, Row, Setting};
use schemars::JsonSchema;

use crate::{
    Deals,
    act::PROBLEMS,
    acting::{self, Trial},
    views::DealView,
};

pub(crate) const ROUTE: Route<Deals> = Row::post("deals.settle", "/admin/deals/{dealId}/settlement")
    .summary("Decide on what is held for a disputed deal")
    .description(
        "`award` gives it to whoever was to earn it, `refund` gives it back to whoever paid it. Both are told, and see why in the deal.",
    )
    .features(&["S4", "X3"])
    .admin()
    .needs(&[Setting::MediaUrl])
    .may(&[
        Grant::Table("GetItem", &["DEAL#"]),
        Grant::Table("BatchGetItem", &["LISTING#", "ERRAND#", "PURSE#", "ACCOUNT#"]),
        Grant::Table("Query", &["ROOM#"]),
        Grant::Table("PutItem", &["DEAL#", "LISTING#", "ERRAND#", "ROOM#", "PURSE#", "ACCOUNT#", "REVIEWABLE#"]),
        Grant::Table("UpdateItem", &["LISTING#", "PURSE#"]),
        Grant::Table("DeleteItem", &["LISTING#", "ERRAND#"]),
    ])
    .query::<Trial>()
    .takes::<Body>()
    .replies::<DealView>(200)
    .problems(PROBLEMS)
    .budget(4, 12.0, 60.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// Who gets what is held.
#[derive(Debug, Clone, Copy, Deserr, JsonSchema)]
#[schemars(rename = "SettlementDecision", rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase)]
enum Decision {
    /// Whoever was to earn it.
    Award,
    /// Whoever paid it.
    Refund,
}

#[derive(Debug, Deserr, JsonSchema)]
#[schemars(rename = "Settlement", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    /// Who gets what is held.
    decision: Decision,
    /// Why: both sides read it.
    reason: ReasonText,
}

async fn handle(_: &Deals, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let trial: Trial = call.query()?;
    let Body { decision, reason } = call.body()?;
    let action = match decision {
        Decision::Award => Action::Award,
        Decision::Refund => Action::Refund,
    };
    acting::act(call, &By::Admin(me), action, &Said { reason: Some(reason), until: None }, trial).await
}
