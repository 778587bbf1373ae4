//! Checking a token where API Gateway does not: routes that know their caller if there is one, and the laptop's gateway.

use domain::time::Time;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::{Map, Value};
use tokio::sync::RwLock;

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFault {
    /// It is not this pool's, not for this client, changed, or expired.
    Bad,
    /// The keys could not be had: not the caller's fault.
    KeysUnavailable,
}

/// Where the keys come from.
#[derive(Debug, Clone)]
pub enum Keys {
    /// Fetched at first use, and again when a token names an unknown one and the last look was a while ago.
    From(String),
    /// Known.
    Known(Value),
}

/// Verifies access and ID tokens of one client of one pool: RS256, signature, issuer, audience, expiry.
pub struct Verifier {
    issuer: String,
    client: String,
    source: Keys,
    keys: RwLock<Option<Fetched>>,
}

struct Fetched {
    keys: JwkSet,
    at: Time,
}

/// Anybody can make up the name of a key: unknown ones are looked up once in five minutes at most.
const BETWEEN_LOOKS: i64 = 5 * domain::time::MINUTE;

impl Verifier {
    /// A verifier that fetches the pool's keys when it first needs them.
    #[must_use]
    pub fn new(issuer: &str, client: &str, jwks_url: &str) -> Self {
        Self::with(issuer, client, Keys::From(jwks_url.to_owned()))
    }

    /// A verifier with keys from a source.
    #[must_use]
    pub fn with(issuer: &str, client: &str, source: Keys) -> Self {
        Self { issuer: issuer.to_owned(), client: client.to_owned(), source, keys: RwLock::new(None) }
    }

    /// The claims of a token that is good at this moment.
    ///
    /// # Errors
    /// [`TokenFault`].
    pub async fn verify(&self, token: &str, now: Time) -> Result<Map<String, Value>, TokenFault> {
        if token.len() > 16_384 {
            return Err(TokenFault::Bad);
        }
        let header = decode_header(token).map_err(|_| TokenFault::Bad)?;
        if header.alg != Algorithm::RS256 {
            return Err(TokenFault::Bad);
        }
        let kid = header.kid.ok_or(TokenFault::Bad)?;
        let key = self.key(&kid, now).await?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[&self.issuer]);
        // Expiry is checked against the request's time below, the audience against either claim.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let claims = decode::<Map<String, Value>>(token, &key, &validation).map_err(|_| TokenFault::Bad)?.claims;
        let audience = claims.get("aud").or_else(|| claims.get("client_id")).and_then(Value::as_str);
        let good = claims.get("iss").and_then(Value::as_str) == Some(&self.issuer)
            && audience == Some(&self.client)
            && claims.get("exp").and_then(Value::as_i64).is_some_and(|exp| now.seconds() < exp);
        if good { Ok(claims) } else { Err(TokenFault::Bad) }
    }

    async fn key(&self, kid: &str, now: Time) -> Result<DecodingKey, TokenFault> {
        let known = |keys: &JwkSet| keys.find(kid).and_then(|jwk| DecodingKey::from_jwk(jwk).ok());
        if let Some(Fetched { keys, at }) = self.keys.read().await.as_ref() {
            match known(keys) {
                Some(key) => return Ok(key),
                None if now.ms() - at.ms() < BETWEEN_LOOKS => return Err(TokenFault::Bad),
                None => {}
            }
        }
        let fetched = match &self.source {
            Keys::Known(keys) => serde_json::from_value(keys.clone()).map_err(|_| TokenFault::KeysUnavailable)?,
            Keys::From(url) => fetch(url).await?,
        };
        let key = known(&fetched).ok_or(TokenFault::Bad);
        *self.keys.write().await = Some(Fetched { keys: fetched, at: now });
        key
    }
}

async fn fetch(url: &str) -> Result<JwkSet, TokenFault> {
    let reply = reqwest::Client::builder()
        .timeout(std::time::Duration::from_secs(3))
        .build()
        .map_err(|_| TokenFault::KeysUnavailable)?
        .get(url)
        .send()
        .await
        .and_then(reqwest::Response::error_for_status)
        .map_err(|_| TokenFault::KeysUnavailable)?;
    reply.json().await.map_err(|_| TokenFault::KeysUnavailable)
}
