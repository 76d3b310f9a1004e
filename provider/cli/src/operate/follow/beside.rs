//! `watch -- COMMAND`: runs an apply and writes what it says about itself between its own lines. Terraform keeps the standard
//! error of a provider for its log, and the standard output of one is the connection to it: only another process can write
//! to the log of a pipeline's step.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{Seek as _, SeekFrom};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};

use switchyard_engine::ports::Clock;
use switchyard_operate::{Console, Trouble};

use super::form::Form;
use super::reading::{PAUSE, Reading, unreadable, write};
use super::signals::Signals;
use crate::operate::arguments::WatchFormat;

/// The variable that tells an apply where to write.
const PROGRESS: &str = "SWITCHYARD_PROGRESS";

/// Code of a command that a signal has ended, without the signal's number, as in shells.
const BY_SIGNAL: i32 = 128;

/// Runs the command, which inherits everything, and returns its exit code.
///
/// # Errors
/// The command cannot be started, or the file cannot be written.
pub(in crate::operate) async fn beside(
    command: &[OsString],
    path: &Path,
    format: WatchFormat,
    clock: &dyn Clock,
    console: &mut Console<'_>,
) -> Result<u8, Trouble> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(Trouble::new("Name the command to run after `--`."));
    };
    // Wherever the command goes, it is this file.
    let path = std::path::absolute(path).map_err(|error| unreadable(path, &error))?;
    let made = OpenOptions::new().append(true).create(true).open(&path);
    made.map_err(|error| {
        Trouble::new(format!(
            "{} cannot be written ({error}). Nothing was run.",
            path.display()
        ))
    })?;
    let mut reading = Reading::open(&path)?;
    // What is in it is of earlier applies.
    let end = reading.file.seek(SeekFrom::End(0));
    end.map_err(|error| unreadable(&path, &error))?;
    let mut form = Form::of(format, console.output);
    let mut command = Command::new(program);
    command.args(arguments).env(PROGRESS, &path);
    let mut signals = Signals::taken(&mut command)?;
    let mut child = command.spawn().map_err(|error| {
        Trouble::new(format!(
            "`{}` cannot be started ({error}). Nothing was run.",
            program.display()
        ))
    })?;
    let ended = loop {
        // Asked first: what was written before its end is read after it.
        let ended = ended(&mut child)?;
        for moment in reading.next()? {
            // Nobody reads it any more: the command goes on.
            drop(write(console, &form.lines(&moment)));
        }
        match ended {
            Some(status) => break status,
            None => signals.pass_on_for(&child, clock.sleep(PAUSE)).await,
        }
    };
    let close: Vec<String> = form.end().map(str::to_owned).into_iter().collect();
    drop(write(console, &close));
    Ok(code(ended))
}

fn ended(child: &mut Child) -> Result<Option<ExitStatus>, Trouble> {
    child
        .try_wait()
        .map_err(|error| Trouble::new(format!("The command cannot be waited for ({error}).")))
}

fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal: Option<i32> = None;
    let code = status.code().or(signal.map(|signal| BY_SIGNAL + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
