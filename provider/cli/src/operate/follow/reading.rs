//! The file of an apply as it grows, and the lines that are written of it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use switchyard_engine::ports::ProgressMoment;
use switchyard_operate::{Console, Trouble};
use switchyard_report::Follower;

/// How often the file is looked at.
pub(super) const PAUSE: Duration = Duration::from_millis(500);

/// A file, and what of it was read.
pub(super) struct Reading {
    path: PathBuf,
    pub(super) file: File,
    follower: Follower,
}

impl Reading {
    pub(super) fn open(path: &Path) -> Result<Self, Trouble> {
        let unreadable = |error: io::Error| unreadable(path, &error);
        let file = File::open(path).map_err(unreadable)?;
        if !file.metadata().map_err(unreadable)?.is_file() {
            return Err(Trouble::new(format!(
                "{} is not a file. Name the file that SWITCHYARD_PROGRESS names.",
                path.display()
            )));
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            follower: Follower::default(),
        })
    }

    /// What has come since.
    pub(super) fn next(&mut self) -> Result<Vec<ProgressMoment>, Trouble> {
        let mut bytes = Vec::new();
        let read = self.file.read_to_end(&mut bytes);
        read.map_err(|error| unreadable(&self.path, &error))?;
        Ok(self.follower.take(&bytes))
    }
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> Trouble {
    Trouble::new(format!("{} cannot be read ({error}).", path.display()))
}

/// Whole lines, which are there at once.
pub(super) fn write(console: &mut Console<'_>, lines: &[String]) -> Result<(), Trouble> {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let written = console
        .out
        .write_all(text.as_bytes())
        .and_then(|()| console.out.flush());
    written.map_err(|error| Trouble::new(format!("Standard output is closed ({error}).")))
}
