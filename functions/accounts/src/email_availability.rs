//! GET /auth/email-availability: whether an address can sign up.

use deserr::Deserr;
use domain::{input::Invalid, text::Email, time::MINUTE};
use edge::{Call, Code, Grant, Outcome, Problem, Reply, Route, Row, Setting};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Rate, Rates};

use crate::{Accounts, faults::told};

pub(crate) const ROUTE: Route<Accounts> = Row::get("accounts.email_availability", "/auth/email-availability")
    .summary("Whether an e-mail address is free to sign up with")
    .features(&["A4"])
    .anyone()
    .needs(&[Setting::UserPoolId, Setting::ClientId])
    .may(&[Grant::Table("UpdateItem", &["RATE#email-availability#"]), Grant::Pool(&["ListUsers"])])
    .query::<Query>()
    .replies::<Availability>(200)
    .problems(&[Code::TooMany])
    .budget(2, 0.0, 2.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// What tells whether an address has an account is worth asking a thousand times; thirty at once will do for people.
const RATE: Rate = Rate { what: "email-availability", burst: 30, refill: MINUTE };

#[derive(Deserr, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Query {
    /// The address.
    email: Email,
}

/// Whether something is free.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Availability {
    /// True when it is free.
    pub(crate) available: bool,
}

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    let Query { email } = call.query()?;
    if let Err(seconds) = Rates(call.table()?).take(&RATE, &call.origin(), call.now).await? {
        return Err(Problem::too_many(seconds).into());
    }
    let users = app.pool()?.users_with_email(&email).await.map_err(|refused| told(refused, "email"))?;
    // A federated user's unverified address takes nothing from whoever owns it.
    let taken = users.iter().any(|user| ports::Identity::in_username(&user.username).is_none() || user.email_verified);
    Reply::ok(&Availability { available: !taken })
}
