//! GET /rooms/{roomId}/messages: what was said in a room.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use domain::{
    id::{AccountId, RoomId},
    input::{Invalid, Wrong, text_value, wrong_at},
    message::Message,
    time::Time,
};
use edge::{Call, Code, Fault, Grant, ListQuery, Outcome, PersonView, Reply, Route, Row, Setting};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use store::Accounts;

use crate::{Rooms, doing::Doing, views::MessageView};

pub(crate) const ROUTE: Route<Rooms> = Row::get("rooms.messages", "/rooms/{roomId}/messages")
    .summary("What was said in a room")
    .description(
        "`after` reads on from a message, the earliest first: how a client fetches what it missed. `before` reads back, \
         the latest first; so does asking for neither, from the end. `changedSince` lists what was edited, deleted or \
         reacted to since, in the order it happened. `q` finds words, the latest first; a page of it may be short, or \
         empty, and still not be the last. Of a listing's room one sees what was said since one joined.",
    )
    .features(&["C12", "C14", "C22", "Z3", "P19"])
    .needs(&[Setting::MediaUrl, Setting::CursorKey])
    .may(&[
        Grant::Table("BatchGetItem", &["ACCOUNT#", "ROOM#"]),
        Grant::Table("GetItem", &["LISTING#"]),
        Grant::Table("Query", &["ROOM#"]),
        Grant::Index("gsi2", &["CHANGED#"]),
    ])
    .query::<ListQuery<Query>>()
    .replies::<MessagesView>(200)
    .problems(&[Code::NotMember, Code::Banned, Code::BadCursor])
    .budget(3, 260.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// Messages that a search looks at for one page of what it finds.
const SEARCHED: usize = 500;

#[derive(Deserr, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Query {
    /// Above this number.
    #[deserr(default)]
    after: Option<Seq>,
    /// Below this number.
    #[deserr(default)]
    before: Option<Seq>,
    /// Changed at this moment or later.
    #[deserr(default)]
    changed_since: Option<Time>,
    /// With these words.
    #[deserr(default)]
    q: Option<Words>,
}

/// The number of a message, in a query.
struct Seq(u64);

impl Deserr<Invalid> for Seq {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        let text = text_value(value, at)?;
        let digits = (1..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        match text.parse() {
            Ok(number) if digits => Ok(Self(number)),
            _ => Err(wrong_at(Wrong::WrongType("integer".into()), at)),
        }
    }
}

impl JsonSchema for Seq {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Seq".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": 0, "maximum": 999_999_999_999_i64})
    }
}

/// Words to look for: 1–50 characters.
struct Words(String);

impl Deserr<Invalid> for Words {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        let text = text_value(value, at)?;
        let text = text.trim();
        match text.chars().count() {
            0 => Err(wrong_at(Wrong::TooShort(1), at)),
            51.. => Err(wrong_at(Wrong::TooLong(50), at)),
            _ => Ok(Self(text.to_lowercase())),
        }
    }
}

impl JsonSchema for Words {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Words".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": 50})
    }
}

/// A page of messages.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Messages")]
struct MessagesView {
    /// The messages.
    items: Vec<MessageView>,
    /// The number of the room's last message.
    seq: u64,
    /// Their authors, but for those who have left Madang.
    people: Vec<PersonView>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
}

/// Which messages are asked for.
enum Asked {
    After(u64),
    Before(u64),
    Changed(Time, Option<String>),
    With(String, u64),
}

impl Query {
    fn asked(self, position: Option<String>) -> Result<Asked, Fault> {
        let Self { after, before, changed_since, q } = self;
        let ways = [after.is_some(), before.is_some(), changed_since.is_some(), q.is_some()];
        if ways.into_iter().filter(|way| *way).count() > 1 {
            let mut invalid = Invalid::default();
            for (name, given) in ["/after", "/before", "/changedSince", "/q"].into_iter().zip(ways) {
                if given {
                    invalid.add(name, Wrong::NotTogether("after, before, changedSince, q"));
                }
            }
            return Err(invalid.as_parameters().into());
        }
        let seq = position.as_deref().and_then(|position| position.parse().ok());
        let end = u64::MAX / 2;
        let asked = match (after, before, changed_since, q) {
            (Some(after), ..) => Asked::After(seq.unwrap_or(after.0)),
            (_, Some(before), ..) => Asked::Before(seq.unwrap_or(before.0)),
            (_, _, Some(since), _) => Asked::Changed(since, position),
            (_, _, _, Some(words)) => Asked::With(words.0, seq.unwrap_or(end)),
            _ => Asked::Before(seq.unwrap_or(end)),
        };
        Ok(asked)
    }
}

async fn handle(_: &Rooms, call: &Call<'_>) -> Outcome {
    let doing = Doing::call(call)?;
    let me = &doing.caller.id;
    let id = call.path("roomId", RoomId::parse)?;
    let ListQuery::<Query> { limit, cursor, rest: query } = call.query()?;
    let (asked, limit) = (query.asked(call.position(cursor.as_ref())?)?, limit.0);
    let (rooms, log) = (doing.rooms()?, doing.log()?);
    let found = async {
        match &asked {
            Asked::After(seq) => log.after(&id, *seq, limit + 1).await.map(|found| (found, None)),
            Asked::Before(seq) => log.before(&id, *seq, limit + 1).await.map(|found| (found, None)),
            Asked::Changed(since, after) => log.changed(&id, *since, after.as_deref(), limit).await,
            Asked::With(_, seq) => log.before(&id, *seq, SEARCHED).await.map(|found| (found, None)),
        }
    };
    let ((room, member), (mut messages, mut next)) = futures::try_join!(rooms.with_member(&id, me), found)?;
    let (room, member) = doing.admitted(room, member).await?;
    let seq = messages.iter().map(|message| message.seq).chain([room.seq]).max().unwrap_or_default();
    match &asked {
        Asked::After(_) | Asked::Before(_) => {
            if messages.len() > limit {
                messages.truncate(limit);
                next = messages.last().map(|message| message.seq.to_string());
            }
        }
        Asked::With(words, _) => (messages, next) = with_words(messages, words, limit),
        Asked::Changed(..) => {}
    }
    // Reading back, the first that one may not see is the last that is looked at.
    if !matches!(asked, Asked::Changed(..))
        && messages.last().is_some_and(|last| !member.sees(last.seq))
        && !matches!(asked, Asked::After(_))
    {
        next = None;
    }
    messages.retain(|message| member.sees(message.seq));
    let mut authors: Vec<AccountId> = messages.iter().filter_map(|message| message.author.clone()).collect();
    authors.sort();
    authors.dedup();
    let people = Accounts(doing.table()?).by_ids(&authors).await?;
    let media_url = doing.media_url()?;
    let view = MessagesView {
        items: messages.iter().map(|message| MessageView::of(message, Some(me))).collect(),
        seq,
        people: authors
            .iter()
            .filter_map(|author| people.get(author))
            .map(|account| PersonView::of(account, media_url))
            .collect(),
        next_cursor: call.paged(Vec::<()>::new(), next)?.next_cursor,
    };
    Reply::ok(&view)
}

/// Of these messages those with the words, and where looking goes on.
fn with_words(looked_at: Vec<Message>, words: &str, limit: usize) -> (Vec<Message>, Option<String>) {
    let (whole, last) = (looked_at.len() == SEARCHED, looked_at.last().map(|message| message.seq));
    let has =
        |message: &Message| message.text.as_ref().is_some_and(|text| text.as_str().to_lowercase().contains(words));
    let mut found: Vec<Message> = looked_at.into_iter().filter(has).collect();
    if found.len() > limit {
        found.truncate(limit);
        let next = found.last().map(|message| message.seq.to_string());
        return (found, next);
    }
    (found, last.filter(|last| whole && *last > 1).map(|last| last.to_string()))
}
