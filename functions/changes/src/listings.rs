//! What follows from a change of a listing.

use domain::{
    deal::Subject,
    listing::{Listing, Status},
};
use edge::{Event, Fault};
use store::{Bookmarks, Feeds, MediaItems};

use crate::{
    deals, notices,
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
            notices::on_listing_expired(event, old, new).await?;
        }
        (Some(gone), None) => {
            while Box::pin(Bookmarks(table).remove_some_on(&gone.id)).await? {}
            let pictures: Vec<_> = gone.pictures.iter().map(|picture| picture.media.clone()).collect();
            MediaItems(table).remove_all(&pictures).await?;
        }
        _ => {}
    }
    let (Some(before), after) = (&old, new.as_ref().map(|new| new.status)) else { return Ok(()) };
    let is_there = |status| matches!(status, Status::Open | Status::Reserved);
    if is_there(before.status) && !after.is_some_and(is_there) {
        deals::end_about(event, &Subject::Listing(before.id.clone()), after).await?;
    }
    Ok(())
}
