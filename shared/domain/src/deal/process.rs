//! What a process is made of.

use deserr::Deserr;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{input::Invalid, manner::PenaltyCause};

/// Where a deal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DealState")]
pub enum State {
    /// The guest has asked, offered or quoted.
    Proposed,
    /// The host has agreed.
    Agreed,
    /// The host says that things have changed hands; the guest has not said so yet.
    HostConfirmed,
    /// The guest says that things have changed hands; the host has not said so yet.
    GuestConfirmed,
    /// The borrower has it.
    Running,
    /// The borrower has it, and should not any more.
    Late,
    /// The borrower says that it is back.
    Returned,
    /// An administrator decides on what is held.
    Disputed,
    /// Ended as agreed.
    Done,
    /// The host said no.
    Declined,
    /// The guest took it back.
    Withdrawn,
    /// Time ran out, or what it was about is gone.
    Lapsed,
    /// Somebody else's came first.
    Overtaken,
    /// Somebody broke off what was agreed.
    Broken,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Proposed,
        Self::Agreed,
        Self::HostConfirmed,
        Self::GuestConfirmed,
        Self::Running,
        Self::Late,
        Self::Returned,
        Self::Disputed,
        Self::Done,
        Self::Declined,
        Self::Withdrawn,
        Self::Lapsed,
        Self::Overtaken,
        Self::Broken,
    ];

    /// Whether nothing happens any more.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Declined | Self::Withdrawn | Self::Lapsed | Self::Overtaken | Self::Broken)
    }

    /// Whether both sides have a word to keep.
    #[must_use]
    pub fn is_bound(self) -> bool {
        !self.is_over() && self != Self::Proposed
    }

    /// The phase under which lists find it (rows D22, D25).
    #[must_use]
    pub fn phase(self) -> Phase {
        match self {
            Self::Proposed => Phase::Proposed,
            Self::Done => Phase::Done,
            Self::Declined | Self::Withdrawn | Self::Lapsed | Self::Overtaken | Self::Broken => Phase::Failed,
            _ => Phase::Ongoing,
        }
    }

    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Agreed => "agreed",
            Self::HostConfirmed => "hostConfirmed",
            Self::GuestConfirmed => "guestConfirmed",
            Self::Running => "running",
            Self::Late => "late",
            Self::Returned => "returned",
            Self::Disputed => "disputed",
            Self::Done => "done",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
            Self::Overtaken => "overtaken",
            Self::Broken => "broken",
        }
    }
}

/// What a list of deals is narrowed to (rows D22, D25, P18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "DealPhase")]
#[deserr(error = Invalid, rename_all = lowercase)]
pub enum Phase {
    /// Waiting for an answer.
    Proposed,
    /// Agreed, and not over.
    Ongoing,
    /// Ended as agreed.
    Done,
    /// Ended otherwise.
    Failed,
}

impl Phase {
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Ongoing => "ongoing",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// What somebody does to a deal, or time, or Madang.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DealStep")]
#[deserr(error = Invalid, rename_all = camelCase)]
pub enum Action {
    /// The guest asks, offers or quotes.
    Propose,
    /// The guest takes it back.
    Withdraw,
    /// The host says no.
    Decline,
    /// The host says yes.
    Accept,
    /// A side says that things have changed hands.
    Confirm,
    /// The lender hands over.
    HandOver,
    /// The borrower brings back.
    Return,
    /// The lender has it back and is content.
    End,
    /// The borrower asks for more time.
    AskExtension,
    /// The lender gives more time.
    AllowExtension,
    /// The lender gives no more time.
    RefuseExtension,
    /// The host says that the errand is done.
    Complete,
    /// Somebody breaks off what was agreed.
    Break,
    /// Whoever should have got something asks an administrator to decide on what is held.
    Dispute,
    /// An administrator gives what is held to whoever earns it.
    Award,
    /// An administrator gives what is held back to whoever paid it.
    Refund,
    /// The day before it begins.
    Remind,
    /// Time has come.
    Overdue,
    /// Time has run out, or what it was about is gone.
    Lapse,
    /// Somebody else's came first.
    Overtake,
    /// Somebody's account is gone.
    Abandon,
}

impl Action {
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Propose => "propose",
            Self::Withdraw => "withdraw",
            Self::Decline => "decline",
            Self::Accept => "accept",
            Self::Confirm => "confirm",
            Self::HandOver => "handOver",
            Self::Return => "return",
            Self::End => "end",
            Self::AskExtension => "askExtension",
            Self::AllowExtension => "allowExtension",
            Self::RefuseExtension => "refuseExtension",
            Self::Complete => "complete",
            Self::Break => "break",
            Self::Dispute => "dispute",
            Self::Award => "award",
            Self::Refund => "refund",
            Self::Remind => "remind",
            Self::Overdue => "overdue",
            Self::Lapse => "lapse",
            Self::Overtake => "overtake",
            Self::Abandon => "abandon",
        }
    }
}

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Actor {
    /// Whose listing or errand it is.
    Host,
    /// Whoever asks, offers or quotes.
    Guest,
    /// Of a rental: whose thing it is. The host, but for what the host seeks.
    Lender,
    /// Of a rental: whoever gets it for a time.
    Borrower,
    /// An administrator.
    Admin,
    /// Nobody: time, or what follows from something else.
    Madang,
}

/// A moment in the life of a deal, with milliseconds to add.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// When a rental starts.
    Start(i64),
    /// When a rental ends.
    End(i64),
    /// When the day of an errand begins.
    Day(i64),
    /// When the day of an errand is over.
    DayOver(i64),
    /// When the deal came to its state.
    Moved(i64),
}

/// What must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// The listing or errand is open.
    Open,
    /// The listing is open, or with somebody.
    There,
    /// Nobody has the thing just now.
    Here,
    /// The listing or errand is gone, or done with.
    Gone,
    /// Nobody else has it at these times.
    Free,
    /// The payer has as many coins as are to be held.
    Covered,
    /// The moment has come.
    NotBefore(Moment),
    /// The moment has not come.
    Before(Moment),
    /// Coins are held.
    Held,
    /// No coins are held.
    NothingHeld,
    /// More time was asked for.
    Asked,
    /// No more time was asked for.
    NotAsked,
    /// Nobody was reminded yet.
    NotReminded,
    /// A reason is given.
    Reasoned,
    /// A later end is named.
    Later,
}

/// Whose deals about the same thing end as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// All that still wait for an answer.
    All,
    /// Those that wait for an answer and want it at the same time.
    Overlapping,
}

/// What follows: together with the transition, but for [`Effect::CloseOthers`], which follows from the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The listing or errand is promised.
    Reserve,
    /// It is to be had again.
    Release,
    /// It is done with.
    Close,
    /// Others' deals about it end.
    CloseOthers(Others),
    /// The times are taken.
    Book,
    /// The times are free again.
    Free,
    /// It is noted that the sides were reminded.
    Remind,
    /// What was asked for is noted.
    Ask,
    /// More time is taken, and paid for.
    Prolong,
    /// What was asked for is forgotten.
    Forget,
    /// Coins are set aside.
    Hold,
    /// What is set aside goes to whoever earns it.
    PayOut,
    /// What is set aside goes back.
    PayBack,
    /// The two get a room.
    OpenRoom,
    /// Their room can only be read from here on.
    CloseRoom,
    /// The room is told.
    Say,
    /// The sides that did not do it are told.
    Notify,
    /// The sides may review each other.
    OpenReviews,
    /// Somebody's manner score suffers.
    Penalise(Actor, PenaltyCause),
}

/// A step that can be taken.
#[derive(Debug, Clone, Copy)]
pub struct Transition {
    /// What is done.
    pub action: Action,
    /// Where the deal stands before.
    pub from: &'static [State],
    /// Where it stands after; `None` where it stays.
    pub to: Option<State>,
    /// Who may.
    pub by: &'static [Actor],
    /// When time does it by itself.
    pub when: Option<Moment>,
    /// What must hold.
    pub guards: &'static [Guard],
    /// What follows.
    pub effects: &'static [Effect],
}

/// What may happen to a kind of deal.
#[derive(Debug, Clone, Copy)]
pub struct Process {
    /// How it begins.
    pub propose: Transition,
    /// Everything else.
    pub transitions: &'static [Transition],
}

impl Process {
    /// Every transition but the first, in order.
    pub fn from(&self, state: State) -> impl Iterator<Item = &'static Transition> {
        self.transitions.iter().filter(move |transition| transition.from.contains(&state))
    }
}

/// A transition that somebody takes; [`Transition::timed`] makes it time's.
pub(crate) const fn step(
    action: Action,
    by: &'static [Actor],
    from: &'static [State],
    to: State,
    guards: &'static [Guard],
    effects: &'static [Effect],
) -> Transition {
    Transition { action, from, to: Some(to), by, when: None, guards, effects }
}

impl Transition {
    pub(crate) const fn at(self, moment: Moment) -> Self {
        Self { when: Some(moment), ..self }
    }

    pub(crate) const fn stays(self) -> Self {
        Self { to: None, ..self }
    }
}
