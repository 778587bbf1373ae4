//! PUT /accounts/{accountId}/follow: the caller follows somebody.

use domain::id::AccountId;
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Error, Follows};

use crate::Trust;

pub(crate) const ROUTE: Route<Trust> = Row::put("trust.follow_set", "/accounts/{accountId}/follow")
    .summary("Follow somebody")
    .description("Again is no fault. Nobody follows themselves.")
    .features(&["P12"])
    .may(&[
        Grant::Table("BatchGetItem", &["ACCOUNT#"]),
        Grant::Table("ConditionCheckItem", &["ACCOUNT#"]),
        Grant::Table("PutItem", &["ACCOUNT#"]),
        Grant::Table("UpdateItem", &["ACCOUNT#"]),
    ])
    .replies::<FollowView>(200)
    .problems(&[Code::Oneself])
    .budget(2, 3.0, 12.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// Whether the caller follows somebody, and how many do.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Follow")]
pub(crate) struct FollowView {
    /// The caller.
    pub(crate) following: bool,
    /// How many in all.
    pub(crate) followers: u64,
}

async fn handle(_: &Trust, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let whom = call.path("accountId", AccountId::parse)?;
    if whom == *me {
        return Err(Code::Oneself.into());
    }
    let follows = Follows(call.table()?);
    let (already, mut followers) = follows.between(me, &whom).await?.ok_or(Code::NotFound)?;
    if !already {
        match follows.set(me, &whom, call.now).await {
            Ok(()) => followers += 1,
            // Set by another device a moment ago.
            Err(Error::Clash(clash)) if clash.at(0) => {}
            Err(Error::Clash(_)) => return Err(Fault::from(Code::NotFound)),
            Err(other) => return Err(other.into()),
        }
    }
    Reply::ok(&FollowView { following: true, followers })
}
