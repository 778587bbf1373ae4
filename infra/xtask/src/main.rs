//! Generators. `cargo xtask` writes what is made from the routes; `cargo xtask check` fails on a file that is stale.
//! `cargo xtask privileges <folder>` compares what functions did in tests with what their rows declare.

mod events;
mod openapi;
mod privileges;
mod routes;
mod sample;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitCode,
};

use edge::Row;

fn main() -> ExitCode {
    let argument = std::env::args().nth(1).unwrap_or_else(|| "write".to_owned());
    let outcome = match argument.as_str() {
        "write" => generated().and_then(|files| write(&files)),
        "check" => generated().and_then(|files| check(&files)),
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
fn generated() -> Result<BTreeMap<PathBuf, String>, String> {
    let rows = rows()?;
    let (document, definitions) = openapi::document(&rows);
    let mut files = BTreeMap::from([
        (PathBuf::from("docs/openapi.json"), pretty(&document)),
        (PathBuf::from("infra/terraform/routes.json"), pretty(&routes::document(&rows))),
        (PathBuf::from("docs/table.md"), store::chart().ok_or("a sample of the key chart is not well formed")?),
    ]);
    for row in &rows {
        let (context, name) = row.name.split_once('.').ok_or_else(|| format!("{} has no context", row.name))?;
        let file = PathBuf::from(format!("events/{context}/{name}.json"));
        files.insert(file, pretty(&events::event(row, &definitions)));
    }
    Ok(files)
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

fn check(files: &BTreeMap<PathBuf, String>) -> Result<String, String> {
    let stale: Vec<String> = files
        .iter()
        .filter(|(file, content)| std::fs::read_to_string(top().join(file)).ok().as_ref() != Some(*content))
        .map(|(file, _)| file.display().to_string())
        .collect();
    if stale.is_empty() {
        Ok(format!("{} generated files are up to date", files.len()))
    } else {
        Err(format!("stale, run `cargo xtask`: {}", stale.join(", ")))
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
