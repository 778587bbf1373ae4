//! What follows from a change of an account: when its person has left, so does what was theirs (row A20).

use domain::{account::Account, id::AccountId};
use edge::{Event, Fault};
use store::{Bookmarks, Errands, Error, Follows, Listings, Makers, MediaItems, Notifications, Presences, Reviews};

use crate::{
    connections, deals,
    project::{Image, read},
    rooms,
};

pub(crate) async fn follow(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    // A mark in the place of the account, or an account that was never finished and made way for a link.
    let left = new.is_none_or(|new| new.get("withdrawnAt").is_some());
    let Some(old) = old.filter(|old| left && old.get("withdrawnAt").is_none()) else { return Ok(()) };
    let account: Account = read(old)?;
    erase(event, &account.id).await
}

async fn erase(event: &Event<'_>, id: &AccountId) -> Result<(), Fault> {
    let table = event.table()?;
    let (listings, media) = (Listings(table), MediaItems(table));
    deals::abandon_all(event, id).await?;
    let mut after = None;
    loop {
        let (ids, more) = listings.of_owner(id, None, after.as_deref(), 50).await?;
        for listing in &ids {
            match listings.delete(listing, id).await {
                Ok(()) | Err(Error::Clash(_)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        after = more;
        if after.is_none() {
            break;
        }
    }
    rooms::forget_account(event, id).await?;
    // Whoever has left talks no more: their connections end now, not with their token.
    connections::hang_up(event, id).await?;
    Presences(table).forget(id).await?;
    while Bookmarks(table).remove_some_of(id).await? {}
    while Notifications(table).remove_some(id).await? {}
    while Follows(table).remove_some(id).await? {}
    while Box::pin(Reviews(table).remove_some(id)).await? {}
    while Errands(table).remove_some_of(id).await? {}
    while Makers(table).remove_some(id).await? {}
    loop {
        let uploads = media.of_owner(id, 100).await?;
        media.remove_all(&uploads).await?;
        if uploads.len() < 100 {
            return Ok(());
        }
    }
}
