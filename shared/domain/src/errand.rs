//! Errands: a journey that somebody would like another to make for them (rows D9–D23), and whom they ask for it by name.

use deserr::Deserr;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    id::{AccountId, DealId, ErrandId},
    input::{Invalid, Wrong},
    lang::Lang,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Deserr, JsonSchema)]
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

    /// The name for a person (section 14).
    #[must_use]
    pub const fn name(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::FoodTour, Lang::Ko) => "맛집 탐방형",
            (Self::Shopping, Lang::Ko) => "기념품/쇼핑형",
            (Self::Relaxation, Lang::Ko) => "휴양형",
            (Self::Culture, Lang::Ko) => "문화/역사탐방형",
            (Self::Activity, Lang::Ko) => "액티비티/탐험형",
            (Self::Festival, Lang::Ko) => "축제참여형",
            (Self::FoodTour, Lang::En) => "food tour",
            (Self::Shopping, Lang::En) => "shopping",
            (Self::Relaxation, Lang::En) => "relaxation",
            (Self::Culture, Lang::En) => "culture",
            (Self::Activity, Lang::En) => "activity",
            (Self::Festival, Lang::En) => "festival",
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
    /// The quote that was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal: Option<DealId>,
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

    /// The same errand, taken back (row D19): one that is promised to a maker is theirs to do, one that is done stays.
    ///
    /// # Errors
    /// The status it has now, where it does not allow that.
    pub fn withdrawn(mut self, now: Time) -> Result<Self, Status> {
        match self.status_at(now) {
            Status::Open | Status::Expired => {}
            status => return Err(status),
        }
        self.status = Status::Withdrawn;
        self.updated_at = now;
        self.version += 1;
        Ok(self)
    }

    /// Whether its day has come and it can be said to be done (row D22).
    #[must_use]
    pub fn is_ready(&self, now: Time) -> bool {
        self.status == Status::Reserved && self.date.begins() <= now
    }

    /// Whether somebody may see where things are sent to: whoever asked, and the maker while it is theirs to do (row D11).
    #[must_use]
    pub fn shows_address_to(&self, reader: &AccountId) -> bool {
        self.host == *reader || (self.status == Status::Reserved && self.maker.as_ref() == Some(reader))
    }
}

/// A part of somebody's own errands (row D22).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserr, JsonSchema)]
#[schemars(rename = "ErrandState", rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase)]
pub enum Mine {
    /// Open, or promised to a maker.
    #[default]
    Ongoing,
    /// Promised to a maker, and its day has come.
    ReadyToComplete,
    /// Done.
    Completed,
    /// Nobody was found before its day was over.
    Overdue,
}

/// What somebody may do about an errand now; what may be done about its quotes is said by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ErrandAction")]
pub enum Action {
    /// Its owner takes it back.
    Delete,
    /// Its owner asks a maker for a quote.
    Designate,
    /// A maker quotes.
    Quote,
    /// A maker who was asked says no.
    Decline,
}

/// What became of asking a maker for a quote (rows D12, D13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DesignationState")]
pub enum Asked {
    /// The maker has not answered.
    Waiting,
    /// The maker has quoted.
    Quoted,
    /// The maker has said no.
    Declined,
    /// The errand was another's, or over, before the maker answered.
    Lapsed,
}

impl Asked {
    /// The word in the table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Quoted => "quoted",
            Self::Declined => "declined",
            Self::Lapsed => "lapsed",
        }
    }
}

/// A maker whom somebody asked for a quote (row D12). It says what the errand says, which does not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Designation {
    /// For which errand.
    pub errand: ErrandId,
    /// Who was asked.
    pub maker: AccountId,
    /// Who asked.
    pub host: AccountId,
    /// What the errand is called.
    pub title: ErrandTitle,
    /// On which day.
    pub date: Date,
    /// What kind of journey.
    pub journey: Journey,
    /// What became of it.
    pub state: Asked,
    /// When the maker was asked.
    pub asked_at: Time,
    /// When that was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Time>,
}

impl Designation {
    /// A maker is asked.
    #[must_use]
    pub fn of(errand: &Errand, maker: AccountId, now: Time) -> Self {
        Self {
            errand: errand.id.clone(),
            maker,
            host: errand.host.clone(),
            title: errand.title.clone(),
            date: errand.date,
            journey: errand.journey,
            state: Asked::Waiting,
            asked_at: now,
            answered_at: None,
        }
    }

    /// The same, answered.
    #[must_use]
    pub fn answered(&self, state: Asked, now: Time) -> Self {
        Self { state, answered_at: Some(now), ..self.clone() }
    }

    /// Whether the maker may quote wherever the errand is: asked, and has not said no.
    #[must_use]
    pub fn invites(&self) -> bool {
        self.state != Asked::Declined
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errand() -> Errand {
        Errand {
            id: ErrandId::from_ulid("01K9ZX3V5M8QJ4T0N2R6W7Y1AB"),
            host: AccountId::parse("6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506").unwrap(),
            title: ErrandTitle::parse("오메기떡").unwrap(),
            date: Date::parse("2026-11-21").unwrap(),
            journey: Journey::FoodTour,
            province: ProvinceId::parse("jeju").unwrap(),
            details: ErrandDetails::parse("두 상자").unwrap(),
            address: None,
            status: Status::Open,
            maker: None,
            deal: None,
            created_at: Time::EPOCH,
            updated_at: Time::EPOCH,
            version: 1,
        }
    }

    #[test]
    fn an_errand_is_for_today_at_the_earliest_by_koreas_clock_d9() {
        let date = Date::parse("2026-11-21").unwrap();
        let check = |now| Errand::check(date, Journey::Culture, None, now);
        assert!(check(date.over().plus(-1)).is_ok(), "the last millisecond of the day");
        assert_eq!(check(date.over()), Err(Invalid::one("/date", Wrong::Past)));
        assert!(check(date.begins().plus(-AHEAD)).is_ok());
        assert_eq!(check(date.begins().plus(-AHEAD - 1)), Err(Invalid::one("/date", Wrong::TooFar(366))));
    }

    #[test]
    fn nobody_was_found_when_the_day_is_over_and_only_then_d21() {
        let errand = errand();
        assert_eq!(errand.status_at(errand.date.over().plus(-1)), Status::Open);
        assert_eq!(errand.status_at(errand.date.over()), Status::Expired);
        let reserved = Errand { status: Status::Reserved, ..errand.clone() };
        assert_eq!(reserved.status_at(errand.date.over()), Status::Reserved);
        assert!(!reserved.is_ready(errand.date.begins().plus(-1)) && reserved.is_ready(errand.date.begins()));
    }

    #[test]
    fn what_is_promised_or_done_is_not_taken_back_d19() {
        let now = errand().date.begins();
        for (status, taken) in [
            (Status::Open, true),
            (Status::Expired, true),
            (Status::Reserved, false),
            (Status::Closed, false),
            (Status::Withdrawn, false),
        ] {
            let after = Errand { status, ..errand() }.withdrawn(now);
            assert_eq!(after.is_ok(), taken, "{status:?}");
            assert!(after.is_err() || after.is_ok_and(|after| after.version == 2));
        }
    }
}
