//! POST /auth/password/forgot: a code to set a new password is mailed, if there is somebody to mail it to.

use edge::{Call, Code, Grant, Outcome, Problem, Reply, Route, Row, Setting};
use ports::PoolError;
use store::Rates;

use crate::{
    Accounts,
    faults::told,
    made::holder_of,
    sign_up_resend::{AddressBody, Mailed, RATE},
};

pub(crate) const ROUTE: Route<Accounts> = Row::post("accounts.password_forgot", "/auth/password/forgot")
    .summary("Mail a code to set a new password")
    .description("Answers the same whether or not the address has an account.")
    .features(&["A17"])
    .anyone()
    .needs(&[Setting::UserPoolId, Setting::ClientId])
    .may(&[Grant::Table("UpdateItem", &["RATE#code#"]), Grant::Pool(&["ForgotPassword"])])
    .takes::<AddressBody>()
    .replies::<Mailed>(202)
    .problems(&[Code::TooMany])
    .budget(2, 0.0, 2.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    let AddressBody { email } = call.body()?;
    if let Err(seconds) = Rates(call.table()?).take(&RATE, &holder_of(&email), call.now).await? {
        return Err(Problem::too_many(seconds).into());
    }
    match app.pool()?.forgot_password(&email).await {
        // No such account, an unconfirmed or a federated one: all the same from outside.
        Ok(()) | Err(PoolError::BadIdentity | PoolError::WrongCredentials | PoolError::Unconfirmed) => {
            Reply::accepted(&Mailed { email })
        }
        Err(PoolError::Failed(what)) if what.contains("InvalidParameter") => Reply::accepted(&Mailed { email }),
        Err(refused) => Err(told(refused, "/email")),
    }
}
