//! What falls due: a sparse index of day × shard. An entry is there for as long as the thing has not been dealt with.

use domain::time::{DAY, Time};
use serde::{Deserialize, Serialize};

use crate::{
    keys::{self, Index, SHARDS},
    table::{Error, Item, Page, Table, Write, item, text},
};

/// What can fall due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueKind {
    /// A listing's deadline (row L9).
    Listing,
    /// An upload that nobody used.
    Media,
    /// A review that can be seen (row Z6).
    Review,
}

impl DueKind {
    /// The name in keys.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Listing => "listing",
            Self::Media => "media",
            Self::Review => "review",
        }
    }

    /// gsi3's keys of something that falls due at a moment.
    #[must_use]
    pub fn key(self, at: Time, id: &str) -> (String, String) {
        (keys::due(self.word(), &at.day(), keys::shard_of(id)), keys::by_time(at, id))
    }

    /// What an entry of the index is about.
    fn id_in(self, entry: &Item) -> Option<String> {
        let id = match self {
            Self::Listing => text(entry, keys::PK)?.strip_prefix("LISTING#")?,
            Self::Media => text(entry, keys::PK)?.strip_prefix("MEDIA#")?,
            // The account it is about and the deal.
            Self::Review => text(entry, "gsi3sk")?.split_once('#')?.1,
        };
        Some(id.to_owned())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    drained_to: Time,
}

/// Access to what is due.
#[derive(Debug, Clone, Copy)]
pub struct Due<'a>(pub &'a Table);

impl Due<'_> {
    /// What has fallen due in one shard of a day, the longest overdue first: identifiers, and where the next page begins.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn page(
        &self,
        kind: DueKind,
        (day, shard): (Time, u32),
        now: Time,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<String>, Option<String>), Error> {
        let partition = keys::due(kind.word(), &day.day(), shard);
        // "~" sorts behind every identifier of the same millisecond.
        let until = keys::by_time(now, "~");
        let page = Page { after, until: Some(&until), limit, ..Page::of(Index::Gsi3, &partition) };
        let items = self.0.page(&page).await?;
        let next = if items.len() == limit { items.last().and_then(|item| text(item, "gsi3sk")) } else { None };
        let ids = items.iter().filter_map(|item| kind.id_in(item)).collect();
        Ok((ids, next.map(str::to_owned)))
    }

    /// The days to look through, the oldest first: from where the schedule was done with everything up to today.
    /// The first run looks a little back; a listing's deadline is at most 90 days off, so nothing older can be due.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn days(&self, schedule: &str, now: Time) -> Result<Vec<Time>, Error> {
        let progress: Option<Progress> = self.0.get_now(&keys::progress(schedule)).await?;
        let oldest = now.plus(-100 * DAY);
        let from = progress.map_or(now.plus(-2 * DAY), |progress| progress.drained_to).max(oldest);
        let mut days = vec![];
        let mut day = Time::from_ms(from.ms().div_euclid(DAY) * DAY);
        while day <= now {
            days.push(day);
            day = day.plus(DAY);
        }
        Ok(days)
    }

    /// Notes that everything due before this moment has been dealt with. A day of grace is kept for clocks that differ.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn drained(&self, schedule: &str, now: Time) -> Result<(), Error> {
        let progress = Progress { drained_to: now.plus(-DAY) };
        let put = item("schedule", keys::progress(schedule), &progress)?;
        self.0.write(Write::Put { item: put, condition: None }).await
    }

    /// The shards of a day.
    #[must_use]
    pub fn shards(self) -> std::ops::Range<u32> {
        0..SHARDS
    }
}
