//! GET /regions: the provinces and districts of the country.

use domain::region;
use edge::{Call, Outcome, Reply, Route, Row};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Accounts;

pub(crate) const ROUTE: Route<Accounts> = Row::get("accounts.region_list", "/regions")
    .summary("The 17 provinces and their districts")
    .description("Boundaries: © National Geographic Information Institute, 2023-09-15.")
    .features(&["P4", "L11"])
    .anyone()
    .replies::<View>(200)
    .etag()
    .budget(0, 0.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Regions")]
struct View {
    provinces: Vec<ProvinceView>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Province")]
struct ProvinceView {
    id: &'static str,
    name_ko: &'static str,
    name_en: &'static str,
    districts: Vec<DistrictView>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DistrictOfProvince")]
struct DistrictView {
    id: &'static str,
    name_ko: &'static str,
    name_en: &'static str,
    /// A point inside.
    lat: f64,
    lng: f64,
}

async fn handle(_: &Accounts, _: &Call<'_>) -> Outcome {
    let provinces = region::provinces()
        .iter()
        .map(|province| ProvinceView {
            id: province.id,
            name_ko: province.name_ko,
            name_en: province.name_en,
            districts: region::districts()
                .iter()
                .filter(|district| district.province == province.id)
                .map(|district| DistrictView {
                    id: district.id,
                    name_ko: district.name_ko,
                    name_en: district.name_en,
                    lat: district.lat,
                    lng: district.lng,
                })
                .collect(),
        })
        .collect();
    Ok(Reply::ok(&View { provinces })?.with("cache-control", "public, max-age=86400".to_owned()))
}
