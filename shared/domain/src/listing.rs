//! Listings: something put up for barter or rent (rows L1–L21).

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{
    coins::Coins,
    id::{AccountId, CategoryId, ListingId},
    input::{Invalid, Wrong, integer_value},
    media::Picture,
    region::Region,
    text::{Description, Title, Wish},
    time::{DAY, HOUR, Time},
};

/// Most pictures of a listing (row L2).
pub const MAX_PICTURES: usize = 5;
/// How far ahead a deadline may lie. System 002 set no bound; a listing that stands for longer is stale.
pub const MAX_DEADLINE: i64 = 90 * DAY;
/// A listing closes soon when less than this is left (row L19).
pub const CLOSING_SOON: i64 = 6 * HOUR;
/// The highest price of a rental, in KRW (row L4).
pub const MAX_PRICE: i64 = 10_000_000;

/// Where a listing stands (section 13, point 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[deserr(error = Invalid, rename_all = lowercase)]
pub enum Status {
    /// To be had.
    Open,
    /// Promised to somebody.
    Reserved,
    /// Done.
    Closed,
    /// The deadline passed.
    Expired,
    /// Taken back by its owner.
    Withdrawn,
}

/// What can happen to a listing's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A partner is chosen, a rental accepted.
    Reserve,
    /// The deal fell through.
    Release,
    /// The deal is done, here or elsewhere.
    Close,
    /// The deadline passed.
    Expire,
    /// The owner takes it back.
    Withdraw,
    /// The owner puts it up again (row L10).
    Relist,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Open, Self::Reserved, Self::Closed, Self::Expired, Self::Withdrawn];

    /// The status after a step; `None` where the step cannot be taken (row L8).
    #[must_use]
    pub fn after(self, step: Step) -> Option<Self> {
        match (self, step) {
            (Self::Open, Step::Reserve) => Some(Self::Reserved),
            (Self::Reserved, Step::Release) => Some(Self::Open),
            (Self::Open | Self::Reserved, Step::Close) => Some(Self::Closed),
            (Self::Open, Step::Expire) => Some(Self::Expired),
            (Self::Open, Step::Withdraw) => Some(Self::Withdrawn),
            (Self::Closed | Self::Expired | Self::Withdrawn, Step::Relist) => Some(Self::Open),
            _ => None,
        }
    }

    /// Whether strangers find it in feeds.
    #[must_use]
    pub fn is_public(self) -> bool {
        self != Self::Withdrawn
    }

    /// The word on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Reserved => "reserved",
            Self::Closed => "closed",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Whether something is lent out or sought (row L4: 빌려드려요, 빌려요).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[deserr(error = Invalid, rename_all = lowercase)]
pub enum Section {
    /// The owner has it and lends it.
    Lend,
    /// The owner seeks it.
    Borrow,
}

/// What a rental's price is for (row L4: 시간, 일, 월).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[deserr(error = Invalid, rename_all = lowercase)]
pub enum PriceUnit {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A month.
    Month,
}

/// A price in KRW, 0 (free) to 10,000,000 (row L4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Price(pub u32);

impl Deserr<Invalid> for Price {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        let number = integer_value(value, at, 0..=MAX_PRICE)?;
        Ok(Self(u32::try_from(number).unwrap_or(u32::MAX)))
    }
}

impl JsonSchema for Price {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Price".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "integer", "minimum": 0, "maximum": MAX_PRICE, "examples": [5000],
            "description": "KRW; 0 is free",
        })
    }
}

/// What a feed may be narrowed to by price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[deserr(error = Invalid, rename_all = lowercase)]
pub enum PriceClass {
    /// 0 KRW.
    Free,
    /// To be agreed on (협의).
    Negotiable,
    /// A price above zero.
    Priced,
}

/// Barter or rental.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[deserr(error = Invalid, rename_all = lowercase)]
pub enum Kind {
    /// Something for something.
    Barter,
    /// For a time.
    Rental,
}

/// What is particular to the kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", rename_all_fields = "camelCase", tag = "kind")]
pub enum Terms {
    /// Something for something, until a deadline (row L3).
    Barter {
        /// What the owner would like in return.
        wants: Wish,
        /// Until when; on the hour.
        deadline: Time,
    },
    /// For a time, for a price (row L4).
    Rental {
        /// Lent or sought.
        section: Section,
        /// `None` is to be agreed on, 0 is free.
        price: Option<Price>,
        /// What the price is for.
        unit: Option<PriceUnit>,
        /// Coins that a borrower leaves until the thing is back; 0 for none.
        #[serde(default)]
        deposit: u64,
    },
}

impl Terms {
    /// A barter's terms, if the deadline is on the hour, ahead, and not too far.
    ///
    /// # Errors
    /// `not_on_the_hour`, `past`, `too_far` at `/deadline`.
    pub fn barter(wants: Wish, deadline: Time, now: Time) -> Result<Self, Invalid> {
        check_deadline(deadline, now).map_err(|wrong| Invalid::one("/deadline", wrong))?;
        Ok(Self::Barter { wants, deadline })
    }

    /// A rental's terms: a price above zero says what it is for, and only what is lent has a deposit.
    ///
    /// # Errors
    /// `missing` at `/unit`, `not_together` at `/deposit`.
    pub fn rental(
        section: Section,
        price: Option<Price>,
        unit: Option<PriceUnit>,
        deposit: Option<Coins>,
    ) -> Result<Self, Invalid> {
        let mut wrong = Invalid::default();
        if price.is_some_and(|price| price.0 > 0) && unit.is_none() {
            wrong.add("/unit", Wrong::Missing);
        }
        if deposit.is_some() && section == Section::Borrow {
            wrong.add("/deposit", Wrong::NotTogether("section borrow"));
        }
        wrong.none()?;
        Ok(Self::Rental { section, price, unit, deposit: deposit.map_or(0, |coins| coins.0) })
    }

    /// Barter or rental.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Barter { .. } => Kind::Barter,
            Self::Rental { .. } => Kind::Rental,
        }
    }

    /// Until when it stands, if there is such a moment.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        match self {
            Self::Barter { deadline, .. } => Some(*deadline),
            Self::Rental { .. } => None,
        }
    }

    /// Lent or sought, of a rental.
    #[must_use]
    pub fn section(&self) -> Option<Section> {
        match self {
            Self::Barter { .. } => None,
            Self::Rental { section, .. } => Some(*section),
        }
    }

    /// The class of its price, of a rental.
    #[must_use]
    pub fn price_class(&self) -> Option<PriceClass> {
        match self {
            Self::Barter { .. } => None,
            Self::Rental { price: None, .. } => Some(PriceClass::Negotiable),
            Self::Rental { price: Some(Price(0)), .. } => Some(PriceClass::Free),
            Self::Rental { price: Some(_), .. } => Some(PriceClass::Priced),
        }
    }
}

/// Whether a deadline can be set now (row L3: in the future, hour granularity).
///
/// # Errors
/// `not_on_the_hour`, `past`, `too_far`.
pub fn check_deadline(deadline: Time, now: Time) -> Result<(), Wrong> {
    if deadline <= now {
        Err(Wrong::Past)
    } else if deadline > now.plus(MAX_DEADLINE) {
        Err(Wrong::TooFar(MAX_DEADLINE / DAY))
    } else if !deadline.is_on_the_hour() {
        Err(Wrong::NotOnTheHour)
    } else {
        Ok(())
    }
}

/// A listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listing {
    /// Its identifier.
    pub id: ListingId,
    /// Whose it is.
    pub owner: AccountId,
    /// Barter or rental, and what is particular to it.
    pub terms: Terms,
    /// What it is.
    pub title: Title,
    /// More about it.
    pub description: Description,
    /// Where among the categories.
    pub category: CategoryId,
    /// Where in the country: the owner's district when it was put up (row L1).
    pub region: Region,
    /// Its pictures, the cover first (row L2).
    #[serde(default)]
    pub pictures: Vec<Picture>,
    /// Where it stands, as far as it was written down: see [`Listing::status_at`].
    pub status: Status,
    /// How many have bookmarked it (row L18).
    #[serde(default)]
    pub bookmarks: u64,
    /// How many have opened a room about it (row L18).
    #[serde(default)]
    pub inquiries: u64,
    /// When it was put up first.
    pub created_at: Time,
    /// When it was put up last: what feeds are sorted by.
    pub listed_at: Time,
    /// When it was edited last.
    pub updated_at: Time,
    /// Whether an administrator took it out of sight: it is put up no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// Rises with every edit.
    pub version: u64,
}

/// Why something cannot be done to a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It is somebody else's.
    NotOwner,
    /// An administrator took it out of sight.
    Hidden,
    /// Its status does not allow it.
    Status(Status),
}

impl Listing {
    /// The status at a moment. A deadline is a fact, not a job: an open listing whose deadline has come is expired,
    /// whether or not the schedule has written it down (row L9).
    #[must_use]
    pub fn status_at(&self, now: Time) -> Status {
        match self.terms.deadline() {
            Some(deadline) if self.status == Status::Open && deadline <= now => Status::Expired,
            _ => self.status,
        }
    }

    /// Whether little time is left (row L19).
    #[must_use]
    pub fn is_closing_soon(&self, now: Time) -> bool {
        self.status_at(now) == Status::Open
            && self.terms.deadline().is_some_and(|deadline| deadline.ms() - now.ms() < CLOSING_SOON)
    }

    /// Only the owner may change it (rows L6, L7, L10).
    ///
    /// # Errors
    /// [`Refused::NotOwner`].
    pub fn owned_by(&self, caller: &AccountId) -> Result<(), Refused> {
        if self.owner == *caller { Ok(()) } else { Err(Refused::NotOwner) }
    }

    /// The same listing a step further.
    ///
    /// # Errors
    /// [`Refused::Status`] with the status it has now; [`Refused::Hidden`].
    pub fn step(mut self, step: Step, now: Time) -> Result<Self, Refused> {
        if self.hidden && step == Step::Relist {
            return Err(Refused::Hidden);
        }
        let status = self.status_at(now);
        self.status = status.after(step).ok_or(Refused::Status(status))?;
        if step == Step::Relist {
            self.listed_at = now;
        }
        Ok(self.edited(now))
    }

    /// The same listing out of sight, whatever its status was.
    #[must_use]
    pub fn hide(mut self, now: Time) -> Self {
        self.status = Status::Withdrawn;
        self.hidden = true;
        self.edited(now)
    }

    /// The same listing, marked as edited.
    #[must_use]
    pub fn edited(mut self, now: Time) -> Self {
        self.updated_at = now;
        self.version += 1;
        self
    }

    /// Whether the text and terms may be edited: what is promised or done stays as it was agreed.
    ///
    /// # Errors
    /// [`Refused::Status`].
    pub fn editable(&self, now: Time) -> Result<(), Refused> {
        match self.status_at(now) {
            Status::Open | Status::Withdrawn | Status::Expired => Ok(()),
            status => Err(Refused::Status(status)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::EPOCH;

    fn later(ms: i64) -> Time {
        NOW.plus(ms)
    }

    fn barter(deadline: Time) -> Listing {
        Listing {
            id: ListingId::parse("lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AB").unwrap(),
            owner: AccountId::parse("6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506").unwrap(),
            terms: Terms::Barter { wants: Wish::parse("책").unwrap(), deadline },
            title: Title::parse("자전거").unwrap(),
            description: Description::parse("탑니다").unwrap(),
            category: CategoryId::parse("sports").unwrap(),
            region: crate::region::district("seoul/gangnam-gu").map(Region::from).unwrap(),
            pictures: vec![],
            status: Status::Open,
            bookmarks: 0,
            inquiries: 0,
            created_at: NOW,
            listed_at: NOW,
            updated_at: NOW,
            hidden: false,
            version: 1,
        }
    }

    #[test]
    fn a_deadline_acts_at_its_very_moment() {
        let listing = barter(later(HOUR));
        assert_eq!(listing.status_at(later(HOUR - 1)), Status::Open);
        assert_eq!(listing.status_at(later(HOUR)), Status::Expired);
        assert_eq!(listing.status_at(later(HOUR + 1)), Status::Expired);
    }

    #[test]
    fn a_promised_listing_does_not_expire() {
        let listing = Listing { status: Status::Reserved, ..barter(later(HOUR)) };
        assert_eq!(listing.status_at(later(2 * HOUR)), Status::Reserved);
    }

    #[test]
    fn a_deadline_is_ahead_on_the_hour_and_within_90_days() {
        assert_eq!(check_deadline(NOW, NOW), Err(Wrong::Past));
        assert_eq!(check_deadline(later(-HOUR), NOW), Err(Wrong::Past));
        assert_eq!(check_deadline(later(HOUR), NOW), Ok(()));
        assert_eq!(check_deadline(later(HOUR + 1), NOW), Err(Wrong::NotOnTheHour));
        assert_eq!(check_deadline(later(MAX_DEADLINE), NOW), Ok(()));
        assert_eq!(check_deadline(later(MAX_DEADLINE + HOUR), NOW), Err(Wrong::TooFar(90)));
        assert_eq!(check_deadline(later(3_650 * DAY), NOW), Err(Wrong::TooFar(90)));
    }

    #[test]
    fn closing_soon_means_less_than_six_hours() {
        assert!(!barter(later(CLOSING_SOON)).is_closing_soon(NOW));
        assert!(barter(later(CLOSING_SOON)).is_closing_soon(later(1)));
        assert!(!barter(later(CLOSING_SOON)).is_closing_soon(later(CLOSING_SOON)), "then it is over");
    }

    #[test]
    fn every_status_can_be_reached_and_every_one_can_be_left() {
        const STEPS: [Step; 6] =
            [Step::Reserve, Step::Release, Step::Close, Step::Expire, Step::Withdraw, Step::Relist];
        let mut reached = std::collections::BTreeSet::from([Status::Open]);
        loop {
            let next: Vec<_> = reached.iter().flat_map(|s| STEPS.iter().filter_map(|step| s.after(*step))).collect();
            let before = reached.len();
            reached.extend(next);
            if reached.len() == before {
                break;
            }
        }
        assert_eq!(reached.len(), Status::ALL.len());
        for status in Status::ALL {
            assert!(STEPS.iter().any(|step| status.after(*step).is_some()), "{status:?} is a dead end");
        }
    }

    #[test]
    fn an_expired_listing_can_be_put_up_again_before_the_schedule_wrote_it_down() {
        let listing = barter(later(HOUR)).step(Step::Relist, later(2 * HOUR)).unwrap();
        assert_eq!((listing.status, listing.version), (Status::Open, 2));
        assert_eq!(listing.listed_at, later(2 * HOUR));
        assert_eq!(barter(later(HOUR)).step(Step::Relist, NOW), Err(Refused::Status(Status::Open)));
    }

    #[test]
    fn a_price_above_zero_says_what_it_is_for() {
        assert!(Terms::rental(Section::Lend, Some(Price(1)), None, None).is_err());
        assert!(Terms::rental(Section::Lend, Some(Price(0)), None, None).is_ok());
        assert!(Terms::rental(Section::Lend, None, None, None).is_ok());
        assert!(Terms::rental(Section::Borrow, Some(Price(1)), Some(PriceUnit::Day), None).is_ok());
    }

    #[test]
    fn a_hidden_listing_is_withdrawn_and_put_up_no_more() {
        for status in Status::ALL {
            let hidden = Listing { status, ..barter(later(DAY)) }.hide(NOW);
            assert_eq!((hidden.status, hidden.hidden, hidden.version), (Status::Withdrawn, true, 2));
            assert_eq!(hidden.step(Step::Relist, NOW), Err(Refused::Hidden));
        }
        let withdrawn = Listing { status: Status::Withdrawn, ..barter(later(DAY)) };
        assert!(withdrawn.step(Step::Relist, NOW).is_ok());
    }

    #[test]
    fn a_price_is_a_whole_number_from_0_to_ten_million() {
        let price = |json: serde_json::Value| deserr::deserialize::<Price, _, Invalid>(json);
        assert_eq!(price(0.into()), Ok(Price(0)));
        assert_eq!(price(10_000_000.into()), Ok(Price(10_000_000)));
        for bad in [serde_json::json!(-1), 10_000_001.into(), 1.5.into(), "5000".into(), u64::MAX.into(), true.into()] {
            assert!(price(bad.clone()).is_err(), "{bad}");
        }
    }
}
