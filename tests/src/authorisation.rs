//! The authorisation matrix, made from the table of routes: who is let through each door, and who is not.

use edge::{Access, Row, Trigger};
use local::{seed, travels};
use reqwest::Method;
use serde_json::{Value, json};

use crate::World;

fn http_rows() -> Vec<(&'static Row, Method, String)> {
    local::services()
        .iter()
        .flat_map(|service| service.rows())
        .filter_map(|row| {
            let Trigger::Http { method, path } = row.trigger else { return None };
            let path = path
                .replace("{listingId}", "lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AB")
                .replace("{errandId}", travels::ERRAND)
                .replace("{accountId}", seed::PEOPLE[1].sub)
                .replace("{notificationId}", seed::NOTIFICATION)
                .replace("{mediaId}", "med_01K9ZX3V5M8QJ4T0N2R6W7Y1AC")
                .replace("{dealId}", local::trusted::REVIEWED)
                .replace("{reportId}", local::trusted::REPORT)
                .replace("{categoryId}", "plants")
                .replace("{provider}", "kakao");
            Some((row, Method::from_bytes(method.word().as_bytes()).ok()?, path))
        })
        .collect()
}

/// The status of a request with an empty object for a body, which no route that takes one is content with: whoever gets
/// past the door is told about fields, not about who they are.
async fn knock(world: &World, method: &Method, path: &str, token: Option<&str>) -> (u16, Value) {
    let mut ask = world.ask(method.clone(), path);
    if *method != Method::GET && *method != Method::DELETE {
        ask = ask.json(&json!({"unknownToAll": 1}));
    }
    if let Some(token) = token {
        ask = ask.token(token);
    }
    let reply = ask.send().await;
    (reply.status, reply.body)
}

fn is_turned_away(status: u16, body: &Value) -> bool {
    let at_the_door = ["not_signed_in", "bad_token", "not_an_access_token", "admin_only"];
    (status == 401 && body["message"] == "Unauthorized")
        || (matches!(status, 401 | 403) && at_the_door.contains(&body["code"].as_str().unwrap_or_default()))
}

/// Routes that are there to end or renew a session by its own token say 401 of themselves when there is none.
const SESSION: [&str; 3] = ["accounts.session_refresh", "accounts.session_end", "accounts.naver_userinfo"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_passes_a_members_door_without_a_token() {
    let world = World::seeded().await;
    for (row, method, path) in http_rows() {
        let (status, body) = knock(&world, &method, &path, None).await;
        let closed = matches!(row.access, Access::Member | Access::Admin);
        if SESSION.contains(&row.name) {
            continue;
        }
        assert_eq!(is_turned_away(status, &body), closed, "{}: {status} {body}", row.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_passes_members_doors_and_no_administrators_a22() {
    let world = World::seeded().await;
    let (member, admin) = (world.demo("junho").await, world.demo("admin").await);
    for (row, method, path) in http_rows() {
        // Whoever has left cannot knock at the next door.
        if !matches!(row.access, Access::Member | Access::Admin) || row.name == "accounts.me_delete" {
            continue;
        }
        let (status, body) = knock(&world, &method, &path, Some(&member.token)).await;
        // That a token was revoked at the pool is the door's business no more.
        let revoked = row.name == "accounts.sign_out_everywhere" && status == 401;
        assert_eq!(
            is_turned_away(status, &body) && !revoked,
            row.access == Access::Admin,
            "{}: {status} {body}",
            row.name
        );
        if row.access == Access::Admin {
            let (status, body) = knock(&world, &method, &path, Some(&admin.token)).await;
            assert!(!is_turned_away(status, &body), "{}: {status} {body}", row.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_token_opens_nothing() {
    let world = World::seeded().await;
    let member = world.demo("junho").await;
    for (row, method, path) in http_rows() {
        if row.access == Access::Anyone {
            continue;
        }
        let (status, body) = knock(&world, &method, &path, Some(&member.id_token)).await;
        assert_eq!((status, body["code"].as_str()), (401, Some("not_an_access_token")), "{}", row.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_another_pool_opens_nothing() {
    let (world, other) = tokio::join!(World::seeded(), World::seeded());
    let stranger = other.demo("junho").await;
    for (row, method, path) in http_rows() {
        if row.access == Access::Anyone {
            continue;
        }
        let (status, body) = knock(&world, &method, &path, Some(&stranger.token)).await;
        assert!(status == 401 && is_turned_away(status, &body), "{}: {status} {body}", row.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_action_of_a_connection_is_for_whoever_no_authorizer_vouched_for_c1() {
    let world = World::seeded().await;
    let services = local::services();
    for row in services.iter().flat_map(|service| service.rows()) {
        let Trigger::Socket(route) = row.trigger else { continue };
        let event = json!({
            "requestContext": {
                "routeKey": route, "connectionId": "JKJaWcQKPHcCFxA=", "connectedAt": 1, "requestTimeEpoch": 1,
            },
            "body": json!({"action": route}).to_string(), "isBase64Encoded": false,
        });
        let _ = world.invoke(row.name, event).await;
        let lines = world.log_of(row.name);
        let line = lines.last().unwrap_or_else(|| panic!("{} said nothing", row.name));
        let said = (line["code"].as_str(), line["roundTrips"].as_u64());
        // Whoever hangs up is let go.
        let let_go = route == "$disconnect" && said == (None, Some(0));
        assert!(let_go || said == (Some("not_signed_in"), Some(0)), "{}: {line}", row.name);
    }
}
