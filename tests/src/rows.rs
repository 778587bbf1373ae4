//! Coverage over the table of routes: what each of them must have.

use std::{collections::BTreeSet, path::Path};

use edge::{Access, Grant, Method, Row, Trigger};

fn rows() -> Vec<&'static Row> {
    local::services().iter().flat_map(|service| service.rows()).collect()
}

fn test_sources() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    std::fs::read_dir(folder)
        .expect("the tests' folder")
        .flatten()
        .filter_map(|file| std::fs::read_to_string(file.path()).ok())
        .collect()
}

/// Rows of the list of features that this much of the product answers.
const ANSWERED: &[&str] = &[
    "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "A11", "A12", "A13", "A14", "A15", "A16", "A17",
    "A18", "A19", "A20", "A22", "A23", "A24", "A25", "A26", "P1", "P2", "P3", "P4", "P5", "P8", "P9", "P10", "P11",
    "P12", "P19", "X1", "X2", "X4", "X5", "X7", "D24", "Z6", "L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L9",
    "L10", "L11", "L12", "L13", "L14", "L15", "L16", "L17", "L18", "L19", "L21", "M1", "M3", "M4", "M5", "M7", "B1",
    "B6", "C1", "C21", "N1", "N2", "N3", "N10", "N11", "N12", "N13", "Z5", "Z10", "D9", "D10", "D11", "D12", "D13",
    "D14", "D16", "D19", "D21", "D22", "D23", "P7", "P13", "N5", "B2", "D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8",
    "D15", "D17", "D18", "D20", "D25", "S1", "S3", "S4", "P18", "N4", "N6", "N7", "N8", "B13", "B14", "Z4",
];

#[test]
fn every_feature_that_is_answered_is_named_by_a_route() {
    let named: BTreeSet<&str> = rows().iter().flat_map(|row| row.features.iter().copied()).collect();
    let missing: Vec<_> = ANSWERED.iter().filter(|feature| !named.contains(*feature)).collect();
    assert!(missing.is_empty(), "no route names {missing:?}");
}

#[test]
fn every_feature_that_is_answered_is_named_by_a_test() {
    let sources = test_sources();
    let words: BTreeSet<String> = sources
        .lines()
        .filter_map(|line| line.trim().strip_prefix("async fn ").or_else(|| line.trim().strip_prefix("fn ")))
        .filter_map(|line| line.split('(').next())
        .flat_map(|name| name.split('_').map(str::to_ascii_uppercase))
        .collect();
    let missing: Vec<_> = ANSWERED.iter().filter(|feature| !words.contains(**feature)).collect();
    assert!(missing.is_empty(), "no test's name has {missing:?}");
}

#[test]
fn every_route_says_what_it_is_whom_it_serves_and_what_it_costs() {
    for row in rows() {
        assert!(!row.summary.is_empty(), "{} has no summary", row.name);
        assert!(!row.features.is_empty(), "{} names no feature", row.name);
        if let Trigger::Http { path, .. } = row.trigger {
            assert!(path.starts_with('/') && !path.ends_with('/'), "{}: {path}", row.name);
            assert!(row.budget.round_trips <= 4, "{} may take {} round trips", row.name, row.budget.round_trips);
            assert!(row.timeout_s <= 29, "{}: API Gateway waits 30 seconds", row.name);
            assert_ne!(row.access, Access::Machine, "{}", row.name);
        } else if let Trigger::Socket(route) = row.trigger {
            assert!(!route.is_empty() && route.len() <= 128, "{}: {route}", row.name);
            // Telling a room is one more than what it is told of.
            assert!(row.budget.round_trips <= 4, "{} may take {} round trips", row.name, row.budget.round_trips);
            assert!(row.timeout_s <= 29, "{}: API Gateway waits 29 seconds", row.name);
            assert_eq!(row.access, Access::Member, "{}", row.name);
        } else {
            assert_eq!(row.access, Access::Machine, "{}", row.name);
        }
    }
}

#[test]
fn every_route_has_an_event_file_and_every_event_file_a_route() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    for row in rows() {
        let (context, name) = row.name.split_once('.').expect("context.name");
        assert!(folder.join(context).join(format!("{name}.json")).is_file(), "{} has no event file", row.name);
    }
    for context in std::fs::read_dir(folder).expect("events/").flatten().filter(|entry| entry.path().is_dir()) {
        for file in std::fs::read_dir(context.path()).expect("a folder").flatten() {
            assert!(local::function_of(&file.path()).is_some(), "{} is for no function", file.path().display());
        }
    }
}

#[test]
fn every_action_can_answer_whoever_sent_it_and_no_two_have_one_name() {
    let mut routes = BTreeSet::new();
    for row in rows() {
        let Trigger::Socket(route) = row.trigger else { continue };
        assert!(routes.insert(route), "two routes are {route}");
        let posts = row.may.iter().any(|grant| matches!(grant, Grant::Connections(may) if may.contains(&Method::Post)));
        assert!(posts || matches!(route, "$connect" | "$disconnect"), "{} may not answer", row.name);
    }
    for route in ["$connect", "$disconnect", "$default"] {
        assert!(routes.contains(route), "{route} has no function");
    }
}

#[test]
fn whoever_waits_for_a_call_is_called_by_somebody() {
    for row in rows().into_iter().filter(|row| row.trigger == Trigger::Call) {
        let invokes = |other: &&Row| other.may.contains(&Grant::Invoke(row.name));
        assert!(rows().into_iter().any(|other| invokes(&other)), "nobody may invoke {}", row.name);
    }
}

#[test]
fn whoever_pushes_frames_may_post_them_and_says_when() {
    for row in rows() {
        let posts = row.may.iter().any(|grant| matches!(grant, Grant::Connections(may) if may.contains(&Method::Post)));
        assert!(posts || row.pushes.is_empty(), "{} may not post", row.name);
        let mut kinds = BTreeSet::new();
        for push in row.pushes {
            assert!(kinds.insert(push.kind), "{} pushes {} twice", row.name, push.kind);
            assert!(!push.kind.is_empty() && !push.summary.is_empty(), "{}: {}", row.name, push.kind);
            // Every action may be answered so.
            assert!(!matches!(push.kind, "ack" | "error"), "{}: {}", row.name, push.kind);
        }
    }
}

#[test]
fn names_fit_where_aws_puts_them() {
    for row in rows() {
        // Function names have 64 characters, of which a stage may take twelve.
        assert!(row.name.len() <= 51, "{}", row.name);
    }
    let http = rows().iter().filter(|row| matches!(row.trigger, Trigger::Http { .. })).count();
    assert!(http <= 300, "API Gateway has 300 routes an API, this is {http}");
    let sockets = rows().iter().filter(|row| matches!(row.trigger, Trigger::Socket(_))).count();
    assert!(sockets <= 300, "API Gateway has 300 routes an API, this is {sockets}");
}
