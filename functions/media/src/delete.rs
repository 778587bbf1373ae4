//! DELETE /media/{mediaId}: the owner removes an upload that nothing uses.

use domain::id::MediaId;
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row};
use store::{Error, Item, MediaItems};

use crate::Media;

pub(crate) const ROUTE: Route<Media> = Row::delete("media.delete", "/media/{mediaId}")
    .summary("Remove one's upload")
    .description(
        "One that a listing or a profile uses is taken out there, by an edit; one of a message goes with the message. The \
         files go along.",
    )
    .features(&["M5"])
    .may(&[Grant::Table("DeleteItem", &["MEDIA#"])])
    .replies_nothing(204)
    .problems(&[Code::MediaInUse])
    .budget(1, 0.0, 4.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Media, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let id = call.path("mediaId", MediaId::parse)?;
    MediaItems(call.table()?).remove_unused(&id, Some(&caller.id)).await.map_err(|error| match error {
        Error::Clash(clash) => match clash.standing() {
            Some(item) if is_of(item, caller.id.as_str()) => Fault::from(Code::MediaInUse),
            _ => Code::NotFound.into(),
        },
        other => other.into(),
    })?;
    Ok(Reply::nothing())
}

fn is_of(item: &Item, owner: &str) -> bool {
    item.get("owner").and_then(|value| value.as_s().ok()).is_some_and(|standing| standing == owner)
}
