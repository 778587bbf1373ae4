//! Calls of the table that fail before or after they were done, by `/_local/faults`: what a client is told stays true
//! (row Z3).

use serde_json::{Value, json};

use crate::World;

/// How many edits: with every fifth call failing some are done, not answered, and tried again by the SDK.
const EDITS: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_that_the_table_made_and_did_not_answer_is_no_conflict_with_itself_c17_z3() {
    let world = World::seeded().await;
    let minji = world.demo("minji").await;
    let listing = world.barter(&minji, json!({})).await["id"].as_str().unwrap_or_default().to_owned();
    world.settle().await;
    let path = format!("/listings/{listing}/room");
    let room = world.post(&path, Value::Null).by(&minji).expect(200).await.body["id"].clone();
    let path = format!("/rooms/{}/messages", room.as_str().unwrap_or_default());
    let said = world.post(&path, json!({"nonce": "nonce-01", "text": "0"})).by(&minji).expect(201).await.body;
    let path = format!("{path}/{}", said["message"]["seq"]);
    world.settle().await;

    let mut answered = 0;
    let mut version = 1;
    for n in 1..=EDITS {
        world.post("/_local/faults", json!({"table": 0.2, "seed": 7})).expect(204).await;
        let body = json!({"text": n.to_string(), "version": version});
        let reply = world.patch(&path, body.clone()).by(&minji).send().await;
        world.post("/_local/faults", json!({"seed": 7})).expect(204).await;
        assert_ne!(reply.body["code"], "version_conflict", "edit {n} is in nobody's way: {}", reply.text());
        answered += usize::from(reply.status == 200);
        // Whatever became of it, it is safe to repeat.
        let reply = world.patch(&path, body).by(&minji).expect(200).await;
        version = reply.body["message"]["version"].as_u64().unwrap_or_default();
        assert_eq!(reply.body["message"]["text"], n.to_string());
    }
    assert_eq!(version, 1 + EDITS as u64, "each edit is one version");
    assert!(answered > EDITS / 2, "the SDK tries again: {answered} of {EDITS} were answered");
    let counts = world.get("/_local/faults").expect(200).await.body;
    assert!(counts["tableBefore"].as_u64() > Some(10) && counts["tableAfter"].as_u64() > Some(10), "{counts}");
}
