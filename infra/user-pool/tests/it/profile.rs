//! What users and administrators change.

use serde_json::{Value, json};

use crate::world::{PASSWORD, POOL, World};

fn attribute(user: &Value, name: &str) -> Option<String> {
    let list = user["UserAttributes"].as_array().or(user["Attributes"].as_array()).unwrap();
    list.iter().find(|item| item["Name"] == name).map(|item| item["Value"].as_str().unwrap().to_owned())
}

fn named(username: &str) -> Value {
    json!({ "UserPoolId": POOL, "Username": username })
}

#[tokio::test]
async fn a_new_address_counts_once_its_code_comes_back() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    world.member("taken@example.com").await;
    let token = world.sign_in("web", "mina@example.com").await["AccessToken"].clone();
    let update = |email: &str| {
        json!({ "AccessToken": token, "UserAttributes": [
        { "Name": "email", "Value": email }, { "Name": "nickname", "Value": "민아" }] })
    };
    assert_eq!(world.err("UpdateUserAttributes", update("taken@example.com")).await.0, "AliasExistsException");
    let reply = world.ok("UpdateUserAttributes", update("new@else.test")).await;
    assert_eq!(reply["CodeDeliveryDetailsList"][0]["Destination"], "n***@e***");
    assert_eq!(world.around.last_mail().trigger_source, "CustomMessage_UpdateUserAttribute");
    let user = world.ok("GetUser", json!({ "AccessToken": token })).await;
    assert_eq!(attribute(&user, "email").as_deref(), Some("mina@example.com"));
    assert_eq!(attribute(&user, "nickname").as_deref(), Some("민아"));

    world.ok("GetUserAttributeVerificationCode", json!({ "AccessToken": token, "AttributeName": "email" })).await;
    let mail = world.around.last_mail();
    assert_eq!(
        (mail.to.as_str(), mail.trigger_source.as_str()),
        ("new@else.test", "CustomMessage_VerifyUserAttribute")
    );
    let verify = |code: &str| json!({ "AccessToken": token, "AttributeName": "email", "Code": code });
    let wrong = if mail.code.as_deref() == Some("000000") { "111111" } else { "000000" };
    assert_eq!(world.err("VerifyUserAttribute", verify(wrong)).await.0, "CodeMismatchException");
    world.ok("VerifyUserAttribute", verify(&mail.code.unwrap())).await;
    let user = world.ok("GetUser", json!({ "AccessToken": token })).await;
    assert_eq!(attribute(&user, "email").as_deref(), Some("new@else.test"));
    assert_eq!(attribute(&user, "email_verified").as_deref(), Some("true"));
    world.sign_in("web", "new@else.test").await;
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    let token = world.sign_in("web", "mina@example.com").await["AccessToken"].clone();
    let change =
        |old: &str| json!({ "AccessToken": token, "PreviousPassword": old, "ProposedPassword": "another-horse-2" });
    assert_eq!(world.err("ChangePassword", change("wrong-horse-1")).await.0, "NotAuthorizedException");
    world.ok("ChangePassword", change(PASSWORD)).await;
    world.ok("InitiateAuth", World::password_auth("web", "mina@example.com", "another-horse-2")).await;
}

#[tokio::test]
async fn a_deleted_user_leaves_nothing_behind() {
    let world = World::new().await;
    let sub = world.member("mina@example.com").await;
    let tokens = world.sign_in("web", "mina@example.com").await;
    world.ok("DeleteUser", json!({ "AccessToken": tokens["AccessToken"] })).await;
    assert_eq!(world.err("AdminGetUser", named(&sub)).await.0, "UserNotFoundException");
    assert_eq!(world.err("GetUser", json!({ "AccessToken": tokens["AccessToken"] })).await.0, "NotAuthorizedException");
    world.member("mina@example.com").await;
}

#[tokio::test]
async fn a_disabled_user_is_refused_everywhere() {
    let world = World::new().await;
    let sub = world.member("mina@example.com").await;
    let tokens = world.sign_in("web", "mina@example.com").await;
    world.ok("AdminDisableUser", named(&sub)).await;
    let refused = world.err("InitiateAuth", World::password_auth("web", "mina@example.com", PASSWORD)).await;
    assert_eq!(refused.1, "User is disabled.");
    world.err("GetUser", json!({ "AccessToken": tokens["AccessToken"] })).await;
    world.err("GetTokensFromRefreshToken", json!({ "ClientId": "web", "RefreshToken": tokens["RefreshToken"] })).await;
    world.ok("AdminEnableUser", named(&sub)).await;
    world.sign_in("web", "mina@example.com").await;
}

#[tokio::test]
async fn administrators_create_users_who_choose_their_own_password() {
    let world = World::new().await;
    let mut create = named("boss@example.com");
    create["UserAttributes"] = json!([{ "Name": "email_verified", "Value": "true" }]);
    let reply = world.ok("AdminCreateUser", create).await;
    assert_eq!(reply["User"]["UserStatus"], "FORCE_CHANGE_PASSWORD");
    let temporary = world.around.last_code();
    let challenge = world.ok("InitiateAuth", World::password_auth("web", "boss@example.com", &temporary)).await;
    assert_eq!(challenge["ChallengeName"], "NEW_PASSWORD_REQUIRED");
    let answer = json!({ "ClientId": "web", "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": challenge["Session"],
        "ChallengeResponses": { "USERNAME": "boss@example.com", "NEW_PASSWORD": PASSWORD } });
    assert!(world.ok("RespondToAuthChallenge", answer).await["AuthenticationResult"]["IdToken"].is_string());
    world.sign_in("web", "boss@example.com").await;
}

#[tokio::test]
async fn administrators_reach_only_their_own_pool() {
    let world = World::new().await;
    let body = json!({ "UserPoolId": "ap-northeast-2_Other", "Username": "x" });
    let (kind, message) = world.err("AdminGetUser", body).await;
    assert_eq!(
        (kind.as_str(), message.as_str()),
        ("ResourceNotFoundException", "User pool ap-northeast-2_Other does not exist.")
    );
}

#[tokio::test]
async fn administrators_confirm_set_passwords_and_sign_out() {
    let world = World::new().await;
    let sub = world.sign_up("mina@example.com").await;
    world.ok("AdminConfirmSignUp", named(&sub)).await;
    let mut set = named("mina@example.com");
    set["Password"] = json!("another-horse-2");
    set["Permanent"] = json!(true);
    world.ok("AdminSetUserPassword", set).await;
    let auth = json!({ "UserPoolId": POOL, "ClientId": "web", "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": sub, "PASSWORD": "another-horse-2" } });
    let reply = world.ok("AdminInitiateAuth", auth).await;
    world.ok("AdminUserGlobalSignOut", named(&sub)).await;
    let token = &reply["AuthenticationResult"]["AccessToken"];
    assert_eq!(world.err("GetUser", json!({ "AccessToken": token })).await.1, "Access Token has been revoked");
    let mut update = named(&sub);
    update["UserAttributes"] = json!([{ "Name": "email", "Value": "other@example.com" }]);
    world.ok("AdminUpdateUserAttributes", update).await;
    let user = world.ok("AdminGetUser", named(&sub)).await;
    assert_eq!(attribute(&user, "email_verified").as_deref(), Some("false"));
    assert!(user["UserCreateDate"].is_f64());
}

#[tokio::test]
async fn groups_are_claimed_by_both_tokens() {
    let world = World::new().await;
    let sub = world.member("mina@example.com").await;
    let group = json!({ "UserPoolId": POOL, "GroupName": "admin", "Username": sub });
    assert_eq!(world.err("AdminAddUserToGroup", group.clone()).await.0, "ResourceNotFoundException");
    world.ok("CreateGroup", group.clone()).await;
    assert_eq!(world.err("CreateGroup", group.clone()).await.0, "GroupExistsException");
    world.ok("AdminAddUserToGroup", group.clone()).await;
    let tokens = world.sign_in("web", "mina@example.com").await;
    for token in ["AccessToken", "IdToken"] {
        assert_eq!(world.claims(&tokens[token])["cognito:groups"], json!(["admin"]));
    }
    assert_eq!(world.ok("AdminListGroupsForUser", named(&sub)).await["Groups"][0]["GroupName"], "admin");
    world.ok("AdminRemoveUserFromGroup", group).await;
    assert_eq!(world.ok("AdminListGroupsForUser", named(&sub)).await["Groups"], json!([]));
    assert_eq!(world.ok("ListGroups", json!({ "UserPoolId": POOL })).await["Groups"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn users_are_listed_by_filter_and_page() {
    let world = World::new().await;
    for at in 0..5 {
        world.sign_up(&format!("user{at}@example.com")).await;
    }
    let list = |extra: Value| {
        let mut body = json!({ "UserPoolId": POOL });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    let found = world
        .ok("ListUsers", list(json!({ "Filter": "email = \"USER3@example.com\"", "AttributesToGet": ["email"] })))
        .await;
    assert_eq!(found["Users"][0]["Attributes"], json!([{ "Name": "email", "Value": "user3@example.com" }]));
    assert_eq!(found["Users"].as_array().unwrap().len(), 1);
    let by_sub = format!("sub = \"{}\"", found["Users"][0]["Username"].as_str().unwrap());
    assert_eq!(world.ok("ListUsers", list(json!({ "Filter": by_sub }))).await["Users"].as_array().unwrap().len(), 1);
    let mut seen = 0;
    let mut token = Value::Null;
    loop {
        let page = world.ok("ListUsers", list(json!({ "Limit": 2, "PaginationToken": token }))).await;
        seen += page["Users"].as_array().unwrap().len();
        match page.get("PaginationToken") {
            Some(next) => token = next.clone(),
            None => break,
        }
    }
    assert_eq!(seen, 5);
    for filter in ["email", "email = mina", "shoe = \"1\""] {
        assert_eq!(world.err("ListUsers", list(json!({ "Filter": filter }))).await.0, "InvalidParameterException");
    }
}
