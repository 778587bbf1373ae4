//! GET /me/notification-preferences: what somebody wants to be told, and how.

use edge::{Call, Grant, Outcome, Reply, Route, Row};
use store::Notifications;

use crate::{Notices, views::PreferencesView};

pub(crate) const ROUTE: Route<Notices> = Row::get("notifications.preferences", "/me/notification-preferences")
    .summary("What one wants to be told, and how")
    .features(&["N3", "N12"])
    .may(&[Grant::Table("GetItem", &["ACCOUNT#"])])
    .replies::<PreferencesView>(200)
    .budget(1, 1.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Notices, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    Reply::ok(&PreferencesView::from(Notifications(call.table()?).settings(me).await?))
}
