//! A route, declared once. Terraform, the laptop's gateway, OpenAPI, sample events and the authorisation matrix are read
//! from these rows.

use futures::future::BoxFuture;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use store::keys;

use crate::{
    call::{Call, Event, Outcome},
    dispatch::{self, Context, Served},
    frame::{Answered, Frame},
    problem::{Code, Fault},
    settings::Setting,
};

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes, or does.
    Post,
    /// Sets the whole.
    Put,
    /// Sets some.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The word in a request line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What sets a function off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// A request to the HTTP API.
    Http {
        /// Its method.
        method: Method,
        /// Its path, parameters in braces.
        path: &'static str,
    },
    /// The clock: an EventBridge expression.
    Schedule(&'static str),
    /// An object put into the bucket below a prefix.
    Bucket(&'static str),
    /// Changes of the table.
    Stream,
    /// A trigger of the user pool, by its name in the pool's `LambdaConfig`.
    Pool(&'static str),
    /// A route of the WebSocket API: `$connect`, `$disconnect`, `$default`, or the `action` of a frame.
    Socket(&'static str),
    /// Who may open a connection to the WebSocket API.
    Authorizer,
    /// Another function, which hands something over and does not wait.
    Call,
}

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody; a token is not looked at.
    Anyone,
    /// Anybody; whoever sends a token is known by it, and a bad one is refused.
    Maybe,
    /// Whoever is signed in.
    Member,
    /// Members of the pool's group `admin` (row A22).
    Admin,
    /// AWS itself.
    Machine,
}

impl Access {
    /// The word in generated files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::Maybe => "maybe",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Machine => "machine",
        }
    }
}

/// What a function may do with AWS: its role grants this and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// An action on items of the table whose partition key begins so.
    Table(&'static str, &'static [&'static str]),
    /// A query of an index (`gsi1` …) on partitions that begin so.
    Index(&'static str, &'static [&'static str]),
    /// An action on the bucket's objects below a prefix.
    Bucket(&'static str, &'static str),
    /// Actions of the user pool.
    Pool(&'static [&'static str]),
    /// Invoking a function by its row's name.
    Invoke(&'static str),
    /// Sending mail, in the name that the deployment has for it.
    Mail,
    /// Requests to connections of the WebSocket API: `POST` sends a frame, `GET` asks, `DELETE` hangs up.
    Connections(&'static [Method]),
}

/// The most an invocation may take of the table; a test fails when one takes more (row Z9).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// Round trips in sequence.
    pub round_trips: u32,
    /// Read capacity units.
    pub read: f64,
    /// Write capacity units.
    pub write: f64,
}

/// Makes the schema of a type.
pub type TypeDoc = fn(&mut SchemaGenerator) -> Schema;

/// A frame that a row may send to connections besides its answer.
#[derive(Debug, Clone, Copy)]
pub struct Push {
    /// Its `type`.
    pub kind: &'static str,
    /// Its fields besides `type`.
    pub payload: TypeDoc,
    /// One line for a person: when it is sent, and to whom.
    pub summary: &'static str,
}

impl Push {
    /// A frame of this `type` with the fields of a view.
    #[must_use]
    pub const fn of<T: JsonSchema>(kind: &'static str, summary: &'static str) -> Self {
        Self { kind, payload: |generator| generator.subschema_for::<T>(), summary }
    }
}

/// A route without its handler.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// `context.what`, unique in the product; the function is named after it.
    pub name: &'static str,
    /// What sets it off.
    pub trigger: Trigger,
    /// Who may call.
    pub access: Access,
    /// One line for a person.
    pub summary: &'static str,
    /// More for a person, in Markdown.
    pub description: &'static str,
    /// Rows of the product's list of features.
    pub features: &'static [&'static str],
    /// Settings it needs.
    pub needs: &'static [Setting],
    /// What it may do.
    pub may: &'static [Grant],
    /// Megabytes of memory, which also sets its share of a processor.
    pub memory_mb: u16,
    /// Seconds until it is stopped.
    pub timeout_s: u16,
    /// The body it takes; of a frame, its fields besides `action` and `ref`; of a call, the event.
    pub body: Option<TypeDoc>,
    /// The query parameters it takes, as the properties of an object.
    pub query: Option<TypeDoc>,
    /// Status and body of the usual reply; of a frame's, its fields besides `type` and `ref`.
    pub reply: (u16, Option<TypeDoc>),
    /// What the usual reply's body is written in.
    pub content_type: &'static str,
    /// The `type` of the frame that answers a frame, where it is answered when all goes well.
    pub answer: Option<&'static str>,
    /// The frames it may send to connections besides its answer.
    pub pushes: &'static [Push],
    /// Further problems it can answer with, beyond those that follow from the above.
    pub problems: &'static [Code],
    /// Whether it takes an `Idempotency-Key`.
    pub idempotent: bool,
    /// Whether its reply sets or clears the refresh cookie.
    pub sets_cookie: bool,
    /// Whether it answers `If-None-Match` with 304.
    pub etag: bool,
    /// Whether somebody who is suspended may call all the same.
    pub even_suspended: bool,
    /// The most it may take of the table; the door's share is not in it, see [`Row::whole_budget`].
    pub budget: Budget,
}

/// What handles a request and makes its reply.
pub type OnRequest<A> = for<'a> fn(&'a A, &'a Call<'a>) -> BoxFuture<'a, Outcome>;
/// What handles a frame of the WebSocket API and makes its answer.
pub type OnFrame<A> = for<'a> fn(&'a A, &'a Frame<'a>) -> BoxFuture<'a, Answered>;
/// What handles an event of AWS and says what it is answered.
pub type OnEvent<A> = for<'a> fn(&'a A, Event<'a>) -> BoxFuture<'a, Result<serde_json::Value, Fault>>;

/// How a route is handled, with the door in front of it: a context that has no frames carries nothing of what reading and
/// answering them takes, nor of what requests do where it has none.
pub(crate) enum Handler<A: 'static> {
    /// A request and its reply.
    Request(OnRequest<A>, Served<A, OnRequest<A>>),
    /// A frame and its answer.
    Frame(OnFrame<A>, Served<A, OnFrame<A>>),
    /// An event and what it is answered.
    Event(OnEvent<A>, Served<A, OnEvent<A>>),
}

/// A route of the context whose functions share an `A`.
pub struct Route<A: 'static> {
    /// What everybody may know of it.
    pub row: Row,
    /// What it does.
    pub(crate) handler: Handler<A>,
}

const READS: Budget = Budget { round_trips: 2, read: 2.0, write: 0.0 };
const WRITES: Budget = Budget { round_trips: 3, read: 4.0, write: 8.0 };

impl Row {
    const fn new(name: &'static str, trigger: Trigger, access: Access, budget: Budget) -> Self {
        Self {
            name,
            trigger,
            access,
            summary: "",
            description: "",
            features: &[],
            needs: &[],
            may: &[],
            memory_mb: 256,
            timeout_s: 10,
            body: None,
            query: None,
            reply: (204, None),
            content_type: "application/json",
            answer: None,
            pushes: &[],
            problems: &[],
            idempotent: false,
            sets_cookie: false,
            etag: false,
            even_suspended: false,
            budget,
        }
    }

    /// `GET path`.
    #[must_use]
    pub const fn get(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Trigger::Http { method: Method::Get, path }, Access::Member, READS)
    }

    /// `POST path`.
    #[must_use]
    pub const fn post(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Trigger::Http { method: Method::Post, path }, Access::Member, WRITES)
    }

    /// `PUT path`.
    #[must_use]
    pub const fn put(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Trigger::Http { method: Method::Put, path }, Access::Member, WRITES)
    }

    /// `PATCH path`.
    #[must_use]
    pub const fn patch(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Trigger::Http { method: Method::Patch, path }, Access::Member, WRITES)
    }

    /// `DELETE path`.
    #[must_use]
    pub const fn delete(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Trigger::Http { method: Method::Delete, path }, Access::Member, WRITES)
    }

    /// Set off by the clock.
    #[must_use]
    pub const fn schedule(name: &'static str, expression: &'static str) -> Self {
        Self::new(name, Trigger::Schedule(expression), Access::Machine, UNBOUNDED)
    }

    /// Set off by an object in the bucket.
    #[must_use]
    pub const fn bucket(name: &'static str, prefix: &'static str) -> Self {
        Self::new(name, Trigger::Bucket(prefix), Access::Machine, WRITES)
    }

    /// Set off by changes of the table.
    #[must_use]
    pub const fn stream(name: &'static str) -> Self {
        Self::new(name, Trigger::Stream, Access::Machine, UNBOUNDED)
    }

    /// Set off by the user pool.
    #[must_use]
    pub const fn pool(name: &'static str, trigger: &'static str) -> Self {
        Self { timeout_s: 5, ..Self::new(name, Trigger::Pool(trigger), Access::Machine, WRITES) }
    }

    /// A route of the WebSocket API, for whoever is connected. A frame is answered by an `ack`.
    #[must_use]
    pub const fn socket(name: &'static str, route: &'static str) -> Self {
        Self { answer: Some("ack"), ..Self::new(name, Trigger::Socket(route), Access::Member, WRITES) }
    }

    /// Says who may open a connection to the WebSocket API.
    #[must_use]
    pub const fn authorizer(name: &'static str) -> Self {
        Self::new(name, Trigger::Authorizer, Access::Machine, READS)
    }

    /// Set off by other functions alone, which hand something over and do not wait: those that may by
    /// [`Grant::Invoke`]. What it fails on three times goes to the queue of failures.
    #[must_use]
    pub const fn call(name: &'static str) -> Self {
        Self::new(name, Trigger::Call, Access::Machine, UNBOUNDED)
    }

    /// One line for a person.
    #[must_use]
    pub const fn summary(self, summary: &'static str) -> Self {
        Self { summary, ..self }
    }

    /// More for a person.
    #[must_use]
    pub const fn description(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    /// The rows of the list of features that it serves.
    #[must_use]
    pub const fn features(self, features: &'static [&'static str]) -> Self {
        Self { features, ..self }
    }

    /// Anybody may call.
    #[must_use]
    pub const fn anyone(self) -> Self {
        Self { access: Access::Anyone, ..self }
    }

    /// Anybody may call, and whoever sends a token is known.
    #[must_use]
    pub const fn maybe(self) -> Self {
        Self { access: Access::Maybe, ..self }
    }

    /// Administrators may call.
    #[must_use]
    pub const fn admin(self) -> Self {
        Self { access: Access::Admin, ..self }
    }

    /// The settings it needs.
    #[must_use]
    pub const fn needs(self, needs: &'static [Setting]) -> Self {
        Self { needs, ..self }
    }

    /// What it may do.
    #[must_use]
    pub const fn may(self, may: &'static [Grant]) -> Self {
        Self { may, ..self }
    }

    /// Megabytes and seconds, where the usual 256 and 10 do not do.
    #[must_use]
    pub const fn size(self, memory_mb: u16, timeout_s: u16) -> Self {
        Self { memory_mb, timeout_s, ..self }
    }

    /// The body, the frame's fields or the event it takes.
    #[must_use]
    pub const fn takes<T: JsonSchema>(self) -> Self {
        Self { body: Some(|generator| generator.subschema_for::<T>()), ..self }
    }

    /// The query parameters it takes.
    #[must_use]
    pub const fn query<T: JsonSchema>(self) -> Self {
        Self { query: Some(|generator| generator.subschema_for::<T>()), ..self }
    }

    /// The usual reply.
    #[must_use]
    pub const fn replies<T: JsonSchema>(self, status: u16) -> Self {
        Self { reply: (status, Some(|generator| generator.subschema_for::<T>())), ..self }
    }

    /// A usual reply that is a text of another type than JSON.
    #[must_use]
    pub const fn replies_text(self, status: u16, content_type: &'static str) -> Self {
        Self { reply: (status, Some(|generator| generator.subschema_for::<String>())), content_type, ..self }
    }

    /// A usual reply without a body.
    #[must_use]
    pub const fn replies_nothing(self, status: u16) -> Self {
        Self { reply: (status, None), ..self }
    }

    /// The `type` of the frame that answers, where it is no `ack`.
    #[must_use]
    pub const fn answers(self, kind: &'static str) -> Self {
        Self { answer: Some(kind), ..self }
    }

    /// Only problems are answered.
    #[must_use]
    pub const fn answers_nothing(self) -> Self {
        Self { answer: None, ..self }
    }

    /// The frames it may send to connections besides its answer.
    #[must_use]
    pub const fn pushes(self, pushes: &'static [Push]) -> Self {
        Self { pushes, ..self }
    }

    /// Further problems.
    #[must_use]
    pub const fn problems(self, problems: &'static [Code]) -> Self {
        Self { problems, ..self }
    }

    /// Takes an `Idempotency-Key`.
    #[must_use]
    pub const fn idempotent(self) -> Self {
        Self { idempotent: true, ..self }
    }

    /// Sets or clears the refresh cookie.
    #[must_use]
    pub const fn sets_cookie(self) -> Self {
        Self { sets_cookie: true, ..self }
    }

    /// Answers `If-None-Match`.
    #[must_use]
    pub const fn etag(self) -> Self {
        Self { etag: true, ..self }
    }

    /// Somebody who is suspended may call all the same.
    #[must_use]
    pub const fn even_suspended(self) -> Self {
        Self { even_suspended: true, ..self }
    }

    /// The most it may take of the table.
    #[must_use]
    pub const fn budget(self, round_trips: u32, read: f64, write: f64) -> Self {
        Self { budget: Budget { round_trips, read, write }, ..self }
    }

    /// Handled by this, a request.
    #[must_use]
    pub const fn http<A: Context>(self, handler: OnRequest<A>) -> Route<A> {
        Route { row: self, handler: Handler::Request(handler, dispatch::request) }
    }

    /// Handled by this, a frame.
    #[must_use]
    pub const fn frame<A: Context>(self, handler: OnFrame<A>) -> Route<A> {
        Route { row: self, handler: Handler::Frame(handler, dispatch::frame) }
    }

    /// Handled by this, an event.
    #[must_use]
    pub const fn event<A: Context>(self, handler: OnEvent<A>) -> Route<A> {
        Route { row: self, handler: Handler::Event(handler, dispatch::event) }
    }

    /// The context: what stands before the dot.
    #[must_use]
    pub fn context(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(context, _)| context)
    }

    /// Whether nobody who is suspended gets past its door.
    #[must_use]
    pub fn is_guarded(&self) -> bool {
        let asked = match self.trigger {
            Trigger::Http { .. } => true,
            // What is no frame is an event of AWS itself.
            Trigger::Socket(route) => !matches!(route, "$connect" | "$disconnect"),
            _ => false,
        };
        asked && matches!(self.access, Access::Member | Access::Admin) && !self.even_suspended
    }

    /// All that it may do, with what its door has to know.
    #[must_use]
    pub fn all_may(&self) -> Vec<Grant> {
        let door = self.is_guarded().then_some(Grant::Table("Query", &[keys::SUSPENSIONS]));
        self.may.iter().copied().chain(door).collect()
    }

    /// The most it may take of the table with what its door takes, which a process asks once in half a minute.
    #[must_use]
    pub fn whole_budget(&self) -> Budget {
        let Budget { round_trips, read, write } = self.budget;
        if self.is_guarded() {
            Budget { round_trips: round_trips.saturating_add(1), read: read + 0.5, write }
        } else {
            self.budget
        }
    }

    /// All problems it can answer with, in the order of their statuses.
    #[must_use]
    pub fn all_problems(&self) -> Vec<Code> {
        let mut all = self.problems.to_vec();
        all.push(Code::Internal);
        all.push(Code::Unavailable);
        if self.is_guarded() {
            all.push(Code::Suspended);
        }
        if matches!(self.trigger, Trigger::Socket(_)) {
            // What stands at the door of every frame. It has no content type, and its size is the gateway's affair.
            all.extend([Code::NotSignedIn, Code::TokenExpired, Code::MalformedFrame, Code::TooMany]);
            all.extend([Code::MalformedFields, Code::InvalidFields, Code::InProgress]);
            all.sort_by_key(|code| (code.status(), code.slug()));
            all.dedup();
            return all;
        }
        match self.access {
            Access::Member => all.extend([Code::NotSignedIn, Code::NotAnAccessToken]),
            Access::Admin => all.extend([Code::NotSignedIn, Code::NotAnAccessToken, Code::AdminOnly]),
            Access::Maybe => all.extend([Code::BadToken, Code::NotAnAccessToken]),
            Access::Anyone | Access::Machine => {}
        }
        if self.body.is_some() {
            all.extend([
                Code::Malformed,
                Code::MalformedFields,
                Code::InvalidFields,
                Code::TooLarge,
                Code::UnsupportedType,
            ]);
        }
        if self.query.is_some() {
            all.extend([Code::MalformedFields, Code::InvalidFields]);
        }
        if self.idempotent {
            all.extend([Code::BadKey, Code::InProgress, Code::KeyReused]);
        }
        let writes = matches!(self.trigger, Trigger::Http { method, .. } if method != Method::Get);
        if writes {
            all.push(Code::InProgress);
        }
        if let Trigger::Http { path, .. } = self.trigger
            && path.contains('{')
        {
            all.push(Code::NotFound);
        }
        all.sort_by_key(|code| (code.status(), code.slug()));
        all.dedup();
        all
    }

    /// Every setting it needs, also those that follow from who may call.
    #[must_use]
    pub fn all_needs(&self) -> Vec<Setting> {
        let mut all = self.needs.to_vec();
        if self.access == Access::Maybe {
            all.extend([Setting::TokenIssuer, Setting::JwksUrl, Setting::ClientId]);
        }
        if self.idempotent || self.all_may().iter().any(|grant| matches!(grant, Grant::Table(..) | Grant::Index(..))) {
            all.push(Setting::TableName);
        }
        if self.may.iter().any(|grant| matches!(grant, Grant::Connections(_))) {
            all.push(Setting::ConnectionsUrl);
        }
        if self.may.iter().any(|grant| matches!(grant, Grant::Invoke(_))) {
            all.push(Setting::FunctionPrefix);
        }
        if self.may.contains(&Grant::Mail) {
            all.push(Setting::MailFrom);
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}

const UNBOUNDED: Budget = Budget { round_trips: u32::MAX, read: f64::MAX, write: f64::MAX };
