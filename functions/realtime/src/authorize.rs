//! Authorizer of the WebSocket API: whoever brings a good access token may open a connection.
//!
//! A bad token is answered by a policy that denies, which API Gateway makes 403 of, and not by the error `Unauthorized`,
//! which it would make 401 of: the error is a failure of the function to Lambda, its alarm and the emulator (there 500).
//! No token is ever part of a line in the log, nor of the context that goes along with later events.

use domain::{lang::Lang, time::Time};
use edge::{Caller, Code, Connected, Event, Fault, Grant, Route, Row, Setting, TokenFault};
use serde_json::{Map, Value, json};
use store::Accounts;

use crate::{Realtime, protocol};

pub(crate) const ROUTE: Route<Realtime> = Row::authorizer("realtime.authorize")
    .summary("Whether somebody may open a connection")
    .features(&["C1", "X1"])
    .needs(&[Setting::ClientId, Setting::JwksUrl, Setting::TokenIssuer])
    .may(&[Grant::Table("BatchGetItem", &["ACCOUNT#"])])
    .budget(1, 3.0, 0.0)
    .event(|app, event| Box::pin(handle(app, event)));

async fn handle(_: &Realtime, event: Event<'_>) -> Result<Value, Fault> {
    let method = event.payload["methodArn"].as_str().unwrap_or_default();
    let Some(token) = protocol::token(&event) else { return Ok(denied(method)) };
    let claims = match event.env.verifier()?.verify(token, event.now).await {
        Ok(claims) => claims,
        Err(TokenFault::Bad) => return Ok(denied(method)),
        // Not the caller's fault: 5xx, and the client tries again.
        Err(TokenFault::KeysUnavailable) => return Err(Code::Unavailable.into()),
    };
    // An ID token has the right signature and is still none for an API.
    let Ok(caller) = Caller::from_claims(&claims) else { return Ok(denied(method)) };
    // The signature is as good as ever; whose it is may have left since, have signed out on every device, or be suspended.
    let issued = Time::from_ms(claims.get("iat").and_then(Value::as_i64).unwrap_or_default().saturating_mul(1000));
    if !Accounts(event.table()?).admits(&caller.id, issued, event.now).await? {
        return Ok(denied(method));
    }
    let expires = claims.get("exp").and_then(Value::as_i64).unwrap_or_default();
    let lang = event.parameter("lang").or_else(|| event.header("accept-language")).map_or(Lang::Ko, Lang::accepted);
    let context = Connected::context(&caller, Time::from_ms(expires.saturating_mul(1000)), lang);
    Ok(policy(caller.id.as_str(), "Allow", &every_route(method), context))
}

fn denied(method: &str) -> Value {
    policy("nobody", "Deny", method, Map::new())
}

/// Every route of the stage whose `$connect` this is: `arn:…:api/stage/*`.
fn every_route(method: &str) -> String {
    let stage: Vec<&str> = method.splitn(3, '/').take(2).collect();
    format!("{}/*", stage.join("/"))
}

fn policy(principal: &str, effect: &str, resource: &str, context: Map<String, Value>) -> Value {
    json!({
        "principalId": principal,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}],
        },
        "context": context,
    })
}

#[cfg(test)]
mod tests {
    use super::every_route;

    #[test]
    fn a_policy_allows_the_routes_of_one_stage_of_one_api() {
        let method = "arn:aws:execute-api:ap-northeast-2:123456789012:a1b2c3d4e5/live/$connect";
        assert_eq!(every_route(method), "arn:aws:execute-api:ap-northeast-2:123456789012:a1b2c3d4e5/live/*");
    }
}
