//! The moto process: started in its own process group, ended with the lab whatever happens.

use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, Command};

use super::MotoError;
use crate::python::last_lines;

const SERVER: &str = include_str!("server.py");

/// How much of what moto writes is kept for error messages.
const KEPT: usize = 16 * 1024;

/// A moto that listens.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    port: u16,
    /// moto ends when this pipe closes; dropping the process closes it, and so does the operating
    /// system when the lab is killed.
    stdin: Option<ChildStdin>,
    written: Arc<Mutex<String>>,
}

impl Process {
    /// Starts moto and waits until it says its port.
    pub(super) async fn start(python: &Path, account: &str) -> Result<Self, MotoError> {
        let ended = |detail: String| MotoError::Ended { detail };
        let mut child = Command::new(python)
            .args(["-I", "-c", SERVER])
            .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
            .env("MOTO_ACCOUNT_ID", account)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| ended(format!("{}: {error}", python.display())))?;
        let stdin = child.stdin.take();
        let written = Arc::new(Mutex::new(String::new()));
        let reading = child
            .stderr
            .take()
            .map(|stderr| tokio::spawn(keep(stderr, Arc::clone(&written))));
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout)
                .read_line(&mut line)
                .await
                .map_err(|error| ended(error.to_string()))?;
        }
        let Ok(port) = line.trim().parse() else {
            if let Some(reading) = reading {
                drop(reading.await);
            }
            return Err(ended(tail(&written)));
        };
        Ok(Self {
            child,
            port,
            stdin,
            written,
        })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// What moto wrote last, when it is no longer there.
    pub(super) fn ended(&mut self) -> Option<String> {
        match self.child.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(format!("{status}: {}", tail(&self.written))),
            Err(error) => Some(error.to_string()),
        }
    }

    /// Ends moto and waits until it is gone.
    pub(super) async fn stop(mut self) {
        drop(self.stdin.take());
        // Refused only when it has ended already.
        drop(self.child.kill().await);
    }
}

async fn keep(mut stderr: ChildStderr, written: Arc<Mutex<String>>) {
    let mut buffer = vec![0; 4096];
    while let Ok(count @ 1..) = stderr.read(&mut buffer).await {
        let text = String::from_utf8_lossy(buffer.get(..count).unwrap_or_default());
        let mut written = written.lock().unwrap_or_else(PoisonError::into_inner);
        written.push_str(&text);
        if written.len() > KEPT {
            *written = last_lines(&written);
        }
    }
}

fn tail(written: &Mutex<String>) -> String {
    last_lines(&written.lock().unwrap_or_else(PoisonError::into_inner))
}
