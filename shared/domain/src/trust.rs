//! Trust between neighbours: reviews that nobody sees before both are written (rows P8–P11, Z6), reports and what comes of
//! them (row X1), suspension, feedback (row X2).

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::{
    id::{AccountId, DealId, FeedbackId, ListingId, ReportId, RoomId},
    input::{Invalid, Wrong, integer_value, wrong_at},
    manner::Fraction,
    message::seq_in_path,
    text::{FeedbackText, FeedbackTitle, Reason, ReportText, ReviewText},
    time::{DAY, Time},
};

/// How long after the end of a deal its sides may review each other.
pub const REVIEW_WINDOW: i64 = 14 * DAY;
/// The longest that somebody is suspended for, in days; beyond that is a ban.
pub const MOST_DAYS: i64 = 365;

/// Whole stars, 1–5 (section 13, point 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stars(pub u8);

impl Deserr<Invalid> for Stars {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        Ok(Self(u8::try_from(integer_value(value, at, 1..=5)?).unwrap_or(1)))
    }
}

impl JsonSchema for Stars {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Stars".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": 1, "maximum": 5, "examples": [5]})
    }
}

/// A deal that has ended, as far as its two sides may review each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reviewable {
    /// The deal.
    pub deal: DealId,
    /// Whose listing it was about.
    pub host: AccountId,
    /// Who dealt with them.
    pub guest: AccountId,
    /// What it was about: a title.
    pub about: String,
    /// When it ended.
    pub ended_at: Time,
    /// Until when, and not at that moment any more, it may be reviewed.
    pub closes_at: Time,
    /// Whether the host has reviewed the guest.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub host_done: bool,
    /// Whether the guest has reviewed the host.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub guest_done: bool,
}

/// Why somebody may not review a deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewRefused {
    /// It was not theirs.
    Stranger,
    /// They have.
    Done,
    /// The window has closed.
    TooLate,
}

impl Reviewable {
    /// A deal that ends now.
    #[must_use]
    pub fn new(deal: DealId, host: AccountId, guest: AccountId, about: String, now: Time) -> Self {
        let closes_at = now.plus(REVIEW_WINDOW);
        Self { deal, host, guest, about, ended_at: now, closes_at, host_done: false, guest_done: false }
    }

    /// The other side.
    #[must_use]
    pub fn other(&self, me: &AccountId) -> Option<&AccountId> {
        if *me == self.host {
            Some(&self.guest)
        } else if *me == self.guest {
            Some(&self.host)
        } else {
            None
        }
    }

    /// Whom somebody may review now.
    ///
    /// # Errors
    /// [`ReviewRefused`].
    pub fn reviewed_by(&self, me: &AccountId, now: Time) -> Result<&AccountId, ReviewRefused> {
        let other = self.other(me).ok_or(ReviewRefused::Stranger)?;
        let done = if *me == self.host { self.host_done } else { self.guest_done };
        if done {
            Err(ReviewRefused::Done)
        } else if self.closes_at <= now {
            Err(ReviewRefused::TooLate)
        } else {
            Ok(other)
        }
    }
}

/// What one side of a deal says of the other (row P10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Review {
    /// The deal.
    pub deal: DealId,
    /// Whom it is about.
    pub account: AccountId,
    /// Who wrote it.
    pub author: AccountId,
    /// What the deal was about.
    pub about: String,
    /// When the deal ended.
    pub ended_at: Time,
    /// How good it was.
    pub stars: Stars,
    /// What there is to say.
    pub text: ReviewText,
    /// When it was written.
    pub created_at: Time,
    /// From when on it can be seen: a fact, whether or not anything has written it down.
    pub visible_at: Time,
    /// Whether the sums of whom it is about have it.
    #[serde(default)]
    pub counted: bool,
    /// Whether an administrator took it out of sight.
    #[serde(default)]
    pub hidden: bool,
    /// Rises with every change.
    pub version: u64,
}

impl Review {
    /// Whether others see it.
    #[must_use]
    pub fn is_visible(&self, now: Time) -> bool {
        !self.hidden && self.visible_at <= now
    }

    /// The same review, seen from a moment on and counted.
    #[must_use]
    pub fn shown(&self, at: Time) -> Self {
        Self { visible_at: at, counted: true, version: self.version + 1, ..self.clone() }
    }
}

/// How many stars somebody was given: exact sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ratings(pub [u64; 5]);

impl Ratings {
    /// How many reviews.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The average; nothing without reviews.
    #[must_use]
    pub fn average(&self) -> Option<Fraction> {
        let sum: u64 = self.0.iter().zip(1..).map(|(count, stars)| count * stars).sum();
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        (self.count() > 0).then(|| Fraction { of: whole(sum), by: whole(self.count()) })
    }

    /// With one more.
    #[must_use]
    pub fn with(mut self, stars: Stars) -> Self {
        if let Some(count) = self.0.get_mut(usize::from(stars.0).saturating_sub(1)) {
            *count += 1;
        }
        self
    }
}

/// What is counted of somebody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Who follows them (row P12).
    pub followers: u64,
    /// Reviews that are counted.
    pub counted: Ratings,
    /// Reviews that are seen from a moment on, and are not counted yet.
    pub waiting: Vec<(Stars, Time)>,
}

impl Standing {
    /// The stars of all reviews that can be seen at a moment.
    #[must_use]
    pub fn ratings(&self, now: Time) -> Ratings {
        let seen = self.waiting.iter().filter(|(_, at)| *at <= now);
        seen.fold(self.counted, |ratings, (stars, _)| ratings.with(*stars))
    }
}

/// What can be reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Named", into = "Named")]
pub enum Subject {
    /// A listing.
    Listing(ListingId),
    /// A person.
    Account(AccountId),
    /// A message of a room.
    Message(RoomId, u64),
    /// A review: of a deal, about somebody.
    Review(DealId, AccountId),
}

/// Kinds of what can be reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[deserr(error = Invalid, rename_all = lowercase)]
pub enum SubjectKind {
    /// `lst_…`.
    Listing,
    /// An account's identifier.
    Account,
    /// `room_…:42`.
    Message,
    /// `dea_…:` and the identifier of the account it is about.
    Review,
}

/// What is reported, as it is spelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Deserr, JsonSchema)]
#[schemars(rename = "Subject", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Named {
    /// What it is.
    #[serde(rename = "type")]
    #[deserr(rename = "type")]
    kind: SubjectKind,
    /// Which: `lst_…`, an account's identifier, `room_…:42` for a message, `dea_…:` and an account's identifier for the
    /// review that is about them.
    #[schemars(example = &"lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AB")]
    id: String,
}

impl Subject {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> SubjectKind {
        match self {
            Self::Listing(_) => SubjectKind::Listing,
            Self::Account(_) => SubjectKind::Account,
            Self::Message(..) => SubjectKind::Message,
            Self::Review(..) => SubjectKind::Review,
        }
    }

    /// Its identifier as it is spelled.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Listing(id) => id.to_string(),
            Self::Account(id) => id.to_string(),
            Self::Message(room, seq) => format!("{room}:{seq}"),
            Self::Review(deal, account) => format!("{deal}:{account}"),
        }
    }

    /// What has this identifier.
    ///
    /// # Errors
    /// `malformed`.
    pub fn parse(kind: SubjectKind, id: &str) -> Result<Self, Wrong> {
        let two = |form| id.split_once(':').ok_or(Wrong::Malformed(form));
        match kind {
            SubjectKind::Listing => ListingId::parse(id).map(Self::Listing),
            SubjectKind::Account => AccountId::parse(id).map(Self::Account),
            SubjectKind::Message => {
                let (room, seq) = two("room_…:42")?;
                Ok(Self::Message(RoomId::parse(room)?, seq_in_path(seq)?))
            }
            SubjectKind::Review => {
                let (deal, account) = two("dea_…:account")?;
                Ok(Self::Review(DealId::parse(deal)?, AccountId::parse(account)?))
            }
        }
    }
}

impl From<Subject> for Named {
    fn from(subject: Subject) -> Self {
        Self { kind: subject.kind(), id: subject.id() }
    }
}

impl TryFrom<Named> for Subject {
    type Error = &'static str;
    fn try_from(named: Named) -> Result<Self, &'static str> {
        Self::parse(named.kind, &named.id).map_err(|wrong| wrong.code())
    }
}

impl Deserr<Invalid> for Subject {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        let Named { kind, id } = Named::deserialize_from_value(value, at)?;
        Self::parse(kind, &id).map_err(|wrong| wrong_at(wrong, at.push_key("id")))
    }
}

impl JsonSchema for Subject {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Subject".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        <Named as JsonSchema>::json_schema(generator)
    }
}

/// What somebody finds wrong (row X1; system 004's five).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Deserr, JsonSchema)]
#[schemars(rename = "ReportCategory")]
#[serde(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase)]
pub enum Category {
    /// 판매 금지 물품이에요.
    Prohibited,
    /// 중고거래 게시글이 아니에요.
    OffTopic,
    /// 전문 판매업자 같아요.
    Professional,
    /// 사기 글이에요.
    Fraud,
    /// 기타: a text says what.
    Other,
}

/// Where a report stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[deserr(error = Invalid, rename_all = lowercase)]
pub enum ReportStatus {
    /// Nobody has decided yet.
    Open,
    /// It was right.
    Upheld,
    /// Nothing comes of it.
    Dismissed,
}

impl ReportStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Open, Self::Upheld, Self::Dismissed];

    /// The word on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Upheld => "upheld",
            Self::Dismissed => "dismissed",
        }
    }
}

/// What an administrator does about a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[deserr(error = Invalid, rename_all = lowercase)]
pub enum Action {
    /// Nothing.
    Dismiss,
    /// Whose it is is told that it should not be.
    Warn,
    /// The listing or the review is taken out of sight, for good.
    Hide,
    /// Whose it is cannot do anything for some days.
    Suspend,
    /// Whose it is cannot do anything any more.
    Ban,
}

/// A decision about a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// What was done.
    pub action: Action,
    /// For how many days, where somebody was suspended.
    #[serde(default)]
    pub days: Option<u16>,
    /// Why.
    pub reason: Reason,
    /// By which administrator.
    pub by: AccountId,
    /// When.
    pub at: Time,
}

impl Decision {
    /// Until when whose it is is suspended by it.
    #[must_use]
    pub fn suspends_until(&self) -> Option<Time> {
        match self.action {
            Action::Suspend => Some(self.at.plus(i64::from(self.days.unwrap_or(1)) * DAY)),
            Action::Ban => Some(Suspension::for_good()),
            Action::Dismiss | Action::Warn | Action::Hide => None,
        }
    }
}

/// A report (row X1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Its identifier.
    pub id: ReportId,
    /// Who reports.
    pub reporter: AccountId,
    /// What.
    pub subject: Subject,
    /// Whose it is.
    pub account: AccountId,
    /// What it said when it was reported: a title, a nickname, a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
    /// What is wrong with it.
    pub category: Category,
    /// More about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<ReportText>,
    /// Where it stands.
    pub status: ReportStatus,
    /// When it was made.
    pub created_at: Time,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
}

impl Report {
    /// After a decision.
    #[must_use]
    pub fn decided(&self, decision: Decision) -> Self {
        let status = if decision.action == Action::Dismiss { ReportStatus::Dismissed } else { ReportStatus::Upheld };
        Self { status, decision: Some(decision), ..self.clone() }
    }
}

/// Somebody who may do nothing for a time, or any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suspension {
    /// Who.
    pub account: AccountId,
    /// Until when.
    pub until: Time,
    /// Why.
    pub reason: Reason,
    /// Since when.
    pub since: Time,
    /// By which administrator.
    pub by: AccountId,
}

impl Suspension {
    /// Until when somebody is suspended who is banned: the end of the year 9999.
    #[must_use]
    pub fn for_good() -> Time {
        Time::from_ms(i64::MAX)
    }

    /// Whether it holds at a moment.
    #[must_use]
    pub fn holds(&self, now: Time) -> bool {
        now < self.until
    }
}

/// What somebody wants to tell the makers (row X2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Feedback {
    /// Its identifier.
    pub id: FeedbackId,
    /// Who.
    pub account: AccountId,
    /// What about.
    pub title: FeedbackTitle,
    /// What.
    pub content: FeedbackText,
    /// When.
    pub created_at: Time,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ULID: &str = "01K9ZX3V5M8QJ4T0N2R6W7Y1AB";

    fn account(n: u8) -> AccountId {
        AccountId::parse(&format!("6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f50{n}")).unwrap()
    }

    #[test]
    fn either_side_reviews_the_other_once_until_the_window_closes() {
        let ended = Time::from_ms(1_000);
        let mut deal = Reviewable::new(DealId::from_ulid(ULID), account(1), account(2), "책".into(), ended);
        let last = ended.plus(REVIEW_WINDOW - 1);
        assert_eq!(deal.reviewed_by(&account(1), last), Ok(&account(2)));
        assert_eq!(deal.reviewed_by(&account(2), ended), Ok(&account(1)));
        assert_eq!(deal.reviewed_by(&account(1), ended.plus(REVIEW_WINDOW)), Err(ReviewRefused::TooLate));
        assert_eq!(deal.reviewed_by(&account(3), last), Err(ReviewRefused::Stranger));
        deal.host_done = true;
        assert_eq!(deal.reviewed_by(&account(1), last), Err(ReviewRefused::Done));
        assert_eq!(deal.reviewed_by(&account(2), last), Ok(&account(1)));
    }

    #[test]
    fn an_average_is_exact_and_counts_what_can_be_seen_by_now() {
        let mut standing = Standing { counted: Ratings([0, 0, 1, 0, 1]), ..Standing::default() };
        standing.waiting.push((Stars(5), Time::from_ms(10)));
        assert_eq!(standing.ratings(Time::from_ms(9)).average(), Some(Fraction { of: 8, by: 2 }));
        let ratings = standing.ratings(Time::from_ms(10));
        assert_eq!((ratings.count(), ratings.average().map(Fraction::hundredths)), (3, Some(433)));
        assert_eq!(Ratings::default().average(), None);
    }

    #[test]
    fn what_is_reported_is_read_back_as_it_was_spelled() {
        let of = |kind, id: &str| Subject::parse(kind, id).map(|subject| subject.id());
        let message = format!("room_{ULID}:42");
        assert_eq!(of(SubjectKind::Message, &message), Ok(message.clone()));
        let review = format!("dea_{ULID}:{}", account(1));
        assert_eq!(of(SubjectKind::Review, &review), Ok(review.clone()));
        assert!(of(SubjectKind::Listing, &message).is_err());
        for bad in ["", "room_:1", &format!("room_{ULID}"), &format!("room_{ULID}:x")] {
            assert!(of(SubjectKind::Message, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_decision_suspends_for_days_or_for_good() {
        let reason = Reason::parse("사기").unwrap();
        let at = Time::from_ms(5);
        let by = |action, days| Decision { action, days, reason: reason.clone(), by: account(9), at }.suspends_until();
        assert_eq!(by(Action::Suspend, Some(3)), Some(at.plus(3 * DAY)));
        assert_eq!(by(Action::Ban, None).map(|until| until.to_string()), Some("9999-12-31T23:59:59.999Z".into()));
        assert_eq!(by(Action::Warn, None), None);
    }
}
