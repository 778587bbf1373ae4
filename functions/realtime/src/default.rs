//! `$default`: frames that no action takes are told so.

use domain::input::{Invalid, Wrong};
use edge::{Answered, Code, Fault, Frame, Grant, Method, Problem, Route, Row};
use serde_json::Value;

use crate::Realtime;

pub(crate) const ROUTE: Route<Realtime> = Row::socket("realtime.default", "$default")
    .summary("A frame that no action takes")
    .description("What is no JSON object, names no action, or names one that does not exist.")
    .features(&["C21"])
    .may(&[Grant::Connections(&[Method::Post])])
    .answers_nothing()
    .problems(&[Code::UnknownAction])
    .budget(0, 0.0, 0.0)
    .frame(|app, frame| Box::pin(handle(app, frame)));

async fn handle(_: &Realtime, frame: &Frame<'_>) -> Answered {
    Err(refused(frame.action()))
}

/// Which actions there are is said by the API's document, not here: this function knows its own context's alone.
fn refused(action: Option<&Value>) -> Fault {
    match action {
        None => Invalid::one("/action", Wrong::Missing).into(),
        Some(Value::String(action)) => {
            // A hostile action may be a hundred kilobytes long; the client knows what it sent.
            let action: String = action.chars().take(64).collect();
            Problem::new(Code::UnknownAction).with("action", action).into()
        }
        Some(_) => Invalid::one("/action", Wrong::WrongType("string".into())).into(),
    }
}
