//! GET /rooms: the rooms one is in, the latest activity first.

use domain::{
    id::AccountId,
    room::{Member, Room},
};
use edge::{Call, Grant, ListQuery, Outcome, Paged, Reply, Route, Row, Setting};
use store::Accounts;

use crate::{Rooms, doing::Doing, views::RoomView};

pub(crate) const ROUTE: Route<Rooms> = Row::get("rooms.list", "/rooms")
    .summary("The rooms one is in, the latest activity first")
    .features(&["C7", "C13", "C16"])
    .needs(&[Setting::MediaUrl, Setting::CursorKey])
    .may(&[Grant::Index("gsi1", &["ROOMS#"]), Grant::Table("BatchGetItem", &["ACCOUNT#", "ROOM#"])])
    .query::<ListQuery>()
    .replies::<Paged<RoomView>>(200)
    .problems(&[edge::Code::BadCursor])
    // Two hundred rooms, their members and a page of partners.
    .budget(4, 300.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Rooms, call: &Call<'_>) -> Outcome {
    let doing = Doing::call(call)?;
    let ListQuery { limit, cursor, .. }: ListQuery = call.query()?;
    let after = call.position(cursor.as_ref())?;
    let rooms = doing.rooms()?;
    let mut all = rooms.of_account(&doing.caller.id).await?;
    // Somebody has two hundred at the most: they are sorted here, since each message moves its room to the top.
    all.sort_by_cached_key(|(room, _)| std::cmp::Reverse(place(room)));
    all.retain(|(room, _)| after.as_ref().is_none_or(|after| place(room) < *after));
    let next = all.get(limit.0).and_then(|_| all.get(limit.0 - 1)).map(|(room, _)| place(room));
    all.truncate(limit.0);
    let views = viewed(&doing, &all).await?;
    Reply::ok(&call.paged(views, next)?)
}

fn place(room: &Room) -> String {
    format!("{:013}#{}", room.active_at.ms(), room.id)
}

/// Rooms with those one talks to in them.
async fn viewed(doing: &Doing<'_>, rooms: &[(Room, Member)]) -> Result<Vec<RoomView>, edge::Fault> {
    let me = &doing.caller.id;
    let partners: Vec<AccountId> = rooms.iter().filter_map(|(room, _)| room.partner_of(me).cloned()).collect();
    let people = Accounts(doing.table()?).by_ids(&partners).await?;
    let media_url = doing.media_url()?;
    let one = |(room, member): &(Room, Member)| {
        let partner = room.partner_of(me).and_then(|partner| people.get(partner));
        RoomView::of(room, member, partner, media_url)
    };
    Ok(rooms.iter().map(one).collect())
}
