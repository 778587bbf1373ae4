//! What is put up, shown, edited, taken back and deleted (rows L1–L21, X5, P18, D25, Z5, Z9).

use std::collections::BTreeMap;

use domain::{
    id::{AccountId, CategoryId, ListingId},
    listing::{Listing, Status, Step, Terms},
    region::{Region, Scope},
    text::{Description, Title, Wish},
    time::{HOUR, MINUTE, Time},
};
use edge::Row;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use store::{Bookmarks, Listings, NewListing};

use crate::{Person, World, titles_in};

/// A district that most tests happen in.
const GANGNAM: &str = "seoul/gangnam-gu";

/// Where a listing is.
pub(crate) fn at(listing: &Value) -> String {
    format!("/listings/{}", text(&listing["id"]))
}

/// A text in a reply.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Lets a minute pass without running any schedule, so that what follows is newer.
pub(crate) fn a_minute_later(world: &World) {
    world.stop_clock_at(world.now().plus(MINUTE));
}

/// A listing as the table has it.
pub(crate) async fn stored(world: &World, listing: &Value) -> Listing {
    let id = ListingId::parse(&text(&listing["id"])).expect("a listing's identifier");
    let found = Listings(&world.table()).by_id_now(&id).await.expect("the table answers");
    found.expect("the listing is there")
}

/// Promises a listing to somebody: deals come with a later part of the product, the status is there already.
pub(crate) async fn reserve(world: &World, listing: &Value) {
    let before = stored(world, listing).await;
    let after = before.clone().step(Step::Reserve, world.now()).expect("an open listing can be promised");
    Listings(&world.table()).save(&before, &after, world.now()).await.expect("nobody else edits it");
    world.settle().await;
}

/// A listing that is put straight into the table, for tests that need many.
pub(crate) fn made(owner: &Person, number: u32, title: &str, terms: Terms, now: Time) -> Listing {
    // Numbers padded to a ULID's length: identifiers that are different and well formed.
    let id = ListingId::parse(&format!("lst_01K9ZX3V5M8QJ4T0N2R6W{number:05}")).expect("a well-formed identifier");
    Listing {
        id,
        owner: AccountId::parse(&owner.id).expect("an account's identifier"),
        terms,
        title: Title::parse(title).expect("a title"),
        description: Description::parse("많이 있습니다").expect("a description"),
        category: CategoryId::parse("sports").expect("a category"),
        region: Region::parse(GANGNAM).expect("a district"),
        pictures: vec![],
        status: Status::Open,
        bookmarks: 0,
        inquiries: 0,
        created_at: now,
        listed_at: now,
        updated_at: now,
        hidden: false,
        version: 1,
    }
}

/// Terms of a barter that ends so many hours from now.
pub(crate) fn until(world: &World, hours: i64) -> Terms {
    Terms::Barter { wants: Wish::parse("의자").expect("a wish"), deadline: world.now().plus(hours * HOUR) }
}

/// Puts listings into the table.
pub(crate) async fn fill(world: &World, listings: &[Listing]) {
    let table = world.table();
    for listing in listings {
        let new = NewListing { listing, receipt: None };
        Listings(&table).create(new).await.expect("a listing of its own identifier");
    }
    world.settle().await;
}

fn error_codes(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
}

fn barter_body(world: &World) -> Value {
    json!({
        "kind": "barter", "title": "자전거", "description": "잘 나갑니다", "category": "sports",
        "wants": "캠핑 의자", "deadline": world.in_hours(24),
    })
}

fn rental_body() -> Value {
    json!({
        "kind": "rental", "title": "드릴", "description": "비트 포함", "category": "household",
        "section": "lend", "price": 5000, "unit": "day",
    })
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

// Putting up.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_barter_with_two_pictures_is_put_up_in_the_owners_district_l1_l2_l3() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let (cover, other) = (world.picture(&minji, "listing").await, world.picture(&minji, "listing").await);
    let body = with(barter_body(&world), "pictures", json!([cover, other]));
    let reply = world.post("/listings", body).by(&minji).expect(201).await;
    let listing = &reply.body;
    assert_eq!(reply.header("location"), at(listing));
    assert_eq!(listing["kind"], "barter");
    assert_eq!(listing["region"]["id"], GANGNAM);
    assert_eq!(listing["region"]["nameKo"], "서울 강남구");
    assert_eq!(listing["ownerId"], minji.id);
    assert_eq!(listing["deadline"], world.in_hours(24));
    assert_eq!(listing["status"], "open");
    assert_eq!(listing["cover"]["id"], cover, "the first picture is the cover");
    assert_eq!(listing["pictures"][1]["id"], other);
    assert_eq!(listing["section"], Value::Null);
    assert_eq!(world.get(&at(listing)).by(&minji).expect(200).await.body, *listing);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rental_may_be_free_or_to_be_agreed_on_or_have_a_price_for_a_unit_l1_l4() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let priced = world.rental(&minji, json!({"price": 10_000_000, "unit": "month"})).await;
    assert_eq!((&priced["price"], &priced["unit"]), (&json!(10_000_000), &json!("month")));
    assert_eq!(priced["section"], "lend");
    assert_eq!(priced["deadline"], Value::Null);
    let free = world.rental(&minji, json!({"price": 0, "unit": null, "section": "borrow"})).await;
    assert_eq!((&free["price"], &free["section"]), (&json!(0), &json!("borrow")));
    let open = world.rental(&minji, json!({"price": null, "unit": null})).await;
    assert_eq!(open["price"], Value::Null);
    let hourly = world.rental(&minji, json!({"price": 1, "unit": "hour"})).await;
    assert_eq!(hourly["unit"], "hour");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bad_field_of_a_barter_is_named_at_once_l1_l3() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let body = json!({
        "kind": "barter", "title": "가".repeat(3_000), "description": "아래\u{7}위", "category": "Not A Category",
        "wants": "캠\u{200b}핑", "deadline": "내일", "pictures": ["nothing"],
    });
    let reply = world.post("/listings", body).by(&minji).refused(422, "invalid_fields").await;
    let wanted = error_codes(&[
        ("/title", "too_long"),
        ("/description", "hidden_characters"),
        ("/category", "malformed"),
        ("/wants", "hidden_characters"),
        ("/deadline", "malformed"),
        ("/pictures/0", "malformed"),
    ]);
    assert_eq!(reply.bad_fields(), wanted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_unknown_and_mistyped_fields_are_named_at_once_l1_l4() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let body = json!({"kind": "rental", "title": 5, "section": "sell", "price": "5000", "owner": "somebody"});
    let reply = world.post("/listings", body).by(&minji).refused(400, "malformed_fields").await;
    let wanted = error_codes(&[
        ("/title", "wrong_type"),
        ("/description", "missing"),
        ("/category", "missing"),
        ("/section", "unknown_value"),
        ("/price", "wrong_type"),
        ("/owner", "unknown_field"),
    ]);
    assert_eq!(reply.bad_fields(), wanted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_kind_takes_what_belongs_to_the_other_l3_l4() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    for body in [
        with(barter_body(&world), "price", json!(1)),
        with(rental_body(), "wants", json!("의자")),
        with(barter_body(&world), "kind", json!("gift")),
        with(barter_body(&world), "kind", Value::Null),
        json!([]),
        json!({}),
    ] {
        world.post("/listings", body).by(&minji).refused(400, "malformed_fields").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_price_is_a_whole_number_from_nothing_to_ten_million_l4() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    for (price, status, code) in [
        (json!(-1), 422, "too_small"),
        (json!(10_000_001), 422, "too_large"),
        (json!(u64::MAX), 422, "too_large"),
        (json!(1e30), 400, "wrong_type"),
        (json!(0.5), 400, "wrong_type"),
        (json!("5000"), 400, "wrong_type"),
        (json!(true), 400, "wrong_type"),
        (json!([1]), 400, "wrong_type"),
    ] {
        let reply =
            world.post("/listings", with(rental_body(), "price", price.clone())).by(&minji).expect(status).await;
        assert_eq!(reply.bad_fields(), error_codes(&[("/price", code)]), "{price}");
    }
    let unitless = with(rental_body(), "unit", Value::Null);
    let reply = world.post("/listings", unitless).by(&minji).expect(400).await;
    assert_eq!(reply.bad_fields(), error_codes(&[("/unit", "missing")]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadline_is_ahead_on_the_hour_and_at_most_ninety_days_off_l3() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    for (deadline, code) in [
        (world.in_hours(0), "past"),
        (world.in_hours(-1), "past"),
        (world.now().plus(HOUR + 1).to_string(), "not_on_the_hour"),
        (world.in_hours(90 * 24 + 1), "too_far"),
        (world.in_hours(3_650 * 24), "too_far"),
    ] {
        let body = with(barter_body(&world), "deadline", json!(deadline));
        let reply = world.post("/listings", body).by(&minji).refused(422, "invalid_fields").await;
        assert_eq!(reply.bad_fields(), error_codes(&[("/deadline", code)]), "{deadline}");
    }
    world.barter(&minji, json!({"deadline": world.in_hours(90 * 24)})).await;
    // An offset is another spelling of the same moment.
    let korean = world.barter(&minji, json!({"deadline": "2026-11-21T22:00:00+09:00"})).await;
    assert_eq!(korean["deadline"], "2026-11-21T13:00:00.000Z");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_title_has_1_to_31_characters_that_can_be_seen_l3() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    for (title, code) in [
        (String::new(), "too_short"),
        ("   ".to_owned(), "too_short"),
        ("가".repeat(32), "too_long"),
        ("a".repeat(3_000), "too_long"),
        ("자\u{200b}전거".to_owned(), "hidden_characters"),
        ("자\u{202e}전거".to_owned(), "hidden_characters"),
        ("자\n전거".to_owned(), "hidden_characters"),
        ("자\u{0}전거".to_owned(), "hidden_characters"),
    ] {
        let body = with(barter_body(&world), "title", json!(title));
        let reply = world.post("/listings", body).by(&minji).refused(422, "invalid_fields").await;
        assert_eq!(reply.bad_fields(), error_codes(&[("/title", code)]), "{title:?}");
    }
    let longest = world.barter(&minji, json!({"title": "가".repeat(31)})).await;
    assert_eq!(text(&longest["title"]).chars().count(), 31);
    let trimmed = world.barter(&minji, json!({"title": "  자전거 👨\u{200d}👩\u{200d}👧 "})).await;
    assert_eq!(trimmed["title"], "자전거 👨\u{200d}👩\u{200d}👧");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_are_the_owners_ready_and_used_nowhere_else_l2() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let mine = world.picture(&minji, "listing").await;
    let theirs = world.picture(&junho, "listing").await;
    let profile = world.picture(&minji, "profile").await;
    let used = world.picture(&minji, "listing").await;
    let owner_of_used = world.barter(&minji, json!({"pictures": [used]})).await;
    let waiting = text(&world.begin_upload(&minji, "listing", "image/jpeg", 100).await["id"]);
    let begun = world.begin_upload(&minji, "listing", "image/jpeg", 4).await;
    world.upload(&begun, b"text".to_vec()).await;
    world.settle().await;
    let rejected = text(&begun["id"]);
    for (pictures, field, code) in [
        (json!([mine, theirs]), "/pictures/1", "not_found"),
        (json!(["med_01K9ZX3V5M8QJ4T0N2R6W7Y1ZZ"]), "/pictures/0", "not_found"),
        (json!([profile]), "/pictures/0", "not_together"),
        (json!([used]), "/pictures/0", "in_use"),
        (json!([mine, waiting]), "/pictures/1", "not_ready"),
        (json!([rejected]), "/pictures/0", "malformed"),
        (json!([mine, mine]), "/pictures/1", "duplicate"),
        (json!([owner_of_used["id"]]), "/pictures/0", "malformed"),
        (json!(["a", "b", "c", "d", "e", "f"].map(|_| mine.clone())), "/pictures", "too_long"),
    ] {
        let body = with(barter_body(&world), "pictures", pictures.clone());
        let reply = world.post("/listings", body).by(&minji).refused(422, "invalid_fields").await;
        assert_eq!(reply.bad_fields(), error_codes(&[(field, code)]), "{pictures}");
    }
    // All or nothing: what was named beside a bad one is still free.
    world.barter(&minji, json!({"pictures": [mine]})).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_listings_that_race_for_one_picture_one_gets_it_l2() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let picture = world.picture(&minji, "listing").await;
    let body = with(barter_body(&world), "pictures", json!([picture]));
    let replies = join_all((0..5).map(|_| world.post("/listings", body.clone()).by(&minji).send())).await;
    let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 409, 422].contains(status)), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_no_home_district_is_told_to_store_one_l1() {
    let world = World::new().await;
    let newcomer = world.newcomer("minji", "민지").await;
    world.post("/listings", barter_body(&world)).by(&newcomer).refused(403, "region_needed").await;
    world.post("/listings", barter_body(&world)).expect(401).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_again_is_answered_again_and_done_once_l1() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let put_up = |body: Value| world.post("/listings", body).by(&minji).header("idempotency-key", "k-1");
    let first = put_up(rental_body()).expect(201).await;
    let again = put_up(rental_body()).expect(201).await;
    assert_eq!(again.body, first.body);
    assert_eq!(again.header("idempotency-replayed"), "true");
    put_up(with(rental_body(), "title", json!("다른 것"))).refused(422, "idempotency_key_reused").await;
    assert_eq!(titles_in(&world.get("/me/listings").by(&minji).expect(200).await.body).len(), 1);
}

// Categories.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifteen_categories_come_along_and_an_administrator_adds_renames_and_hides_l5() {
    let world = World::seeded().await;
    let (admin, minji) = (world.demo("admin").await, world.demo("minji").await);
    let fifteen = world.get("/categories").expect(200).await;
    assert_eq!(fifteen.body["items"].as_array().map(Vec::len), Some(15));
    assert_eq!(fifteen.body["items"][0]["nameKo"], "디지털/가전");

    let tools = json!({"id": "tools", "nameKo": "공구", "nameEn": "Tools", "place": 15});
    let made = world.post("/admin/categories", tools.clone()).by(&admin).expect(201).await;
    assert_eq!((&made.body["version"], &made.body["hidden"]), (&json!(1), &json!(false)));
    world.post("/admin/categories", tools).by(&admin).refused(409, "category_exists").await;
    let sports = json!({"id": "sports", "nameKo": "공구", "nameEn": "Tools", "place": 15});
    world.post("/admin/categories", sports).by(&admin).refused(409, "category_exists").await;
    let all = world.get("/categories").expect(200).await.body;
    assert_eq!(all["items"][1]["id"], "tools", "it stands in its place");
    let listing = world.barter(&minji, json!({"category": "tools"})).await;

    let renamed = json!({"version": 1, "nameKo": "연장", "hidden": true});
    let after = world.patch("/admin/categories/tools", renamed.clone()).by(&admin).expect(200).await.body;
    assert_eq!((&after["nameKo"], &after["nameEn"], &after["hidden"]), (&json!("연장"), &json!("Tools"), &json!(true)));
    let conflict = world.patch("/admin/categories/tools", renamed).by(&admin).refused(409, "version_conflict").await;
    assert_eq!(conflict.body["version"], 2);

    // Hidden: no new listings, neither put there nor moved there; the old one stays.
    let hidden = with(barter_body(&world), "category", json!("tools"));
    let reply = world.post("/listings", hidden).by(&minji).refused(422, "invalid_fields").await;
    assert_eq!(reply.bad_fields(), error_codes(&[("/category", "not_found")]));
    let unknown = with(barter_body(&world), "category", json!("spaceships"));
    let reply = world.post("/listings", unknown).by(&minji).refused(422, "invalid_fields").await;
    assert_eq!(reply.bad_fields(), error_codes(&[("/category", "not_found")]));
    assert_eq!(world.get(&at(&listing)).expect(200).await.body["category"], "tools");
    let other = world.barter(&minji, json!({})).await;
    let moved = json!({"version": 1, "category": "tools"});
    world.patch(&at(&other), moved).by(&minji).refused(422, "invalid_fields").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_category_that_came_along_is_renamed_from_version_0_l5() {
    let world = World::seeded().await;
    let admin = world.demo("admin").await;
    let edit = json!({"version": 0, "nameEn": "Sport"});
    let races = join_all((0..2).map(|_| world.patch("/admin/categories/sports", edit.clone()).by(&admin).send())).await;
    let mut statuses: Vec<u16> = races.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "of two edits of one version one wins");
    let all = world.get("/categories").expect(200).await.body;
    let sports = all["items"].as_array().into_iter().flatten().find(|category| category["id"] == "sports");
    assert_eq!(sports.map(|category| &category["nameEn"]), Some(&json!("Sport")));
    assert_eq!(all["items"].as_array().map(Vec::len), Some(15));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_but_an_administrator_changes_categories_l5() {
    let world = World::seeded().await;
    let (admin, minji) = (world.demo("admin").await, world.demo("minji").await);
    let new = json!({"id": "tools", "nameKo": "공구", "nameEn": "Tools", "place": 15});
    let edit = json!({"version": 0, "hidden": true});
    world.post("/admin/categories", new.clone()).by(&minji).refused(403, "admin_only").await;
    world.patch("/admin/categories/sports", edit.clone()).by(&minji).refused(403, "admin_only").await;
    world.post("/admin/categories", new).expect(401).await;
    world.patch("/admin/categories/sports", edit.clone()).expect(401).await;
    world.patch("/admin/categories/spaceships", edit).by(&admin).refused(404, "not_found").await;
    let bad = json!({"id": "Tools!", "nameKo": "", "nameEn": "x".repeat(31), "place": -1});
    let reply = world.post("/admin/categories", bad).by(&admin).send().await;
    assert!([400, 422].contains(&reply.status), "{}", reply.text());
    assert_eq!(reply.bad_fields().keys().collect::<Vec<_>>(), ["/id", "/nameEn", "/nameKo", "/place"]);
    let nothing = json!({"nameKo": "연장"});
    let reply = world.patch("/admin/categories/sports", nothing).by(&admin).refused(400, "malformed_fields").await;
    assert_eq!(reply.bad_fields(), error_codes(&[("/version", "missing")]));
}

// Editing.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_edits_the_text_the_terms_and_the_pictures_l6_m5() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let (first, second) = (world.picture(&minji, "listing").await, world.picture(&minji, "listing").await);
    let listing = world.barter(&minji, json!({"pictures": [first]})).await;
    let edit = json!({
        "version": 1, "title": "세발자전거", "description": "작습니다\n튼튼해요", "category": "kids", "wants": "책",
        "deadline": world.in_hours(48), "pictures": [second],
    });
    let edited = world.patch(&at(&listing), edit).by(&minji).expect(200).await.body;
    assert_eq!(edited["title"], "세발자전거");
    assert_eq!(edited["description"], "작습니다\n튼튼해요");
    assert_eq!(edited["deadline"], world.in_hours(48));
    assert_eq!(edited["cover"]["id"], second);
    assert_eq!((&edited["version"], &edited["status"]), (&json!(2), &json!("open")));
    assert_eq!(world.get(&at(&listing)).by(&minji).expect(200).await.body, edited);
    // What was taken out is free again, what came in is not.
    let used = |id: &str| format!("/media/{id}");
    assert_eq!(world.get(&used(&first)).by(&minji).expect(200).await.body["used"], false);
    assert_eq!(world.get(&used(&second)).by(&minji).expect(200).await.body["used"], true);
    let rest = json!({"version": 2, "pictures": [second, first]});
    let both = world.patch(&at(&listing), rest).by(&minji).expect(200).await.body;
    assert_eq!(both["pictures"].as_array().map(Vec::len), Some(2));
    let none = world.patch(&at(&listing), json!({"version": 3, "pictures": []})).by(&minji).expect(200).await.body;
    assert_eq!(none["cover"], Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rentals_price_is_cleared_by_null_and_kept_when_left_out_l6_l4() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listing = world.rental(&minji, json!({})).await;
    let kept = world.patch(&at(&listing), json!({"version": 1, "section": "borrow"})).by(&minji).expect(200).await.body;
    assert_eq!((&kept["price"], &kept["section"]), (&json!(5000), &json!("borrow")));
    let cleared = json!({"version": 2, "price": null, "unit": null});
    let cleared = world.patch(&at(&listing), cleared).by(&minji).expect(200).await.body;
    assert_eq!((&cleared["price"], &cleared["unit"]), (&Value::Null, &Value::Null));
    let unitless = json!({"version": 3, "price": 100});
    let reply = world.patch(&at(&listing), unitless).by(&minji).expect(400).await;
    assert_eq!(reply.bad_fields(), error_codes(&[("/unit", "missing")]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_is_checked_as_strictly_as_what_is_put_up_l6() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let theirs = world.picture(&junho, "listing").await;
    let barter = world.barter(&minji, json!({})).await;
    let rental = world.rental(&minji, json!({})).await;
    for (listing, edit, status, wanted) in [
        (
            &barter,
            json!({"title": "가".repeat(3_000), "wants": ""}),
            422,
            vec![("/title", "too_long"), ("/wants", "too_short")],
        ),
        (&barter, json!({"deadline": world.in_hours(-1)}), 422, vec![("/deadline", "past")]),
        (&barter, json!({"deadline": world.in_hours(3_650 * 24)}), 422, vec![("/deadline", "too_far")]),
        (
            &barter,
            json!({"price": 1, "unit": "day", "section": "lend"}),
            422,
            vec![("/price", "not_together"), ("/section", "not_together"), ("/unit", "not_together")],
        ),
        (
            &rental,
            json!({"wants": "책", "deadline": world.in_hours(1)}),
            422,
            vec![("/deadline", "not_together"), ("/wants", "not_together")],
        ),
        (&rental, json!({"price": -5}), 422, vec![("/price", "too_small")]),
        (&rental, json!({"pictures": [theirs]}), 422, vec![("/pictures/0", "not_found")]),
        (&rental, json!({"category": "spaceships"}), 422, vec![("/category", "not_found")]),
        (&rental, json!({"owner": junho.id}), 400, vec![("/owner", "unknown_field")]),
        (&rental, json!({"status": "reserved"}), 400, vec![("/status", "unknown_value")]),
        (&rental, json!({"status": "expired"}), 400, vec![("/status", "unknown_value")]),
        (&rental, json!({"status": "open"}), 400, vec![("/status", "unknown_value")]),
    ] {
        let edit = with(edit, "version", json!(1));
        let reply = world.patch(&at(listing), edit.clone()).by(&minji).expect(status).await;
        assert_eq!(reply.bad_fields(), error_codes(&wanted), "{edit}");
    }
    let reply = world.patch(&at(&rental), json!({"title": "드릴"})).by(&minji).refused(400, "malformed_fields").await;
    assert_eq!(reply.bad_fields(), error_codes(&[("/version", "missing")]));
    assert_eq!(world.get(&at(&rental)).by(&minji).expect(200).await.body, rental, "nothing has changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_edits_deletes_relists_or_bans_l6_l7_l10_x5() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let haru = world.member("haru", "하루", GANGNAM).await;
    let listing = world.barter(&minji, json!({})).await;
    let path = at(&listing);
    world.patch(&path, json!({"version": 1, "title": "내 것"})).by(&junho).refused(403, "not_owner").await;
    world.patch(&path, json!({"version": 1, "status": "closed"})).by(&junho).refused(403, "not_owner").await;
    world.delete(&path).by(&junho).refused(403, "not_owner").await;
    world.post(&format!("{path}/relist"), json!({})).by(&junho).refused(403, "not_owner").await;
    let ban = format!("{path}/bans/{}", haru.id);
    world.ask(Method::PUT, &ban).by(&junho).refused(403, "not_owner").await;
    for ask in [
        world.patch(&path, json!({"version": 1})),
        world.delete(&path),
        world.post(&format!("{path}/relist"), json!({})),
        world.ask(Method::PUT, &ban),
        world.ask(Method::PUT, &format!("{path}/bookmark")),
        world.delete(&format!("{path}/bookmark")),
        world.get("/me/listings"),
        world.get("/me/bookmarks"),
    ] {
        ask.expect(401).await;
    }
    assert_eq!(world.get(&path).by(&minji).expect(200).await.body, listing);
    world.get(&path).by(&haru).expect(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_of_an_old_version_is_told_the_one_there_is_l6() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listing = world.barter(&minji, json!({})).await;
    world.patch(&at(&listing), json!({"version": 1, "title": "하나"})).by(&minji).expect(200).await;
    let late = json!({"version": 1, "title": "둘"});
    let reply = world.patch(&at(&listing), late).by(&minji).refused(409, "version_conflict").await;
    assert_eq!(reply.body["version"], 2);
    assert_eq!(world.get(&at(&listing)).expect(200).await.body["title"], "하나");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_edits_that_race_one_wins_and_the_others_learn_the_version_l6() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listing = world.barter(&minji, json!({})).await;
    let edits = (0..6).map(|number| {
        world.patch(&at(&listing), json!({"version": 1, "title": format!("자전거 {number}")})).by(&minji).send()
    });
    let replies = join_all(edits).await;
    let winners: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert_eq!(winners.len(), 1);
    for loser in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!((loser.status, &loser.body["version"]), (409, &json!(2)), "{}", loser.text());
    }
    let now = world.get(&at(&listing)).by(&minji).expect(200).await.body;
    assert_eq!(Some(&now), winners.first().map(|winner| &winner.body));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_does_not_undo_a_bookmark_that_came_meanwhile_l6_l18() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let listing = world.barter(&minji, json!({})).await;
    let before = stored(&world, &listing).await;
    world.ask(Method::PUT, &format!("{}/bookmark", at(&listing))).by(&junho).expect(200).await;
    // An edit that read the listing before the bookmark and writes after it.
    let after = before.clone().edited(world.now());
    Listings(&world.table()).save(&before, &after, world.now()).await.expect("a bookmark is no edit");
    assert_eq!(world.get(&at(&listing)).expect(200).await.body["bookmarks"], 1);
}

// The status.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_is_closed_cannot_be_edited_and_is_put_up_again_l8_l10() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listing = world.barter(&minji, json!({})).await;
    let path = at(&listing);
    let closed = world.patch(&path, json!({"version": 1, "status": "closed"})).by(&minji).expect(200).await.body;
    assert_eq!(closed["status"], "closed");
    world.settle().await;
    assert!(world.titles("/listings").await.is_empty());
    assert_eq!(world.titles("/listings?status=closed").await, ["자전거"]);
    let edit = json!({"version": 2, "title": "다시"});
    let reply = world.patch(&path, edit).by(&minji).refused(409, "wrong_status").await;
    assert_eq!(reply.body["listingStatus"], "closed");
    world.patch(&path, json!({"version": 2, "status": "withdrawn"})).by(&minji).refused(409, "wrong_status").await;
    world.patch(&path, json!({"version": 2, "status": "closed"})).by(&minji).refused(409, "wrong_status").await;

    a_minute_later(&world);
    // The deadline is still ahead: no new one is needed, nor a body.
    let again = world.ask(Method::POST, &format!("{path}/relist")).by(&minji).expect(200).await.body;
    assert_eq!(again["status"], "open");
    assert_eq!(again["listedAt"], world.now().to_string());
    assert_eq!(again["createdAt"], listing["createdAt"]);
    world.settle().await;
    assert_eq!(world.titles("/listings").await, ["자전거"]);
    assert!(world.titles("/listings?status=closed").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawn_listing_is_there_for_its_owner_alone_l8() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let listing = world.barter(&minji, json!({})).await;
    let path = at(&listing);
    world.ask(Method::PUT, &format!("{path}/bookmark")).by(&junho).expect(200).await;
    world.patch(&path, json!({"version": 1, "status": "withdrawn"})).by(&minji).expect(200).await;
    world.settle().await;
    assert!(world.titles("/listings").await.is_empty());
    assert!(world.titles("/listings?q=자전").await.is_empty());
    world.get("/listings?status=withdrawn").refused(400, "malformed_fields").await;
    world.get(&path).refused(404, "not_found").await;
    world.get(&path).by(&junho).refused(404, "not_found").await;
    world.ask(Method::PUT, &format!("{path}/bookmark")).by(&junho).refused(404, "not_found").await;
    assert!(titles_in(&world.get("/me/bookmarks").by(&junho).expect(200).await.body).is_empty());
    assert_eq!(world.get(&path).by(&minji).expect(200).await.body["status"], "withdrawn");
    // It can be mended in peace, and comes back by being put up again.
    world.patch(&path, json!({"version": 2, "title": "새 자전거"})).by(&minji).expect(200).await;
    world.settle().await;
    assert!(world.titles("/listings").await.is_empty());
    world.post(&format!("{path}/relist"), json!({})).by(&minji).expect(200).await;
    world.settle().await;
    assert_eq!(world.titles("/listings").await, ["새 자전거"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_promised_is_neither_edited_withdrawn_relisted_closed_nor_deleted_by_hand_l8() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listing = world.barter(&minji, json!({})).await;
    let path = at(&listing);
    reserve(&world, &listing).await;
    assert!(world.titles("/listings").await.is_empty());
    assert_eq!(world.titles("/listings?status=reserved").await, ["자전거"]);
    let edit = json!({"version": 2, "title": "다른 것"});
    let reply = world.patch(&path, edit).by(&minji).refused(409, "wrong_status").await;
    assert_eq!(reply.body["listingStatus"], "reserved");
    world.patch(&path, json!({"version": 2, "status": "withdrawn"})).by(&minji).refused(409, "wrong_status").await;
    world.post(&format!("{path}/relist"), json!({})).by(&minji).refused(409, "wrong_status").await;
    world.patch(&path, json!({"version": 2, "status": "closed"})).by(&minji).refused(409, "wrong_status").await;
    world.delete(&path).by(&minji).refused(409, "wrong_status").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn relisting_what_is_open_is_no_fault_and_changes_nothing_l10() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listing = world.barter(&minji, json!({})).await;
    a_minute_later(&world);
    let reply = world.post(&format!("{}/relist", at(&listing)), json!({})).by(&minji).expect(200).await;
    assert_eq!(reply.body, listing);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_barter_that_ended_needs_a_new_deadline_to_be_put_up_again_l10_l9() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listing = world.barter(&minji, json!({"deadline": world.in_hours(1)})).await;
    let rental = world.rental(&minji, json!({})).await;
    let relist = format!("{}/relist", at(&listing));
    world.pass_hours(2).await;
    let minji = world.sign_in(&minji.email).await;
    let reply = world.post(&relist, json!({})).by(&minji).refused(400, "malformed_fields").await;
    assert_eq!(reply.bad_fields(), error_codes(&[("/deadline", "missing")]));
    for (deadline, code) in [
        (world.in_hours(0), "past"),
        (world.in_hours(3_650 * 24), "too_far"),
        (world.now().plus(HOUR + 1).to_string(), "not_on_the_hour"),
        ("soon".to_owned(), "malformed"),
    ] {
        let reply = world.post(&relist, json!({"deadline": deadline})).by(&minji).refused(422, "invalid_fields").await;
        assert_eq!(reply.bad_fields(), error_codes(&[("/deadline", code)]), "{deadline}");
    }
    let again = world.post(&relist, json!({"deadline": world.in_hours(5)})).by(&minji).expect(200).await.body;
    assert_eq!((&again["status"], &again["deadline"]), (&json!("open"), &json!(world.in_hours(5))));
    world.settle().await;
    assert_eq!(world.titles("/listings?kind=barter&region=all").await, ["자전거"]);
    // A rental has no deadline to be given.
    world.patch(&at(&rental), json!({"version": 1, "status": "closed"})).by(&minji).expect(200).await;
    let reply = world
        .post(&format!("{}/relist", at(&rental)), json!({"deadline": world.in_hours(5)}))
        .by(&minji)
        .refused(422, "invalid_fields")
        .await;
    assert_eq!(reply.bad_fields(), error_codes(&[("/deadline", "not_together")]));
}

// Deleting.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_listing_takes_along_all_that_hung_on_it_l7() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let haru = world.member("haru", "하루", GANGNAM).await;
    let picture = world.picture(&minji, "listing").await;
    let listing = world.barter(&minji, json!({"pictures": [picture]})).await;
    let (path, id) = (at(&listing), text(&listing["id"]));
    world.ask(Method::PUT, &format!("{path}/bookmark")).by(&junho).expect(200).await;
    world.ask(Method::PUT, &format!("{path}/bans/{}", haru.id)).by(&minji).expect(204).await;
    world.settle().await;
    let rendition = text(&listing["cover"]["renditions"][0]["webp"]);
    world.get(&rendition).expect(200).await;
    let remembered = Listing { pictures: vec![], bookmarks: 0, ..stored(&world, &listing).await };

    world.delete(&path).by(&minji).expect(204).await;
    world.settle().await;
    world.get(&path).by(&minji).refused(404, "not_found").await;
    assert!(world.titles("/listings?region=all").await.is_empty());
    assert!(world.titles("/listings?q=자전거").await.is_empty());
    assert!(titles_in(&world.get("/me/bookmarks").by(&junho).expect(200).await.body).is_empty());
    assert!(titles_in(&world.get("/me/listings").by(&minji).expect(200).await.body).is_empty());
    world.get(&format!("/media/{picture}")).by(&minji).refused(404, "not_found").await;
    world.get(&rendition).expect(403).await;

    // Under the same identifier a new listing would have neither the old ban nor the old bookmark.
    fill(&world, &[remembered]).await;
    world.get(&path).by(&haru).expect(200).await;
    let seen = world.get(&path).by(&junho).expect(200).await.body;
    assert_eq!((&seen["id"], &seen["bookmarked"]), (&json!(id), &json!(false)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_deleted_answers_every_route_with_404_l7() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let listing = world.barter(&minji, json!({})).await;
    world.delete(&at(&listing)).by(&minji).expect(204).await;
    world.settle().await;
    // A deleted one, another kind's identifier, and what is no identifier at all.
    for path in [at(&listing), "/listings/med_01K9ZX3V5M8QJ4T0N2R6W7Y1AC".to_owned(), "/listings/1%20OR%201".to_owned()]
    {
        world.get(&path).by(&minji).refused(404, "not_found").await;
        world.patch(&path, json!({"version": 1})).by(&minji).refused(404, "not_found").await;
        world.delete(&path).by(&minji).refused(404, "not_found").await;
        world.post(&format!("{path}/relist"), json!({})).by(&minji).refused(404, "not_found").await;
        world.ask(Method::PUT, &format!("{path}/bookmark")).by(&minji).refused(404, "not_found").await;
        world.delete(&format!("{path}/bookmark")).by(&minji).refused(404, "not_found").await;
        world.ask(Method::PUT, &format!("{path}/bans/{}", junho.id)).by(&minji).refused(404, "not_found").await;
    }
}

// Showing.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_is_shown_with_its_owner_its_counts_and_the_readers_bookmark_l16() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", "busan/haeundae-gu").await;
    let listing = world.barter(&minji, json!({})).await;
    let path = at(&listing);
    world.ask(Method::PUT, &format!("{path}/bookmark")).by(&junho).expect(200).await;
    let theirs = world.get(&path).by(&junho).expect(200).await.body;
    assert_eq!(
        (&theirs["mine"], &theirs["bookmarked"], &theirs["bookmarks"]),
        (&json!(false), &json!(true), &json!(1))
    );
    assert_eq!(theirs["inquiries"], 0);
    assert_eq!(theirs["owner"]["nickname"], "민지");
    assert_eq!(theirs["owner"]["region"]["id"], GANGNAM);
    assert_eq!(theirs["owner"]["mannerScore"], Value::Null);
    let own = world.get(&path).by(&minji).expect(200).await.body;
    assert_eq!((&own["mine"], &own["bookmarked"]), (&json!(true), &json!(false)));
    let anybodys = world.get(&path).expect(200).await;
    assert_eq!((&anybodys.body["mine"], &anybodys.body["bookmarked"]), (&json!(false), &json!(false)));
    world.get(&path).header("if-none-match", anybodys.header("etag")).expect(304).await;
    for secret in [&minji.email, "phone"] {
        assert!(!anybodys.text().contains(secret), "an owner's {secret} is nobody's business");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_tells_its_moments_so_that_a_client_can_say_how_long_ago_and_how_long_still_l20() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let begun = world.now();
    let listing = world.barter(&minji, json!({})).await;
    a_minute_later(&world);
    world.patch(&at(&listing), json!({"version": 1, "title": "새 제목"})).by(&minji).expect(200).await;
    let shown = world.get(&at(&listing)).expect(200).await.body;
    let moment = |name: &str| Time::parse(&text(&shown[name])).expect("a moment in RFC 3339");
    assert_eq!(moment("createdAt"), begun);
    assert_eq!(moment("listedAt"), begun, "an edit does not push a listing up the feed");
    assert_eq!(moment("updatedAt"), world.now());
    // What is left is told from now, not from when it was put up (system 004 had the wrong base).
    assert_eq!(moment("deadline").ms() - world.now().ms(), 24 * HOUR - MINUTE);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn less_than_six_hours_before_its_deadline_a_listing_closes_soon_l19() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listing = world.barter(&minji, json!({})).await;
    world.settle().await;
    let deadline = world.now().plus(24 * HOUR);
    for (left, soon) in [(6 * HOUR + 1, false), (6 * HOUR, false), (6 * HOUR - 1, true), (1, true), (0, false)] {
        world.stop_clock_at(deadline.plus(-left));
        let shown = world.get(&at(&listing)).expect(200).await.body;
        assert_eq!(shown["closingSoon"], soon, "{left} ms before");
        let feed = world.get("/listings").expect(200).await.body;
        assert!(feed["items"].as_array().into_iter().flatten().all(|card| card["closingSoon"] == soon));
    }
}

// Bookmarks.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bookmark_is_set_and_cleared_and_again_is_no_fault_l17_l18() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let listing = world.barter(&minji, json!({})).await;
    let path = format!("{}/bookmark", at(&listing));
    for _ in 0..2 {
        let set = world.ask(Method::PUT, &path).by(&junho).expect(200).await.body;
        assert_eq!(set, json!({"bookmarked": true, "bookmarks": 1}));
    }
    let own = world.ask(Method::PUT, &path).by(&minji).expect(200).await.body;
    assert_eq!(own["bookmarks"], 2);
    assert_eq!(titles_in(&world.get("/me/bookmarks").by(&junho).expect(200).await.body), ["자전거"]);
    for _ in 0..2 {
        let cleared = world.delete(&path).by(&junho).expect(200).await.body;
        assert_eq!(cleared, json!({"bookmarked": false, "bookmarks": 1}));
    }
    assert!(titles_in(&world.get("/me/bookmarks").by(&junho).expect(200).await.body).is_empty());
    assert_eq!(world.get(&at(&listing)).expect(200).await.body["bookmarks"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_who_bookmarks_ten_times_at_once_counts_once_l17_l18() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listing = world.barter(&minji, json!({})).await;
    let path = format!("{}/bookmark", at(&listing));
    let replies = join_all((0..10).map(|_| world.ask(Method::PUT, &path).by(&minji).send())).await;
    // A transaction that meets its twin may be told to try again; nothing else may happen.
    assert!(replies.iter().all(|reply| [200, 409].contains(&reply.status)));
    assert_eq!(world.get(&at(&listing)).expect(200).await.body["bookmarks"], 1);
    join_all((0..10).map(|_| world.delete(&path).by(&minji).send())).await;
    assert_eq!(world.get(&at(&listing)).expect(200).await.body["bookmarks"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_people_who_bookmark_at_once_count_ten_l18() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listing = world.barter(&minji, json!({})).await;
    // With the owner ten: more than ten sign-ups at once from one address are refused.
    let mut people = vec![minji.clone()];
    for number in 0..9 {
        people.push(world.newcomer(&format!("n{number}"), &format!("이웃{number}")).await);
    }
    let path = format!("{}/bookmark", at(&listing));
    let replies = join_all(people.iter().map(|person| world.ask(Method::PUT, &path).by(person).send())).await;
    for (person, reply) in people.iter().zip(replies) {
        if reply.status == 409 {
            // Told to try again, since all ten count on one item.
            world.ask(Method::PUT, &path).by(person).expect(200).await;
        }
    }
    assert_eq!(world.get(&at(&listing)).expect(200).await.body["bookmarks"], 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bookmarks_come_the_latest_first_page_by_page_l17_p18() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    for number in 0..5 {
        let listing = world.rental(&minji, json!({"title": format!("물건 {number}")})).await;
        world.ask(Method::PUT, &format!("{}/bookmark", at(&listing))).by(&minji).expect(200).await;
        a_minute_later(&world);
    }
    let all = all_pages(&world, "/me/bookmarks?limit=2", Some(&minji)).await;
    assert_eq!(all, ["물건 4", "물건 3", "물건 2", "물건 1", "물건 0"]);
    refuses_bad_pages(&world, "/me/bookmarks", &minji).await;
}

// Bans.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_banned_from_a_listing_neither_opens_nor_bookmarks_it_l21_x5() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    let haru = world.member("haru", "하루", GANGNAM).await;
    let listing = world.barter(&minji, json!({})).await;
    let other = world.barter(&minji, json!({})).await;
    let ban = format!("{}/bans/{}", at(&listing), junho.id);
    for _ in 0..2 {
        world.ask(Method::PUT, &ban).by(&minji).expect(204).await;
    }
    world.get(&at(&listing)).by(&junho).refused(403, "banned").await;
    world.ask(Method::PUT, &format!("{}/bookmark", at(&listing))).by(&junho).refused(403, "banned").await;
    // For this listing, this person.
    world.get(&at(&listing)).expect(200).await;
    world.get(&at(&listing)).by(&haru).expect(200).await;
    world.get(&at(&other)).by(&junho).expect(200).await;
    // For good, whatever the owner edits.
    world.patch(&at(&listing), json!({"version": 1, "title": "새 제목"})).by(&minji).expect(200).await;
    world.get(&at(&listing)).by(&junho).refused(403, "banned").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ban_is_the_owners_and_hits_somebody_else_who_exists_l21_x5() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listing = world.barter(&minji, json!({})).await;
    let bans = format!("{}/bans", at(&listing));
    world.ask(Method::PUT, &format!("{bans}/{}", minji.id)).by(&minji).refused(409, "own_listing").await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    world.ask(Method::PUT, &format!("{bans}/{nobody}")).by(&minji).refused(404, "not_found").await;
    world.ask(Method::PUT, &format!("{bans}/lst_1")).by(&minji).refused(404, "not_found").await;
}

// One's own.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ones_own_listings_come_by_status_the_latest_first_p18_d25() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    world.rental(&junho, json!({"title": "남의 것"})).await;
    for (number, status) in [None, Some("closed"), Some("withdrawn"), Some("closed"), None].into_iter().enumerate() {
        let listing = world.rental(&minji, json!({"title": format!("물건 {number}")})).await;
        if let Some(status) = status {
            world.patch(&at(&listing), json!({"version": 1, "status": status})).by(&minji).expect(200).await;
        }
        a_minute_later(&world);
    }
    let promised = world.rental(&minji, json!({"title": "물건 5"})).await;
    reserve(&world, &promised).await;
    for (query, wanted) in [
        ("", vec!["물건 5", "물건 4", "물건 3", "물건 2", "물건 1", "물건 0"]),
        ("&status=open", vec!["물건 4", "물건 0"]),
        ("&status=closed", vec!["물건 3", "물건 1"]),
        ("&status=withdrawn", vec!["물건 2"]),
        ("&status=reserved", vec!["물건 5"]),
        ("&status=expired", vec![]),
    ] {
        let all = all_pages(&world, &format!("/me/listings?limit=2{query}"), Some(&minji)).await;
        assert_eq!(all, wanted, "{query}");
    }
    world.get("/me/listings?status=gone").by(&minji).refused(400, "malformed_fields").await;
    refuses_bad_pages(&world, "/me/listings", &minji).await;
}

// Feeds.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_is_of_a_district_a_city_a_province_or_the_country_l11_l12() {
    let world = World::new().await;
    let Some(Scope::City(_, districts)) = Scope::parse("gyeonggi/suwon-si") else {
        unreachable!("수원시 is divided")
    };
    let (first, last) = (districts[0].id, districts[districts.len() - 1].id);
    let suwon = world.member("suwon", "수원", first).await;
    let other = world.member("other", "영통", last).await;
    let seoul = world.member("seoul", "서울", GANGNAM).await;
    let goyang = domain::region::districts()
        .iter()
        .find(|district| district.province == "gyeonggi" && district.city.is_none())
        .map(|district| district.id)
        .expect("경기 has districts beside 수원");
    let elsewhere = world.member("elsewhere", "이웃", goyang).await;
    for (person, title) in [(&suwon, "장안"), (&other, "영통"), (&seoul, "강남"), (&elsewhere, "경기")] {
        world.rental(person, json!({"title": title})).await;
        a_minute_later(&world);
    }
    world.settle().await;
    for (region, wanted) in [
        ("all".to_owned(), vec!["경기", "강남", "영통", "장안"]),
        ("gyeonggi".to_owned(), vec!["경기", "영통", "장안"]),
        ("gyeonggi/suwon-si".to_owned(), vec!["영통", "장안"]),
        (first.to_owned(), vec!["장안"]),
        (GANGNAM.to_owned(), vec!["강남"]),
        ("jeju".to_owned(), vec![]),
    ] {
        assert_eq!(world.titles(&format!("/listings?region={region}")).await, wanted, "{region}");
        let by_member = world.get(&format!("/listings?region={region}")).by(&seoul).expect(200).await;
        assert_eq!(titles_in(&by_member.body), wanted, "{region} is the same for a member");
    }
    // Not asked for: a member's own district, the whole country for everybody else.
    assert_eq!(titles_in(&world.get("/listings").by(&seoul).expect(200).await.body), ["강남"]);
    assert_eq!(titles_in(&world.get("/listings").by(&other).expect(200).await.body), ["영통"]);
    assert_eq!(world.titles("/listings").await.len(), 4);
    let newcomer = world.newcomer("new", "새사람").await;
    assert_eq!(titles_in(&world.get("/listings").by(&newcomer).expect(200).await.body).len(), 4);
    for region in ["atlantis", "seoul/atlantis", "Seoul", "", "seoul/", "%2e%2e"] {
        let reply = world.get(&format!("/listings?region={region}")).refused(422, "invalid_fields").await;
        assert_eq!(reply.bad_fields(), error_codes(&[("region", "malformed")]), "{region}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_is_narrowed_by_kind_section_price_and_category_alone_and_together_l13_l15() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    world.barter(&minji, json!({"title": "교환 운동", "category": "sports"})).await;
    world.barter(&minji, json!({"title": "교환 식물", "category": "plants"})).await;
    let free = json!({"title": "무료 운동", "category": "sports", "price": 0, "unit": null});
    world.rental(&minji, free).await;
    let agreed = json!({"title": "협의 식물", "category": "plants", "price": null, "unit": null, "section": "borrow"});
    world.rental(&minji, agreed).await;
    let priced = json!({"title": "유료 운동", "category": "sports", "section": "borrow"});
    world.rental(&minji, priced).await;
    let closed = world.rental(&minji, json!({"title": "끝난 운동", "category": "sports"})).await;
    world.patch(&at(&closed), json!({"version": 1, "status": "closed"})).by(&minji).expect(200).await;
    world.settle().await;
    for (query, mut wanted) in [
        ("", vec!["교환 운동", "교환 식물", "무료 운동", "협의 식물", "유료 운동"]),
        ("kind=barter", vec!["교환 운동", "교환 식물"]),
        ("kind=rental", vec!["무료 운동", "협의 식물", "유료 운동"]),
        ("section=lend", vec!["무료 운동"]),
        ("section=borrow", vec!["협의 식물", "유료 운동"]),
        ("kind=rental&section=borrow", vec!["협의 식물", "유료 운동"]),
        ("price=free", vec!["무료 운동"]),
        ("price=negotiable", vec!["협의 식물"]),
        ("price=priced", vec!["유료 운동"]),
        ("section=borrow&price=priced", vec!["유료 운동"]),
        ("section=lend&price=priced", vec![]),
        ("category=sports", vec!["교환 운동", "무료 운동", "유료 운동"]),
        ("category=plants&kind=barter", vec!["교환 식물"]),
        ("category=sports&section=borrow&price=priced&kind=rental", vec!["유료 운동"]),
        ("category=spaceships", vec![]),
        ("status=open&kind=barter", vec!["교환 운동", "교환 식물"]),
        ("status=closed", vec!["끝난 운동"]),
        ("status=closed&category=sports&section=lend", vec!["끝난 운동"]),
        ("status=closed&kind=barter", vec![]),
    ] {
        for region in ["all", "seoul", GANGNAM] {
            let mut found = world.titles(&format!("/listings?region={region}&{query}")).await;
            found.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(found, wanted, "{query} in {region}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_that_contradict_or_mean_nothing_are_refused_l13_l14() {
    let world = World::new().await;
    for (query, status, wanted) in [
        ("kind=barter&section=lend", 422, vec![("kind", "not_together")]),
        ("kind=barter&price=free", 422, vec![("kind", "not_together")]),
        ("sort=deadline&status=closed", 422, vec![("sort", "not_together")]),
        ("q=자전&status=closed", 422, vec![("q", "not_together")]),
        ("q=자전&sort=deadline", 422, vec![("q", "not_together")]),
        ("kind=gift", 400, vec![("kind", "unknown_value")]),
        ("section=sell&price=cheap", 400, vec![("price", "unknown_value"), ("section", "unknown_value")]),
        ("sort=price", 400, vec![("sort", "unknown_value")]),
        ("colour=red", 400, vec![("colour", "unknown_field")]),
        ("kind=barter&kind=rental", 422, vec![("kind", "duplicate")]),
        ("category=NO%20SUCH", 422, vec![("category", "malformed")]),
    ] {
        let reply = world.get(&format!("/listings?{query}")).expect(status).await;
        assert_eq!(reply.bad_fields(), error_codes(&wanted), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_come_first_or_the_soonest_deadline_l14() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let start = world.now();
    for hours in [30, 10, 20] {
        let deadline = start.plus(hours * HOUR).to_string();
        world.barter(&minji, json!({"title": format!("{hours}시간"), "deadline": deadline})).await;
        a_minute_later(&world);
    }
    // A rental has no deadline to be sorted by.
    world.rental(&minji, json!({"title": "드릴"})).await;
    world.settle().await;
    for region in ["all", "seoul", GANGNAM] {
        let newest = world.titles(&format!("/listings?region={region}")).await;
        assert_eq!(newest, ["드릴", "20시간", "10시간", "30시간"]);
        let soonest = world.titles(&format!("/listings?region={region}&sort=deadline")).await;
        assert_eq!(soonest, ["10시간", "20시간", "30시간"]);
        let by_two = all_pages(&world, &format!("/listings?region={region}&sort=deadline&limit=2"), None).await;
        assert_eq!(by_two, soonest);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_ten_give_each_of_25_listings_once_l14() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let now = world.now();
    // Five at each moment: those of one moment are told apart by their identifiers.
    let listings: Vec<_> = (0..25)
        .map(|n| made(&minji, n, &format!("물건 {n}"), until(&world, 24), now.plus(i64::from(n / 5) * MINUTE)))
        .collect();
    fill(&world, &listings).await;
    let newest_first: Vec<String> = (0..25).rev().map(|n| format!("물건 {n}")).collect();
    for region in ["all", "seoul", GANGNAM] {
        let all = all_pages(&world, &format!("/listings?region={region}&limit=10"), None).await;
        assert_eq!(all, newest_first, "{region}");
        let mut searched = all_pages(&world, &format!("/listings?region={region}&limit=10&q=물건"), None).await;
        assert_eq!(searched, newest_first, "{region}, searched");
        let mut soonest = all_pages(&world, &format!("/listings?region={region}&limit=10&sort=deadline"), None).await;
        soonest.sort_unstable();
        searched.sort_unstable();
        assert_eq!(soonest, searched, "{region}, by deadline");
    }
    let first = world.get("/listings?limit=25").expect(200).await.body;
    assert_eq!(first["nextCursor"], Value::Null, "a page that is full and the last has no cursor");
    assert_eq!(world.titles("/listings").await.len(), 20, "twenty unless asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listing_put_up_while_somebody_pages_shifts_nothing_l14() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let now = world.now();
    let made_at = |n: u32| made(&minji, n, &format!("물건 {n}"), until(&world, 24), now.plus(i64::from(n) * MINUTE));
    fill(&world, &(0..4).map(made_at).collect::<Vec<_>>()).await;
    let first = world.get("/listings?limit=2").expect(200).await.body;
    fill(&world, &[made_at(9)]).await;
    let cursor = text(&first["nextCursor"]);
    let second = world.get(&format!("/listings?limit=2&cursor={cursor}")).expect(200).await.body;
    assert_eq!([titles_in(&first), titles_in(&second)].concat(), ["물건 3", "물건 2", "물건 1", "물건 0"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_that_was_changed_or_belongs_elsewhere_is_refused_l14() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listings: Vec<_> = (0..5).map(|n| made(&minji, n, "물건들", until(&world, 24), world.now())).collect();
    fill(&world, &listings).await;
    let cursor = text(&world.get("/listings?limit=2&region=all").expect(200).await.body["nextCursor"]);
    let mut changed = cursor.clone().into_bytes();
    changed[30] = if changed[30] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8_lossy(&changed).into_owned();
    for query in [
        format!("region=all&cursor={changed}"),
        format!("region=seoul&cursor={cursor}"),
        format!("region=all&kind=barter&cursor={cursor}"),
        format!("region=all&q=물건&cursor={cursor}"),
        "region=all&cursor=junk".to_owned(),
        "region=all&cursor=".to_owned(),
        "region=all&cursor=%EA%B0%80".to_owned(),
    ] {
        world.get(&format!("/listings?{query}")).refused(400, "bad_cursor").await;
    }
    world.get(&format!("/me/listings?cursor={cursor}")).by(&minji).refused(400, "bad_cursor").await;
    world.get(&format!("/listings?region=all&cursor={cursor}")).by(&minji).refused(400, "bad_cursor").await;
    // Another limit is the same list.
    world.get(&format!("/listings?region=all&limit=3&cursor={cursor}")).expect(200).await;
    refuses_bad_pages(&world, "/listings", &minji).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edited_listing_leaves_the_feeds_it_no_longer_belongs_to_l11_l15() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listing = world.rental(&minji, json!({"price": 0, "unit": null, "category": "plants"})).await;
    world.settle().await;
    let edit = json!({"version": 1, "category": "sports", "price": 100, "unit": "hour", "section": "borrow"});
    world.patch(&at(&listing), edit).by(&minji).expect(200).await;
    world.settle().await;
    for gone in ["category=plants", "price=free", "section=lend", "section=lend&category=plants&price=free"] {
        assert!(world.titles(&format!("/listings?{gone}")).await.is_empty(), "{gone}");
    }
    for come in ["", "category=sports", "price=priced", "section=borrow&category=sports&price=priced"] {
        assert_eq!(world.titles(&format!("/listings?{come}")).await, ["전동 드릴"], "{come}");
    }
}

/// The titles of all pages.
pub(crate) async fn all_pages(world: &World, path: &str, reader: Option<&Person>) -> Vec<String> {
    let (mut titles, mut path_now) = (vec![], path.to_owned());
    // Twice as many pages as any test has, so that a cursor that runs in a circle ends.
    for _ in 0..50 {
        let ask = world.get(&path_now);
        let ask = if let Some(reader) = reader { ask.by(reader) } else { ask };
        let page = ask.expect(200).await.body;
        titles.extend(titles_in(&page));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path_now = format!("{path}&cursor={cursor}");
    }
    titles
}

async fn refuses_bad_pages(world: &World, path: &str, reader: &Person) {
    for (query, status, field, code) in [
        ("limit=0", 422, "limit", "too_small"),
        ("limit=101", 422, "limit", "too_large"),
        ("limit=abc", 400, "limit", "wrong_type"),
        ("limit=-1", 400, "limit", "wrong_type"),
        ("limit=", 400, "limit", "wrong_type"),
        ("page=2", 400, "page", "unknown_field"),
    ] {
        let reply = world.get(&format!("{path}?{query}")).by(reader).expect(status).await;
        assert_eq!(reply.bad_fields(), error_codes(&[(field, code)]), "{path}?{query}");
    }
    world.get(&format!("{path}?cursor=junk")).by(reader).refused(400, "bad_cursor").await;
    world.get(&format!("{path}?limit=100")).by(reader).expect(200).await;
}

// What it costs.

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_a_feed_costs_the_same_with_300_listings_as_with_30_z9() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let now = world.now();
    let listings: Vec<_> =
        (0..300).map(|n| made(&minji, n, "자전거 21단", until(&world, 24), now.plus(i64::from(n)))).collect();
    let queries = [
        "region=seoul/gangnam-gu",
        "region=seoul&kind=barter&category=sports",
        "region=all",
        "region=seoul/gangnam-gu&sort=deadline",
        "region=seoul/gangnam-gu&q=전거",
    ];
    // The whole country is merged from four shards: from 120 on each has a page of its own.
    let full_from = |query: &str| usize::from(query == "region=all");
    let mut costs: Vec<Vec<f64>> = vec![];
    for part in [&listings[..30], &listings[30..120], &listings[120..]] {
        fill(&world, part).await;
        let seen = world.log_of("listings.feed").len();
        for query in queries {
            assert_eq!(world.titles(&format!("/listings?{query}")).await.len(), 20, "{query}");
        }
        let lines = world.log_of("listings.feed");
        for line in &lines[seen..] {
            assert!(line["roundTrips"].as_u64().is_some_and(|trips| trips <= 2), "{line}");
        }
        costs.push(lines[seen..].iter().map(|line| line["readUnits"].as_f64().unwrap_or(f64::MAX)).collect());
    }
    for (index, query) in queries.iter().enumerate() {
        let (few, many) = (costs[full_from(query)][index], costs[2][index]);
        assert!(many <= few, "{query}: {few} units with few listings, {many} with 300");
    }
}

/// Every HTTP route of listings and media, used as people use them at their heaviest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_of_listings_and_media_stays_within_its_budget_z9() {
    let world = World::seeded().await;
    let (minji, junho, admin) = (world.demo("minji").await, world.demo("junho").await, world.demo("admin").await);
    let mut pictures = vec![];
    for _ in 0..10 {
        pictures.push(world.picture(&minji, "listing").await);
    }
    let (five, other_five) = pictures.split_at(5);
    let long = json!({
        "title": "가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허고노도",
        "description": "😀".repeat(1_000), "wants": "나".repeat(31), "pictures": five,
        "kind": "barter", "category": "sports", "deadline": world.in_hours(24),
    });
    let listing = world.post("/listings", long).by(&minji).header("idempotency-key", "l").expect(201).await.body;
    let path = at(&listing);
    let keyed = world.post("/listings", rental_body()).by(&minji).header("idempotency-key", "k").expect(201).await.body;
    world.settle().await;
    world.get(&path).expect(200).await;
    world.get(&path).by(&junho).expect(200).await;
    world.ask(Method::PUT, &format!("{path}/bookmark")).by(&junho).expect(200).await;
    world.ask(Method::PUT, &format!("{path}/bookmark")).by(&junho).expect(200).await;
    world.delete(&format!("{path}/bookmark")).by(&junho).expect(200).await;
    world.ask(Method::PUT, &format!("{path}/bans/{}", junho.id)).by(&minji).expect(204).await;
    let edit = json!({"version": 1, "title": "다른 제목", "category": "kids", "pictures": other_five});
    world.patch(&path, edit).by(&minji).expect(200).await;
    world.patch(&path, json!({"version": 2, "status": "closed"})).by(&minji).expect(200).await;
    world.post(&format!("{path}/relist"), json!({"deadline": world.in_hours(48)})).by(&minji).expect(200).await;
    // A hundred of the longest, for the heaviest pages there are.
    let longest = stored(&world, &listing).await;
    let many: Vec<_> = (0..100)
        .map(|n| {
            let id = made(&minji, n, "x", until(&world, 1), world.now()).id;
            Listing { id, status: Status::Open, ..longest.clone() }
        })
        .map(|listing| Listing { pictures: vec![], ..listing })
        .collect();
    fill(&world, &many).await;
    let reader = AccountId::parse(&junho.id).expect("an account's identifier");
    for listing in &many {
        let table = world.table();
        Bookmarks(&table).set(&reader, &listing.id, world.now()).await.expect("a first bookmark");
    }
    world.get("/me/bookmarks?limit=100").by(&junho).expect(200).await;
    for query in ["region=all&", "region=seoul&", "region=gyeonggi/suwon-si&", "q=제목&region=all&", "sort=deadline&"]
    {
        world.get(&format!("/listings?{query}limit=100")).expect(200).await;
    }
    world.get("/me/listings?limit=100").by(&minji).expect(200).await;
    world.get("/categories").expect(200).await;
    let new = json!({"id": "tools", "nameKo": "공구", "nameEn": "Tools", "place": 15});
    world.post("/admin/categories", new).by(&admin).header("idempotency-key", "k").expect(201).await;
    world.patch("/admin/categories/tools", json!({"version": 1, "hidden": true})).by(&admin).expect(200).await;
    let upload = json!({"purpose": "listing", "contentType": "image/png", "size": 10});
    let begun = world.post("/media", upload).by(&minji).header("idempotency-key", "k").expect(201).await.body;
    let media = format!("/media/{}", text(&begun["id"]));
    world.get(&media).by(&minji).expect(200).await;
    let room = format!("/rooms/room_{}", local::talk::TALKED_ABOUT);
    let file = format!("{room}/messages/{}/media", local::talk::WITH_PICTURE);
    world.get(&file).by(&minji).expect(200).await;
    world.delete(&media).by(&minji).expect(204).await;
    world.delete(&at(&keyed)).by(&minji).expect(204).await;
    world.delete(&path).by(&minji).expect(204).await;
    world.settle().await;

    let (mut over, mut unused) = (vec![], vec![]);
    for row in http_rows() {
        let lines = world.log_of(row.name);
        let most = |name: &str| lines.iter().filter_map(|line| line[name].as_f64()).fold(0.0, f64::max);
        let seen = (most("roundTrips"), most("readUnits"), most("writeUnits"));
        let budget = (f64::from(row.budget.round_trips), row.budget.read, row.budget.write);
        if lines.is_empty() {
            unused.push(row.name);
        }
        let whole = row.whole_budget();
        if seen.0 > f64::from(whole.round_trips) || seen.1 > whole.read || seen.2 > whole.write {
            over.push(format!("{}: seen {seen:?}, declared {budget:?}", row.name));
        }
        // A budget far above what is ever taken would hide a route that has grown dear.
        if budget.1 > seen.1 * 2.0 + 2.0 || budget.2 > seen.2 * 2.0 + 2.0 || budget.0 > seen.0 + 1.0 {
            over.push(format!("{}: seen {seen:?}, declared {budget:?}, which is far above", row.name));
        }
    }
    assert!(unused.is_empty(), "routes that this test does not use: {unused:?}");
    assert!(over.is_empty(), "{}", over.join("\n"));
}

fn http_rows() -> Vec<&'static Row> {
    let of_ours = |row: &&'static Row| {
        (row.name.starts_with("listings.") || row.name.starts_with("media."))
            && (matches!(row.trigger, edge::Trigger::Http { .. }) || row.name == "media.optimize")
    };
    local::services().iter().flat_map(|service| service.rows()).filter(of_ours).collect()
}
