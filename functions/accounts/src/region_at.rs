//! GET /regions/at: the district of a position, without an outside service.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use domain::{
    input::{Invalid, Wrong, text_value, wrong_at},
    region::{self, Region},
};
use edge::{Call, Code, Outcome, RegionView, Reply, Route, Row};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::Accounts;

pub(crate) const ROUTE: Route<Accounts> = Row::get("accounts.region_at", "/regions/at")
    .summary("The district of a position")
    .description("404 outside the country. A position up to 2 km off the shore counts to the nearest district.")
    .features(&["P4"])
    .anyone()
    .query::<Query>()
    .replies::<RegionView>(200)
    .problems(&[Code::NotFound])
    .etag()
    .budget(0, 0.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[deserr(error = Invalid, deny_unknown_fields)]
struct Query {
    /// Degrees north.
    lat: Degrees<90>,
    /// Degrees east.
    lng: Degrees<180>,
}

/// Degrees, at most so many either way.
struct Degrees<const MAX: i64>(f64);

impl<const MAX: i64> Deserr<Invalid> for Degrees<MAX> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        let text = text_value(value, at)?;
        let degrees = text.parse().ok().filter(|degrees: &f64| degrees.is_finite() && text.len() <= 32);
        let Some(degrees) = degrees else { return Err(wrong_at(Wrong::WrongType("number".into()), at)) };
        #[expect(clippy::cast_precision_loss, reason = "180 is exact")]
        let max = MAX as f64;
        if degrees < -max {
            Err(wrong_at(Wrong::TooSmall(-MAX), at))
        } else if degrees > max {
            Err(wrong_at(Wrong::TooLarge(MAX), at))
        } else {
            Ok(Self(degrees))
        }
    }
}

impl<const MAX: i64> JsonSchema for Degrees<MAX> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Degrees{MAX}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "number", "minimum": -MAX, "maximum": MAX})
    }
}

async fn handle(_: &Accounts, call: &Call<'_>) -> Outcome {
    let Query { lat, lng } = call.query()?;
    let district = region::at(lat.0, lng.0).ok_or(Code::NotFound)?;
    Reply::ok(&RegionView::from(Region::from(district)))
}
