//! POST /me/sign-out-everywhere: every session of the caller is over.

use edge::{Call, Code, Fault, Grant, Method, Outcome, Reply, Route, Row, Setting};
use ports::PoolError;
use store::Connections;

use crate::{Accounts, faults::told};

pub(crate) const ROUTE: Route<Accounts> = Row::post("accounts.sign_out_everywhere", "/me/sign-out-everywhere")
    .summary("Sign out on every device")
    .description(
        "Refresh tokens end at once, and so do live connections; none is opened with a token from before. For requests, \
         access tokens that are out stay good for an hour at most.",
    )
    .features(&["A19"])
    .needs(&[Setting::UserPoolId, Setting::ClientId])
    .may(&[
        Grant::Pool(&["GlobalSignOut"]),
        Grant::Table("PutItem", &["ACCOUNT#"]),
        Grant::Table("BatchWriteItem", &["CONNECTION#"]),
        Grant::Index("gsi1", &["CONNECTIONS#"]),
        Grant::Connections(&[Method::Delete]),
    ])
    .replies_nothing(204)
    .even_suspended()
    .problems(&[Code::BadToken, Code::TooMany])
    .budget(3, 1.0, 40.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    app.pool()?.sign_out_everywhere(call.bearer()?).await.map_err(|refused| match refused {
        PoolError::WrongCredentials => Fault::from(Code::BadToken),
        other => told(other, ""),
    })?;
    // First nobody opens a connection with an old token, then those that are open end.
    store::Accounts(call.table()?).sign_out(&caller.id, call.now).await?;
    let known = Connections(call.table()?);
    let open = known.of_account(&caller.id, call.now).await?;
    let connections = call.env.connections()?;
    futures::future::join_all(open.iter().map(|connection| connections.hang_up(connection))).await;
    known.remove_all(&open).await?;
    Ok(Reply::nothing())
}
