//! What follows from a change of a deal: others' deals about the same thing end, its sides are told (rows N4–N8, N13, D18).
//!
//! Everything here may happen twice: what ends is ended by a transition that can be taken once, and a notification is named
//! by the deal and its version.

use domain::{
    deal::{Action, By, Deal, Effect, Facts, Phase, Said, State, Subject, process::Others},
    errand::Errand,
    id::AccountId,
    listing::Status,
    notification::{DealNews, Notice},
};
use edge::{Event, Fault};
use futures::{StreamExt, TryStreamExt};
use store::{Accounts, Deals, Error, Notifications, Told};

use crate::{
    notices,
    project::{Image, read},
};

/// Deals ended at once.
const AT_ONCE: usize = 8;
/// How often ending one is tried that something else happens to.
const TRIES: usize = 5;

/// A deal was proposed or moved on.
pub(crate) async fn follow(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    let old: Option<Deal> = old.map(read).transpose()?;
    let Some(new) = new.map(read::<Deal>).transpose()? else { return Ok(()) };
    let before = old.as_ref();
    if before.is_some_and(|before| before.version == new.version) {
        return Ok(());
    }
    // What time did on the way was not somebody's to tell: the last thing that happened is.
    let way =
        match before {
            None => Some(&new.kind.process().propose),
            Some(before) => new.kind.process().transitions.iter().find(|way| {
                way.action == new.last && way.to.is_none_or(|to| to == new.state) && reaches(before, way.from)
            }),
        };
    let effects = way.map_or(&[][..], |way| way.effects);
    for effect in effects {
        match effect {
            Effect::CloseOthers(which) => close_others(event, &new, *which).await?,
            Effect::Notify => tell(event, &new).await?,
            _ => {}
        }
    }
    Ok(())
}

/// Whether a deal could stand in one of these states when it was moved, by itself or after time had moved it.
fn reaches(before: &Deal, from: &[State]) -> bool {
    from.contains(&before.state) || !before.state.is_over()
}

/// A listing or errand is not to be had any more: what waits for an answer ends. What is closed went to somebody else.
pub(crate) async fn end_about(event: &Event<'_>, subject: &Subject, status: Option<Status>) -> Result<(), Fault> {
    let action = if status == Some(Status::Closed) { Action::Overtake } else { Action::Lapse };
    end_all(event, subject, None, action, status, |deal| deal.state == State::Proposed).await
}

/// An errand was changed.
pub(crate) async fn follow_errand(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    let (old, new): (Option<Errand>, Option<Errand>) = (old.map(read).transpose()?, new.map(read).transpose()?);
    let (Some(old), after) = (old, new.map(|new| new.status)) else { return Ok(()) };
    let is_there = |status| matches!(status, Status::Open | Status::Reserved);
    if is_there(old.status) && !after.is_some_and(is_there) {
        end_about(event, &Subject::Errand(old.id), after).await?;
    }
    Ok(())
}

/// Somebody was banned from a listing: what they had asked for ends; what was agreed is for the two to keep or break.
pub(crate) async fn end_of(event: &Event<'_>, subject: &Subject, guest: &AccountId) -> Result<(), Fault> {
    let deals = Deals(event.table()?);
    let Some(id) = deals.open_of(subject, guest).await? else { return Ok(()) };
    match deals.by_id_now(&id).await? {
        Some(deal) if deal.state == State::Proposed => end(event, deal, Action::Abandon, None).await,
        _ => Ok(()),
    }
}

/// Somebody's account is gone: so are their deals, as far as they can be.
pub(crate) async fn abandon_all(event: &Event<'_>, account: &AccountId) -> Result<(), Fault> {
    for phase in [Phase::Proposed, Phase::Ongoing] {
        let mut after = None;
        loop {
            let (deals, next) = Deals(event.table()?).of(account, phase, after.as_deref(), 50).await?;
            for deal in deals {
                end(event, deal, Action::Abandon, None).await?;
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(())
}

async fn close_others(event: &Event<'_>, won: &Deal, which: Others) -> Result<(), Fault> {
    let times = won.times(&Said::default());
    let meets = |deal: &Deal| match (which, times, deal.times(&Said::default())) {
        (Others::All, ..) => true,
        (Others::Overlapping, Some((start, end)), Some((from, until))) => start < until && from < end,
        _ => false,
    };
    end_all(event, &won.subject, Some(won), Action::Overtake, None, |deal| deal.state == State::Proposed && meets(deal))
        .await
}

async fn end_all(
    event: &Event<'_>,
    subject: &Subject,
    but: Option<&Deal>,
    action: Action,
    status: Option<Status>,
    which: impl Fn(&Deal) -> bool,
) -> Result<(), Fault> {
    let deals = Deals(event.table()?);
    let mut ids = deals.open_about(subject).await?;
    ids.retain(|id| but.is_none_or(|but| but.id != *id));
    for some in ids.chunks(50) {
        let found = deals.by_ids(some).await?;
        let ends = found.into_iter().filter(|deal| which(deal)).map(|deal| end(event, deal, action, status));
        futures::stream::iter(ends).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
    }
    Ok(())
}

/// Ends a deal for nobody's sake. One that cannot be ended so any more is left as it is.
async fn end(event: &Event<'_>, mut deal: Deal, action: Action, status: Option<Status>) -> Result<(), Fault> {
    let deals = Deals(event.table()?);
    for _ in 0..TRIES {
        let around = deals.around(&deal).await?;
        let facts = around.facts(&deal, &Said::default(), event.now);
        // What the stream tells of came before what may have been put up again since.
        let facts = Facts { subject: if status.is_some() { status } else { facts.subject }, ..facts };
        let Ok(step) = deal.step(action, &By::Madang, &Said::default(), &facts, event.now) else { return Ok(()) };
        match deals.write(Some(&deal), &step, &around, Told::default(), event.now).await {
            Ok(()) => return Ok(()),
            Err(Error::Clash(_) | Error::Contended) => {}
            Err(other) => return Err(other.into()),
        }
        match deals.by_id_now(&deal.id).await? {
            Some(again) => deal = again,
            None => return Ok(()),
        }
    }
    Err(Fault::internal(format!("{} moves faster than it can be ended", deal.id)))
}

/// Tells whoever did not do it themselves.
async fn tell(event: &Event<'_>, deal: &Deal) -> Result<(), Fault> {
    let by = deal.by.as_ref();
    let nickname = match by {
        Some(by) => Accounts(event.table()?).by_ids(std::slice::from_ref(by)).await?.remove(by),
        None => None,
    };
    let nickname = nickname.map(|account| account.nickname.as_str().to_owned());
    let sides = [&deal.host, &deal.guest];
    let at = deal.updated_at;
    for to in sides.into_iter().filter(|side| by != Some(*side) && is_told(deal, side)) {
        let news = DealNews {
            deal: deal.id.clone(),
            kind: deal.kind,
            action: deal.last,
            state: deal.state,
            title: deal.title.clone(),
            nickname: nickname.clone(),
        };
        let id = Notifications::id_of(at, &format!("deal {} {} {to}", deal.id, deal.version));
        notices::tell(event, id, to, Notice::of_deal(news), at).await?;
    }
    Ok(())
}

/// What ends of itself before anybody agreed concerns whoever had asked.
fn is_told(deal: &Deal, side: &AccountId) -> bool {
    match deal.last {
        Action::Overtake => deal.guest == *side,
        Action::Lapse | Action::Abandon if deal.agreed_at.is_none() => deal.guest == *side,
        _ => true,
    }
}
