//! `ping`: a sign of life both ways. API Gateway ends a connection that was silent for ten minutes.

use domain::time::Time;
use edge::{Answer, Answered, Frame, Grant, Method, Route, Row};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Realtime;

pub(crate) const ROUTE: Route<Realtime> = Row::socket("realtime.ping", "ping")
    .summary("A sign of life")
    .description("Send one every nine minutes or so: ten minutes of silence end a connection.")
    .features(&["C1"])
    .may(&[Grant::Connections(&[Method::Post])])
    .answers("pong")
    .replies::<Pong>(200)
    .budget(0, 0.0, 0.0)
    .frame(|app, frame| Box::pin(handle(app, frame)));

#[derive(Serialize, JsonSchema)]
struct Pong {
    /// When the ping arrived.
    at: Time,
}

async fn handle(_: &Realtime, frame: &Frame<'_>) -> Answered {
    Answer::of(&Pong { at: frame.now })
}
