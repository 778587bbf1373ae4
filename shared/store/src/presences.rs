//! Whether people are there: one item a person with a sign of each connection, kept up from the stream, so that a list of
//! a hundred people costs one read and a person who comes and goes two writes, in however many rooms they are (row P16).

use std::collections::HashMap;

use domain::{
    id::{AccountId, ConnectionId},
    presence::{Choice, Presence, Sign},
    time::Time,
};
use sha2::{Digest, Sha256};

use crate::{
    keys::{self, Key},
    table::{Error, Expression, Item, Table, Write, s},
};

/// What is known of whether somebody is there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PresenceRecord {
    /// What they want to be seen as.
    pub choice: Choice,
    /// A sign of each of their connections.
    pub signs: Vec<Sign>,
}

impl PresenceRecord {
    /// Reads an item.
    ///
    /// # Errors
    /// [`Error::Failed`] for one that is none.
    pub fn read(item: Item) -> Result<Self, Error> {
        let failed = |error: serde_dynamo::Error| Error::Failed(format!("stored presence: {error}"));
        let mut record = Self::default();
        for (name, value) in item {
            if name == "choice" {
                record.choice = serde_dynamo::from_attribute_value(value).map_err(failed)?;
            } else if name.starts_with(SIGN) {
                record.signs.push(serde_dynamo::from_attribute_value(value).map_err(failed)?);
            }
        }
        Ok(record)
    }

    /// Whether they are there.
    #[must_use]
    pub fn presence(&self, now: Time) -> Presence {
        Presence::of(self.choice, self.signs.iter().copied(), now)
    }
}

/// What the attribute of a connection's sign begins with.
const SIGN: &str = "sign_";

/// Access to presences.
#[derive(Debug, Clone, Copy)]
pub struct Presences<'a>(pub &'a Table);

impl Presences<'_> {
    /// What is known of somebody.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn of(&self, account: &AccountId) -> Result<PresenceRecord, Error> {
        self.0
            .get_item(&keys::presence(account), true)
            .await?
            .map(PresenceRecord::read)
            .transpose()
            .map(Option::unwrap_or_default)
    }

    /// What is known of many.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn of_all(&self, accounts: &[AccountId]) -> Result<HashMap<AccountId, PresenceRecord>, Error> {
        let keys: Vec<Key> = accounts.iter().map(keys::presence).collect();
        let mut found = self.0.get_many(&keys).await?;
        let mut all = HashMap::new();
        for (account, key) in accounts.iter().zip(&keys) {
            let record = found.remove(key).map(PresenceRecord::read).transpose()?.unwrap_or_default();
            all.insert(account.clone(), record);
        }
        Ok(all)
    }

    /// Notes what somebody wants to be seen as; what is known of them then.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn choose(&self, account: &AccountId, choice: Choice) -> Result<PresenceRecord, Error> {
        let (update, set) = setting("choice", &choice)?;
        PresenceRecord::read(self.0.update(keys::presence(account), update.into(), set).await?)
    }

    /// Notes a connection's sign of life. Again is no harm.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn sign(&self, account: &AccountId, connection: &ConnectionId, sign: &Sign) -> Result<(), Error> {
        let (update, set) = setting(&sign_of(connection), sign)?;
        self.0.write(Write::Update { key: keys::presence(account), update: update.into(), condition: set }).await
    }

    /// Takes a connection's sign away.
    ///
    /// # Errors
    /// Those of the table; that there was none is none.
    pub async fn unsign(&self, account: &AccountId, connection: &ConnectionId) -> Result<(), Error> {
        let name = sign_of(connection);
        let update = format!("REMOVE #{name}");
        let mut condition = Expression::new("attribute_exists(pk)", &[], vec![]);
        condition.names.push(name.into());
        match self.0.write(Write::Update { key: keys::presence(account), update: update.into(), condition }).await {
            Err(Error::Clash(_)) => Ok(()),
            other => other,
        }
    }

    /// Forgets somebody who has left.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn forget(&self, account: &AccountId) -> Result<(), Error> {
        self.0.write(Write::Delete { key: keys::presence(account), condition: None }).await
    }
}

/// An update that sets one attribute.
fn setting<T: serde::Serialize>(name: &str, value: &T) -> Result<(String, Expression), Error> {
    let value = serde_dynamo::to_attribute_value(value).map_err(|error| Error::Failed(error.to_string()))?;
    let mut set = Expression::new("", &["kind"], vec![(":value", value), (":kind", s("presence"))]);
    set.names.push(name.to_owned().into());
    Ok((format!("SET #{name} = :value, #kind = :kind"), set))
}

/// The attribute of a connection's sign: its identifier hashed, since a name in an expression has letters and digits only.
fn sign_of(connection: &ConnectionId) -> String {
    let hash = Sha256::digest(connection.as_str());
    hash.iter().take(8).fold(SIGN.to_owned(), |name, byte| format!("{name}{byte:02x}"))
}
