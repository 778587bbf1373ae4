//! The pictures of a listing: uploads that are the owner's, ready, and used by nothing else (row L2).

use std::collections::HashMap;

use domain::{
    id::{AccountId, ListingId, MediaId},
    input::{Invalid, Wrong},
    media::{Media, MediaStatus, Picture, Purpose},
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
        let wrong = match media.get(id) {
            // Somebody else's upload is no more to be known of than one that does not exist.
            None => Wrong::NotFound,
            Some(media) if media.owner != *owner => Wrong::NotFound,
            Some(media) if media.purpose != Purpose::Listing => Wrong::NotTogether("purpose profile"),
            Some(media) if media.used_by.as_ref().is_some_and(|by| by != listing.as_str()) => Wrong::InUse,
            Some(media) => match (&media.status, &media.picture) {
                (MediaStatus::Ready, Some(picture)) => {
                    pictures.push(picture.clone());
                    continue;
                }
                (MediaStatus::Rejected, _) => Wrong::Malformed("a picture that was not rejected"),
                _ => Wrong::NotReady,
            },
        };
        invalid.add(format!("/pictures/{index}"), wrong);
    }
    pictures
}
