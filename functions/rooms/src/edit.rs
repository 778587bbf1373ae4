//! PATCH /rooms/{roomId}/messages/{seq} and `message.edit`: somebody says it in other words.

use deserr::Deserr;
use domain::{
    id::RoomId,
    input::{Invalid, integer_value},
    message::{self, seq_in_path},
    text::MessageText,
    tier::Tier,
};
use edge::{Answer, Answered, Call, Code, Fault, Frame, Outcome, Problem, Reply, Route, Row, Setting};
use schemars::JsonSchema;

use crate::{
    Rooms,
    change::{MAY, PUSHES, one, replaced, seen},
    doing::Doing,
    saying::SeqBody,
    views::OneMessage,
};

const PROBLEMS: &[Code] = &[
    Code::NotMember,
    Code::Banned,
    Code::NotAuthor,
    Code::NotFound,
    Code::MessageDeleted,
    Code::NoWords,
    Code::VersionConflict,
    Code::RoomClosed,
];

pub(crate) const ROUTE: Route<Rooms> = Row::patch("rooms.edit", "/rooms/{roomId}/messages/{seq}")
    .summary("Say it in other words")
    .description(
        "The author alone; the version is the one that was seen. Earlier words are kept, and shown to nobody. \
         Safe to send again until it is answered.",
    )
    .features(&["C17"])
    .needs(&[Setting::MediaUrl])
    .may(MAY)
    .takes::<EditBody>()
    .replies::<OneMessage>(200)
    .problems(PROBLEMS)
    .pushes(PUSHES)
    .budget(3, 8.0, 50.0)
    .http(|app, call| Box::pin(handle(app, call)));

pub(crate) const LIVE: Route<Rooms> = Row::socket("rooms.edit_live", "message.edit")
    .summary("Say it in other words")
    .features(&["C17"])
    .needs(&[Setting::MediaUrl])
    .may(MAY)
    .takes::<EditFrame>()
    .replies::<OneMessage>(200)
    .problems(PROBLEMS)
    .pushes(PUSHES)
    .budget(3, 8.0, 50.0)
    .frame(|app, frame| Box::pin(handle_live(app, frame)));

/// The version that was seen.
struct Version(u64);

impl Deserr<Invalid> for Version {
    fn deserialize_from_value<V: deserr::IntoValue>(
        value: deserr::Value<V>,
        at: deserr::ValuePointerRef<'_>,
    ) -> Result<Self, Invalid> {
        integer_value(value, at, 1..=i64::from(u32::MAX)).map(|number| Self(number.unsigned_abs()))
    }
}

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "MessageEdit", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct EditBody {
    text: MessageText,
    /// The version that was seen.
    #[schemars(with = "u32", range(min = 1))]
    version: Version,
}

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "EditMessage", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct EditFrame {
    room: RoomId,
    seq: SeqBody,
    text: MessageText,
    /// The version that was seen.
    #[schemars(with = "u32", range(min = 1))]
    version: Version,
}

async fn handle(_: &Rooms, call: &Call<'_>) -> Outcome {
    let doing = Doing::call(call)?;
    let room = call.path("roomId", RoomId::parse)?;
    let seq = call.path("seq", seq_in_path)?;
    let EditBody { text, version } = call.body()?;
    Reply::ok(&edited(&doing, &room, seq, text, version).await?)
}

async fn handle_live(_: &Rooms, frame: &Frame<'_>) -> Answered {
    let doing = Doing::frame(frame)?;
    let EditFrame { room, seq, text, version } = frame.body()?;
    Answer::of(&edited(&doing, &room, seq.0, text, version).await?)
}

async fn edited(
    doing: &Doing<'_>,
    room: &RoomId,
    seq: u64,
    text: MessageText,
    version: Version,
) -> Result<OneMessage, Fault> {
    message::fits(&text, Tier::named(&doing.caller.tier)).map_err(|wrong| Invalid::one("/text", wrong))?;
    let (before, _) = seen(doing, room, seq).await?;
    let after = before.edited(&doing.caller.id, text, doing.now)?;
    if after == before {
        // Written before, perhaps by a call that ended before it told anybody. Told twice, clients know it by its version.
        if before.version > version.0 {
            doing.tell("message.changed", &before).await;
        }
        return Ok(one(&before, doing));
    }
    if before.version != version.0 {
        return Err(Problem::new(Code::VersionConflict).with("version", before.version).into());
    }
    match replaced(doing, &before, after).await? {
        Ok(after) => Ok(one(&after, doing)),
        Err(standing) => Err(Problem::new(Code::VersionConflict).with("version", standing).into()),
    }
}
