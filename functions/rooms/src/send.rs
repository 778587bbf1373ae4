//! POST /rooms/{roomId}/messages and `message.send`: somebody says something.

use deserr::Deserr;
use domain::{
    id::{MediaId, RoomId},
    input::Invalid,
    message::Nonce,
    text::MessageText,
};
use edge::{Answer, Answered, Call, Code, Frame, Grant, Method, Outcome, Push, Reply, Route, Row, Setting};
use schemars::JsonSchema;

use crate::{
    Rooms,
    doing::Doing,
    saying::{SeqBody, say},
    views::{MessageOfRoom, MessageView, OneMessage},
};

const MAY: &[Grant] = &[
    Grant::Table("BatchGetItem", &["ROOM#"]),
    Grant::Table("GetItem", &["LISTING#", "NONCE#", "ROOM#"]),
    Grant::Table("Query", &["ROOM#"]),
    Grant::Table("PutItem", &["NONCE#", "ROOM#"]),
    Grant::Table("UpdateItem", &["MEDIA#", "NONCE#"]),
    Grant::Table("BatchWriteItem", &["CONNECTION#", "ROOM#"]),
    Grant::Connections(&[Method::Post]),
    Grant::Invoke(live::DELIVERS),
];

const PROBLEMS: &[Code] = &[
    Code::NotMember,
    Code::Banned,
    Code::NotFound,
    Code::RoomClosed,
    Code::NonceReused,
    Code::TooMany,
    Code::InProgress,
];

const PUSHES: &[Push] = &[Push::of::<MessageOfRoom>(
    "message.created",
    "Something was said; to whoever has the room open, but for the connection that said it",
)];

pub(crate) const ROUTE: Route<Rooms> = Row::post("rooms.send", "/rooms/{roomId}/messages")
    .summary("Say something in a room")
    .description(
        "`text` or `media`. The same `nonce` is the same message, however often it is sent within seven days: 201 when it \
         is written, 200 when it was. A text has up to 150 characters, more with a paid tier. Twenty messages in ten \
         seconds are taken from one person in a row.",
    )
    .features(&["C11", "C19", "Z3", "S6"])
    .needs(&[Setting::MediaUrl])
    .may(MAY)
    .takes::<Body>()
    .replies::<OneMessage>(201)
    .problems(PROBLEMS)
    .pushes(PUSHES)
    // Two writes where nobody is faster, three with a file; telling the room is one more round trip.
    .budget(4, 16.0, 12.0)
    .http(|app, call| Box::pin(handle(app, call)));

pub(crate) const LIVE: Route<Rooms> = Row::socket("rooms.send_live", "message.send")
    .summary("Say something in a room")
    .description("As `POST /rooms/{roomId}/messages`. Safe to send again until it is answered.")
    .features(&["C11", "C19", "C21", "C23", "Z3", "S6"])
    .needs(&[Setting::MediaUrl])
    .may(MAY)
    .takes::<FrameBody>()
    .replies::<OneMessage>(200)
    .problems(PROBLEMS)
    .pushes(PUSHES)
    .budget(4, 16.0, 12.0)
    .frame(|app, frame| Box::pin(handle_live(app, frame)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "NewMessage", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    nonce: Nonce,
    /// Words.
    #[deserr(default)]
    text: Option<MessageText>,
    /// An upload for the purpose `message` that is ready, in the place of words.
    #[deserr(default)]
    media: Option<MediaId>,
    /// The number of the message that this one answers.
    #[deserr(default)]
    #[schemars(with = "Option<u64>")]
    reply_to: Option<SeqBody>,
}

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "SendMessage", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct FrameBody {
    room: RoomId,
    nonce: Nonce,
    /// Words.
    #[deserr(default)]
    text: Option<MessageText>,
    /// An upload for the purpose `message` that is ready, in the place of words.
    #[deserr(default)]
    media: Option<MediaId>,
    /// The number of the message that this one answers.
    #[deserr(default)]
    #[schemars(with = "Option<u64>")]
    reply_to: Option<SeqBody>,
}

async fn handle(_: &Rooms, call: &Call<'_>) -> Outcome {
    let doing = Doing::call(call)?;
    let room = call.path("roomId", RoomId::parse)?;
    let Body { nonce, text, media, reply_to } = call.body()?;
    let (message, is_new) = say(&doing, &room, nonce, text, media, reply_to).await?;
    let view = OneMessage { message: MessageView::of(&message, Some(&doing.caller.id)) };
    if is_new { Reply::created(format!("/rooms/{room}/messages/{}", message.seq), &view) } else { Reply::ok(&view) }
}

async fn handle_live(_: &Rooms, frame: &Frame<'_>) -> Answered {
    let doing = Doing::frame(frame)?;
    let FrameBody { room, nonce, text, media, reply_to } = frame.body()?;
    let (message, _) = say(&doing, &room, nonce, text, media, reply_to).await?;
    Answer::of(&OneMessage { message: MessageView::of(&message, Some(&doing.caller.id)) })
}
