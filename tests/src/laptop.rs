//! The laptop cloud itself: starting, stopping, keeping, moving its clock (row Z1).

use domain::time::Time;
use local::{Cloud, Options, seed};
use ports::{Mail, MailError};
use serde_json::{Value, json};

use crate::World;

fn kept(folder: &tempfile::TempDir) -> Options {
    Options {
        state: Some(folder.path().join("state")),
        seeded: true,
        stopped_at: Time::parse(seed::SEED_TIME).ok(),
        ..Options::default()
    }
}

async fn get(url: String) -> Value {
    let reply = reqwest::Client::builder().no_proxy().build().expect("a client").get(url).send().await;
    reply.expect("an answer").json().await.expect("JSON")
}

async fn refused_start(options: Options) -> String {
    match Cloud::start(options).await {
        Ok(_) => panic!("it started"),
        Err(sentence) => sentence,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_keeps_people_listings_and_pictures_z1() {
    let folder = tempfile::tempdir().expect("a folder");
    let cloud = Cloud::start(kept(&folder)).await.expect("it starts");
    let before = get(format!("{}/listings", cloud.url())).await;
    cloud.stop().await;

    let cloud = Cloud::start(kept(&folder)).await.expect("it starts again");
    let after = get(format!("{}/listings", cloud.url())).await;
    let ids =
        |page: &Value| page["items"].as_array().map(|items| items.iter().map(|i| i["id"].clone()).collect::<Vec<_>>());
    assert_eq!(ids(&before), ids(&after));
    assert_eq!(ids(&after).map(|ids| ids.len()), Some(5), "six things, one of them lent out");
    let picture = after["items"][0]["cover"]["renditions"][0]["jpeg"].as_str().unwrap_or_default().to_owned();
    // The port is another one now; the rest of the address is the same.
    let path = picture.split("/_cdn").nth(1).unwrap_or_default();
    let reply = reqwest::get(format!("{}/_cdn{path}", cloud.url())).await.expect("an answer");
    assert_eq!(reply.status(), 200);
    cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_deleted_does_not_come_back_with_a_restart_z1() {
    let folder = tempfile::tempdir().expect("a folder");
    let cloud = Cloud::start(kept(&folder)).await.expect("it starts");
    let url = cloud.url().to_owned();
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let session: Value = client
        .post(format!("{url}/auth/session"))
        .json(&json!({"email": "minji@example.com", "password": seed::PASSWORD}))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let token = session["accessToken"].as_str().unwrap_or_default();
    let deleted = client
        .delete(format!("{url}/listings/lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AB"))
        .bearer_auth(token)
        .send()
        .await
        .expect("an answer");
    assert_eq!(deleted.status(), 204);
    cloud.settled().await;
    cloud.stop().await;

    let cloud = Cloud::start(kept(&folder)).await.expect("it starts again");
    let page = get(format!("{}/listings", cloud.url())).await;
    assert_eq!(page["items"].as_array().map(Vec::len), Some(4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_clouds_run_side_by_side_and_know_nothing_of_each_other() {
    let (one, two) = tokio::join!(World::seeded(), World::new());
    assert_ne!(one.url(), two.url());
    assert_eq!(one.titles("/listings").await.len(), 5);
    assert_eq!(two.titles("/listings").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_in_use_is_said_in_a_sentence() {
    let world = World::new().await;
    let port = world.url().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let sentence = refused_start(Options { port, ..Options::default() }).await;
    assert!(sentence.contains(&format!("port {port} cannot be used")), "{sentence}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_folder_in_use_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let _first = Cloud::start(kept(&folder)).await.expect("it starts");
    let sentence = refused_start(kept(&folder)).await;
    assert!(sentence.contains("in use by another laptop cloud"), "{sentence}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_of_another_version_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    Cloud::start(kept(&folder)).await.expect("it starts").stop().await;
    let version = folder.path().join("state/version.json");
    std::fs::write(version, r#"{"version": 99}"#).expect("a writable file");
    let sentence = refused_start(kept(&folder)).await;
    assert!(sentence.contains("is of version 99, this program wants 1"), "{sentence}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_folder_that_cannot_be_written_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    // A file where the folder should be: not even an administrator can write below it.
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("a writable file");
    let sentence = refused_start(Options { state: Some(file), ..Options::default() }).await;
    assert!(sentence.contains("cannot be written"), "{sentence}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_moves_when_asked_and_schedules_follow_it() {
    let world = World::seeded().await;
    world.post("/_local/clock", json!({"advanceSeconds": 6 * 3600})).expect(200).await;
    assert!(!world.titles("/listings").await.contains(&"그림책 스무 권".to_owned()), "its deadline was in four hours");
    assert_eq!(world.titles("/listings?status=expired").await, ["그림책 스무 권"]);
    world.post("/_local/clock", json!({})).expect(400).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_brings_the_demo_people_back_and_nothing_else() {
    let world = World::seeded().await;
    let minji = world.demo("minji").await;
    world.barter(&minji, json!({})).await;
    world.ask(reqwest::Method::POST, "/_local/reset").expect(204).await;
    assert_eq!(world.titles("/listings").await.len(), 5);
    world.demo("minji").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_can_be_invoked_as_the_aws_cli_does_it() {
    let world = World::seeded().await;
    let event = json!({"version": "0", "source": "aws.events", "time": seed::SEED_TIME, "detail": {}});
    let path = "/2015-03-31/functions/local-listings-expire/invocations";
    let reply = world.post(path, event.clone()).expect(200).await;
    assert_eq!(reply.body["finished"], true);
    world.post(path, event).header("x-amz-invocation-type", "Event").expect(202).await;
    world.settle().await;
    world.post("/2015-03-31/functions/no-such/invocations", json!({})).expect(404).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_page_and_its_document_are_served_offline_z11() {
    let world = World::new().await;
    let page = world.get("/docs").expect(200).await.text();
    assert!(!page.contains("https://"), "the page asks nobody else for anything");
    let document = world.get("/docs/openapi.json").expect(200).await.body;
    assert_eq!(document["openapi"], "3.1.0");
    for asset in ["swagger-ui.css", "swagger-ui-bundle.js"] {
        assert!(world.get(&format!("/docs/assets/{asset}")).expect(200).await.bytes.len() > 10_000, "{asset}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_of_the_frames_asks_nobody_else_for_anything_z11() {
    let world = World::new().await;
    let mut page = world.get("/docs/realtime").expect(200).await.text();
    for asset in ["realtime.css", "realtime.js"] {
        assert!(page.contains(&format!("/docs/assets/{asset}")));
        page += &world.get(&format!("/docs/assets/{asset}")).expect(200).await.text();
    }
    assert!(!page.contains("https://") && !page.contains("http://"));
    assert!(page.contains("href=\"/docs\"") && world.get("/docs").expect(200).await.text().contains("/docs/realtime"));
    assert_eq!(world.get("/docs/asyncapi.json").expect(200).await.body["asyncapi"], "3.0.0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_is_served_and_finds_the_api_it_came_from() {
    let world = World::new().await;
    assert_eq!(world.get("/try").expect(308).await.header("location"), "/try/");
    let page = world.get("/try/").expect(200).await;
    assert!(page.header("content-type").starts_with("text/html") && page.text().contains("<!doctype html>"));
    assert!(page.header("content-security-policy").starts_with("default-src 'self'; connect-src 'self' ws: wss:"));
    assert_eq!(world.get("/try/index.html").expect(200).await.bytes, page.bytes);
    assert_eq!(page.header("cache-control"), "no-cache");
    let again = world.get("/try/").header("if-none-match", page.header("etag")).expect(304).await;
    assert!(again.bytes.is_empty());
    let config = world.get("/try/config.json").expect(200).await;
    assert_eq!(
        (config.header("content-type"), &config.body),
        ("application/json", &json!({"api": "", "live": "/live"}))
    );
    for nothing in ["nothing.js", "..%2fCargo.toml", "nothing/"] {
        world.get(&format!("/try/{nothing}")).expect(404).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mail_box_is_read_by_programs_and_by_people() {
    let world = World::new().await;
    world.newcomer("sora", "소라").await;
    let mails = world.get("/_local/mail?to=sora@example.com").expect(200).await.body;
    assert_eq!(mails["items"][0]["code"], crate::CODE);
    assert!(mails["items"][0]["subject"].as_str().is_some_and(|subject| subject.contains("인증 코드")));
    let page = world.get("/_local/mail").header("accept", "text/html").expect(200).await.text();
    assert!(page.contains("sora@example.com") && page.contains("<iframe sandbox"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_a_function_sends_lies_in_the_mail_box() {
    const FROM: &str = "=?UTF-8?B?66eI64u5?= <no-reply@madang.example>";
    let world = World::new().await;
    let mail = Mail::new(&world.laptop().sdk(), FROM);
    let unsubscribe = Some("https://madang.example/out?token=t");
    let id = mail.send("sora@example.com", "새 메시지", "안녕", "<p>안녕</p>", unsubscribe).await.expect("it is sent");
    assert!(id.is_some_and(|id| !id.is_empty()));
    let mails = world.mails("sora@example.com").await;
    assert_eq!(
        mails,
        [json!({
            "from": FROM, "to": "sora@example.com", "subject": "새 메시지", "code": null, "at": world.now(),
            "body": "<p>안녕</p>", "text": "안녕",
            "headers": {
                "List-Unsubscribe": "<https://madang.example/out?token=t>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        })]
    );
    let page = world.get("/_local/mail").header("accept", "text/html").expect(200).await.text();
    assert!(page.contains("새 메시지") && page.contains("srcdoc=\"&lt;p&gt;안녕"));

    let refused = mail.send("nowhere", "s", "t", "h", None).await;
    assert!(matches!(refused, Err(MailError::Refused(_))), "{refused:?}");
    let stranger = Mail::new(&world.laptop().sdk(), "no-reply@elsewhere.example");
    let refused = stranger.send("sora@example.com", "s", "t", "h", None).await;
    assert!(matches!(&refused, Err(MailError::Refused(said)) if said.contains("not verified")), "{refused:?}");
    // Without a name to send in nothing is sent, and nobody is told off.
    let nobody = Mail::new(&world.laptop().sdk(), Mail::NOBODY);
    assert!(!nobody.is_on() && mail.is_on());
    assert_eq!(nobody.send("sora@example.com", "s", "t", "h", None).await, Ok(None));
    assert_eq!(world.mails("sora@example.com").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_does_not_say_so_sends_no_mail() {
    let world = World::new().await;
    let mail = Mail::new(&world.laptop().sdk_as("listings.feed"), "no-reply@madang.example");
    let refused = mail.send("sora@example.com", "s", "t", "h", None).await.expect_err("it may not").to_string();
    let identity = "arn:aws:ses:ap-northeast-2:000000000000:identity/madang.example";
    assert!(
        refused.contains(&format!("is not authorized to perform: ses:SendEmail on resource: {identity}")),
        "{refused}"
    );
    assert!(world.mails("sora@example.com").await.is_empty());
}
