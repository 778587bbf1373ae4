//! DELETE /errands/{errandId}/designations/me: a maker who was asked for a quote says no.

use domain::{errand::Asked, id::ErrandId, listing::Status};
use edge::{Call, Code, Grant, Outcome, Problem, Reply, Route, Row};
use store::{Designations, Error};

use crate::{Errands, faults};

pub(crate) const ROUTE: Route<Errands> = Row::delete("errands.decline", "/errands/{errandId}/designations/me")
    .summary("Say no to being asked for a quote")
    .description("While the errand is open and one has not quoted. Its owner is told. Again is no fault.")
    .features(&["D13", "N5"])
    .may(&[
        Grant::Table("BatchGetItem", &["ACCOUNT#", "ERRAND#"]),
        Grant::Table("PutItem", &["ERRAND#"]),
        Grant::Table("UpdateItem", &["ERRAND#"]),
    ])
    .replies_nothing(204)
    .problems(&[Code::WrongStatus, Code::AlreadyQuoted])
    .budget(2, 8.0, 12.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Errands, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let id = call.path("errandId", ErrandId::parse)?;
    let table = call.table()?;
    let found = store::Errands(table).for_reader(&id, Some(me)).await?;
    let found = found.filter(|found| found.errand.status != Status::Withdrawn).ok_or(Code::NotFound)?;
    let asked = found.designation.ok_or(Code::NotFound)?;
    match asked.state {
        Asked::Declined => return Ok(Reply::nothing()),
        Asked::Waiting => faults::open(&found.errand, call.now)?,
        Asked::Lapsed => return Err(faults::status(found.errand.status_at(call.now))),
        Asked::Quoted => {
            let problem = Problem::new(Code::AlreadyQuoted);
            return Err(match found.quote {
                Some(quote) => problem.with("deal", quote.as_str()).into(),
                None => problem.into(),
            });
        }
    }
    match Designations(table).answer(&asked, Asked::Declined, call.now).await {
        Ok(()) => Ok(Reply::nothing()),
        // Answered by another device at this moment, or too late.
        Err(Error::Clash(_)) => Err(Code::InProgress.into()),
        Err(other) => Err(other.into()),
    }
}
