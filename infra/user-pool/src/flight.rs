//! What lives for minutes and does not outlive a restart.

use std::collections::HashMap;

use num_bigint::BigUint;

use crate::providers::{Person, Provider};
use crate::srp::{Server, Verifier};

/// How long a challenge waits for its answer.
pub(crate) const CHALLENGE_MS: i64 = 3 * 60_000;
/// How long an authorization code and a visit at a provider last.
pub(crate) const CODE_MS: i64 = 5 * 60_000;

/// A thing with an end.
#[derive(Debug, Clone)]
pub(crate) struct Until<T> {
    pub(crate) expires_ms: i64,
    pub(crate) held: T,
}

/// A small store of single-use things.
#[derive(Debug)]
pub(crate) struct Shelf<T>(HashMap<String, Until<T>>);

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Clone> Shelf<T> {
    pub(crate) fn put(&mut self, name: String, now_ms: i64, lives_ms: i64, held: T) {
        self.0.retain(|_, kept| kept.expires_ms > now_ms);
        self.0.insert(name, Until { expires_ms: now_ms + lives_ms, held });
    }

    /// Takes it away: nothing here is good for a second use.
    pub(crate) fn take(&mut self, name: &str, now_ms: i64) -> Option<T> {
        self.0.remove(name).filter(|kept| kept.expires_ms > now_ms).map(|kept| kept.held)
    }

    pub(crate) fn get(&self, name: &str, now_ms: i64) -> Option<T> {
        self.0.get(name).filter(|kept| kept.expires_ms > now_ms).map(|kept| kept.held.clone())
    }
}

/// A password challenge under way.
#[derive(Debug, Clone)]
pub(crate) struct SrpChallenge {
    pub(crate) client_id: String,
    /// The name that was sent, for counting wrong tries.
    pub(crate) typed: String,
    /// `USER_ID_FOR_SRP`.
    pub(crate) user_id: String,
    /// `None` for a user who does not exist.
    pub(crate) username: Option<String>,
    pub(crate) verifier: Verifier,
    pub(crate) client_public: BigUint,
    pub(crate) server: Server,
}

/// Someone who must choose a new password before the sign-in counts.
#[derive(Debug, Clone)]
pub(crate) struct NewPassword {
    pub(crate) client_id: String,
    pub(crate) username: String,
}

/// What an OAuth client asked `/oauth2/authorize` for.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) code_challenge: Option<String>,
}

/// An authorization code and what it is good for.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) request: Request,
    pub(crate) username: String,
    pub(crate) auth_time_s: i64,
}

/// A browser sent to a provider.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) request: Request,
    pub(crate) provider: Provider,
    /// The browser that was sent, by its cookie.
    pub(crate) browser: String,
    pub(crate) nonce: String,
}

/// A code or an access token of a provider's stand-in.
#[derive(Debug, Clone)]
pub(crate) struct Consent {
    pub(crate) provider: Provider,
    pub(crate) person: Person,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) nonce: Option<String>,
    pub(crate) code_challenge: Option<String>,
}

/// Everything under way.
#[derive(Debug, Default)]
pub(crate) struct Flight {
    pub(crate) srp: Shelf<SrpChallenge>,
    pub(crate) new_passwords: Shelf<NewPassword>,
    pub(crate) grants: Shelf<Grant>,
    pub(crate) visits: Shelf<Visit>,
    pub(crate) provider_codes: Shelf<Consent>,
    pub(crate) provider_tokens: Shelf<Consent>,
    /// Access tokens that a seed gave out, and what they claim.
    pub(crate) given_tokens: Shelf<serde_json::Value>,
}
