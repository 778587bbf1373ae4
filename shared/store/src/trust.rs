//! Who follows whom, what people say of each other after a deal, and what cost them manner points (rows P8–P12, D24, X7).
//!
//! Of each person one item holds what is counted: followers, and stars by stars. A review that waits for its window to
//! end stands there too, with its moment, so that sums are right to the millisecond whether or not the schedule has come by.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    id::{AccountId, DealId},
    manner::{MOST_PENALTIES, MOST_REVIEWS, PENALTY_DAYS, Penalty, PenaltyCause, Rated},
    time::{DAY, Time},
    trust::{Ratings, Review, Reviewable, Standing, Stars},
};
use serde::Deserialize;

use crate::{
    due::DueKind,
    keys::{self, Index, TTL},
    table::{Error, Expression, Item, Page, Table, Write, indexed, item, key_of, n, read, s, text},
};

/// What a review that is not counted yet is called in the item of what is counted.
const WAITING: &str = "waiting_";

/// Takes manner points off somebody: to be written along with what it is for.
///
/// # Errors
/// [`Error::Failed`] when it cannot be spelled.
pub fn penalty(account: &AccountId, cause: PenaltyCause, about: &str, now: Time) -> Result<Write, Error> {
    let penalty = Penalty { cause, about: about.to_owned(), at: now };
    let mut put = item("penalty", keys::penalty(account, now, about), &penalty)?;
    // A day of grace: what still counts is told by the moment it happened at.
    put.insert(TTL.into(), n(now.plus((PENALTY_DAYS + 1) * DAY).seconds()));
    Ok(Write::Put { item: put, condition: None })
}

/// Lets both sides of a deal that ends now review each other for fourteen days: to be written along with its end.
///
/// # Errors
/// [`Error::Failed`] when it cannot be spelled. As a write: a clash when the deal has ended before.
pub fn reviewable(deal: &DealId, host: &AccountId, guest: &AccountId, about: &str, now: Time) -> Result<Write, Error> {
    let ended = Reviewable::new(deal.clone(), host.clone(), guest.clone(), about.to_owned(), now);
    let mut put = item("reviewable", keys::reviewable(deal), &ended)?;
    let place = keys::by_time(ended.closes_at, deal.as_str());
    indexed(&mut put, Index::Gsi1, keys::reviewable_by(host), place.clone());
    indexed(&mut put, Index::Gsi2, keys::reviewable_by(guest), place);
    Ok(Write::Put { item: put, condition: Some(Expression::absent()) })
}

/// Access to who follows whom.
#[derive(Debug, Clone, Copy)]
pub struct Follows<'a>(pub &'a Table);

impl Follows<'_> {
    /// Whether one follows another, and how many do; nothing when the other is not there.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn between(&self, me: &AccountId, whom: &AccountId) -> Result<Option<(bool, u64)>, Error> {
        let (account, follow, standing) = (keys::account(whom), keys::follow(me, whom), keys::standing(whom));
        let mut found = self.0.get_many_now(&[account.clone(), follow.clone(), standing.clone()]).await?;
        let there = found.get(&account).is_some_and(|account| !account.contains_key("withdrawnAt"));
        let followers = standing_in(found.remove(&standing)).followers;
        Ok(there.then(|| (found.contains_key(&follow), followers)))
    }

    /// Follows somebody and counts it, both or none.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when it is so already, at 2 when the other has left.
    pub async fn set(&self, me: &AccountId, whom: &AccountId, now: Time) -> Result<(), Error> {
        let mut put = item("follow", keys::follow(me, whom), &serde_json::json!({}))?;
        put.insert("createdAt".into(), s(now.to_string()));
        indexed(&mut put, Index::Gsi1, keys::follows_of(me), keys::by_time(now, whom.as_str()));
        indexed(&mut put, Index::Gsi2, keys::followers_of(whom), me.as_str());
        self.0
            .transact(vec![
                Write::Put { item: put, condition: Some(Expression::absent()) },
                followed(whom, 1),
                there(whom),
            ])
            .await
    }

    /// Follows somebody no more and counts it off, both or none.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when it is not so, at 1 when the other has left.
    pub async fn clear(&self, me: &AccountId, whom: &AccountId) -> Result<(), Error> {
        let is_so = Expression::new("attribute_exists(pk)", &[], vec![]);
        self.0
            .transact(vec![Write::Delete { key: keys::follow(me, whom), condition: Some(is_so) }, followed(whom, -1)])
            .await
    }

    /// A page of those somebody follows, the latest first, and where the next begins.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn of(
        &self,
        me: &AccountId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<(AccountId, Time)>, Option<String>), Error> {
        let partition = keys::follows_of(me);
        let page = Page { after, forward: false, limit: limit + 1, ..Page::of(Index::Gsi1, &partition) };
        let (items, next) = cut(self.0.page(&page).await?, limit, "gsi1sk");
        let one = |item: &Item| {
            let whom = text(item, keys::SK)?.strip_prefix(keys::FOLLOWS)?;
            let ms = text(item, "gsi1sk")?.split('#').next()?.parse().ok()?;
            Some((AccountId::parse(whom).ok()?, Time::from_ms(ms)))
        };
        Ok((items.iter().filter_map(one).collect(), next))
    }

    /// Removes some of what somebody who has left follows, counting it off, and of those who follow them; `true` while
    /// there may be more.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn remove_some(&self, account: &AccountId) -> Result<bool, Error> {
        let (follows, next) = self.of(account, None, 25).await?;
        for (whom, _) in &follows {
            match self.clear(account, whom).await {
                // The other has left too.
                Err(Error::Clash(_)) => self.0.put_and_delete(vec![], vec![keys::follow(account, whom)]).await?,
                other => other?,
            }
        }
        let partition = keys::followers_of(account);
        let page = Page { limit: 100, ..Page::of(Index::Gsi2, &partition) };
        let followers: Vec<_> = self.0.page(&page).await?.iter().filter_map(key_of).collect();
        let more = next.is_some() || followers.len() == page.limit;
        self.0.put_and_delete(vec![], followers).await?;
        Ok(more)
    }
}

/// What decides whether and how somebody reviews a deal.
#[derive(Debug)]
pub struct BeforeReview {
    /// The deal.
    pub deal: Reviewable,
    /// What the other side has written.
    pub other: Option<Review>,
}

/// Access to reviews and what is counted of them.
#[derive(Debug, Clone, Copy)]
pub struct Reviews<'a>(pub &'a Table);

impl Reviews<'_> {
    /// Writes deals that have ended and penalties down by themselves: a seed has no deal to write them along with.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn note(&self, writes: Vec<Write>) -> Result<(), Error> {
        self.0.transact(writes).await
    }

    /// A deal that has ended, with what the other side has said of somebody.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn before(&self, deal: &DealId, me: &AccountId) -> Result<Option<BeforeReview>, Error> {
        let (ended, other) = (keys::reviewable(deal), keys::review(me, deal));
        let mut found = self.0.get_many_now(&[ended.clone(), other.clone()]).await?;
        let Some(ended) = found.remove(&ended) else { return Ok(None) };
        Ok(Some(BeforeReview { deal: read(ended)?, other: found.remove(&other).map(read).transpose()? }))
    }

    /// Writes a review. The first of a deal waits for the other, or for the window's end; with the second both are seen.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 or 1 when something was written meanwhile, at 3 when whom it is about has left, further on
    /// when the first was changed meanwhile.
    pub async fn write(&self, before: &BeforeReview, review: &Review, now: Time) -> Result<(), Error> {
        let deal = &before.deal;
        let by_host = review.author == deal.host;
        let (update, first, second) = if by_host {
            (
                "SET #hostDone = :yes REMOVE gsi1pk, gsi1sk",
                "attribute_exists(pk) AND attribute_not_exists(#hostDone) AND attribute_not_exists(#guestDone)",
                "attribute_not_exists(#hostDone) AND attribute_exists(#guestDone)",
            )
        } else {
            (
                "SET #guestDone = :yes REMOVE gsi2pk, gsi2sk",
                "attribute_exists(pk) AND attribute_not_exists(#guestDone) AND attribute_not_exists(#hostDone)",
                "attribute_not_exists(#guestDone) AND attribute_exists(#hostDone)",
            )
        };
        let other_done = if by_host { deal.guest_done } else { deal.host_done };
        let condition = Expression::new(
            if other_done { second } else { first },
            &["hostDone", "guestDone"],
            vec![(":yes", AttributeValue::Bool(true))],
        );
        let review =
            if other_done { Review { visible_at: now, counted: true, ..review.clone() } } else { review.clone() };
        let mut writes = vec![
            Write::Update { key: keys::reviewable(&deal.deal), update: update.into(), condition },
            Write::Put { item: review_item(&review)?, condition: Some(Expression::absent()) },
            if other_done { counted(&review, 1) } else { waits(&review) },
            there(&review.account),
        ];
        if let Some(first) = before.other.as_ref().filter(|first| other_done && !first.counted) {
            // One that is hidden stays out of the sums.
            let shown = Review { counted: !first.hidden, ..first.shown(now) };
            writes.push(replaced(first, &shown)?);
            if !first.hidden {
                writes.push(settled(&shown));
            }
        }
        self.0.transact(writes).await
    }

    /// A review.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by_deal(&self, about: &AccountId, deal: &DealId) -> Result<Option<Review>, Error> {
        self.0.get_now(&keys::review(about, deal)).await
    }

    /// Writes down that a review can be seen; `false` when there is nothing to write.
    ///
    /// # Errors
    /// Those of the table; that it was changed meanwhile is none.
    pub async fn count(&self, review: &Review, now: Time) -> Result<bool, Error> {
        if review.counted || !review.is_visible(now) {
            return Ok(false);
        }
        let shown = review.shown(review.visible_at);
        match self.0.transact(vec![replaced(review, &shown)?, settled(&shown)]).await {
            Ok(()) => Ok(true),
            // Done by a twin of this run, hidden, or gone with its person.
            Err(Error::Clash(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// What takes a review out of sight and out of the sums, or brings it back.
    ///
    /// # Errors
    /// [`Error::Failed`] when it cannot be spelled. As writes: a clash at the first when it was changed meanwhile.
    pub fn hidden(review: &Review, hidden: bool, now: Time) -> Result<Vec<Write>, Error> {
        let seen = review.visible_at <= now;
        let after = Review { hidden, counted: !hidden && seen, version: review.version + 1, ..review.clone() };
        let sums = match (hidden, review.counted) {
            (true, true) => counted(review, -1),
            (true, false) => waits_no_more(review),
            (false, _) if seen => counted(review, 1),
            (false, _) => waits(review),
        };
        Ok(vec![replaced(review, &after)?, sums])
    }

    /// Takes a review out of sight, or brings it back.
    ///
    /// # Errors
    /// [`Error::Clash`] when it was changed meanwhile.
    pub async fn hide(&self, review: &Review, hidden: bool, now: Time) -> Result<(), Error> {
        self.0.transact(Self::hidden(review, hidden, now)?).await
    }

    /// A page of the reviews about somebody that can be seen, the latest first, and where the next begins.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn about(
        &self,
        account: &AccountId,
        after: Option<&str>,
        now: Time,
        limit: usize,
    ) -> Result<(Vec<Review>, Option<String>), Error> {
        let (partition, until) = (keys::reviews_of(account), keys::by_time(now, "~"));
        let until = after.is_none().then_some(until.as_str());
        let page = Page { after, until, forward: false, limit: limit + 1, ..Page::of(Index::Gsi1, &partition) };
        let (items, next) = cut(self.0.page(&page).await?, limit, "gsi1sk");
        let mut reviews = self.of(&items).await?;
        reviews.retain(|review| review.is_visible(now));
        Ok((reviews, next))
    }

    /// A page of the reviews somebody has written, the latest first, and where the next begins.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by(
        &self,
        author: &AccountId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Review>, Option<String>), Error> {
        let partition = keys::reviews_by(author);
        let page = Page { after, forward: false, limit: limit + 1, ..Page::of(Index::Gsi2, &partition) };
        let (items, next) = cut(self.0.page(&page).await?, limit, "gsi2sk");
        Ok((self.of(&items).await?, next))
    }

    /// Reviews by what the due-index knows of them.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn due(&self, ids: &[String]) -> Result<Vec<Review>, Error> {
        let one = |id: &String| {
            let (account, deal) = id.split_once('#')?;
            Some(keys::review(&AccountId::parse(account).ok()?, &DealId::parse(deal).ok()?))
        };
        let keys: Vec<_> = ids.iter().filter_map(one).collect();
        let mut found = self.0.get_many_now(&keys).await?;
        keys.iter().filter_map(|key| found.remove(key)).map(read).collect()
    }

    async fn of(&self, entries: &[Item]) -> Result<Vec<Review>, Error> {
        let keys: Vec<_> = entries.iter().filter_map(key_of).collect();
        let mut found = if keys.is_empty() { HashMap::new() } else { self.0.get_many(&keys).await? };
        keys.iter().filter_map(|key| found.remove(key)).map(read).collect()
    }

    /// A page of the deals somebody may review, those that close first first, and where the next begins.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn open_to(
        &self,
        me: &AccountId,
        after: Option<&str>,
        now: Time,
        limit: usize,
    ) -> Result<(Vec<Reviewable>, Option<String>), Error> {
        let (partition, from) = (keys::reviewable_by(me), keys::by_time(now, "~"));
        let after = Some(after.unwrap_or(&from));
        let of = |index| Page { after, limit: limit + 1, ..Page::of(index, &partition) };
        let (host, guest) = (of(Index::Gsi1), of(Index::Gsi2));
        let (host, guest) = futures::try_join!(self.0.page(&host), self.0.page(&guest))?;
        let placed = |items: Vec<Item>, sk: &'static str| {
            items.into_iter().filter_map(move |item| Some((text(&item, sk)?.to_owned(), key_of(&item)?)))
        };
        let mut all: Vec<_> = placed(host, "gsi1sk").chain(placed(guest, "gsi2sk")).collect();
        all.sort();
        let next = if all.len() > limit { limit.checked_sub(1).and_then(|last| all.get(last)) } else { None };
        let next = next.map(|(place, _)| place.clone());
        all.truncate(limit);
        let keys: Vec<_> = all.into_iter().map(|(_, key)| key).collect();
        let mut found = if keys.is_empty() { HashMap::new() } else { self.0.get_many(&keys).await? };
        let deals =
            keys.iter().filter_map(|key| found.remove(key)).map(read).collect::<Result<Vec<Reviewable>, _>>()?;
        // Reviewed a moment ago, and still in the index.
        Ok((deals.into_iter().filter(|deal| deal.reviewed_by(me, now).is_ok()).collect(), next))
    }

    /// What is counted of somebody; nothing when there is no such person.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn standing(&self, account: &AccountId) -> Result<Option<Standing>, Error> {
        let (person, standing) = (keys::account(account), keys::standing(account));
        let mut found = self.0.get_many(&[person.clone(), standing.clone()]).await?;
        Ok(found.contains_key(&person).then(|| standing_in(found.remove(&standing))))
    }

    /// What somebody's manner score is made of: reviews and penalties, the latest first. One round trip.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn manner(&self, account: &AccountId, now: Time) -> Result<(Vec<Rated>, Vec<Penalty>), Error> {
        let (partition, until) = (keys::reviews_of(account), keys::by_time(now, "~"));
        let reviews =
            Page { until: Some(&until), forward: false, limit: MOST_REVIEWS, ..Page::of(Index::Gsi1, &partition) };
        let own = keys::account(account).pk;
        let oldest = keys::penalties_after(now.plus(-PENALTY_DAYS * DAY));
        let newest = keys::penalties_after(now);
        let penalties = Page {
            after: Some(&oldest),
            until: Some(&newest),
            forward: false,
            limit: MOST_PENALTIES,
            ..Page::of(Index::Table, &own)
        };
        let (reviews, penalties) = futures::try_join!(self.0.page(&reviews), self.0.page(&penalties))?;
        // The place of a review in its index says all of it that counts.
        let rated = |item: &Item| {
            let mut parts = text(item, "gsi1sk")?.split('#');
            let at = Time::from_ms(parts.next()?.parse().ok()?);
            Some(Rated { stars: parts.nth(1)?.parse().ok()?, at })
        };
        let penalties = penalties.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok((reviews.iter().filter_map(rated).collect(), penalties))
    }

    /// Removes some of what people said of somebody who has left, of their penalties and of what they reported, and what was
    /// counted; `true` while there may be more.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn remove_some(&self, account: &AccountId) -> Result<bool, Error> {
        let partition = keys::account(account).pk;
        let of = |prefix| Page { prefix: Some(prefix), keys_only: true, ..Page::of(Index::Table, &partition) };
        let (reviews, penalties, reported) = (of(keys::REVIEWS), of(keys::PENALTIES), of(keys::REPORTED));
        let (reviews, penalties, reported) =
            futures::try_join!(self.0.page(&reviews), self.0.page(&penalties), self.0.page(&reported))?;
        let more = [&reviews, &penalties, &reported].iter().any(|page| page.len() == 100);
        let mut found: Vec<_> = reviews.iter().chain(&penalties).chain(&reported).filter_map(key_of).collect();
        found.extend([keys::standing(account), keys::suspension(account)]);
        self.0.put_and_delete(vec![], found).await?;
        Ok(more)
    }
}

/// Somebody's item, cut to a page, and where the next begins.
pub(crate) fn cut(mut items: Vec<Item>, limit: usize, sk: &str) -> (Vec<Item>, Option<String>) {
    let more = items.len() > limit;
    items.truncate(limit);
    let next = if more { items.last().and_then(|item| text(item, sk)).map(str::to_owned) } else { None };
    (items, next)
}

/// That somebody has an account and has not left.
pub(crate) fn there(account: &AccountId) -> Write {
    Write::Check {
        key: keys::account(account),
        condition: Expression::new(
            "attribute_exists(pk) AND attribute_not_exists(#withdrawnAt)",
            &["withdrawnAt"],
            vec![],
        ),
    }
}

fn followed(account: &AccountId, by: i64) -> Write {
    // Off nothing is counted: the item went with its person.
    let text = if by < 0 { "attribute_exists(pk)" } else { "" };
    Write::Update {
        key: keys::standing(account),
        update: "SET #kind = :kind ADD #followers :by".into(),
        condition: Expression::new(text, &["kind", "followers"], vec![(":kind", s(STANDING)), (":by", n(by))]),
    }
}

/// The kind of the item of what is counted.
const STANDING: &str = "standing";

const STARS: [&str; 5] = ["stars1", "stars2", "stars3", "stars4", "stars5"];

fn stars_of(review: &Review) -> &'static str {
    STARS[usize::from(review.stars.0.clamp(1, 5)) - 1]
}

/// Counts a review.
fn counted(review: &Review, by: i64) -> Write {
    let stars = stars_of(review);
    Write::Update {
        key: keys::standing(&review.account),
        update: format!("SET #kind = :kind ADD #{stars} :by").into(),
        condition: Expression::new("", &["kind", stars], vec![(":kind", s(STANDING)), (":by", n(by))]),
    }
}

fn waiting_name(review: &Review) -> String {
    format!("{WAITING}{}", review.deal)
}

/// Notes a review that is to be counted at its moment.
fn waits(review: &Review) -> Write {
    let name = waiting_name(review);
    let waiting =
        HashMap::from([("stars".to_owned(), n(review.stars.0)), ("at".to_owned(), s(review.visible_at.to_string()))]);
    let mut condition =
        Expression::new("", &["kind"], vec![(":kind", s(STANDING)), (":waiting", AttributeValue::M(waiting))]);
    let update = format!("SET #kind = :kind, #{name} = :waiting").into();
    condition.names.push(name.into());
    Write::Update { key: keys::standing(&review.account), update, condition }
}

fn waits_no_more(review: &Review) -> Write {
    let name = waiting_name(review);
    let mut condition = Expression::default();
    let update = format!("REMOVE #{name}").into();
    condition.names.push(name.into());
    Write::Update { key: keys::standing(&review.account), update, condition }
}

/// Counts a review that waited. What has no item of counts has left.
fn settled(review: &Review) -> Write {
    let (name, stars) = (waiting_name(review), stars_of(review));
    let mut condition = Expression::new("attribute_exists(pk)", &[stars], vec![(":one", n(1))]);
    let update = format!("REMOVE #{name} ADD #{stars} :one").into();
    condition.names.push(name.into());
    Write::Update { key: keys::standing(&review.account), update, condition }
}

/// A review in the place of the one that was seen.
fn replaced(before: &Review, after: &Review) -> Result<Write, Error> {
    let seen = Expression::new("#version = :seen", &["version"], vec![(":seen", n(before.version))]);
    Ok(Write::Put { item: review_item(after)?, condition: Some(seen) })
}

fn review_item(review: &Review) -> Result<Item, Error> {
    let mut put = item("review", keys::review(&review.account, &review.deal), review)?;
    let written = keys::by_time(review.created_at, review.deal.as_str());
    indexed(&mut put, Index::Gsi2, keys::reviews_by(&review.author), written);
    if !review.hidden {
        let place = format!("{}#{}", keys::by_time(review.visible_at, review.deal.as_str()), review.stars.0);
        indexed(&mut put, Index::Gsi1, keys::reviews_of(&review.account), place);
        if !review.counted {
            let (pk, sk) = DueKind::Review.key(review.visible_at, &format!("{}#{}", review.account, review.deal));
            indexed(&mut put, Index::Gsi3, pk, sk);
        }
    }
    Ok(put)
}

pub(crate) fn standing_in(item: Option<Item>) -> Standing {
    #[derive(Deserialize)]
    struct Waiting {
        stars: Stars,
        at: Time,
    }
    let Some(item) = item else { return Standing::default() };
    let count = |name: &str| item.get(name)?.as_n().ok()?.parse::<u64>().ok();
    let waiting = |(name, value): (&String, &AttributeValue)| {
        name.strip_prefix(WAITING)?;
        let Waiting { stars, at } = serde_dynamo::from_attribute_value(value.clone()).ok()?;
        Some((stars, at))
    };
    Standing {
        followers: count("followers").unwrap_or_default(),
        counted: Ratings(STARS.map(|name| count(name).unwrap_or_default())),
        waiting: item.iter().filter_map(waiting).collect(),
    }
}
