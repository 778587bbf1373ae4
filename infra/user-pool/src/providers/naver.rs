//! Naver: a pairwise subject, a userinfo wrapped in `response`, and no word on whether the address is verified.

use serde_json::{Value, json};

use super::{Paths, Person};

pub(super) const PATHS: Paths =
    Paths { authorize: "/oauth2/authorize", token: "/oauth2/token", jwks: "/oauth2/jwks", userinfo: "/v1/nid/me" };

pub(super) fn people() -> [Person; 3] {
    [
        Person::new("nv-demo-Qx7Tz1aPq0Lw2RkYb9Jd4Hs6Ue8Fc3Gm5Vn", Some("mina@example.com"), false, "김미나"),
        Person::new("nv-demo-Wb2Kd8sTn4Zr6Xq1Lp9Cv7Gf3Hy5Jm0Au1E", Some("byul@example.com"), false, "한별"),
        Person::new("nv-demo-Ej5Rt3uOi7Mk9Nb2Vc4Xz6Lh8Gf1Ds0Qa2P", Some("san@example.com"), false, "정산"),
    ]
}

pub(super) fn id_claims(person: &Person) -> Value {
    json!({ "sub": person.id })
}

pub(super) fn token_extras() -> Value {
    json!({ "token_type": "bearer", "expires_in": "3600" })
}

pub(super) fn userinfo(person: &Person) -> Value {
    let mut response = json!({ "id": person.id, "nickname": person.name, "name": person.name });
    if let Some(email) = &person.email {
        response["email"] = json!(email);
    }
    if let Some(picture) = &person.picture {
        response["profile_image"] = json!(picture);
    }
    json!({ "resultcode": "00", "message": "success", "response": response })
}
