//! What each event file is answered, recorded beside it: `feed.reply.json` for `feed.json`. With it, what the call took of
//! the table.
//!
//! What differs from run to run (tokens, identifiers just made, signatures) is recorded by its kind, `[ulid]`, and held
//! against that kind when compared. The cloud's address is recorded as that of `make run`.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::{
    cloud::{Cloud, Options},
    invoke::{event_in, function_of},
};

/// What the name of a recorded reply ends in.
pub const ENDING: &str = ".reply.json";
/// The address in recorded replies.
const HOME: &str = "http://127.0.0.1:3000";

/// A kind of value that is another one in each run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ulid,
    Uuid,
    Jwt,
    Secret,
    Etag,
    Sha256,
    AmzDate,
    AmzCredential,
}

impl Kind {
    const ALL: [Self; 8] =
        [Self::Ulid, Self::Uuid, Self::Jwt, Self::Secret, Self::Etag, Self::Sha256, Self::AmzDate, Self::AmzCredential];

    const fn word(self) -> &'static str {
        match self {
            Self::Ulid => "[ulid]",
            Self::Uuid => "[uuid]",
            Self::Jwt => "[jwt]",
            Self::Secret => "[secret]",
            Self::Etag => "[etag]",
            Self::Sha256 => "[sha256]",
            Self::AmzDate => "[amz-date]",
            Self::AmzCredential => "[amz-credential]",
        }
    }

    /// How many bytes at the beginning of a text are one of this kind.
    fn length(self, text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        let run = |fits: fn(u8) -> bool| bytes.iter().take_while(|byte| fits(**byte)).count();
        let word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let shaped = |shape: &str| {
            let fits = |(byte, form): (&u8, u8)| match form {
                b'x' => hex(*byte),
                b'9' => byte.is_ascii_digit(),
                other => *byte == other,
            };
            (bytes.len() >= shape.len() && bytes.iter().zip(shape.bytes()).all(fits)).then_some(shape.len())
        };
        match self {
            Self::Ulid => {
                let crockford =
                    |byte: u8| byte.is_ascii_digit() || (byte.is_ascii_uppercase() && !b"ILOU".contains(&byte));
                (run(crockford) >= 26).then_some(26)
            }
            Self::Uuid => shaped("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"),
            Self::Jwt => {
                let length = run(word);
                (length > 100 && text[..length].matches('.').count() == 2).then_some(length)
            }
            Self::Secret => Some(run(word)).filter(|length| *length >= 20),
            Self::Etag => shaped("\"xxxxxxxxxxxxxxxxxxxxxxxx\""),
            Self::Sha256 => shaped(&"x".repeat(64)),
            Self::AmzDate => shaped("99999999T999999Z"),
            Self::AmzCredential => {
                let length = run(|byte| byte.is_ascii_alphanumeric() || b"-_.%/".contains(&byte));
                text[..length].ends_with("aws4_request").then_some(length)
            }
        }
    }
}

/// Members whose value is another one in each run, wherever they stand.
const MEMBERS: [(&str, Kind); 4] =
    [("accessToken", Kind::Jwt), ("etag", Kind::Etag), ("idToken", Kind::Jwt), ("refreshToken", Kind::Secret)];

/// What a function makes anew: a member of its reply, and what stands in front of the new value there.
const MADE: [(&str, &str, &str, Kind); 18] = [
    ("accounts.sign_up", "accountId", "", Kind::Uuid),
    ("accounts.sign_up", "location", "/accounts/", Kind::Uuid),
    ("deals.propose", "id", "dea_", Kind::Ulid),
    ("deals.propose", "location", "dea_", Kind::Ulid),
    ("deals.propose", "roomId", "room_", Kind::Ulid),
    ("errands.create", "id", "err_", Kind::Ulid),
    ("errands.create", "location", "err_", Kind::Ulid),
    ("errands.quote", "deal", "dea_", Kind::Ulid),
    ("listings.create", "id", "lst_", Kind::Ulid),
    ("listings.create", "location", "lst_", Kind::Ulid),
    ("media.create", "id", "med_", Kind::Ulid),
    ("media.create", "location", "med_", Kind::Ulid),
    ("media.create", "url", "med_", Kind::Ulid),
    ("media.create", "key", "med_", Kind::Ulid),
    ("rooms.direct", "id", "room_", Kind::Ulid),
    ("rooms.inquire", "id", "room_", Kind::Ulid),
    ("trust.feedback_create", "id", "fbk_", Kind::Ulid),
    ("trust.report_create", "id", "rpt_", Kind::Ulid),
];

/// Parameters of addresses and cookies that are others in each run.
const PARAMETERS: [(&str, Kind); 7] = [
    ("X-Amz-Credential", Kind::AmzCredential),
    ("X-Amz-Date", Kind::AmzDate),
    ("X-Amz-Signature", Kind::Sha256),
    ("code_challenge", Kind::Secret),
    ("hostedSignIn", Kind::Secret),
    ("refreshToken", Kind::Secret),
    ("state", Kind::Secret),
];

/// Where the reply to an event file is recorded.
#[must_use]
pub fn file_of(event: &Path) -> PathBuf {
    let name = event.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    event.with_file_name(format!("{name}{ENDING}"))
}

/// Invokes the function of an event file on a cloud of its own: the reply, and what it took of the table.
///
/// # Errors
/// A sentence: no such file or function, what the function failed with, or that its reply is no success.
pub async fn replayed(file: &Path) -> Result<Value, String> {
    let file = file.to_owned();
    // On one thread, as a function on Lambda is: with several, an answer may be there before the second of two calls that
    // are made together has begun, and they would be counted as two round trips.
    let replay = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(|error| error.to_string())?.block_on(replay(&file))
    };
    tokio::task::spawn_blocking(replay).await.map_err(|error| error.to_string())?
}

async fn replay(file: &Path) -> Result<Value, String> {
    let function = function_of(file).ok_or_else(|| format!("{}: for which function?", file.display()))?;
    let event = event_in(file)?;
    let cloud = Cloud::start(Options::demo()).await?;
    let outcome = cloud.invoke_and_read_log(&function, event).await;
    let replayed = outcome.map(|(reply, line)| {
        let took = |name: &str| line.as_ref().map_or(Value::Null, |line| line[name].clone());
        json!({
            "function": function,
            "reply": shown(&reply, cloud.url()),
            "took": {
                "roundTrips": took("roundTrips"), "calls": took("calls"),
                "readUnits": took("readUnits"), "writeUnits": took("writeUnits"),
            },
        })
    });
    cloud.stop().await;
    let replayed = replayed.map_err(|said| format!("{}: {said}", file.display()))?;
    match replayed["reply"]["statusCode"].as_u64() {
        Some(status) if !(200..400).contains(&status) => {
            Err(format!("{}: answers {status} {}", file.display(), replayed["reply"]["body"]))
        }
        // What answers no request has no status, and no error is its success.
        _ => Ok(replayed),
    }
}

/// The recorded reply to an event file.
///
/// # Errors
/// A sentence: there is none, or it is not JSON.
pub fn read(event: &Path) -> Result<Value, String> {
    event_in(&file_of(event))
}

/// A reply as it is recorded, but for what differs from run to run: bodies unpacked, this cloud's address replaced.
#[must_use]
pub fn shown(reply: &Value, base_url: &str) -> Value {
    let mut reply = rehomed(reply, base_url);
    if reply.get("statusCode").is_some()
        && let Some(body) = reply["body"].as_str().and_then(|body| serde_json::from_str::<Value>(body).ok())
    {
        reply["body"] = body;
    }
    reply
}

fn rehomed(value: &Value, base_url: &str) -> Value {
    let encoded = |url: &str| url.replace(':', "%3A").replace('/', "%2F");
    match value {
        Value::String(text) => text.replace(base_url, HOME).replace(&encoded(base_url), &encoded(HOME)).into(),
        Value::Array(all) => all.iter().map(|one| rehomed(one, base_url)).collect(),
        Value::Object(all) => {
            all.iter().map(|(name, one)| (name.clone(), rehomed(one, base_url))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// What is recorded of a call: kinds in the place of what differs from run to run.
#[must_use]
pub fn redacted(replayed: &Value) -> Value {
    let function = replayed["function"].as_str().unwrap_or_default();
    let mut recorded = replayed.clone();
    recorded["reply"] = by_kind(function, "", &replayed["reply"]);
    recorded
}

fn by_kind(function: &str, name: &str, value: &Value) -> Value {
    match value {
        Value::String(text) => text_by_kind(function, name, text).into(),
        Value::Array(all) => all.iter().map(|one| by_kind(function, name, one)).collect(),
        Value::Object(all) => {
            let members = all.iter().map(|(name, one)| (name.clone(), by_kind(function, name, one)));
            members.collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

fn text_by_kind(function: &str, name: &str, text: &str) -> String {
    let whole = MEMBERS.iter().find(|(member, kind)| *member == name && kind.length(text) == Some(text.len()));
    if let Some((_, kind)) = whole {
        return kind.word().to_owned();
    }
    let mut said = text.to_owned();
    let mut replace = |from: usize, kind: Kind| {
        if let Some(length) = said.get(from..).and_then(|rest| kind.length(rest)) {
            said.replace_range(from..from + length, kind.word());
        }
    };
    for (_, _, before, kind) in MADE.iter().filter(|(maker, member, ..)| *maker == function && *member == name) {
        if let Some(at) = text.find(before) {
            replace(at + before.len(), *kind);
        }
    }
    for (parameter, kind) in PARAMETERS {
        let wanted = format!("{parameter}=");
        let begins = |at: &usize| said[..*at].chars().next_back().is_none_or(|before| "?&; ".contains(before));
        if let Some(at) = said.match_indices(&wanted).map(|(at, _)| at).find(begins) {
            let from = at + wanted.len();
            if let Some(length) = kind.length(&said[from..]) {
                said.replace_range(from..from + length, kind.word());
            }
        }
    }
    said
}

/// What of a reply is not as recorded, one sentence each; empty when all is.
#[must_use]
pub fn differences(recorded: &Value, actual: &Value) -> Vec<String> {
    let mut found = vec![];
    compare("", recorded, actual, &mut found);
    found
}

fn compare(at: &str, recorded: &Value, actual: &Value, found: &mut Vec<String>) {
    match (recorded, actual) {
        (Value::Object(wanted), Value::Object(there)) => {
            for (name, wanted) in wanted {
                match there.get(name) {
                    Some(there) => compare(&format!("{at}/{name}"), wanted, there, found),
                    None => found.push(format!("{at}/{name} is missing")),
                }
            }
            let more = there.keys().filter(|name| !wanted.contains_key(*name));
            found.extend(more.map(|name| format!("{at}/{name} is there and was not recorded")));
        }
        (Value::Array(wanted), Value::Array(there)) if wanted.len() == there.len() => {
            for (index, (wanted, there)) in wanted.iter().zip(there).enumerate() {
                compare(&format!("{at}/{index}"), wanted, there, found);
            }
        }
        (Value::String(wanted), Value::String(there)) if fits(wanted, there) => {}
        (Value::Number(wanted), Value::Number(there)) if wanted.as_f64() == there.as_f64() => {}
        _ if recorded == actual => {}
        _ => found.push(format!("{at} was recorded as {recorded} and is {actual}")),
    }
}

/// Whether a text is the recorded one, with something of the right kind in the place of each kind.
fn fits(recorded: &str, actual: &str) -> bool {
    let first = Kind::ALL.iter().filter_map(|kind| recorded.find(kind.word()).map(|at| (at, kind))).min_by_key(|x| x.0);
    let Some((at, kind)) = first else { return recorded == actual };
    let Some(rest) = actual.strip_prefix(&recorded[..at]) else { return false };
    kind.length(rest).is_some_and(|length| fits(&recorded[at + kind.word().len()..], &rest[length..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_recorded_by_kind_and_must_be_of_that_kind() {
        let reply = json!({"function": "listings.create", "reply": {
            "headers": {"location": "/listings/lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AB", "etag": "\"0123456789abcdef01234567\""},
            "cookies": ["refreshToken=abcdefghijklmnopqrstuvwxyz; Path=/auth", "refreshToken=; Path=/auth"],
        }});
        let recorded = redacted(&reply);
        assert_eq!(
            recorded["reply"],
            json!({
                "headers": {"location": "/listings/lst_[ulid]", "etag": "[etag]"},
                "cookies": ["refreshToken=[secret]; Path=/auth", "refreshToken=; Path=/auth"],
            })
        );
        assert_eq!(differences(&recorded, &reply), [""; 0]);
        let mut other = reply.clone();
        other["reply"]["headers"]["location"] = "/listings/lst_none".into();
        other["reply"]["cookies"][1] = "refreshToken=abcdefghijklmnopqrstuvwxyz; Path=/auth".into();
        assert_eq!(differences(&recorded, &other).len(), 2);
    }

    #[test]
    fn another_port_is_no_difference() {
        let reply = json!({"statusCode": 302, "headers": {
            "location": "http://127.0.0.1:4711/a?back=http%3A%2F%2F127.0.0.1%3A4711%2Fb",
        }});
        let shown = shown(&reply, "http://127.0.0.1:4711");
        assert_eq!(shown["headers"]["location"], "http://127.0.0.1:3000/a?back=http%3A%2F%2F127.0.0.1%3A3000%2Fb");
    }
}
