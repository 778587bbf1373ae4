//! GET /me/wallet/entries: every line of the caller's wallet.

use domain::{
    coins::{Entry, Reason},
    id::DealId,
    time::Time,
};
use edge::{Call, Code, Grant, ListQuery, Outcome, Paged, Reply, Route, Row, Setting};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Wallet;

pub(crate) const ROUTE: Route<Wallet> = Row::get("wallet.entries", "/me/wallet/entries")
    .summary("Where one's coins came from and went to, the latest first")
    .features(&["S3"])
    .needs(&[Setting::CursorKey])
    .may(&[Grant::Table("Query", &["PURSE#"])])
    .query::<ListQuery>()
    .replies::<Paged<EntryView>>(200)
    .problems(&[Code::BadCursor])
    .budget(1, 20.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// A line of a wallet.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "WalletEntry")]
struct EntryView {
    /// What the movement is named by.
    id: String,
    /// Coins that came, or (below zero) went.
    coins: i64,
    /// Why.
    reason: Reason,
    /// What it is about: a deal's title, an administrator's words.
    about: String,
    /// The deal.
    deal_id: Option<DealId>,
    /// When.
    at: Time,
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        let Entry { movement, coins, reason, about, deal, at, .. } = entry;
        Self { id: movement, coins, reason, about, deal_id: deal, at }
    }
}

async fn handle(_: &Wallet, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let ListQuery { limit, cursor, .. } = call.query::<ListQuery>()?;
    let after = call.position(cursor.as_ref())?;
    let (entries, next) = store::Wallets(call.table()?).entries(me, after.as_deref(), limit.0).await?;
    Reply::ok(&call.paged(entries.into_iter().map(EntryView::from).collect(), next)?)
}
