//! PUT /notifications/read: somebody has read everything up to a moment.

use deserr::Deserr;
use domain::{input::Invalid, time::Time};
use edge::{Call, Grant, Outcome, Reply, Route, Row};
use schemars::JsonSchema;
use store::Notifications;

use crate::Notices;

pub(crate) const ROUTE: Route<Notices> = Row::put("notifications.read_all", "/notifications/read")
    .summary("Mark all notifications up to a moment as read")
    .description(
        "`until` is the `updatedAt` of the latest one that was shown: what comes meanwhile stays unread. A moment that has \
         not come means now. One write, however many there are; again is no fault. All connections of the person are told \
         (`notification.read`).",
    )
    .features(&["N2", "N11"])
    .may(&[Grant::Table("UpdateItem", &["ACCOUNT#"])])
    .takes::<Body>()
    .replies_nothing(204)
    .even_suspended()
    .budget(1, 0.0, 1.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "ReadUntil", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    /// Up to this moment, and with it.
    until: Time,
}

async fn handle(_: &Notices, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let Body { until } = call.body()?;
    Notifications(call.table()?).read_until(me, until.min(call.now)).await?;
    Ok(Reply::nothing())
}
