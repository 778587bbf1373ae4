//! DELETE /errands/{errandId}: its owner takes an errand back.

use domain::{id::ErrandId, listing::Status};
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row};
use store::Error;

use crate::{Errands, faults};

pub(crate) const ROUTE: Route<Errands> = Row::delete("errands.delete", "/errands/{errandId}")
    .summary("Take an errand back")
    .description(
        "While it is open, or overdue. Its quotes lapse, and their makers are told. One that is promised to a maker is ended \
         by its deal. Again is no fault.",
    )
    .features(&["D19"])
    .may(&[Grant::Table("GetItem", &["ERRAND#"]), Grant::Table("PutItem", &["ERRAND#"])])
    .replies_nothing(204)
    .problems(&[Code::NotOwner, Code::WrongStatus])
    .budget(2, 2.0, 10.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Errands, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let id = call.path("errandId", ErrandId::parse)?;
    let store = store::Errands(call.table()?);
    let errand = store.by_id_now(&id).await?.ok_or(Code::NotFound)?;
    if errand.host != caller.id {
        // Of what was taken back nobody else knows.
        let known = errand.status != Status::Withdrawn;
        return Err(if known { Code::NotOwner } else { Code::NotFound }.into());
    }
    if errand.status == Status::Withdrawn {
        return Ok(Reply::nothing());
    }
    let after = errand.clone().withdrawn(call.now).map_err(faults::status)?;
    match store.save(&errand, &after).await {
        Ok(()) => Ok(Reply::nothing()),
        // A quote was confirmed at this moment, or its day was written down as over.
        Err(Error::Clash(clash)) => Err(faults::changed(clash.standing(), call.now)),
        Err(other) => Err(other.into()),
    }
}
