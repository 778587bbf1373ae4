//! What somebody proposes, as far as it is theirs to say: the terms of a deal, by the kind of the listing.

use deserr::Deserr;
use domain::{
    deal::{Terms, rental},
    id::{DealId, ListingId, MediaId},
    input::{Few, Invalid, Wrong},
    listing::{Listing, MAX_PICTURES, Price, Status},
    media::{Picture, Purpose},
    text::OfferText,
    time::Time,
};
use edge::{Call, Fault};
use schemars::JsonSchema;
use store::Context;

#[derive(Debug, Deserr, JsonSchema)]
#[schemars(rename = "NewDeal", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
pub(crate) struct Body {
    /// Of a barter: what one gives, in words.
    #[deserr(default)]
    pub(crate) offer: Option<OfferText>,
    /// Of a barter: pictures of it.
    #[deserr(default)]
    #[schemars(default)]
    pub(crate) pictures: Few<MediaId, MAX_PICTURES>,
    /// Of a barter: one of one's own listings.
    #[deserr(default)]
    pub(crate) offered_listing_id: Option<ListingId>,
    /// Of a rental: when it begins, on the hour.
    #[deserr(default)]
    pub(crate) start: Option<Time>,
    /// Of a rental: when it ends, on the hour.
    #[deserr(default)]
    pub(crate) end: Option<Time>,
    /// Of a rental whose price is to be agreed on: what one would pay, in KRW.
    #[deserr(default)]
    pub(crate) price: Option<Price>,
}

impl Body {
    pub(crate) fn terms(
        &self,
        listing: &Listing,
        deal: &DealId,
        context: &Context,
        offered: &[Listing],
        call: &Call<'_>,
    ) -> Result<Terms, Fault> {
        use domain::listing::Terms as Listed;
        let mut wrong = Invalid::default();
        let mut foreign = |field: &str, sent: bool, kind: &'static str| {
            if sent {
                wrong.add(field, Wrong::NotTogether(kind));
            }
        };
        match &listing.terms {
            Listed::Barter { .. } => {
                foreign("/start", self.start.is_some(), "kind barter");
                foreign("/end", self.end.is_some(), "kind barter");
                foreign("/price", self.price.is_some(), "kind barter");
                if self.offer.is_none() {
                    wrong.add("/offer", Wrong::Missing);
                }
                let pictures = self.pictures(deal, context, call, &mut wrong)?;
                if self.offered_listing_id.is_some() {
                    let me = &call.caller()?.id;
                    let is_mine = |one: &Listing| one.owner == *me && one.status_at(call.now) == Status::Open;
                    if !offered.first().is_some_and(is_mine) {
                        wrong.add("/offeredListingId", Wrong::NotFound);
                    }
                }
                match (&self.offer, wrong.0.is_empty()) {
                    (Some(offer), true) => {
                        Ok(Terms::Barter { offer: offer.clone(), pictures, listing: self.offered_listing_id.clone() })
                    }
                    _ => Err(wrong.into()),
                }
            }
            Listed::Rental { section, price, unit, deposit } => {
                foreign("/offer", self.offer.is_some(), "kind rental");
                foreign("/pictures", !self.pictures.0.is_empty(), "kind rental");
                foreign("/offeredListingId", self.offered_listing_id.is_some(), "kind rental");
                foreign("/price", self.price.is_some() && price.is_some(), "a listing with a price");
                for (field, sent) in [("/start", self.start), ("/end", self.end)] {
                    if sent.is_none() {
                        wrong.add(field, Wrong::Missing);
                    }
                }
                let (Some(start), Some(end), true) = (self.start, self.end, wrong.0.is_empty()) else {
                    return Err(wrong.into());
                };
                rental::check_times(start, end, call.now)?;
                let rate = price.zip(*unit);
                let price = match (rate, price) {
                    (Some(rate), _) => Some(rental::price(start, end, rate)),
                    (None, Some(price)) => Some(u64::from(price.0)),
                    (None, None) => self.price.map(|price| u64::from(price.0)),
                };
                Ok(Terms::Rental { start, end, section: *section, rate, price, deposit: *deposit, extension: None })
            }
        }
    }

    fn pictures(
        &self,
        deal: &DealId,
        context: &Context,
        call: &Call<'_>,
        wrong: &mut Invalid,
    ) -> Result<Vec<Picture>, Fault> {
        let me = &call.caller()?.id;
        let mut pictures = vec![];
        for (index, id) in self.pictures.0.iter().enumerate() {
            let usable = context
                .media
                .get(id)
                .map(|media| media.usable(me, Purpose::Listing, deal.as_str()).map(|()| media.picture.clone()));
            match usable {
                Some(Ok(Some(picture))) => pictures.push(picture),
                Some(Ok(None)) => wrong.add(format!("/pictures/{index}"), Wrong::NotReady),
                Some(Err(why)) => wrong.add(format!("/pictures/{index}"), why),
                None => wrong.add(format!("/pictures/{index}"), Wrong::NotFound),
            }
        }
        Ok(pictures)
    }
}
