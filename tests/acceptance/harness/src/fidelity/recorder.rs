//! The process that stands before an endpoint.

use std::hash::{BuildHasher as _, RandomState};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::recording::Recording;
use crate::endpoint::{AWS, python};

const RECORDER: &str = include_str!("recorder.py");

/// Passes calls on to an endpoint and writes them down. It ends with this value, and with the process.
#[derive(Debug)]
pub struct Recorder {
    child: Child,
    url: String,
    key: String,
    is_aws: bool,
    folder: tempfile::TempDir,
}

impl Recorder {
    /// Stands before `upstream`, a URL or [`AWS`](crate::AWS), with these AWS settings.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn before(upstream: &str, settings: &[(String, String)]) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("switchyard-recording-")
            .tempdir()
            .expect("a scratch folder");
        let key = key();
        let mut child = Command::new(python())
            .args(["-I", "-c", RECORDER])
            .arg(folder.path().join(FILE))
            .arg(upstream)
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .env_remove("AWS_ENDPOINT_URL")
            .env("SWITCHYARD_RECORDER_KEY", &key)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the Python of moto's environment starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output is a pipe"))
            .read_line(&mut line)
            .expect("a port is a line of text");
        let port: u16 = line.trim().parse().expect("the recorder says its port");
        Self {
            child,
            url: format!("http://127.0.0.1:{port}"),
            key,
            is_aws: upstream == AWS,
            folder,
        }
    }

    /// The settings of whoever calls through it. At AWS the recorder alone has the credentials, and signs for the key of
    /// this run.
    #[must_use]
    pub fn settings(&self, settings: &[(String, String)]) -> Vec<(String, String)> {
        let mut settings = settings.to_vec();
        if self.is_aws {
            let owned = ["AWS_PROFILE", "AWS_SESSION_TOKEN"];
            settings.retain(|(name, _)| !(owned.contains(&name.as_str()) || is_key(name)));
            let keys = KEYS.map(|name| (name.to_owned(), self.key.clone()));
            settings.extend(keys);
        }
        settings
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it has written down, with everything replaced that is of an account. `named` are names that the settings
    /// chose, such as an image, and what stands for them.
    ///
    /// # Panics
    /// When the file cannot be read.
    #[must_use]
    pub fn finish(self, named: &[(String, String)]) -> Recording {
        let file: PathBuf = self.folder.path().join(FILE);
        Recording::read(&file)
            .expect("the recorder writes a line of JSON for each call")
            .scrubbed(named)
    }
}

const FILE: &str = "calls.jsonl";

/// Settings that hold a key and its secret.
const KEYS: [&str; 2] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

fn is_key(name: &str) -> bool {
    KEYS.contains(&name)
}

/// A key that nobody can guess: the seeds of the standard library's hashers come from the operating system.
fn key() -> String {
    let part = || RandomState::new().hash_one(());
    format!("RUN{:016X}{:016X}", part(), part())
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // Refused only when it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
