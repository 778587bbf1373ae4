//! GET /rooms/{roomId}/messages/{seq}/media: where the file of a message is.

use domain::{id::RoomId, message::seq_in_path};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row, Setting, admitted};
use files::{Addresses, PrivateFiles};
use store::{Log, MediaItems, Rooms};

use crate::Media;

pub(crate) const ROUTE: Route<Media> = Row::get("media.of_message", "/rooms/{roomId}/messages/{seq}/media")
    .summary("Where the picture or video of a message is")
    .description("Addresses for members alone, good for an hour. A picture has a thumbnail too.")
    .features(&["C19", "M2"])
    .needs(&[Setting::MediaBucket])
    .may(&[
        Grant::Table("BatchGetItem", &["MEDIA#", "ROOM#"]),
        Grant::Table("GetItem", &["LISTING#", "ROOM#"]),
        Grant::Bucket("GetObject", "private/"),
    ])
    .replies::<Addresses>(200)
    .problems(&[Code::NotMember, Code::Banned])
    .budget(3, 6.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(app: &Media, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let room = call.path("roomId", RoomId::parse)?;
    let seq = call.path("seq", seq_in_path)?;
    let (rooms, log) = (Rooms(call.table()?), Log(call.table()?));
    let ((found, member), message) = futures::try_join!(rooms.with_member(&room, me), log.by_seq(&room, seq))?;
    let (_, member) = admitted(rooms, me, found, member).await?;
    let message = message.filter(|message| member.sees(message.seq)).ok_or(Code::NotFound)?;
    let id = message.media.ok_or(Code::NotFound)?.id;
    let mut media = MediaItems(call.table()?).by_ids(std::slice::from_ref(&id)).await?;
    let media = media.remove(&id).ok_or(Code::NotFound)?;
    let files = PrivateFiles::new(&app.env.sdk, call.setting(Setting::MediaBucket)?);
    let addresses = files.addresses(&media, call.now).await.map_err(Fault::internal)?.ok_or(Code::NotFound)?;
    Reply::ok(&addresses)
}
