//! The client's half of SRP, written apart from the pool's.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use num_bigint::BigUint;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::world::{PASSWORD, World};

const N: &str = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";

fn hex(text: &str) -> BigUint {
    BigUint::parse_bytes(text.as_bytes(), 16).unwrap()
}

/// `padHex` of the JavaScript client: an even number of digits, and `00` before a high first bit.
fn pad_hex(number: &BigUint) -> Vec<u8> {
    let mut digits = number.to_str_radix(16);
    if digits.len() % 2 == 1 {
        digits.insert(0, '0');
    } else if "89abcdef".contains(&digits[..1]) {
        digits.insert_str(0, "00");
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn hash(parts: &[&[u8]]) -> BigUint {
    BigUint::from_bytes_be(&Sha256::digest(parts.concat()))
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(parts.concat()).finalize().into_bytes().to_vec()
}

fn secret() -> BigUint {
    hex("9f1ab37cc7b2a4e0d5f6871234567890abcdefabcdef1234567890fedcba0987654321")
}

fn public() -> String {
    BigUint::from(2_u8).modpow(&secret(), &hex(N)).to_str_radix(16)
}

/// The answer to a `PASSWORD_VERIFIER` challenge.
fn answer(client: &str, challenge: &Value, password: &str) -> Value {
    let said = |name: &str| challenge["ChallengeParameters"][name].as_str().unwrap().to_owned();
    let (n, g) = (hex(N), BigUint::from(2_u8));
    let (b, salt, user_id) = (hex(&said("SRP_B")), hex(&said("SALT")), said("USER_ID_FOR_SRP"));
    let k = hash(&[&pad_hex(&n), &pad_hex(&g)]);
    let u = hash(&[&pad_hex(&hex(&public())), &pad_hex(&b)]);
    let identity = Sha256::digest(format!("Madang001{user_id}:{password}"));
    let x = hash(&[&pad_hex(&salt), &identity]);
    let base = (&b + &n * &k - &k * g.modpow(&x, &n)) % &n;
    let s = base.modpow(&(secret() + &u * &x), &n);
    let key = hmac(&hmac(&pad_hex(&u), &[&pad_hex(&s)]), &[b"Caldera Derived Key", &[1]]);
    let timestamp = "Sat Nov 21 04:11:13 UTC 2026";
    let block = STANDARD.decode(said("SECRET_BLOCK")).unwrap();
    let signature = hmac(&key[..16], &[b"Madang001", user_id.as_bytes(), &block, timestamp.as_bytes()]);
    json!({
        "ChallengeName": "PASSWORD_VERIFIER", "ClientId": client,
        "ChallengeResponses": {
            "USERNAME": user_id, "PASSWORD_CLAIM_SECRET_BLOCK": said("SECRET_BLOCK"),
            "TIMESTAMP": timestamp, "PASSWORD_CLAIM_SIGNATURE": STANDARD.encode(signature),
        },
    })
}

fn opening(email: &str) -> Value {
    json!({ "AuthFlow": "USER_SRP_AUTH", "ClientId": "web", "AuthParameters": { "USERNAME": email, "SRP_A": public() } })
}

#[tokio::test]
async fn the_right_password_proves_itself_without_being_sent() {
    let world = World::new().await;
    let sub = world.member("mina@example.com").await;
    for _ in 0..3 {
        let challenge = world.ok("InitiateAuth", opening("Mina@example.com")).await;
        assert_eq!(challenge["ChallengeName"], "PASSWORD_VERIFIER");
        assert_eq!(challenge["ChallengeParameters"]["USER_ID_FOR_SRP"], sub.as_str());
        let reply = world.ok("RespondToAuthChallenge", answer("web", &challenge, PASSWORD)).await;
        assert_eq!(world.claims(&reply["AuthenticationResult"]["AccessToken"])["sub"], sub.as_str());
        let (kind, _) = world.err("RespondToAuthChallenge", answer("web", &challenge, PASSWORD)).await;
        assert_eq!(kind, "NotAuthorizedException", "a challenge is answered once");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_fail_alike() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    for email in ["mina@example.com", "nobody@example.com"] {
        let challenge = world.ok("InitiateAuth", opening(email)).await;
        let fault = world.err("RespondToAuthChallenge", answer("web", &challenge, "wrong-horse-1")).await;
        assert_eq!(fault, ("NotAuthorizedException".to_owned(), "Incorrect username or password.".to_owned()));
    }
    let salt = |challenge: Value| challenge["ChallengeParameters"]["SALT"].clone();
    let first = salt(world.ok("InitiateAuth", opening("nobody@example.com")).await);
    assert_eq!(first, salt(world.ok("InitiateAuth", opening("nobody@example.com")).await));
}

#[tokio::test]
async fn a_public_number_that_fixes_the_outcome_is_refused() {
    let world = World::new().await;
    world.member("mina@example.com").await;
    for srp_a in ["0", N, "not hex"] {
        let mut body = opening("mina@example.com");
        body["AuthParameters"]["SRP_A"] = json!(srp_a);
        assert_eq!(world.err("InitiateAuth", body).await.0, "InvalidParameterException");
    }
}

#[tokio::test]
async fn an_unconfirmed_user_is_told_so_only_after_the_proof() {
    let world = World::new().await;
    world.sign_up("mina@example.com").await;
    let challenge = world.ok("InitiateAuth", opening("mina@example.com")).await;
    assert_eq!(
        world.err("RespondToAuthChallenge", answer("web", &challenge, "wrong-horse-1")).await.0,
        "NotAuthorizedException"
    );
    let challenge = world.ok("InitiateAuth", opening("mina@example.com")).await;
    assert_eq!(
        world.err("RespondToAuthChallenge", answer("web", &challenge, PASSWORD)).await.0,
        "UserNotConfirmedException"
    );
}
