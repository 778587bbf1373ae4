//! What the demo people have said to each other: the room of the first listing with a few words and a picture, and a room
//! that the first of them has joined.

use std::{collections::BTreeSet, sync::Arc};

use domain::{
    id::{AccountId, ConnectionId, ListingId, MediaId},
    lang::Lang,
    media::{FileType, MAX_BYTES, Media, MediaStatus, Purpose},
    message::{Attachment, Contents, Message, Nonce},
    room::{Member, Room},
    text::MessageText,
    time::{MINUTE, Time},
};
use store::{Appended, Connection, Connections, Log, MediaItems, Rooms, Table};

use crate::{bucket::Bucket, cloud::Inner, seed::PEOPLE};

/// The listing whose room they talk in: the first demo person's bicycle.
pub const TALKED_ABOUT: &str = "01K9ZX3V5M8QJ4T0N2R6W7Y1AB";
/// A listing of the second, whose room the first has joined.
pub const JOINED: &str = "01K9ZX3V5M8QJ4T0N2R6W7Y1AD";
/// The number of the first demo person's first message.
pub const FIRST_WORDS: u64 = 3;
/// The number of the message with a picture.
pub const WITH_PICTURE: u64 = 5;
/// The picture in it.
pub const SHOWN_PICTURE: &str = "01K9ZX3V5M8QJ4T0N2R6W7Y1AN";
/// The connection that the event files of frames come by; known where the clock stands still for them.
pub const CONNECTION: &str = "JKJaWcQKPHcCFxA=";

pub(crate) async fn begin(
    inner: &Arc<Inner>,
    (bucket, table): (&Bucket, &Table),
    picture: Vec<u8>,
    now: Time,
) -> Result<(), String> {
    let said = |error: store::Error| error.to_string();
    let accounts = PEOPLE.map(|person| AccountId::parse(person.sub));
    let [Ok(minji), Ok(junho), Ok(haru), _] = accounts else { return Err("a demo person is not well formed".into()) };
    let (about, joined) = (ListingId::from_ulid(TALKED_ABOUT), ListingId::from_ulid(JOINED));
    for (listing, who) in [(&about, &junho), (&about, &haru), (&joined, &minji)] {
        let member = Member::new(Room::id_of(listing), who.clone(), now, 0);
        Rooms(table).join(listing, &member).await.map_err(said)?;
        // That they came in is said before anything else.
        inner.settled().await;
    }

    let upload = Media {
        id: MediaId::from_ulid(SHOWN_PICTURE),
        owner: minji.clone(),
        purpose: Purpose::Message,
        content_type: FileType::Jpeg,
        size: u32::try_from(picture.len()).unwrap_or(MAX_BYTES),
        status: MediaStatus::Waiting,
        rejection: None,
        picture: None,
        file: None,
        used_by: None,
        created_at: now,
    };
    MediaItems(table).create(&upload, None).await.map_err(said)?;
    bucket.write(&format!("uploads/{}", upload.id), picture, "image/jpeg").await?;
    inner.settled().await;
    let media = MediaItems(table).take(&upload.id, &minji, "seed").await.map_err(said)?;
    let file = media.file.ok_or("the picture of a demo message was not made ready")?;
    let shown = Attachment {
        id: media.id,
        content_type: file.content_type.content_type().to_owned(),
        size: file.size,
        width: file.width,
        height: file.height,
        placeholder: file.placeholder,
    };

    let talk = Talk { log: Log(table), room: Room::id_of(&about), now };
    let first = talk.say(&minji, words("안녕하세요! 궁금한 것 물어보세요.")?, None).await?;
    let asked = talk.say(&junho, words("아직 있나요? 안장 높이도 궁금해요.")?, Some(&first)).await?;
    talk.say(&minji, Contents::Media(shown), None).await?;
    talk.say(&minji, words("네, 있어요. 안장은 조절돼요.")?, Some(&asked)).await?;
    talk.say(&haru, words("저도 관심 있습니다!")?, None).await?;
    inner.settled().await;

    if inner.options.connected {
        let id = ConnectionId::parse(CONNECTION).map_err(|_| "the connection is not well formed")?;
        let (connected_at, expires_at) = (now.plus(-MINUTE), now.plus(40 * MINUTE));
        let watching = BTreeSet::new();
        let connection = Connection {
            id,
            account: minji,
            connected_at,
            expires_at,
            lang: Lang::Ko,
            active_at: now,
            idle: false,
            watching,
        };
        Connections(table).put(&connection).await.map_err(said)?;
        inner.settled().await;
    }
    Ok(())
}

fn words(text: &str) -> Result<Contents, String> {
    MessageText::parse(text).map(Contents::Text).map_err(|_| format!("not to be said: {text}"))
}

struct Talk<'a> {
    log: Log<'a>,
    room: domain::id::RoomId,
    now: Time,
}

impl Talk<'_> {
    async fn say(&self, who: &AccountId, contents: Contents, answering: Option<&Message>) -> Result<Message, String> {
        let last = self.log.last(&self.room, 1).await.map_err(|error| error.to_string())?;
        let seq = last.first().map_or(0, |last| last.seq) + 1;
        let nonce = Nonce::parse(&format!("seed-{seq:04}")).map_err(|_| "a demo nonce is not well formed")?;
        let message = Message::said(self.room.clone(), who.clone(), nonce, contents, answering, self.now);
        match self.log.append(&message, last.first(), None, self.now).await {
            Ok(Appended::New(message) | Appended::Known(message)) => Ok(message),
            Ok(other) => Err(format!("a demo message was not taken: {other:?}")),
            Err(error) => Err(error.to_string()),
        }
    }
}
