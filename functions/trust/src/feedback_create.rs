//! POST /feedback: a member tells the makers of Madang something.

use deserr::Deserr;
use domain::{
    id::FeedbackId,
    input::Invalid,
    text::{FeedbackText, FeedbackTitle},
    time::{HOUR, Time},
    trust::Feedback,
};
use edge::{Call, Code, Grant, Outcome, Problem, Reply, Route, Row};
use ports::fresh_ulid;
use schemars::JsonSchema;
use serde::Serialize;
use store::{Feedbacks, Rate, Rates};

use crate::Trust;

pub(crate) const ROUTE: Route<Trust> = Row::post("trust.feedback_create", "/feedback")
    .summary("Tell the makers something")
    .description("Five in a row, and one more each hour.")
    .features(&["X2"])
    .may(&[Grant::Table("PutItem", &["FEEDBACK"]), Grant::Table("UpdateItem", &["RATE#feedback#"])])
    .takes::<Body>()
    .replies::<FeedbackView>(201)
    .problems(&[Code::TooMany])
    .budget(3, 0.0, 6.0)
    .http(|app, call| Box::pin(handle(app, call)));

const RATE: Rate = Rate { what: "feedback", burst: 5, refill: HOUR };

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "NewFeedback", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    title: FeedbackTitle,
    content: FeedbackText,
}

/// Feedback (row X2).
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Feedback")]
pub(crate) struct FeedbackView {
    id: FeedbackId,
    /// Who.
    account: domain::id::AccountId,
    title: FeedbackTitle,
    content: FeedbackText,
    created_at: Time,
}

impl From<Feedback> for FeedbackView {
    fn from(feedback: Feedback) -> Self {
        let Feedback { id, account, title, content, created_at } = feedback;
        Self { id, account, title, content, created_at }
    }
}

async fn handle(_: &Trust, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let Body { title, content } = call.body()?;
    let table = call.table()?;
    if let Err(seconds) = Rates(table).take(&RATE, me.as_str(), call.now).await? {
        return Err(Problem::too_many(seconds).into());
    }
    let id = FeedbackId::from_ulid(&fresh_ulid(call.now));
    let feedback = Feedback { id, account: me.clone(), title, content, created_at: call.now };
    Feedbacks(table).create(&feedback).await?;
    Reply::created("/admin/feedback".to_owned(), &FeedbackView::from(feedback))
}
