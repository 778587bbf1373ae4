//! The small primitives: random strings, digests, comparison.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// `bytes` random bytes as URL-safe base64.
pub(crate) fn random_text(bytes: usize) -> String {
    let mut out = vec![0; bytes];
    rand::fill(&mut out[..]);
    base64url(&out)
}

/// A random UUIDv4.
pub(crate) fn uuid() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// A UUIDv4-shaped text that is always the same for the same input.
pub(crate) fn uuid_of(key: &[u8], input: &str) -> String {
    let digest = hmac_sha256(key, input.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// Six random digits.
pub(crate) fn six_digits() -> String {
    format!("{:06}", rand::random_range(0..1_000_000))
}

pub(crate) fn sha256(input: &[u8]) -> [u8; 32] {
    Sha256::digest(input).into()
}

/// The name under which a bearer secret is kept, so that the state holds none that can be presented.
pub(crate) fn fingerprint(secret: &str) -> String {
    base64url(&sha256(secret.as_bytes()))
}

pub(crate) fn hmac_sha256(key: &[u8], input: &[u8]) -> [u8; 32] {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mac) => mac.chain_update(input).finalize().into_bytes().into(),
        // HMAC takes keys of every length; this arm is never reached.
        Err(_) => [0; 32],
    }
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Compares without telling by the time taken where the difference is.
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(left, right).is_ok()
}
