//! Listings as they are shown.

use domain::{
    account::{Account, WITHDRAWN_NAME},
    category::Category,
    id::{AccountId, CategoryId, ListingId},
    listing::{Kind, Listing, Price, PriceUnit, Section, Status, Terms},
    text::{Description, Title, Wish},
    time::Time,
};
use edge::{Call, Fault, PictureView, RegionView};
use schemars::JsonSchema;
use serde::Serialize;

/// A listing in a list (row L14).
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ListingCard")]
pub(crate) struct CardView {
    pub(crate) id: ListingId,
    pub(crate) owner_id: AccountId,
    pub(crate) kind: Kind,
    pub(crate) title: Title,
    pub(crate) category: CategoryId,
    /// Of a barter: what is wanted in return.
    pub(crate) wants: Option<Wish>,
    /// Of a barter: until when.
    pub(crate) deadline: Option<Time>,
    /// Whether less than six hours are left (row L19).
    pub(crate) closing_soon: bool,
    /// Of a rental: lent or sought.
    pub(crate) section: Option<Section>,
    /// Of a rental, in KRW: null is to be agreed on, 0 is free.
    pub(crate) price: Option<Price>,
    /// Of a rental: what the price is for.
    pub(crate) unit: Option<PriceUnit>,
    /// Of a rental: coins that a borrower leaves until the thing is back, 0 for none.
    pub(crate) deposit: Option<u64>,
    pub(crate) region: RegionView,
    /// The first picture; null means the client's default picture (row M7).
    pub(crate) cover: Option<PictureView>,
    /// What it is at this moment: one whose deadline has passed is expired.
    pub(crate) status: Status,
    /// How many have bookmarked it.
    pub(crate) bookmarks: u64,
    /// How many have asked about it.
    pub(crate) inquiries: u64,
    pub(crate) created_at: Time,
    /// When it was put up last: what feeds are sorted by.
    pub(crate) listed_at: Time,
}

impl CardView {
    pub(crate) fn of(listing: Listing, call: &Call<'_>) -> Result<Self, Fault> {
        let cover = listing.pictures.first().map(|picture| PictureView::of(picture, call)).transpose()?;
        let (status, closing_soon) = (listing.status_at(call.now), listing.is_closing_soon(call.now));
        let kind = listing.terms.kind();
        let (wants, deadline, section, price, unit, deposit) = match listing.terms {
            Terms::Barter { wants, deadline } => (Some(wants), Some(deadline), None, None, None, None),
            Terms::Rental { section, price, unit, deposit } => (None, None, Some(section), price, unit, Some(deposit)),
        };
        Ok(Self {
            id: listing.id,
            owner_id: listing.owner,
            kind,
            title: listing.title,
            category: listing.category,
            wants,
            deadline,
            closing_soon,
            section,
            price,
            unit,
            deposit,
            region: listing.region.into(),
            cover,
            status,
            bookmarks: listing.bookmarks,
            inquiries: listing.inquiries,
            created_at: listing.created_at,
            listed_at: listing.listed_at,
        })
    }

    pub(crate) fn all(listings: Vec<Listing>, call: &Call<'_>) -> Result<Vec<Self>, Fault> {
        listings.into_iter().map(|listing| Self::of(listing, call)).collect()
    }
}

/// Whose a listing is (row L16).
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Owner")]
pub(crate) struct OwnerView {
    pub(crate) id: AccountId,
    /// `탈퇴유저` of whoever has left (row P19).
    pub(crate) nickname: String,
    pub(crate) image: Option<PictureView>,
    pub(crate) region: Option<RegionView>,
    /// The manner score, 0–100, where a listing is looked at; null until there is one, and in replies to changes.
    pub(crate) manner_score: Option<u8>,
}

impl OwnerView {
    pub(crate) fn of(id: AccountId, account: Option<Account>, call: &Call<'_>) -> Result<Self, Fault> {
        let Some(account) = account else {
            return Ok(Self { id, nickname: WITHDRAWN_NAME.to_owned(), image: None, region: None, manner_score: None });
        };
        Ok(Self {
            id,
            image: account.image.as_ref().map(|picture| PictureView::of(picture, call)).transpose()?,
            nickname: account.nickname.as_str().to_owned(),
            region: account.region.map(RegionView::from),
            manner_score: None,
        })
    }
}

/// A listing (row L16).
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Listing")]
pub(crate) struct ListingView {
    #[serde(flatten)]
    pub(crate) card: CardView,
    pub(crate) description: Description,
    /// The cover first.
    pub(crate) pictures: Vec<PictureView>,
    pub(crate) owner: OwnerView,
    /// Whether it is the reader's own.
    pub(crate) mine: bool,
    /// Whether the reader has bookmarked it.
    pub(crate) bookmarked: bool,
    pub(crate) updated_at: Time,
    /// To be named by an edit.
    pub(crate) version: u64,
}

impl ListingView {
    pub(crate) fn of(
        listing: Listing,
        owner: Option<Account>,
        bookmarked: bool,
        call: &Call<'_>,
    ) -> Result<Self, Fault> {
        let pictures =
            listing.pictures.iter().map(|picture| PictureView::of(picture, call)).collect::<Result<_, _>>()?;
        Ok(Self {
            pictures,
            owner: OwnerView::of(listing.owner.clone(), owner, call)?,
            mine: call.reader().is_some_and(|reader| reader.id == listing.owner),
            bookmarked,
            description: listing.description.clone(),
            updated_at: listing.updated_at,
            version: listing.version,
            card: CardView::of(listing, call)?,
        })
    }
}

/// A category (row L5).
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Category")]
pub(crate) struct CategoryView {
    pub(crate) id: CategoryId,
    pub(crate) name_ko: String,
    pub(crate) name_en: String,
    /// Where it stands among the others.
    pub(crate) place: u32,
    /// Takes no new listings.
    pub(crate) hidden: bool,
    /// To be named by an edit.
    pub(crate) version: u64,
}

impl From<Category> for CategoryView {
    fn from(category: Category) -> Self {
        Self {
            id: category.id,
            name_ko: category.name_ko,
            name_en: category.name_en,
            place: category.place,
            hidden: category.hidden,
            version: category.version,
        }
    }
}
