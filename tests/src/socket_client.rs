//! A client of the WebSocket API: it opens, asks, listens, and tells how it was hung up on.

use std::{collections::VecDeque, time::Duration};

use domain::id::ConnectionId;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::{HeaderName, HeaderValue, Response},
        protocol::frame::{
            Frame,
            coding::{Data, OpCode},
        },
    },
};

use crate::{Person, World, frames};

/// Far longer than anything takes here: a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a connection is asked for.
pub struct Opening<'a> {
    world: &'a World,
    query: String,
    headers: Vec<(&'static str, String)>,
}

/// A connection that is open.
pub struct Client<'a> {
    world: &'a World,
    /// What the gateway calls it.
    pub id: String,
    /// The protocol the gateway chose.
    pub protocol: Option<String>,
    line: WebSocketStream<MaybeTlsStream<TcpStream>>,
    heard: VecDeque<Value>,
}

impl World {
    /// A connection to be asked for.
    pub fn opening(&self) -> Opening<'_> {
        Opening { world: self, query: String::new(), headers: vec![] }
    }

    /// Opens a connection as a browser does; on a deployment by the query, since the emulator echoes no protocol.
    pub async fn connect(&self, person: &Person) -> Client<'_> {
        if self.is_deployed() {
            return self.opening().query(&format!("token={}", person.token)).open().await;
        }
        self.opening().protocols(&format!("madang.v1, {}", person.token)).open().await
    }

    /// What is to go wrong with a connection: `{"posts": "limit"}`.
    pub async fn spoil(&self, connection: &str, faults: Value) {
        self.post(&format!("/_local/sockets/{connection}"), faults).expect(204).await;
    }
}

impl<'a> Opening<'a> {
    /// With a query.
    #[must_use]
    pub fn query(self, query: &str) -> Self {
        Self { query: format!("?{query}"), ..self }
    }

    /// Offering protocols.
    #[must_use]
    pub fn protocols(self, protocols: &str) -> Self {
        self.header("sec-websocket-protocol", protocols)
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    async fn tried(&self) -> Result<(WebSocketStream<MaybeTlsStream<TcpStream>>, Response<Option<Vec<u8>>>), Error> {
        let url = format!("{}{}", self.world.socket_url(), self.query);
        let mut request = url.into_client_request()?;
        for (name, value) in &self.headers {
            let value = HeaderValue::from_str(value).expect("a header's value");
            request.headers_mut().append(HeaderName::from_static(name), value);
        }
        tokio::time::timeout(PATIENCE, connect_async(request)).await.expect("the gateway answers")
    }

    /// Opens it.
    pub async fn open(self) -> Client<'a> {
        let before = self.world.sockets().await;
        let (line, response) = self.tried().await.expect("it opens");
        let protocol = response.headers().get("sec-websocket-protocol").and_then(|value| value.to_str().ok());
        let protocol = protocol.map(str::to_owned);
        // The gateway does not tell a client its own name.
        let known: Vec<&Value> = before.iter().map(|socket| &socket["connectionId"]).collect();
        let now = self.world.sockets().await;
        let own = now.iter().find(|socket| !known.contains(&&socket["connectionId"])).expect("an open connection");
        let id = own["connectionId"].as_str().unwrap_or_default().to_owned();
        Client { world: self.world, id, protocol, line, heard: VecDeque::new() }
    }

    /// Asks for it and wants to be refused with this status; what the gateway said.
    pub async fn refused(self, status: u16) -> Value {
        match self.tried().await {
            Ok(_) => panic!("it opened"),
            Err(Error::Http(response)) => {
                assert_eq!(response.status().as_u16(), status);
                let body = response.body().clone().unwrap_or_default();
                serde_json::from_slice(&body).unwrap_or(Value::Null)
            }
            Err(other) => panic!("{other}"),
        }
    }
}

impl Client<'_> {
    /// Its identifier, as functions have it.
    pub fn connection_id(&self) -> ConnectionId {
        ConnectionId::parse(&self.id).expect("a well-formed identifier")
    }

    /// Sends a text as it is.
    pub async fn send_text(&mut self, text: &str) {
        self.line.send(Message::text(text)).await.expect("it is sent");
    }

    /// Sends bytes.
    pub async fn send_bytes(&mut self, bytes: Vec<u8>) {
        self.line.send(Message::binary(bytes)).await.expect("it is sent");
    }

    /// Sends a text in frames of so many bytes, as far as the gateway takes them.
    pub async fn send_in_frames(&mut self, text: &str, size: usize) {
        let mut pieces = text.as_bytes().chunks(size).peekable();
        let mut first = true;
        while let Some(piece) = pieces.next() {
            let code = OpCode::Data(if first { Data::Text } else { Data::Continue });
            first = false;
            let frame = Frame::message(piece.to_vec(), code, pieces.peek().is_none());
            if self.line.send(Message::Frame(frame)).await.is_err() {
                return;
            }
        }
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string()).await;
    }

    async fn read(&mut self) -> Option<Result<Message, Error>> {
        tokio::time::timeout(PATIENCE, self.line.next()).await.expect("something comes")
    }

    /// The next text, as it is.
    pub async fn next_text(&mut self) -> String {
        loop {
            match self.read().await {
                Some(Ok(Message::Text(text))) => return text.as_str().to_owned(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("no frame but {other:?}"),
            }
        }
    }

    /// The next frame, which AsyncAPI describes.
    pub async fn next(&mut self) -> Value {
        match self.heard.pop_front() {
            Some(frame) => frame,
            None => {
                let frame = self.next_posted().await;
                frames::check(&frame);
                frame
            }
        }
    }

    /// The next frame, one that a test made up and posted itself.
    pub async fn next_posted(&mut self) -> Value {
        serde_json::from_str(&self.next_text().await).expect("frames are JSON")
    }

    /// Sends a frame with an action and a `ref`, and gives what is answered to it; what else comes is kept.
    pub async fn ask(&mut self, action: &str, reference: &str, mut fields: Value) -> Value {
        fields["action"] = action.into();
        fields["ref"] = reference.into();
        self.send(fields).await;
        let mut others = VecDeque::new();
        let answer = loop {
            let frame = self.next().await;
            if frame["ref"] == reference {
                break frame;
            }
            others.push_back(frame);
        };
        others.append(&mut self.heard);
        self.heard = others;
        frames::check_answer(action, &answer);
        if answer["type"] == "error" {
            // The row says what it can answer; its line in the log comes after its answer.
            self.world.settle().await;
            self.world.check_declared(&answer["problem"]);
        }
        answer
    }

    /// The next frame of this type, out of a batch too; what comes before it is dropped.
    pub async fn told(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return frame;
            }
            if let Some(frames) = frame["frames"].as_array().filter(|_| frame["type"] == "batch") {
                for frame in frames.iter().rev() {
                    self.heard.push_front(frame.clone());
                }
            }
        }
    }

    /// What was heard and not looked at yet.
    pub fn heard(&self) -> &VecDeque<Value> {
        &self.heard
    }

    /// Sends a frame and wants this problem.
    pub async fn refused(&mut self, action: &str, fields: Value, code: &str) -> Value {
        let answer = self.ask(action, "refused", fields).await;
        assert_eq!((&answer["type"], &answer["problem"]["code"]), (&json!("error"), &json!(code)), "{answer}");
        answer["problem"].clone()
    }

    /// Pings and wants a pong: the connection is alive, and what was sent to it before has come.
    pub async fn is_alive(&mut self) {
        let answer = self.ask("ping", "alive", json!({})).await;
        assert_eq!(answer["type"], "pong", "{answer}");
    }

    /// Reads to the end: the code and reason of the close frame, or nothing when the line was cut.
    pub async fn closed(&mut self) -> Option<(u16, String)> {
        loop {
            match self.read().await {
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Some((frame.code.into(), frame.reason.as_str().to_owned()));
                }
                Some(Ok(Message::Close(None))) => return Some((1005, String::new())),
                Some(Ok(_)) => {}
                None | Some(Err(_)) => return None,
            }
        }
    }

    /// Hangs up and waits for the gateway's answer and what follows.
    pub async fn close(mut self) {
        let _ = self.line.close(None).await;
        self.closed().await;
        self.world.settle().await;
    }
}
