//! Deals from the first word to the last (rows D1–D8, D24, D25, L8, P18, S4, X7, Z4–Z6, B13, B14).

use domain::{
    coins::Purse,
    id::DealId,
    time::{DAY, HOUR, Time},
};
use serde_json::{Value, json};

use crate::{Person, Reply, World, ledger};

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn actions(deal: &Value) -> Vec<String> {
    deal["actions"].as_array().into_iter().flatten().map(text).collect()
}

/// Minji has something; two others would like it.
struct Market {
    world: World,
    minji: Person,
    junho: Person,
    haru: Person,
    admin: Person,
}

impl Market {
    async fn new() -> Self {
        let world = World::seeded().await;
        // The two have no coins and no deals yet.
        let (minji, junho, haru, admin) = tokio::join!(
            world.demo("minji"),
            world.member("gildong", "길동이네", "seoul/gangnam-gu"),
            world.member("sunja", "순자네", "seoul/gangnam-gu"),
            world.demo("admin"),
        );
        Self { world, minji, junho, haru, admin }
    }

    /// A barter of Minji's whose room the two others have joined.
    async fn barter(&self) -> String {
        let listing = text(&self.world.barter(&self.minji, json!({})).await["id"]);
        self.world.settle().await;
        for person in [&self.junho, &self.haru] {
            self.world.post(&format!("/listings/{listing}/room"), Value::Null).by(person).expect(200).await;
        }
        listing
    }

    /// Moves the clock, and signs everybody in again: their tokens are good for an hour.
    async fn wait_until(&mut self, time: Time) {
        self.world.stop_clock_at(time);
        for person in [&mut self.minji, &mut self.junho, &mut self.haru] {
            *person = self.world.sign_in(&person.email).await;
        }
    }

    async fn rental(&self, changes: Value) -> String {
        let listing = text(&self.world.rental(&self.minji, changes).await["id"]);
        self.world.settle().await;
        listing
    }

    async fn offer(&self, listing: &str, person: &Person) -> String {
        let body = json!({"offer": "캠핑 의자 두 개"});
        let made = self.world.post(&format!("/listings/{listing}/deals"), body).by(person).expect(201).await;
        text(&made.body["id"])
    }

    /// A rental from so many hours ahead for so many hours.
    fn times(&self, from: i64, hours: i64) -> Value {
        let next = Time::from_ms(self.world.now().ms().div_euclid(HOUR) * HOUR);
        let start = next.plus(from * HOUR);
        json!({"start": start.to_string(), "end": start.plus(hours * HOUR).to_string()})
    }

    async fn rent(&self, listing: &str, person: &Person, from: i64, hours: i64) -> String {
        let body = self.times(from, hours);
        let made = self.world.post(&format!("/listings/{listing}/deals"), body).by(person).expect(201).await;
        text(&made.body["id"])
    }

    fn act(&self, deal: &str, person: &Person, action: &str) -> crate::Ask<'_> {
        self.world.post(&format!("/deals/{deal}/actions"), json!({"action": action})).by(person)
    }

    async fn done(&self, deal: &str, person: &Person, action: &str) -> Value {
        self.act(deal, person, action).expect(200).await.body
    }

    fn with_reason(&self, deal: &str, person: &Person, action: &str) -> crate::Ask<'_> {
        let body = json!({"action": action, "reason": "사정이 생겼습니다"});
        self.world.post(&format!("/deals/{deal}/actions"), body).by(person)
    }

    async fn show(&self, deal: &str, person: &Person) -> Value {
        self.world.get(&format!("/deals/{deal}")).by(person).expect(200).await.body
    }

    async fn state(&self, deal: &str) -> String {
        let deal = DealId::parse(deal).expect("a deal's identifier");
        let found = store::Deals(&self.world.table()).by_id_now(&deal).await.expect("the table answers");
        found.expect("a deal").at(self.world.now()).deal.state.word().to_owned()
    }

    async fn status(&self, listing: &str) -> String {
        text(&self.world.get(&format!("/listings/{listing}")).by(&self.minji).expect(200).await.body["status"])
    }

    async fn grant(&self, person: &Person, coins: u64) {
        let body = json!({"coins": coins, "reason": "시험"});
        self.world.post(&format!("/admin/accounts/{}/coins", person.id), body).by(&self.admin).expect(201).await;
    }

    async fn coins(&self, person: &Person) -> u64 {
        self.world.get("/me/wallet").by(person).expect(200).await.body["balance"].as_u64().expect("a number")
    }

    /// How many penalties weigh on somebody.
    async fn penalties(&self, person: &Person) -> usize {
        let manner = self.world.get(&format!("/accounts/{}/manner", person.id)).expect(200).await.body;
        manner["penalties"].as_array().map_or(0, Vec::len)
    }

    /// What Madang said in the room of a deal, as its actions.
    async fn said(&self, deal: &str, person: &Person) -> Vec<String> {
        let room = text(&self.show(deal, person).await["roomId"]);
        let page = self.world.get(&format!("/rooms/{room}/messages?limit=100")).by(person).expect(200).await.body;
        let messages = page["items"].as_array().cloned().unwrap_or_default();
        let mut said: Vec<_> = messages
            .iter()
            .filter(|message| message["system"]["event"] == "deal.moved" && message["system"]["deal"] == deal)
            .map(|message| (message["seq"].as_u64(), text(&message["system"]["action"])))
            .collect();
        said.sort_unstable();
        said.into_iter().map(|(_, action)| action).collect()
    }

    async fn told(&self, person: &Person) -> Vec<(String, String)> {
        self.world.settle().await;
        let page = self.world.get("/notifications?limit=100").by(person).expect(200).await.body;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        let news = items.iter().filter(|one| text(&one["type"]).starts_with("deal."));
        news.map(|one| (text(&one["type"]), text(&one["payload"]["action"]))).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_swap_goes_from_an_offer_to_two_confirmations_and_its_room_closes_d1_l8_c2_d8_n4_b13() {
    let yard = Market::new().await;
    let listing = yard.barter().await;
    let (deal, other) = (yard.offer(&listing, &yard.junho).await, yard.offer(&listing, &yard.haru).await);
    assert_eq!(actions(&yard.show(&deal, &yard.minji).await), ["decline", "accept"]);
    assert_eq!(actions(&yard.show(&deal, &yard.junho).await), ["withdraw"]);
    let accepted = yard.done(&deal, &yard.minji, "accept").await;
    assert_eq!((&accepted["state"], &accepted["actions"]), (&json!("agreed"), &json!(["confirm", "break"])));
    assert_eq!(yard.status(&listing).await, "reserved");
    yard.act(&other, &yard.minji, "accept").refused(409, "wrong_status").await;
    assert_eq!(yard.done(&deal, &yard.minji, "confirm").await["state"], "hostConfirmed");
    assert_eq!(yard.done(&deal, &yard.junho, "confirm").await["state"], "done");
    assert_eq!(yard.status(&listing).await, "closed");
    yard.world.settle().await;
    assert_eq!(yard.state(&other).await, "overtaken", "the others are told");
    assert_eq!(yard.said(&deal, &yard.minji).await, ["propose", "accept", "confirm", "confirm"]);
    let room = text(&yard.show(&deal, &yard.junho).await["roomId"]);
    let late = json!({"nonce": "nonce-001", "text": "잘 쓸게요"});
    yard.world.post(&format!("/rooms/{room}/messages"), late).by(&yard.junho).refused(409, "room_closed").await;
    assert!(yard.told(&yard.haru).await.contains(&("deal.ended".into(), "overtake".into())));
    assert!(yard.told(&yard.minji).await.contains(&("deal.proposed".into(), "propose".into())));
    assert!(yard.told(&yard.junho).await.contains(&("deal.accepted".into(), "accept".into())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_breaks_off_an_agreed_swap_says_why_and_it_costs_them_manner_d24_x7() {
    let yard = Market::new().await;
    let before = yard.penalties(&yard.minji).await;
    let listing = yard.barter().await;
    let deal = yard.offer(&listing, &yard.junho).await;
    yard.done(&deal, &yard.minji, "accept").await;
    let silent = yard.act(&deal, &yard.junho, "break").refused(400, "malformed_fields").await;
    assert_eq!(silent.bad_fields()["/reason"], "missing");
    let broken = yard.with_reason(&deal, &yard.junho, "break").expect(200).await.body;
    assert_eq!((&broken["state"], &broken["reason"]), (&json!("broken"), &json!("사정이 생겼습니다")));
    assert_eq!(yard.status(&listing).await, "open", "it is to be had again");
    assert_eq!((yard.penalties(&yard.junho).await, yard.penalties(&yard.minji).await), (1, before));
    let again = yard.offer(&listing, &yard.junho).await;
    assert_ne!(again, deal);
    // The one who confirmed has given their word that it is done: only the other can still break off.
    yard.done(&again, &yard.minji, "accept").await;
    yard.done(&again, &yard.minji, "confirm").await;
    yard.with_reason(&again, &yard.minji, "break").refused(403, "not_yours").await;
    yard.with_reason(&again, &yard.junho, "break").expect(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_its_sides_know_a_deal_and_each_does_only_their_part_d7() {
    let yard = Market::new().await;
    let listing = yard.barter().await;
    let deal = yard.offer(&listing, &yard.junho).await;
    yard.world.get(&format!("/deals/{deal}")).by(&yard.haru).refused(404, "not_found").await;
    yard.act(&deal, &yard.haru, "accept").refused(404, "not_found").await;
    let refused = yard.act(&deal, &yard.junho, "accept").refused(403, "not_yours").await;
    assert_eq!((&refused.body["state"], &refused.body["actions"]), (&json!("proposed"), &json!(["withdraw"])));
    let early = yard.act(&deal, &yard.minji, "confirm").refused(409, "deal_moved").await;
    assert_eq!(early.body["actions"], json!(["decline", "accept"]));
    for action in ["overtake", "lapse", "overdue", "abandon", "remind", "award", "propose"] {
        let reply = yard.act(&deal, &yard.junho, action).send().await;
        assert!(matches!(reply.status, 403 | 409), "{action}: {}", reply.text());
    }
    yard.world
        .post(&format!("/admin/deals/{deal}/settlement"), json!({"decision": "award", "reason": "시험"}))
        .by(&yard.minji)
        .refused(403, "admin_only")
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_deals_not_with_oneself_nor_as_a_stranger_nor_twice_nor_when_banned_d1() {
    let yard = Market::new().await;
    let listing = yard.barter().await;
    let path = format!("/listings/{listing}/deals");
    let offer = json!({"offer": "책"});
    yard.world.post(&path, offer.clone()).by(&yard.minji).refused(409, "own_listing").await;
    let seoyeon = yard.world.member("seoyeon", "서연", "seoul/gangnam-gu").await;
    yard.world.post(&path, offer.clone()).by(&seoyeon).refused(403, "not_member").await;
    let deal = yard.offer(&listing, &yard.junho).await;
    let twice = yard.world.post(&path, offer.clone()).by(&yard.junho).refused(409, "deal_exists").await;
    assert_eq!(twice.body["dealId"], deal);
    let ban = format!("/listings/{listing}/bans/{}", yard.haru.id);
    yard.world.ask(reqwest::Method::PUT, &ban).by(&yard.minji).expect(204).await;
    yard.world.post(&path, offer).by(&yard.haru).refused(403, "banned").await;
    yard.done(&deal, &yard.junho, "withdraw").await;
    yard.offer(&listing, &yard.junho).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_is_of_its_kind_and_names_what_is_ones_own_d1_d2() {
    let yard = Market::new().await;
    let (listing, rental) = (yard.barter().await, yard.rental(json!({})).await);
    let of_junho = text(&yard.world.barter(&yard.junho, json!({})).await["id"]);
    let of_haru = text(&yard.world.barter(&yard.haru, json!({})).await["id"]);
    let path = format!("/listings/{listing}/deals");
    for (body, field, code) in [
        (json!({}), "/offer", "missing"),
        (json!({"offer": "책", "start": "2026-12-24T09:00:00Z"}), "/start", "not_together"),
        (json!({"offer": "책", "price": 5}), "/price", "not_together"),
        (json!({"offer": "책", "offeredListingId": of_haru}), "/offeredListingId", "not_found"),
        (json!({"offer": "책", "pictures": ["med_01K9ZX3V5M8QJ4T0N2R6W7Y1AB"]}), "/pictures/0", "not_found"),
    ] {
        let reply = yard.world.post(&path, body.clone()).by(&yard.junho).send().await;
        assert!(matches!(reply.status, 400 | 422), "{body}: {}", reply.text());
        assert_eq!(reply.bad_fields().get(field).map(String::as_str), Some(code), "{body}");
    }
    let picture = yard.world.picture(&yard.junho, "listing").await;
    let whole = json!({"offer": "책", "offeredListingId": of_junho, "pictures": [picture]});
    let made = yard.world.post(&path, whole).by(&yard.junho).expect(201).await.body;
    assert_eq!(made["terms"]["offeredListingId"], of_junho);
    assert_eq!(made["terms"]["pictures"][0]["id"], picture);
    yard.world.delete(&format!("/media/{picture}")).by(&yard.junho).refused(409, "media_in_use").await;
    yard.done(&text(&made["id"]), &yard.junho, "withdraw").await;
    yard.world.delete(&format!("/media/{picture}")).by(&yard.junho).expect(204).await;
    let second = yard.world.picture(&yard.junho, "listing").await;
    let pictured = json!({"offer": "책", "pictures": [second]});
    yard.world.post(&path, pictured).by(&yard.junho).expect(201).await;
    yard.world.delete(&format!("/listings/{listing}")).by(&yard.minji).expect(204).await;
    yard.world.settle().await;
    yard.world.delete(&format!("/media/{second}")).by(&yard.junho).expect(204).await;
    let path = format!("/listings/{rental}/deals");
    for body in
        [json!({}), json!({"offer": "책"}), json!({"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"})]
    {
        let reply = yard.world.post(&path, body.clone()).by(&yard.junho).send().await;
        assert!(matches!(reply.status, 400 | 422), "{body}: {}", reply.text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rental_goes_from_a_request_over_the_hand_over_to_its_end_d2_d3_d5() {
    let yard = Market::new().await;
    yard.grant(&yard.junho, 50).await;
    let listing = yard.rental(json!({"deposit": 30})).await;
    let deal = yard.rent(&listing, &yard.junho, 2, 30).await;
    let asked = yard.show(&deal, &yard.junho).await;
    assert_eq!(asked["terms"]["price"], 10_000, "two days that were begun, at 5,000 a day");
    assert_eq!((asked["held"].as_u64(), yard.coins(&yard.junho).await), (Some(30), 20));
    assert_eq!(yard.done(&deal, &yard.minji, "accept").await["state"], "agreed");
    let calendar = yard.world.get(&format!("/listings/{listing}/calendar")).expect(200).await.body;
    assert_eq!(calendar["taken"][0]["start"], asked["terms"]["start"]);
    let lent = yard.done(&deal, &yard.minji, "handOver").await;
    assert_eq!((&lent["state"], yard.status(&listing).await.as_str()), (&json!("running"), "reserved"));
    yard.act(&deal, &yard.minji, "return").refused(403, "not_yours").await;
    assert_eq!(yard.done(&deal, &yard.junho, "return").await["state"], "returned");
    let ended = yard.done(&deal, &yard.minji, "end").await;
    assert_eq!((&ended["state"], ended["held"].as_u64()), (&json!("done"), Some(0)));
    assert_eq!((yard.coins(&yard.junho).await, yard.status(&listing).await.as_str()), (50, "open"));
    let after = yard.world.get(&format!("/listings/{listing}/calendar")).expect(200).await.body;
    assert_eq!(after["taken"], json!([]));
    assert_eq!(yard.said(&deal, &yard.junho).await, ["propose", "accept", "handOver", "return", "end"]);
    let next = yard.rent(&listing, &yard.junho, 2, 1).await;
    assert_ne!(next, deal, "the same two may deal again (row D6)");
    ledger::sums_to_zero(&yard.world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rejected_renter_may_ask_again_and_gets_the_deposit_back_d4() {
    let yard = Market::new().await;
    yard.grant(&yard.junho, 30).await;
    let listing = yard.rental(json!({"deposit": 30})).await;
    let deal = yard.rent(&listing, &yard.junho, 2, 3).await;
    assert_eq!(yard.coins(&yard.junho).await, 0);
    assert_eq!(yard.done(&deal, &yard.minji, "decline").await["state"], "declined");
    assert_eq!(yard.coins(&yard.junho).await, 30);
    let again = yard.rent(&listing, &yard.junho, 2, 3).await;
    assert_eq!(yard.done(&again, &yard.junho, "withdraw").await["state"], "withdrawn");
    assert_eq!(yard.coins(&yard.junho).await, 30);
    ledger::sums_to_zero(&yard.world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deposit_that_one_has_not_got_is_not_held_s4() {
    let yard = Market::new().await;
    let listing = yard.rental(json!({"deposit": 30})).await;
    let path = format!("/listings/{listing}/deals");
    yard.grant(&yard.junho, 29).await;
    let short = yard.world.post(&path, yard.times(2, 3)).by(&yard.junho).refused(409, "too_few_coins").await;
    assert_eq!((short.body["needs"].as_u64(), short.body["has"].as_u64()), (Some(30), Some(29)));
    yard.grant(&yard.junho, 1).await;
    yard.rent(&listing, &yard.junho, 2, 3).await;
    assert_eq!(yard.coins(&yard.junho).await, 0, "exactly enough is enough");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_want_the_same_time_the_other_is_told_no_and_paid_back_d3_z5() {
    let yard = Market::new().await;
    yard.grant(&yard.junho, 30).await;
    yard.grant(&yard.haru, 30).await;
    let listing = yard.rental(json!({"deposit": 30})).await;
    let (mine, same) = (yard.rent(&listing, &yard.junho, 10, 5).await, yard.rent(&listing, &yard.haru, 14, 5).await);
    yard.done(&mine, &yard.minji, "accept").await;
    yard.act(&same, &yard.minji, "accept").send().await;
    yard.world.settle().await;
    assert_eq!(yard.state(&same).await, "overtaken");
    assert_eq!(yard.coins(&yard.haru).await, 30);
    let path = format!("/listings/{listing}/deals");
    yard.world.post(&path, yard.times(12, 1)).by(&yard.haru).refused(409, "times_taken").await;
    yard.rent(&listing, &yard.haru, 15, 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_who_accept_at_once_are_one_and_the_rest_is_told_what_is_so_z5() {
    let yard = Market::new().await;
    let listing = yard.barter().await;
    let deal = yard.offer(&listing, &yard.junho).await;
    let other = yard.offer(&listing, &yard.haru).await;
    let tries = (0..100).map(|n| {
        let (yard, deal) = (&yard, if n % 2 == 0 { &deal } else { &other });
        async move { yard.act(deal, &yard.minji, "accept").send().await }
    });
    let replies: Vec<Reply> = futures::future::join_all(tries).await;
    let (first, second) = (yard.state(&deal).await, yard.state(&other).await);
    let agreed = [&first, &second].into_iter().filter(|state| *state == "agreed").count();
    assert_eq!(agreed, 1, "{first} {second}");
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!(reply.status, 409, "{}", reply.text());
    }
    let winner = if first == "agreed" { &deal } else { &other };
    assert_eq!(yard.said(winner, &yard.minji).await, ["propose", "accept"], "said once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asked_for_fifty_times_at_once_a_deal_is_one_and_held_for_once_s4() {
    let yard = Market::new().await;
    yard.grant(&yard.junho, 300).await;
    let listing = yard.rental(json!({"deposit": 30})).await;
    let path = format!("/listings/{listing}/deals");
    let tries = (0..50).map(|_| yard.world.post(&path, yard.times(2, 3)).by(&yard.junho).send());
    let replies = futures::future::join_all(tries).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    assert!(replies.iter().all(|reply| matches!(reply.status, 201 | 409)));
    assert_eq!(yard.coins(&yard.junho).await, 270);
    let _ = replies.iter().find(|reply| reply.status == 201).map(|reply| text(&reply.body["id"])).unwrap_or_default();
    ledger::sums_to_zero(&yard.world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_proposes_once_and_is_answered_alike() {
    let yard = Market::new().await;
    let listing = yard.barter().await;
    let path = format!("/listings/{listing}/deals");
    let ask = || yard.world.post(&path, json!({"offer": "책"})).by(&yard.junho).header("idempotency-key", "once");
    let (first, again) = (ask().expect(201).await, ask().expect(201).await);
    assert_eq!(first.body["id"], again.body["id"]);
    assert_eq!(again.header("idempotency-replayed"), "true");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_says_what_would_happen_and_nothing_does() {
    let yard = Market::new().await;
    yard.grant(&yard.junho, 30).await;
    let listing = yard.rental(json!({"deposit": 30})).await;
    let path = format!("/listings/{listing}/deals?dryRun=true");
    let would = yard.world.post(&path, yard.times(2, 3)).by(&yard.junho).expect(200).await.body;
    assert_eq!(would["would"], json!(["hold coins", "say so in the room", "notify"]));
    assert_eq!(yard.coins(&yard.junho).await, 30);
    let open = yard.world.get(&format!("/listings/{listing}/deals")).by(&yard.minji).expect(200).await.body;
    assert_eq!(open["items"], json!([]));
    let deal = yard.rent(&listing, &yard.junho, 2, 3).await;
    let dry =
        yard.world.post(&format!("/deals/{deal}/actions?dryRun=true"), json!({"action": "accept"})).by(&yard.minji);
    assert_eq!(dry.expect(200).await.body["state"], "agreed");
    assert_eq!(yard.state(&deal).await, "proposed");
    let odd = yard.world.post(&format!("/deals/{deal}/actions?dryRun=maybe"), json!({"action": "accept"}));
    odd.by(&yard.minji).refused(400, "malformed_fields").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_again_by_the_same_side_is_answered_as_it_was_done() {
    let yard = Market::new().await;
    let listing = yard.barter().await;
    let deal = yard.offer(&listing, &yard.junho).await;
    let first = yard.done(&deal, &yard.minji, "accept").await;
    let again = yard.done(&deal, &yard.minji, "accept").await;
    assert_eq!((&first["version"], &first["state"]), (&again["version"], &again["state"]));
    let confirmed = yard.done(&deal, &yard.minji, "confirm").await;
    assert_eq!(yard.done(&deal, &yard.minji, "confirm").await["version"], confirmed["version"]);
    let rental = yard.rental(json!({})).await;
    let deal = yard.rent(&rental, &yard.junho, 2, 24).await;
    yard.done(&deal, &yard.minji, "accept").await;
    let ask = |hours: i64| {
        let body = json!({"action": "askExtension", "until": yard.times(2, hours)["end"]});
        yard.world.post(&format!("/deals/{deal}/actions"), body).by(&yard.junho)
    };
    let asked = ask(36).expect(200).await.body;
    assert_eq!(ask(36).expect(200).await.body["version"], asked["version"]);
    ask(48).refused(409, "no_extension").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_agreed_stays_though_the_listing_is_edited_d2() {
    let yard = Market::new().await;
    let listing = yard.rental(json!({})).await;
    let deal = yard.rent(&listing, &yard.junho, 2, 3).await;
    let seen = yard.world.get(&format!("/listings/{listing}")).by(&yard.minji).expect(200).await.body;
    let edit = json!({"version": seen["version"], "price": 9000, "title": "다른 드릴"});
    yard.world.patch(&format!("/listings/{listing}"), edit).by(&yard.minji).expect(200).await;
    let accepted = yard.done(&deal, &yard.minji, "accept").await;
    assert_eq!((&accepted["terms"]["price"], &accepted["title"]), (&json!(5000), &json!("전동 드릴")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_promised_can_neither_be_deleted_nor_closed_by_hand_l8() {
    let yard = Market::new().await;
    let listing = yard.barter().await;
    let deal = yard.offer(&listing, &yard.junho).await;
    yard.done(&deal, &yard.minji, "accept").await;
    yard.world.delete(&format!("/listings/{listing}")).by(&yard.minji).refused(409, "wrong_status").await;
    let seen = yard.world.get(&format!("/listings/{listing}")).by(&yard.minji).expect(200).await.body;
    for status in ["closed", "withdrawn"] {
        let edit = json!({"version": seen["version"], "status": status});
        yard.world.patch(&format!("/listings/{listing}"), edit).by(&yard.minji).refused(409, "wrong_status").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offers_lapse_with_what_they_were_made_on_and_deposits_come_back_l8() {
    let yard = Market::new().await;
    yard.grant(&yard.junho, 30).await;
    let listing = yard.rental(json!({"deposit": 30})).await;
    let deal = yard.rent(&listing, &yard.junho, 2, 3).await;
    yard.world.delete(&format!("/listings/{listing}")).by(&yard.minji).expect(204).await;
    yard.world.settle().await;
    assert_eq!((yard.state(&deal).await.as_str(), yard.coins(&yard.junho).await), ("lapsed", 30));
    assert!(yard.told(&yard.junho).await.contains(&("deal.ended".into(), "lapse".into())));
    ledger::sums_to_zero(&yard.world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_banned_in_the_middle_gets_back_what_was_held_for_what_they_had_asked_l21() {
    let yard = Market::new().await;
    yard.grant(&yard.junho, 30).await;
    let listing = yard.rental(json!({"deposit": 30})).await;
    let deal = yard.rent(&listing, &yard.junho, 2, 3).await;
    let ban = format!("/listings/{listing}/bans/{}", yard.junho.id);
    yard.world.ask(reqwest::Method::PUT, &ban).by(&yard.minji).expect(204).await;
    yard.world.settle().await;
    assert_eq!((yard.state(&deal).await.as_str(), yard.coins(&yard.junho).await), ("lapsed", 30));
    ledger::sums_to_zero(&yard.world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_suspended_in_the_middle_does_nothing_and_the_other_goes_on_x1_d5() {
    let yard = Market::new().await;
    let listing = yard.rental(json!({})).await;
    let deal = yard.rent(&listing, &yard.junho, 2, 3).await;
    yard.done(&deal, &yard.minji, "accept").await;
    yard.done(&deal, &yard.minji, "handOver").await;
    let body = json!({"days": 7, "reason": "같은 물품을 거듭 올렸어요."});
    yard.world.put(&format!("/admin/accounts/{}/suspension", yard.junho.id), body).by(&yard.admin).expect(200).await;
    let later = yard.world.sign_in(&yard.junho.email).await;
    yard.act(&deal, &later, "return").refused(403, "suspended").await;
    assert_eq!(yard.done(&deal, &yard.minji, "end").await["state"], "done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_side_that_deletes_its_account_ends_what_it_had_proposed_and_agreed_on() {
    let yard = Market::new().await;
    let guest = yard.world.member("leaver", "떠나는사람", "seoul/gangnam-gu").await;
    let swap = yard.barter().await;
    yard.world.post(&format!("/listings/{swap}/room"), Value::Null).by(&guest).expect(200).await;
    let agreed = yard.offer(&swap, &guest).await;
    yard.done(&agreed, &yard.minji, "accept").await;
    let (rental, booked) = (yard.rental(json!({})).await, yard.rental(json!({})).await);
    let asked = yard.rent(&rental, &guest, 2, 3).await;
    let taken = yard.rent(&booked, &guest, 2, 3).await;
    yard.done(&taken, &yard.minji, "accept").await;
    yard.world.delete("/me").by(&guest).expect(204).await;
    yard.world.settle().await;
    assert_eq!((yard.state(&agreed).await.as_str(), yard.state(&asked).await.as_str()), ("broken", "lapsed"));
    assert_eq!((yard.status(&swap).await.as_str(), yard.state(&taken).await.as_str()), ("open", "broken"));
    let calendar = yard.world.get(&format!("/listings/{booked}/calendar")).expect(200).await.body;
    assert_eq!(calendar["taken"], json!([]), "its times are free");
    let seen = yard.show(&agreed, &yard.minji).await;
    assert_eq!(seen["guest"], Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_moves_a_rental_at_its_very_moment_whether_or_not_it_was_written_down_z5() {
    let mut yard = Market::new().await;
    let listing = yard.rental(json!({})).await;
    let deal = yard.rent(&listing, &yard.junho, 2, 3).await;
    let late = yard.rent(&listing, &yard.haru, 6, 3).await;
    yard.done(&deal, &yard.minji, "accept").await;
    yard.done(&deal, &yard.minji, "handOver").await;
    let end = Time::parse(&text(&yard.show(&deal, &yard.minji).await["terms"]["end"])).expect("a moment");
    for (moment, state) in [(end.plus(-1000), "running"), (end, "late"), (end.plus(1000), "late")] {
        yard.wait_until(moment).await;
        assert_eq!(yard.show(&deal, &yard.minji).await["state"], state, "{moment}");
    }
    let start = Time::parse(&text(&yard.show(&late, &yard.minji).await["terms"]["start"])).expect("a moment");
    yard.wait_until(start.plus(-1)).await;
    assert_eq!(yard.show(&late, &yard.minji).await["state"], "proposed");
    yard.wait_until(start).await;
    yard.act(&late, &yard.minji, "accept").refused(409, "deal_moved").await;
    let returned = yard.done(&deal, &yard.junho, "return").await;
    assert_eq!(returned["state"], "returned");
    assert_eq!(yard.penalties(&yard.junho).await, 1, "it was late (row X7)");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schedule_writes_down_what_time_has_done_reminds_and_is_safe_to_repeat_b14_n8() {
    let mut yard = Market::new().await;
    let listing = yard.rental(json!({})).await;
    let deal = yard.rent(&listing, &yard.junho, 48, 3).await;
    yard.done(&deal, &yard.minji, "accept").await;
    yard.world.pass_hours(25).await;
    yard.world.settle().await;
    yard.wait_until(yard.world.now()).await;
    for person in [&yard.junho, &yard.minji] {
        assert!(yard.told(person).await.contains(&("deal.reminder".into(), "remind".into())));
    }
    yard.world.pass_hours(30).await;
    yard.world.settle().await;
    let written = store::Deals(&yard.world.table()).by_id_now(&DealId::parse(&deal).expect("a deal")).await;
    let written = written.expect("the table answers").expect("a deal");
    assert_eq!(written.state.word(), "lapsed", "nobody came");
    let version = written.version;
    let tick = json!({"source": "aws.events", "detail-type": "Scheduled Event", "time": yard.world.now().to_string(), "detail": {}});
    yard.world.invoke("deals.due", tick.clone()).await.expect("it does not fail");
    yard.world.invoke("deals.due", tick).await.expect("it does not fail");
    let again = store::Deals(&yard.world.table()).by_id_now(&DealId::parse(&deal).expect("a deal")).await;
    assert_eq!(again.expect("the table answers").expect("a deal").version, version);
    let calendar = yard.world.get(&format!("/listings/{listing}/calendar")).expect(200).await.body;
    assert_eq!(calendar["taken"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_never_brought_back_ends_after_a_month_and_costs_manner_x7_z5() {
    let mut yard = Market::new().await;
    let listing = yard.rental(json!({})).await;
    let deal = yard.rent(&listing, &yard.junho, 2, 3).await;
    yard.done(&deal, &yard.minji, "accept").await;
    yard.done(&deal, &yard.minji, "handOver").await;
    yard.world.pass_hours(1).await;
    let over = yard.world.now().plus(32 * DAY);
    yard.wait_until(over).await;
    let tick =
        json!({"source": "aws.events", "detail-type": "Scheduled Event", "time": over.to_string(), "detail": {}});
    let run = yard.world.laptop().invoke_within("deals.due", tick, std::time::Duration::from_secs(1)).await;
    assert_eq!(run.expect("it does not fail"), json!({"moved": 0, "finished": false}), "the rest is handed over");
    yard.world.settle().await;
    let found = store::Deals(&yard.world.table()).by_id_now(&DealId::parse(&deal).expect("a deal")).await;
    assert_eq!(found.expect("the table answers").expect("a deal").state.word(), "broken");
    assert_eq!((yard.penalties(&yard.junho).await, yard.status(&listing).await.as_str()), (1, "open"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_time_is_asked_for_and_given_where_nobody_else_has_it_d5() {
    let yard = Market::new().await;
    let listing = yard.rental(json!({})).await;
    let (deal, next) = (yard.rent(&listing, &yard.junho, 2, 24).await, yard.rent(&listing, &yard.haru, 40, 3).await);
    yard.done(&deal, &yard.minji, "accept").await;
    yard.done(&next, &yard.minji, "accept").await;
    let until = |hours: i64| yard.times(2, hours)["end"].clone();
    let ask = |hours: i64| {
        let body = json!({"action": "askExtension", "until": until(hours)});
        yard.world.post(&format!("/deals/{deal}/actions"), body).by(&yard.junho)
    };
    ask(24).refused(422, "invalid_fields").await;
    ask(40).refused(409, "times_taken").await;
    let asked = ask(36).expect(200).await.body;
    assert_eq!(asked["terms"]["extension"], until(36));
    let given = yard.done(&deal, &yard.minji, "allowExtension").await;
    assert_eq!((&given["terms"]["end"], &given["terms"]["price"]), (&until(36), &json!(10_000)));
    ask(37).expect(200).await;
    let kept = yard.done(&deal, &yard.minji, "refuseExtension").await;
    assert_eq!((&kept["terms"]["end"], &kept["terms"]["extension"]), (&until(36), &Value::Null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_gets_a_disputed_deposit_an_administrator_says_s4() {
    for (decision, lender, borrower) in [("award", 30, 0), ("refund", 0, 30)] {
        let yard = Market::new().await;
        yard.grant(&yard.junho, 30).await;
        let listing = yard.rental(json!({"deposit": 30})).await;
        let deal = yard.rent(&listing, &yard.junho, 2, 3).await;
        yard.done(&deal, &yard.minji, "accept").await;
        yard.done(&deal, &yard.minji, "handOver").await;
        yard.done(&deal, &yard.junho, "return").await;
        let (before, start) = (yard.coins(&yard.minji).await, yard.coins(&yard.junho).await);
        assert_eq!(yard.with_reason(&deal, &yard.minji, "dispute").expect(200).await.body["state"], "disputed");
        yard.act(&deal, &yard.minji, "end").refused(409, "deal_moved").await;
        let waiting = yard.world.get("/admin/deals?limit=100").by(&yard.admin).expect(200).await.body;
        let mine = waiting["items"].as_array().into_iter().flatten().find(|one| one["id"] == deal).cloned();
        assert_eq!(mine.expect("it is among them")["actions"], json!(["award", "refund"]));
        let path = format!("/admin/deals/{deal}/settlement");
        let body = json!({"decision": decision, "reason": "사진을 보고 정했습니다"});
        let settled = yard.world.post(&path, body.clone()).by(&yard.admin).expect(200).await.body;
        assert_eq!((&settled["state"], settled["held"].as_u64()), (&json!("done"), Some(0)));
        yard.world.post(&path, body).by(&yard.admin).expect(200).await;
        assert_eq!(yard.coins(&yard.minji).await - before, lender);
        assert_eq!(yard.coins(&yard.junho).await - start, borrower);
        ledger::sums_to_zero(&yard.world).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ones_own_page_counts_and_lists_deals_by_how_they_stand_p18_d22_d25() {
    let yard = Market::new().await;
    let listing = yard.barter().await;
    let (deal, other) = (yard.offer(&listing, &yard.junho).await, yard.offer(&listing, &yard.haru).await);
    yard.done(&other, &yard.minji, "decline").await;
    yard.done(&deal, &yard.minji, "accept").await;
    let page = |tab: &str| yard.world.get(&format!("/me/page?tab={tab}&limit=1")).by(&yard.minji);
    let ongoing = page("ongoing").expect(200).await.body;
    let counts = &ongoing["counts"];
    assert!(counts["ongoing"].as_u64() >= Some(1) && counts["failed"].as_u64() >= Some(1), "{counts}");
    assert_eq!(ongoing["deals"]["items"][0]["id"], deal);
    assert_eq!(page("failed").expect(200).await.body["deals"]["items"][0]["id"], other);
    let mine = yard.world.get("/me/deals?phase=ongoing").by(&yard.junho).expect(200).await.body;
    assert_eq!(mine["items"][0]["actions"], json!(["confirm", "break"]));
    yard.world.get("/me/deals?phase=sometime").by(&yard.junho).refused(400, "malformed_fields").await;
    yard.world.get("/me/deals").by(&yard.junho).refused(400, "malformed_fields").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_deals_of_a_phase_are_read_page_by_page_each_once() {
    let yard = Market::new().await;
    let mut made = vec![];
    for _ in 0..5 {
        let listing = yard.rental(json!({})).await;
        made.push(yard.rent(&listing, &yard.junho, 2, 3).await);
    }
    let of_junho = text(&yard.world.rental(&yard.junho, json!({})).await["id"]);
    yard.world.settle().await;
    made.push(yard.rent(&of_junho, &yard.haru, 2, 3).await);
    let (mut seen, mut cursor) = (vec![], String::new());
    loop {
        let path = format!("/me/deals?phase=proposed&limit=2{cursor}");
        let page = yard.world.get(&path).by(&yard.junho).expect(200).await.body;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|deal| text(&deal["id"])));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let of_ours: Vec<_> = seen.iter().filter(|id| made.contains(id)).cloned().collect();
    let mut once = of_ours.clone();
    once.sort();
    once.dedup();
    made.sort();
    assert_eq!((of_ours.len(), once), (6, made));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_calendar_is_given_to_calendar_programs_d2() {
    let yard = Market::new().await;
    let listing = yard.rental(json!({})).await;
    let deal = yard.rent(&listing, &yard.junho, 2, 3).await;
    yard.done(&deal, &yard.minji, "accept").await;
    let reply = yard.world.get(&format!("/listings/{listing}/calendar.ics")).expect(200).await;
    assert_eq!(reply.header("content-type"), "text/calendar; charset=utf-8");
    let body = reply.text();
    assert!(body.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") && body.ends_with("END:VCALENDAR\r\n"), "{body}");
    assert_eq!((body.matches("BEGIN:VEVENT").count(), body.matches("SUMMARY:전동 드릴").count()), (1, 1), "{body}");
    assert!(!body.contains(&yard.junho.id), "who has it is nobody's to know");
    let swap = yard.barter().await;
    yard.world.get(&format!("/listings/{swap}/calendar.ics")).refused(404, "not_found").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_held_stays_until_both_sides_or_time_have_spoken_s4() {
    let mut yard = Market::new().await;
    yard.grant(&yard.junho, 30).await;
    let listing = yard.rental(json!({"deposit": 30})).await;
    let deal = yard.rent(&listing, &yard.junho, 2, 3).await;
    yard.done(&deal, &yard.minji, "accept").await;
    yard.done(&deal, &yard.minji, "handOver").await;
    yard.done(&deal, &yard.junho, "return").await;
    let (held, lines) = ledger::purse(&yard.world, &Purse::Held(DealId::parse(&deal).expect("a deal"))).await;
    assert_eq!((held, lines), (30, vec![30]));
    yard.wait_until(yard.world.now().plus(3 * DAY)).await;
    assert_eq!(yard.show(&deal, &yard.junho).await["state"], "done", "the lender said nothing for three days");
    yard.world.pass_hours(1).await;
    yard.world.settle().await;
    yard.wait_until(yard.world.now()).await;
    assert_eq!(yard.coins(&yard.junho).await, 30);
    ledger::sums_to_zero(&yard.world).await;
}
