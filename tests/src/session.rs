//! Signing in, staying in, leaving (rows A6–A9, A19, A26).

use serde_json::json;

use crate::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_gets_its_refresh_token_in_a_cookie_limited_to_the_session_a8() {
    let world = World::seeded().await;
    let body = json!({"email": "minji@example.com", "password": local::seed::PASSWORD});
    let reply = world.post("/auth/session", body).expect(200).await;
    let cookie = reply.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.contains("Path=/auth/session"));
    assert!(reply.body.get("refreshToken").is_none());
    assert_eq!(reply.body["expiresIn"], 3600);
    assert_eq!(reply.body["expiresAt"], world.in_hours(1));
}
