//! What a pool may begin with: users of every standing, and what they have under way.

use serde_json::json;
use user_pool::{Enrolled, Standing, Underway};

use crate::world::{BACK, PASSWORD, World, form};

const SUB: &str = "6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506";

fn mina(standing: Standing<'_>) -> Enrolled<'_> {
    Enrolled {
        sub: SUB,
        email: "mina@example.com",
        password: PASSWORD,
        nickname: "미나",
        groups: &[],
        standing,
        attributes: &[],
        linked: &[],
    }
}

#[tokio::test]
async fn a_given_session_is_like_any_other_until_its_hour_is_over() {
    let world = World::new().await;
    world.pool.enroll(&mina(Standing::Confirmed)).unwrap();
    let given = Underway::Session { access: "access-by-heart", refresh: "refresh-by-heart" };
    world.pool.begin(SUB, given).unwrap();

    let token = json!({ "AccessToken": "access-by-heart" });
    assert_eq!(world.ok("GetUser", token.clone()).await["Username"], SUB);
    let refresh = json!({ "ClientId": "web", "RefreshToken": "refresh-by-heart" });
    let fresh = world.ok("GetTokensFromRefreshToken", refresh).await;
    // What comes of it is signed as ever.
    assert_eq!(world.claims(&fresh["AuthenticationResult"]["AccessToken"])["sub"], SUB);

    world.around.pass(3600);
    assert_eq!(world.err("GetUser", token.clone()).await.1, "Invalid Access Token");
    world.pool.begin(SUB, given).unwrap();
    world.ok("GlobalSignOut", token.clone()).await;
    assert_eq!(world.err("GetUser", token).await.1, "Access Token has been revoked");
}

#[tokio::test]
async fn a_token_that_was_not_given_is_refused_whatever_it_looks_like() {
    let world = World::new().await;
    world.pool.enroll(&mina(Standing::Confirmed)).unwrap();
    world.pool.begin(SUB, Underway::Session { access: "a.b.c", refresh: "r" }).unwrap();
    for token in ["a.b.d", "a.b.", "a.b.c.", "A.b.c"] {
        assert_eq!(world.err("GetUser", json!({ "AccessToken": token })).await.1, "Invalid Access Token", "{token}");
    }
}

#[tokio::test]
async fn given_codes_are_used_up_as_mailed_ones_are() {
    let world = World::new().await;
    world.pool.enroll(&mina(Standing::Unconfirmed)).unwrap();
    world.pool.begin(SUB, Underway::SignUpCode("314159")).unwrap();
    let name = json!({ "ClientId": "web", "Username": "mina@example.com" });
    let with = |code: &str, password: Option<&str>| {
        let mut body = name.clone();
        body["ConfirmationCode"] = code.into();
        if let Some(password) = password {
            body["Password"] = password.into();
        }
        body
    };
    assert_eq!(world.err("ConfirmSignUp", with("314158", None)).await.0, "CodeMismatchException");
    world.ok("ConfirmSignUp", with("314159", None)).await;

    world.pool.begin(SUB, Underway::ResetCode("271828")).unwrap();
    world.ok("ConfirmForgotPassword", with("271828", Some("another-horse-2"))).await;
    let again = world.err("ConfirmForgotPassword", with("271828", Some("another-horse-3"))).await;
    assert_eq!(again.0, "ExpiredCodeException");
    world.ok("InitiateAuth", World::password_auth("web", "mina@example.com", "another-horse-2")).await;
}

#[tokio::test]
async fn a_given_code_of_the_hosted_page_wants_its_verifier_and_is_good_once() {
    let world = World::new().await;
    world.pool.enroll(&mina(Standing::Confirmed)).unwrap();
    let code = Underway::HostedCode { code: "c0de", redirect_uri: BACK, verifier: "by-heart" };
    let mut browser = world.browser();
    for (verifier, status) in [("by-rote", 400), ("by-heart", 200), ("by-heart", 400)] {
        if status == 200 {
            // The wrong try spent the first one.
            world.pool.begin(SUB, code).unwrap();
        }
        let pairs = [
            ("grant_type", "authorization_code"),
            ("client_id", "web"),
            ("redirect_uri", BACK),
            ("code", "c0de"),
            ("code_verifier", verifier),
        ];
        let answer = browser.post("/oauth2/token", &pairs).await;
        assert_eq!(answer.status.as_u16(), status, "{} {}", form(&pairs), answer.text);
    }
}

#[tokio::test]
async fn somebody_whom_a_provider_made_is_enrolled_as_such_and_finds_themselves_again() {
    let world = World::new().await;
    world.pool.enroll(&mina(Standing::By("Kakao", "3000000001"))).unwrap();
    let user = json!({ "UserPoolId": crate::world::POOL, "Username": "Kakao_3000000001" });
    let shown = world.ok("AdminGetUser", user).await;
    assert_eq!(shown["UserStatus"], "EXTERNAL_PROVIDER");
    let answer = world.browser().through("Kakao", "3000000001").await;
    let code = answer.member("code").unwrap();
    let tokens = world.browser().redeem(&code).await.json();
    assert_eq!(world.claims(&tokens["access_token"])["sub"], SUB);
}

#[tokio::test]
async fn nothing_begins_for_nobody_or_at_no_provider() {
    let world = World::new().await;
    assert!(world.pool.begin("nobody", Underway::SignUpCode("314159")).is_err());
    assert!(world.pool.enroll(&mina(Standing::By("Cyworld", "1"))).is_err());
    assert!(world.pool.provider_token("Cyworld", "t").is_err());
    world.pool.provider_token("Naver", "token-by-heart").unwrap();
    let bearer = "Bearer token-by-heart";
    let said = world.browser().with_header("/_idp/naver/v1/nid/me", "authorization", bearer).await;
    assert_eq!(said.json()["resultcode"], "00");
}
