//! A provider process under test.

use std::{
    future::Future,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, ChildStderr, ChildStdout, Command},
    time::timeout,
};

use crate::client::{Identity, Target};

/// Nothing here takes this long; it turns a hang into a failure.
const PATIENCE: Duration = Duration::from_secs(20);

/// What go-plugin grants a process between `Shutdown` and the kill.
pub(crate) const KILL_AFTER: Duration = Duration::from_secs(2);

pub(crate) const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

pub(crate) async fn soon<T>(what: &str, work: impl Future<Output = T>) -> T {
    timeout(PATIENCE, work)
        .await
        .unwrap_or_else(|_| panic!("timed out: {what}"))
}

pub(crate) fn probe() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let path = tests
        .parent()
        .and_then(|deps| deps.parent())
        .unwrap()
        .join("examples/transport_probe");
    assert!(
        path.exists(),
        "build the example first: cargo build -p tfplugin --example transport_probe"
    );
    path
}

/// How to start one: with the environment Terraform gives, in a temp folder of its own.
pub(crate) struct Setup {
    pub(crate) temp: TempDir,
    pub(crate) command: Command,
}

impl Setup {
    pub(crate) fn new() -> Self {
        Self::of(Command::new(probe()))
    }

    pub(crate) fn of(mut command: Command) -> Self {
        let temp = TempDir::with_prefix_in("sw", "/tmp").unwrap();
        command
            .env_clear()
            .env(COOKIE.0, COOKIE.1)
            .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
            .env("PLUGIN_MIN_PORT", "10000")
            .env("PLUGIN_MAX_PORT", "25000")
            .env("TMPDIR", temp.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        Self { temp, command }
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn arg(mut self, argument: &str) -> Self {
        self.command.arg(argument);
        self
    }

    pub(crate) fn identity(self, identity: &Identity) -> Self {
        self.env("PLUGIN_CLIENT_CERT", &identity.pem)
    }

    /// The folder for temporary files is not there.
    pub(crate) fn without_temp(self) -> Self {
        let gone = self.temp.path().join("gone");
        self.env("TMPDIR", gone)
    }

    pub(crate) fn spawn(mut self) -> Plugin {
        let mut child = self.command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let stderr = child.stderr.take().unwrap();
        Plugin {
            child,
            stdout,
            stderr,
            temp: self.temp,
        }
    }

    /// Runs it to its own end.
    pub(crate) async fn output(mut self) -> std::process::Output {
        soon("the process ends by itself", self.command.output())
            .await
            .unwrap()
    }
}

pub(crate) struct Plugin {
    pub(crate) child: Child,
    pub(crate) stdout: BufReader<ChildStdout>,
    pub(crate) stderr: ChildStderr,
    pub(crate) temp: TempDir,
}

impl Plugin {
    pub(crate) async fn line(&mut self) -> String {
        let mut line = String::new();
        soon("a line on stdout", self.stdout.read_line(&mut line))
            .await
            .unwrap();
        line
    }

    pub(crate) async fn handshake(&mut self) -> Handshake {
        Handshake::parse(&self.line().await)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    pub(crate) async fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args(["-s", name, &self.pid().to_string()])
            .status()
            .await
            .unwrap();
        assert!(status.success());
    }

    pub(crate) async fn exit(&mut self) -> ExitStatus {
        soon("the process exits", self.child.wait()).await.unwrap()
    }

    /// What it wrote to stderr until its end, as log lines. Fails on a line that is not one.
    pub(crate) async fn log(mut self) -> Vec<serde_json::Value> {
        let mut text = String::new();
        soon("stderr ends", self.stderr.read_to_string(&mut text))
            .await
            .unwrap();
        text.lines().map(parse_log_line).collect()
    }

    pub(crate) fn sockets_left(&self) -> usize {
        std::fs::read_dir(self.temp.path()).unwrap().count()
    }
}

/// Every line must be what go-plugin takes for a log entry.
fn parse_log_line(line: &str) -> serde_json::Value {
    assert!(line.len() < 64 * 1024, "too long: {} bytes", line.len());
    let value: serde_json::Value =
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line:?}"));
    let text = |key: &str| {
        value
            .get(key)
            .and_then(|v| v.as_str())
            .unwrap_or_else(|| panic!("{key} in {line}"))
    };
    assert!(
        ["trace", "debug", "info", "warn", "error"].contains(&text("@level")),
        "{line}"
    );
    text("@message");
    text("@module");
    let time = text("@timestamp").as_bytes();
    assert!(
        time.len() == 27 && time.get(19) == Some(&b'.') && time.last() == Some(&b'Z'),
        "{line}"
    );
    value
}

/// The fields of the line on stdout.
#[derive(Debug, Clone)]
pub(crate) struct Handshake {
    pub(crate) fields: Vec<String>,
}

impl Handshake {
    fn parse(line: &str) -> Self {
        let line = line
            .strip_suffix('\n')
            .unwrap_or_else(|| panic!("no newline in {line:?}"));
        let fields: Vec<_> = line.split('|').map(str::to_owned).collect();
        assert!(fields.len() >= 6, "{line}");
        Self { fields }
    }

    pub(crate) fn field(&self, number: usize) -> &str {
        &self.fields[number - 1]
    }

    pub(crate) fn certificate(&self) -> Vec<u8> {
        STANDARD_NO_PAD.decode(self.field(6)).unwrap()
    }

    pub(crate) fn target(&self) -> Target {
        Target {
            network: self.field(3).to_owned(),
            address: self.field(4).to_owned(),
        }
    }
}
