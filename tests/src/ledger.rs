//! The ledger: that no coin is lost or made, whatever happened (rows S1, S3, S4).

use std::collections::{BTreeMap, BTreeSet};

use domain::coins::{Entry, Purse};
use serde_json::json;

use crate::World;

/// The balance of a purse, and what its lines say, the earliest first.
pub(crate) async fn purse(world: &World, purse: &Purse) -> (u64, Vec<i64>) {
    let (balance, entries) = store::Wallets(&world.table()).whole(purse).await.expect("the table answers");
    (balance.expect("a purse that is not the platform's"), entries.iter().map(|entry| entry.coins).collect())
}

/// Audits the ledger, from what the platform has issued on to every purse that any coin ever came to: each has what its
/// lines sum to, every line has its other half, and all of them together have nothing.
pub(crate) async fn sums_to_zero(world: &World) {
    let table = world.table();
    let wallets = store::Wallets(&table);
    let mut known = BTreeSet::from([Purse::Platform]);
    let mut queue = vec![Purse::Platform];
    let mut halves: BTreeMap<String, i64> = BTreeMap::new();
    let mut sum = 0;
    while let Some(purse) = queue.pop() {
        let (balance, entries) = wallets.whole(&purse).await.expect("the table answers");
        let lines: i64 = entries.iter().map(|entry| entry.coins).sum();
        if let Some(balance) = balance {
            assert_eq!(lines, balance.cast_signed(), "{purse:?}: {entries:?}");
        }
        sum += lines;
        for Entry { movement, coins, other, .. } in entries {
            *halves.entry(movement).or_default() += coins;
            if known.insert(other.clone()) {
                queue.push(other);
            }
        }
    }
    assert!(known.len() > 1, "no coin was ever issued: this audit would see nothing");
    assert_eq!(sum, 0);
    let odd: Vec<_> = halves.into_iter().filter(|(_, sum)| *sum != 0).collect();
    assert!(odd.is_empty(), "{odd:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_gives_coins_for_a_reason_that_is_read_s1_s3() {
    let world = World::seeded().await;
    let (admin, junho) = (world.demo("admin").await, world.demo("junho").await);
    let before = world.get("/me/wallet").by(&junho).expect(200).await.body["balance"].as_u64().expect("a number");
    let path = format!("/admin/accounts/{}/coins", junho.id);
    let body = json!({"coins": 7, "reason": "행사 참여"});
    world.post(&path, body.clone()).by(&junho).refused(403, "admin_only").await;
    let key = "grant-once";
    let first = world.post(&path, body.clone()).by(&admin).header("idempotency-key", key).expect(201).await;
    world.post(&path, body).by(&admin).header("idempotency-key", key).expect(201).await;
    assert_eq!(first.body["balance"].as_u64(), Some(before + 7), "given once");
    let lines = world.get("/me/wallet/entries?limit=1").by(&junho).expect(200).await.body;
    let line = &lines["items"][0];
    assert_eq!((&line["coins"], &line["reason"], &line["about"]), (&json!(7), &json!("grant"), &json!("행사 참여")));
    sums_to_zero(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_amount_of_coins_is_a_whole_number_from_one_and_every_bad_field_is_named_s1() {
    let world = World::seeded().await;
    let (admin, junho) = (world.demo("admin").await, world.demo("junho").await);
    let path = format!("/admin/accounts/{}/coins", junho.id);
    for coins in [json!(0), json!(-1), json!(9_007_199_254_740_992_u64), json!(1.5), json!("7"), json!(null)] {
        let reply = world.post(&path, json!({"coins": coins, "reason": "x"})).by(&admin).send().await;
        assert!(matches!(reply.status, 400 | 422), "{coins}: {}", reply.text());
        assert!(reply.bad_fields().contains_key("/coins") && reply.bad_fields().contains_key("/reason"), "{coins}");
    }
    let nobody = "/admin/accounts/00000000-0000-4000-8000-000000000000/coins";
    world.post(nobody, json!({"coins": 1, "reason": "시험"})).by(&admin).refused(404, "not_found").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_line_of_a_wallet_is_read_page_by_page_the_latest_first_s3() {
    let world = World::seeded().await;
    let (admin, junho) = (world.demo("admin").await, world.demo("junho").await);
    for coins in 1..=5 {
        let path = format!("/admin/accounts/{}/coins", junho.id);
        world.post(&path, json!({"coins": coins, "reason": "시험"})).by(&admin).expect(201).await;
        world.stop_clock_at(world.now().plus(1000));
    }
    let (mut seen, mut cursor) = (vec![], String::new());
    loop {
        let page = world.get(&format!("/me/wallet/entries?limit=2{cursor}")).by(&junho).expect(200).await.body;
        seen.extend(page["items"].as_array().into_iter().flatten().filter_map(|line| line["coins"].as_i64()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen[..5], [5, 4, 3, 2, 1]);
    world.get("/me/wallet/entries?cursor=x").by(&junho).refused(400, "bad_cursor").await;
}
