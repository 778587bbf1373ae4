//! Kakao: a numeric subject, and whether the address is verified only in `/v2/user/me`.

use serde_json::{Value, json};

use super::{Paths, Person};

pub(super) const PATHS: Paths = Paths {
    authorize: "/oauth/authorize",
    token: "/oauth/token",
    jwks: "/.well-known/jwks.json",
    userinfo: "/v1/oidc/userinfo",
};

pub(super) fn people() -> [Person; 3] {
    [
        Person::new("3000000001", Some("mina@example.com"), true, "미나"),
        Person::new("3000000002", Some("haneul@example.com"), true, "하늘"),
        // Consent to the e-mail can be refused.
        Person::new("3000000003", None, false, "바다"),
    ]
}

pub(super) fn id_claims(person: &Person) -> Value {
    userinfo(person)
}

pub(super) fn token_extras() -> Value {
    json!({
        "token_type": "bearer", "expires_in": 21_599, "refresh_token_expires_in": 5_183_999,
        "scope": "account_email profile_image openid profile_nickname",
    })
}

pub(super) fn userinfo(person: &Person) -> Value {
    let mut claims = json!({ "sub": person.id, "nickname": person.name });
    if let Some(email) = &person.email {
        claims["email"] = json!(email);
    }
    if let Some(picture) = &person.picture {
        claims["picture"] = json!(picture);
    }
    claims
}

/// `/v2/user/me`.
pub(super) fn rich(person: &Person) -> Value {
    let mut account = json!({
        "profile_nickname_needs_agreement": false,
        "profile_image_needs_agreement": false,
        "profile": {
            "nickname": person.name, "profile_image_url": person.picture, "thumbnail_image_url": person.picture,
            "is_default_image": person.picture.is_none(), "is_default_nickname": false,
        },
        "has_email": person.email.is_some(),
        "email_needs_agreement": person.email.is_none(),
    });
    if let Some(email) = &person.email {
        account["email"] = json!(email);
        account["is_email_valid"] = json!(true);
        account["is_email_verified"] = json!(person.email_verified);
    }
    json!({
        "id": person.id.parse::<u64>().unwrap_or_default(),
        "connected_at": "2026-01-01T00:00:00Z",
        "properties": { "nickname": person.name },
        "kakao_account": account,
    })
}
