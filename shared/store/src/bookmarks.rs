//! Bookmarks, counted on their listing (rows L17, L18).

use domain::{
    id::{AccountId, ListingId},
    time::Time,
};

use crate::{
    keys::{self, Index},
    table::{Error, Expression, Item, Page, Table, Write, indexed, item, key_of, n, s, text},
};

/// Access to bookmarks.
#[derive(Debug, Clone, Copy)]
pub struct Bookmarks<'a>(pub &'a Table);

impl Bookmarks<'_> {
    /// Sets a bookmark and counts it, both or none.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when it is set already, at 1 when the listing is gone.
    pub async fn set(&self, account: &AccountId, listing: &ListingId, now: Time) -> Result<(), Error> {
        let mut put = item("bookmark", keys::bookmark(account, listing), &serde_json::json!({}))?;
        put.insert("createdAt".into(), s(now.to_string()));
        indexed(&mut put, Index::Gsi1, keys::bookmarks_of(account), keys::by_time(now, listing.as_str()));
        indexed(&mut put, Index::Gsi2, keys::hanging_on(listing), keys::bookmark(account, listing).pk);
        self.0
            .transact(vec![Write::Put { item: put, condition: Some(Expression::absent()) }, counted(listing, 1)])
            .await
    }

    /// Takes a bookmark away and counts it off, both or none.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when there is none, at 1 when the listing is gone.
    pub async fn clear(&self, account: &AccountId, listing: &ListingId) -> Result<(), Error> {
        let there = Expression::new("attribute_exists(pk)", &[], vec![]);
        self.0
            .transact(vec![
                Write::Delete { key: keys::bookmark(account, listing), condition: Some(there) },
                counted(listing, -1),
            ])
            .await
    }

    /// A page of somebody's bookmarks, the latest first, and where the next page begins.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn of(
        &self,
        account: &AccountId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<ListingId>, Option<String>), Error> {
        let partition = keys::bookmarks_of(account);
        let page = Page { after, forward: false, limit: limit + 1, ..Page::of(Index::Gsi1, &partition) };
        let mut items = self.0.page(&page).await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().and_then(|item| text(item, "gsi1sk")).map(str::to_owned) } else { None };
        Ok((items.iter().filter_map(listing_of).collect(), next))
    }

    /// Removes some of the bookmarks of somebody who has left, counting them off; `true` while there may be more.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn remove_some_of(&self, account: &AccountId) -> Result<bool, Error> {
        let (found, next) = self.of(account, None, 25).await?;
        for listing in &found {
            match self.clear(account, listing).await {
                // The listing is gone, and its bookmarks with it, or soon.
                Err(Error::Clash(_)) => {
                    self.0.put_and_delete(vec![], vec![keys::bookmark(account, listing)]).await?;
                }
                other => other?,
            }
        }
        Ok(next.is_some())
    }

    /// Removes some of what hangs on a listing that is gone (bookmarks, bans, and which rooms are about it); `true` while there may be more.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn remove_some_on(&self, listing: &ListingId) -> Result<bool, Error> {
        let partition = keys::hanging_on(listing);
        let bookmarks = Page { limit: 100, ..Page::of(Index::Gsi2, &partition) };
        let bans = Page { prefix: Some(keys::BANS), keys_only: true, ..Page::of(Index::Table, &partition) };
        let inquiries = Page { prefix: Some(keys::INQUIRIES), ..bans.clone() };
        let (bookmarks, bans, inquiries) =
            futures::try_join!(self.0.page(&bookmarks), self.0.page(&bans), self.0.page(&inquiries))?;
        let found: Vec<_> = bookmarks.iter().chain(&bans).chain(&inquiries).filter_map(key_of).collect();
        let more = [&bookmarks, &bans, &inquiries].iter().any(|page| page.len() == 100);
        self.0.put_and_delete(vec![], found).await?;
        Ok(more)
    }
}

fn counted(listing: &ListingId, by: i64) -> Write {
    Write::Update {
        key: keys::listing(listing),
        update: "ADD #bookmarks :by".into(),
        condition: Expression::new("attribute_exists(pk)", &["bookmarks"], vec![(":by", n(by))]),
    }
}

fn listing_of(item: &Item) -> Option<ListingId> {
    ListingId::parse(text(item, keys::SK)?.strip_prefix(keys::BOOKMARKS)?).ok()
}
