//! The notification centre: what makes a notification, who is told at once, what is read, and what people want to be told
//! (rows N1–N3, N10–N13).

use domain::{
    id::{AccountId, ConnectionId, ListingId, NotificationId},
    lang::Lang,
    notification::{Notice, Settings},
    room::{Member, Room},
    time::{DAY, HOUR, MINUTE, Time},
};
use serde_json::{Map, Value, json};
use store::{Connection, Connections, Notifications, Rooms};

use crate::{Client, Person, World, listings::at};

const GANGNAM: &str = "seoul/gangnam-gu";

async fn two() -> (World, Person, Person) {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    (world, minji, junho)
}

/// A conversation of two about a rental of the first, which the second opened, with what followed from that forgotten.
async fn talking() -> (World, Person, Person, String) {
    let (world, minji, junho) = two().await;
    let listing = world.rental(&minji, json!({})).await;
    let room = inquire(&world, &junho, &listing).await;
    for told in list(&world, &minji, "").await {
        delete(&world, &minji, &told).await;
    }
    (world, minji, junho, room)
}

async fn inquire(world: &World, person: &Person, listing: &Value) -> String {
    let room = world.post(&format!("{}/inquiry", at(listing)), json!({})).by(person).expect(200).await.body;
    world.settle().await;
    text(&room["id"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn account(person: &Person) -> AccountId {
    AccountId::parse(&person.id).expect("an account's identifier")
}

/// Says something and waits for what follows.
async fn say(world: &World, person: &Person, room: &str, nonce: u32, body: Value) -> Value {
    let mut message = body;
    message["nonce"] = format!("nonce-{nonce:04}").into();
    let said = world.post(&format!("/rooms/{room}/messages"), message).by(person).expect(201).await.body;
    world.settle().await;
    said["message"].clone()
}

async fn list(world: &World, person: &Person, query: &str) -> Vec<Value> {
    let page = world.get(&format!("/notifications{query}")).by(person).expect(200).await.body;
    page["items"].as_array().cloned().unwrap_or_default()
}

async fn unread(world: &World, person: &Person) -> u64 {
    let count = world.get("/notifications/count").by(person).expect(200).await.body;
    count["unread"].as_u64().unwrap_or(u64::MAX)
}

fn path(notification: &Value) -> String {
    format!("/notifications/{}", text(&notification["id"]))
}

async fn read(world: &World, person: &Person, notification: &Value) {
    world.ask(reqwest::Method::PUT, &format!("{}/read", path(notification))).by(person).expect(204).await;
    world.settle().await;
}

async fn read_until(world: &World, person: &Person, until: &Value) {
    world.put("/notifications/read", json!({"until": until})).by(person).expect(204).await;
    world.settle().await;
}

async fn delete(world: &World, person: &Person, notification: &Value) {
    world.delete(&path(notification)).by(person).expect(204).await;
    world.settle().await;
}

fn types(notifications: &[Value]) -> Vec<String> {
    notifications.iter().map(|one| text(&one["type"])).collect()
}

fn pass(world: &World, ms: i64) {
    world.stop_clock_at(world.now().plus(ms));
}

/// What has come over a connection, batches unpacked, of these types.
async fn heard(client: &mut Client<'_>) -> Vec<Value> {
    client.send(json!({"action": "ping", "ref": "so far"})).await;
    let mut frames = vec![];
    loop {
        let frame = client.next().await;
        if frame["ref"] == "so far" {
            frames.retain(|frame: &Value| frame["type"].as_str().is_some_and(|kind| kind.starts_with("notification")));
            return frames;
        }
        match frame["frames"].as_array() {
            Some(all) => frames.extend(all.iter().cloned()),
            None => frames.push(frame),
        }
    }
}

/// A value as DynamoDB's streams spell it.
fn attribute(value: &Value) -> Value {
    match value {
        Value::Null => json!({"NULL": true}),
        Value::Bool(truth) => json!({"BOOL": truth}),
        Value::Number(number) => json!({"N": number.to_string()}),
        Value::String(text) => json!({"S": text}),
        Value::Array(entries) => json!({"L": entries.iter().map(attribute).collect::<Vec<_>>()}),
        Value::Object(_) => json!({"M": image(value)}),
    }
}

fn image(value: &Value) -> Value {
    let fields = value.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), attribute(value)));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// What the stream says of a message that was written, as of any that was never in the table.
fn written(world: &World, room: &str, author: &Person, seq: u64) -> Value {
    let (pk, sk) = (format!("ROOM#{room}"), format!("MESSAGE#{seq:012}"));
    let message = json!({
        "pk": pk, "sk": sk, "kind": "message", "room": room, "seq": seq, "version": 1, "author": author.id, "messageKind": "text",
        "nonce": format!("nonce-{seq:04}"), "text": format!("말 {seq}"), "reactions": {}, "closed": false,
        "createdAt": world.now().plus(i64::try_from(seq).unwrap_or_default()).to_string(),
    });
    json!({"Records": [{
        "eventID": "1", "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
        "awsRegion": local::REGION, "eventSourceARN": "arn:aws:dynamodb:stream",
        "dynamodb": {
            "ApproximateCreationDateTime": world.now().seconds(), "SequenceNumber": "100", "SizeBytes": 1,
            "StreamViewType": "NEW_AND_OLD_IMAGES", "Keys": image(&json!({"pk": pk, "sk": sk})), "NewImage": image(&message),
        },
    }]})
}

async fn happens(world: &World, event: Value) {
    assert_eq!(world.invoke("changes.project", event).await, Ok(json!({"batchItemFailures": []})));
    world.settle().await;
}

/// Tells somebody something made up.
async fn made_up(world: &World, person: &Person, n: u32, at: Time) -> String {
    let id = Notifications::id_of(at, &n.to_string());
    let listing = ListingId::from_ulid("01K9ZX3V5M8QJ4T0N2R6W7Y1AB");
    let notice = Notice::ListingExpired { listing, title: format!("물건 {n}") };
    let told = Settings::default().told(id.clone(), account(person), notice, at).expect("it is wanted");
    Notifications(&world.table()).tell(&told).await.expect("the table answers");
    id.as_str().to_owned()
}

// --- what makes one -----------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inquiry_tells_the_owner_of_the_listing_once_n1_n10() {
    let (world, minji, junho) = two().await;
    let listing = world.rental(&minji, json!({"title": "전동 드릴"})).await;
    let room = inquire(&world, &junho, &listing).await;
    inquire(&world, &junho, &listing).await;
    let told = list(&world, &minji, "").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["type"], "listing.inquiry");
    assert_eq!(
        told[0]["payload"],
        json!({"listing": listing["id"], "title": "전동 드릴", "room": room, "account": junho.id, "nickname": "준호"})
    );
    assert_eq!(told[0]["text"]["ko"]["body"], "준호님이 ‘전동 드릴’에 대해 묻고 싶어 해요.");
    assert_eq!(told[0]["text"]["en"]["title"], "A new inquiry");
    assert_eq!(told[0]["read"], false);
    assert!(list(&world, &junho, "").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_of_two_tells_the_other_and_many_of_them_are_one_notification_n10() {
    let (world, minji, junho, room) = talking().await;
    say(&world, &junho, &room, 1, json!({"text": "안녕하세요"})).await;
    let first = list(&world, &minji, "").await;
    assert_eq!(types(&first), ["room.message"]);
    let payload = &first[0]["payload"];
    assert_eq!((&payload["room"], &payload["kind"], &payload["count"]), (&json!(room), &json!("inquiry"), &json!(1)));
    assert_eq!((&payload["nickname"], &payload["preview"]["seq"]), (&json!("준호"), &json!(1)));
    assert_eq!(first[0]["text"]["ko"], json!({"title": "준호님의 메시지", "body": "안녕하세요"}));

    // Something else comes in between, and the conversation moves above it.
    pass(&world, MINUTE);
    made_up(&world, &minji, 1, world.now()).await;
    assert_eq!(types(&list(&world, &minji, "").await), ["listing.expired", "room.message"]);
    pass(&world, MINUTE);
    say(&world, &junho, &room, 2, json!({"text": "아직 있나요?"})).await;
    say(&world, &junho, &room, 3, json!({"text": "내일 볼까요?"})).await;
    let all = list(&world, &minji, "").await;
    assert_eq!(types(&all), ["room.message", "listing.expired"]);
    assert_eq!(all[0]["id"], first[0]["id"]);
    assert_eq!(all[0]["payload"]["count"], 3);
    assert_eq!(all[0]["text"]["ko"], json!({"title": "준호님의 메시지 3개", "body": "내일 볼까요?"}));
    assert_eq!(all[0]["createdAt"], first[0]["createdAt"]);
    assert_eq!(unread(&world, &minji).await, 2);
    assert!(list(&world, &junho, "").await.is_empty(), "nobody is told of themselves");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_room_of_many_only_an_answer_tells_and_only_whom_it_answers_n10() {
    let (world, minji, junho) = two().await;
    let haru = world.member("haru", "하루", GANGNAM).await;
    let listing = world.barter(&minji, json!({})).await;
    let mut room = String::new();
    for person in [&junho, &haru] {
        let joined = world.post(&format!("{}/room", at(&listing)), json!({})).by(person).expect(200).await.body;
        room = text(&joined["id"]);
    }
    world.settle().await;
    let said = say(&world, &junho, &room, 1, json!({"text": "언제 볼까요?"})).await;
    for person in [&minji, &junho, &haru] {
        assert!(list(&world, person, "").await.is_empty(), "{}", person.email);
    }
    say(&world, &junho, &room, 2, json!({"text": "저도요", "replyTo": said["seq"]})).await;
    assert!(list(&world, &junho, "").await.is_empty(), "an answer to oneself");
    say(&world, &haru, &room, 3, json!({"text": "토요일요", "replyTo": said["seq"]})).await;
    let told = list(&world, &junho, "").await;
    assert_eq!(types(&told), ["room.reply"]);
    assert_eq!(told[0]["text"]["ko"], json!({"title": "하루님이 답글을 남겼어요", "body": "토요일요"}));
    assert_eq!(told[0]["payload"]["title"], "자전거");
    for person in [&minji, &haru] {
        assert!(list(&world, person, "").await.is_empty(), "{}", person.email);
    }
}

/// Lets strangers into a listing's room until so many are in it.
async fn fill(world: &World, listing: &ListingId, members: std::ops::Range<u32>) {
    let table = world.table();
    for n in members {
        let somebody = AccountId::parse(&format!("00000000-0000-4000-8000-{n:012}")).expect("an account");
        let member = Member::new(Room::id_of(listing), somebody, world.now(), 0);
        Rooms(&table).join(listing, &member).await.expect("there is room");
    }
    world.settle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_costs_the_same_however_many_are_in_the_room_n10() {
    let (world, minji, junho) = two().await;
    // Far above the numbers that the room's own log comes to: what a room knows of its log is written each time.
    let mut seq = 1000;
    let mut costs = vec![];
    // Members of a room of up to a hundred are alerted, each: more cost more. Above that nobody is.
    for members in [101, 160] {
        let listing = world.barter(&minji, json!({})).await;
        let joined = world.post(&format!("{}/room", at(&listing)), json!({})).by(&junho).expect(200).await.body;
        world.settle().await;
        let (room, id) = (text(&joined["id"]), ListingId::parse(&text(&listing["id"])).expect("a listing"));
        fill(&world, &id, 2..members).await;
        let shown = world.get(&format!("/rooms/{room}")).by(&junho).expect(200).await.body;
        assert_eq!(shown["members"], members);
        let mut cost = vec![];
        for _ in 0..3 {
            seq += 1;
            let mut event = written(&world, &room, &junho, seq);
            event["Records"][0]["dynamodb"]["NewImage"]["replyTo"] =
                image(&json!({"q": {"seq": 1, "author": minji.id, "text": "말"}}))["q"].clone();
            let (answer, line) =
                world.laptop().invoke_and_read_log("changes.project", event).await.expect("no failure");
            assert_eq!(answer, json!({"batchItemFailures": []}));
            let line = line.expect("a line");
            cost.push(["roundTrips", "readUnits", "writeUnits"].map(|what| line[what].as_f64().unwrap_or(f64::NAN)));
            world.settle().await;
        }
        costs.push(cost);
    }
    assert_eq!(costs[0], costs[1], "round trips, read and write units of three messages");
    assert!(costs[0].iter().flatten().all(|units| *units > 0.0), "{costs:?}");
    assert_eq!(list(&world, &minji, "").await[0]["payload"]["count"], 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_muted_the_room_has_it_open_or_has_read_it_is_not_told_n10() {
    let (world, minji, junho, room) = talking().await;
    world.patch(&format!("/rooms/{room}"), json!({"muted": true})).by(&minji).expect(200).await;
    say(&world, &junho, &room, 1, json!({"text": "하나"})).await;
    assert!(list(&world, &minji, "").await.is_empty(), "muted");
    world.patch(&format!("/rooms/{room}"), json!({"muted": false})).by(&minji).expect(200).await;

    let mut client = world.connect(&minji).await;
    client.ask("room.open", "c1", json!({"room": room})).await;
    say(&world, &junho, &room, 2, json!({"text": "둘"})).await;
    assert!(list(&world, &minji, "").await.is_empty(), "open");
    client.ask("room.close", "c2", json!({"room": room})).await;
    say(&world, &junho, &room, 3, json!({"text": "셋"})).await;
    let told = list(&world, &minji, "").await;
    assert_eq!(told[0]["payload"]["count"], 1);

    world.put(&format!("/rooms/{room}/read"), json!({"seq": 3})).by(&minji).expect(200).await;
    world.settle().await;
    delete(&world, &minji, &told[0]).await;
    happens(&world, written(&world, &room, &junho, 3)).await;
    assert!(list(&world, &minji, "").await.is_empty(), "read");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_told_twice_late_and_out_of_order_are_counted_once_n10() {
    let (world, minji, junho, room) = talking().await;
    for seq in [3, 1, 3, 5, 2, 1, 5, 4, 2] {
        happens(&world, written(&world, &room, &junho, seq)).await;
    }
    let told = list(&world, &minji, "").await;
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["payload"]["count"], &told[0]["payload"]["preview"]["seq"]), (&json!(5), &json!(5)));

    read(&world, &minji, &told[0]).await;
    for seq in [2, 5] {
        happens(&world, written(&world, &room, &junho, seq)).await;
    }
    assert_eq!(unread(&world, &minji).await, 0, "what was read does not come back");
    for seq in [7, 6, 7] {
        happens(&world, written(&world, &room, &junho, seq)).await;
    }
    let told = list(&world, &minji, "").await;
    assert_eq!((told.len(), &told[0]["payload"]["count"], &told[0]["read"]), (1, &json!(2), &json!(false)));

    // The same at the same time.
    let events: Vec<_> = (8..=12).chain(8..=12).map(|seq| written(&world, &room, &junho, seq)).collect();
    let answers =
        futures::future::join_all(events.into_iter().map(|event| world.invoke("changes.project", event))).await;
    for (seq, answer) in (8..=12).chain(8..=12).zip(answers) {
        // Whoever is beaten five times is sent again.
        if answer != Ok(json!({"batchItemFailures": []})) {
            happens(&world, written(&world, &room, &junho, seq)).await;
        }
    }
    world.settle().await;
    assert_eq!(list(&world, &minji, "").await[0]["payload"]["count"], 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_edited_or_deleted_is_shown_as_it_is_now_n10() {
    let (world, minji, junho, room) = talking().await;
    let said = say(&world, &junho, &room, 1, json!({"text": "오타"})).await;
    let message = format!("/rooms/{room}/messages/{}", said["seq"]);
    world.patch(&message, json!({"text": "고침", "version": 1})).by(&junho).expect(200).await;
    world.settle().await;
    let told = list(&world, &minji, "").await;
    assert_eq!((&told[0]["text"]["ko"]["body"], &told[0]["payload"]["count"]), (&json!("고침"), &json!(1)));
    world.delete(&message).by(&junho).expect(200).await;
    world.settle().await;
    let told = list(&world, &minji, "").await;
    assert_eq!(told[0]["text"]["ko"]["body"], "삭제된 메시지예요.");
    assert!(!told[0].to_string().contains("고침"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_shown_out_of_a_room_is_told_once_n13() {
    let (world, minji, junho) = two().await;
    let listing = world.barter(&minji, json!({})).await;
    let joined = world.post(&format!("{}/room", at(&listing)), json!({})).by(&junho).expect(200).await.body;
    let room = text(&joined["id"]);
    world.delete(&format!("/rooms/{room}/members/{}", junho.id)).by(&minji).expect(204).await;
    world.settle().await;
    let told = list(&world, &junho, "").await;
    assert_eq!(types(&told), ["room.kicked"]);
    assert_eq!(told[0]["payload"], json!({"room": room, "listing": listing["id"], "title": "자전거"}));
    world.put(&format!("{}/bans/{}", at(&listing), junho.id), json!({})).by(&minji).expect(204).await;
    world.settle().await;
    assert_eq!(list(&world, &junho, "").await.len(), 1, "banned again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_their_account_a_persons_notifications_and_preferences_are_erased_n1_a20() {
    let (world, minji, junho, room) = talking().await;
    say(&world, &junho, &room, 1, json!({"text": "안녕하세요"})).await;
    let types = json!({"room.reply": {"inApp": true, "push": false}});
    world.put("/me/notification-preferences", json!({"version": 0, "types": types})).by(&minji).expect(200).await;
    let id = account(&minji);
    let table = world.table();
    let notifications = Notifications(&table);
    assert_eq!(notifications.latest(&id, 10).await.expect("the table answers").len(), 1);
    world.delete("/me").by(&minji).expect(204).await;
    world.settle().await;
    assert!(notifications.latest(&id, 10).await.expect("the table answers").is_empty());
    assert_eq!(notifications.settings(&id).await.expect("the table answers"), Settings::default());
}

// --- lists --------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notifications_come_in_pages_the_latest_first_each_once_n1() {
    let (world, minji, junho) = two().await;
    let now = world.now();
    for n in 0..25 {
        // Five of each moment.
        made_up(&world, &minji, n, now.plus(i64::from(n / 5) - 100)).await;
    }
    made_up(&world, &junho, 99, now).await;
    let mut cursor = String::new();
    let mut all = vec![];
    for size in [10, 10, 5] {
        let page = world.get(&format!("/notifications?limit=10{cursor}")).by(&minji).expect(200).await.body;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        assert_eq!(items.len(), size);
        all.extend(items);
        cursor = format!("&cursor={}", text(&page["nextCursor"]));
    }
    assert_eq!(cursor, "&cursor=", "there is no further page");
    let moments: Vec<_> = all.iter().map(|one| text(&one["updatedAt"])).collect();
    assert!(moments.is_sorted_by(|one, next| one >= next));
    let mut ids: Vec<_> = all.iter().map(|one| text(&one["id"])).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 25);
    let page = world.get("/notifications?limit=10").by(&minji).expect(200).await.body;
    let theirs = format!("/notifications?limit=10&cursor={}", text(&page["nextCursor"]));
    world.get(&theirs).by(&junho).refused(400, "bad_cursor").await;
    // All read between two pages of the unread.
    let page = world.get("/notifications?limit=10&unread=true").by(&minji).expect(200).await.body;
    read_until(&world, &minji, &json!(now)).await;
    let next = format!("/notifications?limit=10&unread=true&cursor={}", text(&page["nextCursor"]));
    assert_eq!(world.get(&next).by(&minji).expect(200).await.body["items"], json!([]));
    pass(&world, 91 * DAY);
    let minji = world.sign_in(&minji.email).await;
    assert!(list(&world, &minji, "").await.is_empty(), "ninety days are over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_unread_and_what_came_since_are_lists_of_their_own_n1_n3() {
    let (world, minji, _) = two().await;
    let now = world.now();
    for n in 0..5 {
        made_up(&world, &minji, n, now.plus(i64::from(n))).await;
    }
    let all = list(&world, &minji, "").await;
    read(&world, &minji, &all[1]).await;
    let titles = |items: &[Value]| items.iter().map(|one| text(&one["payload"]["title"])).collect::<Vec<_>>();
    assert_eq!(titles(&list(&world, &minji, "?unread=true").await), ["물건 4", "물건 2", "물건 1", "물건 0"]);
    assert_eq!(titles(&list(&world, &minji, "?unread=false").await).len(), 5);
    let after = format!("?after={}", now.plus(1));
    assert_eq!(titles(&list(&world, &minji, &after).await), ["물건 2", "물건 3", "물건 4"], "the oldest first");
    assert_eq!(titles(&list(&world, &minji, &format!("{after}&unread=true")).await), ["물건 2", "물건 4"]);
    let page = world.get(&format!("/notifications{after}&limit=2")).by(&minji).expect(200).await.body;
    let next = format!("/notifications{after}&limit=2&cursor={}", text(&page["nextCursor"]));
    let rest = world.get(&next).by(&minji).expect(200).await.body;
    assert_eq!(
        (titles(rest["items"].as_array().expect("a page")), &rest["nextCursor"]),
        (vec!["물건 4".to_owned()], &Value::Null)
    );
    let until = json!(now.plus(2));
    world.stop_clock_at(now.plus(10));
    read_until(&world, &minji, &until).await;
    assert_eq!(titles(&list(&world, &minji, "?unread=true").await), ["물건 4"]);
    for query in ["?unread=yes", "?after=yesterday", "?limit=0", "?before=1"] {
        let reply = world.get(&format!("/notifications{query}")).by(&minji).send().await;
        assert!(matches!(reply.status, 400 | 422), "{query}: {}", reply.text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_badge_counts_to_a_hundred_and_means_or_more_n11() {
    let (world, minji, _) = two().await;
    let now = world.now();
    for n in 0..130 {
        made_up(&world, &minji, n, now.plus(i64::from(n))).await;
    }
    world.settle().await;
    assert_eq!(unread(&world, &minji).await, 100);
    let line = world.log_of("notifications.count").pop().expect("a line");
    assert!(line["readUnits"].as_f64().is_some_and(|units| units <= 4.0), "{line}");
    // However many there are, all of them are read by one write.
    world.stop_clock_at(now.plus(200));
    read_until(&world, &minji, &json!(now.plus(119))).await;
    assert_eq!(unread(&world, &minji).await, 10);
    let line = world.log_of("notifications.read_all").pop().expect("a line");
    assert_eq!(line["writeUnits"].as_f64(), Some(1.0), "{line}");
}

// --- reading and deleting -----------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_is_read_or_deleted_by_whose_it_is_and_again_is_no_fault_n2() {
    let (world, minji, junho) = two().await;
    made_up(&world, &minji, 1, world.now()).await;
    let told = list(&world, &minji, "").await.remove(0);
    let reading = format!("{}/read", path(&told));
    world.ask(reqwest::Method::PUT, &reading).by(&junho).refused(404, "not_found").await;
    world.delete(&path(&told)).by(&junho).refused(404, "not_found").await;
    for odd in ["ntf_nonsense", "lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AB", "ntf_01K9ZX3V5M8QJ4T0N2R6W7Y1ZZ"] {
        world.delete(&format!("/notifications/{odd}")).by(&minji).refused(404, "not_found").await;
        let reading = format!("/notifications/{odd}/read");
        world.ask(reqwest::Method::PUT, &reading).by(&minji).refused(404, "not_found").await;
    }
    for _ in 0..2 {
        read(&world, &minji, &told).await;
    }
    assert_eq!(list(&world, &minji, "").await[0]["read"], true);
    assert_eq!(unread(&world, &minji).await, 0);
    for _ in 0..2 {
        delete(&world, &minji, &told).await;
    }
    world.ask(reqwest::Method::PUT, &reading).by(&minji).refused(404, "not_found").await;
    assert!(list(&world, &minji, "").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_deleted_stays_so_though_its_event_is_told_again_n2() {
    let (world, minji, junho, room) = talking().await;
    happens(&world, written(&world, &room, &junho, 1)).await;
    delete(&world, &minji, &list(&world, &minji, "").await[0]).await;
    happens(&world, written(&world, &room, &junho, 1)).await;
    assert!(list(&world, &minji, "").await.is_empty());
    assert_eq!(unread(&world, &minji).await, 0);
    let id = made_up(&world, &minji, 7, world.now()).await;
    delete(&world, &minji, &json!({"id": id})).await;
    made_up(&world, &minji, 7, world.now()).await;
    assert!(list(&world, &minji, "").await.is_empty());
    happens(&world, written(&world, &room, &junho, 2)).await;
    assert_eq!(list(&world, &minji, "").await[0]["payload"]["count"], 1, "something new is told");
    // What is left of the deleted says nothing of what it was.
    let key = NotificationId::parse(&id).expect("an identifier");
    let left = world.laptop().item(&format!("ACCOUNT#{}", minji.id), &format!("NOTIFICATION#{key}")).await;
    assert!(!left.expect("something is left").to_string().contains("물건"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_while_everything_is_marked_read_stays_unread_n2_n11() {
    let (world, minji, junho, room) = talking().await;
    happens(&world, written(&world, &room, &junho, 1)).await;
    let seen = list(&world, &minji, "").await.remove(0);
    pass(&world, 1_000);
    happens(&world, written(&world, &room, &junho, 2)).await;
    made_up(&world, &minji, 1, world.now().plus(5)).await;
    // The client has not heard of these two.
    read_until(&world, &minji, &seen["updatedAt"]).await;
    assert_eq!(unread(&world, &minji).await, 2);
    // The moment only rises.
    pass(&world, 1_000);
    read_until(&world, &minji, &json!(world.now())).await;
    read_until(&world, &minji, &seen["updatedAt"]).await;
    assert_eq!(unread(&world, &minji).await, 0);
    assert!(list(&world, &minji, "").await.iter().all(|one| one["read"] == true));
    // What happened before and is told late has been seen by nobody.
    happens(&world, written(&world, &room, &junho, 3)).await;
    let late = list(&world, &minji, "?unread=true").await;
    assert_eq!((late.len(), &late[0]["payload"]["count"]), (1, &json!(1)));
    // A moment that has not come is now: it reads nothing ahead.
    pass(&world, 1_000);
    read_until(&world, &minji, &json!(world.now().plus(HOUR))).await;
    pass(&world, 1_000);
    happens(&world, written(&world, &room, &junho, 4)).await;
    assert_eq!(unread(&world, &minji).await, 1);
    let reply = world.put("/notifications/read", json!({"until": "soon", "all": true})).by(&minji).expect(400).await;
    assert_eq!(reply.bad_fields().keys().collect::<Vec<_>>(), ["/all", "/until"]);
    world.put("/notifications/read", json!({})).by(&minji).refused(400, "malformed_fields").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_reads_the_room_has_read_its_notification_n10_n11() {
    let (world, minji, junho, room) = talking().await;
    for n in 1..=3 {
        say(&world, &junho, &room, n, json!({"text": format!("말 {n}")})).await;
    }
    let mut client = world.connect(&minji).await;
    let read_to = async |seq: u64| {
        world.put(&format!("/rooms/{room}/read"), json!({"seq": seq})).by(&minji).expect(200).await;
        world.settle().await;
        list(&world, &minji, "").await.remove(0)
    };
    let some = read_to(2).await;
    assert_eq!((&some["payload"]["count"], &some["read"]), (&json!(1), &json!(false)));
    assert!(heard(&mut client).await.is_empty(), "less is no news");
    let all = read_to(3).await;
    assert_eq!(all["read"], true);
    assert_eq!(heard(&mut client).await, [json!({"type": "notification.read", "ids": [all["id"]], "unread": 0})]);
    assert_eq!(unread(&world, &minji).await, 0);
}

// --- told at once -------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_device_of_a_person_is_told_at_once_of_what_comes_and_of_what_was_read_n3_n11_n12() {
    let (world, minji, junho, room) = talking().await;
    let (mut phone, mut desk) = (world.connect(&minji).await, world.connect(&minji).await);
    let mut stranger = world.connect(&junho).await;
    say(&world, &junho, &room, 1, json!({"text": "안녕하세요"})).await;
    let told = list(&world, &minji, "").await.remove(0);
    for client in [&mut phone, &mut desk] {
        assert_eq!(heard(client).await, [json!({"type": "notification", "notification": told, "unread": 1})]);
    }
    made_up(&world, &minji, 1, world.now().plus(1)).await;
    world.settle().await;
    let other = list(&world, &minji, "").await.remove(0);
    for client in [&mut phone, &mut desk] {
        assert_eq!(heard(client).await, [json!({"type": "notification", "notification": other, "unread": 2})]);
    }
    read(&world, &minji, &told).await;
    let read_one = json!({"type": "notification.read", "ids": [told["id"]], "unread": 1});
    pass(&world, 1_000);
    read_until(&world, &minji, &json!(world.now())).await;
    let read_all = json!({"type": "notification.read", "until": world.now(), "unread": 0});
    delete(&world, &minji, &other).await;
    let removed = json!({"type": "notification.removed", "id": other["id"], "unread": 0});
    for client in [&mut phone, &mut desk] {
        assert_eq!(heard(client).await, [read_one.clone(), read_all.clone(), removed.clone()]);
    }
    assert!(heard(&mut stranger).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_gone_is_forgotten_and_harms_nobody_n3() {
    let (world, minji, junho, room) = talking().await;
    let mut client = world.connect(&minji).await;
    let ghost = Connection {
        id: ConnectionId::parse("JKJaWcQKPHcCFxA=").expect("an identifier"),
        account: account(&minji),
        connected_at: world.now(),
        expires_at: world.now().plus(HOUR),
        lang: Lang::Ko,
        active_at: world.now(),
        idle: false,
        watching: [].into(),
    };
    let table = world.table();
    Connections(&table).put(&ghost).await.expect("the table answers");
    say(&world, &junho, &room, 1, json!({"text": "안녕하세요"})).await;
    assert_eq!(heard(&mut client).await.len(), 1);
    assert!(Connections(&table).by_id(&ghost.id, world.now()).await.expect("the table answers").is_none());
}

// --- preferences --------------------------------------------------------------------------------------------------

async fn prefer(world: &World, person: &Person, version: u64, mut body: Value) -> Value {
    body["version"] = version.into();
    if body["types"].is_null() {
        body["types"] = json!({});
    }
    world.put("/me/notification-preferences", body).by(person).expect(200).await.body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn preferences_are_set_as_a_whole_and_by_the_version_that_was_seen_n12() {
    let (world, minji, junho) = two().await;
    let usual = world.get("/me/notification-preferences").by(&minji).expect(200).await.body;
    assert_eq!((&usual["version"], &usual["quietHours"]), (&json!(0), &Value::Null));
    assert_eq!(usual["types"].as_object().map(Map::len), Some(domain::notification::Type::ALL.len()));
    assert_eq!(usual["types"]["room.message"], json!({"inApp": true, "push": true}));

    let silent = json!({"room.message": {"inApp": true, "push": false}});
    let night = json!({"from": 1320, "until": 420});
    let set = prefer(&world, &minji, 0, json!({"types": silent, "quietHours": night})).await;
    assert_eq!(set["version"], 1);
    assert_eq!(set["types"]["room.message"]["push"], false);
    assert_eq!(set["quietHours"], json!({"from": 1320, "until": 420, "utcOffset": 540}));
    assert_eq!(world.get("/me/notification-preferences").by(&minji).expect(200).await.body, set);
    assert_eq!(world.get("/me/notification-preferences").by(&junho).expect(200).await.body, usual);
    for version in [0, 2] {
        let edit = json!({"version": version, "types": {}});
        world.put("/me/notification-preferences", edit).by(&minji).refused(409, "version_conflict").await;
    }
    // What was read with everything is no edit.
    read_until(&world, &minji, &json!(world.now())).await;
    let cleared = prefer(&world, &minji, 1, json!({})).await;
    assert_eq!(
        (&cleared["version"], &cleared["types"], &cleared["quietHours"]),
        (&json!(2), &usual["types"], &Value::Null)
    );

    let bad = json!({
        "version": 2, "types": {"weather": {}, "room.reply": {"inApp": 1, "push": true}},
        "quietHours": {"from": 1440, "until": 0, "utcOffset": 900}, "theme": "dark",
    });
    let reply = world.put("/me/notification-preferences", bad).by(&minji).expect(400).await;
    let fields: Vec<_> = reply.bad_fields().into_keys().collect();
    let wanted = ["/quietHours/from", "/quietHours/utcOffset", "/theme", "/types/room.reply/inApp", "/types/weather"];
    assert_eq!(fields, wanted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_type_is_listed_and_pushed_as_its_person_wants_n12_n3() {
    let (world, minji, junho, room) = talking().await;
    let mut client = world.connect(&minji).await;
    let ways = |in_app: bool, push: bool| json!({"types": {"room.message": {"inApp": in_app, "push": push}}});

    prefer(&world, &minji, 0, ways(true, false)).await;
    say(&world, &junho, &room, 1, json!({"text": "목록에만"})).await;
    assert_eq!(list(&world, &minji, "").await.len(), 1);
    assert!(heard(&mut client).await.is_empty());
    delete(&world, &minji, &list(&world, &minji, "").await[0]).await;
    heard(&mut client).await;

    prefer(&world, &minji, 1, ways(false, true)).await;
    say(&world, &junho, &room, 2, json!({"text": "바로만"})).await;
    assert!(list(&world, &minji, "").await.is_empty());
    assert_eq!(unread(&world, &minji).await, 0);
    let told = heard(&mut client).await;
    assert_eq!((told.len(), &told[0]["unread"]), (1, &json!(0)));
    assert_eq!(told[0]["notification"]["text"]["ko"]["body"], "바로만");

    prefer(&world, &minji, 2, ways(false, false)).await;
    say(&world, &junho, &room, 3, json!({"text": "아무것도"})).await;
    assert!(list(&world, &minji, "").await.is_empty() && heard(&mut client).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_quiet_hours_a_notification_waits_in_the_list_n3_n12() {
    let (world, minji, junho, room) = talking().await;
    // It is noon in Seoul.
    prefer(&world, &minji, 0, json!({"quietHours": {"from": 720, "until": 780}})).await;
    let mut client = world.connect(&minji).await;
    say(&world, &junho, &room, 1, json!({"text": "점심시간"})).await;
    assert_eq!(unread(&world, &minji).await, 1);
    assert!(heard(&mut client).await.is_empty());
    pass(&world, HOUR - 1);
    let junho = world.sign_in(&junho.email).await;
    say(&world, &junho, &room, 2, json!({"text": "아직"})).await;
    drop(client);
    let minji = world.sign_in(&minji.email).await;
    let mut client = world.connect(&minji).await;
    assert!(heard(&mut client).await.is_empty());
    pass(&world, 1);
    say(&world, &junho, &room, 3, json!({"text": "오후"})).await;
    let told = heard(&mut client).await;
    assert_eq!((told.len(), &told[0]["notification"]["payload"]["count"]), (1, &json!(3)));
}
