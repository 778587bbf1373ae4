//! GET /me/wallet: how many coins the caller has.

use domain::coins::KRW;
use edge::{Call, Grant, Outcome, Reply, Route, Row};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Wallet;

pub(crate) const ROUTE: Route<Wallet> = Row::get("wallet.show", "/me/wallet")
    .summary("One's own coins")
    .features(&["S1"])
    .may(&[Grant::Table("GetItem", &["PURSE#"])])
    .replies::<WalletView>(200)
    .budget(1, 1.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// A wallet.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Wallet")]
pub(crate) struct WalletView {
    /// Coins. What is held for deals is not among them.
    pub(crate) balance: u64,
    /// What a coin is worth, in KRW.
    pub(crate) krw_per_coin: u64,
}

impl WalletView {
    pub(crate) fn of(balance: u64) -> Self {
        Self { balance, krw_per_coin: KRW }
    }
}

async fn handle(_: &Wallet, call: &Call<'_>) -> Outcome {
    let balance = store::Wallets(call.table()?).balance(&call.caller()?.id).await?;
    Reply::ok(&WalletView::of(balance))
}
