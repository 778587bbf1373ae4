//! Signing up, passwords, the profile, leaving, administrators, regions (rows A1–A5, A10, A16–A18, A20–A25, P1–P5, P19,
//! X4, M7).

use std::collections::BTreeMap;

use futures::future::join_all;
use local::seed::PASSWORD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{CODE, Person, World, titles_in};

/// Another password that the rules allow.
const OTHER_PASSWORD: &str = "yard-2027?";

fn sign_up_body(email: &str, nickname: &str) -> Value {
    json!({"email": email, "password": PASSWORD, "nickname": nickname, "agreesToTerms": true})
}

fn fields<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.map(|(field, code)| (field.to_owned(), code.to_owned())).into()
}

async fn nickname_is_free(world: &World, nickname: &str) -> Value {
    world.get(&format!("/auth/nickname-availability?nickname={nickname}")).expect(200).await.body["available"].clone()
}

async fn email_is_free(world: &World, email: &str) -> Value {
    world.get(&format!("/auth/email-availability?email={email}")).expect(200).await.body["available"].clone()
}

async fn me(world: &World, person: &Person) -> Value {
    world.get("/me").by(person).expect(200).await.body
}

fn id_of(listing: &Value) -> String {
    listing["id"].as_str().unwrap_or_default().to_owned()
}

// --- signing up ---------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_signs_up_and_confirms_has_an_account_a1_a2() {
    let world = World::new().await;
    let reply = world.post("/auth/sign-up", sign_up_body("Dani@Example.com", "다니")).expect(201).await;
    assert_eq!(reply.body["email"], "dani@example.com", "an address is kept in lower case");
    let id = reply.body["accountId"].as_str().unwrap_or_default().to_owned();
    assert_eq!(reply.header("location"), format!("/accounts/{id}"));
    world.get(&format!("/accounts/{id}")).refused(404, "not_found").await;

    world.post("/auth/sign-up/confirm", json!({"email": "DANI@example.com", "code": CODE})).expect(204).await;
    let dani = world.sign_in("dani@example.com").await;
    let me = me(&world, &dani).await;
    assert_eq!((&me["id"], &me["nickname"], &me["onboarded"]), (&json!(id), &json!("다니"), &json!(true)));
    assert_eq!((&me["email"], &me["hasPassword"]), (&json!("dani@example.com"), &json!(true)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_up_with_bad_fields_hears_of_all_of_them_at_once_a1() {
    let world = World::new().await;
    let body = json!({"email": 5, "password": "short", "agreesToTerms": false, "role": "admin"});
    let reply = world.post("/auth/sign-up", body).refused(400, "malformed_fields").await;
    let expected = fields([
        ("/email", "wrong_type"),
        ("/password", "too_short"),
        ("/agreesToTerms", "unknown_value"),
        ("/nickname", "missing"),
        ("/role", "unknown_field"),
    ]);
    assert_eq!(reply.bad_fields(), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_up_whose_fields_break_rules_is_refused_a1() {
    let world = World::new().await;
    for (field, value, code) in [
        ("email", json!("no-address"), "malformed"),
        ("email", json!(format!("{}@example.com", "a".repeat(200))), "too_long"),
        ("password", json!("madang2026"), "malformed"),
        ("password", json!("m-2"), "too_short"),
        ("password", json!("m-2".repeat(22)), "too_long"),
        ("nickname", json!("가"), "too_short"),
        ("nickname", json!("가".repeat(16)), "too_long"),
        ("nickname", json!("민 지"), "malformed"),
        ("nickname", json!("민\u{200b}지"), "malformed"),
    ] {
        let mut body = sign_up_body("dani@example.com", "다니");
        body[field] = value.clone();
        let reply = world.post("/auth/sign-up", body).refused(422, "invalid_fields").await;
        assert_eq!(reply.bad_fields(), fields([(&format!("/{field}"), code)]), "{value}");
    }
    assert_eq!(nickname_is_free(&world, "다니").await, true, "a refused sign-up holds nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_signs_up_without_agreeing_to_the_terms_a23() {
    let world = World::new().await;
    for (agreed, code) in [(json!(false), "unknown_value"), (json!("true"), "wrong_type"), (json!(1), "wrong_type")] {
        let mut body = sign_up_body("dani@example.com", "다니");
        body["agreesToTerms"] = agreed;
        let reply = world.post("/auth/sign-up", body).refused(400, "malformed_fields").await;
        assert_eq!(reply.bad_fields(), fields([("/agreesToTerms", code)]));
    }
    assert!(world.mails("dani@example.com").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_has_an_account_cannot_sign_up_again_a1_a4() {
    let world = World::new().await;
    world.newcomer("dani", "다니").await;
    world.post("/auth/sign-up", sign_up_body("DANI@example.com", "새사람")).refused(409, "email_taken").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nickname_that_is_anothers_is_refused_whatever_its_case_a5() {
    let world = World::new().await;
    world.newcomer("dani", "Dani").await;
    world.post("/auth/sign-up", sign_up_body("other@example.com", "dANI")).refused(409, "nickname_taken").await;
    assert_eq!(email_is_free(&world, "other@example.com").await, true, "the address was not used up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_who_want_one_nickname_at_once_exactly_one_gets_it_a5() {
    let world = World::new().await;
    // Each from an address of its own, so that the limit of sign-ups has no say.
    let tries = (0..20u8).map(|n| {
        let url = format!("{}/auth/sign-up", world.url());
        async move {
            let client = reqwest::Client::builder()
                .local_address(std::net::IpAddr::from([127, 0, 1, n + 1]))
                .no_proxy()
                .build()
                .expect("a client without a certificate store always builds");
            let body = sign_up_body(&format!("racer{n}@example.com"), "하나뿐");
            let request = client.post(url).header("content-type", "application/json").body(body.to_string());
            request.send().await.expect("the cloud answers").status().as_u16()
        }
    });
    let mut statuses = join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 201);
    assert!(statuses[1..].iter().all(|status| *status == 409), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_up_beyond_the_limit_holds_no_nickname_a5() {
    let world = World::new().await;
    for n in 0..10 {
        let body = sign_up_body(&format!("p{n}@example.com"), &format!("이웃{n}"));
        world.post("/auth/sign-up", body).expect(201).await;
    }
    let late = sign_up_body("late@example.com", "늦은이");
    world.post("/auth/sign-up", late).refused(429, "too_many_requests").await;
    assert_eq!(nickname_is_free(&world, "늦은이").await, true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unconfirmed_sign_up_holds_its_nickname_for_a_day_a5() {
    let world = World::new().await;
    world.post("/auth/sign-up", sign_up_body("first@example.com", "다니")).expect(201).await;
    assert_eq!(nickname_is_free(&world, "다니").await, false);
    world.post("/auth/sign-up", sign_up_body("second@example.com", "다니")).refused(409, "nickname_taken").await;
    world.pass_hours(25).await;
    assert_eq!(nickname_is_free(&world, "다니").await, true);
    world.post("/auth/sign-up", sign_up_body("second@example.com", "다니")).expect(201).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_confirms_after_the_nickname_went_to_another_is_asked_to_choose_again_a5_a14() {
    let world = World::new().await;
    world.post("/auth/sign-up", sign_up_body("first@example.com", "다니")).expect(201).await;
    world.pass_hours(25).await;
    world.newcomer("second", "다니").await;
    world.post("/auth/sign-up/resend", json!({"email": "first@example.com"})).expect(202).await;
    world.post("/auth/sign-up/confirm", json!({"email": "first@example.com", "code": CODE})).expect(204).await;
    let first = world.sign_in("first@example.com").await;
    let seen = me(&world, &first).await;
    assert_eq!(seen["needs"], json!(["onboarding", "region"]));
    let body = json!({"nickname": "다니_2", "agreesToTerms": true});
    let after = world.put("/me/onboarding", body).by(&first).expect(200).await.body;
    assert_eq!((&after["nickname"], &after["onboarded"]), (&json!("다니_2"), &json!(true)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whether_an_address_is_free_is_told_before_signing_up_a4() {
    let world = World::new().await;
    assert_eq!(email_is_free(&world, "dani@example.com").await, true);
    world.post("/auth/sign-up", sign_up_body("dani@example.com", "다니")).expect(201).await;
    assert_eq!(email_is_free(&world, "Dani@example.com").await, false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whether_a_nickname_is_free_is_told_before_signing_up_a5() {
    let world = World::new().await;
    assert_eq!(nickname_is_free(&world, "Dani").await, true);
    world.newcomer("dani", "Dani").await;
    assert_eq!(nickname_is_free(&world, "dani").await, false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_whether_something_is_free_has_to_be_well_formed_a4_a5() {
    let world = World::new().await;
    for (path, status, field, code) in [
        ("/auth/email-availability", 400, "email", "missing"),
        ("/auth/email-availability?email=nobody", 422, "email", "malformed"),
        ("/auth/email-availability?email=a%40b.kr&also=1", 400, "also", "unknown_field"),
        ("/auth/nickname-availability", 400, "nickname", "missing"),
        ("/auth/nickname-availability?nickname=%EA%B0%80", 422, "nickname", "too_short"),
        ("/auth/nickname-availability?nickname=a%20b", 422, "nickname", "malformed"),
    ] {
        let reply = world.get(path).expect(status).await;
        assert_eq!(reply.bad_fields(), fields([(field, code)]), "{path}");
    }
}

// --- the code -----------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_code_comes_by_mail_in_both_languages_a2() {
    let world = World::new().await;
    world.post("/auth/sign-up", sign_up_body("dani@example.com", "다니")).expect(201).await;
    let mails = world.mails("dani@example.com").await;
    assert_eq!((mails.len(), &mails[0]["code"]), (1, &json!(CODE)));
    let text = mails[0]["body"].as_str().unwrap_or_default();
    assert!(text.contains(CODE) && text.contains("가입이 끝납니다") && text.contains("finish signing up"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_code_is_refused_a2() {
    let world = World::new().await;
    world.post("/auth/sign-up", sign_up_body("dani@example.com", "다니")).expect(201).await;
    let wrong = json!({"email": "dani@example.com", "code": "654321"});
    world.post("/auth/sign-up/confirm", wrong).refused(422, "wrong_code").await;
    // The right one is good still.
    world.post("/auth/sign-up/confirm", json!({"email": "dani@example.com", "code": CODE})).expect(204).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_cannot_be_guessed_one_after_another_a2() {
    let world = World::new().await;
    world.post("/auth/sign-up", sign_up_body("dani@example.com", "다니")).expect(201).await;
    for guess in 0..5 {
        let wrong = json!({"email": "dani@example.com", "code": format!("00000{guess}")});
        world.post("/auth/sign-up/confirm", wrong).refused(422, "wrong_code").await;
    }
    let right = json!({"email": "dani@example.com", "code": CODE});
    world.post("/auth/sign-up/confirm", right.clone()).refused(429, "too_many_requests").await;
    world.pass_hours(1).await;
    world.post("/auth/sign-up/confirm", right).expect(204).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_of_another_form_is_no_code_a2() {
    let world = World::new().await;
    let body = json!({"email": "dani", "code": "12345a", "password": "x"});
    let reply = world.post("/auth/sign-up/confirm", body).refused(400, "malformed_fields").await;
    let expected = [("/email", "malformed"), ("/code", "malformed"), ("/password", "unknown_field")];
    assert_eq!(reply.bad_fields(), fields(expected));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_expires_after_a_day_a2() {
    let world = World::new().await;
    world.post("/auth/sign-up", sign_up_body("dani@example.com", "다니")).expect(201).await;
    world.pass_hours(25).await;
    let body = json!({"email": "dani@example.com", "code": CODE});
    world.post("/auth/sign-up/confirm", body).refused(422, "expired_code").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_works_once_and_an_unknown_address_looks_like_a_wrong_code_a2() {
    let world = World::new().await;
    world.newcomer("dani", "다니").await;
    for email in ["dani@example.com", "nobody@example.com"] {
        let again = json!({"email": email, "code": CODE});
        let reply = world.post("/auth/sign-up/confirm", again).expect(422).await;
        assert!(["wrong_code", "expired_code"].contains(&reply.body["code"].as_str().unwrap_or_default()), "{email}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_not_confirmed_is_sent_to_the_code_screen_a2() {
    let world = World::new().await;
    world.post("/auth/sign-up", sign_up_body("dani@example.com", "다니")).expect(201).await;
    let body = json!({"email": "Dani@example.com", "password": PASSWORD});
    let reply = world.post("/auth/session", body).refused(403, "email_unconfirmed").await;
    assert_eq!(reply.body["email"], "dani@example.com");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_code_takes_the_place_of_the_one_before_a3() {
    let world = World::new().await;
    world.post("/auth/sign-up", sign_up_body("dani@example.com", "다니")).expect(201).await;
    world.pass_hours(20).await;
    let body = json!({"email": "dani@example.com"});
    let reply = world.post("/auth/sign-up/resend", body).expect(202).await;
    assert_eq!(reply.body, json!({"email": "dani@example.com"}));
    assert_eq!(world.mails("dani@example.com").await.len(), 2);
    // The first code would have run out by now; the second has not.
    world.pass_hours(20).await;
    world.post("/auth/sign-up/confirm", json!({"email": "dani@example.com", "code": CODE})).expect(204).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asking_for_another_code_does_not_tell_who_has_an_account_a3() {
    let world = World::new().await;
    world.newcomer("dani", "다니").await;
    let before = world.mails("dani@example.com").await.len();
    for email in ["dani@example.com", "nobody@example.com"] {
        let reply = world.post("/auth/sign-up/resend", json!({"email": email})).expect(202).await;
        assert_eq!(reply.body, json!({"email": email}));
    }
    assert_eq!(world.mails("dani@example.com").await.len(), before, "there is nothing to confirm");
    assert!(world.mails("nobody@example.com").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asking_for_another_code_names_every_bad_field_a3() {
    let world = World::new().await;
    for path in ["/auth/sign-up/resend", "/auth/password/forgot"] {
        let reply = world.post(path, json!({"mail": "x"})).refused(400, "malformed_fields").await;
        assert_eq!(reply.bad_fields(), fields([("/email", "missing"), ("/mail", "unknown_field")]), "{path}");
        let reply = world.post(path, json!({"email": "x"})).refused(422, "invalid_fields").await;
        assert_eq!(reply.bad_fields(), fields([("/email", "malformed")]), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_calls_the_pool_past_our_routes_meets_the_same_rules_a1_a23() {
    let world = World::new().await;
    let direct = |email: &str, nickname: &str, terms: Option<&str>| {
        let mut body = json!({
            "ClientId": local::CLIENT_ID, "Username": email, "Password": PASSWORD,
            "UserAttributes": [{"Name": "email", "Value": email}, {"Name": "nickname", "Value": nickname}],
        });
        if let Some(terms) = terms {
            let agreed = json!({"Name": "custom:terms", "Value": terms});
            body["UserAttributes"].as_array_mut().expect("a list").push(agreed);
        }
        world
            .ask(Method::POST, "/")
            .header("x-amz-target", "AWSCognitoIdentityProviderService.SignUp")
            .header("content-type", "application/x-amz-json-1.1")
            .bytes(body.to_string().into_bytes())
    };
    let good = Some(domain::account::TERMS_VERSION);
    for (what, ask) in [
        ("no terms", direct("dani@example.com", "다니", None)),
        ("old terms", direct("dani@example.com", "다니", Some("2019-01"))),
        ("no nickname", direct("dani@example.com", "다 니!", good)),
        ("upper case", direct("Dani@example.com", "다니", good)),
    ] {
        let reply = ask.expect(400).await;
        assert!(
            reply.header("x-amzn-errortype").starts_with("UserLambdaValidationException"),
            "{what}: {}",
            reply.text()
        );
    }
    direct("dani@example.com", "다니", good).expect(200).await;
}

// --- passwords ----------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgotten_password_is_replaced_by_a_mailed_code_a17() {
    let world = World::new().await;
    world.newcomer("dani", "다니").await;
    world.post("/auth/password/forgot", json!({"email": "dani@example.com"})).expect(202).await;
    let mails = world.mails("dani@example.com").await;
    assert!(mails[0]["subject"].as_str().is_some_and(|subject| subject.contains("비밀번호")), "{:?}", mails[0]);
    let body = json!({"email": "dani@example.com", "code": CODE, "newPassword": OTHER_PASSWORD});
    world.post("/auth/password/reset", body).expect(204).await;
    let sign_in = |password| world.post("/auth/session", json!({"email": "dani@example.com", "password": password}));
    sign_in(PASSWORD).refused(401, "wrong_credentials").await;
    sign_in(OTHER_PASSWORD).expect(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_code_of_a_forgotten_password_works_once_a17() {
    let world = World::new().await;
    world.newcomer("dani", "다니").await;
    world.post("/auth/password/forgot", json!({"email": "dani@example.com"})).expect(202).await;
    let body = json!({"email": "dani@example.com", "code": CODE, "newPassword": OTHER_PASSWORD});
    world.post("/auth/password/reset", body.clone()).expect(204).await;
    let reply = world.post("/auth/password/reset", body).expect(422).await;
    assert!(["wrong_code", "expired_code"].contains(&reply.body["code"].as_str().unwrap_or_default()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_code_of_a_forgotten_password_is_good_for_an_hour_a17() {
    let world = World::new().await;
    world.newcomer("dani", "다니").await;
    world.post("/auth/password/forgot", json!({"email": "dani@example.com"})).expect(202).await;
    world.pass_hours(2).await;
    let body = json!({"email": "dani@example.com", "code": CODE, "newPassword": OTHER_PASSWORD});
    world.post("/auth/password/reset", body).refused(422, "expired_code").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forgetting_a_password_does_not_tell_who_has_an_account_a17() {
    let world = World::new().await;
    world.newcomer("dani", "다니").await;
    world.post("/auth/sign-up", sign_up_body("waiting@example.com", "대기자")).expect(201).await;
    let waiting = world.mails("waiting@example.com").await.len();
    for email in ["dani@example.com", "nobody@example.com", "waiting@example.com"] {
        let reply = world.post("/auth/password/forgot", json!({"email": email})).expect(202).await;
        assert_eq!(reply.body, json!({"email": email}));
        // Nor does a code that nobody was mailed.
        let body = json!({"email": email, "code": "654321", "newPassword": OTHER_PASSWORD});
        world.post("/auth/password/reset", body).refused(422, "wrong_code").await;
    }
    assert!(world.mails("nobody@example.com").await.is_empty());
    assert_eq!(world.mails("waiting@example.com").await.len(), waiting);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_with_bad_fields_hears_of_all_of_them_a17() {
    let world = World::new().await;
    let body = json!({"email": null, "code": 123_456, "newPassword": "letters-only", "x": []});
    let reply = world.post("/auth/password/reset", body).refused(400, "malformed_fields").await;
    let expected =
        [("/email", "wrong_type"), ("/code", "wrong_type"), ("/newPassword", "malformed"), ("/x", "unknown_field")];
    assert_eq!(reply.bad_fields(), fields(expected));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_knows_the_current_password_sets_another_a18() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    let body = json!({"currentPassword": PASSWORD, "newPassword": OTHER_PASSWORD});
    world.put("/me/password", body).by(&dani).expect(204).await;
    let sign_in = |password| world.post("/auth/session", json!({"email": "dani@example.com", "password": password}));
    sign_in(PASSWORD).refused(401, "wrong_credentials").await;
    sign_in(OTHER_PASSWORD).expect(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_know_the_current_password_sets_none_a18() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    for wrong in ["madang-2025!", "x"] {
        let body = json!({"currentPassword": wrong, "newPassword": OTHER_PASSWORD});
        world.put("/me/password", body).by(&dani).refused(401, "wrong_credentials").await;
    }
    world.sign_in("dani@example.com").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_password_differs_from_the_old_one_and_follows_the_rules_a18() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    for (new, code) in [(PASSWORD, "unchanged"), ("letters-only", "malformed"), ("a-1", "too_short")] {
        let body = json!({"currentPassword": PASSWORD, "newPassword": new});
        let reply = world.put("/me/password", body).by(&dani).refused(422, "invalid_fields").await;
        assert_eq!(reply.bad_fields(), fields([("/newPassword", code)]), "{new}");
    }
    let reply = world.put("/me/password", json!({"old": 1})).by(&dani).refused(400, "malformed_fields").await;
    let expected = [("/currentPassword", "missing"), ("/newPassword", "missing"), ("/old", "unknown_field")];
    assert_eq!(reply.bad_fields(), fields(expected));
}

// --- one's account ------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_loads_learns_who_is_signed_in_and_what_is_missing_a10_a24_a25() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    let seen = me(&world, &dani).await;
    assert_eq!((&seen["needs"], &seen["admin"]), (&json!(["region"]), &json!(false)));
    assert_eq!((&seen["signInBy"], &seen["version"], &seen["region"]), (&json!(["email"]), &json!(1), &Value::Null));
    let edit = json!({"version": 1, "region": "seoul/gangnam-gu"});
    let after = world.patch("/me", edit).by(&dani).expect(200).await.body;
    assert_eq!((&after["needs"], &after["version"]), (&json!([]), &json!(2)));
    assert_eq!(after["region"]["id"], "seoul/gangnam-gu");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_of_an_administrator_knows_it_a22_a25() {
    let world = World::seeded().await;
    let admin = world.demo("admin").await;
    assert_eq!(me(&world, &admin).await["admin"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_no_district_and_who_is_not_signed_in_are_told_apart_a24() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    let body = json!({
        "kind": "barter", "title": "자전거", "description": "잘 나갑니다", "category": "sports",
        "wants": "캠핑 의자", "deadline": world.in_hours(24),
    });
    world.post("/listings", body.clone()).by(&dani).refused(403, "region_needed").await;
    world.post("/listings", body).expect(401).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_account_barters_and_lends_a21() {
    let world = World::new().await;
    let dani = world.member("dani", "다니", "seoul/gangnam-gu").await;
    world.barter(&dani, json!({"title": "바꿔요"})).await;
    world.rental(&dani, json!({"title": "빌려드려요"})).await;
    world.settle().await;
    let mut titles = titles_in(&world.get("/me/listings").by(&dani).expect(200).await.body);
    titles.sort();
    assert_eq!(titles, ["바꿔요", "빌려드려요"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_shows_everybody_nothing_private_p1() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    let edit = json!({
        "version": 1, "phone": "01012345678", "nickname": "다니엘",
        "address": {"postcode": "06234", "line": "서울 강남구 테헤란로 1", "detail": "3층"},
    });
    let mine = world.patch("/me", edit).by(&dani).expect(200).await.body;
    assert_eq!((&mine["phone"], &mine["address"]["detail"]), (&json!("01012345678"), &json!("3층")));
    let reply = world.get(&format!("/accounts/{}", dani.id)).expect(200).await;
    assert_eq!((&reply.body["nickname"], &reply.body["withdrawn"]), (&json!("다니엘"), &json!(false)));
    assert_eq!(reply.body["region"]["nameKo"], "서울 강남구");
    for private in ["dani@example.com", "01012345678", "테헤란로", "06234"] {
        assert!(!reply.text().contains(private), "{private} is shown");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_no_profile_of_nobody_p1() {
    let world = World::new().await;
    for id in ["6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506", "nobody", "..%2Fme"] {
        world.get(&format!("/accounts/{id}")).refused(404, "not_found").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nickname_can_be_changed_and_the_old_one_is_free_p1_a5() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    world.newcomer("sora", "소라").await;
    world.patch("/me", json!({"version": 1, "nickname": "소라"})).by(&dani).refused(409, "nickname_taken").await;
    world.patch("/me", json!({"version": 1, "nickname": "Daniel"})).by(&dani).expect(200).await;
    assert_eq!(nickname_is_free(&world, "다니").await, true);
    assert_eq!(nickname_is_free(&world, "daniel").await, false);
    // Its own letters in another case are nobody else's.
    let after = world.patch("/me", json!({"version": 2, "nickname": "DANIEL"})).by(&dani).expect(200).await.body;
    assert_eq!(after["nickname"], "DANIEL");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_change_to_one_nickname_at_once_do_not_both_get_it_p1_a5() {
    let world = World::new().await;
    let (dani, sora) = (world.newcomer("dani", "다니").await, world.newcomer("sora", "소라").await);
    let edit = || json!({"version": 1, "nickname": "하나뿐"});
    let (first, second) =
        tokio::join!(world.patch("/me", edit()).by(&dani).send(), world.patch("/me", edit()).by(&sora).send());
    let won = [&first, &second].into_iter().filter(|reply| reply.status == 200).count();
    assert_eq!(won, 1, "{} {}", first.text(), second.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_of_a_version_that_is_gone_is_refused_with_the_one_there_is_p1() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    world.patch("/me", json!({"version": 1, "phone": "01012345678"})).by(&dani).expect(200).await;
    let late = world.patch("/me", json!({"version": 1, "phone": null})).by(&dani);
    let reply = late.refused(409, "version_conflict").await;
    assert_eq!(reply.body["version"], 2);
    assert_eq!(me(&world, &dani).await["phone"], "01012345678");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_with_bad_fields_hears_of_all_of_them_at_once_p1_p3() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    let body = json!({
        "nickname": "가", "phone": "010-1234-5678", "region": "seoul/atlantis", "email": "new@example.com",
        "address": {"postcode": "1", "line": 7, "floor": 3}, "image": 9,
    });
    let reply = world.patch("/me", body).by(&dani).refused(400, "malformed_fields").await;
    let found = reply.bad_fields();
    for (field, code) in [
        ("/version", "missing"),
        ("/nickname", "too_short"),
        ("/phone", "malformed"),
        ("/email", "unknown_field"),
        ("/address/postcode", "malformed"),
        ("/address/line", "wrong_type"),
        ("/address/floor", "unknown_field"),
        ("/image", "wrong_type"),
    ] {
        assert_eq!(found.get(field).map(String::as_str), Some(code), "{field} in {found:?}");
    }
    assert!(found.contains_key("/region"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_number_is_010_and_eight_digits_and_can_be_cleared_p3() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    for bad in ["0101234567", "010123456789", "01112345678", "010-1234-5678", "+821012345678", ""] {
        let reply =
            world.patch("/me", json!({"version": 1, "phone": bad})).by(&dani).refused(422, "invalid_fields").await;
        assert_eq!(reply.bad_fields(), fields([("/phone", "malformed")]), "{bad}");
    }
    let set = world.patch("/me", json!({"version": 1, "phone": "01012345678"})).by(&dani).expect(200).await.body;
    assert_eq!(set["phone"], "01012345678");
    let cleared = world.patch("/me", json!({"version": 2, "phone": null})).by(&dani).expect(200).await.body;
    assert_eq!(cleared["phone"], Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_brings_its_district_along_p5() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    let edit = json!({"version": 1, "address": {"line": "서울특별시 강남구 테헤란로 1"}});
    let after = world.patch("/me", edit).by(&dani).expect(200).await.body;
    assert_eq!(after["region"]["id"], "seoul/gangnam-gu");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_district_that_is_named_wins_over_the_addresss_p4_p5() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    let edit = json!({"version": 1, "region": "busan/haeundae-gu", "address": {"line": "서울 강남구 테헤란로 1"}});
    let after = world.patch("/me", edit).by(&dani).expect(200).await.body;
    assert_eq!(after["region"]["id"], "busan/haeundae-gu");
    assert_eq!(after["address"]["line"], "서울 강남구 테헤란로 1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_without_a_district_needs_one_named_p5() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    let edit = json!({"version": 1, "address": {"line": "123 Main Street"}});
    let reply = world.patch("/me", edit).by(&dani).refused(422, "invalid_fields").await;
    assert_eq!(reply.bad_fields(), fields([("/address/line", "malformed")]));
    let edit = json!({"version": 1, "region": "jeju/jeju-si", "address": {"line": "123 Main Street"}});
    world.patch("/me", edit).by(&dani).expect(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clearing_an_address_keeps_the_district_p5() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    let edit = json!({"version": 1, "address": {"line": "서울 강남구 테헤란로 1"}});
    world.patch("/me", edit).by(&dani).expect(200).await;
    let after = world.patch("/me", json!({"version": 2, "address": null})).by(&dani).expect(200).await.body;
    assert_eq!((&after["address"], &after["region"]["id"]), (&Value::Null, &json!("seoul/gangnam-gu")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_that_was_uploaded_becomes_the_profiles_p2() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    let picture = world.picture(&dani, "profile").await;
    let after = world.patch("/me", json!({"version": 1, "image": picture})).by(&dani).expect(200).await.body;
    assert_eq!(after["image"]["id"], json!(picture));
    let shown = world.get(&format!("/accounts/{}", dani.id)).expect(200).await.body;
    let jpeg = shown["image"]["renditions"][0]["jpeg"].as_str().unwrap_or_default().to_owned();
    assert_eq!(world.get(&jpeg).expect(200).await.header("content-type"), "image/jpeg");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_picture_the_default_is_shown_m7() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    assert_eq!(me(&world, &dani).await["image"], Value::Null);
    let picture = world.picture(&dani, "profile").await;
    world.patch("/me", json!({"version": 1, "image": picture})).by(&dani).expect(200).await;
    let after = world.patch("/me", json!({"version": 2, "image": null})).by(&dani).expect(200).await.body;
    assert_eq!(after["image"], Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_takes_only_ones_own_ready_profile_picture_p2() {
    let world = World::new().await;
    let (dani, sora) = (
        world.member("dani", "다니", "seoul/gangnam-gu").await,
        world.member("sora", "소라", "seoul/gangnam-gu").await,
    );
    let soras = world.picture(&sora, "profile").await;
    let for_listing = world.picture(&dani, "listing").await;
    let begun = world.begin_upload(&dani, "profile", "image/jpeg", 1000).await;
    for (what, image, code) in [
        ("another's", soras, "not_found"),
        ("nobody's", "med_01K9ZX3V5M8QJ4T0N2R6W7Y1AZ".to_owned(), "not_found"),
        ("a listing's", for_listing, "not_together"),
        ("not uploaded", id_of(&begun), "not_ready"),
    ] {
        let edit = world.patch("/me", json!({"version": 2, "image": image})).by(&dani);
        assert_eq!(edit.refused(422, "invalid_fields").await.bad_fields(), fields([("/image", code)]), "{what}");
    }
}

// --- leaving ------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tokens_of_whoever_has_left_open_nothing_a20() {
    let world = World::new().await;
    let dani = world.member("dani", "다니", "seoul/gangnam-gu").await;
    world.delete("/me").by(&dani).expect(204).await;
    world.get("/me").by(&dani).refused(401, "bad_token").await;
    world.patch("/me", json!({"version": 2, "phone": null})).by(&dani).refused(401, "bad_token").await;
    let body = json!({
        "kind": "barter", "title": "자전거", "description": "잘 나갑니다", "category": "sports",
        "wants": "캠핑 의자", "deadline": world.in_hours(24),
    });
    world.post("/listings", body).by(&dani).expect(401).await;
    world.post("/auth/session/refresh", json!({"refreshToken": dani.refresh})).refused(401, "bad_token").await;
    let sign_in = json!({"email": dani.email, "password": PASSWORD});
    world.post("/auth/session", sign_in).refused(401, "wrong_credentials").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leaving_twice_is_leaving_once_a20() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    world.delete("/me").by(&dani).expect(204).await;
    world.delete("/me").by(&dani).expect(204).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_placeholder_stands_for_whoever_has_left_p19_a20() {
    let world = World::new().await;
    let dani = world.member("dani", "다니", "seoul/gangnam-gu").await;
    world.delete("/me").by(&dani).expect(204).await;
    let shown = world.get(&format!("/accounts/{}", dani.id)).expect(200).await.body;
    let expected = json!({
        "id": dani.id, "nickname": "탈퇴유저", "withdrawn": true, "image": null, "region": null, "createdAt": null,
        "followers": 0,
    });
    assert_eq!(shown, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_nickname_and_the_address_of_whoever_has_left_are_free_at_once_a20() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    world.delete("/me").by(&dani).expect(204).await;
    let again = world.newcomer("dani", "다니").await;
    assert_ne!(again.id, dani.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_belonged_to_whoever_has_left_goes_with_them_a20() {
    let world = World::new().await;
    let dani = world.member("dani", "다니", "seoul/gangnam-gu").await;
    let sora = world.member("sora", "소라", "seoul/gangnam-gu").await;
    let picture = world.picture(&dani, "listing").await;
    let danis = id_of(&world.barter(&dani, json!({"title": "다니의 것", "pictures": [picture]})).await);
    let soras = id_of(&world.barter(&sora, json!({"title": "소라의 것"})).await);
    let unused = world.picture(&dani, "profile").await;
    world.ask(Method::PUT, &format!("/listings/{soras}/bookmark")).by(&dani).expect(200).await;
    world.delete("/me").by(&dani).expect(204).await;
    world.settle().await;

    world.get(&format!("/listings/{danis}")).refused(404, "not_found").await;
    assert_eq!(world.titles("/listings").await, ["소라의 것"]);
    assert_eq!(world.get(&format!("/listings/{soras}")).expect(200).await.body["bookmarks"], 0);
    for media in [picture, unused] {
        world.get(&format!("/media/{media}")).by(&dani).refused(404, "not_found").await;
    }
}

// --- administrators -----------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_looks_somebody_up_x4_a22() {
    let world = World::seeded().await;
    let (admin, minji) = (world.demo("admin").await, world.demo("minji").await);
    let seen = world.get(&format!("/admin/accounts/{}", minji.id)).by(&admin).expect(200).await.body;
    assert_eq!((&seen["email"], &seen["nickname"]), (&json!("minji@example.com"), &json!("민지")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_but_an_administrator_looks_somebody_up_x4_a22() {
    let world = World::seeded().await;
    let minji = world.demo("minji").await;
    let path = format!("/admin/accounts/{}", minji.id);
    world.get(&path).by(&minji).refused(403, "admin_only").await;
    world.get(&path).expect(401).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_finds_nobody_where_nobody_is_x4() {
    let world = World::seeded().await;
    let (admin, haru) = (world.demo("admin").await, world.demo("haru").await);
    world.delete("/me").by(&haru).expect(204).await;
    for id in [haru.id.as_str(), "6f1c2a34-5b6d-4e7f-8a90-000000000000", "nobody"] {
        world.get(&format!("/admin/accounts/{id}")).by(&admin).refused(404, "not_found").await;
    }
}

// --- regions ------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_country_has_17_provinces_and_253_districts_p4() {
    let world = World::new().await;
    let regions = world.get("/regions").expect(200).await.body;
    let provinces = regions["provinces"].as_array().cloned().unwrap_or_default();
    assert_eq!(provinces.len(), 17);
    let districts: usize = provinces.iter().filter_map(|province| province["districts"].as_array()).map(Vec::len).sum();
    assert_eq!(districts, 253);
    let seoul = provinces.iter().find(|province| province["id"] == "seoul").expect("Seoul is a province");
    assert_eq!((&seoul["nameKo"], &seoul["nameEn"]), (&json!("서울"), &json!("Seoul")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_is_in_its_district_p4() {
    let world = World::new().await;
    let found = world.get("/regions/at?lat=37.5172&lng=127.0473").expect(200).await.body;
    assert_eq!((&found["id"], &found["nameKo"]), (&json!("seoul/gangnam-gu"), &json!("서울 강남구")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_point_named_for_a_district_of_seoul_lies_in_it_p4() {
    let world = World::new().await;
    let regions = world.get("/regions").expect(200).await.body;
    let provinces = regions["provinces"].as_array().cloned().unwrap_or_default();
    let seoul = provinces.iter().find(|province| province["id"] == "seoul").expect("Seoul is a province");
    for district in seoul["districts"].as_array().into_iter().flatten() {
        let path = format!("/regions/at?lat={}&lng={}", district["lat"], district["lng"]);
        assert_eq!(world.get(&path).expect(200).await.body["id"], district["id"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_at_sea_or_abroad_is_in_no_district_p4() {
    let world = World::new().await;
    for path in ["/regions/at?lat=36&lng=123.5", "/regions/at?lat=48.85&lng=2.35", "/regions/at?lat=-90&lng=180"] {
        world.get(path).refused(404, "not_found").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_position_is_refused_p4() {
    let world = World::new().await;
    for (query, status, expected) in [
        ("", 400, fields([("lat", "missing"), ("lng", "missing")])),
        ("lat=NaN&lng=127", 400, fields([("lat", "wrong_type")])),
        ("lat=inf&lng=-inf", 400, fields([("lat", "wrong_type"), ("lng", "wrong_type")])),
        ("lat=&lng=north", 400, fields([("lat", "wrong_type"), ("lng", "wrong_type")])),
        ("lat=90.1&lng=-180.1", 422, fields([("lat", "too_large"), ("lng", "too_small")])),
        ("lat=37&lng=127&zoom=3", 400, fields([("zoom", "unknown_field")])),
    ] {
        let reply = world.get(&format!("/regions/at?{query}")).expect(status).await;
        assert_eq!(reply.bad_fields(), expected, "{query}");
    }
}
