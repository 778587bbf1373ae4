//! GET /me/maker: the caller's own profile as a maker.

use edge::{Call, Code, Grant, Outcome, Reply, Route, Row, Setting};
use store::Makers;

use crate::{Errands, views::MakerView};

pub(crate) const ROUTE: Route<Errands> = Row::get("errands.maker_mine", "/me/maker")
    .summary("One's own profile as a maker")
    .description("404 of whoever is none.")
    .features(&["P7", "P8"])
    .needs(&[Setting::MediaUrl])
    .may(&[Grant::Table("BatchGetItem", &["ACCOUNT#"])])
    .replies::<MakerView>(200)
    .etag()
    .problems(&[Code::NotFound])
    .budget(1, 4.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Errands, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let card = Makers(call.table()?).cards(std::slice::from_ref(me), Some(me)).await?.into_iter().next();
    let card = card.ok_or(Code::NotFound)?;
    let maker = card.maker.clone().ok_or(Code::NotFound)?;
    Reply::ok(&MakerView::of(card, &maker, call)?)
}
