//! What follows from a change of a listing.

use domain::{
    id::NotificationId,
    listing::{Listing, Status},
};
use edge::{Event, Fault};
use ports::ulid_of;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::{Bookmarks, Feeds, MediaItems, Notification, Notifications};

use crate::{
    project::{Image, read},
    rooms,
};

pub(crate) async fn follow(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    let old: Option<Listing> = old.map(read).transpose()?;
    let new: Option<Listing> = new.map(read).transpose()?;
    let table = event.table()?;
    Feeds(table).follow(old.as_ref(), new.as_ref()).await?;
    rooms::follow_listing(event, old.as_ref(), new.as_ref()).await?;
    match (&old, &new) {
        (Some(old), Some(new)) if old.status != Status::Expired && new.status == Status::Expired => {
            Notifications(table).tell(&expired(old, new)).await?;
        }
        (Some(gone), None) => {
            while Bookmarks(table).remove_some_on(&gone.id).await? {}
            let pictures: Vec<_> = gone.pictures.iter().map(|picture| picture.media.clone()).collect();
            MediaItems(table).remove_all(&pictures).await?;
        }
        _ => {}
    }
    Ok(())
}

/// Tells the owner that the deadline passed (row N13): one notification for one deadline, however often it is told.
/// The deadline that passed is the old one: an edit may have set another since.
fn expired(old: &Listing, listing: &Listing) -> Notification {
    let at = old.terms.deadline().unwrap_or(listing.updated_at);
    let hash = Sha256::digest(format!("listing.expired {} {at}", listing.id));
    let mut event = [0_u8; 16];
    event.copy_from_slice(&hash[..16]);
    Notification {
        id: NotificationId::from_ulid(&ulid_of(at, &event)),
        account: listing.owner.clone(),
        event: "listing.expired".to_owned(),
        payload: json!({"listingId": listing.id, "title": listing.title}),
        read: false,
        created_at: listing.updated_at,
    }
}
