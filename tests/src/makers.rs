//! Makers: profiles, numbers, the directory (rows P7, P8, P13).

use std::collections::BTreeMap;

use domain::{
    deal::Action,
    id::DealId,
    trust::{Review, Stars},
};
use futures::future::join_all;
use serde_json::{Value, json};
use store::{Follows, Reviews};

use crate::{
    Person, World,
    errands::{act, day, errand, grant, id_of, maker, quote},
    listings::text,
};

const GANGNAM: &str = "seoul/gangnam-gu";

fn profile(version: u64) -> Value {
    json!({
        "version": version, "gallery": "https://www.instagram.com/madang", "line": "제주에 삽니다",
        "description": "오름과 오일장을 다닙니다.", "journeys": ["shopping", "culture"], "provinces": ["jeju"],
    })
}

async fn names(world: &World, query: &str) -> Vec<String> {
    let page = world.get(&format!("/makers{query}")).expect(200).await.body;
    page["items"].as_array().into_iter().flatten().map(|card| text(&card["nickname"])).collect()
}

/// Somebody was reviewed so, at once for everybody to see.
async fn reviewed(world: &World, about: &Person, by: &Person, deal: &DealId, stars: u8) {
    let table = world.table();
    let reviews = Reviews(&table);
    let write = async |author: &Person, of: &Person, stars| {
        let before =
            reviews.before(deal, &id_of(author)).await.expect("the table answers").expect("a deal that is done");
        let review = Review {
            deal: deal.clone(),
            account: id_of(of),
            author: id_of(author),
            about: before.deal.about.clone(),
            ended_at: before.deal.ended_at,
            stars: Stars(stars),
            text: domain::text::ReviewText::parse("약속을 잘 지켜 주셨어요.").expect("a text"),
            created_at: world.now(),
            visible_at: before.deal.closes_at,
            counted: false,
            hidden: false,
            version: 1,
        };
        reviews.write(&before, &review, world.now()).await.expect("nobody else writes it");
    };
    write(by, about, stars).await;
    write(about, by, 5).await;
    world.settle().await;
}

/// A deal from the errand to its end.
async fn done(world: &World, host: &Person, maker: &Person, number: u32) -> DealId {
    let asked = json!({"title": format!("심부름 {number}"), "date": day(world, 0)});
    let errand = errand(world, host, asked).await;
    let deal = quote(world, maker, &errand, 1).await;
    act(world, &deal, Action::Accept, host, None).await;
    act(world, &deal, Action::Complete, host, None).await;
    deal
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_becomes_a_maker_edits_the_profile_and_is_one_no_more_p7() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let at = format!("/makers/{}", minji.id);
    world.get("/me/maker").by(&minji).refused(404, "not_found").await;
    world.get(&at).refused(404, "not_found").await;
    let made = world.put("/me/maker", profile(0)).by(&minji).expect(200).await.body;
    assert_eq!(
        (&made["version"], &made["nickname"], &made["gallery"]),
        (&json!(1), &json!("민지"), &profile(0)["gallery"])
    );
    assert_eq!(
        (&made["totalConfirms"], &made["averageRating"], &made["totalReviews"]),
        (&json!(0), &Value::Null, &json!(0))
    );
    assert_eq!(world.get("/me/maker").by(&minji).expect(200).await.body["description"], profile(0)["description"]);
    let public = world.get(&at).expect(200).await.body;
    assert_eq!((&public["line"], &public["isFollowed"]), (&profile(0)["line"], &Value::Null));

    let reply = world.put("/me/maker", profile(0)).by(&minji).refused(409, "version_conflict").await;
    assert_eq!(reply.body["version"], 1);
    let mut edited = profile(1);
    edited["gallery"] = Value::Null;
    edited["line"] = json!("한 줄".to_owned());
    let after = world.put("/me/maker", edited).by(&minji).expect(200).await.body;
    assert_eq!(
        (&after["version"], &after["gallery"], &after["createdAt"]),
        (&json!(2), &Value::Null, &made["createdAt"])
    );
    world.settle().await;
    assert_eq!(names(&world, "").await, ["민지"]);

    world.delete("/me/maker").by(&minji).expect(204).await;
    world.delete("/me/maker").by(&minji).expect(204).await;
    world.settle().await;
    world.get(&at).refused(404, "not_found").await;
    for query in ["", "?province=jeju", "?journey=culture&sort=rating", "?q=민지"] {
        assert!(names(&world, query).await.is_empty(), "{query}");
    }
    world.put("/me/maker", profile(2)).by(&minji).refused(409, "version_conflict").await;
    world.put("/me/maker", profile(0)).by(&minji).expect(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_is_checked_field_by_field_p7() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let refused = async |field: &str, value: Value| {
        let mut body = profile(0);
        body[field] = value;
        let reply = world.put("/me/maker", body).by(&minji).send().await;
        assert!([400, 422].contains(&reply.status), "{}", reply.text());
        reply.bad_fields().into_iter().next().expect("a bad field")
    };
    for (field, value, place, code) in [
        ("gallery", json!("http://a.kr"), "/gallery", "malformed"),
        ("gallery", json!("https://user@a.kr"), "/gallery", "malformed"),
        ("gallery", json!("javascript:alert(1)"), "/gallery", "malformed"),
        ("gallery", json!(format!("https://a.kr/{}", "x".repeat(300))), "/gallery", "too_long"),
        ("line", json!("가".repeat(51)), "/line", "too_long"),
        ("line", json!(""), "/line", "too_short"),
        ("line", json!("두\n줄"), "/line", "hidden_characters"),
        ("description", json!("가".repeat(1001)), "/description", "too_long"),
        ("journeys", json!([]), "/journeys", "too_short"),
        ("journeys", json!(["culture", "culture"]), "/journeys/1", "duplicate"),
        ("journeys", json!(["work"]), "/journeys/0", "unknown_value"),
        ("provinces", json!([]), "/provinces", "too_short"),
        ("provinces", json!(["pyongyang"]), "/provinces/0", "unknown_value"),
        ("version", json!(-1), "/version", "wrong_type"),
        ("image", json!("x"), "/image", "unknown_field"),
    ] {
        assert_eq!(refused(field, value.clone()).await, (place.to_owned(), code.to_owned()), "{field} {value}");
    }
    let mut longest = profile(0);
    longest["line"] = json!("가".repeat(50));
    longest["description"] = json!("가".repeat(1000));
    world.put("/me/maker", longest).by(&minji).expect(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_profiles_that_are_made_at_once_one_is_kept_p7() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let replies = join_all((0..4).map(|_| world.put("/me/maker", profile(0)).by(&minji).send())).await;
    let statuses: BTreeMap<u16, usize> = replies.iter().fold(BTreeMap::new(), |mut counts, reply| {
        *counts.entry(reply.status).or_default() += 1;
        counts
    });
    assert_eq!(statuses.get(&200), Some(&1), "{statuses:?}");
    assert_eq!(statuses.values().sum::<usize>(), statuses.get(&409).copied().unwrap_or_default() + 1);
    world.settle().await;
    assert_eq!(names(&world, "").await, ["민지"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_makers_numbers_are_exact_and_count_each_deal_once_p8() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    maker(&world, &junho, &["culture"], &["jeju"]).await;
    grant(&world, &minji, 10).await;
    let (one, other) = (done(&world, &minji, &junho, 1).await, done(&world, &minji, &junho, 2).await);
    let broken = errand(&world, &minji, json!({})).await;
    let broken = quote(&world, &junho, &broken, 1).await;
    act(&world, &broken, Action::Accept, &minji, None).await;
    act(&world, &broken, Action::Break, &junho, Some("배가 뜨지 않아요.")).await;
    reviewed(&world, &junho, &minji, &one, 5).await;
    reviewed(&world, &junho, &minji, &other, 4).await;
    Follows(&world.table()).set(&id_of(&minji), &id_of(&junho), world.now()).await.expect("a follow");
    world.settle().await;

    let seen = world.get(&format!("/makers/{}", junho.id)).by(&minji).expect(200).await.body;
    let number = |name: &str| seen[name].as_f64().expect("a number");
    assert_eq!((number("totalConfirms"), number("completed")), (3.0, 2.0));
    assert_eq!((number("totalReviews"), number("averageRating"), number("totalFollows")), (2.0, 4.5, 1.0));
    assert_eq!(seen["isFollowed"], true);
    let card = &world.get("/makers").by(&minji).expect(200).await.body["items"][0];
    for name in ["totalConfirms", "completed", "totalReviews", "averageRating", "totalFollows", "isFollowed"] {
        assert_eq!(card[name], seen[name], "{name}");
    }
    let stranger = world.get("/makers").by(&junho).expect(200).await.body;
    assert_eq!(stranger["items"][0]["isFollowed"], false);

    // Whoever counts it again counts nothing.
    let table = world.table();
    let deal = store::Deals(&table).by_id_now(&one).await.expect("the table answers").expect("a deal");
    for completed in [true, false] {
        store::Makers(&table).count(&deal, completed, world.now()).await.expect("no fault");
    }
    let again = world.get(&format!("/makers/{}", junho.id)).expect(200).await.body;
    assert_eq!((&again["totalConfirms"], &again["completed"]), (&json!(3), &json!(2)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_directory_is_sorted_by_reviews_rating_or_confirmed_quotes_p13() {
    let world = World::new().await;
    let host = world.member("minji", "민지", GANGNAM).await;
    grant(&world, &host, 100).await;
    let mut people = vec![];
    for (name, nickname) in [("many", "많이"), ("good", "좋아"), ("busy", "바빠")] {
        let person = world.member(name, nickname, GANGNAM).await;
        maker(&world, &person, &["culture"], &["jeju"]).await;
        people.push(person);
    }
    let [many, good, busy] = &people[..] else { unreachable!() };
    // Two reviews of three stars; one of five; no review and three errands.
    for number in 0..2 {
        let deal = done(&world, &host, many, number).await;
        reviewed(&world, many, &host, &deal, 3).await;
    }
    let deal = done(&world, &host, good, 2).await;
    reviewed(&world, good, &host, &deal, 5).await;
    for number in 3..6 {
        done(&world, &host, busy, number).await;
    }
    assert_eq!(names(&world, "").await, ["많이", "좋아", "바빠"]);
    assert_eq!(names(&world, "?sort=rating").await, ["좋아", "많이", "바빠"]);
    assert_eq!(names(&world, "?sort=confirmed").await, ["바빠", "많이", "좋아"]);
    assert_eq!(names(&world, "?sort=confirmed&province=jeju&journey=culture").await, ["바빠", "많이", "좋아"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn makers_are_found_by_province_kind_and_any_part_of_their_name_p13() {
    let world = World::new().await;
    for (name, nickname, journeys, provinces) in [
        ("minji", "민지", &["culture", "shopping"][..], &["jeju", "seoul"][..]),
        ("junho", "준호", &["culture"], &["busan"]),
        ("haru", "하루민지", &["festival"], &["jeju"]),
    ] {
        let person = world.member(name, nickname, GANGNAM).await;
        maker(&world, &person, journeys, provinces).await;
    }
    let sorted = async |query: &str| {
        let mut names = names(&world, query).await;
        names.sort();
        names
    };
    assert_eq!(sorted("").await, ["민지", "준호", "하루민지"]);
    assert_eq!(sorted("?province=jeju").await, ["민지", "하루민지"]);
    assert_eq!(sorted("?journey=culture").await, ["민지", "준호"]);
    assert_eq!(sorted("?province=jeju&journey=festival").await, ["하루민지"]);
    assert!(sorted("?province=busan&journey=festival").await.is_empty());
    assert_eq!(sorted("?q=민지").await, ["민지", "하루민지"]);
    assert_eq!(sorted("?q=ㅎㄹ").await, ["하루민지"]);
    assert_eq!(sorted("?q=민지&province=seoul").await, ["민지"]);
    assert_eq!(sorted("?q=민지&journey=festival&sort=rating").await, ["하루민지"]);
    assert!(sorted("?q=없는이름").await.is_empty());
    world.get("/makers?q=민").refused(422, "invalid_fields").await;
    world.get("/makers?province=pyongyang").refused(400, "malformed_fields").await;
    world.get("/makers?sort=price").refused(400, "malformed_fields").await;

    let (mut seen, mut cursor) = (vec![], String::new());
    loop {
        let page = world.get(&format!("/makers?limit=1{cursor}")).expect(200).await.body;
        seen.extend(page["items"].as_array().into_iter().flatten().map(|card| text(&card["nickname"])));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    seen.sort();
    assert_eq!(seen, ["민지", "준호", "하루민지"], "page by page, each once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_maker_who_is_called_something_else_is_found_by_the_new_name_p13_p7() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    maker(&world, &minji, &["culture"], &["jeju"]).await;
    assert_eq!(names(&world, "?q=민지").await, ["민지"]);
    let me = world.get("/me").by(&minji).expect(200).await.body;
    world.patch("/me", json!({"version": me["version"], "nickname": "새이름"})).by(&minji).expect(200).await;
    world.settle().await;
    assert!(names(&world, "?q=민지").await.is_empty());
    assert_eq!(names(&world, "?q=새이").await, ["새이름"]);
    // Fewer provinces: what is left out is not found there any more.
    let elsewhere = json!({
        "version": 1, "line": "부산", "description": "부산만 다닙니다.", "journeys": ["festival"], "provinces": ["busan"],
    });
    world.put("/me/maker", elsewhere).by(&minji).expect(200).await;
    world.settle().await;
    assert!(names(&world, "?province=jeju").await.is_empty());
    assert_eq!(names(&world, "?province=busan&journey=festival").await, ["새이름"]);
}
