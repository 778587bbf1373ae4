//! The parts of the cloud, put together.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use domain::time::Time;
use edge::{Invocation, Keys, Setting, Trigger as RowTrigger, Verifier};
use futures::{FutureExt, future::BoxFuture};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinHandle,
};
use user_pool::{AppClient, Mail, Pool, Surroundings, Trigger};
use uuid::Uuid;

use crate::{
    bucket::Bucket,
    clock::Clock,
    faults::{Faults, Handing},
    functions::{ACCESS_KEY, Failed, Functions, PREFIX, SECRET_KEY},
    gateway::{self, Routes},
    mail::Posted,
    privileges::Guard,
    seed,
    sockets::Sockets,
    tables::Tables,
};

/// The region the cloud says it is in: Seoul.
pub const REGION: &str = "ap-northeast-2";
/// The user pool.
pub const POOL_ID: &str = "ap-northeast-2_Madang001";
/// The app client.
pub const CLIENT_ID: &str = "madanglocalclient00000001";
/// The bucket of uploads, renditions and files of messages.
pub const BUCKET: &str = "madang-local-media";
/// The table.
pub(crate) const TABLE: &str = "madang-local";
/// The version of what is kept in the state folder.
const STATE_VERSION: u64 = 1;

/// How a cloud is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port; 0 takes a free one.
    pub port: u16,
    /// Where the state is kept; `None` keeps it in memory.
    pub state: Option<PathBuf>,
    /// Whether demo people and their things are put in.
    pub seeded: bool,
    /// Whether the connection that event files come by is known.
    pub connected: bool,
    /// Where the clock stands still, instead of running.
    pub stopped_at: Option<Time>,
    /// The code every mail has, instead of a random one.
    pub fixed_code: Option<String>,
    /// Where the bootstraps are, to run each function in a process of its own.
    pub processes: Option<PathBuf>,
    /// Whether log lines go to standard output.
    pub print_log: bool,
    /// Origins whose pages may call.
    pub origins: Vec<String>,
    /// Whether a function follows what changes in the table; not where the store is tried by itself.
    pub followed: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            state: None,
            seeded: false,
            connected: false,
            stopped_at: None,
            fixed_code: None,
            processes: None,
            print_log: false,
            origins: vec!["http://localhost:5173".to_owned()],
            followed: true,
        }
    }
}

impl Options {
    /// As the event files need it: the demo people at the seed's moment, the clock standing still, every code known.
    #[must_use]
    pub fn demo() -> Self {
        Self {
            seeded: true,
            connected: true,
            stopped_at: Time::parse(seed::SEED_TIME).ok(),
            fixed_code: Some("123456".to_owned()),
            ..Self::default()
        }
    }
}

/// A running cloud. Dropping it ends it.
pub struct Cloud {
    pub(crate) inner: Arc<Inner>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    /// Held while the state folder is in use.
    _lock: Option<std::fs::File>,
}

pub(crate) struct Inner {
    pub(crate) base_url: String,
    pub(crate) options: Options,
    pub(crate) clock: Arc<Clock>,
    pub(crate) tables: Tables,
    pub(crate) bucket: OnceLock<Bucket>,
    pub(crate) pool: OnceLock<Pool>,
    pub(crate) verifier: OnceLock<Verifier>,
    pub(crate) functions: Functions,
    pub(crate) routes: Routes,
    pub(crate) guard: Guard,
    pub(crate) sockets: Sockets,
    pub(crate) faults: Faults,
    pub(crate) mails: Mutex<VecDeque<(Time, Posted)>>,
    pub(crate) log: Mutex<VecDeque<String>>,
    schedules: Mutex<HashMap<&'static str, Time>>,
    queue: mpsc::UnboundedSender<Queued>,
    under_way: watch::Sender<usize>,
    print_log: AtomicBool,
}

/// An asynchronous invocation.
pub(crate) struct Queued {
    pub(crate) name: &'static str,
    pub(crate) event: Value,
}

impl Cloud {
    /// Starts a cloud on loopback.
    ///
    /// # Errors
    /// A sentence for the person at the keyboard: the port is in use, the state folder cannot be written, is in use, or is
    /// of another version.
    pub async fn start(options: Options) -> Result<Self, String> {
        let lock = options.state.as_deref().map(claim).transpose()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await.map_err(|error| {
            format!("port {} cannot be used: {error}. Try another: make run PORT=4000", options.port)
        })?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let base_url = format!("http://{address}");

        let clock = Arc::new(Clock::default());
        if let Some(time) = options.stopped_at {
            clock.stop_at(time);
        }
        let file = |name: &str| options.state.as_ref().map(|folder| folder.join(name));
        let tables = Tables::open(file("table.db").as_deref())?;
        tables.ensure_table(table_definition(), "ttl").await?;

        let (queue, queued) = mpsc::unbounded_channel();
        // Whoever writes a line is made before what holds the lines.
        let held: Arc<OnceLock<std::sync::Weak<Inner>>> = Arc::default();
        let sink = Arc::clone(&held);
        let log: edge::LogSink = Arc::new(move |line| {
            if let Some(inner) = sink.get().and_then(std::sync::Weak::upgrade) {
                inner.note(line);
            }
        });
        let rows = crate::services().into_iter().flat_map(|service| service.rows());
        let guard = Guard::new(ACCESS_KEY, SECRET_KEY, rows, Arc::clone(&log))?;
        let inner = Arc::new_cyclic(|weak: &std::sync::Weak<Inner>| {
            let _ = held.set(weak.clone());
            let functions = Functions::new(&base_url, settings(&base_url, &options), log);
            let routes = Routes::of(functions.rows());
            let sockets = Sockets::of(functions.rows());
            Inner {
                base_url: base_url.clone(),
                options: options.clone(),
                clock: Arc::clone(&clock),
                tables: tables.clone(),
                bucket: OnceLock::new(),
                pool: OnceLock::new(),
                verifier: OnceLock::new(),
                functions,
                routes,
                guard: guard.clone(),
                sockets,
                faults: Faults::default(),
                mails: Mutex::default(),
                log: Mutex::default(),
                schedules: Mutex::default(),
                queue,
                under_way: watch::Sender::new(0),
                print_log: AtomicBool::new(options.print_log),
            }
        });
        if let Some(folder) = &options.processes {
            inner.functions.in_processes(folder).await?;
        }

        let bucket = Bucket::open(
            file("bucket"),
            BUCKET,
            guard,
            uploads_to(&inner),
            now_of(&clock),
            [&options.origins[..], std::slice::from_ref(&base_url)].concat(),
        )
        .await?;
        let _ = inner.bucket.set(bucket);
        let pool = open_pool(&inner, file("user-pool.json")).await?;
        let keys = Keys::Known(pool.jwks());
        let _ = inner.verifier.set(Verifier::with(&pool.issuer(), CLIENT_ID, keys));
        let _ = inner.pool.set(pool);

        let (stop, stopped) = watch::channel(false);
        let mut tasks = vec![
            inner.tables.feed_stream(TABLE.to_owned(), changes_to(&inner), stopped.clone()),
            tokio::spawn(work_off(Arc::clone(&inner), queued, stopped.clone())),
            tokio::spawn(serve(Arc::clone(&inner), listener, stopped.clone())),
        ];
        if options.seeded {
            seed::seed(&inner).await?;
        }
        if options.stopped_at.is_none() {
            tasks.push(tokio::spawn(tick(Arc::clone(&inner), stopped)));
        }
        Ok(Self { inner, stop, tasks, _lock: lock })
    }

    /// Where everything is: `http://127.0.0.1:3000`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.inner.base_url
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Moves the clock and runs what fell due by it.
    pub async fn move_clock(&self, to: Time) {
        self.inner.move_clock(to).await;
    }

    /// Waits until everything that follows from what was done so far is done.
    pub async fn settled(&self) {
        self.inner.settled().await;
    }

    /// The log lines of functions, the oldest first.
    #[must_use]
    pub fn log(&self) -> Vec<Value> {
        let lines = self.inner.log.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Invokes a function with an event, and brings the log line of this call besides its reply. What follows from its
    /// changes of the table waits until it is done, so that it takes the same each time.
    ///
    /// # Errors
    /// Type and message of the function's error.
    pub async fn invoke_and_read_log(&self, name: &str, event: Value) -> Result<(Value, Option<Value>), String> {
        let request_id = Uuid::new_v4().to_string();
        let time_limit = self.inner.functions.time_limit(name);
        let invocation = Invocation { request_id: request_id.clone(), now: self.inner.clock.now(), time_limit };
        let failed = |failed: Failed| format!("{}: {}", failed.error_type, failed.message);
        let held_back = self.inner.tables.held_back().await;
        let reply = self.inner.functions.invoke(name, event, invocation).await.map_err(failed)?;
        drop(held_back);
        Ok((reply, self.log().into_iter().rev().find(|line| line["requestId"] == request_id.as_str())))
    }

    /// Invokes a function with an event, as an event source would.
    ///
    /// # Errors
    /// Type and message of the function's error.
    pub async fn invoke(&self, name: &str, event: Value) -> Result<Value, String> {
        let failed = |failed: Failed| format!("{}: {}", failed.error_type, failed.message);
        self.inner.invoke(name, event).await.map_err(failed)
    }

    /// From here on, each log line goes to standard output.
    pub fn print_log(&self) {
        self.inner.print_log.store(true, Ordering::Relaxed);
    }

    /// Invokes a function that has less time than its row allows.
    ///
    /// # Errors
    /// Type and message of the function's error.
    pub async fn invoke_within(&self, name: &str, event: Value, time_limit: Duration) -> Result<Value, String> {
        let invocation = Invocation { request_id: Uuid::new_v4().to_string(), now: self.inner.clock.now(), time_limit };
        let failed = |failed: Failed| format!("{}: {}", failed.error_type, failed.message);
        self.inner.functions.invoke(name, event, invocation).await.map_err(failed)
    }

    /// The table, to look into.
    #[must_use]
    pub fn table(&self) -> store::Table {
        store::Table::new(&self.sdk(), TABLE.to_owned())
    }

    /// How the cloud is reached with a key of its own.
    #[must_use]
    pub fn sdk(&self) -> aws_config::SdkConfig {
        crate::functions::sdk(&self.inner.base_url, "tests")
    }

    /// How a function reaches AWS here: with its key and what its row grants, but in the name of tests.
    #[must_use]
    pub fn sdk_as(&self, row: &str) -> aws_config::SdkConfig {
        crate::functions::sdk_of(&self.inner.base_url, row, "tests")
    }

    /// The table as a function has it: with what its row grants.
    #[must_use]
    pub fn table_as(&self, row: &str) -> store::Table {
        store::Table::new(&self.sdk_as(row), TABLE.to_owned())
    }

    /// An item of the table in the table's own notation, as it stands in stream records.
    pub async fn item(&self, pk: &str, sk: &str) -> Option<Value> {
        use aws_sdk_dynamodb::{Client, types::AttributeValue};
        fn spelled(value: &AttributeValue) -> Value {
            match value {
                AttributeValue::S(text) => json!({"S": text}),
                AttributeValue::N(number) => json!({"N": number}),
                AttributeValue::Bool(flag) => json!({"BOOL": flag}),
                AttributeValue::L(all) => json!({"L": all.iter().map(spelled).collect::<Vec<_>>()}),
                AttributeValue::M(all) => json!({"M": members(all)}),
                AttributeValue::Ss(all) => json!({"SS": all}),
                AttributeValue::Ns(all) => json!({"NS": all}),
                _ => json!({"NULL": true}),
            }
        }
        fn members(all: &HashMap<String, AttributeValue>) -> BTreeMap<&str, Value> {
            all.iter().map(|(name, value)| (name.as_str(), spelled(value))).collect()
        }
        let key = |text: &str| AttributeValue::S(text.to_owned());
        let client = Client::new(&crate::functions::sdk(&self.inner.base_url, "tests"));
        let found = client.get_item().table_name(TABLE).key("pk", key(pk)).key("sk", key(sk)).send().await.ok()?;
        found.item.as_ref().map(|item| json!(members(item)))
    }

    /// Ends the cloud: no new requests, what is under way is finished, state is on disk.
    pub async fn stop(mut self) {
        self.inner.sockets.end_all(&self.inner);
        self.inner.functions.stop().await;
        let _ = self.stop.send(true);
        for task in self.tasks.drain(..) {
            let _ = tokio::time::timeout(Duration::from_secs(5), task).await;
        }
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        // A connection outlives the request that opened it, and holds the whole cloud.
        self.inner.sockets.end_all(&self.inner);
        let _ = self.stop.send(true);
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Something under way, until it is dropped.
pub(crate) struct Working(watch::Sender<usize>);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Inner {
    fn note(&self, line: &str) {
        if self.print_log.load(Ordering::Relaxed) {
            use std::io::Write as _;
            let _ = writeln!(std::io::stdout().lock(), "{line}");
        }
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() >= 10_000 {
            log.pop_front();
        }
        log.push_back(line.to_owned());
    }

    pub(crate) async fn invoke(&self, name: &str, event: Value) -> Result<Value, Failed> {
        let invocation = Invocation {
            request_id: Uuid::new_v4().to_string(),
            now: self.clock.now(),
            time_limit: self.functions.time_limit(name),
        };
        self.functions.invoke(name, event, invocation).await
    }

    /// Hands a function what nobody waits for with a request of their own: where a test wishes so, twice, or to a function
    /// that ends before it is done.
    pub(crate) async fn hand(&self, name: &str, event: Value) -> Result<Value, Failed> {
        match self.faults.of_handing() {
            Handing::Once => self.invoke(name, event).await,
            Handing::Twice(true) => tokio::join!(self.invoke(name, event.clone()), self.invoke(name, event)).1,
            Handing::Twice(false) => {
                let _ = self.invoke(name, event.clone()).await;
                self.invoke(name, event).await
            }
            Handing::Ends(after) => {
                let ended =
                    || Failed { error_type: "Runtime.ExitError".into(), message: "exited without a word".into() };
                tokio::time::timeout(after, self.invoke(name, event)).await.unwrap_or_else(|_| Err(ended()))
            }
        }
    }

    /// Something under way, which whoever waits for everything to be done waits for until it is dropped.
    pub(crate) fn working(&self) -> Working {
        self.under_way.send_modify(|count| *count += 1);
        Working(self.under_way.clone())
    }

    /// Puts an asynchronous invocation into the queue.
    pub(crate) fn enqueue(&self, name: &'static str, event: Value) {
        self.under_way.send_modify(|count| *count += 1);
        if self.queue.send(Queued { name, event }).is_err() {
            self.under_way.send_modify(|count| *count -= 1);
        }
    }

    pub(crate) async fn settled(&self) {
        loop {
            let mut under_way = self.under_way.subscribe();
            let _ = under_way.wait_for(|count| *count == 0).await;
            self.tables.drained().await;
            if *under_way.borrow() == 0 {
                return;
            }
        }
    }

    pub(crate) async fn move_clock(&self, to: Time) {
        self.clock.set(to);
        self.sockets.sweep(self);
        self.run_due_schedules().await;
        let _ = self.tables.expire(self.clock.now().seconds()).await;
        self.settled().await;
    }

    async fn run_due_schedules(&self) {
        let now = self.clock.now();
        for row in self.functions.rows() {
            let RowTrigger::Schedule(expression) = row.trigger else { continue };
            let Some(every) = interval(expression) else { continue };
            {
                let mut schedules = self.schedules.lock().unwrap_or_else(PoisonError::into_inner);
                // A clock that was moved back starts the rhythm anew.
                let last = schedules.get(row.name).filter(|last| **last <= now);
                if last.is_some_and(|last| now.ms() - last.ms() < every) {
                    continue;
                }
                schedules.insert(row.name, now);
            }
            let _ = self.invoke(row.name, scheduled_event(row.name, now)).await;
        }
    }

    /// Puts a mail into the mail box.
    pub(crate) fn post(&self, mail: Posted) {
        let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        if mails.len() >= 1_000 {
            mails.pop_front();
        }
        mails.push_back((self.clock.now(), mail));
    }

    pub(crate) fn mailed(&self) -> Vec<(Time, Posted)> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(crate) async fn reset(self: &Arc<Self>) -> Result<(), String> {
        self.sockets.end_all(self);
        self.settled().await;
        self.tables.reset().await?;
        if let Some(bucket) = self.bucket.get() {
            bucket.reset().await?;
        }
        if let Some(pool) = self.pool.get() {
            pool.reset();
        }
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.schedules.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.clock.reset();
        if let Some(time) = self.options.stopped_at {
            self.clock.stop_at(time);
        }
        if self.options.seeded { seed::seed(self).await } else { Ok(()) }
    }
}

/// Takes the state folder for this process alone, and checks that it is of this version.
fn claim(folder: &Path) -> Result<std::fs::File, String> {
    let say = |what: &str| format!("the state folder {} {what}", folder.display());
    std::fs::create_dir_all(folder).map_err(|error| say(&format!("cannot be written: {error}")))?;
    let lock =
        std::fs::File::create(folder.join("lock")).map_err(|error| say(&format!("cannot be written: {error}")))?;
    lock.try_lock().map_err(|_| say("is in use by another laptop cloud. Name another: make run STATE=.local-2"))?;
    let version_file = folder.join("version.json");
    match std::fs::read_to_string(&version_file) {
        Err(_) => std::fs::write(&version_file, json!({"version": STATE_VERSION}).to_string())
            .map_err(|error| say(&format!("cannot be written: {error}")))?,
        Ok(text) => {
            let found = serde_json::from_str::<Value>(&text).ok().and_then(|value| value["version"].as_u64());
            if found != Some(STATE_VERSION) {
                let found = found.map_or_else(|| "unknown".to_owned(), |version| version.to_string());
                return Err(say(&format!(
                    "is of version {found}, this program wants {STATE_VERSION}. Remove it to begin anew"
                )));
            }
        }
    }
    Ok(lock)
}

fn settings(base_url: &str, options: &Options) -> HashMap<&'static str, String> {
    let returns = [&options.origins[..], &[format!("{base_url}/")]].concat().join(",");
    let mut settings = settings_at(base_url, base_url);
    settings.insert(Setting::ReturnUrls.variable(), returns);
    settings
}

/// The settings of functions for a cloud, by their variables: where functions reach it, and what it calls itself.
#[must_use]
pub fn settings_at(reached: &str, called: &str) -> HashMap<&'static str, String> {
    [
        (Setting::ApiUrl, called.to_owned()),
        (Setting::ClientId, CLIENT_ID.to_owned()),
        (Setting::ConnectionsUrl, format!("{reached}/live")),
        // Everything here is for one laptop; a deployment has a key of its own.
        (Setting::CursorKey, "laptop-cursor-key".to_owned()),
        (Setting::FunctionPrefix, PREFIX.to_owned()),
        (Setting::HostedUrl, reached.to_owned()),
        (Setting::JwksUrl, format!("{reached}/{POOL_ID}/.well-known/jwks.json")),
        (Setting::MailFrom, crate::mail::MAIL_FROM.to_owned()),
        (Setting::MediaBucket, BUCKET.to_owned()),
        (Setting::MediaUrl, format!("{called}/_cdn")),
        (Setting::NaverUserinfoUrl, format!("{reached}/_idp/naver/v1/nid/me")),
        (Setting::ReturnUrls, format!("http://localhost:5173,{called}/")),
        (Setting::TableName, TABLE.to_owned()),
        (Setting::TokenIssuer, format!("{called}/{POOL_ID}")),
        (Setting::UserPoolId, POOL_ID.to_owned()),
    ]
    .into_iter()
    .map(|(setting, value)| (setting.variable(), value))
    .collect()
}

/// The table as Terraform makes it.
fn table_definition() -> Value {
    let attributes = ["pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "gsi3pk", "gsi3sk"];
    let index = |name: &str| {
        json!({
            "IndexName": name,
            "KeySchema": [
                {"AttributeName": format!("{name}pk"), "KeyType": "HASH"},
                {"AttributeName": format!("{name}sk"), "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        })
    };
    json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes.map(|name| json!({"AttributeName": name, "AttributeType": "S"})),
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "GlobalSecondaryIndexes": [index("gsi1"), index("gsi2"), index("gsi3")],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    })
}

fn now_of(clock: &Arc<Clock>) -> crate::bucket::Now {
    let clock = Arc::clone(clock);
    Arc::new(move || clock.now().ms())
}

/// Objects that arrive set off the functions whose prefix they match.
fn uploads_to(inner: &Arc<Inner>) -> crate::bucket::Notify {
    let weak = Arc::downgrade(inner);
    Arc::new(move |event: Value| {
        let Some(inner) = weak.upgrade() else { return };
        let record = &event["Records"][0];
        let key = record["s3"]["object"]["key"].as_str().unwrap_or_default();
        if !record["eventName"].as_str().is_some_and(|name| name.starts_with("ObjectCreated")) {
            return;
        }
        for row in inner.functions.rows() {
            if matches!(row.trigger, RowTrigger::Bucket(prefix) if key.starts_with(prefix)) {
                inner.enqueue(row.name, event.clone());
            }
        }
    })
}

/// Changes of the table go to the function that follows them.
fn changes_to(inner: &Arc<Inner>) -> crate::tables::Deliver {
    let weak = Arc::downgrade(inner);
    Arc::new(move |mut event: Value| {
        let weak = weak.clone();
        async move {
            let Some(inner) = weak.upgrade() else { return Ok(vec![]) };
            // The table goes by the machine's clock, everything else by this one.
            let now = inner.clock.now().seconds();
            for record in event["Records"].as_array_mut().into_iter().flatten() {
                record["dynamodb"]["ApproximateCreationDateTime"] = now.into();
            }
            let mut rows = inner.functions.rows().filter(|_| inner.options.followed);
            let Some(row) = rows.find(|row| row.trigger == RowTrigger::Stream) else {
                return Ok(vec![]);
            };
            let reply = inner.hand(row.name, event).await.map_err(|failed| failed.message)?;
            let failures = reply["batchItemFailures"].as_array().cloned().unwrap_or_default();
            Ok(failures.iter().filter_map(|one| one["itemIdentifier"].as_str().map(str::to_owned)).collect())
        }
        .boxed()
    })
}

/// Asynchronous invocations, side by side, each tried three times as Lambda does.
async fn work_off(inner: Arc<Inner>, mut queued: mpsc::UnboundedReceiver<Queued>, mut stopped: watch::Receiver<bool>) {
    loop {
        let next = tokio::select! {
            next = queued.recv() => next,
            () = ended(&mut stopped) => None,
        };
        let Some(Queued { name, event }) = next else { return };
        let inner = Arc::clone(&inner);
        tokio::spawn(async move {
            for _ in 0..3 {
                if inner.hand(name, event.clone()).await.is_ok() {
                    break;
                }
            }
            inner.under_way.send_modify(|count| *count -= 1);
        });
    }
}

async fn ended(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// The time to live is DynamoDB's to act on when it likes, within days. Here it reads the whole table for it, which a
/// table of some thousand listings must not do all the time.
const SWEEP: Duration = Duration::from_secs(3_600);

/// Once a second: schedules whose time has come. Once an hour: what lives no longer.
async fn tick(inner: Arc<Inner>, mut stopped: watch::Receiver<bool>) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    let mut sweeps = tokio::time::interval_at(tokio::time::Instant::now() + SWEEP, SWEEP);
    loop {
        tokio::select! {
            _ = seconds.tick() => {
                inner.sockets.sweep(&inner);
                inner.run_due_schedules().await;
            }
            _ = sweeps.tick() => {
                let _ = inner.tables.expire(inner.clock.now().seconds()).await;
            }
            () = ended(&mut stopped) => return,
        }
    }
}

async fn serve(inner: Arc<Inner>, listener: TcpListener, mut stopped: watch::Receiver<bool>) {
    use axum::serve::ListenerExt;
    // Small answers both ways: waiting to fill packets would cost 40 ms a call.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let app = gateway::router(inner);
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let _ = axum::serve(listener, service)
        .with_graceful_shutdown(async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        })
        .await;
}

async fn open_pool(inner: &Arc<Inner>, state_file: Option<PathBuf>) -> Result<Pool, String> {
    struct Around(std::sync::Weak<Inner>);

    impl Surroundings for Around {
        fn now_ms(&self) -> i64 {
            self.0.upgrade().map_or(0, |inner| inner.clock.now().ms())
        }

        fn mail(&self, mail: Mail) {
            let Some(inner) = self.0.upgrade() else { return };
            inner.post(Posted::by_the_pool(mail));
        }

        fn trigger(&self, trigger: Trigger, event: Value) -> BoxFuture<'static, Result<Option<Value>, String>> {
            let inner = self.0.upgrade();
            async move {
                let Some(inner) = inner else { return Ok(None) };
                let wanted = match trigger {
                    Trigger::PreSignUp => "pre_sign_up",
                    Trigger::PostConfirmation => "post_confirmation",
                    Trigger::PreTokenGeneration => "pre_token_generation_config",
                    Trigger::CustomMessage => "custom_message",
                    _ => return Ok(None),
                };
                let Some(row) = inner.functions.rows().find(|row| row.trigger == RowTrigger::Pool(wanted)) else {
                    return Ok(None);
                };
                inner.invoke(row.name, event).await.map(Some).map_err(|failed| failed.message)
            }
            .boxed()
        }
    }

    let base = &inner.base_url;
    let client = AppClient {
        id: CLIENT_ID.to_owned(),
        secret: None,
        redirect_uris: [
            vec![format!("{base}/auth/hosted/callback"), format!("{base}/")],
            inner.options.origins.iter().map(|origin| format!("{origin}/")).collect(),
        ]
        .concat(),
        logout_uris: [vec![format!("{base}/")], inner.options.origins.iter().map(|o| format!("{o}/")).collect()]
            .concat(),
        scopes: ["openid", "email", "profile", "aws.cognito.signin.user.admin"].map(str::to_owned).to_vec(),
        providers: ["COGNITO", "Google", "Kakao", "Naver"].map(str::to_owned).to_vec(),
        refresh_rotation: true,
    };
    let settings = user_pool::Settings {
        region: REGION.to_owned(),
        pool_id: POOL_ID.to_owned(),
        base_url: base.clone(),
        clients: vec![client],
        naver_userinfo_url: format!("{base}/oidc/naver/userinfo"),
        state_file,
        fixed_code: inner.options.fixed_code.clone(),
    };
    let pool =
        Pool::open(settings, Arc::new(Around(Arc::downgrade(inner)))).await.map_err(|error| error.to_string())?;
    let group = json!({"UserPoolId": POOL_ID, "GroupName": "admin"});
    // That the group is there from the last time is no fault.
    let _ = pool.api("CreateGroup", group.to_string().as_bytes()).await;
    Ok(pool)
}

/// Milliseconds between two runs of `rate(5 minutes)`.
fn interval(expression: &str) -> Option<i64> {
    let inside = expression.strip_prefix("rate(")?.strip_suffix(')')?;
    let (number, unit) = inside.split_once(' ')?;
    let number: i64 = number.parse().ok()?;
    let unit = match unit.trim_end_matches('s') {
        "minute" => domain::time::MINUTE,
        "hour" => domain::time::HOUR,
        "day" => domain::time::DAY,
        _ => return None,
    };
    Some(number * unit)
}

fn scheduled_event(name: &str, now: Time) -> Value {
    json!({
        "version": "0",
        "id": Uuid::new_v4().to_string(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": now.to_string(),
        "region": REGION,
        "resources": [format!("arn:aws:events:{REGION}:000000000000:rule/local-{}", name.replace('.', "-"))],
        "detail": {},
    })
}

#[cfg(test)]
mod tests {
    use super::interval;

    #[test]
    fn rates_are_read_as_eventbridge_spells_them() {
        assert_eq!(interval("rate(5 minutes)"), Some(300_000));
        assert_eq!(interval("rate(1 hour)"), Some(3_600_000));
        assert_eq!(interval("cron(0 0 * * ? *)"), None);
    }
}
