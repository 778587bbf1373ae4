//! A Runtime API for one process at a time, that notes the moment each request comes in.

use std::{
    net::{SocketAddr, TcpListener},
    sync::mpsc::{Receiver, Sender, channel},
    time::{Duration, Instant},
};

use crate::{
    Outcome,
    http::{Connection, Message},
};

/// How long a program may take to poll or to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request and where its reply goes.
struct Incoming {
    at: Instant,
    message: Message,
    reply: Sender<String>,
}

/// The emulator.
pub(crate) struct RuntimeApi {
    pub(crate) address: SocketAddr,
    incoming: Receiver<Incoming>,
    calls: u64,
}

/// A process that waits for work.
pub(crate) struct Poll {
    pub(crate) at: Instant,
    reply: Sender<String>,
}

impl RuntimeApi {
    pub(crate) fn start() -> Outcome<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let (sender, incoming) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let sender = sender.clone();
                std::thread::spawn(move || {
                    if let Ok(connection) = Connection::of(stream) {
                        let _ = serve(connection, &sender);
                    }
                });
            }
        });
        Ok(Self { address, incoming, calls: 0 })
    }

    /// Waits for the next poll. What an earlier process left unread is passed over.
    pub(crate) fn poll(&self) -> Outcome<Poll> {
        loop {
            let Incoming { at, message, reply } = self.incoming.recv_timeout(PATIENCE)?;
            if message.first.contains("/invocation/next") {
                return Ok(Poll { at, reply });
            }
            if message.first.contains("/init/error") {
                return Err(String::from_utf8_lossy(&message.body).into());
            }
        }
    }

    /// Hands an event over; answers how long the reply took, and the reply.
    pub(crate) fn invoke(&mut self, poll: Poll, event: &str) -> Outcome<(Duration, String)> {
        self.calls += 1;
        let reply = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nlambda-runtime-aws-request-id: bench-{}\r\n\
             lambda-runtime-deadline-ms: 4102444800000\r\nlambda-runtime-invoked-function-arn: \
             arn:aws:lambda:ap-northeast-2:000000000000:function:bench\r\nlambda-runtime-trace-id: Root=1-0-0\r\n\
             content-length: {}\r\n\r\n{event}",
            self.calls,
            event.len()
        );
        let sent = Instant::now();
        poll.reply.send(reply)?;
        let Incoming { at, message, reply } = self.incoming.recv_timeout(PATIENCE)?;
        reply.send("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned())?;
        let body = String::from_utf8_lossy(&message.body).into_owned();
        if message.first.contains("/response") { Ok((at - sent, body)) } else { Err(body.into()) }
    }
}

fn serve(mut connection: Connection, sender: &Sender<Incoming>) -> Outcome<()> {
    while let Some(message) = connection.read()? {
        let at = Instant::now();
        let (reply, answer) = channel();
        sender.send(Incoming { at, message, reply })?;
        connection.send(answer.recv()?.as_bytes())?;
    }
    Ok(())
}
