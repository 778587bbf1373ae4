//! GET /rooms/{roomId}/messages/{seq}/media: where the file of a message is. And how an upload becomes part of one.

use domain::{
    id::{MediaId, RoomId},
    input::{Invalid, Wrong},
    media::Purpose,
    message::{Attachment, Nonce},
};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row, Setting};
use files::Addresses;
use store::{Error, MediaItems};

use crate::{Rooms, doing::Doing, saying::seq_in_path};

pub(crate) const ROUTE: Route<Rooms> = Row::get("rooms.media", "/rooms/{roomId}/messages/{seq}/media")
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
    .budget(2, 6.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(app: &Rooms, call: &Call<'_>) -> Outcome {
    let doing = Doing::call(call)?;
    let room = call.path("roomId", RoomId::parse)?;
    let seq = call.path("seq", seq_in_path)?;
    let (rooms, log) = (doing.rooms()?, doing.log()?);
    let ((found, member), message) =
        futures::try_join!(rooms.with_member(&room, &doing.caller.id), log.by_seq(&room, seq))?;
    let (_, member) = doing.admitted(found, member).await?;
    let message = message.filter(|message| member.sees(message.seq)).ok_or(Code::NotFound)?;
    let id = message.media.ok_or(Code::NotFound)?.id;
    let mut media = MediaItems(doing.table()?).by_ids(std::slice::from_ref(&id)).await?;
    let media = media.remove(&id).ok_or(Code::NotFound)?;
    let files = app.files(call.env, call.setting(Setting::MediaBucket)?);
    let addresses = files.addresses(&media, call.now).await.map_err(Fault::internal)?.ok_or(Code::NotFound)?;
    Reply::ok(&addresses)
}

/// An upload, taken into use by the message of a nonce; the same message takes it as often as it is sent.
pub(crate) async fn taken(
    doing: &Doing<'_>,
    room: &RoomId,
    nonce: &Nonce,
    media: &MediaId,
) -> Result<Attachment, Fault> {
    let me = &doing.caller.id;
    let by = format!("{room}#{me}#{}", nonce.as_str());
    let media = match MediaItems(doing.table()?).take(media, me, &by).await {
        Ok(media) => media,
        Err(Error::Clash(clash)) => {
            let wrong = MediaItems::standing(&clash)?.map_or(Wrong::NotFound, |media| {
                media.usable(me, Purpose::Message, &by).err().unwrap_or(Wrong::NotReady)
            });
            return Err(Invalid::one("/media", wrong).into());
        }
        Err(other) => return Err(other.into()),
    };
    let Some(file) = media.file else { return Err(Invalid::one("/media", Wrong::NotReady).into()) };
    Ok(Attachment {
        id: media.id,
        content_type: file.content_type.content_type().to_owned(),
        size: file.size,
        width: file.width,
        height: file.height,
        placeholder: file.placeholder,
    })
}
