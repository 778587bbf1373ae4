//! What follows from reports, suspensions and reviews: who is told, and whose connections end (rows X1, Z6).

use domain::{
    notification::Notice,
    trust::{Action, Report, ReportStatus, Review, Suspension},
};
use edge::{Event, Fault};
use store::Notifications;

use crate::{
    connections,
    notices::tell,
    project::{Image, read},
};

/// A report was decided: whoever made it is told that, and whose it is what for. Of a report that came to nothing whose it
/// is hears nothing: it would only tell them that somebody complained.
pub(crate) async fn follow_report(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    let (old, new): (Option<Report>, Option<Report>) = (old.map(read).transpose()?, new.map(read).transpose()?);
    let Some(report) = new.filter(|new| new.status != ReportStatus::Open) else { return Ok(()) };
    let Some(decision) = report.decision.filter(|_| old.is_none_or(|old| old.status == ReportStatus::Open)) else {
        return Ok(());
    };
    let named = |what: &str| Notifications::id_of(decision.at, &format!("{what} {}", report.id));
    let upheld = report.status == ReportStatus::Upheld;
    let decided = Notice::ReportDecided { report: report.id.clone(), subject: report.subject.clone(), upheld };
    tell(event, named("report.decided"), &report.reporter, decided, decision.at).await?;
    let (subject, excerpt, reason) = (report.subject.clone(), report.excerpt.clone(), decision.reason.clone());
    let (what, notice) = match decision.action {
        Action::Warn => ("account.warned", Notice::AccountWarned { subject, excerpt, reason }),
        Action::Hide => ("content.hidden", Notice::ContentHidden { subject, excerpt, reason }),
        // Told by the suspension itself, whoever decided it.
        Action::Dismiss | Action::Suspend | Action::Ban => return Ok(()),
    };
    tell(event, named(what), &report.account, notice, decision.at).await
}

/// Somebody was suspended: their connections end, and they are told why.
pub(crate) async fn follow_suspension(event: &Event<'_>, new: Option<&Image>) -> Result<(), Fault> {
    let Some(suspension) = new.map(read::<Suspension>).transpose()? else { return Ok(()) };
    if !suspension.holds(event.now) {
        return Ok(());
    }
    let Suspension { account, until, reason, since, .. } = suspension;
    let id = Notifications::id_of(since, &format!("account.suspended {account} {since}"));
    tell(event, id, &account, Notice::AccountSuspended { until, reason }, since).await?;
    connections::hang_up(event, &account).await
}

/// A review can be seen by now, and is counted: whom it is about is told, once.
pub(crate) async fn follow_review(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    let (old, new): (Option<Review>, Option<Review>) = (old.map(read).transpose()?, new.map(read).transpose()?);
    let Some(review) = new.filter(|new| new.counted && old.is_none_or(|old| !old.counted)) else { return Ok(()) };
    let id = Notifications::id_of(review.ended_at, &format!("review.visible {} {}", review.deal, review.account));
    let notice =
        Notice::ReviewVisible { deal: review.deal, title: review.about, account: review.author, stars: review.stars };
    tell(event, id, &review.account, notice, review.visible_at).await
}
