//! Deals: barter, rental and errands on one engine (row Z4).
//!
//! A deal is between a host, whose listing or errand it is about, and a guest, who asks for it, offers for it or quotes on
//! it. What may happen is a [`Process`]: states, and transitions with actors, guards and effects, all of them data.
//! [`Deal::step`] decides; whoever calls writes what it decided in one transaction.

pub mod barter;
pub mod diagram;
mod engine;
pub mod errand;
pub mod explore;
pub mod process;
pub mod rental;

use deserr::Deserr;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use engine::{By, Facts, Refused, Said, Step};
pub use process::{Action, Actor, Effect, Phase, Process, State, Transition};

use crate::{
    coins::Coins,
    id::{AccountId, DealId, ErrandId, ListingId, RoomId},
    input::Invalid,
    listing::{Price, PriceUnit, Section},
    manner::PenaltyCause,
    media::Picture,
    text::{OfferText, QuoteText, ReasonText},
    time::{Date, Time},
};

/// What is agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DealKind")]
#[deserr(error = Invalid, rename_all = camelCase)]
pub enum Kind {
    /// Something for something (row D1).
    Barter,
    /// A thing for a time (rows D2–D8).
    Rental,
    /// A journey that somebody makes for another (rows D9–D21).
    Errand,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Barter, Self::Rental, Self::Errand];

    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Barter => "barter",
            Self::Rental => "rental",
            Self::Errand => "errand",
        }
    }

    /// What may happen.
    #[must_use]
    pub const fn process(self) -> &'static Process {
        match self {
            Self::Barter => &barter::PROCESS,
            Self::Rental => &rental::PROCESS,
            Self::Errand => &errand::PROCESS,
        }
    }
}

/// What a deal is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "of", content = "id")]
pub enum Subject {
    /// A listing.
    Listing(ListingId),
    /// An errand.
    Errand(ErrandId),
}

impl Subject {
    /// Its identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Listing(id) => id.as_str(),
            Self::Errand(id) => id.as_str(),
        }
    }

    /// The listing, if it is one.
    #[must_use]
    pub fn listing(&self) -> Option<&ListingId> {
        match self {
            Self::Listing(id) => Some(id),
            Self::Errand(_) => None,
        }
    }
}

/// What was agreed. It stays as it was when the guest asked, whatever becomes of the listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub enum Terms {
    /// What the guest gives.
    Barter {
        /// In words.
        offer: OfferText,
        /// Pictures of it.
        #[serde(default)]
        pictures: Vec<Picture>,
        /// One of the guest's own listings.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        listing: Option<ListingId>,
    },
    /// From when until when, and for what.
    Rental {
        /// When the thing is handed over.
        start: Time,
        /// When it comes back.
        end: Time,
        /// Whether the host lends or borrows.
        section: Section,
        /// What an hour, a day or a month costs in KRW, where the listing says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rate: Option<(Price, PriceUnit)>,
        /// What it costs in KRW, computed here; `None` is for the two to agree on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        price: Option<u64>,
        /// Coins that are held until the thing is back.
        #[serde(default)]
        deposit: u64,
        /// Until when the borrower would like to keep it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extension: Option<Time>,
    },
    /// A journey for coins.
    Errand {
        /// What it costs.
        price: Coins,
        /// What the maker says to it.
        content: QuoteText,
        /// The day of the journey.
        date: Date,
        /// Whether the host asked this maker.
        designated: bool,
    },
}

/// A deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deal {
    /// Its identifier.
    pub id: DealId,
    /// What is agreed on.
    #[serde(rename = "dealKind")]
    pub kind: Kind,
    /// What it is about.
    pub subject: Subject,
    /// What that was called.
    pub title: String,
    /// Whose listing or errand it is.
    pub host: AccountId,
    /// Whoever asks, offers or quotes.
    pub guest: AccountId,
    /// Where it stands, as far as it was written down: see [`Deal::at`].
    pub state: State,
    /// When it came to stand there.
    pub moved_at: Time,
    /// What was agreed.
    pub terms: Terms,
    /// Where the two talk about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// Coins that are held for it.
    #[serde(default)]
    pub held: u64,
    /// What happened last.
    pub last: Action,
    /// Who did it; nobody for time and Madang.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AccountId>,
    /// Why, where somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonText>,
    /// Whether the sides were reminded of it, or need not be.
    #[serde(default)]
    pub reminded: bool,
    /// When the guest asked.
    pub proposed_at: Time,
    /// When the host agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed_at: Option<Time>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Time>,
    /// When anything happened to it last.
    pub updated_at: Time,
    /// One more with each transition.
    pub version: u64,
}

impl Deal {
    /// A deal as its guest proposes it.
    #[must_use]
    pub fn proposed(
        id: DealId,
        subject: Subject,
        title: String,
        host: AccountId,
        guest: AccountId,
        terms: Terms,
        now: Time,
    ) -> Self {
        let kind = match terms {
            Terms::Barter { .. } => Kind::Barter,
            Terms::Rental { .. } => Kind::Rental,
            Terms::Errand { .. } => Kind::Errand,
        };
        Self {
            id,
            kind,
            subject,
            title,
            by: Some(guest.clone()),
            host,
            guest,
            state: State::Proposed,
            moved_at: now,
            terms,
            room: None,
            held: 0,
            last: Action::Propose,
            reason: None,
            reminded: false,
            proposed_at: now,
            agreed_at: None,
            ended_at: None,
            updated_at: now,
            version: 1,
        }
    }

    /// Whether somebody is a side of it.
    #[must_use]
    pub fn is_of(&self, account: &AccountId) -> bool {
        self.host == *account || self.guest == *account
    }

    /// The other side.
    #[must_use]
    pub fn other(&self, account: &AccountId) -> &AccountId {
        if self.host == *account { &self.guest } else { &self.host }
    }

    /// Who plays a part, if it is a person.
    #[must_use]
    pub fn player(&self, actor: Actor) -> Option<&AccountId> {
        let host_lends = !matches!(self.terms, Terms::Rental { section: Section::Borrow, .. });
        match actor {
            Actor::Host => Some(&self.host),
            Actor::Guest => Some(&self.guest),
            Actor::Lender => Some(if host_lends { &self.host } else { &self.guest }),
            Actor::Borrower => Some(if host_lends { &self.guest } else { &self.host }),
            Actor::Admin | Actor::Madang => None,
        }
    }

    /// Coins that are to be held, who pays them, and who earns them when all goes well.
    #[must_use]
    pub fn stake(&self) -> Option<(u64, &AccountId, &AccountId)> {
        match &self.terms {
            Terms::Barter { .. } => None,
            Terms::Rental { deposit: 0, .. } => None,
            Terms::Rental { deposit, .. } => {
                Some((*deposit, self.player(Actor::Borrower)?, self.player(Actor::Lender)?))
            }
            Terms::Errand { price, .. } => Some((price.0, &self.host, &self.guest)),
        }
    }

    /// The next moment at which time moves it, if nobody else does.
    #[must_use]
    pub fn due_at(&self) -> Option<Time> {
        self.timed().map(|(_, moment)| moment).min()
    }
}

/// Who is punished for what, by a transition.
pub type Penalty = (Actor, PenaltyCause);
