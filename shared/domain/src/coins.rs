//! Coins: what a wallet holds (rows S1, S3, S4). Whole numbers, never fractions (section 13, point 11).
//!
//! The ledger has accounts of three sorts: a person's, what is held for a deal, and the platform's. Every movement takes
//! from one what it gives to another, so that the sum of all accounts is zero: what people and deals have, the platform
//! has issued.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{
    id::{AccountId, DealId},
    input::{Invalid, integer_value},
    time::Time,
};

/// What a coin is worth, in KRW (row S1).
pub const KRW: u64 = 100;
/// The most coins that one movement can name: a hundred times what a purchase may bring (row S2).
pub const MOST: u64 = 1_000_000;
/// The most that a wallet can hold: what every client can still read as a number (2⁵³ − 1). At the most that one movement
/// brings, nobody comes there in a lifetime: no payment waits for it.
pub const MOST_HELD: u64 = (1 << 53) - 1;

/// An amount of coins, from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Coins(pub u64);

impl Deserr<Invalid> for Coins {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        integer_value(value, at, 1..=MOST.cast_signed()).map(|number| Self(number.unsigned_abs()))
    }
}

impl JsonSchema for Coins {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Coins".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "integer", "minimum": 1, "maximum": MOST, "examples": [300],
            "description": "Coins; one is worth 100 KRW",
        })
    }
}

/// An account of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "of", content = "id")]
pub enum Purse {
    /// A person's.
    Person(AccountId),
    /// What is held until a deal ends (row S4).
    Held(DealId),
    /// The platform's: it issues coins and takes them back, and so stands below zero.
    Platform,
}

/// Why coins move (row S3: `EARN`, `SPEND`, `CHARGE`, `WITHDRAW`, and what Madang adds).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Reason {
    /// Set aside for a deal: it is the payer's `SPEND`.
    Hold,
    /// The deal was done: the payee's `EARN`.
    Earn,
    /// The deal was not done: back to the payer.
    Refund,
    /// An administrator gave them.
    Grant,
    /// Bought (row S2).
    Charge,
    /// Paid out to a bank (row S5).
    Withdraw,
}

/// A movement of coins: from one purse to another, all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// What it is named by: the same again is the same movement, not a second one.
    pub id: String,
    /// From where.
    pub from: Purse,
    /// To where.
    pub to: Purse,
    /// How many.
    pub coins: Coins,
    /// Why.
    pub reason: Reason,
    /// What it is about, for a person to read: a deal's title, an administrator's words.
    pub about: String,
    /// The deal, if there is one.
    pub deal: Option<DealId>,
    /// When.
    pub at: Time,
}

/// A line of a purse: half a movement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The movement.
    pub movement: String,
    /// Coins that came, or (below zero) went.
    pub coins: i64,
    /// Why.
    pub reason: Reason,
    /// What it is about.
    pub about: String,
    /// The deal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal: Option<DealId>,
    /// Where they came from or went to.
    pub other: Purse,
    /// When.
    pub at: Time,
}

impl Movement {
    /// Its two lines, with their purses. They sum to zero.
    #[must_use]
    pub fn entries(&self) -> [(Purse, Entry); 2] {
        let coins = self.coins.0.cast_signed();
        let entry = |coins, other: &Purse| Entry {
            movement: self.id.clone(),
            coins,
            reason: self.reason,
            about: self.about.clone(),
            deal: self.deal.clone(),
            other: other.clone(),
            at: self.at,
        };
        [(self.from.clone(), entry(-coins, &self.to)), (self.to.clone(), entry(coins, &self.from))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> AccountId {
        AccountId::parse("6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506").unwrap()
    }

    fn read(number: serde_json::Value) -> Result<Coins, Invalid> {
        deserr::deserialize(number)
    }

    #[test]
    fn an_amount_is_a_whole_number_from_one_s1() {
        for number in [1, 2, 1_000_000] {
            assert_eq!(read(number.into()), Ok(Coins(number)));
        }
        for number in [0_i64, -1, 1_000_001, 1 << 53, i64::MAX, i64::MIN] {
            assert!(read(number.into()).is_err(), "{number}");
        }
        for other in [serde_json::json!(1.5), "1".into(), serde_json::Value::Null, serde_json::json!(1e300)] {
            assert!(read(other.clone()).is_err(), "{other}");
        }
    }

    #[test]
    fn what_goes_from_one_purse_comes_to_the_other_s3() {
        let movement = Movement {
            id: "m".into(),
            from: Purse::Platform,
            to: Purse::Person(account()),
            coins: Coins(7),
            reason: Reason::Grant,
            about: "환영합니다".into(),
            deal: None,
            at: Time::EPOCH,
        };
        let [(from, went), (to, came)] = movement.entries();
        assert_eq!((from, to), (Purse::Platform, Purse::Person(account())));
        assert_eq!((went.coins, came.coins), (-7, 7));
    }
}
