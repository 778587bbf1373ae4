//! GET /me/following: whom the caller follows.

use domain::time::Time;
use edge::{Call, Code, Grant, Outcome, Paged, PersonView, Reply, Route, Row, Setting};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Accounts, Follows};

use crate::{Trust, views::PageQuery};

pub(crate) const ROUTE: Route<Trust> = Row::get("trust.following", "/me/following")
    .summary("Whom one follows, the latest first")
    .features(&["P12"])
    .needs(&[Setting::MediaUrl, Setting::CursorKey])
    .may(&[Grant::Index("gsi1", &["FOLLOWS#"]), Grant::Table("BatchGetItem", &["ACCOUNT#"])])
    .query::<PageQuery>()
    .replies::<Paged<FollowedView>>(200)
    .problems(&[Code::BadCursor])
    .budget(2, 56.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// Somebody whom the caller follows.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Followed")]
struct FollowedView {
    #[serde(flatten)]
    person: PersonView,
    /// Since when.
    since: Time,
}

async fn handle(_: &Trust, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let PageQuery { limit, cursor } = call.query()?;
    let after = call.position(cursor.as_ref())?;
    let media_url = call.setting(Setting::MediaUrl)?;
    let (follows, next) = Follows(call.table()?).of(me, after.as_deref(), limit.0).await?;
    let ids: Vec<_> = follows.iter().map(|(whom, _)| whom.clone()).collect();
    let people = Accounts(call.table()?).by_ids(&ids).await?;
    let views = follows.into_iter().filter_map(|(whom, since)| {
        // Whoever has left a moment ago is followed no more a moment later.
        Some(FollowedView { person: PersonView::of(people.get(&whom)?, media_url), since })
    });
    Reply::ok(&call.paged(views.collect(), next)?)
}
