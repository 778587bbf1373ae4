//! As much of HTTP/1.1 as two programs on one machine need, so that nothing of a larger client is measured along.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use crate::Outcome;

/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// A connection with what was read ahead of it.
pub(crate) struct Connection(BufReader<TcpStream>);

/// A request or a reply: its first line, and its body.
pub(crate) struct Message {
    pub(crate) first: String,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// The status of a reply.
    pub(crate) fn status(&self) -> u16 {
        self.first.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
    }
}

impl Connection {
    pub(crate) fn to(address: &str) -> Outcome<Self> {
        Self::of(TcpStream::connect(address)?)
    }

    pub(crate) fn of(stream: TcpStream) -> Outcome<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a request and reads its reply.
    pub(crate) fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Outcome<Message> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n");
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
        self.send(request.as_bytes())?;
        self.read()?.ok_or_else(|| "the other end hung up".into())
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> Outcome<()> {
        Ok(self.0.get_mut().write_all(bytes)?)
    }

    /// The next message; `None` when the other end closed.
    pub(crate) fn read(&mut self) -> Outcome<Option<Message>> {
        let mut first = String::new();
        if self.0.read_line(&mut first)? == 0 {
            return Ok(None);
        }
        let (mut length, mut chunked) = (0, false);
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line)? == 0 {
                return Ok(None);
            }
            let line = line.trim_end().to_ascii_lowercase();
            match line.split_once(':') {
                None => break,
                Some(("content-length", value)) => length = value.trim().parse()?,
                Some(("transfer-encoding", value)) => chunked = value.contains("chunked"),
                Some(("expect", _)) => self.send(b"HTTP/1.1 100 Continue\r\n\r\n")?,
                Some(_) => {}
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        while chunked {
            let mut size = String::new();
            self.0.read_line(&mut size)?;
            let size = usize::from_str_radix(size.trim().split(';').next().unwrap_or_default(), 16)?;
            let mut chunk = vec![0; size + 2];
            self.0.read_exact(&mut chunk)?;
            body.extend(chunk.iter().take(size));
            chunked = size > 0;
        }
        Ok(Some(Message { first: first.trim_end().to_owned(), body }))
    }
}
