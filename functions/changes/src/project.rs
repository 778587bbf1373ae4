//! The stream of the table: each change goes to whoever follows that kind of item, in order.
//!
//! A batch stops at the first record that fails and names it, so that it and those after it come again (partial batch
//! responses). Everything here may happen twice.

use aws_lambda_events::dynamodb::EventRecord;
use edge::{Event, Fault, Grant, Route, Row, Setting};
use serde_json::{Value, json};

use crate::{Changes, accounts, listings, media};

pub(crate) const ROUTE: Route<Changes> = Row::stream("changes.project")
    .summary("Follow up what changed in the table")
    .features(&["L7", "L9", "N13", "A20", "Z10", "B13"])
    .needs(&[Setting::MediaBucket])
    .size(512, 60)
    .may(&[
        Grant::Table("Query", &["ACCOUNT#", "LISTING#"]),
        Grant::Table("PutItem", &["ACCOUNT#"]),
        Grant::Table("BatchWriteItem", &["ACCOUNT#", "FEED#", "LISTING#", "MEDIA#", "TERM#"]),
        Grant::Table("DeleteItem", &["ACCOUNT#", "LISTING#"]),
        Grant::Table("UpdateItem", &["LISTING#"]),
        Grant::Index("gsi1", &["BOOKMARKS#", "OWNER#", "UPLOADER#"]),
        Grant::Index("gsi2", &["LISTING#"]),
        Grant::Bucket("DeleteObject", "private/"),
        Grant::Bucket("DeleteObject", "renditions/"),
        Grant::Bucket("DeleteObject", "uploads/"),
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
        // Entries, nicknames, receipts and the like are followed by nobody.
        _ => Ok(()),
    }
}

fn image(image: &Image) -> Option<&Image> {
    (!image.is_empty()).then_some(image)
}

fn kind(image: &Image) -> Option<&str> {
    match image.get("kind") {
        Some(serde_dynamo::AttributeValue::S(kind)) => Some(kind),
        _ => None,
    }
}

/// An entity in an image.
pub(crate) fn read<T: serde::de::DeserializeOwned>(image: &Image) -> Result<T, Fault> {
    serde_dynamo::from_item(image.clone()).map_err(|error| Fault::internal(format!("stream image: {error}")))
}
