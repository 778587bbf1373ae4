//! POST /me/sign-out-everywhere: every session of the caller is over.

use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row, Setting};
use ports::PoolError;

use crate::{Accounts, faults::told};

pub(crate) const ROUTE: Route<Accounts> = Row::post("accounts.sign_out_everywhere", "/me/sign-out-everywhere")
    .summary("Sign out on every device")
    .description(
        "Refresh tokens end at once, live connections a moment later; none is opened with a token from before. For requests, \
         access tokens that are out stay good for an hour at most.",
    )
    .features(&["A19"])
    .needs(&[Setting::UserPoolId, Setting::ClientId])
    .may(&[
        Grant::Pool(&["GlobalSignOut"]),
        Grant::Table("PutItem", &["ACCOUNT#"]),
    ])
    .replies_nothing(204)
    .even_suspended()
    .problems(&[Code::BadToken, Code::TooMany])
    .budget(3, 1.0, 2.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    app.pool()?.sign_out_everywhere(call.bearer()?).await.map_err(|refused| match refused {
        PoolError::WrongCredentials => Fault::from(Code::BadToken),
        other => told(other, ""),
    })?;
    // From here on nobody opens a connection with an old token; those that are open end by what follows from the stream.
    store::Accounts(call.table()?).sign_out(&caller.id, call.now).await?;
    Ok(Reply::nothing())
}
