//! GET /auth/nickname-availability: whether a nickname is free.

use deserr::Deserr;
use domain::{input::Invalid, text::Nickname};
use edge::{Call, Grant, Outcome, Reply, Route, Row};
use schemars::JsonSchema;

use crate::{Accounts, email_availability::Availability};

pub(crate) const ROUTE: Route<Accounts> = Row::get("accounts.nickname_availability", "/auth/nickname-availability")
    .summary("Whether a nickname is free")
    .description("Case does not tell two nicknames apart.")
    .features(&["A5"])
    .anyone()
    .may(&[Grant::Table("GetItem", &["NICKNAME#"])])
    .query::<Query>()
    .replies::<Availability>(200)
    .budget(1, 0.5, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Query {
    /// The nickname.
    nickname: Nickname,
}

async fn handle(_: &Accounts, call: &Call<'_>) -> Outcome {
    let Query { nickname } = call.query()?;
    let available = store::Accounts(call.table()?).nickname_is_free(&nickname, call.now).await?;
    Reply::ok(&Availability { available })
}
