//! What the demo people think of each other: a deal to be reviewed, a review that waits for its window to end, somebody
//! followed, something reported.

use domain::{
    id::{AccountId, DealId, FeedbackId, ListingId, ReportId},
    manner::PenaltyCause,
    text::{FeedbackText, FeedbackTitle, ReviewText},
    time::{DAY, HOUR, Time},
    trust::{Category, Feedback, REVIEW_WINDOW, Report, ReportStatus, Review, Stars, Subject},
};
use store::{Feedbacks, Follows, Reports, Reviews, Table, trust};

use crate::seed::PEOPLE;

/// A deal of the first two demo people that neither has reviewed.
pub const ENDED: &str = "dea_01K9ZX3V5M8QJ4T0N2R6W7Y1AG";
/// A deal of theirs that the second has reviewed; its window ends two hours after the seed's moment.
pub const REVIEWED: &str = "dea_01K9ZX3V5M8QJ4T0N2R6W7Y1AH";
/// A report of the third about a listing of the second.
pub const REPORT: &str = "rpt_01K9ZX3V5M8QJ4T0N2R6W7Y1AH";
/// What it is about.
const REPORTED: &str = "lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AE";

pub(crate) async fn begin(table: &Table, now: Time) -> Result<(), String> {
    let said = |error: store::Error| error.to_string();
    let badly = |_| "the demo people's trust is not well formed".to_owned();
    let accounts = PEOPLE.map(|person| AccountId::parse(person.sub));
    let [Ok(minji), Ok(junho), Ok(haru), _] = accounts else { return Err("a demo person is not well formed".into()) };
    let (ended, reviewed) = (DealId::parse(ENDED).map_err(badly)?, DealId::parse(REVIEWED).map_err(badly)?);
    let long_ago = now.plus(2 * HOUR - REVIEW_WINDOW);
    let reviews = Reviews(table);
    let deals = vec![
        trust::reviewable(&ended, &minji, &junho, "그림책 스무 권", now.plus(-DAY)).map_err(said)?,
        trust::reviewable(&reviewed, &minji, &junho, "전동 드릴 빌려드려요", long_ago).map_err(said)?,
        trust::penalty(&minji, PenaltyCause::LateReturn, REVIEWED, long_ago).map_err(said)?,
    ];
    reviews.note(deals).await.map_err(said)?;
    let before = reviews.before(&reviewed, &junho).await.map_err(said)?.ok_or("the demo deal has not ended")?;
    let written = long_ago.plus(DAY);
    let review = Review {
        deal: reviewed,
        account: minji.clone(),
        author: junho.clone(),
        about: before.deal.about.clone(),
        ended_at: long_ago,
        stars: Stars(4),
        text: ReviewText::parse("친절하셨어요. 반납이 하루 늦은 것만 아쉬웠어요.").map_err(badly)?,
        created_at: written,
        visible_at: before.deal.closes_at,
        counted: false,
        hidden: false,
        version: 1,
    };
    reviews.write(&before, &review, written).await.map_err(said)?;
    Follows(table).set(&minji, &haru, now.plus(-DAY)).await.map_err(said)?;
    let report = Report {
        id: ReportId::parse(REPORT).map_err(badly)?,
        reporter: haru.clone(),
        subject: Subject::Listing(ListingId::parse(REPORTED).map_err(badly)?),
        account: junho,
        excerpt: Some("전동 드릴 빌려드려요".to_owned()),
        category: Category::Professional,
        text: None,
        status: ReportStatus::Open,
        created_at: now.plus(-HOUR),
        decision: None,
    };
    Reports(table).create(&report).await.map_err(said)?;
    let feedback = Feedback {
        id: FeedbackId::from_ulid("01K9ZX3V5M8QJ4T0N2R6W7Y1AJ"),
        account: haru,
        title: FeedbackTitle::parse("지도에서 동네를 고르고 싶어요").map_err(badly)?,
        content: FeedbackText::parse("이름으로만 찾을 수 있어서 불편했어요.").map_err(badly)?,
        created_at: now.plus(-HOUR),
    };
    Feedbacks(table).create(&feedback).await.map_err(said)
}
