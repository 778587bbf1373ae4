//! Trigger PreTokenGeneration: what tokens say of their bearer, and that whoever has left gets none.

use domain::id::AccountId;
use edge::{Code, Event, Fault, Grant, Route, Row};
use serde_json::{Value, json};
use store::AccountRecord;

use crate::Accounts;

pub(crate) const ROUTE: Route<Accounts> = Row::pool("accounts.pre_token_generation", "pre_token_generation_config")
    .summary("Before tokens are made: tier, onboarding, home district and a suspension go into them")
    .features(&["A7", "A14", "A20", "A22", "X1"])
    .may(&[Grant::Table("BatchGetItem", &["ACCOUNT#"])])
    .budget(1, 2.0, 0.0)
    .event(|app, event| Box::pin(handle(app, event)));

async fn handle(_: &Accounts, mut event: Event<'_>) -> Result<Value, Fault> {
    let sub = event.payload["request"]["userAttributes"]["sub"].as_str().unwrap_or_default();
    let id = AccountId::parse(sub).map_err(|_| Fault::internal("the pool named nobody"))?;
    let (onboarded, region, suspension) = match store::Accounts(event.table()?).with_suspension(&id, event.now).await? {
        Some((AccountRecord::Withdrawn, _)) => return Err(Code::BadToken.into()),
        Some((AccountRecord::Active(account), suspension)) => (account.onboarded, account.region, suspension),
        None => (false, None, None),
    };
    // Everybody is on the free tier until tiers can be bought. The district saves the feed a look at the account.
    let mut added = json!({"tier": "free", "onboarded": onboarded.to_string()});
    if let Some(region) = region {
        added["region"] = region.id().into();
    }
    // Every door reads it there; what was decided since the token was made, doors read elsewhere.
    if let Some(suspension) = suspension {
        added["suspendedUntil"] = suspension.until.to_string().into();
        added["suspendedFor"] = suspension.reason.as_str().into();
    }
    let claims = json!({"claimsToAddOrOverride": added});
    event.payload["response"]["claimsAndScopeOverrideDetails"] =
        json!({"idTokenGeneration": claims, "accessTokenGeneration": claims});
    Ok(event.payload)
}
