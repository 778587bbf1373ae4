//! The stream of the table: each change goes to whoever follows that kind of item, in order.
//!
//! A batch stops at the first record that fails and names it, so that it and those after it come again (partial batch
//! responses). Everything here may happen twice.

use aws_lambda_events::dynamodb::EventRecord;
use domain::{
    deal::Subject,
    id::{AccountId, ListingId},
};
use edge::{Event, Fault, Grant, Method, Push, Route, Row, Setting};
use live::{Activity, Changed, MessageOfRoom, PresenceOf, Removed};
use notifications::{NotificationGone, NotificationTold, NotificationsRead};
use serde_json::{Value, json};
use store::keys;

use crate::{Changes, accounts, connections, deals, errands, listings, makers, media, messages, notices, rooms, trust};

pub(crate) const ROUTE: Route<Changes> = Row::stream("changes.project")
    .summary("Follow up what changed in the table")
    .features(&[
        "L7", "L9", "N1", "N3", "N10", "N13", "A20", "Z10", "B13", "C2", "C7", "C8", "C10", "C13", "C24", "P16", "D18", "D24", "N4", "N6", "N7", "N8", "P12", "X1", "Z6", "D10", "D12", "D13", "D23", "N5", "P8", "P13",
    ])
    .needs(&[Setting::MediaBucket, Setting::MediaUrl])
    .size(512, 60)
    .may(&[
        Grant::Table("BatchGetItem", &["ACCOUNT#", "DEAL#", "ERRAND#", "LISTING#", "PURSE#", "ROOM#"]),
        Grant::Table("GetItem", &["ACCOUNT#", "DEAL#", "ERRAND#", "LISTING#", "NONCE#", "ROOM#"]),
        Grant::Table("Query", &["ACCOUNT#", "ERRAND#", "LISTING#", "ROOM#"]),
        Grant::Table("ConditionCheckItem", &["ACCOUNT#", "ERRAND#"]),
        Grant::Table("PutItem", &["ACCOUNT#", "DEAL#", "ERRAND#", "LISTING#", "NONCE#", "PURSE#", "ROOM#"]),
        Grant::Table(
            "BatchWriteItem",
            &["ACCOUNT#", "CONNECTION#", "ERRAND#", "FEED#", "LISTING#", "MEDIA#", "ROOM#", "TERM#"],
        ),
        Grant::Table("DeleteItem", &["ACCOUNT#", "ERRAND#", "LISTING#", "ROOM#"]),
        Grant::Table(
            "UpdateItem",
            &["ACCOUNT#", "DEMAND", "ERRAND#", "LISTING#", "MEDIA#", "NONCE#", "PURSE#", "ROOM#"],
        ),
        Grant::Index(
            "gsi1",
            &[
                "BOOKMARKS#", "CONNECTIONS#", "DEALS#", "DESIGNATED#", "ERRANDS#", "FOLLOWS#", "OWNER#", "ROOMS#",
                "UPLOADER#",
            ],
        ),
        Grant::Index("gsi2", &["DEALS#", "FOLLOWERS#", "LISTING#", "UNREAD#"]),
        Grant::Connections(&[Method::Post, Method::Delete]),
        Grant::Invoke(live::DELIVERS),
        Grant::Invoke(notifications::MAILS),
        Grant::Bucket("DeleteObject", "private/"),
        Grant::Bucket("DeleteObject", "renditions/"),
        Grant::Bucket("DeleteObject", "uploads/"),
    ])
    .pushes(&[
        Push::of::<MessageOfRoom>("message.created", "Madang said something; to whoever has the room open"),
        Push::of::<Activity>(
            "room.activity",
            "Something was written; to every connection of every member, in rooms of up to 100 members",
        ),
        Push::of::<Changed>(
            "room.changed",
            "A room is new to one's list, or changed; to every connection of the person. That it is called something else, was \
             closed or opened again is told in rooms of up to 100 members",
        ),
        Push::of::<Removed>("room.removed", "A room is one's own no more; to every connection of the person"),
        Push::of::<PresenceOf>(
            "presence.changed",
            "Somebody came, went or is away; to whoever has a small room open that the person is in",
        ),
        Push::of::<NotificationTold>(
            "notification",
            "There is something to be told, or more of it; to every connection of the person, but in their quiet hours",
        ),
        Push::of::<NotificationsRead>(
            "notification.read",
            "Notifications were read, these or all up to a moment; to every connection of the person",
        ),
        Push::of::<NotificationGone>(
            "notification.removed",
            "A notification was deleted; to every connection of the person",
        ),
    ])
    .event(|app, event| Box::pin(handle(app, event)));

/// An item of the stream.
pub(crate) type Image = serde_dynamo::Item;

async fn handle(app: &Changes, event: Event<'_>) -> Result<Value, Fault> {
    let records = event.payload["Records"].as_array().map_or(&[][..], Vec::as_slice);
    let mut last = messages::Last::default();
    let mut failed = None;
    let mut first_message = None;
    for record in records {
        let parsed: EventRecord = serde_json::from_value(record.clone()).map_err(Fault::internal)?;
        let sequence = record["dynamodb"]["SequenceNumber"].as_str();
        if first_message.is_none() && kind_of(&parsed) == Some("message") {
            first_message = sequence;
        }
        if let Err(fault) = Box::pin(follow(app, &event, &mut last, &parsed)).await {
            failed = Some((sequence, fault));
            break;
        }
    }
    // What was written up to there is told of; should that fail, the batch comes again from the first message on.
    if let Err(fault) = last.close(&event).await {
        failed = Some((first_message, fault));
    }
    let Some((sequence, fault)) = failed else { return Ok(json!({"batchItemFailures": []})) };
    let Some(sequence) = sequence else { return Err(fault) };
    (event.env.log)(&json!({"route": event.row.name, "failedRecord": sequence, "fault": said(&fault)}).to_string());
    Ok(json!({"batchItemFailures": [{"itemIdentifier": sequence}]}))
}

fn said(fault: &Fault) -> String {
    match fault {
        Fault::Internal(what) | Fault::Said(what) => what.clone(),
        Fault::Problem(problem) => problem.code.slug().to_owned(),
    }
}

async fn follow(
    app: &Changes,
    event: &Event<'_>,
    last: &mut messages::Last,
    record: &EventRecord,
) -> Result<(), Fault> {
    let old = image(&record.change.old_image);
    let new = image(&record.change.new_image);
    match kind_of(record) {
        Some("listing") => Box::pin(listings::follow(event, old, new)).await,
        Some("account") => {
            accounts::follow(event, old, new).await?;
            makers::follow_account(event, old, new).await
        }
        Some("errand") => {
            Box::pin(deals::follow_errand(event, old, new)).await?;
            errands::follow(event, old, new).await
        }
        Some("designation") => errands::follow_designation(event, old, new).await,
        Some("deal") => {
            Box::pin(deals::follow(event, old, new)).await?;
            makers::follow_deal(event, old, new).await
        }
        Some("maker") => makers::follow(event, old, new).await,
        Some("standing" | "made") => makers::follow_counts(event, &account_in(record)?, old, new).await,
        Some("media") => media::follow(app, event, old, new).await,
        Some("message") => {
            last.follow(event, old, new).await?;
            notices::follow_message(event, old, new).await
        }
        Some("member") => {
            rooms::follow_member(event, old, new).await?;
            notices::follow_member(event, old, new).await
        }
        Some("room") => {
            rooms::follow_room(event, old, new).await?;
            notices::follow_room(event, old, new).await
        }
        Some("notification" | "deletedNotification" | "notificationSettings") => notices::push(event, old, new).await,
        Some("report") => trust::follow_report(event, old, new).await,
        Some("signOut") if new.is_some() => connections::hang_up(event, &account_in(record)?).await,
        Some("suspension") => trust::follow_suspension(event, new).await,
        Some("review") => trust::follow_review(event, old, new).await,
        Some("connection") => connections::follow(event, old, new).await,
        Some("presence") => connections::follow_presence(event, &account_in(record)?, old, new).await,
        Some("ban") if old.is_none() => {
            let listing = key(record, "pk").and_then(|pk| pk.strip_prefix("LISTING#")).unwrap_or_default();
            let account = key(record, "sk").and_then(|sk| sk.strip_prefix(keys::BANS)).unwrap_or_default();
            let (Ok(listing), Ok(account)) = (ListingId::parse(listing), AccountId::parse(account)) else {
                return Err(Fault::internal("a ban of nobody from nothing"));
            };
            rooms::follow_ban(event, &listing, &account).await?;
            deals::end_of(event, &Subject::Listing(listing.clone()), &account).await?;
            notices::on_ban(event, &listing, &account, new).await
        }
        // Entries, nicknames, receipts and the like are followed by nobody.
        _ => Ok(()),
    }
}

fn kind_of(record: &EventRecord) -> Option<&str> {
    image(&record.change.new_image).or(image(&record.change.old_image)).and_then(kind)
}

fn key<'a>(record: &'a EventRecord, name: &str) -> Option<&'a str> {
    match record.change.keys.get(name) {
        Some(serde_dynamo::AttributeValue::S(text)) => Some(text),
        _ => None,
    }
}

fn account_in(record: &EventRecord) -> Result<AccountId, Fault> {
    let account = key(record, "pk").and_then(|pk| pk.strip_prefix("ACCOUNT#")).unwrap_or_default();
    AccountId::parse(account).map_err(|_| Fault::internal("an item of no account"))
}

fn image(image: &Image) -> Option<&Image> {
    (!image.is_empty()).then_some(image)
}

/// The kind of an item.
pub(crate) fn kind(image: &Image) -> Option<&str> {
    match image.get("kind") {
        Some(serde_dynamo::AttributeValue::S(kind)) => Some(kind),
        _ => None,
    }
}

/// An entity in an image.
pub(crate) fn read<T: serde::de::DeserializeOwned>(image: &Image) -> Result<T, Fault> {
    serde_dynamo::from_item(image.clone()).map_err(|error| Fault::internal(format!("stream image: {error}")))
}
