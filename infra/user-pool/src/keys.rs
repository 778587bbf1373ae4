//! The key tokens are signed with.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKey};
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::{Value, json};

use crate::crypto::{base64url, from_base64url, sha256};
use crate::error::Error;

/// An RSA key with the names it goes by in a key set.
pub(crate) struct SigningKey {
    pair: RsaKeyPair,
    kid: String,
    modulus: String,
    exponent: String,
}

/// The one key of every pool in this process that keeps its state in memory.
static SHARED: Mutex<Option<Arc<SigningKey>>> = Mutex::new(None);

/// The process-wide key, made at its first use.
pub(crate) fn shared() -> Result<Arc<SigningKey>, Error> {
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(key) = &*shared {
        return Ok(key.clone());
    }
    let key = Arc::new(SigningKey::generate()?);
    *shared = Some(key.clone());
    Ok(key)
}

impl SigningKey {
    pub(crate) fn generate() -> Result<Self, Error> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|error| Error::Key(error.to_string()))?;
        Ok(Self::of(pair))
    }

    pub(crate) fn from_pkcs8(der: &[u8]) -> Result<Self, Error> {
        RsaKeyPair::from_pkcs8(der).map(Self::of).map_err(|error| Error::Key(error.to_string()))
    }

    pub(crate) fn to_pkcs8(&self) -> Result<Vec<u8>, Error> {
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&self.pair).map_err(|error| Error::Key(error.to_string()))?;
        Ok(der.as_ref().to_vec())
    }

    fn of(pair: RsaKeyPair) -> Self {
        let public: &PublicKey = pair.public_key();
        let modulus = base64url(public.modulus().big_endian_without_leading_zero());
        let exponent = base64url(public.exponent().big_endian_without_leading_zero());
        // RFC 7638: the members in this order, without spaces.
        let thumbprint = format!(r#"{{"e":"{exponent}","kty":"RSA","n":"{modulus}"}}"#);
        let kid = base64url(&sha256(thumbprint.as_bytes()));
        Self { pair, kid, modulus, exponent }
    }

    pub(crate) fn jwks(&self) -> Value {
        json!({ "keys": [{
            "alg": "RS256", "e": self.exponent, "kid": self.kid, "kty": "RSA", "n": self.modulus, "use": "sig",
        }] })
    }

    /// A signed token with these claims.
    pub(crate) fn sign(&self, claims: &Value) -> Option<String> {
        let header = base64url(json!({ "kid": self.kid, "alg": "RS256" }).to_string().as_bytes());
        let signed = format!("{header}.{}", base64url(claims.to_string().as_bytes()));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).ok()?;
        Some(format!("{signed}.{}", base64url(&signature)))
    }

    /// The claims of a token this key signed.
    pub(crate) fn verify(&self, token: &str) -> Option<Value> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let header: Value = serde_json::from_slice(&from_base64url(header)?).ok()?;
        if header["alg"] != "RS256" || header["kid"] != self.kid.as_str() {
            return None;
        }
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.pair.public_key().as_ref())
            .verify(signed.as_bytes(), &from_base64url(signature)?)
            .ok()?;
        serde_json::from_slice(&from_base64url(claims)?).ok()
    }
}
