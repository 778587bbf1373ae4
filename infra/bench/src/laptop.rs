//! A laptop cloud as a process of its own, its log lines kept.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError, mpsc::channel},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{Outcome, http::Connection};

/// The table's name on a laptop.
pub(crate) const TABLE: &str = "madang-local";
/// Who owns most of the demo listings.
pub(crate) const OWNER: &str = "6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506";

/// A running laptop cloud; dropping it ends it.
pub(crate) struct Laptop {
    child: Child,
    /// `127.0.0.1:3000`.
    pub(crate) address: String,
    /// From exec to being seeded and saying so.
    pub(crate) ready: Duration,
    log: Arc<Mutex<Vec<Value>>>,
}

impl Laptop {
    /// Starts one, in memory or with a state folder, and waits until it answers.
    pub(crate) fn start(local: &Path, state: Option<&Path>, arguments: &[&str]) -> Outcome<Self> {
        let port = free_port()?;
        let mut command = Command::new(local);
        command.args(["--port", &port.to_string()]).args(arguments).stdout(Stdio::piped());
        match state {
            Some(folder) => command.arg("--state").arg(folder),
            None => command.arg("--memory"),
        };
        let started = Instant::now();
        let mut child = command.spawn()?;
        let (log, (tell, told)) = (Arc::new(Mutex::new(vec![])), channel());
        let (lines, kept) = (child.stdout.take(), Arc::clone(&log));
        std::thread::spawn(move || {
            for line in lines.into_iter().flat_map(|out| BufReader::new(out).lines()).map_while(Result::ok) {
                // Said when it is seeded; it listens a little earlier.
                if line == "Madang runs." {
                    let _ = tell.send(started.elapsed());
                }
                if let Ok(line @ Value::Object(_)) = serde_json::from_str(&line) {
                    kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                }
            }
        });
        let mut laptop = Self { child, address: format!("127.0.0.1:{port}"), ready: Duration::ZERO, log };
        laptop.ready = told.recv_timeout(Duration::from_secs(120))?;
        let first = laptop.connect()?.ask("GET", "/listings", &[], "")?;
        if first.status() == 200 { Ok(laptop) } else { Err(format!("the laptop cloud says {}", first.first).into()) }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn connect(&self) -> Outcome<Connection> {
        Connection::to(&self.address)
    }

    /// Waits until all that follows from what was done is done.
    pub(crate) fn settle(&self) -> Outcome<()> {
        self.connect()?.ask("POST", "/_local/settle", &[], "").map(|_| ())
    }

    /// Takes the log lines of a function that have come so far.
    pub(crate) fn lines(&self, route: &str) -> Vec<Value> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let (wanted, rest) = std::mem::take(&mut *log).into_iter().partition(|line| line["route"] == route);
        *log = rest;
        wanted
    }

    /// The access token of the first demo person.
    pub(crate) fn token(&self) -> Outcome<String> {
        let body = json!({"email": "minji@example.com", "password": "madang-2026!"}).to_string();
        let reply = self.connect()?.ask("POST", "/auth/session", &[("content-type", "application/json")], &body)?;
        let reply: Value = serde_json::from_slice(&reply.body)?;
        Ok(reply["accessToken"].as_str().ok_or_else(|| format!("no token: {reply}"))?.to_owned())
    }

    /// Ends it as Ctrl-C does, so that its state is on disk.
    pub(crate) fn stop(mut self) -> Outcome<()> {
        Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Laptop {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> Outcome<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Waits where there is nothing to be told by.
#[expect(clippy::disallowed_methods, reason = "another process is waited for, from a thread of its own")]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}
