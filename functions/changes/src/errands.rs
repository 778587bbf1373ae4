//! What follows from a change of an errand: what makers look through, how many are open, and whom it still asks.

use domain::{
    errand::{Asked, Designation, Errand},
    listing::Status,
};
use edge::{Event, Fault};
use store::{Designations, Errands};

use crate::{
    notices,
    project::{Image, read},
};

pub(crate) async fn follow(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    let old: Option<Errand> = old.map(read).transpose()?;
    let new: Option<Errand> = new.map(read).transpose()?;
    let Some(told) = new.as_ref().or(old.as_ref()) else { return Ok(()) };
    let table = event.table()?;
    let open = Errands(table).follow(told).await?;
    let was_open = old.as_ref().is_some_and(|old| old.status == Status::Open);
    match &new {
        None => Errands(table).remove_hanging(&told.id).await?,
        Some(_) if was_open && !open => Designations(table).lapse(&told.id, event.now).await?,
        Some(_) => {}
    }
    Ok(())
}

/// A maker was asked for a quote, or has answered.
pub(crate) async fn follow_designation(
    event: &Event<'_>,
    old: Option<&Image>,
    new: Option<&Image>,
) -> Result<(), Fault> {
    let old: Option<Designation> = old.map(read).transpose()?;
    let Some(new) = new.map(read::<Designation>).transpose()? else { return Ok(()) };
    match (old.map(|old| old.state), new.state) {
        (None | Some(Asked::Lapsed), Asked::Waiting) => notices::on_asked(event, &new).await,
        (Some(Asked::Waiting), Asked::Declined) => notices::on_declined(event, &new).await,
        _ => Ok(()),
    }
}
