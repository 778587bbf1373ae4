//! GET /errands/{errandId}: one errand.

use domain::{id::ErrandId, listing::Status};
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row, Setting};

use crate::{Errands, views::ErrandView};

pub(crate) const ROUTE: Route<Errands> = Row::get("errands.show", "/errands/{errandId}")
    .summary("An errand")
    .description("With what the reader may do about it. One that was taken back is there for its owner alone.")
    .features(&["D9", "D11", "D21"])
    .maybe()
    .needs(&[Setting::MediaUrl])
    .may(&[Grant::Table("BatchGetItem", &["ACCOUNT#", "ERRAND#"])])
    .replies::<ErrandView>(200)
    .etag()
    .budget(2, 8.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Errands, call: &Call<'_>) -> Outcome {
    let id = call.path("errandId", ErrandId::parse)?;
    let reader = call.reader().map(|reader| &reader.id);
    let found = store::Errands(call.table()?).for_reader(&id, reader).await?.ok_or(Code::NotFound)?;
    if found.errand.status == Status::Withdrawn && reader != Some(&found.errand.host) {
        return Err(Code::NotFound.into());
    }
    let sides: Vec<_> = std::iter::once(&found.errand.host).chain(&found.errand.maker).cloned().collect();
    let people = store::Accounts(call.table()?).by_ids(&sides).await?;
    Reply::ok(&ErrandView::of(&found, &people, call)?)
}
