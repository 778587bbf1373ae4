//! Every event file is tried on its function: what stands in `events/` works as it stands.

use std::path::{Path, PathBuf};

use futures::StreamExt;
use local::{Cloud, Options, seed};
use serde_json::Value;

/// Events whose function needs what no file can hold, with the answer that is right for them: a code that was mailed, a
/// token that is good, a browser that was sent off.
const NEEDS_THE_LIVING: [(&str, u64); 12] = [
    ("accounts/hosted_callback", 400),
    ("accounts/identity_link", 422),
    ("accounts/identity_unlink", 404),
    ("accounts/me_onboard", 409),
    ("accounts/naver_userinfo", 401),
    ("accounts/password_change", 401),
    ("accounts/password_reset", 422),
    ("accounts/session_end", 401),
    ("accounts/session_exchange", 400),
    ("accounts/session_refresh", 401),
    ("accounts/sign_out_everywhere", 401),
    ("accounts/sign_up_confirm", 422),
];

fn event_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let mut files = vec![];
    for context in std::fs::read_dir(folder).expect("events/ is there").flatten() {
        if context.path().is_dir() {
            files.extend(std::fs::read_dir(context.path()).expect("a folder").flatten().map(|file| file.path()));
        }
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

fn name_of(file: &Path) -> String {
    let context = file.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    format!("{context}/{}", file.file_stem().and_then(|name| name.to_str()).unwrap_or_default())
}

async fn replayed(file: PathBuf) -> (String, Result<Value, String>) {
    let cloud = Cloud::start(Options {
        seeded: true,
        stopped_at: domain::time::Time::parse(seed::SEED_TIME).ok(),
        ..Options::default()
    })
    .await
    .expect("a cloud in memory always starts");
    let function = local::function_of(&file).expect("the file's place says which function it is for");
    let event = std::fs::read_to_string(&file).expect("a readable file");
    let event: Value = serde_json::from_str(&event).expect("an event is JSON");
    (name_of(&file), cloud.invoke(&function, event).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_file_gets_the_answer_it_should() {
    let replies: Vec<_> =
        futures::stream::iter(event_files().into_iter().map(replayed)).buffer_unordered(4).collect().await;
    let mut wrong = vec![];
    for (name, reply) in replies {
        let expected = NEEDS_THE_LIVING.iter().find(|(known, _)| *known == name).map(|(_, status)| *status);
        match reply {
            Err(message) => wrong.push(format!("{name}: {message}")),
            Ok(reply) => {
                // What answers no request has no status, and no error is its success.
                let Some(status) = reply["statusCode"].as_u64() else { continue };
                let fits = expected.map_or((200..400).contains(&status), |expected| status == expected);
                if !fits {
                    wrong.push(format!("{name}: {status} {}", reply["body"]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_list_of_events_that_need_the_living_names_only_files_that_exist() {
    let names: Vec<String> = event_files().iter().map(|file| name_of(file)).collect();
    for (name, _) in NEEDS_THE_LIVING {
        assert!(names.iter().any(|known| known == name), "{name} is gone: take it from the list");
    }
}
