//! Signing in through a provider, and linking its identities.

use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use serde_json::{Value, json};
use user_pool::Trigger;

use crate::world::{BACK, BASE, Browser, POOL, World, form, settings};

const GOOGLE: &str = "110000000000000000001";
const KAKAO: &str = "3000000001";

fn link(sub: &str, provider: &str, id: &str) -> Value {
    json!({ "UserPoolId": POOL,
        "DestinationUser": { "ProviderName": "Cognito", "ProviderAttributeValue": sub },
        "SourceUser": { "ProviderName": provider, "ProviderAttributeName": "Cognito_Subject", "ProviderAttributeValue": id } })
}

async fn tokens(browser: &mut Browser, provider: &str, hint: &str) -> Value {
    let back = browser.through(provider, hint).await;
    let code = back.member("code").unwrap_or_else(|| panic!("{}", back.location));
    browser.redeem(&code).await.json()
}

#[tokio::test]
async fn a_first_sign_in_with_google_makes_a_user() {
    let world = World::new().await;
    let mut browser = world.browser();
    let tokens = tokens(&mut browser, "Google", GOOGLE).await;
    let id = world.claims(&tokens["id_token"]);
    let username = format!("Google_{GOOGLE}");
    assert_eq!(id["cognito:username"], username.as_str());
    assert_ne!(id["sub"], username.as_str());
    assert_eq!(
        (&id["email"], &id["email_verified"], &id["name"]),
        (&json!("mina@example.com"), &json!(true), &json!("김미나"))
    );
    let identity = &id["identities"][0];
    assert_eq!(
        (&identity["userId"], &identity["providerName"], &identity["primary"]),
        (&json!(GOOGLE), &json!("Google"), &json!("true"))
    );
    assert_eq!(id["cognito:groups"], json!([format!("{POOL}_Google")]));

    let pre = &world.around.events_of("PreSignUp_ExternalProvider")[0];
    assert_eq!(pre["userName"], username.as_str());
    assert_eq!(
        pre["request"]["userAttributes"],
        json!({
            "email": "mina@example.com", "email_verified": "true", "name": "김미나", "nickname": "김미나",
            "cognito:email_alias": "", "cognito:phone_number_alias": "",
        })
    );
    assert_eq!(pre["request"]["validationData"], json!({}));
    let post = &world.around.events_of("PostConfirmation_ConfirmSignUp")[0];
    assert_eq!(post["request"]["userAttributes"]["cognito:user_status"], "EXTERNAL_PROVIDER");
    let identities: Value =
        serde_json::from_str(post["request"]["userAttributes"]["identities"].as_str().unwrap()).unwrap();
    assert_eq!((&identities[0]["primary"], &identities[0]["issuer"]), (&json!(true), &Value::Null));

    browser.through("Google", GOOGLE).await;
    assert_eq!(world.around.events_of("PreSignUp_ExternalProvider").len(), 1, "the second time nobody signs up");
    world.member("mina@example.com").await;
}

#[tokio::test]
async fn kakao_vouches_for_no_address() {
    let world = World::new().await;
    let mut browser = world.browser();
    let id = world.claims(&tokens(&mut browser, "Kakao", KAKAO).await["id_token"]);
    assert_eq!(
        (&id["cognito:username"], id.get("email"), id.get("email_verified"), &id["nickname"]),
        (&json!(format!("Kakao_{KAKAO}")), None, None, &json!("미나"))
    );
    assert_eq!(id["identities"][0]["providerType"], "OIDC");
    let id = world.claims(&tokens(&mut world.browser(), "Kakao", "3000000003").await["id_token"]);
    assert_eq!(id.get("email"), None);
}

#[tokio::test]
async fn naver_is_read_through_the_flattening_function() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/flat", listener.local_addr().unwrap());
    let world = World::with(user_pool::Settings { naver_userinfo_url: url, ..settings() }).await;
    let pool = world.pool.clone();
    let flatten = move |headers: HeaderMap| {
        let router = pool.router();
        async move {
            let request = axum::http::Request::get("/_idp/naver/v1/nid/me")
                .header("authorization", headers["authorization"].clone())
                .body(axum::body::Body::empty())
                .unwrap();
            let response = tower::ServiceExt::oneshot(router, request).await.unwrap();
            let body: Value =
                serde_json::from_slice(&axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap()).unwrap();
            assert_eq!(body["resultcode"], "00");
            let said = &body["response"];
            axum::Json(
                json!({ "sub": said["id"], "email": said["email"], "email_verified": true, "name": said["name"] }),
            )
        }
    };
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().route("/flat", get(flatten))).await });
    let id = world.claims(&tokens(&mut world.browser(), "Naver", "2").await["id_token"]);
    assert!(id["cognito:username"].as_str().unwrap().starts_with("Naver_nv-demo-"));
    assert_eq!(
        (&id["name"], id.get("email"), id.get("email_verified")),
        (&json!("한별"), None, None),
        "no address, not even when the function says it is verified"
    );
}

#[tokio::test]
async fn a_failing_function_is_reported_to_the_client() {
    let world = World::new().await;
    world.around.on(Trigger::PreSignUp, |_| Err("ACCOUNT_LINKED:Google".to_owned()));
    let back = world.browser().through("Google", GOOGLE).await;
    assert!(back.location.starts_with(BACK));
    assert_eq!(back.member("error").as_deref(), Some("invalid_request"));
    assert_eq!(
        back.member("error_description").as_deref(),
        Some("PreSignUp failed with error ACCOUNT_LINKED:Google. ")
    );
    assert_eq!(back.member("state").as_deref(), Some("s1"));
    let naver = world.browser().through("Naver", "1").await;
    assert_eq!(naver.member("error").as_deref(), Some("invalid_request"), "a userinfo that cannot be reached");
}

#[tokio::test]
async fn a_linked_identity_signs_in_as_its_user() {
    let world = World::new().await;
    let sub = world.member("mina@example.com").await;
    world.ok("AdminLinkProviderForUser", link(&sub, "Google", GOOGLE)).await;
    let id = world.claims(&tokens(&mut world.browser(), "Google", GOOGLE).await["id_token"]);
    assert_eq!((&id["sub"], &id["cognito:username"]), (&json!(sub), &json!(sub)));
    assert_eq!(id["identities"][0]["primary"], "false");
    assert!(world.around.events_of("PreSignUp_ExternalProvider").is_empty());

    world.ok("AdminLinkProviderForUser", link(&sub, "Kakao", KAKAO)).await;
    let id = world.claims(&tokens(&mut world.browser(), "Kakao", KAKAO).await["id_token"]);
    assert_eq!(
        (&id["sub"], &id["email"], &id["email_verified"]),
        (&json!(sub), &json!("mina@example.com"), &json!(true)),
        "an address that is not mapped takes no other's place"
    );

    let unlink = json!({ "UserPoolId": POOL, "User": { "ProviderName": "Google", "ProviderAttributeName": "Cognito_Subject",
        "ProviderAttributeValue": GOOGLE } });
    world.ok("AdminDisableProviderForUser", unlink).await;
    let id = world.claims(&tokens(&mut world.browser(), "Google", GOOGLE).await["id_token"]);
    assert_ne!(id["sub"], sub.as_str());
}

#[tokio::test]
async fn linking_has_its_limits() {
    let world = World::new().await;
    let sub = world.member("mina@example.com").await;
    world.browser().through("Google", GOOGLE).await;
    let seen = world.err("AdminLinkProviderForUser", link(&sub, "Google", GOOGLE)).await;
    assert_eq!(seen.0, "InvalidParameterException", "it has signed in as a user of its own");
    let mut other_name = link(&sub, "Google", "1");
    other_name["SourceUser"]["ProviderAttributeName"] = json!("email");
    assert_eq!(world.err("AdminLinkProviderForUser", other_name).await.0, "InvalidParameterException");
    assert_eq!(world.err("AdminLinkProviderForUser", link(&sub, "Facebook", "1")).await.0, "ResourceNotFoundException");
    assert_eq!(world.err("AdminLinkProviderForUser", link("nobody", "Google", "1")).await.0, "UserNotFoundException");
    for at in 1..=5 {
        world.ok("AdminLinkProviderForUser", link(&sub, "Kakao", &at.to_string())).await;
    }
    assert_eq!(world.err("AdminLinkProviderForUser", link(&sub, "Kakao", "6")).await.0, "InvalidParameterException");
    let other = world.member("joon@example.com").await;
    assert_eq!(world.err("AdminLinkProviderForUser", link(&other, "Kakao", "1")).await.0, "InvalidParameterException");
}

#[tokio::test]
async fn linking_inside_pre_sign_up_trips_the_first_sign_in_only() {
    let world = World::new().await;
    let sub = world.member("mina@example.com").await;
    let pool = world.pool.clone();
    world.around.on_later(Trigger::PreSignUp, move |event| {
        let (pool, body) = (pool.clone(), link(&sub, "Google", GOOGLE).to_string());
        Box::pin(async move {
            assert_eq!(pool.api("AdminLinkProviderForUser", body.as_bytes()).await.status, 200);
            Ok(Some(event))
        })
    });
    let mut browser = world.browser();
    let first = browser.through("Google", GOOGLE).await;
    assert_eq!(
        first.member("error_description"),
        Some(format!("Already found an entry for username Google_{GOOGLE} "))
    );
    assert!(browser.through("Google", GOOGLE).await.member("code").is_some());
}

#[tokio::test]
async fn the_way_back_is_open_to_the_browser_that_left_only_once() {
    let world = World::new().await;
    let mut browser = world.browser();
    let query = form(&[
        ("response_type", "code"),
        ("client_id", "web"),
        ("redirect_uri", BACK),
        ("identity_provider", "Google"),
        ("login_hint", GOOGLE),
    ]);
    let left = browser.get(&format!("/oauth2/authorize?{query}")).await;
    assert!(left.location.starts_with(&format!("{BASE}/_idp/google/o/oauth2/v2/auth?")));
    let back = browser.get(&left.location).await;
    let stranger = world.browser().get(&back.location).await;
    assert_eq!(stranger.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.get(&back.location).await.status, StatusCode::BAD_REQUEST, "a state is taken once");
}

#[tokio::test]
async fn the_consent_page_offers_people_a_free_form_and_a_refusal() {
    let world = World::new().await;
    let mut browser = world.browser();
    let query = form(&[
        ("response_type", "code"),
        ("client_id", "web"),
        ("redirect_uri", BACK),
        ("identity_provider", "Google"),
    ]);
    let at = browser.get(&format!("/oauth2/authorize?{query}")).await.location;
    let page = browser.get(&at).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.text.matches("class=\"person\"").count(), 3);
    let bad = browser.post(&at, &[("id", "not digits"), ("name", "<b>")]).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    let chosen = browser
        .post(&at, &[("id", "42"), ("name", "새 사람"), ("email", "new@example.com"), ("email_verified", "true")])
        .await;
    let code = browser.get(&chosen.location).await.member("code").unwrap();
    let id = world.claims(&browser.redeem(&code).await.json()["id_token"]);
    assert_eq!(
        (&id["cognito:username"], &id["email_verified"], &id["name"]),
        (&json!("Google_42"), &json!(true), &json!("새 사람"))
    );

    let at = browser.get(&format!("/oauth2/authorize?{query}")).await.location;
    let refused = browser.post(&at, &[("refuse", "true")]).await;
    assert_eq!(browser.get(&refused.location).await.member("error").as_deref(), Some("access_denied"));
    let foreign = browser.get(&at.replace("idpresponse", "elsewhere")).await;
    assert_eq!(foreign.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_stand_ins_answer_in_their_providers_words() {
    let world = World::new().await;
    let mut browser = world.browser();
    for (path, member) in [
        ("/_idp/google/v1/userinfo", "error"),
        ("/_idp/kakao/v2/user/me", "code"),
        ("/_idp/naver/v1/nid/me", "resultcode"),
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.json().get(member).is_some(), "{path}");
    }
    let pairs = [
        ("response_type", "code"),
        ("client_id", "madang-kakao-rest-api-key"),
        ("state", "x"),
        ("nonce", "n"),
        ("redirect_uri", "http://pool.test/oauth2/idpresponse"),
        ("scope", "openid"),
        ("login_hint", KAKAO),
    ];
    let code = browser.get(&format!("/_idp/kakao/oauth/authorize?{}", form(&pairs))).await.member("code").unwrap();
    let mut pairs = vec![
        ("grant_type", "authorization_code"),
        ("client_id", "madang-kakao-rest-api-key"),
        ("code", code.as_str()),
        ("redirect_uri", "http://pool.test/oauth2/idpresponse"),
        ("client_secret", "madang-stand-in-secret"),
    ];
    let tokens = browser.post("/_idp/kakao/oauth/token", &pairs).await.json();
    let id = world.claims(&tokens["id_token"]);
    assert_eq!(
        (&id["sub"], id.get("email_verified"), &id["iss"]),
        (&json!(KAKAO), None, &json!("http://pool.test/_idp/kakao"))
    );
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let me = browser.with_header("/_idp/kakao/v2/user/me", "authorization", &bearer).await.json();
    assert_eq!((&me["id"], &me["kakao_account"]["is_email_verified"]), (&json!(3_000_000_001_u64), &json!(true)));
    let flat = browser.with_header("/_idp/kakao/v1/oidc/userinfo", "authorization", &bearer).await.json();
    assert_eq!(flat, json!({ "sub": KAKAO, "nickname": "미나", "email": "mina@example.com" }));
    pairs.retain(|(name, _)| *name != "client_secret");
    assert_eq!(browser.post("/_idp/kakao/oauth/token", &pairs).await.json()["error"], "invalid_client");
}
