//! The stream of the table: each change goes to whoever follows that kind of item, in order.
//!
//! A batch stops at the first record that fails and names it, so that it and those after it come again (partial batch
//! responses). Everything here may happen twice.

use aws_lambda_events::dynamodb::EventRecord;
use domain::{message::Message, room::Member, room::Room, time::Time};
use edge::{Event, Fault, Grant, Method, Push, Route, Row, Setting};
use notifications::{NotificationGone, NotificationTold, NotificationsRead};
use serde_json::{Value, json};

use crate::{Changes, accounts, listings, media, notices};

pub(crate) const ROUTE: Route<Changes> = Row::stream("changes.project")
    .summary("Follow up what changed in the table")
    .features(&["L7", "L9", "N1", "N3", "N10", "N13", "A20", "Z10", "B13"])
    .needs(&[Setting::MediaBucket])
    .size(512, 60)
    .may(&[
        Grant::Table("Query", &["ACCOUNT#", "LISTING#"]),
        Grant::Table("GetItem", &["ACCOUNT#", "LISTING#", "ROOM#"]),
        Grant::Table("BatchGetItem", &["ACCOUNT#", "ROOM#"]),
        Grant::Table("PutItem", &["ACCOUNT#"]),
        Grant::Table("BatchWriteItem", &["ACCOUNT#", "CONNECTION#", "FEED#", "LISTING#", "MEDIA#", "TERM#"]),
        Grant::Table("DeleteItem", &["ACCOUNT#", "LISTING#"]),
        Grant::Table("UpdateItem", &["LISTING#"]),
        Grant::Index("gsi1", &["BOOKMARKS#", "CONNECTIONS#", "OWNER#", "UPLOADER#"]),
        Grant::Index("gsi2", &["LISTING#", "UNREAD#"]),
        Grant::Bucket("DeleteObject", "renditions/"),
        Grant::Bucket("DeleteObject", "uploads/"),
        Grant::Connections(&[Method::Post]),
    ])
    .pushes(&[
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
    for record in records {
        let parsed: EventRecord = serde_json::from_value(record.clone()).map_err(Fault::internal)?;
        if let Err(fault) = follow(app, &event, &parsed).await {
            let Some(sequence) = record["dynamodb"]["SequenceNumber"].as_str() else { return Err(fault) };
            (event.env.log)(
                &json!({"route": event.row.name, "failedRecord": sequence, "fault": said(&fault)}).to_string(),
            );
            return Ok(json!({"batchItemFailures": [{"itemIdentifier": sequence}]}));
        }
    }
    Ok(json!({"batchItemFailures": []}))
}

fn said(fault: &Fault) -> String {
    match fault {
        Fault::Internal(what) | Fault::Said(what) => what.clone(),
        Fault::Problem(problem) => problem.code.slug().to_owned(),
    }
}

async fn follow(app: &Changes, event: &Event<'_>, record: &EventRecord) -> Result<(), Fault> {
    let old = image(&record.change.old_image);
    let new = image(&record.change.new_image);
    match new.or(old).and_then(kind) {
        Some("listing") => listings::follow(event, old, new).await,
        Some("account") => accounts::follow(event, old, new).await,
        Some("media") => media::follow(app, event, old, new).await,
        Some("notification" | "deletedNotification" | "notificationSettings") => notices::push(event, old, new).await,
        Some("message") => message(event, old, new).await,
        Some("member") => member(event, old, new).await,
        Some("room") if old.is_none() => {
            let room: Option<Room> = new.map(read).transpose()?;
            match room {
                Some(room) => notices::on_inquiry(event, &room).await,
                None => Ok(()),
            }
        }
        Some("ban") if old.is_none() => ban(event, new).await,
        // Entries, nicknames, receipts and the like are followed by nobody.
        _ => Ok(()),
    }
}

async fn message(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    let old: Option<Message> = old.map(read).transpose()?;
    let Some(new) = new.map(read::<Message>).transpose()? else { return Ok(()) };
    let Some(room) = store::Rooms(event.table()?).by_id(&new.room).await? else { return Ok(()) };
    match old {
        None => notices::on_message(event, &new, &room).await,
        Some(old) => notices::on_message_changed(event, &old, &new, &room).await,
    }
}

async fn member(event: &Event<'_>, old: Option<&Image>, new: Option<&Image>) -> Result<(), Fault> {
    let old: Option<Member> = old.map(read).transpose()?;
    let new: Option<Member> = new.map(read).transpose()?;
    match (old, new) {
        (Some(old), Some(new)) if old.read < new.read => {
            notices::on_read(event, &new.room, &new.account, new.read).await
        }
        _ => Ok(()),
    }
}

async fn ban(event: &Event<'_>, new: Option<&Image>) -> Result<(), Fault> {
    let text = |name: &str| match new.and_then(|new| new.get(name)) {
        Some(serde_dynamo::AttributeValue::S(text)) => text.as_str(),
        _ => "",
    };
    let Some((listing, account)) = store::keys::banned(text(store::keys::PK), text(store::keys::SK)) else {
        return Ok(());
    };
    let at = Time::parse(text("createdAt")).unwrap_or(event.now);
    notices::on_ban(event, &listing, &account, at).await
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
