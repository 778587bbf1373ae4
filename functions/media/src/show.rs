//! GET /media/{mediaId}: how an upload is doing.

use domain::id::MediaId;
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row, Setting};
use store::MediaItems;

use crate::{Media, views::UploadView};

pub(crate) const ROUTE: Route<Media> = Row::get("media.show", "/media/{mediaId}")
    .summary("One's upload")
    .features(&["M1"])
    .needs(&[Setting::MediaUrl])
    .may(&[Grant::Table("GetItem", &["MEDIA#"])])
    .replies::<UploadView>(200)
    .etag()
    .budget(1, 1.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Media, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let id = call.path("mediaId", MediaId::parse)?;
    let media = MediaItems(call.table()?).by_id(&id).await?;
    // Others' uploads are nobody's business.
    let media = media.filter(|media| media.owner == caller.id).ok_or(Code::NotFound)?;
    Reply::ok(&UploadView::of(media, call)?)
}
