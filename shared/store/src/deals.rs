//! Deals: a transition, its money, its listing and what is said of it in the room are one transaction (row B13).

use domain::{
    account::Account,
    coins::{Coins, Movement, Purse, Reason},
    deal::{Action, Deal, Effect, Facts, Phase, Said, State, Step, Subject, Terms, rental::Calendar},
    errand::Errand,
    id::{AccountId, DealId, ListingId, RoomId},
    listing::{Listing, Status, Step as ListingStep},
    message::{Message, Nonce, SystemEvent},
    room::{Member, Room},
    time::Time,
};

use crate::{
    accounts::AccountRecord,
    due::DueKind,
    errands, keys,
    keys::Index,
    listings, log, media,
    receipts::Receipt,
    rooms,
    table::{Error, Expression, Item, Page, Table, Write, indexed, item, n, read, s, text},
    trust, wallets,
};

/// Access to deals.
#[derive(Debug, Clone, Copy)]
pub struct Deals<'a>(pub &'a Table);

/// What a deal is about, as it is now, and what else its transitions touch.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// The listing.
    pub listing: Option<Listing>,
    /// The errand.
    pub errand: Option<Errand>,
    /// When the listing is with somebody.
    pub calendar: Calendar,
    /// Coins of whoever pays.
    pub balance: u64,
    /// The last message of the room.
    pub last: Option<Message>,
}

impl Around {
    /// What the engine wants to know of it.
    #[must_use]
    pub fn facts(&self, deal: &Deal, said: &Said, now: Time) -> Facts {
        let subject = match deal.subject {
            Subject::Listing(_) => self.listing.as_ref().map(|listing| listing.status_at(now)),
            Subject::Errand(_) => self.errand.as_ref().map(|errand| errand.status_at(now)),
        };
        let free = deal
            .times(said)
            .map(|(start, end)| self.calendar.is_free(&deal.id, start, end) && !self.calendar.is_full(now));
        Facts { subject, free, balance: Some(self.balance) }
    }
}

/// What proposing a deal about a listing needs to know, read in one round trip.
#[derive(Debug)]
pub struct NewDeal {
    /// Whoever proposes.
    pub account: Option<Account>,
    /// Whether they are banned from the listing.
    pub banned: bool,
    /// Whether they are in the listing's room.
    pub member: Option<Member>,
    /// Their conversation with its owner.
    pub inquiry: Option<RoomId>,
    /// The deal they have about it.
    pub open: Option<DealId>,
    /// Everything else.
    pub around: Around,
}

/// What is written along with a step.
#[derive(Debug, Default)]
pub struct Told {
    /// The reply to be given again if the request comes again.
    pub receipt: Option<Receipt>,
    /// What else belongs to it.
    pub also: Vec<Write>,
}

impl Deals<'_> {
    /// A deal as it is now.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by_id_now(&self, id: &DealId) -> Result<Option<Deal>, Error> {
        self.0.get_now(&keys::deal(id)).await
    }

    /// Deals in the order of their identifiers; those that are gone are left out.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by_ids(&self, ids: &[DealId]) -> Result<Vec<Deal>, Error> {
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let mut found = self.0.get_many_now(&ids.iter().map(keys::deal).collect::<Vec<_>>()).await?;
        ids.iter().filter_map(|id| found.remove(&keys::deal(id))).map(read).collect()
    }

    /// What a deal touches, as it is now.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn around(&self, deal: &Deal) -> Result<Around, Error> {
        let payer = deal.stake().map(|(_, payer, _)| Purse::Person(payer.clone()));
        let (subject, calendar) = match &deal.subject {
            Subject::Listing(id) => (keys::listing(id), Some(keys::calendar(id))),
            Subject::Errand(id) => (keys::errand(id), None),
        };
        let purse = payer.map(|payer| keys::purse(&payer, ""));
        let wanted: Vec<_> = [Some(subject.clone()), calendar.clone(), purse.clone()].into_iter().flatten().collect();
        let log = log::Log(self.0);
        let last = async {
            match &deal.room {
                Some(room) => log.last(room, 1).await,
                None => Ok(vec![]),
            }
        };
        let (mut found, last) = futures::try_join!(self.0.get_many_now(&wanted), last)?;
        let about = found.remove(&subject);
        let calendar = calendar.and_then(|key| found.remove(&key)).map(read).transpose()?.unwrap_or_default();
        let balance = wallets::balance_in(purse.and_then(|key| found.remove(&key)).as_ref());
        let mut around = Around { calendar, balance, last: last.into_iter().next(), ..Around::default() };
        match deal.subject {
            Subject::Listing(_) => around.listing = about.map(read).transpose()?,
            Subject::Errand(_) => around.errand = about.map(read).transpose()?,
        }
        Ok(around)
    }

    /// What proposing a deal about a listing needs to know.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn before(&self, listing: &ListingId, guest: &AccountId) -> Result<NewDeal, Error> {
        let room = Room::id_of(listing);
        let subject = Subject::Listing(listing.clone());
        let wanted = [
            keys::listing(listing),
            keys::account(guest),
            keys::ban(listing, guest),
            keys::member(&room, guest),
            keys::inquiry(listing, guest),
            keys::offer(&subject, guest),
            keys::calendar(listing),
            keys::purse(&Purse::Person(guest.clone()), ""),
        ];
        let log = log::Log(self.0);
        let (mut found, last) = futures::try_join!(self.0.get_many_now(&wanted), log.last(&room, 1))?;
        let [about, account, ban, member, inquiry, offer, calendar, purse] = wanted.map(|key| found.remove(&key));
        Ok(NewDeal {
            account: account.map(AccountRecord::read).transpose()?.and_then(AccountRecord::active),
            banned: ban.is_some(),
            member: member.map(read).transpose()?,
            inquiry: inquiry.as_ref().and_then(rooms::room_in),
            open: offer.as_ref().and_then(deal_in),
            around: Around {
                listing: about.map(read).transpose()?,
                errand: None,
                calendar: calendar.map(read).transpose()?.unwrap_or_default(),
                balance: wallets::balance_in(purse.as_ref()),
                last: last.into_iter().next(),
            },
        })
    }

    /// The deals about a listing or an errand that are not over, as many as there are.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn open_about(&self, subject: &Subject) -> Result<Vec<DealId>, Error> {
        let partition = keys::offers_on(subject);
        let mut deals = vec![];
        let mut after: Option<String> = None;
        let last = format!("{}~", keys::OFFERS);
        loop {
            let page = Page {
                after: Some(after.as_deref().unwrap_or(keys::OFFERS)),
                until: Some(&last),
                consistent: true,
                ..Page::of(Index::Table, &partition)
            };
            let found = self.0.page(&page).await?;
            deals.extend(found.iter().filter_map(deal_in));
            let next = found.last().filter(|_| found.len() == page.limit).and_then(|item| text(item, keys::SK));
            after = next.map(str::to_owned);
            if after.is_none() {
                return Ok(deals);
            }
        }
    }

    /// The deal that somebody has about a listing or an errand.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn open_of(&self, subject: &Subject, guest: &AccountId) -> Result<Option<DealId>, Error> {
        Ok(self.0.get_item(&keys::offer(subject, guest), true).await?.as_ref().and_then(deal_in))
    }

    /// A listing and when it is with somebody.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn calendar(&self, listing: &ListingId) -> Result<(Option<Listing>, Calendar), Error> {
        let (listing, calendar) = (keys::listing(listing), keys::calendar(listing));
        let mut found = self.0.get_many_now(&[listing.clone(), calendar.clone()]).await?;
        let calendar = found.remove(&calendar).map(read).transpose()?.unwrap_or_default();
        Ok((found.remove(&listing).map(read).transpose()?, calendar))
    }

    /// A page of somebody's deals of a phase, whichever side they are on, the latest moved first, and where the next
    /// begins.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn of(
        &self,
        account: &AccountId,
        phase: Phase,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Deal>, Option<String>), Error> {
        let partition = keys::deals_of(account, phase);
        let page = |index| Page { after, forward: false, limit: limit + 1, ..Page::of(index, &partition) };
        let (host, guest) = (page(Index::Gsi1), page(Index::Gsi2));
        let (host, guest) = futures::try_join!(self.0.page(&host), self.0.page(&guest))?;
        // Both are sorted alike: the place of the last that is given out is a place in both.
        let place = |item: &Item, name: &str| {
            Some((text(item, name)?.to_owned(), DealId::parse(text(item, keys::PK)?.strip_prefix(keys::DEAL)?).ok()?))
        };
        let mut both: Vec<_> = host.iter().filter_map(|item| place(item, "gsi1sk")).collect();
        both.extend(guest.iter().filter_map(|item| place(item, "gsi2sk")));
        both.sort_unstable_by(|one, other| other.cmp(one));
        let next = both.get(limit.saturating_sub(1)).filter(|_| both.len() > limit).map(|(place, _)| place.clone());
        both.truncate(limit);
        let ids: Vec<DealId> = both.into_iter().map(|(_, id)| id).collect();
        Ok((self.by_ids(&ids).await?, next))
    }

    /// A page of the deals that an administrator is to decide on, those that wait longest first, and where the next begins.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn disputed(&self, after: Option<&str>, limit: usize) -> Result<(Vec<Deal>, Option<String>), Error> {
        let page = Page { after, limit: limit + 1, ..Page::of(Index::Gsi3, keys::DISPUTES) };
        let mut items = self.0.page(&page).await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().and_then(|item| text(item, "gsi3sk")).map(str::to_owned) } else { None };
        let id = |item: &Item| DealId::parse(text(item, keys::PK)?.strip_prefix(keys::DEAL)?).ok();
        let ids: Vec<DealId> = items.iter().filter_map(id).collect();
        Ok((self.by_ids(&ids).await?, next))
    }

    /// How many deals of a phase somebody has, counted up to a hundred on each side.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn count(&self, account: &AccountId, phase: Phase) -> Result<usize, Error> {
        let partition = keys::deals_of(account, phase);
        let page = |index| Page { keys_only: true, limit: 100, ..Page::of(index, &partition) };
        let (host, guest) = (page(Index::Gsi1), page(Index::Gsi2));
        let (host, guest) = futures::try_join!(self.0.page(&host), self.0.page(&guest))?;
        Ok(host.len() + guest.len())
    }

    /// Writes what was decided, all of it or nothing. `before` is the deal that it was decided on, nothing of a new one.
    ///
    /// # Errors
    /// [`Error::Clash`] when anything is otherwise by now: whoever decided decides again.
    pub async fn write(
        &self,
        before: Option<&Deal>,
        step: &Step,
        around: &Around,
        told: Told,
        now: Time,
    ) -> Result<(), Error> {
        self.0.transact(writes(before, step, around, told, now)?).await
    }
}

/// The deal that an item points at.
#[must_use]
pub fn deal_in(item: &Item) -> Option<DealId> {
    DealId::parse(text(item, "deal")?).ok()
}

/// A deal's item with its index keys.
pub(crate) fn deal_item(deal: &Deal) -> Result<Item, Error> {
    let mut put = item("deal", keys::deal(&deal.id), deal)?;
    let place = keys::by_time(deal.updated_at, deal.id.as_str());
    let phase = deal.state.phase();
    indexed(&mut put, Index::Gsi1, keys::deals_of(&deal.host, phase), place.as_str());
    indexed(&mut put, Index::Gsi2, keys::deals_of(&deal.guest, phase), place.as_str());
    if let Some(due) = deal.due_at() {
        let (pk, sk) = DueKind::Deal.key(due, deal.id.as_str());
        indexed(&mut put, Index::Gsi3, pk, sk);
    } else if deal.state == State::Disputed {
        indexed(&mut put, Index::Gsi3, keys::DISPUTES, keys::by_time(deal.moved_at, deal.id.as_str()));
    }
    Ok(put)
}

fn writes(before: Option<&Deal>, step: &Step, around: &Around, told: Told, now: Time) -> Result<Vec<Write>, Error> {
    let deal = &step.deal;
    let seen = before.map_or_else(Expression::absent, |before| {
        Expression::new("#version = :seen", &["version"], vec![(":seen", n(before.version))])
    });
    let mut writes = vec![Write::Put { item: deal_item(deal)?, condition: Some(seen) }];
    let offer = keys::offer(&deal.subject, &deal.guest);
    if before.is_none() {
        let pointer = Item::from([
            (keys::PK.into(), s(offer.pk)),
            (keys::SK.into(), s(offer.sk)),
            (keys::KIND.into(), s("offer")),
            ("deal".into(), s(deal.id.as_str())),
        ]);
        writes.push(Write::Put { item: pointer, condition: Some(Expression::absent()) });
    } else if deal.state.is_over() {
        writes.push(Write::Delete { key: offer, condition: None });
    }
    let effects: Vec<Effect> = step.effects().collect();
    writes.extend(subject(deal, &effects, around, before.is_none(), now)?);
    writes.extend(times(deal, &effects, around, now)?);
    for (index, way) in step.taken.iter().enumerate() {
        // What is held may change from one transition to the next: the first holds, the last gives back.
        for effect in way.effects {
            writes.extend(coins(before, deal, *effect, now)?);
            if let Effect::Penalise(actor, cause) = effect
                && let Some(account) = deal.player(*actor)
            {
                writes.push(trust::penalty(account, *cause, &format!("{}#{index}", deal.id), now)?);
            }
        }
    }
    if effects.contains(&Effect::OpenReviews) {
        writes.push(trust::reviewable(&deal.id, &deal.host, &deal.guest, &deal.title, deal.ended_at.unwrap_or(now))?);
    }
    writes.extend(said(deal, step, &effects, around, now)?);
    writes.extend(pictures(before, deal, now));
    writes.extend(told.also);
    if let Some(receipt) = told.receipt {
        writes.push(receipt.write()?);
    }
    Ok(writes)
}

/// What becomes of the listing or the errand; where nothing does and it matters how it stands, that it stands so still.
fn subject(deal: &Deal, effects: &[Effect], around: &Around, is_new: bool, now: Time) -> Result<Option<Write>, Error> {
    let step = effects.iter().rev().find_map(|effect| match effect {
        Effect::Reserve => Some(ListingStep::Reserve),
        Effect::Release => Some(ListingStep::Release),
        Effect::Close => Some(ListingStep::Close),
        _ => None,
    });
    let seen = |version: u64| Expression::new("#version = :seen", &["version"], vec![(":seen", n(version))]);
    if let Some(listing) = &around.listing {
        let possible = step.and_then(|step| Some((step, listing.status.after(step)?)));
        return match possible {
            Some((_, status)) => {
                let after = Listing { status, ..listing.clone() }.edited(now);
                Ok(Some(Write::replace(listings::listing_item(&after)?, &listings::COUNTERS, seen(listing.version))?))
            }
            None if is_new || deal.last == Action::Accept => {
                Ok(Some(Write::Check { key: keys::listing(&listing.id), condition: seen(listing.version) }))
            }
            None => Ok(None),
        };
    }
    let Some(errand) = &around.errand else { return Ok(None) };
    let possible = step.and_then(|step| Some((step, errand.status.after(step)?)));
    match possible {
        Some((_, status)) => {
            let (maker, confirmed) = match status {
                Status::Reserved => (Some(deal.guest.clone()), Some(deal.id.clone())),
                Status::Open => (None, None),
                _ => (errand.maker.clone(), errand.deal.clone()),
            };
            let after = Errand {
                status,
                maker,
                deal: confirmed,
                updated_at: now,
                version: errand.version + 1,
                ..errand.clone()
            };
            errands::saved(errand, &after).map(Some)
        }
        None if is_new => Ok(Some(Write::Check { key: keys::errand(&errand.id), condition: seen(errand.version) })),
        None => Ok(None),
    }
}

/// Pictures of what is offered are in use until the deal is over.
fn pictures(before: Option<&Deal>, deal: &Deal, now: Time) -> Vec<Write> {
    let Terms::Barter { pictures, .. } = &deal.terms else { return vec![] };
    let ids = pictures.iter().map(|picture| &picture.media);
    match before {
        None => ids.map(|id| media::used(id, &deal.guest, deal.id.as_str())).collect(),
        Some(_) if deal.state.is_over() => ids.map(|id| media::unused(id, now)).collect(),
        Some(_) => vec![],
    }
}

/// What becomes of the listing's calendar.
fn times(deal: &Deal, effects: &[Effect], around: &Around, now: Time) -> Result<Option<Write>, Error> {
    let Subject::Listing(listing) = &deal.subject else { return Ok(None) };
    let Some((start, end)) = deal.times(&Said::default()) else { return Ok(None) };
    let after = match effects.iter().rev().find(|effect| matches!(effect, Effect::Book | Effect::Free)) {
        Some(Effect::Book) => around.calendar.clone().booked(&deal.id, start, end, now),
        Some(_) => around.calendar.clone().freed(&deal.id),
        None => return Ok(None),
    };
    let condition = if around.calendar.version == 0 {
        Expression::absent()
    } else {
        Expression::new("#version = :seen", &["version"], vec![(":seen", n(around.calendar.version))])
    };
    let put = item("calendar", keys::calendar(listing), &after)?;
    Ok(Some(Write::Put { item: put, condition: Some(condition) }))
}

fn coins(before: Option<&Deal>, deal: &Deal, effect: Effect, now: Time) -> Result<Vec<Write>, Error> {
    let Some((stake, payer, payee)) = deal.stake() else { return Ok(vec![]) };
    let held = before.map_or(0, |before| before.held);
    let purse = Purse::Held(deal.id.clone());
    let (name, from, to, coins, reason) = match effect {
        Effect::Hold => ("hold", Purse::Person(payer.clone()), purse, stake, Reason::Hold),
        Effect::PayOut => ("pay", purse, Purse::Person(payee.clone()), held, Reason::Earn),
        Effect::PayBack => ("back", purse, Purse::Person(payer.clone()), held, Reason::Refund),
        _ => return Ok(vec![]),
    };
    if coins == 0 {
        return Ok(vec![]);
    }
    wallets::moved(&Movement {
        id: format!("{}#{name}", deal.id),
        from,
        to,
        coins: Coins(coins),
        reason,
        about: deal.title.clone(),
        deal: Some(deal.id.clone()),
        at: now,
    })
}

/// What is said in the room: each transition that says something is a message.
fn said(deal: &Deal, step: &Step, effects: &[Effect], around: &Around, now: Time) -> Result<Vec<Write>, Error> {
    let Some(room) = &deal.room else { return Ok(vec![]) };
    let mut writes = vec![];
    let mut last = around.last.clone();
    if effects.contains(&Effect::OpenRoom) {
        let (made, members) = Room::of_deal(room.clone(), deal, now);
        writes.extend(rooms::made(&rooms::NewRoom { room: &made, members: &members })?);
        last = None;
    }
    // A room that was left or closed is told nothing more, but for what its own deal ends with.
    for way in step.taken.iter().filter(|way| way.effects.contains(&Effect::Say)) {
        let event = SystemEvent::Deal {
            deal: deal.id.clone(),
            kind: deal.kind,
            action: way.action,
            state: way.to.unwrap_or(deal.state),
            account: if std::ptr::eq(*way, step.taken[step.taken.len() - 1]) { deal.by.clone() } else { None },
        };
        let seq = last.as_ref().map_or(0, |last| last.seq) + 1;
        let nonce = Nonce::of_event(&format!("{}-{}", deal.id, deal.version));
        let message = Message::announced(room.clone(), nonce, event, now);
        let closed = way.effects.contains(&Effect::CloseRoom) || last.as_ref().is_some_and(|last| last.closed);
        let message = Message { seq, closed, ..message };
        writes.push(Write::Put { item: log::message_item(&message)?, condition: Some(Expression::absent()) });
        last = Some(message);
    }
    Ok(writes)
}
