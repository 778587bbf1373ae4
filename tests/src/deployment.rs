//! A deployment to test: the emulator that the real Terraform was applied to, or a stage on AWS that is there to be tested.
//! Each test finds it empty, and has it to itself.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};
use domain::{id::MediaId, media::MediaStatus, time::Time};
use files::PrivateFiles;
use ports::Connections;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{MediaItems, Table};

/// What stands in the file that `MADANG_DEPLOYMENT` names: Terraform's outputs, and how to get in.
#[derive(Debug, Clone, Deserialize)]
struct Outputs {
    api_url: String,
    socket_url: String,
    connections_url: String,
    media_bucket: String,
    table_name: String,
    user_pool_id: String,
    function_prefix: String,
    region: String,
    endpoint_url: Option<String>,
    access_key_id: String,
    secret_access_key: String,
}

/// A deployment, held by one test.
pub(crate) struct Deployment {
    outputs: Outputs,
    sdk: SdkConfig,
    dynamodb: aws_sdk_dynamodb::Client,
    pool: aws_sdk_cognitoidentityprovider::Client,
    /// Uploads whose renditions may still be on their way.
    uploads: Mutex<Vec<String>>,
    began: Time,
}

/// There is one deployment: two tests at once would empty it under each other.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Longest wait for what follows from something.
const PATIENCE: Duration = Duration::from_secs(20);

impl Drop for Deployment {
    fn drop(&mut self) {
        TAKEN.store(false, Ordering::SeqCst);
    }
}

impl Deployment {
    /// The deployment that the environment names, if it names one.
    #[expect(clippy::disallowed_methods, reason = "the runner of the tests says where they run")]
    pub(crate) fn named() -> Option<Self> {
        let file = std::env::var("MADANG_DEPLOYMENT").ok()?;
        let text = std::fs::read_to_string(&file).expect("the file that MADANG_DEPLOYMENT names");
        let outputs: Outputs = serde_json::from_str(&text).expect("outputs as the deployment wrote them");
        let taken = TAKEN.swap(true, Ordering::SeqCst);
        assert!(!taken, "one test at a time (--test-threads=1), and one world a test: there is one deployment");
        let keys = Credentials::new(&outputs.access_key_id, &outputs.secret_access_key, None, None, "deployment");
        let mut sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(outputs.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(keys));
        if let Some(endpoint) = &outputs.endpoint_url {
            sdk = sdk.endpoint_url(endpoint);
        }
        let sdk = sdk.build();
        Some(Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&sdk),
            pool: aws_sdk_cognitoidentityprovider::Client::new(&sdk),
            outputs,
            sdk,
            uploads: Mutex::default(),
            began: now(),
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.outputs.api_url
    }

    pub(crate) fn socket_url(&self) -> &str {
        &self.outputs.socket_url
    }

    /// What functions reach connections with.
    pub(crate) fn connections(&self) -> Connections {
        Connections::new(&self.sdk, &self.outputs.connections_url)
    }

    /// What gives out addresses of messages' files.
    pub(crate) fn private_files(&self) -> PrivateFiles {
        PrivateFiles::new(&self.sdk, &self.outputs.media_bucket)
    }

    /// The connections that functions know of, the oldest first, as the laptop lists its own.
    #[expect(clippy::disallowed_methods, reason = "a test's table is small")]
    pub(crate) async fn sockets(&self) -> Vec<Value> {
        let page = self.dynamodb.scan().table_name(&self.outputs.table_name).send().await;
        let items = page.expect("the table can be read").items.unwrap_or_default();
        let items = items.into_iter().filter(|item| item.get("kind") == Some(&text("connection")));
        let mut sockets: Vec<Value> = items
            .filter_map(|item| serde_dynamo::from_item::<_, Value>(item).ok())
            .map(|item| json!({"connectionId": item["id"], "connectedAt": item["connectedAt"]}))
            .collect();
        sockets.sort_by_key(|socket| socket["connectedAt"].to_string());
        sockets
    }

    /// The mails to an address, the newest first, as the emulator keeps them.
    pub(crate) async fn mails(&self, to: &str) -> Vec<Value> {
        let Some(endpoint) = &self.outputs.endpoint_url else {
            panic!("mails that AWS sent are not to be read: name this test in tests/deploy/laptop-only.txt");
        };
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let reply = client.get(format!("{endpoint}/_ministack/ses/messages")).send().await.expect("an answer");
        let reply: Value = serde_json::from_str(&reply.text().await.expect("a text")).expect("JSON");
        let accounts = reply["messages"].as_object().into_iter().flatten();
        let mut mails: Vec<&Value> = accounts.filter_map(|(_, mails)| mails.as_array()).flatten().collect();
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
        mails.retain(|mail| {
            let since = mail["Timestamp"].as_f64().is_some_and(|at| at * 1000.0 >= self.began.ms() as f64);
            since && mail["To"][0] == to
        });
        let code =
            |body: &str| body.split(|c: char| !c.is_ascii_digit()).find(|part| part.len() == 6).map(str::to_owned);
        mails
            .iter()
            .rev()
            .map(|mail| {
                let body = mail["BodyText"].as_str().unwrap_or_default();
                json!({"to": to, "subject": mail["Subject"], "body": body, "code": code(body)})
            })
            .collect()
    }

    #[expect(clippy::unused_self, reason = "as on the laptop, where each cloud has a clock of its own")]
    pub(crate) fn now(&self) -> Time {
        now()
    }

    pub(crate) fn table(&self) -> Table {
        Table::new(&self.sdk, self.outputs.table_name.clone())
    }

    pub(crate) async fn invoke(&self, row: &str, event: Value) -> Result<Value, String> {
        let name = format!("{}{}", self.outputs.function_prefix, row.replace('.', "-"));
        let payload = aws_sdk_lambda::primitives::Blob::new(event.to_string());
        let client = aws_sdk_lambda::Client::new(&self.sdk);
        let reply = client.invoke().function_name(name).payload(payload).send().await;
        let reply = reply.map_err(|error| format!("{error:?}"))?;
        let body = reply.payload().map(aws_sdk_lambda::primitives::Blob::as_ref).unwrap_or_default();
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        match reply.function_error() {
            None => Ok(body),
            Some(_) => Err(format!(
                "{}: {}",
                body["errorType"].as_str().unwrap_or_default(),
                body["errorMessage"].as_str().unwrap_or_default()
            )),
        }
    }

    /// Takes away what tests before this one left.
    pub(crate) async fn empty(&self) {
        self.settled().await;
        self.empty_table().await;
        self.empty_pool().await;
        self.settled().await;
        self.empty_table().await;
    }

    #[expect(clippy::disallowed_methods, reason = "a test's table is small, and all of it goes")]
    async fn empty_table(&self) {
        loop {
            let page = self.dynamodb.scan().table_name(&self.outputs.table_name).projection_expression("pk, sk").send();
            let page = page.await.expect("the table can be read").items.unwrap_or_default();
            if page.is_empty() {
                return;
            }
            for keys in page.chunks(25) {
                let requests = keys.iter().map(|key| {
                    let delete = DeleteRequest::builder().set_key(Some(key.clone())).build().expect("a key");
                    WriteRequest::builder().delete_request(delete).build()
                });
                let requests = HashMap::from([(self.outputs.table_name.clone(), requests.collect())]);
                let sent = self.dynamodb.batch_write_item().set_request_items(Some(requests)).send();
                sent.await.expect("the table can be written");
            }
        }
    }

    async fn empty_pool(&self) {
        let pool = &self.outputs.user_pool_id;
        loop {
            let page = self.pool.list_users().user_pool_id(pool).send().await.expect("the pool can be read");
            let users = page.users.unwrap_or_default();
            if users.is_empty() {
                return;
            }
            for user in users {
                let gone = self.pool.admin_delete_user().user_pool_id(pool).set_username(user.username).send().await;
                gone.expect("a user can be removed");
            }
        }
    }

    /// Makes somebody a member of groups of the pool.
    pub(crate) async fn join_groups(&self, email: &str, groups: &[&str]) {
        for group in groups {
            let join = self.pool.admin_add_user_to_group().user_pool_id(&self.outputs.user_pool_id);
            join.username(email).group_name(*group).send().await.expect("a user can join a group");
        }
    }

    /// A file was accepted: its renditions are to be waited for.
    pub(crate) fn uploaded(&self, id: &str) {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner).push(id.to_owned());
    }

    /// Waits until the bucket's function has seen all uploads and the stream's function all changes until now.
    pub(crate) async fn settled(&self) {
        let uploads = std::mem::take(&mut *self.uploads.lock().unwrap_or_else(PoisonError::into_inner));
        let table = self.table();
        for id in uploads {
            let Ok(id) = MediaId::parse(&id) else { continue };
            self.until("an upload is looked at", async || {
                let media = MediaItems(&table).by_id(&id).await.expect("the table answers");
                media.is_none_or(|media| media.status != MediaStatus::Waiting)
            })
            .await;
        }
        // What the function writes goes through the stream again: two rounds.
        for _ in 0..2 {
            self.stream_passed().await;
        }
    }

    /// The stream is handled in order. An account that is removed takes its notifications along: when those of a made-up
    /// account are gone, all that came before it is done.
    async fn stream_passed(&self) {
        let sub = fresh_uuid(self.now());
        let pk = format!("ACCOUNT#{sub}");
        let now = self.now().to_string();
        let account = json!({
            "id": sub, "username": sub, "email": null, "nickname": "표지", "onboarded": false, "signInBy": [],
            "image": null, "phone": null, "region": null, "address": null, "terms": null,
            "createdAt": now, "updatedAt": now, "version": 1, "kind": "account",
        });
        let mut account: HashMap<String, AttributeValue> = serde_dynamo::to_item(account).expect("an item");
        account.extend([("pk".to_owned(), text(&pk)), ("sk".to_owned(), text("ACCOUNT"))]);
        let sign = HashMap::from([
            ("pk".to_owned(), text(&pk)),
            ("sk".to_owned(), text("NOTIFICATION#ntf_01K9ZX3V5M8QJ4T0N2R6W7Y1AB")),
            ("kind".to_owned(), text("sign")),
        ]);
        let key = |item: &HashMap<String, AttributeValue>| {
            item.iter()
                .filter(|(name, _)| matches!(name.as_str(), "pk" | "sk"))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect::<HashMap<_, _>>()
        };
        let name = &self.outputs.table_name;
        for item in [&sign, &account] {
            let put = self.dynamodb.put_item().table_name(name).set_item(Some(item.clone())).send().await;
            put.expect("the table can be written");
        }
        let gone = self.dynamodb.delete_item().table_name(name).set_key(Some(key(&account))).send().await;
        gone.expect("the table can be written");
        self.until("the stream's function has come this far", async || {
            let get = self.dynamodb.get_item().table_name(name).set_key(Some(key(&sign))).consistent_read(true);
            get.send().await.expect("the table can be read").item.is_none()
        })
        .await;
    }

    /// Asks until it is so. Nothing tells when a deployment's functions are done.
    #[expect(clippy::disallowed_methods, reason = "there is nothing to wait on; each round asks")]
    async fn until(&self, what: &str, so: impl AsyncFn() -> bool) {
        let began = Instant::now();
        while !so().await {
            assert!(began.elapsed() < PATIENCE, "waited {} s until {what}", PATIENCE.as_secs());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

#[expect(clippy::disallowed_methods, reason = "a deployment's clock is the world's")]
fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_ms(i64::try_from(since.as_millis()).unwrap_or_default())
}

/// An identifier that no account has.
fn fresh_uuid(now: Time) -> String {
    use std::hash::{BuildHasher, RandomState};
    let random = RandomState::new().hash_one(now.ms());
    format!("{:08x}-0000-4000-8000-{:012x}", random >> 32, random & 0xffff_ffff_ffff)
}
