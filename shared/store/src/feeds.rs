//! Feeds and search. Every way a feed can be narrowed is a partition of its own, so that a page reads its items and no
//! more, whatever the table holds; the entries are keys alone, and follow a listing by the stream.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    id::{CategoryId, ListingId},
    listing::{Kind, Listing, PriceClass, Section, Status},
    region::Scope,
    search::{self, Query},
    time::Time,
};

use crate::{
    keys::{self, Index, KIND, Key, PK, Place, SHARDS, SK},
    table::{Error, Item, Page, Table, s, text},
};

/// In what order a feed comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The newest first.
    Newest,
    /// The soonest deadline first, what has passed left out.
    Soonest,
}

/// What a feed is narrowed to.
#[derive(Debug, Clone)]
pub struct FeedFilter {
    /// Where.
    pub scope: Scope,
    /// Where the listings stand.
    pub status: Status,
    /// Barter or rental.
    pub kind: Option<Kind>,
    /// Lent or sought.
    pub section: Option<Section>,
    /// By price.
    pub price: Option<PriceClass>,
    /// By category.
    pub category: Option<CategoryId>,
}

impl FeedFilter {
    /// The facet that serves the filter. A section or a price class implies rental.
    fn facet(&self) -> String {
        let what = what(self.kind, self.section, self.price);
        format!("{what}|{}", self.category.as_ref().map_or("*", CategoryId::as_str))
    }

    /// The partitions to be merged. Of a city it is those of its districts, at most five.
    fn places(&self) -> Vec<Place> {
        match &self.scope {
            Scope::All => (0..SHARDS).map(Place::All).collect(),
            Scope::Province(province) => vec![Place::Province(province.id.to_owned())],
            Scope::City(_, districts) => districts.iter().map(|d| Place::District(d.id.to_owned())).collect(),
            Scope::District(district) => vec![Place::District(district.id.to_owned())],
        }
    }
}

fn what(kind: Option<Kind>, section: Option<Section>, price: Option<PriceClass>) -> String {
    let section = section.map(|section| match section {
        Section::Lend => ".lend",
        Section::Borrow => ".borrow",
    });
    let price = price.map(|price| match price {
        PriceClass::Free => "/free",
        PriceClass::Negotiable => "/negotiable",
        PriceClass::Priced => "/priced",
    });
    match (kind, section, price) {
        (None, None, None) => "*".to_owned(),
        (Some(Kind::Barter), None, None) => "barter".to_owned(),
        (_, section, price) => format!("rental{}{}", section.unwrap_or_default(), price.unwrap_or_default()),
    }
}

/// The index entries of a listing by their keys.
pub type Entries = BTreeMap<Key, Item>;

/// All index entries of a listing as it stands: its feeds while it is public, its search terms while it is open.
#[must_use]
pub fn entries_of(listing: &Listing) -> Entries {
    let mut entries = Entries::new();
    if !listing.status.is_public() {
        return entries;
    }
    let id = listing.id.as_str();
    let newest = keys::by_time(listing.listed_at, id);
    let soonest =
        listing.terms.deadline().filter(|_| listing.status == Status::Open).map(|deadline| keys::by_time(deadline, id));
    for facet in facets_of(listing) {
        add(&mut entries, listing, &newest, &|place| keys::feed("new", listing.status, &facet, place));
        if let Some(sk) = &soonest {
            add(&mut entries, listing, sk, &|place| keys::feed("soon", listing.status, &facet, place));
        }
    }
    if listing.status == Status::Open {
        let sk = format!("{newest}#{}", Described::of(listing).spelled());
        for term in search::index_terms(listing.title.as_str()) {
            add(&mut entries, listing, &sk, &|place: &str| keys::term(&term, place));
        }
    }
    entries
}

fn add(entries: &mut Entries, listing: &Listing, sk: &str, partition: &dyn Fn(&str) -> String) {
    let region = listing.region.district();
    let (_, all) = Place::All(keys::shard_of(listing.id.as_str())).indexed();
    let key = Key { pk: partition(&all), sk: sk.to_owned() };
    let mut item =
        Item::from([(PK.to_owned(), s(&key.pk)), (SK.to_owned(), s(&key.sk)), (KIND.to_owned(), s("entry"))]);
    crate::table::indexed(&mut item, Index::Gsi1, partition(region.province), sk);
    crate::table::indexed(&mut item, Index::Gsi2, partition(region.id), sk);
    entries.insert(key, item);
}

fn facets_of(listing: &Listing) -> BTreeSet<String> {
    let terms = &listing.terms;
    let (kind, section, price) = (Some(terms.kind()), terms.section(), terms.price_class());
    let whats = [
        what(None, None, None),
        what(kind, None, None),
        what(kind, section, None),
        what(kind, None, price),
        what(kind, section, price),
    ];
    whats.iter().flat_map(|what| [format!("{what}|*"), format!("{what}|{}", listing.category.as_str())]).collect()
}

/// What a search entry says of its listing, in its sort key: enough to check a longer query and filters from keys alone.
struct Described<'a> {
    what: String,
    category: &'a str,
    title: String,
}

impl<'a> Described<'a> {
    fn of(listing: &'a Listing) -> Self {
        let terms = &listing.terms;
        Self {
            what: what(Some(terms.kind()), terms.section(), terms.price_class()),
            category: listing.category.as_str(),
            title: search::fold(listing.title.as_str()),
        }
    }

    fn spelled(&self) -> String {
        format!("{}#{}#{}", self.what, self.category, self.title)
    }

    fn fits(&self, filter: &FeedFilter) -> bool {
        let kind = match filter.kind {
            None => true,
            Some(Kind::Barter) => self.what == "barter",
            Some(Kind::Rental) => self.what.starts_with("rental"),
        };
        let section = match filter.section {
            None => true,
            Some(Section::Lend) => self.what.starts_with("rental.lend"),
            Some(Section::Borrow) => self.what.starts_with("rental.borrow"),
        };
        let price = match filter.price {
            None => true,
            Some(PriceClass::Free) => self.what.ends_with("/free"),
            Some(PriceClass::Negotiable) => self.what.ends_with("/negotiable"),
            Some(PriceClass::Priced) => self.what.ends_with("/priced"),
        };
        kind && section && price && filter.category.as_ref().is_none_or(|c| c.as_str() == self.category)
    }
}

/// A page of a feed or a search: identifiers, and where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The listings, in order.
    pub ids: Vec<ListingId>,
    /// Where the next page begins; none at the end.
    pub next: Option<String>,
}

/// Entries a search looks at in each partition for one page, at most. With filters or a longer query a page may come out
/// short; the cursor goes on from there.
const EXAMINED: usize = 100;

/// Access to feeds.
#[derive(Debug, Clone, Copy)]
pub struct Feeds<'a>(pub &'a Table);

impl Feeds<'_> {
    /// A page of a feed.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn page(
        &self,
        filter: &FeedFilter,
        order: Order,
        after: Option<&str>,
        limit: usize,
        now: Time,
    ) -> Result<Found, Error> {
        let facet = filter.facet();
        let (word, forward) = match order {
            Order::Newest => ("new", false),
            Order::Soonest => ("soon", true),
        };
        // What has passed is not read at all: the feed begins at this moment.
        let beginning = keys::by_time(now, "~");
        let after = match (order, after) {
            (Order::Soonest, Some(after)) => Some(after.max(beginning.as_str())),
            (Order::Soonest, None) => Some(beginning.as_str()),
            (Order::Newest, after) => after,
        };
        let partitions = filter
            .places()
            .iter()
            .map(Place::indexed)
            .map(|(index, place)| (index, keys::feed(word, filter.status, &facet, &place)))
            .collect::<Vec<_>>();
        let mut keys = self.merged(&partitions, after, forward, limit + 1).await?;
        let more = keys.len() > limit;
        keys.truncate(limit);
        let next = if more { keys.last().cloned() } else { None };
        Ok(Found { ids: keys.iter().filter_map(|sk| id_in(sk)).collect(), next })
    }

    /// A page of a search among open listings, the newest first (rows L15, Z10).
    ///
    /// # Errors
    /// Those of the table.
    pub async fn search(
        &self,
        query: &Query,
        filter: &FeedFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Found, Error> {
        let all_fit = query.is_exact()
            && filter.kind.is_none()
            && filter.section.is_none()
            && filter.price.is_none()
            && filter.category.is_none();
        let examined = if all_fit { limit + 1 } else { EXAMINED };
        let partitions = filter
            .places()
            .iter()
            .map(Place::indexed)
            .map(|(index, place)| (index, keys::term(query.term(), &place)))
            .collect::<Vec<_>>();
        let keys = self.merged(&partitions, after, false, examined).await?;
        let more_beyond = keys.len() == examined;
        let mut found = Found { ids: vec![], next: None };
        let mut last = None;
        for sk in &keys {
            let Some((position, described)) = described_in(sk) else { continue };
            if found.ids.len() == limit {
                found.next = last;
                return Ok(found);
            }
            if described.fits(filter) && query.matches(&described.title) {
                found.ids.extend(id_in(sk));
            }
            last = Some(position.to_owned());
        }
        if more_beyond {
            found.next = last;
        }
        Ok(found)
    }

    /// Makes the index entries follow a listing from what it was to what it is; safe to repeat.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn follow(&self, before: Option<&Listing>, after: Option<&Listing>) -> Result<(), Error> {
        let (old, new) = (before.map(entries_of).unwrap_or_default(), after.map(entries_of).unwrap_or_default());
        let gone = old.keys().filter(|key| !new.contains_key(*key)).cloned().collect();
        let come = new.into_iter().filter(|(key, _)| !old.contains_key(key)).map(|(_, item)| item).collect();
        self.0.put_and_delete(come, gone).await
    }

    /// The first sort keys of several partitions in their common order, read side by side.
    async fn merged(
        &self,
        partitions: &[(Index, String)],
        after: Option<&str>,
        forward: bool,
        limit: usize,
    ) -> Result<Vec<String>, Error> {
        let pages = partitions.iter().map(|(index, partition)| async move {
            let page = Page { after, forward, limit, keys_only: true, ..Page::of(*index, partition) };
            let items = self.0.page(&page).await?;
            Ok::<_, Error>(items.iter().filter_map(|item| text(item, SK).map(str::to_owned)).collect::<Vec<_>>())
        });
        let mut keys: Vec<String> = futures::future::try_join_all(pages).await?.concat();
        if forward {
            keys.sort_unstable();
        } else {
            keys.sort_unstable_by(|a, b| b.cmp(a));
        }
        keys.truncate(limit);
        Ok(keys)
    }
}

/// The listing in a sort key `<time>#<listing>[#…]`.
fn id_in(sk: &str) -> Option<ListingId> {
    ListingId::parse(sk.split('#').nth(1)?).ok()
}

/// The position and the description in a search entry's sort key. The title comes last: it may hold anything.
fn described_in(sk: &str) -> Option<(&str, Described<'_>)> {
    let mut parts = sk.splitn(5, '#');
    let (time, id) = (parts.next()?, parts.next()?);
    let (what, category, title) = (parts.next()?, parts.next()?, parts.next()?);
    let position = sk.get(..time.len() + 1 + id.len())?;
    Some((position, Described { what: what.to_owned(), category, title: title.to_owned() }))
}
