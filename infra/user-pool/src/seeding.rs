//! What a pool may begin with: users, and what they have under way, with values that are known beforehand.
//!
//! None of it weakens the pool. A given token is no signed one: it opens this pool's own operations for as long as a real
//! one would, and nothing else; no key lies anywhere to make another with.

use std::collections::BTreeMap;

use serde_json::json;

use crate::Pool;
use crate::crypto::{base64url, fingerprint, sha256, uuid_of};
use crate::flight::{CODE_MS, Consent, Grant, Request};
use crate::hosted::provider_group;
use crate::providers::Provider;
use crate::state::{Identity, MailedCode, Purpose, RefreshToken, SignIn, State, Status, User};
use crate::tokens::{REFRESH_MS, SELF_SCOPE, TOKEN_S};

/// A user that is there from the start.
#[derive(Debug, Clone, Copy)]
pub struct Enrolled<'a> {
    /// The `sub`, which is the user name too, unless a provider made the user.
    pub sub: &'a str,
    /// The address; not looked at for a user whom a provider made.
    pub email: &'a str,
    /// The password; not looked at for a user whom a provider made.
    pub password: &'a str,
    /// The `nickname` attribute.
    pub nickname: &'a str,
    /// Further attributes.
    pub attributes: &'a [(&'a str, &'a str)],
    /// The groups the user is in.
    pub groups: &'a [&'a str],
    /// How they came and how far.
    pub standing: Standing<'a>,
    /// Identities the user signs in with besides: provider and identifier there.
    pub linked: &'a [(&'a str, &'a str)],
}

/// How somebody came to be a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// By an address they have proved.
    Confirmed,
    /// By an address they still have to prove.
    Unconfirmed,
    /// By a first sign-in at a provider, under the identifier they have there.
    By(&'a str, &'a str),
}

/// Something a user has begun.
#[derive(Debug, Clone, Copy)]
pub enum Underway<'a> {
    /// A code that proves the address was mailed.
    SignUpCode(&'a str),
    /// A code that sets a new password was mailed.
    ResetCode(&'a str),
    /// A session, by its tokens.
    Session {
        /// The access token.
        access: &'a str,
        /// The refresh token.
        refresh: &'a str,
    },
    /// A sign-in on the hosted page: the browser is on its way back with the code.
    HostedCode {
        /// The code.
        code: &'a str,
        /// Where to.
        redirect_uri: &'a str,
        /// What the client's challenge was made from.
        verifier: &'a str,
    },
}

impl Pool {
    /// Puts a user into the pool under a `sub` of the caller's choice, past triggers and mail: for seeds.
    ///
    /// # Errors
    /// When a provider is not known, or the state file cannot be written.
    pub fn enroll(&self, user: &Enrolled<'_>) -> Result<(), String> {
        let inner = &self.inner;
        let now_ms = inner.now_ms();
        let identity = |(provider, id): (&str, &str), primary| {
            let provider = known(provider)?;
            Ok::<_, String>(Identity {
                user_id: id.to_owned(),
                provider_name: provider.name().to_owned(),
                provider_type: provider.kind().to_owned(),
                primary,
                created_ms: now_ms,
            })
        };
        let mut attributes = BTreeMap::from([("sub", user.sub), ("nickname", user.nickname)]);
        attributes.extend(user.attributes.iter().copied());
        let mut identities = user.linked.iter().map(|link| identity(*link, false)).collect::<Result<Vec<_>, _>>()?;
        let (username, status, password, maker) = match user.standing {
            Standing::By(provider, id) => {
                attributes.insert("name", user.nickname);
                identities.insert(0, identity((provider, id), true)?);
                (format!("{provider}_{id}"), Status::ExternalProvider, None, Some(known(provider)?))
            }
            by_address => {
                let confirmed = by_address == Standing::Confirmed;
                attributes
                    .extend([("email", user.email), ("email_verified", if confirmed { "true" } else { "false" })]);
                let status = if confirmed { Status::Confirmed } else { Status::Unconfirmed };
                (user.sub.to_owned(), status, Some(inner.enroll(user.sub, user.password)), None)
            }
        };
        let mut enrolled = User {
            username: username.clone(),
            attributes: attributes.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            status,
            enabled: true,
            created_ms: now_ms,
            modified_ms: now_ms,
            password,
            identities,
            groups: user.groups.iter().map(|group| (*group).to_owned()).collect(),
            codes: BTreeMap::new(),
        };
        self.write(|state| {
            enrolled.groups.extend(maker.map(|provider| provider_group(state, inner, provider, now_ms)));
            state.users.insert(username, enrolled);
        })
    }

    /// Gives a user something under way, with values of the caller's choice: for seeds. It lives as long as if it had
    /// been begun now, and is used up as usual.
    ///
    /// # Errors
    /// When there is no such user or no client, or the state file cannot be written.
    pub fn begin(&self, username: &str, what: Underway<'_>) -> Result<(), String> {
        let inner = &self.inner;
        let client = inner.settings.clients.first().ok_or("the pool has no client")?;
        let (client_id, now_ms) = (client.id.clone(), inner.now_ms());
        let sub = inner.read(|state| state.users.get(username).map(|user| user.sub().to_owned()));
        let sub = sub.ok_or_else(|| format!("there is no user {username}"))?;
        match what {
            Underway::SignUpCode(code) => self.keep_code(username, Purpose::SignUp, code),
            Underway::ResetCode(code) => self.keep_code(username, Purpose::ForgotPassword, code),
            Underway::Session { access, refresh } => {
                let origin_jti = uuid_of(b"given", access);
                let claims = json!({
                    "sub": sub, "iss": inner.issuer(), "client_id": client_id, "origin_jti": origin_jti,
                    "token_use": "access", "scope": SELF_SCOPE, "username": username,
                    "auth_time": now_ms / 1000, "iat": now_ms / 1000, "exp": now_ms / 1000 + TOKEN_S,
                });
                inner.flight().given_tokens.put(access.to_owned(), now_ms, TOKEN_S * 1000, claims);
                let sign_in = SignIn {
                    username: username.to_owned(),
                    client_id,
                    scopes: vec![SELF_SCOPE.to_owned()],
                    auth_time_s: now_ms / 1000,
                    expires_ms: now_ms + REFRESH_MS,
                    revoked: false,
                    hosted: false,
                };
                self.write(|state| {
                    let token = RefreshToken { origin_jti: origin_jti.clone(), retired: false };
                    state.refresh_tokens.insert(fingerprint(refresh), token);
                    state.sign_ins.insert(origin_jti, sign_in);
                })
            }
            Underway::HostedCode { code, redirect_uri, verifier } => {
                let request = Request {
                    client_id,
                    redirect_uri: redirect_uri.to_owned(),
                    scopes: client.scopes.clone(),
                    state: None,
                    nonce: None,
                    code_challenge: Some(base64url(&sha256(verifier.as_bytes()))),
                };
                let grant = Grant { request, username: username.to_owned(), auth_time_s: now_ms / 1000 };
                inner.flight().grants.put(code.to_owned(), now_ms, CODE_MS, grant);
                Ok(())
            }
        }
    }

    /// Lets a provider's stand-in know an access token of the first of its people: for seeds.
    ///
    /// # Errors
    /// When there is no such provider.
    pub fn provider_token(&self, provider: &str, token: &str) -> Result<(), String> {
        let provider = known(provider)?;
        let [person, ..] = provider.people();
        let consent = Consent {
            provider,
            person,
            client_id: provider.client_id().to_owned(),
            redirect_uri: String::new(),
            nonce: None,
            code_challenge: None,
        };
        let inner = &self.inner;
        inner.flight().provider_tokens.put(token.to_owned(), inner.now_ms(), TOKEN_S * 1000, consent);
        Ok(())
    }

    fn keep_code(&self, username: &str, purpose: Purpose, code: &str) -> Result<(), String> {
        let expires_ms = self.inner.now_ms() + purpose.lives_ms();
        self.write(|state| {
            if let Some(user) = state.users.get_mut(username) {
                let address = user.email().unwrap_or_default().to_owned();
                user.codes.insert(purpose, MailedCode { code: code.to_owned(), expires_ms, address });
            }
        })
    }

    fn write(&self, change: impl FnOnce(&mut State)) -> Result<(), String> {
        let done = self.inner.change(|state| {
            change(state);
            Ok(())
        });
        done.map_err(|fault| format!("{fault:?}"))
    }
}

fn known(provider: &str) -> Result<Provider, String> {
    Provider::named(provider).ok_or_else(|| format!("there is no provider {provider}"))
}
