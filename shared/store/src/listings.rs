//! Listings.

use std::collections::HashMap;

use domain::{
    account::Account,
    category::{self, Category},
    id::{AccountId, CategoryId, ListingId, MediaId},
    listing::{Listing, Status},
    media::Media,
    time::Time,
};

use crate::{
    accounts::AccountRecord,
    due::DueKind,
    keys::{self, Index},
    media,
    receipts::Receipt,
    table::{Error, Expression, Item, Page, Table, Write, indexed, item, n, read, s, text},
};

/// Counters that others move while an owner edits.
pub(crate) const COUNTERS: [&str; 2] = ["bookmarks", "inquiries"];

/// A listing to be put up.
#[derive(Debug)]
pub struct NewListing<'a> {
    /// The listing.
    pub listing: &'a Listing,
    /// The reply to be given again if the request comes again.
    pub receipt: Option<Receipt>,
}

/// What a listing's editing needs to know, read in one round trip.
#[derive(Debug)]
pub struct Context {
    /// Whoever is putting it up.
    pub account: Option<Account>,
    /// The category that was named, if it exists.
    pub category: Option<Category>,
    /// The uploads that were named, those that exist.
    pub media: HashMap<MediaId, Media>,
}

/// Access to listings.
#[derive(Debug, Clone, Copy)]
pub struct Listings<'a>(pub &'a Table);

impl Listings<'_> {
    /// What is needed to put something up: the account, the category, the uploads.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn context(
        &self,
        account: &AccountId,
        category: Option<&CategoryId>,
        media: &[MediaId],
    ) -> Result<Context, Error> {
        let account_key = keys::account(account);
        let mut wanted = vec![account_key.clone()];
        wanted.extend(category.map(keys::category));
        wanted.extend(media.iter().map(keys::media));
        let mut found = self.0.get_many(&wanted).await?;
        let account = found.remove(&account_key).map(AccountRecord::read).transpose()?;
        let category = match category {
            None => None,
            Some(id) => match found.remove(&keys::category(id)) {
                Some(item) => Some(read(item)?),
                None => category::built_in_by_id(id),
            },
        };
        let media = found
            .into_values()
            .map(|item| read::<Media>(item).map(|media| (media.id.clone(), media)))
            .collect::<Result<_, _>>()?;
        Ok(Context { account: account.and_then(AccountRecord::active), category, media })
    }

    /// Puts a listing up and takes its pictures into use, all or nothing.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when the listing exists, at 1 + i when picture i cannot be used (any more), last when the
    /// receipt exists.
    pub async fn create(&self, new: NewListing<'_>) -> Result<(), Error> {
        let listing = new.listing;
        let put = Write::Put { item: listing_item(listing)?, condition: Some(Expression::absent()) };
        let mut writes = vec![put];
        writes.extend(
            listing.pictures.iter().map(|picture| media::used(&picture.media, &listing.owner, listing.id.as_str())),
        );
        if let Some(receipt) = new.receipt {
            writes.push(receipt.write()?);
        }
        if writes.len() == 1 {
            let Some(only) = writes.pop() else { return Ok(()) };
            return self.0.write(only).await;
        }
        self.0.transact(writes).await
    }

    /// A listing as it is now, to be changed.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by_id_now(&self, id: &ListingId) -> Result<Option<Listing>, Error> {
        self.0.get_now(&keys::listing(id)).await
    }

    /// A listing for a reader: with whether they bookmarked it and whether they are banned from it.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn for_reader(
        &self,
        id: &ListingId,
        reader: Option<&AccountId>,
    ) -> Result<Option<(Listing, bool, bool)>, Error> {
        let Some(reader) = reader else {
            return Ok(self.0.get(&keys::listing(id)).await?.map(|listing| (listing, false, false)));
        };
        let (listing, bookmark, ban) = (keys::listing(id), keys::bookmark(reader, id), keys::ban(id, reader));
        let mut found = self.0.get_many(&[listing.clone(), bookmark.clone(), ban.clone()]).await?;
        let Some(item) = found.remove(&listing) else { return Ok(None) };
        Ok(Some((read(item)?, found.contains_key(&bookmark), found.contains_key(&ban))))
    }

    /// Listings in the order of their identifiers; those that are gone are left out.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by_ids(&self, ids: &[ListingId]) -> Result<Vec<Listing>, Error> {
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let mut found = self.0.get_many(&ids.iter().map(keys::listing).collect::<Vec<_>>()).await?;
        ids.iter().filter_map(|id| found.remove(&keys::listing(id))).map(read).collect()
    }

    /// A page of an owner's listings, the latest first, and where the next page begins.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn of_owner(
        &self,
        owner: &AccountId,
        status: Option<Status>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<ListingId>, Option<String>), Error> {
        let (index, partition) = match status {
            None => (Index::Gsi1, keys::listings_of(owner)),
            Some(status) => (Index::Gsi2, keys::listings_of_status(owner, status)),
        };
        let page = Page { after, forward: false, limit: limit + 1, ..Page::of(index, &partition) };
        let mut items = self.0.page(&page).await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let next =
            if more { items.last().and_then(|item| text(item, index.names().2)).map(str::to_owned) } else { None };
        Ok((items.iter().filter_map(id_of).collect(), next))
    }

    /// Saves an edited listing: pictures that came are taken into use, pictures that went are let go.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when the listing has another version by now, further on when a picture cannot be used.
    pub async fn save(&self, before: &Listing, after: &Listing, now: Time) -> Result<(), Error> {
        let seen = Expression::new("#version = :seen", &["version"], vec![(":seen", n(before.version))]);
        let mut writes = vec![Write::replace(listing_item(after)?, &COUNTERS, seen)?];
        let had = |id: &MediaId| before.pictures.iter().any(|picture| picture.media == *id);
        let has = |id: &MediaId| after.pictures.iter().any(|picture| picture.media == *id);
        for picture in after.pictures.iter().filter(|picture| !had(&picture.media)) {
            writes.push(media::used(&picture.media, &after.owner, after.id.as_str()));
        }
        for picture in before.pictures.iter().filter(|picture| !has(&picture.media)) {
            writes.push(media::unused(&picture.media, now));
        }
        if writes.len() == 1 {
            let Some(only) = writes.pop() else { return Ok(()) };
            return self.0.write(only).await;
        }
        self.0.transact(writes).await
    }

    /// What takes a listing out of sight for good.
    ///
    /// # Errors
    /// [`Error::Failed`] when it cannot be spelled. As a write: a clash when it has another version by now.
    pub fn hiding(before: &Listing, now: Time) -> Result<Write, Error> {
        let seen = Expression::new("#version = :seen", &["version"], vec![(":seen", n(before.version))]);
        Write::replace(listing_item(&before.clone().hide(now))?, &COUNTERS, seen)
    }

    /// Deletes a listing; what hung on it follows from the stream.
    ///
    /// # Errors
    /// [`Error::Clash`] when it is gone already, not the owner's, or promised to somebody.
    pub async fn delete(&self, id: &ListingId, owner: &AccountId) -> Result<(), Error> {
        let own = Expression::new(
            "#owner = :owner AND #status <> :reserved",
            &["owner", "status"],
            vec![(":owner", s(owner.as_str())), (":reserved", s(Status::Reserved.word()))],
        );
        self.0.write(Write::Delete { key: keys::listing(id), condition: Some(own) }).await
    }

    /// Bans somebody from a listing for good (row L21). Again is no harm.
    ///
    /// # Errors
    /// [`Error::Clash`] at 1 when the listing is gone or not the owner's.
    pub async fn ban(&self, id: &ListingId, owner: &AccountId, who: &AccountId, now: Time) -> Result<(), Error> {
        let mut put = item("ban", keys::ban(id, who), &serde_json::json!({}))?;
        put.insert("createdAt".into(), s(now.to_string()));
        let own = Expression::new("#owner = :owner", &["owner"], vec![(":owner", s(owner.as_str()))]);
        self.0
            .transact(vec![
                Write::Put { item: put, condition: None },
                Write::Check { key: keys::listing(id), condition: own },
            ])
            .await
    }
}

/// The listing in an item.
///
/// # Errors
/// When it is none.
pub fn listing_in(item: &Item) -> Result<Listing, Error> {
    read(item.clone())
}

/// A listing's item with its index keys.
pub(crate) fn listing_item(listing: &Listing) -> Result<Item, Error> {
    let mut put = item("listing", keys::listing(&listing.id), listing)?;
    let sk = keys::by_time(listing.listed_at, listing.id.as_str());
    indexed(&mut put, Index::Gsi1, keys::listings_of(&listing.owner), sk.as_str());
    indexed(&mut put, Index::Gsi2, keys::listings_of_status(&listing.owner, listing.status), sk.as_str());
    if let (Status::Open, Some(deadline)) = (listing.status, listing.terms.deadline()) {
        // What was promised past its deadline and is to be had again falls due now: the days before have been looked through.
        let (pk, sk) = DueKind::Listing.key(deadline.max(listing.updated_at), listing.id.as_str());
        indexed(&mut put, Index::Gsi3, pk, sk);
    }
    Ok(put)
}

fn id_of(item: &Item) -> Option<ListingId> {
    ListingId::parse(text(item, keys::PK)?.strip_prefix("LISTING#")?).ok()
}
