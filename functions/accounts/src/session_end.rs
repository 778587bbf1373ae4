//! POST /auth/session/end: this session is over; its tokens are revoked.

use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row, Setting};
use ports::PoolError;

use crate::{
    Accounts,
    faults::told,
    session::{cookie, refresh_token},
    session_refresh::Body,
};

pub(crate) const ROUTE: Route<Accounts> = Row::post("accounts.session_end", "/auth/session/end")
    .summary("Sign out")
    .description("Revokes the refresh token (of the cookie, or of the body) and clears the cookie.")
    .features(&["A19"])
    .anyone()
    .sets_cookie()
    .needs(&[Setting::UserPoolId, Setting::ClientId, Setting::ApiUrl])
    .may(&[Grant::Pool(&["RevokeToken"])])
    .takes::<Body>()
    .replies_nothing(204)
    .problems(&[Code::NotSignedIn, Code::BadToken, Code::TooMany])
    .budget(0, 0.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    let body = if call.has_body() { call.body()? } else { Body::default() };
    let token = refresh_token(call, body.refresh_token)?;
    app.pool()?.revoke(&token).await.map_err(|refused| match refused {
        // An access token, or another client's: nothing was revoked, and the caller has to know.
        PoolError::Failed(what) if what.contains("UnsupportedTokenType") || what.contains("UnauthorizedException") => {
            Fault::from(Code::BadToken)
        }
        other => told(other, "/refreshToken"),
    })?;
    Ok(Reply::nothing().with_cookie(cookie(call, "", 0)?))
}
