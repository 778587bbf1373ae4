//! GET /rooms/{roomId}/members: who is in a room.

use domain::{
    id::{AccountId, RoomId},
    presence::Presence,
    room::Role,
    time::Time,
};
use edge::{Call, Code, Grant, ListQuery, Outcome, Paged, PersonView, Reply, Route, Row, Setting};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Accounts, Presences};

use crate::{Rooms, doing::Doing};

pub(crate) const ROUTE: Route<Rooms> = Row::get("rooms.members", "/rooms/{roomId}/members")
    .summary("Who is in a room, and whether they are there")
    .description("Whoever has left Madang is not listed.")
    .features(&["C9", "C14", "P16", "P19"])
    .needs(&[Setting::MediaUrl, Setting::CursorKey])
    .may(&[
        Grant::Table("BatchGetItem", &["ACCOUNT#", "ROOM#"]),
        Grant::Table("GetItem", &["LISTING#"]),
        Grant::Table("Query", &["ROOM#"]),
    ])
    .query::<ListQuery>()
    .replies::<Paged<MemberView>>(200)
    .problems(&[Code::NotMember, Code::Banned, Code::BadCursor])
    .budget(2, 120.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// Somebody in a room.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Member")]
struct MemberView {
    /// Who.
    account: PersonView,
    /// What they may do.
    role: Role,
    /// Whether they are there.
    presence: Presence,
    /// Up to which message they have read: a message is unread by those whose pointer is below it.
    read: u64,
    /// When they joined.
    joined_at: Time,
}

async fn handle(_: &Rooms, call: &Call<'_>) -> Outcome {
    let doing = Doing::call(call)?;
    let id = call.path("roomId", RoomId::parse)?;
    let ListQuery { limit, cursor, .. }: ListQuery = call.query()?;
    let after = call.position(cursor.as_ref())?;
    let rooms = doing.rooms()?;
    let ((room, member), (members, next)) =
        futures::try_join!(rooms.with_member(&id, &doing.caller.id), rooms.members(&id, after.as_deref(), limit.0))?;
    doing.admitted(room, member).await?;
    let ids: Vec<AccountId> = members.iter().map(|member| member.account.clone()).collect();
    let (accounts, presences) = (Accounts(doing.table()?), Presences(doing.table()?));
    let (people, presences) = futures::try_join!(accounts.by_ids(&ids), presences.of_all(&ids))?;
    let media_url = doing.media_url()?;
    let view = |member: domain::room::Member| {
        let account = people.get(&member.account)?;
        Some(MemberView {
            account: PersonView::of(account, media_url),
            role: member.role,
            presence: presences.get(&member.account).map_or(Presence::Offline, |record| record.presence(call.now)),
            read: member.read.max(member.since),
            joined_at: member.joined_at,
        })
    };
    Reply::ok(&call.paged(members.into_iter().filter_map(view).collect(), next)?)
}
