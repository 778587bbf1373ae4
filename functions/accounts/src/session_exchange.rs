//! POST /auth/session/exchange: the code of a hosted sign-in becomes a session, for clients that keep their own verifier.

use deserr::Deserr;
use domain::{input::Invalid, text::Secret};
use edge::{Call, Code, Grant, Outcome, Route, Row, Setting};
use schemars::JsonSchema;

use crate::{
    Accounts,
    hosted_callback::exchanged,
    session::{Carrier, SessionView, opened},
};

pub(crate) const ROUTE: Route<Accounts> = Row::post("accounts.session_exchange", "/auth/session/exchange")
    .summary("Sign in by the code of the hosted sign-in (PKCE)")
    .description(
        "For clients that send their users to the hosted sign-in themselves. Browsers are better served by \
         `GET /auth/hosted`.",
    )
    .features(&["A11", "A12", "A13"])
    .anyone()
    .sets_cookie()
    .needs(&[Setting::ClientId, Setting::HostedUrl, Setting::ApiUrl, Setting::MediaUrl])
    .may(&[Grant::Table("GetItem", &["ACCOUNT#"]), Grant::Table("PutItem", &["ACCOUNT#", "NICKNAME#"])])
    .takes::<Body>()
    .replies::<SessionView>(200)
    .problems(&[Code::SignInFailed, Code::BadToken])
    .budget(3, 2.0, 10.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "CodeExchange", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    /// `code` of the redirect.
    code: Secret,
    /// What the challenge was made from.
    code_verifier: Secret,
    /// The address the code was sent to.
    redirect_uri: Secret,
    /// Where the refresh token shall travel.
    #[deserr(default)]
    #[serde(default)]
    refresh_token_in: Carrier,
}

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    let body: Body = call.body()?;
    let tokens =
        exchanged(app, call, body.code.reveal(), body.code_verifier.reveal(), body.redirect_uri.reveal()).await?;
    opened(call.table()?, call, tokens, body.refresh_token_in).await
}
