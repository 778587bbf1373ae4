//! GET /me/presence: what one is seen as.

use edge::{Call, Grant, Outcome, Reply, Route, Row};
use store::Presences;

use crate::{
    Realtime,
    presence_choose::{ABOUT, PresenceView},
};

pub(crate) const ROUTE: Route<Realtime> = Row::get("realtime.presence_show", "/me/presence")
    .summary("What one is seen as")
    .description(ABOUT)
    .features(&["P16"])
    .may(&[Grant::Table("GetItem", &["ACCOUNT#"])])
    .replies::<PresenceView>(200)
    .budget(1, 1.0, 0.0)
    .http(|app, call| Box::pin(show(app, call)));

async fn show(_: &Realtime, call: &Call<'_>) -> Outcome {
    let record = Presences(call.table()?).of(&call.caller()?.id).await?;
    Reply::ok(&PresenceView { presence: record.presence(call.now), choice: record.choice })
}
