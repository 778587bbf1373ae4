//! What this context shows: neighbours, reviews, reports.

use std::collections::HashMap;

use deserr::Deserr;
use domain::{
    account::{Account, WITHDRAWN_NAME},
    id::{AccountId, DealId, ReportId},
    input::Invalid,
    text::{ReportText, ReviewText},
    time::Time,
    trust::{Category, Decision, Report, ReportStatus, Review, Stars, Subject},
};
use edge::{Cursor, Limit, PictureView};
use schemars::JsonSchema;
use serde::Serialize;

/// The query of a list that is narrowed by nothing.
#[derive(Deserr, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
pub(crate) struct PageQuery {
    #[deserr(default)]
    #[schemars(default)]
    pub(crate) limit: Limit,
    #[deserr(default)]
    pub(crate) cursor: Option<Cursor>,
}

/// Somebody of a deal, who may have left since.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Neighbour")]
pub(crate) struct NeighbourView {
    pub(crate) id: AccountId,
    /// `탈퇴유저` of whoever has left (row P19).
    pub(crate) nickname: String,
    pub(crate) withdrawn: bool,
    pub(crate) picture: Option<PictureView>,
}

impl NeighbourView {
    pub(crate) fn of(id: &AccountId, people: &HashMap<AccountId, Account>, media_url: &str) -> Self {
        let account = people.get(id);
        let nickname = account.map_or(WITHDRAWN_NAME, |account| account.nickname.as_str());
        Self {
            id: id.clone(),
            nickname: nickname.to_owned(),
            withdrawn: account.is_none(),
            picture: account
                .and_then(|account| account.image.as_ref())
                .map(|image| PictureView::below(image, media_url)),
        }
    }
}

/// What one side of a deal says of the other (row P10).
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Review")]
pub(crate) struct ReviewView {
    pub(crate) deal: DealId,
    /// What the deal was about.
    pub(crate) about: String,
    /// Who wrote it.
    pub(crate) author: NeighbourView,
    /// Whom it is about.
    pub(crate) account: NeighbourView,
    pub(crate) stars: Stars,
    pub(crate) text: ReviewText,
    /// When the deal ended.
    pub(crate) ended_at: Time,
    pub(crate) created_at: Time,
    /// From when on others see it: once both sides have written, or the window has ended.
    pub(crate) visible_at: Time,
    /// Whether others see it at this moment.
    pub(crate) visible: bool,
}

impl ReviewView {
    pub(crate) fn of(review: Review, people: &HashMap<AccountId, Account>, media_url: &str, now: Time) -> Self {
        Self {
            visible: review.is_visible(now),
            author: NeighbourView::of(&review.author, people, media_url),
            account: NeighbourView::of(&review.account, people, media_url),
            deal: review.deal,
            about: review.about,
            stars: review.stars,
            text: review.text,
            ended_at: review.ended_at,
            created_at: review.created_at,
            visible_at: review.visible_at,
        }
    }

    pub(crate) fn all(
        reviews: Vec<Review>,
        people: &HashMap<AccountId, Account>,
        media_url: &str,
        now: Time,
    ) -> Vec<Self> {
        reviews.into_iter().map(|review| Self::of(review, people, media_url, now)).collect()
    }
}

/// Everybody who stands in some reviews, once.
pub(crate) fn people_in(reviews: &[Review]) -> Vec<AccountId> {
    let mut ids: Vec<_> = reviews.iter().flat_map(|review| [&review.author, &review.account]).cloned().collect();
    ids.sort();
    ids.dedup();
    ids
}

/// A report, as whoever made it sees it (row X1).
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Report")]
pub(crate) struct ReportView {
    pub(crate) id: ReportId,
    pub(crate) subject: Subject,
    pub(crate) category: Category,
    pub(crate) text: Option<ReportText>,
    pub(crate) status: ReportStatus,
    pub(crate) created_at: Time,
}

impl From<Report> for ReportView {
    fn from(report: Report) -> Self {
        Self {
            id: report.id,
            subject: report.subject,
            category: report.category,
            text: report.text,
            status: report.status,
            created_at: report.created_at,
        }
    }
}

/// A report, as an administrator sees it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReportToDecide")]
pub(crate) struct AdminReportView {
    #[serde(flatten)]
    pub(crate) report: ReportView,
    /// Who made it.
    pub(crate) reporter: AccountId,
    /// Whose it is.
    pub(crate) account: AccountId,
    /// What it said when it was reported.
    pub(crate) excerpt: Option<String>,
    pub(crate) decision: Option<Decision>,
}

impl From<Report> for AdminReportView {
    fn from(report: Report) -> Self {
        Self {
            reporter: report.reporter.clone(),
            account: report.account.clone(),
            excerpt: report.excerpt.clone(),
            decision: report.decision.clone(),
            report: report.into(),
        }
    }
}
