//! Categories an administrator changed; the built-in ones are in the code (row L5).

use domain::{
    category::{self, Category},
    id::CategoryId,
};

use crate::{
    keys::{self, Index},
    receipts::Receipt,
    table::{Error, Expression, Page, Table, Write, item, n, read},
};

/// Access to categories.
#[derive(Debug, Clone, Copy)]
pub struct Categories<'a>(pub &'a Table);

impl Categories<'_> {
    /// The categories in force, in their order.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn all(&self) -> Result<Vec<Category>, Error> {
        // An administrator's hand makes tens of them, never a second page.
        let page = Page { limit: 500, ..Page::of(Index::Table, keys::CATEGORIES) };
        let changed = self.0.page(&page).await?.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(category::overlaid(changed))
    }

    /// One category.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by_id(&self, id: &CategoryId) -> Result<Option<Category>, Error> {
        Ok(self.0.get_now(&keys::category(id)).await?.or_else(|| category::built_in_by_id(id)))
    }

    /// Adds a category.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when it exists, at 1 when the receipt does.
    pub async fn create(&self, category: &Category, receipt: Option<Receipt>) -> Result<(), Error> {
        let put = Write::Put {
            item: item("category", keys::category(&category.id), category)?,
            condition: Some(Expression::absent()),
        };
        match receipt {
            None => self.0.write(put).await,
            Some(receipt) => self.0.transact(vec![put, receipt.write()?]).await,
        }
    }

    /// Saves an edited category. A built-in one that was never edited has version 0 and no item.
    ///
    /// # Errors
    /// [`Error::Clash`] when it has another version by now.
    pub async fn save(&self, category: &Category, seen: u64) -> Result<(), Error> {
        let condition = if seen == 0 {
            Expression::absent()
        } else {
            Expression::new("#version = :seen", &["version"], vec![(":seen", n(seen))])
        };
        let put = item("category", keys::category(&category.id), category)?;
        self.0.write(Write::Put { item: put, condition: Some(condition) }).await
    }
}
