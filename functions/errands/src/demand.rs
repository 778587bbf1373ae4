//! GET /errands/demand: how many errands are open where, and of which kind.

use deserr::Deserr;
use domain::{errand::Journey, input::Invalid, region::ProvinceId};
use edge::{Call, Grant, Outcome, Reply, Route, Row};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{Errands, views::JourneyCount};

pub(crate) const ROUTE: Route<Errands> = Row::get("errands.demand", "/errands/demand")
    .summary("How many errands are open, by province, or by kind of journey in one")
    .description(
        "Counted by what follows from each change, once for each errand. What was put up is counted a moment later; one whose \
         day is over is counted for up to five minutes more.",
    )
    .features(&["D23"])
    .anyone()
    .may(&[Grant::Table("Query", &["DEMAND"])])
    .query::<Query>()
    .replies::<Demand>(200)
    .etag()
    .budget(1, 3.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "DemandQuery", rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Query {
    /// By kind of journey in this province.
    #[deserr(default)]
    province: Option<ProvinceId>,
}

/// How many errands are open.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Demand {
    /// In all.
    total: u64,
    /// By province, all of them; null where one was named.
    provinces: Option<Vec<ProvinceCount>>,
    /// By kind of journey, all of them; null where no province was named.
    journeys: Option<Vec<JourneyCount>>,
}

/// How many errands are open in a province.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ProvinceCount {
    province: ProvinceId,
    open: u64,
}

async fn handle(_: &Errands, call: &Call<'_>) -> Outcome {
    let Query { province } = call.query()?;
    let demand = store::Errands(call.table()?).demand().await?;
    let open = |province: ProvinceId, journey: Journey| demand.get(&(province, journey)).copied().unwrap_or_default();
    let Some(province) = province else {
        let count = |province| Journey::ALL.into_iter().map(|journey| open(province, journey)).sum();
        let provinces: Vec<_> =
            ProvinceId::all().map(|province| ProvinceCount { province, open: count(province) }).collect();
        let total = provinces.iter().map(|province| province.open).sum();
        return Reply::ok(&Demand { total, provinces: Some(provinces), journeys: None });
    };
    let journeys = Journey::ALL.map(|journey| JourneyCount { journey, open: open(province, journey) });
    let total = journeys.iter().map(|journey| journey.open).sum();
    Reply::ok(&Demand { total, provinces: None, journeys: Some(journeys.into()) })
}
