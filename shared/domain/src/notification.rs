//! Notifications: what people are told and in which words, what of it they want, and how much that is alike becomes one
//! (rows N1–N3, N10–N13).

use std::collections::{BTreeMap, BTreeSet};

use deserr::{Deserr, IntoValue, Map as _, Value, ValuePointerRef};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

mod deals;

pub use deals::DealNews;

use crate::{
    deal::{Action, State},
    errand::Journey,
    id::{AccountId, DealId, ErrandId, ListingId, NotificationId, ReportId, RoomId},
    input::{Invalid, Wrong, integer_value, pointer, wrong_at},
    lang::Lang,
    message::{Kind as MessageKind, Message},
    room::{Kind as RoomKind, Member, Preview, Room},
    text::Reason,
    time::{DAY, MINUTE, Time},
    trust::{Stars, Subject, Suspension},
};

/// How long a notification is kept after it was last changed.
pub const LIFE: i64 = 90 * DAY;
/// How long it is known that one was deleted: as long as an event may be told again, from the queue of failures too.
pub const DELETED_LIFE: i64 = 14 * DAY;
/// Up to how many are counted: a hundred means a hundred or more.
pub const MOST_COUNTED: usize = 100;

/// What a notification is about. A closed set: one more is a variant here, of [`Type`], and its words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "payload", rename_all_fields = "camelCase")]
pub enum Notice {
    /// The deadline of one's listing passed (row N13).
    #[serde(rename = "listing.expired")]
    ListingExpired {
        /// The listing.
        listing: ListingId,
        /// Its title.
        title: String,
    },
    /// Somebody asks about one's listing (row N10).
    #[serde(rename = "listing.inquiry")]
    ListingInquiry {
        /// The listing.
        listing: ListingId,
        /// Its title.
        title: Option<String>,
        /// Where they ask.
        room: RoomId,
        /// Who asks.
        account: AccountId,
        /// What they were called then.
        nickname: Option<String>,
    },
    /// Somebody wrote in a conversation of two (row N10).
    #[serde(rename = "room.message")]
    RoomMessage(Said),
    /// Somebody answered one's message in a room of many (row N10).
    #[serde(rename = "room.reply")]
    RoomReply(Said),
    /// One was shown out of a room, for good (row N13).
    #[serde(rename = "room.kicked")]
    RoomKicked {
        /// The room.
        room: RoomId,
        /// Its listing.
        listing: ListingId,
        /// The listing's title.
        title: String,
    },
    /// Somebody offers, asks or quotes (row N4).
    #[serde(rename = "deal.proposed")]
    DealProposed(DealNews),
    /// One's offer, request or quote was accepted (row N6).
    #[serde(rename = "deal.accepted")]
    DealAccepted(DealNews),
    /// An offer, request or quote came to nothing (rows N7, N13).
    #[serde(rename = "deal.ended")]
    DealEnded(DealNews),
    /// A deal goes on (rows N10, N13).
    #[serde(rename = "deal.moved")]
    DealMoved(DealNews),
    /// A deal is done (row N13).
    #[serde(rename = "deal.done")]
    DealDone(DealNews),
    /// A deal was broken off, is late, or is disputed (row N13).
    #[serde(rename = "deal.broken")]
    DealBroken(DealNews),
    /// A deal begins tomorrow (rows N8, B14).
    #[serde(rename = "deal.reminder")]
    DealReminder(DealNews),
    /// What one has reported was decided about (row X1).
    #[serde(rename = "report.decided")]
    ReportDecided {
        /// The report.
        report: ReportId,
        /// What was reported.
        subject: Subject,
        /// Whether it was found to be right.
        upheld: bool,
    },
    /// An administrator warns one (row X1).
    #[serde(rename = "account.warned")]
    AccountWarned {
        /// What for.
        subject: Subject,
        /// What it said.
        excerpt: Option<String>,
        /// Why.
        reason: Reason,
    },
    /// One cannot do anything for a time, or any more (row X1).
    #[serde(rename = "account.suspended")]
    AccountSuspended {
        /// Until when; the end of the year 9999 for good.
        until: Time,
        /// Why.
        reason: Reason,
    },
    /// What one has put up or said was taken out of sight (row X1).
    #[serde(rename = "content.hidden")]
    ContentHidden {
        /// What.
        subject: Subject,
        /// What it said.
        excerpt: Option<String>,
        /// Why.
        reason: Reason,
    },
    /// A review about one can be seen (row Z6).
    #[serde(rename = "review.visible")]
    ReviewVisible {
        /// Of which deal.
        deal: DealId,
        /// What the deal was about.
        title: String,
        /// Who wrote it.
        account: AccountId,
        /// How many stars it gives.
        stars: Stars,
    },
    /// Somebody asks one for a quote (row N5).
    #[serde(rename = "errand.asked")]
    ErrandAsked {
        /// The errand.
        errand: ErrandId,
        /// What it is called.
        title: String,
        /// What kind of journey.
        journey: Journey,
        /// Who asks.
        account: AccountId,
        /// What they were called then.
        nickname: Option<String>,
    },
    /// A maker whom one asked for a quote says no (row N5).
    #[serde(rename = "errand.declined")]
    ErrandDeclined {
        /// The errand.
        errand: ErrandId,
        /// What it is called.
        title: String,
        /// Who says no.
        account: AccountId,
        /// What they were called then.
        nickname: Option<String>,
    },
}

/// What was said in a room, the latest of what has not been read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Said {
    /// The room.
    pub room: RoomId,
    /// What kind of room.
    pub kind: RoomKind,
    /// What the room is called.
    pub title: Option<String>,
    /// What its author was called then.
    pub nickname: Option<String>,
    /// The latest message in short.
    pub preview: Preview,
    /// How many there are; a hundred means a hundred or more.
    pub count: u32,
}

/// The types of notifications, as preferences name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Type {
    /// [`Notice::ListingExpired`].
    #[serde(rename = "listing.expired")]
    ListingExpired,
    /// [`Notice::ListingInquiry`].
    #[serde(rename = "listing.inquiry")]
    ListingInquiry,
    /// [`Notice::RoomMessage`].
    #[serde(rename = "room.message")]
    RoomMessage,
    /// [`Notice::RoomReply`].
    #[serde(rename = "room.reply")]
    RoomReply,
    /// [`Notice::RoomKicked`].
    #[serde(rename = "room.kicked")]
    RoomKicked,
    /// [`Notice::DealProposed`].
    #[serde(rename = "deal.proposed")]
    DealProposed,
    /// [`Notice::DealAccepted`].
    #[serde(rename = "deal.accepted")]
    DealAccepted,
    /// [`Notice::DealEnded`].
    #[serde(rename = "deal.ended")]
    DealEnded,
    /// [`Notice::DealMoved`].
    #[serde(rename = "deal.moved")]
    DealMoved,
    /// [`Notice::DealDone`].
    #[serde(rename = "deal.done")]
    DealDone,
    /// [`Notice::DealBroken`].
    #[serde(rename = "deal.broken")]
    DealBroken,
    /// [`Notice::DealReminder`].
    #[serde(rename = "deal.reminder")]
    DealReminder,
    /// [`Notice::ReportDecided`].
    #[serde(rename = "report.decided")]
    ReportDecided,
    /// [`Notice::AccountWarned`].
    #[serde(rename = "account.warned")]
    AccountWarned,
    /// [`Notice::AccountSuspended`].
    #[serde(rename = "account.suspended")]
    AccountSuspended,
    /// [`Notice::ContentHidden`].
    #[serde(rename = "content.hidden")]
    ContentHidden,
    /// [`Notice::ReviewVisible`].
    #[serde(rename = "review.visible")]
    ReviewVisible,
    /// [`Notice::ErrandAsked`].
    #[serde(rename = "errand.asked")]
    ErrandAsked,
    /// [`Notice::ErrandDeclined`].
    #[serde(rename = "errand.declined")]
    ErrandDeclined,
}

impl Type {
    /// Every type.
    pub const ALL: [Self; 19] = [
        Self::ListingExpired,
        Self::ListingInquiry,
        Self::RoomMessage,
        Self::RoomReply,
        Self::RoomKicked,
        Self::DealProposed,
        Self::DealAccepted,
        Self::DealEnded,
        Self::DealMoved,
        Self::DealDone,
        Self::DealBroken,
        Self::DealReminder,
        Self::ReportDecided,
        Self::AccountWarned,
        Self::AccountSuspended,
        Self::ContentHidden,
        Self::ReviewVisible,
        Self::ErrandAsked,
        Self::ErrandDeclined,
    ];

    /// The word on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ListingExpired => "listing.expired",
            Self::ListingInquiry => "listing.inquiry",
            Self::RoomMessage => "room.message",
            Self::RoomReply => "room.reply",
            Self::RoomKicked => "room.kicked",
            Self::DealProposed => "deal.proposed",
            Self::DealAccepted => "deal.accepted",
            Self::DealEnded => "deal.ended",
            Self::DealMoved => "deal.moved",
            Self::DealDone => "deal.done",
            Self::DealBroken => "deal.broken",
            Self::DealReminder => "deal.reminder",
            Self::ReportDecided => "report.decided",
            Self::AccountWarned => "account.warned",
            Self::AccountSuspended => "account.suspended",
            Self::ContentHidden => "content.hidden",
            Self::ReviewVisible => "review.visible",
            Self::ErrandAsked => "errand.asked",
            Self::ErrandDeclined => "errand.declined",
        }
    }
}

/// A notification in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Words {
    /// One line.
    pub title: String,
    /// What follows it.
    pub body: String,
}

impl Notice {
    /// Its type.
    #[must_use]
    pub fn kind(&self) -> Type {
        match self {
            Self::ListingExpired { .. } => Type::ListingExpired,
            Self::ListingInquiry { .. } => Type::ListingInquiry,
            Self::RoomMessage(_) => Type::RoomMessage,
            Self::RoomReply(_) => Type::RoomReply,
            Self::RoomKicked { .. } => Type::RoomKicked,
            Self::DealProposed(_) => Type::DealProposed,
            Self::DealAccepted(_) => Type::DealAccepted,
            Self::DealEnded(_) => Type::DealEnded,
            Self::DealMoved(_) => Type::DealMoved,
            Self::DealDone(_) => Type::DealDone,
            Self::DealBroken(_) => Type::DealBroken,
            Self::DealReminder(_) => Type::DealReminder,
            Self::ReportDecided { .. } => Type::ReportDecided,
            Self::AccountWarned { .. } => Type::AccountWarned,
            Self::AccountSuspended { .. } => Type::AccountSuspended,
            Self::ContentHidden { .. } => Type::ContentHidden,
            Self::ReviewVisible { .. } => Type::ReviewVisible,
            Self::ErrandAsked { .. } => Type::ErrandAsked,
            Self::ErrandDeclined { .. } => Type::ErrandDeclined,
        }
    }

    /// What was said, where it is about that.
    #[must_use]
    pub fn said(&self) -> Option<&Said> {
        match self {
            Self::RoomMessage(said) | Self::RoomReply(said) => Some(said),
            _ => None,
        }
    }

    fn said_mut(&mut self) -> Option<&mut Said> {
        match self {
            Self::RoomMessage(said) | Self::RoomReply(said) => Some(said),
            _ => None,
        }
    }

    /// The notification in words.
    #[must_use]
    pub fn render(&self, lang: Lang) -> Words {
        let (title, body) = match lang {
            Lang::Ko => self.in_korean(),
            Lang::En => self.in_english(),
        };
        Words { title, body }
    }

    fn in_korean(&self) -> (String, String) {
        let name = |nickname: &Option<String>| nickname.clone().unwrap_or_else(|| "이웃".to_owned());
        match self {
            Self::ListingExpired { title, .. } => {
                ("마감 시각이 지났어요".into(), format!("‘{title}’이(가) 마감되었어요. 다시 올릴 수 있어요."))
            }
            Self::ListingInquiry { title: Some(title), nickname, .. } => {
                ("새 문의가 왔어요".into(), format!("{}님이 ‘{title}’에 대해 묻고 싶어 해요.", name(nickname)))
            }
            Self::ListingInquiry { nickname, .. } => {
                ("새 문의가 왔어요".into(), format!("{}님이 올린 물품에 대해 묻고 싶어 해요.", name(nickname)))
            }
            Self::RoomMessage(said) => {
                let title = match said.count {
                    0 | 1 => format!("{}님의 메시지", name(&said.nickname)),
                    count => format!("{}님의 메시지 {}개", name(&said.nickname), counted(count)),
                };
                (title, said.in_short(Lang::Ko))
            }
            Self::RoomReply(said) => {
                let title = match said.count {
                    0 | 1 => format!("{}님이 답글을 남겼어요", name(&said.nickname)),
                    count => format!("{}님 등이 답글 {}개를 남겼어요", name(&said.nickname), counted(count)),
                };
                (title, said.in_short(Lang::Ko))
            }
            Self::DealProposed(news)
            | Self::DealAccepted(news)
            | Self::DealEnded(news)
            | Self::DealMoved(news)
            | Self::DealDone(news)
            | Self::DealBroken(news)
            | Self::DealReminder(news) => news.in_korean(),
            Self::RoomKicked { title, .. } => {
                ("대화방에서 내보내졌어요".into(), format!("‘{title}’ 대화방에 더 이상 들어갈 수 없어요."))
            }
            Self::ReportDecided { upheld: true, .. } => {
                ("신고가 처리되었어요".into(), "확인해서 조치했어요. 알려 주셔서 고마워요.".into())
            }
            Self::ReportDecided { .. } => {
                ("신고가 처리되었어요".into(), "확인했지만 운영 원칙에 어긋나지 않았어요.".into())
            }
            Self::AccountWarned { excerpt: Some(excerpt), reason, .. } => {
                ("주의를 받았어요".into(), format!("‘{}’: {}", shortened(excerpt), reason.as_str()))
            }
            Self::AccountWarned { reason, .. } => ("주의를 받았어요".into(), reason.as_str().to_owned()),
            Self::AccountSuspended { until, reason } if *until == Suspension::for_good() => {
                ("이용이 영구 정지되었어요".into(), reason.as_str().to_owned())
            }
            Self::AccountSuspended { until, reason } => {
                let until = until.plus(i64::from(Quiet::SEOUL) * MINUTE).day();
                ("이용이 정지되었어요".into(), format!("{until}까지: {}", reason.as_str()))
            }
            Self::ContentHidden { excerpt, reason, .. } => {
                let what =
                    excerpt.as_deref().map_or_else(|| "올린 내용".to_owned(), |what| format!("‘{}’", shortened(what)));
                ("올린 내용이 숨겨졌어요".into(), format!("{what}: {}", reason.as_str()))
            }
            Self::ReviewVisible { title, stars, .. } => {
                ("거래 후기가 공개되었어요".into(), format!("‘{title}’ 거래에서 별점 {}점을 받았어요.", stars.0))
            }
            Self::ErrandAsked { title, journey, nickname, .. } => (
                "지정 견적 요청이 왔어요".into(),
                format!("{}님이 {} 여행 ‘{title}’의 견적을 부탁했어요.", name(nickname), journey.name(Lang::Ko)),
            ),
            Self::ErrandDeclined { title, nickname, .. } => (
                "지정 견적 요청이 거절되었어요".into(),
                format!("{}님이 ‘{title}’의 견적을 사양했어요.", name(nickname)),
            ),
        }
    }

    fn in_english(&self) -> (String, String) {
        let name = |nickname: &Option<String>| nickname.clone().unwrap_or_else(|| "A neighbour".to_owned());
        match self {
            Self::ListingExpired { title, .. } => {
                ("The deadline has passed".into(), format!("“{title}” has expired. You can put it up again."))
            }
            Self::ListingInquiry { title: Some(title), nickname, .. } => {
                ("A new inquiry".into(), format!("{} would like to ask about “{title}”.", name(nickname)))
            }
            Self::ListingInquiry { nickname, .. } => {
                ("A new inquiry".into(), format!("{} would like to ask about your listing.", name(nickname)))
            }
            Self::RoomMessage(said) => {
                let title = match said.count {
                    0 | 1 => format!("Message from {}", name(&said.nickname)),
                    count => format!("{} messages from {}", counted(count), name(&said.nickname)),
                };
                (title, said.in_short(Lang::En))
            }
            Self::RoomReply(said) => {
                let title = match said.count {
                    0 | 1 => format!("{} answered you", name(&said.nickname)),
                    count => format!("{} answers, the latest from {}", counted(count), name(&said.nickname)),
                };
                (title, said.in_short(Lang::En))
            }
            Self::DealProposed(news)
            | Self::DealAccepted(news)
            | Self::DealEnded(news)
            | Self::DealMoved(news)
            | Self::DealDone(news)
            | Self::DealBroken(news)
            | Self::DealReminder(news) => news.in_english(),
            Self::RoomKicked { title, .. } => {
                ("You were shown out of a room".into(), format!("You cannot enter the room of “{title}” any more."))
            }
            Self::ReportDecided { upheld: true, .. } => {
                ("Your report was decided".into(), "We looked at it and acted. Thank you for telling us.".into())
            }
            Self::ReportDecided { .. } => {
                ("Your report was decided".into(), "We looked at it and found nothing against the rules.".into())
            }
            Self::AccountWarned { excerpt: Some(excerpt), reason, .. } => {
                ("You were warned".into(), format!("“{}”: {}", shortened(excerpt), reason.as_str()))
            }
            Self::AccountWarned { reason, .. } => ("You were warned".into(), reason.as_str().to_owned()),
            Self::AccountSuspended { until, reason } if *until == Suspension::for_good() => {
                ("Your account is suspended for good".into(), reason.as_str().to_owned())
            }
            Self::AccountSuspended { until, reason } => {
                let until = until.plus(i64::from(Quiet::SEOUL) * MINUTE).day();
                ("Your account is suspended".into(), format!("Until {until}: {}", reason.as_str()))
            }
            Self::ContentHidden { excerpt, reason, .. } => {
                let what = excerpt.as_deref().map_or_else(|| "It".to_owned(), |what| format!("“{}”", shortened(what)));
                ("Something of yours was hidden".into(), format!("{what}: {}", reason.as_str()))
            }
            Self::ReviewVisible { title, stars, .. } => {
                ("You were reviewed".into(), format!("The deal about “{title}” earned you {} of 5 stars.", stars.0))
            }
            Self::ErrandAsked { title, journey, nickname, .. } => (
                "You are asked for a quote".into(),
                format!("{} asks you for a quote on “{title}” ({}).", name(nickname), journey.name(Lang::En)),
            ),
            Self::ErrandDeclined { title, nickname, .. } => {
                ("A maker declined".into(), format!("{} will not quote on “{title}”.", name(nickname)))
            }
        }
    }
}

impl Notice {
    /// What somebody is told of a deal, by what was done to it last.
    #[must_use]
    pub fn of_deal(news: DealNews) -> Self {
        match news.action {
            Action::Propose => Self::DealProposed(news),
            Action::Accept => Self::DealAccepted(news),
            Action::Withdraw | Action::Decline | Action::Overtake | Action::Lapse => Self::DealEnded(news),
            Action::Break | Action::Abandon | Action::Dispute | Action::Overdue => Self::DealBroken(news),
            Action::Remind => Self::DealReminder(news),
            _ if news.state == State::Done => Self::DealDone(news),
            _ => Self::DealMoved(news),
        }
    }
}

/// The beginning of a text.
fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    let begin: String = text.chars().take(MOST).map(|c| if c == '\n' { ' ' } else { c }).collect();
    if text.chars().count() > MOST { format!("{begin}…") } else { begin }
}

impl Said {
    fn in_short(&self, lang: Lang) -> String {
        if let Some(text) = &self.preview.text {
            return text.clone();
        }
        let words = match (self.preview.kind, lang) {
            (MessageKind::Image, Lang::Ko) => "사진을 보냈어요.",
            (MessageKind::Image, Lang::En) => "Sent a picture.",
            (MessageKind::Video, Lang::Ko) => "동영상을 보냈어요.",
            (MessageKind::Video, Lang::En) => "Sent a video.",
            (MessageKind::Text | MessageKind::System, Lang::Ko) => "삭제된 메시지예요.",
            (MessageKind::Text | MessageKind::System, Lang::En) => "The message was deleted.",
        };
        words.to_owned()
    }
}

fn counted(count: u32) -> String {
    if usize::try_from(count).is_ok_and(|count| count < MOST_COUNTED) { count.to_string() } else { "100+".to_owned() }
}

/// Who is told of a message, and as what: the other one in a conversation of two, elsewhere whoever it answers. Never
/// more than one, however many are in the room.
#[must_use]
pub fn told_of<'a>(message: &'a Message, room: &'a Room) -> Option<(&'a AccountId, Type)> {
    let author = message.author.as_ref().filter(|_| message.system.is_none())?;
    let (to, kind) = if room.kind.is_of_two() {
        (room.partner_of(author)?, Type::RoomMessage)
    } else {
        (message.reply_to.as_ref()?.author.as_ref()?, Type::RoomReply)
    };
    (to != author).then_some((to, kind))
}

/// Whether a member wants to be told of a message, has not read it, and may see it.
#[must_use]
pub fn wants(member: &Member, seq: u64) -> bool {
    !member.muted && member.read < seq && member.sees(seq)
}

/// The messages that one notification stands for, by their numbers: told twice, late and out of order they come to the
/// same.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Gathered {
    /// Those that have not been read.
    #[serde(default)]
    pub unread: BTreeSet<u64>,
    /// Up to which number everything is done with.
    #[serde(default)]
    pub done: u64,
}

impl Gathered {
    /// With one more message; nothing when it changes nothing. The latest hundred are kept.
    #[must_use]
    pub fn with(&self, seq: u64) -> Option<Self> {
        if seq <= self.done || self.unread.contains(&seq) {
            return None;
        }
        let mut after = self.clone();
        after.unread.insert(seq);
        while after.unread.len() > MOST_COUNTED
            && let Some(dropped) = after.unread.pop_first()
        {
            after.done = dropped;
        }
        (after != *self).then_some(after)
    }

    /// After everything up to a number was read.
    #[must_use]
    pub fn read_to(&self, seq: u64) -> Self {
        let unread = self.unread.iter().copied().filter(|one| *one > seq).collect();
        Self { unread, done: self.done.max(seq) }
    }

    /// After all of it was read, or deleted.
    #[must_use]
    pub fn read(&self) -> Self {
        self.read_to(self.last())
    }

    /// The highest number.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.unread.last().copied().unwrap_or(self.done).max(self.done)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.unread.len()).unwrap_or(u32::MAX)
    }
}

/// Something a person is told (row N1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// Made from the event, so that the event told twice is one notification.
    pub id: NotificationId,
    /// Who is told.
    pub account: AccountId,
    /// What happened.
    pub notice: Notice,
    /// Whether the person has seen it.
    pub read: bool,
    /// When it happened first.
    pub created_at: Time,
    /// When something of its kind happened last: lists are in this order.
    pub updated_at: Time,
    /// Whether the person does not want it listed: it is told by other ways alone.
    #[serde(default)]
    pub hidden: bool,
    /// The messages it stands for.
    #[serde(default)]
    pub gathered: Gathered,
    /// One more with each change.
    #[serde(default)]
    pub revision: u64,
}

/// What the table knows of a notification.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// It is there.
    There(Box<Notification>),
    /// It was deleted: told again it stays so, unless something new happened.
    Deleted {
        /// The messages it stood for.
        gathered: Gathered,
        /// The revision it was deleted at.
        revision: u64,
    },
}

impl Known {
    /// Its revision.
    #[must_use]
    pub fn revision(&self) -> u64 {
        match self {
            Self::There(notification) => notification.revision,
            Self::Deleted { revision, .. } => *revision,
        }
    }

    /// It, if it is there.
    #[must_use]
    pub fn there(self) -> Option<Notification> {
        match self {
            Self::There(notification) => Some(*notification),
            Self::Deleted { .. } => None,
        }
    }
}

impl Notification {
    /// Whether it was read, by itself or with all up to a moment.
    #[must_use]
    pub fn is_read(&self, read_until: Option<Time>) -> bool {
        self.read || read_until.is_some_and(|until| self.updated_at <= until)
    }

    /// Whether its person should hear of it, after it was so before.
    #[must_use]
    pub fn is_news(&self, before: Option<&Self>) -> bool {
        !self.read
            && before.is_none_or(|before| {
                before.read
                    || before.updated_at < self.updated_at
                    || before.gathered.count() < self.gathered.count()
                    || before.gathered.last() < self.gathered.last()
            })
    }

    /// Whether it begins, after it was so before: it was made, or came again after it was read. What is gathered in one
    /// that was not read begins nothing.
    #[must_use]
    pub fn begins(&self, before: Option<&Self>) -> bool {
        !self.read && before.is_none_or(|before| before.read || before.created_at < self.created_at)
    }

    /// After its person read its room up to a number; nothing when that changes nothing.
    #[must_use]
    pub fn read_to(&self, seq: u64) -> Option<Self> {
        let gathered = self.gathered.read_to(seq);
        if self.read || gathered.unread == self.gathered.unread {
            return None;
        }
        let mut after = Self { read: gathered.unread.is_empty(), revision: self.revision + 1, ..self.clone() };
        if let Some(said) = after.notice.said_mut() {
            // One that was read says how many there were.
            said.count = if after.read { said.count } else { gathered.count() };
        }
        after.gathered = gathered;
        Some(after)
    }

    /// After the message it shows was edited or deleted; nothing when it shows another.
    #[must_use]
    pub fn showing(&self, message: &Message) -> Option<Self> {
        let mut after = self.clone();
        let said = after.notice.said_mut().filter(|said| said.preview.seq == message.seq)?;
        said.preview = Preview::of(message);
        after.revision += 1;
        (after.notice != self.notice).then_some(after)
    }
}

/// By which ways somebody is told of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
pub struct Ways {
    /// Listed among the notifications.
    pub in_app: bool,
    /// Told at once over open connections.
    pub push: bool,
    /// Mailed, once each time it begins anew; not unless it is said.
    #[serde(default)]
    #[deserr(default)]
    pub email: bool,
}

impl Default for Ways {
    fn default() -> Self {
        Self { in_app: true, push: true, email: false }
    }
}

impl Ways {
    /// Whether there is any.
    #[must_use]
    pub fn any(self) -> bool {
        self.in_app || self.push || self.email
    }
}

/// Minutes of a day.
const DAY_MINUTES: i64 = 24 * 60;

/// When somebody does not want to be disturbed: a notification of then waits in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Quiet {
    /// From this minute of the day on, 0–1439.
    pub from: u16,
    /// Up to this minute of the day; one before `from` is of the next day. The same as `from`: never quiet.
    pub until: u16,
    /// How far the person's clock is ahead of UTC, in minutes; 540, Korea's, unless said.
    pub utc_offset: i16,
}

impl Quiet {
    /// Korea's clock.
    pub const SEOUL: i16 = 540;

    /// Whether it is quiet at a moment.
    #[must_use]
    pub fn at(self, now: Time) -> bool {
        let minute = (now.ms().div_euclid(MINUTE) + i64::from(self.utc_offset)).rem_euclid(DAY_MINUTES);
        let (from, until) = (i64::from(self.from), i64::from(self.until));
        if from <= until { (from..until).contains(&minute) } else { minute >= from || minute < until }
    }
}

#[derive(Deserr)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct QuietInput {
    from: Within<0, 1439>,
    until: Within<0, 1439>,
    #[deserr(default)]
    utc_offset: Option<Within<-720, 840>>,
}

/// A number within bounds.
struct Within<const MIN: i64, const MAX: i64>(i64);

impl<const MIN: i64, const MAX: i64> Deserr<Invalid> for Within<MIN, MAX> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        integer_value(value, at, MIN..=MAX).map(Self)
    }
}

impl Deserr<Invalid> for Quiet {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        let QuietInput { from, until, utc_offset } = QuietInput::deserialize_from_value(value, at)?;
        let minute = |within: Within<0, 1439>| u16::try_from(within.0).unwrap_or_default();
        let offset = utc_offset.map_or(Self::SEOUL, |offset| i16::try_from(offset.0).unwrap_or(Self::SEOUL));
        Ok(Self { from: minute(from), until: minute(until), utc_offset: offset })
    }
}

/// What somebody chose, type by type; of the others the usual holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Chosen(pub BTreeMap<Type, Ways>);

impl Deserr<Invalid> for Chosen {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        let Value::Map(members) = value else { return Err(wrong_at(Wrong::WrongType("object".into()), at)) };
        let (mut chosen, mut invalid) = (BTreeMap::new(), Invalid::default());
        for (name, member) in members.into_iter() {
            let Some(kind) = Type::ALL.into_iter().find(|kind| kind.word() == name) else {
                let name: String = name.chars().take(64).collect();
                invalid.add(
                    format!("{}/{}", pointer(at), name.replace('~', "~0").replace('/', "~1")),
                    Wrong::UnknownField,
                );
                continue;
            };
            match Ways::deserialize_from_value(member.into_value(), at.push_key(kind.word())) {
                Ok(ways) => {
                    chosen.insert(kind, ways);
                }
                Err(wrong) => invalid.0.extend(wrong.0),
            }
        }
        invalid.none().map(|()| Self(chosen))
    }
}

impl JsonSchema for Chosen {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "NotificationWays".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let ways = generator.subschema_for::<Ways>();
        let types: serde_json::Map<String, serde_json::Value> =
            Type::ALL.iter().map(|kind| (kind.word().to_owned(), ways.clone().to_value())).collect();
        json_schema!({"type": "object", "properties": types, "additionalProperties": false})
    }
}

/// What somebody wants of notifications.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Preferences {
    /// By which ways.
    #[serde(default)]
    pub types: Chosen,
    /// When not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<Quiet>,
    /// In which language they are mailed.
    #[serde(default)]
    pub language: Lang,
}

impl Preferences {
    /// By which ways somebody is told of a type.
    #[must_use]
    pub fn ways(&self, kind: Type) -> Ways {
        self.types.0.get(&kind).copied().unwrap_or_default()
    }

    /// Whether somebody is disturbed by a type at a moment.
    #[must_use]
    pub fn pushes(&self, kind: Type, now: Time) -> bool {
        self.ways(kind).push && !self.is_quiet(now)
    }

    /// Whether somebody is mailed a type at a moment.
    #[must_use]
    pub fn mails(&self, kind: Type, now: Time) -> bool {
        self.ways(kind).email && !self.is_quiet(now)
    }

    fn is_quiet(&self, now: Time) -> bool {
        self.quiet_hours.is_some_and(|quiet| quiet.at(now))
    }
}

/// Somebody's preferences, and up to which moment they have read everything.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// What they want.
    #[serde(default)]
    pub preferences: Preferences,
    /// One more with each edit of the preferences; 0 before the first.
    #[serde(default)]
    pub version: u64,
    /// Up to which moment they have read everything. It only rises.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_until: Option<Time>,
}

impl Settings {
    /// A notification of something that happens once; nothing for somebody who wants none.
    #[must_use]
    pub fn told(&self, id: NotificationId, account: AccountId, notice: Notice, at: Time) -> Option<Notification> {
        let ways = self.preferences.ways(notice.kind());
        let at = self.after_what_was_read(at);
        ways.any().then(|| Notification {
            id,
            account,
            notice,
            read: false,
            created_at: at,
            updated_at: at,
            hidden: !ways.in_app,
            gathered: Gathered::default(),
            revision: 1,
        })
    }

    /// A notification after one more message; nothing when it was known, or for somebody who wants none.
    #[must_use]
    pub fn gathered(
        &self,
        known: Option<&Known>,
        id: NotificationId,
        account: AccountId,
        notice: Notice,
        at: Time,
    ) -> Option<Notification> {
        let seq = notice.said()?.preview.seq;
        let before = match known {
            Some(Known::There(before)) if !before.is_read(self.read_until) => Some(&**before),
            _ => None,
        };
        let base = match known {
            Some(Known::There(read)) if before.is_none() => read.gathered.read(),
            Some(Known::There(unread)) => unread.gathered.clone(),
            Some(Known::Deleted { gathered, .. }) => gathered.read(),
            None => Gathered::default(),
        };
        let gathered = base.with(seq)?;
        let mut after = self.told(id, account, notice, at)?;
        if let Some(before) = before {
            after.created_at = before.created_at.min(after.created_at);
            // One that comes late is counted, and neither shown nor moved to the top for.
            if seq < base.last() {
                after.notice = before.notice.clone();
                after.updated_at = before.updated_at;
            } else {
                after.updated_at = after.updated_at.max(before.updated_at);
            }
        }
        if let Some(said) = after.notice.said_mut() {
            said.count = gathered.count();
        }
        after.gathered = gathered;
        after.revision = known.map_or(0, Known::revision) + 1;
        Some(after)
    }

    /// What is told late, and happened before everything was read, comes after that: nobody has seen it.
    fn after_what_was_read(&self, at: Time) -> Time {
        self.read_until.map_or(at, |until| at.max(until.plus(1)))
    }
}

#[cfg(test)]
mod tests;
