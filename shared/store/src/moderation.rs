//! Reports, who is suspended, and feedback (rows X1, X2).

use std::collections::HashMap;

use domain::{
    id::{AccountId, ReportId},
    listing::Listing,
    message::Message,
    room::Member,
    text::Reason,
    time::{HOUR, MINUTE, Time},
    trust::{Feedback, Report, ReportStatus, Review, Subject, Suspension},
};
use serde::{Deserialize, Serialize};

use crate::{
    accounts::AccountRecord,
    keys::{self, Index, TTL},
    table::{Error, Expression, Item, Page, Table, Write, indexed, item, key_of, n, read, s, text},
    trust::cut,
};

/// Access to reports.
#[derive(Debug, Clone, Copy)]
pub struct Reports<'a>(pub &'a Table);

impl Reports<'_> {
    /// Notes a report, once a person and subject.
    ///
    /// # Errors
    /// Those of the table. `Ok(Some(…))` when they have reported it before: the first report.
    pub async fn create(&self, report: &Report) -> Result<Option<ReportId>, Error> {
        let mut once = item("reported", keys::reported(&report.reporter, &report.subject), &serde_json::json!({}))?;
        once.insert("report".into(), s(report.id.as_str()));
        let written = self
            .0
            .transact(vec![
                Write::Put { item: report_item(report)?, condition: Some(Expression::absent()) },
                Write::Put { item: once, condition: Some(Expression::absent()) },
            ])
            .await;
        match written {
            Ok(()) => Ok(None),
            Err(Error::Clash(clash)) => {
                let first = clash.standing().and_then(|item| ReportId::parse(text(item, "report")?).ok());
                first.map(Some).ok_or(Error::Clash(clash))
            }
            Err(other) => Err(other),
        }
    }

    /// A report as it is now.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn by_id(&self, id: &ReportId) -> Result<Option<Report>, Error> {
        self.0.get_now(&keys::report(id)).await
    }

    /// A page of the reports of a status, the oldest first, and where the next begins.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn page(
        &self,
        status: ReportStatus,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Report>, Option<String>), Error> {
        let partition = keys::reports_of(status);
        let page = Page { after, limit: limit + 1, ..Page::of(Index::Gsi1, &partition) };
        let (items, next) = cut(self.0.page(&page).await?, limit, "gsi1sk");
        let keys: Vec<_> = items.iter().filter_map(key_of).collect();
        let mut found = if keys.is_empty() { HashMap::new() } else { self.0.get_many(&keys).await? };
        let reports = keys.iter().filter_map(|key| found.remove(key)).map(read).collect::<Result<_, _>>()?;
        Ok((reports, next))
    }

    /// Writes a decision down with all that comes of it, all or nothing.
    ///
    /// # Errors
    /// [`Error::Clash`] at 0 when it was decided meanwhile: the report as it stands; further on when what it is about was
    /// changed meanwhile.
    pub async fn decide(&self, after: &Report, consequences: Vec<Write>) -> Result<(), Error> {
        let open = Expression::new("#status = :open", &["status"], vec![(":open", s(ReportStatus::Open.word()))]);
        let mut writes = vec![Write::Put { item: report_item(after)?, condition: Some(open) }];
        writes.extend(consequences);
        self.0.transact(writes).await
    }
}

fn report_item(report: &Report) -> Result<Item, Error> {
    let mut put = item("report", keys::report(&report.id), report)?;
    let place = keys::by_time(report.created_at, report.id.as_str());
    indexed(&mut put, Index::Gsi1, keys::reports_of(report.status), place);
    Ok(put)
}

/// What was said of somebody's suspension last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suspended {
    /// Until when; a moment that has passed is none.
    pub until: Time,
    /// Why.
    #[serde(default)]
    pub reason: Option<Reason>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct News {
    account: AccountId,
    #[serde(flatten)]
    suspended: Suspended,
}

/// How far back news of suspensions are read: longer than any token is good that does not say so itself, and than any
/// connection lasts.
const NEWS: i64 = 2 * HOUR + 15 * MINUTE;

/// Access to who is suspended.
#[derive(Debug, Clone, Copy)]
pub struct Suspensions<'a>(pub &'a Table);

impl Suspensions<'_> {
    /// What suspends somebody: the item that is theirs, and the news for every door.
    ///
    /// # Errors
    /// [`Error::Failed`] when it cannot be spelled.
    pub fn writes(suspension: &Suspension) -> Result<Vec<Write>, Error> {
        let mut put = item("suspension", keys::suspension(&suspension.account), suspension)?;
        put.insert(TTL.into(), n(suspension.until.seconds()));
        let told = Suspended { until: suspension.until, reason: Some(suspension.reason.clone()) };
        Ok(vec![Write::Put { item: put, condition: None }, news(&suspension.account, told, suspension.since)?])
    }

    /// Suspends somebody, in the place of what was before.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn set(&self, suspension: &Suspension) -> Result<(), Error> {
        self.0.transact(Self::writes(suspension)?).await
    }

    /// Lifts a suspension; that there is none is no fault.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn lift(&self, account: &AccountId, now: Time) -> Result<(), Error> {
        let told = Suspended { until: now, reason: None };
        let gone = Write::Delete { key: keys::suspension(account), condition: None };
        self.0.transact(vec![gone, news(account, told, now)?]).await
    }

    /// Somebody's suspension, if it holds.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn of(&self, account: &AccountId, now: Time) -> Result<Option<Suspension>, Error> {
        let found: Option<Suspension> = self.0.get_now(&keys::suspension(account)).await?;
        Ok(found.filter(|suspension| suspension.holds(now)))
    }

    /// What was decided about anybody of late, the latest of each: what tokens and connections of before do not say.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn recent(&self, now: Time) -> Result<HashMap<AccountId, Suspended>, Error> {
        let mut from = keys::by_time(now.plus(-NEWS), "~");
        let mut told = HashMap::new();
        loop {
            let page = Page { after: Some(&from), limit: 500, ..Page::of(Index::Table, keys::SUSPENSIONS) };
            let items = self.0.page(&page).await?;
            let last =
                if items.len() == page.limit { items.last().and_then(|item| text(item, keys::SK)) } else { None };
            let last = last.map(str::to_owned);
            for item in items {
                let News { account, suspended } = read(item)?;
                told.insert(account, suspended);
            }
            match last {
                Some(last) => from = last,
                None => return Ok(told),
            }
        }
    }
}

fn news(account: &AccountId, suspended: Suspended, now: Time) -> Result<Write, Error> {
    let told = News { account: account.clone(), suspended };
    let mut put = item("suspensionNews", keys::suspension_news(account, now), &told)?;
    put.insert(TTL.into(), n(now.plus(NEWS + HOUR).seconds()));
    Ok(Write::Put { item: put, condition: None })
}

/// Access to feedback.
#[derive(Debug, Clone, Copy)]
pub struct Feedbacks<'a>(pub &'a Table);

impl Feedbacks<'_> {
    /// Keeps what somebody wants to say.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn create(&self, feedback: &Feedback) -> Result<(), Error> {
        let put = item("feedback", keys::feedback(&feedback.id, feedback.created_at), feedback)?;
        self.0.write(Write::Put { item: put, condition: Some(Expression::absent()) }).await
    }

    /// A page of it, the latest first, and where the next begins.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn page(&self, after: Option<&str>, limit: usize) -> Result<(Vec<Feedback>, Option<String>), Error> {
        let page = Page { after, forward: false, limit: limit + 1, ..Page::of(Index::Table, keys::FEEDBACK) };
        let (items, next) = cut(self.0.page(&page).await?, limit, keys::SK);
        Ok((items.into_iter().map(read).collect::<Result<_, _>>()?, next))
    }
}

/// What stands under a subject of a report, read in one round trip.
#[derive(Debug)]
pub struct Reported {
    /// Whose it is.
    pub account: AccountId,
    /// What it says.
    pub excerpt: Option<String>,
}

/// What a decision about a report has to know.
#[derive(Debug)]
pub struct BeforeDecision {
    /// Whether whose it is has not left.
    pub there: bool,
    /// Their suspension, if one holds.
    pub suspension: Option<Suspension>,
    /// The listing, where it is about one that is there.
    pub listing: Option<Listing>,
    /// The review, where it is about one that is there.
    pub review: Option<Review>,
}

impl Reports<'_> {
    /// What a decision has to know, in one round trip.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn before_decision(&self, report: &Report, now: Time) -> Result<BeforeDecision, Error> {
        let (account, suspension) = (keys::account(&report.account), keys::suspension(&report.account));
        let listing = match &report.subject {
            Subject::Listing(id) => Some(keys::listing(id)),
            _ => None,
        };
        let review = match &report.subject {
            Subject::Review(deal, about) => Some(keys::review(about, deal)),
            _ => None,
        };
        let wanted: Vec<_> = [&account, &suspension].into_iter().chain(&listing).chain(&review).cloned().collect();
        let mut found = self.0.get_many_now(&wanted).await?;
        let account = found.remove(&account).map(AccountRecord::read).transpose()?.and_then(AccountRecord::active);
        let suspension: Option<Suspension> = found.remove(&suspension).map(read).transpose()?;
        Ok(BeforeDecision {
            there: account.is_some(),
            suspension: suspension.filter(|suspension| suspension.holds(now)),
            listing: listing.and_then(|key| found.remove(&key)).map(read).transpose()?,
            review: review.and_then(|key| found.remove(&key)).map(read).transpose()?,
        })
    }

    /// What somebody reports, if they can see it.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn subject(&self, subject: &Subject, me: &AccountId, now: Time) -> Result<Option<Reported>, Error> {
        let of = |account: AccountId, excerpt: String| Some(Reported { account, excerpt: Some(excerpt) });
        Ok(match subject {
            Subject::Listing(id) => self.0.get_now::<Listing>(&keys::listing(id)).await?.and_then(|listing| {
                let there = listing.status.is_public() || listing.owner == *me;
                there.then(|| of(listing.owner, listing.title.as_str().to_owned())).flatten()
            }),
            Subject::Account(id) => {
                let found = self.0.get_item(&keys::account(id), false).await?;
                let found = found.map(AccountRecord::read).transpose()?.and_then(AccountRecord::active);
                found.and_then(|account| of(account.id, account.nickname.as_str().to_owned()))
            }
            Subject::Message(room, seq) => {
                let (member, message) = (keys::member(room, me), keys::message(room, *seq));
                let mut found = self.0.get_many_now(&[member.clone(), message.clone()]).await?;
                let member: Option<Member> = found.remove(&member).map(read).transpose()?;
                let message: Option<Message> = found.remove(&message).map(read).transpose()?;
                let sees = member.is_some_and(|member| member.sees(*seq));
                message.filter(|_| sees).and_then(|message| {
                    let excerpt = message.text.map(|text| text.as_str().to_owned());
                    message.author.map(|account| Reported { account, excerpt })
                })
            }
            Subject::Review(deal, account) => {
                let review: Option<Review> = self.0.get_now(&keys::review(account, deal)).await?;
                let seen = review.filter(|review| review.is_visible(now));
                seen.and_then(|review| of(review.author, review.text.as_str().to_owned()))
            }
        })
    }
}
