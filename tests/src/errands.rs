//! Errands: asked for, looked through, quoted on, asked of makers by name, overdue, counted (rows D9–D16, D19, D21–D23, N5,
//! B2).

use std::{collections::BTreeMap, time::Duration};

use domain::{
    coins::{Coins, Movement, Purse, Reason},
    deal::{Action, By, Deal, Said, Subject, Terms},
    errand::Journey,
    id::{AccountId, DealId, ErrandId},
    listing::Status,
    maker::Maker,
    notification::{Notice, Notification},
    region::ProvinceId,
    text::{MakerDescription, MakerLine, QuoteText},
    time::{DAY, Date},
};
use futures::future::join_all;
use serde_json::{Value, json};
use store::{Around, Deals, Errands, Makers, Notifications, Told, Wallets};

use crate::{Person, World, listings::text, titles_in};

const GANGNAM: &str = "seoul/gangnam-gu";

pub(crate) fn id_of(person: &Person) -> AccountId {
    AccountId::parse(&person.id).expect("an account's identifier")
}

/// A day so many days from today, by Korea's clock.
pub(crate) fn day(world: &World, days: i64) -> String {
    Date::of(world.now().plus(days * DAY)).to_string()
}

/// Makes somebody a maker.
pub(crate) async fn maker(world: &World, person: &Person, journeys: &[&str], provinces: &[&str]) -> Value {
    let body = json!({
        "version": 0, "line": "대신 다녀옵니다", "description": "주말마다 다닙니다.", "journeys": journeys,
        "provinces": provinces,
    });
    let reply = world.put("/me/maker", body).by(person).expect(200).await.body;
    world.settle().await;
    reply
}

fn body(world: &World) -> Value {
    json!({
        "title": "성산 일출 보고 오기", "date": day(world, 7), "journey": "culture", "province": "jeju",
        "details": "해가 뜨는 것을 찍어 주세요.",
    })
}

/// Asks for a journey, with changes to the usual body.
pub(crate) async fn errand(world: &World, person: &Person, changes: Value) -> Value {
    let mut body = body(world);
    for (name, value) in changes.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let errand = world.post("/errands", body).by(person).expect(201).await.body;
    world.settle().await;
    errand
}

fn at(errand: &Value) -> String {
    format!("/errands/{}", text(&errand["id"]))
}

fn quote_body(price: u64) -> Value {
    json!({"price": price, "content": "다음 주에 다녀올 수 있어요."})
}

/// Quotes on an errand; the deal.
pub(crate) async fn quote(world: &World, person: &Person, errand: &Value, price: u64) -> DealId {
    let path = format!("{}/quotes", at(errand));
    let reply = world.post(&path, quote_body(price)).by(person).expect(200).await.body;
    world.settle().await;
    DealId::parse(&text(&reply["deal"])).expect("a deal's identifier")
}

async fn stored(world: &World, errand: &Value) -> domain::errand::Errand {
    let id = ErrandId::parse(&text(&errand["id"])).expect("an errand's identifier");
    Errands(&world.table()).by_id_now(&id).await.expect("the table answers").expect("the errand is there")
}

async fn deal(world: &World, id: &DealId) -> Deal {
    Deals(&world.table()).by_id_now(id).await.expect("the table answers").expect("the deal is there")
}

/// Coins out of nothing, as an administrator gives them.
pub(crate) async fn grant(world: &World, person: &Person, coins: u64) {
    let movement = Movement {
        id: format!("grant-{}-{coins}", person.id),
        from: Purse::Platform,
        to: Purse::Person(id_of(person)),
        coins: Coins(coins),
        reason: Reason::Grant,
        about: "시험".into(),
        deal: None,
        at: world.now(),
    };
    Wallets(&world.table()).make(&movement, None).await.expect("a wallet takes coins");
}

/// Does something to a deal, as the functions of deals do.
pub(crate) async fn act(world: &World, id: &DealId, action: Action, by: &Person, reason: Option<&str>) {
    let (table, before) = (world.table(), deal(world, id).await);
    let around = Deals(&table).around(&before).await.expect("the table answers");
    let reason = reason.map(|reason| domain::text::ReasonText::parse(reason).expect("a reason"));
    let (by, said, now) = (id_of(by), Said { reason, until: None }, world.now());
    let facts = around.facts(&before, &said, now);
    let step = before.step(action, &By::Account(&by), &said, &facts, now).expect("it can be done");
    Deals(&table).write(Some(&before), &step, &around, Told::default(), now).await.expect("nobody else does so");
    world.settle().await;
}

async fn told(world: &World, person: &Person) -> Vec<Notification> {
    Notifications(&world.table()).latest(&id_of(person), 20).await.expect("the table answers")
}

async fn again(world: &World, person: &Person) -> Person {
    world.sign_in(&person.email).await
}

async fn mine(world: &World, person: &Person, state: &str) -> Vec<String> {
    titles_in(&world.get(&format!("/me/errands?state={state}")).by(person).expect(200).await.body)
}

async fn feed(world: &World, person: &Person, query: &str) -> Vec<String> {
    titles_in(&world.get(&format!("/errands/feed{query}")).by(person).expect(200).await.body)
}

async fn open_in(world: &World, province: &str) -> u64 {
    let reply = world.get(&format!("/errands/demand?province={province}")).expect(200).await.body;
    reply["total"].as_u64().expect("a number")
}

async fn expire(world: &World) -> Value {
    let tick = json!({
        "source": "aws.events", "detail-type": "Scheduled Event", "time": world.now().to_string(), "detail": {},
    });
    let answer = world.invoke("errands.expire", tick).await.expect("the schedule does not fail");
    world.settle().await;
    answer
}

fn actions(errand: &Value) -> Vec<String> {
    errand["actions"].as_array().into_iter().flatten().map(text).collect()
}

// Asking.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_errand_is_asked_for_read_by_anybody_and_taken_back_by_its_owner_d9_d19() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let reply = world.post("/errands", body(&world)).by(&minji).expect(201).await;
    let errand = &reply.body;
    assert_eq!(reply.header("location"), at(errand));
    assert_eq!(errand["status"], "open");
    assert_eq!(errand["host"]["nickname"], "민지");
    assert_eq!(actions(errand), ["delete", "designate"]);
    assert_eq!(world.get(&at(errand)).by(&minji).expect(200).await.body, *errand);
    let seen = world.get(&at(errand)).expect(200).await.body;
    assert_eq!((&seen["title"], &seen["mine"], actions(&seen).len()), (&errand["title"], &json!(false), 0));

    world.delete(&at(errand)).by(&junho).refused(403, "not_owner").await;
    world.delete(&at(errand)).by(&minji).expect(204).await;
    world.delete(&at(errand)).by(&minji).expect(204).await;
    assert_eq!(world.get(&at(errand)).by(&minji).expect(200).await.body["status"], "withdrawn");
    world.get(&at(errand)).by(&junho).refused(404, "not_found").await;
    world.get(&at(errand)).refused(404, "not_found").await;
    world.delete(&at(errand)).by(&junho).refused(404, "not_found").await;
    world.delete("/errands/err_01K9ZX3V5M8QJ4T0N2R6W7Y1AB").by(&minji).refused(404, "not_found").await;
    assert!(mine(&world, &minji, "ongoing").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_day_is_today_at_the_earliest_by_koreas_clock_d9() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let today = Date::of(world.now());
    let on = |date: String| {
        let mut body = body(&world);
        body["date"] = json!(date);
        body
    };
    for (days, code) in [(-1, "past"), (367, "too_far")] {
        let reply = world.post("/errands", on(day(&world, days))).by(&minji).refused(422, "invalid_fields").await;
        assert_eq!(reply.bad_fields(), BTreeMap::from([("/date".to_owned(), code.to_owned())]));
    }
    world.post("/errands", on(day(&world, 366))).by(&minji).expect(201).await;
    for date in ["2026-02-30", "2026-11-1", "tomorrow", "2027-02-29"] {
        world.post("/errands", on(date.to_owned())).by(&minji).refused(422, "invalid_fields").await;
    }
    // The last millisecond of the day in Korea, and the first of the next.
    for (ms, status) in [(-1, 201), (0, 422)] {
        world.stop_clock_at(today.over().plus(ms));
        let minji = again(&world, &minji).await;
        world.post("/errands", on(today.to_string())).by(&minji).expect(status).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bad_field_of_an_errand_is_named_at_once_d9() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let bad = json!({
        "title": "가".repeat(26), "date": "내일", "journey": "work", "province": "pyongyang", "details": "",
        "address": "x", "price": 1,
    });
    let reply = world.post("/errands", bad).by(&minji).refused(400, "malformed_fields").await;
    let wanted = [
        ("/title", "too_long"),
        ("/date", "malformed"),
        ("/journey", "unknown_value"),
        ("/province", "unknown_value"),
        ("/details", "too_short"),
        ("/address", "too_short"),
        ("/price", "unknown_field"),
    ];
    let wanted = wanted.map(|(field, code)| (field.to_owned(), code.to_owned()));
    assert_eq!(reply.bad_fields(), BTreeMap::from(wanted));
    let mut titled = body(&world);
    titled["title"] = json!("가".repeat(25));
    world.post("/errands", titled).by(&minji).expect(201).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shopping_needs_an_address_and_no_other_journey_has_one_d9_d11() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let mut asked = body(&world);
    asked["journey"] = json!("shopping");
    let reply = world.post("/errands", asked.clone()).by(&minji).expect(400).await;
    assert_eq!(reply.bad_fields()["/address"], "missing");
    asked["address"] = json!("서울 강남구 테헤란로 1");
    world.post("/errands", asked.clone()).by(&minji).expect(201).await;
    for journey in ["foodTour", "relaxation", "culture", "activity", "festival"] {
        asked["journey"] = json!(journey);
        let reply = world.post("/errands", asked.clone()).by(&minji).refused(422, "invalid_fields").await;
        assert_eq!(reply.bad_fields()["/address"], "not_together", "{journey}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_errand_asked_for_again_is_answered_again_and_there_once_d9() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let ask = || world.post("/errands", body(&world)).by(&minji).header("idempotency-key", "errand-1");
    let first = ask().expect(201).await;
    let second = ask().expect(201).await;
    assert_eq!((first.body["id"].clone(), second.header("idempotency-replayed")), (second.body["id"].clone(), "true"));
    let asks =
        (0..4).map(|_| world.post("/errands", body(&world)).by(&minji).header("idempotency-key", "errand-2").send());
    let replies = join_all(asks).await;
    assert!(replies.iter().all(|reply| [201, 409].contains(&reply.status)));
    world.settle().await;
    assert_eq!(mine(&world, &minji, "ongoing").await.len(), 2);
    assert_eq!(open_in(&world, "jeju").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_is_the_owners_and_the_makers_while_it_is_theirs_to_do_d11_d16() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let haru = world.member("haru", "하루", GANGNAM).await;
    for person in [&junho, &haru] {
        maker(&world, person, &["shopping"], &["jeju"]).await;
    }
    grant(&world, &minji, 300).await;
    let address = "서울 강남구 테헤란로 1";
    let errand =
        errand(&world, &minji, json!({"journey": "shopping", "address": address, "date": day(&world, 0)})).await;
    let shown = async |person: &Person| world.get(&at(&errand)).by(person).expect(200).await.body["address"].clone();
    let (won, lost) = (quote(&world, &junho, &errand, 300).await, quote(&world, &haru, &errand, 200).await);
    assert_eq!(shown(&minji).await, address);
    assert_eq!((shown(&junho).await, shown(&haru).await), (Value::Null, Value::Null), "while it is open");
    assert_eq!(world.get(&at(&errand)).expect(200).await.body["address"], Value::Null);

    act(&world, &won, Action::Accept, &minji, None).await;
    assert_eq!((shown(&junho).await, shown(&haru).await), (json!(address), Value::Null), "while it is promised");
    assert_eq!(world.get(&at(&errand)).expect(200).await.body["maker"], Value::Null);
    let seen = world.get(&at(&errand)).by(&junho).expect(200).await.body;
    assert_eq!((&seen["deal"], &seen["maker"]["nickname"]), (&json!(won), &json!("준호")));
    // Of what was quoted the owner sees what was confirmed.
    let quotes = world.get(&format!("{}/quotes", at(&errand))).by(&minji).expect(200).await.body;
    let deals: Vec<_> = quotes["items"].as_array().into_iter().flatten().map(|quote| text(&quote["deal"])).collect();
    assert_eq!(deals, [won.to_string()]);
    assert_ne!(won, lost);

    act(&world, &won, Action::Complete, &minji, None).await;
    assert_eq!(shown(&minji).await, address);
    assert_eq!(shown(&junho).await, Value::Null, "when it is done");
    let quotes = world.get(&format!("{}/quotes", at(&errand))).by(&minji).expect(200).await.body;
    assert_eq!((&quotes["items"][0]["state"], quotes["items"].as_array().map(Vec::len)), (&json!("done"), Some(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_promised_is_not_taken_back_and_what_is_overdue_is_d19() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    maker(&world, &junho, &["culture"], &["jeju"]).await;
    grant(&world, &minji, 300).await;
    let promised = errand(&world, &minji, json!({})).await;
    let won = quote(&world, &junho, &promised, 300).await;
    act(&world, &won, Action::Accept, &minji, None).await;
    let reply = world.delete(&at(&promised)).by(&minji).refused(409, "wrong_status").await;
    assert_eq!(reply.body["errandStatus"], "reserved");
    act(&world, &won, Action::Break, &junho, Some("아파서 갈 수 없어요.")).await;
    world.delete(&at(&promised)).by(&minji).expect(204).await;

    let missed = errand(&world, &minji, json!({"date": day(&world, 0)})).await;
    world.stop_clock_at(Date::of(world.now()).over());
    let minji = again(&world, &minji).await;
    assert_eq!(world.get(&at(&missed)).by(&minji).expect(200).await.body["status"], "expired");
    world.delete(&at(&missed)).by(&minji).expect(204).await;
    let other = errand(&world, &minji, json!({"date": day(&world, 0)})).await;
    world.stop_clock_at(Date::of(world.now()).over());
    let minji = again(&world, &minji).await;
    expire(&world).await;
    world.delete(&at(&other)).by(&minji).expect(204).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_errand_that_is_taken_back_and_quoted_on_at_once_is_left_in_one_piece_d19_d14() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    maker(&world, &junho, &["culture"], &["jeju"]).await;
    for _ in 0..4 {
        let errand = errand(&world, &minji, json!({})).await;
        let path = format!("{}/quotes", at(&errand));
        let (deleted, quoted) = tokio::join!(
            world.delete(&at(&errand)).by(&minji).send(),
            world.post(&path, quote_body(1)).by(&junho).send()
        );
        assert!([204, 409].contains(&deleted.status), "{}", deleted.text());
        assert!([200, 404, 409].contains(&quoted.status), "{}", quoted.text());
        assert!(deleted.status == 204 || quoted.status == 200, "one of them is done");
        world.settle().await;
        // Whoever came second saw what the first had done.
        let quotes = world.get(&path).by(&minji).expect(200).await.body;
        let there = quotes["items"].as_array().map_or(0, Vec::len);
        assert_eq!(there, usize::from(deleted.status != 204), "{} {}", deleted.text(), quoted.text());
    }
}

// One's own.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ones_own_errands_come_by_state_and_what_a_day_makes_of_them_is_a_fact_d22_d21() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    maker(&world, &junho, &["culture"], &["jeju"]).await;
    grant(&world, &minji, 300).await;
    let today = Date::of(world.now());
    errand(&world, &minji, json!({"title": "모레", "date": day(&world, 2)})).await;
    errand(&world, &minji, json!({"title": "오늘", "date": day(&world, 0)})).await;
    let tomorrow = errand(&world, &minji, json!({"title": "내일", "date": day(&world, 1)})).await;
    let won = quote(&world, &junho, &tomorrow, 300).await;
    act(&world, &won, Action::Accept, &minji, None).await;

    assert_eq!(mine(&world, &minji, "ongoing").await, ["오늘", "내일", "모레"]);
    assert!(mine(&world, &junho, "ongoing").await.is_empty(), "others' are not one's own");
    world.stop_clock_at(today.over().plus(-1));
    let minji = again(&world, &minji).await;
    assert_eq!(mine(&world, &minji, "ongoing").await, ["오늘", "내일", "모레"]);
    assert!(mine(&world, &minji, "readyToComplete").await.is_empty());
    world.stop_clock_at(today.over());
    let minji = again(&world, &minji).await;
    // Nobody has written anything down.
    assert_eq!(mine(&world, &minji, "ongoing").await, ["내일", "모레"]);
    assert_eq!(mine(&world, &minji, "overdue").await, ["오늘"]);
    assert_eq!(mine(&world, &minji, "readyToComplete").await, ["내일"]);
    let page = world.get("/me/errands?state=readyToComplete").by(&minji).expect(200).await.body;
    assert_eq!((&page["items"][0]["readyToComplete"], &page["items"][0]["deal"]), (&json!(true), &json!(won)));
    expire(&world).await;
    assert_eq!(mine(&world, &minji, "overdue").await, ["오늘"]);
    act(&world, &won, Action::Complete, &minji, None).await;
    assert_eq!(mine(&world, &minji, "completed").await, ["내일"]);
    assert_eq!(mine(&world, &minji, "ongoing").await, ["모레"]);
    assert!(mine(&world, &minji, "readyToComplete").await.is_empty());
    world.get("/me/errands?state=mine").by(&minji).refused(400, "malformed_fields").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ones_own_errands_come_page_by_page_without_a_gap_d22() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    for number in 0..5 {
        errand(&world, &minji, json!({"title": format!("{number}번"), "date": day(&world, number)})).await;
    }
    let pages = async |state: &str, person: &Person| {
        let (mut titles, mut cursor) = (vec![], String::new());
        loop {
            let path = format!("/me/errands?state={state}&limit=2{cursor}");
            let page = world.get(&path).by(person).expect(200).await.body;
            titles.extend(titles_in(&page));
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return titles,
            }
        }
    };
    assert_eq!(pages("ongoing", &minji).await, ["0번", "1번", "2번", "3번", "4번"]);
    world.stop_clock_at(Date::of(world.now().plus(2 * DAY)).over());
    let minji = again(&world, &minji).await;
    assert_eq!(pages("overdue", &minji).await, ["2번", "1번", "0번"]);
    expire(&world).await;
    assert_eq!(pages("overdue", &minji).await, ["2번", "1번", "0번"]);
    assert_eq!(pages("ongoing", &minji).await, ["3번", "4번"]);
    world.get("/me/errands?cursor=nonsense").by(&minji).refused(400, "bad_cursor").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schedule_writes_down_what_is_overdue_once_and_leaves_the_rest_d21_b2_d23() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    maker(&world, &junho, &["culture"], &["jeju"]).await;
    grant(&world, &minji, 10).await;
    let over = errand(&world, &minji, json!({"date": day(&world, 0)})).await;
    let ahead = errand(&world, &minji, json!({"date": day(&world, 1)})).await;
    let promised = errand(&world, &minji, json!({"date": day(&world, 0)})).await;
    let won = quote(&world, &junho, &promised, 10).await;
    act(&world, &won, Action::Accept, &minji, None).await;
    let midnight = Date::of(world.now()).over();
    world.stop_clock_at(midnight.plus(-1));
    assert_eq!(expire(&world).await["expired"], 0, "a millisecond before midnight in Korea");
    world.stop_clock_at(midnight);
    assert_eq!(open_in(&world, "jeju").await, 2);
    assert_eq!(expire(&world).await["expired"], 1);
    assert_eq!(expire(&world).await["expired"], 0, "a second time there is nothing to do");
    let status = async |errand: &Value| stored(&world, errand).await.status;
    assert_eq!(
        (status(&over).await, status(&ahead).await, status(&promised).await),
        (Status::Expired, Status::Open, Status::Reserved)
    );
    assert_eq!(open_in(&world, "jeju").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_the_schedule_that_has_no_time_left_goes_on_in_another_b2_d21() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let over = errand(&world, &minji, json!({"date": day(&world, 0)})).await;
    world.stop_clock_at(Date::of(world.now()).over());
    let tick = json!({
        "source": "aws.events", "detail-type": "Scheduled Event", "time": world.now().to_string(), "detail": {},
    });
    let run = world.laptop().invoke_within("errands.expire", tick, Duration::from_secs(1)).await;
    assert_eq!(run.expect("it does not fail"), json!({"expired": 0, "finished": false}));
    world.settle().await;
    assert_eq!(stored(&world, &over).await.status, Status::Expired);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_maker_lets_go_of_days_after_it_was_due_is_overdue_all_the_same_d21_d23() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    maker(&world, &junho, &["culture"], &["jeju"]).await;
    grant(&world, &minji, 10).await;
    let errand = errand(&world, &minji, json!({"date": day(&world, 0)})).await;
    let won = quote(&world, &junho, &errand, 10).await;
    act(&world, &won, Action::Accept, &minji, None).await;
    world.stop_clock_at(Date::of(world.now()).over().plus(5 * DAY));
    assert_eq!(expire(&world).await["expired"], 0, "it is promised");
    act(&world, &won, Action::Break, &junho, Some("배가 뜨지 않았어요.")).await;
    let minji = again(&world, &minji).await;
    assert_eq!(world.get(&at(&errand)).by(&minji).expect(200).await.body["status"], "expired");
    assert_eq!(mine(&world, &minji, "overdue").await.len(), 1);
    assert_eq!(expire(&world).await["expired"], 1);
    assert_eq!((stored(&world, &errand).await.status, open_in(&world, "jeju").await), (Status::Expired, 0));
}

// Quoting.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_maker_quotes_on_an_open_errand_of_their_provinces_d14_d16() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let errand = errand(&world, &minji, json!({})).await;
    let path = format!("{}/quotes", at(&errand));
    world.post(&path, quote_body(300)).by(&junho).refused(403, "not_maker").await;
    assert!(actions(&world.get(&at(&errand)).by(&junho).expect(200).await.body).is_empty());
    maker(&world, &junho, &["culture"], &["seoul"]).await;
    world.post(&path, quote_body(300)).by(&junho).refused(403, "outside_provinces").await;
    let wider = json!({
        "version": 1, "line": "제주도", "description": "다닙니다.", "journeys": ["culture"], "provinces": ["jeju"],
    });
    world.put("/me/maker", wider).by(&junho).expect(200).await;
    assert_eq!(actions(&world.get(&at(&errand)).by(&junho).expect(200).await.body), ["quote"]);

    let quoted = world.post(&path, quote_body(300)).by(&junho).expect(200).await.body;
    assert_eq!(
        (&quoted["price"], &quoted["state"], &quoted["designated"]),
        (&json!(300), &json!("proposed"), &json!(false))
    );
    assert_eq!(quoted["actions"], json!(["withdraw"]));
    let seen = world.get(&at(&errand)).by(&junho).expect(200).await.body;
    assert_eq!((&seen["quote"], actions(&seen).len()), (&quoted["deal"], 0));
    let quotes = world.get(&path).by(&minji).expect(200).await.body;
    assert_eq!(quotes["items"][0]["maker"]["nickname"], "준호");
    assert_eq!(quotes["items"][0]["actions"], json!(["decline", "accept"]));
    world.get(&path).by(&junho).refused(403, "not_owner").await;

    maker(&world, &minji, &["culture"], &["jeju"]).await;
    world.post(&path, quote_body(1)).by(&minji).refused(409, "own_errand").await;
    world.delete(&at(&errand)).by(&minji).expect(204).await;
    world.post(&path, quote_body(1)).by(&junho).refused(404, "not_found").await;
    world
        .post("/errands/err_01K9ZX3V5M8QJ4T0N2R6W7Y1AB/quotes", quote_body(1))
        .by(&junho)
        .refused(404, "not_found")
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quote_has_a_price_from_one_coin_and_ten_characters_d14() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    maker(&world, &junho, &["culture"], &["jeju"]).await;
    let errand = errand(&world, &minji, json!({})).await;
    let path = format!("{}/quotes", at(&errand));
    let refused = async |price: Value, content: &str| {
        let body = json!({"price": price, "content": content});
        let reply = world.post(&path, body).by(&junho).send().await;
        assert!([400, 422].contains(&reply.status), "{}", reply.text());
        reply.bad_fields()
    };
    let ten = "가".repeat(10);
    for (price, code) in [
        (json!(0), "too_small"),
        (json!(-1), "too_small"),
        (json!(1_000_001), "too_large"),
        (json!(1_u64 << 53), "too_large"),
        (json!(u64::MAX), "too_large"),
        (json!(1.5), "wrong_type"),
        (json!("300"), "wrong_type"),
        (Value::Null, "wrong_type"),
    ] {
        assert_eq!(refused(price.clone(), &ten).await["/price"], code, "{price}");
    }
    assert_eq!(refused(json!(1), &"가".repeat(9)).await["/content"], "too_short");
    assert_eq!(refused(json!(1), &format!("  {}  ", "가".repeat(9))).await["/content"], "too_short");
    assert_eq!(refused(json!(1), &"가".repeat(1001)).await["/content"], "too_long");
    world.post(&path, json!({"price": 1_000_000, "content": ten})).by(&junho).expect(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_maker_has_one_live_quote_on_an_errand_however_many_are_sent_at_once_d14() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    maker(&world, &junho, &["culture"], &["jeju"]).await;
    let errand = errand(&world, &minji, json!({})).await;
    let path = format!("{}/quotes", at(&errand));
    let replies = join_all((1..=8).map(|price| world.post(&path, quote_body(price)).by(&junho).send())).await;
    let sent: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert_eq!(sent.len(), 1);
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!(reply.status, 409, "{}", reply.text());
        let code = text(&reply.body["code"]);
        assert!(["already_quoted", "request_in_progress"].contains(&code.as_str()), "{code}");
        assert!(code != "already_quoted" || reply.body["deal"] == sent[0].body["deal"]);
    }
    let won = DealId::parse(&text(&sent[0].body["deal"])).expect("a deal");
    let reply = world.post(&path, quote_body(9)).by(&junho).refused(409, "already_quoted").await;
    assert_eq!(reply.body["deal"], json!(won));
    act(&world, &won, Action::Withdraw, &junho, None).await;
    assert_ne!(quote(&world, &junho, &errand, 9).await, won, "after taking it back another may be sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_quote_again_is_answered_again_and_a_dry_run_writes_nothing_d14() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    maker(&world, &junho, &["culture"], &["jeju"]).await;
    let errand = errand(&world, &minji, json!({})).await;
    let path = format!("{}/quotes", at(&errand));
    let dry = world.post(&format!("{path}?dryRun=true"), quote_body(5)).by(&junho).expect(200).await.body;
    assert_eq!((&dry["deal"], &dry["price"], &dry["state"]), (&Value::Null, &json!(5), &json!("proposed")));
    let quotes = world.get(&path).by(&minji).expect(200).await.body;
    assert_eq!(quotes["items"], json!([]));
    let send = || world.post(&path, quote_body(5)).by(&junho).header("idempotency-key", "quote-1");
    let (first, second) = (send().expect(200).await, send().expect(200).await);
    assert_eq!((&first.body, second.header("idempotency-replayed")), (&second.body, "true"));
    world.post(&format!("{path}?dryRun=true"), quote_body(5)).by(&junho).refused(409, "already_quoted").await;
    world.post(&format!("{path}?dryRun=maybe"), quote_body(5)).by(&junho).refused(400, "malformed_fields").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_quotes_on_what_is_promised_or_whose_day_is_over_d14() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let haru = world.member("haru", "하루", GANGNAM).await;
    for person in [&junho, &haru] {
        maker(&world, person, &["culture"], &["jeju"]).await;
    }
    grant(&world, &minji, 10).await;
    let promised = errand(&world, &minji, json!({"date": day(&world, 0)})).await;
    let won = quote(&world, &junho, &promised, 10).await;
    act(&world, &won, Action::Accept, &minji, None).await;
    let path = |errand: &Value| format!("{}/quotes", at(errand));
    let reply = world.post(&path(&promised), quote_body(1)).by(&haru).refused(409, "wrong_status").await;
    assert_eq!(reply.body["errandStatus"], "reserved");
    let today = errand(&world, &minji, json!({"date": day(&world, 0)})).await;
    let midnight = Date::of(world.now()).over();
    world.stop_clock_at(midnight);
    let late = again(&world, &haru).await;
    let reply = world.post(&path(&today), quote_body(1)).by(&late).refused(409, "wrong_status").await;
    assert_eq!(reply.body["errandStatus"], "expired");
    world.stop_clock_at(midnight.plus(-1));
    let haru = again(&world, &haru).await;
    world.post(&path(&today), quote_body(1)).by(&haru).expect(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_compares_quotes_page_by_page_those_asked_for_first_d16_d12() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let errand = errand(&world, &minji, json!({})).await;
    let mut makers = vec![];
    for number in 0..3_u64 {
        let person = world.member(&format!("maker{number}"), &format!("메이커{number}"), GANGNAM).await;
        maker(&world, &person, &["culture"], &["jeju"]).await;
        makers.push(person);
    }
    let asked = json!({"makerId": makers[2].id});
    world.post(&format!("{}/designations", at(&errand)), asked).by(&minji).expect(201).await;
    for (person, price) in makers.iter().zip(1_u64..) {
        quote(&world, person, &errand, price).await;
    }
    let path = format!("{}/quotes", at(&errand));
    let all = world.get(&path).by(&minji).expect(200).await.body;
    let first = &all["items"][0];
    assert_eq!((&first["designated"], &first["maker"]["nickname"]), (&json!(true), &json!("메이커2")));
    let mut seen = 0;
    let mut cursor = String::new();
    loop {
        let page = world.get(&format!("{path}?limit=1{cursor}")).by(&minji).expect(200).await.body;
        seen += page["items"].as_array().map_or(0, Vec::len);
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, 3);
}

// Asking makers by name.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_maker_who_is_asked_is_told_and_their_quote_says_so_d12_n5() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    maker(&world, &junho, &["culture"], &["jeju"]).await;
    let errand = errand(&world, &minji, json!({})).await;
    let path = format!("{}/designations", at(&errand));
    let ask = json!({"makerId": junho.id});
    world.post(&path, ask.clone()).by(&junho).refused(403, "not_owner").await;
    let asked = world.post(&path, ask.clone()).by(&minji).expect(201).await.body;
    assert_eq!((&asked["state"], &asked["maker"]["nickname"]), (&json!("waiting"), &json!("준호")));
    world.settle().await;
    world.post(&path, ask).by(&minji).refused(409, "already_asked").await;
    let told_now = told(&world, &junho).await;
    assert!(
        matches!(&told_now[..], [Notification { notice: Notice::ErrandAsked { nickname: Some(who), .. }, .. }] if who == "민지")
    );
    let listed = world.get("/notifications").by(&junho).expect(200).await.body;
    assert_eq!(listed["items"][0]["type"], "errand.asked");
    assert!(text(&listed["items"][0]["text"]["ko"]["body"]).contains("문화/역사탐방형"));

    assert_eq!(feed(&world, &junho, "?designated=true").await, ["성산 일출 보고 오기"]);
    let seen = world.get(&at(&errand)).by(&junho).expect(200).await.body;
    assert_eq!(
        (&seen["designation"], actions(&seen)),
        (&json!("waiting"), vec!["quote".to_owned(), "decline".to_owned()])
    );
    // Where the maker makes no journeys any more they are asked all the same.
    let elsewhere = json!({
        "version": 1, "line": "서울만", "description": "다닙니다.", "journeys": ["culture"], "provinces": ["seoul"],
    });
    world.put("/me/maker", elsewhere).by(&junho).expect(200).await;
    let quoted = world.post(&format!("{}/quotes", at(&errand)), quote_body(5)).by(&junho).expect(200).await.body;
    assert_eq!(quoted["designated"], true);
    world.settle().await;
    assert!(feed(&world, &junho, "?designated=true").await.is_empty(), "it is answered");
    let all = world.get(&path).by(&minji).expect(200).await.body;
    assert_eq!((&all["items"][0]["state"], all["items"].as_array().map(Vec::len)), (&json!("quoted"), Some(1)));
    world.delete(&format!("{path}/me")).by(&junho).refused(409, "already_quoted").await;
    assert_eq!(told(&world, &junho).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_maker_who_declines_is_not_asked_again_and_the_owner_is_told_d13_n5() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let haru = world.member("haru", "하루", GANGNAM).await;
    maker(&world, &junho, &["culture"], &["jeju"]).await;
    let errand = errand(&world, &minji, json!({})).await;
    let path = format!("{}/designations", at(&errand));
    world.delete(&format!("{path}/me")).by(&junho).refused(404, "not_found").await;
    world.post(&path, json!({"makerId": junho.id})).by(&minji).expect(201).await;
    world.delete(&format!("{path}/me")).by(&haru).refused(404, "not_found").await;
    world.delete(&format!("{path}/me")).by(&junho).expect(204).await;
    world.delete(&format!("{path}/me")).by(&junho).expect(204).await;
    world.settle().await;
    let told_now = told(&world, &minji).await;
    assert!(
        matches!(&told_now[..], [Notification { notice: Notice::ErrandDeclined { nickname: Some(who), .. }, .. }] if who == "준호"),
        "told once, with the maker's name"
    );
    world.post(&path, json!({"makerId": junho.id})).by(&minji).refused(409, "already_asked").await;
    assert!(feed(&world, &junho, "?designated=true").await.is_empty());
    let own = world.get(&path).by(&junho).expect(200).await.body;
    assert_eq!(own["items"][0]["state"], "declined");
    assert_eq!(world.get(&path).by(&haru).expect(200).await.body["items"], json!([]), "who was not asked sees nobody");
    // In their own provinces they may still change their mind.
    quote(&world, &junho, &errand, 3).await;
    assert!(!deal_is_designated(&world, &errand, &minji).await);
}

async fn deal_is_designated(world: &World, errand: &Value, owner: &Person) -> bool {
    let quotes = world.get(&format!("{}/quotes", at(errand))).by(owner).expect(200).await.body;
    quotes["items"][0]["designated"] == true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_most_five_makers_are_waited_for_also_when_many_are_asked_at_once_d12() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let errand = errand(&world, &minji, json!({})).await;
    let path = format!("{}/designations", at(&errand));
    let mut makers = vec![];
    for number in 0..7 {
        let person = world.member(&format!("maker{number}"), &format!("메이커{number}"), GANGNAM).await;
        maker(&world, &person, &["culture"], &["jeju"]).await;
        makers.push(person);
    }
    let ask = |person: &Person| world.post(&path, json!({"makerId": person.id})).by(&minji);
    for person in &makers[..4] {
        ask(person).expect(201).await;
    }
    let (one, other) = tokio::join!(ask(&makers[4]).send(), ask(&makers[5]).send());
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "{} {}", one.text(), other.text());
    let fifth = if one.status == 201 { &makers[4] } else { &makers[5] };
    ask(&makers[6]).refused(409, "too_many_asked").await;
    assert_eq!(actions(&world.get(&at(&errand)).by(&minji).expect(200).await.body), ["delete"]);
    // An answer makes room, be it no or a quote.
    world.delete(&format!("{path}/me")).by(fifth).expect(204).await;
    ask(&makers[6]).expect(201).await;
    quote(&world, &makers[0], &errand, 1).await;
    let sixth = if one.status == 201 { &makers[5] } else { &makers[4] };
    ask(sixth).expect(201).await;
    let asked = world.get(&path).by(&minji).expect(200).await.body;
    assert_eq!(asked["items"].as_array().map(Vec::len), Some(7));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_maker_of_the_province_is_asked_while_the_errand_is_open_d12() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let errand = errand(&world, &minji, json!({"date": day(&world, 0)})).await;
    let path = format!("{}/designations", at(&errand));
    let ask = |id: &str| world.post(&path, json!({"makerId": id})).by(&minji);
    for nobody in [junho.id.as_str(), "7a3f0c52-9d1e-4b86-a5c4-2e6f81d09b37"] {
        let reply = ask(nobody).refused(422, "invalid_fields").await;
        assert_eq!(reply.bad_fields()["/makerId"], "not_found");
    }
    maker(&world, &minji, &["culture"], &["jeju"]).await;
    ask(&minji.id).refused(409, "own_errand").await;
    maker(&world, &junho, &["culture"], &["seoul"]).await;
    ask(&junho.id).refused(403, "outside_provinces").await;
    world.stop_clock_at(Date::of(world.now()).over());
    let minji = again(&world, &minji).await;
    let late = world.post(&path, json!({"makerId": junho.id})).by(&minji).refused(409, "wrong_status").await;
    assert_eq!(late.body["errandStatus"], "expired");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_asked_is_asked_no_more_when_the_errand_is_anothers_d12_d13() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let haru = world.member("haru", "하루", GANGNAM).await;
    for person in [&junho, &haru] {
        maker(&world, person, &["culture"], &["jeju"]).await;
    }
    grant(&world, &minji, 10).await;
    let errand = errand(&world, &minji, json!({})).await;
    let path = format!("{}/designations", at(&errand));
    world.post(&path, json!({"makerId": haru.id})).by(&minji).expect(201).await;
    let won = quote(&world, &junho, &errand, 10).await;
    act(&world, &won, Action::Accept, &minji, None).await;
    assert!(feed(&world, &haru, "?designated=true").await.is_empty());
    let reply = world.delete(&format!("{path}/me")).by(&haru).refused(409, "wrong_status").await;
    assert_eq!(reply.body["errandStatus"], "reserved");
    let declined = |one: &Notification| matches!(one.notice, Notice::ErrandDeclined { .. });
    assert!(!told(&world, &minji).await.iter().any(declined), "nobody declined");
    act(&world, &won, Action::Break, &junho, Some("배가 뜨지 않아요.")).await;
    // It is to be had again, and who could not answer may be asked again.
    world.post(&path, json!({"makerId": haru.id})).by(&minji).expect(201).await;
    world.settle().await;
    assert_eq!(feed(&world, &haru, "?designated=true").await.len(), 1);
    // Who is a maker no more is waited for no more.
    world.delete("/me/maker").by(&haru).expect(204).await;
    world.settle().await;
    let asked = world.get(&path).by(&minji).expect(200).await.body;
    assert_eq!(asked["items"][0]["state"], "lapsed");
}

// What makers look through.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_maker_finds_what_they_could_quote_on_by_kind_word_and_order_d10() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    world.get("/errands/feed").by(&junho).refused(403, "not_maker").await;
    maker(&world, &junho, &["culture"], &["jeju", "seoul"]).await;
    let ask = async |title: &str, days, journey: &str, province: &str| {
        world.stop_clock_at(world.now().plus(1000));
        let changes = json!({"title": title, "date": day(&world, days), "journey": journey, "province": province});
        errand(&world, &minji, changes).await
    };
    let palace = ask("경복궁 야경", 9, "culture", "seoul").await;
    ask("한라산 눈꽃", 3, "activity", "jeju").await;
    ask("제주 흑돼지", 5, "foodTour", "jeju").await;
    ask("해운대 바다", 1, "relaxation", "busan").await;
    let own = errand(&world, &junho, json!({"title": "내 것"})).await;

    assert_eq!(feed(&world, &junho, "").await, ["제주 흑돼지", "한라산 눈꽃", "경복궁 야경"]);
    assert_eq!(feed(&world, &junho, "?sort=soonest").await, ["한라산 눈꽃", "제주 흑돼지", "경복궁 야경"]);
    assert_eq!(feed(&world, &junho, "?journey=activity").await, ["한라산 눈꽃"]);
    assert_eq!(feed(&world, &junho, "?journey=foodTour,culture").await, ["제주 흑돼지", "경복궁 야경"]);
    assert_eq!(feed(&world, &junho, "?q=흑돼").await, ["제주 흑돼지"]);
    assert_eq!(feed(&world, &junho, "?q=ㄱㅂㄱ").await, ["경복궁 야경"]);
    assert_eq!(feed(&world, &junho, "?q=제주 흑돼지&sort=soonest").await, ["제주 흑돼지"]);
    assert!(feed(&world, &junho, "?q=바다").await.is_empty(), "of another province");
    assert!(feed(&world, &junho, "?q=흑돼&journey=culture").await.is_empty());
    world.get("/errands/feed?q=흑").by(&junho).refused(422, "invalid_fields").await;
    world.get("/errands/feed?journey=work").by(&junho).refused(400, "malformed_fields").await;
    world.get("/errands/feed?journey=culture,culture").by(&junho).refused(422, "invalid_fields").await;

    let page = world.get("/errands/feed").by(&junho).expect(200).await.body;
    let counts: BTreeMap<String, u64> = page["counts"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|count| (text(&count["journey"]), count["open"].as_u64().expect("a number")))
        .collect();
    assert_eq!((counts["culture"], counts["activity"], counts["foodTour"], counts["relaxation"]), (2, 1, 1, 0));
    assert_eq!(page["items"][0]["host"]["nickname"], "민지");

    let sent = quote(&world, &junho, &palace, 5).await;
    assert_eq!(feed(&world, &junho, "").await, ["제주 흑돼지", "한라산 눈꽃"], "what one has quoted on is left out");
    act(&world, &sent, Action::Withdraw, &junho, None).await;
    assert_eq!(feed(&world, &junho, "").await.len(), 3);
    world.delete(&at(&palace)).by(&minji).expect(204).await;
    world.delete(&at(&own)).by(&junho).expect(204).await;
    world.settle().await;
    assert_eq!(feed(&world, &junho, "").await, ["제주 흑돼지", "한라산 눈꽃"], "what was taken back is not there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_the_feed_costs_the_same_whatever_the_table_holds_d10() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    maker(&world, &junho, &["culture"], &["jeju", "seoul", "busan"]).await;
    let ask = async |count: u32| {
        for number in 0..count {
            world.stop_clock_at(world.now().plus(1));
            let mut asked = body(&world);
            asked["title"] = json!(format!("성산 {number}"));
            asked["province"] = json!(["jeju", "seoul", "busan"][number as usize % 3]);
            world.post("/errands", asked).by(&minji).expect(201).await;
        }
        world.settle().await;
    };
    let cost = async |query: &str| {
        world.get(&format!("/errands/feed{query}")).by(&junho).expect(200).await;
        let line = world.log_of("errands.feed").pop().expect("a line");
        (line["roundTrips"].as_u64().expect("a number"), line["readUnits"].as_f64().expect("a number"))
    };
    let queries = ["?limit=5", "?limit=5&journey=culture&sort=soonest", "?limit=5&q=성산"];
    ask(12).await;
    let mut before = vec![];
    for query in queries {
        before.push(cost(query).await);
    }
    ask(36).await;
    for (query, (round_trips, units)) in queries.iter().zip(before) {
        let now = cost(query).await;
        assert!(now.0 <= 4 && now.0 == round_trips, "{query}: {now:?}");
        // The counts of a kind and a province are there once, whatever they say.
        assert!(now.1 <= units + 1.0, "{query}: {units} became {}", now.1);
    }
    let mut seen = vec![];
    let mut cursor = String::new();
    loop {
        let page = world.get(&format!("/errands/feed?limit=7{cursor}")).by(&junho).expect(200).await.body;
        seen.extend(page["items"].as_array().into_iter().flatten().map(|item| text(&item["id"])));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((all, seen.len()), (48, 48), "each once");
}

// Counting.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn demand_counts_each_open_errand_once_however_often_a_change_is_told_d23() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    maker(&world, &junho, &["culture"], &["jeju"]).await;
    grant(&world, &minji, 10).await;
    let one = errand(&world, &minji, json!({})).await;
    errand(&world, &minji, json!({"journey": "festival"})).await;
    errand(&world, &minji, json!({"province": "seoul"})).await;
    let by_kind = async || {
        let reply = world.get("/errands/demand?province=jeju").expect(200).await.body;
        let open = |word: &str| {
            let all = reply["journeys"].as_array().into_iter().flatten();
            all.filter(|count| count["journey"] == word).filter_map(|count| count["open"].as_u64()).sum::<u64>()
        };
        (open("culture"), open("festival"), reply["total"].as_u64().expect("a number"))
    };
    assert_eq!(by_kind().await, (1, 1, 2));
    let everywhere = world.get("/errands/demand").expect(200).await.body;
    assert_eq!((&everywhere["total"], everywhere["provinces"].as_array().map(Vec::len)), (&json!(3), Some(17)));
    world.get("/errands/demand?province=pyongyang").refused(400, "malformed_fields").await;

    let put_up = stored(&world, &one).await;
    let records = |before: Option<&domain::errand::Errand>, after: &domain::errand::Errand| {
        let image = |errand: &domain::errand::Errand| {
            let mut fields = serde_json::to_value(errand).expect("an errand is JSON");
            for (name, value) in [("kind", "errand"), ("pk", &format!("ERRAND#{}", errand.id)), ("sk", "ERRAND")] {
                fields[name] = json!(value);
            }
            crate::expiry::image(&fields)
        };
        let mut change = json!({
            "ApproximateCreationDateTime": world.now().seconds(), "SequenceNumber": "100", "SizeBytes": 1,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            "Keys": crate::expiry::image(&json!({"pk": format!("ERRAND#{}", after.id), "sk": "ERRAND"})),
            "NewImage": image(after),
        });
        if let Some(before) = before {
            change["OldImage"] = image(before);
        }
        json!({"Records": [{
            "eventID": "1", "eventName": "MODIFY", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
            "awsRegion": local::REGION, "eventSourceARN": "arn:aws:dynamodb:stream", "dynamodb": change,
        }]})
    };
    let tell = async |event: &Value| {
        let answer = world.invoke("changes.project", event.clone()).await.expect("the stream is followed");
        assert_eq!(answer["batchItemFailures"], json!([]));
        world.settle().await;
    };
    for _ in 0..2 {
        tell(&records(None, &put_up)).await;
    }
    assert_eq!(by_kind().await, (1, 1, 2), "told twice");
    let won = quote(&world, &junho, &one, 10).await;
    act(&world, &won, Action::Accept, &minji, None).await;
    assert_eq!(by_kind().await, (0, 1, 1));
    let promised = stored(&world, &one).await;
    tell(&records(Some(&put_up), &promised)).await;
    tell(&records(None, &put_up)).await;
    assert_eq!(by_kind().await, (0, 1, 1), "told late and out of order");
    assert!(feed(&world, &junho, "?journey=culture").await.is_empty());
    act(&world, &won, Action::Break, &junho, Some("배가 뜨지 않아요.")).await;
    assert_eq!(by_kind().await, (1, 1, 2), "it is open again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_asked_for_goes_with_them_d9_d23() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    maker(&world, &junho, &["culture"], &["jeju"]).await;
    maker(&world, &minji, &["culture"], &["jeju"]).await;
    let errand = errand(&world, &minji, json!({})).await;
    world.post(&format!("{}/designations", at(&errand)), json!({"makerId": junho.id})).by(&minji).expect(201).await;
    world.settle().await;
    world.delete("/me").by(&minji).expect(204).await;
    world.settle().await;
    world.get(&at(&errand)).refused(404, "not_found").await;
    assert_eq!(open_in(&world, "jeju").await, 0);
    assert!(feed(&world, &junho, "").await.is_empty());
    assert!(feed(&world, &junho, "?designated=true").await.is_empty());
    let makers = world.get("/makers").expect(200).await.body;
    assert_eq!(makers["items"].as_array().map(Vec::len), Some(1), "and the maker they were");
    world.get(&format!("/makers/{}", minji.id)).refused(404, "not_found").await;
}

// What it costs.

/// Every HTTP route of errands, used as people use them at their heaviest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_of_errands_stays_within_its_budget_z9() {
    let world = World::seeded().await;
    let (minji, junho) = (world.demo("minji").await, world.demo("junho").await);
    let haru = world.demo("haru").await;
    let table = world.table();
    let (long, provinces) = ("😀".repeat(1_000), ProvinceId::all().collect::<Vec<_>>());
    let asked = json!({"title": "가나다라마바사아자차카타파하거너더러머버서어저처커", "details": long});
    let errand = errand(&world, &minji, asked).await;
    let path = at(&errand);
    let mut keyed = body(&world);
    keyed["details"] = json!(long);
    world.post("/errands", keyed.clone()).by(&minji).header("idempotency-key", "k").expect(201).await;

    // A hundred makers with the longest profiles, each with the longest quote.
    let people = world.post("/_local/people", json!({"count": 100})).expect(200).await.body;
    let subject = stored(&world, &errand).await;
    for (number, person) in people["items"].as_array().expect("people").iter().enumerate() {
        let account = AccountId::parse(&text(&person["id"])).expect("an account's identifier");
        let maker = Maker {
            account: account.clone(),
            gallery: None,
            line: MakerLine::parse(&"😀".repeat(50)).expect("a line"),
            description: MakerDescription::parse(&long).expect("a description"),
            journeys: Journey::ALL.to_vec(),
            provinces: provinces.clone(),
            created_at: world.now(),
            updated_at: world.now(),
            version: 1,
        };
        Makers(&table).save(&maker, 0).await.expect("a first profile");
        let terms = Terms::Errand {
            price: Coins(1),
            content: QuoteText::parse(&long).expect("a text"),
            date: subject.date,
            designated: false,
        };
        let id = DealId::parse(&format!("dea_01K9ZX3V5M8QJ4T0N2R6W{number:05}")).expect("a deal's identifier");
        let about = Subject::Errand(subject.id.clone());
        let deal = Deal::proposed(id, about, "가".repeat(25), subject.host.clone(), account, terms, world.now());
        let around = Around { errand: Some(subject.clone()), ..Around::default() };
        let facts = around.facts(&deal, &Said::default(), world.now());
        let step = deal.propose(&facts, world.now()).expect("it is open");
        Deals(&table).write(None, &step, &around, Told::default(), world.now()).await.expect("a first quote");
    }
    for number in 0..100_u32 {
        let id = ErrandId::parse(&format!("err_01K9ZX3V5M8QJ4T0N2R6W{number:05}")).expect("an errand's identifier");
        let province = provinces[number as usize % provinces.len()];
        let one = domain::errand::Errand { id, province, ..subject.clone() };
        Errands(&table).create(&one, None).await.expect("an errand of its own identifier");
    }
    world.settle().await;

    world.get(&path).by(&minji).expect(200).await;
    world.get(&path).by(&junho).expect(200).await;
    world.get(&format!("{path}/quotes?limit=100")).by(&minji).expect(200).await;
    world.get("/me/errands?limit=100").by(&minji).expect(200).await;
    world.get("/me/errands?state=overdue&limit=100").by(&minji).expect(200).await;
    for query in ["", "?province=jeju"] {
        world.get(&format!("/errands/demand{query}")).expect(200).await;
    }
    for query in ["limit=100", "sort=rating&limit=100&province=jeju", "sort=confirmed&limit=100&journey=culture"] {
        world.get(&format!("/makers?{query}")).by(&minji).expect(200).await;
    }
    let widest = json!({
        "version": 1, "line": "어디든", "description": long, "journeys": Journey::ALL.map(Journey::word),
        "provinces": provinces,
    });
    world.put("/me/maker", widest).by(&haru).expect(200).await;
    world.get("/me/maker").by(&haru).expect(200).await;
    world.get(&format!("/makers/{}", haru.id)).by(&minji).expect(200).await;
    for query in ["", "&sort=soonest&journey=culture,festival", "&q=가나다", "&designated=true"] {
        world.get(&format!("/errands/feed?limit=100{query}")).by(&haru).expect(200).await;
    }
    let designations = format!("{path}/designations");
    for maker in [&haru, &junho] {
        let ask = json!({"makerId": maker.id});
        world.post(&designations, ask).by(&minji).header("idempotency-key", &maker.id).expect(201).await;
    }
    world.get(&format!("{designations}?limit=100")).by(&minji).expect(200).await;
    let longest = json!({"price": 1_000_000, "content": long});
    world.post(&format!("{path}/quotes"), longest).by(&junho).header("idempotency-key", "k").expect(200).await;
    world.delete(&format!("{designations}/me")).by(&haru).expect(204).await;
    world.delete("/me/maker").by(&haru).expect(204).await;
    world.delete(&path).by(&minji).expect(204).await;

    let services = local::services();
    let rows = services.iter().flat_map(|service| service.rows());
    let (mut over, mut unused) = (vec![], vec![]);
    for row in rows.filter(|row| row.context() == "errands" && matches!(row.trigger, edge::Trigger::Http { .. })) {
        let lines = world.log_of(row.name);
        let most = |name: &str| lines.iter().filter_map(|line| line[name].as_f64()).fold(0.0, f64::max);
        let seen = (most("roundTrips"), most("readUnits"), most("writeUnits"));
        let whole = row.whole_budget();
        let budget = (f64::from(whole.round_trips), whole.read, whole.write);
        if lines.is_empty() {
            unused.push(row.name);
        }
        if seen.0 > budget.0 || seen.1 > budget.1 || seen.2 > budget.2 {
            over.push(format!("{}: seen {seen:?}, declared {budget:?}", row.name));
        }
    }
    assert!(unused.is_empty(), "not used here: {unused:?}");
    assert!(over.is_empty(), "{}", over.join("\n"));
}
