//! Saying something in a room: who may, how much, and where in the log it stands.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use domain::{
    id::{MediaId, RoomId},
    input::{Invalid, Wrong, integer_value},
    message::{self, Contents, Message, Nonce},
    text::MessageText,
    tier::Tier,
};
use edge::{Code, Fault, Problem};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use store::Appended;

use crate::doing::Doing;

/// Messages that a person may write in a row, and within how long.
const IN_A_ROW: usize = 20;
const ROW_TIME: i64 = 10_000;

/// The number of a message, in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SeqBody(pub(crate) u64);

impl Deserr<Invalid> for SeqBody {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        integer_value(value, at, 1..=999_999_999_999).map(|number| Self(number.unsigned_abs()))
    }
}

impl JsonSchema for SeqBody {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MessageNumber".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": 1, "maximum": 999_999_999_999_i64})
    }
}

pub(crate) async fn say(
    doing: &Doing<'_>,
    room: &RoomId,
    nonce: Nonce,
    text: Option<MessageText>,
    media: Option<MediaId>,
    reply_to: Option<SeqBody>,
) -> Result<(Message, bool), Fault> {
    let me = &doing.caller.id;
    one_of(text.as_ref(), media.as_ref(), Tier::named(&doing.caller.tier))?;
    let (rooms, log) = (doing.rooms()?, doing.log()?);
    let quoted = async {
        match reply_to {
            None => Ok(None),
            Some(SeqBody(seq)) => log.by_seq(room, seq).await,
        }
    };
    let ((found, member), last, known, quoted) = futures::try_join!(
        rooms.with_member(room, me),
        log.last(room, IN_A_ROW),
        log.nonce(room, Some(me), &nonce),
        quoted,
    )?;
    let (_, member) = doing.admitted(found, member).await?;
    if reply_to.is_some() && quoted.as_ref().is_none_or(|quoted| !member.sees(quoted.seq)) {
        return Err(Invalid::one("/replyTo", Wrong::NotFound).into());
    }
    if known.is_none() {
        not_too_fast(&last, doing)?;
        if last.first().is_some_and(|last| last.closed) {
            return Err(Code::RoomClosed.into());
        }
    }
    let contents = match (text, media) {
        (Some(text), _) => Contents::Text(text),
        (None, Some(media)) => Contents::Media(crate::media::taken(doing, room, &nonce, &media).await?),
        (None, None) => return Err(Invalid::one("/text", Wrong::Missing).into()),
    };
    let message = Message::said(room.clone(), me.clone(), nonce, contents, quoted.as_ref(), doing.now);
    let (message, is_new) = match log.append(&message, last.first(), known, doing.now).await? {
        Appended::New(message) => (message, true),
        Appended::Known(message) => (message, false),
        Appended::OtherContents => return Err(Code::NonceReused.into()),
        Appended::Closed => return Err(Code::RoomClosed.into()),
    };
    // Also of a message that was written before: whoever wrote it may have ended before telling.
    doing.tell("message.created", &message).await;
    Ok((message, is_new))
}

fn one_of(text: Option<&MessageText>, media: Option<&MediaId>, tier: Tier) -> Result<(), Invalid> {
    match (text, media) {
        (Some(text), None) => message::fits(text, tier).map_err(|wrong| Invalid::one("/text", wrong)),
        (None, Some(_)) => Ok(()),
        (None, None) => Err(Invalid::one("/text", Wrong::Missing)),
        (Some(_), Some(_)) => {
            let mut invalid = Invalid::one("/text", Wrong::NotTogether("media"));
            invalid.add("/media", Wrong::NotTogether("text"));
            Err(invalid)
        }
    }
}

/// Whoever wrote all of the last messages of a room within a few seconds waits; the log itself tells.
fn not_too_fast(last: &[Message], doing: &Doing<'_>) -> Result<(), Fault> {
    let all_mine = last.iter().all(|message| message.author.as_ref() == Some(&doing.caller.id));
    let Some(first) = last.last().filter(|_| last.len() == IN_A_ROW && all_mine) else { return Ok(()) };
    let wait = first.created_at.plus(ROW_TIME).ms() - doing.now.ms();
    if wait > 0 { Err(Problem::too_many(wait.div_euclid(1000) + 1).into()) } else { Ok(()) }
}
