//! Progress of an apply while it runs: lines on the terminal that Terraform runs in, or a file of JSON lines that others
//! follow.
//!
//! **Invariant.** An apply neither waits for whoever reads nor fails because of them. Lines are written by a thread of their
//! own; what it cannot keep up with or cannot write is lost. Only the end of a rollout waits until it is written, at most five
//! seconds and once: Terraform may end the process right after it.
//!
//! **Invariant.** Nothing is written to the standard output or the standard error of the process: they belong to Terraform.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use switchyard_engine::ports::{GITHUB_PROGRESS_FILE, Progress, ProgressMoment};

/// Lines that wait to be written. More are dropped: an apply says one thing every few seconds.
const WAITING: usize = 256;

/// How long the end of a rollout waits to be written.
const PATIENCE: Duration = Duration::from_secs(5);

/// What names the terminal instead of a file.
const TERMINAL: &str = "tty";

/// What names the file in the folder of a GitHub runner.
const GITHUB: &str = "github";

/// Where progress goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file: one JSON object for each moment, added at its end.
    File(PathBuf),
    /// The terminal of the process: one line for each moment.
    Terminal,
}

impl Target {
    /// `tty`, `github`, or the path of a file. Nothing when nothing is written. `runner` is the folder of a GitHub runner that
    /// lasts as long as a job (RUNNER_TEMP); elsewhere there is none.
    ///
    /// The log of a step is out of reach from here: Terraform keeps the standard error of a provider for its own log, and its
    /// standard output is the connection. `switchyard watch` takes the file there.
    pub fn parse(text: &str, runner: Option<&str>) -> Option<Self> {
        match text {
            "" => None,
            TERMINAL => Some(Self::Terminal),
            GITHUB => runner
                .filter(|folder| !folder.is_empty())
                .map(|folder| Self::File(Path::new(folder).join(GITHUB_PROGRESS_FILE))),
            path => Some(Self::File(PathBuf::from(path))),
        }
    }
}

/// Writes progress in the background.
#[derive(Debug)]
pub struct Writer {
    target: Target,
    lines: SyncSender<Line>,
    /// An end was not written in time: no other one waits.
    is_stuck: AtomicBool,
}

/// A line, and who waits until it was written.
#[derive(Debug)]
struct Line {
    bytes: Vec<u8>,
    /// Goes when the line goes, which whoever waits notices.
    _written: Option<SyncSender<()>>,
}

impl Writer {
    /// Starts the thread that writes. Nothing is opened before there is something to write.
    pub fn start(target: Target) -> Self {
        let (lines, waiting) = sync_channel(WAITING);
        let of = target.clone();
        // Without a thread nothing is written; the apply goes its way.
        std::thread::Builder::new()
            .name("progress".to_owned())
            .spawn(move || write_all(&of, &waiting))
            .ok();
        Self {
            target,
            lines,
            is_stuck: AtomicBool::new(false),
        }
    }
}

impl Progress for Writer {
    fn tell(&self, moment: &ProgressMoment) {
        let line = match &self.target {
            Target::Terminal => Some(format!("{}\r\n", plain(&moment.to_string())).into_bytes()),
            Target::File(_) => serde_json::to_vec(moment).ok().map(|mut line| {
                line.push(b'\n');
                line
            }),
        };
        let Some(bytes) = line else {
            return;
        };
        let (written, end) = match moment.is_over {
            true => {
                let (written, end) = sync_channel(1);
                (Some(written), Some(end))
            }
            false => (None, None),
        };
        let line = Line {
            bytes,
            _written: written,
        };
        // Full, or nobody is left to write: both are no reason to wait.
        if let (Ok(()), Some(end)) = (self.lines.try_send(line), end)
            && !self.is_stuck.load(Ordering::Relaxed)
            && end.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout)
        {
            self.is_stuck.store(true, Ordering::Relaxed);
        }
    }
}

/// Names come from AWS and from the configuration: none may steer a terminal.
fn plain(text: &str) -> String {
    let letters = text.chars();
    letters
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

fn write_all(target: &Target, waiting: &Receiver<Line>) {
    let mut open: Option<File> = None;
    for line in waiting {
        // A file that was removed or a terminal that has gone is looked for again with the next line.
        let written = match open.take() {
            Some(file) => Ok(file),
            None => opened(target),
        }
        .and_then(|mut file| file.write_all(&line.bytes).map(|()| file));
        open = written.ok();
    }
}

fn opened(target: &Target) -> io::Result<File> {
    match target {
        Target::Terminal => OpenOptions::new().write(true).open(terminal()),
        Target::File(path) => open_file(path),
    }
}

/// The terminal of a process, whatever its standard streams are connected to.
fn terminal() -> &'static Path {
    Path::new(match cfg!(windows) {
        true => "CONOUT$",
        false => "/dev/tty",
    })
}

/// Only a regular file, or none yet: never what a symbolic link leads to, a device or a pipe.
fn open_file(path: &Path) -> io::Result<File> {
    let refused = || io::Error::from(io::ErrorKind::InvalidInput);
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Err(refused()),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
        }
        Err(error) => return Err(error),
    }
    let file = OpenOptions::new().append(true).create(true).open(path)?;
    // It may have been replaced since.
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(refused()),
    }
}
