//! Who is let into a room: the one rule for all that is done there (rows C10, Z2).

use domain::{
    id::AccountId,
    room::{Kind, Member, Room},
};
use store::Rooms;

use crate::problem::{Code, Fault};

/// What was found of a room, if somebody is in it. Which conversations others have is nobody's to know; that a listing has
/// a room everybody knows.
///
/// # Errors
/// [`Code::NotFound`], [`Code::NotMember`], [`Code::Banned`], and those of the table.
pub async fn admitted(
    rooms: Rooms<'_>,
    account: &AccountId,
    room: Option<Room>,
    member: Option<Member>,
) -> Result<(Room, Member), Fault> {
    match (room, member) {
        (Some(room), Some(member)) => Ok((room, member)),
        (Some(Room { kind: Kind::Listing, listing: Some(listing), .. }), None) => {
            let banned = rooms.is_banned(&listing, account).await?;
            Err(if banned { Code::Banned } else { Code::NotMember }.into())
        }
        _ => Err(Code::NotFound.into()),
    }
}
