//! GET /me/errands: the caller's own errands by state.

use deserr::Deserr;
use domain::{errand::Mine, input::Invalid};
use edge::{Call, Code, Grant, ListQuery, Outcome, Paged, Reply, Route, Row, Setting};
use schemars::JsonSchema;

use crate::{Errands, views::CardView};

pub(crate) const ROUTE: Route<Errands> = Row::get("errands.mine", "/me/errands")
    .summary("One's own errands")
    .description(
        "Those that go on the soonest day first, the others the latest first. That a day is over is a fact: from that \
         moment on an open errand is among the overdue ones.",
    )
    .features(&["D22", "D21"])
    .needs(&[Setting::CursorKey])
    .may(&[Grant::Index("gsi1", &["ERRANDS#"]), Grant::Table("BatchGetItem", &["ERRAND#"])])
    .query::<ListQuery<Query>>()
    .replies::<Paged<CardView>>(200)
    .problems(&[Code::BadCursor])
    .budget(2, 130.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Query {
    /// Which.
    #[deserr(default)]
    #[schemars(default)]
    state: Mine,
}

async fn handle(_: &Errands, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let ListQuery { limit, cursor, rest: Query { state } } = call.query()?;
    let after = call.position(cursor.as_ref())?;
    let store = store::Errands(call.table()?);
    let (ids, next) = store.of_host(&caller.id, state, after.as_deref(), limit.0, call.now).await?;
    let errands = store.by_ids(&ids).await?;
    let cards = errands.iter().map(|errand| CardView::of(errand, call)).collect();
    Reply::ok(&call.paged(cards, next)?)
}
