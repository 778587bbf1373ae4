//! Signing up, signing in with a password, forgetting it.

use base64::Engine;
use hmac::{Hmac, Mac};
use serde_json::json;
use user_pool::Trigger;

use crate::world::{PASSWORD, World};

fn fault(kind: &str, message: &str) -> (String, String) {
    (kind.to_owned(), message.to_owned())
}

#[tokio::test]
async fn a_mailed_code_confirms_the_user_and_the_address() {
    let world = World::new().await;
    let body = json!({ "ClientId": "web", "Username": "mina@example.com", "Password": PASSWORD,
        "UserAttributes": [{ "Name": "nickname", "Value": "미나" }] });
    let reply = world.ok("SignUp", body).await;
    assert_eq!(reply["UserConfirmed"], false);
    assert_eq!(
        reply["CodeDeliveryDetails"],
        json!({
            "AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "m***@e***",
        })
    );
    let mail = world.around.last_mail();
    assert_eq!((mail.to.as_str(), mail.trigger_source.as_str()), ("mina@example.com", "CustomMessage_SignUp"));
    assert!(mail.body_html_or_text.contains(mail.code.as_deref().unwrap()));

    let before = world.err("InitiateAuth", World::password_auth("web", "mina@example.com", PASSWORD)).await;
    assert_eq!(before, fault("UserNotConfirmedException", "User is not confirmed."));
    let confirm =
        json!({ "ClientId": "web", "Username": "mina@example.com", "ConfirmationCode": world.around.last_code() });
    assert_eq!(world.ok("ConfirmSignUp", confirm.clone()).await, json!({}));
    assert_eq!(
        world.err("ConfirmSignUp", confirm).await,
        fault("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")
    );

    let tokens = world.sign_in("web", "mina@example.com").await;
    assert_eq!(tokens["ExpiresIn"], 3600);
    assert!(tokens["RefreshToken"].as_str().unwrap().len() >= 64);
    let id = world.claims(&tokens["IdToken"]);
    let access = world.claims(&tokens["AccessToken"]);
    assert_eq!(id["email_verified"], true);
    assert_eq!(id["nickname"], "미나");
    assert_eq!((&id["aud"], &id["token_use"]), (&json!("web"), &json!("id")));
    assert_eq!(id["cognito:username"], id["sub"]);
    assert_eq!((&access["client_id"], &access["token_use"]), (&json!("web"), &json!("access")));
    assert_eq!(access["scope"], "aws.cognito.signin.user.admin");
    assert_eq!(access["iss"], world.pool.issuer().as_str());
    assert_eq!(access["exp"].as_i64().unwrap() - access["iat"].as_i64().unwrap(), 3600);
    assert_eq!(access["origin_jti"], id["origin_jti"]);
    assert_eq!(access.get("cognito:groups"), None);
}

#[tokio::test]
async fn the_password_policy_speaks_like_cognito() {
    let world = World::new().await;
    let cases = [
        ("short1!", "Password not long enough"),
        ("12345678!", "Password must have letter characters"),
        ("password!", "Password must have numeric characters"),
        ("password1", "Password must have symbol characters"),
    ];
    for (password, why) in cases {
        let body = json!({ "ClientId": "web", "Username": "mina@example.com", "Password": password });
        let message = format!("Password did not conform with policy: {why}");
        assert_eq!(world.err("SignUp", body).await, fault("InvalidPasswordException", &message));
    }
}

#[tokio::test]
async fn members_of_a_request_are_checked() {
    let world = World::new().await;
    let long = "x".repeat(129);
    let huge = "x".repeat(2049);
    let bad = [
        json!({ "Username": "a@example.com", "Password": PASSWORD }),
        json!({ "ClientId": "", "Username": "a@example.com", "Password": PASSWORD }),
        json!({ "ClientId": "web", "Username": long, "Password": PASSWORD }),
        json!({ "ClientId": "web", "Username": 7, "Password": PASSWORD }),
        json!({ "ClientId": "web", "Username": "not-an-email", "Password": PASSWORD }),
        json!({ "ClientId": "web", "Username": "a@example.com", "Password": format!("a1!{}", "x".repeat(254)) }),
        json!({ "ClientId": "web", "Username": "a@example.com", "Password": PASSWORD,
            "UserAttributes": [{ "Name": "nickname", "Value": huge }] }),
        json!({ "ClientId": "web", "Username": "a@example.com", "Password": PASSWORD, "ClientMetadata": { "a": 1 } }),
        json!({ "ClientId": "web", "Username": "a@example.com", "Password": PASSWORD,
            "UserAttributes": [{ "Name": "shoe_size", "Value": "42" }] }),
    ];
    for body in bad {
        assert_eq!(world.err("SignUp", body.clone()).await.0, "InvalidParameterException", "{body}");
    }
    let forged = json!({ "ClientId": "web", "Username": "a@example.com", "Password": PASSWORD,
        "UserAttributes": [{ "Name": "email_verified", "Value": "true" }] });
    assert_eq!(world.err("SignUp", forged).await.0, "NotAuthorizedException");
    assert_eq!(world.err("NoSuchThing", json!({})).await.0, "UnknownOperationException");
    assert_eq!(world.pool.api("SignUp", b"[").await.error_type.as_deref(), Some("SerializationException"));
    let stranger = json!({ "ClientId": "other", "Username": "a@example.com", "Password": PASSWORD });
    assert_eq!(
        world.err("SignUp", stranger).await,
        fault("ResourceNotFoundException", "User pool client other does not exist.")
    );
}

#[tokio::test]
async fn an_address_signs_up_once() {
    let world = World::new().await;
    world.sign_up("mina@example.com").await;
    let body = json!({ "ClientId": "web", "Username": "MINA@example.com", "Password": PASSWORD });
    assert_eq!(
        world.err("SignUp", body).await,
        fault("UsernameExistsException", "An account with the given email already exists.")
    );
}

#[tokio::test]
async fn codes_run_out_and_wrong_ones_are_counted() {
    let world = World::new().await;
    world.sign_up("mina@example.com").await;
    let code = world.around.last_code();
    let wrong = if code == "000000" { "111111" } else { "000000" };
    let confirm = |code: &str| json!({ "ClientId": "web", "Username": "mina@example.com", "ConfirmationCode": code });
    for _ in 0..5 {
        assert_eq!(world.err("ConfirmSignUp", confirm(wrong)).await.0, "CodeMismatchException");
    }
    assert_eq!(world.err("ConfirmSignUp", confirm(&code)).await.0, "LimitExceededException");
    world.around.pass(15 * 60);
    world.around.pass(24 * 3600);
    assert_eq!(world.err("ConfirmSignUp", confirm(&code)).await.0, "ExpiredCodeException");
    let resend = json!({ "ClientId": "web", "Username": "mina@example.com" });
    assert_eq!(
        world.ok("ResendConfirmationCode", resend.clone()).await["CodeDeliveryDetails"]["Destination"],
        "m***@e***"
    );
    assert_eq!(world.around.last_mail().trigger_source, "CustomMessage_ResendCode");
    world.ok("ConfirmSignUp", confirm(&world.around.last_code())).await;
    assert_eq!(
        world.err("ResendConfirmationCode", resend).await,
        fault("InvalidParameterException", "User is already confirmed.")
    );
}

#[tokio::test]
async fn nobody_learns_whether_an_address_is_known() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    let mails = world.around.mails.lock().unwrap().len();
    let nobody = json!({ "ClientId": "web", "Username": "mark@elsewhere.test" });
    for operation in ["ForgotPassword", "ResendConfirmationCode"] {
        let reply = world.ok(operation, nobody.clone()).await;
        assert_eq!(reply["CodeDeliveryDetails"]["Destination"], "m***@e***");
    }
    assert_eq!(world.around.mails.lock().unwrap().len(), mails);
    let mut confirm = nobody.clone();
    confirm["ConfirmationCode"] = json!("123456");
    assert_eq!(world.err("ConfirmSignUp", confirm.clone()).await.0, "ExpiredCodeException");
    confirm["Password"] = json!("another-horse-2");
    assert_eq!(world.err("ConfirmForgotPassword", confirm).await.0, "CodeMismatchException");
    for email in ["mark@elsewhere.test", "mina@example.com"] {
        let refused = world.err("InitiateAuth", World::password_auth("web", email, "wrong-horse-1")).await;
        assert_eq!(refused, fault("NotAuthorizedException", "Incorrect username or password."));
    }
}

#[tokio::test]
async fn wrong_passwords_lock_for_longer_and_longer() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    let wrong = || World::password_auth("web", "mina@example.com", "wrong-horse-1");
    let right = || World::password_auth("web", "mina@example.com", PASSWORD);
    let locked = fault("NotAuthorizedException", "Password attempts exceeded");
    for _ in 0..5 {
        assert_eq!(world.err("InitiateAuth", wrong()).await.1, "Incorrect username or password.");
    }
    assert_eq!(world.err("InitiateAuth", right()).await, locked);
    world.around.pass(1);
    assert_eq!(world.err("InitiateAuth", wrong()).await.1, "Incorrect username or password.");
    world.around.pass(1);
    assert_eq!(world.err("InitiateAuth", right()).await, locked, "the second lock lasts two seconds");
    world.around.pass(1);
    world.ok("InitiateAuth", right()).await;
    assert_eq!(world.err("InitiateAuth", wrong()).await.1, "Incorrect username or password.", "the tally began anew");
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_with_a_code() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    let name = json!({ "ClientId": "web", "Username": "mina@example.com" });
    world.ok("ForgotPassword", name.clone()).await;
    assert_eq!(world.around.last_mail().trigger_source, "CustomMessage_ForgotPassword");
    let mut confirm = name.clone();
    confirm["ConfirmationCode"] = json!(world.around.last_code());
    confirm["Password"] = json!("another-horse-2");
    world.around.pass(3600);
    assert_eq!(world.err("ConfirmForgotPassword", confirm.clone()).await.0, "ExpiredCodeException");
    world.ok("ForgotPassword", name).await;
    confirm["ConfirmationCode"] = json!(world.around.last_code());
    world.ok("ConfirmForgotPassword", confirm.clone()).await;
    assert_eq!(world.err("ConfirmForgotPassword", confirm).await.0, "ExpiredCodeException", "a code works once");
    world.err("InitiateAuth", World::password_auth("web", "mina@example.com", PASSWORD)).await;
    world.ok("InitiateAuth", World::password_auth("web", "mina@example.com", "another-horse-2")).await;
    assert_eq!(world.around.events_of("PostConfirmation_ConfirmForgotPassword").len(), 1);
}

#[tokio::test]
async fn a_client_with_a_secret_must_show_it() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    let mut body = World::password_auth("secret", "mina@example.com", PASSWORD);
    assert_eq!(
        world.err("InitiateAuth", body.clone()).await.1,
        "Client secret is configured with secret but SECRET_HASH was not received"
    );
    body["AuthParameters"]["SECRET_HASH"] = json!("bm90IGl0");
    assert_eq!(world.err("InitiateAuth", body.clone()).await.1, "Unable to verify secret hash for client secret");
    let mac =
        Hmac::<sha2::Sha256>::new_from_slice(b"hush-hush").unwrap().chain_update("mina@example.comsecret").finalize();
    body["AuthParameters"]["SECRET_HASH"] = json!(base64::engine::general_purpose::STANDARD.encode(mac.into_bytes()));
    world.ok("InitiateAuth", body).await;
}

#[tokio::test]
async fn a_failing_post_confirmation_leaves_the_user_confirmed() {
    let world = World::new().await;
    world.around.on(Trigger::PostConfirmation, |_| Err("table is gone".to_owned()));
    world.sign_up("mina@example.com").await;
    let confirm =
        json!({ "ClientId": "web", "Username": "mina@example.com", "ConfirmationCode": world.around.last_code() });
    assert_eq!(
        world.err("ConfirmSignUp", confirm).await,
        fault("UserLambdaValidationException", "PostConfirmation failed with error table is gone.")
    );
    world.sign_in("web", "mina@example.com").await;
}

#[tokio::test]
async fn pre_sign_up_can_refuse_or_confirm() {
    let world = World::new().await;
    world.around.on(Trigger::PreSignUp, |_| Err("not today".to_owned()));
    let body = json!({ "ClientId": "web", "Username": "mina@example.com", "Password": PASSWORD });
    assert_eq!(
        world.err("SignUp", body.clone()).await,
        fault("UserLambdaValidationException", "PreSignUp failed with error not today.")
    );
    world.around.respond(Trigger::PreSignUp, json!({ "autoConfirmUser": true, "autoVerifyEmail": true }));
    let reply = world.ok("SignUp", body).await;
    assert_eq!(reply["UserConfirmed"], true);
    assert!(reply.get("CodeDeliveryDetails").is_none());
    let tokens = world.sign_in("web", "mina@example.com").await;
    assert_eq!(world.claims(&tokens["IdToken"])["email_verified"], true);
}
