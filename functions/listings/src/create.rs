//! POST /listings: a member puts something up for barter or rent.

use deserr::Deserr;
use domain::{
    coins::Coins,
    id::{CategoryId, ListingId, MediaId},
    input::{Few, Invalid, Wrong},
    listing::{Listing, MAX_PICTURES, Price, PriceUnit, Section, Status, Terms},
    text::{Description, Title, Wish},
    time::Time,
};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row, Setting};
use ports::fresh_ulid;
use schemars::JsonSchema;
use store::{Error, NewListing};

use crate::{Listings, pictures::chosen, views::ListingView};

pub(crate) const ROUTE: Route<Listings> = Row::post("listings.create", "/listings")
    .summary("Put something up for barter or rent")
    .description(
        "It is put up in the owner's home district. Pictures are uploads (`POST /media`, purpose `listing`) that are \
         ready; the first is the cover. A barter ends at its deadline, which is on the hour and at most 90 days off.",
    )
    .features(&["L1", "L2", "L3", "L4", "L5", "A24", "Z5"])
    .idempotent()
    .needs(&[Setting::MediaUrl])
    .may(&[
        Grant::Table("GetItem", &["RECEIPT#listings.create#"]),
        Grant::Table("BatchGetItem", &["ACCOUNT#", "CATEGORIES", "MEDIA#"]),
        Grant::Table("PutItem", &["LISTING#", "RECEIPT#listings.create#"]),
        Grant::Table("UpdateItem", &["MEDIA#"]),
    ])
    .takes::<Body>()
    .replies::<ListingView>(201)
    .problems(&[Code::OnboardingNeeded, Code::RegionNeeded, Code::BadToken])
    .budget(3, 5.0, 52.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(
    rename = "NewListing",
    rename_all = "lowercase",
    rename_all_fields = "camelCase",
    tag = "kind",
    deny_unknown_fields
)]
#[deserr(error = Invalid, rename_all = lowercase, tag = "kind", deny_unknown_fields)]
enum Body {
    /// Something for something, until a deadline.
    #[deserr(rename_all = camelCase)]
    Barter {
        title: Title,
        description: Description,
        category: CategoryId,
        #[deserr(default)]
        #[schemars(default)]
        pictures: Few<MediaId, MAX_PICTURES>,
        /// What is wanted in return.
        wants: Wish,
        /// Until when: on the hour, ahead, at most 90 days off.
        deadline: Time,
    },
    /// Lent out or sought, for a time.
    #[deserr(rename_all = camelCase)]
    Rental {
        title: Title,
        description: Description,
        category: CategoryId,
        #[deserr(default)]
        #[schemars(default)]
        pictures: Few<MediaId, MAX_PICTURES>,
        section: Section,
        /// KRW; null is to be agreed on, 0 is free.
        #[deserr(default)]
        price: Option<Price>,
        /// What the price is for; needed with a price above zero.
        #[deserr(default)]
        unit: Option<PriceUnit>,
        /// Coins that a borrower leaves until the thing is back. Not of what is sought.
        #[deserr(default)]
        deposit: Option<Coins>,
    },
}

async fn handle(_: &Listings, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let (title, description, category, pictures, terms) = match call.body()? {
        Body::Barter { title, description, category, pictures, wants, deadline } => {
            (title, description, category, pictures, Terms::barter(wants, deadline, call.now))
        }
        Body::Rental { title, description, category, pictures, section, price, unit, deposit } => {
            (title, description, category, pictures, Terms::rental(section, price, unit, deposit))
        }
    };
    let store = store::Listings(call.table()?);
    let context = store.context(&caller.id, Some(&category), &pictures.0).await?;
    let account = context.account.ok_or(Code::BadToken)?;
    let region = *account.acting_region()?;

    let id = ListingId::from_ulid(&fresh_ulid(call.now));
    let mut invalid = Invalid::default();
    if context.category.is_none_or(|category| category.hidden) {
        invalid.add("/category", Wrong::NotFound);
    }
    let pictures = chosen(&pictures.0, &context.media, &caller.id, &id, &mut invalid);
    let terms = terms.map_err(|bad| invalid.0.extend(bad.0)).ok();
    let (Some(terms), true) = (terms, invalid.0.is_empty()) else { return Err(invalid.into()) };

    let listing = Listing {
        id,
        owner: caller.id.clone(),
        terms,
        title,
        description,
        category,
        region,
        pictures,
        status: Status::Open,
        bookmarks: 0,
        inquiries: 0,
        created_at: call.now,
        listed_at: call.now,
        updated_at: call.now,
        hidden: false,
        version: 1,
    };
    let view = ListingView::of(listing.clone(), Some(account), false, call)?;
    let reply = Reply::created(format!("/listings/{}", listing.id), &view)?;
    store
        .create(NewListing { listing: &listing, receipt: call.receipt(&reply) })
        .await
        .map_err(|error| clashed(error, listing.pictures.len()))?;
    Ok(reply)
}

/// A picture that was ready a moment ago has gone to another listing, or away.
pub(crate) fn clashed(error: Error, pictures: usize) -> Fault {
    let Error::Clash(clash) = error else { return error.into() };
    let mut invalid = Invalid::default();
    for index in (0..pictures).filter(|index| clash.at(index + 1)) {
        invalid.add(format!("/pictures/{index}"), Wrong::InUse);
    }
    if invalid.0.is_empty() { Code::InProgress.into() } else { invalid.into() }
}
