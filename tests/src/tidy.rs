//! Rules about the code itself that no lint knows.

use std::path::{Path, PathBuf};

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources(below: &[&str]) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = vec![];
    for folder in below {
        walk(&top().join(folder), &mut found);
    }
    found.into_iter().filter_map(|path| Some((path.clone(), std::fs::read_to_string(path).ok()?))).collect()
}

#[test]
fn every_file_says_in_its_first_line_what_it_is() {
    for (path, text) in sources(&["functions", "shared", "infra", "tests"]) {
        assert!(text.starts_with("//!"), "{} does not begin with //!", path.display());
    }
}

#[test]
fn a_route_files_first_line_has_its_route() {
    for (path, text) in sources(&["functions"]) {
        for method in ["get", "post", "put", "patch", "delete"] {
            let Some(at) = text.find(&format!("Row::{method}(")) else { continue };
            let route = text[at..].split('"').nth(3).unwrap_or_default();
            let said = format!("//! {} {route}", method.to_uppercase());
            assert!(text.starts_with(&said), "{} does not begin with {said}", path.display());
        }
    }
}

#[test]
fn route_files_stay_short() {
    for (path, text) in sources(&["functions"]) {
        let is_route = text.contains("pub(crate) const ROUTE");
        assert!(!is_route || text.lines().count() <= 260, "{} is too long", path.display());
    }
}

#[test]
fn keys_are_spelled_in_the_store_alone() {
    for (path, text) in sources(&["functions", "shared/domain", "shared/edge", "shared/ports"]) {
        for line in text.lines() {
            let code = line.split("//").next().unwrap_or_default();
            // Grants name prefixes; only making a key of one is the store's.
            let makes_a_key = code.contains("format!(\"")
                && ["ACCOUNT#", "CONNECTION#", "LISTING#", "MEDIA#", "FEED#", "TERM#"]
                    .iter()
                    .any(|key| code.contains(key));
            assert!(!makes_a_key, "{}: {line}", path.display());
        }
    }
}

#[test]
fn the_key_chart_is_what_the_code_makes() {
    let chart = std::fs::read_to_string(top().join("docs/table.md")).expect("docs/table.md");
    assert_eq!(Some(chart), store::chart(), "run `cargo xtask`");
}

#[test]
fn nobody_sees_the_infrastructure() {
    for crate_folder in [
        "functions/accounts",
        "functions/errands",
        "functions/listings",
        "functions/deals",
        "functions/media",
        "functions/notifications",
        "functions/trust",
        "functions/realtime",
        "functions/wallet",
        "functions/changes",
        "shared/domain",
        "shared/edge",
        "shared/files",
        "shared/ports",
        "shared/store",
    ] {
        let manifest = std::fs::read_to_string(top().join(crate_folder).join("Cargo.toml")).expect("a manifest");
        for forbidden in ["local.workspace", "xtask", "user-pool", "tests.workspace"] {
            assert!(!manifest.contains(forbidden), "{crate_folder} depends on {forbidden}");
        }
    }
    let manifest = std::fs::read_to_string(top().join("shared/domain/Cargo.toml")).expect("a manifest");
    let domain = manifest.split("[dependencies]").nth(1).expect("dependencies");
    for forbidden in ["aws", "lambda", "http", "tokio", "rand"] {
        assert!(!domain.contains(forbidden), "the rules know nothing of {forbidden}");
    }
}
