//! POST /admin/accounts/{accountId}/coins: an administrator gives somebody coins.

use deserr::Deserr;
use domain::{
    coins::{Coins, Movement, Purse, Reason},
    id::AccountId,
    input::Invalid,
    text::ReasonText,
};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row};
use ports::fresh_ulid;
use schemars::JsonSchema;
use store::{AccountRecord, Accounts, Error, Wallets};

use crate::{Wallet, show::WalletView};

pub(crate) const ROUTE: Route<Wallet> = Row::post("wallet.grant", "/admin/accounts/{accountId}/coins")
    .summary("Give somebody coins, for a reason that they read")
    .description("From the platform's side of the ledger. With an `Idempotency-Key`, sent again it is given once.")
    .features(&["S1", "S3", "X3"])
    .admin()
    .idempotent()
    .may(&[
        Grant::Table("GetItem", &["ACCOUNT#", "PURSE#", "RECEIPT#wallet.grant#"]),
        Grant::Table("PutItem", &["PURSE#", "RECEIPT#wallet.grant#"]),
        Grant::Table("UpdateItem", &["PURSE#"]),
    ])
    .takes::<Body>()
    .replies::<WalletView>(201)
    .problems(&[Code::WalletFull])
    .budget(3, 4.0, 14.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Debug, Deserr, JsonSchema)]
#[schemars(rename = "CoinGrant", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    /// How many.
    coins: Coins,
    /// Why.
    reason: ReasonText,
}

async fn handle(_: &Wallet, call: &Call<'_>) -> Outcome {
    let account = call.path("accountId", AccountId::parse)?;
    let Body { coins, reason } = call.body()?;
    let (accounts, wallets) = (Accounts(call.table()?), Wallets(call.table()?));
    let (record, balance) = futures::try_join!(accounts.by_id(&account), wallets.balance(&account))?;
    record.and_then(AccountRecord::active).ok_or(Code::NotFound)?;
    let movement = Movement {
        id: format!("grant#{}", fresh_ulid(call.now)),
        from: Purse::Platform,
        to: Purse::Person(account),
        coins,
        reason: Reason::Grant,
        about: reason.as_str().to_owned(),
        deal: None,
        at: call.now,
    };
    let reply = Reply::created("/me/wallet".to_owned(), &WalletView::of(balance + coins.0))?;
    match wallets.make(&movement, call.receipt(&reply)).await {
        Ok(()) => Ok(reply),
        // The platform's line, the purse, its line, the receipt.
        Err(Error::Clash(clash)) if clash.at(1) => Err(Code::WalletFull.into()),
        Err(Error::Clash(_)) => Err(Code::InProgress.into()),
        Err(other) => Err(Fault::from(other)),
    }
}
