//! `docs/deals.md`: what is written by hand, and the processes between the marks, as they are in the code.

use std::path::Path;

const BEGIN: &str = "<!-- processes -->\n";
const END: &str = "<!-- end processes -->";

/// The page with the processes as they are.
pub(crate) fn document(page: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(page).map_err(|error| format!("{}: {error}", page.display()))?;
    let missing = || format!("{}: the marks of the processes are missing", page.display());
    let (before, rest) = text.split_once(BEGIN).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    Ok(format!("{before}{BEGIN}{}{END}{after}", domain::deal::diagram::markdown()))
}
