//! What every function does at its door: who is calling, what they sent, the reply or the problem, what it cost.
//!
//! A context declares its routes as [`Route`]s; [`run`] is the `main` of its bootstrap. Everything else that is made
//! from a route (the gateway of the laptop, OpenAPI, Terraform's `routes.json`, event files) reads its [`Row`].

mod admission;
mod call;
mod cursor;
mod dispatch;
mod door;
mod env;
mod frame;
mod log;
mod page;
mod problem;
mod row;
mod settings;
mod throttle;
mod token;
mod view;

pub use admission::admitted;
pub use call::{Call, Caller, Event, Outcome, Reply};
pub use cursor::Bound;
pub use dispatch::{Context, Failure, Function, Invocation, Service, functions, run};
pub use domain::lang::Lang;
pub use env::Env;
pub use frame::{Answer, Answered, Connected, Frame};
pub use log::LogSink;
pub use page::{Cursor, Limit, ListQuery, Nothing, Paged};
pub use problem::{Code, Fault, Problem};
pub use row::{Access, Budget, Grant, Method, OnEvent, OnFrame, OnRequest, Push, Route, Row, Trigger, TypeDoc};
pub use settings::{Setting, Settings};
pub use token::{Keys, TokenFault, Verifier};
pub use view::{PersonView, PictureView, RegionView, RenditionView, SuspensionView, rendition_key};
