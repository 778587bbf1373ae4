//! GET /notifications/count: how many were not read.

use edge::{Call, Grant, Outcome, Reply, Route, Row};
use store::Notifications;

use crate::{Notices, views::Unread};

pub(crate) const ROUTE: Route<Notices> = Row::get("notifications.count", "/notifications/count")
    .summary("How many notifications were not read")
    .description("A hundred means a hundred or more.")
    .features(&["N11"])
    .may(&[Grant::Table("GetItem", &["ACCOUNT#"]), Grant::Index("gsi2", &["UNREAD#"])])
    .replies::<Unread>(200)
    .even_suspended()
    .budget(2, 4.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Notices, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let notifications = Notifications(call.table()?);
    let settings = notifications.settings(me).await?;
    Reply::ok(&Unread { unread: notifications.unread(me, &settings, call.now, None).await? })
}
