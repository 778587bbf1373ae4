//! Why a pool does not open.

use std::path::PathBuf;

/// Why a pool does not open.
#[derive(Debug)]
pub enum Error {
    /// The state file is of another version.
    WrongVersion {
        /// The file's version; 0 when it names none.
        found: u64,
        /// The version this pool reads and writes.
        wanted: u64,
    },
    /// The state file cannot be read or written.
    Io(PathBuf, std::io::Error),
    /// The state file is not what the pool wrote.
    Broken(PathBuf, String),
    /// A signing key could not be made.
    Key(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::WrongVersion { found, wanted } => {
                write!(f, "the user pool's state file is of version {found}, this program needs version {wanted}")
            }
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Broken(path, error) => {
                write!(f, "{} is not a user pool's state: {error}", path.display())
            }
            Self::Key(error) => write!(f, "no signing key: {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, error) => Some(error),
            _ => None,
        }
    }
}
