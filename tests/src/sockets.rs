//! The WebSocket API: opening, frames, limits, hanging up, and how functions reach connections (rows C1 and C21).

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    id::{AccountId, ConnectionId},
    time::{HOUR, MINUTE},
};
use ports::{Connections, PostError};
use reqwest::Method;
use serde_json::{Value, json};
use store::{Connection, Connections as Items};

use crate::{Client, Person, World};

async fn item(world: &World, id: &str) -> Option<Connection> {
    let id = ConnectionId::parse(id).expect("an identifier");
    Items(&world.table()).by_id(&id, world.now()).await.expect("the table answers")
}

async fn of(world: &World, person: &Person) -> Vec<String> {
    let account = AccountId::parse(&person.id).expect("an account");
    let found = Items(&world.table()).of_account(&account, world.now()).await.expect("the table answers");
    found.iter().map(|id| id.as_str().to_owned()).collect()
}

async fn pass(world: &World, ms: i64) {
    world.laptop().move_clock(world.now().plus(ms)).await;
}

/// The event file of a function.
fn event_of(name: &str) -> Value {
    let path = format!("{}/../events/realtime/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("an event file")).expect("JSON")
}

async fn seeded() -> (World, Person) {
    let world = World::seeded().await;
    let junho = world.demo("junho").await;
    (world, junho)
}

// --- opening ------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_opens_by_protocol_which_is_echoed_c1() {
    let (world, junho) = seeded().await;
    let mut client = world.connect(&junho).await;
    assert_eq!(client.protocol.as_deref(), Some("madang.v1"), "and never the token");
    client.is_alive().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_opens_by_query_and_no_protocol_is_chosen_that_nobody_offered_c1() {
    let (world, junho) = seeded().await;
    let mut client = world.opening().query(&format!("token={}", junho.token)).open().await;
    assert_eq!(client.protocol, None);
    client.is_alive().await;
    let both = world.opening().query(&format!("token={}", junho.token)).protocols("madang.v1").open().await;
    assert_eq!(both.protocol.as_deref(), Some("madang.v1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_connects_without_a_good_access_token_c1() {
    let (world, other) = tokio::join!(World::seeded(), World::seeded());
    let (junho, stranger) = (world.demo("junho").await, other.demo("junho").await);
    world.opening().refused(403).await;
    for token in ["", "nonsense", "a.b.c", &junho.id_token, &junho.refresh, &stranger.token] {
        let said = world.opening().query(&format!("token={token}")).refused(403).await;
        assert_eq!(said["message"], "User is not authorized to access this resource with an explicit deny", "{token}");
    }
    for protocols in [
        "madang.v1".to_owned(),
        junho.token.clone(),
        format!("{}, madang.v1", junho.token),
        format!("madang.v1, {}", junho.id_token),
        format!("madang.v2, {}", junho.token),
        format!("madang.v1, {}, {}", junho.token, junho.token),
    ] {
        world.opening().protocols(&protocols).refused(403).await;
    }
    pass(&world, HOUR).await;
    world.opening().protocols(&format!("madang.v1, {}", junho.token)).refused(403).await;
    assert!(world.sockets().await.is_empty());
    assert!(of(&world, &junho).await.is_empty());
    assert!(world.log_of("realtime.connect").is_empty(), "nothing behind the door was woken");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_token_is_in_any_line_of_the_log() {
    let (world, junho) = seeded().await;
    let mut client = world.connect(&junho).await;
    client.is_alive().await;
    world.opening().query(&format!("token={}", junho.id_token)).refused(403).await;
    client.close().await;
    let log = serde_json::to_string(&world.laptop().log()).expect("lines");
    assert!(log.contains("realtime.authorize") && log.contains("realtime.disconnect"));
    for token in [&junho.token, &junho.id_token] {
        assert!(!log.contains(token.as_str()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_upgrade_or_too_long_is_refused_before_any_function() {
    let (world, junho) = seeded().await;
    world.get("/live").expect(426).await;
    world.get("/live/elsewhere").expect(403).await;
    let token = format!("token={}", junho.token);
    let host = world.url().trim_start_matches("http://");
    let room = 4_096 - format!("wss://{host}/live?{token}&x=").len();
    world.opening().query(&format!("{token}&x={}", "x".repeat(room + 1))).refused(414).await;
    assert!(world.log_of("realtime.authorize").is_empty());
    world.opening().query(&format!("{token}&x={}", "x".repeat(room))).open().await.is_alive().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_item_of_a_connection_says_whose_it_is_and_when_it_may_go() {
    let (world, junho) = seeded().await;
    let opened = world.now();
    let client = world.opening().query(&format!("token={}&lang=en", junho.token)).open().await;
    let found = item(&world, &client.id).await.expect("an item");
    assert_eq!((found.account.as_str(), found.connected_at), (junho.id.as_str(), opened));
    assert_eq!(found.expires_at, opened.plus(HOUR));
    assert_eq!(found.lang.tag(), "en");
    assert_eq!(of(&world, &junho).await, [client.id.as_str()]);
    let id = client.id.clone();
    client.close().await;
    assert!(item(&world, &id).await.is_none());
    assert!(of(&world, &junho).await.is_empty(), "hanging up is noted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_persons_devices_are_connections_of_their_own() {
    let (world, junho) = seeded().await;
    let minji = world.demo("minji").await;
    let mut phone = world.connect(&junho).await;
    let mut laptop = world.connect(&junho).await;
    let other = world.connect(&minji).await;
    let (all, own) = (of(&world, &junho).await, [phone.id.as_str(), laptop.id.as_str()]);
    assert_eq!(all.iter().map(String::as_str).collect::<BTreeSet<_>>(), BTreeSet::from(own));
    assert_eq!(of(&world, &minji).await, [other.id.as_str()]);
    phone.is_alive().await;
    laptop.is_alive().await;
    phone.close().await;
    assert_eq!(of(&world, &junho).await, [laptop.id.as_str()]);
    laptop.is_alive().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_eleventh_connection_hangs_up_the_oldest() {
    let (world, junho) = seeded().await;
    let mut clients: Vec<Client<'_>> = vec![];
    for _ in 0..11 {
        clients.push(world.connect(&junho).await);
        pass(&world, 1_000).await;
    }
    assert_eq!(clients[0].closed().await, Some((1000, String::new())));
    for client in &mut clients[1..] {
        client.is_alive().await;
    }
    let known: Vec<String> = clients[1..].iter().map(|client| client.id.clone()).collect();
    assert_eq!(of(&world, &junho).await, known);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_opening_delivered_twice_is_one_connection() {
    let (world, junho) = seeded().await;
    let mut event = event_of("connect");
    event["requestContext"]["authorizer"]["sub"] = junho.id.as_str().into();
    for _ in 0..2 {
        let reply = world.invoke("realtime.connect", event.clone()).await.expect("it is taken");
        assert_eq!(reply, json!({"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "madang.v1"}}));
    }
    assert_eq!(of(&world, &junho).await, [event["requestContext"]["connectionId"].as_str().unwrap_or_default()]);
    for _ in 0..2 {
        let reply = world.invoke("realtime.disconnect", event.clone()).await.expect("it is taken");
        assert_eq!(reply, json!({"statusCode": 200}));
    }
    assert!(of(&world, &junho).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_everywhere_ends_connections_and_opens_none_with_an_old_token_a19() {
    let (world, junho) = seeded().await;
    let mut client = world.connect(&junho).await;
    world.stop_clock_at(world.now().plus(2_000));
    world.post("/me/sign-out-everywhere", Value::Null).by(&junho).expect(204).await;
    assert_eq!(client.closed().await.map(|(code, _)| code), Some(1000));
    world.settle().await;
    assert!(of(&world, &junho).await.is_empty());
    world.opening().query(&format!("token={}", junho.token)).refused(403).await;
    let anew = world.demo("junho").await;
    world.connect(&anew).await.is_alive().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_left_madang_opens_no_connection_a20() {
    let (world, junho) = seeded().await;
    let deleted = world.delete("/me").by(&junho).send().await;
    assert_eq!(deleted.status, 204, "{}", deleted.text());
    world.settle().await;
    world.opening().query(&format!("token={}", junho.token)).refused(403).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hanging_up_that_nobody_told_of_is_outlived_by_ten_minutes() {
    let (world, junho) = seeded().await;
    world.post("/_local/sockets", json!({"loseDisconnects": true})).expect(204).await;
    let client = world.connect(&junho).await;
    let id = client.id.clone();
    client.close().await;
    assert!(world.log_of("realtime.disconnect").is_empty());
    pass(&world, Connection::LIFE - 1_000).await;
    assert!(item(&world, &id).await.is_some());
    assert_eq!(of(&world, &junho).await, [id.as_str()]);
    pass(&world, 1_000).await;
    assert!(of(&world, &junho).await.is_empty(), "whether or not DynamoDB has swept");
    pass(&world, MINUTE).await;
    assert!(item(&world, &id).await.is_none());
}

// --- frames -------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ping_is_answered_with_its_ref_and_the_time() {
    let (world, junho) = seeded().await;
    let mut client = world.connect(&junho).await;
    let answer = client.ask("ping", "c1", json!({})).await;
    assert_eq!(answer, json!({"type": "pong", "ref": "c1", "at": answer["at"]}));
    world.assert_moment(&answer["at"], world.now());
    client.send(json!({"action": "ping"})).await;
    let answer = client.next().await;
    assert_eq!(answer, json!({"type": "pong", "at": answer["at"]}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_frames_are_answered_with_a_problem_and_the_connection_lives_on_c21() {
    let (world, junho) = seeded().await;
    let mut client = world.connect(&junho).await;
    let problem = client.refused("dance", json!({}), "unknown_action").await;
    assert_eq!((&problem["action"], &problem["status"]), (&json!("dance"), &json!(400)));
    let long = client.refused(&"다".repeat(500), json!({}), "unknown_action").await;
    assert_eq!(long["action"], "다".repeat(64));
    client.refused("$connect", json!({}), "unknown_action").await;
    let problem = client.refused("ping", json!({"x": 1, "y": {}}), "malformed_fields").await;
    let fields: Vec<&Value> = problem["errors"].as_array().into_iter().flatten().map(|e| &e["field"]).collect();
    assert_eq!(fields, ["/x", "/y"], "every bad field at once");

    for (text, code, field) in [
        ("hello", "malformed_frame", None),
        ("", "malformed_frame", None),
        ("[{\"action\": \"ping\"}]", "malformed_frame", None),
        ("{\"action\": \"ping\"", "malformed_frame", None),
        ("null", "malformed_frame", None),
        ("{}", "malformed_fields", Some("/action")),
        ("{\"action\": null}", "malformed_fields", Some("/action")),
        ("{\"action\": 7}", "malformed_fields", Some("/action")),
        ("{\"action\": \"ping\", \"ref\": 7}", "malformed_fields", Some("/ref")),
    ] {
        client.send_text(text).await;
        let answer = client.next().await;
        assert_eq!((&answer["type"], &answer["problem"]["code"]), (&json!("error"), &json!(code)), "{text}: {answer}");
        assert_eq!(answer.get("ref"), None);
        assert_eq!(answer["problem"]["errors"][0]["field"].as_str(), field, "{text}");
    }
    client.send(json!({"action": "ping", "ref": "x".repeat(65)})).await;
    assert_eq!(client.next().await["problem"]["code"], "invalid_fields");
    client.is_alive().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn problems_are_worded_as_the_connection_was_opened() {
    let (world, junho) = seeded().await;
    let by_header =
        |lang: &str| world.opening().protocols(&format!("madang.v1, {}", junho.token)).header("accept-language", lang);
    let mut korean = by_header("ko-KR,en;q=0.5").open().await;
    let mut english = by_header("en-US").open().await;
    let mut chosen = world.opening().query(&format!("token={}&lang=en", junho.token)).open().await;
    assert_eq!(korean.refused("dance", json!({}), "unknown_action").await["title"], "알 수 없는 동작입니다.");
    for client in [&mut english, &mut chosen] {
        assert_eq!(client.refused("dance", json!({}), "unknown_action").await["title"], "There is no such action.");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_living_connection_whose_token_ran_out_is_told_so() {
    let (world, junho) = seeded().await;
    let mut client = world.connect(&junho).await;
    for _ in 0..7 {
        client.is_alive().await;
        pass(&world, 9 * MINUTE).await;
    }
    for action in ["ping", "dance"] {
        let problem = client.refused(action, json!({}), "token_expired").await;
        assert_eq!(problem["status"], 401);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_of_one_connection_are_all_answered_each_with_its_ref() {
    let (world, junho) = seeded().await;
    let mut client = world.connect(&junho).await;
    let sent: BTreeSet<String> = (0..40).map(|n| format!("c{n}")).collect();
    for reference in &sent {
        client.send(json!({"action": "ping", "ref": reference})).await;
    }
    let mut answered = BTreeSet::new();
    for _ in 0..40 {
        answered.insert(client.next().await["ref"].as_str().unwrap_or_default().to_owned());
    }
    assert_eq!(answered, sent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_fails_is_told_in_the_gateways_own_words() {
    let (world, junho) = seeded().await;
    let mut client = world.connect(&junho).await;
    world.spoil(&client.id, json!({"invocations": "fail"})).await;
    client.send(json!({"action": "ping", "ref": "c1"})).await;
    let text = client.next_text().await;
    let said: Value = serde_json::from_str(&text).expect("JSON");
    let request = said["requestId"].as_str().unwrap_or_default();
    let expected = format!(
        "{{\"message\": \"Internal server error\", \"connectionId\":\"{}\", \"requestId\":\"{request}\"}}",
        client.id
    );
    assert_eq!((text, request.len()), (expected, 16));
    world.spoil(&client.id, json!({"invocations": "twice"})).await;
    client.send(json!({"action": "ping", "ref": "c2"})).await;
    assert_eq!((&client.next().await["ref"], &client.next().await["ref"]), (&json!("c2"), &json!("c2")));
}

// --- limits -------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_binary_frame_ends_the_connection_with_1003() {
    let (world, junho) = seeded().await;
    let mut client = world.connect(&junho).await;
    client.send_bytes(b"{\"action\":\"ping\"}".to_vec()).await;
    assert_eq!(client.closed().await.map(|(code, _)| code), Some(1003));
    world.settle().await;
    assert!(of(&world, &junho).await.is_empty());
}

/// A ping of exactly so many bytes, padded outside its object.
fn ping_of(size: usize) -> String {
    let ping = r#"{"action":"ping","ref":"big"}"#;
    format!("{ping}{}", " ".repeat(size - ping.len()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_above_32_kb_ends_the_connection_with_1009() {
    let (world, junho) = seeded().await;
    let mut client = world.connect(&junho).await;
    client.send_text(&ping_of(32 * 1024)).await;
    assert_eq!(client.next().await["type"], "pong", "32 KB are a frame");
    client.send_text(&ping_of(32 * 1024 + 1)).await;
    assert_eq!(client.closed().await, Some((1009, "Message too big".to_owned())));
    world.settle().await;
    assert!(of(&world, &junho).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_of_several_frames_may_have_128_kb_and_no_more() {
    let (world, junho) = seeded().await;
    let mut client = world.connect(&junho).await;
    client.send_in_frames(&ping_of(128 * 1024), 32 * 1024).await;
    assert_eq!(client.next().await["type"], "pong", "128 KB are a message");
    client.send_in_frames(&ping_of(129 * 1024), 32 * 1024).await;
    assert_eq!(client.closed().await, Some((1009, "Message too big".to_owned())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_minutes_of_silence_end_a_connection() {
    let (world, junho) = seeded().await;
    let (mut silent, mut lively, mut told) =
        (world.connect(&junho).await, world.connect(&junho).await, world.connect(&junho).await);
    pass(&world, 9 * MINUTE).await;
    lively.is_alive().await;
    world.connections().post(&told.connection_id(), "{}").await.expect("it is delivered");
    pass(&world, MINUTE - 1).await;
    assert_eq!(world.sockets().await.len(), 3);
    pass(&world, 1).await;
    assert_eq!(silent.closed().await, Some((1001, "Going away".to_owned())));
    lively.is_alive().await;
    assert_eq!(told.next_posted().await, json!({}), "a frame to the client counts as one from it");
    told.is_alive().await;
    assert_eq!(of(&world, &junho).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hours_end_a_connection_however_lively() {
    let (world, junho) = seeded().await;
    let mut client = world.connect(&junho).await;
    for _ in 0..13 {
        pass(&world, 9 * MINUTE).await;
        client.ask("ping", "alive", json!({})).await;
    }
    pass(&world, 3 * MINUTE - 1).await;
    client.ask("ping", "alive", json!({})).await;
    pass(&world, 1).await;
    assert_eq!(client.closed().await, Some((1001, "Going away".to_owned())));
    assert!(of(&world, &junho).await.is_empty());
}

// --- reaching connections -----------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_reaches_a_connection_until_it_is_gone() {
    let (world, junho) = seeded().await;
    let (mut client, all) = (world.connect(&junho).await, world.connections());
    let id = client.connection_id();
    all.post(&id, "{\"type\":\"hello\"}").await.expect("it is delivered");
    assert_eq!(client.next_posted().await["type"], "hello");
    client.close().await;
    assert_eq!(all.post(&id, "{}").await, Err(PostError::Gone));
    assert_eq!(all.hang_up(&id).await, Err(PostError::Gone));
    let never = ConnectionId::parse("JKJaWcQKPHcCFxA=").expect("an identifier");
    assert_eq!(all.send(&never, "{}").await, Err(PostError::Gone));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_post_of_128_kb_is_delivered_and_a_larger_one_is_too_large() {
    let (world, junho) = seeded().await;
    let (mut client, all) = (world.connect(&junho).await, world.connections());
    let id = client.connection_id();
    all.post(&id, &"x".repeat(128 * 1024)).await.expect("it is delivered");
    assert_eq!(client.next_text().await.len(), 128 * 1024);
    assert_eq!(all.post(&id, &"x".repeat(128 * 1024 + 1)).await, Err(PostError::TooLarge));
    client.is_alive().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn posts_that_are_limited_fail_or_hang_are_told_apart() {
    let (world, junho) = seeded().await;
    let (client, all) = (world.connect(&junho).await, world.connections());
    let id = client.connection_id();
    world.spoil(&client.id, json!({"posts": "limit"})).await;
    assert_eq!(all.post(&id, "{}").await, Err(PostError::TooMany));
    assert_eq!(all.send(&id, "{}").await, Err(PostError::TooMany), "also after waiting");
    for fault in ["fail", "hang"] {
        world.spoil(&client.id, json!({"posts": fault})).await;
        assert!(matches!(all.post(&id, "{}").await, Err(PostError::Failed(_))), "{fault}");
    }
    world.spoil(&client.id, json!({})).await;
    all.post(&id, "{}").await.expect("it is delivered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_limited_is_tried_again() {
    let (world, junho) = seeded().await;
    let mut client = world.connect(&junho).await;
    world.spoil(&client.id, json!({"posts": "once"})).await;
    assert_eq!(client.ask("ping", "late", json!({})).await["type"], "pong");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_cannot_be_said_is_a_fault_in_the_log_and_no_failed_function() {
    let (world, junho) = seeded().await;
    let client = world.connect(&junho).await;
    world.spoil(&client.id, json!({"posts": "fail"})).await;
    let mut event = event_of("ping");
    event["requestContext"]["connectionId"] = client.id.as_str().into();
    assert_eq!(world.invoke("realtime.ping", event.clone()).await, Ok(json!({"statusCode": 200})));
    let lines = world.log_of("realtime.ping");
    assert_eq!(lines[0]["status"], 500);
    assert!(lines[0]["fault"].as_str().is_some_and(|fault| fault.starts_with("no answer: ")), "{}", lines[0]);
    client.close().await;
    // That the sender has left meanwhile is no fault of anybody's.
    assert_eq!(world.invoke("realtime.ping", event).await, Ok(json!({"statusCode": 200})));
    assert_eq!(world.log_of("realtime.ping")[1]["status"], 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_event_of_the_sockets_fails_the_function() {
    let world = World::new().await;
    for event in [json!({}), json!({"requestContext": {"connectedAt": 1, "requestTimeEpoch": 1}})] {
        let said = world.invoke("realtime.ping", event).await;
        assert!(said.as_ref().is_err_and(|said| said.starts_with("Event: ")), "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_hung_up_after_what_was_sent_to_it() {
    let (world, junho) = seeded().await;
    let (mut client, all) = (world.connect(&junho).await, world.connections());
    let id = client.connection_id();
    all.post(&id, "{\"type\":\"farewell\"}").await.expect("it is delivered");
    all.hang_up(&id).await.expect("it is hung up");
    assert_eq!(all.post(&id, "{}").await, Err(PostError::Gone), "at once");
    assert_eq!(client.next_posted().await["type"], "farewell");
    assert_eq!(client.closed().await, Some((1000, String::new())));
    world.settle().await;
    assert!(of(&world, &junho).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_cut_is_noted_all_the_same() {
    let (world, junho) = seeded().await;
    let mut client = world.connect(&junho).await;
    world.delete(&format!("/_local/sockets/{}", client.id)).expect(204).await;
    assert_eq!(client.closed().await, None, "no close frame");
    world.settle().await;
    assert!(of(&world, &junho).await.is_empty());
    assert_eq!(world.connections().post(&client.connection_id(), "{}").await, Err(PostError::Gone));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_reached_with_a_key_alone_and_tell_of_themselves() {
    let (world, junho) = seeded().await;
    let client =
        world.opening().protocols(&format!("madang.v1, {}", junho.token)).header("user-agent", "t").open().await;
    let path = format!("/live/@connections/{}", client.id.replace('=', "%3D"));
    let signed = |key: &str| {
        format!(
            "AWS4-HMAC-SHA256 Credential={key}/20261121/ap-northeast-2/execute-api/aws4_request, \
             SignedHeaders=host, Signature=0"
        )
    };
    for (method, authorization) in
        [(Method::GET, None), (Method::POST, Some(signed("AKIASTRANGER"))), (Method::DELETE, Some("Bearer x".into()))]
    {
        let mut ask = world.ask(method, &path);
        if let Some(authorization) = authorization {
            ask = ask.header("authorization", &authorization);
        }
        let reply = ask.expect(403).await;
        assert_eq!(
            (reply.header("x-amzn-errortype"), &reply.body["message"]),
            ("ForbiddenException", &json!("Forbidden"))
        );
    }
    pass(&world, MINUTE).await;
    world.connections().post(&client.connection_id(), "{}").await.expect("it is delivered");
    let told = world.get(&path).header("authorization", &signed("madang-local")).expect(200).await;
    assert_eq!(
        told.body,
        json!({
            "connectedAt": world.now().plus(-MINUTE), "lastActiveAt": world.now(),
            "identity": {"sourceIp": "127.0.0.1", "userAgent": "t"},
        })
    );
    let gone = world.get("/live/@connections/JKJaWcQKPHcCFxA%3D").header("authorization", &signed("madang-local"));
    let gone = gone.expect(410).await;
    assert_eq!((gone.header("x-amzn-errortype"), gone.bytes.len()), ("GoneException", 0));
    let nonsense = world.get("/live/@connections/never%20was").header("authorization", &signed("madang-local"));
    assert_eq!(nonsense.expect(400).await.header("x-amzn-errortype"), "BadRequestException");
}

// --- what it costs ------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_of_the_sockets_stays_within_its_budget_z9() {
    let (world, junho) = seeded().await;
    for _ in 0..12 {
        let mut client = world.connect(&junho).await;
        client.is_alive().await;
        client.ask("ping", "idle", json!({"active": false})).await;
        client.ask("presence.choose", "away", json!({"choice": "away"})).await;
        world.put("/me/presence", json!({"choice": "automatic"})).by(&junho).expect(200).await;
        world.get("/me/presence").by(&junho).expect(200).await;
        client.refused("dance", json!({}), "unknown_action").await;
        pass(&world, 1_000).await;
    }
    pass(&world, 10 * MINUTE).await;
    let mut seen: BTreeMap<String, (f64, f64, f64)> = BTreeMap::new();
    for line in world.laptop().log() {
        let number = |name: &str| line[name].as_f64().unwrap_or_default();
        let most = seen.entry(line["route"].as_str().unwrap_or_default().to_owned()).or_default();
        *most = (most.0.max(number("roundTrips")), most.1.max(number("readUnits")), most.2.max(number("writeUnits")));
    }
    let services = local::services();
    for row in services.iter().flat_map(|service| service.rows()).filter(|row| row.context() == "realtime") {
        let seen = seen.get(row.name).unwrap_or_else(|| panic!("{} was never called", row.name));
        let (budget, whole) = (row.budget, row.whole_budget());
        assert!(
            seen.0 <= f64::from(whole.round_trips) && seen.1 <= whole.read && seen.2 <= whole.write,
            "{}: seen {seen:?}, declared {budget:?}",
            row.name
        );
        assert!(
            budget.read <= seen.1 * 2.0 + 2.0 && budget.write <= seen.2 * 2.0 + 2.0,
            "{}: seen {seen:?}, declared {budget:?}, which is far above",
            row.name
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_not_there_is_a_failure_and_not_gone() {
    let world = World::new().await;
    let nowhere = Connections::new(&world.laptop().sdk(), "http://127.0.0.1:9/live");
    let id = ConnectionId::parse("JKJaWcQKPHcCFxA=").expect("an identifier");
    assert!(matches!(nowhere.post(&id, "{}").await, Err(PostError::Failed(_))));
}
