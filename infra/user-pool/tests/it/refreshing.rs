//! Refresh tokens, rotation, and what takes tokens back.

use axum::http::StatusCode;
use serde_json::{Value, json};
use user_pool::Trigger;

use crate::world::World;

fn refresh(client: &str, token: &Value) -> Value {
    json!({ "ClientId": client, "RefreshToken": token })
}

#[tokio::test]
async fn without_rotation_a_refresh_token_is_used_again_for_thirty_days() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    let tokens = world.sign_in("web", "mina@example.com").await;
    for flow in ["REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"] {
        let body = json!({ "AuthFlow": flow, "ClientId": "web", "AuthParameters": { "REFRESH_TOKEN": tokens["RefreshToken"] } });
        let reply = world.ok("InitiateAuth", body).await;
        assert!(reply["AuthenticationResult"].get("RefreshToken").is_none());
        let old = world.claims(&tokens["AccessToken"]);
        let new = world.claims(&reply["AuthenticationResult"]["AccessToken"]);
        assert_eq!((&old["origin_jti"], &old["auth_time"]), (&new["origin_jti"], &new["auth_time"]));
        assert_ne!(old["jti"], new["jti"]);
    }
    world.around.pass(30 * 86_400 - 1);
    world.ok("GetTokensFromRefreshToken", refresh("web", &tokens["RefreshToken"])).await;
    world.around.pass(1);
    let (kind, message) = world.err("GetTokensFromRefreshToken", refresh("web", &tokens["RefreshToken"])).await;
    assert_eq!((kind.as_str(), message.as_str()), ("NotAuthorizedException", "Refresh Token has expired"));
}

#[tokio::test]
async fn rotation_replaces_the_token_and_a_second_use_ends_the_sign_in() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    let first = world.sign_in("rotating", "mina@example.com").await;
    let other = world.sign_in("rotating", "mina@example.com").await;
    let body = json!({ "AuthFlow": "REFRESH_TOKEN_AUTH", "ClientId": "rotating",
        "AuthParameters": { "REFRESH_TOKEN": first["RefreshToken"] } });
    assert_eq!(world.err("InitiateAuth", body).await.0, "UnsupportedOperationException");

    let second = world.ok("GetTokensFromRefreshToken", refresh("rotating", &first["RefreshToken"])).await;
    let second = &second["AuthenticationResult"];
    assert_ne!(second["RefreshToken"], first["RefreshToken"]);
    let third = world.ok("GetTokensFromRefreshToken", refresh("rotating", &second["RefreshToken"])).await;
    let third = &third["AuthenticationResult"];
    world.ok("GetUser", json!({ "AccessToken": third["AccessToken"] })).await;

    let reused = world.err("GetTokensFromRefreshToken", refresh("rotating", &first["RefreshToken"])).await;
    assert_eq!(reused.0, "RefreshTokenReuseException");
    let newest = world.err("GetTokensFromRefreshToken", refresh("rotating", &third["RefreshToken"])).await;
    assert_eq!(newest.1, "Refresh Token has been revoked");
    let access = world.err("GetUser", json!({ "AccessToken": third["AccessToken"] })).await;
    assert_eq!(access.1, "Access Token has been revoked");
    world.ok("GetTokensFromRefreshToken", refresh("rotating", &other["RefreshToken"])).await;
}

#[tokio::test]
async fn a_failing_function_costs_nobody_the_refresh_token() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    let tokens = world.sign_in("rotating", "mina@example.com").await;
    world.around.on(Trigger::PreTokenGeneration, |_| Err("slow table".to_owned()));
    let failed = world.err("GetTokensFromRefreshToken", refresh("rotating", &tokens["RefreshToken"])).await;
    assert_eq!(failed.1, "PreTokenGeneration failed with error slow table.");
    world.around.on(Trigger::PreTokenGeneration, |_| Ok(None));
    world.ok("GetTokensFromRefreshToken", refresh("rotating", &tokens["RefreshToken"])).await;
}

#[tokio::test]
async fn rotation_does_not_lengthen_the_sign_in() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    let tokens = world.sign_in("rotating", "mina@example.com").await;
    world.around.pass(29 * 86_400);
    let next = world.ok("GetTokensFromRefreshToken", refresh("rotating", &tokens["RefreshToken"])).await;
    world.around.pass(86_400);
    let body = refresh("rotating", &next["AuthenticationResult"]["RefreshToken"]);
    assert_eq!(world.err("GetTokensFromRefreshToken", body).await.1, "Refresh Token has expired");
}

#[tokio::test]
async fn a_refresh_token_belongs_to_its_client() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    let tokens = world.sign_in("web", "mina@example.com").await;
    let stolen = world.err("GetTokensFromRefreshToken", refresh("rotating", &tokens["RefreshToken"])).await;
    assert_eq!(stolen.1, "Invalid Refresh Token");
    let revoke = json!({ "ClientId": "rotating", "Token": tokens["RefreshToken"] });
    assert_eq!(world.err("RevokeToken", revoke).await.0, "UnauthorizedException");
    let wrong_kind = json!({ "ClientId": "web", "Token": tokens["AccessToken"] });
    assert_eq!(world.err("RevokeToken", wrong_kind).await.0, "UnsupportedTokenTypeException");
}

#[tokio::test]
async fn revoking_and_signing_out_take_every_token_back() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    let one = world.sign_in("web", "mina@example.com").await;
    let two = world.sign_in("web", "mina@example.com").await;
    world.ok("RevokeToken", json!({ "ClientId": "web", "Token": one["RefreshToken"] })).await;
    assert_eq!(
        world.err("GetUser", json!({ "AccessToken": one["AccessToken"] })).await.1,
        "Access Token has been revoked"
    );
    world.ok("GlobalSignOut", json!({ "AccessToken": two["AccessToken"] })).await;
    assert_eq!(
        world.err("GetUser", json!({ "AccessToken": two["AccessToken"] })).await.1,
        "Access Token has been revoked"
    );
    let refreshed = world.err("GetTokensFromRefreshToken", refresh("web", &two["RefreshToken"])).await;
    assert_eq!(refreshed.1, "Refresh Token has been revoked");
}

#[tokio::test]
async fn access_tokens_expire_with_the_clock_and_cannot_be_forged() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    let tokens = world.sign_in("web", "mina@example.com").await;
    let token = tokens["AccessToken"].as_str().unwrap();
    let (signed, _) = token.rsplit_once('.').unwrap();
    for forged in [
        format!("{signed}."),
        format!("{signed}.AAAA"),
        "junk".to_owned(),
        tokens["IdToken"].as_str().unwrap().to_owned(),
    ] {
        assert_eq!(world.err("GetUser", json!({ "AccessToken": forged })).await.1, "Invalid Access Token");
    }
    world.around.pass(3600);
    assert_eq!(world.err("GetUser", json!({ "AccessToken": token })).await.1, "Access Token has expired");
}

#[tokio::test]
async fn the_token_endpoint_rotates_as_well() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    let tokens = world.sign_in("rotating", "mina@example.com").await;
    let mut browser = world.browser();
    let first = tokens["RefreshToken"].as_str().unwrap().to_owned();
    let form = |token: &str| {
        [
            ("grant_type", "refresh_token".to_owned()),
            ("client_id", "rotating".to_owned()),
            ("refresh_token", token.to_owned()),
        ]
    };
    let pairs = form(&first);
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = browser.post("/oauth2/token", &pairs).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_ne!(answer.json()["refresh_token"], first.as_str());
    let again = browser.post("/oauth2/token", &pairs).await;
    assert_eq!((again.status, &again.json()["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_grant")));
}
