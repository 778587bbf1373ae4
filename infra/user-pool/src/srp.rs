//! SRP-6a as Cognito speaks it: the 3072-bit group, SHA-256, and an HKDF named "Caldera Derived Key".
//!
//! The pool keeps only the verifier and its salt. A password sent in clear is checked by computing the verifier anew.

use std::sync::LazyLock;

use num_bigint::BigUint;
use serde::{Deserialize, Serialize};

use crate::crypto::{base64, hmac_sha256, same, sha256};

/// The prime of RFC 3526, group 15.
const PRIME: &str = "\
    FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
    EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
    EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F\
    83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
    E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510\
    15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
    ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C\
    BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";

struct Group {
    n: BigUint,
    g: BigUint,
    k: BigUint,
}

static GROUP: LazyLock<Group> = LazyLock::new(|| {
    let n = BigUint::parse_bytes(PRIME.as_bytes(), 16).unwrap_or_default();
    let g = BigUint::from(2_u8);
    let k = BigUint::from_bytes_be(&sha256(&[padded(&n), padded(&g)].concat()));
    Group { n, g, k }
});

/// What the pool keeps of a password, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verifier {
    pub(crate) salt: String,
    pub(crate) verifier: String,
}

/// The server's half of one exchange.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    secret: BigUint,
    pub(crate) public: BigUint,
}

/// A number as Java's `BigInteger.toByteArray` writes it: a leading zero keeps it positive.
fn padded(number: &BigUint) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    if bytes.first().is_some_and(|first| first & 0x80 != 0) { [&[0][..], &bytes].concat() } else { bytes }
}

fn number(hex: &str) -> BigUint {
    BigUint::parse_bytes(hex.as_bytes(), 16).unwrap_or_default()
}

fn verifier(salt: &BigUint, pool_name: &str, user_id: &str, password: &str) -> BigUint {
    let identity = sha256(format!("{pool_name}{user_id}:{password}").as_bytes());
    let x = BigUint::from_bytes_be(&sha256(&[padded(salt), identity.to_vec()].concat()));
    GROUP.g.modpow(&x, &GROUP.n)
}

/// The verifier of a new password.
pub(crate) fn enroll(pool_name: &str, user_id: &str, password: &str) -> Verifier {
    let salt = BigUint::from_bytes_be(&rand::random::<[u8; 16]>());
    let verifier = verifier(&salt, pool_name, user_id, password).to_str_radix(16);
    Verifier { salt: salt.to_str_radix(16), verifier }
}

/// Whether this is the password the verifier was made from.
pub(crate) fn matches(kept: &Verifier, pool_name: &str, user_id: &str, password: &str) -> bool {
    let computed = verifier(&number(&kept.salt), pool_name, user_id, password).to_str_radix(16);
    same(computed.as_bytes(), kept.verifier.as_bytes())
}

/// A verifier nobody has the password of, always the same for the same name: what an unknown user is answered with.
pub(crate) fn decoy(key: &[u8], name: &str) -> Verifier {
    let salt = BigUint::from_bytes_be(&hmac_sha256(key, format!("salt {name}").as_bytes())[..16]);
    let exponent = BigUint::from_bytes_be(&hmac_sha256(key, format!("verifier {name}").as_bytes()));
    Verifier { salt: salt.to_str_radix(16), verifier: GROUP.g.modpow(&exponent, &GROUP.n).to_str_radix(16) }
}

/// The client's public number, unless it is one that would fix the outcome.
pub(crate) fn client_public(hex: &str) -> Option<BigUint> {
    let public = BigUint::parse_bytes(hex.as_bytes(), 16)?;
    (&public % &GROUP.n != BigUint::ZERO).then_some(public)
}

/// Begins an exchange.
pub(crate) fn begin(kept: &Verifier) -> Server {
    let secret = BigUint::from_bytes_be(&rand::random::<[u8; 32]>());
    let public = (&GROUP.k * number(&kept.verifier) + GROUP.g.modpow(&secret, &GROUP.n)) % &GROUP.n;
    Server { secret, public }
}

/// The key both sides reach when the password is right.
pub(crate) fn session_key(kept: &Verifier, client: &BigUint, server: &Server) -> [u8; 16] {
    let u = BigUint::from_bytes_be(&sha256(&[padded(client), padded(&server.public)].concat()));
    let shared = (client * number(&kept.verifier).modpow(&u, &GROUP.n)).modpow(&server.secret, &GROUP.n);
    let extracted = hmac_sha256(&padded(&u), &padded(&shared));
    let expanded = hmac_sha256(&extracted, b"Caldera Derived Key\x01");
    let mut key = [0; 16];
    key.copy_from_slice(&expanded[..16]);
    key
}

/// What the client must present, in base64.
pub(crate) fn signature(key: &[u8], pool_name: &str, user_id: &str, secret_block: &[u8], timestamp: &str) -> String {
    let message = [pool_name.as_bytes(), user_id.as_bytes(), secret_block, timestamp.as_bytes()].concat();
    base64(&hmac_sha256(key, &message))
}
