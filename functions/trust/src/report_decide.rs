//! POST /admin/reports/{reportId}/decision: an administrator decides about a report, with all that comes of it.

use deserr::Deserr;
use domain::{
    id::ReportId,
    input::{Invalid, Wrong},
    manner::PenaltyCause,
    text::Reason,
    trust::{Action, Decision, Report, ReportStatus, SubjectKind, Suspension},
};
use edge::{Call, Code, Fault, Grant, Outcome, Problem, Reply, Route, Row};
use schemars::JsonSchema;
use store::{BeforeDecision, Error, Listings, Reports, Reviews, Suspensions, Write, trust};

use crate::{Trust, suspend::Days, views::AdminReportView};

pub(crate) const ROUTE: Route<Trust> = Row::post("trust.report_decide", "/admin/reports/{reportId}/decision")
    .summary("Decide about a report (administrators)")
    .description(
        "`dismiss`; `warn` whose it is; `hide` the listing or the review for good; `suspend` whose it is for 1–365 days; `ban` \
         them. All but the first take manner points off. Whoever reported is told that it was decided, whose it is what for. \
         The same decision again is answered as the first; of two at once one wins, and the other is told which.",
    )
    .features(&["X1", "X3", "X7"])
    .admin()
    .may(&[
        Grant::Table("BatchGetItem", &["ACCOUNT#", "LISTING#"]),
        Grant::Table("GetItem", &["REPORT#"]),
        Grant::Table("PutItem", &["ACCOUNT#", "REPORT#", "SUSPENSIONS"]),
        Grant::Table("UpdateItem", &["ACCOUNT#", "LISTING#"]),
    ])
    .takes::<Body>()
    .replies::<AdminReportView>(200)
    .problems(&[Code::AlreadyDecided, Code::Oneself])
    .budget(4, 6.0, 24.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "NewDecision", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    action: Action,
    /// Of `suspend`, and of nothing else: for how many days.
    #[deserr(default)]
    days: Option<Days>,
    /// Why: told to whose it is.
    reason: Reason,
}

async fn handle(_: &Trust, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let id = call.path("reportId", ReportId::parse)?;
    let Body { action, days, reason } = call.body()?;
    match (action, days) {
        (Action::Suspend, None) => return Err(Invalid::one("/days", Wrong::Missing).into()),
        (Action::Suspend, Some(_)) | (_, None) => {}
        (_, Some(_)) => return Err(Invalid::one("/days", Wrong::NotTogether("another action than suspend")).into()),
    }
    let reports = Reports(call.table()?);
    let report = reports.by_id(&id).await?.ok_or(Code::NotFound)?;
    let decision = Decision { action, days: days.map(|days| days.0), reason, by: me.clone(), at: call.now };
    if report.status != ReportStatus::Open {
        return decided_before(report, &decision);
    }
    if action == Action::Hide && !matches!(report.subject.kind(), SubjectKind::Listing | SubjectKind::Review) {
        return Err(Invalid::one("/action", Wrong::NotTogether("what is neither listing nor review")).into());
    }
    if report.account == *me {
        return Err(Code::Oneself.into());
    }
    let after = report.decided(decision.clone());
    let before = reports.before_decision(&report, call.now).await?;
    match reports.decide(&after, consequences(&after, &decision, &before)?).await {
        Ok(()) => Reply::ok(&AdminReportView::from(after)),
        Err(Error::Clash(clash)) if clash.at(0) => {
            let report = reports.by_id(&id).await?.ok_or(Code::NotFound)?;
            decided_before(report, &decision)
        }
        // The listing or the review was changed at this moment.
        Err(Error::Clash(_)) => Err(Code::InProgress.into()),
        Err(other) => Err(other.into()),
    }
}

/// What comes of a decision. Of whoever has left nothing is left that anything could come of.
fn consequences(after: &Report, decision: &Decision, before: &BeforeDecision) -> Result<Vec<Write>, Error> {
    let mut writes = vec![];
    if decision.action == Action::Dismiss || !before.there {
        return Ok(writes);
    }
    writes.push(trust::penalty(&after.account, PenaltyCause::UpheldReport, after.id.as_str(), decision.at)?);
    if decision.action == Action::Hide {
        if let Some(listing) = before.listing.as_ref().filter(|listing| !listing.hidden) {
            writes.push(Listings::hiding(listing, decision.at)?);
        }
        if let Some(review) = before.review.as_ref().filter(|review| !review.hidden) {
            writes.extend(Reviews::hidden(review, true, decision.at)?);
        }
    }
    // Whoever is suspended for longer stays so.
    let longer = |until| before.suspension.as_ref().is_some_and(|standing| standing.until >= until);
    if let Some(until) = decision.suspends_until().filter(|until| !longer(*until)) {
        writes.extend(Suspensions::writes(&Suspension {
            account: after.account.clone(),
            until,
            reason: decision.reason.clone(),
            since: decision.at,
            by: decision.by.clone(),
        })?);
    }
    Ok(writes)
}

/// The same decision by the same administrator was made before; another is refused.
fn decided_before(report: Report, decision: &Decision) -> Outcome {
    let same = report.decision.as_ref().is_some_and(|standing| {
        (standing.action, standing.days, &standing.by) == (decision.action, decision.days, &decision.by)
    });
    if same {
        return Reply::ok(&AdminReportView::from(report));
    }
    let view = serde_json::to_value(AdminReportView::from(report)).map_err(Fault::internal)?;
    Err(Problem::new(Code::AlreadyDecided).with("report", view).into())
}
