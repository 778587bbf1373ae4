//! POST /deals/{dealId}/review: one side of a deal that has ended says how the other was.

use deserr::Deserr;
use domain::{
    id::DealId,
    input::Invalid,
    text::ReviewText,
    time::Time,
    trust::{Review, ReviewRefused, Stars},
};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Error, Reviews};

use crate::Trust;

pub(crate) const ROUTE: Route<Trust> = Row::post("trust.review_create", "/deals/{dealId}/review")
    .summary("Review the other side of a deal")
    .description(
        "Within fourteen days after its end, once. Nobody sees a review before the other side has written theirs or the \
         fourteen days are over, so that nobody answers one with another.",
    )
    .features(&["P10", "Z6"])
    .may(&[
        Grant::Table("BatchGetItem", &["ACCOUNT#", "REVIEWABLE#"]),
        Grant::Table("ConditionCheckItem", &["ACCOUNT#"]),
        Grant::Table("PutItem", &["ACCOUNT#"]),
        Grant::Table("UpdateItem", &["ACCOUNT#", "REVIEWABLE#"]),
    ])
    .takes::<Body>()
    .replies::<WrittenView>(201)
    .problems(&[Code::AlreadyReviewed, Code::ReviewClosed])
    // The second of two counts both; two at once take it twice.
    .budget(4, 6.0, 37.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "NewReview", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    stars: Stars,
    text: ReviewText,
}

/// A review that was written.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReviewWritten")]
struct WrittenView {
    deal: DealId,
    stars: Stars,
    text: ReviewText,
    created_at: Time,
    /// From when on others see it; sooner, should the other side write one.
    visible_at: Time,
}

async fn handle(_: &Trust, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let deal = call.path("dealId", DealId::parse)?;
    let Body { stars, text } = call.body()?;
    let reviews = Reviews(call.table()?);
    // The other side may be writing at this very moment: then both are there the second time.
    for _ in 0..2 {
        let before = reviews.before(&deal, me).await?.ok_or(Code::NotFound)?;
        let ended = &before.deal;
        let other = ended.reviewed_by(me, call.now).map_err(refused)?;
        let both = if *me == ended.host { ended.guest_done } else { ended.host_done };
        let review = Review {
            deal: deal.clone(),
            account: other.clone(),
            author: me.clone(),
            about: ended.about.clone(),
            ended_at: ended.ended_at,
            stars,
            text: text.clone(),
            created_at: call.now,
            visible_at: if both { call.now } else { ended.closes_at },
            counted: both,
            hidden: false,
            version: 1,
        };
        match reviews.write(&before, &review, call.now).await {
            Ok(()) => {
                let view =
                    WrittenView { deal, stars, text, created_at: review.created_at, visible_at: review.visible_at };
                return Reply::created(format!("/accounts/{}/reviews", review.account), &view);
            }
            Err(Error::Clash(clash)) if clash.at(3) => return Err(Code::NotFound.into()),
            Err(Error::Clash(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Err(Code::InProgress.into())
}

fn refused(refused: ReviewRefused) -> Fault {
    match refused {
        ReviewRefused::Stranger => Code::NotFound,
        ReviewRefused::Done => Code::AlreadyReviewed,
        ReviewRefused::TooLate => Code::ReviewClosed,
    }
    .into()
}
