//! The Lambda Runtime API, for functions that run as processes of their own, as they do on AWS.
//!
//! One loopback listener serves all of them: each process is told an address that ends in a path of
//! its own, which is how a request is known to come from it. That makes the address a URL, where
//! Lambda gives host and port: the Rust runtime takes both (cargo-lambda does the same).

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    routing::{get, post},
    serve::ListenerExt,
};
use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    net::TcpListener,
    process::{Child, Command},
    sync::{Notify, Semaphore, mpsc, oneshot, watch},
    task::JoinHandle,
};

/// Takes a line that a function wrote: the function's name and the line.
pub type Log = Arc<dyn Fn(&str, String) + Send + Sync>;

const REGION: &str = "ap-northeast-2";
/// Processes of one function at a time; further calls wait.
const PROCESSES: usize = 10;
/// Lambda gives a function ten seconds before its first poll, whatever its timeout.
const INIT: Duration = Duration::from_secs(10);
/// Between asking a process to end and ending it.
const GRACE: Duration = Duration::from_secs(2);
const REQUEST_LIMIT: usize = 6_291_456;
const RESPONSE_LIMIT: usize = 6_291_556;

/// A function and how its process is started.
#[derive(Debug, Clone)]
pub struct FunctionSpec {
    /// The function's name, which `invoke` takes.
    pub name: String,
    /// The `bootstrap` to run.
    pub program: PathBuf,
    /// Its arguments; Lambda passes none.
    pub args: Vec<String>,
    /// What the process finds in `_HANDLER`.
    pub handler: String,
    /// The function's own variables; they win over Lambda's.
    pub env: Vec<(String, String)>,
    /// Told to the process, not enforced.
    pub memory_mb: u32,
    /// How long one call may take.
    pub timeout: Duration,
}

/// How a call failed, as Lambda words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvokeError {
    /// The function's own, or one of Lambda's such as `Sandbox.Timedout`.
    pub error_type: String,
    /// What went wrong.
    pub error_message: String,
}

impl InvokeError {
    fn new(error_type: &str, error_message: impl Into<String>) -> Self {
        Self { error_type: error_type.to_owned(), error_message: error_message.into() }
    }

    /// A runtime's report of a failure.
    fn reported(body: &[u8], headers: &HeaderMap) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let header = headers.get("lambda-runtime-function-error-type").and_then(|value| value.to_str().ok());
        Self::new(
            body["errorType"].as_str().or(header).unwrap_or("Runtime.Unknown"),
            body["errorMessage"].as_str().unwrap_or_default(),
        )
    }

    /// The payload that a caller of Lambda gets.
    pub fn payload(&self) -> Value {
        json!({ "errorType": self.error_type, "errorMessage": self.error_message })
    }
}

impl std::fmt::Display for InvokeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.error_type, self.error_message)
    }
}

impl std::error::Error for InvokeError {}

type Outcome = Result<Value, InvokeError>;

/// All functions and their processes. What still runs when this is dropped is killed.
pub struct Processes {
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    functions: HashMap<String, Function>,
    /// By the path they were given.
    running: Mutex<HashMap<String, Arc<Process>>>,
    stopping: AtomicBool,
    address: SocketAddr,
    log: Log,
}

struct Function {
    spec: FunctionSpec,
    slots: Semaphore,
    /// The last one used is used first, as long as it is alive.
    idle: Mutex<Vec<Arc<Process>>>,
}

struct Process {
    group: Option<Pid>,
    jobs: mpsc::Sender<Job>,
    next: tokio::sync::Mutex<mpsc::Receiver<Job>>,
    /// The call the process works on.
    current: Mutex<Option<(String, oneshot::Sender<Outcome>)>>,
    polled: watch::Sender<bool>,
    init_error: Mutex<Option<InvokeError>>,
    kill: Notify,
    /// How it ended, once it has.
    ended: watch::Sender<Option<String>>,
}

struct Job {
    id: String,
    event: Vec<u8>,
    deadline_ms: i64,
    arn: String,
    reply: oneshot::Sender<Outcome>,
}

impl Processes {
    /// Serves the Runtime API and starts nothing yet: a function's process starts when it is called.
    pub async fn start(specs: Vec<FunctionSpec>, log: Log) -> Result<Self, String> {
        let mut functions = HashMap::new();
        for spec in specs {
            if !spec.program.is_file() {
                return Err(format!("{}: no program at {}", spec.name, spec.program.display()));
            }
            let name = spec.name.clone();
            let function = Function { spec, slots: Semaphore::new(PROCESSES), idle: Mutex::default() };
            if functions.insert(name.clone(), function).is_some() {
                return Err(format!("two functions are named {name}"));
            }
        }
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await.map_err(|e| e.to_string())?;
        let shared = Arc::new(Shared {
            functions,
            running: Mutex::default(),
            stopping: AtomicBool::new(false),
            address: listener.local_addr().map_err(|e| e.to_string())?,
            log,
        });
        let api = Router::new()
            .route("/{process}/2018-06-01/runtime/invocation/next", get(next))
            .route("/{process}/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/{process}/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/{process}/2018-06-01/runtime/init/error", post(init_error))
            .with_state(shared.clone());
        // Small answers both ways: waiting to fill packets would cost 40 ms a call.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, api).await;
        });
        Ok(Self { shared, server })
    }

    /// Calls a function and waits for what it returns: its JSON, or how it failed.
    ///
    /// `deadline_ms` is what the function is told; what ends it is its own timeout, by the real clock.
    pub async fn invoke(&self, name: &str, event: Value, deadline_ms: i64) -> Outcome {
        let (shared, name) = (self.shared.clone(), name.to_owned());
        // A task of its own: a caller that gives up must not leave a process in the middle of a call.
        tokio::spawn(async move { shared.invoke(&name, &event, deadline_ms).await })
            .await
            .unwrap_or_else(|e| Err(InvokeError::new("ServiceException", e.to_string())))
    }

    /// Asks every process to end, kills those that do not, and waits until all are gone.
    pub async fn stop(&self) {
        let running: Vec<Arc<Process>> = {
            let running = lock(&self.shared.running);
            // Under the lock that a new process needs to be known.
            self.shared.stopping.store(true, Ordering::SeqCst);
            running.values().cloned().collect()
        };
        for process in &running {
            process.signal(Signal::TERM);
        }
        let all = futures::future::join_all(running.iter().map(|process| process.ended()));
        if tokio::time::timeout(GRACE, all).await.is_err() {
            for process in &running {
                process.kill.notify_one();
            }
            futures::future::join_all(running.iter().map(|process| process.ended())).await;
        }
        self.server.abort();
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        for process in lock(&self.shared.running).values() {
            process.kill.notify_one();
            process.signal(Signal::KILL);
        }
        self.server.abort();
    }
}

impl Shared {
    async fn invoke(self: Arc<Self>, name: &str, event: &Value, deadline_ms: i64) -> Outcome {
        let function = self
            .functions
            .get(name)
            .ok_or_else(|| InvokeError::new("ResourceNotFoundException", format!("Function not found: {name}")))?;
        let event =
            serde_json::to_vec(event).map_err(|e| InvokeError::new("InvalidRequestContentException", e.to_string()))?;
        if event.len() > REQUEST_LIMIT {
            let message =
                format!("Request must be smaller than {REQUEST_LIMIT} bytes for the InvokeFunction operation");
            return Err(InvokeError::new("RequestTooLargeException", message));
        }
        let stopped = || InvokeError::new("ServiceException", "stopping");
        let _slot = function.slots.acquire().await.map_err(|_| stopped())?;
        let process = match function.take_idle() {
            Some(process) => process,
            None => self.start(&function.spec).await?,
        };
        let outcome = process.work(function, event, deadline_ms).await;
        if process.is_alive() {
            lock(&function.idle).push(process);
        }
        outcome
    }

    /// Starts a process and waits for its first poll.
    async fn start(self: &Arc<Self>, spec: &FunctionSpec) -> Result<Arc<Process>, InvokeError> {
        let path = uuid::Uuid::new_v4().simple().to_string();
        let failed = |e: String| InvokeError::new("Runtime.InvalidEntrypoint", e);
        let (mut child, process) = {
            // Held while it starts: a process may poll before this thread goes on, and must be known by then.
            let mut running = lock(&self.running);
            if self.stopping.load(Ordering::SeqCst) {
                return Err(InvokeError::new("ServiceException", "stopping"));
            }
            let child = command(spec, &format!("http://{}/{path}", self.address))
                .spawn()
                .map_err(|e| failed(format!("{}: {e}", spec.program.display())))?;
            let (jobs, next) = mpsc::channel(1);
            let process = Arc::new(Process {
                group: child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)),
                jobs,
                next: next.into(),
                current: Mutex::default(),
                polled: watch::Sender::new(false),
                init_error: Mutex::default(),
                kill: Notify::new(),
                ended: watch::Sender::new(None),
            });
            running.insert(path.clone(), process.clone());
            (child, process)
        };
        if let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) {
            tokio::spawn(lines(out, spec.name.clone(), self.log.clone()));
            tokio::spawn(lines(err, spec.name.clone(), self.log.clone()));
        }
        tokio::spawn(mind(child, process.clone(), self.clone(), path));

        let limit = INIT.max(spec.timeout);
        let first = async {
            tokio::select! {
                () = process.first_poll() => None,
                how = process.ended() => Some(how),
            }
        };
        match tokio::time::timeout(limit, first).await {
            Ok(None) => Ok(process),
            Ok(Some(how)) => {
                let reported = lock(&process.init_error).take();
                Err(reported.unwrap_or_else(|| InvokeError::new("Runtime.ExitError", format!("Error: {how}"))))
            }
            Err(_) => {
                process.end().await;
                let message = format!("Init timed out after {:.2} seconds", limit.as_secs_f64());
                Err(InvokeError::new("Sandbox.Timedout", message))
            }
        }
    }

    fn process(&self, path: &str) -> Option<Arc<Process>> {
        lock(&self.running).get(path).cloned()
    }
}

impl Function {
    fn take_idle(&self) -> Option<Arc<Process>> {
        let mut idle = lock(&self.idle);
        idle.retain(|process| process.is_alive());
        idle.pop()
    }
}

impl Process {
    /// One call, to its reply, its timeout or the process's end. A process that timed out is gone.
    async fn work(&self, function: &Function, event: Vec<u8>, deadline_ms: i64) -> Outcome {
        let id = uuid::Uuid::new_v4().to_string();
        let arn = format!("arn:aws:lambda:{REGION}:000000000000:function:{}", function.spec.name);
        let (reply, mut answer) = oneshot::channel();
        // Room for one, and this is the only one: this does not wait.
        let _ = self.jobs.try_send(Job { id: id.clone(), event, deadline_ms, arn, reply });
        let limit = function.spec.timeout;
        let over = async {
            tokio::select! {
                biased;
                Ok(outcome) = &mut answer => Ok(outcome),
                how = self.ended() => Err(how),
            }
        };
        match tokio::time::timeout(limit, over).await {
            Ok(Ok(outcome)) => outcome,
            // It may have replied and ended at once.
            Ok(Err(how)) => answer.try_recv().unwrap_or_else(|_| {
                Err(InvokeError::new("Runtime.ExitError", format!("RequestId: {id} Error: {how}")))
            }),
            Err(_) => {
                self.end().await;
                let message = format!("RequestId: {id} Error: Task timed out after {:.2} seconds", limit.as_secs_f64());
                Err(InvokeError::new("Sandbox.Timedout", message))
            }
        }
    }

    fn is_alive(&self) -> bool {
        self.ended.borrow().is_none()
    }

    async fn first_poll(&self) {
        let _ = self.polled.subscribe().wait_for(|polled| *polled).await;
    }

    async fn ended(&self) -> String {
        let mut ended = self.ended.subscribe();
        let how = ended.wait_for(Option::is_some).await;
        how.ok().and_then(|how| how.clone()).unwrap_or_default()
    }

    async fn end(&self) {
        self.kill.notify_one();
        self.ended().await;
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group.filter(|_| self.is_alive()) {
            let _ = kill_process_group(group, signal);
        }
    }

    /// Whether the process works on this call; if so it is over.
    fn finish(&self, id: &str, outcome: impl FnOnce() -> Outcome) -> bool {
        let mut current = lock(&self.current);
        match current.take_if(|(current, _)| current == id) {
            Some((_, reply)) => {
                let _ = reply.send(outcome());
                true
            }
            None => false,
        }
    }
}

fn command(spec: &FunctionSpec, api: &str) -> Command {
    let mut command = Command::new(&spec.program);
    let group = format!("/aws/lambda/{}", spec.name);
    let memory = spec.memory_mb.to_string();
    let folder = spec.program.parent().unwrap_or(std::path::Path::new("/"));
    command
        .args(&spec.args)
        .env_clear()
        .envs([
            ("AWS_LAMBDA_RUNTIME_API", api),
            ("_HANDLER", &spec.handler),
            ("AWS_LAMBDA_FUNCTION_NAME", &spec.name),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", &group),
            ("AWS_LAMBDA_LOG_STREAM_NAME", api.rsplit('/').next().unwrap_or_default()),
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            ("TZ", ":UTC"),
        ])
        .env("LAMBDA_TASK_ROOT", folder)
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .envs(spec.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A group of its own: what the process starts ends with it, and Ctrl-C comes through `stop`.
        .process_group(0)
        .kill_on_drop(true);
    command
}

/// Waits for a process's end, or brings it about.
async fn mind(mut child: Child, process: Arc<Process>, shared: Arc<Shared>, path: String) {
    let waited = tokio::select! {
        status = child.wait() => status,
        () = process.kill.notified() => {
            process.signal(Signal::KILL);
            child.wait().await
        }
    };
    let how = match waited {
        Ok(status) => how_it_ended(status),
        Err(error) => error.to_string(),
    };
    lock(&shared.running).remove(&path);
    process.ended.send_replace(Some(how));
}

fn how_it_ended(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(0), _) => "Runtime exited without providing a reason".to_owned(),
        (Some(code), _) => format!("Runtime exited with error: exit status {code}"),
        (None, Some(9)) => "Runtime exited with error: signal: killed".to_owned(),
        (None, signal) => format!("Runtime exited with error: signal: {}", signal.unwrap_or_default()),
    }
}

async fn lines(stream: impl AsyncRead + Unpin, name: String, log: Log) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while stream.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
        log(&name, String::from_utf8_lossy(&line).trim_end().to_owned());
        line.clear();
    }
}

async fn next(State(shared): State<Arc<Shared>>, Path(path): Path<String>) -> Response<Body> {
    let Some(process) = shared.process(&path) else {
        return refused(StatusCode::NOT_FOUND, "UnknownProcess");
    };
    process.polled.send_replace(true);
    let mut jobs = process.next.lock().await;
    let Some(job) = jobs.recv().await else {
        return refused(StatusCode::GONE, "NoMoreCalls");
    };
    let trace = format!("Root=1-{:08x}-{};Sampled=0", job.deadline_ms / 1000, &job.id.replace('-', "")[..24]);
    let answer = Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", &job.id)
        .header("lambda-runtime-deadline-ms", job.deadline_ms)
        .header("lambda-runtime-invoked-function-arn", &job.arn)
        .header("lambda-runtime-trace-id", trace)
        .body(Body::from(job.event));
    *lock(&process.current) = Some((job.id, job.reply));
    answer.unwrap_or_else(|_| refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalError"))
}

async fn response(
    State(shared): State<Arc<Shared>>,
    Path((path, id)): Path<(String, String)>,
    body: Body,
) -> Response<Body> {
    // One byte more than allowed is enough to know.
    let body = axum::body::to_bytes(body, RESPONSE_LIMIT).await;
    let fits = body.is_ok();
    let outcome = || match &body {
        Ok(body) if body.is_empty() => Ok(Value::Null),
        Ok(body) => {
            serde_json::from_slice(body).map_err(|e| InvokeError::new("Runtime.MalformedResponse", e.to_string()))
        }
        Err(_) => Err(InvokeError::new(
            "Function.ResponseSizeTooLarge",
            format!("Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes)."),
        )),
    };
    match shared.process(&path) {
        Some(process) if process.finish(&id, outcome) && fits => accepted(),
        Some(_) if !fits => refused(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge"),
        _ => refused(StatusCode::BAD_REQUEST, "InvalidRequestID"),
    }
}

async fn error(
    State(shared): State<Arc<Shared>>,
    Path((path, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    match shared.process(&path) {
        Some(process) if process.finish(&id, || Err(InvokeError::reported(&body, &headers))) => accepted(),
        _ => refused(StatusCode::BAD_REQUEST, "InvalidRequestID"),
    }
}

async fn init_error(
    State(shared): State<Arc<Shared>>,
    Path(path): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    match shared.process(&path) {
        Some(process) => {
            *lock(&process.init_error) = Some(InvokeError::reported(&body, &headers));
            accepted()
        }
        None => refused(StatusCode::NOT_FOUND, "UnknownProcess"),
    }
}

fn accepted() -> Response<Body> {
    answered(StatusCode::ACCEPTED, &json!({ "status": "OK" }))
}

fn refused(status: StatusCode, kind: &str) -> Response<Body> {
    answered(status, &json!({ "errorType": kind, "errorMessage": kind }))
}

fn answered(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response
}

/// A panic while the lock was held leaves nothing half done in these maps.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_runtime::{LambdaEvent, service_fn};
    use std::io::{Read, Write};
    use tokio::io::AsyncWriteExt;

    /// Not a test: the function that the tests below call. This executable starts itself again with
    /// this one name, so that the function is a real process with the real runtime.
    #[test]
    #[ignore = "started by the tests of this module as their function"]
    fn the_function() {
        let handler = std::env::var_os("_HANDLER").unwrap_or_default();
        if handler.is_empty() {
            return;
        }
        if handler == "broken" {
            let api = std::env::var_os("AWS_LAMBDA_RUNTIME_API").unwrap().into_string().unwrap();
            let (host, path) = api.strip_prefix("http://").unwrap().split_once('/').unwrap();
            let body = r#"{"errorType":"Config.Missing","errorMessage":"TABLE"}"#;
            let mut stream = std::net::TcpStream::connect(host).unwrap();
            write!(
                stream,
                "POST /{path}/2018-06-01/runtime/init/error HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
            stream.read_to_end(&mut Vec::new()).unwrap();
            std::process::exit(1);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(lambda_runtime::run(service_fn(function))).unwrap();
    }

    async fn function(event: LambdaEvent<Value>) -> Result<Value, lambda_runtime::Error> {
        let (event, context) = event.into_parts();
        match event["do"].as_str().unwrap_or_default() {
            "fail" => Err("told to fail".into()),
            "exit" => std::process::exit(3),
            "hang" => std::future::pending().await,
            "big" => Ok(json!("x".repeat(RESPONSE_LIMIT))),
            "log" => {
                std::io::stdout().write_all(b"a line\n").unwrap();
                std::io::stderr().write_all(b"another\n").unwrap();
                Ok(Value::Null)
            }
            // Busy until the test says so.
            "meet" => {
                let mut stream = std::net::TcpStream::connect(event["at"].as_str().unwrap()).unwrap();
                stream.read_exact(&mut [0]).unwrap();
                Ok(json!(std::process::id()))
            }
            _ => {
                let env: HashMap<String, String> = std::env::vars().collect();
                Ok(json!({
                    "pid": std::process::id(), "event": event, "env": env, "id": context.request_id,
                    "deadline": context.deadline, "arn": context.invoked_function_arn,
                }))
            }
        }
    }

    fn spec(name: &str) -> FunctionSpec {
        FunctionSpec {
            name: name.into(),
            program: std::env::current_exe().unwrap(),
            args: ["--exact", "runtime_api::tests::the_function", "--ignored", "--nocapture"]
                .map(str::to_owned)
                .to_vec(),
            handler: format!("ctx.{name}"),
            env: vec![("TABLE".into(), "t".into())],
            memory_mb: 256,
            timeout: Duration::from_secs(60),
        }
    }

    async fn started(specs: Vec<FunctionSpec>) -> Processes {
        Processes::start(specs, Arc::new(|_, _| {})).await.unwrap()
    }

    async fn pid(processes: &Processes) -> u64 {
        processes.invoke("f", json!({}), 1).await.unwrap()["pid"].as_u64().unwrap()
    }

    fn is_running(pid: u64) -> bool {
        let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
        rustix::process::test_kill_process(pid).is_ok()
    }

    #[tokio::test]
    async fn a_function_gets_its_event_its_context_and_no_other_environment() {
        let processes = started(vec![spec("f")]).await;
        let reply = processes.invoke("f", json!({ "n": 1 }), 1_767_225_600_000).await.unwrap();
        assert_eq!(reply["event"], json!({ "n": 1 }));
        assert_eq!(reply["deadline"], 1_767_225_600_000_i64);
        assert_eq!(reply["arn"], "arn:aws:lambda:ap-northeast-2:000000000000:function:f");
        let env = reply["env"].as_object().unwrap();
        for (name, value) in [
            ("_HANDLER", "ctx.f"),
            ("AWS_LAMBDA_FUNCTION_NAME", "f"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/f"),
            ("AWS_REGION", REGION),
            ("TABLE", "t"),
        ] {
            assert_eq!(env[name], value);
        }
        assert!(!env.contains_key("HOME") && !env.contains_key("CARGO_MANIFEST_DIR"), "{env:?}");
        processes.stop().await;
    }

    #[tokio::test]
    async fn a_process_that_is_idle_is_used_again() {
        let processes = started(vec![spec("f")]).await;
        assert_eq!(pid(&processes).await, pid(&processes).await);
    }

    #[tokio::test]
    async fn calls_at_once_get_processes_of_their_own_but_never_more_than_ten() {
        let processes = Arc::new(started(vec![spec("f")]).await);
        let gate = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let event = json!({ "do": "meet", "at": gate.local_addr().unwrap().to_string() });
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..12 {
            let (processes, event) = (processes.clone(), event.clone());
            calls.spawn(async move { processes.invoke("f", event, 1).await.unwrap().as_u64().unwrap() });
        }
        let mut inside = std::collections::VecDeque::new();
        let mut pids = std::collections::HashSet::new();
        for released in [0, 1, 1] {
            for _ in 0..released {
                let mut stream: tokio::net::TcpStream = inside.pop_front().unwrap();
                stream.write_all(b"x").await.unwrap();
                pids.insert(calls.join_next().await.unwrap().unwrap());
            }
            while inside.len() < 10 {
                tokio::select! {
                    arrived = gate.accept() => inside.push_back(arrived.unwrap().0),
                    over = calls.join_next() => panic!("a call is over that should wait: {over:?}"),
                }
            }
        }
        for mut stream in inside {
            stream.write_all(b"x").await.unwrap();
        }
        while let Some(call) = calls.join_next().await {
            pids.insert(call.unwrap());
        }
        assert_eq!(pids.len(), 10);
        processes.stop().await;
    }

    #[tokio::test]
    async fn a_function_that_fails_keeps_its_process() {
        let processes = started(vec![spec("f")]).await;
        let before = pid(&processes).await;
        let failed = processes.invoke("f", json!({ "do": "fail" }), 1).await.unwrap_err();
        assert_eq!(failed.error_message, "told to fail");
        assert_eq!(failed.payload()["errorMessage"], "told to fail");
        assert_eq!(pid(&processes).await, before);
    }

    #[tokio::test]
    async fn a_process_that_dies_is_reported_and_replaced() {
        let processes = started(vec![spec("f")]).await;
        let before = pid(&processes).await;
        let died = processes.invoke("f", json!({ "do": "exit" }), 1).await.unwrap_err();
        assert_eq!(died.error_type, "Runtime.ExitError");
        assert!(died.error_message.ends_with("Error: Runtime exited with error: exit status 3"), "{died}");
        assert_ne!(pid(&processes).await, before);
    }

    #[tokio::test]
    async fn a_call_that_takes_too_long_ends_its_process() {
        let mut slow = spec("f");
        slow.timeout = Duration::from_secs(1);
        let processes = started(vec![slow]).await;
        let before = pid(&processes).await;
        let late = processes.invoke("f", json!({ "do": "hang" }), 1).await.unwrap_err();
        assert_eq!(late.error_type, "Sandbox.Timedout");
        assert!(late.error_message.ends_with("Task timed out after 1.00 seconds"), "{late}");
        assert!(!is_running(before));
        assert_ne!(pid(&processes).await, before);
    }

    #[tokio::test]
    async fn a_function_that_cannot_start_says_why() {
        let mut broken = spec("broken");
        broken.handler = "broken".into();
        let mut gone = spec("gone");
        gone.args = vec!["--no-such-option".into()];
        let processes = started(vec![broken, gone]).await;
        let said = processes.invoke("broken", json!({}), 1).await.unwrap_err();
        assert_eq!(said, InvokeError::new("Config.Missing", "TABLE"));
        let said = processes.invoke("gone", json!({}), 1).await.unwrap_err();
        assert_eq!(said.error_type, "Runtime.ExitError");
    }

    #[tokio::test]
    async fn payloads_over_lambdas_limit_are_refused_both_ways() {
        let processes = started(vec![spec("f")]).await;
        let sent = processes.invoke("f", json!("x".repeat(REQUEST_LIMIT)), 1).await.unwrap_err();
        assert_eq!(sent.error_type, "RequestTooLargeException");
        let returned = processes.invoke("f", json!({ "do": "big" }), 1).await.unwrap_err();
        assert_eq!(returned.error_type, "Function.ResponseSizeTooLarge");
    }

    #[tokio::test]
    async fn what_a_process_prints_is_logged_under_its_name() {
        let (sender, mut received) = mpsc::unbounded_channel();
        let log: Log = Arc::new(move |name, line| {
            let _ = sender.send((name.to_owned(), line));
        });
        let processes = Processes::start(vec![spec("f")], log).await.unwrap();
        processes.invoke("f", json!({ "do": "log" }), 1).await.unwrap();
        let mut missing = vec!["a line", "another"];
        while !missing.is_empty() {
            let (name, line) = received.recv().await.unwrap();
            assert_eq!(name, "f");
            missing.retain(|wanted| *wanted != line);
        }
    }

    #[tokio::test]
    async fn stopping_and_dropping_leave_no_process_behind() {
        let processes = started(vec![spec("f")]).await;
        let before = pid(&processes).await;
        processes.stop().await;
        assert!(!is_running(before));
        assert!(processes.invoke("f", json!({}), 1).await.is_err());

        let processes = started(vec![spec("f")]).await;
        let before = pid(&processes).await;
        let known: Vec<_> = lock(&processes.shared.running).values().cloned().collect();
        drop(processes);
        for process in known {
            process.ended().await;
        }
        assert!(!is_running(before));
    }

    #[tokio::test]
    async fn unknown_functions_missing_programs_and_shared_names_are_refused() {
        let processes = started(vec![spec("f")]).await;
        let unknown = processes.invoke("g", json!({}), 1).await.unwrap_err();
        assert_eq!(unknown.error_type, "ResourceNotFoundException");
        let mut nowhere = spec("f");
        nowhere.program = "/nowhere/bootstrap".into();
        for specs in [vec![nowhere], vec![spec("f"), spec("f")]] {
            assert!(Processes::start(specs, Arc::new(|_, _| {})).await.is_err());
        }
    }
}
