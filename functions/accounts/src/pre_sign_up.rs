//! Trigger PreSignUp: who may become a user of the pool, and whose identity belongs to an account that is there.

use domain::{
    account::{Account, Provider, TERMS_VERSION},
    id::AccountId,
    text::{Email, Nickname},
};
use edge::{Code, Event, Fault, Grant, Route, Row};
use ports::{Identity, PoolError};
use serde_json::Value;
use store::AccountRecord;

use crate::{Accounts, faults::told, made::Known};

pub(crate) const ROUTE: Route<Accounts> = Row::pool("accounts.pre_sign_up", "pre_sign_up")
    .summary("Before somebody becomes a user: terms, nickname, linking by a verified address")
    .features(&["A1", "A15", "A23"])
    .may(&[
        Grant::Table("GetItem", &["ACCOUNT#"]),
        Grant::Table("PutItem", &["ACCOUNT#"]),
        Grant::Pool(&["ListUsers", "AdminLinkProviderForUser"]),
    ])
    .event(|app, event| Box::pin(handle(app, event)));

/// What a sign-in that linked an identity fails with, for the browser to try once more.
pub(crate) const LINKED: &str = "ACCOUNT_LINKED";

async fn handle(app: &Accounts, event: Event<'_>) -> Result<Value, Fault> {
    match event.payload["triggerSource"].as_str() {
        Some("PreSignUp_SignUp") => check(&event)?,
        Some("PreSignUp_ExternalProvider") => link(app, &event).await?,
        // An administrator knows what they are doing.
        _ => {}
    }
    Ok(event.payload)
}

/// The pool's client is public: whoever calls it past our own route meets the same rules here.
fn check(event: &Event<'_>) -> Result<(), Fault> {
    let request = &event.payload["request"];
    let attribute = |name: &str| request["userAttributes"][name].as_str().unwrap_or_default();
    let agreed = attribute("custom:terms") == TERMS_VERSION;
    let nickname = Nickname::parse(attribute("nickname")).is_ok();
    let email = Email::parse(attribute("email")).is_ok_and(|email| email.as_str() == attribute("email"));
    if agreed && nickname && email { Ok(()) } else { Err(Code::InvalidFields.into()) }
}

async fn link(app: &Accounts, event: &Event<'_>) -> Result<(), Fault> {
    let username = event.payload["userName"].as_str().unwrap_or_default();
    let Some(identity) = Identity::in_username(username) else { return Ok(()) };
    let attributes = event.payload["request"]["userAttributes"].as_object().cloned().unwrap_or_default();
    let known = Known { username, attributes: &attributes };
    // Only an address that its provider vouches for: everybody else links from a session of their own.
    let Some(email) = known.verified_email() else { return Ok(()) };

    let pool = app.pool_of(event);
    let users = pool.users_with_email(&email).await.map_err(|refused| told(refused, ""))?;
    let own = users
        .iter()
        .find(|user| user.confirmed && user.email_verified && Identity::in_username(&user.username).is_none());
    let Some(own) = own else { return Ok(()) };
    match pool.link(&own.username, &identity).await {
        Ok(()) | Err(PoolError::BadIdentity) => {}
        Err(refused) => return Err(told(refused, "")),
    }
    if let Ok(id) = AccountId::parse(&own.sub) {
        remember(event, &id, identity.provider).await?;
    }
    // The user that this sign-in was about to make must not come to be; the next sign-in finds the account.
    Err(Fault::Said(format!("{LINKED}:{}", identity.provider.pool_name())))
}

/// Notes at the account that its person can sign in by the provider now.
async fn remember(event: &Event<'_>, id: &AccountId, provider: Provider) -> Result<(), Fault> {
    let accounts = store::Accounts(event.table()?);
    let Some(AccountRecord::Active(before)) = accounts.by_id_now(id).await? else { return Ok(()) };
    if before.sign_in_by.contains(&provider) {
        return Ok(());
    }
    let mut sign_in_by = before.sign_in_by.clone();
    sign_in_by.push(provider);
    sign_in_by.sort_unstable();
    let after = Account { sign_in_by, updated_at: event.now, version: before.version + 1, ..(*before).clone() };
    match accounts.save(&before, &after, event.now).await {
        // Edited at this moment: the list is for show, and the next linking mends it.
        Ok(()) | Err(store::Error::Clash(_)) => Ok(()),
        Err(other) => Err(other.into()),
    }
}
