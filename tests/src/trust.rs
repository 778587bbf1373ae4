//! Who follows whom, reviews that nobody sees before both are written, the manner score, reports and what comes of them,
//! feedback (rows P8–P12, D24, X1, X2, X7, Z6).

use domain::{
    account::{Account, Provider},
    id::{AccountId, DealId, FeedbackId, ListingId, ReportId},
    manner::PenaltyCause,
    text::{FeedbackText, FeedbackTitle, Nickname, ReportText, ReviewText},
    time::{DAY, HOUR, MINUTE, Time},
    trust::{Category, Feedback, REVIEW_WINDOW, Report, ReportStatus, Review, Stars, Subject},
};
use edge::{Row, Trigger};
use serde_json::{Value, json};
use store::{Accounts, Error, Feedbacks, Follows, NewAccount, Reports, Reviews, trust};

use crate::{Person, World, listings::at};

const GANGNAM: &str = "seoul/gangnam-gu";
const WORDS: &str = "약속을 잘 지키는 분이었어요.";

async fn two() -> (World, Person, Person) {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    (world, minji, junho)
}

fn account(person: &Person) -> AccountId {
    AccountId::parse(&person.id).expect("an account's identifier")
}

fn deal(n: u32) -> DealId {
    DealId::parse(&format!("dea_01K9ZX3V5M8QJ4T0N2R6W{n:05}")).expect("a well-formed identifier")
}

/// A deal of two that ends now.
async fn ends(world: &World, n: u32, host: &Person, guest: &Person) -> DealId {
    let id = deal(n);
    let about = format!("물건 {n}");
    let write = trust::reviewable(&id, &account(host), &account(guest), &about, world.now()).expect("it is spelled");
    Reviews(&world.table()).note(vec![write]).await.expect("it had not ended before");
    id
}

async fn penalise(world: &World, person: &Person, cause: PenaltyCause, at: Time) {
    let write = trust::penalty(&account(person), cause, deal(9).as_str(), at).expect("it is spelled");
    Reviews(&world.table()).note(vec![write]).await.expect("the table takes it");
}

fn review<'a>(world: &'a World, id: &DealId, stars: i64) -> crate::Ask<'a> {
    world.post(&format!("/deals/{id}/review"), json!({"stars": stars, "text": WORDS}))
}

async fn reviews_of(world: &World, person: &Person) -> Value {
    world.get(&format!("/accounts/{}/reviews", person.id)).expect(200).await.body
}

async fn count_of(world: &World, person: &Person) -> (Value, usize) {
    let found = reviews_of(world, person).await;
    (found["ratings"]["count"].clone(), found["items"].as_array().map_or(0, Vec::len))
}

async fn told(world: &World, person: &Person, kind: &str) -> Vec<Value> {
    let page = world.get("/notifications?limit=100").by(person).expect(200).await.body;
    page["items"].as_array().into_iter().flatten().filter(|one| one["type"] == kind).cloned().collect()
}

fn tick(world: &World) -> Value {
    json!({
        "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events", "account": "000000000000",
        "time": world.now().to_string(), "region": local::REGION, "resources": [], "detail": {},
    })
}

async fn reveal(world: &World) -> Value {
    let answer = world.invoke("trust.reveal", tick(world)).await.expect("the schedule does not fail");
    world.settle().await;
    answer
}

fn follow(person: &Person) -> String {
    format!("/accounts/{}/follow", person.id)
}

async fn followers(world: &World, person: &Person) -> Value {
    world.get(&format!("/accounts/{}", person.id)).expect(200).await.body["followers"].clone()
}

// --- following ----------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_follows_somebody_is_counted_once_however_often_they_ask_p12() {
    let (world, minji, junho) = two().await;
    for _ in 0..2 {
        let reply = world.put(&follow(&minji), Value::Null).by(&junho).expect(200).await.body;
        assert_eq!(reply, json!({"following": true, "followers": 1}));
    }
    assert_eq!(followers(&world, &minji).await, 1);
    let list = world.get("/me/following").by(&junho).expect(200).await.body;
    assert_eq!((&list["items"][0]["id"], &list["items"][0]["nickname"]), (&json!(minji.id), &json!("민지")));
    for _ in 0..2 {
        let reply = world.delete(&follow(&minji)).by(&junho).expect(200).await.body;
        assert_eq!(reply, json!({"following": false, "followers": 0}));
    }
    assert_eq!(followers(&world, &minji).await, 0);
    assert_eq!(world.get("/me/following").by(&junho).expect(200).await.body["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_follows_themselves_or_somebody_who_is_not_there_p12() {
    let (world, minji, junho) = two().await;
    world.put(&follow(&minji), Value::Null).by(&minji).refused(409, "oneself").await;
    let nobody = "/accounts/00000000-0000-4000-8000-000000000000/follow";
    world.put(nobody, Value::Null).by(&minji).refused(404, "not_found").await;
    world.delete(nobody).by(&minji).refused(404, "not_found").await;
    world.delete("/me").by(&junho).expect(204).await;
    world.put(&follow(&junho), Value::Null).by(&minji).refused(404, "not_found").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn following_from_many_devices_at_once_is_counted_once_p12() {
    let (world, minji, junho) = two().await;
    let sora = world.member("sora", "소라", GANGNAM).await;
    let asks =
        (0..8).map(|n| world.put(&follow(&minji), Value::Null).by(if n % 2 == 0 { &junho } else { &sora }).send());
    for reply in futures::future::join_all(asks).await {
        // Whoever meets another transaction is told to come again.
        assert!(matches!(reply.status, 200 | 409), "{}", reply.text());
    }
    for person in [&junho, &sora] {
        world.put(&follow(&minji), Value::Null).by(person).expect(200).await;
    }
    assert_eq!(followers(&world, &minji).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_followed_are_paged_the_latest_first_p12() {
    let (world, minji, junho) = two().await;
    let sora = world.member("sora", "소라", GANGNAM).await;
    for person in [&minji, &sora] {
        world.put(&follow(person), Value::Null).by(&junho).expect(200).await;
        world.stop_clock_at(world.now().plus(MINUTE));
    }
    let first = world.get("/me/following?limit=1").by(&junho).expect(200).await.body;
    assert_eq!(first["items"][0]["nickname"], "소라");
    let cursor = first["nextCursor"].as_str().expect("a second page");
    let second = world.get(&format!("/me/following?limit=1&cursor={cursor}")).by(&junho).expect(200).await.body;
    assert_eq!((&second["items"][0]["nickname"], &second["nextCursor"]), (&json!("민지"), &Value::Null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_leaves_follows_nobody_any_more_and_is_not_followed_p12_p19() {
    let (world, minji, junho) = two().await;
    let sora = world.member("sora", "소라", GANGNAM).await;
    world.put(&follow(&minji), Value::Null).by(&junho).expect(200).await;
    world.put(&follow(&junho), Value::Null).by(&sora).expect(200).await;
    world.delete("/me").by(&junho).expect(204).await;
    world.settle().await;
    assert_eq!(followers(&world, &minji).await, 0);
    assert_eq!(followers(&world, &junho).await, 0);
    assert_eq!(world.get("/me/following").by(&sora).expect(200).await.body["items"], json!([]));
}

// --- reviews ------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reviews_are_seen_once_both_are_in_and_counted_exactly_p8_p10_p11_z6() {
    let (world, minji, junho) = two().await;
    let id = ends(&world, 1, &minji, &junho).await;
    for (person, other) in [(&minji, "준호"), (&junho, "민지")] {
        let open = world.get("/me/reviewable").by(person).expect(200).await.body;
        assert_eq!((&open["items"][0]["deal"], &open["items"][0]["with"]["nickname"]), (&json!(id), &json!(other)));
        assert_eq!(open["items"][0]["closesAt"], world.now().plus(REVIEW_WINDOW).to_string());
    }

    let written = review(&world, &id, 4).by(&minji).expect(201).await.body;
    assert_eq!(written["visibleAt"], world.now().plus(REVIEW_WINDOW).to_string());
    world.settle().await;
    assert_eq!(count_of(&world, &junho).await, (json!(0), 0), "nobody sees it yet");
    assert!(told(&world, &junho, "review.visible").await.is_empty());
    let own = world.get("/me/reviews").by(&minji).expect(200).await.body;
    assert_eq!((&own["items"][0]["stars"], &own["items"][0]["visible"]), (&json!(4), &json!(false)));
    assert_eq!(world.get("/me/reviewable").by(&minji).expect(200).await.body["items"], json!([]));

    world.stop_clock_at(world.now().plus(5 * MINUTE));
    let written = review(&world, &id, 5).by(&junho).expect(201).await.body;
    assert_eq!(written["visibleAt"], world.now().to_string());
    world.settle().await;
    let about_junho = reviews_of(&world, &junho).await;
    assert_eq!(about_junho["ratings"], json!({"count": 1, "sum": 4, "average": 4.0, "histogram": [0, 0, 0, 1, 0]}));
    let shown = &about_junho["items"][0];
    assert_eq!((&shown["author"]["nickname"], &shown["text"]), (&json!("민지"), &json!(WORDS)));
    assert_eq!((&shown["about"], &shown["visibleAt"]), (&json!("물건 1"), &json!(world.now().to_string())));
    assert_eq!(reviews_of(&world, &minji).await["ratings"]["sum"], 5);
    let news = told(&world, &junho, "review.visible").await;
    assert_eq!((news.len(), &news[0]["payload"]["stars"]), (1, &json!(4)));
    assert_eq!(told(&world, &minji, "review.visible").await.len(), 1);
    assert_eq!(reveal(&world).await["counted"], 0, "nothing is left to be counted");
    assert_eq!(count_of(&world, &junho).await, (json!(1), 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deal_is_reviewed_once_by_its_sides_alone_and_with_words_p10() {
    let (world, minji, junho) = two().await;
    let sora = world.member("sora", "소라", GANGNAM).await;
    let id = ends(&world, 1, &minji, &junho).await;
    review(&world, &id, 5).by(&sora).refused(404, "not_found").await;
    review(&world, &deal(2), 5).by(&minji).refused(404, "not_found").await;
    let path = format!("/deals/{id}/review");
    for (body, field, code) in [
        (json!({"stars": 0, "text": WORDS}), "/stars", "too_small"),
        (json!({"stars": 6, "text": WORDS}), "/stars", "too_large"),
        (json!({"stars": 4.5, "text": WORDS}), "/stars", "wrong_type"),
        (json!({"stars": 5, "text": "가".repeat(9)}), "/text", "too_short"),
        (json!({"stars": 5, "text": "가".repeat(301)}), "/text", "too_long"),
        (json!({"stars": 5}), "/text", "missing"),
    ] {
        let reply = world.post(&path, body).by(&minji).send().await;
        assert!(matches!(reply.status, 400 | 422), "{}", reply.text());
        assert_eq!(reply.bad_fields().get(field).map(String::as_str), Some(code));
    }
    world.post(&path, json!({"stars": 1, "text": "가".repeat(10)})).by(&minji).expect(201).await;
    review(&world, &id, 5).by(&minji).refused(409, "already_reviewed").await;
    world.post(&path, json!({"stars": 5, "text": "가".repeat(300)})).by(&junho).expect(201).await;
    review(&world, &id, 5).by(&junho).refused(409, "already_reviewed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lone_review_is_seen_when_the_window_ends_whether_or_not_the_schedule_has_come_by_z6() {
    let (world, minji, junho) = two().await;
    let id = ends(&world, 1, &minji, &junho).await;
    let closes = world.now().plus(REVIEW_WINDOW);
    review(&world, &id, 2).by(&minji).expect(201).await;

    world.stop_clock_at(closes.plus(-1));
    assert_eq!(count_of(&world, &junho).await, (json!(0), 0));
    assert_eq!(reveal(&world).await["counted"], 0);
    world.stop_clock_at(closes);
    assert_eq!(count_of(&world, &junho).await, (json!(1), 1), "a fact by time");
    let manner = world.get(&format!("/accounts/{}/manner", junho.id)).expect(200).await.body;
    assert_eq!(manner["score"], 40);
    let junho = world.sign_in(&junho.email).await;
    review(&world, &id, 5).by(&junho).refused(409, "review_closed").await;
    assert!(told(&world, &junho, "review.visible").await.is_empty());

    let (one, other) =
        tokio::join!(world.invoke("trust.reveal", tick(&world)), world.invoke("trust.reveal", tick(&world)));
    let counted = [one, other].map(|run| run.expect("neither run fails")["counted"].as_u64().unwrap_or_default());
    assert_eq!(counted.iter().sum::<u64>(), 1, "one of them wrote it down");
    world.settle().await;
    assert_eq!(count_of(&world, &junho).await, (json!(1), 1));
    assert_eq!(reveal(&world).await["counted"], 0);
    assert_eq!(told(&world, &junho, "review.visible").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_last_millisecond_of_the_window_a_review_is_taken_p10_z6() {
    let (world, minji, junho) = two().await;
    let id = ends(&world, 1, &minji, &junho).await;
    world.stop_clock_at(world.now().plus(REVIEW_WINDOW - 1));
    let (minji, junho) = (world.sign_in(&minji.email).await, world.sign_in(&junho.email).await);
    assert_eq!(world.get("/me/reviewable").by(&minji).expect(200).await.body["items"][0]["deal"], json!(id));
    review(&world, &id, 3).by(&minji).expect(201).await;
    world.stop_clock_at(world.now().plus(1));
    assert_eq!(world.get("/me/reviewable").by(&junho).expect(200).await.body["items"], json!([]));
    review(&world, &id, 3).by(&junho).refused(409, "review_closed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_write_at_once_are_both_seen_z6() {
    let (world, minji, junho) = two().await;
    for n in 1..=5 {
        let id = ends(&world, n, &minji, &junho).await;
        let (one, other) =
            tokio::join!(review(&world, &id, 5).by(&minji).send(), review(&world, &id, 4).by(&junho).send());
        for (reply, person) in [(one, &minji), (other, &junho)] {
            if reply.status == 409 {
                assert_eq!(reply.body["code"], "request_in_progress", "{}", reply.text());
                review(&world, &id, if person.id == minji.id { 5 } else { 4 }).by(person).expect(201).await;
            }
        }
        assert_eq!(count_of(&world, &minji).await.0, n);
        assert_eq!(count_of(&world, &junho).await.0, n);
    }
    assert_eq!(reviews_of(&world, &junho).await["ratings"]["sum"], 25);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_review_from_two_devices_at_once_is_one_p10() {
    let (world, minji, junho) = two().await;
    let id = ends(&world, 1, &minji, &junho).await;
    let asks = (0..4).map(|_| review(&world, &id, 5).by(&minji).send());
    let statuses: Vec<u16> = futures::future::join_all(asks).await.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    review(&world, &id, 5).by(&junho).expect(201).await;
    assert_eq!(count_of(&world, &junho).await, (json!(1), 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reviews_are_paged_the_latest_first_with_an_average_from_sums_p8_p11() {
    let (world, minji, junho) = two().await;
    for (n, stars) in [(1, 5), (2, 4), (3, 4)] {
        let id = ends(&world, n, &junho, &minji).await;
        review(&world, &id, 5).by(&minji).expect(201).await;
        review(&world, &id, stars).by(&junho).expect(201).await;
        world.stop_clock_at(world.now().plus(MINUTE));
    }
    let path = format!("/accounts/{}/reviews", minji.id);
    let first = world.get(&format!("{path}?limit=2")).expect(200).await.body;
    assert_eq!(first["ratings"], json!({"count": 3, "sum": 13, "average": 4.33, "histogram": [0, 0, 0, 2, 1]}));
    let deals = |page: &Value| -> Vec<Value> {
        page["items"].as_array().into_iter().flatten().map(|one| one["deal"].clone()).collect()
    };
    assert_eq!(deals(&first), [json!(deal(3)), json!(deal(2))]);
    let cursor = first["nextCursor"].as_str().expect("a second page");
    let second = world.get(&format!("{path}?limit=2&cursor={cursor}")).expect(200).await.body;
    assert_eq!((deals(&second), &second["nextCursor"]), (vec![json!(deal(1))], &Value::Null));
    let mine = world.get("/me/reviews?limit=2").by(&junho).expect(200).await.body;
    assert_eq!(deals(&mine), [json!(deal(3)), json!(deal(2))]);
    let cursor = mine["nextCursor"].as_str().expect("a second page");
    let rest = world.get(&format!("/me/reviews?limit=2&cursor={cursor}")).by(&junho).expect(200).await.body;
    assert_eq!(deals(&rest), [json!(deal(1))]);
    world.get(&format!("/accounts/{}/reviews", "00000000-0000-4000-8000-000000000000")).refused(404, "not_found").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deals_to_review_are_paged_those_that_close_first_first_p10() {
    let (world, minji, junho) = two().await;
    for n in 1..=3 {
        // Host of some, guest of others.
        let (host, guest) = if n == 2 { (&junho, &minji) } else { (&minji, &junho) };
        ends(&world, n, host, guest).await;
        world.stop_clock_at(world.now().plus(MINUTE));
    }
    let mut found = vec![];
    let mut cursor = String::new();
    loop {
        let page = world.get(&format!("/me/reviewable?limit=1{cursor}")).by(&minji).expect(200).await.body;
        found.push(page["items"][0]["deal"].clone());
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(found, [1, 2, 3].map(|n| json!(deal(n))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_left_is_shown_as_a_placeholder_and_what_was_said_of_them_is_gone_p19_p11() {
    let (world, minji, junho) = two().await;
    let sora = world.member("sora", "소라", GANGNAM).await;
    let (id, open) = (ends(&world, 1, &minji, &junho).await, ends(&world, 2, &minji, &junho).await);
    let waiting = ends(&world, 3, &sora, &junho).await;
    review(&world, &id, 5).by(&minji).expect(201).await;
    review(&world, &id, 4).by(&junho).expect(201).await;
    review(&world, &waiting, 1).by(&sora).expect(201).await;
    world.delete("/me").by(&junho).expect(204).await;
    world.settle().await;
    let shown = reviews_of(&world, &minji).await;
    assert_eq!((&shown["items"][0]["author"]["nickname"], &shown["ratings"]["count"]), (&json!("탈퇴유저"), &json!(1)));
    assert_eq!(shown["items"][0]["author"]["withdrawn"], true);
    assert_eq!(count_of(&world, &junho).await, (json!(0), 0));
    review(&world, &open, 5).by(&minji).refused(404, "not_found").await;
    world.stop_clock_at(world.now().plus(REVIEW_WINDOW));
    assert_eq!(reveal(&world).await["counted"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deal_ends_once_p10() {
    let (world, minji, junho) = two().await;
    let id = ends(&world, 1, &minji, &junho).await;
    let again = trust::reviewable(&id, &account(&minji), &account(&junho), "다시", world.now()).expect("it is spelled");
    assert!(matches!(Reviews(&world.table()).note(vec![again]).await, Err(Error::Clash(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_stream_tells_twice_is_told_once_z6() {
    let (world, minji, junho) = two().await;
    let id = ends(&world, 1, &minji, &junho).await;
    review(&world, &id, 5).by(&minji).expect(201).await;
    review(&world, &id, 4).by(&junho).expect(201).await;
    world.settle().await;
    let (pk, sk) = (format!("ACCOUNT#{}", junho.id), format!("REVIEW#{id}"));
    let item = world.laptop().item(&pk, &sk).await.expect("the review");
    let event = json!({"Records": [{
        "eventID": "1", "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
        "awsRegion": local::REGION, "eventSourceARN": "arn:aws:dynamodb:stream",
        "dynamodb": {
            "ApproximateCreationDateTime": world.now().seconds(), "SequenceNumber": "100", "SizeBytes": 1,
            "StreamViewType": "NEW_AND_OLD_IMAGES", "Keys": {"pk": {"S": pk}, "sk": {"S": sk}}, "NewImage": item,
        },
    }]});
    assert_eq!(world.invoke("changes.project", event).await, Ok(json!({"batchItemFailures": []})));
    world.settle().await;
    assert_eq!(told(&world, &junho, "review.visible").await.len(), 1);
    assert_eq!(count_of(&world, &junho).await, (json!(1), 1));
}

fn hidden(person: &Person, id: &DealId) -> String {
    format!("/admin/accounts/{}/reviews/{id}/hidden", person.id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_takes_a_review_out_of_sight_and_the_sums_follow_p11() {
    let world = World::seeded().await;
    let (minji, junho, admin) = (world.demo("minji").await, world.demo("junho").await, world.demo("admin").await);
    let id = ends(&world, 1, &minji, &junho).await;
    review(&world, &id, 5).by(&minji).expect(201).await;
    let path = hidden(&junho, &id);
    // While it waits: it is not counted when its window ends.
    world.put(&path, Value::Null).by(&admin).expect(204).await;
    world.put(&path, Value::Null).by(&admin).expect(204).await;
    world.delete(&path).by(&admin).expect(204).await;
    world.put(&path, Value::Null).by(&admin).expect(204).await;
    review(&world, &id, 4).by(&junho).expect(201).await;
    assert_eq!(count_of(&world, &junho).await, (json!(0), 0));
    world.delete(&path).by(&admin).expect(204).await;
    assert_eq!(count_of(&world, &junho).await, (json!(1), 1));
    // Once it is counted.
    world.put(&path, Value::Null).by(&admin).expect(204).await;
    assert_eq!(count_of(&world, &junho).await, (json!(0), 0));
    world.delete(&path).by(&admin).expect(204).await;
    world.delete(&path).by(&admin).expect(204).await;
    assert_eq!(count_of(&world, &junho).await, (json!(1), 1));
    world.put(&hidden(&junho, &deal(7)), Value::Null).by(&admin).refused(404, "not_found").await;
    world.put(&path, Value::Null).by(&minji).refused(403, "admin_only").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_hidden_before_its_window_ended_can_be_shown_after_it_z6() {
    let world = World::seeded().await;
    let (minji, junho, admin) = (world.demo("minji").await, world.demo("junho").await, world.demo("admin").await);
    let id = ends(&world, 1, &minji, &junho).await;
    review(&world, &id, 5).by(&minji).expect(201).await;
    world.put(&hidden(&junho, &id), Value::Null).by(&admin).expect(204).await;
    world.stop_clock_at(world.now().plus(REVIEW_WINDOW));
    reveal(&world).await;
    assert_eq!(count_of(&world, &junho).await, (json!(0), 0));
    let admin = world.demo("admin").await;
    world.delete(&hidden(&junho, &id)).by(&admin).expect(204).await;
    assert_eq!(count_of(&world, &junho).await, (json!(1), 1));
}

// --- the manner score ---------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_manner_score_says_what_made_it_and_recovers_p9_d24_x7() {
    let (world, minji, junho) = two().await;
    let path = format!("/accounts/{}/manner", junho.id);
    let none = world.get(&path).expect(200).await.body;
    assert_eq!(none, json!({"score": null, "band": null, "base": null, "reviews": 0, "off": 0.0, "penalties": []}));
    for (n, stars) in [(1, 5), (2, 4)] {
        let id = ends(&world, n, &minji, &junho).await;
        review(&world, &id, stars).by(&minji).expect(201).await;
        review(&world, &id, 5).by(&junho).expect(201).await;
    }
    assert_eq!(world.get(&path).expect(200).await.body["score"], 90);
    let listing = world.rental(&junho, json!({})).await;
    assert_eq!(world.get(&at(&listing)).expect(200).await.body["owner"]["mannerScore"], 90);
    let start = world.now();
    penalise(&world, &junho, PenaltyCause::NoShow, start).await;
    assert_eq!(world.get(&at(&listing)).expect(200).await.body["owner"]["mannerScore"], 75);
    let after = world.get(&path).expect(200).await.body;
    assert_eq!((&after["score"], &after["band"], &after["base"]), (&json!(75), &json!("good"), &json!(90.0)));
    assert_eq!((&after["off"], &after["reviews"]), (&json!(15.0), &json!(2)));
    assert_eq!(after["penalties"], json!([{"cause": "noShow", "at": start.to_string(), "points": 15, "left": 15.0}]));
    world.stop_clock_at(start.plus(73 * DAY));
    let later = world.get(&path).expect(200).await.body;
    assert_eq!((&later["score"], &later["penalties"][0]["left"]), (&json!(78), &json!(12.0)));
    world.stop_clock_at(start.plus(365 * DAY - 1));
    assert_eq!(world.get(&path).expect(200).await.body["penalties"][0]["left"], 0.04);
    world.stop_clock_at(start.plus(365 * DAY));
    let forgotten = world.get(&path).expect(200).await.body;
    assert_eq!((&forgotten["score"], &forgotten["band"]), (&json!(90), &json!("great")));
    assert_eq!(forgotten["penalties"], json!([]));
    world.get("/accounts/00000000-0000-4000-8000-000000000000/manner").refused(404, "not_found").await;
}

// --- reports ------------------------------------------------------------------------------------------------------

fn about(kind: &str, id: &str) -> Value {
    json!({"subject": {"type": kind, "id": id}, "category": "fraud"})
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_is_reported_once_by_each_and_not_by_its_owner_x1() {
    let (world, minji, junho) = two().await;
    let listing = world.rental(&minji, json!({"title": "드릴"})).await;
    let body = about("listing", &text(&listing["id"]));
    let first = world.post("/reports", body.clone()).by(&junho).expect(200).await.body;
    assert_eq!((&first["status"], &first["subject"]["id"]), (&json!("open"), &listing["id"]));
    let again = world.post("/reports", body.clone()).by(&junho).expect(200).await.body;
    assert_eq!(again, first);
    world.post("/reports", body.clone()).by(&minji).refused(409, "oneself").await;
    // Both devices of somebody at once: one report.
    let sora = world.member("sora", "소라", GANGNAM).await;
    let (one, other) = tokio::join!(
        world.post("/reports", body.clone()).by(&sora).send(),
        world.post("/reports", body.clone()).by(&sora).send()
    );
    let ids: Vec<_> =
        [&one, &other].into_iter().filter(|reply| reply.status == 200).map(|reply| &reply.body["id"]).collect();
    assert!(!ids.is_empty() && ids.iter().all(|id| *id == ids[0]), "{} {}", one.text(), other.text());

    let other = with_category(body.clone(), "other", None);
    let refused = world.post("/reports", other).by(&junho).send().await;
    assert_eq!((refused.status, refused.bad_fields().get("/text").map(String::as_str)), (400, Some("missing")));
    let long = with_category(body.clone(), "other", Some("가".repeat(513)));
    world.post("/reports", long).by(&junho).refused(422, "invalid_fields").await;
    let unknown = with_category(body, "boring", None);
    world.post("/reports", unknown).by(&junho).refused(400, "malformed_fields").await;
    for (kind, id) in [
        ("listing", "lst_01K9ZX3V5M8QJ4T0N2R6W00000"),
        ("account", "00000000-0000-4000-8000-000000000000"),
        ("message", "room_01K9ZX3V5M8QJ4T0N2R6W00000:1"),
        ("review", &format!("{}:{}", deal(1), minji.id)),
    ] {
        world.post("/reports", about(kind, id)).by(&junho).refused(404, "not_found").await;
    }
    let malformed = world.post("/reports", about("listing", "x")).by(&junho).send().await;
    assert_eq!(malformed.bad_fields().get("/subject/id").map(String::as_str), Some("malformed"));
}

fn with_category(mut body: Value, category: &str, text: Option<String>) -> Value {
    body["category"] = category.into();
    if let Some(text) = text {
        body["text"] = text.into();
    }
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_messages_and_reviews_are_reported_by_whoever_sees_them_x1() {
    let (world, minji, junho) = two().await;
    let sora = world.member("sora", "소라", GANGNAM).await;
    let with_words = with_category(about("account", &minji.id), "other", Some("욕을 해요".into()));
    world.post("/reports", with_words).by(&junho).expect(200).await;
    world.post("/reports", about("account", &minji.id)).by(&minji).refused(409, "oneself").await;

    let listing = world.rental(&minji, json!({})).await;
    let room = world.post(&format!("{}/inquiry", at(&listing)), json!({})).by(&junho).expect(200).await.body;
    let said = json!({"nonce": "nonce-0001", "text": "나쁜 말"});
    let path = format!("/rooms/{}/messages", text(&room["id"]));
    let message = world.post(&path, said).by(&minji).expect(201).await.body["message"].clone();
    world.settle().await;
    let id = format!("{}:{}", text(&room["id"]), message["seq"]);
    world.post("/reports", about("message", &id)).by(&junho).expect(200).await;
    world.post("/reports", about("message", &id)).by(&minji).refused(409, "oneself").await;
    world.post("/reports", about("message", &id)).by(&sora).refused(404, "not_found").await;

    let ended = ends(&world, 1, &minji, &junho).await;
    review(&world, &ended, 1).by(&minji).expect(201).await;
    let id = format!("{ended}:{}", junho.id);
    world.post("/reports", about("review", &id)).by(&junho).refused(404, "not_found").await;
    review(&world, &ended, 1).by(&junho).expect(201).await;
    world.post("/reports", about("review", &id)).by(&junho).expect(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_who_reports_without_end_is_slowed_down_x1() {
    let (world, minji, junho) = two().await;
    for _ in 0..20 {
        world.post("/reports", about("account", &minji.id)).by(&junho).expect(200).await;
    }
    let reply = world.post("/reports", about("account", &minji.id)).by(&junho).refused(429, "too_many_requests").await;
    assert_eq!(reply.header("retry-after"), "601");
}

async fn reported(world: &World, by: &Person, listing: &Value) -> String {
    let body = about("listing", &text(&listing["id"]));
    text(&world.post("/reports", body).by(by).expect(200).await.body["id"])
}

fn decide<'a>(world: &'a World, report: &str, body: Value) -> crate::Ask<'a> {
    world.post(&format!("/admin/reports/{report}/decision"), body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_works_through_the_queue_the_oldest_first_x1() {
    let world = World::seeded().await;
    let (minji, junho, admin) = (world.demo("minji").await, world.demo("junho").await, world.demo("admin").await);
    let listing = world.rental(&minji, json!({"title": "드릴"})).await;
    let report = reported(&world, &junho, &listing).await;
    let first = world.get("/admin/reports?limit=1").by(&admin).expect(200).await.body;
    assert_eq!(first["items"][0]["id"], local::trusted::REPORT);
    let cursor = first["nextCursor"].as_str().expect("a second page");
    let second = world.get(&format!("/admin/reports?limit=1&cursor={cursor}")).by(&admin).expect(200).await.body;
    let queued = &second["items"][0];
    assert_eq!((&queued["id"], &queued["excerpt"]), (&json!(report), &json!("드릴")));
    assert_eq!((&queued["account"], &queued["reporter"]), (&json!(minji.id), &json!(junho.id)));
    assert_eq!(&world.get(&format!("/admin/reports/{report}")).by(&admin).expect(200).await.body, queued);
    world.get("/admin/reports").by(&minji).refused(403, "admin_only").await;
    world.get("/admin/reports/rpt_01K9ZX3V5M8QJ4T0N2R6W00000").by(&admin).refused(404, "not_found").await;

    let body = json!({"action": "dismiss", "reason": "괜찮아요"});
    let decided = decide(&world, &report, body.clone()).by(&admin).expect(200).await.body;
    assert_eq!((&decided["status"], &decided["decision"]["action"]), (&json!("dismissed"), &json!("dismiss")));
    world.settle().await;
    let left = world.get("/admin/reports").by(&admin).expect(200).await.body;
    assert_eq!(left["items"].as_array().map(Vec::len), Some(1));
    let done = world.get("/admin/reports?status=dismissed").by(&admin).expect(200).await.body;
    assert_eq!(done["items"][0]["id"], json!(report));
    // Whoever reported hears of it, and whose it is does not.
    let news = told(&world, &junho, "report.decided").await;
    assert_eq!((news.len(), &news[0]["payload"]["upheld"]), (1, &json!(false)));
    assert!(told(&world, &minji, "account.warned").await.is_empty());
    assert_eq!(world.get(&format!("/accounts/{}/manner", junho.id)).expect(200).await.body["score"], Value::Null);
    // Asked twice it is decided once.
    assert_eq!(decide(&world, &report, body).by(&admin).expect(200).await.body, decided);
    let other = decide(&world, &report, json!({"action": "warn", "reason": "안 돼요"}))
        .by(&admin)
        .refused(409, "already_decided")
        .await;
    assert_eq!(other.body["report"]["decision"]["action"], "dismiss");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_warning_is_told_to_both_and_costs_manner_points_x1_x7() {
    let world = World::seeded().await;
    let (haru, junho, admin) = (world.demo("haru").await, world.demo("junho").await, world.demo("admin").await);
    let listing = world.rental(&haru, json!({"title": "드릴"})).await;
    let report = reported(&world, &junho, &listing).await;
    decide(&world, &report, json!({"action": "warn", "reason": "전문 판매는 안 돼요"})).by(&admin).expect(200).await;
    world.settle().await;
    let warned = told(&world, &haru, "account.warned").await;
    assert_eq!(warned[0]["text"]["ko"], json!({"title": "주의를 받았어요", "body": "‘드릴’: 전문 판매는 안 돼요"}));
    assert_eq!(warned[0]["text"]["en"]["title"], "You were warned");
    assert_eq!(told(&world, &junho, "report.decided").await[0]["payload"]["upheld"], true);
    let manner = world.get(&format!("/accounts/{}/manner", haru.id)).expect(200).await.body;
    assert_eq!((&manner["score"], &manner["penalties"][0]["cause"]), (&json!(40), &json!("upheldReport")));
    world.get(&at(&listing)).expect(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hidden_listing_is_out_of_sight_and_put_up_no_more_x1() {
    let world = World::seeded().await;
    let (haru, junho, admin) = (world.demo("haru").await, world.demo("junho").await, world.demo("admin").await);
    let listing = world.rental(&haru, json!({"title": "숨길 물건"})).await;
    world.settle().await;
    let report = reported(&world, &junho, &listing).await;
    decide(&world, &report, json!({"action": "hide", "reason": "금지된 물품이에요"})).by(&admin).expect(200).await;
    world.settle().await;
    world.get(&at(&listing)).by(&junho).refused(404, "not_found").await;
    assert!(!world.titles("/listings?region=all&limit=100").await.contains(&"숨길 물건".to_owned()));
    assert_eq!(world.get(&at(&listing)).by(&haru).expect(200).await.body["status"], "withdrawn");
    world.post(&format!("{}/relist", at(&listing)), json!({})).by(&haru).refused(409, "hidden").await;
    let news = told(&world, &haru, "content.hidden").await;
    assert_eq!(news[0]["text"]["ko"]["body"], "‘숨길 물건’: 금지된 물품이에요");
    // A review goes out of sight by the same decision.
    let ended = ends(&world, 1, &junho, &haru).await;
    review(&world, &ended, 1).by(&junho).expect(201).await;
    review(&world, &ended, 5).by(&haru).expect(201).await;
    let id = format!("{ended}:{}", haru.id);
    let report = text(&world.post("/reports", about("review", &id)).by(&haru).expect(200).await.body["id"]);
    assert_eq!(count_of(&world, &haru).await, (json!(1), 1));
    decide(&world, &report, json!({"action": "hide", "reason": "욕설이에요"})).by(&admin).expect(200).await;
    assert_eq!(count_of(&world, &haru).await, (json!(0), 0));
    // Nothing else can be hidden.
    let body = about("account", &junho.id);
    let report = text(&world.post("/reports", body).by(&haru).expect(200).await.body["id"]);
    let refused = decide(&world, &report, json!({"action": "hide", "reason": "안 돼요"})).by(&admin).send().await;
    assert_eq!(refused.bad_fields().get("/action").map(String::as_str), Some("not_together"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_administrators_at_once_one_decides_x1() {
    let world = World::seeded().await;
    let (haru, junho, admin) = (world.demo("haru").await, world.demo("junho").await, world.demo("admin").await);
    let listing = world.rental(&haru, json!({})).await;
    let report = reported(&world, &junho, &listing).await;
    let (one, other) = tokio::join!(
        decide(&world, &report, json!({"action": "warn", "reason": "하나"})).by(&admin).send(),
        decide(&world, &report, json!({"action": "suspend", "days": 3, "reason": "둘"})).by(&admin).send()
    );
    let statuses = [one.status, other.status];
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{} {}", one.text(), other.text());
    assert!(statuses.contains(&409));
    let manner = world.get(&format!("/accounts/{}/manner", haru.id)).expect(200).await.body;
    assert_eq!(manner["penalties"].as_array().map(Vec::len), Some(1), "one penalty");
    let suspended = &world.get(&format!("/admin/accounts/{}", haru.id)).by(&admin).expect(200).await.body["suspension"];
    assert_eq!(suspended.is_null(), one.status == 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_says_what_it_needs_to_x1() {
    let world = World::seeded().await;
    let (haru, junho, admin) = (world.demo("haru").await, world.demo("junho").await, world.demo("admin").await);
    let listing = world.rental(&haru, json!({})).await;
    let report = reported(&world, &junho, &listing).await;
    for (body, field, code) in [
        (json!({"action": "suspend", "reason": "왜"}), "/days", "missing"),
        (json!({"action": "suspend", "days": 0, "reason": "왜"}), "/days", "too_small"),
        (json!({"action": "suspend", "days": 366, "reason": "왜"}), "/days", "too_large"),
        (json!({"action": "ban", "days": 3, "reason": "왜"}), "/days", "not_together"),
        (json!({"action": "warn"}), "/reason", "missing"),
        (json!({"action": "warn", "reason": "가".repeat(201)}), "/reason", "too_long"),
        (json!({"action": "forgive", "reason": "왜"}), "/action", "unknown_value"),
    ] {
        let reply = decide(&world, &report, body).by(&admin).send().await;
        assert_eq!(reply.bad_fields().get(field).map(String::as_str), Some(code), "{}", reply.text());
    }
    decide(&world, "rpt_01K9ZX3V5M8QJ4T0N2R6W00000", json!({"action": "warn", "reason": "왜"}))
        .by(&admin)
        .refused(404, "not_found")
        .await;
    let own = world.rental(&admin, json!({})).await;
    let report = reported(&world, &junho, &own).await;
    decide(&world, &report, json!({"action": "warn", "reason": "왜"})).by(&admin).refused(409, "oneself").await;
}

// --- feedback -----------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn feedback_reaches_the_administrators_the_latest_first_and_is_slowed_down_x2() {
    let world = World::seeded().await;
    let (minji, admin) = (world.demo("minji").await, world.demo("admin").await);
    for n in 1..=5 {
        let body = json!({"title": "가".repeat(70), "content": format!("{}{n}", "나".repeat(511))});
        world.post("/feedback", body).by(&minji).expect(201).await;
        world.stop_clock_at(world.now().plus(1));
    }
    let reply = world
        .post("/feedback", json!({"title": "하나", "content": "더"}))
        .by(&minji)
        .refused(429, "too_many_requests")
        .await;
    assert!(!reply.header("retry-after").is_empty());
    for (body, field, code) in [
        (json!({"title": "", "content": "가"}), "/title", "too_short"),
        (json!({"title": "가".repeat(71), "content": "가"}), "/title", "too_long"),
        (json!({"title": "가", "content": "가".repeat(513)}), "/content", "too_long"),
    ] {
        let reply = world.post("/feedback", body).by(&minji).expect(422).await;
        assert_eq!(reply.bad_fields().get(field).map(String::as_str), Some(code));
    }
    let first = world.get("/admin/feedback?limit=2").by(&admin).expect(200).await.body;
    assert!(first["items"][0]["content"].as_str().is_some_and(|content| content.ends_with('5')));
    assert_eq!(first["items"][0]["account"], json!(minji.id));
    let cursor = first["nextCursor"].as_str().expect("a second page");
    let second = world.get(&format!("/admin/feedback?limit=2&cursor={cursor}")).by(&admin).expect(200).await.body;
    assert!(second["items"][0]["content"].as_str().is_some_and(|content| content.ends_with('3')));
    world.get("/admin/feedback").by(&minji).refused(403, "admin_only").await;
    world.stop_clock_at(world.now().plus(HOUR));
    let minji = world.demo("minji").await;
    world.post("/feedback", json!({"title": "하나", "content": "더"})).by(&minji).expect(201).await;
}

// --- what it costs ------------------------------------------------------------------------------------------------

/// Everything of which a page can be full, a hundred of each, the longest there are: somebody followed, a review of each
/// side, a deal to be reviewed, a report, feedback.
async fn a_hundred_of_each(world: &World, minji: &Person, junho: &Person) {
    let table = world.table();
    let (host, guest, now) = (account(minji), account(junho), world.now());
    let long = ReviewText::parse(&"가".repeat(300)).expect("it fits");
    for n in 0..100_u32 {
        let id = AccountId::parse(&format!("00000000-0000-4000-8000-{n:012}")).expect("an identifier");
        let somebody = Account {
            id: id.clone(),
            username: id.to_string(),
            email: None,
            nickname: Nickname::parse(&format!("이웃{n}")).expect("a nickname"),
            onboarded: true,
            sign_in_by: vec![Provider::Kakao],
            image: None,
            phone: None,
            region: None,
            address: None,
            terms: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let new = NewAccount { account: &somebody, holder: id.as_str() };
        Accounts(&table).create(new, now).await.expect("nobody has it");
        Follows(&table).set(&host, &id, now).await.expect("a first time");
        ends(world, 1_000 + n, minji, junho).await;
        let deal = ends(world, 2_000 + n, minji, junho).await;
        for (author, about) in [(&host, &guest), (&guest, &host)] {
            let before = Reviews(&table).before(&deal, author).await.expect("the table").expect("it has ended");
            let review = Review {
                deal: deal.clone(),
                account: about.clone(),
                author: author.clone(),
                about: "나".repeat(31),
                ended_at: now,
                stars: Stars(4),
                text: long.clone(),
                created_at: now,
                visible_at: before.deal.closes_at,
                counted: false,
                hidden: false,
                version: 1,
            };
            Reviews(&table).write(&before, &review, now).await.expect("a first review");
        }
        penalise(world, minji, PenaltyCause::LateReturn, now.plus(-i64::from(n) * DAY)).await;
        let report = Report {
            id: ReportId::parse(&format!("rpt_01K9ZX3V5M8QJ4T0N2R6W{n:05}")).expect("an identifier"),
            reporter: guest.clone(),
            subject: Subject::Listing(
                ListingId::parse(&format!("lst_01K9ZX3V5M8QJ4T0N2R6W{n:05}")).expect("an identifier"),
            ),
            account: host.clone(),
            excerpt: Some("다".repeat(1_000)),
            category: Category::Other,
            text: ReportText::parse(&"라".repeat(512)).ok(),
            status: ReportStatus::Open,
            created_at: now,
            decision: None,
        };
        Reports(&table).create(&report).await.expect("a first report");
        let feedback = Feedback {
            id: FeedbackId::parse(&format!("fbk_01K9ZX3V5M8QJ4T0N2R6W{n:05}")).expect("an identifier"),
            account: host.clone(),
            title: FeedbackTitle::parse(&"마".repeat(70)).expect("it fits"),
            content: FeedbackText::parse(&"바".repeat(512)).expect("it fits"),
            created_at: now,
        };
        Feedbacks(&table).create(&feedback).await.expect("a first time");
    }
}

/// Every HTTP route of trust, used as people use it at its heaviest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_of_trust_stays_within_its_budget_z9() {
    let world = World::seeded().await;
    let (minji, junho, admin) = (world.demo("minji").await, world.demo("junho").await, world.demo("admin").await);
    a_hundred_of_each(&world, &minji, &junho).await;
    for _ in 0..2 {
        for path in ["/me/following?limit=100", "/me/reviewable?limit=100", "/me/reviews?limit=100"] {
            world.get(path).by(&minji).expect(200).await;
        }
        for path in ["reviews?limit=100", "manner"] {
            world.get(&format!("/accounts/{}/{path}", minji.id)).expect(200).await;
        }
        for path in ["/admin/reports?limit=100", "/admin/feedback?limit=100"] {
            world.get(path).by(&admin).expect(200).await;
        }
    }
    world.get(&format!("/admin/reports/{}", local::trusted::REPORT)).by(&admin).expect(200).await;
    for _ in 0..2 {
        world.put(&follow(&minji), Value::Null).by(&junho).expect(200).await;
    }
    world.delete(&follow(&minji)).by(&junho).expect(200).await;
    let id = ends(&world, 1, &minji, &junho).await;
    review(&world, &id, 5).by(&minji).expect(201).await;
    review(&world, &id, 5).by(&junho).expect(201).await;
    world.put(&hidden(&junho, &id), Value::Null).by(&admin).expect(204).await;
    world.delete(&hidden(&junho, &id)).by(&admin).expect(204).await;
    for n in 0..2 {
        let listing = world.rental(&minji, json!({})).await;
        let report = reported(&world, &junho, &listing).await;
        reported(&world, &junho, &listing).await;
        let body = if n == 0 {
            json!({"action": "hide", "reason": "사".repeat(200)})
        } else {
            json!({"action": "ban", "reason": "사".repeat(200)})
        };
        decide(&world, &report, body).by(&admin).expect(200).await;
    }
    let reason = "아".repeat(200);
    let path = format!("/admin/accounts/{}/suspension", junho.id);
    world.put(&path, json!({"forGood": true, "reason": reason})).by(&admin).expect(200).await;
    world.delete(&path).by(&admin).expect(204).await;
    let feedback = json!({"title": "자".repeat(70), "content": "차".repeat(512)});
    for _ in 0..2 {
        world.post("/feedback", feedback.clone()).by(&admin).expect(201).await;
    }
    world.settle().await;

    let (mut over, mut unused) = (vec![], vec![]);
    for row in http_rows() {
        let lines = world.log_of(row.name);
        let most = |name: &str| lines.iter().filter_map(|line| line[name].as_f64()).fold(0.0, f64::max);
        let seen = (most("roundTrips"), most("readUnits"), most("writeUnits"));
        let (budget, whole) = (row.budget, row.whole_budget());
        if lines.is_empty() {
            unused.push(row.name);
        }
        if seen.0 > f64::from(whole.round_trips) || seen.1 > whole.read || seen.2 > whole.write {
            over.push(format!("{}: seen {seen:?}, declared {budget:?}", row.name));
        }
        // A budget far above what is ever taken would hide a route that has grown dear.
        if budget.read > seen.1 * 2.0 + 2.0 || budget.write > seen.2 * 2.0 + 2.0 {
            over.push(format!("{}: seen {seen:?}, declared {budget:?}, which is far above", row.name));
        }
    }
    assert!(unused.is_empty(), "routes that this test does not use: {unused:?}");
    assert!(over.is_empty(), "{}", over.join("\n"));
}

fn http_rows() -> Vec<&'static Row> {
    let services = local::services();
    let rows = services.iter().flat_map(|service| service.rows());
    rows.filter(|row| row.context() == "trust" && matches!(row.trigger, Trigger::Http { .. })).collect()
}
