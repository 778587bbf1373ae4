//! GET /makers/{accountId}: a maker's public profile.

use domain::id::AccountId;
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row, Setting};
use store::Makers;

use crate::{Errands, views::MakerView};

pub(crate) const ROUTE: Route<Errands> = Row::get("errands.maker_show", "/makers/{accountId}")
    .summary("A maker")
    .description("With exact counts: what was confirmed and done, reviews, followers.")
    .features(&["P7", "P8"])
    .maybe()
    .needs(&[Setting::MediaUrl])
    .may(&[Grant::Table("BatchGetItem", &["ACCOUNT#"])])
    .replies::<MakerView>(200)
    .etag()
    .budget(1, 4.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Errands, call: &Call<'_>) -> Outcome {
    let id = call.path("accountId", AccountId::parse)?;
    let reader = call.reader().map(|reader| &reader.id);
    let card = Makers(call.table()?).cards(std::slice::from_ref(&id), reader).await?.into_iter().next();
    let card = card.ok_or(Code::NotFound)?;
    let maker = card.maker.clone().ok_or(Code::NotFound)?;
    Reply::ok(&MakerView::of(card, &maker, call)?)
}
