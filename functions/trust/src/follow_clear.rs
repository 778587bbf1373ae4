//! DELETE /accounts/{accountId}/follow: the caller follows somebody no more.

use domain::id::AccountId;
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row};
use store::{Error, Follows};

use crate::{Trust, follow_set::FollowView};

pub(crate) const ROUTE: Route<Trust> = Row::delete("trust.follow_clear", "/accounts/{accountId}/follow")
    .summary("Follow somebody no more")
    .description("That one does not is no fault.")
    .features(&["P12"])
    .may(&[
        Grant::Table("BatchGetItem", &["ACCOUNT#"]),
        Grant::Table("DeleteItem", &["ACCOUNT#"]),
        Grant::Table("UpdateItem", &["ACCOUNT#"]),
    ])
    .replies::<FollowView>(200)
    .budget(2, 3.0, 10.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Trust, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let whom = call.path("accountId", AccountId::parse)?;
    let follows = Follows(call.table()?);
    let (there, mut followers) = follows.between(me, &whom).await?.ok_or(Code::NotFound)?;
    if there {
        match follows.clear(me, &whom).await {
            Ok(()) => followers = followers.saturating_sub(1),
            // Done by another device a moment ago, or the other has left.
            Err(Error::Clash(_)) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Reply::ok(&FollowView { following: false, followers })
}
