//! `cargo xtask privileges <folder>`: what functions were seen to do with AWS while every test ran is what their rows
//! declare, neither less nor more.

use std::{collections::BTreeSet, path::Path};

use edge::Row;
use local::privileges::{Use, declared};
use serde_json::Value;

/// Something declared that no test can reach, and why.
pub(crate) struct Unreached {
    pub(crate) row: &'static str,
    pub(crate) on: &'static str,
    pub(crate) action: &'static str,
    pub(crate) prefix: &'static str,
    pub(crate) reason: &'static str,
}

/// This list may only shrink: an entry that is reached, or declared no more, fails the check.
pub(crate) const UNREACHED: &[Unreached] = &[Unreached {
    row: "accounts.sign_up",
    on: "table",
    action: "DeleteItem",
    prefix: "NICKNAME#",
    reason: "the nickname is given up when the pool refuses for another reason than a taken address; what it would \
             refuse is refused before, and it neither fails nor limits here",
}];

/// What was seen.
#[derive(Default)]
struct Seen {
    done: BTreeSet<Use>,
    refused: BTreeSet<Use>,
}

/// Compares the rows with what was recorded in a folder.
///
/// # Errors
/// What differs, a line each, with what to do about it.
pub(crate) fn check(rows: &[&'static Row], folder: &Path) -> Result<String, String> {
    let seen = read(folder)?;
    let declared: BTreeSet<Use> = rows.iter().flat_map(|row| declared(row)).collect();
    let complaints = compare(&declared, &seen, UNREACHED);
    if complaints.is_empty() {
        Ok(format!(
            "{} functions may do {} things: tests use {} of them and nothing else; {} no test can reach",
            rows.len(),
            declared.len(),
            seen.done.len(),
            UNREACHED.len(),
        ))
    } else {
        Err(complaints.join("\n"))
    }
}

fn read(folder: &Path) -> Result<Seen, String> {
    let fault = |error: std::io::Error| format!("{}: {error}; `make test` records there", folder.display());
    let mut seen = Seen::default();
    for file in std::fs::read_dir(folder).map_err(fault)? {
        let path = file.map_err(fault)?.path();
        for line in std::fs::read_to_string(&path).map_err(fault)?.lines() {
            let broken = |error: serde_json::Error| format!("{}: {error}: {line}", path.display());
            let value: Value = serde_json::from_str(line).map_err(broken)?;
            let refused = value["refused"] == true;
            let what: Use = serde_json::from_value(value).map_err(broken)?;
            if refused {
                seen.refused.insert(what)
            } else {
                seen.done.insert(what)
            };
        }
    }
    if seen.done.is_empty() {
        return Err(format!("{}: nothing was recorded; `make test` records there", folder.display()));
    }
    Ok(seen)
}

fn compare(declared: &BTreeSet<Use>, seen: &Seen, unreached: &[Unreached]) -> Vec<String> {
    let file = |what: &Use| format!("functions/{}.rs", what.row.replacen('.', "/src/", 1));
    let listed = |what: &Use| {
        unreached.iter().any(|one| {
            (one.row, one.on, one.action, one.prefix)
                == (what.row.as_str(), what.on.as_str(), what.action.as_str(), what.prefix.as_str())
        })
    };
    let mut complaints = vec![];
    for what in &seen.refused {
        complaints.push(format!("{what}: was refused. Declare it in {}, or do not do it", file(what)));
    }
    for what in seen.done.difference(declared) {
        complaints
            .push(format!("{what}: was done, and is not declared. Declare it in {}, or do not do it", file(what)));
    }
    for what in declared.difference(&seen.done).filter(|what| !listed(what)) {
        complaints.push(format!("{what}: is declared, and no test uses it. Take it out of {}, or test it", file(what)));
    }
    for one in unreached {
        let (row, on, action, prefix) =
            (one.row.to_owned(), one.on.to_owned(), one.action.to_owned(), one.prefix.to_owned());
        let what = Use { row, on, action, prefix };
        let stale = match (seen.done.contains(&what), declared.contains(&what)) {
            (true, _) => "is used after all",
            (false, false) => "is not declared any more",
            (false, true) if one.reason.is_empty() => "has no reason",
            (false, true) => continue,
        };
        complaints.push(format!("{what}: {stale}. Take it from UNREACHED in infra/xtask/src/privileges.rs"));
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(action: &str) -> Use {
        Use { row: "yard.sweep".into(), on: "table".into(), action: action.into(), prefix: "LEAF#".into() }
    }

    fn set(actions: &[&str]) -> BTreeSet<Use> {
        actions.iter().map(|action| what(action)).collect()
    }

    fn unreached(action: &'static str) -> Unreached {
        Unreached { row: "yard.sweep", on: "table", action, prefix: "LEAF#", reason: "no test can" }
    }

    fn compared(declared: &[&str], done: &[&str], refused: &[&str], list: &[Unreached]) -> Vec<String> {
        compare(&set(declared), &Seen { done: set(done), refused: set(refused) }, list)
    }

    #[test]
    fn what_is_done_and_what_is_declared_are_the_same() {
        assert!(compared(&["GetItem", "PutItem"], &["GetItem", "PutItem"], &[], &[]).is_empty());
    }

    #[test]
    fn what_is_declared_and_never_done_is_to_be_taken_away_or_tested() {
        let said = compared(&["GetItem", "PutItem"], &["GetItem"], &[], &[]);
        let wanted = "yard.sweep: PutItem on table LEAF#: is declared, and no test uses it. Take it out of \
                      functions/yard/src/sweep.rs, or test it";
        assert_eq!(said, [wanted]);
    }

    #[test]
    fn what_is_done_or_tried_without_being_declared_is_to_be_declared_or_left() {
        let said = compared(&["GetItem"], &["GetItem", "PutItem"], &["DeleteItem"], &[]);
        assert_eq!(said.len(), 2);
        assert!(said[0].contains("DeleteItem on table LEAF#: was refused. Declare it in"), "{}", said[0]);
        assert!(said[1].contains("PutItem on table LEAF#: was done, and is not declared"), "{}", said[1]);
    }

    #[test]
    fn the_list_of_what_no_test_reaches_may_only_shrink() {
        assert!(compared(&["GetItem", "PutItem"], &["GetItem"], &[], &[unreached("PutItem")]).is_empty());
        let used = compared(&["GetItem"], &["GetItem"], &[], &[unreached("GetItem")]);
        assert!(used[0].contains("is used after all"), "{}", used[0]);
        let gone = compared(&["GetItem"], &["GetItem"], &[], &[unreached("PutItem")]);
        assert!(gone[0].contains("is not declared any more"), "{}", gone[0]);
        let silent = Unreached { reason: "", ..unreached("PutItem") };
        let silent = compared(&["GetItem", "PutItem"], &["GetItem"], &[], &[silent]);
        assert!(silent[0].contains("has no reason"), "{}", silent[0]);
    }

    #[test]
    fn records_are_read_from_every_file_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let nothing = read(folder.path()).err().unwrap();
        assert!(nothing.contains("nothing was recorded"), "{nothing}");
        let line = |action: &str| serde_json::to_string(&what(action)).unwrap();
        let refused = line("DeleteItem").replace('}', ",\"refused\":true}");
        std::fs::write(folder.path().join("1.jsonl"), format!("{}\n{refused}\n", line("GetItem"))).unwrap();
        std::fs::write(folder.path().join("2.jsonl"), line("PutItem")).unwrap();
        let seen = read(folder.path()).unwrap();
        assert_eq!((seen.done, seen.refused), (set(&["GetItem", "PutItem"]), set(&["DeleteItem"])));
        std::fs::write(folder.path().join("3.jsonl"), "half a li").unwrap();
        assert!(read(folder.path()).is_err());
    }
}
