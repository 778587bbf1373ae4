//! Trigger PostConfirmation: whoever confirmed their address, or came by a provider for the first time, gets an account.

use edge::{Event, Fault, Grant, Route, Row};
use serde_json::Value;

use crate::{
    Accounts,
    made::{Known, ensured},
};

pub(crate) const ROUTE: Route<Accounts> = Row::pool("accounts.post_confirmation", "post_confirmation")
    .summary("After somebody became a user: make their account")
    .features(&["A1", "A2", "A14"])
    .may(&[Grant::Table("GetItem", &["ACCOUNT#"]), Grant::Table("PutItem", &["ACCOUNT#", "NICKNAME#"])])
    .budget(3, 2.0, 10.0)
    .event(|app, event| Box::pin(handle(app, event)));

async fn handle(_: &Accounts, event: Event<'_>) -> Result<Value, Fault> {
    if event.payload["triggerSource"] == "PostConfirmation_ConfirmSignUp" {
        let username = event.payload["userName"].as_str().unwrap_or_default().to_owned();
        let attributes = event.payload["request"]["userAttributes"].as_object().cloned().unwrap_or_default();
        let known = Known { username: &username, attributes: &attributes };
        ensured(event.table()?, &known, event.now).await?;
    }
    Ok(event.payload)
}
