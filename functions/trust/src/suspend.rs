//! PUT /admin/accounts/{accountId}/suspension: an administrator suspends somebody.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use domain::{
    id::AccountId,
    input::{Invalid, Wrong, integer_value},
    text::Reason,
    time::DAY,
    trust::{MOST_DAYS, Suspension},
};
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row, SuspensionView};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use store::{AccountRecord, Accounts, Suspensions};

use crate::Trust;

pub(crate) const ROUTE: Route<Trust> = Row::put("trust.suspend", "/admin/accounts/{accountId}/suspension")
    .summary("Suspend somebody (administrators)")
    .description(
        "For 1–365 days, or for good; in the place of what was before. Within a minute no door lets them in but those to their \
         own account, to their notifications and out; their connections end. They are told why.",
    )
    .features(&["X1", "X3"])
    .admin()
    .may(&[Grant::Table("GetItem", &["ACCOUNT#"]), Grant::Table("PutItem", &["ACCOUNT#", "SUSPENSIONS"])])
    .takes::<Body>()
    .replies::<SuspensionView>(200)
    .problems(&[Code::Oneself])
    .budget(2, 1.0, 6.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// Days, 1–365.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Days(pub(crate) u16);

impl Deserr<Invalid> for Days {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        Ok(Self(u16::try_from(integer_value(value, at, 1..=MOST_DAYS)?).unwrap_or(1)))
    }
}

impl JsonSchema for Days {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Days".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": 1, "maximum": MOST_DAYS})
    }
}

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "NewSuspension", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    /// For how many days; without, `forGood` is needed.
    #[deserr(default)]
    days: Option<Days>,
    /// For good.
    #[deserr(default)]
    for_good: Option<bool>,
    reason: Reason,
}

async fn handle(_: &Trust, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let account = call.path("accountId", AccountId::parse)?;
    let Body { days, for_good, reason } = call.body()?;
    let until = match (days, for_good.unwrap_or(false)) {
        (Some(days), false) => call.now.plus(i64::from(days.0) * DAY),
        (None, true) => Suspension::for_good(),
        (None, false) => return Err(Invalid::one("/days", Wrong::Missing).into()),
        (Some(_), true) => return Err(Invalid::one("/days", Wrong::NotTogether("forGood")).into()),
    };
    if account == *me {
        return Err(Code::Oneself.into());
    }
    let table = call.table()?;
    Accounts(table).by_id_now(&account).await?.and_then(AccountRecord::active).ok_or(Code::NotFound)?;
    let suspension = Suspension { account, until, reason, since: call.now, by: me.clone() };
    Suspensions(table).set(&suspension).await?;
    Reply::ok(&SuspensionView::from(suspension))
}
