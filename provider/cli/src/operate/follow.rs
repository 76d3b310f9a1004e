//! `watch --file`: what an apply writes about itself, as it comes (`SWITCHYARD_PROGRESS`). Nobody is called.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use switchyard_engine::ports::{Clock, ProgressMoment};
use switchyard_operate::{Console, Exit, Output, Trouble};
use switchyard_report::Follower;

use crate::report::neutral;

/// How often the file is looked at.
const PAUSE: Duration = Duration::from_millis(500);

/// How an apply calls the end that people want.
const SUCCEEDED: &str = "succeeded";

/// Writes each line of the file, first what is there already, and returns when the deployments that were not over by then
/// have ended. A file in which all have ended is of an earlier apply: the next one is waited for, unless `once`.
///
/// # Errors
/// When the file cannot be read, or is none.
pub(super) async fn follow(
    path: &Path,
    once: bool,
    clock: &dyn Clock,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let trouble = |error: std::io::Error| {
        Trouble::new(format!("{} cannot be read ({error}).", path.display()))
    };
    let mut file = File::open(path).map_err(trouble)?;
    if !file.metadata().map_err(trouble)?.is_file() {
        return Err(Trouble::new(format!(
            "{} is not a file. Name the file that SWITCHYARD_PROGRESS names.",
            path.display()
        )));
    }
    let mut follower = Follower::default();
    let mut last: BTreeMap<(String, String), ProgressMoment> = BTreeMap::new();
    let mut is_first = true;
    loop {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(trouble)?;
        for moment in follower.take(&bytes) {
            write(console, &moment)?;
            last.insert((moment.cluster.clone(), moment.service.clone()), moment);
        }
        if is_first && !once {
            // How an earlier apply has ended is none of this one's.
            last.retain(|_, moment| !moment.is_over);
        }
        is_first = false;
        if once && last.is_empty() {
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

fn write(console: &mut Console<'_>, moment: &ProgressMoment) -> Result<(), Trouble> {
    let line = match console.output {
        Output::Text => format!("{} {moment}", moment.at),
        Output::Json => serde_json::to_string(moment)
            .map_err(|error| Trouble::new(format!("A line cannot be written ({error}).")))?,
    };
    let written = writeln!(console.out, "{}", neutral(&line)).and_then(|()| console.out.flush());
    written.map_err(|error| Trouble::new(format!("Standard output is closed ({error}).")))
}
