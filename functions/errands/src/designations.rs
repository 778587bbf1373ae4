//! GET /errands/{errandId}/designations: whom an errand's owner asked for a quote.

use std::collections::HashMap;

use domain::{id::ErrandId, listing::Status};
use edge::{Call, Code, Grant, ListQuery, Nothing, Outcome, Paged, Reply, Route, Row, Setting};
use store::{Designations, Makers};

use crate::{Errands, views::DesignationView};

pub(crate) const ROUTE: Route<Errands> = Row::get("errands.designations", "/errands/{errandId}/designations")
    .summary("The makers who were asked for a quote")
    .description(
        "An errand's owner sees all, by the makers' identifiers. Whoever else asks sees whether they were asked themselves. \
         What a maker is asked for in all is `GET /errands/feed?designated=true`.",
    )
    .features(&["D12", "D13"])
    .needs(&[Setting::MediaUrl, Setting::CursorKey])
    .may(&[
        Grant::Table("BatchGetItem", &["ACCOUNT#", "ERRAND#"]),
        Grant::Table("Query", &["ERRAND#"]),
    ])
    .query::<ListQuery<Nothing>>()
    .replies::<Paged<DesignationView>>(200)
    .problems(&[Code::BadCursor])
    .budget(3, 320.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Errands, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let id = call.path("errandId", ErrandId::parse)?;
    let ListQuery::<Nothing> { limit, cursor, .. } = call.query()?;
    let after = call.position(cursor.as_ref())?;
    let table = call.table()?;
    let found = store::Errands(table).for_reader(&id, Some(me)).await?.ok_or(Code::NotFound)?;
    let (asked, next) = if found.errand.host == *me {
        Designations(table).of_errand(&id, after.as_deref(), limit.0).await?
    } else if found.errand.status == Status::Withdrawn {
        return Err(Code::NotFound.into());
    } else {
        (found.designation.into_iter().collect(), None)
    };
    let makers: Vec<_> = asked.iter().map(|asked| asked.maker.clone()).collect();
    let cards = Makers(table).cards(&makers, Some(me)).await?;
    let cards: HashMap<_, _> = cards.into_iter().map(|card| (card.account.id.clone(), card)).collect();
    let mut views = vec![];
    for asked in asked {
        let card = cards.get(&asked.maker).cloned();
        views.push(DesignationView::of(asked, card, call)?);
    }
    Reply::ok(&call.paged(views, next)?)
}
