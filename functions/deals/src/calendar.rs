//! GET /listings/{listingId}/calendar: when what is lent is with somebody.

use domain::{id::ListingId, listing::Kind, time::Time};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Deals;

pub(crate) const ROUTE: Route<Deals> = Row::get("deals.calendar", "/listings/{listingId}/calendar")
    .summary("When a rental's thing is with somebody")
    .description("Times that are taken, in order; who has it is not said. Also as iCalendar: `…/calendar.ics`.")
    .features(&["D2", "Z5"])
    .anyone()
    .may(&[Grant::Table("BatchGetItem", &["LISTING#"])])
    .replies::<CalendarView>(200)
    .etag()
    .budget(1, 2.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// When something is with somebody.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Calendar")]
struct CalendarView {
    listing_id: ListingId,
    taken: Vec<TakenView>,
}

/// A time that is taken.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "TakenTime")]
struct TakenView {
    start: Time,
    /// From here on it is free again.
    end: Time,
}

/// A rental's title and the times at which it is with somebody, from now on.
pub(crate) async fn taken(call: &Call<'_>) -> Result<(ListingId, String, Vec<(Time, Time)>), Fault> {
    let id = call.path("listingId", ListingId::parse)?;
    let (listing, calendar) = store::Deals(call.table()?).calendar(&id).await?;
    let listing = listing.filter(|listing| listing.terms.kind() == Kind::Rental).ok_or(Code::NotFound)?;
    let ahead = calendar.times().into_iter().filter(|(_, end)| *end > call.now).collect();
    Ok((id, listing.title.as_str().to_owned(), ahead))
}

async fn handle(_: &Deals, call: &Call<'_>) -> Outcome {
    let (listing_id, _, times) = taken(call).await?;
    let taken = times.into_iter().map(|(start, end)| TakenView { start, end }).collect();
    Reply::ok(&CalendarView { listing_id, taken })
}
