//! From an event to a reply: the same way in Lambda, in the laptop cloud and when an event file is tried.

use std::{
    panic::AssertUnwindSafe,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use domain::time::Time;
use futures::{FutureExt, future::BoxFuture};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_runtime::{LambdaEvent, service_fn};
use ports::PostError;
use serde_json::{Value, json, value::RawValue};
use sha2::{Digest, Sha256};
use store::{Meter, Receipts, metered, metered_beside};

use crate::{
    call::{Call, Event, Outcome, Reply},
    env::Env,
    frame::{Answered, Frame, taken},
    log::{Line, stdout},
    problem::{Code, Fault, Problem},
    row::{Handler, Method, OnEvent, OnFrame, OnRequest, Route, Row, Trigger},
    settings::Settings,
};

/// A context: the routes of one bootstrap and what they share.
pub trait Context: Send + Sync + Sized + 'static {
    /// The name of the context and of its artifact.
    const NAME: &'static str;

    /// Its routes.
    fn routes() -> &'static [Route<Self>];

    /// What its functions share, made at cold start: no client is made before it is needed.
    ///
    /// # Errors
    /// A sentence for whoever set the function up.
    fn new(env: &Arc<Env>) -> Result<Self, String>;
}

/// One call of a function.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Its identifier.
    pub request_id: String,
    /// The time, where the event itself does not say.
    pub now: Time,
    /// How long it may take.
    pub time_limit: Duration,
}

/// An error of a function that answers no request: what Lambda reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Its type.
    pub error_type: String,
    /// What it says; Cognito shows it to its caller.
    pub message: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for lambda_runtime::Diagnostic {
    fn from(failure: Failure) -> Self {
        Self { error_type: failure.error_type, error_message: failure.message }
    }
}

/// A context whose type is forgotten.
pub trait Service: Send + Sync {
    /// The context's name.
    fn name(&self) -> &'static str;
    /// Its routes.
    fn rows(&self) -> Vec<&'static Row>;
    /// One of its functions, as after a cold start.
    ///
    /// # Errors
    /// A sentence for whoever set the function up.
    fn start(&self, name: &str, env: Env) -> Result<Arc<dyn Function>, String>;
}

/// A function that is up.
pub trait Function: Send + Sync {
    /// Its row.
    fn row(&self) -> &'static Row;
    /// Handles one event.
    fn invoke<'a>(&'a self, event: &'a str, invocation: Invocation) -> BoxFuture<'a, Result<Value, Failure>>;
}

struct Functions<A>(std::marker::PhantomData<fn() -> A>);

pub(crate) struct Up<A: 'static> {
    app: A,
    env: Arc<Env>,
    route: &'static Route<A>,
    cold: AtomicBool,
}

/// The functions of a context.
#[must_use]
pub fn functions<A: Context>() -> Box<dyn Service> {
    Box::new(Functions::<A>(std::marker::PhantomData))
}

impl<A: Context> Service for Functions<A> {
    fn name(&self) -> &'static str {
        A::NAME
    }

    fn rows(&self) -> Vec<&'static Row> {
        A::routes().iter().map(|route| &route.row).collect()
    }

    fn start(&self, name: &str, env: Env) -> Result<Arc<dyn Function>, String> {
        let route = A::routes().iter().find(|route| route.row.name == name).ok_or_else(|| unknown::<A>(name))?;
        let env = Arc::new(env);
        Ok(Arc::new(Up { app: A::new(&env)?, env, route, cold: AtomicBool::new(true) }))
    }
}

fn unknown<A: Context>(name: &str) -> String {
    let names: Vec<&str> = A::routes().iter().map(|route| route.row.name).collect();
    format!("_HANDLER is \"{name}\", but this bootstrap holds: {}", names.join(", "))
}

impl<A: Context> Function for Up<A> {
    fn row(&self) -> &'static Row {
        &self.route.row
    }

    fn invoke<'a>(&'a self, event: &'a str, invocation: Invocation) -> BoxFuture<'a, Result<Value, Failure>> {
        match &self.route.handler {
            Handler::Request(handle, serve) => serve(self, *handle, event, invocation),
            Handler::Frame(handle, serve) => serve(self, *handle, event, invocation),
            Handler::Event(handle, serve) => serve(self, *handle, event, invocation),
        }
    }
}

/// What stands between a function that is up and its handler: [`request`], [`frame`] or [`event`].
pub(crate) type Served<A, H> = for<'a> fn(&'a Up<A>, H, &'a str, Invocation) -> BoxFuture<'a, Result<Value, Failure>>;

pub(crate) fn request<'a, A: Context>(
    up: &'a Up<A>,
    handle: OnRequest<A>,
    event: &'a str,
    invocation: Invocation,
) -> BoxFuture<'a, Result<Value, Failure>> {
    Box::pin(async move { Ok(up.request(handle, event, invocation).await) })
}

pub(crate) fn frame<'a, A: Context>(
    up: &'a Up<A>,
    handle: OnFrame<A>,
    event: &'a str,
    invocation: Invocation,
) -> BoxFuture<'a, Result<Value, Failure>> {
    Box::pin(up.frame(handle, event, invocation))
}

pub(crate) fn event<'a, A: Context>(
    up: &'a Up<A>,
    handle: OnEvent<A>,
    event: &'a str,
    invocation: Invocation,
) -> BoxFuture<'a, Result<Value, Failure>> {
    Box::pin(up.event(handle, event, invocation))
}

impl<A: Context> Up<A> {
    async fn request(&self, handle: OnRequest<A>, event: &str, invocation: Invocation) -> Value {
        let started = Instant::now();
        let Ok(request) = lambda_http::request::from_str(event) else {
            return json!({"statusCode": 500, "body": "not an event of an HTTP API"});
        };
        let mut call = Call::new(&self.env, &self.route.row, request, &invocation);
        let (outcome, meter) = metered(async {
            // A panic is one failed call, not the end of a warm process.
            match AssertUnwindSafe(answer(&self.app, handle, &mut call)).catch_unwind().await {
                Ok(outcome) => outcome,
                Err(_) => Err(Fault::internal("panicked")),
            }
        })
        .await;
        let (reply, code, fault) = match outcome {
            Ok(reply) => (conditional(&call, reply), None, None),
            Err(fault) => {
                let (problem, described) = match fault {
                    Fault::Problem(problem) => (*problem, None),
                    Fault::Internal(what) | Fault::Said(what) => (Problem::new(Code::Internal), Some(what)),
                };
                let code = problem.code.slug();
                (refusal(&call, &problem), Some(code), described)
            }
        };
        let line = Line {
            route: self.route.row.name,
            request_id: &invocation.request_id,
            caller: call.reader().map(|caller| caller.id.as_str()),
            status: reply.status,
            code,
            fault: fault.as_deref(),
            ms: started.elapsed().as_secs_f64() * 1000.0,
            meter,
            now: call.now,
            cold: self.cold.swap(false, Ordering::Relaxed),
        };
        (self.env.log)(&line.spelled());
        wire(reply)
    }

    /// A frame is answered over its connection, whatever came of it; the function's own reply says nothing.
    async fn frame(&self, handle: OnFrame<A>, event: &str, invocation: Invocation) -> Result<Value, Failure> {
        let started = Instant::now();
        let row = &self.route.row;
        let frame = Frame::read(&self.env, row, event, &invocation, started)
            .map_err(|message| Failure { error_type: "Event".into(), message })?;
        let (outcome, meter): (_, Meter) = metered(async {
            match AssertUnwindSafe(answered(&self.app, handle, &frame)).catch_unwind().await {
                Ok(outcome) => outcome,
                Err(_) => Err(Fault::internal("panicked")),
            }
        })
        .await;
        let (answer, status, code, fault) = match outcome {
            Ok(answer) => (frame.answer(answer), 200, None, None),
            Err(fault) => {
                let (problem, described) = match fault {
                    Fault::Problem(problem) => (*problem, None),
                    Fault::Internal(what) | Fault::Said(what) => (Problem::new(Code::Internal), Some(what)),
                };
                (Some(frame.refusal(&problem)), problem.code.status(), Some(problem.code.slug()), described)
            }
        };
        let unsaid = match answer {
            None => None,
            Some(answer) => match self.env.connections() {
                // The sender has left meanwhile: nobody waits for the answer.
                Ok(connections) => match connections.send(&frame.to, &answer).await {
                    Ok(()) | Err(PostError::Gone) => None,
                    Err(error) => Some(format!("no answer: {error}")),
                },
                Err(_) => Some("no answer: the row does not declare that it posts".to_owned()),
            },
        };
        let line = Line {
            route: row.name,
            request_id: &invocation.request_id,
            caller: frame.sender(),
            status: if unsaid.is_some() { 500 } else { status },
            code,
            fault: fault.as_deref().or(unsaid.as_deref()),
            ms: started.elapsed().as_secs_f64() * 1000.0,
            meter,
            now: frame.now,
            cold: self.cold.swap(false, Ordering::Relaxed),
        };
        (self.env.log)(&line.spelled());
        Ok(taken())
    }

    async fn event(&self, handle: OnEvent<A>, event: &str, invocation: Invocation) -> Result<Value, Failure> {
        let started = Instant::now();
        let payload: Value = serde_json::from_str(event)
            .map_err(|error| Failure { error_type: "Event".into(), message: error.to_string() })?;
        let now = said_time(&payload).unwrap_or(invocation.now);
        let event =
            Event { env: &self.env, row: &self.route.row, payload, now, started, time_limit: invocation.time_limit };
        let (outcome, meter): (_, Meter) = metered(async {
            match AssertUnwindSafe(handle(&self.app, event)).catch_unwind().await {
                Ok(outcome) => outcome,
                Err(_) => Err(Fault::internal("panicked")),
            }
        })
        .await;
        let (status, code, fault) = match &outcome {
            Ok(_) => (200, None, None),
            Err(Fault::Problem(problem)) => (problem.code.status(), Some(problem.code.slug()), None),
            Err(Fault::Internal(what)) => (500, Some(Code::Internal.slug()), Some(what.as_str())),
            Err(Fault::Said(what)) => (400, None, Some(what.as_str())),
        };
        let line = Line {
            route: self.route.row.name,
            request_id: &invocation.request_id,
            caller: None,
            status,
            code,
            fault,
            ms: started.elapsed().as_secs_f64() * 1000.0,
            meter,
            now,
            cold: self.cold.swap(false, Ordering::Relaxed),
        };
        (self.env.log)(&line.spelled());
        outcome.map_err(|fault| match fault {
            Fault::Problem(problem) => {
                Failure { error_type: "Refused".into(), message: problem.code.slug().to_owned() }
            }
            Fault::Said(message) => Failure { error_type: "Refused".into(), message },
            Fault::Internal(_) => Failure { error_type: "Internal".into(), message: "internal".to_owned() },
        })
    }
}

/// Identity, a reply given before, the handler, and the reply of whoever was first when two came at once.
async fn answer<A>(app: &A, handle: OnRequest<A>, call: &mut Call<'_>) -> Outcome {
    call.identify().await?;
    if call.row.is_guarded() {
        if matches!(call.row.trigger, Trigger::Http { method: Method::Get, .. }) {
            // What only reads is done meanwhile, and shown to nobody who is not let in.
            let admitted = Box::pin(metered_beside(call.admitted()));
            // The handler first: what it takes by itself is known when the door's share is added.
            let (outcome, admitted) = futures::future::join(handle(app, call), admitted).await;
            return admitted.and(outcome);
        }
        Box::pin(call.admitted()).await?;
    }
    if call.row.idempotent
        && let Some(pending) = call.pending_receipt()?
    {
        if let Some(reply) = replayed(call, &pending).await? {
            return Ok(reply);
        }
        call.receipt = Some(pending);
    }
    let outcome = handle(app, call).await;
    match (&outcome, &call.receipt) {
        // The effect may have clashed with its twin that was a moment faster: then there is a receipt now.
        (Err(_), Some(pending)) => Ok(match replayed(call, pending).await? {
            Some(reply) => reply,
            None => return outcome,
        }),
        _ => outcome,
    }
}

/// What holds for every frame, and then the handler.
async fn answered<A>(app: &A, handle: OnFrame<A>, frame: &Frame<'_>) -> Answered {
    frame.admitted()?;
    Box::pin(frame.env.door.admit(frame.table()?, frame.caller()?, frame.now)).await?;
    handle(app, frame).await
}

async fn replayed(call: &Call<'_>, pending: &crate::call::PendingReceipt) -> Result<Option<Reply>, Fault> {
    let receipts = Receipts(call.table()?);
    let found = receipts.find(call.row.name, &pending.caller, &pending.key_hash, call.now).await?;
    match found {
        None => Ok(None),
        Some(receipt) if receipt.request_hash == pending.request_hash => Ok(Some(Reply::again(receipt))),
        Some(_) => Err(Code::KeyReused.into()),
    }
}

/// Adds the entity tag, and answers 304 to whoever has it already.
fn conditional(call: &Call<'_>, mut reply: Reply) -> Reply {
    let (true, 200, Some(body)) = (call.row.etag, reply.status, &reply.body) else { return reply };
    let hash = Sha256::digest(body.as_bytes());
    let tag = hash[..12].iter().fold(String::from("\""), |tag, byte| format!("{tag}{byte:02x}")) + "\"";
    let known = call
        .header("if-none-match")
        .is_some_and(|tags| tags == "*" || tags.split(',').any(|t| t.trim().trim_start_matches("W/") == tag));
    reply.headers.push(("etag", tag));
    if known {
        reply.status = 304;
        reply.body = None;
    }
    reply
}

fn refusal(call: &Call<'_>, problem: &Problem) -> Reply {
    let mut reply = Reply {
        status: problem.code.status(),
        headers: vec![
            ("content-type", "application/problem+json".to_owned()),
            ("content-language", call.lang.tag().to_owned()),
        ],
        cookies: vec![],
        body: Some(problem.document(call.lang, &call.request_id).to_string()),
    };
    if let Some(seconds) = problem.retry_after {
        reply.headers.push(("retry-after", seconds.max(1).to_string()));
    }
    if problem.code.status() == 401 {
        reply.headers.push(("www-authenticate", "Bearer".to_owned()));
    }
    reply
}

/// The reply as API Gateway takes it (payload format 2.0).
fn wire(reply: Reply) -> Value {
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = i64::from(reply.status);
    response.is_base64_encoded = false;
    response.cookies = reply.cookies;
    let mut add = |name: &'static str, value: &str| {
        if let Ok(value) = http::HeaderValue::from_str(value) {
            response.headers.insert(name, value);
        }
    };
    if reply.body.is_some() {
        add("content-type", "application/json");
    }
    add("cache-control", "no-store");
    for (name, value) in &reply.headers {
        add(name, value);
    }
    response.body = reply.body.map(Into::into);
    serde_json::to_value(&response).unwrap_or_else(|_| json!({"statusCode": 500}))
}

/// When an event happened, by the word of EventBridge, S3, DynamoDB or the WebSocket API.
fn said_time(event: &Value) -> Option<Time> {
    if let Some(ms) = event["requestContext"]["requestTimeEpoch"].as_i64() {
        return Some(Time::from_ms(ms));
    }
    let text = event["time"].as_str().or_else(|| event["Records"][0]["eventTime"].as_str());
    if let Some(time) = text.and_then(|text| Time::parse(text).ok()) {
        return Some(time);
    }
    let seconds = event["Records"][0]["dynamodb"]["ApproximateCreationDateTime"].as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of this millennium fit in 64 bits")]
    let ms = (seconds * 1000.0) as i64;
    Some(Time::from_ms(ms))
}

/// The `main` of a bootstrap: picks the row that `_HANDLER` names and serves it; `--routes` prints the names it holds.
#[must_use]
pub fn run<A: Context>() -> ExitCode {
    if std::env::args().any(|argument| argument == "--routes") {
        for route in A::routes() {
            say(route.row.name);
        }
        return ExitCode::SUCCESS;
    }
    match serve::<A>() {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            complain(&sentence);
            ExitCode::FAILURE
        }
    }
}

fn serve<A: Context>() -> Result<(), String> {
    let name = variable("_HANDLER").unwrap_or_default();
    let route = A::routes().iter().find(|route| route.row.name == name).ok_or_else(|| unknown::<A>(&name))?;
    let settings = Settings::read(&route.row.all_needs(), variable)
        .map_err(|missing| format!("{name} cannot start: {missing}"))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("{name} cannot start: {error}"))?;
    runtime.block_on(async {
        // Lambda tells both by the environment. The chain that would look further makes a client to ask the instance
        // with, and that client reads every certificate there is.
        let sdk = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .credentials_provider(aws_config::environment::EnvironmentVariableCredentialsProvider::new())
            .region(aws_config::environment::EnvironmentVariableRegionProvider::new())
            .load()
            .await;
        let up = functions::<A>().start(&name, Env::new(settings, sdk, stdout()))?;
        let up = &up;
        let is_request = matches!(route.row.trigger, Trigger::Http { .. });
        let service = service_fn(move |event: LambdaEvent<Box<RawValue>>| async move {
            let now = system_now();
            let invocation = Invocation {
                request_id: event.context.request_id,
                now,
                time_limit: Duration::from_millis(
                    event.context.deadline.saturating_sub(u64::try_from(now.ms()).unwrap_or_default()),
                ),
            };
            let result = up.invoke(event.payload.get(), invocation).await;
            debug_assert!(!is_request || result.is_ok(), "a request is always answered");
            result
        });
        lambda_runtime::run(service).await.map_err(|error| error.to_string())
    })
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[expect(clippy::disallowed_methods, reason = "the clock of a function, where the event has none")]
fn system_now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[expect(clippy::print_stdout, reason = "what was asked for on the command line")]
fn say(line: &str) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "a function that cannot start says why")]
fn complain(sentence: &str) {
    eprintln!("{sentence}");
}
