//! Somebody doing something in a room, by a request or by a frame.

use domain::{
    id::{ConnectionId, RoomId},
    room::{Member, Room},
    time::Time,
};
use edge::{Call, Caller, Env, Fault, Frame, Setting};
use live::{Live, Weight};
use serde_json::{Value, json};
use store::{Log, Rooms, Table};

/// Who does something, when, and by which connection.
#[derive(Clone, Copy)]
pub(crate) struct Doing<'a> {
    pub(crate) env: &'a Env,
    pub(crate) caller: &'a Caller,
    pub(crate) now: Time,
    pub(crate) by: Option<&'a ConnectionId>,
}

impl<'a> Doing<'a> {
    pub(crate) fn call(call: &'a Call<'a>) -> Result<Self, Fault> {
        Ok(Self { env: call.env, caller: call.caller()?, now: call.now, by: None })
    }

    pub(crate) fn frame(frame: &'a Frame<'a>) -> Result<Self, Fault> {
        let connection = frame.connection()?;
        Ok(Self { env: frame.env, caller: &connection.caller, now: frame.now, by: Some(&connection.id) })
    }

    pub(crate) fn table(&self) -> Result<&'a Table, Fault> {
        self.env.table()
    }

    pub(crate) fn rooms(&self) -> Result<Rooms<'a>, Fault> {
        self.table().map(Rooms)
    }

    pub(crate) fn log(&self) -> Result<Log<'a>, Fault> {
        self.table().map(Log)
    }

    pub(crate) fn live(&self) -> Live<'a> {
        Live { env: self.env, now: self.now }
    }

    pub(crate) fn media_url(&self) -> Result<&'a str, Fault> {
        self.env.settings.get(Setting::MediaUrl)
    }

    /// A room that the caller is in, and their part in it.
    pub(crate) async fn part(&self, room: &RoomId) -> Result<(Room, Member), Fault> {
        let (found, member) = self.rooms()?.with_member(room, &self.caller.id).await?;
        self.admitted(found, member).await
    }

    /// What was found of a room, if the caller is in it.
    pub(crate) async fn admitted(&self, room: Option<Room>, member: Option<Member>) -> Result<(Room, Member), Fault> {
        edge::admitted(self.rooms()?, &self.caller.id, room, member).await
    }

    /// Tells whoever has the room open of a message, but for the connection that it came by. What was done is done: that
    /// somebody could not be told is for the log.
    pub(crate) async fn tell(&self, kind: &str, message: &domain::message::Message) {
        if let Err(fault) = self.live().tell_of(kind, message, self.by).await {
            self.untold(&message.room, &fault);
        }
    }

    /// Tells whoever has the room open, but for this connection.
    pub(crate) async fn tell_room(&self, room: &RoomId, frame: &Value, weight: Weight) {
        if let Err(fault) = self.live().tell_room(room, frame, weight, self.by).await {
            self.untold(room, &fault);
        }
    }

    pub(crate) fn untold(&self, room: &RoomId, fault: &Fault) {
        (self.env.log)(&json!({"untold": room, "fault": format!("{fault:?}")}).to_string());
    }
}
