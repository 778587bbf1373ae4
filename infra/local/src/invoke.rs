//! Trying one function with one event file, on a laptop of its own: seeded, at the moment the event files happen.

use std::path::Path;

use serde_json::Value;

use crate::{
    cloud::{Cloud, Options},
    functions::services,
    seed::SEED_TIME,
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

/// Invokes the function that an event file is for (or another one, by name) and returns its reply.
///
/// # Errors
/// A sentence: no such file, no such function, or what the function failed with.
pub async fn invoke_file(file: &Path, function: Option<String>) -> Result<Value, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let event: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    let function = function
        .or_else(|| function_of(file))
        .ok_or_else(|| format!("{} does not say which function it is for; name one with --function", file.display()))?;
    let cloud = Cloud::start(Options {
        seeded: true,
        stopped_at: domain::time::Time::parse(SEED_TIME).ok(),
        fixed_code: Some("123456".to_owned()),
        ..Options::default()
    })
    .await?;
    let reply = cloud.invoke(&function, event).await;
    cloud.stop().await;
    reply
}
