//! What functions did with AWS, for `cargo xtask privileges`: with `MADANG_CALLS` set to a folder, each process writes
//! each thing once into a file of its own there.

use std::{
    collections::HashSet,
    io::Write,
    path::Path,
    sync::{Mutex, OnceLock, PoisonError},
};

use serde_json::{Value, json};

use super::Use;

/// The folder's name is in this variable.
const VARIABLE: &str = "MADANG_CALLS";

pub(crate) struct Recorder {
    written: Mutex<(std::fs::File, HashSet<(Use, bool)>)>,
}

impl Recorder {
    /// The recorder of this process, whose clouds share it; none when nobody asked for one.
    pub(crate) fn of_this_process() -> Result<Option<&'static Self>, String> {
        static RECORDER: OnceLock<Result<Option<Recorder>, String>> = OnceLock::new();
        let recorder = RECORDER
            .get_or_init(|| std::env::var_os(VARIABLE).map(|folder| Self::open(Path::new(&folder))).transpose());
        recorder.as_ref().map(Option::as_ref).map_err(Clone::clone)
    }

    fn open(folder: &Path) -> Result<Self, String> {
        // Numbers of processes come again.
        let file = folder.join(format!("{}-{}.jsonl", std::process::id(), uuid::Uuid::new_v4().simple()));
        let opened = std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::OpenOptions::new().create(true).append(true).open(&file));
        let opened = opened.map_err(|error| format!("{VARIABLE}: {}: {error}", file.display()))?;
        Ok(Self { written: Mutex::new((opened, HashSet::new())) })
    }

    /// Notes what was done, or tried and refused.
    pub(crate) fn note(&self, what: &Use, refused: bool) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, known) = &mut *written;
        let what = (what.clone(), refused);
        if known.contains(&what) {
            return;
        }
        let mut line: Value = serde_json::to_value(&what.0).unwrap_or_default();
        if refused {
            line["refused"] = json!(true);
        }
        // What cannot be written down is missed by the check, which fails.
        let _ = file.write_all(format!("{line}\n").as_bytes());
        known.insert(what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(prefix: &str) -> Use {
        Use { row: "a.b".into(), on: "table".into(), action: "GetItem".into(), prefix: prefix.into() }
    }

    fn lines(folder: &Path) -> Vec<Value> {
        let files =
            std::fs::read_dir(folder).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        let text: String = files.collect();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn each_thing_is_written_once_whoever_does_it_how_often() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::open(&folder.path().join("calls")).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    recorder.note(&what("A#"), false);
                    recorder.note(&what("B#"), true);
                });
            }
        });
        let mut written = lines(&folder.path().join("calls"));
        written.sort_by_key(|line| line["prefix"].to_string());
        assert_eq!(
            written,
            [
                json!({"row": "a.b", "on": "table", "action": "GetItem", "prefix": "A#"}),
                json!({"row": "a.b", "on": "table", "action": "GetItem", "prefix": "B#", "refused": true}),
            ]
        );
    }

    #[test]
    fn two_processes_write_two_files() {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            Recorder::open(folder.path()).unwrap().note(&what("A#"), false);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
        assert_eq!(lines(folder.path()).len(), 2);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_said_in_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let sentence = Recorder::open(&file).err().unwrap();
        assert!(sentence.starts_with("MADANG_CALLS: "), "{sentence}");
    }
}
