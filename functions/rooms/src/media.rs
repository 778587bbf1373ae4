//! Pictures and videos in messages.

use domain::{
    id::{MediaId, RoomId},
    input::{Invalid, Wrong},
    message::{Attachment, Nonce},
};
use edge::Fault;

use crate::doing::Doing;

/// An upload, taken into use by the message of a nonce.
pub(crate) async fn taken(
    _doing: &Doing<'_>,
    _room: &RoomId,
    _nonce: &Nonce,
    _media: &MediaId,
) -> Result<Attachment, Fault> {
    Err(Invalid::one("/media", Wrong::NotFound).into())
}
