//! Generators. `cargo xtask` writes what is made from the routes; `cargo xtask check` fails on a file that is stale.
//! `cargo xtask privileges <folder>` compares what functions did in tests with what their rows declare.

mod asyncapi;
mod deals;
mod events;
mod images;
mod openapi;
mod privileges;
mod readme;
mod routes;
mod sample;
mod schemas;
mod template;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::ExitCode,
};

use edge::{Row, Trigger};
use futures::{StreamExt, TryStreamExt};
use local::recorded;

#[tokio::main]
async fn main() -> ExitCode {
    let argument = std::env::args().nth(1).unwrap_or_else(|| "write".to_owned());
    let outcome = match argument.as_str() {
        "write" => write_all().await,
        "check" => generated().await.and_then(|files| check(&files)),
        "privileges" => match std::env::args().nth(2) {
            Some(folder) => rows().and_then(|rows| privileges::check(&rows, Path::new(&folder))),
            None => Err("name the folder: cargo xtask privileges target/calls".to_owned()),
        },
        other => Err(format!("there is no task {other}; there are: write, check, privileges")),
    };
    match outcome {
        Ok(said) => {
            say(&said);
            ExitCode::SUCCESS
        }
        Err(said) => {
            complain(&said);
            ExitCode::FAILURE
        }
    }
}

/// The top of the repository.
fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every row, in the order of their names.
fn rows() -> Result<Vec<&'static Row>, String> {
    let services = local::services();
    let mut rows: Vec<&'static Row> = services.iter().flat_map(|service| service.rows()).collect();
    rows.sort_by_key(|row| row.name);
    for pair in rows.windows(2) {
        if pair[0].name == pair[1].name {
            return Err(format!("two routes are named {}", pair[0].name));
        }
    }
    Ok(rows)
}

/// Every generated file and what belongs in it.
async fn generated() -> Result<BTreeMap<PathBuf, String>, String> {
    let rows = rows()?;
    let (document, definitions) = openapi::document(&rows);
    let mut files = BTreeMap::from([
        (PathBuf::from("docs/asyncapi.json"), pretty(&asyncapi::document(&rows)?)),
        (PathBuf::from("docs/openapi.json"), pretty(&document)),
        (PathBuf::from("infra/terraform/routes.json"), pretty(&routes::document(&rows))),
        (PathBuf::from("docs/table.md"), store::chart().ok_or("a sample of the key chart is not well formed")?),
    ]);
    let by_name = |name: &str| rows.iter().find(|row| row.name == name);
    let images =
        images::gathered(|name, who| by_name(name).and_then(|row| events::call_by(row, who, &definitions))).await?;
    let mut entries = vec![];
    for row in &rows {
        let (context, name) = row.name.split_once('.').ok_or_else(|| format!("{} has no context", row.name))?;
        for sample in events::samples(row, &definitions, &images) {
            let file = format!("{context}/{name}{}", sample.variant);
            files.insert(PathBuf::from(format!("events/{file}.json")), pretty(&sample.event));
            entries.push(readme::Entry {
                file,
                function: row.name,
                trigger: trigger(row.trigger, &sample.event),
                shows: sample.shows,
            });
        }
    }
    files.insert(PathBuf::from("docs/deals.md"), deals::document(&top().join("docs/deals.md"))?);
    files.insert(PathBuf::from("events/README.md"), readme::document(&entries));
    files.insert(PathBuf::from("events/laptop.env"), laptop_env());
    files.insert(PathBuf::from("template.yaml"), template::document(&rows));
    Ok(files)
}

/// What sets a function off, in a few words.
fn trigger(trigger: Trigger, event: &serde_json::Value) -> String {
    match trigger {
        Trigger::Http { method, path } => format!("`{} {path}`", method.word()),
        Trigger::Schedule(expression) => format!("clock, `{expression}`"),
        Trigger::Bucket(prefix) => format!("an object below `{prefix}`"),
        Trigger::Stream => format!("table, `{}`", event["Records"][0]["eventName"].as_str().unwrap_or_default()),
        Trigger::Pool(_) => format!("user pool, `{}`", event["triggerSource"].as_str().unwrap_or_default()),
        Trigger::Socket(route) => format!("WebSocket, `{route}`"),
        Trigger::Authorizer => "WebSocket, authorizer".to_owned(),
        Trigger::Call => "a function".to_owned(),
    }
}

/// Everything but `_HANDLER` that a bootstrap needs to work on a laptop cloud at port 3000.
fn laptop_env() -> String {
    const HOME: &str = "http://127.0.0.1:3000";
    let mut variables: BTreeMap<&str, String> = local::settings_at(HOME, HOME).into_iter().collect();
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", "madang-local"),
        ("AWS_ENDPOINT_URL", HOME),
        ("AWS_REGION", local::REGION),
        ("AWS_SECRET_ACCESS_KEY", "madang-local-secret"),
    ] {
        variables.insert(name, value.to_owned());
    }
    variables.into_iter().map(|(name, value)| format!("{name}={value}\n")).collect()
}

/// Writes what is made from the routes, then tries each event and records its reply.
async fn write_all() -> Result<String, String> {
    let files = generated().await?;
    let written = write(&files)?;
    for stray in strays(&files)? {
        std::fs::remove_file(&stray).map_err(|error| format!("{}: {error}", stray.display()))?;
    }
    let events = local::event_files(&top().join("events"))?;
    let replays = events.into_iter().map(|event| async move {
        let mut reply = recorded::redacted(&recorded::replayed(&event).await?);
        reply.sort_all_objects();
        Ok::<_, String>((recorded::file_of(&event), pretty(&reply)))
    });
    let replies: BTreeMap<PathBuf, String> = futures::stream::iter(replays).buffer_unordered(3).try_collect().await?;
    write(&replies)?;
    Ok(format!("{written}, {} replies recorded", replies.len()))
}

/// Events, and replies to events, that are generated no more.
fn strays(files: &BTreeMap<PathBuf, String>) -> Result<Vec<PathBuf>, String> {
    let wanted: BTreeSet<PathBuf> =
        files.keys().flat_map(|file| [top().join(file), recorded::file_of(&top().join(file))]).collect();
    let contexts = std::fs::read_dir(top().join("events")).map_err(|error| format!("events: {error}"))?;
    let mut strays = vec![];
    for context in contexts.flatten().filter(|entry| entry.path().is_dir()) {
        let here = std::fs::read_dir(context.path()).map_err(|error| format!("events: {error}"))?;
        strays.extend(here.flatten().map(|entry| entry.path()).filter(|path| !wanted.contains(path)));
    }
    Ok(strays)
}

fn pretty(value: &serde_json::Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

fn write(files: &BTreeMap<PathBuf, String>) -> Result<String, String> {
    for (file, content) in files {
        let path = top().join(file);
        let fault = |error: std::io::Error| format!("{}: {error}", file.display());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(fault)?;
        }
        std::fs::write(&path, content).map_err(fault)?;
    }
    Ok(format!("{} files written", files.len()))
}

/// Replies are not tried again here: the tests do that.
fn check(files: &BTreeMap<PathBuf, String>) -> Result<String, String> {
    let stale = files
        .iter()
        .filter(|(file, content)| std::fs::read_to_string(top().join(file)).ok().as_ref() != Some(*content))
        .map(|(file, _)| file.display().to_string());
    let unanswered = local::event_files(&top().join("events"))?
        .into_iter()
        .map(|event| recorded::file_of(&event))
        .filter(|reply| !reply.exists())
        .map(|reply| format!("{} (missing)", reply.display()));
    let strays = strays(files)?.into_iter().map(|stray| format!("{} (of no route)", stray.display()));
    let wrong: Vec<String> = stale.chain(unanswered).chain(strays).collect();
    if wrong.is_empty() {
        Ok(format!("{} generated files are up to date", files.len()))
    } else {
        Err(format!("stale, run `cargo xtask`: {}", wrong.join(", ")))
    }
}

#[expect(clippy::print_stdout, reason = "a task says what it did")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "a task says what is wrong")]
fn complain(text: &str) {
    eprintln!("{text}");
}
