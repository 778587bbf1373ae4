//! GET /oidc/naver/userinfo: Naver's userinfo, flattened as the user pool needs it.

use edge::{Call, Code, Fault, Outcome, Reply, Route, Row, Setting};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Accounts;

pub(crate) const ROUTE: Route<Accounts> = Row::get("accounts.naver_userinfo", "/oidc/naver/userinfo")
    .summary("Naver's userinfo as flat claims (for the user pool)")
    .description(
        "Naver nests the person's data in `response`, which Cognito cannot read. The bearer token is Naver's own; it is \
         passed on and nothing is kept. Naver does not say whether the address is verified: it counts as unverified.",
    )
    .features(&["A13"])
    .anyone()
    .needs(&[Setting::NaverUserinfoUrl])
    .replies::<View>(200)
    .problems(&[Code::NotSignedIn, Code::BadToken])
    .budget(0, 0.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NaverUserinfo")]
struct View {
    sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    email_verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nickname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<String>,
}

#[derive(Deserialize)]
struct Naver {
    response: Person,
}

#[derive(Deserialize)]
struct Person {
    id: String,
    email: Option<String>,
    name: Option<String>,
    nickname: Option<String>,
    profile_image: Option<String>,
}

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    let reply = app
        .web()?
        .get(call.setting(Setting::NaverUserinfoUrl)?)
        .bearer_auth(call.bearer()?)
        .send()
        .await
        .map_err(|error| Fault::internal(error.without_url()))?;
    if reply.status().is_client_error() {
        return Err(Code::BadToken.into());
    }
    let Naver { response: person } = reply.json().await.map_err(|error| Fault::internal(error.without_url()))?;
    Reply::ok(&View {
        sub: person.id,
        email: person.email,
        email_verified: false,
        name: person.name,
        nickname: person.nickname,
        picture: person.profile_image,
    })
}
