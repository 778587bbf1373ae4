//! Deals as they are shown.

use std::collections::HashMap;

use domain::{
    account::Account,
    deal::{Action, By, Deal, Facts, Kind, State, Step, Subject, Terms, diagram::effect_words},
    id::{AccountId, DealId, ErrandId, ListingId, RoomId},
    listing::{PriceUnit, Section},
    text::ReasonText,
    time::{Date, Time},
};
use edge::{PersonView, PictureView};
use schemars::JsonSchema;
use serde::Serialize;

/// A deal as one of its sides sees it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Deal")]
pub struct DealView {
    pub(crate) id: DealId,
    pub(crate) kind: Kind,
    /// The listing it is about.
    pub(crate) listing_id: Option<ListingId>,
    /// The errand it is about.
    pub(crate) errand_id: Option<ErrandId>,
    /// What that was called when the guest asked.
    pub(crate) title: String,
    /// Whose listing or errand it is.
    pub(crate) host_id: AccountId,
    /// The host; null of whoever has left.
    pub(crate) host: Option<PersonView>,
    /// Whoever asked, offered or quoted.
    pub(crate) guest_id: AccountId,
    /// The guest; null of whoever has left.
    pub(crate) guest: Option<PersonView>,
    /// Where it stands at this moment.
    pub(crate) state: State,
    /// When it came to stand there.
    pub(crate) moved_at: Time,
    /// What the guest asked for and the host agrees to, as it was then.
    pub(crate) terms: TermsView,
    /// Where the two talk about it.
    pub(crate) room_id: Option<RoomId>,
    /// Coins that are held for it.
    pub(crate) held: u64,
    /// What happened last.
    pub(crate) last_action: Action,
    /// Who did it; null for time.
    pub(crate) by: Option<AccountId>,
    /// Why, where somebody said so.
    pub(crate) reason: Option<ReasonText>,
    /// What the reader may do now: `POST /deals/{dealId}/actions`.
    pub(crate) actions: Vec<Action>,
    /// When time moves it if nobody does.
    pub(crate) due_at: Option<Time>,
    pub(crate) proposed_at: Time,
    pub(crate) agreed_at: Option<Time>,
    pub(crate) ended_at: Option<Time>,
    pub(crate) version: u64,
    /// Of a dry run: what would follow, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) would: Option<Vec<String>>,
}

/// What is agreed on.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
#[schemars(rename = "DealTerms")]
pub(crate) enum TermsView {
    /// Something for something.
    Barter {
        /// What the guest gives, in words.
        offer: String,
        /// Pictures of it.
        pictures: Vec<PictureView>,
        /// One of the guest's own listings.
        offered_listing_id: Option<ListingId>,
    },
    /// A thing for a time.
    Rental {
        /// When it is handed over.
        start: Time,
        /// When it comes back.
        end: Time,
        /// Whether the host lends or borrows.
        section: Section,
        /// What a unit costs, in KRW.
        unit_price: Option<u32>,
        /// What that is for.
        unit: Option<PriceUnit>,
        /// What it costs, in KRW; null is for the two to agree on.
        price: Option<u64>,
        /// Coins that are held until it is back.
        deposit: u64,
        /// Until when the borrower would like to keep it.
        extension: Option<Time>,
    },
    /// A journey for coins.
    Errand {
        /// What it costs, in coins.
        coins: u64,
        /// What the maker says to it.
        content: String,
        /// The day of the journey.
        date: Date,
        /// Whether the host asked this maker.
        designated: bool,
    },
}

impl TermsView {
    fn of(terms: &Terms, media_url: &str) -> Self {
        match terms {
            Terms::Barter { offer, pictures, listing } => Self::Barter {
                offer: offer.as_str().to_owned(),
                pictures: pictures.iter().map(|picture| PictureView::below(picture, media_url)).collect(),
                offered_listing_id: listing.clone(),
            },
            Terms::Rental { start, end, section, rate, price, deposit, extension } => Self::Rental {
                start: *start,
                end: *end,
                section: *section,
                unit_price: rate.map(|(price, _)| price.0),
                unit: rate.map(|(_, unit)| unit),
                price: *price,
                deposit: *deposit,
                extension: *extension,
            },
            Terms::Errand { price, content, date, designated } => Self::Errand {
                coins: price.0,
                content: content.as_str().to_owned(),
                date: *date,
                designated: *designated,
            },
        }
    }
}

/// How a deal is looked at.
pub(crate) struct Look<'a> {
    pub(crate) people: &'a HashMap<AccountId, Account>,
    pub(crate) reader: By<'a>,
    pub(crate) media_url: &'a str,
    pub(crate) now: Time,
}

impl DealView {
    /// A deal as it stands now.
    pub(crate) fn of(deal: &Deal, facts: &Facts, look: &Look<'_>) -> Self {
        let actions = deal.actions(&look.reader, facts, look.now);
        let deal = deal.at(look.now).deal;
        let person = |id| look.people.get(id).map(|account| PersonView::of(account, look.media_url));
        let (listing_id, errand_id) = match &deal.subject {
            Subject::Listing(id) => (Some(id.clone()), None),
            Subject::Errand(id) => (None, Some(id.clone())),
        };
        Self {
            host: person(&deal.host),
            guest: person(&deal.guest),
            terms: TermsView::of(&deal.terms, look.media_url),
            due_at: deal.due_at(),
            actions,
            listing_id,
            errand_id,
            id: deal.id,
            kind: deal.kind,
            title: deal.title,
            host_id: deal.host,
            guest_id: deal.guest,
            state: deal.state,
            moved_at: deal.moved_at,
            room_id: deal.room,
            held: deal.held,
            last_action: deal.last,
            by: deal.by,
            reason: deal.reason,
            proposed_at: deal.proposed_at,
            agreed_at: deal.agreed_at,
            ended_at: deal.ended_at,
            version: deal.version,
            would: None,
        }
    }

    /// With what would follow.
    pub(crate) fn would(self, step: &Step) -> Self {
        Self { would: Some(step.effects().map(effect_words).collect()), ..self }
    }
}
