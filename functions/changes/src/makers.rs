//! What follows for makers: the directory lists them by what is so now, and what they made is counted. It is counted here
//! and not where a quote is confirmed, which moves coins and should not fail because somebody else's deal with the same
//! maker ends at this moment.

use domain::{
    account::Account,
    deal::{Deal, Kind, State},
    id::AccountId,
    maker::Maker,
};
use edge::{Event, Fault};
use store::{Designations, Makers};

use crate::project::{Image, read};

/// A profile was made, edited, or is gone.
pub(crate) async fn follow(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    let Some(maker) = new.or(old).map(read::<Maker>).transpose()? else { return Ok(()) };
    if !list(event, &maker.account).await? {
        // Whoever is no maker is waited for no more.
        while Designations(event.table()?).lapse_some_of(&maker.account, event.now).await? {}
    }
    Ok(())
}

/// An account was edited: a maker may be called something else.
pub(crate) async fn follow_account(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    let there = |image: &&Image| image.get("withdrawnAt").is_none();
    let (Some(old), Some(new)) = (old.filter(there), new.filter(there)) else { return Ok(()) };
    let (old, new): (Account, Account) = (read(old)?, read(new)?);
    if old.nickname != new.nickname {
        list(event, &new.id).await?;
    }
    Ok(())
}

/// What is counted of somebody has changed. Of who follows them the order says nothing.
pub(crate) async fn follow_counts(
    event: &Event<'_>,
    account: &AccountId,
    old: Option<&Image>,
    new: Option<&Image>,
) -> Result<(), Fault> {
    let item = |image: Option<&Image>| image.map(|image| image.clone().into());
    if store::ranks_differ(item(old).as_ref(), item(new).as_ref()) {
        list(event, account).await?;
    }
    Ok(())
}

/// A deal moved: of an errand's it is counted that a quote was confirmed, and that the errand was done.
pub(crate) async fn follow_deal(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    let old: Option<Deal> = old.map(read).transpose()?;
    let Some(deal) = new.map(read::<Deal>).transpose()?.filter(|deal| deal.kind == Kind::Errand) else { return Ok(()) };
    let makers = Makers(event.table()?);
    if deal.agreed_at.is_some() && old.as_ref().is_none_or(|old| old.agreed_at.is_none()) {
        makers.count(&deal, false, event.now).await?;
    }
    if deal.state == State::Done && old.is_none_or(|old| old.state != State::Done) {
        makers.count(&deal, true, event.now).await?;
    }
    Ok(())
}

/// Lists somebody in the directory as they are now; `true` while they are a maker.
async fn list(event: &Event<'_>, account: &AccountId) -> Result<bool, Fault> {
    Ok(Makers(event.table()?).follow(account, event.now).await?)
}
