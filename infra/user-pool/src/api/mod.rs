//! The JSON API: one operation a call, `AWSCognitoIdentityProviderService.<operation>`.

mod account;
mod admin;
mod forgotten;
mod groups;
mod linking;
mod listing;
mod profile;
mod refreshing;
mod request;
mod sign_in;
mod sign_up;

use serde_json::{Value, json};

use crate::Inner;
use request::Request;

pub(crate) use request::is_email;

/// An answer of the API.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiReply {
    /// The HTTP status.
    pub status: u16,
    /// What the header `x-amzn-errortype` says, when it is an error.
    pub error_type: Option<String>,
    /// The JSON body.
    pub body: Value,
}

/// A refusal with the name and the words Cognito uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: &'static str,
    pub(crate) message: String,
}

type Outcome = Result<Value, Fault>;

impl Fault {
    pub(crate) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterException", message)
    }

    pub(crate) fn not_authorized(message: impl Into<String>) -> Self {
        Self::new("NotAuthorizedException", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new("ResourceNotFoundException", message)
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new("InternalErrorException", message)
    }

    pub(crate) fn wrong_password() -> Self {
        Self::not_authorized("Incorrect username or password.")
    }

    pub(crate) fn no_user() -> Self {
        Self::new("UserNotFoundException", "User does not exist.")
    }

    pub(crate) fn code_mismatch() -> Self {
        Self::new("CodeMismatchException", "Invalid verification code provided, please try again.")
    }

    pub(crate) fn expired_code() -> Self {
        Self::new("ExpiredCodeException", "Invalid code provided, please request a code again.")
    }

    pub(crate) fn email_taken() -> Self {
        Self::new("UsernameExistsException", "An account with the given email already exists.")
    }

    fn reply(self) -> ApiReply {
        ApiReply {
            status: if self.kind == "InternalErrorException" { 500 } else { 400 },
            error_type: Some(self.kind.to_owned()),
            body: json!({ "__type": self.kind, "message": self.message }),
        }
    }
}

pub(crate) async fn call(inner: &Inner, operation: &str, body: &[u8]) -> ApiReply {
    match answer(inner, operation, body).await {
        Ok(body) => ApiReply { status: 200, error_type: None, body },
        Err(fault) => fault.reply(),
    }
}

async fn answer(inner: &Inner, operation: &str, body: &[u8]) -> Outcome {
    let request = Request::parse(body);
    match operation {
        "SignUp" => Box::pin(sign_up::sign_up(inner, &request?)).await,
        "ConfirmSignUp" => sign_up::confirm(inner, &request?).await,
        "ResendConfirmationCode" => sign_up::resend(inner, &request?).await,
        "InitiateAuth" => Box::pin(sign_in::initiate(inner, &request?, false)).await,
        "AdminInitiateAuth" => Box::pin(sign_in::initiate(inner, &request?, true)).await,
        "RespondToAuthChallenge" => Box::pin(sign_in::respond(inner, &request?, false)).await,
        "AdminRespondToAuthChallenge" => Box::pin(sign_in::respond(inner, &request?, true)).await,
        "GetTokensFromRefreshToken" => Box::pin(refreshing::get_tokens(inner, &request?)).await,
        "RevokeToken" => refreshing::revoke(inner, &request?),
        "GlobalSignOut" => refreshing::global_sign_out(inner, &request?),
        "ForgotPassword" => forgotten::forgot(inner, &request?).await,
        "ConfirmForgotPassword" => forgotten::confirm(inner, &request?).await,
        "ChangePassword" => account::change_password(inner, &request?),
        "DeleteUser" => account::delete(inner, &request?),
        "GetUser" => profile::get(inner, &request?),
        "UpdateUserAttributes" => profile::update(inner, &request?).await,
        "DeleteUserAttributes" => profile::delete_attributes(inner, &request?),
        "GetUserAttributeVerificationCode" => profile::send_code(inner, &request?).await,
        "VerifyUserAttribute" => profile::verify(inner, &request?),
        "AdminGetUser" => admin::get(inner, &request?),
        "AdminCreateUser" => Box::pin(admin::create(inner, &request?)).await,
        "AdminSetUserPassword" => admin::set_password(inner, &request?),
        "AdminConfirmSignUp" => admin::confirm(inner, &request?).await,
        "AdminUpdateUserAttributes" => admin::update_attributes(inner, &request?),
        "AdminDeleteUser" => admin::delete(inner, &request?),
        "AdminDisableUser" => admin::set_enabled(inner, &request?, false),
        "AdminEnableUser" => admin::set_enabled(inner, &request?, true),
        "AdminUserGlobalSignOut" => admin::sign_out(inner, &request?),
        "AdminLinkProviderForUser" => linking::link(inner, &request?),
        "AdminDisableProviderForUser" => linking::unlink(inner, &request?),
        "CreateGroup" => groups::create(inner, &request?),
        "ListGroups" => groups::list(inner, &request?),
        "AdminAddUserToGroup" => groups::add_user(inner, &request?),
        "AdminRemoveUserFromGroup" => groups::remove_user(inner, &request?),
        "AdminListGroupsForUser" => groups::of_user(inner, &request?),
        "ListUsers" => listing::users(inner, &request?),
        _ => Err(Fault::new("UnknownOperationException", "")),
    }
}
