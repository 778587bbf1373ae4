//! What happens when a deadline passes (rows L9, L13, B1, N13, Z5).

use std::time::Duration;

use domain::notification::{Notice, Notification};
use domain::{
    id::AccountId,
    listing::{Listing, Status},
    time::{DAY, HOUR},
};
use serde_json::{Map, Value, json};
use store::Notifications;

use crate::{
    Person, World,
    listings::{at, fill, made, reserve, stored, text, until},
};

const GANGNAM: &str = "seoul/gangnam-gu";

async fn told(world: &World, person: &Person) -> Vec<Notification> {
    let id = AccountId::parse(&person.id).expect("an account's identifier");
    Notifications(&world.table()).latest(&id, 10).await.expect("the table answers")
}

/// The event of a schedule's run at this moment.
fn tick(world: &World) -> Value {
    json!({"source": "aws.events", "detail-type": "Scheduled Event", "time": world.now().to_string(), "detail": {}})
}

/// Moves the clock without running any schedule.
fn jump(world: &World, ms: i64) {
    world.stop_clock_at(world.now().plus(ms));
}

async fn expire(world: &World) -> Value {
    let answer = world.invoke("listings.expire", tick(world)).await.expect("the schedule does not fail");
    world.settle().await;
    answer
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

pub(crate) fn image(value: &Value) -> Value {
    let fields = value.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), attribute(value)));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// What the stream says when a listing changes.
fn change(world: &World, before: &Listing, after: &Listing) -> Value {
    let of = |listing: &Listing| {
        let mut fields = serde_json::to_value(listing).expect("a listing is JSON");
        fields["kind"] = json!("listing");
        fields["pk"] = json!(format!("LISTING#{}", listing.id));
        fields["sk"] = json!("LISTING");
        image(&fields)
    };
    json!({"Records": [{
        "eventID": "1", "eventName": "MODIFY", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
        "awsRegion": local::REGION, "eventSourceARN": "arn:aws:dynamodb:stream",
        "dynamodb": {
            "ApproximateCreationDateTime": world.now().seconds(), "SequenceNumber": "100", "SizeBytes": 1,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            "Keys": image(&json!({"pk": format!("LISTING#{}", after.id), "sk": "LISTING"})),
            "OldImage": of(before), "NewImage": of(after),
        },
    }]})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_acts_at_its_very_moment_l9_l13_z5() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listing = world.barter(&minji, json!({"deadline": world.in_hours(1)})).await;
    world.settle().await;
    let feeds = ["/listings", "/listings?sort=deadline", "/listings?region=seoul", "/listings?q=자전"];

    jump(&world, HOUR - 1);
    assert_eq!(world.get(&at(&listing)).expect(200).await.body["status"], "open");
    for feed in feeds {
        assert_eq!(world.titles(feed).await, ["자전거"], "{feed}, a millisecond before");
    }

    jump(&world, 1);
    // Nobody has written anything down, and it is over all the same.
    assert_eq!(stored(&world, &listing).await.status, Status::Open);
    assert_eq!(world.get(&at(&listing)).expect(200).await.body["status"], "expired");
    for feed in feeds {
        assert!(world.titles(feed).await.is_empty(), "{feed}, at the deadline");
    }
    let minji = world.sign_in(&minji.email).await;
    let relist = format!("{}/relist", at(&listing));
    world.post(&relist, json!({})).by(&minji).refused(400, "malformed_fields").await;
    for status in ["closed", "withdrawn"] {
        let edit = json!({"version": 1, "status": status});
        let reply = world.patch(&at(&listing), edit).by(&minji).refused(409, "wrong_status").await;
        assert_eq!(reply.body["listingStatus"], "expired");
    }
    let again = world.post(&relist, json!({"deadline": world.in_hours(1)})).by(&minji).expect(200).await.body;
    assert_eq!(again["status"], "open");
    world.settle().await;
    assert_eq!(world.titles("/listings?sort=deadline").await, ["자전거"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_does_not_bring_back_what_expired_whether_or_not_it_was_written_down_l9_l10_z5() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    for schedule_ran in [false, true] {
        let minji = world.sign_in(&minji.email).await;
        let listing = world.barter(&minji, json!({"deadline": world.in_hours(1)})).await;
        world.settle().await;
        jump(&world, HOUR);
        if schedule_ran {
            expire(&world).await;
        }
        let minji = world.sign_in(&minji.email).await;
        let version = stored(&world, &listing).await.version;
        let edit = json!({"version": version, "title": "새 제목", "deadline": world.in_hours(9)});
        let edited = world.patch(&at(&listing), edit).by(&minji).expect(200).await.body;
        assert_eq!(edited["status"], "expired", "the schedule ran: {schedule_ran}");
        world.settle().await;
        assert!(world.titles("/listings").await.is_empty(), "the schedule ran: {schedule_ran}");
        // The new deadline is kept for when it is put up again.
        let again = world.post(&format!("{}/relist", at(&listing)), json!({})).by(&minji).expect(200).await.body;
        assert_eq!(again["deadline"], world.in_hours(9));
        world.delete(&at(&listing)).by(&minji).expect(204).await;
        world.settle().await;
    }
    assert_eq!(told(&world, &minji).await.len(), 2, "of each passing the owner was told once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schedule_writes_down_what_expired_and_tells_the_owner_l9_b1_n13() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listing = world.barter(&minji, json!({"deadline": world.in_hours(2)})).await;
    world.barter(&minji, json!({"title": "나중", "deadline": world.in_hours(30)})).await;
    let deadline = world.now().plus(2 * HOUR);
    // A cloud whose clock stands notes a schedule at its first movement and runs it at the next.
    world.pass_hours(1).await;
    assert!(told(&world, &minji).await.is_empty());
    world.pass_hours(1).await;
    assert_eq!(stored(&world, &listing).await.status, Status::Expired);
    assert_eq!(world.titles("/listings?status=expired").await, ["자전거"]);
    assert_eq!(world.titles("/listings").await, ["나중"]);
    let minji = world.sign_in(&minji.email).await;
    let own = world.get("/me/listings?status=expired").by(&minji).expect(200).await.body;
    assert_eq!(crate::titles_in(&own), ["자전거"]);
    let told = told(&world, &minji).await;
    assert_eq!(told.len(), 1);
    let Notice::ListingExpired { listing: expired, title } = &told[0].notice else { panic!("{:?}", told[0]) };
    assert_eq!((json!(expired), title.as_str()), (listing["id"].clone(), "자전거"));
    assert_eq!((told[0].read, told[0].created_at), (false, deadline));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_owner_is_told_once_though_schedule_and_stream_come_twice_n13_b1() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listing = world.barter(&minji, json!({"deadline": world.in_hours(1)})).await;
    let before = stored(&world, &listing).await;
    jump(&world, HOUR);
    // Two runs at once, and one more.
    let (one, other) =
        tokio::join!(world.invoke("listings.expire", tick(&world)), world.invoke("listings.expire", tick(&world)),);
    let written = [one, other].map(|run| run.expect("neither run fails")["expired"].as_u64().unwrap_or_default());
    assert_eq!(written.iter().sum::<u64>(), 1, "one of them wrote it down");
    assert_eq!(expire(&world).await, json!({"expired": 0, "finished": true}));
    // The stream delivers at least once.
    let after = stored(&world, &listing).await;
    for _ in 0..2 {
        let reply = world.invoke("changes.project", change(&world, &before, &after)).await;
        assert_eq!(reply, Ok(json!({"batchItemFailures": []})));
    }
    assert_eq!(told(&world, &minji).await.len(), 1);
    assert_eq!(world.titles("/listings?status=expired").await, ["자전거"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_that_expires_twice_is_told_twice_n13_l10() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listing = world.barter(&minji, json!({"deadline": world.in_hours(1)})).await;
    jump(&world, HOUR);
    expire(&world).await;
    let minji = world.sign_in(&minji.email).await;
    let relist = json!({"deadline": world.in_hours(1)});
    world.post(&format!("{}/relist", at(&listing)), relist).by(&minji).expect(200).await;
    jump(&world, HOUR);
    expire(&world).await;
    assert_eq!(told(&world, &minji).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_was_cut_short_is_taken_up_by_the_next_b1_l9() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listings: Vec<_> = (0..150).map(|n| made(&minji, n, "물건", until(&world, 1), world.now())).collect();
    fill(&world, &listings).await;
    jump(&world, HOUR);
    // Killed again and again, a little later each time, as a function is at its time limit.
    for ms in [1, 10, 30] {
        let run = world.invoke("listings.expire", tick(&world));
        let _ = tokio::time::timeout(Duration::from_millis(ms), run).await;
    }
    let last = expire(&world).await;
    assert_eq!(last["finished"], true);
    let expired = crate::listings::all_pages(&world, "/listings?status=expired&limit=100", None).await;
    assert_eq!(expired.len(), 150);
    assert_eq!(expire(&world).await["expired"], 0, "nothing is left");
    let id = AccountId::parse(&minji.id).expect("an account's identifier");
    let told = Notifications(&world.table()).latest(&id, 500).await.expect("the table answers");
    assert_eq!(told.len(), 150, "each is told once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fell_due_while_the_schedule_stood_still_for_a_month_is_found_b1_l9() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    expire(&world).await;
    for (title, hours) in [("하루", 24), ("열흘", 240), ("한 달", 720)] {
        world.barter(&minji, json!({"title": title, "deadline": world.in_hours(hours)})).await;
    }
    jump(&world, 31 * DAY);
    assert_eq!(expire(&world).await, json!({"expired": 3, "finished": true}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promised_a_closed_and_a_rental_listing_do_not_expire_l9_l8() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let promised = world.barter(&minji, json!({"deadline": world.in_hours(1)})).await;
    reserve(&world, &promised).await;
    let closed = world.barter(&minji, json!({"deadline": world.in_hours(1)})).await;
    world.patch(&at(&closed), json!({"version": 1, "status": "closed"})).by(&minji).expect(200).await;
    let rental = world.rental(&minji, json!({})).await;
    jump(&world, 2 * HOUR);
    assert_eq!(expire(&world).await["expired"], 0);
    for (listing, status) in [(&promised, "reserved"), (&closed, "closed"), (&rental, "open")] {
        assert_eq!(text(&world.get(&at(listing)).expect(200).await.body["status"]), status);
    }
    assert!(told(&world, &minji).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_that_was_moved_or_a_listing_that_went_is_not_expired_l9_l6_l7() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let moved = world.barter(&minji, json!({"deadline": world.in_hours(1)})).await;
    let edit = json!({"version": 1, "deadline": world.in_hours(5)});
    world.patch(&at(&moved), edit).by(&minji).expect(200).await;
    let gone = world.barter(&minji, json!({"deadline": world.in_hours(1)})).await;
    world.delete(&at(&gone)).by(&minji).expect(204).await;
    world.settle().await;
    jump(&world, 2 * HOUR);
    assert_eq!(expire(&world).await["expired"], 0);
    assert_eq!(world.titles("/listings?sort=deadline").await, ["자전거"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_out_of_time_hands_over_to_itself_b1_l9() {
    let world = World::new().await;
    let owner = world.member("minji", "민지", GANGNAM).await;
    world.barter(&owner, json!({"deadline": world.in_hours(1)})).await;
    world.settle().await;
    jump(&world, HOUR);
    // Two seconds are kept for handing over: of two none is left to work in.
    let cut = world.laptop().invoke_within("listings.expire", tick(&world), Duration::from_secs(2)).await;
    assert_eq!(cut.expect("it does not fail"), json!({"expired": 0, "finished": false}));
    world.settle().await;
    assert_eq!(world.titles("/listings?status=expired").await.len(), 1, "what it handed over was done");
}
