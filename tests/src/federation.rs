//! Google, Kakao and Naver, linking, the hosted sign-in (rows A11–A16).

use std::collections::BTreeMap;

use local::seed::PASSWORD;
use reqwest::{Method, Url};
use serde_json::{Value, json};

use crate::{CODE, Person, Reply, World};

/// The example pair of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A browser: keeps cookies by path and follows redirects one at a time.
struct Browser<'a> {
    world: &'a World,
    /// Name to path and value.
    cookies: BTreeMap<String, (String, String)>,
}

impl<'a> Browser<'a> {
    fn new(world: &'a World) -> Self {
        Self { world, cookies: BTreeMap::new() }
    }

    async fn open(&mut self, method: Method, url: &Url, body: Option<&str>) -> Reply {
        let mut ask = self.world.ask(method, url.as_str());
        let at_path =
            |path: &str| url.path() == path || url.path().starts_with(&format!("{}/", path.trim_end_matches('/')));
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .filter(|(_, (path, _))| at_path(path))
            .map(|(name, (_, value))| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            ask = ask.header("cookie", &cookies.join("; "));
        }
        if let Some(body) = body {
            ask = ask.header("content-type", "application/x-www-form-urlencoded").bytes(body.as_bytes().to_vec());
        }
        let reply = ask.send().await;
        for value in reply.headers.get_all("set-cookie") {
            let text = value.to_str().expect("cookies are ASCII");
            let mut parts = text.split(';').map(str::trim);
            let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a cookie has a name");
            let path = parts.clone().find_map(|part| part.strip_prefix("Path=")).unwrap_or("/");
            if parts.any(|part| part == "Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), (path.to_owned(), value.to_owned()));
            }
        }
        reply
    }

    /// Follows redirects, being this one of a provider's demo people, up to an address below `to`.
    async fn travel(&mut self, from: &str, who: &str, to: &str) -> Url {
        let mut url = Url::parse(self.world.url()).and_then(|base| base.join(from)).expect("an address");
        for _ in 0..20 {
            if url.as_str().starts_with(to) {
                return url;
            }
            if url.path().starts_with("/_idp/") {
                url.query_pairs_mut().append_pair("login_hint", who);
            }
            let reply = self.open(Method::GET, &url, None).await;
            assert_eq!(reply.status, 302, "{url}: {}", reply.text());
            url = url.join(reply.header("location")).expect("a place to go");
        }
        unreachable!("twenty redirects lead nowhere")
    }

    /// Signs in by a provider, as pages do it, up to where the browser is sent at the end.
    async fn sign_in_by(&mut self, provider: &str, who: &str) -> Url {
        let home = format!("{}/", self.world.url());
        let home_with_news = format!("{home}?");
        self.travel(&format!("/auth/hosted?provider={provider}&returnTo={home}"), who, &home_with_news).await
    }

    /// What the page does when it is back: the cookie becomes a session.
    async fn session(&mut self) -> Value {
        let url = Url::parse(&format!("{}/auth/session/refresh", self.world.url())).expect("an address");
        let reply = self.open(Method::POST, &url, None).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.body
    }
}

fn query_of(url: &Url) -> BTreeMap<String, String> {
    url.query_pairs().into_owned().collect()
}

fn person_of(session: &Value) -> Person {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Person {
        id: text(&session["account"]["id"]),
        email: text(&session["account"]["email"]),
        token: text(&session["accessToken"]),
        id_token: text(&session["idToken"]),
        refresh: text(&session["refreshToken"]),
    }
}

/// Whoever comes by a provider's first demo person, with the session's document.
async fn came_by(world: &World, provider: &str) -> (Person, Value) {
    came_by_as(world, provider, "1").await
}

async fn came_by_as(world: &World, provider: &str, who: &str) -> (Person, Value) {
    let mut browser = Browser::new(world);
    let home = browser.sign_in_by(provider, who).await;
    assert_eq!(query_of(&home).get("signedIn").map(String::as_str), Some("1"), "{home}");
    let session = browser.session().await;
    (person_of(&session), session)
}

async fn sign_in_by(world: &World, person: &Person) -> Value {
    world.get("/me").by(person).expect(200).await.body["signInBy"].clone()
}

// --- signing in ---------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_comes_by_google_with_a_verified_address_a12() {
    let world = World::new().await;
    let (_, session) = came_by(&world, "google").await;
    let account = &session["account"];
    assert_eq!((&account["signInBy"], &account["email"]), (&json!(["google"]), &json!("mina@example.com")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_google_does_not_vouch_for_is_not_kept_a12_a15() {
    let world = World::new().await;
    let (_, session) = came_by_as(&world, "google", "3").await;
    assert_eq!(session["account"]["email"], Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_comes_by_kakao_without_an_address_a11() {
    let world = World::new().await;
    let (_, session) = came_by(&world, "kakao").await;
    let account = &session["account"];
    assert_eq!((&account["signInBy"], &account["email"]), (&json!(["kakao"]), &Value::Null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_comes_by_naver_without_an_address_a13() {
    let world = World::new().await;
    let (_, session) = came_by(&world, "naver").await;
    let account = &session["account"];
    assert_eq!((&account["signInBy"], &account["email"]), (&json!(["naver"]), &Value::Null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_again_by_a_provider_is_the_same_person_a11_a12_a13() {
    let world = World::new().await;
    for provider in ["google", "kakao", "naver"] {
        let (first, _) = came_by(&world, provider).await;
        let (again, _) = came_by(&world, provider).await;
        let (other, _) = came_by_as(&world, provider, "2").await;
        assert_eq!(first.id, again.id, "{provider}");
        assert_ne!(first.id, other.id, "{provider}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_at_three_providers_is_three_people_until_they_link_a15() {
    let world = World::new().await;
    let mut ids = vec![];
    for provider in ["google", "kakao", "naver"] {
        ids.push(came_by(&world, provider).await.0.id);
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_refuses_at_the_provider_is_sent_back_with_the_news_a11() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let home = format!("{}/", world.url());
    let consent = format!("{}/_idp/kakao/", world.url());
    let page = browser.travel(&format!("/auth/hosted?provider=kakao&returnTo={home}"), "1", &consent).await;
    let refused = browser.open(Method::POST, &page, Some("refuse=true")).await;
    let back = browser.travel(refused.header("location"), "1", &format!("{home}?")).await;
    assert_eq!(query_of(&back).get("signInError").map(String::as_str), Some("access_denied"));
    assert!(!browser.cookies.contains_key("refreshToken"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cookie_of_a_hosted_sign_in_is_for_its_way_only_a11() {
    let world = World::new().await;
    let home = format!("{}/", world.url());
    let reply = world.get(&format!("/auth/hosted?provider=kakao&returnTo={home}")).expect(302).await;
    let cookie = reply.header("set-cookie");
    assert!(cookie.starts_with("hostedSignIn=") && cookie.contains("Path=/auth/hosted"), "{cookie}");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let query = query_of(&Url::parse(reply.header("location")).expect("an address"));
    assert_eq!(query.get("code_challenge_method").map(String::as_str), Some("S256"));
    assert_eq!(query.get("identity_provider").map(String::as_str), Some("Kakao"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_is_sent_back_only_to_pages_the_deployment_allows_a11_a12_a13() {
    let world = World::new().await;
    let ours = world.url();
    for bad in [
        "https://evil.example/".to_owned(),
        "//evil.example/".to_owned(),
        "javascript:alert(1)".to_owned(),
        format!("{ours}.evil.example/"),
        format!("{ours}@evil.example/"),
        "http://localhost:5174/".to_owned(),
    ] {
        let reply = world.get(&format!("/auth/hosted?returnTo={bad}")).refused(422, "invalid_fields").await;
        assert_eq!(reply.bad_fields(), [("returnTo".to_owned(), "malformed".to_owned())].into(), "{bad}");
        assert!(reply.header("location").is_empty());
    }
    world.get("/auth/hosted?returnTo=http%3A%2F%2Flocalhost%3A5173%2Fwelcome").expect(302).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hosted_sign_in_that_is_asked_wrongly_does_not_start_a11() {
    let world = World::new().await;
    let reply = world.get("/auth/hosted?provider=facebook&next=1").refused(400, "malformed_fields").await;
    let expected = [("provider", "unknown_value"), ("returnTo", "missing"), ("next", "unknown_field")];
    assert_eq!(reply.bad_fields(), expected.map(|(field, code)| (field.to_owned(), code.to_owned())).into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_that_this_browser_did_not_begin_is_refused_a11_a12_a13() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let home = format!("{}/", world.url());
    let callback = format!("{}/auth/hosted/callback", world.url());
    let back = browser.travel(&format!("/auth/hosted?provider=google&returnTo={home}"), "1", &callback).await;
    let good = query_of(&back);
    // A code of one's own sent to somebody else's browser: no cookie there, or one with another state.
    world.get(back.as_str()).refused(400, "sign_in_failed").await;
    let mut forged = back.clone();
    forged.query_pairs_mut().clear().append_pair("code", &good["code"]).append_pair("state", "another");
    let reply = browser.open(Method::GET, &forged, None).await;
    assert_eq!((reply.status, &reply.body["code"]), (400, &json!("sign_in_failed")));
    let mut without = back.clone();
    without.query_pairs_mut().clear().append_pair("code", &good["code"]);
    let reply = browser.open(Method::GET, &without, None).await;
    assert_eq!((reply.status, &reply.body["code"]), (400, &json!("sign_in_failed")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_the_pool_did_not_give_out_opens_nothing_a11() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let home = format!("{}/", world.url());
    let callback = format!("{}/auth/hosted/callback", world.url());
    let back = browser.travel(&format!("/auth/hosted?provider=google&returnTo={home}"), "1", &callback).await;
    let state = query_of(&back)["state"].clone();
    let mut forged = back.clone();
    forged.query_pairs_mut().clear().append_pair("code", "made-up").append_pair("state", &state);
    let reply = browser.open(Method::GET, &forged, None).await;
    assert_eq!((reply.status, &reply.body["code"]), (400, &json!("sign_in_failed")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_native_client_exchanges_its_code_with_its_own_verifier_a11_a12_a13() {
    let world = World::new().await;
    for (provider, name) in [("Google", "google"), ("Kakao", "kakao"), ("Naver", "naver")] {
        let code = native_code(&world, provider).await;
        let body = exchange(&world, &code, VERIFIER);
        let session = world.post("/auth/session/exchange", body).expect(200).await.body;
        assert_eq!(session["account"]["signInBy"], json!([name]));
        assert_eq!(world.get("/me").by(&person_of(&session)).expect(200).await.body["id"], session["account"]["id"]);
        assert!(session["refreshToken"].is_string());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_without_its_verifier_or_address_and_a_spent_one_open_nothing_a11() {
    let world = World::new().await;
    let other = "another-verifier-that-is-long-enough-to-be-one";
    let code = native_code(&world, "Google").await;
    world.post("/auth/session/exchange", exchange(&world, &code, other)).refused(400, "sign_in_failed").await;

    let code = native_code(&world, "Google").await;
    let mut elsewhere = exchange(&world, &code, VERIFIER);
    elsewhere["redirectUri"] = json!("https://evil.example/");
    world.post("/auth/session/exchange", elsewhere).refused(400, "sign_in_failed").await;

    let code = native_code(&world, "Google").await;
    world.post("/auth/session/exchange", exchange(&world, &code, VERIFIER)).expect(200).await;
    world.post("/auth/session/exchange", exchange(&world, &code, VERIFIER)).refused(400, "sign_in_failed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exchange_with_bad_fields_hears_of_all_of_them_a11() {
    let world = World::new().await;
    let body = json!({"code": 1, "codeVerifier": "", "refreshTokenIn": "header", "scope": "all"});
    let reply = world.post("/auth/session/exchange", body).refused(400, "malformed_fields").await;
    let expected = [
        ("/code", "wrong_type"),
        ("/codeVerifier", "too_short"),
        ("/redirectUri", "missing"),
        ("/refreshTokenIn", "unknown_value"),
        ("/scope", "unknown_field"),
    ];
    assert_eq!(reply.bad_fields(), expected.map(|(field, code)| (field.to_owned(), code.to_owned())).into());
}

async fn native_code(world: &World, provider: &str) -> String {
    let home = format!("{}/", world.url());
    let url = Url::parse_with_params(
        &format!("{}/oauth2/authorize", world.url()),
        [
            ("response_type", "code"),
            ("client_id", local::CLIENT_ID),
            ("redirect_uri", home.as_str()),
            ("scope", "openid email profile aws.cognito.signin.user.admin"),
            ("state", "mine"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("identity_provider", provider),
        ],
    )
    .expect("an address");
    let back = Browser::new(world).travel(url.as_str(), "1", &format!("{home}?")).await;
    query_of(&back)["code"].clone()
}

fn exchange(world: &World, code: &str, verifier: &str) -> Value {
    let redirect_uri = format!("{}/", world.url());
    json!({"code": code, "codeVerifier": verifier, "redirectUri": redirect_uri, "refreshTokenIn": "body"})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn navers_profile_is_flattened_for_whoever_has_navers_token_and_nobody_else_a13() {
    let world = World::new().await;
    world.get("/oidc/naver/userinfo").refused(401, "not_signed_in").await;
    world.get("/oidc/naver/userinfo").token("made-up").refused(401, "bad_token").await;
    world.get("/oidc/naver/userinfo").header("authorization", "Basic YTpi").refused(401, "bad_token").await;
}

// --- finishing the sign-up ----------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_came_by_a_provider_finishes_signing_up_a14() {
    let world = World::new().await;
    let (mina, session) = came_by(&world, "kakao").await;
    assert_eq!(session["account"]["needs"], json!(["onboarding", "region"]));
    let body = json!({
        "nickname": "미나", "agreesToTerms": true, "phone": "01012345678",
        "address": {"line": "서울 강남구 테헤란로 1"},
    });
    let me = world.put("/me/onboarding", body).by(&mina).expect(200).await.body;
    assert_eq!((&me["nickname"], &me["onboarded"], &me["needs"]), (&json!("미나"), &json!(true), &json!([])));
    assert_eq!((&me["region"]["id"], &me["phone"]), (&json!("seoul/gangnam-gu"), &json!("01012345678")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_that_they_may_look_but_not_act_a14_a24() {
    let world = World::new().await;
    let (mina, _) = came_by(&world, "naver").await;
    world.get("/listings").by(&mina).expect(200).await;
    let listing = json!({
        "kind": "barter", "title": "자전거", "description": "잘 나갑니다", "category": "sports",
        "wants": "캠핑 의자", "deadline": world.in_hours(24),
    });
    world.post("/listings", listing).by(&mina).refused(403, "onboarding_needed").await;
    let edit = json!({"version": 1, "phone": "01012345678"});
    world.patch("/me", edit).by(&mina).refused(403, "onboarding_needed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_up_is_finished_once_a14() {
    let world = World::new().await;
    let (mina, _) = came_by(&world, "kakao").await;
    let body = json!({"nickname": "미나", "agreesToTerms": true});
    world.put("/me/onboarding", body.clone()).by(&mina).expect(200).await;
    world.put("/me/onboarding", body.clone()).by(&mina).refused(409, "already_onboarded").await;
    let dani = world.newcomer("dani", "다니").await;
    world.put("/me/onboarding", body).by(&dani).refused(409, "already_onboarded").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn finishing_the_sign_up_meets_the_rules_of_a_sign_up_a14_a23() {
    let world = World::new().await;
    world.newcomer("dani", "다니").await;
    let (mina, _) = came_by(&world, "kakao").await;
    let bad = json!({"nickname": "!", "agreesToTerms": false, "phone": 10, "region": "x", "role": "admin"});
    let found = world.put("/me/onboarding", bad).by(&mina).refused(400, "malformed_fields").await.bad_fields();
    for (field, code) in [
        ("/nickname", "too_short"),
        ("/agreesToTerms", "unknown_value"),
        ("/phone", "wrong_type"),
        ("/role", "unknown_field"),
    ] {
        assert_eq!(found.get(field).map(String::as_str), Some(code), "{field} in {found:?}");
    }
    assert!(found.contains_key("/region"), "{found:?}");
    let taken = json!({"nickname": "다니", "agreesToTerms": true});
    world.put("/me/onboarding", taken).by(&mina).refused(409, "nickname_taken").await;
    let nowhere = json!({"nickname": "미나", "agreesToTerms": true, "address": {"line": "123 Main Street"}});
    let reply = world.put("/me/onboarding", nowhere).by(&mina).refused(422, "invalid_fields").await;
    assert_eq!(reply.bad_fields(), [("/address/line".to_owned(), "malformed".to_owned())].into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_signs_in_by_a_provider_alone_has_no_password_a16() {
    let world = World::new().await;
    let (mina, session) = came_by(&world, "google").await;
    assert_eq!(session["account"]["hasPassword"], false);
    let body = json!({"currentPassword": PASSWORD, "newPassword": "yard-2027?"});
    world.put("/me/password", body).by(&mina).refused(409, "no_password").await;
    // Nor does a forgotten one give them one.
    world.post("/auth/password/forgot", json!({"email": "mina@example.com"})).expect(202).await;
    let mails = world.get("/_local/mail?to=mina@example.com").expect(200).await;
    assert_eq!(mails.body["items"], json!([]));
    let reset = json!({"email": "mina@example.com", "code": CODE, "newPassword": "yard-2027?"});
    world.post("/auth/password/reset", reset).expect(422).await;
    let sign_in = json!({"email": "mina@example.com", "password": "yard-2027?"});
    world.post("/auth/session", sign_in).refused(401, "wrong_credentials").await;
}

// --- linking ------------------------------------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verified_address_of_google_opens_the_account_that_has_it_a15() {
    let world = World::new().await;
    let mina = world.newcomer("mina", "미나").await;
    let (same, session) = came_by(&world, "google").await;
    assert_eq!(same.id, mina.id);
    assert_eq!(session["account"]["signInBy"], json!(["email", "google"]));
    assert_eq!((&session["account"]["nickname"], &session["account"]["hasPassword"]), (&json!("미나"), &json!(true)));
    // The password still works, and so does Google the next time.
    assert_eq!(world.sign_in("mina@example.com").await.id, mina.id);
    assert_eq!(came_by(&world, "google").await.0.id, mina.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_was_never_confirmed_is_not_linked_by_a15() {
    let world = World::new().await;
    // Somebody signs up with another's address and waits for its owner to come.
    let body = json!({"email": "mina@example.com", "password": PASSWORD, "nickname": "가짜", "agreesToTerms": true});
    let squatter = world.post("/auth/sign-up", body).expect(201).await.body["accountId"].clone();
    let (mina, session) = came_by(&world, "google").await;
    assert_ne!(json!(mina.id), squatter);
    assert_eq!(session["account"]["signInBy"], json!(["google"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kakao_and_naver_link_nobody_by_an_address_a15() {
    let world = World::new().await;
    let mina = world.newcomer("mina", "미나").await;
    for provider in ["kakao", "naver"] {
        let (other, session) = came_by(&world, provider).await;
        assert_ne!(other.id, mina.id, "{provider}");
        assert_eq!(session["account"]["email"], Value::Null, "{provider}");
    }
    assert_eq!(sign_in_by(&world, &mina).await, json!(["email"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_links_kakao_and_naver_from_a_session_of_their_own_a15() {
    let world = World::new().await;
    let mina = world.newcomer("mina", "미나").await;
    for (provider, expected) in [("kakao", json!(["email", "kakao"])), ("naver", json!(["email", "kakao", "naver"]))] {
        let (other, _) = came_by(&world, provider).await;
        let body = json!({"accessToken": other.token});
        let me = world.post("/me/identities", body).by(&mina).expect(200).await.body;
        assert_eq!(me["signInBy"], expected);
        assert_eq!(came_by(&world, provider).await.0.id, mina.id, "{provider}");
        world.get(&format!("/accounts/{}", other.id)).refused(404, "not_found").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_identity_with_an_account_of_its_own_is_not_taken_from_it_a15() {
    let world = World::new().await;
    let (dani, (mina, _)) = (world.newcomer("dani", "다니").await, came_by(&world, "kakao").await);
    let finish = json!({"nickname": "미나", "agreesToTerms": true});
    world.put("/me/onboarding", finish).by(&mina).expect(200).await;
    let body = json!({"accessToken": mina.token});
    world.post("/me/identities", body).by(&dani).refused(409, "identity_in_use").await;
    assert_eq!(came_by(&world, "kakao").await.0.id, mina.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_good_token_of_a_providers_session_links_a15() {
    let world = World::new().await;
    let (dani, sora) = (world.newcomer("dani", "다니").await, world.newcomer("sora", "소라").await);
    let (mina, _) = came_by(&world, "kakao").await;
    // Somebody else's account by e-mail, and one's own, are no identities.
    for token in [&sora.token, &dani.token] {
        world.post("/me/identities", json!({"accessToken": token})).by(&dani).refused(409, "identity_in_use").await;
    }
    for token in ["made.up.token", "x", mina.id_token.as_str()] {
        let reply = world.post("/me/identities", json!({"accessToken": token})).by(&dani).send().await;
        assert_eq!((reply.status, &reply.body["code"]), (422, &json!("invalid_fields")), "{token}");
        assert_eq!(reply.bad_fields(), [("/accessToken".to_owned(), "malformed".to_owned())].into());
    }
    let reply =
        world.post("/me/identities", json!({"provider": "kakao"})).by(&dani).refused(400, "malformed_fields").await;
    let expected = [("/accessToken", "missing"), ("/provider", "unknown_field")];
    assert_eq!(reply.bad_fields(), expected.map(|(field, code)| (field.to_owned(), code.to_owned())).into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_identity_is_unlinked_and_then_somebody_of_its_own_a15() {
    let world = World::new().await;
    let mina = world.newcomer("mina", "미나").await;
    let (other, _) = came_by(&world, "kakao").await;
    world.post("/me/identities", json!({"accessToken": other.token})).by(&mina).expect(200).await;
    let me = world.delete("/me/identities/kakao").by(&mina).expect(200).await.body;
    assert_eq!(me["signInBy"], json!(["email"]));
    assert_ne!(came_by(&world, "kakao").await.0.id, mina.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_way_to_sign_in_stays_a15_a16() {
    let world = World::new().await;
    let (mina, _) = came_by(&world, "kakao").await;
    world.delete("/me/identities/kakao").by(&mina).refused(409, "last_sign_in").await;
    assert_eq!(came_by(&world, "kakao").await.0.id, mina.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_linked_cannot_be_unlinked_a15() {
    let world = World::new().await;
    let dani = world.newcomer("dani", "다니").await;
    for provider in ["google", "email", "facebook", "Kakao"] {
        world.delete(&format!("/me/identities/{provider}")).by(&dani).refused(404, "not_found").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_left_and_comes_again_by_a_provider_is_somebody_new_a20_a11() {
    let world = World::new().await;
    let (mina, _) = came_by(&world, "kakao").await;
    world.delete("/me").by(&mina).expect(204).await;
    world.get("/me").by(&mina).refused(401, "bad_token").await;
    assert_ne!(came_by(&world, "kakao").await.0.id, mina.id);
}

// --- who has no account yet -----------------------------------------------------------------------------------------

/// An origin of pages that may call.
const PAGE: &str = "http://localhost:5173/";

async fn pool(world: &World, operation: &str, body: Value) -> Value {
    let ask = world.ask(Method::POST, world.laptop().url()).header("content-type", "application/x-amz-json-1.1");
    let target = format!("AWSCognitoIdentityProviderService.{operation}");
    ask.header("x-amz-target", &target).bytes(body.to_string().into_bytes()).expect(200).await.body
}

/// They agreed to nothing yet: a nickname is suggested, and they are asked to finish.
fn assert_is_new(account: &Value, name: &str) {
    assert!(account["nickname"].as_str().is_some_and(|nickname| nickname.starts_with(name)), "{account}");
    assert_eq!(account["onboarded"], false, "{account}");
}

/// Somebody whom an administrator made in the pool: the triggers of a sign-up never ran.
async fn made_by_an_administrator(world: &World, name: &str) -> String {
    let email = format!("{name}@example.com");
    let attributes = json!([{"Name": "email_verified", "Value": "true"}, {"Name": "nickname", "Value": name}]);
    let user = json!({"UserPoolId": local::POOL_ID, "Username": email});
    let mut made = user.clone();
    (made["UserAttributes"], made["MessageAction"]) = (attributes, json!("SUPPRESS"));
    pool(world, "AdminCreateUser", made).await;
    let mut set = user;
    (set["Password"], set["Permanent"]) = (json!(PASSWORD), json!(true));
    pool(world, "AdminSetUserPassword", set).await;
    email
}

impl Browser<'_> {
    /// Types address and password into the pool's own page, and goes on to an address below `to`.
    async fn sign_in_at_the_page(&mut self, from: &str, email: &str, to: &str) -> Url {
        let mut login = Url::parse(self.world.url()).expect("an address");
        login.set_path("/login");
        let page = self.travel(from, "1", login.as_str()).await;
        self.open(Method::GET, &page, None).await;
        let (_, csrf) = self.cookies["XSRF-TOKEN"].clone();
        let form = Url::parse_with_params(PAGE, [("username", email), ("password", PASSWORD), ("_csrf", &csrf)]);
        let form = form.expect("a form").query().unwrap_or_default().to_owned();
        let reply = self.open(Method::POST, &page, Some(&form)).await;
        assert_eq!(reply.status, 302, "{}", reply.text());
        self.travel(reply.header("location"), "1", to).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_no_account_yet_has_one_from_their_first_session_on_a6_a7() {
    let world = World::new().await;
    made_by_an_administrator(&world, "first").await;
    let person = world.sign_in("first@example.com").await;
    assert_is_new(&world.get("/me").by(&person).expect(200).await.body, "first");

    // A client that got its tokens from the pool itself.
    let email = made_by_an_administrator(&world, "second").await;
    let parameters = json!({"USERNAME": email, "PASSWORD": PASSWORD});
    let proof = json!({"ClientId": local::CLIENT_ID, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
    let tokens = pool(&world, "InitiateAuth", proof).await["AuthenticationResult"].clone();
    let body = json!({"refreshToken": tokens["RefreshToken"]});
    let session = world.post("/auth/session/refresh", body).expect(200).await.body;
    assert_is_new(&session["account"], "second");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_no_account_yet_has_one_from_their_first_hosted_sign_in_on_a11_a14() {
    let world = World::new().await;
    let email = made_by_an_administrator(&world, "third").await;
    let mut browser = Browser::new(&world);
    let from = format!("/auth/hosted?returnTo={PAGE}");
    let back = browser.sign_in_at_the_page(&from, &email, &format!("{PAGE}?")).await;
    assert_eq!(query_of(&back).get("signedIn").map(String::as_str), Some("1"), "{back}");
    assert_is_new(&browser.session().await["account"], "third");

    let email = made_by_an_administrator(&world, "fourth").await;
    let from = format!(
        "/oauth2/authorize?response_type=code&client_id={}&redirect_uri={PAGE}&scope=openid+email+profile&state=mine\
         &code_challenge={CHALLENGE}&code_challenge_method=S256",
        local::CLIENT_ID
    );
    let back = Browser::new(&world).sign_in_at_the_page(&from, &email, &format!("{PAGE}?")).await;
    let body = json!({
        "code": query_of(&back)["code"], "codeVerifier": VERIFIER, "redirectUri": PAGE, "refreshTokenIn": "body",
    });
    let session = world.post("/auth/session/exchange", body).expect(200).await.body;
    assert_is_new(&session["account"], "fourth");
}
