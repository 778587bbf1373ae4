//! What every route does with a request before and after its own work: bodies, queries, languages, keys, tags, origins,
//! limits, the log (features.md section 15; issue 2, section 3 and "Bad input").

use local::seed::PASSWORD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Ask, CODE, Person, Reply, World};

fn sign_up_body(n: usize) -> Value {
    json!({
        "email": format!("p{n}@example.com"), "password": PASSWORD, "nickname": format!("이웃{n}"), "agreesToTerms": true,
    })
}

fn raw<'a>(world: &'a World, content_type: &str, body: &[u8]) -> Ask<'a> {
    world.ask(Method::POST, "/auth/session").header("content-type", content_type).bytes(body.to_vec())
}

fn barter_body(world: &World, title: &str) -> Value {
    json!({
        "kind": "barter", "title": title, "description": "잘 나갑니다", "category": "sports",
        "wants": "캠핑 의자", "deadline": world.in_hours(24),
    })
}

fn create<'a>(world: &'a World, person: &Person, key: &str, title: &str) -> Ask<'a> {
    world.post("/listings", barter_body(world, title)).by(person).header("idempotency-key", key)
}

async fn own_titles(world: &World, person: &Person) -> Vec<String> {
    world.settle().await;
    crate::titles_in(&world.get("/me/listings").by(person).expect(200).await.body)
}

async fn mails_to(world: &World, email: &str) -> usize {
    world.mails(email).await.len()
}

// --- bodies -------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_not_json_by_its_type_is_refused() {
    let world = World::new().await;
    let body = json!({"email": "a@b.kr", "password": "x"}).to_string();
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "application/xml", ""]
    {
        raw(&world, content_type, body.as_bytes()).refused(415, "unsupported_media_type").await;
    }
    world.ask(Method::POST, "/auth/session").bytes(body.into_bytes()).refused(415, "unsupported_media_type").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_is_read_whatever_parameters_and_case_its_type_has() {
    let world = World::seeded().await;
    let body = json!({"email": "minji@example.com", "password": PASSWORD}).to_string();
    for content_type in ["application/json; charset=utf-8", "Application/JSON"] {
        raw(&world, content_type, body.as_bytes()).expect(200).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_json_in_utf_8_is_refused() {
    let world = World::new().await;
    let cases: [(&str, &[u8]); 8] = [
        ("nothing", b""),
        ("truncated", br#"{"email": "a@b.kr", "pass"#),
        ("invalid UTF-8", b"{\"email\": \"\xff\xfe\", \"password\": \"x\"}"),
        ("invalid UTF-8 outside", b"\xc3\x28"),
        ("a lone surrogate", br#"{"email": "\ud800", "password": "x"}"#),
        ("more behind it", br#"{"email": "a@b.kr", "password": "x"} {}"#),
        ("not a number", br#"{"email": NaN}"#),
        ("a byte order mark", b"\xef\xbb\xbf{}"),
    ];
    for (what, body) in cases {
        let reply = raw(&world, "application/json", body).send().await;
        assert_eq!((reply.status, &reply.body["code"]), (400, &json!("malformed_json")), "{what}: {}", reply.text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_of_ten_thousand_levels_is_refused() {
    let world = World::new().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let body = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        raw(&world, "application/json", body.as_bytes()).refused(400, "malformed_json").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_that_is_no_object_is_refused() {
    let world = World::new().await;
    for body in ["[]", r#"[{"email": "a@b.kr"}]"#, "null", "1", "\"x\"", "true"] {
        let reply = raw(&world, "application/json", body.as_bytes()).refused(400, "malformed_fields").await;
        assert_eq!(reply.bad_fields(), [(String::new(), "wrong_type".to_owned())].into(), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_above_256_kib_is_refused_and_one_below_is_read() {
    let world = World::new().await;
    let body = |size: usize| {
        let empty = json!({"email": "a@b.kr", "password": ""}).to_string().len();
        json!({"email": "a@b.kr", "password": "x".repeat(size - empty)}).to_string()
    };
    raw(&world, "application/json", body(256 * 1024 + 1).as_bytes()).refused(413, "too_large").await;
    let reply = raw(&world, "application/json", body(256 * 1024).as_bytes()).refused(422, "invalid_fields").await;
    assert_eq!(reply.bad_fields(), [("/password".to_owned(), "too_long".to_owned())].into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_above_10_mib_does_not_pass_the_gateway() {
    let world = World::new().await;
    let reply = raw(&world, "application/json", &vec![b' '; 10 * 1024 * 1024 + 1]).expect(413).await;
    assert_eq!(reply.body, json!({"message": "Request Entity Too Large"}));
    assert!(world.log_of("accounts.session_create").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_very_many_bad_fields_fifty_are_named() {
    let world = World::new().await;
    let body: serde_json::Map<String, Value> = (0..5_000).map(|n| (format!("f{n}"), json!(n))).collect();
    let reply = world.post("/auth/session", Value::from(body)).refused(400, "malformed_fields").await;
    assert_eq!(reply.body["errors"].as_array().map(Vec::len), Some(50));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_route_without_a_body_reads_none() {
    let world = World::seeded().await;
    let minji = world.demo("minji").await;
    let ask = world.ask(Method::POST, "/me/sign-out-everywhere").header("content-type", "text/plain");
    ask.bytes(b"{nonsense".to_vec()).by(&minji).expect(204).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_with_an_odd_name_is_named_as_json_pointers_name_it() {
    let world = World::new().await;
    let body = json!({"email": "a@b.kr", "password": "x", "a/b~c": 1});
    let reply = world.post("/auth/session", body).refused(400, "malformed_fields").await;
    assert_eq!(reply.bad_fields(), [("/a~1b~0c".to_owned(), "unknown_field".to_owned())].into());
}

// --- queries ------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_parameter_may_come_once() {
    let world = World::new().await;
    let reply = world.get("/auth/nickname-availability?nickname=ab&nickname=cd").expect(422).await;
    assert_eq!(reply.bad_fields(), [("nickname".to_owned(), "duplicate".to_owned())].into());
    let reply = world.get("/listings?sort=newest&sort=deadline").expect(422).await;
    assert_eq!(reply.bad_fields(), [("sort".to_owned(), "duplicate".to_owned())].into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_parameter_that_nobody_knows_is_refused() {
    let world = World::new().await;
    for path in ["/auth/nickname-availability?nickname=ab&x=1", "/listings?x=1", "/regions/at?lat=37&lng=127&x"] {
        let reply = world.get(path).refused(400, "malformed_fields").await;
        assert_eq!(reply.bad_fields(), [("x".to_owned(), "unknown_field".to_owned())].into(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_is_no_utf_8_is_no_fault_of_ours() {
    let world = World::new().await;
    for query in ["nickname=%ff%fe", "nickname=%", "nickname=%00%00", "=ab", "&&nickname=ab&", "nickname"] {
        let reply = world.get(&format!("/auth/nickname-availability?{query}")).send().await;
        assert!(reply.status < 500, "{query}: {}", reply.text());
    }
}

// --- languages ----------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn problems_are_told_in_the_language_the_caller_reads() {
    let world = World::new().await;
    for (accepted, language, title) in [
        (None, "ko", "찾을 수 없습니다."),
        (Some("ko-KR,ko;q=0.9,en;q=0.8"), "ko", "찾을 수 없습니다."),
        (Some("en-US,en;q=0.9"), "en", "Not found."),
        (Some("en;q=0.5, ko;q=0.8"), "ko", "찾을 수 없습니다."),
        (Some("\u{e9}\u{ff};;;q=,"), "ko", "찾을 수 없습니다."),
    ] {
        let mut ask = world.get("/accounts/nobody");
        if let Some(accepted) = accepted {
            ask = ask.header("accept-language", accepted);
        }
        let reply = ask.refused(404, "not_found").await;
        assert_eq!((reply.header("content-language"), &reply.body["title"]), (language, &json!(title)), "{accepted:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_field_is_told_in_the_callers_language_too() {
    let world = World::new().await;
    for (language, message) in [("ko", "알 수 없는 항목입니다."), ("en", "There is no such field.")] {
        let body = json!({"email": "a@b.kr", "password": "x", "y": 1});
        let reply = world.post("/auth/session", body).header("accept-language", language).expect(400).await;
        assert_eq!(reply.body["errors"][0]["message"], message);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_problem_is_a_problem_document_with_the_requests_id() {
    let world = World::new().await;
    let reply = world.get("/accounts/nobody").refused(404, "not_found").await;
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!((&reply.body["status"], &reply.body["type"]), (&json!(404), &json!("urn:madang:problem:not_found")));
    assert_eq!(reply.header("cache-control"), "no-store");
    let log = world.log_of("accounts.account_show");
    assert_eq!((&log[0]["requestId"], &log[0]["code"]), (&reply.body["requestId"], &json!("not_found")));
}

// --- Idempotency-Key ----------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_again_under_its_key_is_answered_as_before_without_an_effect() {
    let world = World::seeded().await;
    let haru = world.demo("haru").await;
    let before = own_titles(&world, &haru).await.len();
    let first = create(&world, &haru, "k-1", "한 번만").expect(201).await;
    let again = create(&world, &haru, "k-1", "한 번만").expect(201).await;
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    assert_eq!((&first.body, first.header("location")), (&again.body, again.header("location")));
    assert_eq!(own_titles(&world, &haru).await.len(), before + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_request_under_the_same_key_is_refused() {
    let world = World::seeded().await;
    let haru = world.demo("haru").await;
    create(&world, &haru, "k-1", "하나").expect(201).await;
    create(&world, &haru, "k-1", "둘").refused(422, "idempotency_key_reused").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_its_callers_own() {
    let world = World::seeded().await;
    let (haru, minji) = (world.demo("haru").await, world.demo("minji").await);
    let harus = create(&world, &haru, "k-1", "같은 제목").expect(201).await;
    let minjis = create(&world, &minji, "k-1", "같은 제목").expect(201).await;
    assert_eq!(minjis.header("idempotency-replayed"), "");
    assert_ne!(harus.body["id"], minjis.body["id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_forgotten_after_a_day() {
    let world = World::seeded().await;
    let haru = world.demo("haru").await;
    let body = json!({
        "kind": "rental", "title": "전동 드릴", "description": "비트 포함", "category": "household",
        "section": "lend", "price": 5000, "unit": "day",
    });
    let first = world.post("/listings", body.clone()).by(&haru).header("idempotency-key", "k-1").expect(201).await;
    world.pass_hours(25).await;
    let haru = world.demo("haru").await;
    let later = world.post("/listings", body).by(&haru).header("idempotency-key", "k-1").expect(201).await;
    assert_ne!(first.body["id"], later.body["id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_has_1_to_255_visible_characters() {
    let world = World::seeded().await;
    let haru = world.demo("haru").await;
    for key in ["x".repeat(300), "x".repeat(256), String::new(), "한글".to_owned()] {
        create(&world, &haru, &key, "자전거").refused(400, "bad_idempotency_key").await;
    }
    create(&world, &haru, &"x".repeat(255), "자전거").expect(201).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_was_refused_may_be_mended_under_its_key() {
    let world = World::seeded().await;
    let haru = world.demo("haru").await;
    create(&world, &haru, "k-1", "").refused(422, "invalid_fields").await;
    create(&world, &haru, "k-1", "자전거").expect(201).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_at_once_under_one_key_have_one_effect() {
    let world = World::seeded().await;
    let haru = world.demo("haru").await;
    let before = own_titles(&world, &haru).await.len();
    let ask = || create(&world, &haru, "k-1", "한 번만").send();
    let (one, two, three) = tokio::join!(ask(), ask(), ask());
    let made: Vec<&Reply> = [&one, &two, &three].into_iter().filter(|reply| reply.status == 201).collect();
    assert!(!made.is_empty() && made.iter().all(|reply| reply.body == made[0].body));
    // Whoever came too early for the answer is told to come again.
    assert!(
        [&one, &two, &three]
            .into_iter()
            .all(|reply| reply.status == 201 || reply.body["code"] == "request_in_progress")
    );
    assert_eq!(own_titles(&world, &haru).await.len(), before + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_up_again_under_its_key_is_answered_as_before_and_mails_nothing_a1() {
    let world = World::new().await;
    let ask = || world.post("/auth/sign-up", sign_up_body(1)).header("idempotency-key", "k-1");
    let first = ask().expect(201).await;
    let again = ask().expect(201).await;
    assert_eq!((&first.body, again.header("idempotency-replayed")), (&again.body, "true"));
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(mails_to(&world, "p1@example.com").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_up_key_is_not_for_another_sign_up_and_not_for_300_characters_a1() {
    let world = World::new().await;
    let ask = |n, key: &str| world.post("/auth/sign-up", sign_up_body(n)).header("idempotency-key", key);
    ask(1, "k-1").expect(201).await;
    ask(2, "k-1").refused(422, "idempotency_key_reused").await;
    ask(3, &"x".repeat(300)).refused(400, "bad_idempotency_key").await;
    assert_eq!(mails_to(&world, "p2@example.com").await + mails_to(&world, "p3@example.com").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sign_ups_at_once_under_one_key_have_one_effect_a1() {
    let world = World::new().await;
    let ask = || world.post("/auth/sign-up", sign_up_body(1)).header("idempotency-key", "k-1").send();
    let (one, two) = tokio::join!(ask(), ask());
    // The pool is no part of the table's transaction: the slower may hear that the address is taken by then.
    let fits = |reply: &Reply| reply.status == 201 || reply.body["code"] == "email_taken";
    assert!(fits(&one) && fits(&two) && (one.status == 201 || two.status == 201), "{} {}", one.text(), two.text());
    assert_eq!(mails_to(&world, "p1@example.com").await, 1);
    let confirm = json!({"email": "p1@example.com", "code": CODE});
    world.post("/auth/sign-up/confirm", confirm).expect(204).await;
    assert_eq!(world.sign_in("p1@example.com").await.email, "p1@example.com");
}

// --- entity tags --------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_client_has_already_is_not_sent_again_a10_p4() {
    let world = World::seeded().await;
    let minji = world.demo("minji").await;
    for path in ["/me", "/regions"] {
        let first = world.get(path).by(&minji).expect(200).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{path}: {tag}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = world.get(path).by(&minji).header("if-none-match", &known).expect(304).await;
            assert!(again.bytes.is_empty() && again.header("etag") == tag, "{path} {known}");
        }
        world.get(path).by(&minji).header("if-none-match", "\"other\"").expect(200).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_changes_the_tag_a10() {
    let world = World::seeded().await;
    let minji = world.demo("minji").await;
    let first = world.get("/me").by(&minji).expect(200).await;
    let edit = json!({"version": first.body["version"], "phone": "01012345678"});
    world.patch("/me", edit).by(&minji).expect(200).await;
    world.get("/me").by(&minji).header("if-none-match", first.header("etag")).expect(200).await;
}

// --- origins ------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_an_allowed_origin_may_call_with_their_cookie() {
    let world = World::new().await;
    let origin = "http://localhost:5173";
    let preflight = world
        .ask(Method::OPTIONS, "/auth/session")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type,idempotency-key")
        .expect(204)
        .await;
    assert_eq!(preflight.header("access-control-allow-origin"), origin);
    assert_eq!(preflight.header("access-control-allow-credentials"), "true");
    assert!(preflight.header("access-control-allow-methods").contains("POST"));
    let headers = preflight.header("access-control-allow-headers");
    assert!(
        ["authorization", "content-type", "idempotency-key"].iter().all(|name| headers.contains(name)),
        "{headers}"
    );
    let reply = world.get("/regions").header("origin", origin).expect(200).await;
    assert_eq!(reply.header("access-control-allow-origin"), origin);
    assert!(reply.header("access-control-expose-headers").contains("retry-after"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_another_origin_may_not_read_what_they_call() {
    let world = World::new().await;
    for origin in ["https://evil.example", "http://localhost:5174", "http://localhost:5173.evil.example", "null"] {
        let preflight = world.ask(Method::OPTIONS, "/auth/session").header("origin", origin);
        let preflight = preflight.header("access-control-request-method", "POST").send().await;
        let plain = world.get("/regions").header("origin", origin).expect(200).await;
        for reply in [preflight, plain] {
            assert!(reply.header("access-control-allow-origin").is_empty(), "{origin}");
            assert!(reply.header("access-control-allow-credentials").is_empty(), "{origin}");
        }
    }
}

// --- no such route ------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_route_is_nothing_is_found() {
    let world = World::new().await;
    for (method, path) in [
        (Method::GET, "/nothing"),
        (Method::GET, "/auth/session/nothing"),
        (Method::POST, "/regions"),
        (Method::PUT, "/me"),
        (Method::DELETE, "/auth/sign-up"),
        (Method::GET, "/accounts/a/b"),
    ] {
        let reply = world.ask(method.clone(), path).expect(404).await;
        assert_eq!(reply.body, json!({"message": "Not Found"}), "{method} {path}");
    }
}

// --- the log ------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_request_leaves_one_line_with_what_it_took() {
    let world = World::seeded().await;
    let minji = world.demo("minji").await;
    world.get("/me").by(&minji).expect(200).await;
    world.patch("/me", json!({"version": 99})).by(&minji).expect(409).await;
    let (shown, edited) = (world.log_of("accounts.me_show"), world.log_of("accounts.me_edit"));
    assert_eq!((shown.len(), edited.len()), (1, 1));
    assert_eq!((&shown[0]["status"], &shown[0]["caller"]), (&json!(200), &json!(minji.id)));
    assert_eq!((&edited[0]["status"], &edited[0]["code"]), (&json!(409), &json!("version_conflict")));
    for line in [&shown[0], &edited[0]] {
        assert!(line["requestId"].is_string() && line["ms"].is_number() && line["readUnits"].is_number(), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_keeps_no_secret_and_nothing_personal() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니스비밀").await;
    let edit = json!({"version": 1, "phone": "01098765432", "address": {"line": "서울 강남구 테헤란로 1"}});
    world.patch("/me", edit).by(&dani).expect(200).await;
    world.post("/auth/session", json!({"email": "dani@example.com", "password": "wr0ng-password"})).expect(401).await;
    world.post("/auth/session/refresh", json!({"refreshToken": dani.refresh})).expect(200).await;
    world.post("/auth/password/forgot", json!({"email": "dani@example.com"})).expect(202).await;
    world.get("/auth/email-availability?email=dani%40example.com").expect(200).await;
    world.get("/listings").token("made.up.token").expect(401).await;
    world.delete("/me").by(&dani).expect(204).await;
    world.settle().await;
    let log: String = world.laptop().log().iter().map(|line| format!("{line}\n")).collect();
    assert!(log.lines().count() >= 10);
    for secret in [
        "example.com",
        "다니스비밀",
        "01098765432",
        "테헤란로",
        PASSWORD,
        "wr0ng-password",
        "made.up.token",
        "eyJ",
        dani.refresh.as_str(),
        CODE,
        "127.0.0.1",
    ] {
        assert!(!log.contains(secret), "the log has {secret}");
    }
}

// --- limits -------------------------------------------------------------------------------------------------------

fn wait_of(reply: &Reply) -> i64 {
    reply.header("retry-after").parse().expect("seconds to wait")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_sign_ups_come_from_one_address_and_more_after_a_while_a1() {
    let world = World::new().await;
    for n in 0..10 {
        world.post("/auth/sign-up", sign_up_body(n)).expect(201).await;
    }
    let reply = world.post("/auth/sign-up", sign_up_body(10)).refused(429, "too_many_requests").await;
    assert!((1..=601).contains(&wait_of(&reply)), "{}", wait_of(&reply));
    world.pass_hours(1).await;
    world.post("/auth/sign-up", sign_up_body(10)).expect(201).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_codes_go_to_one_address_and_more_after_a_while_a3() {
    let world = World::new().await;
    world.post("/auth/sign-up", sign_up_body(1)).expect(201).await;
    let resend = |email: &str| world.post("/auth/sign-up/resend", json!({"email": email}));
    for _ in 0..3 {
        resend("p1@example.com").expect(202).await;
    }
    let reply = resend("P1@Example.com").refused(429, "too_many_requests").await;
    assert!((1..=301).contains(&wait_of(&reply)), "{}", wait_of(&reply));
    assert_eq!(mails_to(&world, "p1@example.com").await, 4, "the sign-up's own and three");
    // Another address has a limit of its own.
    resend("p2@example.com").expect(202).await;
    world.pass_hours(1).await;
    resend("p1@example.com").expect(202).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_for_a_forgotten_password_count_to_the_same_limit_a17() {
    let world = World::seeded().await;
    let forgot = || world.post("/auth/password/forgot", json!({"email": "minji@example.com"}));
    for _ in 0..3 {
        forgot().expect(202).await;
    }
    forgot().refused(429, "too_many_requests").await;
    // An unknown address runs into it alike, so that the limit tells nothing.
    for _ in 0..3 {
        world.post("/auth/password/forgot", json!({"email": "nobody@example.com"})).expect(202).await;
    }
    world.post("/auth/password/forgot", json!({"email": "nobody@example.com"})).refused(429, "too_many_requests").await;
    world.pass_hours(1).await;
    forgot().expect(202).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_addresses_are_asked_about_at_once_and_more_after_a_while_a4() {
    let world = World::new().await;
    let ask = |n: i32| world.get(&format!("/auth/email-availability?email=p{n}%40example.com"));
    for n in 0..30 {
        ask(n).expect(200).await;
    }
    let reply = ask(30).refused(429, "too_many_requests").await;
    assert!((1..=61).contains(&wait_of(&reply)), "{}", wait_of(&reply));
    world.pass_hours(1).await;
    ask(30).expect(200).await;
}
