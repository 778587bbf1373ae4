//! Errands.

use domain::{errand::Errand, id::ErrandId, listing::Status};

use crate::{
    due::DueKind,
    keys::{self, Index},
    table::{Error, Expression, Item, Table, Write, indexed, item, n, read},
};

/// Access to errands.
#[derive(Debug, Clone, Copy)]
pub struct Errands<'a>(pub &'a Table);

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
}

/// Puts a changed errand in the place of the one that was seen.
pub(crate) fn saved(before: &Errand, after: &Errand) -> Result<Write, Error> {
    let seen = Expression::new("#version = :seen", &["version"], vec![(":seen", n(before.version))]);
    Ok(Write::Put { item: errand_item(after)?, condition: Some(seen) })
}

/// An errand's item with its index keys.
pub(crate) fn errand_item(errand: &Errand) -> Result<Item, Error> {
    let mut put = item("errand", keys::errand(&errand.id), errand)?;
    if errand.status == Status::Open {
        let (pk, sk) = DueKind::Errand.key(errand.date.over(), errand.id.as_str());
        indexed(&mut put, Index::Gsi3, pk, sk);
    }
    Ok(put)
}
