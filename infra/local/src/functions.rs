//! The functions, each as after a cold start of its own: in this process, or each in a process of its own.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, OnceLock},
    time::Duration,
};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use edge::{Env, Function, Invocation, LogSink, Row, Service, Settings};
use serde_json::{Value, json};

use crate::{
    clock::machine,
    privileges::Guard,
    runtime_api::{FunctionSpec, Processes},
};

/// Every context.
#[must_use]
pub fn services() -> Vec<Box<dyn Service>> {
    vec![
        edge::functions::<accounts::Accounts>(),
        edge::functions::<errands::Errands>(),
        edge::functions::<listings::Listings>(),
        edge::functions::<media::Media>(),
        edge::functions::<realtime::Realtime>(),
        edge::functions::<rooms::Rooms>(),
        edge::functions::<notifications::Notices>(),
        edge::functions::<deals::Deals>(),
        edge::functions::<wallet::Wallet>(),
        edge::functions::<trust::Trust>(),
        edge::functions::<changes::Changes>(),
    ]
}

/// The administrators' access key; whoever signs with it is believed. Each function has one of its own, made from this.
pub(crate) const ACCESS_KEY: &str = "madang-local";
/// The secret that goes with every key. The cloud listens on loopback alone.
pub(crate) const SECRET_KEY: &str = "madang-local-secret";

/// How a function failed: what Lambda reports.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    pub(crate) error_type: String,
    pub(crate) message: String,
}

/// A function that is up, or why it did not come up.
type Started = Result<Arc<dyn Function>, String>;

/// All functions by the names of their rows.
pub(crate) struct Functions {
    services: Vec<Box<dyn Service>>,
    rows: HashMap<&'static str, (&'static Row, usize)>,
    up: HashMap<&'static str, OnceLock<Started>>,
    settings: HashMap<&'static str, String>,
    base_url: String,
    log: LogSink,
    processes: OnceLock<Processes>,
}

impl Functions {
    pub(crate) fn new(base_url: &str, settings: HashMap<&'static str, String>, log: LogSink) -> Self {
        let services = services();
        let mut rows = HashMap::new();
        for (index, service) in services.iter().enumerate() {
            for row in service.rows() {
                rows.insert(row.name, (row, index));
            }
        }
        let up = rows.keys().map(|name| (*name, OnceLock::new())).collect();
        Self { services, rows, up, settings, base_url: base_url.to_owned(), log, processes: OnceLock::new() }
    }

    /// From here on each function runs in a process of its own, started from the bootstraps in a folder.
    pub(crate) async fn in_processes(&self, folder: &Path) -> Result<(), String> {
        let mut specs = vec![];
        for (row, index) in self.rows.values() {
            let mut env: Vec<(String, String)> = row
                .all_needs()
                .iter()
                .filter_map(|setting| Some((setting.variable().into(), self.settings.get(setting.variable())?.clone())))
                .collect();
            let key = Guard::key_of(ACCESS_KEY, row.name);
            for (name, value) in [
                ("AWS_ACCESS_KEY_ID", key.as_str()),
                ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
                ("AWS_ENDPOINT_URL", &self.base_url),
                ("AWS_SDK_UA_APP_ID", row.name),
            ] {
                env.push((name.to_owned(), value.to_owned()));
            }
            specs.push(FunctionSpec {
                name: row.name.to_owned(),
                program: folder.join(self.services[*index].name()),
                args: vec![],
                handler: row.name.to_owned(),
                env,
                memory_mb: u32::from(row.memory_mb),
                timeout: Duration::from_secs(u64::from(row.timeout_s)),
            });
        }
        let log = Arc::clone(&self.log);
        let _ = self.processes.set(Processes::start(specs, Arc::new(move |_, line| log(&line))).await?);
        Ok(())
    }

    pub(crate) async fn stop(&self) {
        if let Some(processes) = self.processes.get() {
            processes.stop().await;
        }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &'static Row> {
        self.rows.values().map(|(row, _)| *row)
    }

    /// The row that a function's name means: as declared, as deployed (`local-listings-expire`), or as an ARN.
    pub(crate) fn named(&self, name: &str) -> Option<&'static str> {
        let name = name.rsplit(':').next().unwrap_or(name);
        self.rows.keys().copied().find(|row| *row == name || deployed_name(row) == name)
    }

    pub(crate) async fn invoke(&self, name: &str, event: Value, invocation: Invocation) -> Result<Value, Failed> {
        if let Some(processes) = self.processes.get() {
            let limit = i64::try_from(invocation.time_limit.as_millis()).unwrap_or(i64::MAX);
            // By the clock of the machine, which is the one a process has: the cloud's may stand still or be ahead.
            let deadline = machine() + limit;
            return processes
                .invoke(name, event, deadline)
                .await
                .map_err(|error| Failed { error_type: error.error_type, message: error.error_message });
        }
        let function = self.started(name).map_err(|message| Failed { error_type: "Init".into(), message })?;
        let limit = invocation.time_limit;
        let text = event.to_string();
        match tokio::time::timeout(limit, function.invoke(&text, invocation)).await {
            Ok(result) => result.map_err(|failure| Failed { error_type: failure.error_type, message: failure.message }),
            Err(_) => Err(Failed {
                error_type: "Sandbox.Timedout".into(),
                message: format!("Task timed out after {:.2} seconds", limit.as_secs_f64()),
            }),
        }
    }

    /// How long a function may take.
    pub(crate) fn time_limit(&self, name: &str) -> Duration {
        self.rows.get(name).map_or(Duration::from_secs(3), |(row, _)| Duration::from_secs(u64::from(row.timeout_s)))
    }

    fn started(&self, name: &str) -> Started {
        let (Some((row, index)), Some(up)) = (self.rows.get(name), self.up.get(name)) else {
            return Err(format!("no function {name}"));
        };
        up.get_or_init(|| {
            let settings = Settings::read(&row.all_needs(), |variable| self.settings.get(variable).cloned())?;
            let env = Env::new(settings, sdk_of(&self.base_url, row.name, row.name), Arc::clone(&self.log));
            self.services[*index].start(row.name, env)
        })
        .clone()
    }
}

/// What the names of functions begin with here.
pub(crate) const PREFIX: &str = "local";

/// The name a function is deployed under.
pub(crate) fn deployed_name(row: &str) -> String {
    ports::Functions::name(PREFIX, row)
}

/// How an administrator reaches AWS here. The name travels in the user agent.
pub(crate) fn sdk(base_url: &str, name: &str) -> SdkConfig {
    signed_by(ACCESS_KEY.to_owned(), base_url, name)
}

/// How a function reaches AWS here, or somebody of another name who borrows its key.
pub(crate) fn sdk_of(base_url: &str, row: &str, name: &str) -> SdkConfig {
    signed_by(Guard::key_of(ACCESS_KEY, row), base_url, name)
}

fn signed_by(access_key: String, base_url: &str, name: &str) -> SdkConfig {
    let credentials = Credentials::new(access_key, SECRET_KEY, None, None, "madang-local");
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(aws_config::Region::new(crate::REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(base_url);
    if let Ok(name) = aws_config::AppName::new(name.to_owned()) {
        builder = builder.app_name(name);
    }
    builder.build()
}

/// A failure as Lambda's API words it.
pub(crate) fn failure_payload(failed: &Failed) -> Value {
    json!({"errorType": failed.error_type, "errorMessage": failed.message})
}
