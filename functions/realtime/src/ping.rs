//! `ping`: a sign of life both ways. API Gateway ends a connection that was silent for ten minutes.

use deserr::Deserr;
use domain::{input::Invalid, time::Time};
use edge::{Answer, Answered, Frame, Grant, Method, Route, Row};
use schemars::JsonSchema;
use serde::Serialize;
use store::Connections;

use crate::Realtime;

pub(crate) const ROUTE: Route<Realtime> = Row::socket("realtime.ping", "ping")
    .summary("A sign of life")
    .description(
        "Send one every five minutes: ten minutes of silence end a connection. `active` says whether its person did \
         something since the last one; who did nothing for five minutes is away.",
    )
    .features(&["C1", "P16"])
    .may(&[Grant::Table("UpdateItem", &["CONNECTION#"]), Grant::Connections(&[Method::Post])])
    .takes::<Body>()
    .answers("pong")
    .replies::<Pong>(200)
    .budget(1, 0.0, 2.0)
    .frame(|app, frame| Box::pin(handle(app, frame)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "Ping", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    /// Whether the person did something since the last ping; nothing is noted where it is not said.
    #[deserr(default)]
    active: Option<bool>,
}

#[derive(Serialize, JsonSchema)]
struct Pong {
    /// When the ping arrived.
    at: Time,
}

async fn handle(_: &Realtime, frame: &Frame<'_>) -> Answered {
    let Body { active } = frame.body()?;
    if let Some(active) = active {
        Connections(frame.table()?).seen(&frame.connection()?.id, active, frame.now).await?;
    }
    Answer::of(&Pong { at: frame.now })
}
