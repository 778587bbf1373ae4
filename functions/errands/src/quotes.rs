//! GET /errands/{errandId}/quotes: an errand's owner compares the quotes on it.

use std::collections::HashMap;

use domain::{
    deal::{State, Terms},
    id::ErrandId,
    listing::Status,
};
use edge::{Call, Code, Grant, ListQuery, Nothing, Outcome, Paged, Reply, Route, Row, Setting};
use store::{Deals, Makers};

use crate::{Errands, views::QuoteView};

pub(crate) const ROUTE: Route<Errands> = Row::get("errands.quotes", "/errands/{errandId}/quotes")
    .summary("The quotes on one's errand")
    .description(
        "While it is open those that wait for an answer, on each page those that were asked for first, then the oldest first; \
         afterwards the one that was confirmed.",
    )
    .features(&["D16"])
    .needs(&[Setting::MediaUrl, Setting::CursorKey])
    .may(&[
        Grant::Table("GetItem", &["ERRAND#"]),
        Grant::Table("Query", &["ERRAND#"]),
        Grant::Table("BatchGetItem", &["ACCOUNT#", "DEAL#"]),
    ])
    .query::<ListQuery<Nothing>>()
    .replies::<Paged<QuoteView>>(200)
    .problems(&[Code::BadCursor, Code::NotOwner])
    .budget(3, 520.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Errands, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let id = call.path("errandId", ErrandId::parse)?;
    let ListQuery::<Nothing> { limit, cursor, .. } = call.query()?;
    let after = call.position(cursor.as_ref())?;
    let table = call.table()?;
    let errands = store::Errands(table);
    let quotes = errands.quotes(&id, after.as_deref(), limit.0);
    let (errand, (open, next)) = futures::try_join!(errands.by_id_now(&id), quotes)?;
    let errand = errand.ok_or(Code::NotFound)?;
    if errand.host != *me {
        let known = errand.status != Status::Withdrawn;
        return Err(if known { Code::NotOwner } else { Code::NotFound }.into());
    }
    let status = errand.status_at(call.now);
    let (ids, next) = match (&errand.deal, status) {
        (Some(confirmed), _) => (vec![confirmed.clone()], None),
        (None, Status::Open) => (open, next),
        // What is over has none that could be answered.
        (None, _) => (vec![], None),
    };
    let mut deals = Deals(table).by_ids(&ids).await?;
    deals.retain(|deal| errand.deal.is_some() || deal.state == State::Proposed);
    deals.sort_by_key(|deal| {
        let asked = matches!(deal.terms, Terms::Errand { designated: true, .. });
        (!asked, deal.proposed_at, deal.id.clone())
    });
    let makers: Vec<_> = deals.iter().map(|deal| deal.guest.clone()).collect();
    let cards = Makers(table).cards(&makers, Some(me)).await?;
    let cards: HashMap<_, _> = cards.into_iter().map(|card| (card.account.id.clone(), card)).collect();
    let mut views = vec![];
    for deal in &deals {
        views.extend(QuoteView::of(deal, cards.get(&deal.guest).cloned(), status, call)?);
    }
    Reply::ok(&call.paged(views, next)?)
}
