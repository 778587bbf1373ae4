//! The events functions are called with.

use serde_json::{Value, json};
use user_pool::Trigger;

use crate::world::{PASSWORD, POOL, World};

fn only(world: &World, source: &str) -> Value {
    let events = world.around.events_of(source);
    assert_eq!(events.len(), 1, "{source}");
    events[0].clone()
}

fn event(version: &str, source: &str, username: &str, request: Value, response: Value) -> Value {
    json!({
        "version": version, "triggerSource": source, "region": "ap-northeast-2", "userPoolId": POOL, "userName": username,
        "callerContext": { "awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "web" },
        "request": request, "response": response,
    })
}

fn user(sub: &str, status: &str, verified: &str) -> Value {
    json!({ "sub": sub, "email": "mina@example.com", "email_verified": verified, "cognito:user_status": status })
}

#[tokio::test]
async fn signing_up_calls_pre_sign_up_custom_message_and_post_confirmation() {
    let world = World::new().await;
    let body = json!({ "ClientId": "web", "Username": "mina@example.com", "Password": PASSWORD,
        "ValidationData": [{ "Name": "captcha", "Value": "ok" }], "ClientMetadata": { "lang": "ko" } });
    let sub = world.ok("SignUp", body).await["UserSub"].as_str().unwrap().to_owned();
    let confirm = json!({ "ClientId": "web", "Username": "mina@example.com",
        "ConfirmationCode": world.around.last_code(), "ClientMetadata": { "from": "app" } });
    world.ok("ConfirmSignUp", confirm).await;

    assert_eq!(
        only(&world, "PreSignUp_SignUp"),
        event(
            "1",
            "PreSignUp_SignUp",
            &sub,
            json!({ "userAttributes": { "email": "mina@example.com" }, "validationData": { "captcha": "ok" },
            "clientMetadata": { "lang": "ko" } }),
            json!({ "autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false })
        )
    );
    assert_eq!(
        only(&world, "CustomMessage_SignUp"),
        event(
            "1",
            "CustomMessage_SignUp",
            &sub,
            json!({ "userAttributes": user(&sub, "UNCONFIRMED", "false"), "codeParameter": "{####}",
            "linkParameter": "{##Click Here##}", "usernameParameter": null, "clientMetadata": { "lang": "ko" } }),
            json!({ "smsMessage": null, "emailMessage": null, "emailSubject": null })
        )
    );
    assert_eq!(
        only(&world, "PostConfirmation_ConfirmSignUp"),
        event(
            "1",
            "PostConfirmation_ConfirmSignUp",
            &sub,
            json!({ "userAttributes": user(&sub, "CONFIRMED", "true"), "clientMetadata": { "from": "app" } }),
            json!({})
        )
    );
}

#[tokio::test]
async fn signing_in_calls_pre_and_post_authentication_and_token_generation() {
    let world = World::new().await;
    let sub = world.member("mina@example.com").await;
    let mut body = World::password_auth("web", "mina@example.com", PASSWORD);
    body["ClientMetadata"] = json!({ "device": "phone" });
    let tokens = world.ok("InitiateAuth", body).await;
    let refresh = json!({ "ClientId": "web", "RefreshToken": tokens["AuthenticationResult"]["RefreshToken"],
        "ClientMetadata": { "again": "yes" } });
    world.ok("GetTokensFromRefreshToken", refresh).await;

    let attributes = user(&sub, "CONFIRMED", "true");
    assert_eq!(
        only(&world, "PreAuthentication_Authentication"),
        event(
            "1",
            "PreAuthentication_Authentication",
            &sub,
            json!({ "userAttributes": attributes, "validationData": { "device": "phone" }, "userNotFound": false }),
            json!({})
        )
    );
    assert_eq!(
        only(&world, "PostAuthentication_Authentication"),
        event(
            "1",
            "PostAuthentication_Authentication",
            &sub,
            json!({ "userAttributes": attributes, "newDeviceUsed": false }),
            json!({})
        )
    );
    let groups = json!({ "groupsToOverride": [], "iamRolesToOverride": [], "preferredRole": null });
    let scopes = json!(["aws.cognito.signin.user.admin"]);
    let response = json!({ "claimsAndScopeOverrideDetails": null });
    assert_eq!(
        only(&world, "TokenGeneration_Authentication"),
        event(
            "2",
            "TokenGeneration_Authentication",
            &sub,
            json!({ "userAttributes": attributes, "groupConfiguration": groups, "scopes": scopes }),
            response.clone()
        )
    );
    assert_eq!(
        only(&world, "TokenGeneration_RefreshTokens"),
        event(
            "2",
            "TokenGeneration_RefreshTokens",
            &sub,
            json!({ "userAttributes": attributes, "groupConfiguration": groups, "scopes": scopes,
            "clientMetadata": { "again": "yes" } }),
            response
        )
    );
}

#[tokio::test]
async fn token_generation_adds_overrides_and_suppresses() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    world.around.respond(Trigger::PreTokenGeneration, json!({ "claimsAndScopeOverrideDetails": {
        "idTokenGeneration": { "claimsToAddOrOverride": { "plan": "gold", "sub": "forged" }, "claimsToSuppress": ["email", "iss"] },
        "accessTokenGeneration": {
            "claimsToAddOrOverride": { "account": { "id": 7 }, "exp": 1, "aud": "other" },
            "scopesToAdd": ["madang/write"], "scopesToSuppress": ["aws.cognito.signin.user.admin"],
        },
        "groupOverrideDetails": { "groupsToOverride": ["maker"] },
    } }));
    let tokens = world.sign_in("web", "mina@example.com").await;
    let (id, access) = (world.claims(&tokens["IdToken"]), world.claims(&tokens["AccessToken"]));
    assert_eq!((&id["plan"], id.get("email"), &id["iss"]), (&json!("gold"), None, &json!(world.pool.issuer())));
    assert_ne!(id["sub"], "forged");
    assert_eq!((&access["account"], &access["scope"]), (&json!({ "id": 7 }), &json!("madang/write")));
    assert_eq!(access.get("aud"), None);
    assert!(access["exp"].as_i64().unwrap() > 1);
    assert_eq!((&id["cognito:groups"], &access["cognito:groups"]), (&json!(["maker"]), &json!(["maker"])));
}

#[tokio::test]
async fn a_custom_message_words_every_mail() {
    let world = World::new().await;
    world.around.respond(Trigger::CustomMessage, json!({ "emailSubject": "마당", "emailMessage": "<b>{####}</b>" }));
    world.member("mina@example.com").await;
    let mail = world.around.last_mail();
    assert_eq!(mail.subject, "마당");
    assert_eq!(mail.body_html_or_text, format!("<b>{}</b>", mail.code.unwrap()));
    world.around.respond(Trigger::CustomMessage, json!({ "emailMessage": "no code here" }));
    world.ok("ForgotPassword", json!({ "ClientId": "web", "Username": "mina@example.com" })).await;
    let mail = world.around.last_mail();
    assert_eq!(mail.body_html_or_text, format!("Your password reset code is {}", mail.code.unwrap()));
}

#[tokio::test]
async fn an_answer_that_is_no_event_is_not_understood() {
    let world = World::new().await;
    world.around.on(Trigger::PreSignUp, |_| Ok(Some(json!("done"))));
    let body = json!({ "ClientId": "web", "Username": "mina@example.com", "Password": PASSWORD });
    let (kind, message) = world.err("SignUp", body).await;
    assert_eq!((kind.as_str(), message.as_str()), ("InvalidLambdaResponseException", "Unrecognizable lambda output"));
}

#[tokio::test]
async fn administrators_calls_name_no_client() {
    let world = World::new().await;
    world.ok("AdminCreateUser", json!({ "UserPoolId": POOL, "Username": "boss@example.com" })).await;
    let created = only(&world, "PreSignUp_AdminCreateUser");
    assert_eq!(created["callerContext"]["clientId"], "CLIENT_ID_NOT_APPLICABLE");
    assert_eq!(only(&world, "CustomMessage_AdminCreateUser")["request"]["usernameParameter"], "{username}");
}
