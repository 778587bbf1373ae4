//! Signing in, staying in, leaving (rows A6–A9, A19, A26).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::time::HOUR;
use local::seed::PASSWORD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Person, Reply, World};

fn sign_in(email: &str, password: &str) -> Value {
    json!({"email": email, "password": password})
}

async fn refresh(world: &World, token: &str) -> Reply {
    world.post("/auth/session/refresh", json!({"refreshToken": token})).send().await
}

/// What two problems have in common, whoever they were told.
fn without_request_id(reply: &Reply) -> Value {
    let mut body = reply.body.clone();
    body["requestId"] = Value::Null;
    body
}

// --- signing in ---------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_knows_the_password_gets_tokens_and_learns_who_they_are_a6_a10() {
    let world = World::seeded().await;
    let reply = world.post("/auth/session", sign_in("Minji@Example.com", PASSWORD)).expect(200).await;
    let account = &reply.body["account"];
    assert_eq!((&account["nickname"], &account["email"]), (&json!("민지"), &json!("minji@example.com")));
    assert_eq!((&account["region"]["id"], &account["needs"]), (&json!("seoul/gangnam-gu"), &json!([])));
    let token = reply.body["accessToken"].as_str().unwrap_or_default();
    assert_eq!(world.get("/me").token(token).expect(200).await.body["id"], account["id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_address_and_a_wrong_password_are_told_alike_a6() {
    let world = World::seeded().await;
    let wrong =
        world.post("/auth/session", sign_in("minji@example.com", "not-hers-1")).refused(401, "wrong_credentials");
    let unknown =
        world.post("/auth/session", sign_in("nobody@example.com", PASSWORD)).refused(401, "wrong_credentials");
    let odd = world.post("/auth/session", sign_in("minji@example.com", "x")).refused(401, "wrong_credentials");
    let (wrong, unknown, odd) = tokio::join!(wrong, unknown, odd);
    assert_eq!(without_request_id(&wrong), without_request_id(&unknown));
    assert_eq!(without_request_id(&wrong), without_request_id(&odd));
    assert!(wrong.header("set-cookie").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_with_bad_fields_hears_of_all_of_them_a6() {
    let world = World::new().await;
    let body = json!({"email": ["x"], "refreshTokenIn": "header", "remember": true});
    let reply = world.post("/auth/session", body).refused(400, "malformed_fields").await;
    let expected = [
        ("/email", "wrong_type"),
        ("/password", "missing"),
        ("/refreshTokenIn", "unknown_value"),
        ("/remember", "unknown_field"),
    ];
    assert_eq!(reply.bad_fields(), expected.map(|(field, code)| (field.to_owned(), code.to_owned())).into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passwords_cannot_be_guessed_one_after_another_a6() {
    let world = World::seeded().await;
    for guess in 0..10 {
        world.post("/auth/session", sign_in("minji@example.com", &format!("guess-{guess}"))).expect(401).await;
    }
    // The right one is refused as the wrong ones were, until some time has passed.
    world.post("/auth/session", sign_in("minji@example.com", PASSWORD)).refused(401, "wrong_credentials").await;
    world.pass_hours(1).await;
    world.sign_in("minji@example.com").await;
}

// --- the access token ---------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_is_told_when_its_token_expires_a7_a26() {
    let world = World::seeded().await;
    let session = world.post("/auth/session", sign_in("minji@example.com", PASSWORD)).expect(200).await.body;
    assert_eq!(session["expiresIn"], 3600);
    world.assert_moment(&session["expiresAt"], world.now().plus(HOUR));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_access_token_is_good_for_an_hour_a7_a26() {
    let world = World::seeded().await;
    let minji = world.demo("minji").await;
    world.get("/me").by(&minji).expect(200).await;
    world.pass_hours(2).await;
    let reply = world.get("/me").by(&minji).expect(401).await;
    assert_eq!(reply.header("www-authenticate"), "Bearer");
    // A route that anybody may ask says it in words of its own.
    world.get("/listings").by(&minji).refused(401, "bad_token").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_token_is_no_access_token_a7() {
    let world = World::seeded().await;
    let minji = world.demo("minji").await;
    world.get("/me").token(&minji.id_token).refused(401, "not_an_access_token").await;
    world.get("/listings").token(&minji.id_token).refused(401, "not_an_access_token").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_is_no_access_token_a7() {
    let world = World::seeded().await;
    let minji = world.demo("minji").await;
    opens_nothing(&world, &minji.refresh).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_another_pool_opens_nothing_a7() {
    let (world, other) = tokio::join!(World::seeded(), World::seeded());
    let stranger = other.demo("minji").await;
    opens_nothing(&world, &stranger.token).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unsigned_token_opens_nothing_a7() {
    let world = World::seeded().await;
    let minji = world.demo("minji").await;
    let parts = parts_of(&minji);
    for algorithm in ["none", "None", "HS256"] {
        let header = encoded(&json!({"alg": algorithm, "typ": "JWT", "kid": header_of(&minji)["kid"]}));
        opens_nothing(&world, &format!("{header}.{}.", parts[1])).await;
        opens_nothing(&world, &format!("{header}.{}.{}", parts[1], parts[2])).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_whose_claims_were_changed_opens_nothing_a7_a22() {
    let world = World::seeded().await;
    let minji = world.demo("minji").await;
    let parts = parts_of(&minji);
    for (claim, value) in [
        ("cognito:groups", json!(["admin"])),
        ("client_id", json!("anotherclient000000000001")),
        ("sub", json!(local::seed::PEOPLE[3].sub)),
        ("exp", json!(4_102_444_800_u64)),
        ("token_use", json!("id")),
    ] {
        let mut claims = claims_of(&minji);
        claims[claim] = value;
        opens_nothing(&world, &format!("{}.{}.{}", parts[0], encoded(&claims), parts[2])).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tampered_or_mangled_token_opens_nothing_a7() {
    let world = World::seeded().await;
    let minji = world.demo("minji").await;
    let parts = parts_of(&minji);
    let reversed: String = parts[2].chars().rev().collect();
    let other_key = encoded(&json!({"alg": "RS256", "typ": "JWT", "kid": "another"}));
    let no_key = encoded(&json!({"alg": "RS256", "typ": "JWT"}));
    for token in [
        format!("{}.{}.{reversed}", parts[0], parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{other_key}.{}.{}", parts[1], parts[2]),
        format!("{no_key}.{}.{}", parts[1], parts[2]),
        format!("{}x", minji.token),
        "a.b.c".to_owned(),
        "x".to_owned(),
        String::new(),
    ] {
        opens_nothing(&world, &token).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_token_a_members_door_is_shut_a7() {
    let world = World::seeded().await;
    let reply = world.get("/me").expect(401).await;
    assert_eq!((reply.header("www-authenticate"), &reply.body["message"]), ("Bearer", &json!("Unauthorized")));
    world.get("/me").header("authorization", "Basic bWluamk6eA==").expect(401).await;
}

/// Neither a door the gateway keeps nor one that the function keeps.
async fn opens_nothing(world: &World, token: &str) {
    let kept_by_the_gateway = world.get("/me").token(token).send().await;
    assert_eq!(kept_by_the_gateway.status, 401, "{token}: {}", kept_by_the_gateway.text());
    let kept_by_the_function = world.get("/listings").token(token).send().await;
    assert_eq!(kept_by_the_function.status, 401, "{token}: {}", kept_by_the_function.text());
    assert_eq!(kept_by_the_function.body["code"], "bad_token");
}

fn parts_of(person: &Person) -> Vec<String> {
    let parts: Vec<String> = person.token.split('.').map(str::to_owned).collect();
    assert_eq!(parts.len(), 3, "a token has three parts");
    parts
}

fn decoded(part: &str) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("a part is base 64");
    serde_json::from_slice(&bytes).expect("a part is JSON")
}

fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

fn header_of(person: &Person) -> Value {
    decoded(&parts_of(person)[0])
}

fn claims_of(person: &Person) -> Value {
    decoded(&parts_of(person)[1])
}

// --- the refresh token --------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_gets_its_refresh_token_in_a_cookie_limited_to_the_session_a8() {
    let world = World::seeded().await;
    let body = json!({"email": "minji@example.com", "password": local::seed::PASSWORD});
    let reply = world.post("/auth/session", body).expect(200).await;
    let cookie = reply.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.contains("Path=/auth/session"));
    assert!(reply.body.get("refreshToken").is_none());
    assert_eq!(reply.body["expiresIn"], 3600);
    world.assert_moment(&reply.body["expiresAt"], world.now().plus(HOUR));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_asks_for_it_gets_its_refresh_token_in_the_body_a8() {
    let world = World::seeded().await;
    let mut body = sign_in("minji@example.com", PASSWORD);
    body["refreshTokenIn"] = json!("body");
    let reply = world.post("/auth/session", body).expect(200).await;
    assert!(reply.body["refreshToken"].is_string() && reply.header("set-cookie").is_empty());
    let token = reply.body["refreshToken"].as_str().unwrap_or_default();
    let again = refresh(&world, token).await;
    assert!(again.body["refreshToken"].is_string(), "{}", again.text());
    assert!(again.header("set-cookie").is_empty(), "what came in the body goes back in the body");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cookie_is_refreshed_without_a_body_a8_a9() {
    let world = World::seeded().await;
    let first = world.post("/auth/session", sign_in("minji@example.com", PASSWORD)).expect(200).await;
    let old = first.cookie("refreshToken").expect("a cookie is set");
    world.pass_hours(2).await;
    let ask = world.ask(Method::POST, "/auth/session/refresh").header("cookie", &format!("a=1; refreshToken={old}"));
    let second = ask.expect(200).await;
    let new = second.cookie("refreshToken").expect("the next cookie is set");
    assert_ne!(new, old);
    assert!(second.body.get("refreshToken").is_none());
    assert_eq!(
        (&second.body["account"]["nickname"], &second.body["expiresAt"]),
        (&json!("민지"), &json!(world.in_hours(1)))
    );
    let token = second.body["accessToken"].as_str().unwrap_or_default();
    world.get("/me").token(token).expect(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn using_a_refresh_token_twice_ends_the_session_a8() {
    let world = World::seeded().await;
    let minji = world.demo("minji").await;
    let second = refresh(&world, &minji.refresh).await.body["refreshToken"].as_str().unwrap_or_default().to_owned();
    // Past any grace for a client that asked twice at once.
    world.pass_hours(1).await;
    let reply = refresh(&world, &minji.refresh).await;
    assert_eq!((reply.status, &reply.body["code"]), (401, &json!("bad_token")));
    // Whoever held the stolen one cannot go on, and neither can the thief.
    let reply = refresh(&world, &second).await;
    assert_eq!((reply.status, &reply.body["code"]), (401, &json!("bad_token")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_one_session_is_not_the_end_of_another_a8_a19() {
    let world = World::seeded().await;
    let (phone, laptop) = (world.demo("minji").await, world.demo("minji").await);
    world.post("/auth/session/end", json!({"refreshToken": phone.refresh})).expect(204).await;
    assert_eq!(refresh(&world, &laptop.refresh).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_not_used_for_thirty_days_is_over_a8_a26() {
    let world = World::seeded().await;
    let (used, unused) = (world.demo("minji").await, world.demo("junho").await);
    world.pass_hours(29 * 24).await;
    assert_eq!(refresh(&world, &used.refresh).await.status, 200);
    world.pass_hours(48).await;
    assert_eq!(refresh(&world, &unused.refresh).await.body["code"], "bad_token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_refresh_token_refreshes_nothing_a8() {
    let world = World::seeded().await;
    let minji = world.demo("minji").await;
    world.ask(Method::POST, "/auth/session/refresh").refused(401, "not_signed_in").await;
    world.post("/auth/session/refresh", json!({})).refused(401, "not_signed_in").await;
    for token in ["made-up", minji.token.as_str(), minji.id_token.as_str()] {
        let reply = refresh(&world, token).await;
        assert_eq!((reply.status, &reply.body["code"]), (401, &json!("bad_token")), "{token}");
    }
    for path in ["/auth/session/refresh", "/auth/session/end"] {
        let reply = world.post(path, json!({"refreshToken": 1, "x": 1})).refused(400, "malformed_fields").await;
        let expected = [("/refreshToken", "wrong_type"), ("/x", "unknown_field")];
        assert_eq!(reply.bad_fields(), expected.map(|(field, code)| (field.to_owned(), code.to_owned())).into());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refreshed_token_knows_the_district_that_was_stored_meanwhile_a9_a10() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    let edit = json!({"version": 1, "region": "seoul/gangnam-gu"});
    world.patch("/me", edit).by(&dani).expect(200).await;
    let session = refresh(&world, &dani.refresh).await.body;
    assert_eq!(session["account"]["region"]["id"], "seoul/gangnam-gu");
    let token = session["accessToken"].as_str().and_then(|token| token.split('.').nth(1)).unwrap_or_default();
    assert_eq!(decoded(token)["region"], "seoul/gangnam-gu");
}

// --- signing out --------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_revokes_the_token_and_takes_the_cookie_away_a19() {
    let world = World::seeded().await;
    let first = world.post("/auth/session", sign_in("minji@example.com", PASSWORD)).expect(200).await;
    let cookie = format!("refreshToken={}", first.cookie("refreshToken").expect("a cookie is set"));
    let reply = world.ask(Method::POST, "/auth/session/end").header("cookie", &cookie).expect(204).await;
    assert_eq!(reply.cookie("refreshToken").as_deref(), Some(""));
    assert!(
        reply.header("set-cookie").contains("Max-Age=0") && reply.header("set-cookie").contains("Path=/auth/session")
    );
    let refresh = world.ask(Method::POST, "/auth/session/refresh").header("cookie", &cookie);
    refresh.refused(401, "bad_token").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_twice_or_with_a_made_up_token_is_no_fault_a19() {
    let world = World::seeded().await;
    let minji = world.demo("minji").await;
    for token in [minji.refresh.as_str(), minji.refresh.as_str(), "made-up"] {
        world.post("/auth/session/end", json!({"refreshToken": token})).expect(204).await;
    }
    world.ask(Method::POST, "/auth/session/end").refused(401, "not_signed_in").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_access_token_ends_no_session_and_its_bearer_is_told_a19() {
    let world = World::seeded().await;
    let minji = world.demo("minji").await;
    world.post("/auth/session/end", json!({"refreshToken": minji.token})).refused(401, "bad_token").await;
    assert_eq!(refresh(&world, &minji.refresh).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_everywhere_ends_every_session_a19() {
    let world = World::seeded().await;
    let (phone, laptop) = (world.demo("minji").await, world.demo("minji").await);
    world.ask(Method::POST, "/me/sign-out-everywhere").by(&phone).expect(204).await;
    for session in [&phone, &laptop] {
        assert_eq!(refresh(&world, &session.refresh).await.body["code"], "bad_token");
    }
    // The pool knows the token no more.
    world.ask(Method::POST, "/me/sign-out-everywhere").by(&laptop).refused(401, "bad_token").await;
    world.demo("minji").await;
}
