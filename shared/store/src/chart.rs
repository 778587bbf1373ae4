//! The chart of keys in `docs/table.md`, made from items that the code itself makes, so that it cannot lie.

use std::fmt::Write as _;

use domain::{
    coins::Purse,
    deal::{Phase, Subject as DealSubject},
    errand::{Designation, Errand, Journey},
    id::{
        AccountId, CategoryId, ConnectionId, DealId, ErrandId, FeedbackId, ListingId, MediaId, NotificationId,
        ReportId, RoomId,
    },
    listing::{Listing, Section, Status, Terms},
    maker::Sort,
    message::Nonce,
    region::{self, ProvinceId, Region},
    text::{Description, ErrandDetails, ErrandTitle, Nickname, Title, Wish},
    time::{Date, Time},
    trust::{ReportStatus, Subject},
};

use crate::{
    designations::designation_item,
    due::DueKind,
    errands::{self, errand_item},
    feeds::entries_of,
    keys,
    listings::listing_item,
    table::Item,
};

const ULID: &str = "01K9ZX3V5M8QJ4T0N2R6W7Y1AB";
const CONNECTION: &str = "JKJaWcQKPHcCFxA=";
const SUB: &str = "6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506";

/// The chart, as Markdown. `None` if a sample is not well formed, which a test would show.
#[must_use]
pub fn chart() -> Option<String> {
    let account = AccountId::parse(SUB).ok()?;
    let listing = ListingId::from_ulid(ULID);
    let media = MediaId::from_ulid(ULID);
    let room = RoomId::from_ulid(ULID);
    let (report, feedback) = (ReportId::from_ulid(ULID), FeedbackId::from_ulid(ULID));
    let nonce = Nonce::parse("V1StGXR8_Z5jdHi6").ok()?;
    let other = AccountId::parse("7a3f0c52-9d1e-4b86-a5c4-2e6f81d09b37").ok()?;
    let connection = ConnectionId::parse(CONNECTION).ok()?;
    let notification = NotificationId::from_ulid(ULID);
    let now = Time::parse("2026-11-21T03:00:00Z").ok()?;
    let nickname = Nickname::parse("Madang").ok()?;
    let barter = Listing {
        id: listing.clone(),
        owner: account.clone(),
        terms: Terms::Barter { wants: Wish::parse("책").ok()?, deadline: now },
        title: Title::parse("책상").ok()?,
        description: Description::parse("책상").ok()?,
        category: CategoryId::parse("furniture").ok()?,
        region: Region::from(region::district("seoul/gangnam-gu")?),
        pictures: vec![],
        status: Status::Open,
        bookmarks: 0,
        inquiries: 0,
        created_at: now,
        listed_at: now,
        updated_at: now,
        hidden: false,
        version: 1,
    };
    let rental = Listing {
        terms: Terms::Rental { section: Section::Lend, price: None, unit: None, deposit: 0 },
        ..barter.clone()
    };

    let errand = Errand {
        id: ErrandId::from_ulid(ULID),
        host: account.clone(),
        title: ErrandTitle::parse("책상").ok()?,
        date: Date::of(now),
        journey: Journey::Shopping,
        province: ProvinceId::parse("jeju")?,
        details: ErrandDetails::parse("책상").ok()?,
        address: None,
        status: Status::Open,
        maker: None,
        deal: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let (deal, subject) = (DealId::from_ulid(ULID), DealSubject::Errand(errand.id.clone()));
    let asked = Designation::of(&errand, other.clone(), now);

    let mut rows = String::from("| item | index | partition | sort key |\n|---|---|---|---|\n");
    let mut row = |what: &str, index: &str, pk: &str, sk: &str| {
        let _ = writeln!(rows, "| {what} | {index} | `{}` | `{}` |", plain(pk), plain(sk));
    };
    let table = [
        ("an account", keys::account(&account)),
        ("a nickname, taken or held", keys::nickname(&nickname)),
        ("when somebody signed out everywhere", keys::sign_out(&account)),
        ("whether somebody is there", keys::presence(&account)),
        ("a bookmark", keys::bookmark(&account, &listing)),
        ("a notification", keys::notification(&account, &notification)),
        ("that a notification was mailed", keys::mailed(&account, &notification, now)),
        ("what somebody wants of notifications", keys::notification_settings(&account)),
        ("a listing", keys::listing(&listing)),
        ("a ban from a listing", keys::ban(&listing, &account)),
        ("an upload", keys::media(&media)),
        ("a connection", keys::connection(&connection)),
        ("a room", keys::room(&room)),
        ("somebody in a room", keys::member(&room, &account)),
        ("a message", keys::message(&room, 42)),
        ("a connection that has a room open", keys::watch(&room, &connection)),
        ("what somebody named a message by", keys::nonce(&room, Some(&account), &nonce)),
        ("somebody's conversation about a listing", keys::inquiry(&listing, &account)),
        ("the conversation of two people", keys::direct(&account, &other)),
        ("a category that was changed", keys::category(&barter.category)),
        ("that somebody follows somebody", keys::follow(&account, &other)),
        ("what is counted of somebody", keys::standing(&account)),
        ("what cost somebody manner points", keys::penalty(&account, now, deal.as_str())),
        ("a deal that has ended", keys::reviewable(&deal)),
        ("what was said of somebody", keys::review(&account, &deal)),
        ("a report", keys::report(&report)),
        ("that somebody has reported something", keys::reported(&account, &Subject::Listing(listing.clone()))),
        ("that somebody is suspended", keys::suspension(&account)),
        ("what was decided of late about suspensions", keys::suspension_news(&account, now)),
        ("feedback", keys::feedback(&feedback, now)),
        ("a deal", keys::deal(&deal)),
        ("a deal about an errand, while it is not over", keys::offer(&subject, &other)),
        ("when a listing is with somebody", keys::calendar(&listing)),
        ("a line of a purse", keys::entry(&Purse::Person(account.clone()), now, "<movement>")),
        ("a purse", keys::purse(&Purse::Person(account.clone()), "")),
        ("an errand", keys::errand(&errand.id)),
        ("a maker whom an errand asks", keys::designation(&errand.id, &other)),
        ("how many makers it waits for", keys::asking(&errand.id)),
        ("that an errand is counted among the open ones", keys::demanded(&errand.id)),
        ("how many errands are open", keys::demand(errand.province, errand.journey)),
        ("a maker's profile", keys::maker(&account)),
        ("what a maker has made", keys::made(&account)),
        ("that a deal is counted there", keys::made_of(&account, "confirmed", &deal)),
        ("a maker in the directory", keys::maker_entry(&account, "jeju#shopping")),
        ("a token bucket", keys::rate("sign-up", "<whom, hashed>")),
        ("the receipt of a request", keys::receipt("listings.create", SUB, "<key, hashed>")),
        ("how far a schedule has come", keys::progress("listings.expire")),
    ];
    for (what, key) in &table {
        row(what, "table", &key.pk, &key.sk);
    }
    let by_time = keys::by_time(now, listing.as_str());
    row("somebody's bookmarks", "gsi1", &keys::bookmarks_of(&account), &by_time);
    row("what hangs on a listing", "gsi2", &keys::hanging_on(&listing), &keys::bookmark(&account, &listing).pk);
    let changed = keys::by_time(now, notification.as_str());
    row("somebody's notifications", "gsi1", &keys::notifications_of(&account), &changed);
    row("somebody's unread notifications", "gsi2", &keys::unread_of(&account), &changed);
    let opened = keys::by_time(now, connection.as_str());
    row("somebody's connections", "gsi1", &keys::connections_of(&account), &opened);
    row("the rooms somebody is in", "gsi1", &keys::rooms_of(&account), room.as_str());
    let changed = keys::by_time(now, "000000000042");
    row("messages that were changed", "gsi2", &keys::changed_in(&room), &changed);
    row("somebody's uploads", "gsi1", &keys::media_of(&account), media.as_str());
    for (what, index) in
        [("an owner's listings", "gsi1"), ("an owner's listings of a status", "gsi2"), ("deadlines of a day", "gsi3")]
    {
        let item = listing_item(&barter).ok()?;
        row(what, index, attribute(&item, &format!("{index}pk"))?, attribute(&item, &format!("{index}sk"))?);
    }
    row("whom somebody follows", "gsi1", &keys::follows_of(&account), &keys::by_time(now, other.as_str()));
    row("who follows somebody", "gsi2", &keys::followers_of(&account), other.as_str());
    let ended = keys::by_time(now, deal.as_str());
    row("the deals a host may review", "gsi1", &keys::reviewable_by(&account), &ended);
    row("the deals a guest may review", "gsi2", &keys::reviewable_by(&account), &ended);
    row("what was said of somebody, by when it is seen", "gsi1", &keys::reviews_of(&account), &format!("{ended}#5"));
    row("what somebody said of others", "gsi2", &keys::reviews_by(&account), &ended);
    let reported = keys::by_time(now, report.as_str());
    row("reports of a status", "gsi1", &keys::reports_of(ReportStatus::Open), &reported);
    let (pk, sk) = DueKind::Review.key(now, &format!("{account}#{deal}"));
    row("reviews that can be seen on a day", "gsi3", &pk, &sk);
    let place = keys::by_time(now, deal.as_str());
    row("a host's deals of a phase", "gsi1", &keys::deals_of(&account, Phase::Proposed), &place);
    row("deals that an administrator decides on", "gsi3", keys::DISPUTES, &place);
    row("a guest's deals of a phase", "gsi2", &keys::deals_of(&other, Phase::Proposed), &place);
    let item = errand_item(&errand).ok()?;
    for (what, index) in [("somebody's errands of a status, by their day", "gsi1"), ("errands whose day ends", "gsi3")]
    {
        row(what, index, attribute(&item, &format!("{index}pk"))?, attribute(&item, &format!("{index}sk"))?);
    }
    let item = designation_item(&asked).ok()?;
    for (what, index) in [("what a maker is asked for", "gsi1"), ("the same, by the day", "gsi2")] {
        row(what, index, attribute(&item, &format!("{index}pk"))?, attribute(&item, &format!("{index}sk"))?);
    }
    for entry in errands::entries_of(&errand).values() {
        for index in ["gsi1", "gsi2"] {
            let (pk, sk) = (attribute(entry, &format!("{index}pk"))?, attribute(entry, &format!("{index}sk"))?);
            row("what makers look through", index, pk, sk);
        }
    }
    for (sort, index) in Sort::ALL.into_iter().zip(["gsi1", "gsi2", "gsi3"]) {
        let rank = format!("<rank>#{account}");
        row("makers by rank", index, &keys::makers(sort, None, Some(Journey::Shopping)), &rank);
        let found = format!("{rank}#<provinces>#<journeys>#<nickname>");
        row("the same, of those who are called so", index, &keys::maker_term(sort, "마당"), &found);
    }
    let (pk, sk) = DueKind::Media.key(now, media.as_str());
    row("unused uploads of a day", "gsi3", &pk, &sk);

    let mut feeds = String::new();
    for (what, listing) in [("barter", &barter), ("rental", &rental)] {
        let entries = entries_of(listing);
        let _ = writeln!(feeds, "\nThe {} entries of a {what} with the title \"책상\":\n", entries.len());
        feeds.push_str(
            "| the country (table) | its province (gsi1) | its district (gsi2) | sort key |\n|---|---|---|---|\n",
        );
        for item in entries.values() {
            let cell = |name: &str| attribute(item, name).map(plain).unwrap_or_default();
            let _ = writeln!(
                feeds,
                "| `{}` | `{}` | `{}` | `{}` |",
                cell("pk"),
                cell("gsi1pk"),
                cell("gsi2pk"),
                cell("sk"),
            );
        }
    }
    Some(format!("{HEAD}\n{rows}\n{FEEDS}{feeds}"))
}

const HEAD: &str = "\
# The table

Made by `cargo xtask` from the items the code makes; do not edit.

One table, keys `pk` and `sk`, three general indexes that project keys only, `ttl`, a stream with new and old images.
Every item has a `kind`; every item that people edit has a `version`. `<time>` is thirteen digits of milliseconds.
";

const FEEDS: &str = "\
## Feeds and search

Each way a feed can be narrowed is a partition of its own, so that a page reads what it shows and nothing else. An entry
is keys alone; the page then reads its listings by their keys. The country's partitions are cut into four shards. A
search looks in the partition of one pair of neighbouring characters (or initial consonants) of what was typed, and
checks the rest against the title in the sort key.
";

fn attribute<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    crate::table::text(item, name)
}

fn plain(key: &str) -> String {
    let spelled = |time: Time| format!("{:013}", time.ms());
    let now = Time::parse("2026-11-21T03:00:00Z").ok();
    let (time, day) = (now.map(spelled), now.map(|now| spelled(Date::of(now).over())));
    let (time, day) = (time.unwrap_or_default(), day.unwrap_or_default());
    key.replace(SUB, "<account>")
        .replace(&format!("lst_{ULID}"), "<listing>")
        .replace(&format!("med_{ULID}"), "<upload>")
        .replace(&format!("ntf_{ULID}"), "<notification>")
        .replace(&format!("room_{ULID}"), "<room>")
        .replace(&format!("dea_{ULID}"), "<deal>")
        .replace(&format!("rpt_{ULID}"), "<report>")
        .replace(&format!("fbk_{ULID}"), "<feedback>")
        .replace("V1StGXR8_Z5jdHi6", "<nonce>")
        .replace("7a3f0c52-9d1e-4b86-a5c4-2e6f81d09b37", "<other account>")
        .replace("000000000042", "<seq>")
        .replace(&format!("dea_{ULID}"), "<deal>")
        .replace(&format!("err_{ULID}"), "<errand>")
        .replace(CONNECTION, "<connection>")
        .replace(&time, "<time>")
        .replace(&day, "<time>")
        .replace('|', "\\|")
}
