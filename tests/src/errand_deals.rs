//! Errands that are confirmed, done and paid, or not (rows D15, D17, D18, D20, D21, S4, N6, N7).

use domain::{
    coins::Purse,
    id::DealId,
    time::{DAY, Date, HOUR, Time},
};
use serde_json::{Value, json};

use crate::{
    Person, World,
    errands::{day, errand, grant, maker, quote},
    ledger,
    listings::text,
};

/// Junho would like a journey made; two makers quote on it, for 30 and for 20 coins.
struct Journey {
    world: World,
    host: Person,
    maker: Person,
    other: Person,
    admin: Person,
    errand: Value,
    quote: DealId,
    second: DealId,
}

impl Journey {
    async fn new(coins: u64) -> Self {
        let world = World::seeded().await;
        let (host, one, other, admin) = tokio::join!(
            world.member("gildong", "길동이네", "seoul/gangnam-gu"),
            world.member("sunja", "순자네", "seoul/gangnam-gu"),
            world.member("chulsu", "철수네", "seoul/gangnam-gu"),
            world.demo("admin"),
        );
        for person in [&one, &other] {
            maker(&world, person, &["culture"], &["jeju"]).await;
        }
        if coins > 0 {
            grant(&world, &host, coins).await;
        }
        let errand = errand(&world, &host, json!({"date": day(&world, 7)})).await;
        let first = quote(&world, &one, &errand, 30).await;
        let second = quote(&world, &other, &errand, 20).await;
        Self { world, host, maker: one, other, admin, errand, quote: first, second }
    }

    fn act(&self, deal: &DealId, person: &Person, action: &str) -> crate::Ask<'_> {
        let body = json!({"action": action, "reason": "사정이 생겼습니다"});
        self.world.post(&format!("/deals/{deal}/actions"), body).by(person)
    }

    async fn coins(&self, person: &Person) -> u64 {
        self.world.get("/me/wallet").by(person).expect(200).await.body["balance"].as_u64().expect("a number")
    }

    async fn status(&self) -> String {
        let path = format!("/errands/{}", text(&self.errand["id"]));
        text(&self.world.get(&path).expect(200).await.body["status"])
    }

    async fn wait_until(&mut self, time: Time) {
        self.world.stop_clock_at(time);
        for person in [&mut self.host, &mut self.maker, &mut self.other, &mut self.admin] {
            *person = self.world.sign_in(&person.email).await;
        }
    }

    fn date(&self) -> Date {
        Date::parse(&text(&self.errand["date"])).expect("a day")
    }

    async fn told(&self, person: &Person) -> Vec<String> {
        self.world.settle().await;
        let page = self.world.get("/notifications?limit=100").by(person).expect(200).await.body;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        items.iter().map(|one| text(&one["payload"]["action"])).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quote_that_is_confirmed_is_held_for_and_its_maker_paid_when_it_is_done_d17_d20_s4_n6() {
    let mut journey = Journey::new(30).await;
    let confirmed = journey.act(&journey.quote, &journey.host, "accept").expect(200).await.body;
    assert_eq!((&confirmed["state"], confirmed["held"].as_u64()), (&json!("agreed"), Some(30)));
    assert_eq!((journey.coins(&journey.host).await, journey.status().await.as_str()), (0, "reserved"));
    assert!(journey.told(&journey.maker).await.contains(&"accept".to_owned()));
    let room = text(&confirmed["roomId"]);
    let shown = journey.world.get(&format!("/rooms/{room}")).by(&journey.maker).expect(200).await.body;
    assert_eq!((&shown["kind"], &shown["status"]), (&json!("deal"), &json!("open")));
    journey.act(&journey.quote, &journey.host, "complete").refused(409, "too_early").await;
    journey.wait_until(journey.date().begins().plus(-1)).await;
    journey.act(&journey.quote, &journey.host, "complete").refused(409, "too_early").await;
    journey.wait_until(journey.date().begins()).await;
    journey.act(&journey.quote, &journey.maker, "complete").refused(403, "not_yours").await;
    let done = journey.act(&journey.quote, &journey.host, "complete").expect(200).await.body;
    assert_eq!((&done["state"], done["held"].as_u64()), (&json!("done"), Some(0)));
    assert_eq!((journey.coins(&journey.maker).await, journey.status().await.as_str()), (30, "closed"));
    journey.act(&journey.quote, &journey.host, "complete").expect(200).await;
    assert_eq!(journey.coins(&journey.maker).await, 30, "paid once");
    journey.world.settle().await;
    let late = json!({"nonce": "nonce-001", "text": "고맙습니다"});
    let path = format!("/rooms/{room}/messages");
    journey.world.post(&path, late).by(&journey.host).refused(409, "room_closed").await;
    ledger::sums_to_zero(&journey.world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_quotes_that_were_not_chosen_are_told_so_d18_n7() {
    let journey = Journey::new(60).await;
    journey.act(&journey.quote, &journey.host, "accept").expect(200).await;
    journey.world.settle().await;
    let seen = journey.world.get(&format!("/deals/{}", journey.second)).by(&journey.other).expect(200).await.body;
    assert_eq!((&seen["state"], &seen["actions"]), (&json!("overtaken"), &json!([])));
    assert!(journey.told(&journey.other).await.contains(&"overtake".to_owned()));
    journey.act(&journey.second, &journey.host, "accept").refused(409, "deal_moved").await;
    assert_eq!(journey.coins(&journey.host).await, 30, "held for one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_price_that_one_has_not_got_is_not_confirmed_d17_s4() {
    let journey = Journey::new(29).await;
    let short = journey.act(&journey.quote, &journey.host, "accept").refused(409, "too_few_coins").await;
    assert_eq!((short.body["needs"].as_u64(), short.body["has"].as_u64()), (Some(30), Some(29)));
    grant(&journey.world, &journey.host, 1).await;
    journey.act(&journey.quote, &journey.host, "accept").expect(200).await;
    assert_eq!(journey.coins(&journey.host).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_quotes_confirmed_at_once_one_is_and_is_paid_for_once_d17() {
    let journey = Journey::new(60).await;
    let tries = (0..40).map(|n| {
        let deal = if n % 2 == 0 { &journey.quote } else { &journey.second };
        journey.act(deal, &journey.host, "accept").send()
    });
    let replies = futures::future::join_all(tries).await;
    assert!(replies.iter().any(|reply| reply.status == 200));
    assert!(
        replies.iter().all(|reply| matches!(reply.status, 200 | 409)),
        "{:?}",
        replies.iter().map(|r| r.status).collect::<Vec<_>>()
    );
    let left = journey.coins(&journey.host).await;
    assert!(left == 30 || left == 40, "{left}");
    ledger::sums_to_zero(&journey.world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_maker_takes_a_quote_back_while_nobody_is_chosen_d15() {
    let journey = Journey::new(30).await;
    journey.act(&journey.quote, &journey.host, "withdraw").refused(403, "not_yours").await;
    journey.act(&journey.second, &journey.other, "withdraw").expect(200).await;
    quote(&journey.world, &journey.other, &journey.errand, 10).await;
    journey.act(&journey.quote, &journey.host, "accept").expect(200).await;
    journey.act(&journey.quote, &journey.maker, "withdraw").refused(409, "deal_moved").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_maker_is_paid_seven_days_after_the_day_though_nobody_says_a_word_d21_s4() {
    let mut journey = Journey::new(30).await;
    journey.act(&journey.quote, &journey.host, "accept").expect(200).await;
    let page = journey.world.get("/me/page?tab=ongoing").by(&journey.host).expect(200).await.body;
    assert_eq!(page["deals"]["items"][0]["actions"], json!(["break"]), "it lists what may be done before the day");
    // The schedule has run before: it looks on from where it was.
    journey.world.pass_hours(1).await;
    let due = journey.date().over().plus(7 * DAY);
    journey.wait_until(due.plus(-1000)).await;
    let path = format!("/deals/{}", journey.quote);
    assert_eq!(journey.world.get(&path).by(&journey.maker).expect(200).await.body["state"], "agreed");
    journey.wait_until(due).await;
    assert_eq!(journey.world.get(&path).by(&journey.maker).expect(200).await.body["state"], "done");
    assert_eq!(journey.coins(&journey.maker).await, 0, "it is a fact, and not written down yet");
    journey.world.pass_hours(1).await;
    journey.world.settle().await;
    journey.wait_until(journey.world.now()).await;
    assert_eq!((journey.coins(&journey.maker).await, journey.status().await.as_str()), (30, "closed"));
    let (held, lines) = ledger::purse(&journey.world, &Purse::Held(journey.quote.clone())).await;
    assert_eq!((held, lines), (0, vec![30, -30]));
    ledger::sums_to_zero(&journey.world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_breaks_off_before_the_day_pays_with_manner_and_the_coins_come_back_d24_s4() {
    let mut journey = Journey::new(30).await;
    journey.act(&journey.quote, &journey.host, "accept").expect(200).await;
    let broken = journey.act(&journey.quote, &journey.maker, "break").expect(200).await.body;
    assert_eq!(broken["state"], "broken");
    assert_eq!((journey.coins(&journey.host).await, journey.status().await.as_str()), (30, "open"));
    let manner = journey.world.get(&format!("/accounts/{}/manner", journey.maker.id)).expect(200).await.body;
    assert_eq!(manner["penalties"].as_array().map(Vec::len), Some(1));
    // Others may quote again, and from the day on the host breaks off no more.
    let again = quote(&journey.world, &journey.other, &journey.errand, 30).await;
    journey.act(&again, &journey.host, "accept").expect(200).await;
    journey.wait_until(journey.date().begins()).await;
    journey.act(&again, &journey.host, "break").refused(409, "passed").await;
    ledger::sums_to_zero(&journey.world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_disputed_from_the_day_on_an_administrator_decides_s4() {
    for (decision, host, maker) in [("award", 0, 30), ("refund", 30, 0)] {
        let mut journey = Journey::new(30).await;
        journey.act(&journey.quote, &journey.host, "accept").expect(200).await;
        journey.act(&journey.quote, &journey.host, "dispute").refused(409, "too_early").await;
        journey.wait_until(journey.date().begins().plus(HOUR)).await;
        journey.act(&journey.quote, &journey.host, "dispute").expect(200).await;
        let waiting = journey.world.get("/admin/deals").by(&journey.admin).expect(200).await.body;
        assert!(
            waiting["items"].as_array().is_some_and(|all| all.iter().any(|one| one["id"] == journey.quote.as_str()))
        );
        let path = format!("/admin/deals/{}/settlement", journey.quote);
        let body = json!({"decision": decision, "reason": "사진을 보고 정했습니다"});
        journey.world.post(&path, body).by(&journey.admin).expect(200).await;
        assert_eq!((journey.coins(&journey.host).await, journey.coins(&journey.maker).await), (host, maker));
        assert_eq!(journey.status().await, "closed");
        ledger::sums_to_zero(&journey.world).await;
    }
}
