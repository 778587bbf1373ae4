//! PUT /notifications/{notificationId}/read: somebody has read a notification.

use domain::id::NotificationId;
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row};
use store::{Error, Notifications};

use crate::Notices;

pub(crate) const ROUTE: Route<Notices> = Row::put("notifications.read", "/notifications/{notificationId}/read")
    .summary("Mark a notification as read")
    .description("Again is no fault. All connections of the person are told (`notification.read`).")
    .features(&["N2", "N11"])
    .may(&[Grant::Table("UpdateItem", &["ACCOUNT#"])])
    .replies_nothing(204)
    .even_suspended()
    .budget(1, 0.0, 4.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Notices, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let id = call.path("notificationId", NotificationId::parse)?;
    match Notifications(call.table()?).read(me, &id).await {
        Ok(()) => Ok(Reply::nothing()),
        Err(Error::Clash(_)) => Err(Code::NotFound.into()),
        Err(other) => Err(Fault::from(other)),
    }
}
