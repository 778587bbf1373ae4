//! GET /accounts/{accountId}/reviews: what was said of somebody after deals.

use domain::{id::AccountId, trust::Ratings};
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row, Setting};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Accounts, Reviews};

use crate::{
    Trust,
    views::{PageQuery, ReviewView, people_in},
};

pub(crate) const ROUTE: Route<Trust> = Row::get("trust.reviews", "/accounts/{accountId}/reviews")
    .summary("What was said of somebody, the latest first")
    .description("With how many gave how many stars. Only what can be seen is counted, from the moment it can be.")
    .features(&["P8", "P11", "P19", "Z6"])
    .anyone()
    .needs(&[Setting::MediaUrl, Setting::CursorKey])
    .may(&[Grant::Index("gsi1", &["REVIEWS#"]), Grant::Table("BatchGetItem", &["ACCOUNT#"])])
    .query::<PageQuery>()
    .replies::<ReviewsView>(200)
    .problems(&[Code::BadCursor])
    .budget(3, 60.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// How many stars somebody was given.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Ratings")]
struct RatingsView {
    /// How many reviews.
    count: u64,
    /// All their stars together.
    sum: u64,
    /// `sum` by `count`, to two places; null without reviews.
    average: Option<f64>,
    /// How many of one star, of two … of five.
    histogram: [u64; 5],
}

impl From<Ratings> for RatingsView {
    fn from(ratings: Ratings) -> Self {
        let average = ratings.average();
        #[expect(clippy::cast_precision_loss, reason = "between 100 and 500")]
        let hundredths = average.map(|average| average.hundredths() as f64 / 100.0);
        Self {
            count: ratings.count(),
            sum: average.map_or(0, |average| u64::try_from(average.of).unwrap_or_default()),
            average: hundredths,
            histogram: ratings.0,
        }
    }
}

/// A page of the reviews about somebody.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReviewsOfSomebody")]
struct ReviewsView {
    ratings: RatingsView,
    items: Vec<ReviewView>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
}

async fn handle(_: &Trust, call: &Call<'_>) -> Outcome {
    let account = call.path("accountId", AccountId::parse)?;
    let PageQuery { limit, cursor } = call.query()?;
    let after = call.position(cursor.as_ref())?;
    let media_url = call.setting(Setting::MediaUrl)?;
    let reviews = Reviews(call.table()?);
    let (standing, (found, next)) =
        futures::try_join!(reviews.standing(&account), reviews.about(&account, after.as_deref(), call.now, limit.0))?;
    let standing = standing.ok_or(Code::NotFound)?;
    let people = Accounts(call.table()?).by_ids(&people_in(&found)).await?;
    let page = call.paged(ReviewView::all(found, &people, media_url, call.now), next)?;
    Reply::ok(&ReviewsView {
        ratings: standing.ratings(call.now).into(),
        items: page.items,
        next_cursor: page.next_cursor,
    })
}
