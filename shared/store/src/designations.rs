//! Whom an errand's owner asks for a quote (rows D12, D13). How many makers an errand waits for is counted in the
//! transactions themselves, so that no more are asked at a time than may be.

use domain::{
    errand::{Asked, Designation, Errand, MOST_ASKED},
    id::{AccountId, ErrandId},
    search,
    time::Time,
};

use crate::{
    keys::{self, Index},
    receipts::Receipt,
    table::{Error, Expression, Item, Page, Table, Write, indexed, item, n, read, s},
};

/// Access to designations.
#[derive(Debug, Clone, Copy)]
pub struct Designations<'a>(pub &'a Table);

impl Designations<'_> {
    /// Asks a maker, once for an errand.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when they were asked before, at 1 when as many are waited for as may be, at 2 when the errand
    /// has changed, at 3 when they are no maker any more, at 4 when the receipt exists.
    pub async fn ask(&self, errand: &Errand, asked: &Designation, receipt: Option<Receipt>) -> Result<(), Error> {
        // What lapsed when somebody else's quote was confirmed may be asked again when that fell through.
        let once = Expression::new(
            "attribute_not_exists(pk) OR #state = :lapsed",
            &["state"],
            vec![(":lapsed", s(Asked::Lapsed.word()))],
        );
        let few = Expression::new(
            "attribute_not_exists(#open) OR #open < :most",
            &["open", "kind"],
            vec![(":most", n(MOST_ASKED)), (":kind", s("asking")), (":one", n(1))],
        );
        let seen = Expression::new("#version = :seen", &["version"], vec![(":seen", n(errand.version))]);
        let mut writes = vec![
            Write::Put { item: designation_item(asked)?, condition: Some(once) },
            Write::Update {
                key: keys::asking(&errand.id),
                update: "SET #kind = :kind ADD #open :one".into(),
                condition: few,
            },
            Write::Check { key: keys::errand(&errand.id), condition: seen },
            Write::Check {
                key: keys::maker(&asked.maker),
                condition: Expression::new("attribute_exists(pk)", &[], vec![]),
            },
        ];
        if let Some(receipt) = receipt {
            writes.push(receipt.write()?);
        }
        self.0.transact(writes).await
    }

    /// What an answer writes: to be written along with a quote.
    ///
    /// # Errors
    /// [`Error::Failed`] when it cannot be spelled. As writes: a clash at the first when it was answered meanwhile.
    pub fn answered(waiting: &Designation, state: Asked, now: Time) -> Result<Vec<Write>, Error> {
        let put = designation_item(&waiting.answered(state, now))?;
        let still = Expression::new("#state = :waiting", &["state"], vec![(":waiting", s(Asked::Waiting.word()))]);
        let one_less = Expression::new("#open > :none", &["open"], vec![(":none", n(0)), (":less", n(-1))]);
        Ok(vec![
            Write::Put { item: put, condition: Some(still) },
            Write::Update { key: keys::asking(&waiting.errand), update: "ADD #open :less".into(), condition: one_less },
        ])
    }

    /// Writes an answer down.
    ///
    /// # Errors
    /// [`Error::Clash`] when it was answered meanwhile.
    pub async fn answer(&self, waiting: &Designation, state: Asked, now: Time) -> Result<(), Error> {
        self.0.transact(Self::answered(waiting, state, now)?).await
    }

    /// A page of the makers whom an errand's owner asked, by their identifiers, and where the next begins.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn of_errand(
        &self,
        id: &ErrandId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Designation>, Option<String>), Error> {
        let partition = keys::errand(id).pk;
        let last = format!("{}~", keys::DESIGNATIONS);
        let page = Page {
            after: Some(after.unwrap_or(keys::DESIGNATIONS)),
            until: Some(&last),
            limit: limit + 1,
            consistent: true,
            ..Page::of(Index::Table, &partition)
        };
        let (items, next) = crate::trust::cut(self.0.page(&page).await?, limit, keys::SK);
        Ok((items.into_iter().map(read).collect::<Result<_, _>>()?, next))
    }

    /// Nobody waits for an errand's makers any more.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn lapse(&self, id: &ErrandId, now: Time) -> Result<(), Error> {
        let mut after = None;
        loop {
            let (asked, next) = self.of_errand(id, after.as_deref(), 100).await?;
            for waiting in asked.iter().filter(|asked| asked.state == Asked::Waiting) {
                self.lapse_one(waiting, now).await?;
            }
            after = next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Nobody waits for a maker any more; `true` while there may be more errands that do.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn lapse_some_of(&self, maker: &AccountId, now: Time) -> Result<bool, Error> {
        let partition = keys::designated(maker);
        let page = Page { limit: 25, ..Page::of(Index::Gsi1, &partition) };
        let found: Vec<_> = self.0.page(&page).await?.iter().filter_map(crate::table::key_of).collect();
        if found.is_empty() {
            return Ok(false);
        }
        let asked = self.0.get_many_now(&found).await?;
        let mut lapsed = false;
        for waiting in asked.into_values().map(read::<Designation>) {
            let waiting = waiting?;
            if waiting.state == Asked::Waiting {
                self.lapse_one(&waiting, now).await?;
                lapsed = true;
            }
        }
        // An index that is behind says the same again: what was lapsed already ends it.
        Ok(lapsed && found.len() == page.limit)
    }

    async fn lapse_one(&self, waiting: &Designation, now: Time) -> Result<(), Error> {
        match self.answer(waiting, Asked::Lapsed, now).await {
            // Answered at this moment.
            Err(Error::Clash(_)) => Ok(()),
            other => other,
        }
    }
}

/// A designation's item; it stands among what the maker is asked for while it waits.
pub(crate) fn designation_item(asked: &Designation) -> Result<Item, Error> {
    let mut put = item("designation", keys::designation(&asked.errand, &asked.maker), asked)?;
    if asked.state == Asked::Waiting {
        let title = search::fold(asked.title.as_str());
        let described = format!("{}#{}#{title}", asked.errand, asked.journey.word());
        let partition = keys::designated(&asked.maker);
        indexed(&mut put, Index::Gsi1, partition.as_str(), keys::by_time(asked.asked_at, &described));
        indexed(&mut put, Index::Gsi2, partition, keys::by_time(asked.date.over(), &described));
    }
    Ok(put)
}
