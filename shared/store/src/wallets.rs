//! Wallets: a double-entry ledger of coins (rows S1, S3, S4). Every movement is two lines and two balances, written
//! together; the platform's side has lines and no balance, since it is what all the others have, below zero.

use domain::{
    coins::{Entry, MOST_HELD, Movement, Purse},
    id::AccountId,
};

use crate::{
    keys::{self, Index},
    receipts::Receipt,
    table::{Error, Expression, Item, Page, Table, Write, item, n, read, text},
};

/// Access to wallets.
#[derive(Debug, Clone, Copy)]
pub struct Wallets<'a>(pub &'a Table);

/// The writes of a movement, to be written with what it is for. In this order: the purse that gives, its line, the purse
/// that takes, its line; the platform's purse has none, so that a movement from or to it is three.
///
/// # Errors
/// [`Error::Failed`] when it cannot be spelled. As writes: a clash at the purse that gives when it has too few coins, at a
/// line when the movement was made before, at the purse that takes when it would hold more than any may.
pub(crate) fn moved(movement: &Movement) -> Result<Vec<Write>, Error> {
    let coins = movement.coins.0;
    let mut writes = vec![];
    for (purse, entry) in movement.entries() {
        if purse != Purse::Platform {
            let (update, text) = if entry.coins < 0 {
                ("SET #balance = #balance - :coins, #kind = :kind", "#balance >= :coins")
            } else {
                (
                    "SET #balance = if_not_exists(#balance, :none) + :coins, #kind = :kind",
                    "attribute_not_exists(#balance) OR #balance <= :most",
                )
            };
            let mut values = vec![(":coins", n(coins)), (":kind", crate::table::s("purse"))];
            if entry.coins > 0 {
                values.extend([(":none", n(0)), (":most", n(MOST_HELD - coins))]);
            }
            let condition = Expression::new(text, &["balance", "kind"], values);
            writes.push(Write::Update { key: keys::purse(&purse, &movement.id), update: update.into(), condition });
        }
        let line = item("entry", keys::entry(&purse, entry.at, &movement.id), &entry)?;
        writes.push(Write::Put { item: line, condition: Some(Expression::absent()) });
    }
    Ok(writes)
}

/// The coins in a purse's item.
pub(crate) fn balance_in(item: Option<&Item>) -> u64 {
    item.and_then(|item| item.get("balance")?.as_n().ok()?.parse().ok()).unwrap_or(0)
}

impl Wallets<'_> {
    /// How many coins somebody has.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn balance(&self, account: &AccountId) -> Result<u64, Error> {
        let purse = Purse::Person(account.clone());
        Ok(balance_in(self.0.get_item(&keys::purse(&purse, ""), true).await?.as_ref()))
    }

    /// A page of the lines of somebody's wallet, the latest first, and where the next begins.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn entries(
        &self,
        account: &AccountId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Entry>, Option<String>), Error> {
        let partition = keys::purse(&Purse::Person(account.clone()), "").pk;
        let page = Page {
            prefix: Some(keys::ENTRIES),
            after,
            forward: false,
            limit: limit + 1,
            consistent: true,
            ..Page::of(Index::Table, &partition)
        };
        let mut items = self.0.page(&page).await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().and_then(|item| text(item, keys::SK)).map(str::to_owned) } else { None };
        Ok((items.into_iter().map(read).collect::<Result<_, _>>()?, next))
    }

    /// Makes a movement for itself, once, with the receipt of the request that asked for it.
    ///
    /// # Errors
    /// [`Error::Clash`] as [`moved`] says; at the end when the receipt exists.
    pub async fn make(&self, movement: &Movement, receipt: Option<Receipt>) -> Result<(), Error> {
        let mut writes = moved(movement)?;
        if let Some(receipt) = receipt {
            writes.push(receipt.write()?);
        }
        self.0.transact(writes).await
    }

    /// The coins and every line of a purse, for an audit; the platform's has lines alone.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn whole(&self, purse: &Purse) -> Result<(Option<u64>, Vec<Entry>), Error> {
        let partitions = match purse {
            Purse::Platform => (0..keys::SHARDS).map(keys::platform).collect(),
            other => vec![keys::purse(other, "")],
        };
        let mut entries = vec![];
        for key in &partitions {
            let mut after: Option<String> = None;
            loop {
                let page = Page {
                    prefix: Some(keys::ENTRIES),
                    after: after.as_deref(),
                    consistent: true,
                    ..Page::of(Index::Table, &key.pk)
                };
                let items = self.0.page(&page).await?;
                let next = items.last().filter(|_| items.len() == page.limit).and_then(|item| text(item, keys::SK));
                after = next.map(str::to_owned);
                entries.extend(items.into_iter().map(read::<Entry>).collect::<Result<Vec<_>, _>>()?);
                if after.is_none() {
                    break;
                }
            }
        }
        let balance = match purse {
            Purse::Platform => None,
            _ => Some(balance_in(self.0.get_item(&partitions[0], true).await?.as_ref())),
        };
        Ok((balance, entries))
    }
}
