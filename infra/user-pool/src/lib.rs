//! A Cognito user pool for the laptop: the JSON API, the hosted sign-in, its OAuth endpoints, and stand-ins for
//! Google, Kakao and Naver.
//!
//! The pool keeps no time of its own and sends nothing by itself: the clock, the mail and the trigger functions
//! belong to whoever embeds it, behind [`Surroundings`].

mod api;
mod codes;
mod crypto;
mod error;
mod flight;
mod hosted;
mod keys;
mod pages;
mod params;
mod passwords;
mod providers;
mod seeding;
mod session_for;
mod srp;
mod state;
mod tokens;
mod triggers;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use serde_json::Value;

pub use api::ApiReply;
pub use error::Error;
pub use seeding::{Enrolled, Standing, Underway};
pub use session_for::Session;

use api::Fault;
use flight::Flight;
use keys::SigningKey;
use state::State;

/// What one pool is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The region in events and in the pool's id.
    pub region: String,
    /// `<region>_<name>`; the part after the underscore is the pool name that SRP hashes.
    pub pool_id: String,
    /// Where the hosted sign-in lives. The issuer is `<base_url>/<pool_id>`.
    pub base_url: String,
    /// The app clients.
    pub clients: Vec<AppClient>,
    /// Naver's userinfo as the pool calls it: flat, GET with a bearer token.
    pub naver_userinfo_url: String,
    /// Where users are kept; `None` keeps them in memory.
    pub state_file: Option<PathBuf>,
    /// The code every mail carries, for tests; otherwise six random digits.
    pub fixed_code: Option<String>,
}

/// One app client of the pool.
#[derive(Debug, Clone)]
pub struct AppClient {
    /// The client id.
    pub id: String,
    /// A secret makes the client confidential: `SECRET_HASH` and client authentication are then required.
    pub secret: Option<String>,
    /// Where a sign-in may return to, matched exactly.
    pub redirect_uris: Vec<String>,
    /// Where a sign-out may return to, matched exactly.
    pub logout_uris: Vec<String>,
    /// The scopes the client may ask for.
    pub scopes: Vec<String>,
    /// The identity providers on its sign-in page: `Google`, `Kakao`, `Naver` (and `COGNITO`).
    pub providers: Vec<String>,
    /// Each refresh retires the refresh token and issues another.
    pub refresh_rotation: bool,
}

/// A mail the pool wants sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The address.
    pub to: String,
    /// The subject line.
    pub subject: String,
    /// The text; HTML when the custom message function wrote HTML.
    pub body_html_or_text: String,
    /// The code the text carries.
    pub code: Option<String>,
    /// Why it is sent, e.g. `CustomMessage_SignUp`.
    pub trigger_source: String,
}

/// The functions a pool calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Trigger {
    /// Before a user is created.
    PreSignUp,
    /// After a user is confirmed.
    PostConfirmation,
    /// Before a password is checked.
    PreAuthentication,
    /// After a sign-in succeeded.
    PostAuthentication,
    /// Before tokens are signed.
    PreTokenGeneration,
    /// Before a mail is sent.
    CustomMessage,
}

impl Trigger {
    /// The name as it stands in the pool's configuration and in error messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PreSignUp => "PreSignUp",
            Self::PostConfirmation => "PostConfirmation",
            Self::PreAuthentication => "PreAuthentication",
            Self::PostAuthentication => "PostAuthentication",
            Self::PreTokenGeneration => "PreTokenGeneration",
            Self::CustomMessage => "CustomMessage",
        }
    }
}

/// What the pool needs from the laptop cloud.
pub trait Surroundings: Send + Sync + 'static {
    /// Milliseconds since the epoch on the movable clock. Every lifetime is measured with it.
    fn now_ms(&self) -> i64;
    /// Takes a mail for delivery.
    fn mail(&self, mail: Mail);
    /// Calls a function: `Ok(None)` when none is configured, the returned event when it ran, `Err(message)` when it
    /// failed.
    fn trigger(&self, trigger: Trigger, event: Value) -> BoxFuture<'static, Result<Option<Value>, String>>;
}

/// A user pool. Clones share it.
#[derive(Clone)]
pub struct Pool {
    inner: Arc<Inner>,
}

/// What the clones share.
pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) surroundings: Arc<dyn Surroundings>,
    pub(crate) key: Arc<SigningKey>,
    state: Mutex<State>,
    flight: Mutex<Flight>,
}

impl Pool {
    /// Opens the pool and, with a state file, writes it once so that an unwritable place is noticed now.
    ///
    /// # Errors
    /// When the state file cannot be read or written, is of another version, or holds no usable key.
    #[expect(clippy::unused_async, reason = "opening may come to wait for something; callers should not change then")]
    pub async fn open(settings: Settings, surroundings: Arc<dyn Surroundings>) -> Result<Pool, Error> {
        let (state, key) = match &settings.state_file {
            None => (State::default(), keys::shared()?),
            Some(path) => state::open(path)?,
        };
        let inner =
            Inner { settings, surroundings, key, state: Mutex::new(state), flight: Mutex::new(Flight::default()) };
        Ok(Pool { inner: Arc::new(inner) })
    }

    /// One call of the JSON API: the operation is the part of `x-amz-target` after the dot.
    pub async fn api(&self, operation: &str, body: &[u8]) -> ApiReply {
        api::call(&self.inner, operation, body).await
    }

    /// Everything a browser or an OAuth client calls.
    pub fn router(&self) -> axum::Router {
        hosted::router(self.inner.clone())
    }

    /// The public keys tokens are checked with.
    #[must_use]
    pub fn jwks(&self) -> Value {
        self.inner.key.jwks()
    }

    /// The `iss` of every token.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.inner.issuer()
    }

    /// Forgets every user, session and code; the signing key stays.
    pub fn reset(&self) {
        *self.inner.flight() = Flight::default();
        // A file that cannot be written shows at the next change, which does report it.
        let _written = self.inner.change(|state| {
            state.forget_everyone();
            Ok(())
        });
    }
}

impl Inner {
    pub(crate) fn now_ms(&self) -> i64 {
        self.surroundings.now_ms()
    }

    pub(crate) fn issuer(&self) -> String {
        format!("{}/{}", self.settings.base_url, self.settings.pool_id)
    }

    /// The name SRP hashes: the pool id without its region.
    pub(crate) fn pool_name(&self) -> &str {
        self.settings.pool_id.split_once('_').map_or(self.settings.pool_id.as_str(), |(_, name)| name)
    }

    pub(crate) fn client(&self, id: &str) -> Option<&AppClient> {
        self.settings.clients.iter().find(|client| client.id == id)
    }

    /// Looks at the state without changing it.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    /// Changes the state and writes it, also when the change answers with a fault (a wrong password is counted).
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut state = self.lock();
        let outcome = change(&mut state);
        if let Some(path) = &self.settings.state_file {
            state::write(path, &state).map_err(|error| Fault::internal(format!("The state file: {error}")))?;
        }
        outcome
    }

    /// What lives for minutes: authorization codes, challenges, sign-ins on their way to a provider.
    pub(crate) fn flight(&self) -> MutexGuard<'_, Flight> {
        self.flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
