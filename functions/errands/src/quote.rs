//! POST /errands/{errandId}/quotes: a maker says for what price they would make the journey.

use deserr::Deserr;
use domain::{
    coins::Coins,
    deal::{Deal, Refused, Subject, Terms},
    errand::Asked,
    id::{DealId, ErrandId},
    input::Invalid,
    listing::Status,
    text::QuoteText,
    time::Time,
};
use edge::{Call, Code, Fault, Grant, Outcome, Problem, Reply, Route, Row, Setting};
use ports::fresh_ulid;
use schemars::JsonSchema;
use store::{Around, Clash, Deals, Designations, Error, Makers, Told};

use crate::{
    Errands, faults,
    queries::YesNo,
    views::{QuoteView, may_quote},
};

pub(crate) const ROUTE: Route<Errands> = Row::post("errands.quote", "/errands/{errandId}/quotes")
    .summary("Quote on an errand")
    .description(
        "While it is open, by a maker of its province or one who was asked; one quote at a time on an errand. With \
         `dryRun=true` nothing is written, and what would be is answered. What becomes of the quote is its deal's affair.",
    )
    .features(&["D14", "D12"])
    .idempotent()
    .needs(&[Setting::MediaUrl])
    .may(&[
        Grant::Table("GetItem", &["RECEIPT#errands.quote#"]),
        Grant::Table("BatchGetItem", &["ACCOUNT#", "ERRAND#"]),
        Grant::Table("ConditionCheckItem", &["ERRAND#"]),
        Grant::Table("PutItem", &["DEAL#", "ERRAND#", "RECEIPT#errands.quote#"]),
        Grant::Table("UpdateItem", &["ERRAND#"]),
    ])
    .query::<Query>()
    .takes::<Body>()
    .replies::<QuoteView>(200)
    .problems(&[
        Code::NotMaker,
        Code::OutsideProvinces,
        Code::OwnErrand,
        Code::AlreadyQuoted,
        Code::WrongStatus,
        Code::BadToken,
    ])
    .budget(3, 10.0, 44.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "QuoteQuery", rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Query {
    /// Whether only to say what would happen.
    #[deserr(default)]
    #[schemars(default)]
    dry_run: YesNo,
}

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "NewQuote", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    price: Coins,
    content: QuoteText,
}

async fn handle(_: &Errands, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let id = call.path("errandId", ErrandId::parse)?;
    let Query { dry_run } = call.query()?;
    let Body { price, content } = call.body()?;
    let table = call.table()?;
    let (errands, makers) = (store::Errands(table), Makers(table));
    let (found, cards) =
        futures::try_join!(errands.for_reader(&id, Some(me)), makers.cards(std::slice::from_ref(me), None))?;
    let found = found.filter(|found| found.errand.status != Status::Withdrawn).ok_or(Code::NotFound)?;
    let card = cards.into_iter().next().ok_or(Code::BadToken)?;
    let errand = &found.errand;
    if errand.host == *me {
        return Err(Code::OwnErrand.into());
    }
    if found.maker.is_none() {
        return Err(Code::NotMaker.into());
    }
    faults::open(errand, call.now)?;
    if let Some(quote) = &found.quote {
        return Err(Problem::new(Code::AlreadyQuoted).with("deal", quote.as_str()).into());
    }
    if !may_quote(&found) {
        return Err(Code::OutsideProvinces.into());
    }

    let terms = Terms::Errand {
        price,
        content,
        date: errand.date,
        designated: found.designation.as_ref().is_some_and(domain::errand::Designation::invites),
    };
    let (deal, title) = (DealId::from_ulid(&fresh_ulid(call.now)), errand.title.as_str().to_owned());
    let deal = Deal::proposed(deal, Subject::Errand(id), title, errand.host.clone(), me.clone(), terms, call.now);
    let around = Around { errand: Some(errand.clone()), ..Around::default() };
    let facts = around.facts(&deal, &domain::deal::Said::default(), call.now);
    let step = deal.propose(&facts, call.now).map_err(refused)?;
    let view = QuoteView::of(&step.deal, Some(card), Status::Open, call)?;
    let view = view.ok_or_else(|| Fault::internal("a quote that is about no errand"))?;
    if dry_run == YesNo::True {
        return Reply::ok(&QuoteView { deal: None, actions: vec![], ..view });
    }
    let reply = Reply::ok(&view)?;
    let waiting = found.designation.as_ref().filter(|asked| asked.state == Asked::Waiting);
    let also = waiting.map(|asked| Designations::answered(asked, Asked::Quoted, call.now)).transpose()?;
    let told = Told { receipt: call.receipt(&reply), also: also.unwrap_or_default() };
    match Deals(table).write(None, &step, &around, told, call.now).await {
        Ok(()) => Ok(reply),
        Err(Error::Clash(clash)) => Err(clashed(&clash, call.now)),
        Err(other) => Err(other.into()),
    }
}

fn refused(refused: Refused) -> Fault {
    match refused {
        Refused::Subject(Some(status)) => faults::status(status),
        other => Fault::internal(format!("a quote is refused: {other:?}")),
    }
}

/// Something is otherwise by now: the maker has quoted (1), the errand has changed (2), or the same request, or the maker's
/// answer to being asked, is written at this moment.
fn clashed(clash: &Clash, now: Time) -> Fault {
    let standing = |index| clash.failed.iter().find(|(failed, _)| *failed == index).map(|(_, item)| item.as_ref());
    if let Some(pointer) = standing(1) {
        let problem = Problem::new(Code::AlreadyQuoted);
        return match pointer.and_then(store::deal_in) {
            Some(deal) => problem.with("deal", deal.as_str()).into(),
            None => problem.into(),
        };
    }
    match standing(2) {
        Some(errand) => faults::changed(errand, now),
        None => Code::InProgress.into(),
    }
}
