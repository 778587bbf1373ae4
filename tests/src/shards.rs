//! A room that a crowd has open: told shard by shard, and what sending costs does not grow with it (rows C23, Z9).

use std::collections::HashSet;

use domain::{
    id::{AccountId, ConnectionId, RoomId},
    lang::Lang,
    time::HOUR,
};
use futures::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use store::{Connection, Connections, Watch, Watches};

use crate::{Client, Person, World};

/// Connections that are gone and that nobody told of.
const DEAD: usize = 1_200;
/// Connections that are there.
const LIVE: usize = 8;

struct Crowd {
    world: World,
    host: Person,
    guest: Person,
    room: String,
}

impl Crowd {
    async fn new() -> Self {
        let world = World::seeded().await;
        let (host, guest) = tokio::join!(world.demo("minji"), world.demo("junho"));
        let listing = world.barter(&host, json!({})).await["id"].as_str().unwrap_or_default().to_owned();
        world.settle().await;
        let path = format!("/listings/{listing}/room");
        let room = world.post(&path, Value::Null).by(&guest).expect(200).await.body;
        world.settle().await;
        let room = room["id"].as_str().unwrap_or_default().to_owned();
        Self { world, host, guest, room }
    }

    fn id(&self) -> RoomId {
        RoomId::parse(&self.room).expect("a room")
    }

    /// Connections that somebody had the room open on and that are gone, past the gateway.
    async fn leave_behind(&self, count: usize) {
        let (table, now) = (&self.world.table(), self.world.now());
        // The item of a connection is a stranger's, each another's: only the room's is to be seen by whoever tells the
        // room.
        let stranger = |n: usize| AccountId::parse(&format!("00000000-0000-4000-8000-{n:012}")).expect("an account");
        let member = AccountId::parse(&self.guest.id).expect("an account");
        let left = (0..count).map(|n| {
            let (stranger, member) = (stranger(n), member.clone());
            async move {
                let id = ConnectionId::parse(&dead(n)).expect("an identifier");
                let connection = Connection {
                    id: id.clone(),
                    account: stranger,
                    connected_at: now,
                    expires_at: now.plus(HOUR),
                    lang: Lang::Ko,
                    active_at: now,
                    idle: false,
                    watching: std::collections::BTreeSet::new(),
                };
                Connections(table).put(&connection).await?;
                Watches(table).open(&Watch { room: self.id(), connection: id, account: member }, now).await
            }
        });
        let all: Result<Vec<()>, store::Error> = futures::stream::iter(left).buffer_unordered(16).try_collect().await;
        all.expect("the table takes them");
    }

    async fn open(&self) -> Client<'_> {
        let mut client = self.world.connect(&self.guest).await;
        let answer = client.ask("room.open", "open", json!({"room": self.room})).await;
        assert_eq!(answer["type"], "ack", "{answer}");
        client
    }

    async fn say(&self, nonce: &str) {
        let path = format!("/rooms/{}/messages", self.room);
        self.world.post(&path, json!({"nonce": nonce, "text": nonce})).by(&self.host).expect(201).await;
        self.world.settle().await;
    }

    /// Which connections the room is thought to be open on.
    async fn watching(&self) -> HashSet<String> {
        let (mut all, mut after) = (HashSet::new(), None);
        loop {
            let page = Watches(&self.world.table()).of_room(&self.id(), None, after.as_deref(), 500).await;
            let (watches, next) = page.expect("the table answers");
            all.extend(watches.into_iter().map(|watch| watch.connection.as_str().to_owned()));
            after = next;
            if after.is_none() {
                return all;
            }
        }
    }

    /// What the sends so far took of the table, one by one.
    fn units(&self, what: &str) -> Vec<f64> {
        self.world.log_of("rooms.send").iter().filter_map(|line| line[what].as_f64()).collect()
    }
}

/// A name as API Gateway makes them.
fn dead(n: usize) -> String {
    format!("AAAAAAA{n:06}AA=")
}

/// How often each client hears a message until it is known to have heard all that was posted before.
async fn hearings(clients: &mut [Client<'_>], nonce: &str) -> Vec<usize> {
    let mut counts = vec![];
    for client in clients {
        client.is_alive().await;
        let is_told = |frame: &&Value| frame["type"] == "message.created" && frame["message"]["text"] == nonce;
        counts.push(client.heard().iter().filter(is_told).count());
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_is_told_shard_by_shard_each_once_and_sending_costs_what_it_costs_to_a_few_c23_z9() {
    let crowd = Crowd::new().await;
    let mut clients = vec![];
    for _ in 0..LIVE {
        clients.push(crowd.open().await);
    }
    crowd.world.settle().await;
    crowd.say("to-a-few").await;
    assert_eq!(hearings(&mut clients, "to-a-few").await, [1; LIVE]);
    assert!(crowd.world.log_of("rooms.deliver").is_empty(), "whoever sends tells a few by itself");

    crowd.leave_behind(DEAD).await;
    crowd.world.settle().await;
    assert_eq!(crowd.watching().await.len(), LIVE + DEAD);
    crowd.say("to-a-crowd").await;
    assert_eq!(hearings(&mut clients, "to-a-crowd").await, [1; LIVE], "each that is there, once");
    let shards = crowd.world.log_of("rooms.deliver");
    assert_eq!(shards.len(), 16, "one invocation a shard");
    let live: HashSet<String> = clients.iter().map(|client| client.id.clone()).collect();
    assert_eq!(crowd.watching().await, live, "what was found gone is forgotten");

    let units = crowd.units("writeUnits");
    assert!(units.iter().all(|units| *units <= 3.0), "two items and no more: {units:?}");
    assert_eq!(units[0], units[1], "the same for {LIVE} as for {}", LIVE + DEAD);

    // The next one finds a few again.
    crowd.say("to-the-rest").await;
    assert_eq!(hearings(&mut clients, "to-the-rest").await, [1; LIVE]);
    assert_eq!(crowd.world.log_of("rooms.deliver").len(), 16);
}
