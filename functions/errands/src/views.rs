//! Errands, quotes and makers as they are shown.

use std::collections::HashMap;

use domain::{
    account::Account,
    deal::{Action as DealAction, By, Deal, Facts, State, Terms},
    errand::{Action, Asked, Designation, Errand, Journey, MOST_ASKED},
    id::{AccountId, DealId, ErrandId},
    listing::Status,
    maker::{GalleryUrl, Maker},
    manner::Fraction,
    region::ProvinceId,
    text::{AddressLine, ErrandDetails, ErrandTitle, MakerDescription, MakerLine, Nickname, QuoteText},
    time::{Date, Time},
};
use edge::{Call, Fault, PersonView, PictureView, Setting};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Card, ForReader};

/// An errand in a list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ErrandCard")]
pub(crate) struct CardView {
    pub(crate) id: ErrandId,
    pub(crate) host_id: AccountId,
    pub(crate) title: ErrandTitle,
    pub(crate) date: Date,
    pub(crate) journey: Journey,
    pub(crate) province: ProvinceId,
    /// What it is at this moment: `reserved` is promised to a maker, `closed` done, `expired` overdue.
    pub(crate) status: Status,
    /// Whether it is promised to a maker and its day has come.
    pub(crate) ready_to_complete: bool,
    /// The quote that was confirmed, for its two sides.
    pub(crate) deal: Option<DealId>,
    pub(crate) created_at: Time,
}

impl CardView {
    pub(crate) fn of(errand: &Errand, call: &Call<'_>) -> Self {
        let reader = call.reader().map(|reader| &reader.id);
        let is_side = reader.is_some_and(|reader| errand.host == *reader || errand.maker.as_ref() == Some(reader));
        Self {
            id: errand.id.clone(),
            host_id: errand.host.clone(),
            title: errand.title.clone(),
            date: errand.date,
            journey: errand.journey,
            province: errand.province,
            status: errand.status_at(call.now),
            ready_to_complete: errand.is_ready(call.now),
            deal: errand.deal.clone().filter(|_| is_side),
            created_at: errand.created_at,
        }
    }
}

/// An errand as a maker comes upon it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ErrandInFeed")]
pub(crate) struct FeedView {
    #[serde(flatten)]
    pub(crate) card: CardView,
    /// Who asks; null once they have left.
    pub(crate) host: Option<PersonView>,
    /// Whether the reader was asked for a quote.
    pub(crate) designated: bool,
}

/// An errand (row D9).
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Errand")]
pub(crate) struct ErrandView {
    #[serde(flatten)]
    pub(crate) card: CardView,
    /// Who asks; null once they have left.
    pub(crate) host: Option<PersonView>,
    /// Whose quote was confirmed, for its two sides.
    pub(crate) maker: Option<PersonView>,
    pub(crate) details: ErrandDetails,
    /// Where things are sent to; for its owner, and for the maker while it is promised to them.
    pub(crate) address: Option<AddressLine>,
    /// Whether it is the reader's own.
    pub(crate) mine: bool,
    /// The reader's quote on it, while that is not over.
    pub(crate) quote: Option<DealId>,
    /// Whether the reader was asked for a quote, and what came of that.
    pub(crate) designation: Option<Asked>,
    /// What the reader may do now. What may be done about quotes is said by them.
    pub(crate) actions: Vec<Action>,
    pub(crate) updated_at: Time,
    pub(crate) version: u64,
}

impl ErrandView {
    pub(crate) fn of(found: &ForReader, people: &HashMap<AccountId, Account>, call: &Call<'_>) -> Result<Self, Fault> {
        let (errand, reader) = (&found.errand, call.reader().map(|reader| &reader.id));
        let media_url = call.setting(Setting::MediaUrl)?;
        let person = |id: &AccountId| people.get(id).map(|account| PersonView::of(account, media_url));
        let card = CardView::of(errand, call);
        Ok(Self {
            host: person(&errand.host),
            maker: errand.maker.as_ref().filter(|_| card.deal.is_some()).and_then(person),
            details: errand.details.clone(),
            address: errand.address.clone().filter(|_| reader.is_some_and(|reader| errand.shows_address_to(reader))),
            mine: reader == Some(&errand.host),
            quote: found.quote.clone(),
            designation: found.designation.as_ref().map(|asked| asked.state),
            actions: reader.map(|reader| actions(found, reader, call.now)).unwrap_or_default(),
            updated_at: errand.updated_at,
            version: errand.version,
            card,
        })
    }
}

/// What somebody may do about an errand now.
fn actions(found: &ForReader, reader: &AccountId, now: Time) -> Vec<Action> {
    let errand = &found.errand;
    let open = errand.status_at(now) == Status::Open;
    let mut actions = vec![];
    if errand.host == *reader {
        if errand.clone().withdrawn(now).is_ok() {
            actions.push(Action::Delete);
        }
        if open && found.asking < MOST_ASKED as u64 {
            actions.push(Action::Designate);
        }
        return actions;
    }
    if open && found.quote.is_none() && may_quote(found) {
        actions.push(Action::Quote);
    }
    if open && found.designation.as_ref().is_some_and(|asked| asked.state == Asked::Waiting) {
        actions.push(Action::Decline);
    }
    actions
}

/// Whether a maker may quote where the errand is.
pub(crate) fn may_quote(found: &ForReader) -> bool {
    let invited = found.designation.as_ref().is_some_and(Designation::invites);
    found.maker.as_ref().is_some_and(|maker| invited || maker.serves(found.errand.province))
}

/// A maker in a list (rows P7, P8).
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "MakerCard")]
pub(crate) struct MakerCardView {
    pub(crate) id: AccountId,
    pub(crate) nickname: Nickname,
    pub(crate) picture: Option<PictureView>,
    /// In one line; null of somebody who is a maker no more.
    pub(crate) line: Option<MakerLine>,
    pub(crate) gallery: Option<GalleryUrl>,
    pub(crate) journeys: Vec<Journey>,
    pub(crate) provinces: Vec<ProvinceId>,
    /// How many of their quotes were confirmed.
    pub(crate) total_confirms: u64,
    /// How many errands they have done.
    pub(crate) completed: u64,
    pub(crate) total_reviews: u64,
    /// To two places; null without reviews.
    pub(crate) average_rating: Option<f64>,
    pub(crate) total_follows: u64,
    /// Whether the reader follows them; null for whoever is not signed in.
    pub(crate) is_followed: Option<bool>,
}

impl MakerCardView {
    pub(crate) fn of(card: Card, call: &Call<'_>) -> Result<Self, Fault> {
        let Card { account, maker, standing, made, followed } = card;
        let ratings = standing.ratings(call.now);
        let maker = maker.as_ref();
        Ok(Self {
            picture: account.image.as_ref().map(|picture| PictureView::of(picture, call)).transpose()?,
            id: account.id,
            nickname: account.nickname,
            line: maker.map(|maker| maker.line.clone()),
            gallery: maker.and_then(|maker| maker.gallery.clone()),
            journeys: maker.map(|maker| maker.journeys.clone()).unwrap_or_default(),
            provinces: maker.map(|maker| maker.provinces.clone()).unwrap_or_default(),
            total_confirms: made.confirmed,
            completed: made.completed,
            total_reviews: ratings.count(),
            average_rating: ratings.average().map(two_places),
            total_follows: standing.followers,
            is_followed: call.reader().map(|_| followed),
        })
    }
}

/// An average, to two places.
fn two_places(average: Fraction) -> f64 {
    let hundredths = i32::try_from(average.hundredths()).unwrap_or_default();
    f64::from(hundredths) / 100.0
}

/// A maker (row P7).
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Maker")]
pub(crate) struct MakerView {
    #[serde(flatten)]
    pub(crate) card: MakerCardView,
    pub(crate) description: MakerDescription,
    pub(crate) created_at: Time,
    /// To be named by an edit.
    pub(crate) version: u64,
}

impl MakerView {
    pub(crate) fn of(card: Card, maker: &Maker, call: &Call<'_>) -> Result<Self, Fault> {
        Ok(Self {
            description: maker.description.clone(),
            created_at: maker.created_at,
            version: maker.version,
            card: MakerCardView::of(card, call)?,
        })
    }
}

/// A quote (row D14): a deal as those see it who compare quotes.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Quote")]
pub(crate) struct QuoteView {
    /// The deal; null of one that was only tried.
    pub(crate) deal: Option<DealId>,
    pub(crate) errand: String,
    /// Whose it is; null once they have left.
    pub(crate) maker: Option<MakerCardView>,
    /// In coins.
    pub(crate) price: u64,
    pub(crate) content: QuoteText,
    /// Whether the maker was asked for it.
    pub(crate) designated: bool,
    pub(crate) state: State,
    pub(crate) proposed_at: Time,
    /// What the reader may do about it now (`POST /deals/{dealId}/actions`).
    pub(crate) actions: Vec<DealAction>,
}

impl QuoteView {
    /// A quote; nothing of a deal that is about no errand.
    pub(crate) fn of(deal: &Deal, maker: Option<Card>, status: Status, call: &Call<'_>) -> Result<Option<Self>, Fault> {
        let Terms::Errand { price, content, designated, .. } = &deal.terms else { return Ok(None) };
        // What the payer has is looked at when a quote is confirmed.
        let facts = Facts { subject: Some(status), free: None, balance: None };
        let by = call.reader().map(|reader| By::Account(&reader.id));
        Ok(Some(Self {
            deal: Some(deal.id.clone()),
            errand: deal.subject.as_str().to_owned(),
            maker: maker.map(|card| MakerCardView::of(card, call)).transpose()?,
            price: price.0,
            content: content.clone(),
            designated: *designated,
            state: deal.at(call.now).deal.state,
            proposed_at: deal.proposed_at,
            actions: by.map(|by| deal.actions(&by, &facts, call.now)).unwrap_or_default(),
        }))
    }
}

/// A maker who was asked for a quote (row D12).
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Designation")]
pub(crate) struct DesignationView {
    pub(crate) errand: ErrandId,
    /// Who was asked; null once they have left.
    pub(crate) maker: Option<MakerCardView>,
    pub(crate) state: Asked,
    pub(crate) asked_at: Time,
    /// When the maker answered, or it lapsed.
    pub(crate) answered_at: Option<Time>,
}

impl DesignationView {
    pub(crate) fn of(asked: Designation, maker: Option<Card>, call: &Call<'_>) -> Result<Self, Fault> {
        Ok(Self {
            errand: asked.errand,
            maker: maker.map(|card| MakerCardView::of(card, call)).transpose()?,
            state: asked.state,
            asked_at: asked.asked_at,
            answered_at: asked.answered_at,
        })
    }
}

/// How many errands of a kind are open.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "JourneyCount")]
pub(crate) struct JourneyCount {
    pub(crate) journey: Journey,
    pub(crate) open: u64,
}
