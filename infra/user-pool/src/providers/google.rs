//! Google: the address is verified or not by a claim of the ID token.

use serde_json::{Value, json};

use super::{Paths, Person};

pub(super) const PATHS: Paths =
    Paths { authorize: "/o/oauth2/v2/auth", token: "/token", jwks: "/oauth2/v3/certs", userinfo: "/v1/userinfo" };

pub(super) fn people() -> [Person; 3] {
    [
        Person::new("110000000000000000001", Some("mina@example.com"), true, "김미나"),
        Person::new("110000000000000000002", Some("joon@example.com"), true, "박준"),
        Person::new("110000000000000000003", Some("sora@example.net"), false, "이소라"),
    ]
}

pub(super) fn id_claims(person: &Person) -> Value {
    userinfo(person)
}

pub(super) fn token_extras() -> Value {
    json!({ "expires_in": 3599, "scope": "openid email profile", "token_type": "Bearer" })
}

pub(super) fn userinfo(person: &Person) -> Value {
    let mut claims = json!({ "sub": person.id, "name": person.name });
    if let Some(email) = &person.email {
        claims["email"] = json!(email);
        claims["email_verified"] = json!(person.email_verified);
    }
    if let Some(picture) = &person.picture {
        claims["picture"] = json!(picture);
    }
    claims
}
