//! How an upload becomes part of a message.

use domain::{
    id::{MediaId, RoomId},
    input::{Invalid, Wrong},
    media::Purpose,
    message::{Attachment, Nonce},
};
use edge::Fault;
use store::{Error, MediaItems};

use crate::doing::Doing;

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
