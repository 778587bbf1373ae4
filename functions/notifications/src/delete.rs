//! DELETE /notifications/{notificationId}: somebody wants to see a notification no more.

use domain::id::NotificationId;
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row};
use store::{Error, Notifications};

use crate::Notices;

pub(crate) const ROUTE: Route<Notices> = Row::delete("notifications.delete", "/notifications/{notificationId}")
    .summary("Delete a notification")
    .description(
        "Again is no fault. It stays deleted; of a conversation, the next message makes one anew. All connections of the \
         person are told (`notification.removed`).",
    )
    .features(&["N2"])
    .may(&[Grant::Table("UpdateItem", &["ACCOUNT#"])])
    .replies_nothing(204)
    .budget(1, 0.0, 4.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Notices, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let id = call.path("notificationId", NotificationId::parse)?;
    match Notifications(call.table()?).delete(me, &id, call.now).await {
        Ok(()) => Ok(Reply::nothing()),
        Err(Error::Clash(_)) => Err(Code::NotFound.into()),
        Err(other) => Err(Fault::from(other)),
    }
}
