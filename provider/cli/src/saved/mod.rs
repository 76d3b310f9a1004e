//! What only a saved plan holds: the sources of the configuration, and which resources were targeted. Terraform does not
//! write either into the JSON of a plan.

mod hcl;
mod sources;
mod targets;
mod zip;

use std::fs::File;
use std::io;
use std::path::Path;

pub(crate) use sources::Sources;

use zip::Archive;

/// What a saved plan says beside its JSON.
#[derive(Debug, Default)]
pub(crate) struct Saved {
    /// The sources; none when one of them cannot be read, because then nothing can be said of any.
    pub(crate) sources: Option<Sources>,
    /// It was planned with `-target`.
    pub(crate) is_targeted: bool,
}

impl Saved {
    /// Reads a saved plan. What is missing or unknown in it is left out: the JSON still says everything else.
    pub(crate) fn read(path: &Path) -> Self {
        Self::try_read(path).unwrap_or_default()
    }

    fn try_read(path: &Path) -> io::Result<Self> {
        let mut archive = Archive::open(File::open(path)?)?;
        let is_targeted = archive
            .read("tfplan")
            .and_then(targets::has_targets)
            .unwrap_or_default();
        Ok(Self {
            sources: Sources::read(&mut archive).ok(),
            is_targeted,
        })
    }
}
