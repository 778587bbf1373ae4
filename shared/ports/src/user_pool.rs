//! The Cognito user pool.

use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    types::{AttributeType, AuthFlowType, AuthenticationResultType, ProviderUserIdentifierType, UserStatusType},
};
use domain::{
    account::Provider,
    text::{Email, MailedCode, Nickname, Password, Secret},
};

/// What the pool refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PoolError {
    /// The address has an account.
    EmailTaken,
    /// Address or password is wrong, or the account is not to be had; the pool does not say which.
    WrongCredentials,
    /// The address was not confirmed.
    Unconfirmed,
    /// Not the code that was mailed.
    WrongCode,
    /// The code has run out.
    ExpiredCode,
    /// The password does not fit the pool's policy.
    BadPassword,
    /// Too often.
    TooMany,
    /// The identity is taken or does not exist.
    BadIdentity,
    /// A trigger of ours refused; what it said.
    Refused(String),
    /// Anything else, for the log.
    Failed(String),
}

impl std::fmt::Display for PoolError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(what) | Self::Failed(what) => f.write_str(what),
            other => write!(f, "{other:?}"),
        }
    }
}

impl std::error::Error for PoolError {}

/// Tokens of a session.
#[derive(Clone)]
pub struct Tokens {
    /// For the API.
    pub access: String,
    /// About the person, for the client.
    pub id: String,
    /// For the next pair; absent where the old one stays good.
    pub refresh: Option<String>,
    /// Seconds the access token is good for.
    pub expires_in: i32,
}

/// An identity at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub provider: Provider,
    /// The person's identifier there.
    pub subject: String,
}

impl Identity {
    /// The identity in a federated user's name, `Kakao_4029117`.
    #[must_use]
    pub fn in_username(username: &str) -> Option<Self> {
        let (provider, subject) = username.split_once('_')?;
        let provider = Provider::from_pool_name(provider)?;
        (provider != Provider::Email && !subject.is_empty()).then(|| Self { provider, subject: subject.to_owned() })
    }
}

/// A user as the pool knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolUser {
    /// The name in the pool.
    pub username: String,
    /// The account.
    pub sub: String,
    /// The address.
    pub email: Option<String>,
    /// Whether the address is verified.
    pub email_verified: bool,
    /// Whether the user confirmed their sign-up.
    pub confirmed: bool,
}

/// Proof for new tokens.
#[derive(Debug, Clone, Copy)]
pub enum Grant<'a> {
    /// Address and password.
    Password(&'a Email, &'a Secret),
    /// A refresh token.
    Refresh(&'a Secret),
}

/// The pool through one app client.
#[derive(Debug, Clone)]
pub struct UserPool {
    client: Client,
    client_id: String,
    pool_id: String,
}

impl UserPool {
    /// The pool with this identifier, through this app client. Opens no connection yet.
    #[must_use]
    pub fn new(config: &SdkConfig, pool_id: &str, client_id: &str) -> Self {
        Self { client: Client::new(config), client_id: client_id.to_owned(), pool_id: pool_id.to_owned() }
    }

    /// Signs somebody up, who agreed to these terms; a code is mailed. Answers with the account's identifier.
    ///
    /// # Errors
    /// [`PoolError::EmailTaken`], [`PoolError::BadPassword`], [`PoolError::Refused`].
    pub async fn sign_up(
        &self,
        email: &Email,
        password: &Password,
        nickname: &Nickname,
        terms: &str,
    ) -> Result<String, PoolError> {
        let reply = self
            .client
            .sign_up()
            .client_id(&self.client_id)
            .username(email.as_str())
            .password(password.reveal())
            .user_attributes(attribute("email", email.as_str())?)
            .user_attributes(attribute("nickname", nickname.as_str())?)
            .user_attributes(attribute("custom:terms", terms)?)
            .send()
            .await
            .map_err(refusal)?;
        Ok(reply.user_sub)
    }

    /// Confirms an address.
    ///
    /// # Errors
    /// [`PoolError::WrongCode`], [`PoolError::ExpiredCode`], [`PoolError::WrongCredentials`] when it was confirmed.
    pub async fn confirm(&self, email: &Email, code: &MailedCode) -> Result<(), PoolError> {
        self.client
            .confirm_sign_up()
            .client_id(&self.client_id)
            .username(email.as_str())
            .confirmation_code(code.as_str())
            .send()
            .await
            .map(drop)
            .map_err(refusal)
    }

    /// Mails another sign-up code.
    ///
    /// # Errors
    /// [`PoolError::TooMany`].
    pub async fn resend(&self, email: &Email) -> Result<(), PoolError> {
        self.client
            .resend_confirmation_code()
            .client_id(&self.client_id)
            .username(email.as_str())
            .send()
            .await
            .map(drop)
            .map_err(refusal)
    }

    /// Tokens against a proof.
    ///
    /// # Errors
    /// [`PoolError::WrongCredentials`], [`PoolError::Unconfirmed`].
    pub async fn tokens(&self, grant: Grant<'_>) -> Result<Tokens, PoolError> {
        let result = match grant {
            Grant::Password(email, password) => {
                self.client
                    .initiate_auth()
                    .client_id(&self.client_id)
                    .auth_flow(AuthFlowType::UserPasswordAuth)
                    .auth_parameters("USERNAME", email.as_str())
                    .auth_parameters("PASSWORD", password.reveal())
                    .send()
                    .await
                    .map_err(refusal)?
                    .authentication_result
            }
            // The client rotates refresh tokens, which `InitiateAuth` does not do.
            Grant::Refresh(token) => {
                self.client
                    .get_tokens_from_refresh_token()
                    .client_id(&self.client_id)
                    .refresh_token(token.reveal())
                    .send()
                    .await
                    .map_err(refusal)?
                    .authentication_result
            }
        };
        result.and_then(tokens_of).ok_or_else(|| PoolError::Failed("the pool asks for a challenge".into()))
    }

    /// Revokes a refresh token and the access tokens that came from it.
    ///
    /// # Errors
    /// [`PoolError::Failed`]; an unknown token is none.
    pub async fn revoke(&self, token: &Secret) -> Result<(), PoolError> {
        match self.client.revoke_token().client_id(&self.client_id).token(token.reveal()).send().await {
            Ok(_) => Ok(()),
            Err(error) => match refusal(error) {
                PoolError::WrongCredentials | PoolError::BadIdentity => Ok(()),
                PoolError::Failed(what) if what.contains("InvalidParameter") => Ok(()),
                other => Err(other),
            },
        }
    }

    /// Ends every session of whoever holds this access token.
    ///
    /// # Errors
    /// [`PoolError::WrongCredentials`] for a token that was revoked.
    pub async fn sign_out_everywhere(&self, access_token: &str) -> Result<(), PoolError> {
        self.client.global_sign_out().access_token(access_token).send().await.map(drop).map_err(refusal)
    }

    /// Mails a code to set a new password with. Says nothing of whether there is such an account.
    ///
    /// # Errors
    /// [`PoolError::TooMany`].
    pub async fn forgot_password(&self, email: &Email) -> Result<(), PoolError> {
        self.client
            .forgot_password()
            .client_id(&self.client_id)
            .username(email.as_str())
            .send()
            .await
            .map(drop)
            .map_err(refusal)
    }

    /// Sets a new password against a mailed code.
    ///
    /// # Errors
    /// [`PoolError::WrongCode`], [`PoolError::ExpiredCode`], [`PoolError::BadPassword`].
    pub async fn reset_password(&self, email: &Email, code: &MailedCode, password: &Password) -> Result<(), PoolError> {
        self.client
            .confirm_forgot_password()
            .client_id(&self.client_id)
            .username(email.as_str())
            .confirmation_code(code.as_str())
            .password(password.reveal())
            .send()
            .await
            .map(drop)
            .map_err(refusal)
    }

    /// Changes the password of whoever holds this access token and knows the current one.
    ///
    /// # Errors
    /// [`PoolError::WrongCredentials`], [`PoolError::BadPassword`], [`PoolError::TooMany`].
    pub async fn change_password(&self, access_token: &str, current: &Secret, new: &Password) -> Result<(), PoolError> {
        self.client
            .change_password()
            .access_token(access_token)
            .previous_password(current.reveal())
            .proposed_password(new.reveal())
            .send()
            .await
            .map(drop)
            .map_err(refusal)
    }

    /// The user an access token belongs to; the pool itself checks the token.
    ///
    /// # Errors
    /// [`PoolError::WrongCredentials`].
    pub async fn user_of_token(&self, access_token: &str) -> Result<PoolUser, PoolError> {
        let reply = self.client.get_user().access_token(access_token).send().await.map_err(refusal)?;
        Ok(user(reply.username, &reply.user_attributes, true))
    }

    /// The users with an address, confirmed or not; federated ones too.
    ///
    /// # Errors
    /// [`PoolError::Failed`].
    pub async fn users_with_email(&self, email: &Email) -> Result<Vec<PoolUser>, PoolError> {
        let quoted = email.as_str().replace('\\', "\\\\").replace('"', "\\\"");
        let reply = self
            .client
            .list_users()
            .user_pool_id(&self.pool_id)
            .filter(format!("email = \"{quoted}\""))
            .limit(10)
            .send()
            .await
            .map_err(refusal)?;
        Ok(reply
            .users
            .unwrap_or_default()
            .into_iter()
            .map(|found| {
                let confirmed = found.user_status == Some(UserStatusType::Confirmed);
                user(found.username.unwrap_or_default(), &found.attributes.unwrap_or_default(), confirmed)
            })
            .collect())
    }

    /// Removes a user. That there is none is no fault: it was removed before.
    ///
    /// # Errors
    /// [`PoolError::Failed`].
    pub async fn delete(&self, username: &str) -> Result<(), PoolError> {
        match self.client.admin_delete_user().user_pool_id(&self.pool_id).username(username).send().await {
            Ok(_) => Ok(()),
            Err(error) => match refusal(error) {
                PoolError::BadIdentity => Ok(()),
                other => Err(other),
            },
        }
    }

    /// Lets somebody sign in by an identity at a provider.
    ///
    /// # Errors
    /// [`PoolError::BadIdentity`] when the identity has a user of its own.
    pub async fn link(&self, username: &str, identity: &Identity) -> Result<(), PoolError> {
        self.client
            .admin_link_provider_for_user()
            .user_pool_id(&self.pool_id)
            .destination_user(
                ProviderUserIdentifierType::builder()
                    .provider_name(Provider::Email.pool_name())
                    .provider_attribute_value(username)
                    .build(),
            )
            .source_user(
                ProviderUserIdentifierType::builder()
                    .provider_name(identity.provider.pool_name())
                    .provider_attribute_name("Cognito_Subject")
                    .provider_attribute_value(&identity.subject)
                    .build(),
            )
            .send()
            .await
            .map(drop)
            .map_err(|error| match refusal(error) {
                PoolError::Failed(what) if what.contains("InvalidParameter") => PoolError::BadIdentity,
                other => other,
            })
    }

    /// Takes back that somebody can sign in by an identity.
    ///
    /// # Errors
    /// [`PoolError::Failed`].
    pub async fn unlink(&self, identity: &Identity) -> Result<(), PoolError> {
        self.client
            .admin_disable_provider_for_user()
            .user_pool_id(&self.pool_id)
            .user(
                ProviderUserIdentifierType::builder()
                    .provider_name(identity.provider.pool_name())
                    .provider_attribute_name("Cognito_Subject")
                    .provider_attribute_value(&identity.subject)
                    .build(),
            )
            .send()
            .await
            .map(drop)
            .map_err(refusal)
    }

    /// The identities that are linked to a user.
    ///
    /// # Errors
    /// [`PoolError::BadIdentity`] when there is no such user.
    pub async fn identities(&self, username: &str) -> Result<Vec<Identity>, PoolError> {
        let reply = self
            .client
            .admin_get_user()
            .user_pool_id(&self.pool_id)
            .username(username)
            .send()
            .await
            .map_err(refusal)?;
        let attributes = reply.user_attributes.unwrap_or_default();
        Ok(identities_in(value_of(&attributes, "identities").unwrap_or("[]")))
    }
}

/// The identities in the pool's `identities` attribute.
fn identities_in(json: &str) -> Vec<Identity> {
    let entries: Vec<serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
    entries
        .iter()
        .filter_map(|entry| {
            let provider = Provider::from_pool_name(entry["providerName"].as_str()?)?;
            let subject = entry["userId"].as_str()?.to_owned();
            Some(Identity { provider, subject })
        })
        .collect()
}

fn user(username: String, attributes: &[AttributeType], confirmed: bool) -> PoolUser {
    PoolUser {
        sub: value_of(attributes, "sub").unwrap_or(&username).to_owned(),
        email: value_of(attributes, "email").map(str::to_owned),
        email_verified: value_of(attributes, "email_verified") == Some("true"),
        username,
        confirmed,
    }
}

fn value_of<'a>(attributes: &'a [AttributeType], name: &str) -> Option<&'a str> {
    attributes.iter().find(|attribute| attribute.name == name).and_then(|attribute| attribute.value.as_deref())
}

fn attribute(name: &str, value: &str) -> Result<AttributeType, PoolError> {
    AttributeType::builder().name(name).value(value).build().map_err(|error| PoolError::Failed(error.to_string()))
}

fn tokens_of(result: AuthenticationResultType) -> Option<Tokens> {
    Some(Tokens {
        access: result.access_token?,
        id: result.id_token?,
        refresh: result.refresh_token,
        expires_in: result.expires_in,
    })
}

fn refusal<E>(error: SdkError<E>) -> PoolError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let service = error.as_service_error();
    let message = service.and_then(ProvideErrorMetadata::message).unwrap_or_default().to_owned();
    match service.and_then(ProvideErrorMetadata::code) {
        Some("UsernameExistsException" | "AliasExistsException") => PoolError::EmailTaken,
        Some("NotAuthorizedException" | "PasswordResetRequiredException" | "RefreshTokenReuseException") => {
            PoolError::WrongCredentials
        }
        Some("UserNotConfirmedException") => PoolError::Unconfirmed,
        Some("CodeMismatchException") => PoolError::WrongCode,
        Some("ExpiredCodeException") => PoolError::ExpiredCode,
        Some("InvalidPasswordException" | "PasswordHistoryPolicyViolationException") => PoolError::BadPassword,
        Some("LimitExceededException" | "TooManyRequestsException" | "TooManyFailedAttemptsException") => {
            PoolError::TooMany
        }
        Some("UserNotFoundException") => PoolError::BadIdentity,
        Some("UserLambdaValidationException") => PoolError::Refused(message),
        Some(code) => PoolError::Failed(format!("{code}: {message}")),
        None => PoolError::Failed(format!("{}", DisplayErrorContext(&error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_federated_username_names_its_identity() {
        let identity = Identity::in_username("Kakao_4029117").unwrap();
        assert_eq!((identity.provider, identity.subject.as_str()), (Provider::Kakao, "4029117"));
        for other in ["6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506", "Kakao_", "Cognito_1", "Facebook_1"] {
            assert_eq!(Identity::in_username(other), None, "{other}");
        }
    }

    #[test]
    fn identities_are_read_from_the_pools_attribute() {
        let json = r#"[{"userId":"7","providerName":"Google","providerType":"Google","primary":false}]"#;
        assert_eq!(identities_in(json), [Identity { provider: Provider::Google, subject: "7".into() }]);
        assert!(identities_in("junk").is_empty());
    }
}
