//! PUT /rooms/{roomId}/read and `message.read`: up to which message somebody has read.

use std::collections::BTreeSet;

use deserr::Deserr;
use domain::{
    id::{AccountId, RoomId},
    input::{Invalid, Wrong},
};
use edge::{Answer, Answered, Call, Code, Fault, Frame, Grant, Method, Outcome, Push, Reply, Route, Row};
use live::{FEW, Weight};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Connections, Error, Watches};

use crate::{Rooms, doing::Doing, saying::SeqBody};

const MAY: &[Grant] = &[
    Grant::Table("BatchGetItem", &["ROOM#"]),
    Grant::Table("GetItem", &["LISTING#"]),
    Grant::Table("Query", &["ROOM#"]),
    Grant::Table("UpdateItem", &["ROOM#"]),
    Grant::Table("BatchWriteItem", &["CONNECTION#", "ROOM#"]),
    Grant::Index("gsi1", &["CONNECTIONS#"]),
    Grant::Connections(&[Method::Post]),
];

const PUSHES: &[Push] = &[Push::of::<PointerOf>(
    "read.moved",
    "Somebody has read; to their other connections, and to whoever has the room open where it has up to 100 members",
)];

const PROBLEMS: &[Code] = &[Code::NotMember, Code::Banned, Code::NotFound];

pub(crate) const ROUTE: Route<Rooms> = Row::put("rooms.read", "/rooms/{roomId}/read")
    .summary("Say up to which message one has read")
    .description("The pointer only rises: one that is below it changes nothing, and the reply says where it stands.")
    .features(&["C14", "C15", "C16"])
    .may(MAY)
    .takes::<Body>()
    .replies::<Pointer>(200)
    .problems(PROBLEMS)
    .pushes(PUSHES)
    .budget(4, 30.0, 4.0)
    .http(|app, call| Box::pin(handle(app, call)));

pub(crate) const LIVE: Route<Rooms> = Row::socket("rooms.read_live", "message.read")
    .summary("Say up to which message one has read")
    .features(&["C14", "C15", "C16"])
    .may(MAY)
    .takes::<FrameBody>()
    .replies::<Pointer>(200)
    .problems(PROBLEMS)
    .pushes(PUSHES)
    .budget(4, 30.0, 4.0)
    .frame(|app, frame| Box::pin(handle_live(app, frame)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "ReadTo", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    seq: SeqBody,
}

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "ReadMessage", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct FrameBody {
    room: RoomId,
    seq: SeqBody,
}

/// Where one's read pointer stands.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ReadPointer")]
struct Pointer {
    /// The room.
    room: RoomId,
    /// Up to which message one has read.
    read: u64,
}

/// Where somebody's read pointer stands.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ReadPointerOf")]
struct PointerOf {
    /// The room.
    room: RoomId,
    /// Whose.
    account: AccountId,
    /// Up to which message they have read.
    seq: u64,
}

async fn handle(_: &Rooms, call: &Call<'_>) -> Outcome {
    let doing = Doing::call(call)?;
    let room = call.path("roomId", RoomId::parse)?;
    let Body { seq } = call.body()?;
    Reply::ok(&moved(&doing, room, seq.0).await?)
}

async fn handle_live(_: &Rooms, frame: &Frame<'_>) -> Answered {
    let doing = Doing::frame(frame)?;
    let FrameBody { room, seq } = frame.body()?;
    Answer::of(&moved(&doing, room, seq.0).await?)
}

async fn moved(doing: &Doing<'_>, room: RoomId, seq: u64) -> Result<Pointer, Fault> {
    let me = &doing.caller.id;
    let (rooms, log) = (doing.rooms()?, doing.log()?);
    let ((found, member), last) = futures::try_join!(rooms.with_member(&room, me), log.last(&room, 1))?;
    let (found, member) = doing.admitted(found, member).await?;
    let last = last.first().map_or(0, |last| last.seq);
    if seq > last {
        return Err(Invalid::one("/seq", Wrong::TooLarge(i64::try_from(last).unwrap_or(i64::MAX))).into());
    }
    if seq <= member.read {
        return Ok(Pointer { room, read: member.read });
    }
    let read = rooms.read_to(&room, me, seq).await.map_err(|error| match error {
        // Shown out at this moment.
        Error::Clash(_) => Fault::from(Code::NotMember),
        other => other.into(),
    })?;
    if read == seq
        && let Err(fault) = tell(doing, &room, found.is_small(), seq).await
    {
        doing.untold(&room, &fault);
    }
    Ok(Pointer { room, read })
}

/// Tells one's other devices, and whoever has a small room open.
async fn tell(doing: &Doing<'_>, room: &RoomId, is_small: bool, seq: u64) -> Result<(), Fault> {
    let table = doing.table()?;
    let (connections, watches) = (Connections(table), Watches(table));
    let open = async { if is_small { watches.of_room(room, None, None, FEW).await } else { Ok((vec![], None)) } };
    let (own, (open, _)) = futures::try_join!(connections.of_account(&doing.caller.id, doing.now), open)?;
    let mut to: BTreeSet<_> = own.into_iter().collect();
    to.extend(open.into_iter().map(|watch| watch.connection));
    let view = PointerOf { room: room.clone(), account: doing.caller.id.clone(), seq };
    let frame = live::frame("read.moved", &view)?.to_string();
    let others = to.into_iter().filter(|id| Some(id) != doing.by);
    doing.live().post(None, Weight::Lasting, others.map(|id| (id, frame.clone()))).await.map(drop)
}
