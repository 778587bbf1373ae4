//! Large rooms and dead connections: whatever is told in a room reaches those who are there, and forgets those who are
//! not, by the function itself or, in a crowd, by one a shard (row C23).

use std::collections::HashSet;

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use domain::{
    id::{AccountId, ConnectionId, RoomId},
    lang::Lang,
    message::{Message, Nonce},
    time::HOUR,
};
use serde_json::{Value, json};
use store::{Connection, Connections, Log, Watch, Watches, keys};

use crate::{Client, Person, World};

struct Crowd {
    world: World,
    minji: Person,
    junho: Person,
    listing: String,
    room: RoomId,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Crowd {
    async fn new() -> Self {
        let world = World::seeded().await;
        let (minji, junho) = tokio::join!(world.demo("minji"), world.demo("junho"));
        let listing = text(&world.barter(&minji, json!({})).await["id"]);
        world.settle().await;
        let path = format!("/listings/{listing}/room");
        let room = text(&world.post(&path, Value::Null).by(&junho).expect(200).await.body["id"]);
        world.settle().await;
        let room = RoomId::parse(&room).expect("a room");
        Self { world, minji, junho, listing, room }
    }

    /// Leaves connections behind that had the room open and are gone, past the gateway: what the room knows of them and
    /// no more, since nothing else is looked at by whoever tells a room.
    async fn ghosts(&self, ids: impl IntoIterator<Item = String>) {
        let account = AccountId::parse(&self.minji.id).expect("an account");
        let table = aws_sdk_dynamodb::Client::new(&self.world.laptop().sdk());
        let puts: Vec<_> = ids.into_iter().map(|id| put(&watch(&self.room, &id, &account))).collect();
        let batches = puts.chunks(25).map(|batch| {
            let request = table.batch_write_item().request_items("madang-local", batch.to_vec());
            async move {
                request.send().await.expect("the table takes them").unprocessed_items.is_none_or(|all| all.is_empty())
            }
        });
        assert!(futures::future::join_all(batches).await.into_iter().all(|all| all));
    }

    /// Leaves one behind with all that is known of it: what it had open is forgotten with its own item, by the stream.
    async fn ghost(&self, id: &str) {
        let (table, now) = (self.world.table(), self.world.now());
        let id = ConnectionId::parse(id).expect("an identifier");
        let account = AccountId::parse(&self.minji.id).expect("an account");
        let connection = Connection {
            id: id.clone(),
            account: account.clone(),
            connected_at: now,
            expires_at: now.plus(HOUR),
            lang: Lang::Ko,
            active_at: now,
            idle: true,
            watching: [].into(),
        };
        Connections(&table).put(&connection).await.expect("the table answers");
        let watch = Watch { room: self.room.clone(), connection: id, account };
        Watches(&table).open(&watch, now).await.expect("a member");
        self.world.settle().await;
    }

    /// Which connections the room is thought to be open on.
    async fn watching(&self) -> HashSet<String> {
        let (table, mut all, mut after) = (self.world.table(), HashSet::new(), None);
        loop {
            let page = Watches(&table).of_room(&self.room, None, after.as_deref(), 500).await;
            let (watches, next) = page.expect("the table answers");
            all.extend(watches.into_iter().map(|watch| watch.connection.as_str().to_owned()));
            after = next;
            if after.is_none() {
                return all;
            }
        }
    }

    async fn open<'a>(&'a self, person: &Person) -> Client<'a> {
        let mut client = self.world.connect(person).await;
        self.world.settle().await;
        assert_eq!(client.ask("room.open", "open", json!({"room": self.room})).await["type"], "ack");
        client
    }

    fn path(&self, rest: &str) -> String {
        format!("/rooms/{}{rest}", self.room)
    }

    async fn say(&self, nonce: &str) -> Value {
        let body = json!({"nonce": nonce, "text": "여러분"});
        let said = self.world.post(&self.path("/messages"), body).by(&self.junho).send().await;
        assert!(matches!(said.status, 200 | 201), "{}", said.text());
        said.body["message"].clone()
    }
}

/// The item that says that a connection has a room open.
fn watch(room: &RoomId, connection: &str, account: &AccountId) -> Value {
    let connection = ConnectionId::parse(connection).expect("an identifier");
    let key = keys::watch(room, &connection);
    json!({
        "pk": key.pk, "sk": key.sk, "kind": "watch",
        "room": room, "connection": connection.as_str(), "account": account.as_str(),
    })
}

fn put(item: &Value) -> WriteRequest {
    let item = serde_dynamo::to_item(item).expect("an item");
    let put = PutRequest::builder().set_item(Some(item)).build().expect("an item");
    WriteRequest::builder().put_request(put).build()
}

/// A connection as API Gateway names them: 9 bytes in base 64.
fn ghost_id(n: usize, ghost: usize) -> String {
    format!("G{n:03}{ghost:08}")
}

/// Everything that tells a room something, each with so many ghosts in it. What is told reaches the one who listens, and
/// every ghost is forgotten.
async fn everything_with(ghosts: usize) {
    let crowd = Crowd::new().await;
    let world = &crowd.world;
    let mut listens = crowd.open(&crowd.minji).await;
    let mut acts = world.connect(&crowd.junho).await;
    world.settle().await;
    let first = crowd.say("first-message").await;
    let second = crowd.say("second-message").await;
    listens.told("message.created").await;
    listens.told("message.created").await;
    world.settle().await;
    let (room, seq) = (json!(crowd.room), &first["seq"]);
    let at = |seq: &Value, rest: &str| crowd.path(&format!("/messages/{seq}{rest}"));
    let names = [
        "send",
        "edit",
        "react",
        "unreact",
        "delete",
        "message.send",
        "message.edit",
        "message.react",
        "typing",
        "message.delete",
        "leave",
    ];
    for (n, name) in names.into_iter().enumerate() {
        crowd.ghosts((0..ghosts).map(|ghost| ghost_id(n, ghost))).await;
        assert_eq!(crowd.watching().await.len(), ghosts + 1, "{name}");
        let by = &crowd.junho;
        let frame = |fields: Value| {
            let mut frame = fields;
            frame["room"] = room.clone();
            frame
        };
        let other = &second["seq"];
        let told = match name {
            "send" => {
                crowd.say("third-message").await;
                "message.created"
            }
            "edit" => {
                world.patch(&at(seq, ""), json!({"text": "다들", "version": 1})).by(by).expect(200).await;
                "message.changed"
            }
            "react" => {
                world.put(&at(seq, "/reactions/wow"), Value::Null).by(by).expect(200).await;
                "message.changed"
            }
            "unreact" => {
                world.delete(&at(seq, "/reactions/wow")).by(by).expect(200).await;
                "message.changed"
            }
            "delete" => {
                world.delete(&at(seq, "")).by(by).expect(200).await;
                "message.changed"
            }
            "message.send" => {
                let fields = frame(json!({"nonce": "fourth-message", "text": "또", "replyTo": other}));
                assert_eq!(acts.ask(name, "c", fields).await["type"], "ack");
                "message.created"
            }
            "message.edit" => {
                let fields = frame(json!({"seq": other, "version": 1, "text": "그리고"}));
                assert_eq!(acts.ask(name, "c", fields).await["type"], "ack");
                "message.changed"
            }
            "message.react" => {
                let fields = frame(json!({"seq": other, "reaction": "fire", "on": true}));
                assert_eq!(acts.ask(name, "c", fields).await["type"], "ack");
                "message.changed"
            }
            "typing" => {
                acts.send(json!({"action": "typing", "room": room})).await;
                "typing"
            }
            "message.delete" => {
                assert_eq!(acts.ask(name, "c", frame(json!({"seq": other}))).await["type"], "ack");
                "message.changed"
            }
            _ => {
                world.delete(&crowd.path("/members/me")).by(by).expect(204).await;
                "message.created"
            }
        };
        listens.told(told).await;
        world.settle().await;
        assert_eq!(crowd.watching().await, [listens.id.clone()].into(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_tells_a_room_forgets_a_connection_that_is_gone_c23() {
    everything_with(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_is_told_shard_by_shard_and_every_live_one_is_served_c23() {
    everything_with(live::FEW).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_that_is_there_is_told_once_and_sending_to_a_crowd_costs_what_it_costs_to_a_few_c23_z9() {
    const LIVE: usize = 8;
    const GONE: usize = 1_200;
    let crowd = Crowd::new().await;
    let mut clients = vec![];
    for _ in 0..LIVE {
        clients.push(crowd.open(&crowd.minji).await);
    }
    crowd.world.settle().await;
    let said = crowd.say("to-a-few").await;
    crowd.world.settle().await;
    assert_eq!(hearings(&mut clients, &said["seq"]).await, [1; LIVE]);
    assert!(crowd.world.log_of("rooms.deliver").is_empty(), "whoever sends tells a few by itself");

    crowd.ghosts((0..GONE).map(|ghost| ghost_id(0, ghost))).await;
    assert_eq!(crowd.watching().await.len(), LIVE + GONE);
    let said = crowd.say("to-a-crowd").await;
    crowd.world.settle().await;
    assert_eq!(hearings(&mut clients, &said["seq"]).await, [1; LIVE], "each that is there, once");
    assert_eq!(crowd.world.log_of("rooms.deliver").len(), 16, "one invocation a shard");
    let live: HashSet<String> = clients.iter().map(|client| client.id.clone()).collect();
    assert_eq!(crowd.watching().await, live, "what was found gone is forgotten");

    let lines = crowd.world.log_of("rooms.send");
    let units: Vec<_> = lines.iter().filter_map(|line| line["writeUnits"].as_f64()).collect();
    assert!(units.iter().all(|units| *units <= 3.0), "two items and no more: {units:?}");
    assert_eq!(units[0], units[1], "the same for {LIVE} as for {}", LIVE + GONE);

    // The next one finds a few again.
    let said = crowd.say("to-the-rest").await;
    crowd.world.settle().await;
    assert_eq!(hearings(&mut clients, &said["seq"]).await, [1; LIVE]);
    assert_eq!(crowd.world.log_of("rooms.deliver").len(), 16);
}

/// How often each client heard a message, by its number, once it is known to have heard all that was posted before.
async fn hearings(clients: &mut [Client<'_>], seq: &Value) -> Vec<usize> {
    let mut counts = vec![];
    for client in clients {
        client.is_alive().await;
        let is_told = |frame: &&Value| frame["type"] == "message.created" && frame["message"]["seq"] == *seq;
        counts.push(client.heard().iter().filter(is_told).count());
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_forgets_a_connection_that_is_gone_by_request_and_by_frame() {
    let crowd = Crowd::new().await;
    crowd.say("first-message").await;
    // Nobody else is telling anybody anything at that moment.
    crowd.world.settle().await;
    crowd.ghost(&ghost_id(1, 1)).await;
    crowd.world.put(&crowd.path("/read"), json!({"seq": 1})).by(&crowd.junho).expect(200).await;
    crowd.world.settle().await;
    assert_eq!(crowd.watching().await.len(), 0);
    crowd.ghost(&ghost_id(2, 2)).await;
    let mut client = crowd.world.connect(&crowd.junho).await;
    let ack = client.ask("message.read", "c", json!({"room": crowd.room, "seq": 2})).await;
    assert_eq!(ack["read"], 2);
    crowd.world.settle().await;
    assert_eq!(crowd.watching().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_runs_out_of_time_is_handed_on() {
    let crowd = Crowd::new().await;
    let shard_of = |id: &str| {
        let id = ConnectionId::parse(id).expect("an identifier");
        keys::watch(&crowd.room, &id).sk.split('#').nth(1).unwrap_or_default().to_owned()
    };
    let of_one_shard = (0..).map(|n| ghost_id(0, n)).filter(|id| shard_of(id) == "0").take(510);
    crowd.ghosts(of_one_shard).await;
    let frame = json!({"type": "typing", "room": crowd.room, "account": crowd.junho.id});
    let delivery = json!({"room": crowd.room, "shard": 0, "frame": frame, "weight": "lasting", "except": null});
    let soon = std::time::Duration::from_secs(5);
    let reply = crowd.world.laptop().invoke_within("rooms.deliver", delivery, soon).await.expect("it is taken");
    assert_eq!(reply, json!({"sent": 0, "handedOn": true}));
    crowd.world.settle().await;
    assert_eq!(crowd.watching().await.len(), 0, "the rest was done by the next");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_beaten_to_a_place_in_the_log_takes_the_next_z3() {
    let crowd = Crowd::new().await;
    let log = crowd.world.table();
    let first = crowd.say("first-message").await;
    let beaten: Message = {
        let found = Log(&log).by_seq(&crowd.room, first["seq"].as_u64().unwrap_or_default()).await;
        let message = found.expect("the table answers").expect("a message");
        Message { nonce: Nonce::parse("second-message").expect("a nonce"), ..message }
    };
    // It looked at the log before the first was written: the place behind what it saw is taken.
    let appended = Log(&log).append(&beaten, None, None, crowd.world.now()).await.expect("the table answers");
    let (store::Appended::New(written) | store::Appended::Known(written)) = appended else { panic!("{appended:?}") };
    assert_eq!(Some(written.seq), first["seq"].as_u64().map(|seq| seq + 1));
    // By connections and by Madang itself, many at once.
    let mut clients = vec![];
    for _ in 0..6 {
        clients.push(crowd.world.connect(&crowd.junho).await);
    }
    let sends = clients.iter_mut().enumerate().map(|(n, client)| {
        let fields = json!({"room": crowd.room, "nonce": format!("at-once-{n}"), "text": format!("{n}")});
        async move { client.ask("message.send", "c", fields).await["message"]["seq"].as_u64() }
    });
    let mut seqs: Vec<u64> = futures::future::join_all(sends).await.into_iter().flatten().collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (written.seq + 1..=written.seq + 6).collect::<Vec<_>>());
}

/// Says of a nonce that its message may stand at the room's first place, which is another's.
async fn misplace(crowd: &Crowd, nonce: &str) {
    use aws_sdk_dynamodb::types::AttributeValue;
    let table = aws_sdk_dynamodb::Client::new(&crowd.world.laptop().sdk());
    let (pk, sk) = (AttributeValue::S(format!("NONCE#{}#{nonce}", crowd.room)), AttributeValue::S("NONCE".into()));
    let moved = table.update_item().table_name("madang-local").key("pk", pk).key("sk", sk);
    let moved = moved.update_expression("SET seq = :first").condition_expression("attribute_exists(pk)");
    moved.expression_attribute_values(":first", AttributeValue::N("1".into())).send().await.expect("it is there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_whose_place_is_anothers_moves_on_whoever_says_it_z3() {
    let crowd = Crowd::new().await;
    let world = &crowd.world;
    let mut client = world.connect(&crowd.junho).await;
    let fields = json!({"room": crowd.room, "nonce": "by-a-frame", "text": "여기요"});
    let first = client.ask("message.send", "c", fields.clone()).await["message"]["seq"].as_u64();
    misplace(&crowd, &format!("{}#by-a-frame", crowd.junho.id)).await;
    let moved = client.ask("message.send", "c", fields).await["message"]["seq"].as_u64();
    assert_eq!(moved, first.map(|seq| seq + 1));

    let first = crowd.say("by-a-request").await["seq"].as_u64();
    misplace(&crowd, &format!("{}#by-a-request", crowd.junho.id)).await;
    assert_eq!(crowd.say("by-a-request").await["seq"].as_u64(), first.map(|seq| seq + 1));

    let haru = world.demo("haru").await;
    let joined = world.post(&format!("/listings/{}/room", crowd.listing), Value::Null).by(&haru).expect(200).await.body;
    world.settle().await;
    let (pk, sk) = (format!("ROOM#{}", crowd.room), format!("MEMBER#{}", haru.id));
    let image = world.laptop().item(&pk, &sk).await.expect("a member");
    let at = domain::time::Time::parse(&text(&image["joinedAt"]["S"])).expect("a moment").ms();
    misplace(&crowd, &format!("madang#joined-{}-{at}", haru.id)).await;
    let event = json!({"Records": [{
        "eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb", "eventVersion": "1.1",
        "awsRegion": "ap-northeast-2",
        "dynamodb": {
            "Keys": {"pk": {"S": pk}, "sk": {"S": sk}}, "NewImage": image, "SequenceNumber": "1", "SizeBytes": 1,
            "StreamViewType": "NEW_AND_OLD_IMAGES", "ApproximateCreationDateTime": world.now().seconds(),
        },
    }]});
    let reply = world.invoke("changes.project", event).await.expect("it is taken");
    assert_eq!(reply, json!({"batchItemFailures": []}));
    let page = world.get(&crowd.path("/messages?limit=1")).by(&crowd.minji).expect(200).await.body;
    assert_eq!(page["items"][0]["system"]["event"], "member.joined");
    assert_eq!(joined["role"], "member");
}

// --- pictures -----------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_is_said_once_and_shown_to_members_alone_c19_m2() {
    let crowd = Crowd::new().await;
    let world = &crowd.world;
    let picture = world.picture(&crowd.junho, "message").await;
    let body = json!({"nonce": "with-picture", "media": picture});
    let path = crowd.path("/messages");
    let said = world.post(&path, body.clone()).by(&crowd.junho).expect(201).await.body["message"].clone();
    assert_eq!((&said["kind"], &said["text"]), (&json!("image"), &Value::Null));
    assert_eq!((&said["media"]["id"], &said["media"]["width"]), (&json!(picture), &json!(400)));
    world.post(&path, body).by(&crowd.junho).expect(200).await;
    let again = json!({"nonce": "other-message", "media": picture});
    let taken = world.post(&path, again).by(&crowd.junho).refused(422, "invalid_fields").await;
    assert_eq!(taken.bad_fields(), [("/media".to_owned(), "in_use".to_owned())].into());
    let others = json!({"nonce": "other-message", "media": picture});
    world.post(&path, others).by(&crowd.minji).refused(422, "invalid_fields").await;

    let file = crowd.path(&format!("/messages/{}/media", said["seq"]));
    let addresses = world.get(&file).by(&crowd.minji).expect(200).await.body;
    for name in ["url", "thumbnailUrl"] {
        let shown = world.get(addresses[name].as_str().unwrap_or_default()).expect(200).await;
        assert_eq!(shown.header("content-type"), "image/jpeg", "{name}");
    }
    let haru = world.demo("haru").await;
    world.get(&file).by(&haru).refused(403, "not_member").await;
    let reaction = crowd.path(&format!("/messages/{}/reactions/like", said["seq"]));
    world.delete(&reaction).by(&haru).refused(403, "not_member").await;
    let words = crowd.say("only-words").await;
    world.get(&crowd.path(&format!("/messages/{}/media", words["seq"]))).by(&crowd.minji).expect(404).await;

    let mut client = crowd.open(&crowd.minji).await;
    let other = world.picture(&crowd.minji, "message").await;
    let fields = json!({"room": crowd.room, "nonce": "by-a-frame", "media": other});
    assert_eq!(client.ask("message.send", "c", fields).await["message"]["kind"], "image");
    // Taken back, its file goes too.
    world.delete(&crowd.path(&format!("/messages/{}", said["seq"]))).by(&crowd.junho).expect(200).await;
    world.settle().await;
    world.get(&file).by(&crowd.minji).expect(404).await;
    assert!(!crowd.listing.is_empty());
}
