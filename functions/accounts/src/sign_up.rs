//! POST /auth/sign-up: somebody signs up by e-mail; a code is mailed.

use deserr::Deserr;
use domain::{
    account::TERMS_VERSION,
    id::AccountId,
    input::Invalid,
    text::{Email, Nickname, Password},
    time::MINUTE,
};
use edge::{Call, Code, Fault, Grant, Outcome, Problem, Reply, Route, Row, Setting};
use ports::PoolError;
use schemars::JsonSchema;
use serde::Serialize;
use store::{Error, Rate, Rates};

use crate::{Accounts, agreed::Agreed, faults::told, made::holder_of};

pub(crate) const ROUTE: Route<Accounts> = Row::post("accounts.sign_up", "/auth/sign-up")
    .summary("Sign up by e-mail")
    .description("A six-digit code is mailed; `POST /auth/sign-up/confirm` takes it. The nickname is held for a day.")
    .features(&["A1", "A23", "A5"])
    .anyone()
    .idempotent()
    .needs(&[Setting::UserPoolId, Setting::ClientId])
    .may(&[
        Grant::Table("UpdateItem", &["RATE#sign-up#"]),
        Grant::Table("PutItem", &["NICKNAME#", "RECEIPT#accounts.sign_up#"]),
        Grant::Table("DeleteItem", &["NICKNAME#"]),
        Grant::Table("GetItem", &["RECEIPT#accounts.sign_up#"]),
        Grant::Pool(&["SignUp"]),
    ])
    .takes::<Body>()
    .replies::<View>(201)
    .problems(&[Code::EmailTaken, Code::NicknameTaken, Code::TooMany])
    .budget(4, 1.0, 5.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// Ten sign-ups at once from one address, one more each ten minutes.
const RATE: Rate = Rate { what: "sign-up", burst: 10, refill: 10 * MINUTE };

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "SignUp", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    email: Email,
    password: Password,
    nickname: Nickname,
    agrees_to_terms: Agreed,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SignedUp")]
struct View {
    /// The account that will be there once the address is confirmed.
    account_id: AccountId,
    /// Where the code was mailed.
    email: Email,
}

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    let Body { email, password, nickname, agrees_to_terms: Agreed } = call.body()?;
    let table = call.table()?;
    let accounts = store::Accounts(table);
    let holder = holder_of(&email);

    // In this order: whoever is turned away for asking too often holds no nickname.
    if let Err(seconds) = Rates(table).take(&RATE, &call.origin(), call.now).await? {
        return Err(Problem::too_many(seconds).into());
    }
    accounts.hold_nickname(&nickname, &holder, call.now).await.map_err(|error| match error {
        Error::Clash(_) => Fault::from(Code::NicknameTaken),
        other => other.into(),
    })?;

    let sub = match app.pool()?.sign_up(&email, &password, &nickname, TERMS_VERSION).await {
        Ok(sub) => sub,
        Err(refused) => {
            // Whoever signed up with this address before keeps what they hold.
            if refused != PoolError::EmailTaken {
                accounts.release_nickname(&nickname, &holder).await?;
            }
            return Err(told(refused, "/password"));
        }
    };
    let account_id = AccountId::parse(&sub).map_err(|_| Fault::internal("the pool's sub is no UUID"))?;
    let reply = Reply::created(format!("/accounts/{account_id}"), &View { account_id, email })?;
    if let Some(receipt) = call.receipt(&reply) {
        store::Receipts(table).write(&receipt).await?;
    }
    Ok(reply)
}
