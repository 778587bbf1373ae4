//! Who calls, and whether they may: each call of a function is held against its row's `may`, as IAM holds it against the
//! function's role, and is refused in AWS's words. Whoever is no function (the seed, tests, people with the demo key) is
//! an administrator.

mod recorder;
mod table;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use edge::{Grant, LogSink, Method, Row};
use http::{HeaderMap, header};
use s3s::{
    S3Error, S3ErrorCode, S3Result,
    access::{S3Access, S3AccessContext},
    auth::{S3Auth, SecretKey},
    path::S3Path,
    s3_error,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    cloud::{POOL_ID, REGION},
    functions::deployed_name,
    mail::MAIL_IDENTITY,
    sockets::STAGE,
};
use recorder::Recorder;
pub(crate) use table::needs as needs_of_table;

/// The account that everything here belongs to.
const ACCOUNT: &str = "000000000000";

/// One thing that a function does with AWS, or may do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Use {
    /// The function's row.
    pub row: String,
    /// `table`, an index by its name, `bucket`, `pool`, `function`, `mail` or `connections`.
    pub on: String,
    /// The action, without its service's name.
    pub action: String,
    /// What the key begins with, where there are keys.
    pub prefix: String,
}

impl std::fmt::Display for Use {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} on {} {}", self.row, self.action, self.on, self.prefix)
    }
}

/// What a row declares, one by one.
#[must_use]
pub fn declared(row: &Row) -> BTreeSet<Use> {
    let one = |on: &str, action: &str, prefix: &str| Use {
        row: row.name.to_owned(),
        on: on.to_owned(),
        action: action.to_owned(),
        prefix: prefix.to_owned(),
    };
    let mut all = BTreeSet::new();
    for grant in &row.all_may() {
        match grant {
            Grant::Table(action, prefixes) => all.extend(prefixes.iter().map(|prefix| one("table", action, prefix))),
            Grant::Index(index, prefixes) => all.extend(prefixes.iter().map(|prefix| one(index, "Query", prefix))),
            Grant::Bucket(action, prefix) => all.extend([one("bucket", action, prefix)]),
            Grant::Pool(actions) => all.extend(actions.iter().map(|action| one("pool", action, ""))),
            Grant::Invoke(name) => all.extend([one("function", "InvokeFunction", name)]),
            Grant::Mail => all.extend([one("mail", "SendEmail", "")]),
            Grant::Connections(methods) => {
                all.extend(methods.iter().map(|method| one("connections", method.word(), "")));
            }
        }
    }
    all
}

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub enum Caller {
    /// Whoever is no function.
    Administrator,
    /// A function.
    Function {
        /// Its row.
        row: &'static Row,
        /// Not a test that borrows its key.
        itself: bool,
    },
}

/// One thing that a call does, as IAM sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    on: String,
    action: String,
    /// The partition, the object or the function; none where the call does not say.
    key: Option<String>,
    resource: String,
}

impl Need {
    /// An action on an item's partition of the table, or of one of its indexes.
    #[must_use]
    pub fn table(action: &str, table: &str, index: Option<&str>, key: Option<String>) -> Self {
        let mut resource = format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}");
        if let Some(index) = index {
            resource = format!("{resource}/index/{index}");
        }
        // No row grants anything on another table.
        let key = key.filter(|_| table == crate::cloud::TABLE);
        Self { on: index.unwrap_or("table").to_owned(), action: action.to_owned(), key, resource }
    }

    /// An action on an object, or on the bucket where no key is named.
    #[must_use]
    pub fn bucket(action: &str, bucket: &str, key: Option<&str>) -> Self {
        let resource = match key {
            // S3 alone puts it in quotes.
            Some(key) => format!("\"arn:aws:s3:::{bucket}/{key}\""),
            None => format!("\"arn:aws:s3:::{bucket}\""),
        };
        // Listing is of the bucket, not of a key in it.
        let key = key.or_else(|| (action == "ListBucket").then_some("")).map(str::to_owned);
        Self { on: "bucket".into(), action: action.to_owned(), key, resource }
    }

    /// An operation of the user pool.
    #[must_use]
    pub fn pool(action: &str) -> Self {
        let resource = format!("arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{POOL_ID}");
        Self { on: "pool".into(), action: action.to_owned(), key: Some(String::new()), resource }
    }

    /// Invoking a function by its row's name.
    #[must_use]
    pub fn invoke(row: &str) -> Self {
        let resource = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}", deployed_name(row));
        Self { on: "function".into(), action: "InvokeFunction".into(), key: Some(row.to_owned()), resource }
    }

    /// Sending a mail in the name of an identity.
    #[must_use]
    pub fn mail(identity: &str) -> Self {
        let resource = format!("arn:aws:ses:{REGION}:{ACCOUNT}:identity/{identity}");
        // No row grants sending in another's name.
        let key = (identity == MAIL_IDENTITY).then(String::new);
        Self { on: "mail".into(), action: "SendEmail".into(), key, resource }
    }

    /// A request to a connection of the WebSocket API.
    #[must_use]
    pub fn connection(method: Method, id: &str) -> Self {
        let word = method.word();
        let resource = format!("arn:aws:execute-api:{REGION}:{ACCOUNT}:local/{STAGE}/{word}/@connections/{id}");
        Self { on: "connections".into(), action: word.to_owned(), key: Some(String::new()), resource }
    }

    /// The action as IAM spells it.
    fn spelled(&self) -> String {
        match self.on.as_str() {
            "bucket" => format!("s3:{}", self.action),
            "pool" => format!("cognito-idp:{}", self.action),
            "function" => format!("lambda:{}", self.action),
            "mail" => format!("ses:{}", self.action),
            "connections" => "execute-api:ManageConnections".to_owned(),
            _ => format!("dynamodb:{}", self.action),
        }
    }

    fn is_met_by(&self, granted: &Use) -> bool {
        let fits = |key: &String| match granted.on.as_str() {
            "function" => *key == granted.prefix,
            _ => key.starts_with(&granted.prefix),
        };
        granted.on == self.on && granted.action == self.action && self.key.as_ref().is_some_and(fits)
    }
}

/// A call that was refused: the sentence AWS says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied(pub String);

/// Lets calls through or not. A clone is the same guard.
#[derive(Clone)]
pub struct Guard {
    inner: Arc<Inner>,
}

struct Inner {
    access_key: String,
    secret_key: String,
    rows: HashMap<&'static str, (&'static Row, Vec<Use>)>,
    log: LogSink,
    recorder: Option<&'static Recorder>,
}

impl Guard {
    /// A guard who knows these functions. The access key is the administrators'; a function's is [`Guard::key_of`] it.
    ///
    /// # Errors
    /// A sentence, when `MADANG_CALLS` names a folder that cannot be written.
    pub fn new(
        access_key: &str,
        secret_key: &str,
        rows: impl Iterator<Item = &'static Row>,
        log: LogSink,
    ) -> Result<Self, String> {
        // The longest prefix first: it is the one that a call needs.
        let granted = |row| {
            let mut all: Vec<Use> = declared(row).into_iter().collect();
            all.sort_by_key(|granted| std::cmp::Reverse(granted.prefix.len()));
            all
        };
        let inner = Inner {
            access_key: access_key.to_owned(),
            secret_key: secret_key.to_owned(),
            rows: rows.map(|row| (row.name, (row, granted(row)))).collect(),
            log,
            recorder: Recorder::of_this_process()?,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The access key that a function signs with: a presigned address tells by it whose it is.
    #[must_use]
    pub fn key_of(access_key: &str, row: &str) -> String {
        format!("{access_key}.{row}")
    }

    /// Who sent a request with these headers. The access key tells; where nothing is signed (signing up and in are
    /// Cognito's public operations), the name in the user agent does.
    #[must_use]
    pub fn caller(&self, headers: &HeaderMap) -> Caller {
        let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match authorization.and_then(|text| text.split_once("Credential=")?.1.split('/').next()) {
            Some(key) => self.holder(key, headers),
            None => self.function(apps(headers).next().unwrap_or_default(), headers),
        }
    }

    /// Who holds an access key.
    fn holder(&self, key: &str, headers: &HeaderMap) -> Caller {
        let name = key.strip_prefix(&self.inner.access_key).and_then(|rest| rest.strip_prefix('.'));
        self.function(name.unwrap_or_default(), headers)
    }

    fn function(&self, name: &str, headers: &HeaderMap) -> Caller {
        match self.inner.rows.get(name) {
            // Who follows a presigned address names no function: it is used in the name of the one that gave it out.
            Some((row, _)) => Caller::Function { row, itself: apps(headers).all(|app| app == row.name) },
            None => Caller::Administrator,
        }
    }

    /// Lets a call through if the caller may do all that it does.
    ///
    /// # Errors
    /// AWS's sentence about the first thing they may not do.
    pub fn check(&self, caller: Caller, needs: impl FnOnce() -> Vec<Need>) -> Result<(), Denied> {
        let Caller::Function { row, itself } = caller else { return Ok(()) };
        let granted = self.inner.rows.get(row.name).map_or(&[][..], |(_, granted)| granted);
        for need in needs() {
            let met = granted.iter().find(|granted| need.is_met_by(granted));
            if let Some(recorder) = self.inner.recorder.filter(|_| itself) {
                match met {
                    Some(used) => recorder.note(used, false),
                    None => recorder.note(&attempt(row, &need), true),
                }
            }
            if met.is_none() {
                return Err(self.deny(row, &need));
            }
        }
        Ok(())
    }

    fn deny(&self, row: &Row, need: &Need) -> Denied {
        let denied = sentence(row, need);
        let line = json!({
            "function": row.name,
            "denied": need.spelled(),
            "resource": need.resource.trim_matches('"'),
            "key": need.key,
            "message": denied.0,
        });
        (self.inner.log)(&line.to_string());
        denied
    }

    /// What S3 says of an object that is not there to somebody who may not list the bucket: not that it is not there.
    pub(crate) fn absent(&self, caller: Caller, bucket: &str) -> Option<S3Error> {
        self.check(caller, || vec![Need::bucket("ListBucket", bucket, None)]).err().map(forbidden)
    }

    /// Who signed a request to S3, by header or by address.
    pub(crate) fn signer<T>(&self, request: &s3s::S3Request<T>) -> Caller {
        match &request.credentials {
            Some(credentials) => self.holder(&credentials.access_key, &request.headers),
            None => Caller::Administrator,
        }
    }
}

/// The name that AWS's clients have from `AWS_SDK_UA_APP_ID`, in either header.
fn apps(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let agents = ["x-amz-user-agent", "user-agent"].into_iter().filter_map(|name| headers.get(name)?.to_str().ok());
    agents.flat_map(|agent| agent.split(' ').filter_map(|part| part.strip_prefix("app/")))
}

fn sentence(row: &Row, need: &Need) -> Denied {
    let (role, action, resource) = (deployed_name(row.name), need.spelled(), &need.resource);
    Denied(format!(
        "User: arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{role} is not authorized to perform: {action} on resource: \
         {resource} because no identity-based policy allows the {action} action"
    ))
}

/// What was tried in vain, with the beginning of its key as a row would declare it.
fn attempt(row: &Row, need: &Need) -> Use {
    let key = need.key.as_deref().unwrap_or_default();
    let prefix = match need.on.as_str() {
        "function" => key,
        _ => key.find(['#', '/']).map_or(key, |end| &key[..=end]),
    };
    Use { row: row.name.to_owned(), on: need.on.clone(), action: need.action.clone(), prefix: prefix.to_owned() }
}

fn forbidden(denied: Denied) -> S3Error {
    S3Error::with_message(S3ErrorCode::AccessDenied, denied.0)
}

#[async_trait::async_trait]
impl S3Auth for Guard {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        let name = access_key.strip_prefix(&self.inner.access_key);
        match name.map(|rest| rest.strip_prefix('.').unwrap_or(rest)) {
            Some(name) if name.is_empty() || self.inner.rows.contains_key(name) => {
                Ok(self.inner.secret_key.clone().into())
            }
            _ => Err(s3_error!(InvalidAccessKeyId)),
        }
    }
}

#[async_trait::async_trait]
impl S3Access for Guard {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let Some(credentials) = context.credentials() else {
            return Err(s3_error!(AccessDenied, "Access Denied"));
        };
        let caller = self.holder(&credentials.access_key, context.headers());
        let (bucket, key) = match context.s3_path() {
            S3Path::Object { bucket, key } => (&**bucket, Some(&**key)),
            S3Path::Bucket { bucket } => (&**bucket, None),
            S3Path::Root => ("*", None),
        };
        let source = context.headers().get("x-amz-copy-source").and_then(|value| value.to_str().ok());
        let needs = || {
            let operation = context.s3_op().name();
            let action = match operation {
                "HeadObject" => "GetObject",
                "CompleteMultipartUpload"
                | "CopyObject"
                | "CreateMultipartUpload"
                | "PostObject"
                | "UploadPart"
                | "UploadPartCopy" => "PutObject",
                "ListObjects" | "ListObjectsV2" => "ListBucket",
                // Its keys stand in the body: they are looked at one by one.
                "DeleteObjects" => return vec![],
                other => other,
            };
            let mut needs = vec![Need::bucket(action, bucket, key)];
            if let Some(source) = source.filter(|_| operation.ends_with("Copy") || operation == "CopyObject") {
                let source = percent_encoding::percent_decode_str(source).decode_utf8_lossy();
                let (bucket, key) = source.trim_start_matches('/').split_once('/').unwrap_or((&source, ""));
                needs.push(Need::bucket("GetObject", bucket, Some(key)));
            }
            needs
        };
        Self::check(self, caller, needs).map_err(forbidden)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    const ROW: &Row = &Row::get("yard.sweep", "/sweep").may(&[
        Grant::Table("GetItem", &["LEAF#", "LEAF#old#"]),
        Grant::Index("gsi1", &["OWNER#"]),
        Grant::Bucket("PutObject", "leaves/"),
        Grant::Pool(&["ListUsers"]),
        Grant::Invoke("yard.sweep"),
        Grant::Mail,
        Grant::Connections(&[Method::Post]),
    ]);

    fn guard() -> (Guard, Arc<Mutex<Vec<String>>>) {
        let lines = Arc::new(Mutex::new(vec![]));
        let kept = Arc::clone(&lines);
        let log: LogSink = Arc::new(move |line| kept.lock().unwrap().push(line.to_owned()));
        (Guard::new("key", "secret", [ROW].into_iter(), log).unwrap(), lines)
    }

    /// A test in the name of the function, which leaves no record.
    const SWEEP: Caller = Caller::Function { row: ROW, itself: false };

    fn may(need: &Need) -> bool {
        guard().0.check(SWEEP, || vec![need.clone()]).is_ok()
    }

    fn item(action: &str, key: &str) -> Need {
        Need::table(action, crate::cloud::TABLE, None, Some(key.to_owned()))
    }

    #[test]
    fn what_is_granted_is_let_through_and_nothing_else() {
        for need in [
            item("GetItem", "LEAF#1"),
            Need::table("Query", crate::cloud::TABLE, Some("gsi1"), Some("OWNER#1".into())),
            Need::bucket("PutObject", "b", Some("leaves/1")),
            Need::pool("ListUsers"),
            Need::invoke("yard.sweep"),
            Need::mail(MAIL_IDENTITY),
            Need::connection(Method::Post, "c1"),
        ] {
            assert!(may(&need), "{need:?}");
        }
        for need in [
            item("GetItem", "TREE#1"),
            item("GetItem", "LEA"),
            item("PutItem", "LEAF#1"),
            Need::table("GetItem", "another", None, Some("LEAF#1".into())),
            Need::table("GetItem", crate::cloud::TABLE, None, None),
            Need::table("Query", crate::cloud::TABLE, None, Some("OWNER#1".into())),
            Need::table("Query", crate::cloud::TABLE, Some("gsi2"), Some("OWNER#1".into())),
            Need::bucket("PutObject", "b", Some("trees/1")),
            Need::bucket("GetObject", "b", Some("leaves/1")),
            Need::bucket("ListBucket", "b", None),
            Need::pool("AdminDeleteUser"),
            Need::invoke("yard.sweep_all"),
            Need::mail("elsewhere.example"),
            Need::connection(Method::Delete, "c1"),
        ] {
            assert!(!may(&need), "{need:?}");
        }
    }

    #[test]
    fn one_thing_that_is_not_granted_refuses_the_whole_call_in_awss_words_and_is_noted() {
        let (guard, lines) = guard();
        let both = || vec![item("GetItem", "LEAF#1"), item("GetItem", "TREE#1")];
        let Denied(said) = guard.check(SWEEP, both).unwrap_err();
        assert_eq!(
            said,
            "User: arn:aws:sts::000000000000:assumed-role/local-yard-sweep/local-yard-sweep is not authorized to perform: \
             dynamodb:GetItem on resource: arn:aws:dynamodb:ap-northeast-2:000000000000:table/madang-local because no \
             identity-based policy allows the dynamodb:GetItem action"
        );
        let lines = lines.lock().unwrap();
        let line: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!((&line["function"], &line["key"]), (&json!("yard.sweep"), &json!("TREE#1")));
        assert_eq!(lines.len(), 1);
    }

    #[test]
    fn a_caller_is_known_by_the_key_and_where_nothing_is_signed_by_the_user_agent() {
        let (guard, _) = guard();
        let caller = |pairs: &[(&'static str, &str)]| {
            let headers = pairs.iter().map(|(n, v)| (http::HeaderName::from_static(n), v.parse().unwrap())).collect();
            match guard.caller(&headers) {
                Caller::Administrator => None,
                Caller::Function { row, itself } => Some((row.name, itself)),
            }
        };
        let signed =
            |key: &str| format!("AWS4-HMAC-SHA256 Credential={key}/20261121/r/dynamodb/aws4_request, Signature=0");
        let (own, other) = ("aws-sdk-rust/1 app/yard.sweep", "aws-sdk-rust/1 app/tests");
        let key = Guard::key_of("key", "yard.sweep");
        assert_eq!(caller(&[("authorization", &signed(&key))]), Some(("yard.sweep", true)));
        assert_eq!(caller(&[("authorization", &signed(&key)), ("user-agent", own)]), Some(("yard.sweep", true)));
        assert_eq!(caller(&[("authorization", &signed(&key)), ("user-agent", other)]), Some(("yard.sweep", false)));
        assert_eq!(caller(&[("x-amz-user-agent", own)]), Some(("yard.sweep", true)));
        assert_eq!(caller(&[("x-amz-user-agent", own), ("user-agent", other)]), Some(("yard.sweep", false)));
        assert_eq!(caller(&[("authorization", &signed("key")), ("user-agent", own)]), None);
        assert_eq!(caller(&[("user-agent", other)]), None);
        assert_eq!(caller(&[]), None);
    }

    #[test]
    fn what_was_tried_in_vain_is_named_as_a_row_would_declare_it() {
        let tried = |need: &Need| attempt(ROW, need).prefix;
        assert_eq!(tried(&item("GetItem", "TREE#1#2")), "TREE#");
        assert_eq!(tried(&item("GetItem", "TREES")), "TREES");
        assert_eq!(tried(&Need::bucket("GetObject", "b", Some("trees/1/2"))), "trees/");
        assert_eq!(tried(&Need::invoke("yard.sow")), "yard.sow");
        assert_eq!(tried(&Need::table("Scan", crate::cloud::TABLE, None, None)), "");
    }
}
