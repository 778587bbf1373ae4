//! The state file.

use serde_json::{Value, json};
use user_pool::{Error, Pool, Settings};

use crate::world::{PASSWORD, World, around, settings};

#[tokio::test]
async fn users_tokens_and_the_key_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pool.json");
    let settings = || Settings { state_file: Some(file.clone()), ..settings() };
    let world = World::with(settings()).await;
    world.member("mina@example.com").await;
    let tokens = world.sign_in("web", "mina@example.com").await;
    let keys = world.pool.jwks();

    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains(PASSWORD) && !text.contains(tokens["RefreshToken"].as_str().unwrap()));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside the file");

    let world = World::with(settings()).await;
    assert_eq!(world.pool.jwks(), keys);
    world.ok("GetUser", json!({ "AccessToken": tokens["AccessToken"] })).await;
    world.ok("GetTokensFromRefreshToken", json!({ "ClientId": "web", "RefreshToken": tokens["RefreshToken"] })).await;
    world.sign_in("web", "mina@example.com").await;

    world.pool.reset();
    assert_eq!(world.pool.jwks(), keys, "the key stays");
    let world = World::with(settings()).await;
    assert_eq!(world.pool.jwks(), keys);
    world.err("InitiateAuth", World::password_auth("web", "mina@example.com", PASSWORD)).await;
}

#[tokio::test]
async fn a_file_of_another_version_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pool.json");
    std::fs::write(&file, r#"{"version":99,"users":{}}"#).unwrap();
    let opened = Pool::open(Settings { state_file: Some(file.clone()), ..settings() }, around()).await;
    assert!(matches!(opened.err(), Some(Error::WrongVersion { found: 99, wanted: 1 })));
    let kept: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(kept["version"], 99);
    std::fs::write(&file, "not json").unwrap();
    let opened = Pool::open(Settings { state_file: Some(file), ..settings() }, around()).await;
    assert!(matches!(opened.err(), Some(Error::Broken(..))));
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_noticed_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("missing").join("pool.json");
    let opened = Pool::open(Settings { state_file: Some(file.clone()), ..settings() }, around()).await;
    assert!(matches!(opened.err(), Some(Error::Io(path, _)) if path == file));
}

#[tokio::test]
async fn a_pool_in_memory_opens_at_once_and_codes_can_be_fixed() {
    World::new().await;
    let start = std::time::Instant::now();
    for _ in 0..100 {
        World::new().await;
    }
    assert!(start.elapsed() < std::time::Duration::from_secs(1));
    let world = World::with(Settings { fixed_code: Some("123456".to_owned()), ..settings() }).await;
    world.sign_up("mina@example.com").await;
    assert_eq!(world.around.last_code(), "123456");
}
