//! What the pool remembers: users, groups, sign-ins and browser sessions, and how that is kept in a file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::crypto::{base64, from_base64};
use crate::error::Error;
use crate::keys::SigningKey;
use crate::srp::Verifier;

/// The version of the file's shape.
pub(crate) const VERSION: u64 = 1;

/// Everything that outlives a restart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct State {
    version: u64,
    /// PKCS#8 in base64; empty in memory.
    signing_key: String,
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) groups: BTreeMap<String, Group>,
    /// By `origin_jti`.
    pub(crate) sign_ins: BTreeMap<String, SignIn>,
    /// By the token's fingerprint.
    pub(crate) refresh_tokens: BTreeMap<String, RefreshToken>,
    /// By the cookie's fingerprint.
    pub(crate) browser_sessions: BTreeMap<String, BrowserSession>,
    pub(crate) wrong_codes: BTreeMap<String, Tally>,
    pub(crate) wrong_passwords: BTreeMap<String, Tally>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            version: VERSION,
            signing_key: String::new(),
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            sign_ins: BTreeMap::new(),
            refresh_tokens: BTreeMap::new(),
            browser_sessions: BTreeMap::new(),
            wrong_codes: BTreeMap::new(),
            wrong_passwords: BTreeMap::new(),
        }
    }
}

/// Where a user stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    Unconfirmed,
    Confirmed,
    ExternalProvider,
    ForceChangePassword,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unconfirmed => "UNCONFIRMED",
            Self::Confirmed => "CONFIRMED",
            Self::ExternalProvider => "EXTERNAL_PROVIDER",
            Self::ForceChangePassword => "FORCE_CHANGE_PASSWORD",
        }
    }
}

/// One user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) username: String,
    /// With `sub`, without what is derived (`identities`, `cognito:user_status`).
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) status: Status,
    pub(crate) enabled: bool,
    pub(crate) created_ms: i64,
    pub(crate) modified_ms: i64,
    pub(crate) password: Option<Verifier>,
    pub(crate) identities: Vec<Identity>,
    pub(crate) groups: BTreeSet<String>,
    pub(crate) codes: BTreeMap<Purpose, MailedCode>,
}

/// What a mailed code is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Purpose {
    SignUp,
    ForgotPassword,
    Email,
}

/// A code that was mailed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct MailedCode {
    pub(crate) code: String,
    pub(crate) expires_ms: i64,
    /// The address it proves.
    pub(crate) address: String,
}

/// An identity at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) user_id: String,
    pub(crate) provider_name: String,
    pub(crate) provider_type: String,
    pub(crate) primary: bool,
    pub(crate) created_ms: i64,
}

/// A group of users.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) description: Option<String>,
    pub(crate) precedence: Option<u64>,
    pub(crate) created_ms: i64,
}

/// One sign-in and every token that came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SignIn {
    pub(crate) username: String,
    pub(crate) client_id: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) auth_time_s: i64,
    /// When the refresh token dies; rotation does not move it.
    pub(crate) expires_ms: i64,
    pub(crate) revoked: bool,
    pub(crate) hosted: bool,
}

/// A refresh token of a sign-in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RefreshToken {
    pub(crate) origin_jti: String,
    /// Rotation replaced it: presenting it again revokes the sign-in.
    pub(crate) retired: bool,
}

/// A browser that signed in on the hosted page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BrowserSession {
    pub(crate) username: String,
    pub(crate) auth_time_s: i64,
    pub(crate) expires_ms: i64,
}

/// Wrong tries in a row.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) count: u32,
    pub(crate) last_ms: i64,
    pub(crate) locked_until_ms: i64,
}

impl User {
    pub(crate) fn sub(&self) -> &str {
        self.attributes.get("sub").map_or(self.username.as_str(), String::as_str)
    }

    pub(crate) fn email(&self) -> Option<&str> {
        self.attributes.get("email").map(String::as_str)
    }

    pub(crate) fn email_verified(&self) -> bool {
        self.attributes.get("email_verified").is_some_and(|value| value == "true")
    }

    /// The `identities` attribute as the API shows it.
    pub(crate) fn identities_attribute(&self) -> Option<String> {
        let list = self.identities.iter().map(|identity| {
            json!({
                "userId": identity.user_id, "providerName": identity.provider_name,
                "providerType": identity.provider_type, "issuer": null, "primary": identity.primary,
                "dateCreated": identity.created_ms,
            })
        });
        (!self.identities.is_empty()).then(|| Value::Array(list.collect()).to_string())
    }

    /// Every attribute with its derived ones, as the API and the triggers show them.
    pub(crate) fn shown_attributes(&self) -> BTreeMap<String, String> {
        let mut shown = self.attributes.clone();
        shown.extend(self.identities_attribute().map(|identities| ("identities".to_owned(), identities)));
        shown
    }
}

impl State {
    /// The user of this name: a username, a `sub`, or the e-mail of one who signs in with a password.
    pub(crate) fn user(&self, name: &str) -> Option<&User> {
        self.users
            .get(name)
            .or_else(|| self.owner_of(name))
            .or_else(|| self.users.values().find(|user| user.sub() == name))
    }

    pub(crate) fn user_mut(&mut self, name: &str) -> Option<&mut User> {
        let username = self.user(name)?.username.clone();
        self.users.get_mut(&username)
    }

    /// Who signs in with this e-mail. Users of a provider do not: their e-mail is no alias.
    pub(crate) fn owner_of(&self, email: &str) -> Option<&User> {
        self.users.values().find(|user| {
            user.status != Status::ExternalProvider
                && user.email().is_some_and(|own| own.to_lowercase() == email.to_lowercase())
        })
    }

    /// Who signs in with this identity, as its own user or linked.
    pub(crate) fn user_with_identity(&self, provider: &str, id: &str) -> Option<&User> {
        self.users.values().find(|user| {
            user.identities.iter().any(|identity| identity.provider_name == provider && identity.user_id == id)
        })
    }

    /// Takes every token of a user back.
    pub(crate) fn sign_out(&mut self, username: &str) {
        for sign_in in self.sign_ins.values_mut().filter(|sign_in| sign_in.username == username) {
            sign_in.revoked = true;
        }
    }

    pub(crate) fn remove(&mut self, username: &str) {
        self.users.remove(username);
        self.sign_ins.retain(|_, sign_in| sign_in.username != username);
        self.browser_sessions.retain(|_, session| session.username != username);
        self.drop_orphans();
    }

    /// Forgets what has run out.
    pub(crate) fn prune(&mut self, now_ms: i64) {
        const DAY: i64 = 86_400_000;
        // A day longer than it lives, so that an old token is still told it has expired.
        self.sign_ins.retain(|_, sign_in| sign_in.expires_ms + DAY > now_ms);
        self.browser_sessions.retain(|_, session| session.expires_ms > now_ms);
        self.wrong_codes.retain(|_, tally| tally.last_ms + DAY > now_ms);
        self.wrong_passwords.retain(|_, tally| tally.last_ms + DAY > now_ms);
        self.drop_orphans();
    }

    fn drop_orphans(&mut self) {
        let sign_ins = &self.sign_ins;
        self.refresh_tokens.retain(|_, token| sign_ins.contains_key(&token.origin_jti));
    }

    pub(crate) fn forget_everyone(&mut self) {
        let signing_key = std::mem::take(&mut self.signing_key);
        *self = Self { signing_key, ..Self::default() };
    }
}

/// Reads the file, or begins one with a new key.
pub(crate) fn open(path: &Path) -> Result<(State, Arc<SigningKey>), Error> {
    let broken = |error: String| Error::Broken(path.to_owned(), error);
    let (state, key) = match std::fs::read(path) {
        Ok(bytes) => {
            let value: Value = serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
            let found = value["version"].as_u64().unwrap_or_default();
            if found != VERSION {
                return Err(Error::WrongVersion { found, wanted: VERSION });
            }
            let state: State = serde_json::from_value(value).map_err(|error| broken(error.to_string()))?;
            let der = from_base64(&state.signing_key).ok_or_else(|| broken("the signing key is not base64".into()))?;
            (state, SigningKey::from_pkcs8(&der)?)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = SigningKey::generate()?;
            (State { signing_key: base64(&key.to_pkcs8()?), ..State::default() }, key)
        }
        Err(error) => return Err(Error::Io(path.to_owned(), error)),
    };
    write(path, &state).map_err(|error| Error::Io(path.to_owned(), error))?;
    Ok((state, Arc::new(key)))
}

/// Writes beside the file and renames, so that a reader never meets half of it. It holds a private key: nobody else reads it.
pub(crate) fn write(path: &Path, state: &State) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(&serde_json::to_vec(state)?)?;
    file.flush()?;
    drop(file);
    std::fs::rename(&beside, path)
}
