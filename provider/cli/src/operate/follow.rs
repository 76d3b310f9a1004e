//! `watch --file`: what an apply writes about itself, as it comes (`SWITCHYARD_PROGRESS`). Nobody is called.

mod beside;
mod form;
mod reading;
mod signals;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use switchyard_engine::ports::{Clock, GITHUB_PROGRESS_FILE, ProgressMoment};
use switchyard_operate::{Console, Exit, Trouble};

use super::arguments::{WatchArguments, WatchFormat};
use form::{Form, SUCCEEDED};
use reading::{PAUSE, Reading, write};

pub(super) use beside::beside;

/// The folder of a GitHub runner that lasts as long as a job.
const RUNNER_TEMP: &str = "RUNNER_TEMP";

/// The file that is followed: the one that is named, or on a GitHub runner the one that `progress = "github"` means.
/// Nothing where a service is asked for instead.
///
/// # Errors
/// A form or a command needs a file, and none is named.
pub(super) fn file_of(
    given: &WatchArguments,
    variable: fn(&str) -> Option<String>,
) -> Result<Option<PathBuf>, Trouble> {
    if let Some(file) = &given.file {
        return Ok(Some(file.clone()));
    }
    let folder = variable(RUNNER_TEMP).filter(|folder| !folder.is_empty());
    match (given.format, given.command.is_empty(), folder) {
        (WatchFormat::Github, _, Some(folder)) => {
            Ok(Some(Path::new(&folder).join(GITHUB_PROGRESS_FILE)))
        }
        (WatchFormat::Text, true, _) => Ok(None),
        (WatchFormat::Github, _, None) | (WatchFormat::Text, false, _) => {
            Err(Trouble::new(format!(
                "Name the file in which the apply says what it does: `--file FILE`. With `--format github`, it is in the folder \
             {RUNNER_TEMP} of the runner, which is not set here."
            )))
        }
    }
}

/// Writes each line of the file, first what is there already, and returns when the deployments that were not over by then
/// have ended. A file in which all have ended is of an earlier apply: the next one is waited for, unless `once`.
///
/// # Errors
/// When the file cannot be read, or is none.
pub(super) async fn follow(
    path: &Path,
    given: &WatchArguments,
    clock: &dyn Clock,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let mut reading = Reading::open(path)?;
    let mut form = Form::of(given.format, console.output);
    let mut last: BTreeMap<(String, String), ProgressMoment> = BTreeMap::new();
    let mut is_first = true;
    loop {
        for moment in reading.next()? {
            write(console, &form.lines(&moment))?;
            last.insert((moment.cluster.clone(), moment.service.clone()), moment);
        }
        if is_first && !given.once {
            // How an earlier apply has ended is none of this one's.
            last.retain(|_, moment| !moment.is_over);
        }
        is_first = false;
        if given.once && last.is_empty() {
            return Ok(Exit::Nothing);
        }
        if !last.is_empty() && last.values().all(|moment| moment.is_over) {
            let is_good = last.values().all(|moment| moment.stage == SUCCEEDED);
            return Ok(if is_good {
                Exit::Done
            } else {
                Exit::NotSucceeded
            });
        }
        clock.sleep(PAUSE).await;
    }
}
