//! Errands: a journey that somebody would like another to make for them (rows D9–D23).

use deserr::Deserr;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    id::{AccountId, ErrandId},
    input::{Invalid, Wrong},
    listing::{Status, Step},
    region::ProvinceId,
    text::{AddressLine, ErrandDetails, ErrandTitle},
    time::{DAY, Date, Time},
};

/// How far ahead the day of an errand may lie.
pub const AHEAD: i64 = 366 * DAY;
/// Most makers that one errand asks at a time (003 promised up to five quotes).
pub const MOST_ASKED: usize = 5;

/// What kind of journey (section 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase)]
pub enum Journey {
    /// 맛집 탐방형.
    FoodTour,
    /// 기념품/쇼핑형.
    Shopping,
    /// 휴양형.
    Relaxation,
    /// 문화/역사탐방형.
    Culture,
    /// 액티비티/탐험형.
    Activity,
    /// 축제참여형.
    Festival,
}

impl Journey {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::FoodTour, Self::Shopping, Self::Relaxation, Self::Culture, Self::Activity, Self::Festival];

    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::FoodTour => "foodTour",
            Self::Shopping => "shopping",
            Self::Relaxation => "relaxation",
            Self::Culture => "culture",
            Self::Activity => "activity",
            Self::Festival => "festival",
        }
    }
}

/// An errand. Its status goes as a listing's does: `open` (003: PENDING), `reserved` (CONFIRMED), `closed` (COMPLETED),
/// `expired` (OVERDUE), `withdrawn` (deleted).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Errand {
    /// Its identifier.
    pub id: ErrandId,
    /// Whoever would like it done.
    pub host: AccountId,
    /// What it is.
    pub title: ErrandTitle,
    /// On which day.
    pub date: Date,
    /// What kind of journey.
    pub journey: Journey,
    /// Where.
    pub province: ProvinceId,
    /// More about it.
    pub details: ErrandDetails,
    /// Where things are sent to; of shopping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<AddressLine>,
    /// Where it stands, as far as it was written down: see [`Errand::status_at`].
    pub status: Status,
    /// Whose quote was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maker: Option<AccountId>,
    /// When it was put up.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
    /// Rises with every change.
    pub version: u64,
}

impl Errand {
    /// Whether an errand can be for a day, and needs an address or may have none (rows D9, D11).
    ///
    /// # Errors
    /// `past`, `too_far` at `/date`; `missing`, `not_together` at `/address`.
    pub fn check(date: Date, journey: Journey, address: Option<&AddressLine>, now: Time) -> Result<(), Invalid> {
        let mut wrong = Invalid::default();
        if date < Date::of(now) {
            wrong.add("/date", Wrong::Past);
        } else if date.begins() > now.plus(AHEAD) {
            wrong.add("/date", Wrong::TooFar(AHEAD / DAY));
        }
        match (journey, address) {
            (Journey::Shopping, None) => wrong.add("/address", Wrong::Missing),
            (Journey::Shopping, Some(_)) | (_, None) => {}
            (_, Some(_)) => wrong.add("/address", Wrong::NotTogether("journey")),
        }
        wrong.none()
    }

    /// The status at a moment: one that nobody was found for is overdue when its day is over (row D21).
    #[must_use]
    pub fn status_at(&self, now: Time) -> Status {
        if self.status == Status::Open && self.date.over() <= now { Status::Expired } else { self.status }
    }

    /// The same errand a step further.
    ///
    /// # Errors
    /// The status it has now, where it does not allow that.
    pub fn step(mut self, step: Step, now: Time) -> Result<Self, Status> {
        let status = self.status_at(now);
        // What is written down as overdue is overdue already.
        let from = if step == Step::Expire { self.status } else { status };
        self.status = from.after(step).ok_or(status)?;
        self.updated_at = now;
        self.version += 1;
        Ok(self)
    }

    /// Whether somebody may see where things are sent to: whoever asked, and the maker while it is theirs to do (row D11).
    #[must_use]
    pub fn shows_address_to(&self, reader: &AccountId) -> bool {
        self.host == *reader || (self.status == Status::Reserved && self.maker.as_ref() == Some(reader))
    }
}
