//! POST /errands/{errandId}/designations: an errand's owner asks a maker for a quote.

use deserr::Deserr;
use domain::{
    errand::Designation,
    id::{AccountId, ErrandId},
    input::{Invalid, Wrong},
    listing::Status,
};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row, Setting};
use schemars::JsonSchema;
use store::{Designations, Error, Makers};

use crate::{Errands, faults, views::DesignationView};

pub(crate) const ROUTE: Route<Errands> = Row::post("errands.designate", "/errands/{errandId}/designations")
    .summary("Ask a maker for a quote")
    .description(
        "While the errand is open, of a maker of its province, once each; at most five are waited for at a time. The maker \
         is told.",
    )
    .features(&["D12", "N5"])
    .idempotent()
    .needs(&[Setting::MediaUrl])
    .may(&[
        Grant::Table("GetItem", &["ERRAND#", "RECEIPT#errands.designate#"]),
        Grant::Table("BatchGetItem", &["ACCOUNT#"]),
        Grant::Table("ConditionCheckItem", &["ACCOUNT#", "ERRAND#"]),
        Grant::Table("PutItem", &["ERRAND#", "RECEIPT#errands.designate#"]),
        Grant::Table("UpdateItem", &["ERRAND#"]),
    ])
    .takes::<Body>()
    .replies::<DesignationView>(201)
    .problems(&[
        Code::NotOwner,
        Code::WrongStatus,
        Code::OutsideProvinces,
        Code::OwnErrand,
        Code::AlreadyAsked,
        Code::TooManyAsked,
    ])
    .budget(3, 7.0, 30.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "NewDesignation", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    maker_id: AccountId,
}

async fn handle(_: &Errands, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let id = call.path("errandId", ErrandId::parse)?;
    let Body { maker_id } = call.body()?;
    let table = call.table()?;
    let (errands, makers) = (store::Errands(table), Makers(table));
    let (errand, cards) =
        futures::try_join!(errands.by_id_now(&id), makers.cards(std::slice::from_ref(&maker_id), Some(me)))?;
    let errand = errand.filter(|errand| errand.status != Status::Withdrawn || errand.host == *me);
    let errand = errand.ok_or(Code::NotFound)?;
    if errand.host != *me {
        return Err(Code::NotOwner.into());
    }
    faults::open(&errand, call.now)?;
    if maker_id == *me {
        return Err(Code::OwnErrand.into());
    }
    let nobody = || Fault::from(Invalid::one("/makerId", Wrong::NotFound));
    let card = cards.into_iter().next().ok_or_else(nobody)?;
    let maker = card.maker.as_ref().ok_or_else(nobody)?;
    if !maker.serves(errand.province) {
        return Err(Code::OutsideProvinces.into());
    }
    let asked = Designation::of(&errand, maker_id, call.now);
    let view = DesignationView::of(asked.clone(), Some(card), call)?;
    let reply = Reply::created(format!("/errands/{id}/designations"), &view)?;
    match Designations(table).ask(&errand, &asked, call.receipt(&reply)).await {
        Ok(()) => Ok(reply),
        Err(Error::Clash(clash)) => Err(match clash.failed.first() {
            Some((0, _)) => Code::AlreadyAsked.into(),
            Some((1, _)) => Code::TooManyAsked.into(),
            Some((2, standing)) => faults::changed(standing.as_ref(), call.now),
            Some((3, _)) => nobody(),
            _ => Code::InProgress.into(),
        }),
        Err(other) => Err(other.into()),
    }
}
