//! Trying one function with one event file, on a laptop of its own: seeded, at the moment the event files happen.

use std::path::{Path, PathBuf};

use futures::StreamExt;
use serde_json::Value;

use crate::{
    cloud::{Cloud, Options},
    functions::services,
    recorded,
};

/// The function an event file is for: `events/listings/create.json` is for `listings.create`.
#[must_use]
pub fn function_of(file: &Path) -> Option<String> {
    let context = file.parent()?.file_name()?.to_str()?;
    let mut name = file.file_stem()?.to_str()?;
    // A second event of a function has a word behind a dot: `create.rental.json`.
    name = name.split('.').next().unwrap_or(name);
    let name = format!("{context}.{name}");
    services().iter().flat_map(|service| service.rows()).any(|row| row.name == name).then_some(name)
}

/// The event files below a folder, without the replies recorded beside them.
///
/// # Errors
/// A sentence, when the folder cannot be read.
pub fn event_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let list = |folder: &Path| -> Result<Vec<PathBuf>, String> {
        let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(entries.flatten().map(|entry| entry.path()).collect())
    };
    let mut files = vec![];
    for context in list(folder)?.into_iter().filter(|path| path.is_dir()) {
        files.extend(list(&context)?);
    }
    files.retain(|file| {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        file.extension().is_some_and(|ending| ending == "json") && !name.ends_with(recorded::ENDING)
    });
    files.sort();
    Ok(files)
}

/// The JSON in a file.
pub(crate) fn event_in(file: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
}

/// Invokes the function that an event file is for (or another one, by name) and returns its reply.
///
/// # Errors
/// A sentence: no such file, no such function, or what the function failed with.
pub async fn invoke_file(file: &Path, function: Option<String>) -> Result<Value, String> {
    let event = event_in(file)?;
    let function = function
        .or_else(|| function_of(file))
        .ok_or_else(|| format!("{} does not say which function it is for; name one with --function", file.display()))?;
    let cloud = Cloud::start(Options::demo()).await?;
    let reply = cloud.invoke(&function, event).await;
    cloud.stop().await;
    reply
}

/// How many clouds are up at once.
const AT_ONCE: usize = 3;

/// What of each event's reply, and of what it took, is not as recorded: nothing, if all is well. In the files' order.
pub async fn check_files(files: Vec<PathBuf>) -> Vec<(PathBuf, Vec<String>)> {
    let checks = files.into_iter().map(|file| async move {
        let found = match (recorded::read(&file), recorded::replayed(&file).await) {
            (Ok(recorded), Ok(replayed)) => recorded::differences(&recorded, &replayed),
            (Err(said), _) | (_, Err(said)) => vec![said],
        };
        (file, found)
    });
    futures::stream::iter(checks).buffered(AT_ONCE).collect().await
}
