//! Suspension: within a minute nobody who is suspended gets past a door that is not theirs even so, over HTTP and over
//! connections (row X1).

use domain::time::{DAY, HOUR, MINUTE, Time};
use serde_json::{Value, json};

use crate::{Person, World};

async fn seeded() -> (World, Person, Person) {
    let world = World::seeded().await;
    let (junho, admin) = (world.demo("junho").await, world.demo("admin").await);
    (world, junho, admin)
}

fn path(person: &Person) -> String {
    format!("/admin/accounts/{}/suspension", person.id)
}

async fn suspend(world: &World, by: &Person, whom: &Person, days: i64) -> Value {
    let body = json!({"days": days, "reason": "같은 물품을 거듭 올렸어요"});
    let reply = world.put(&path(whom), body).by(by).expect(200).await.body;
    world.settle().await;
    reply
}

fn pass(world: &World, ms: i64) {
    world.stop_clock_at(world.now().plus(ms));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn within_a_minute_no_door_lets_in_whoever_is_suspended_and_says_until_when_and_why_x1() {
    let (world, junho, admin) = seeded().await;
    // Each of these functions has just read who is suspended.
    world.get("/me/listings").by(&junho).expect(200).await;
    world.rental(&junho, json!({"title": "전의 것"})).await;
    let suspended = suspend(&world, &admin, &junho, 7).await;
    let until = world.now().plus(7 * DAY);
    assert_eq!(suspended["until"], until.to_string());
    pass(&world, 30_000);
    let refused = world.get("/me/listings").by(&junho).refused(403, "suspended").await;
    assert_eq!(
        (&refused.body["until"], &refused.body["reason"]),
        (&json!(until.to_string()), &json!("같은 물품을 거듭 올렸어요"))
    );
    let body = json!({
        "kind": "rental", "title": "뒤의 것", "description": "비트 포함", "category": "household", "section": "lend",
    });
    world.post("/listings", body).by(&junho).refused(403, "suspended").await;
    world.settle().await;
    let titles = world.titles("/listings?region=seoul/gangnam-gu&limit=100").await;
    assert!(titles.contains(&"전의 것".to_owned()) && !titles.contains(&"뒤의 것".to_owned()), "{titles:?}");
    // Others are let in by the same functions.
    world.get("/me/listings").by(&admin).expect(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_knows_nothing_yet_lets_in_nobody_who_is_suspended_x1() {
    let (world, junho, admin) = seeded().await;
    suspend(&world, &admin, &junho, 1).await;
    world.get("/me/bookmarks").by(&junho).refused(403, "suspended").await;
    world.post("/feedback", json!({"title": "왜", "content": "왜요"})).by(&junho).refused(403, "suspended").await;
    let feedback = world.get("/admin/feedback").by(&admin).expect(200).await.body;
    assert!(feedback["items"].as_array().is_some_and(|all| all.iter().all(|one| one["account"] != json!(junho.id))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_suspended_reads_their_account_and_notifications_and_signs_out_x1() {
    let (world, junho, admin) = seeded().await;
    suspend(&world, &admin, &junho, 3).await;
    pass(&world, MINUTE);
    let me = world.get("/me").by(&junho).expect(200).await.body;
    assert_eq!(me["suspension"]["reason"], "같은 물품을 거듭 올렸어요");
    assert_eq!(me["nickname"], "준호");
    let told = world.get("/notifications").by(&junho).expect(200).await.body;
    assert_eq!(told["items"][0]["type"], "account.suspended");
    assert_eq!(
        told["items"][0]["text"]["ko"],
        json!({"title": "이용이 정지되었어요", "body": "2026-11-24까지: 같은 물품을 거듭 올렸어요"})
    );
    world.get("/notifications/count").by(&junho).expect(200).await;
    let one = told["items"][0]["id"].as_str().expect("an identifier").to_owned();
    world.put(&format!("/notifications/{one}/read"), Value::Null).by(&junho).expect(204).await;
    world.put("/notifications/read", json!({"until": told["items"][0]["updatedAt"]})).by(&junho).expect(204).await;
    // What everybody may read needs no door.
    world.get("/listings?region=all").by(&junho).expect(200).await;
    world.patch("/me", json!({"version": 1, "nickname": "다른이름"})).by(&junho).refused(403, "suspended").await;
    world.post("/me/sign-out-everywhere", Value::Null).by(&junho).expect(204).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_suspended_may_leave_x1_a20() {
    let (world, junho, admin) = seeded().await;
    suspend(&world, &admin, &junho, 3).await;
    world.delete("/me").by(&junho).expect(204).await;
    world.settle().await;
    assert_eq!(world.laptop().item(&format!("ACCOUNT#{}", junho.id), "SUSPENSION").await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_somebody_suspended_says_so_long_after_it_was_decided_x1() {
    let (world, junho, admin) = seeded().await;
    suspend(&world, &admin, &junho, 7).await;
    pass(&world, 5 * HOUR);
    let junho = world.sign_in(&junho.email).await;
    let refused = world.get("/me/listings").by(&junho).refused(403, "suspended").await;
    assert_eq!(refused.body["reason"], "같은 물품을 거듭 올렸어요");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspension_ends_at_its_moment_x1() {
    let (world, junho, admin) = seeded().await;
    suspend(&world, &admin, &junho, 1).await;
    let until = world.now().plus(DAY);
    world.stop_clock_at(until.plus(-1));
    let junho = world.sign_in(&junho.email).await;
    world.get("/me/listings").by(&junho).refused(403, "suspended").await;
    assert!(!world.get("/me").by(&junho).expect(200).await.body["suspension"].is_null());
    world.stop_clock_at(until);
    world.get("/me/listings").by(&junho).expect(200).await;
    assert!(world.get("/me").by(&junho).expect(200).await.body["suspension"].is_null());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspension_is_lifted_within_a_minute_whatever_the_token_says_x1() {
    let (world, junho, admin) = seeded().await;
    suspend(&world, &admin, &junho, 7).await;
    let junho = world.sign_in(&junho.email).await;
    world.get("/me/listings").by(&junho).refused(403, "suspended").await;
    world.delete(&path(&junho)).by(&admin).expect(204).await;
    world.delete(&path(&junho)).by(&admin).expect(204).await;
    pass(&world, 30_000);
    world.get("/me/listings").by(&junho).expect(200).await;
    let shown = world.get(&format!("/admin/accounts/{}", junho.id)).by(&admin).expect(200).await.body;
    assert!(shown["suspension"].is_null());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_connections_of_whoever_is_suspended_end_and_none_is_opened_x1_c1() {
    let (world, junho, admin) = seeded().await;
    let mut client = world.connect(&junho).await;
    client.is_alive().await;
    let mut other = world.connect(&admin).await;
    suspend(&world, &admin, &junho, 1).await;
    // It is told why before it ends.
    let closed = client.closed().await.map(|(code, _)| code);
    assert_eq!(closed, Some(1000));
    world.opening().query(&format!("token={}", junho.token)).refused(403).await;
    let anew = world.sign_in(&junho.email).await;
    world.opening().query(&format!("token={}", anew.token)).refused(403).await;
    other.is_alive().await;
    world.delete(&path(&junho)).by(&admin).expect(204).await;
    world.connect(&anew).await.is_alive().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_over_a_connection_that_outlived_it_is_refused_x1_c1() {
    let (world, junho, admin) = seeded().await;
    suspend(&world, &admin, &junho, 1).await;
    // As from a connection that was opened in the moment of the suspension.
    let event = json!({
        "requestContext": {
            "routeKey": "presence.choose", "connectionId": "JKJaWcQKPHcCFxA=", "connectedAt": world.now().ms(),
            "requestTimeEpoch": world.now().ms(), "domainName": "x", "stage": "live", "eventType": "MESSAGE",
            "authorizer": {
                "sub": junho.id, "username": junho.id, "groups": "", "tier": "free", "lang": "ko",
                "expires": world.now().plus(HOUR).seconds().to_string(),
            },
        },
        "body": json!({"action": "presence.choose", "choice": "away"}).to_string(), "isBase64Encoded": false,
    });
    let _ = world.invoke("realtime.presence_choose_live", event).await;
    let lines = world.log_of("realtime.presence_choose_live");
    assert_eq!(lines.last().and_then(|line| line["code"].as_str()), Some("suspended"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ban_is_for_good_and_nobody_suspends_themselves_x1() {
    let (world, junho, admin) = seeded().await;
    let body = json!({"forGood": true, "reason": "사기"});
    let banned = world.put(&path(&junho), body.clone()).by(&admin).expect(200).await.body;
    assert_eq!(banned["until"], "9999-12-31T23:59:59.999Z");
    world.settle().await;
    let told = world.get("/notifications").by(&junho).expect(200).await.body;
    assert_eq!(told["items"][0]["text"]["en"]["title"], "Your account is suspended for good");
    world.put(&path(&admin), body.clone()).by(&admin).refused(409, "oneself").await;
    world.put(&path(&admin), body.clone()).by(&world.demo("minji").await).refused(403, "admin_only").await;
    let nobody = "/admin/accounts/00000000-0000-4000-8000-000000000000/suspension";
    world.put(nobody, body).by(&admin).refused(404, "not_found").await;
    for (body, code) in [
        (json!({"reason": "왜"}), "missing"),
        (json!({"days": 0, "reason": "왜"}), "too_small"),
        (json!({"days": 366, "reason": "왜"}), "too_large"),
        (json!({"days": 3, "forGood": true, "reason": "왜"}), "not_together"),
    ] {
        let reply = world.put(&path(&junho), body).by(&admin).send().await;
        assert_eq!(reply.status, if code == "missing" { 400 } else { 422 });
        assert_eq!(reply.bad_fields().get("/days").map(String::as_str), Some(code));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_suspends_whose_it_is_and_never_shortens_what_holds_x1() {
    let (world, junho, admin) = seeded().await;
    let minji = world.demo("minji").await;
    let now: Time = world.now();
    let report = |kind: &str, id: &str| json!({"subject": {"type": kind, "id": id}, "category": "fraud"});
    let first = world.post("/reports", report("account", &junho.id)).by(&minji).expect(200).await.body;
    let second = local::trusted::REPORT;
    let decide = async |id: &str, body: Value| {
        let reply = world.post(&format!("/admin/reports/{id}/decision"), body).by(&admin).expect(200).await;
        world.settle().await;
        reply.body
    };
    let decided =
        decide(first["id"].as_str().unwrap_or_default(), json!({"action": "suspend", "days": 10, "reason": "하나"}))
            .await;
    assert_eq!((&decided["status"], &decided["decision"]["days"]), (&json!("upheld"), &json!(10)));
    decide(second, json!({"action": "suspend", "days": 2, "reason": "둘"})).await;
    let shown = world.get(&format!("/admin/accounts/{}", junho.id)).by(&admin).expect(200).await.body;
    assert_eq!(shown["suspension"]["until"], now.plus(10 * DAY).to_string());
    assert_eq!(shown["suspension"]["reason"], "하나");
    let manner = world.get(&format!("/accounts/{}/manner", junho.id)).expect(200).await.body;
    assert_eq!((&manner["score"], manner["penalties"].as_array().map(Vec::len)), (&json!(20), Some(2)));
    world.get("/me/listings").by(&junho).refused(403, "suspended").await;
    let told = world.get("/notifications").by(&junho).expect(200).await.body;
    let suspended = told["items"].as_array().into_iter().flatten().filter(|one| one["type"] == "account.suspended");
    assert_eq!(suspended.count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_asks_once_in_half_a_minute_who_is_suspended_whomever_it_serves_z9() {
    let (world, junho, admin) = seeded().await;
    for person in [&junho, &admin, &junho] {
        world.put("/me/presence", json!({"choice": "away"})).by(person).expect(200).await;
    }
    let trips = |world: &World| -> Vec<u64> {
        world.log_of("realtime.presence_choose").iter().filter_map(|line| line["roundTrips"].as_u64()).collect()
    };
    let first = trips(&world);
    assert_eq!((first[1], first[2]), (first[0] - 1, first[0] - 1), "{first:?}");
    pass(&world, 30_000);
    world.put("/me/presence", json!({"choice": "away"})).by(&junho).expect(200).await;
    assert_eq!(trips(&world).last(), Some(&first[0]));
}
