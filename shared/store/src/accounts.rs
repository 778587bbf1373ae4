//! Accounts and the nicknames they hold.

use std::collections::HashMap;

use domain::{
    account::Account,
    id::AccountId,
    media::Picture,
    text::Nickname,
    time::{HOUR, Time},
    trust::{Standing, Suspension},
};

use crate::{
    keys::{self, TTL},
    table::{Error, Expression, Item, Table, Write, item, n, read, s, text},
    trust::standing_in,
};

/// What stands under an account's identifier.
#[derive(Debug, Clone, PartialEq)]
pub enum AccountRecord {
    /// Somebody.
    Active(Box<Account>),
    /// Somebody who has left; nothing else of theirs is kept (row A20).
    Withdrawn,
}

impl AccountRecord {
    /// The account, if its person is still there.
    #[must_use]
    pub fn active(self) -> Option<Account> {
        match self {
            Self::Active(account) => Some(*account),
            Self::Withdrawn => None,
        }
    }

    /// Reads an account's item.
    ///
    /// # Errors
    /// [`Error::Failed`] for an item that is no account.
    pub fn read(item: Item) -> Result<Self, Error> {
        if item.contains_key(WITHDRAWN_AT) { Ok(Self::Withdrawn) } else { Ok(Self::Active(Box::new(read(item)?))) }
    }
}

const WITHDRAWN_AT: &str = "withdrawnAt";
/// How long an unconfirmed sign-up keeps its nickname: as long as its code is good (24 hours).
const HOLD: i64 = domain::time::DAY;

/// An account to be made.
#[derive(Debug)]
pub struct NewAccount<'a> {
    /// The account.
    pub account: &'a Account,
    /// Who held the nickname until now: see [`Accounts::hold_nickname`].
    pub holder: &'a str,
}

/// Access to accounts.
#[derive(Debug, Clone, Copy)]
pub struct Accounts<'a>(pub &'a Table);

impl Accounts<'_> {
    /// An account by its identifier.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by_id(&self, id: &AccountId) -> Result<Option<AccountRecord>, Error> {
        self.0.get_item(&keys::account(id), false).await?.map(AccountRecord::read).transpose()
    }

    /// Accounts by their identifiers; those who have left are missing.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by_ids(&self, ids: &[AccountId]) -> Result<HashMap<AccountId, Account>, Error> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let found = self.0.get_many(&ids.iter().map(keys::account).collect::<Vec<_>>()).await?;
        let mut people = HashMap::new();
        for item in found.into_values() {
            if let AccountRecord::Active(account) = AccountRecord::read(item)? {
                people.insert(account.id.clone(), *account);
            }
        }
        Ok(people)
    }

    /// An account as it is now, to be changed.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by_id_now(&self, id: &AccountId) -> Result<Option<AccountRecord>, Error> {
        self.0.get_item(&keys::account(id), true).await?.map(AccountRecord::read).transpose()
    }

    /// An account as it is now, with its suspension, if one holds.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn with_suspension(
        &self,
        id: &AccountId,
        now: Time,
    ) -> Result<Option<(AccountRecord, Option<Suspension>)>, Error> {
        let (account, suspension) = (keys::account(id), keys::suspension(id));
        let mut found = self.0.get_many_now(&[account.clone(), suspension.clone()]).await?;
        let Some(account) = found.remove(&account) else { return Ok(None) };
        let suspension: Option<Suspension> = found.remove(&suspension).map(read).transpose()?;
        Ok(Some((AccountRecord::read(account)?, suspension.filter(|suspension| suspension.holds(now)))))
    }

    /// An account with what is counted of it.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn with_standing(&self, id: &AccountId) -> Result<Option<(AccountRecord, Standing)>, Error> {
        let (account, standing) = (keys::account(id), keys::standing(id));
        let mut found = self.0.get_many(&[account.clone(), standing.clone()]).await?;
        let Some(account) = found.remove(&account) else { return Ok(None) };
        Ok(Some((AccountRecord::read(account)?, standing_in(found.remove(&standing)))))
    }

    /// Notes that somebody signed out on every device: tokens from before open no connection.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn sign_out(&self, id: &AccountId, now: Time) -> Result<(), Error> {
        let mut put = item("signOut", keys::sign_out(id), &serde_json::json!({}))?;
        put.insert("at".into(), s(now.to_string()));
        // By then no token from before is good for anything.
        put.insert(TTL.into(), n(now.plus(2 * HOUR).seconds()));
        self.0.write(Write::Put { item: put, condition: None }).await
    }

    /// Whether somebody is there who has not signed out on every device since their token was issued, and is not suspended.
    /// Tokens know seconds: one of the same second is admitted.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn admits(&self, id: &AccountId, issued: Time, now: Time) -> Result<bool, Error> {
        let (account, sign_out, suspension) = (keys::account(id), keys::sign_out(id), keys::suspension(id));
        let mut found = self.0.get_many_now(&[account.clone(), sign_out.clone(), suspension.clone()]).await?;
        let suspension: Option<Suspension> = found.remove(&suspension).map(read).transpose()?;
        if suspension.is_some_and(|suspension| suspension.holds(now)) {
            return Ok(false);
        }
        let there = found.remove(&account).map(AccountRecord::read).transpose()?.and_then(AccountRecord::active);
        let at = found.get(&sign_out).and_then(|item| Time::parse(text(item, "at")?).ok());
        Ok(there.is_some() && at.is_none_or(|at| issued.seconds() >= at.seconds()))
    }

    /// Whether a nickname is free (row A5).
    ///
    /// # Errors
    /// Those of the table.
    pub async fn nickname_is_free(&self, nickname: &Nickname, now: Time) -> Result<bool, Error> {
        let held = self.0.get_item(&keys::nickname(nickname), false).await?;
        Ok(held.is_none_or(|item| text(&item, "heldUntil").is_some_and(|until| until <= now.to_string().as_str())))
    }

    /// Holds a nickname for somebody who has not confirmed their address yet. The holder may hold it again.
    ///
    /// # Errors
    /// [`Error::Clash`] when it is another's.
    pub async fn hold_nickname(&self, nickname: &Nickname, holder: &str, now: Time) -> Result<(), Error> {
        let until = now.plus(HOLD);
        let mut held = item("nickname", keys::nickname(nickname), &serde_json::json!({}))?;
        held.insert("holder".into(), s(holder));
        held.insert("heldUntil".into(), s(until.to_string()));
        held.insert(TTL.into(), n(until.seconds()));
        self.0.write(Write::Put { item: held, condition: Some(free_for(holder, now)) }).await
    }

    /// Gives up a nickname that was held.
    ///
    /// # Errors
    /// Those of the table; that it is held no more is none.
    pub async fn release_nickname(&self, nickname: &Nickname, holder: &str) -> Result<(), Error> {
        let condition = Expression::new("#holder = :holder", &["holder"], vec![(":holder", s(holder))]);
        match self.0.write(Write::Delete { key: keys::nickname(nickname), condition: Some(condition) }).await {
            Err(Error::Clash(_)) => Ok(()),
            other => other,
        }
    }

    /// Makes an account with its nickname, both or none.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when the account exists (also a withdrawn one), at 1 when the nickname is another's.
    pub async fn create(&self, new: NewAccount<'_>, now: Time) -> Result<(), Error> {
        let account = item("account", keys::account(&new.account.id), new.account)?;
        self.0
            .transact(vec![
                Write::Put { item: account, condition: Some(Expression::absent()) },
                taken(&new.account.nickname, &new.account.id, Some(free_for(new.holder, now)))?,
            ])
            .await
    }

    /// Saves an edited account, with a change of nickname and of picture in the same transaction.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when the account has another version by now, at 1 when the nickname is another's (only
    /// where it changed), further on when the picture is not the caller's to use.
    pub async fn save(&self, before: &Account, after: &Account, now: Time) -> Result<(), Error> {
        let saved = item("account", keys::account(&after.id), after)?;
        let mut writes = vec![Write::Put {
            item: saved,
            condition: Some(Expression::new("#version = :seen", &["version"], vec![(":seen", n(before.version))])),
        }];
        if before.nickname.folded() != after.nickname.folded() {
            writes.push(taken(&after.nickname, &after.id, Some(free_for(after.id.as_str(), now)))?);
            writes.push(Write::Delete { key: keys::nickname(&before.nickname), condition: None });
        }
        let (old, new) = (picture_of(before), picture_of(after));
        if old.map(|p| &p.media) != new.map(|p| &p.media) {
            if let Some(new) = new {
                writes.push(crate::media::used(&new.media, &after.id, after.id.as_str()));
            }
            if let Some(old) = old {
                writes.push(crate::media::unused(&old.media, now));
            }
        }
        if writes.len() == 1 {
            // Half the price of a transaction of one.
            let Some(only) = writes.pop() else { return Ok(()) };
            return self.0.write(only).await;
        }
        self.0.transact(writes).await
    }

    /// Takes an account away and frees its nickname; a mark stays so that it is not made again by a token that is still
    /// good. What else belonged to it follows from the stream.
    ///
    /// # Errors
    /// [`Error::Clash`] when the account was edited meanwhile.
    pub async fn withdraw(&self, account: &Account, now: Time) -> Result<(), Error> {
        let mut mark = item("account", keys::account(&account.id), &serde_json::json!({}))?;
        mark.insert("id".into(), s(account.id.as_str()));
        mark.insert(WITHDRAWN_AT.into(), s(now.to_string()));
        let seen = Expression::new("#version = :seen", &["version"], vec![(":seen", n(account.version))]);
        self.0
            .transact(vec![
                Write::Put { item: mark, condition: Some(seen) },
                Write::Delete { key: keys::nickname(&account.nickname), condition: None },
            ])
            .await
    }

    /// Removes an account that was never finished, to make room for linking its identity to another (row A15).
    ///
    /// # Errors
    /// [`Error::Clash`] when it was finished meanwhile.
    pub async fn remove_unfinished(&self, account: &Account) -> Result<(), Error> {
        let unfinished = Expression::new(
            "#onboarded = :no",
            &["onboarded"],
            vec![(":no", aws_sdk_dynamodb::types::AttributeValue::Bool(false))],
        );
        self.0
            .transact(vec![
                Write::Delete { key: keys::account(&account.id), condition: Some(unfinished) },
                Write::Delete { key: keys::nickname(&account.nickname), condition: None },
            ])
            .await
    }
}

fn picture_of(account: &Account) -> Option<&Picture> {
    account.image.as_ref()
}

/// A nickname that belongs to an account for good.
fn taken(nickname: &Nickname, owner: &AccountId, condition: Option<Expression>) -> Result<Write, Error> {
    let mut taken = item("nickname", keys::nickname(nickname), &serde_json::json!({}))?;
    taken.insert("holder".into(), s(owner.as_str()));
    Ok(Write::Put { item: taken, condition })
}

fn free_for(holder: &str, now: Time) -> Expression {
    Expression::new(
        "attribute_not_exists(pk) OR #holder = :holder OR #heldUntil <= :now",
        &["holder", "heldUntil"],
        vec![(":holder", s(holder)), (":now", s(now.to_string()))],
    )
}
