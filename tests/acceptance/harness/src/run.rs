//! What a command printed and how it ended.

use std::io::{BufRead, BufReader, Read};
use std::process::Child;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

/// Longest any command may take, in real time. Only a hanging one reaches it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1800);

/// A finished command.
#[derive(Clone, Debug)]
pub struct Run {
    /// The command, for messages.
    pub command: String,
    /// Exit code; -1 when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// Everything it printed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Everything it printed as one line of words: Terraform wraps messages and puts bars in front of them.
    #[must_use]
    pub fn words(&self) -> String {
        self.text()
            .replace(['│', '╷', '╵'], " ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Asserts that it succeeded.
    ///
    /// # Panics
    /// When it did not, with its output.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert!(
            self.code == 0,
            "`{}` ended with {}:\n{}",
            self.command,
            self.code,
            self.text()
        );
        self
    }

    /// Asserts that it failed and said all of `fragments` (line breaks do not matter).
    ///
    /// # Panics
    /// When it succeeded, or did not say one of them.
    #[track_caller]
    pub fn fails_saying(self, fragments: &[&str]) -> Self {
        assert!(
            self.code != 0,
            "`{}` should have failed:\n{}",
            self.command,
            self.text()
        );
        self.says(fragments)
    }

    /// Asserts that it said all of `fragments` (line breaks do not matter).
    ///
    /// # Panics
    /// When it did not say one of them.
    #[track_caller]
    pub fn says(self, fragments: &[&str]) -> Self {
        let words = self.words();
        for fragment in fragments {
            assert!(
                words.contains(fragment),
                "`{}` did not say {fragment:?}:\n{}",
                self.command,
                self.text()
            );
        }
        self
    }
}

/// A command under way.
#[derive(Debug)]
pub struct Running {
    command: String,
    child: Child,
    lines: Receiver<String>,
    stderr: Receiver<String>,
    seen: String,
}

impl Running {
    pub(crate) fn new(command: String, mut child: Child) -> Self {
        let lines = reader(child.stdout.take());
        let stderr = reader(child.stderr.take());
        Self {
            command,
            child,
            lines,
            stderr,
            seen: String::new(),
        }
    }

    /// Process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until a line of its standard output contains `text`.
    ///
    /// # Panics
    /// When it ends, or takes longer than anything may, without saying so.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    self.seen += &line;
                    if line.contains(text) {
                        return;
                    }
                }
                Err(_) => panic!(
                    "`{}` never said {text:?}:\n{}\n{}",
                    self.command,
                    self.seen,
                    drain(&self.stderr)
                ),
            }
        }
    }

    /// Sends a signal to it and to the programs it started, as Ctrl-C in a terminal does.
    ///
    /// # Panics
    /// When `kill` does not run.
    pub fn signal_group(&self, signal: &str) {
        signal_to(signal, &format!("-{}", self.child.id()));
    }

    /// Sends a signal to it alone.
    ///
    /// # Panics
    /// When `kill` does not run.
    pub fn signal(&self, signal: &str) {
        signal_to(signal, &self.child.id().to_string());
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it cannot be waited for.
    #[must_use]
    pub fn finish(mut self) -> Run {
        let mut stdout = std::mem::take(&mut self.seen);
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            stdout += &line;
        }
        let stderr = drain(&self.stderr);
        let status = self
            .child
            .wait()
            .expect("a started command can be waited for");
        Run {
            command: self.command,
            code: status.code().unwrap_or(-1),
            stdout,
            stderr,
        }
    }
}

/// Sends a signal by `kill`.
pub(crate) fn signal_to(signal: &str, target: &str) {
    let status = std::process::Command::new("kill")
        .args(["-s", signal, "--", target])
        .status()
        .expect("`kill` runs");
    assert!(status.success(), "`kill -s {signal} {target}` failed");
}

fn drain(lines: &Receiver<String>) -> String {
    let mut text = String::new();
    while let Ok(line) = lines.recv_timeout(PATIENCE) {
        text += &line;
    }
    text
}

/// The lines of a stream as they come.
pub(crate) fn reader(stream: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let Some(stream) = stream else { return };
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while matches!(stream.read_until(b'\n', &mut line), Ok(read) if read > 0) {
            if sender
                .send(String::from_utf8_lossy(&line).into_owned())
                .is_err()
            {
                return;
            }
            line.clear();
        }
    });
    receiver
}

/// A plan, read from its JSON form.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The whole document.
    pub json: Value,
    /// What Terraform printed while planning.
    pub run: Run,
}

/// What a plan does to one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Resource address.
    pub address: String,
    /// `create`, `update`, `delete`, … in Terraform's words.
    pub actions: Vec<String>,
}

impl Plan {
    /// The objects that change.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        let changes = self.json["resource_changes"]
            .as_array()
            .into_iter()
            .flatten();
        changes
            .filter_map(|change| {
                let actions: Vec<_> = change["change"]["actions"]
                    .as_array()?
                    .iter()
                    .filter_map(|action| Some(action.as_str()?.to_owned()))
                    .collect();
                let address = change["address"].as_str()?.to_owned();
                (actions != ["no-op"] && actions != ["read"]).then_some(Change { address, actions })
            })
            .collect()
    }

    /// Asserts that nothing changes.
    ///
    /// # Panics
    /// When something does, with what Terraform printed.
    #[track_caller]
    pub fn is_empty(self) -> Self {
        assert!(
            self.changes().is_empty(),
            "the plan is not empty: {:?}\n{}",
            self.changes(),
            self.run.text()
        );
        self
    }

    /// Asserts that exactly this happens to exactly one object.
    ///
    /// # Panics
    /// When something else does.
    #[track_caller]
    pub fn only(self, address: &str, actions: &[&str]) -> Self {
        let wanted = [Change {
            address: address.to_owned(),
            actions: actions.iter().map(|&action| action.to_owned()).collect(),
        }];
        assert_eq!(self.changes(), wanted, "{}", self.run.text());
        self
    }

    /// The planned value of an attribute; null while unknown.
    #[must_use]
    pub fn after(&self, address: &str, attribute: &str) -> Value {
        let changes = self.json["resource_changes"]
            .as_array()
            .into_iter()
            .flatten();
        changes
            .filter(|change| change["address"] == address)
            .map(|change| change["change"]["after"][attribute].clone())
            .next()
            .unwrap_or_default()
    }
}
