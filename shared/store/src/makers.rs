//! Makers and their directory (rows P7, P8, P13). A maker's entries are made from the profile, the nickname and what is
//! counted of them, all of one person, and are made anew when one of these changes.

use std::collections::HashMap;

use domain::{
    account::Account,
    deal::Deal,
    errand::Journey,
    id::AccountId,
    maker::{Made, Maker, Sort},
    region::ProvinceId,
    search::{self, Query},
    time::{DAY, Time},
    trust::Standing,
};

use crate::{
    accounts::AccountRecord,
    errands::number,
    keys::{self, Index, KIND, PK, SK, TTL},
    table::{Error, Expression, Item, Page, Table, Write, indexed, item, key_of, n, read, s, text},
    trust,
};

/// Entries of a term that a search looks at for one page.
const EXAMINED: usize = 100;
/// How long it is known that a deal was counted: longer than a change may be told again, from the queue of failures too.
const COUNTED_LIFE: i64 = 30 * DAY;

/// Access to makers.
#[derive(Debug, Clone, Copy)]
pub struct Makers<'a>(pub &'a Table);

/// A maker as others see them.
#[derive(Debug, Clone)]
pub struct Card {
    /// Who it is.
    pub account: Account,
    /// What they say of themselves; nothing of somebody who is no maker (any more).
    pub maker: Option<Maker>,
    /// Followers and reviews.
    pub standing: Standing,
    /// Their errands for others.
    pub made: Made,
    /// Whether the reader follows them.
    pub followed: bool,
}

impl Makers<'_> {
    /// What somebody says of themselves as a maker, as it is now.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by_id_now(&self, id: &AccountId) -> Result<Option<Maker>, Error> {
        self.0.get_now(&keys::maker(id)).await
    }

    /// People as makers, for a reader, in the order of their identifiers; those who have left are left out. One round trip.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn cards(&self, ids: &[AccountId], reader: Option<&AccountId>) -> Result<Vec<Card>, Error> {
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let own = |id: &AccountId| [keys::account(id), keys::maker(id), keys::standing(id), keys::made(id)];
        let follow = |id: &AccountId| reader.map(|reader| keys::follow(reader, id));
        let wanted: Vec<_> = ids.iter().flat_map(|id| own(id).into_iter().chain(follow(id))).collect();
        let mut found = self.0.get_wide(&wanted).await?;
        let mut cards = vec![];
        for id in ids {
            let [account, maker, standing, made] = own(id).map(|key| found.remove(&key));
            let account = account.map(AccountRecord::read).transpose()?.and_then(AccountRecord::active);
            let Some(account) = account else { continue };
            cards.push(Card {
                account,
                maker: maker.map(read).transpose()?,
                standing: trust::standing_in(standing),
                made: made_in(made.as_ref()),
                followed: follow(id).is_some_and(|key| found.contains_key(&key)),
            });
        }
        Ok(cards)
    }

    /// Saves a profile. `seen` is the version that was edited, 0 for the first.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when it has another version by now, at 1 when the account has gone.
    pub async fn save(&self, maker: &Maker, seen: u64) -> Result<(), Error> {
        let put = item("maker", keys::maker(&maker.account), maker)?;
        if seen == 0 {
            let new = Write::Put { item: put, condition: Some(Expression::absent()) };
            return self.0.transact(vec![new, trust::there(&maker.account)]).await;
        }
        let seen = Expression::new("#version = :seen", &["version"], vec![(":seen", n(seen))]);
        self.0.write(Write::Put { item: put, condition: Some(seen) }).await
    }

    /// Somebody is a maker no more. That they were none is no fault.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn delete(&self, id: &AccountId) -> Result<(), Error> {
        self.0.write(Write::Delete { key: keys::maker(id), condition: None }).await
    }

    /// Removes some of what somebody who has left was as a maker; `true` while there may be more. Their entries follow.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn remove_some(&self, id: &AccountId) -> Result<bool, Error> {
        let partition = keys::account(id).pk;
        let page = Page { prefix: Some(keys::MADE), keys_only: true, ..Page::of(Index::Table, &partition) };
        let mut found: Vec<_> = self.0.page(&page).await?.iter().filter_map(key_of).collect();
        let more = found.len() == page.limit;
        found.extend([keys::maker(id), keys::made(id)]);
        self.0.put_and_delete(vec![], found).await?;
        Ok(more)
    }

    /// A page of the directory, and where the next begins. A search by nickname looks at a term's entries and checks the
    /// rest from their keys, so that its page may come out short.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn page(
        &self,
        sort: Sort,
        (province, journey): (Option<ProvinceId>, Option<Journey>),
        query: Option<&Query>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<AccountId>, Option<String>), Error> {
        let index = keys::makers_index(sort);
        let (partition, examined) = match query {
            None => (keys::makers(sort, province, journey), limit + 1),
            Some(query) => (keys::maker_term(sort, query.term()), EXAMINED.max(limit + 1)),
        };
        let page = Page { after, forward: false, limit: examined, ..Page::of(index, &partition) };
        let items = self.0.page(&page).await?;
        let (mut ids, mut last) = (vec![], None);
        for entry in items.iter().filter_map(|item| text(item, index.names().2)) {
            let Some((id, described)) = described_in(entry) else { continue };
            if ids.len() == limit {
                return Ok((ids, last));
            }
            let fits = query.is_none_or(|query| {
                let [provinces, journeys, nickname] = described;
                province.is_none_or(|one| provinces.split(',').any(|province| province == one.id()))
                    && journey.is_none_or(|one| journeys.split(',').any(|journey| journey == one.word()))
                    && query.matches(nickname)
            });
            if fits {
                ids.push(id);
            }
            last = Some(entry.to_owned());
        }
        Ok((ids, last.filter(|_| items.len() == examined)))
    }

    /// Makes somebody's entries in the directory what they should be by now: safe to repeat, late and out of order. `true`
    /// while they are a maker.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn follow(&self, id: &AccountId, now: Time) -> Result<bool, Error> {
        let own = [keys::account(id), keys::maker(id), keys::standing(id), keys::made(id)];
        let partition = keys::account(id).pk;
        let page = Page {
            prefix: Some(keys::MAKER_ENTRIES),
            limit: 1000,
            consistent: true,
            ..Page::of(Index::Table, &partition)
        };
        let (mut found, there) = futures::try_join!(self.0.get_many_now(&own), self.0.page(&page))?;
        let [account, maker, standing, made] = own.map(|key| found.remove(&key));
        let account = account.map(AccountRecord::read).transpose()?.and_then(AccountRecord::active);
        let maker: Option<Maker> = maker.map(read).transpose()?;
        let entries = match (&account, &maker) {
            (Some(account), Some(maker)) => {
                entries_of(maker, account, &trust::standing_in(standing), made_in(made.as_ref()), now)
            }
            _ => vec![],
        };
        let gone = there.iter().filter_map(key_of).filter(|key| {
            let is_it = |entry: &&Item| key_of(entry).as_ref() == Some(key);
            !entries.iter().any(|entry| is_it(&entry))
        });
        let gone = gone.collect();
        let come = entries.into_iter().filter(|entry| !there.contains(entry)).collect();
        self.0.put_and_delete(come, gone).await?;
        Ok(maker.is_some())
    }

    /// Counts that a maker's quote was confirmed, or that their errand was done: once, however often it is told.
    ///
    /// # Errors
    /// Those of the table; that it was counted before, or the maker has left, is none.
    pub async fn count(&self, deal: &Deal, completed: bool, now: Time) -> Result<(), Error> {
        let what = if completed { "completed" } else { "confirmed" };
        let maker = &deal.guest;
        let mut mark = item("countedDeal", keys::made_of(maker, what, &deal.id), &serde_json::json!({}))?;
        mark.insert(TTL.into(), n(now.plus(COUNTED_LIFE).seconds()));
        let writes = vec![
            Write::Put { item: mark, condition: Some(Expression::absent()) },
            Write::Update {
                key: keys::made(maker),
                update: "SET #kind = :kind ADD #count :one".replace("#count", &format!("#{what}")).into(),
                condition: Expression::new("", &["kind", what], vec![(":kind", s("made")), (":one", n(1))]),
            },
            trust::there(maker),
        ];
        match self.0.transact(writes).await {
            Err(Error::Clash(_)) => Ok(()),
            other => other,
        }
    }
}

fn made_in(item: Option<&Item>) -> Made {
    let count = |name| item.and_then(|item| number(item, name)).unwrap_or_default();
    Made { confirmed: count("confirmed"), completed: count("completed") }
}

/// Where a maker stands in an order: higher ranks sort later.
fn rank(sort: Sort, standing: &Standing, made: Made, now: Time) -> String {
    let ratings = standing.ratings(now);
    let (count, average) = (ratings.count(), ratings.average());
    // Averages in millionths: two that differ do so by more as long as neither has a thousand reviews.
    let rating = average.map_or(0, |average| average.of.saturating_mul(1_000_000) / average.by.max(1));
    let (first, second) = match sort {
        Sort::Reviews => (count, rating.unsigned_abs()),
        Sort::Rating => (rating.unsigned_abs(), count),
        Sort::Confirmed => (made.confirmed, count),
    };
    format!("{first:010}{second:010}")
}

/// The entries of a maker in the directory.
pub(crate) fn entries_of(maker: &Maker, account: &Account, standing: &Standing, made: Made, now: Time) -> Vec<Item> {
    let id = &maker.account;
    let ranks = Sort::ALL.map(|sort| (sort, rank(sort, standing, made, now)));
    let entry = |name: &str, partition: &dyn Fn(Sort) -> String, described: &str| {
        let key = keys::maker_entry(id, name);
        let mut entry =
            Item::from([(PK.to_owned(), s(&key.pk)), (SK.to_owned(), s(&key.sk)), (KIND.to_owned(), s("entry"))]);
        for (sort, rank) in &ranks {
            indexed(&mut entry, keys::makers_index(*sort), partition(*sort), format!("{rank}#{id}{described}"));
        }
        entry
    };
    let every = |one: &[ProvinceId]| -> Vec<Option<ProvinceId>> {
        std::iter::once(None).chain(one.iter().copied().map(Some)).collect()
    };
    let mut entries = vec![];
    for province in every(&maker.provinces) {
        for journey in std::iter::once(None).chain(maker.journeys.iter().copied().map(Some)) {
            let name = format!("{}#{}", province.map_or("*", ProvinceId::id), journey.map_or("*", Journey::word));
            entries.push(entry(&name, &|sort| keys::makers(sort, province, journey), ""));
        }
    }
    let provinces: Vec<_> = maker.provinces.iter().map(|province| province.id()).collect();
    let journeys: Vec<_> = maker.journeys.iter().map(|journey| journey.word()).collect();
    let nickname = search::fold(account.nickname.as_str());
    let described = format!("#{}#{}#{nickname}", provinces.join(","), journeys.join(","));
    for term in search::index_terms(account.nickname.as_str()) {
        entries.push(entry(&format!("~{term}"), &|sort| keys::maker_term(sort, &term), &described));
    }
    entries
}

/// Whom an entry is of, and what a term's entry says of them: provinces, journeys, nickname.
fn described_in(sk: &str) -> Option<(AccountId, [&str; 3])> {
    let mut parts = sk.splitn(5, '#').skip(1);
    let id = AccountId::parse(parts.next()?).ok()?;
    let mut next = || parts.next().unwrap_or_default();
    Some((id, [next(), next(), next()]))
}

/// Whether what is counted of somebody changed in what makers are listed by.
#[must_use]
pub fn ranks_differ(before: Option<&Item>, after: Option<&Item>) -> bool {
    let relevant = |item: Option<&Item>| -> HashMap<String, aws_sdk_dynamodb::types::AttributeValue> {
        let mut item = item.cloned().unwrap_or_default();
        item.remove("followers");
        item
    };
    relevant(before) != relevant(after)
}
