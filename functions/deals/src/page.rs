//! GET /me/page: everything of a tab of one's own page in one call.

use std::collections::HashMap;

use deserr::Deserr;
use domain::{
    deal::{By, Deal, Facts, Phase, Subject},
    id::AccountId,
    input::Invalid,
    listing::Status,
    time::Time,
};
use edge::{Call, Code, Fault, Grant, ListQuery, Outcome, Paged, Reply, Route, Row, Setting};
use futures::try_join;
use schemars::JsonSchema;
use serde::Serialize;
use store::Accounts;

use crate::{
    Deals,
    views::{DealView, Look},
};

pub(crate) const ROUTE: Route<Deals> = Row::get("deals.page", "/me/page")
    .summary("One's own page: a tab of deals, and how many there are in each")
    .description("Listings and bookmarks have lists of their own: `GET /me/listings`, `GET /me/bookmarks`.")
    .features(&["P18", "D22", "D25"])
    .needs(&[Setting::MediaUrl, Setting::CursorKey])
    .may(&[
        Grant::Index("gsi1", &["DEALS#"]),
        Grant::Index("gsi2", &["DEALS#"]),
        Grant::Table("GetItem", &["PURSE#"]),
        Grant::Table("BatchGetItem", &["DEAL#", "LISTING#", "ERRAND#", "ACCOUNT#"]),
    ])
    .query::<ListQuery<Which>>()
    .replies::<PageView>(200)
    .problems(&[Code::BadCursor])
    .budget(3, 420.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Debug, Deserr, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Which {
    /// Which tab.
    tab: Phase,
}

/// A tab of one's own page.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "MyPage")]
struct PageView {
    /// Coins in the wallet.
    coins: u64,
    /// How many deals there are in each tab.
    counts: Counts,
    /// The tab's deals.
    deals: Paged<DealView>,
}

/// How many deals somebody has; 100 means as many or more.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DealCounts")]
struct Counts {
    proposed: usize,
    ongoing: usize,
    done: usize,
    failed: usize,
}

async fn handle(_: &Deals, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let ListQuery { limit, cursor, rest } = call.query::<ListQuery<Which>>()?;
    let after = call.position(cursor.as_ref())?;
    let (store, wallets) = (store::Deals(call.table()?), store::Wallets(call.table()?));
    let (coins, proposed, ongoing, done, failed, (deals, next)) = try_join!(
        wallets.balance(me),
        store.count(me, Phase::Proposed),
        store.count(me, Phase::Ongoing),
        store.count(me, Phase::Done),
        store.count(me, Phase::Failed),
        store.of(me, rest.tab, after.as_deref(), limit.0),
    )?;
    let most = |count: usize| count.min(100);
    let counts = Counts { proposed: most(proposed), ongoing: most(ongoing), done: most(done), failed: most(failed) };
    let deals = call.paged(looked_at(call, &deals).await?, next)?;
    Reply::ok(&PageView { coins, counts, deals })
}

/// Deals as the caller sees them: who the others are and how what they are about stands is read in one round trip.
pub(crate) async fn looked_at(call: &Call<'_>, deals: &[Deal]) -> Result<Vec<DealView>, Fault> {
    let me = &call.caller()?.id;
    let mut people: Vec<AccountId> = deals.iter().flat_map(|deal| [deal.host.clone(), deal.guest.clone()]).collect();
    people.sort_unstable();
    people.dedup();
    let accounts = Accounts(call.table()?);
    let (people, subjects) = try_join!(accounts.by_ids(&people), standing(call.table()?, deals, call.now))?;
    let is_admin = call.row.access == edge::Access::Admin;
    let reader = if is_admin { By::Admin(me) } else { By::Account(me) };
    let look = Look { people: &people, reader, media_url: call.setting(Setting::MediaUrl)?, now: call.now };
    let view = |deal: &Deal| {
        let facts = Facts { subject: subjects.get(deal.subject.as_str()).copied(), ..Facts::default() };
        DealView::of(deal, &facts, &look)
    };
    Ok(deals.iter().map(view).collect())
}

async fn standing(table: &store::Table, deals: &[Deal], now: Time) -> Result<HashMap<String, Status>, store::Error> {
    let mut listings = vec![];
    let mut errands = vec![];
    for deal in deals {
        match &deal.subject {
            Subject::Listing(id) if !listings.contains(id) => listings.push(id.clone()),
            Subject::Errand(id) if !errands.contains(id) => errands.push(id.clone()),
            _ => {}
        }
    }
    let (listing_store, errand_store) = (store::Listings(table), store::Errands(table));
    let (listings, errands) = try_join!(listing_store.by_ids(&listings), errand_store.by_ids(&errands))?;
    let listings = listings.into_iter().map(|one| (one.id.as_str().to_owned(), one.status_at(now)));
    let errands = errands.into_iter().map(|one| (one.id.as_str().to_owned(), one.status_at(now)));
    Ok(listings.chain(errands).collect())
}
