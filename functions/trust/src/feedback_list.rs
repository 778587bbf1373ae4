//! GET /admin/feedback: what people told the makers, the latest first.

use edge::{Call, Code, Grant, Outcome, Paged, Reply, Route, Row, Setting};
use store::Feedbacks;

use crate::{Trust, feedback_create::FeedbackView, views::PageQuery};

pub(crate) const ROUTE: Route<Trust> = Row::get("trust.feedback_list", "/admin/feedback")
    .summary("What people told the makers, the latest first (administrators)")
    .features(&["X2", "X3"])
    .admin()
    .needs(&[Setting::CursorKey])
    .may(&[Grant::Table("Query", &["FEEDBACK"])])
    .query::<PageQuery>()
    .replies::<Paged<FeedbackView>>(200)
    .problems(&[Code::BadCursor])
    .budget(1, 30.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Trust, call: &Call<'_>) -> Outcome {
    let PageQuery { limit, cursor } = call.query()?;
    let after = call.position(cursor.as_ref())?;
    let (feedback, next) = Feedbacks(call.table()?).page(after.as_deref(), limit.0).await?;
    Reply::ok(&call.paged(feedback.into_iter().map(FeedbackView::from).collect(), next)?)
}
