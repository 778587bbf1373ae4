//! Least privilege: a function does what its row declares and nothing else, on the laptop as on AWS.

use std::{collections::BTreeSet, time::Duration};

use aws_sdk_s3::{
    Client as Bucket,
    error::ProvideErrorMetadata,
    presigning::PresigningConfig,
    primitives::ByteStream,
    types::{Delete, ObjectIdentifier},
};
use domain::{
    id::{AccountId, ListingId},
    time::Time,
};
use edge::{Grant, Row};
use local::{Cloud, Options, POOL_ID, seed};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

const TABLE: &str = "madang-local";
const BUCKET: &str = "madang-local-media";
/// What every access key begins with: it is the administrators'.
const KEY: &str = "madang-local";
const MINJI: &str = seed::PEOPLE[0].sub;
const BICYCLE: &str = "lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AB";

fn rows() -> Vec<&'static Row> {
    local::services().iter().flat_map(|service| service.rows()).collect()
}

async fn cloud(seeded: bool) -> Cloud {
    let stopped_at = Time::parse(seed::SEED_TIME).ok();
    Cloud::start(Options { seeded, stopped_at, ..Options::default() }).await.expect("a cloud in memory always starts")
}

/// A reply of AWS: status, what `x-amzn-errortype` says, body.
struct Said {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Said {
    fn kind(&self) -> &str {
        self.body["__type"].as_str().unwrap_or_default().rsplit('#').next().unwrap_or_default()
    }

    fn message(&self) -> &str {
        self.body["Message"].as_str().unwrap_or_default()
    }
}

/// A call by the wire, in the name of tests and with the access key of a function, or of an administrator.
async fn asked(cloud: &Cloud, row: Option<&str>, service: &str, operation: &str, body: Value) -> Said {
    let key = row.map_or_else(|| KEY.to_owned(), |row| format!("{KEY}.{row}"));
    let signed =
        format!("AWS4-HMAC-SHA256 Credential={key}/20261121/r/s/aws4_request, SignedHeaders=host, Signature=0");
    send(cloud, &[("authorization", &signed), ("x-amz-target", &format!("{service}.{operation}"))], body).await
}

async fn send(cloud: &Cloud, headers: &[(&str, &str)], body: Value) -> Said {
    let client = reqwest::Client::builder().no_proxy().user_agent("app/tests").build().expect("a client");
    let mut request = client.post(cloud.url()).header("x-amz-date", "20261121T030000Z").body(body.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let reply = request.send().await.expect("the cloud answers");
    let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
    let body = reply.bytes().await.expect("a whole reply");
    Said { status, headers, body: serde_json::from_slice(&body).unwrap_or(Value::Null) }
}

async fn of_table(cloud: &Cloud, row: &str, operation: &str, body: Value) -> Said {
    asked(cloud, Some(row), "DynamoDB_20120810", operation, body).await
}

fn key(pk: &str, sk: &str) -> Value {
    json!({"pk": {"S": pk}, "sk": {"S": sk}})
}

fn account() -> Value {
    key(&format!("ACCOUNT#{MINJI}"), "ACCOUNT")
}

fn listing() -> Value {
    key(&format!("LISTING#{BICYCLE}"), "LISTING")
}

/// The sentence of AWS about a function that may not.
fn sentence(row: &str, action: &str, resource: &str) -> String {
    let role = format!("local-{}", row.replace('.', "-"));
    format!(
        "User: arn:aws:sts::000000000000:assumed-role/{role}/{role} is not authorized to perform: {action} on resource: \
         {resource} because no identity-based policy allows the {action} action"
    )
}

fn refused(said: &Said, row: &str, action: &str, index: &str) {
    let resource = format!("arn:aws:dynamodb:ap-northeast-2:000000000000:table/{TABLE}{index}");
    assert_eq!((said.status, said.kind()), (400, "AccessDeniedException"), "{}", said.body);
    assert_eq!(said.message(), sentence(row, action, &resource));
}

fn granted(said: &Said) {
    assert_eq!(said.status, 200, "{}", said.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_action_that_a_row_does_not_declare_is_refused_in_awss_words() {
    let cloud = cloud(true).await;
    let row = "trust.suspend";
    let read = json!({"TableName": TABLE, "Key": account()});
    granted(&of_table(&cloud, row, "GetItem", read.clone()).await);
    refused(&of_table(&cloud, row, "DeleteItem", read).await, row, "dynamodb:DeleteItem", "");
    refused(&of_table(&cloud, row, "Scan", json!({"TableName": TABLE})).await, row, "dynamodb:Scan", "");
    let other = json!({"TableName": TABLE, "Key": listing()});
    refused(&of_table(&cloud, row, "GetItem", other).await, row, "dynamodb:GetItem", "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_outside_the_prefixes_refuses_a_whole_batch() {
    let cloud = cloud(true).await;
    let batch = |keys: &[Value]| json!({"RequestItems": {TABLE: {"Keys": keys}}});
    let row = "listings.bookmark_list";
    granted(&of_table(&cloud, row, "BatchGetItem", batch(&[listing()])).await);
    let both = of_table(&cloud, row, "BatchGetItem", batch(&[listing(), account()])).await;
    refused(&both, row, "dynamodb:BatchGetItem", "");

    let row = "changes.project";
    let writes = json!({"RequestItems": {TABLE: [
        {"DeleteRequest": {"Key": listing()}}, {"PutRequest": {"Item": key("NICKNAME#x", "NICKNAME")}},
    ]}});
    refused(&of_table(&cloud, row, "BatchWriteItem", writes).await, row, "dynamodb:BatchWriteItem", "");
    let table = cloud.table();
    let id = ListingId::parse(BICYCLE).expect("an identifier");
    assert!(store::Listings(&table).by_id_now(&id).await.expect("the table").is_some(), "nothing of it was written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_part_of_a_transaction_needs_its_own_action_and_key() {
    let cloud = cloud(true).await;
    let row = "listings.ban";
    let put = json!({"Put": {"TableName": TABLE, "Item": key(&format!("LISTING#{BICYCLE}"), "BAN#x")}});
    let check = |keys: Value| json!({"ConditionCheck": {"TableName": TABLE, "Key": keys, "ConditionExpression": "attribute_exists(pk)"}});
    let write = |parts: &[&Value]| json!({"TransactItems": parts});
    granted(&of_table(&cloud, row, "TransactWriteItems", write(&[&put, &check(listing())])).await);
    let outside = of_table(&cloud, row, "TransactWriteItems", write(&[&put, &check(account())])).await;
    refused(&outside, row, "dynamodb:ConditionCheckItem", "");
    let delete = json!({"Delete": {"TableName": TABLE, "Key": listing()}});
    let deleted = of_table(&cloud, row, "TransactWriteItems", write(&[&put, &delete])).await;
    refused(&deleted, row, "dynamodb:DeleteItem", "");
    let read = json!({"TransactItems": [{"Get": {"TableName": TABLE, "Key": listing()}}]});
    refused(&of_table(&cloud, row, "TransactGetItems", read).await, row, "dynamodb:GetItem", "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_is_a_resource_of_its_own_and_a_query_is_held_to_its_partition() {
    let cloud = cloud(true).await;
    let row = "listings.mine";
    let query = |index: &str, partition: String| {
        json!({
            "TableName": TABLE, "IndexName": index, "KeyConditionExpression": "#pk = :pk",
            "ExpressionAttributeNames": {"#pk": format!("{index}pk")},
            "ExpressionAttributeValues": {":pk": {"S": partition}},
        })
    };
    granted(&of_table(&cloud, row, "Query", query("gsi1", format!("OWNER#{MINJI}"))).await);
    let due = of_table(&cloud, row, "Query", query("gsi3", "DUE#listing#2026-11-21#0".into())).await;
    refused(&due, row, "dynamodb:Query", "/index/gsi3");
    let uploads = of_table(&cloud, row, "Query", query("gsi1", format!("UPLOADER#{MINJI}"))).await;
    refused(&uploads, row, "dynamodb:Query", "/index/gsi1");
    let of_the_table = json!({
        "TableName": TABLE, "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": format!("OWNER#{MINJI}")}},
    });
    refused(&of_table(&cloud, row, "Query", of_the_table).await, row, "dynamodb:Query", "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_meets_the_same_refusal_and_the_cloud_notes_it() {
    let cloud = cloud(true).await;
    let minji = AccountId::parse(MINJI).expect("an identifier");
    let table = cloud.table_as("listings.category_list");
    let error = store::Accounts(&table).by_id(&minji).await.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("AccessDeniedException"), "{error}");
    let noted = cloud.log().into_iter().find(|line| line["function"] == "listings.category_list").expect("a line");
    assert_eq!(noted["denied"], "dynamodb:GetItem");
    assert_eq!(noted["key"], format!("ACCOUNT#{MINJI}"));
    assert!(noted["message"].as_str().is_some_and(|message| message.contains("is not authorized to perform")));
}

fn bucket_as(cloud: &Cloud, row: &str) -> Bucket {
    let config = aws_sdk_s3::config::Builder::from(&cloud.sdk_as(row)).force_path_style(true).build();
    Bucket::from_conf(config)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_is_granted_by_action_and_prefix() {
    let cloud = cloud(false).await;
    let bucket = bucket_as(&cloud, "media.optimize");
    let put = |key: &str| bucket.put_object().bucket(BUCKET).key(key).body(ByteStream::from_static(b"x")).send();
    put("renditions/a").await.expect("its own prefix");
    let outside = put("elsewhere/a").await.expect_err("another prefix");
    assert_eq!(outside.raw_response().map(|raw| raw.status().as_u16()), Some(403));
    assert_eq!(outside.code(), Some("AccessDenied"));
    let wanted = sentence("media.optimize", "s3:PutObject", &format!("\"arn:aws:s3:::{BUCKET}/elsewhere/a\""));
    assert_eq!(outside.message(), Some(wanted.as_str()));
    let got = bucket.get_object().bucket(BUCKET).key("renditions/a").send().await.expect_err("another action");
    assert_eq!(got.code(), Some("AccessDenied"));
    let writer = bucket_as(&cloud, "media.create");
    let listed = writer.list_objects_v2().bucket(BUCKET).send().await.expect_err("another action");
    assert_eq!(listed.code(), Some("AccessDenied"));
    // A copy reads what it copies.
    let copied = bucket.copy_object().bucket(BUCKET).key("renditions/b").copy_source(format!("{BUCKET}/renditions/a"));
    assert_eq!(copied.send().await.expect_err("it may not read there").code(), Some("AccessDenied"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_list_the_bucket_is_told_what_is_not_in_it() {
    let cloud = cloud(false).await;
    let got = bucket_as(&cloud, "media.optimize").get_object().bucket(BUCKET).key("uploads/none").send().await;
    assert_eq!(got.expect_err("there is none").code(), Some("NoSuchKey"));
    let got = bucket_as(&cloud, "media.create").get_object().bucket(BUCKET).key("uploads/none").send().await;
    assert_eq!(got.expect_err("it may not read").code(), Some("AccessDenied"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_deletions_in_one_are_granted_or_refused_key_by_key() {
    let cloud = cloud(false).await;
    let objects = ["renditions/a", "elsewhere/a"].map(|key| ObjectIdentifier::builder().key(key).build());
    let objects = objects.into_iter().collect::<Result<Vec<_>, _>>().expect("two keys");
    let delete = Delete::builder().set_objects(Some(objects)).build().expect("a deletion");
    let reply = bucket_as(&cloud, "changes.project").delete_objects().bucket(BUCKET).delete(delete).send().await;
    let reply = reply.expect("the call itself is granted");
    let errors: Vec<_> = reply.errors().iter().map(|error| (error.key(), error.code())).collect();
    assert_eq!(errors, [(Some("elsewhere/a"), Some("AccessDenied"))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_signed_by_a_function_that_may_not_put_there_opens_nothing() {
    let cloud = cloud(false).await;
    let client = reqwest::Client::builder().no_proxy().user_agent("app/tests").build().expect("a client");
    let signed = async |row: &str, key: &str| {
        let soon = PresigningConfig::expires_in(Duration::from_secs(60)).expect("a minute");
        let put =
            bucket_as(&cloud, row).put_object().bucket(BUCKET).key(key).presigned(soon).await.expect("an address");
        let reply = client.put(put.uri()).body("four").send().await.expect("the bucket answers");
        (reply.status().as_u16(), reply.text().await.unwrap_or_default())
    };
    assert_eq!(signed("media.create", "uploads/a").await.0, 200);
    for (row, key) in [("media.create", "renditions/a"), ("media.show", "uploads/a")] {
        let (status, body) = signed(row, key).await;
        assert_eq!(status, 403, "{body}");
        assert!(body.contains("<Code>AccessDenied</Code>") && body.contains("s3:PutObject"), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_user_pool_is_granted_by_action_also_where_nothing_is_signed() {
    let cloud = cloud(true).await;
    let service = "AWSCognitoIdentityProviderService";
    let list = json!({"UserPoolId": POOL_ID});
    granted(&asked(&cloud, Some("accounts.email_availability"), service, "ListUsers", list.clone()).await);
    let said = asked(&cloud, Some("accounts.me_show"), service, "ListUsers", list).await;
    assert_eq!((said.status, said.kind()), (400, "AccessDeniedException"));
    assert_eq!(said.headers["x-amzn-errortype"], "AccessDeniedException");
    let pool = format!("arn:aws:cognito-idp:ap-northeast-2:000000000000:userpool/{POOL_ID}");
    assert_eq!(said.message(), sentence("accounts.me_show", "cognito-idp:ListUsers", &pool));

    let target = ("x-amz-target", "AWSCognitoIdentityProviderService.ForgotPassword");
    let unsigned = async |agent: &str| {
        let forgot = json!({"ClientId": local::CLIENT_ID, "Username": "nobody@example.com"});
        send(&cloud, &[target, ("x-amz-user-agent", agent)], forgot).await
    };
    granted(&unsigned("app/tests").await);
    granted(&unsigned("app/accounts.password_forgot").await);
    let said = unsigned("app/accounts.password_reset").await;
    assert_eq!((said.status, said.kind()), (400, "AccessDeniedException"), "{}", said.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_invokes_none_but_those_it_declares() {
    let cloud = cloud(false).await;
    let client = reqwest::Client::builder().no_proxy().user_agent("app/tests").build().expect("a client");
    let invoked = async |row: &str, function: &str| {
        let url = format!("{}/2015-03-31/functions/{function}/invocations", cloud.url());
        let key = format!("AWS4-HMAC-SHA256 Credential={KEY}.{row}/20261121/r/lambda/aws4_request, Signature=0");
        let event = json!({"time": seed::SEED_TIME}).to_string();
        let reply = client.post(url).header("authorization", key).body(event).send().await.expect("an answer");
        let kind = reply.headers().get("x-amzn-errortype").and_then(|kind| kind.to_str().ok()).map(str::to_owned);
        (reply.status().as_u16(), kind, reply.text().await.unwrap_or_default())
    };
    assert_eq!(invoked("listings.expire", "local-listings-expire").await.0, 200);
    let (status, kind, body) = invoked("listings.expire", "local-media-sweep").await;
    assert_eq!((status, kind.as_deref()), (403, Some("AccessDeniedException")));
    assert!(body.contains("lambda:InvokeFunction on resource: arn:aws:lambda:"), "{body}");
    assert_eq!(invoked("listings.feed", "local-listings-expire").await.0, 403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_handed_over_is_taken_from_whoever_may_by_the_name_a_row_is_deployed_under() {
    let cloud = cloud(false).await;
    let functions = ports::Functions::new(&cloud.sdk_as("listings.expire"), "local");
    let event = json!({"time": seed::SEED_TIME});
    functions.invoke_later("listings.expire", &event).await.expect("it is granted");
    cloud.settled().await;
    let ran = cloud.log().iter().filter(|line| line["route"] == "listings.expire").count();
    assert_eq!(ran, 1, "once, and nobody waited");
    let refused = functions.invoke_later("media.sweep", &event).await.expect_err("it is not granted");
    assert!(refused.0.contains("AccessDeniedException"), "{refused}");
    let large = json!({"time": seed::SEED_TIME, "text": "x".repeat(1024 * 1024)});
    let refused = functions.invoke_later("listings.expire", &large).await.expect_err("it is too large");
    assert!(refused.0.contains("RequestTooLargeException"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn administrators_are_not_limited() {
    let cloud = cloud(true).await;
    let scan = json!({"TableName": TABLE, "Limit": 1});
    granted(&asked(&cloud, None, "DynamoDB_20120810", "Scan", scan.clone()).await);
    let list = json!({"UserPoolId": POOL_ID});
    granted(&asked(&cloud, None, "AWSCognitoIdentityProviderService", "ListUsers", list).await);
    // A person with any other key is nobody's function either.
    let other = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/r/s/aws4_request, SignedHeaders=host, \
                 Signature=0";
    granted(&send(&cloud, &[("authorization", other), ("x-amz-target", "DynamoDB_20120810.Scan")], scan).await);
    assert!(cloud.log().iter().all(|line| line["denied"].is_null()));
}

#[test]
fn no_row_grants_everything_or_a_scan() {
    const TABLE_ACTIONS: [&str; 7] =
        ["BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "UpdateItem"];
    for row in rows() {
        for grant in &row.all_may() {
            let (actions, prefixes) = match grant {
                Grant::Table(action, prefixes) => {
                    assert!(TABLE_ACTIONS.contains(action) || *action == "Query", "{}: {action}", row.name);
                    (vec![*action], prefixes.to_vec())
                }
                Grant::Index(index, prefixes) => (vec![*index], prefixes.to_vec()),
                // Of the bucket as a whole.
                Grant::Bucket("ListBucket", "") => (vec!["ListBucket"], vec!["-"]),
                Grant::Bucket(action, prefix) => (vec![*action], vec![*prefix]),
                Grant::Pool(actions) => (actions.to_vec(), vec!["-"]),
                Grant::Invoke(name) => {
                    assert!(rows().iter().any(|row| row.name == *name), "{}: there is no {name}", row.name);
                    (vec!["InvokeFunction"], vec![*name])
                }
                Grant::Mail => (vec!["SendEmail"], vec!["-"]),
                Grant::Connections(methods) => (methods.iter().map(|method| method.word()).collect(), vec!["-"]),
            };
            assert!(!actions.is_empty() && !prefixes.is_empty(), "{}: {grant:?} grants nothing", row.name);
            for word in actions.iter().chain(&prefixes) {
                let plain = !word.is_empty() && !word.contains(['*', '?']) && *word != "Scan";
                assert!(plain, "{}: {grant:?}", row.name);
            }
        }
    }
}

#[test]
fn no_row_says_a_thing_twice() {
    for row in rows() {
        let said: usize = row
            .all_may()
            .iter()
            .map(|grant| match grant {
                Grant::Table(_, prefixes) | Grant::Index(_, prefixes) => prefixes.len(),
                Grant::Pool(actions) => actions.len(),
                Grant::Connections(methods) => methods.len(),
                Grant::Bucket(..) | Grant::Invoke(_) | Grant::Mail => 1,
            })
            .sum();
        assert_eq!(local::privileges::declared(row).len(), said, "{}", row.name);
    }
}

#[test]
fn what_rows_name_are_keys_of_the_table() {
    // A prefix that is misspelled grants nothing, and one that ends anywhere more than it should.
    let chart = store::chart().expect("the key chart");
    let known: BTreeSet<&str> = chart.split('`').collect();
    for row in rows() {
        for grant in &row.all_may() {
            let (Grant::Table(_, prefixes) | Grant::Index(_, prefixes)) = grant else { continue };
            for prefix in *prefixes {
                let kind = prefix.split_inclusive('#').next().unwrap_or_default();
                assert!(known.iter().any(|key| key.starts_with(kind)), "{}: there is no {kind}", row.name);
                let whole = known.contains(prefix) || *prefix == format!("SCHEDULE#{}", row.name);
                assert!(whole || prefix.ends_with('#'), "{}: {prefix} may go on as it likes", row.name);
                let receipt = kind != "RECEIPT#" || *prefix == format!("RECEIPT#{}#", row.name);
                assert!(receipt, "{}: {prefix} is of all receipts, or another's", row.name);
            }
        }
    }
}
