//! POST /auth/sign-up/resend: another code takes the place of the one before.

use deserr::Deserr;
use domain::{input::Invalid, text::Email, time::MINUTE};
use edge::{Call, Code, Grant, Outcome, Problem, Reply, Route, Row, Setting};
use ports::PoolError;
use schemars::JsonSchema;
use serde::Serialize;
use store::{Rate, Rates};

use crate::{Accounts, faults::told, made::holder_of};

pub(crate) const ROUTE: Route<Accounts> = Row::post("accounts.sign_up_resend", "/auth/sign-up/resend")
    .summary("Mail another sign-up code")
    .description("Answers the same whether or not the address waits to be confirmed.")
    .features(&["A3"])
    .anyone()
    .needs(&[Setting::UserPoolId, Setting::ClientId])
    .may(&[Grant::Table("UpdateItem", &["RATE#code#"]), Grant::Pool(&["ResendConfirmationCode"])])
    .takes::<AddressBody>()
    .replies::<Mailed>(202)
    .problems(&[Code::TooMany])
    .budget(2, 0.0, 2.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// Three codes at once to one address, one more each five minutes.
pub(crate) const RATE: Rate = Rate { what: "code", burst: 3, refill: 5 * MINUTE };

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "EmailAddress", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
pub(crate) struct AddressBody {
    pub(crate) email: Email,
}

/// That a code was mailed, if there was a reason to.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Mailed {
    /// Where to.
    pub(crate) email: Email,
}

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    let AddressBody { email } = call.body()?;
    if let Err(seconds) = Rates(call.table()?).take(&RATE, &holder_of(&email), call.now).await? {
        return Err(Problem::too_many(seconds).into());
    }
    match app.pool()?.resend(&email).await {
        Ok(()) | Err(PoolError::BadIdentity | PoolError::WrongCredentials) => Reply::accepted(&Mailed { email }),
        // "User is already confirmed": nothing to mail, and nothing to tell.
        Err(PoolError::Failed(what)) if what.contains("InvalidParameter") => Reply::accepted(&Mailed { email }),
        Err(refused) => Err(told(refused, "/email")),
    }
}
