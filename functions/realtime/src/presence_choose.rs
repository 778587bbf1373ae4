//! PUT /me/presence and `presence.choose`: what one wants to be seen as.

use deserr::Deserr;
use domain::{
    input::Invalid,
    presence::{Choice, Presence},
};
use edge::{Answer, Answered, Call, Fault, Frame, Grant, Method, Outcome, Reply, Route, Row};
use schemars::JsonSchema;
use serde::Serialize;
use store::Presences;

use crate::Realtime;

pub(crate) const ABOUT: &str = "`automatic` follows one's connections: online, away after five minutes without anything done, \
     offline. `away` and `invisible` are what others see whatever one does. Whoever shares a room sees it.";

pub(crate) const ROUTE: Route<Realtime> = Row::put("realtime.presence_choose", "/me/presence")
    .summary("Choose what one is seen as")
    .description(ABOUT)
    .features(&["P16"])
    .may(&[Grant::Table("UpdateItem", &["ACCOUNT#"])])
    .takes::<Body>()
    .replies::<PresenceView>(200)
    .budget(1, 0.0, 2.0)
    .http(|app, call| Box::pin(choose(app, call)));

pub(crate) const LIVE: Route<Realtime> = Row::socket("realtime.presence_choose_live", "presence.choose")
    .summary("Choose what one is seen as")
    .description(ABOUT)
    .features(&["P16"])
    .may(&[Grant::Table("UpdateItem", &["ACCOUNT#"]), Grant::Connections(&[Method::Post])])
    .takes::<Body>()
    .replies::<PresenceView>(200)
    .budget(1, 0.0, 2.0)
    .frame(|app, frame| Box::pin(choose_live(app, frame)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "PresenceChoice", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    choice: Choice,
}

/// What one is seen as.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OwnPresence")]
pub(crate) struct PresenceView {
    /// What others see.
    pub(crate) presence: Presence,
    /// What one chose.
    pub(crate) choice: Choice,
}

async fn choose(_: &Realtime, call: &Call<'_>) -> Outcome {
    let Body { choice } = call.body()?;
    let presences = Presences(call.table()?);
    Reply::ok(&chosen(presences, &call.caller()?.id, choice, call.now).await?)
}

async fn choose_live(_: &Realtime, frame: &Frame<'_>) -> Answered {
    let Body { choice } = frame.body()?;
    Answer::of(&chosen(Presences(frame.table()?), &frame.caller()?.id, choice, frame.now).await?)
}

async fn chosen(
    presences: Presences<'_>,
    account: &domain::id::AccountId,
    choice: Choice,
    now: domain::time::Time,
) -> Result<PresenceView, Fault> {
    let record = presences.choose(account, choice).await?;
    Ok(PresenceView { presence: record.presence(now), choice })
}
