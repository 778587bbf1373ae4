//! What the demo people have begun: codes on their way, sessions, a sign-in on the hosted page, an upload. Each event file
//! finds here what it needs, under values that stand in the file.
//!
//! They are for the demo people, whose password is printed at every start: whoever knows these values can do no more than
//! with that. The access tokens are not signed, there is no key in the repository that could sign another, and only the
//! seeded user pool itself takes them, for an hour; the gateway does not. A deployment has no seed.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    account::{Account, Provider},
    id::{AccountId, ListingId, MediaId},
    media::{FileType, MAX_BYTES, Media, MediaStatus, Purpose},
    text::Nickname,
    time::Time,
};
use serde_json::{Value, json};
use store::{Accounts, Bookmarks, MediaItems, NewAccount, Table};
use user_pool::{Enrolled, Pool, Standing, Underway};

use crate::{
    bucket::Bucket,
    cloud::{CLIENT_ID, Inner, POOL_ID, REGION},
    seed::{AGREED, PASSWORD, PEOPLE, Person},
};

/// Somebody who signed up and has not confirmed the address yet.
pub const WAITING: Person = Person {
    sub: "7a3f0c52-9d1e-4b86-a5c4-2e6f81d09b37",
    email: "nabi@example.com",
    nickname: "나비",
    region: "",
    groups: &[],
    linked: &[],
};
/// The code that confirms it.
pub const SIGN_UP_CODE: &str = "314159";
/// The code with which the first demo person sets a new password.
pub const RESET_CODE: &str = "271828";

/// Somebody who came by Kakao and has not finished signing up.
pub const NEWCOMER: Person = Person {
    sub: "b5d92e14-6c0a-4f7b-8e33-91a4c7f25d60",
    email: "",
    nickname: "보리_314159",
    region: "",
    groups: &["ap-northeast-2_Madang001_Kakao"],
    linked: &[],
};
/// The newcomer at Kakao.
const NEWCOMER_AT_KAKAO: &str = "3141592653";
/// The newcomer in the pool.
pub const NEWCOMER_USERNAME: &str = "Kakao_3141592653";

/// The refresh token of the first demo person's session.
pub const REFRESH_TOKEN: &str = "refresh-token-of-minji-that-only-a-seeded-laptop-knows";
/// The refresh token of the newcomer's session.
const NEWCOMERS_REFRESH_TOKEN: &str = "refresh-token-of-bori-that-only-a-seeded-laptop-knows";
/// An access token of Naver's.
pub const NAVER_TOKEN: &str = "access-token-of-naver-that-only-a-seeded-laptop-knows";

/// The code of a sign-in on the hosted page that is on its way to the callback.
pub const CALLBACK_CODE: &str = "c0de0000-0000-4000-8000-000000000001";
/// The state the browser was sent off with.
pub const CALLBACK_STATE: &str = "state-of-a-browser-on-its-way-back-to-the-y";
/// The verifier the browser keeps.
pub const VERIFIER: &str = "verifier-of-somebody-who-signs-in-by-a-page";
/// Where a client of its own is called back.
pub const CLIENT_URL: &str = "http://localhost:5173/";
/// The code that is on its way there.
pub const CLIENT_CODE: &str = "c0de0000-0000-4000-8000-000000000002";

/// An upload of the first demo person that has arrived and waits to be made into renditions.
pub const WAITING_PICTURE: &str = "01K9ZX3V5M8QJ4T0N2R6W7Y1AJ";

/// A listing that the first demo person has bookmarked.
pub const BOOKMARKED: &str = "01K9ZX3V5M8QJ4T0N2R6W7Y1AE";

/// What the access token of somebody claims, good for an hour around the seed's moment.
#[must_use]
pub fn claims(person: &Person) -> Value {
    let newcomer = person.sub == NEWCOMER.sub;
    let mut claims = json!({
        "sub": person.sub,
        "iss": format!("https://cognito-idp.{REGION}.amazonaws.com/{POOL_ID}"),
        "client_id": CLIENT_ID,
        "origin_jti": "0a1b2c3d-4e5f-4a6b-8c7d-8e9fa0b1c2d3",
        "event_id": "1b2c3d4e-5f6a-4b7c-8d8e-9fa0b1c2d3e4",
        "token_use": "access",
        "scope": "aws.cognito.signin.user.admin",
        "auth_time": 1_795_229_000,
        "exp": 1_795_232_600,
        "iat": 1_795_229_000,
        "jti": "2c3d4e5f-6a7b-4c8d-8e9f-a0b1c2d3e4f5",
        "username": if newcomer { NEWCOMER_USERNAME } else { person.sub },
        "tier": "free",
        "onboarded": (!newcomer).to_string(),
    });
    if !person.region.is_empty() {
        claims["region"] = person.region.into();
    }
    if !person.groups.is_empty() {
        claims["cognito:groups"] = json!(person.groups);
    }
    claims
}

/// An access token as it looks, which says itself that nobody signed it.
#[must_use]
pub fn access_token(person: &Person) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signature = URL_SAFE_NO_PAD.encode("no signature: a seeded laptop knows this token by heart");
    // In the order of their names, whatever the order of members is in this build.
    let claims: std::collections::BTreeMap<String, Value> =
        claims(person).as_object().cloned().unwrap_or_default().into_iter().collect();
    format!("{}.{}.{signature}", part(json!({"alg": "RS256"})), part(json!(claims)))
}

/// Lets people begin what the event files go on with.
pub(crate) async fn begin(
    inner: &Arc<Inner>,
    (pool, bucket, table): (&Pool, &Bucket, &Table),
    picture: Vec<u8>,
    now: Time,
) -> Result<(), String> {
    let minji = &PEOPLE[0];
    pool.begin(minji.sub, Underway::ResetCode(RESET_CODE))?;
    pool.begin(minji.sub, Underway::Session { access: &access_token(minji), refresh: REFRESH_TOKEN })?;
    let callback = format!("{}/auth/hosted/callback", inner.base_url);
    for (code, redirect_uri) in [(CALLBACK_CODE, callback.as_str()), (CLIENT_CODE, CLIENT_URL)] {
        pool.begin(minji.sub, Underway::HostedCode { code, redirect_uri, verifier: VERIFIER })?;
    }
    pool.provider_token("Naver", NAVER_TOKEN)?;

    let enrolled = |person: &Person, standing| {
        pool.enroll(&Enrolled {
            sub: person.sub,
            email: person.email,
            password: PASSWORD,
            nickname: person.nickname,
            attributes: if standing == Standing::Unconfirmed { AGREED } else { &[] },
            groups: &[],
            standing,
            linked: &[],
        })
    };
    enrolled(&WAITING, Standing::Unconfirmed)?;
    pool.begin(WAITING.sub, Underway::SignUpCode(SIGN_UP_CODE))?;

    enrolled(&NEWCOMER, Standing::By("Kakao", NEWCOMER_AT_KAKAO))?;
    let session = Underway::Session { access: &access_token(&NEWCOMER), refresh: NEWCOMERS_REFRESH_TOKEN };
    pool.begin(NEWCOMER_USERNAME, session)?;
    let account = newcomer(now).ok_or("the newcomer is not well formed")?;
    let new = NewAccount { account: &account, holder: NEWCOMER.sub };
    Accounts(table).create(new, now).await.map_err(|error| error.to_string())?;

    for (person, listing) in [(minji, BOOKMARKED), (&PEOPLE[1], "01K9ZX3V5M8QJ4T0N2R6W7Y1AB")] {
        let account = AccountId::parse(person.sub).map_err(|_| "a demo person is not well formed")?;
        let listing = ListingId::from_ulid(listing);
        Bookmarks(table).set(&account, &listing, now).await.map_err(|error| error.to_string())?;
    }

    let upload = Media {
        id: MediaId::from_ulid(WAITING_PICTURE),
        owner: AccountId::parse(minji.sub).map_err(|_| "a demo person is not well formed")?,
        purpose: Purpose::Listing,
        content_type: FileType::Jpeg,
        size: u32::try_from(picture.len()).unwrap_or(MAX_BYTES),
        status: MediaStatus::Waiting,
        rejection: None,
        picture: None,
        file: None,
        used_by: None,
        created_at: now,
    };
    MediaItems(table).create(&upload, None).await.map_err(|error| error.to_string())?;
    bucket.place(&format!("uploads/{}", upload.id), picture, "image/jpeg").await
}

fn newcomer(now: Time) -> Option<Account> {
    Some(Account {
        id: AccountId::parse(NEWCOMER.sub).ok()?,
        username: NEWCOMER_USERNAME.to_owned(),
        email: None,
        nickname: Nickname::parse(NEWCOMER.nickname).ok()?,
        onboarded: false,
        sign_in_by: vec![Provider::Kakao],
        image: None,
        phone: None,
        region: None,
        address: None,
        terms: None,
        created_at: now,
        updated_at: now,
        version: 1,
    })
}
