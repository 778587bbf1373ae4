//! POST /me/sign-out-everywhere: every session of the caller is over.

use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row, Setting};
use ports::PoolError;

use crate::{Accounts, faults::told};

pub(crate) const ROUTE: Route<Accounts> = Row::post("accounts.sign_out_everywhere", "/me/sign-out-everywhere")
    .summary("Sign out on every device")
    .description("Refresh tokens end at once; access tokens that are out stay good for an hour at most.")
    .features(&["A19"])
    .needs(&[Setting::UserPoolId, Setting::ClientId])
    .may(&[Grant::Pool(&["GlobalSignOut"])])
    .replies_nothing(204)
    .problems(&[Code::BadToken, Code::TooMany])
    .budget(0, 0.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    call.caller()?;
    app.pool()?.sign_out_everywhere(call.bearer()?).await.map_err(|refused| match refused {
        PoolError::WrongCredentials => Fault::from(Code::BadToken),
        other => told(other, ""),
    })?;
    Ok(Reply::nothing())
}
