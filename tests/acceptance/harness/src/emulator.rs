//! Programs of others that stand in for AWS, each as it comes from the Python package index: no licence, no Docker.
//!
//! What they answer was not written by this project, so they find what its own lab cannot. Each case has one of its own.

mod install;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::terraform::setting;
pub use install::Program;

/// An emulator of one case: its own port, its own folder. It ends with this value, and with the process.
#[derive(Debug)]
pub struct Emulator {
    child: Child,
    endpoint: String,
    _folder: tempfile::TempDir,
}

impl Emulator {
    /// Installs a program if need be, and starts it.
    ///
    /// # Errors
    /// Why it is not to be had on this machine.
    ///
    /// # Panics
    /// When it was installed and does not start.
    pub fn start(program: Program) -> Result<Self, String> {
        let interpreter = program.install()?;
        let folder = tempfile::Builder::new()
            .prefix("switchyard-emulator-")
            .tempdir()
            .expect("a scratch folder");
        let mut child = Command::new(interpreter)
            .args(["-I", "-c", program.script()])
            .env_clear()
            .envs(setting("PATH").map(|path| ("PATH", path)))
            .env("HOME", folder.path())
            .env("TMPDIR", folder.path())
            .envs(program.environment(folder.path()))
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
            panic!("{program} did not start: {log}");
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

impl Drop for Emulator {
    fn drop(&mut self) {
        // Refused only when it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
