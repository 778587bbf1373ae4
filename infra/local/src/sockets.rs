//! The gateway's WebSocket side: behaves as API Gateway's WebSocket API does, to the byte where a client or a function
//! can see it, and lets functions reach connections by `@connections`.
//!
//! Idleness and age are told by the cloud's clock: moving it past a limit closes connections. Frames of one connection are
//! handled side by side, as AWS promises no order among them.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, Path, Request, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE};
use domain::time::{HOUR, MINUTE, Time};
use edge::{Row, Trigger};
use futures::{SinkExt, StreamExt};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        handshake::derive_accept_key,
        protocol::{CloseFrame, Role, WebSocketConfig},
    },
};

use crate::{
    cloud::{Inner, REGION, Working},
    faults::PostFault,
    functions::{ACCESS_KEY, Failed},
    gateway::clf,
    privileges::{Denied, Need},
};

/// The stage, and the path it is found under.
pub(crate) const STAGE: &str = "live";
/// API Gateway's limit of an address with its query.
const MAX_URL: usize = 4_096;
/// API Gateway's limit of a frame.
pub const MAX_FRAME: usize = 32 * 1024;
/// API Gateway's limit of a message, which may come in several frames, and of a post.
pub const MAX_MESSAGE: usize = 128 * 1024;
/// A connection that is silent for so long is closed.
pub const IDLE: i64 = 10 * MINUTE;
/// A connection that is so old is closed.
pub const LIFE: i64 = 2 * HOUR;
/// API Gateway's limit of an integration.
const PATIENCE: Duration = Duration::from_secs(29);
/// How many frames wait for a client that does not read, before a post is told that there are too many.
const QUEUE: usize = 256;
/// Read and write buffers of a connection: most are idle, and a thousand should not cost a hundred megabytes.
const BUFFER: usize = 4 * 1024;
/// How long a client has to hang up in its turn.
const FAREWELL: Duration = Duration::from_secs(1);

/// The WebSocket API and its open connections.
pub(crate) struct Sockets {
    routes: HashMap<&'static str, &'static Row>,
    authorizer: Option<&'static Row>,
    open: Mutex<HashMap<String, Arc<Socket>>>,
    lose_disconnects: AtomicBool,
}

/// Who is at the other end, as every event tells it.
struct Peer {
    id: String,
    connected_at: Time,
    domain: String,
    source: String,
    agent: Option<String>,
    authorizer: Option<Map<String, Value>>,
}

/// An open connection.
struct Socket {
    peer: Peer,
    last_active: AtomicI64,
    posts: mpsc::Sender<String>,
    endings: mpsc::Sender<Ending>,
    faults: Mutex<Faults>,
    /// Posts that were taken for it.
    taken: AtomicU64,
}

/// Why a connection ends by the cloud's will. Whoever waits for everything to be done waits for it too.
struct Ending {
    /// The close frame's code and reason; nothing for a line that is cut.
    close: Option<(u16, &'static str)>,
    /// Whether functions are not told.
    quiet: bool,
    working: Working,
}

/// How a connection has ended.
struct Ended {
    /// What `$disconnect` is told.
    code: u16,
    reason: String,
    /// The close frame to send.
    close: Option<(u16, &'static str)>,
    /// Whether functions are not told.
    quiet: bool,
    working: Working,
}

/// What goes wrong with a connection, by a test's wish.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Faults {
    posts: Posts,
    invocations: Invocations,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Posts {
    #[default]
    Work,
    /// Each is told that there are too many.
    Limit,
    /// The next is told so, and then they work.
    Once,
    Fail,
    Hang,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Invocations {
    #[default]
    Work,
    Fail,
    Twice,
}

impl Sockets {
    pub(crate) fn of(rows: impl Iterator<Item = &'static Row>) -> Self {
        let mut routes = HashMap::new();
        let mut authorizer = None;
        for row in rows {
            match row.trigger {
                Trigger::Socket(route) => {
                    routes.insert(route, row);
                }
                Trigger::Authorizer => authorizer = Some(row),
                _ => {}
            }
        }
        Self { routes, authorizer, open: Mutex::default(), lose_disconnects: AtomicBool::new(false) }
    }

    /// Closes what has been silent or open for too long by the cloud's clock.
    pub(crate) fn sweep(&self, inner: &Inner) {
        let now = inner.clock.now().ms();
        for socket in self.all() {
            let silent = now - socket.last_active.load(Ordering::Relaxed);
            if silent >= IDLE || now - socket.peer.connected_at.ms() >= LIFE {
                self.end(&socket, Some((1001, "Going away")), inner);
            }
        }
    }

    /// Cuts every line without a word to functions: the cloud ends, or begins anew.
    pub(crate) fn end_all(&self, inner: &Inner) {
        for socket in self.all() {
            self.forget(&socket.peer.id);
            let _ = socket.endings.try_send(Ending { close: None, quiet: true, working: inner.working() });
        }
    }

    fn all(&self) -> Vec<Arc<Socket>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn find(&self, id: &str) -> Option<Arc<Socket>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// From here on a post finds it gone, whatever becomes of the line.
    fn forget(&self, id: &str) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// The line is dead and nobody is told: whoever posts finds out, and the client when it looks.
    fn vanish(&self, socket: &Socket, inner: &Inner) {
        self.forget(&socket.peer.id);
        let _ = socket.endings.try_send(Ending { close: None, quiet: true, working: inner.working() });
    }

    fn end(&self, socket: &Socket, close: Option<(u16, &'static str)>, inner: &Inner) {
        self.forget(&socket.peer.id);
        // One that is ending already ends for the first reason.
        let _ = socket.endings.try_send(Ending { close, quiet: false, working: inner.working() });
    }
}

/// Everything below `/live`.
pub(crate) async fn serve(inner: &Arc<Inner>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let below = path.trim_start_matches('/').strip_prefix(STAGE).unwrap_or_default();
    if let Some(id) = below.strip_prefix("/@connections/") {
        let id = percent_encoding::percent_decode_str(id).decode_utf8_lossy().into_owned();
        return reach(inner, &id, request).await;
    }
    match below {
        "" | "/" => open(inner, request).await,
        _ => refusal(StatusCode::FORBIDDEN, "ForbiddenException", &json!({"message": "Forbidden"})),
    }
}

fn refusal(status: StatusCode, kind: &'static str, body: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (HeaderName::from_static("x-amzn-errortype"), HeaderValue::from_static(kind)),
    ];
    (status, headers, body.to_string()).into_response()
}

/// An upgrade: the authorizer, `$connect`, and if both agree the connection.
async fn open(inner: &Arc<Inner>, mut request: Request) -> Response {
    let upgrade = hyper::upgrade::on(&mut request);
    let (parts, _) = request.into_parts();
    let headers = &parts.headers;
    if parts.method != Method::GET
        || !says(headers, header::CONNECTION, "upgrade")
        || !says(headers, header::UPGRADE, "websocket")
    {
        let mut refused = StatusCode::UPGRADE_REQUIRED.into_response();
        refused.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        return refused;
    }
    let Some(key) =
        headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| says(headers, header::SEC_WEBSOCKET_VERSION, "13"))
    else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let accept = derive_accept_key(key.as_bytes());
    let text = |name: HeaderName| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let domain = text(header::HOST).unwrap_or_default();
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    if "wss://".len() + domain.len() + target.len() > MAX_URL {
        return StatusCode::URI_TOO_LONG.into_response();
    }

    let source = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
    let mut peer = Peer {
        id: fresh_id(),
        connected_at: inner.clock.now(),
        domain,
        source: source.unwrap_or_else(|| "127.0.0.1".to_owned()),
        agent: text(header::USER_AGENT),
        authorizer: None,
    };
    let reply = match admitted(inner, &mut peer, headers, parts.uri.query().unwrap_or_default()).await {
        Ok(reply) => reply,
        Err((status, kind, message)) => {
            let body = json!({"message": message, "connectionId": peer.id, "requestId": fresh_id()});
            return refusal(status, kind, &body);
        }
    };

    let (posts, to_send) = mpsc::channel(QUEUE);
    let (endings, to_end) = mpsc::channel(1);
    let socket = Arc::new(Socket {
        last_active: AtomicI64::new(peer.connected_at.ms()),
        peer,
        posts,
        endings,
        faults: Mutex::default(),
        taken: AtomicU64::new(0),
    });
    inner
        .sockets
        .open
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(socket.peer.id.clone(), Arc::clone(&socket));
    tokio::spawn(hold(Arc::clone(inner), socket, upgrade, to_send, to_end));

    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&accept) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    // The gateway chooses no protocol of its own: the function's word, or none.
    let chosen = reply["headers"].as_object().into_iter().flatten();
    let chosen = chosen.filter(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-protocol"));
    for value in chosen.filter_map(|(_, value)| HeaderValue::from_str(value.as_str()?).ok()) {
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, value);
    }
    response
}

/// Whether a header lists a word.
fn says(headers: &HeaderMap, name: HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|known| known.trim().eq_ignore_ascii_case(word))
}

/// Why an upgrade is refused: status, kind of error, message.
type Refused = (StatusCode, &'static str, String);

const BROKEN: &str = "Internal server error";
const SLOW: &str = "Endpoint request timed out";

/// Asks the authorizer and `$connect`; what the latter replied.
async fn admitted(inner: &Arc<Inner>, peer: &mut Peer, headers: &HeaderMap, query: &str) -> Result<Value, Refused> {
    let now = inner.clock.now();
    let mut event = opening(peer, headers, query, now);
    if let Some(row) = inner.sockets.authorizer {
        let method = format!("arn:aws:execute-api:{REGION}:000000000000:local/{STAGE}/$connect");
        let mut asked = event.clone();
        asked["type"] = "REQUEST".into();
        asked["methodArn"] = method.as_str().into();
        asked["stageVariables"] = json!({});
        let broken = || (StatusCode::INTERNAL_SERVER_ERROR, "AuthorizerConfigurationException", BROKEN.to_owned());
        let reply = match invoked(inner, row, asked).await {
            Ok(reply) => reply,
            Err(Trouble::Failed(failed)) if failed.message == "Unauthorized" => {
                return Err((StatusCode::UNAUTHORIZED, "UnauthorizedException", "Unauthorized".to_owned()));
            }
            Err(_) => return Err(broken()),
        };
        match verdict(&reply, &method) {
            Verdict::Allowed(context) => peer.authorizer = Some(context),
            Verdict::Denied(message) => {
                return Err((StatusCode::FORBIDDEN, "AccessDeniedException", message.to_owned()));
            }
            Verdict::Nonsense => return Err(broken()),
        }
    }
    if let Some(authorizer) = &peer.authorizer {
        event["requestContext"]["authorizer"] = Value::Object(authorizer.clone());
    }
    event["isBase64Encoded"] = false.into();
    let Some(row) = inner.sockets.routes.get("$connect") else { return Ok(Value::Null) };
    let bad = |status, message: &str| (status, "InternalServerErrorException", message.to_owned());
    let reply = match invoked(inner, row, event).await {
        Ok(reply) => reply,
        Err(Trouble::Slow) => return Err(bad(StatusCode::GATEWAY_TIMEOUT, SLOW)),
        Err(Trouble::Failed(_)) => return Err(bad(StatusCode::BAD_GATEWAY, BROKEN)),
    };
    let status = reply["statusCode"].as_u64().and_then(|code| StatusCode::from_u16(u16::try_from(code).ok()?).ok());
    match status {
        Some(status) if status.is_success() => Ok(reply),
        Some(status) => {
            Err((status, "IntegrationFailureException", status.canonical_reason().unwrap_or("Refused").to_owned()))
        }
        None => Err(bad(StatusCode::BAD_GATEWAY, BROKEN)),
    }
}

/// Why an invocation brought no reply.
enum Trouble {
    Slow,
    Failed(Failed),
}

async fn invoked(inner: &Inner, row: &Row, event: Value) -> Result<Value, Trouble> {
    awaited(inner.invoke(row.name, event)).await
}

/// As [`invoked`], but it may be spoiled.
async fn handed(inner: &Inner, row: &Row, event: Value) -> Result<Value, Trouble> {
    awaited(inner.hand(row.name, event)).await
}

async fn awaited(reply: impl Future<Output = Result<Value, Failed>>) -> Result<Value, Trouble> {
    match tokio::time::timeout(PATIENCE, reply).await {
        Err(_) => Err(Trouble::Slow),
        Ok(Err(failed)) if failed.error_type == "Sandbox.Timedout" => Err(Trouble::Slow),
        Ok(Err(failed)) => Err(Trouble::Failed(failed)),
        Ok(Ok(reply)) => Ok(reply),
    }
}

/// What an authorizer's reply means.
#[derive(Debug, PartialEq)]
enum Verdict {
    Allowed(Map<String, Value>),
    Denied(&'static str),
    Nonsense,
}

/// Reads a policy: one that denies comes before one that allows, and without either nobody is let in. The context goes
/// along with every event, numbers and truths as texts.
fn verdict(reply: &Value, method: &str) -> Verdict {
    let (Some(principal), Some(statements)) =
        (reply["principalId"].as_str(), reply["policyDocument"]["Statement"].as_array())
    else {
        return Verdict::Nonsense;
    };
    let about = |statement: &&Value| {
        list(&statement["Action"]).any(|action| matches_pattern(action, "execute-api:Invoke"))
            && list(&statement["Resource"]).any(|resource| matches_pattern(resource, method))
    };
    let mut effects = statements.iter().filter(about).map(|statement| &statement["Effect"]);
    if effects.clone().any(|effect| effect == "Deny") {
        return Verdict::Denied("User is not authorized to access this resource with an explicit deny");
    }
    if !effects.any(|effect| effect == "Allow") {
        return Verdict::Denied("User is not authorized to access this resource");
    }
    let mut context = Map::new();
    for (name, value) in reply["context"].as_object().into_iter().flatten() {
        match value {
            Value::String(text) => context.insert(name.clone(), text.as_str().into()),
            Value::Number(_) | Value::Bool(_) => context.insert(name.clone(), value.to_string().into()),
            Value::Null => None,
            Value::Array(_) | Value::Object(_) => return Verdict::Nonsense,
        };
    }
    context.insert("principalId".to_owned(), principal.into());
    context.insert("integrationLatency".to_owned(), 1.into());
    Verdict::Allowed(context)
}

fn list(value: &Value) -> impl Iterator<Item = &str> {
    let one = value.as_str();
    value.as_array().into_iter().flatten().filter_map(Value::as_str).chain(one)
}

/// Whether a text fits a pattern in which `*` stands for anything.
fn matches_pattern(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|tail| {
            rest.is_empty() || tail.char_indices().any(|(at, _)| matches_pattern(rest, &tail[at..]))
        }),
    }
}

/// The event of `$connect`, which the authorizer's is made from too.
fn opening(peer: &Peer, headers: &HeaderMap, query: &str, now: Time) -> Value {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        all.entry(spelled(name.as_str())).or_default().push(value);
    }
    let trace = fresh_id();
    for (name, value) in [
        ("X-Amzn-Trace-Id", format!("Root=1-{:08x}-{}", now.seconds(), hex(trace.as_bytes()))),
        ("X-Forwarded-For", peer.source.clone()),
        ("X-Forwarded-Port", "443".to_owned()),
        ("X-Forwarded-Proto", "http".to_owned()),
    ] {
        all.insert(name.to_owned(), vec![value]);
    }
    let mut parameters: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let decoded =
        |text: &str| percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        parameters.entry(decoded(name)).or_default().push(decoded(value));
    }
    let last = |all: &BTreeMap<String, Vec<String>>| {
        let pairs = all.iter().map(|(name, values)| (name.clone(), values.last().cloned().unwrap_or_default().into()));
        Value::Object(pairs.collect())
    };
    let mut event = json!({
        "headers": last(&all),
        "multiValueHeaders": all,
        "requestContext": context(peer, "$connect", "CONNECT", now),
    });
    if !parameters.is_empty() {
        event["queryStringParameters"] = last(&parameters);
        event["multiValueQueryStringParameters"] = json!(parameters);
    }
    event
}

/// What every event tells of its connection.
fn context(peer: &Peer, route: &str, kind: &str, now: Time) -> Value {
    let request_id = fresh_id();
    let mut identity = json!({"sourceIp": peer.source});
    if let Some(agent) = &peer.agent {
        identity["userAgent"] = agent.as_str().into();
    }
    let mut context = json!({
        "routeKey": route,
        "eventType": kind,
        "extendedRequestId": request_id,
        "requestTime": clf(now),
        "messageDirection": "IN",
        "stage": STAGE,
        "connectedAt": peer.connected_at.ms(),
        "requestTimeEpoch": now.ms(),
        "identity": identity,
        "requestId": request_id,
        "domainName": peer.domain,
        "connectionId": peer.id,
        "apiId": "local",
    });
    if let Some(authorizer) = &peer.authorizer {
        context["authorizer"] = Value::Object(authorizer.clone());
    }
    context
}

/// An identifier as API Gateway makes them: eleven bytes in base 64, so that the last of sixteen characters is `=`.
fn fresh_id() -> String {
    URL_SAFE.encode(rand::random::<[u8; 11]>())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(12).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// A header's name with its capitals: API Gateway leaves them as they were sent, and this is how clients send them.
fn spelled(name: &str) -> String {
    let capital = |word: &str| match word {
        "websocket" => "WebSocket".to_owned(),
        _ => word[..word.len().min(1)].to_ascii_uppercase() + &word[word.len().min(1)..],
    };
    name.split('-').map(capital).collect::<Vec<_>>().join("-")
}

type Line = WebSocketStream<TokioIo<Upgraded>>;

/// A connection from its upgrade to its end.
async fn hold(
    inner: Arc<Inner>,
    socket: Arc<Socket>,
    upgrade: OnUpgrade,
    mut posts: mpsc::Receiver<String>,
    mut endings: mpsc::Receiver<Ending>,
) {
    let cut = |working| Ended { code: 1006, reason: ABNORMAL.to_owned(), close: None, quiet: false, working };
    let Ok(upgraded) = upgrade.await else {
        inner.sockets.forget(&socket.peer.id);
        let ended = cut(inner.working());
        return disconnected(&inner, &socket, ended).await;
    };
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_frame_size(Some(MAX_FRAME))
        .max_message_size(Some(MAX_MESSAGE));
    let mut line = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;

    let ended = loop {
        tokio::select! {
            biased;
            Some(ending) = endings.recv() => break told(ending),
            read = line.next() => match read {
                Some(Ok(Message::Text(text))) => take(&inner, &socket, text.as_str().to_owned()),
                // Pings are answered by the library and keep nothing alive: only messages count as activity here.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                read => {
                    let working = inner.working();
                    let (code, reason, close) = hung_up(read);
                    break Ended { code, reason, close, quiet: false, working };
                }
            },
            Some(post) = posts.recv() => tokio::select! {
                biased;
                Some(ending) = endings.recv() => break told(ending),
                sent = line.send(Message::text(post)) => if sent.is_err() {
                    break cut(inner.working());
                },
            },
        }
    };
    inner.sockets.forget(&socket.peer.id);
    let farewell = farewell(&mut line, &mut posts, ended.close, ended.code == 1006);
    let (_, ()) = tokio::join!(tokio::time::timeout(FAREWELL, farewell), disconnected(&inner, &socket, ended));
}

const ABNORMAL: &str = "Connection closed abnormally";

fn told(ending: Ending) -> Ended {
    let (code, reason) = ending.close.unwrap_or((1006, ABNORMAL));
    Ended { code, reason: reason.to_owned(), close: ending.close, quiet: ending.quiet, working: ending.working }
}

/// How a connection ended that the client ended, or that is ended for what the client sent: what `$disconnect` is told,
/// and the close frame.
type HungUp = (u16, String, Option<(u16, &'static str)>);

fn hung_up(read: Option<Result<Message, Error>>) -> HungUp {
    let refused = |code, reason: &'static str| (code, reason.to_owned(), Some((code, reason)));
    match read {
        Some(Ok(Message::Close(Some(frame)))) => (frame.code.into(), frame.reason.as_str().to_owned(), None),
        Some(Ok(Message::Close(None))) => (1005, "Client-side close frame status not set".to_owned(), None),
        Some(Ok(_)) => refused(1003, "Binary frames are not supported"),
        Some(Err(Error::Capacity(_))) => refused(1009, "Message too big"),
        Some(Err(Error::Utf8(_))) => refused(1007, "Not UTF-8"),
        Some(Err(Error::Protocol(error))) if !is_reset(&error) => refused(1002, "Protocol error"),
        None | Some(Err(_)) => (1006, ABNORMAL.to_owned(), None),
    }
}

fn is_reset(error: &tokio_tungstenite::tungstenite::error::ProtocolError) -> bool {
    *error == tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake
}

/// What was posted before the end still goes out, then the close frame; then the client is heard out, since a line that is
/// dropped with something unread takes the close frame along.
async fn farewell(
    line: &mut Line,
    posts: &mut mpsc::Receiver<String>,
    close: Option<(u16, &'static str)>,
    is_cut: bool,
) {
    match close {
        Some((code, reason)) => {
            while let Ok(post) = posts.try_recv() {
                if line.feed(Message::text(post)).await.is_err() {
                    return;
                }
            }
            let frame = CloseFrame { code: code.into(), reason: reason.into() };
            let _ = line.close(Some(frame)).await;
        }
        None if is_cut => return,
        // The answer to the client's own close frame.
        None => {
            let _ = line.flush().await;
        }
    }
    let line = line.get_mut();
    let _ = line.shutdown().await;
    let mut heard = [0; 1024];
    while line.read(&mut heard).await.is_ok_and(|count| count > 0) {}
}

/// Best effort, as on AWS; a test can have it lost.
async fn disconnected(inner: &Inner, socket: &Socket, ended: Ended) {
    let sockets = &inner.sockets;
    let Some(row) = sockets.routes.get("$disconnect") else { return };
    if ended.quiet || sockets.lose_disconnects.load(Ordering::Relaxed) {
        return;
    }
    let mut context = context(&socket.peer, "$disconnect", "DISCONNECT", inner.clock.now());
    context["disconnectStatusCode"] = ended.code.into();
    context["disconnectReason"] = ended.reason.as_str().into();
    let event = json!({
        "headers": {"Host": socket.peer.domain, "X-Forwarded-For": socket.peer.source},
        "multiValueHeaders": {"Host": [socket.peer.domain], "X-Forwarded-For": [socket.peer.source]},
        "requestContext": context,
        "isBase64Encoded": false,
    });
    let _ = invoked(inner, row, event).await;
    // Only now is the end of the connection done with, for whoever waits for it; the client's own part is not awaited.
    drop(ended.working);
}

/// A message goes to the function of its route, beside those before it.
fn take(inner: &Arc<Inner>, socket: &Arc<Socket>, text: String) {
    let now = inner.clock.now();
    socket.last_active.fetch_max(now.ms(), Ordering::Relaxed);
    let (inner, socket, working) = (Arc::clone(inner), Arc::clone(socket), inner.working());
    tokio::spawn(async move {
        let _working = working;
        let routes = &inner.sockets.routes;
        let chosen = selected(&text).and_then(|action| routes.get_key_value(action.as_str()));
        let chosen = chosen.or_else(|| routes.get_key_value("$default"));
        let mut context = context(&socket.peer, chosen.map_or("$default", |(route, _)| route), "MESSAGE", now);
        context["messageId"] = fresh_id().into();
        let request_id = context["requestId"].as_str().unwrap_or_default().to_owned();
        let faults = *socket.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let message = match chosen {
            None => Some("Forbidden"),
            Some(_) if faults.invocations == Invocations::Fail => Some(BROKEN),
            Some((_, row)) => {
                let event = json!({"requestContext": context, "body": text, "isBase64Encoded": false});
                if faults.invocations == Invocations::Twice {
                    let _ = invoked(&inner, row, event.clone()).await;
                }
                match handed(&inner, row, event).await {
                    Ok(reply) if reply["statusCode"].is_u64() => None,
                    Err(Trouble::Slow) => Some(SLOW),
                    Ok(_) | Err(Trouble::Failed(_)) => Some(BROKEN),
                }
            }
        };
        if let Some(message) = message {
            let _ = socket.posts.try_send(trouble(message, &socket.peer.id, &request_id));
        }
    });
}

/// The gateway's own frame, spaced as AWS spaces it.
fn trouble(message: &str, connection: &str, request: &str) -> String {
    format!("{{\"message\": \"{message}\", \"connectionId\":\"{connection}\", \"requestId\":\"{request}\"}}")
}

/// `$request.body.action`. The gateway's own routes are not for clients to name.
fn selected(text: &str) -> Option<String> {
    let body: Value = serde_json::from_str(text).ok()?;
    let action = match &body["action"] {
        Value::String(action) => action.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!action.starts_with('$')).then_some(action)
}

/// `@connections`: what functions do with a connection.
async fn reach(inner: &Arc<Inner>, id: &str, request: Request) -> Response {
    if !is_signed(request.headers()) {
        return refusal(StatusCode::FORBIDDEN, "ForbiddenException", &json!({"message": "Forbidden"}));
    }
    let may = [edge::Method::Post, edge::Method::Get, edge::Method::Delete]
        .into_iter()
        .find(|method| method.word() == request.method().as_str())
        .map_or(Ok(()), |method| {
            inner.guard.check(inner.guard.caller(request.headers()), || vec![Need::connection(method, id)])
        });
    if let Err(Denied(sentence)) = may {
        return refusal(StatusCode::FORBIDDEN, "AccessDeniedException", &json!({"Message": sentence}));
    }
    if URL_SAFE.decode(id).is_err() {
        let body = json!({"message": format!("Invalid connectionId: {id}")});
        return refusal(StatusCode::BAD_REQUEST, "BadRequestException", &body);
    }
    let gone = || (StatusCode::GONE, [("x-amzn-errortype", "GoneException")]).into_response();
    let Some(socket) = inner.sockets.find(id) else { return gone() };
    match *request.method() {
        Method::POST => {
            let Ok(body) = to_bytes(request.into_body(), MAX_MESSAGE).await else {
                let body = json!({"message": "Message too long"});
                return refusal(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLargeException", &body);
            };
            let broken = || {
                let body = json!({"message": BROKEN});
                refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerErrorException", &body)
            };
            let limit = || {
                let body = json!({"message": "Limit exceeded"});
                refusal(StatusCode::TOO_MANY_REQUESTS, "LimitExceededException", &body)
            };
            let fault = {
                let mut faults = socket.faults.lock().unwrap_or_else(PoisonError::into_inner);
                let fault = faults.posts;
                if fault == Posts::Once {
                    faults.posts = Posts::Work;
                }
                fault
            };
            match fault {
                Posts::Work => {}
                Posts::Limit | Posts::Once => return limit(),
                Posts::Fail => return broken(),
                Posts::Hang => {
                    let _ = tokio::time::timeout(PATIENCE, std::future::pending::<()>()).await;
                    return StatusCode::GATEWAY_TIMEOUT.into_response();
                }
            }
            let (wished, delay) = inner.faults.of_post();
            pass(delay).await;
            match wished {
                None | Some(PostFault::Fail(true)) => {}
                Some(PostFault::Limit) => return limit(),
                Some(PostFault::Fail(false)) => return broken(),
                Some(PostFault::Gone) => {
                    inner.sockets.vanish(&socket, inner);
                    return gone();
                }
            }
            match socket.posts.try_send(String::from_utf8_lossy(&body).into_owned()) {
                Ok(()) if wished.is_some() => broken(),
                Ok(()) => {
                    socket.taken.fetch_add(1, Ordering::Relaxed);
                    socket.last_active.fetch_max(inner.clock.now().ms(), Ordering::Relaxed);
                    StatusCode::OK.into_response()
                }
                Err(mpsc::error::TrySendError::Full(_)) => limit(),
                Err(mpsc::error::TrySendError::Closed(_)) => gone(),
            }
        }
        Method::GET => Json(json!({
            "connectedAt": socket.peer.connected_at,
            "identity": {"sourceIp": socket.peer.source, "userAgent": socket.peer.agent.as_deref().unwrap_or_default()},
            "lastActiveAt": Time::from_ms(socket.last_active.load(Ordering::Relaxed)),
        }))
        .into_response(),
        Method::DELETE => {
            inner.sockets.end(&socket, Some((1000, "")), inner);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => refusal(StatusCode::FORBIDDEN, "MissingAuthenticationTokenException", &json!({"message": "Forbidden"})),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test wants posts to take as long as they do from one end of AWS to another"
)]
async fn pass(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

/// Whether a request is signed for this service by a key of the cloud. Signatures are not computed: the port is loopback's.
fn is_signed(headers: &HeaderMap) -> bool {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some((_, rest)) = value.strip_prefix("AWS4-HMAC-SHA256 ").and_then(|rest| rest.split_once("Credential="))
    else {
        return false;
    };
    let scope = rest.split([',', ' ']).next().unwrap_or_default();
    let mut parts = scope.split('/');
    // Keys of single functions begin as the cloud's own.
    parts.next().is_some_and(|key| key.starts_with(ACCESS_KEY)) && parts.nth(2) == Some("execute-api")
}

/// `/_local/sockets`: which connections are open, and what is to go wrong with them.
pub(crate) fn control(inner: Arc<Inner>) -> Router {
    Router::new()
        .route("/_local/sockets", get(listed).post(losing))
        .route("/_local/sockets/{id}", post(faulty).delete(killed))
        .with_state(inner)
}

async fn listed(State(inner): State<Arc<Inner>>) -> Json<Value> {
    let mut all = inner.sockets.all();
    all.sort_by(|a, b| (a.peer.connected_at, &a.peer.id).cmp(&(b.peer.connected_at, &b.peer.id)));
    let item = |socket: &Arc<Socket>| {
        json!({
            "connectionId": socket.peer.id,
            "account": socket.peer.authorizer.as_ref().map(|context| &context["sub"]),
            "connectedAt": socket.peer.connected_at,
            "lastActiveAt": Time::from_ms(socket.last_active.load(Ordering::Relaxed)),
            "posts": socket.taken.load(Ordering::Relaxed),
        })
    };
    Json(json!({"items": all.iter().map(item).collect::<Vec<_>>()}))
}

/// `{"loseDisconnects": true}`: from here on no `$disconnect` comes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Losing {
    lose_disconnects: bool,
}

async fn losing(State(inner): State<Arc<Inner>>, Json(losing): Json<Losing>) -> StatusCode {
    inner.sockets.lose_disconnects.store(losing.lose_disconnects, Ordering::Relaxed);
    StatusCode::NO_CONTENT
}

/// `{"posts": "limit"}` (or `once`, `fail`, `hang`), `{"invocations": "twice"}` (or `fail`); what is left out works.
async fn faulty(State(inner): State<Arc<Inner>>, Path(id): Path<String>, Json(faults): Json<Faults>) -> StatusCode {
    let Some(socket) = inner.sockets.find(&id) else { return StatusCode::NOT_FOUND };
    *socket.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    StatusCode::NO_CONTENT
}

/// Cuts the line, as a tunnel does: no close frame.
async fn killed(State(inner): State<Arc<Inner>>, Path(id): Path<String>) -> StatusCode {
    let Some(socket) = inner.sockets.find(&id) else { return StatusCode::NOT_FOUND };
    inner.sockets.end(&socket, None, &inner);
    StatusCode::NO_CONTENT
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHOD: &str = "arn:aws:execute-api:ap-northeast-2:000000000000:local/live/$connect";

    fn policy(statements: Value) -> Value {
        json!({"principalId": "p", "policyDocument": {"Statement": statements}, "context": {"n": 7, "t": true}})
    }

    fn statement(effect: &str, resource: &str) -> Value {
        json!({"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource})
    }

    #[test]
    fn a_policy_lets_in_whom_it_allows_and_denies_nowhere() {
        let stage = METHOD.replace("$connect", "*");
        let Verdict::Allowed(context) = verdict(&policy(json!([statement("Allow", &stage)])), METHOD) else {
            panic!("not allowed");
        };
        assert_eq!((&context["n"], &context["t"], &context["principalId"]), (&"7".into(), &"true".into(), &"p".into()));
        for (statements, message) in [
            (json!([]), "User is not authorized to access this resource"),
            (json!([statement("Allow", "arn:*:other/live/*")]), "User is not authorized to access this resource"),
            (
                json!([statement("Allow", "*"), statement("Deny", METHOD)]),
                "User is not authorized to access this resource with an explicit deny",
            ),
        ] {
            assert_eq!(verdict(&policy(statements), METHOD), Verdict::Denied(message));
        }
    }

    #[test]
    fn what_is_no_policy_is_a_broken_authorizer() {
        let mut nested = policy(json!([statement("Allow", "*")]));
        nested["context"]["list"] = json!([1]);
        for reply in [json!(null), json!({"principalId": "p"}), nested] {
            assert_eq!(verdict(&reply, METHOD), Verdict::Nonsense, "{reply}");
        }
    }

    #[test]
    fn the_route_is_the_bodys_action() {
        assert_eq!(selected(r#"{"action":"ping","ref":"c1"}"#).as_deref(), Some("ping"));
        assert_eq!(selected(r#"{"action":7}"#).as_deref(), Some("7"));
        for none in ["", "ping", "[]", "{}", r#"{"action":null}"#, r#"{"action":["ping"]}"#, r#"{"action":"$connect"}"#]
        {
            assert_eq!(selected(none), None, "{none}");
        }
    }

    #[test]
    fn a_client_that_hangs_up_is_quoted_and_one_that_is_cut_off_is_named() {
        let frame = CloseFrame { code: 4001.into(), reason: "bye".into() };
        assert_eq!(hung_up(Some(Ok(Message::Close(Some(frame))))), (4001, "bye".to_owned(), None));
        let unsaid = (1005, "Client-side close frame status not set".to_owned(), None);
        assert_eq!(hung_up(Some(Ok(Message::Close(None)))), unsaid);
        assert_eq!(hung_up(None), (1006, ABNORMAL.to_owned(), None));
        let (code, _, close) = hung_up(Some(Ok(Message::binary(vec![1]))));
        assert_eq!((code, close.map(|(code, _)| code)), (1003, Some(1003)));
    }

    #[test]
    fn identifiers_are_shaped_as_on_aws() {
        let id = fresh_id();
        assert!(id.len() == 16 && id.ends_with('='), "{id}");
        assert_ne!(id, fresh_id());
    }

    #[test]
    fn the_gateways_own_frame_is_spaced_as_on_aws() {
        assert_eq!(
            trouble("Internal server error", "VNRUSeldSwMCIRQ=", "VNRXVFJOywMF3-Q="),
            r#"{"message": "Internal server error", "connectionId":"VNRUSeldSwMCIRQ=", "requestId":"VNRXVFJOywMF3-Q="}"#,
        );
    }

    #[test]
    fn headers_are_spelled_as_clients_send_them() {
        assert_eq!(spelled("sec-websocket-protocol"), "Sec-WebSocket-Protocol");
        assert_eq!(spelled("host"), "Host");
        assert_eq!(spelled("x--y"), "X--Y");
    }

    #[test]
    fn a_post_is_signed_by_a_key_of_the_cloud_for_this_service() {
        let signed = |credential: &str| {
            let mut headers = HeaderMap::new();
            let value = format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0");
            headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&value).unwrap());
            is_signed(&headers)
        };
        assert!(signed("madang-local/20261121/ap-northeast-2/execute-api/aws4_request"));
        assert!(!signed("AKIASTRANGER/20261121/ap-northeast-2/execute-api/aws4_request"));
        assert!(!signed("madang-local/20261121/ap-northeast-2/dynamodb/aws4_request"));
        assert!(!is_signed(&HeaderMap::new()));
    }
}
