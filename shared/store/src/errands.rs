//! Errands: their owner's lists by state and day, and what makers look through. As with listings, every way that can be
//! narrowed is a partition, and a page reads its entries alone; unlike theirs, an errand's entries hang on the errand, so
//! that following a change twice or late comes to the same.

use std::collections::BTreeMap;

use domain::{
    deal::Subject,
    errand::{Designation, Errand, Journey, Mine},
    id::{AccountId, DealId, ErrandId},
    listing::Status,
    maker::Maker,
    region::ProvinceId,
    search::{self, Query},
    time::{DAY, Time},
};

use crate::{
    deals,
    due::DueKind,
    feeds::Order,
    keys::{self, Index, KIND, Key, PK, SK},
    receipts::Receipt,
    table::{Error, Expression, Item, Page, Table, Write, indexed, item, key_of, n, read, s, text},
};

/// Entries that a narrowed feed looks at in each partition for one page, at most.
const EXAMINED: usize = 100;

/// Access to errands.
#[derive(Debug, Clone, Copy)]
pub struct Errands<'a>(pub &'a Table);

/// An errand, and what somebody has to do with it.
#[derive(Debug)]
pub struct ForReader {
    /// The errand.
    pub errand: Errand,
    /// What the reader says of themselves as a maker.
    pub maker: Option<Maker>,
    /// The quote that the reader has on it and that is not over.
    pub quote: Option<DealId>,
    /// Whether and how the reader was asked for one.
    pub designation: Option<Designation>,
    /// How many makers it waits for.
    pub asking: u64,
}

/// What a maker looks for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Where.
    pub provinces: &'a [ProvinceId],
    /// Of these kinds; of all where there is none.
    pub journeys: &'a [Journey],
    /// With this in the title.
    pub query: Option<&'a Query>,
    /// Wherever it is, what this maker was asked for.
    pub asked: Option<&'a AccountId>,
}

/// An errand as a maker comes upon it.
#[derive(Debug)]
pub struct Seen {
    /// The errand.
    pub errand: Errand,
    /// Whether the maker has a quote on it that is not over.
    pub quoted: bool,
    /// Whether the maker was asked, and has not said no.
    pub designated: bool,
}

impl Errands<'_> {
    /// An errand as it is now.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by_id_now(&self, id: &ErrandId) -> Result<Option<Errand>, Error> {
        self.0.get_now(&keys::errand(id)).await
    }

    /// Errands in the order of their identifiers; those that are gone are left out.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by_ids(&self, ids: &[ErrandId]) -> Result<Vec<Errand>, Error> {
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let mut found = self.0.get_many(&ids.iter().map(keys::errand).collect::<Vec<_>>()).await?;
        ids.iter().filter_map(|id| found.remove(&keys::errand(id))).map(read).collect()
    }

    /// An errand as it is now with what somebody has to do with it.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn for_reader(&self, id: &ErrandId, reader: Option<&AccountId>) -> Result<Option<ForReader>, Error> {
        let (errand, asking) = (keys::errand(id), keys::asking(id));
        let mut wanted = vec![errand.clone()];
        let own = reader.map(|reader| {
            let offer = keys::offer(&Subject::Errand(id.clone()), reader);
            [keys::maker(reader), offer, keys::designation(id, reader), asking]
        });
        wanted.extend(own.iter().flatten().cloned());
        let mut found = self.0.get_many_now(&wanted).await?;
        let Some(errand) = found.remove(&errand) else { return Ok(None) };
        let [maker, quote, designation, asking] = match own {
            Some(keys) => keys.map(|key| found.remove(&key)),
            None => [const { None }; 4],
        };
        Ok(Some(ForReader {
            errand: read(errand)?,
            maker: maker.map(read).transpose()?,
            quote: quote.as_ref().and_then(deals::deal_in),
            designation: designation.map(read).transpose()?,
            asking: asking.as_ref().and_then(|item| number(item, "open")).unwrap_or_default(),
        }))
    }

    /// Puts an errand up.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when it exists, at 1 when the receipt does.
    pub async fn create(&self, errand: &Errand, receipt: Option<Receipt>) -> Result<(), Error> {
        let put = Write::Put { item: errand_item(errand)?, condition: Some(Expression::absent()) };
        match receipt {
            Some(receipt) => self.0.transact(vec![put, receipt.write()?]).await,
            None => self.0.write(put).await,
        }
    }

    /// Saves a changed errand.
    ///
    /// # Errors
    /// [`Error::Clash`] when it has another version by now.
    pub async fn save(&self, before: &Errand, after: &Errand) -> Result<(), Error> {
        self.0.write(saved(before, after)?).await
    }

    /// A page of somebody's errands, by their day: what goes on the soonest first, what is over the latest first; and where
    /// the next begins. That a day is over is a fact, whether or not it was written down.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn of_host(
        &self,
        host: &AccountId,
        mine: Mine,
        after: Option<&str>,
        limit: usize,
        now: Time,
    ) -> Result<(Vec<ErrandId>, Option<String>), Error> {
        let of = |status| keys::errands_of(host, status);
        let [open, reserved, closed, expired] =
            [of(Status::Open), of(Status::Reserved), of(Status::Closed), of(Status::Expired)];
        let (over, begun) = (keys::by_time(now, "~"), keys::by_time(now.plus(DAY), "~"));
        let forward = matches!(mine, Mine::Ongoing | Mine::ReadyToComplete);
        let page = |partition| Page { after, forward, limit: limit + 1, ..Page::of(Index::Gsi1, partition) };
        let pages = match mine {
            Mine::Ongoing => {
                let ahead = Some(after.map_or(over.as_str(), |after| after.max(over.as_str())));
                vec![Page { after: ahead, ..page(&open) }, page(&reserved)]
            }
            Mine::ReadyToComplete => vec![Page { until: Some(&begun), ..page(&reserved) }],
            Mine::Completed => vec![page(&closed)],
            Mine::Overdue => {
                let until = after.is_none().then_some(over.as_str());
                vec![page(&expired), Page { until, ..page(&open) }]
            }
        };
        let mut found = merged(self.0, &pages).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = if more { found.last().cloned() } else { None };
        Ok((found.iter().filter_map(|sk| id_in(sk)).collect(), next))
    }

    /// Removes some of the errands of somebody who has left; `true` while there may be more.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn remove_some_of(&self, host: &AccountId) -> Result<bool, Error> {
        let partitions = Status::ALL.map(|status| keys::errands_of(host, status));
        let pages: Vec<_> = partitions.iter().map(|partition| Page::of(Index::Gsi1, partition)).collect();
        let found = merged(self.0, &pages).await?;
        let gone = found.iter().filter_map(|sk| id_in(sk)).map(|id| keys::errand(&id)).collect();
        self.0.put_and_delete(vec![], gone).await?;
        Ok(found.len() >= 100)
    }

    /// A page of the open errands that a maker looks for, and where the next begins. Where more is asked than a partition
    /// says, a page may come out short.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn feed(
        &self,
        wanted: &Wanted<'_>,
        order: Order,
        after: Option<&str>,
        limit: usize,
        now: Time,
    ) -> Result<(Vec<ErrandId>, Option<String>), Error> {
        let (index, word, forward) = match order {
            Order::Newest => (Index::Gsi1, "new", false),
            Order::Soonest => (Index::Gsi2, "soon", true),
        };
        let one_journey = (wanted.journeys.len() == 1).then(|| wanted.journeys[0]);
        let partitions: Vec<String> = match (wanted.asked, wanted.query) {
            (Some(maker), _) => vec![keys::designated(maker)],
            (None, Some(query)) => {
                wanted.provinces.iter().map(|province| keys::errand_term(word, query.term(), *province)).collect()
            }
            (None, None) => {
                wanted.provinces.iter().map(|province| keys::errand_feed(word, *province, one_journey)).collect()
            }
        };
        let by_partition = wanted.asked.is_none() && wanted.query.is_none_or(Query::is_exact);
        let all_fit = by_partition && (wanted.journeys.is_empty() || (one_journey.is_some() && wanted.query.is_none()));
        let examined = if all_fit { limit + 1 } else { EXAMINED.max(limit + 1) };
        // Days that are over are not read at all.
        let over = keys::by_time(now, "~");
        let after = match order {
            Order::Newest => after,
            Order::Soonest => Some(after.map_or(over.as_str(), |after| after.max(over.as_str()))),
        };
        let page = |partition| Page { after, forward, limit: examined, ..Page::of(index, partition) };
        let pages: Vec<_> = partitions.iter().map(|partition| page(partition)).collect();
        let mut entries = merged(self.0, &pages).await?;
        entries.truncate(examined);
        let (mut ids, mut last) = (vec![], None);
        for entry in &entries {
            let Some((position, id, journey, title)) = described_in(entry) else { continue };
            if ids.len() == limit {
                return Ok((ids, last));
            }
            let fits = wanted.journeys.is_empty() || wanted.journeys.iter().any(|one| one.word() == journey);
            if fits && wanted.query.is_none_or(|query| query.matches(title)) {
                ids.push(id);
            }
            last = Some(position.to_owned());
        }
        Ok((ids, last.filter(|_| entries.len() == examined)))
    }

    /// Errands as a maker comes upon them, in the order of their identifiers; those that are gone are left out.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn seen(&self, ids: &[ErrandId], by: &AccountId) -> Result<Vec<Seen>, Error> {
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let keys_of = |id: &ErrandId| {
            [keys::errand(id), keys::offer(&Subject::Errand(id.clone()), by), keys::designation(id, by)]
        };
        let mut found = self.0.get_wide(&ids.iter().flat_map(keys_of).collect::<Vec<_>>()).await?;
        let mut seen = vec![];
        for id in ids {
            let [errand, offer, designation] = keys_of(id).map(|key| found.remove(&key));
            let Some(errand) = errand else { continue };
            let designation: Option<Designation> = designation.map(read).transpose()?;
            seen.push(Seen {
                errand: read(errand)?,
                quoted: offer.is_some(),
                designated: designation.is_some_and(|designation| designation.invites()),
            });
        }
        Ok(seen)
    }

    /// A page of the quotes on an errand that wait for an answer, in no order that says anything, and where the next begins.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn quotes(
        &self,
        id: &ErrandId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<DealId>, Option<String>), Error> {
        let partition = keys::errand(id).pk;
        let last = format!("{}~", keys::OFFERS);
        let page = Page {
            after: Some(after.unwrap_or(keys::OFFERS)),
            until: Some(&last),
            limit: limit + 1,
            consistent: true,
            ..Page::of(Index::Table, &partition)
        };
        let (items, next) = crate::trust::cut(self.0.page(&page).await?, limit, SK);
        Ok((items.iter().filter_map(deals::deal_in).collect(), next))
    }

    /// How many errands are open, by province and kind of journey; what is not named has none.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn demand(&self) -> Result<BTreeMap<(ProvinceId, Journey), u64>, Error> {
        // There are no more than provinces times kinds.
        let page = Page { limit: 1000, ..Page::of(Index::Table, keys::DEMAND) };
        let one = |item: &Item| {
            let (province, journey) = text(item, SK)?.split_once('#')?;
            let journey = Journey::ALL.into_iter().find(|one| one.word() == journey)?;
            Some(((ProvinceId::parse(province)?, journey), number(item, "open")?))
        };
        Ok(self.0.page(&page).await?.iter().filter_map(one).collect())
    }

    /// Makes an errand's entries and what is counted follow it as it is now, whichever of its changes is told: safe to
    /// repeat, late and out of order. `true` while it is open.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn follow(&self, told: &Errand) -> Result<bool, Error> {
        let now = self.by_id_now(&told.id).await?;
        let open = now.as_ref().is_some_and(|now| now.status == Status::Open);
        let entries = entries_of(told);
        let (come, gone) =
            if open { (entries.into_values().collect(), vec![]) } else { (vec![], entries.into_keys().collect()) };
        self.0.put_and_delete(come, gone).await?;
        // A mark says whether it is counted: both change together, while the errand is as it was seen.
        let (mark, counter) = (keys::demanded(&told.id), keys::demand(told.province, told.journey));
        let seen = match &now {
            Some(now) => Expression::new("#version = :seen", &["version"], vec![(":seen", n(now.version))]),
            None => Expression::absent(),
        };
        let mark = if open {
            let put = item("counted", mark, &serde_json::json!({}))?;
            Write::Put { item: put, condition: Some(Expression::absent()) }
        } else {
            let there = Expression::new("attribute_exists(pk)", &[], vec![]);
            Write::Delete { key: mark, condition: Some(there) }
        };
        let count = Write::Update {
            key: counter,
            update: "SET #kind = :kind ADD #open :by".into(),
            condition: Expression::new(
                "",
                &["kind", "open"],
                vec![(":kind", s("demand")), (":by", n(if open { 1 } else { -1 }))],
            ),
        };
        let check = Write::Check { key: keys::errand(&told.id), condition: seen };
        match self.0.transact(vec![mark, count, check]).await {
            // Counted before; or changed at this moment, which is told of as well.
            Ok(()) | Err(Error::Clash(_)) => Ok(open),
            Err(other) => Err(other),
        }
    }

    /// Removes what hung on an errand that is gone, but for its deals, which have two sides.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn remove_hanging(&self, id: &ErrandId) -> Result<(), Error> {
        let partition = keys::errand(id).pk;
        loop {
            let page = Page { prefix: Some(keys::DESIGNATIONS), keys_only: true, ..Page::of(Index::Table, &partition) };
            let mut found: Vec<Key> = self.0.page(&page).await?.iter().filter_map(key_of).collect();
            let more = found.len() == page.limit;
            found.push(keys::asking(id));
            self.0.put_and_delete(vec![], found).await?;
            if !more {
                return Ok(());
            }
        }
    }
}

/// The sort keys of several pages of an index in their common order.
pub(crate) async fn merged(table: &Table, pages: &[Page<'_>]) -> Result<Vec<String>, Error> {
    let found = pages.iter().map(|page| async move {
        let (_, _, sk) = page.index.names();
        let items = table.page(page).await?;
        Ok::<_, Error>(items.iter().filter_map(|item| text(item, sk).map(str::to_owned)).collect::<Vec<_>>())
    });
    let mut all = futures::future::try_join_all(found).await?.concat();
    all.sort_unstable();
    if pages.iter().any(|page| !page.forward) {
        all.reverse();
    }
    Ok(all)
}

/// The errand in an item.
///
/// # Errors
/// When it is none.
pub fn errand_in(item: &Item) -> Result<Errand, Error> {
    read(item.clone())
}

/// A number in an item.
pub(crate) fn number(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// Puts a changed errand in the place of the one that was seen.
pub(crate) fn saved(before: &Errand, after: &Errand) -> Result<Write, Error> {
    let seen = Expression::new("#version = :seen", &["version"], vec![(":seen", n(before.version))]);
    Ok(Write::Put { item: errand_item(after)?, condition: Some(seen) })
}

/// An errand's item with its index keys.
pub(crate) fn errand_item(errand: &Errand) -> Result<Item, Error> {
    let mut put = item("errand", keys::errand(&errand.id), errand)?;
    let place = keys::by_time(errand.date.over(), errand.id.as_str());
    indexed(&mut put, Index::Gsi1, keys::errands_of(&errand.host, errand.status), place);
    if errand.status == Status::Open {
        // One that a deal let go of after its day is due from then on: the schedule does not look back for days.
        let due = errand.date.over().max(errand.updated_at);
        let (pk, sk) = DueKind::Errand.key(due, errand.id.as_str());
        indexed(&mut put, Index::Gsi3, pk, sk);
    }
    Ok(put)
}

/// The entries of an errand while it is open.
pub(crate) fn entries_of(errand: &Errand) -> BTreeMap<Key, Item> {
    let title = search::fold(errand.title.as_str());
    let described = format!("{}#{}#{title}", errand.id, errand.journey.word());
    let newest = keys::by_time(errand.created_at, &described);
    let soonest = keys::by_time(errand.date.over(), &described);
    let mut entries = BTreeMap::new();
    let mut add = |name: String, new: String, soon: String| {
        let key = keys::errand_entry(&errand.id, &name);
        let mut entry =
            Item::from([(PK.to_owned(), s(&key.pk)), (SK.to_owned(), s(&key.sk)), (KIND.to_owned(), s("entry"))]);
        indexed(&mut entry, Index::Gsi1, new, newest.as_str());
        indexed(&mut entry, Index::Gsi2, soon, soonest.as_str());
        entries.insert(key, entry);
    };
    let province = errand.province;
    for journey in [None, Some(errand.journey)] {
        let feed = |order| keys::errand_feed(order, province, journey);
        add(journey.map_or("*", Journey::word).to_owned(), feed("new"), feed("soon"));
    }
    for term in search::index_terms(errand.title.as_str()) {
        let terms = |order| keys::errand_term(order, &term, province);
        let (new, soon) = (terms("new"), terms("soon"));
        add(format!("~{term}"), new, soon);
    }
    entries
}

/// The errand in a sort key `<time>#<errand>[#…]`.
fn id_in(sk: &str) -> Option<ErrandId> {
    ErrandId::parse(sk.split('#').nth(1)?).ok()
}

/// Where an entry stands, and what it says: errand, journey, title. The title comes last: it may hold anything.
fn described_in(sk: &str) -> Option<(&str, ErrandId, &str, &str)> {
    let mut parts = sk.splitn(4, '#');
    let (_, id, journey, title) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some((sk, ErrandId::parse(id).ok()?, journey, title))
}
