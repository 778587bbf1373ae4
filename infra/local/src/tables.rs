//! DynamoDB in the process: dynoxide behind the wire protocol of the AWS SDK, without a socket,
//! and its streams handed to a function the way an event source mapping does.
//!
//! Requests go to the engine's operations, not to its HTTP server (whose router is private): what a
//! malformed body is told differs from DynamoDB in its words, what a well-formed one gets does not.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use dynoxide::{
    Database, DynoxideError,
    actions::{
        describe_stream::DescribeStreamRequest, get_records::GetRecordsRequest,
        get_shard_iterator::GetShardIteratorRequest,
    },
    auth_material::{self, AuthMaterial},
    storage::Storage,
    streams,
};
use futures::{FutureExt, future::BoxFuture};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use tokio::{
    sync::{RwLock, watch},
    task::JoinHandle,
};

/// Hands a stream event to whoever consumes it; answers the sequence numbers that failed.
pub type Deliver = Arc<dyn Fn(Value) -> BoxFuture<'static, Result<Vec<String>, String>> + Send + Sync>;

const REGION: &str = "ap-northeast-2";
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
/// The batch size of the deployed event source mapping.
const BATCH: usize = 100;
const TRIES: u32 = 3;
/// Writes made through [`Tables::call`] wake a feed at once; the poll is for writes made past it.
const POLL: Duration = Duration::from_millis(500);
/// Between two tries of a failed batch, so that a hiccup of the consumer is over by the last one.
const PAUSE: Duration = Duration::from_millis(20);

/// Finding a stream's end costs the engine a walk over all of its records, on every write;
/// with this index it is one step.
const STREAM_INDEX: &str = "CREATE INDEX IF NOT EXISTS madang_stream_order \
     ON _stream_records (table_name, CAST(sequence_number AS INTEGER), shard_id)";
/// DynamoDB forgets stream records after a day; the engine never does.
const TRIM_STREAM: &str = "DELETE FROM _stream_records WHERE created_at < unixepoch('now', '-1 day')";

/// All tables; a clone is the same tables.
#[derive(Clone)]
pub struct Tables {
    inner: Arc<Inner>,
}

struct Inner {
    db: Database,
    file: Option<PathBuf>,
    /// Counts writes; a watch keeps a wake-up that comes while its feed is busy.
    writes: watch::Sender<u64>,
    /// Each fed table and the last sequence number delivered of it, empty before the first.
    feeds: watch::Sender<BTreeMap<String, String>>,
    /// Held shared while a batch is delivered, so that a reset can wait for it.
    delivering: RwLock<()>,
    dropped: AtomicU64,
    /// Table and keys of what the time to live removed, until the record says so.
    expired: Mutex<HashSet<(String, String)>>,
}

impl Tables {
    /// Opens the tables kept in a file, or new ones in memory.
    pub fn open(file: Option<&Path>) -> Result<Self, String> {
        let place = match file {
            Some(path) => {
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
                }
                path.to_str().ok_or_else(|| format!("{}: not UTF-8", path.display()))?.to_owned()
            }
            // A name of its own lets a second connection in, which `prepare` needs.
            None => format!("file:tables-{}?mode=memory&cache=shared", uuid::Uuid::new_v4().simple()),
        };
        let db = Database::new(&place).map_err(say)?;
        prepare(&place)?;
        if file.is_some() {
            db.disable_bulk_loading().map_err(say)?;
        }
        Ok(Self {
            inner: Arc::new(Inner {
                db,
                file: file.map(Path::to_owned),
                writes: watch::Sender::new(0),
                feeds: watch::Sender::default(),
                delivering: RwLock::new(()),
                dropped: AtomicU64::new(0),
                expired: Mutex::default(),
            }),
        })
    }

    /// One call of the DynamoDB wire protocol: `X-Amz-Target` and a JSON body in, DynamoDB's answer out.
    pub async fn call(&self, target: &str, body: Bytes, headers: &HeaderMap) -> Response<Bytes> {
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let operation = target
            .strip_prefix("DynamoDB_20120810.")
            .or_else(|| target.strip_prefix("DynamoDBStreams_20120810."))
            .unwrap_or_default()
            .to_owned();
        if !OPERATIONS.contains(&operation.as_str()) {
            return answer(StatusCode::BAD_REQUEST, bare("UnknownOperationException"));
        }
        let refusal = auth_material::validate(AuthMaterial {
            authorization: text("authorization"),
            query: "",
            has_date_header: headers.contains_key("x-amz-date") || headers.contains_key("date"),
        });
        if let Some(refusal) = refusal {
            return answer(StatusCode::BAD_REQUEST, refusal);
        }

        let done = self
            .blocking(move |db| {
                let Ok(body) = std::str::from_utf8(&body) else {
                    return (StatusCode::BAD_REQUEST, bare("SerializationException"));
                };
                match run(db, &operation, body) {
                    Ok(reply) => (StatusCode::OK, reply),
                    Err(error) => {
                        (StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::BAD_REQUEST), error.to_json())
                    }
                }
            })
            .await;
        match done {
            Ok((status, reply)) => {
                // A refused batch may have written before it stopped: any call that can write wakes.
                if WRITES.iter().any(|write| target.ends_with(write)) {
                    self.inner.writes.send_modify(|writes| *writes += 1);
                }
                answer(status, reply)
            }
            Err(_) => broken(),
        }
    }

    /// Creates the table when it is absent, adds indexes it lacks, and turns on its stream (new and
    /// old images) and its time to live. A table of an earlier run keeps its items.
    pub async fn ensure_table(&self, create: Value, ttl_attribute: &str) -> Result<(), String> {
        let ttl_attribute = ttl_attribute.to_owned();
        self.blocking(move |db| ensure(db, create, &ttl_attribute)).await?
    }

    /// Hands the table's stream to `deliver`, in order and at most 100 records a time, until `stop`
    /// says true or its sender is gone.
    ///
    /// The event has the shape Lambda gets. What `deliver` names as failed, and everything after the
    /// first of it, comes again; a record that failed three times is skipped and counted in
    /// [`dropped`](Self::dropped). An `Err` fails the whole batch, which is then halved until the
    /// record that causes it stands alone. The position outlives the process when the tables do.
    pub fn feed_stream(&self, table: String, deliver: Deliver, stop: watch::Receiver<bool>) -> JoinHandle<()> {
        let kept = self.checkpoint(&table).and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        // What is no sequence number would stop the feed for good: better everything once more.
        let usable = kept.len() == 21 && kept.bytes().all(|byte| byte.is_ascii_digit());
        let position = if usable { kept } else { String::new() };
        // Before the task runs, so that `drained` knows of the feed as soon as this returns.
        self.inner.feeds.send_modify(|feeds| {
            feeds.insert(table.clone(), position);
        });
        tokio::spawn(self.clone().feed(table, deliver, stop))
    }

    /// Resolves when every fed stream has been delivered to its end: all that was written so far,
    /// and all that the deliveries wrote in turn.
    pub async fn drained(&self) {
        let mut feeds = self.inner.feeds.subscribe();
        loop {
            let positions = feeds.borrow_and_update().clone();
            let mut rest = false;
            for (table, position) in positions {
                rest |= !self.records(&table, position, 1).await.is_empty();
            }
            if !rest || feeds.changed().await.is_err() {
                return;
            }
        }
    }

    /// Holds the streams back until what this returns is dropped: nothing is delivered meanwhile.
    pub async fn held_back(&self) -> impl Drop + use<'_> {
        self.inner.delivering.write().await
    }

    /// How many stream records were given up after three tries.
    pub fn dropped(&self) -> u64 {
        self.inner.dropped.load(Ordering::Relaxed)
    }

    /// Deletes what expired before `now` (seconds), as the time to live does on its own schedule.
    /// Answers how many items went; their stream records name DynamoDB as who removed them.
    pub async fn expire(&self, now: i64) -> Result<usize, String> {
        let tables = self.clone();
        let gone = self
            .blocking(move |db| {
                let mut gone = 0;
                for table in table_names(db)? {
                    gone += expire(db, &table, now, &tables.inner.expired)?;
                }
                Ok::<_, String>(gone)
            })
            .await??;
        if gone > 0 {
            self.inner.writes.send_modify(|writes| *writes += 1);
        }
        Ok(gone)
    }

    /// Deletes every item of every table. Nobody is told: the streams go on behind the last record,
    /// and what was not delivered yet never is.
    pub async fn reset(&self) -> Result<(), String> {
        // A delivery under way would write into the emptied tables.
        let _alone = self.inner.delivering.write().await;
        let ends = self
            .blocking(|db| {
                let mut ends = HashMap::new();
                for table in table_names(db)? {
                    clear(db, &table)?;
                    ends.insert(table.clone(), stream_end(db, &table));
                }
                Ok::<_, String>(ends)
            })
            .await??;
        self.inner.expired.lock().unwrap_or_else(PoisonError::into_inner).clear();
        for (table, end) in ends {
            let fed = self.inner.feeds.borrow().contains_key(&table);
            if let Some(end) = end.filter(|_| fed) {
                self.moved_to(&table, end).await;
            }
        }
        Ok(())
    }

    async fn feed(self, table: String, deliver: Deliver, mut stop: watch::Receiver<bool>) {
        let mut writes = self.inner.writes.subscribe();
        let (mut size, mut tries) = (BATCH, 0);
        while !*stop.borrow_and_update() {
            // Seen before reading: a write after this line wakes the wait below.
            writes.borrow_and_update();
            let turn = self.inner.delivering.read().await;
            let position = self.inner.feeds.borrow().get(&table).cloned().unwrap_or_default();
            let records = self.records(&table, position, size).await;
            if records.is_empty() {
                drop(turn);
                tokio::select! {
                    _ = tokio::time::timeout(POLL, writes.changed()) => {}
                    gone = stop.changed() => if gone.is_err() { break },
                }
                continue;
            }

            let numbers: Vec<String> = records.iter().map(number_of).collect();
            let swept: Vec<String> = records
                .iter()
                .filter(|record| record["userIdentity"].is_object())
                .map(|record| canonical(&record["dynamodb"]["Keys"]))
                .collect();
            let event = json!({ "Records": records });
            // A consumer that panics has failed; it must not take the stream with it.
            let delivery = std::panic::AssertUnwindSafe(async { deliver(event).await });
            let failed = match delivery.catch_unwind().await {
                Ok(Ok(failed)) if failed.is_empty() => None,
                // An answer that names no record of the batch fails the batch, as on AWS.
                Ok(Ok(failed)) => Some(numbers.iter().position(|n| failed.contains(n)).unwrap_or(0)),
                Ok(Err(_)) | Err(_) if numbers.len() > 1 => {
                    size = numbers.len() / 2;
                    continue;
                }
                Ok(Err(_)) | Err(_) => Some(0),
            };
            match failed {
                None => {
                    (size, tries) = (BATCH, 0);
                    {
                        let mut expired = self.inner.expired.lock().unwrap_or_else(PoisonError::into_inner);
                        for key in swept {
                            expired.remove(&(table.clone(), key));
                        }
                    }
                    if let Some(last) = numbers.last() {
                        self.moved_to(&table, last.clone()).await;
                    }
                }
                Some(first) => {
                    if let Some(done) = first.checked_sub(1).and_then(|before| numbers.get(before)) {
                        tries = 0;
                        self.moved_to(&table, done.clone()).await;
                    }
                    tries += 1;
                    if tries < TRIES {
                        drop(turn);
                        #[expect(
                            clippy::disallowed_methods,
                            reason = "what is waited for is the consumer's own recovery"
                        )]
                        tokio::time::sleep(PAUSE).await;
                    } else if let Some(given_up) = numbers.get(first) {
                        (size, tries) = (BATCH, 0);
                        self.inner.dropped.fetch_add(1, Ordering::Relaxed);
                        self.moved_to(&table, given_up.clone()).await;
                    }
                }
            }
        }
        self.inner.feeds.send_modify(|feeds| {
            feeds.remove(&table);
        });
    }

    /// Stream records behind a position, as Lambda sees them; none when the table has no stream (yet).
    async fn records(&self, table: &str, position: String, limit: usize) -> Vec<Value> {
        let (table, tables) = (table.to_owned(), self.clone());
        self.blocking(move |db| {
            let expired = tables.inner.expired.lock().unwrap_or_else(PoisonError::into_inner);
            read_stream(db, &table, position, limit, &expired).unwrap_or_default()
        })
        .await
        .unwrap_or_default()
    }

    /// The batch up to `number` is behind us. Written down first: `drained` promises it was.
    async fn moved_to(&self, table: &str, number: String) {
        if let Some(path) = self.checkpoint(table) {
            // Renamed into place, so that a crash leaves the old position or the new one. A position
            // that could not be written means records delivered twice, which consumers must bear anyway.
            let new = path.with_extension("new");
            if tokio::fs::write(&new, &number).await.is_ok() {
                let _ = tokio::fs::rename(&new, &path).await;
            }
        }
        self.inner.feeds.send_modify(|feeds| {
            feeds.insert(table.to_owned(), number);
        });
    }

    fn checkpoint(&self, table: &str) -> Option<PathBuf> {
        let mut path = self.inner.file.clone()?.into_os_string();
        path.push(format!(".{table}.position"));
        Some(path.into())
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Database) -> T + Send + 'static,
    ) -> Result<T, String> {
        let db = self.inner.db.clone();
        tokio::task::spawn_blocking(move || work(&db)).await.map_err(|e| e.to_string())
    }
}

/// What the library does not do itself, through a connection that is closed again before the first call.
fn prepare(place: &str) -> Result<(), String> {
    let storage = Storage::new(place).map_err(say)?;
    storage.conn().execute_batch(&format!("{STREAM_INDEX};{TRIM_STREAM};")).map_err(|e| e.to_string())
}

macro_rules! operations {
    ($($name:literal => $method:ident),+ $(,)?) => {
        const OPERATIONS: &[&str] = &[$($name),+];

        /// Runs one operation on the engine, JSON in and JSON out.
        fn run(db: &Database, operation: &str, body: &str) -> Result<String, DynoxideError> {
            match operation {
                $($name => {
                    let reply = db.$method(read(operation, body)?)?;
                    serde_json::to_string(&reply).map_err(|e| DynoxideError::InternalServerError(e.to_string()))
                })+
                other => Err(DynoxideError::ValidationException(format!("no operation {other}"))),
            }
        }
    };
}

operations! {
    "BatchExecuteStatement" => batch_execute_statement,
    "BatchGetItem" => batch_get_item,
    "BatchWriteItem" => batch_write_item,
    "CreateTable" => create_table,
    "DeleteItem" => delete_item,
    "DeleteTable" => delete_table,
    "DescribeStream" => describe_stream,
    "DescribeTable" => describe_table,
    "DescribeTimeToLive" => describe_time_to_live,
    "ExecuteStatement" => execute_statement,
    "ExecuteTransaction" => execute_transaction,
    "GetItem" => get_item,
    "GetRecords" => get_records,
    "GetShardIterator" => get_shard_iterator,
    "ListStreams" => list_streams,
    "ListTables" => list_tables,
    "ListTagsOfResource" => list_tags_of_resource,
    "PutItem" => put_item,
    "Query" => query,
    "Scan" => scan,
    "TagResource" => tag_resource,
    "TransactGetItems" => transact_get_items,
    "TransactWriteItems" => transact_write_items,
    "UntagResource" => untag_resource,
    "UpdateItem" => update_item,
    "UpdateTable" => update_table,
    "UpdateTimeToLive" => update_time_to_live,
}

const WRITES: &[&str] = &[
    ".BatchExecuteStatement",
    ".BatchWriteItem",
    ".DeleteItem",
    ".ExecuteStatement",
    ".ExecuteTransaction",
    ".PutItem",
    ".TransactWriteItems",
    ".UpdateItem",
];

/// A request's body. The engine marks what its readers refuse with the exception's class, for its
/// HTTP server to take off again.
fn read<T: serde::de::DeserializeOwned>(operation: &str, body: &str) -> Result<T, DynoxideError> {
    serde_json::from_str(body).map_err(|error| {
        let text = error.to_string();
        let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
        if let Some(text) = text.strip_prefix("VALIDATION_REQUEST:") {
            let wrapped = matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem");
            let envelope = if wrapped { "1 validation error detected: " } else { "" };
            return DynoxideError::ValidationException(format!("{envelope}{text}"));
        }
        for mark in ["VALIDATION:", "VALIDATION_AS_READ:"] {
            if let Some(text) = text.strip_prefix(mark) {
                return DynoxideError::ValidationException(text.to_owned());
            }
        }
        for mark in ["SERIALIZATION:", "SERIALIZATION_AS_READ:"] {
            if let Some(text) = text.strip_prefix(mark) {
                return DynoxideError::SerializationException(text.to_owned());
            }
        }
        let refused = [
            "missing field",
            "unknown variant",
            "invalid type: null",
            "Supplied AttributeValue",
            "empty AttributeValue",
        ];
        if refused.iter().any(|part| text.contains(part)) {
            DynoxideError::ValidationException(text.to_owned())
        } else {
            DynoxideError::SerializationException(text.to_owned())
        }
    })
}

fn bare(kind: &str) -> String {
    json!({ "__type": format!("com.amazon.coral.service#{kind}") }).to_string()
}

/// The answer to whoever asks for too much at once.
pub(crate) fn throttled() -> Response<Bytes> {
    let kind = "com.amazonaws.dynamodb.v20120810#ThrottlingException";
    let message = "Throughput exceeds the current capacity of your table or index.";
    answer(StatusCode::BAD_REQUEST, json!({ "__type": kind, "message": message }).to_string())
}

/// The answer when something went wrong that is not the caller's fault; whether the call was done is not known.
pub(crate) fn broken() -> Response<Bytes> {
    let kind = "com.amazonaws.dynamodb.v20120810#InternalServerError";
    answer(StatusCode::INTERNAL_SERVER_ERROR, json!({ "__type": kind, "message": "Internal server error" }).to_string())
}

/// The answer to whoever may not do what they asked for.
pub(crate) fn denied(sentence: &str) -> Response<Bytes> {
    let kind = "com.amazon.coral.service#AccessDeniedException";
    answer(StatusCode::BAD_REQUEST, json!({ "__type": kind, "Message": sentence }).to_string())
}

fn answer(status: StatusCode, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    let id = uuid::Uuid::new_v4().simple().to_string().to_uppercase();
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

#[expect(clippy::needless_pass_by_value, reason = "shaped for map_err")]
fn say(error: DynoxideError) -> String {
    error.to_string()
}

/// The laptop cloud's own calls take the same way as a function's.
fn ask(db: &Database, operation: &str, body: &Value) -> Result<Value, String> {
    let reply = run(db, operation, &body.to_string()).map_err(|e| format!("{operation}: {e}"))?;
    serde_json::from_str(&reply).map_err(|e| format!("{operation}: {e}"))
}

fn table_names(db: &Database) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    let mut body = json!({});
    loop {
        let page = ask(db, "ListTables", &body)?;
        names.extend(page["TableNames"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        match &page["LastEvaluatedTableName"] {
            Value::String(last) => body["ExclusiveStartTableName"] = json!(last),
            _ => return Ok(names),
        }
    }
}

fn ensure(db: &Database, mut create: Value, ttl_attribute: &str) -> Result<(), String> {
    let name = create["TableName"].as_str().ok_or("TableName is missing")?.to_owned();
    let stream = json!({ "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" });
    let there = match run(db, "DescribeTable", &json!({ "TableName": name }).to_string()) {
        Ok(reply) => serde_json::from_str::<Value>(&reply).map_err(|e| e.to_string())?["Table"].take(),
        Err(DynoxideError::ResourceNotFoundException(_)) => Value::Null,
        Err(error) => return Err(say(error)),
    };
    if there.is_null() {
        create["StreamSpecification"] = stream;
        ask(db, "CreateTable", &create)?;
    } else {
        if there["StreamSpecification"]["StreamEnabled"] != true {
            ask(db, "UpdateTable", &json!({ "TableName": name, "StreamSpecification": stream }))?;
        }
        let index_names = |table: &Value| -> HashSet<String> {
            let indexes = table["GlobalSecondaryIndexes"].as_array().into_iter().flatten();
            indexes.filter_map(|index| index["IndexName"].as_str()).map(str::to_owned).collect()
        };
        let held = index_names(&there);
        for index in create["GlobalSecondaryIndexes"].as_array().into_iter().flatten() {
            if index["IndexName"].as_str().is_some_and(|name| !held.contains(name)) {
                let update = json!({
                    "TableName": name,
                    "AttributeDefinitions": create["AttributeDefinitions"],
                    "GlobalSecondaryIndexUpdates": [{ "Create": index }],
                });
                ask(db, "UpdateTable", &update)?;
            }
        }
    }
    let ttl = ask(db, "DescribeTimeToLive", &json!({ "TableName": name }))?;
    if ttl["TimeToLiveDescription"]["TimeToLiveStatus"] != "ENABLED" {
        let on = json!({ "Enabled": true, "AttributeName": ttl_attribute });
        ask(db, "UpdateTimeToLive", &json!({ "TableName": name, "TimeToLiveSpecification": on }))?;
    }
    Ok(())
}

fn key_names(db: &Database, table: &str) -> Result<Vec<String>, String> {
    let there = ask(db, "DescribeTable", &json!({ "TableName": table }))?;
    let schema = there["Table"]["KeySchema"].as_array().into_iter().flatten();
    Ok(schema.filter_map(|key| key["AttributeName"].as_str()).map(str::to_owned).collect())
}

/// Every page of a scan; the laptop cloud may, its functions may not.
fn each_page(
    db: &Database,
    mut scan: Value,
    mut page: impl FnMut(Vec<Value>) -> Result<(), String>,
) -> Result<(), String> {
    loop {
        let mut reply = ask(db, "Scan", &scan)?;
        if let Value::Array(items) = reply["Items"].take() {
            page(items)?;
        }
        match reply["LastEvaluatedKey"].take() {
            Value::Null => return Ok(()),
            last => scan["ExclusiveStartKey"] = last,
        }
    }
}

fn keys_only(keys: &[String], item: &Value) -> Value {
    keys.iter().map(|name| (name.clone(), item[name].clone())).collect::<serde_json::Map<_, _>>().into()
}

fn expire(db: &Database, table: &str, now: i64, expired: &Mutex<HashSet<(String, String)>>) -> Result<usize, String> {
    let ttl = ask(db, "DescribeTimeToLive", &json!({ "TableName": table }))?;
    let Some(attribute) = ttl["TimeToLiveDescription"]["AttributeName"].as_str() else {
        return Ok(0);
    };
    let keys = key_names(db, table)?;
    let past = json!({
        "TableName": table,
        "ExpressionAttributeNames": { "#ttl": attribute },
        "ExpressionAttributeValues": { ":now": { "N": now.to_string() } },
    });
    let mut scan = past.clone();
    scan["FilterExpression"] = json!("#ttl < :now");
    let mut gone = 0;
    each_page(db, scan, |items| {
        for item in items {
            let key = keys_only(&keys, &item);
            let mark = (table.to_owned(), canonical(&key));
            let lock = || expired.lock().unwrap_or_else(PoisonError::into_inner);
            lock().insert(mark.clone());
            let mut delete = past.clone();
            delete["Key"] = key;
            // Whoever prolonged the item since the scan read it keeps it.
            delete["ConditionExpression"] = json!("#ttl < :now");
            match run(db, "DeleteItem", &delete.to_string()) {
                Ok(_) => gone += 1,
                Err(DynoxideError::ConditionalCheckFailedException(..)) => {
                    lock().remove(&mark);
                }
                Err(error) => return Err(say(error)),
            }
        }
        Ok(())
    })?;
    Ok(gone)
}

fn clear(db: &Database, table: &str) -> Result<(), String> {
    let keys = key_names(db, table)?;
    each_page(db, json!({ "TableName": table }), |items| {
        for some in items.chunks(25) {
            let deletes: Vec<Value> =
                some.iter().map(|item| json!({ "DeleteRequest": { "Key": keys_only(&keys, item) } })).collect();
            ask(db, "BatchWriteItem", &json!({ "RequestItems": { table: deletes } }))?;
        }
        Ok(())
    })
}

fn stream_arn(db: &Database, table: &str) -> Option<String> {
    let meta = db.get_table_metadata(table).ok()??;
    meta.stream_enabled.then(|| streams::stream_arn(table, &meta.stream_label.unwrap_or_default()))
}

fn stream_end(db: &Database, table: &str) -> Option<String> {
    let request = DescribeStreamRequest { stream_arn: stream_arn(db, table)?, ..Default::default() };
    let shards = db.describe_stream(request).ok()?.stream_description.shards;
    shards.into_iter().next()?.sequence_number_range.ending_sequence_number
}

fn read_stream(
    db: &Database,
    table: &str,
    position: String,
    limit: usize,
    expired: &HashSet<(String, String)>,
) -> Option<Vec<Value>> {
    let arn = stream_arn(db, table)?;
    let start = if position.is_empty() { "TRIM_HORIZON" } else { "AFTER_SEQUENCE_NUMBER" };
    let iterator = db
        .get_shard_iterator(GetShardIteratorRequest {
            stream_arn: arn.clone(),
            // One shard a table.
            shard_id: streams::shard_id(table),
            shard_iterator_type: start.to_owned(),
            sequence_number: Some(position).filter(|position| !position.is_empty()),
        })
        .ok()?
        .shard_iterator?;
    let records = db.get_records(GetRecordsRequest { shard_iterator: iterator, limit: Some(limit) }).ok()?.records;
    let source = arn.replace(streams::LOCAL_REGION, REGION);
    let shaped = records.into_iter().filter_map(|record| {
        let at = record.dynamodb.approximate_creation_date_time;
        let mut record = serde_json::to_value(record).ok()?;
        record["awsRegion"] = json!(REGION);
        record["eventSourceARN"] = json!(source);
        #[expect(clippy::cast_possible_truncation, reason = "whole seconds, as Lambda gets them")]
        {
            record["dynamodb"]["ApproximateCreationDateTime"] = json!(at as i64);
        }
        if record["eventName"] == "REMOVE"
            && expired.contains(&(table.to_owned(), canonical(&record["dynamodb"]["Keys"])))
        {
            record["userIdentity"] = json!({ "type": "Service", "principalId": "dynamodb.amazonaws.com" });
        }
        Some(record)
    });
    Some(shaped.collect())
}

/// Keys as one text, whatever order they came in.
fn canonical(keys: &Value) -> String {
    let sorted: BTreeMap<_, _> = keys.as_object().into_iter().flatten().collect();
    serde_json::to_string(&sorted).unwrap_or_default()
}

fn number_of(record: &Value) -> String {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::{
        Client,
        config::{BehaviorVersion, Credentials, Region},
        types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem},
    };

    fn shape() -> Value {
        json!({
            "TableName": "yard",
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
            "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
        })
    }

    async fn opened() -> Tables {
        let tables = Tables::open(None).unwrap();
        tables.ensure_table(shape(), "ttl").await.unwrap();
        tables
    }

    async fn said(tables: &Tables, operation: &str, body: Value) -> (u16, Value) {
        let mut headers = HeaderMap::new();
        headers.insert(
            "authorization",
            HeaderValue::from_static(
                "AWS4-HMAC-SHA256 Credential=a/20260101/r/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
            ),
        );
        headers.insert("x-amz-date", HeaderValue::from_static("20260101T000000Z"));
        let response = tables.call(&format!("DynamoDB_20120810.{operation}"), body.to_string().into(), &headers).await;
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
    }

    async fn put(tables: &Tables, pk: &str) {
        let (status, reply) =
            said(tables, "PutItem", json!({ "TableName": "yard", "Item": { "pk": { "S": pk } } })).await;
        assert_eq!(status, 200, "{reply}");
    }

    fn keys(event: &Value) -> Vec<String> {
        let records = event["Records"].as_array().unwrap();
        records.iter().map(|r| r["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap().to_owned()).collect()
    }

    /// A consumer that keeps what it got and fails as it is told.
    fn consumer(
        fails: impl Fn(&Value) -> Result<Vec<String>, String> + Send + Sync + 'static,
    ) -> (Deliver, Arc<Mutex<Vec<Value>>>) {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = seen.clone();
        let deliver: Deliver = Arc::new(move |event| {
            let answer = fails(&event);
            kept.lock().unwrap().push(event);
            async { answer }.boxed()
        });
        (deliver, seen)
    }

    fn batches(seen: &Mutex<Vec<Value>>) -> Vec<Vec<String>> {
        seen.lock().unwrap().iter().map(keys).collect()
    }

    /// The SDK speaks to `call` through a loopback listener, as functions do through the gateway.
    async fn sdk(tables: &Tables) -> Client {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let tables = tables.clone();
        let app = axum::Router::new().fallback(move |headers: HeaderMap, body: Bytes| async move {
            let target = headers["x-amz-target"].to_str().unwrap().to_owned();
            tables.call(&target, body, &headers).await.map(axum::body::Body::from)
        });
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Client::from_conf(
            aws_sdk_dynamodb::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .endpoint_url(format!("http://{address}"))
                .region(Region::new(REGION))
                .credentials_provider(Credentials::new("a", "s", None, None, "test"))
                .build(),
        )
    }

    fn text(value: &str) -> AttributeValue {
        AttributeValue::S(value.to_owned())
    }

    #[tokio::test]
    async fn the_sdk_reads_back_what_it_wrote() {
        let client = sdk(&opened().await).await;
        client
            .put_item()
            .table_name("yard")
            .item("pk", text("a"))
            .item("n", AttributeValue::N("7".into()))
            .send()
            .await
            .unwrap();
        let got = client.get_item().table_name("yard").key("pk", text("a")).send().await.unwrap();
        assert_eq!(got.item.unwrap()["n"], AttributeValue::N("7".into()));
    }

    #[tokio::test]
    async fn a_refused_condition_reaches_the_sdk_with_the_item_that_refused_it() {
        let client = sdk(&opened().await).await;
        let put = || {
            client.put_item().table_name("yard").item("pk", text("a")).condition_expression("attribute_not_exists(pk)")
        };
        put().send().await.unwrap();
        let refused = put()
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await
            .unwrap_err()
            .into_service_error();
        let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(refused) = refused
        else {
            panic!("{refused:?}");
        };
        assert_eq!(refused.item.unwrap()["pk"], text("a"));
    }

    #[tokio::test]
    async fn a_cancelled_transaction_reaches_the_sdk_with_its_reasons() {
        let client = sdk(&opened().await).await;
        let put = |pk| {
            let put =
                Put::builder().table_name("yard").item("pk", text(pk)).condition_expression("attribute_not_exists(pk)");
            TransactWriteItem::builder().put(put.build().unwrap()).build()
        };
        client.transact_write_items().transact_items(put("a")).send().await.unwrap();
        let both = client.transact_write_items().transact_items(put("b")).transact_items(put("a")).send().await;
        let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(
            cancelled,
        ) = both.unwrap_err().into_service_error()
        else {
            panic!("another error");
        };
        let codes: Vec<_> = cancelled.cancellation_reasons().iter().map(|r| r.code().unwrap().to_owned()).collect();
        assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
        assert!(client.get_item().table_name("yard").key("pk", text("b")).send().await.unwrap().item.is_none());
    }

    #[tokio::test]
    async fn unknown_operations_and_unsigned_calls_are_refused() {
        let tables = opened().await;
        let (status, reply) = said(&tables, "DropEverything", json!({})).await;
        assert_eq!(
            (status, reply["__type"].as_str()),
            (400, Some("com.amazon.coral.service#UnknownOperationException"))
        );
        let unsigned = tables.call("DynamoDB_20120810.ListTables", "{}".into(), &HeaderMap::new()).await;
        assert_eq!(unsigned.status(), 400);
        assert!(std::str::from_utf8(unsigned.body()).unwrap().contains("MissingAuthenticationToken"));
    }

    #[tokio::test]
    async fn a_malformed_request_is_the_callers_fault() {
        let tables = opened().await;
        for body in
            [json!({ "TableName": "yard", "Item": 1 }), json!({ "TableName": "yard", "Item": { "pk": {} } }), json!([])]
        {
            assert_eq!(said(&tables, "PutItem", body).await.0, 400);
        }
    }

    #[tokio::test]
    async fn a_table_of_an_earlier_run_keeps_its_items_and_gains_new_indexes() {
        let tables = opened().await;
        put(&tables, "a").await;
        let mut wider = shape();
        wider["AttributeDefinitions"] =
            json!([{ "AttributeName": "pk", "AttributeType": "S" }, { "AttributeName": "g", "AttributeType": "S" }]);
        wider["GlobalSecondaryIndexes"] = json!([{
            "IndexName": "gsi1",
            "KeySchema": [{ "AttributeName": "g", "KeyType": "HASH" }],
            "Projection": { "ProjectionType": "ALL" },
        }]);
        for _ in 0..2 {
            tables.ensure_table(wider.clone(), "ttl").await.unwrap();
        }
        let (_, there) = said(&tables, "DescribeTable", json!({ "TableName": "yard" })).await;
        assert_eq!(there["Table"]["GlobalSecondaryIndexes"][0]["IndexName"], "gsi1");
        assert_eq!(there["Table"]["StreamSpecification"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
        let (_, got) = said(&tables, "GetItem", json!({ "TableName": "yard", "Key": { "pk": { "S": "a" } } })).await;
        assert_eq!(got["Item"]["pk"]["S"], "a");
    }

    #[tokio::test]
    async fn every_write_is_delivered_once_in_order_as_a_lambda_event() {
        let tables = opened().await;
        let (deliver, seen) = consumer(|_| Ok(vec![]));
        let (_stop, stopped) = watch::channel(false);
        let names: Vec<String> = (0..250).map(|n| format!("{n:03}")).collect();
        for name in &names {
            put(&tables, name).await;
        }
        tables.feed_stream("yard".into(), deliver, stopped);
        tables.drained().await;
        put(&tables, "later").await;
        tables.drained().await;

        let batches = batches(&seen);
        assert!(batches.iter().all(|batch| batch.len() <= 100));
        assert_eq!(batches.concat(), names.into_iter().chain(["later".into()]).collect::<Vec<_>>());

        let first = seen.lock().unwrap()[0].clone();
        let record = &first["Records"][0];
        assert_eq!((record["eventName"].as_str(), record["awsRegion"].as_str()), (Some("INSERT"), Some(REGION)));
        assert!(
            record["eventSourceARN"]
                .as_str()
                .unwrap()
                .starts_with("arn:aws:dynamodb:ap-northeast-2:000000000000:table/yard/stream/")
        );
        assert_eq!(record["dynamodb"]["NewImage"]["pk"]["S"], "000");
        assert!(record["dynamodb"]["ApproximateCreationDateTime"].is_i64());
        let event: aws_lambda_events::dynamodb::Event = serde_json::from_value(first).unwrap();
        assert_eq!(event.records.len(), 100);
    }

    #[tokio::test]
    async fn a_failed_record_comes_again_with_all_behind_it_and_goes_after_three_tries() {
        let tables = opened().await;
        for name in ["a", "b", "c"] {
            put(&tables, name).await;
        }
        let (deliver, seen) = consumer(|event| {
            let records = event["Records"].as_array().unwrap();
            Ok(records.iter().filter(|r| r["dynamodb"]["Keys"]["pk"]["S"] == "b").map(number_of).collect())
        });
        let (_stop, stopped) = watch::channel(false);
        tables.feed_stream("yard".into(), deliver, stopped);
        tables.drained().await;
        assert_eq!(batches(&seen), [vec!["a", "b", "c"], vec!["b", "c"], vec!["b", "c"], vec!["c"]]);
        assert_eq!(tables.dropped(), 1);
    }

    #[tokio::test]
    async fn a_batch_that_breaks_its_consumer_is_halved_until_the_culprit_is_alone() {
        let tables = opened().await;
        for name in ["a", "b", "c", "d"] {
            put(&tables, name).await;
        }
        let (deliver, seen) =
            consumer(|event| if keys(event).contains(&"c".to_owned()) { Err("broken".into()) } else { Ok(vec![]) });
        let (_stop, stopped) = watch::channel(false);
        tables.feed_stream("yard".into(), deliver, stopped);
        tables.drained().await;
        let batches = batches(&seen);
        assert_eq!(batches.iter().filter(|b| **b == ["c"]).count(), 3, "{batches:?}");
        assert_eq!(tables.dropped(), 1);
        assert_eq!(batches.last().unwrap(), &["d"]);
    }

    #[tokio::test]
    async fn a_consumer_that_panics_has_failed_and_is_asked_again() {
        let tables = opened().await;
        put(&tables, "a").await;
        let calls = Arc::new(AtomicU64::new(0));
        let counted = calls.clone();
        let deliver: Deliver = Arc::new(move |_| {
            let first = counted.fetch_add(1, Ordering::Relaxed) == 0;
            async move {
                assert!(!first, "told to panic");
                Ok(vec![])
            }
            .boxed()
        });
        let (_stop, stopped) = watch::channel(false);
        tables.feed_stream("yard".into(), deliver, stopped);
        tables.drained().await;
        assert_eq!((calls.load(Ordering::Relaxed), tables.dropped()), (2, 0));
    }

    #[tokio::test]
    async fn drained_waits_for_what_the_deliveries_write_in_turn() {
        let tables = opened().await;
        let own = tables.clone();
        let deliver: Deliver = Arc::new(move |event| {
            let tables = own.clone();
            async move {
                for key in keys(&event) {
                    if key.len() < 4 {
                        put(&tables, &format!("{key}x")).await;
                    }
                }
                Ok(vec![])
            }
            .boxed()
        });
        let (_stop, stopped) = watch::channel(false);
        tables.feed_stream("yard".into(), deliver, stopped);
        put(&tables, "a").await;
        tables.drained().await;
        let (_, all) = said(&tables, "Scan", json!({ "TableName": "yard" })).await;
        assert_eq!(all["Count"], 4);
    }

    #[tokio::test]
    async fn a_restart_delivers_what_was_not_delivered_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state/tables.db");
        let tables = Tables::open(Some(&file)).unwrap();
        tables.ensure_table(shape(), "ttl").await.unwrap();
        let (deliver, seen) = consumer(|_| Ok(vec![]));
        let (stop, stopped) = watch::channel(false);
        let feed = tables.feed_stream("yard".into(), deliver, stopped);
        put(&tables, "a").await;
        tables.drained().await;
        stop.send_replace(true);
        feed.await.unwrap();
        put(&tables, "b").await;
        drop(tables);

        let tables = Tables::open(Some(&file)).unwrap();
        tables.ensure_table(shape(), "ttl").await.unwrap();
        let (deliver, after) = consumer(|_| Ok(vec![]));
        let (_stop, stopped) = watch::channel(false);
        tables.feed_stream("yard".into(), deliver, stopped);
        tables.drained().await;
        assert_eq!((batches(&seen), batches(&after)), (vec![vec!["a".into()]], vec![vec!["b".to_owned()]]));
    }

    #[tokio::test]
    async fn a_reset_empties_the_tables_and_tells_nobody() {
        let tables = opened().await;
        for n in 0..60 {
            put(&tables, &format!("{n}")).await;
        }
        let (deliver, seen) = consumer(|_| Ok(vec![]));
        let (_stop, stopped) = watch::channel(false);
        tables.feed_stream("yard".into(), deliver, stopped);
        tables.drained().await;
        tables.reset().await.unwrap();
        put(&tables, "new").await;
        tables.drained().await;
        let (_, all) = said(&tables, "Scan", json!({ "TableName": "yard" })).await;
        assert_eq!((all["Count"].as_u64(), batches(&seen).concat().len()), (Some(1), 61));
        assert_eq!(batches(&seen).last().unwrap(), &["new"]);
    }

    #[tokio::test]
    async fn expired_items_go_and_their_record_says_that_dynamodb_removed_them() {
        let tables = opened().await;
        for (pk, ttl) in [("old", "99"), ("new", "100")] {
            let item = json!({ "pk": { "S": pk }, "ttl": { "N": ttl } });
            said(&tables, "PutItem", json!({ "TableName": "yard", "Item": item })).await;
        }
        put(&tables, "eternal").await;
        assert_eq!(tables.expire(100).await.unwrap(), 1);
        said(&tables, "DeleteItem", json!({ "TableName": "yard", "Key": { "pk": { "S": "new" } } })).await;

        let (deliver, seen) = consumer(|_| Ok(vec![]));
        let (_stop, stopped) = watch::channel(false);
        tables.feed_stream("yard".into(), deliver, stopped);
        tables.drained().await;
        let seen = seen.lock().unwrap();
        let removed: Vec<_> =
            seen[0]["Records"].as_array().unwrap().iter().filter(|r| r["eventName"] == "REMOVE").collect();
        assert_eq!(removed[0]["userIdentity"]["principalId"], "dynamodb.amazonaws.com");
        assert_eq!(removed[0]["dynamodb"]["OldImage"]["pk"]["S"], "old");
        assert_eq!(removed[1]["userIdentity"], Value::Null);
    }
}
