//! Receipts: the first reply to a request with an `Idempotency-Key`, kept 24 hours and written in the transaction of the
//! effect itself, so that one cannot exist without the other.

use domain::time::{DAY, Time};
use serde::{Deserialize, Serialize};

use crate::{
    keys::{self, Key, TTL},
    table::{Error, Expression, Table, Write, item, n, s},
};

/// The first reply to a request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// Which route.
    pub route: String,
    /// Whose request.
    pub caller: String,
    /// A hash of the key.
    pub key_hash: String,
    /// A hash of what was asked.
    pub request_hash: String,
    /// The status of the reply.
    pub status: u16,
    /// The place of what was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The reply, as sent.
    pub body: String,
    /// Until when it is kept.
    pub until: Time,
}

impl Receipt {
    /// How long a receipt is kept.
    pub const LIFE: i64 = DAY;

    fn key(&self) -> Key {
        keys::receipt(&self.route, &self.caller, &self.key_hash)
    }

    /// The write that goes with the effect.
    pub(crate) fn write(&self) -> Result<Write, Error> {
        let mut put = item("receipt", self.key(), self)?;
        put.insert(TTL.into(), n(self.until.seconds()));
        // DynamoDB may take days to remove what has run out.
        let now = self.until.plus(-Self::LIFE);
        Ok(Write::Put {
            item: put,
            condition: Some(Expression::new(
                "attribute_not_exists(pk) OR #until <= :now",
                &["until"],
                vec![(":now", s(now.to_string()))],
            )),
        })
    }
}

/// Access to receipts.
#[derive(Debug, Clone, Copy)]
pub struct Receipts<'a>(pub &'a Table);

impl Receipts<'_> {
    /// The receipt of a request, if it has been answered within its life.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn find(&self, route: &str, caller: &str, key_hash: &str, now: Time) -> Result<Option<Receipt>, Error> {
        let found: Option<Receipt> = self.0.get_now(&keys::receipt(route, caller, key_hash)).await?;
        Ok(found.filter(|receipt| receipt.until > now))
    }

    /// Writes a receipt by itself, where the effect lies outside the table.
    ///
    /// # Errors
    /// [`Error::Clash`] when there is one.
    pub async fn write(&self, receipt: &Receipt) -> Result<(), Error> {
        self.0.write(receipt.write()?).await
    }
}
