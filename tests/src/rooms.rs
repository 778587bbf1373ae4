//! Rooms: who talks with whom, what is said, what is read, who is told (rows C1–C24, P16, Z3).

use domain::{
    id::{AccountId, RoomId},
    time::MINUTE,
};
use serde_json::{Value, json};
use store::Watches;

use crate::{Client, Person, World};

/// Minji puts something up for barter; Junho and Seoyeon join its room.
struct Yard {
    world: World,
    minji: Person,
    junho: Person,
    haru: Person,
    listing: String,
    room: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Yard {
    async fn new() -> Self {
        let world = World::seeded().await;
        let (minji, junho, haru) = tokio::join!(world.demo("minji"), world.demo("junho"), world.demo("haru"));
        let listing = text(&world.barter(&minji, json!({})).await["id"]);
        world.settle().await;
        let yard = Self { room: String::new(), world, minji, junho, haru, listing };
        let room = text(&yard.join(&yard.junho).await["id"]);
        yard.join(&yard.haru).await;
        yard.world.settle().await;
        Self { room, ..yard }
    }

    async fn join(&self, person: &Person) -> Value {
        let path = format!("/listings/{}/room", self.listing);
        self.world.post(&path, Value::Null).by(person).expect(200).await.body
    }

    async fn say(&self, person: &Person, nonce: &str, said: &str) -> Value {
        let body = json!({"nonce": nonce, "text": said});
        self.world.post(&format!("/rooms/{}/messages", self.room), body).by(person).expect(201).await.body["message"]
            .clone()
    }

    async fn messages(&self, person: &Person, query: &str) -> Value {
        self.world.get(&format!("/rooms/{}/messages{query}", self.room)).by(person).expect(200).await.body
    }

    async fn shown(&self, person: &Person) -> Value {
        self.world.get(&format!("/rooms/{}", self.room)).by(person).expect(200).await.body
    }

    /// A connection of somebody that has the room open.
    async fn open<'a>(&'a self, person: &Person) -> Client<'a> {
        let mut client = self.world.connect(person).await;
        self.world.settle().await;
        let answer = client.ask("room.open", "open", json!({"room": self.room})).await;
        assert_eq!((&answer["type"], &answer["room"]["id"]), (&json!("ack"), &json!(self.room)), "{answer}");
        client
    }
}

fn said(page: &Value) -> Vec<String> {
    page["items"].as_array().into_iter().flatten().map(|message| text(&message["text"])).collect()
}

fn seqs(page: &Value) -> Vec<u64> {
    page["items"].as_array().into_iter().flatten().filter_map(|message| message["seq"].as_u64()).collect()
}

// --- joining ------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_barter_has_a_room_whose_host_is_its_owner_from_the_start_c2() {
    let yard = Yard::new().await;
    let room = yard.shown(&yard.minji).await;
    assert_eq!(
        (&room["kind"], &room["role"], &room["host"]),
        (&json!("listing"), &json!("host"), &json!(yard.minji.id))
    );
    assert_eq!((&room["title"], &room["members"], &room["status"]), (&json!("자전거"), &json!(3), &json!("open")));
    let members = yard.world.get(&format!("/rooms/{}/members", yard.room)).by(&yard.junho).expect(200).await.body;
    let roles: Vec<(String, String)> = members["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|member| (text(&member["account"]["nickname"]), text(&member["role"])))
        .collect();
    assert_eq!(roles.len(), 3);
    assert_eq!(roles.iter().filter(|(_, role)| role == "host").count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_joins_sees_what_is_said_from_then_on_and_joining_again_is_no_fault_c12() {
    let yard = Yard::new().await;
    yard.say(&yard.junho, "nonce-01", "먼저").await;
    let late = yard.world.member("late", "늦은이", "seoul/gangnam-gu").await;
    let room = yard.join(&late).await;
    yard.world.settle().await;
    assert_eq!((&room["unread"], &room["role"]), (&json!(0), &json!("member")));
    yard.say(&yard.junho, "nonce-02", "나중").await;
    yard.world.settle().await;
    let page = yard.messages(&late, "").await;
    assert_eq!(said(&page), ["나중", ""], "and that she came in");
    assert_eq!(page["items"][1]["system"]["event"], "member.joined");
    assert_eq!(page["items"][1]["system"]["nickname"], "늦은이");
    assert!(said(&yard.messages(&yard.junho, "").await).contains(&"먼저".to_owned()));
    let again = yard.join(&late).await;
    assert_eq!((&again["since"], &again["members"]), (&room["since"], &json!(4)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn coming_and_going_is_said_in_the_room_once_c8() {
    let yard = Yard::new().await;
    let path = format!("/rooms/{}/members/me", yard.room);
    yard.world.delete(&path).by(&yard.haru).expect(204).await;
    yard.world.settle().await;
    let page = yard.messages(&yard.minji, "?after=0").await;
    let events: Vec<String> =
        page["items"].as_array().into_iter().flatten().map(|message| text(&message["system"]["event"])).collect();
    assert_eq!(events, ["member.joined", "member.joined", "member.left"]);
    yard.world.get(&format!("/rooms/{}", yard.room)).by(&yard.haru).refused(403, "not_member").await;
    yard.world.delete(&path).by(&yard.haru).refused(403, "not_member").await;
    yard.world.delete(&path).by(&yard.minji).refused(409, "host_stays").await;
    assert_eq!(yard.shown(&yard.minji).await["members"], 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_joins_what_is_no_open_barter() {
    let yard = Yard::new().await;
    let world = &yard.world;
    let rental = text(&world.rental(&yard.minji, json!({})).await["id"]);
    world.post(&format!("/listings/{rental}/room"), Value::Null).by(&yard.junho).refused(404, "not_found").await;
    let nothing = format!("/listings/lst_{}/room", "0".repeat(26));
    world.post(&nothing, Value::Null).by(&yard.junho).refused(404, "not_found").await;
    let newcomer = world.newcomer("new", "새내기").await;
    let path = format!("/listings/{}/room", yard.listing);
    world.post(&path, Value::Null).by(&newcomer).refused(403, "region_needed").await;
    world.post(&path, Value::Null).expect(401).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_its_deadline_a_barter_is_not_joined_and_its_room_is_closed_c21() {
    let yard = Yard::new().await;
    yard.world.pass_hours(25).await;
    yard.world.settle().await;
    let (minji, junho) = (yard.world.demo("minji").await, yard.world.demo("junho").await);
    let late = yard.world.member("late", "늦은이", "seoul/gangnam-gu").await;
    let path = format!("/listings/{}/room", yard.listing);
    yard.world.post(&path, Value::Null).by(&late).refused(409, "wrong_status").await;
    let room = yard.shown(&junho).await;
    assert_eq!(room["status"], "closed");
    assert_eq!(room["preview"]["system"], json!({"event": "room.closed", "reason": "expired"}));
    let body = json!({"nonce": "nonce-01", "text": "아직 있나요?"});
    yard.world.post(&format!("/rooms/{}/messages", yard.room), body).by(&junho).refused(409, "room_closed").await;
    // Put up again, it opens again.
    let deadline = yard.world.in_hours(24);
    let relist = format!("/listings/{}/relist", yard.listing);
    yard.world.post(&relist, json!({"deadline": deadline})).by(&minji).expect(200).await;
    yard.world.settle().await;
    assert_eq!(yard.shown(&junho).await["status"], "open");
    yard.say(&junho, "nonce-01", "다시 왔네요").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inquiry_is_one_conversation_while_it_is_open_and_a_new_one_after_c3_d6() {
    let yard = Yard::new().await;
    let world = &yard.world;
    let path = format!("/listings/{}/inquiry", yard.listing);
    let first = world.post(&path, Value::Null).by(&yard.junho).expect(200).await.body;
    assert_eq!((&first["kind"], &first["partner"]["id"]), (&json!("inquiry"), &json!(yard.minji.id)));
    let again = world.post(&path, Value::Null).by(&yard.junho).expect(200).await.body;
    assert_eq!(first["id"], again["id"]);
    let other = world.post(&path, Value::Null).by(&yard.haru).expect(200).await.body;
    assert_ne!(first["id"], other["id"]);
    world.post(&path, Value::Null).by(&yard.minji).refused(409, "own_listing").await;
    let shown = world.get(&format!("/listings/{}", yard.listing)).expect(200).await.body;
    assert_eq!(shown["inquiries"], 2);
    world.get(&format!("/rooms/{}", text(&first["id"]))).by(&yard.haru).refused(404, "not_found").await;
    // One of the two leaves: it is over, and a new one begins.
    world.delete(&format!("/rooms/{}/members/me", text(&first["id"]))).by(&yard.minji).expect(204).await;
    world.settle().await;
    let over = world.get(&format!("/rooms/{}", text(&first["id"]))).by(&yard.junho).expect(200).await.body;
    assert_eq!((&over["status"], &over["preview"]["system"]["reason"]), (&json!("closed"), &json!("left")));
    let anew = world.post(&path, Value::Null).by(&yard.junho).expect(200).await.body;
    assert_ne!(anew["id"], first["id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inquiry_opened_ten_times_at_once_is_one() {
    let yard = Yard::new().await;
    let path = format!("/listings/{}/inquiry", yard.listing);
    let asked = (0..10).map(|_| yard.world.post(&path, Value::Null).by(&yard.junho).send());
    let replies = futures::future::join_all(asked).await;
    let mut rooms: Vec<String> =
        replies.iter().filter(|reply| reply.status == 200).map(|reply| text(&reply.body["id"])).collect();
    for reply in &replies {
        assert!(reply.status == 200 || reply.body["code"] == "request_in_progress", "{}", reply.text());
    }
    rooms.sort();
    rooms.dedup();
    assert_eq!(rooms.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_who_share_a_room_may_talk_and_others_may_not() {
    let yard = Yard::new().await;
    let world = &yard.world;
    let stranger = world.member("stranger", "낯선이", "busan/haeundae-gu").await;
    let to = |person: &Person| format!("/accounts/{}/room", person.id);
    let room = world.post(&to(&yard.haru), Value::Null).by(&yard.junho).expect(200).await.body;
    assert_eq!((&room["kind"], &room["partner"]["id"]), (&json!("direct"), &json!(yard.haru.id)));
    let other_way = world.post(&to(&yard.junho), Value::Null).by(&yard.haru).expect(200).await.body;
    assert_eq!(room["id"], other_way["id"]);
    world.post(&to(&yard.junho), Value::Null).by(&stranger).refused(403, "no_common_room").await;
    world.post(&to(&stranger), Value::Null).by(&yard.junho).refused(403, "no_common_room").await;
    world.post(&to(&yard.junho), Value::Null).by(&yard.junho).refused(404, "not_found").await;
}

// --- saying -------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_stored_and_told_to_whoever_has_the_room_open_on_every_device_c11() {
    let yard = Yard::new().await;
    let mut sender = yard.open(&yard.junho).await;
    let mut other_device = yard.open(&yard.junho).await;
    let mut reader = yard.open(&yard.minji).await;
    let frame = json!({"room": yard.room, "nonce": "nonce-01", "text": "안녕하세요"});
    let ack = sender.ask("message.send", "c1", frame).await;
    assert_eq!((&ack["type"], &ack["message"]["nonce"]), (&json!("ack"), &json!("nonce-01")));
    for client in [&mut other_device, &mut reader] {
        let told = client.told("message.created").await;
        assert_eq!(told["room"], yard.room);
        assert_eq!((&told["message"]["text"], &told["message"]["nonce"]), (&json!("안녕하세요"), &Value::Null));
        assert_eq!(told["message"]["seq"], ack["message"]["seq"]);
    }
    assert_eq!(said(&yard.messages(&yard.haru, "?limit=1").await), ["안녕하세요"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_nonce_is_the_same_message_by_frame_and_by_request_z3() {
    let yard = Yard::new().await;
    let mut client = yard.open(&yard.junho).await;
    let first = yard.say(&yard.junho, "nonce-01", "한 번").await;
    let frame = json!({"room": yard.room, "nonce": "nonce-01", "text": "한 번"});
    let ack = client.ask("message.send", "c1", frame).await;
    assert_eq!(ack["message"], first);
    let body = json!({"nonce": "nonce-01", "text": "한 번"});
    let path = format!("/rooms/{}/messages", yard.room);
    let again = yard.world.post(&path, body).by(&yard.junho).expect(200).await.body;
    assert_eq!(again["message"], first);
    let body = json!({"nonce": "nonce-01", "text": "두 번"});
    yard.world.post(&path, body.clone()).by(&yard.junho).refused(422, "nonce_reused").await;
    // Another person's nonces are their own.
    let others = yard.world.post(&path, body).by(&yard.minji).expect(201).await.body;
    assert_ne!(others["message"]["seq"], first["seq"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sends_at_once_stand_in_the_log_without_a_gap_each_once_z3() {
    let yard = Yard::new().await;
    let path = format!("/rooms/{}/messages", yard.room);
    // Every message twice, from three people, all at once.
    let sends = (0..12).flat_map(|n| {
        let person = [&yard.minji, &yard.junho, &yard.haru][n % 3];
        let body = json!({"nonce": format!("nonce-{n:02}"), "text": format!("{n}")});
        [yard.world.post(&path, body.clone()).by(person).send(), yard.world.post(&path, body).by(person).send()]
    });
    let replies = futures::future::join_all(sends).await;
    assert!(replies.iter().all(|reply| matches!(reply.status, 200 | 201)), "{replies:?}");
    for pair in replies.chunks(2) {
        assert_eq!(pair[0].body["message"]["seq"], pair[1].body["message"]["seq"], "twins are one");
    }
    let page = yard.messages(&yard.minji, "?after=0&limit=100").await;
    let seqs = seqs(&page);
    assert_eq!(seqs, (1..=u64::try_from(seqs.len()).unwrap_or_default()).collect::<Vec<_>>());
    let mut texts: Vec<String> = said(&page).into_iter().filter(|text| !text.is_empty()).collect();
    texts.sort_by_key(|text| text.parse::<u32>().unwrap_or_default());
    assert_eq!(texts, (0..12).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_long_a_message_may_be_is_said_by_the_tier_in_the_token_s6() {
    let yard = Yard::new().await;
    yard.say(&yard.junho, "nonce-01", &"가".repeat(150)).await;
    let path = format!("/rooms/{}/messages", yard.room);
    let long = json!({"nonce": "nonce-02", "text": "가".repeat(151)});
    let reply = yard.world.post(&path, long.clone()).by(&yard.junho).refused(422, "invalid_fields").await;
    assert_eq!(reply.bad_fields(), [("/text".to_owned(), "too_long".to_owned())].into());
    let mut client = yard.open(&yard.junho).await;
    let mut frame = long;
    frame["room"] = yard.room.as_str().into();
    client.refused("message.send", frame, "invalid_fields").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_malformed_message_names_every_bad_field() {
    let yard = Yard::new().await;
    let path = format!("/rooms/{}/messages", yard.room);
    for (body, fields) in [
        (json!({}), vec!["/nonce"]),
        (json!({"nonce": "short", "text": ""}), vec!["/nonce", "/text"]),
        (json!({"nonce": "nonce-01"}), vec!["/text"]),
        (
            json!({"nonce": "nonce-01", "text": "a", "media": format!("med_{}", "0".repeat(26))}),
            vec!["/media", "/text"],
        ),
        (json!({"nonce": "nonce-01", "text": "a", "replyTo": 0}), vec!["/replyTo"]),
        (json!({"nonce": "nonce-01", "text": "a", "replyTo": 99_999}), vec!["/replyTo"]),
        (json!({"nonce": "nonce-01", "text": "a", "author": yard.minji.id}), vec!["/author"]),
        (json!({"nonce": "nonce-01", "text": "숨은\u{200b}글자"}), vec!["/text"]),
    ] {
        let reply = yard.world.post(&path, body.clone()).by(&yard.junho).send().await;
        assert!(matches!(reply.status, 400 | 422), "{body}: {}", reply.text());
        assert_eq!(reply.bad_fields().keys().map(String::as_str).collect::<Vec<_>>(), fields, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_quotes_what_it_answers() {
    let yard = Yard::new().await;
    let first = yard.say(&yard.minji, "nonce-01", &"물".repeat(100)).await;
    let body = json!({"nonce": "nonce-02", "text": "네", "replyTo": first["seq"]});
    let path = format!("/rooms/{}/messages", yard.room);
    let reply = yard.world.post(&path, body).by(&yard.junho).expect(201).await.body["message"].clone();
    assert_eq!(reply["replyTo"], json!({"seq": first["seq"], "author": yard.minji.id, "text": "물".repeat(80)}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_writes_twenty_in_a_row_within_ten_seconds_waits() {
    let yard = Yard::new().await;
    for n in 0..20 {
        yard.say(&yard.junho, &format!("nonce-{n:02}"), "또").await;
    }
    let path = format!("/rooms/{}/messages", yard.room);
    let body = json!({"nonce": "nonce-20", "text": "또"});
    let reply = yard.world.post(&path, body.clone()).by(&yard.junho).refused(429, "too_many_requests").await;
    assert!(!reply.header("retry-after").is_empty());
    // What is written already is answered all the same.
    yard.world.post(&path, json!({"nonce": "nonce-07", "text": "또"})).by(&yard.junho).expect(200).await;
    yard.say(&yard.minji, "nonce-01", "그만").await;
    yard.world.post(&path, body).by(&yard.junho).expect(201).await;
}

// --- changing -----------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_author_edits_and_others_do_not_c17() {
    let yard = Yard::new().await;
    let message = yard.say(&yard.junho, "nonce-01", "처음").await;
    let mut reader = yard.open(&yard.minji).await;
    let path = format!("/rooms/{}/messages/{}", yard.room, message["seq"]);
    let edit = json!({"text": "나중", "version": 1});
    yard.world.patch(&path, edit.clone()).by(&yard.minji).refused(403, "not_author").await;
    let edited = yard.world.patch(&path, edit.clone()).by(&yard.junho).expect(200).await.body["message"].clone();
    assert_eq!((&edited["text"], &edited["version"]), (&json!("나중"), &json!(2)));
    yard.world.assert_moment(&edited["editedAt"], yard.world.now());
    let told = reader.told("message.changed").await;
    assert_eq!((&told["message"]["text"], &told["message"]["version"]), (&json!("나중"), &json!(2)));
    // The same edit again, by whoever got no answer: it is told again, since the first may have ended before.
    let again = yard.world.patch(&path, edit.clone()).by(&yard.junho).expect(200).await.body["message"].clone();
    assert_eq!(again, edited);
    assert_eq!(reader.told("message.changed").await["message"], told["message"]);
    let seen = json!({"text": "나중", "version": 2});
    yard.world.patch(&path, seen).by(&yard.junho).expect(200).await;
    reader.is_alive().await;
    assert!(reader.heard().iter().all(|frame| frame["type"] != "message.changed"), "nothing changed since it was seen");
    let stale = json!({"text": "더 나중", "version": 1});
    let conflict = yard.world.patch(&path, stale).by(&yard.junho).refused(409, "version_conflict").await;
    assert_eq!(conflict.body["version"], 2);
    let missing = format!("/rooms/{}/messages/9999", yard.room);
    yard.world.patch(&missing, edit).by(&yard.junho).refused(404, "not_found").await;
    for bad in ["0", "x", "-1"] {
        let path = format!("/rooms/{}/messages/{bad}", yard.room);
        yard.world.patch(&path, json!({"text": "a", "version": 1})).by(&yard.junho).expect(404).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_taken_back_within_five_minutes_and_by_the_host_at_any_time_c18() {
    let yard = Yard::new().await;
    let mut seqs = vec![];
    for n in 0..3 {
        seqs.push(yard.say(&yard.junho, &format!("nonce-{n:02}"), "비밀").await["seq"].clone());
    }
    let path = |seq: &Value| format!("/rooms/{}/messages/{seq}", yard.room);
    yard.world.delete(&path(&seqs[0])).by(&yard.haru).refused(403, "not_author").await;
    yard.world.stop_clock_at(yard.world.now().plus(5 * MINUTE - 1));
    let gone = yard.world.delete(&path(&seqs[0])).by(&yard.junho).expect(200).await.body["message"].clone();
    assert_eq!((&gone["text"], &gone["author"]), (&Value::Null, &json!(yard.junho.id)));
    yard.world.assert_moment(&gone["deletedAt"], yard.world.now());
    yard.world.stop_clock_at(yard.world.now().plus(1));
    yard.world.delete(&path(&seqs[1])).by(&yard.junho).refused(409, "too_late").await;
    yard.world.delete(&path(&seqs[1])).by(&yard.minji).expect(200).await;
    let mut reader = yard.open(&yard.minji).await;
    let again = yard.world.delete(&path(&seqs[0])).by(&yard.junho).expect(200).await.body["message"].clone();
    assert_eq!(again, gone);
    let told = reader.told("message.changed").await;
    assert_eq!((&told["message"]["seq"], &told["message"]["deletedAt"]), (&seqs[0], &gone["deletedAt"]), "told again");
    let edit = json!({"text": "되살리기", "version": 2});
    yard.world.patch(&path(&seqs[0]), edit).by(&yard.junho).refused(409, "message_deleted").await;
    let left = yard.messages(&yard.minji, "?limit=3").await;
    assert_eq!(said(&left), ["비밀", "", ""]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_back_is_not_shown_in_short_either_c13_c18() {
    let yard = Yard::new().await;
    let said = yard.say(&yard.junho, "nonce-001", "비밀이에요").await;
    yard.world.settle().await;
    assert_eq!(yard.shown(&yard.haru).await["preview"]["text"], "비밀이에요");
    let path = format!("/rooms/{}/messages/{}", yard.room, said["seq"]);
    let edit = json!({"version": 1, "text": "아니에요"});
    yard.world.patch(&path, edit).by(&yard.junho).expect(200).await;
    yard.world.settle().await;
    assert_eq!(yard.shown(&yard.haru).await["preview"]["text"], "아니에요");
    yard.world.delete(&path).by(&yard.junho).expect(200).await;
    yard.world.settle().await;
    assert_eq!(yard.shown(&yard.haru).await["preview"]["text"], Value::Null);
    yard.say(&yard.junho, "nonce-002", "안녕하세요").await;
    yard.world.settle().await;
    assert_eq!(yard.shown(&yard.haru).await["preview"]["text"], "안녕하세요");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reactions_are_one_a_person_and_kind_and_at_once_none_is_lost() {
    let yard = Yard::new().await;
    let message = yard.say(&yard.minji, "nonce-01", "팔렸어요").await;
    let path = |word: &str| format!("/rooms/{}/messages/{}/reactions/{word}", yard.room, message["seq"]);
    let people = [&yard.minji, &yard.junho, &yard.haru];
    let all = people.iter().map(|person| yard.world.put(&path("heart"), Value::Null).by(person).send());
    let replies = futures::future::join_all(all).await;
    assert!(replies.iter().all(|reply| reply.status == 200), "{replies:?}");
    let now = yard.messages(&yard.minji, "?limit=1").await["items"][0].clone();
    assert_eq!(now["reactions"]["heart"].as_array().map(Vec::len), Some(3));
    yard.world.delete(&path("heart")).by(&yard.junho).expect(200).await;
    let mut client = yard.open(&yard.junho).await;
    let frame = json!({"room": yard.room, "seq": message["seq"], "reaction": "eyes", "on": true});
    let ack = client.ask("message.react", "c1", frame).await;
    assert_eq!(ack["message"]["reactions"]["eyes"], json!([yard.junho.id]));
    assert_eq!(ack["message"]["reactions"]["heart"].as_array().map(Vec::len), Some(2));
    yard.world.put(&path("dislike"), Value::Null).by(&yard.junho).expect(404).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changed_while_one_was_away_is_told_by_when_it_changed_z3() {
    let yard = Yard::new().await;
    let first = yard.say(&yard.junho, "nonce-01", "하나").await;
    yard.say(&yard.junho, "nonce-02", "둘").await;
    let left = yard.world.now().plus(1000);
    yard.world.stop_clock_at(left);
    let path = format!("/rooms/{}/messages/{}", yard.room, first["seq"]);
    yard.world.patch(&path, json!({"text": "하나!", "version": 1})).by(&yard.junho).expect(200).await;
    let changed = yard.messages(&yard.minji, &format!("?changedSince={left}")).await;
    assert_eq!(said(&changed), ["하나!"]);
    let later = left.plus(1);
    assert!(said(&yard.messages(&yard.minji, &format!("?changedSince={later}")).await).is_empty());
}

// --- reading ------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_read_both_ways_page_by_page_c12() {
    let yard = Yard::new().await;
    for n in 0..5 {
        yard.say(&yard.junho, &format!("nonce-{n:02}"), &n.to_string()).await;
    }
    let mut all = vec![];
    let mut query = "?after=0&limit=2".to_owned();
    loop {
        let page = yard.messages(&yard.minji, &query).await;
        all.extend(seqs(&page));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        query = format!("?after=0&limit=2&cursor={cursor}");
    }
    assert_eq!(all, [1, 2, 3, 4, 5, 6, 7]);
    let newest = yard.messages(&yard.minji, "?limit=3").await;
    assert_eq!((seqs(&newest), &newest["seq"]), (vec![7, 6, 5], &json!(7)));
    let cursor = text(&newest["nextCursor"]);
    assert_eq!(seqs(&yard.messages(&yard.minji, &format!("?limit=3&cursor={cursor}")).await), [4, 3, 2]);
    assert_eq!(seqs(&yard.messages(&yard.minji, "?before=4").await), [3, 2, 1]);
    assert_eq!(seqs(&yard.messages(&yard.minji, "?after=6").await), [7]);
    let people = newest["people"].as_array().cloned().unwrap_or_default();
    assert_eq!(people.len(), 1, "whoever wrote the page");
    assert_eq!(people[0]["id"], yard.junho.id.as_str());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_about_the_log_that_make_no_sense_are_refused() {
    let yard = Yard::new().await;
    for query in [
        "?after=-1",
        "?after=x",
        "?before=",
        "?after=1&before=2",
        "?q=",
        "?q=a&after=1",
        "?limit=0",
        "?limit=101",
        "?since=1",
        "?changedSince=yesterday",
    ] {
        let path = format!("/rooms/{}/messages{query}", yard.room);
        let reply = yard.world.get(&path).by(&yard.junho).send().await;
        assert!(matches!(reply.status, 400 | 422), "{query}: {}", reply.text());
    }
    let path = format!("/rooms/{}/messages?cursor=forged", yard.room);
    yard.world.get(&path).by(&yard.junho).refused(400, "bad_cursor").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_are_found_in_a_room_and_not_before_one_joined() {
    let yard = Yard::new().await;
    yard.say(&yard.minji, "nonce-01", "자전거 안장").await;
    let late = yard.world.member("late", "늦은이", "seoul/gangnam-gu").await;
    yard.join(&late).await;
    yard.say(&yard.minji, "nonce-02", "Camping chair").await;
    yard.say(&yard.minji, "nonce-03", "안장은 새것").await;
    assert_eq!(said(&yard.messages(&yard.junho, "?q=%EC%95%88%EC%9E%A5").await), ["안장은 새것", "자전거 안장"]);
    assert_eq!(said(&yard.messages(&late, "?q=%EC%95%88%EC%9E%A5").await), ["안장은 새것"]);
    assert_eq!(said(&yard.messages(&late, "?q=camping").await), ["Camping chair"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_pointer_rises_and_never_runs_back_or_ahead_c14() {
    let yard = Yard::new().await;
    for n in 0..3 {
        yard.say(&yard.junho, &format!("nonce-{n:02}"), "읽어요").await;
    }
    yard.world.settle().await;
    let room = yard.shown(&yard.minji).await;
    assert_eq!((&room["unread"], &room["read"]), (&json!(5), &json!(0)));
    let mut watching = yard.open(&yard.junho).await;
    let mut own_other = yard.world.connect(&yard.minji).await;
    let path = format!("/rooms/{}/read", yard.room);
    let moved = yard.world.put(&path, json!({"seq": 4})).by(&yard.minji).expect(200).await.body;
    assert_eq!(moved, json!({"room": yard.room, "read": 4}));
    for client in [&mut watching, &mut own_other] {
        let told = client.told("read.moved").await;
        assert_eq!((&told["account"], &told["seq"]), (&json!(yard.minji.id), &json!(4)));
    }
    let back = yard.world.put(&path, json!({"seq": 2})).by(&yard.minji).expect(200).await.body;
    assert_eq!(back["read"], 4);
    let ahead = yard.world.put(&path, json!({"seq": 6})).by(&yard.minji).refused(422, "invalid_fields").await;
    assert_eq!(ahead.bad_fields(), [("/seq".to_owned(), "too_large".to_owned())].into());
    assert_eq!(yard.shown(&yard.minji).await["unread"], 1);
    let members = yard.world.get(&format!("/rooms/{}/members", yard.room)).by(&yard.junho).expect(200).await.body;
    let read =
        members["items"].as_array().into_iter().flatten().find(|one| one["account"]["id"] == yard.minji.id.as_str());
    assert_eq!(read.map(|one| &one["read"]), Some(&json!(4)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_are_listed_by_their_last_activity_with_a_preview_c13() {
    let yard = Yard::new().await;
    let world = &yard.world;
    let inquiry = format!("/listings/{}/inquiry", yard.listing);
    let inquiry = text(&world.post(&inquiry, Value::Null).by(&yard.junho).expect(200).await.body["id"]);
    world.stop_clock_at(world.now().plus(1000));
    yard.say(&yard.junho, "nonce-01", "방에서").await;
    world.settle().await;
    world.stop_clock_at(world.now().plus(1000));
    let body = json!({"nonce": "nonce-02", "text": "둘이서"});
    world.post(&format!("/rooms/{inquiry}/messages"), body).by(&yard.junho).expect(201).await;
    world.settle().await;
    let list = world.get("/rooms").by(&yard.minji).expect(200).await.body;
    let rooms = list["items"].as_array().cloned().unwrap_or_default();
    let own: Vec<(String, String)> =
        rooms.iter().take(2).map(|room| (text(&room["id"]), text(&room["preview"]["text"]))).collect();
    assert_eq!(own, [(inquiry.clone(), "둘이서".to_owned()), (yard.room.clone(), "방에서".to_owned())]);
    assert_eq!((&rooms[0]["unread"], &rooms[0]["partner"]["id"]), (&json!(1), &json!(yard.junho.id)));
    let first = world.get("/rooms?limit=1").by(&yard.minji).expect(200).await.body;
    let cursor = text(&first["nextCursor"]);
    let second = world.get(&format!("/rooms?limit=1&cursor={cursor}")).by(&yard.minji).expect(200).await.body;
    assert_eq!(second["items"][0]["id"], yard.room.as_str());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_in_a_room_that_is_not_open_is_alerted_c24() {
    let yard = Yard::new().await;
    let mut elsewhere = yard.world.connect(&yard.minji).await;
    yard.say(&yard.junho, "nonce-01", "보세요").await;
    yard.world.settle().await;
    let alert = elsewhere.told("room.activity").await;
    assert_eq!((&alert["room"], &alert["seq"], &alert["unread"]), (&json!(yard.room), &json!(3), &json!(3)));
    assert_eq!(alert["preview"]["text"], "보세요");
    // A room made later is alerted as well.
    let inquiry = format!("/listings/{}/inquiry", yard.listing);
    yard.world.post(&inquiry, Value::Null).by(&yard.haru).expect(200).await;
    yard.world.settle().await;
    let told = elsewhere.told("room.changed").await;
    assert_eq!((&told["room"]["kind"], &told["room"]["partner"]["id"]), (&json!("inquiry"), &json!(yard.haru.id)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_told_that_a_room_is_called_something_else_and_that_it_was_closed_c7() {
    let yard = Yard::new().await;
    let listing = format!("/listings/{}", yard.listing);
    let mut lists = yard.world.connect(&yard.junho).await;
    yard.world.settle().await;
    let edit = json!({"version": 1, "title": "접이식 자전거"});
    yard.world.patch(&listing, edit).by(&yard.minji).expect(200).await;
    let told = lists.told("room.changed").await;
    assert_eq!((&told["room"]["id"], &told["room"]["title"]), (&json!(yard.room), &json!("접이식 자전거")));
    assert_eq!((&told["room"]["role"], &told["room"]["status"]), (&json!("member"), &json!("open")));
    yard.world.patch(&listing, json!({"version": 2, "status": "closed"})).by(&yard.minji).expect(200).await;
    assert_eq!(lists.told("room.changed").await["room"]["status"], "closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typing_is_told_to_whoever_looks_and_stored_nowhere_c20() {
    let yard = Yard::new().await;
    let mut writer = yard.open(&yard.junho).await;
    let mut reader = yard.open(&yard.minji).await;
    writer.send(json!({"action": "typing", "room": yard.room})).await;
    let told = reader.told("typing").await;
    assert_eq!(told, json!({"type": "typing", "room": yard.room, "account": yard.junho.id}));
    let stranger = yard.world.member("stranger", "낯선이", "busan/haeundae-gu").await;
    let mut outside = yard.world.connect(&stranger).await;
    outside.refused("typing", json!({"room": yard.room}), "not_member").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_has_five_rooms_open_and_is_told_no_more_of_one_that_it_closes() {
    let yard = Yard::new().await;
    let mut client = yard.open(&yard.minji).await;
    for n in 0..5 {
        let listing = text(&yard.world.barter(&yard.minji, json!({"title": format!("{n}")})).await["id"]);
        yard.world.settle().await;
        let room = listing.replace("lst_", "room_");
        if n < 4 {
            assert_eq!(client.ask("room.open", "open", json!({"room": room})).await["type"], "ack");
        } else {
            client.refused("room.open", json!({"room": room}), "too_many_open").await;
            assert_eq!(client.ask("room.close", "c", json!({"room": yard.room})).await["type"], "ack");
            assert_eq!(client.ask("room.open", "open", json!({"room": room})).await["type"], "ack");
        }
    }
    yard.say(&yard.junho, "nonce-01", "안 보여요").await;
    client.is_alive().await;
    assert!(client.heard().iter().all(|frame| frame["type"] != "message.created"), "{:?}", client.heard());
}

// --- who may ------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_shown_out_is_dropped_told_and_kept_out_by_every_path_c10_l21() {
    let yard = Yard::new().await;
    let world = &yard.world;
    let message = yard.say(&yard.junho, "nonce-01", "실례합니다").await;
    let mut victim = yard.open(&yard.junho).await;
    let mut witness = yard.open(&yard.haru).await;
    let path = format!("/rooms/{}/members/{}", yard.room, yard.junho.id);
    world.delete(&path).by(&yard.haru).refused(403, "not_host").await;
    world.delete(&path).by(&yard.minji).expect(204).await;
    world.settle().await;
    let told = victim.told("room.removed").await;
    assert_eq!(told, json!({"type": "room.removed", "room": yard.room, "reason": "kicked"}));
    let said = witness.told("message.created").await;
    assert_eq!(said["message"]["system"]["event"], "member.kicked");
    // Nothing of the room reaches them any more.
    yard.say(&yard.minji, "nonce-02", "이제 조용하네요").await;
    victim.is_alive().await;
    assert!(victim.heard().iter().all(|frame| frame["type"] != "message.created"), "{:?}", victim.heard());

    let (room, seq) = (&yard.room, &message["seq"]);
    let by = &yard.junho;
    world.post(&format!("/listings/{}/room", yard.listing), Value::Null).by(by).refused(403, "banned").await;
    world.post(&format!("/listings/{}/inquiry", yard.listing), Value::Null).by(by).refused(403, "banned").await;
    for path in [format!("/rooms/{room}"), format!("/rooms/{room}/members"), format!("/rooms/{room}/messages")] {
        world.get(&path).by(by).refused(403, "banned").await;
    }
    let new = json!({"nonce": "nonce-09", "text": "다시"});
    world.post(&format!("/rooms/{room}/messages"), new).by(by).refused(403, "banned").await;
    // Not even what they were told of before.
    let known = json!({"nonce": "nonce-01", "text": "실례합니다"});
    world.post(&format!("/rooms/{room}/messages"), known).by(by).refused(403, "banned").await;
    let own = format!("/rooms/{room}/messages/{seq}");
    world.patch(&own, json!({"text": "a", "version": 1})).by(by).refused(403, "banned").await;
    world.delete(&own).by(by).refused(403, "banned").await;
    world.put(&format!("{own}/reactions/like"), Value::Null).by(by).refused(403, "banned").await;
    world.put(&format!("/rooms/{room}/read"), json!({"seq": 1})).by(by).refused(403, "banned").await;
    world.patch(&format!("/rooms/{room}"), json!({"muted": true})).by(by).refused(403, "banned").await;
    for (action, fields) in [
        ("room.open", json!({"room": room})),
        ("message.send", json!({"room": room, "nonce": "nonce-09", "text": "다시"})),
        ("message.edit", json!({"room": room, "seq": seq, "version": 1, "text": "a"})),
        ("message.delete", json!({"room": room, "seq": seq})),
        ("message.react", json!({"room": room, "seq": seq, "reaction": "like", "on": true})),
        ("message.read", json!({"room": room, "seq": 1})),
        ("typing", json!({"room": room})),
    ] {
        victim.refused(action, fields, "banned").await;
    }
    let rooms = world.get("/rooms").by(by).expect(200).await.body;
    assert!(rooms["items"].as_array().into_iter().flatten().all(|one| one["id"] != room.as_str()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ban_from_the_listing_ends_its_rooms_for_them_too() {
    let yard = Yard::new().await;
    let world = &yard.world;
    let inquiry = format!("/listings/{}/inquiry", yard.listing);
    let inquiry = text(&world.post(&inquiry, Value::Null).by(&yard.junho).expect(200).await.body["id"]);
    world
        .put(&format!("/listings/{}/bans/{}", yard.listing, yard.junho.id), Value::Null)
        .by(&yard.minji)
        .expect(204)
        .await;
    world.settle().await;
    world.get(&format!("/rooms/{}", yard.room)).by(&yard.junho).refused(403, "banned").await;
    let over = world.get(&format!("/rooms/{inquiry}")).by(&yard.junho).expect(200).await.body;
    assert_eq!((&over["status"], &over["preview"]["system"]["reason"]), (&json!("closed"), &json!("banned")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_find_no_conversation_and_no_way_into_a_room() {
    let yard = Yard::new().await;
    let world = &yard.world;
    let stranger = world.member("stranger", "낯선이", "busan/haeundae-gu").await;
    let inquiry = format!("/listings/{}/inquiry", yard.listing);
    let inquiry = text(&world.post(&inquiry, Value::Null).by(&yard.junho).expect(200).await.body["id"]);
    for (room, status, code) in [
        (inquiry.as_str(), 404, "not_found"),
        (yard.room.as_str(), 403, "not_member"),
        ("room_00000000000000000000000000", 404, "not_found"),
    ] {
        world.get(&format!("/rooms/{room}")).by(&stranger).refused(status, code).await;
        world.get(&format!("/rooms/{room}/messages?after=0")).by(&stranger).refused(status, code).await;
        world.get(&format!("/rooms/{room}/members")).by(&stranger).refused(status, code).await;
        world.delete(&format!("/rooms/{room}/members/me")).by(&stranger).refused(status, code).await;
        let kick = format!("/rooms/{room}/members/{}", yard.junho.id);
        world.delete(&kick).by(&stranger).refused(status, code).await;
        let mut client = world.connect(&stranger).await;
        client.refused("room.open", json!({"room": room}), code).await;
        client.refused("message.send", json!({"room": room, "nonce": "nonce-01", "text": "안녕"}), code).await;
    }
    world.get("/rooms/nonsense").by(&stranger).expect(404).await;
    // In a conversation of two nobody is host.
    let kick = format!("/rooms/{inquiry}/members/{}", yard.junho.id);
    world.delete(&kick).by(&yard.minji).refused(403, "not_host").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_listing_closes_its_rooms_and_says_why_l7() {
    let yard = Yard::new().await;
    let mut reader = yard.open(&yard.junho).await;
    yard.world.delete(&format!("/listings/{}", yard.listing)).by(&yard.minji).expect(204).await;
    yard.world.settle().await;
    let told = reader.told("message.created").await;
    assert_eq!(told["message"]["system"], json!({"event": "room.closed", "reason": "deleted"}));
    let room = yard.shown(&yard.junho).await;
    assert_eq!(room["status"], "closed");
    reader
        .refused("message.send", json!({"room": yard.room, "nonce": "nonce-01", "text": "왜요"}), "room_closed")
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_leaves_madang_is_hung_up_on_and_leaves_every_room_a20_p19() {
    let yard = Yard::new().await;
    yard.say(&yard.junho, "nonce-01", "안녕히").await;
    let mut client = yard.open(&yard.junho).await;
    yard.world.delete("/me").by(&yard.junho).json(&json!({"confirm": "delete"})).send().await;
    yard.world.settle().await;
    let gone = yard.world.get("/me").by(&yard.junho).send().await;
    assert_ne!(gone.status, 200, "{}", gone.text());
    assert_eq!(client.closed().await.map(|(code, _)| code), Some(1000));
    let page = yard.messages(&yard.minji, "").await;
    assert_eq!(page["items"][1]["text"], "안녕히", "what was said stays");
    assert!(page["people"].as_array().into_iter().flatten().all(|one| one["id"] != yard.junho.id.as_str()));
    assert_eq!(yard.shown(&yard.minji).await["members"], 2);
}

// --- presence -----------------------------------------------------------------------------------------------------

async fn seen(yard: &Yard, who: &Person) -> String {
    let members = yard.world.get(&format!("/rooms/{}/members", yard.room)).by(&yard.minji).expect(200).await.body;
    let found = members["items"].as_array().into_iter().flatten().find(|one| one["account"]["id"] == who.id.as_str());
    text(&found.map(|one| one["presence"].clone()).unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn presence_follows_connections_and_idleness_and_choice_p16() {
    let yard = Yard::new().await;
    assert_eq!(seen(&yard, &yard.junho).await, "offline");
    let mut watching = yard.open(&yard.minji).await;
    let mut client = yard.world.connect(&yard.junho).await;
    yard.world.settle().await;
    assert_eq!(seen(&yard, &yard.junho).await, "online");
    let told = watching.told("presence.changed").await;
    assert_eq!(told, json!({"type": "presence.changed", "account": yard.junho.id, "presence": "online"}));
    // By the clock alone, and by what the client says.
    yard.world.stop_clock_at(yard.world.now().plus(5 * MINUTE));
    assert_eq!(seen(&yard, &yard.junho).await, "away");
    client.ask("ping", "p1", json!({"active": true})).await;
    yard.world.settle().await;
    assert_eq!(seen(&yard, &yard.junho).await, "online");
    client.ask("ping", "p2", json!({"active": false})).await;
    yard.world.settle().await;
    assert_eq!(seen(&yard, &yard.junho).await, "away");
    let chosen = client.ask("presence.choose", "p3", json!({"choice": "invisible"})).await;
    assert_eq!((&chosen["presence"], &chosen["choice"]), (&json!("offline"), &json!("invisible")));
    assert_eq!(seen(&yard, &yard.junho).await, "offline");
    yard.world.put("/me/presence", json!({"choice": "automatic"})).by(&yard.junho).expect(200).await;
    let own = yard.world.get("/me/presence").by(&yard.junho).expect(200).await.body;
    assert_eq!(own, json!({"presence": "away", "choice": "automatic"}));
    client.close().await;
    assert_eq!(seen(&yard, &yard.junho).await, "offline");
    yard.world.put("/me/presence", json!({"choice": "busy"})).by(&yard.junho).expect(400).await;
}

// --- faults -------------------------------------------------------------------------------------------------------

async fn watching(yard: &Yard) -> usize {
    let room = RoomId::parse(&yard.room).expect("a room");
    Watches(&yard.world.table()).of_room(&room, None, None, 100).await.expect("the table answers").0.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_gone_is_forgotten_and_the_others_are_served() {
    let yard = Yard::new().await;
    yard.world.post("/_local/sockets", json!({"loseDisconnects": true})).expect(204).await;
    let lost = yard.open(&yard.junho).await;
    let mut reader = yard.open(&yard.haru).await;
    assert_eq!(watching(&yard).await, 2);
    lost.close().await;
    assert_eq!(watching(&yard).await, 2, "nobody said that it was gone");
    yard.say(&yard.minji, "nonce-01", "계세요?").await;
    assert_eq!(reader.told("message.created").await["message"]["text"], "계세요?");
    yard.world.settle().await;
    assert_eq!(watching(&yard).await, 1);
    let account = AccountId::parse(&yard.junho.id).expect("an account");
    let open = store::Connections(&yard.world.table()).of_account(&account, yard.world.now()).await;
    assert!(open.expect("the table answers").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_is_slow_or_broken_holds_up_nobody_else() {
    let yard = Yard::new().await;
    let mut limited = yard.open(&yard.junho).await;
    let broken = yard.open(&yard.junho).await;
    let mut reader = yard.open(&yard.haru).await;
    yard.world.spoil(&limited.id, json!({"posts": "once"})).await;
    yard.world.spoil(&broken.id, json!({"posts": "fail"})).await;
    yard.say(&yard.minji, "nonce-01", "모두에게").await;
    assert_eq!(reader.told("message.created").await["message"]["text"], "모두에게");
    assert_eq!(limited.told("message.created").await["message"]["text"], "모두에게", "too many once, then through");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_that_is_handled_twice_is_one_message_z3() {
    let yard = Yard::new().await;
    let mut client = yard.open(&yard.junho).await;
    yard.world.spoil(&client.id, json!({"invocations": "twice"})).await;
    let frame = json!({"room": yard.room, "nonce": "nonce-01", "text": "한 번만"});
    client.ask("message.send", "c1", frame).await;
    client.is_alive().await;
    let page = yard.messages(&yard.minji, "?after=2").await;
    assert_eq!(said(&page), ["한 번만"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_frames_a_second_are_too_many_and_a_frame_says_so() {
    let yard = Yard::new().await;
    let mut client = yard.open(&yard.junho).await;
    for n in 0..200 {
        client.send(json!({"action": "message.read", "ref": format!("r{n}"), "room": yard.room, "seq": 1})).await;
    }
    let mut refused = 0;
    for _ in 0..200 {
        let answer = client.next().await;
        if answer["type"] == "error" {
            assert_eq!(answer["problem"]["code"], "too_many_requests");
            assert!(answer["problem"]["retryAfter"].as_u64() >= Some(1));
            refused += 1;
        }
    }
    assert_eq!(refused, 180);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_that_are_told_twice_and_late_change_nothing_more() {
    let yard = Yard::new().await;
    let first = yard.say(&yard.junho, "nonce-01", "하나").await;
    yard.say(&yard.junho, "nonce-02", "둘").await;
    yard.world.settle().await;
    let before = yard.shown(&yard.minji).await;
    let image = json!({
        "pk": {"S": format!("ROOM#{}", yard.room)}, "sk": {"S": format!("MESSAGE#{:012}", 3)}, "kind": {"S": "message"},
        "room": {"S": yard.room}, "seq": {"N": "3"}, "version": {"N": "1"}, "author": {"S": yard.junho.id},
        "nonce": {"S": "nonce-01"}, "messageKind": {"S": "text"}, "text": {"S": "하나"}, "reactions": {"M": {}}, "closed": {"BOOL": false},
        "createdAt": first["createdAt"].as_str().map(|at| json!({"S": at})),
    });
    let record = json!({
        "eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "eventVersion": "1.1", "awsRegion": "ap-northeast-2",
        "dynamodb": {
            "Keys": {"pk": image["pk"], "sk": image["sk"]}, "NewImage": image, "SequenceNumber": "1",
            "SizeBytes": 1, "StreamViewType": "NEW_AND_OLD_IMAGES", "ApproximateCreationDateTime": 1_795_230_000,
        },
    });
    let reply = yard.world.invoke("changes.project", json!({"Records": [record, record]})).await.expect("it is taken");
    assert_eq!(reply, json!({"batchItemFailures": []}));
    yard.world.settle().await;
    assert_eq!(yard.shown(&yard.minji).await, before);
}
