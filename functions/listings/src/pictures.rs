//! The pictures of a listing: uploads that are the owner's, ready, and used by nothing else (row L2).

use std::collections::HashMap;

use domain::{
    id::{AccountId, ListingId, MediaId},
    input::{Invalid, Wrong},
    media::{Media, Picture, Purpose},
};

/// The pictures in their order; what is wrong with which is noted at `/pictures/<i>`.
pub(crate) fn chosen(
    ids: &[MediaId],
    media: &HashMap<MediaId, Media>,
    owner: &AccountId,
    listing: &ListingId,
    invalid: &mut Invalid,
) -> Vec<Picture> {
    let mut pictures = vec![];
    for (index, id) in ids.iter().enumerate() {
        let usable = match media.get(id) {
            None => Err(Wrong::NotFound),
            Some(media) => media.usable(owner, Purpose::Listing, listing.as_str()).map(|()| media.picture.clone()),
        };
        match usable {
            Ok(Some(picture)) => pictures.push(picture),
            Ok(None) => invalid.add(format!("/pictures/{index}"), Wrong::NotReady),
            Err(wrong) => invalid.add(format!("/pictures/{index}"), wrong),
        }
    }
    pictures
}
