//! The hosted sign-in and the OAuth endpoints.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::world::{Answer, BACK, BASE, Browser, PASSWORD, World, form};

const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-taken-seriously";

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

fn asked(extra: &[(&str, &str)]) -> String {
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", "web"),
        ("redirect_uri", BACK),
        ("scope", "openid email profile"),
        ("state", "st&te"),
    ];
    pairs.extend(extra);
    form(&pairs)
}

async fn log_in(browser: &mut Browser, query: &str, email: &str, password: &str) -> Answer {
    let page = browser.get(&format!("/login?{query}")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let csrf = browser.cookies["XSRF-TOKEN"].clone();
    browser.post(&format!("/login?{query}"), &[("username", email), ("password", password), ("_csrf", &csrf)]).await
}

#[tokio::test]
async fn a_browser_signs_in_and_the_client_gets_tokens() {
    let world = World::new().await;
    let sub = world.member("mina@example.com").await;
    let mut browser = world.browser();
    let challenge = challenge();
    let query = asked(&[("code_challenge", &challenge), ("code_challenge_method", "S256"), ("nonce", "n-1")]);
    let start = browser.get(&format!("/oauth2/authorize?{query}")).await;
    assert!(start.location.starts_with("/login?"), "{}", start.location);
    let wrong = log_in(&mut browser, &query, "mina@example.com", "wrong-horse-1").await;
    assert!(wrong.text.contains("이메일 또는 비밀번호가 올바르지 않습니다."));
    let done = log_in(&mut browser, &query, "mina@example.com", PASSWORD).await;
    assert_eq!(done.member("state").as_deref(), Some("st&te"));
    let code = done.member("code").unwrap();

    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", "web"),
        ("redirect_uri", BACK),
        ("code", code.as_str()),
        ("code_verifier", VERIFIER),
    ];
    let answer = browser.post("/oauth2/token", &pairs).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let tokens = answer.json();
    let (id, access) = (world.claims(&tokens["id_token"]), world.claims(&tokens["access_token"]));
    assert_eq!((&id["sub"], &id["nonce"], &access["version"]), (&json!(sub), &json!("n-1"), &json!(2)));
    assert_eq!(access["scope"], "openid email profile");
    assert_eq!(world.around.events_of("TokenGeneration_HostedAuth").len(), 1);

    let again = browser.post("/oauth2/token", &pairs).await;
    assert_eq!((again.status, again.json()), (StatusCode::BAD_REQUEST, json!({ "error": "invalid_grant" })));

    let info = browser
        .with_header(
            "/oauth2/userInfo",
            "authorization",
            &format!("Bearer {}", tokens["access_token"].as_str().unwrap()),
        )
        .await;
    assert_eq!((&info.json()["sub"], &info.json()["email_verified"]), (&json!(sub), &json!("true")));
    let none = browser.with_header("/oauth2/userInfo", "authorization", "Bearer junk").await;
    assert_eq!(none.status, StatusCode::UNAUTHORIZED);
    let lacking = world.err("GetUser", json!({ "AccessToken": tokens["access_token"] })).await;
    assert_eq!(lacking.1, "Access Token does not have required scopes");

    let silent = browser.get(&format!("/oauth2/authorize?{}", asked(&[("prompt", "none")]))).await;
    assert!(silent.member("code").is_some(), "the session cookie signs in without a page");
    let bye =
        browser.get(&format!("/logout?{}", form(&[("client_id", "web"), ("logout_uri", "http://app.test/bye")]))).await;
    assert_eq!(bye.location, "http://app.test/bye");
    let silent = browser.get(&format!("/oauth2/authorize?{}", asked(&[("prompt", "none")]))).await;
    assert_eq!(silent.member("error").as_deref(), Some("login_required"));

    let refresh = tokens["refresh_token"].as_str().unwrap();
    let revoked = browser.post("/oauth2/revoke", &[("client_id", "web"), ("token", refresh)]).await;
    assert_eq!(revoked.status, StatusCode::OK);
    let pairs = [("grant_type", "refresh_token"), ("client_id", "web"), ("refresh_token", refresh)];
    assert_eq!(browser.post("/oauth2/token", &pairs).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_code_without_its_verifier_is_worth_nothing() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    let challenge = challenge();
    let with = asked(&[("code_challenge", &challenge), ("code_challenge_method", "S256")]);
    type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);
    let cases: [Case<'_>; 5] = [
        ("no verifier", &with, &[]),
        ("another verifier", &with, &[("code_verifier", "a-verifier-that-belongs-to-somebody-else-altogether")]),
        ("a verifier nobody asked for", &asked(&[]), &[("code_verifier", VERIFIER)]),
        ("another address", &with, &[("code_verifier", VERIFIER), ("redirect_uri", "http://evil.test/")]),
        ("another client", &with, &[("code_verifier", VERIFIER), ("client_id", "rotating")]),
    ];
    for (what, query, extra) in cases {
        let mut browser = world.browser();
        let code = log_in(&mut browser, query, "mina@example.com", PASSWORD).await.member("code").unwrap();
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("client_id", "web"),
            ("redirect_uri", BACK),
            ("code", code.as_str()),
        ];
        pairs.extend(extra);
        let answer = browser.post("/oauth2/token", &pairs).await;
        assert_eq!(
            (answer.status, answer.json()),
            (StatusCode::BAD_REQUEST, json!({ "error": "invalid_grant" })),
            "{what}"
        );
        let mended = [
            ("grant_type", "authorization_code"),
            ("client_id", "web"),
            ("redirect_uri", BACK),
            ("code", code.as_str()),
            ("code_verifier", VERIFIER),
        ];
        assert_eq!(
            browser.post("/oauth2/token", &mended).await.status,
            StatusCode::BAD_REQUEST,
            "{what}: the code is spent"
        );
    }
}

#[tokio::test]
async fn a_code_lives_five_minutes() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    let mut browser = world.browser();
    let code = log_in(&mut browser, &asked(&[]), "mina@example.com", PASSWORD).await.member("code").unwrap();
    world.around.pass(300);
    assert_eq!(browser.redeem(&code).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused() {
    let world = World::new().await;
    let mut browser = world.browser();
    for (name, value) in [("redirect_uri", "http://evil.test/"), ("client_id", "nobody")] {
        let answer = browser.get(&format!("/oauth2/authorize?{}&{}", asked(&[]), form(&[(name, value)]))).await;
        assert_eq!((answer.status, answer.location.as_str()), (StatusCode::BAD_REQUEST, ""), "{name}");
    }
    let cases = [
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "openid phone", "invalid_scope"),
        ("scope", "email", "invalid_scope"),
        ("code_challenge", "short", "invalid_request"),
        ("identity_provider", "Facebook", "invalid_request"),
    ];
    for (name, value, error) in cases {
        let answer = browser.get(&format!("/oauth2/authorize?{}&{}", asked(&[]), form(&[(name, value)]))).await;
        assert!(answer.location.starts_with(BACK), "{name}: {}", answer.location);
        assert_eq!(answer.member("error").as_deref(), Some(error), "{name}");
    }
    let plain = asked(&[("code_challenge", &challenge()), ("code_challenge_method", "plain")]);
    let answer = browser.get(&format!("/oauth2/authorize?{plain}")).await;
    assert_eq!(answer.member("error").as_deref(), Some("invalid_request"));
    for (grant, error) in [("client_credentials", "unauthorized_client"), ("password", "unsupported_grant_type")] {
        let answer = browser.post("/oauth2/token", &[("grant_type", grant), ("client_id", "web")]).await;
        assert_eq!(answer.json()["error"], error);
    }
    for secret in [&[][..], &[("client_secret", "wrong")]] {
        let mut pairs = vec![("grant_type", "refresh_token"), ("client_id", "secret"), ("refresh_token", "x")];
        pairs.extend(secret);
        assert_eq!(browser.post("/oauth2/token", &pairs).await.json()["error"], "invalid_client");
    }
}

#[tokio::test]
async fn a_sign_in_from_another_site_is_not_taken() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    let mut browser = world.browser();
    let pairs = [("username", "mina@example.com"), ("password", PASSWORD), ("_csrf", "guessed")];
    let answer = browser.post(&format!("/login?{}", asked(&[])), &pairs).await;
    assert_eq!((answer.status, answer.location.as_str()), (StatusCode::OK, ""));
    assert!(answer.text.contains("페이지가 만료되었습니다"));
    assert!(!browser.cookies.contains_key("cognito"));
}

#[tokio::test]
async fn pages_escape_what_they_repeat_and_speak_both_languages() {
    let world = World::new().await;
    let mut browser = world.browser();
    let evil = "\"><script>alert(1)</script>";
    let page = log_in(&mut browser, &asked(&[("state", evil)]), evil, "wrong-horse-1").await;
    assert!(!page.text.contains("<script"), "{}", page.text);
    let english = browser.with_header(&format!("/login?{}", asked(&[])), "accept-language", "en-GB,ko;q=0.5").await;
    assert!(english.text.contains("Sign in to Madang") && english.text.contains("lang=\"en\""));
    let korean = browser.with_header(&format!("/login?{}&lang=ko", asked(&[])), "accept-language", "en").await;
    assert!(korean.text.contains("마당에 로그인") && korean.text.contains("prefers-color-scheme:dark"));
    for name in ["Google", "Kakao", "Naver"] {
        assert!(korean.text.contains(&format!("identity_provider={name}")));
    }
}

#[tokio::test]
async fn keys_and_discovery_are_published() {
    let world = World::new().await;
    let mut browser = world.browser();
    let issuer = world.pool.issuer();
    let found = browser.get(&format!("{issuer}/.well-known/openid-configuration")).await.json();
    assert_eq!((&found["issuer"], &found["token_endpoint"]), (&json!(issuer), &json!(format!("{BASE}/oauth2/token"))));
    let keys = browser.get(found["jwks_uri"].as_str().unwrap()).await.json();
    assert_eq!(keys, world.pool.jwks());
    for provider in ["google", "kakao", "naver"] {
        let found = browser.get(&format!("/_idp/{provider}/.well-known/openid-configuration")).await.json();
        assert_eq!(found["issuer"], format!("{BASE}/_idp/{provider}"));
        assert_eq!(browser.get(found["jwks_uri"].as_str().unwrap()).await.status, StatusCode::OK);
    }
}
