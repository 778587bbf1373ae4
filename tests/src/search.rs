//! Searching titles by any part of them and by initial consonants (rows L15, Z10).

use domain::time::MINUTE;
use serde_json::{Value, json};

use crate::{
    Person, World,
    listings::{a_minute_later, all_pages, at, fill, made, until},
};

const GANGNAM: &str = "seoul/gangnam-gu";

async fn with_titles(world: &World, owner: &Person, titles: &[&str]) {
    let now = world.now();
    let listings: Vec<_> = (0..)
        .zip(titles)
        .map(|(n, title)| made(owner, n, title, until(world, 24), now.plus(i64::from(n) * MINUTE)))
        .collect();
    fill(world, &listings).await;
}

/// What a search finds, sorted; everywhere, since the three places are three indexes.
async fn found(world: &World, sought: &str) -> Vec<String> {
    let mut all = vec![];
    for region in ["all", "seoul", GANGNAM] {
        let mut titles = world.titles(&format!("/listings?region={region}&q={sought}")).await;
        titles.sort_unstable();
        all.push(titles);
    }
    assert!(all.iter().all(|titles| *titles == all[0]), "{sought} finds the same everywhere: {all:?}");
    all.pop().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_two_syllables_of_a_title_find_it_l15_z10() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    with_titles(&world, &minji, &["자전거 21단, 거의 새것", "전거리 선물", "전자 피아노"]).await;
    assert_eq!(found(&world, "자전").await, ["자전거 21단, 거의 새것"]);
    assert_eq!(found(&world, "전거").await, ["자전거 21단, 거의 새것", "전거리 선물"]);
    assert_eq!(found(&world, "새것").await, ["자전거 21단, 거의 새것"]);
    assert_eq!(found(&world, "21단").await, ["자전거 21단, 거의 새것"]);
    assert_eq!(found(&world, "자전거 21단, 거의 새것").await, ["자전거 21단, 거의 새것"]);
    assert!(found(&world, "자거").await.is_empty(), "both syllables, but not side by side");
    assert!(found(&world, "자전거리").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn initial_consonants_find_a_title_alone_and_mixed_with_syllables_l15_z10() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    with_titles(&world, &minji, &["자전거", "장작 가마", "캠핑 의자", "까치"]).await;
    assert_eq!(found(&world, "ㅈㅈㄱ").await, ["자전거", "장작 가마"]);
    assert_eq!(found(&world, "ㅈ전거").await, ["자전거"]);
    assert_eq!(found(&world, "자ㅈㄱ").await, ["자전거"]);
    assert_eq!(found(&world, "ㅋㅍㅇㅈ").await, ["캠핑 의자"]);
    assert_eq!(found(&world, "핑ㅇ").await, ["캠핑 의자"]);
    assert!(found(&world, "ㄱㅊ").await.is_empty(), "ㄲ is another consonant than ㄱ");
    assert_eq!(found(&world, "ㄲㅊ").await, ["까치"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blanks_and_the_case_of_letters_do_not_matter_l15_z10() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    with_titles(&world, &minji, &["MacBook Pro 14", "Lego 성", "ＬＥＧＯ 집"]).await;
    for sought in ["macbook", "MACBOOK", "mac book", " Mac Book Pro ", "kpro", "acB"] {
        assert_eq!(found(&world, sought).await, ["MacBook Pro 14"], "{sought}");
    }
    assert_eq!(found(&world, "lego").await, ["Lego 성", "ＬＥＧＯ 집"], "full-width letters are letters");
    // Hangul that a Mac has taken apart is the same Hangul.
    assert_eq!(found(&world, "o\u{1109}\u{1165}\u{11BC}").await, ["Lego 성"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn marks_and_separators_in_a_title_are_found_and_do_no_harm_z10() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    with_titles(&world, &minji, &["의자#2 (빨강)", "50%할인 쿠폰", "A&B 세트", "👨\u{200d}👩\u{200d}👧 가족사진"])
        .await;
    assert_eq!(found(&world, "자%232").await, ["의자#2 (빨강)"]);
    assert_eq!(found(&world, "50%25할").await, ["50%할인 쿠폰"]);
    assert_eq!(found(&world, "a%26b").await, ["A&B 세트"]);
    assert_eq!(found(&world, "가족").await, ["👨\u{200d}👩\u{200d}👧 가족사진"]);
    assert!(found(&world, "%23%23").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_character_is_too_short_to_search_for_and_32_are_too_long_l15() {
    let world = World::new().await;
    let (most, more) = ("가".repeat(31), "가".repeat(32));
    for (sought, code) in [
        ("자", "too_short"),
        ("", "too_short"),
        (" 자 ", "too_short"),
        ("ㅈ", "too_short"),
        (more.as_str(), "too_long"),
    ] {
        let reply = world.get(&format!("/listings?q={sought}")).refused(422, "invalid_fields").await;
        assert_eq!(reply.bad_fields().get("q").map(String::as_str), Some(code), "{sought}");
    }
    let huge = "%EA%B0%80".repeat(900);
    world.get(&format!("/listings?q={huge}")).refused(422, "invalid_fields").await;
    world.get(&format!("/listings?q={most}")).expect(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_is_narrowed_by_region_kind_section_price_and_category_l15() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let haru = world.member("haru", "하루", "busan/haeundae-gu").await;
    world.barter(&minji, json!({"title": "자전거 교환"})).await;
    world.rental(&minji, json!({"title": "자전거 대여", "category": "sports"})).await;
    let wanted = json!({"title": "자전거 구함", "section": "borrow", "price": null, "unit": null});
    world.rental(&minji, wanted).await;
    world.barter(&haru, json!({"title": "자전거 부산"})).await;
    world.settle().await;
    for (query, wanted) in [
        ("region=all", vec!["자전거 교환", "자전거 구함", "자전거 대여", "자전거 부산"]),
        ("region=busan", vec!["자전거 부산"]),
        ("region=seoul/gangnam-gu", vec!["자전거 교환", "자전거 구함", "자전거 대여"]),
        ("region=all&kind=barter", vec!["자전거 교환", "자전거 부산"]),
        ("region=seoul&kind=barter", vec!["자전거 교환"]),
        ("region=all&section=lend", vec!["자전거 대여"]),
        ("region=all&section=borrow", vec!["자전거 구함"]),
        ("region=all&price=priced", vec!["자전거 대여"]),
        ("region=all&price=negotiable&section=borrow", vec!["자전거 구함"]),
        ("region=all&price=free", vec![]),
        ("region=all&category=household", vec!["자전거 구함"]),
        ("region=all&category=sports&kind=rental", vec!["자전거 대여"]),
    ] {
        let mut titles = world.titles(&format!("/listings?{query}&q=자전거")).await;
        titles.sort_unstable();
        assert_eq!(titles, wanted, "{query}");
        let mut by_two = all_pages(&world, &format!("/listings?{query}&q=자전거&limit=1"), None).await;
        by_two.sort_unstable();
        assert_eq!(by_two, wanted, "{query}, one by one");
    }
    // A member searches the home district unless a region is named.
    let own = world.get("/listings?q=자전거").by(&haru).expect(200).await;
    assert_eq!(crate::titles_in(&own.body), ["자전거 부산"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_a_search_give_each_match_once_though_few_match_l15_z10() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    // 150 titles share the pair that is looked up, every tenth is sought: pages come short and go on.
    let titles: Vec<String> =
        (0..150).map(|n| if n % 10 == 0 { format!("자전거 {n}호") } else { format!("자전차 {n}호") }).collect();
    with_titles(&world, &minji, &titles.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let wanted: Vec<String> = (0..15).rev().map(|n| format!("자전거 {}호", n * 10)).collect();
    for region in ["all", "seoul", GANGNAM] {
        // ㅈㅈㄱ is looked up as ㅈㅈ, which all have.
        for sought in ["자전거", "ㅈㅈㄱ", "ㅈㅈ거"] {
            let all = all_pages(&world, &format!("/listings?region={region}&limit=4&q={sought}"), None).await;
            assert_eq!(all, wanted, "{sought} in {region}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renamed_listing_is_found_by_its_new_title_and_no_longer_by_the_old_l15_l6() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let listing = world.barter(&minji, json!({"title": "세발자전거"})).await;
    a_minute_later(&world);
    world.patch(&at(&listing), json!({"version": 1, "title": "두발자전거"})).by(&minji).expect(200).await;
    world.settle().await;
    assert!(found(&world, "세발").await.is_empty());
    assert!(found(&world, "ㅅㅂㅈ").await.is_empty());
    assert_eq!(found(&world, "두발").await, ["두발자전거"]);
    assert_eq!(found(&world, "자전거").await, ["두발자전거"], "what both titles have is found once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_open_listings_are_found_l13_l15() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    for (title, change) in [
        ("자전거 열림", None),
        ("자전거 닫힘", Some(json!({"version": 1, "status": "closed"}))),
        ("자전거 거둠", Some(json!({"version": 1, "status": "withdrawn"}))),
    ] {
        let listing = world.barter(&minji, json!({"title": title})).await;
        if let Some(change) = change {
            world.patch(&at(&listing), change).by(&minji).expect(200).await;
        }
    }
    let gone: Value = world.barter(&minji, json!({"title": "자전거 없음"})).await;
    world.delete(&at(&gone)).by(&minji).expect(204).await;
    world.barter(&minji, json!({"title": "자전거 지남", "deadline": world.in_hours(1)})).await;
    world.settle().await;
    // The deadline passes; no schedule has run.
    world.stop_clock_at(world.now().plus(60 * MINUTE));
    assert_eq!(found(&world, "자전거").await, ["자전거 열림"]);
}
