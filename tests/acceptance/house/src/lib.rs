//! What the source tree costs whoever reads and extends it: `make house` prints it, tests hold part of it.
//!
//! | piece | what it is |
//! |---|---|
//! | [`circles`] | modules of one crate that import each other |
//! | [`Figures`] | files, their lines, lines per attribute of each resource, places of each attribute's name |
//!
//! Read as text: no compiler is needed, and what a macro makes is not seen.

mod circles;
mod figures;
mod syntax;

use std::path::{Path, PathBuf};
use std::{fs, io};

pub use circles::{Circle, circles};
pub use figures::{Figures, Lines, Resource};

/// The Rust files below a folder, in the order of their paths, with their text.
///
/// # Errors
/// When a folder or file cannot be read.
pub fn sources(folder: &Path) -> io::Result<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path)?;
                found.push((path, text));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a file below a source folder holds only tests: `tests.rs`, or anything in a folder `tests`.
fn is_of_tests(path: &Path) -> bool {
    path.with_extension("").iter().any(|part| part == "tests")
}
