//! The events the pool's functions are called with, and what is read from their answers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::api::Fault;
use crate::state::User;
use crate::{Inner, Trigger};

/// The placeholder a custom message carries its code in.
pub(crate) const CODE_PARAMETER: &str = "{####}";
/// The placeholder a custom message carries the username in.
pub(crate) const USERNAME_PARAMETER: &str = "{username}";
/// The client id in events of administrators' calls.
pub(crate) const NO_CLIENT: &str = "CLIENT_ID_NOT_APPLICABLE";

/// Metadata a client sends along, handed to functions as it came.
pub(crate) type Metadata = Option<BTreeMap<String, String>>;

/// Who an event is about and who caused it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) source: &'a str,
    pub(crate) username: &'a str,
    pub(crate) client_id: &'a str,
}

/// What PreSignUp decided.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Decision {
    pub(crate) confirm: bool,
    pub(crate) verify_email: bool,
}

/// The attributes of an existing user as events carry them.
pub(crate) fn attributes_of(user: &User) -> BTreeMap<String, String> {
    let mut attributes = user.shown_attributes();
    attributes.insert("cognito:user_status".to_owned(), user.status.name().to_owned());
    attributes
}

impl Inner {
    /// Calls a function and hands back the `response` of the event it returned.
    async fn trigger(
        &self,
        trigger: Trigger,
        about: About<'_>,
        version: &str,
        request: Value,
        response: Value,
    ) -> Result<Option<Value>, Fault> {
        let event = json!({
            "version": version,
            "triggerSource": about.source,
            "region": self.settings.region,
            "userPoolId": self.settings.pool_id,
            "userName": about.username,
            "callerContext": { "awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": about.client_id },
            "request": request,
            "response": response,
        });
        match self.surroundings.trigger(trigger, event).await {
            Ok(None) => Ok(None),
            Ok(Some(mut event)) => match event.get_mut("response").map(Value::take) {
                Some(response @ (Value::Object(_) | Value::Null)) => Ok(Some(response)),
                _ => Err(Fault::new("InvalidLambdaResponseException", "Unrecognizable lambda output")),
            },
            Err(message) => Err(Fault::new(
                "UserLambdaValidationException",
                format!("{} failed with error {message}.", trigger.name()),
            )),
        }
    }

    /// `PreSignUp_*`, before the user exists.
    pub(crate) async fn pre_sign_up(
        &self,
        about: About<'_>,
        attributes: &BTreeMap<String, String>,
        validation_data: Value,
        metadata: &Metadata,
    ) -> Result<Decision, Fault> {
        let mut request = json!({ "userAttributes": attributes, "validationData": validation_data });
        add_metadata(&mut request, metadata);
        let response = json!({ "autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false });
        let answer = self.trigger(Trigger::PreSignUp, about, "1", request, response).await?.unwrap_or_default();
        let said = |name: &str| answer.get(name).and_then(Value::as_bool).unwrap_or_default();
        Ok(Decision { confirm: said("autoConfirmUser"), verify_email: said("autoVerifyEmail") })
    }

    /// `PostConfirmation_*`.
    pub(crate) async fn post_confirmation(
        &self,
        source: &str,
        client_id: &str,
        user: &User,
        metadata: &Metadata,
    ) -> Result<(), Fault> {
        let mut request = json!({ "userAttributes": attributes_of(user) });
        add_metadata(&mut request, metadata);
        let about = About { source, username: &user.username, client_id };
        self.trigger(Trigger::PostConfirmation, about, "1", request, json!({})).await?;
        Ok(())
    }

    /// `PreAuthentication_Authentication`, before a password is checked.
    pub(crate) async fn pre_authentication(
        &self,
        client_id: &str,
        user: &User,
        validation_data: &Metadata,
    ) -> Result<(), Fault> {
        let request = json!({
            "userAttributes": attributes_of(user), "validationData": validation_data, "userNotFound": false,
        });
        let about = About { source: "PreAuthentication_Authentication", username: &user.username, client_id };
        self.trigger(Trigger::PreAuthentication, about, "1", request, json!({})).await?;
        Ok(())
    }

    /// `PostAuthentication_Authentication`, before the tokens are made.
    pub(crate) async fn post_authentication(
        &self,
        client_id: &str,
        user: &User,
        metadata: &Metadata,
    ) -> Result<(), Fault> {
        let mut request = json!({ "userAttributes": attributes_of(user), "newDeviceUsed": false });
        add_metadata(&mut request, metadata);
        let about = About { source: "PostAuthentication_Authentication", username: &user.username, client_id };
        self.trigger(Trigger::PostAuthentication, about, "1", request, json!({})).await?;
        Ok(())
    }

    /// `TokenGeneration_*`, version 2: claims and scopes of both tokens. Answers with `claimsAndScopeOverrideDetails`.
    pub(crate) async fn pre_token_generation(
        &self,
        about: About<'_>,
        user: &User,
        scopes: &[String],
        metadata: &Metadata,
    ) -> Result<Value, Fault> {
        let mut request = json!({
            "userAttributes": attributes_of(user),
            "groupConfiguration": {
                "groupsToOverride": user.groups, "iamRolesToOverride": [], "preferredRole": null,
            },
            "scopes": scopes,
        });
        add_metadata(&mut request, metadata);
        let response = json!({ "claimsAndScopeOverrideDetails": null });
        let answer = self.trigger(Trigger::PreTokenGeneration, about, "2", request, response).await?;
        Ok(answer.unwrap_or_default().get_mut("claimsAndScopeOverrideDetails").map(Value::take).unwrap_or_default())
    }

    /// `CustomMessage_*`: subject and text, where the function wrote them.
    pub(crate) async fn custom_message(
        &self,
        about: About<'_>,
        user: &User,
        metadata: &Metadata,
    ) -> Result<(Option<String>, Option<String>), Fault> {
        let username = (about.source == "CustomMessage_AdminCreateUser").then_some(USERNAME_PARAMETER);
        let mut request = json!({
            "userAttributes": attributes_of(user),
            "codeParameter": CODE_PARAMETER,
            "linkParameter": "{##Click Here##}",
            "usernameParameter": username,
        });
        add_metadata(&mut request, metadata);
        let response = json!({ "smsMessage": null, "emailMessage": null, "emailSubject": null });
        let answer = self.trigger(Trigger::CustomMessage, about, "1", request, response).await?.unwrap_or_default();
        let said =
            |name: &str| answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        Ok((said("emailSubject"), said("emailMessage")))
    }
}

fn add_metadata(request: &mut Value, metadata: &Metadata) {
    if let Some(metadata) = metadata {
        request["clientMetadata"] = json!(metadata);
    }
}
