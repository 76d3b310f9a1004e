//! LocalStack as it comes from the Python package index: no licence, no Docker.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use switchyard_lab::LabConfig;
use switchyard_lab::python::{self, Packages};

use crate::terraform::setting;

const SERVER: &str = include_str!("localstack.py");

/// The release that is tested against.
pub const LOCALSTACK_VERSION: &str = "4.9.2";

/// What it needs beside itself: newer releases of these break it, and it does not say so in its own requirements.
pub const LOCALSTACK_PINS: [&str; 4] = [
    "cbor2<6",
    "pyopenssl==25.3.0",
    "cryptography<47",
    "service_identity",
];

/// The Python it is made for.
const PYTHON: &str = "3.11";

/// A LocalStack of one case: its own port, its own folder. It ends with this value, and with the process.
#[derive(Debug)]
pub struct LocalStack {
    child: Child,
    endpoint: String,
    _folder: tempfile::TempDir,
}

impl LocalStack {
    /// Installs it if need be, and starts it.
    ///
    /// # Errors
    /// Why it is not to be had on this machine.
    ///
    /// # Panics
    /// When it was installed and does not start.
    pub fn start() -> Result<Self, String> {
        let interpreter = install()?;
        let folder = tempfile::Builder::new()
            .prefix("switchyard-localstack-")
            .tempdir()
            .expect("a scratch folder");
        let mut child = Command::new(interpreter)
            .args(["-I", "-c", SERVER])
            .env_clear()
            .envs(setting("PATH").map(|path| ("PATH", path)))
            .env("HOME", folder.path())
            .env("FILESYSTEM_ROOT", folder.path())
            .env("TMPDIR", folder.path())
            .env("OVERRIDE_IN_DOCKER", "0")
            // Nothing is reported and nothing is downloaded.
            .env("DISABLE_EVENTS", "1")
            .env("SKIP_SSL_CERT_DOWNLOAD", "1")
            .env("DNS_ADDRESS", "0")
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(
                std::fs::File::create(folder.path().join("log")).expect("a log"),
            ))
            .spawn()
            .expect("the installed Python starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output is a pipe"))
            .read_line(&mut line)
            .expect("a port is a line of text");
        let Ok(port) = line.trim().parse::<u16>() else {
            let log = std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
            panic!("LocalStack {LOCALSTACK_VERSION} did not start: {log}");
        };
        Ok(Self {
            child,
            endpoint: format!("http://127.0.0.1:{port}"),
            _folder: folder,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl Drop for LocalStack {
    fn drop(&mut self) {
        // Refused only when it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The Python that can import it, installed where moto is.
fn install() -> Result<PathBuf, String> {
    let base = suitable_python().ok_or_else(|| {
        format!("LocalStack {LOCALSTACK_VERSION} needs Python {PYTHON}, which is not on PATH")
    })?;
    let wanted = format!("localstack-core[runtime]=={LOCALSTACK_VERSION}");
    let mut requirements = vec![wanted.as_str()];
    requirements.extend(LOCALSTACK_PINS);
    let packages = Packages {
        name: &format!("localstack-{LOCALSTACK_VERSION}"),
        requirements: &requirements,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime
        .block_on(python::install(
            &LabConfig::from_environment().moto.home,
            &base.to_string_lossy(),
            packages,
        ))
        .map_err(|error| format!("LocalStack {LOCALSTACK_VERSION} cannot be installed: {error}"))
}

/// A Python of the right version that can make virtual environments. Some on PATH only point to others that may be
/// missing, so each is asked.
fn suitable_python() -> Option<PathBuf> {
    let path = setting("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    ["python3.11", "python3"]
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|python| python.is_file() && is_suitable(python))
}

fn is_suitable(python: &Path) -> bool {
    let question = "import ensurepip, sys; print('%d.%d' % sys.version_info[:2])";
    Command::new(python)
        .args(["-I", "-c", question])
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| {
            output.status.success() && String::from_utf8_lossy(&output.stdout).trim() == PYTHON
        })
}
