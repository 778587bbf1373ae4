//! `/_local/people`: many people with sessions at once. A sign-up takes the arithmetic of passwords and a mail; who comes
//! by a provider has no password, so they come by Kakao.

use std::sync::Arc;

use axum::{Json, Router, extract::State, response::IntoResponse, routing::post};
use domain::{
    account::{Account, Provider, TERMS_VERSION},
    id::AccountId,
    region::{self, Region},
    text::Nickname,
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Accounts, NewAccount, Table};
use user_pool::{Enrolled, Standing};
use uuid::Uuid;

use crate::{
    cloud::{Inner, TABLE},
    functions::sdk,
};

/// More than that is a mistake.
const MOST: u32 = 20_000;

/// `{"count": 200, "region": "seoul/gangnam-gu"}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    count: u32,
    #[serde(default = "gangnam")]
    region: String,
}

fn gangnam() -> String {
    "seoul/gangnam-gu".to_owned()
}

pub(crate) fn control(inner: Arc<Inner>) -> Router {
    Router::new().route("/_local/people", post(made)).with_state(inner)
}

async fn made(State(inner): State<Arc<Inner>>, Json(wanted): Json<Wanted>) -> axum::response::Response {
    match make(&inner, &wanted).await {
        Ok(items) => Json(json!({"items": items})).into_response(),
        Err(message) => (StatusCode::BAD_REQUEST, Json(json!({"message": message}))).into_response(),
    }
}

async fn make(inner: &Arc<Inner>, wanted: &Wanted) -> Result<Vec<Value>, String> {
    if wanted.count > MOST {
        return Err(format!("at most {MOST} at once"));
    }
    let home = region::district(&wanted.region).ok_or("there is no such region")?;
    let pool = inner.pool.get().ok_or("the cloud is not put together")?;
    let table = Table::new(&sdk(&inner.base_url, "people"), TABLE.to_owned());
    let now = inner.clock.now();
    let mut items = vec![];
    for _ in 0..wanted.count {
        let sub = Uuid::new_v4().to_string();
        let at_kakao = sub.replace('-', "");
        let username = format!("Kakao_{at_kakao}");
        // Short enough for a nickname, and nobody else's.
        let nickname = format!("이웃{}", &at_kakao[..10]);
        let account = Account {
            id: AccountId::parse(&sub).map_err(|_| "no account's identifier")?,
            username: username.clone(),
            email: None,
            nickname: Nickname::parse(&nickname).map_err(|_| format!("no nickname: {nickname}"))?,
            onboarded: true,
            sign_in_by: vec![Provider::Kakao],
            image: None,
            phone: None,
            region: Some(Region::from(home)),
            address: None,
            terms: Some(TERMS_VERSION.to_owned()),
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let new = NewAccount { account: &account, holder: &sub };
        Accounts(&table).create(new, now).await.map_err(|error| error.to_string())?;
        pool.enroll(&Enrolled {
            sub: &sub,
            email: "",
            password: "",
            nickname: &nickname,
            attributes: &[],
            groups: &[],
            standing: Standing::By("Kakao", &at_kakao),
            linked: &[],
        })?;
        let session = pool.session_for(&username).await?;
        items.push(json!({
            "id": sub,
            "nickname": nickname,
            "accessToken": session.access,
            "refreshToken": session.refresh,
            "expiresIn": session.expires_in,
        }));
    }
    Ok(items)
}
