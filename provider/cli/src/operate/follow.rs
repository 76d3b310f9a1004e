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

/// Writes each line of the file, and returns when every deployment in it has ended. What earlier applies have written
/// comes first.
///
/// # Errors
/// When the file cannot be read, or is none.
pub(super) async fn follow(
    path: &Path,
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
    loop {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(trouble)?;
        for moment in follower.take(&bytes) {
            write(console, &moment)?;
            last.insert((moment.cluster.clone(), moment.service.clone()), moment);
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
