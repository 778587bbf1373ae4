//! GET /accounts/{accountId}/manner: somebody's manner score, and what made it.

use domain::{
    id::AccountId,
    manner::{Band, Fraction, Manner, PenaltyCause},
    time::Time,
};
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Accounts, Reviews};

use crate::Trust;

pub(crate) const ROUTE: Route<Trust> = Row::get("trust.manner", "/accounts/{accountId}/manner")
    .summary("Somebody's manner score, and what made it")
    .description(
        "`score` is `base` less `off`, rounded, within 0–100. `base` is the mean of stars × 20 over the latest hundred \
         reviews, a review of today weighing 800, each day of age one less, down to 80; 60 where there are only penalties. A \
         penalty takes off its points, each day one 365th of them less. Null where there is nothing to judge by.",
    )
    .features(&["P9", "X7", "D24", "Z6"])
    .anyone()
    .may(&[
        Grant::Index("gsi1", &["REVIEWS#"]),
        Grant::Table("GetItem", &["ACCOUNT#"]),
        Grant::Table("Query", &["ACCOUNT#"]),
    ])
    .replies::<MannerView>(200)
    .etag()
    .budget(1, 8.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// A manner score and the parts that made it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Manner")]
struct MannerView {
    /// 0–100; null where there is nothing to judge by.
    score: Option<u8>,
    /// `great` from 80 on, `good` from 60, `fair` from 31, `poor` below.
    band: Option<Band>,
    /// What reviews alone make, to two places.
    base: Option<f64>,
    /// How many reviews were looked at, the latest hundred.
    reviews: usize,
    /// What penalties take off, to two places.
    off: f64,
    /// The penalties of the last year, the latest first.
    penalties: Vec<PenaltyView>,
}

/// Something that cost manner points.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Penalty")]
struct PenaltyView {
    cause: PenaltyCause,
    /// When.
    at: Time,
    /// What it cost on that day.
    points: i64,
    /// What is left of that, to two places.
    left: f64,
}

#[expect(clippy::cast_precision_loss, reason = "hundredths of some hundred points")]
fn shown(fraction: Fraction) -> f64 {
    fraction.hundredths() as f64 / 100.0
}

impl From<Option<Manner>> for MannerView {
    fn from(manner: Option<Manner>) -> Self {
        let Some(manner) = manner else {
            return Self { score: None, band: None, base: None, reviews: 0, off: 0.0, penalties: vec![] };
        };
        let penalty = |(penalty, left): &(domain::manner::Penalty, Fraction)| PenaltyView {
            cause: penalty.cause,
            at: penalty.at,
            points: penalty.cause.points(),
            left: shown(*left),
        };
        Self {
            score: Some(manner.score),
            band: Some(manner.band()),
            base: Some(shown(manner.base)),
            reviews: manner.reviews,
            off: shown(manner.off),
            penalties: manner.penalties.iter().map(penalty).collect(),
        }
    }
}

async fn handle(_: &Trust, call: &Call<'_>) -> Outcome {
    let account = call.path("accountId", AccountId::parse)?;
    let (accounts, reviews) = (Accounts(call.table()?), Reviews(call.table()?));
    let (person, (reviews, penalties)) =
        futures::try_join!(accounts.by_id(&account), reviews.manner(&account, call.now))?;
    person.ok_or(Code::NotFound)?;
    Reply::ok(&MannerView::from(Manner::of(&reviews, &penalties, call.now)))
}
