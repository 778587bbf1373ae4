//! Lists the files of `web/dist`, so that they are part of the one program.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist").canonicalize()?;
    // Of a folder cargo looks at all that is below.
    let mut out = std::io::stdout().lock();
    std::io::Write::write_all(&mut out, format!("cargo:rerun-if-changed={}\n", dist.display()).as_bytes())?;
    let mut files = vec![];
    gather(&dist, &mut files)?;
    files.sort();
    let mut code = String::from("&[\n");
    for file in files {
        let name = file.strip_prefix(&dist)?.to_str().ok_or("a name that is not UTF-8")?;
        writeln!(code, "    ({name:?}, include_bytes!({:?})),", file.to_str().ok_or("a name that is not UTF-8")?)?;
    }
    code.push_str("]\n");
    let target = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    Ok(std::fs::write(target.join("web.rs"), code)?)
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        // What begins with a dot is the editor's or git's.
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if entry.file_type()?.is_dir() {
            gather(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}
