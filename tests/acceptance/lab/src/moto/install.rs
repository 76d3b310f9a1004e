//! Creates the virtual environment moto runs in.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::{MotoConfig, MotoError};

/// The moto release the lab was tested with.
pub const MOTO_VERSION: &str = "5.2.5";

/// Makes sure moto is installed and returns the Python that can import it.
///
/// A lock file makes labs that need it at the same moment wait for the first of them. The
/// environment is built beside its final place and renamed, so that an interrupted installation is
/// never taken for a whole one.
///
/// # Errors
/// [`MotoError::PythonMissing`] or [`MotoError::Install`] with what the failing command wrote.
pub async fn install(config: &MotoConfig) -> Result<PathBuf, MotoError> {
    let place = config.home.join(format!("moto-{MOTO_VERSION}"));
    let python = interpreter(&place);
    if is_file(&python).await {
        return Ok(python);
    }
    let failed = |step: &str, error: io::Error| MotoError::Install {
        step: step.to_owned(),
        detail: format!("{}: {error}", config.home.display()),
    };
    tokio::fs::create_dir_all(&config.home)
        .await
        .map_err(|error| failed("create folder", error))?;
    let lock = lock(config.home.join("install.lock"))
        .await
        .map_err(|error| failed("lock folder", error))?;
    if is_file(&python).await {
        return Ok(python);
    }

    let building = config.home.join(format!("moto-{MOTO_VERSION}.partial"));
    discard(&building).await;
    let mut venv = Command::new(&config.python);
    venv.args(["-m", "venv"]).arg(&building);
    run(venv, &config.python, "python -m venv").await?;
    let mut pip = Command::new(interpreter(&building));
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ])
    .arg(format!("moto[server]=={MOTO_VERSION}"));
    run(pip, &config.python, "pip install moto").await?;
    tokio::fs::rename(&building, &place)
        .await
        .map_err(|error| failed("rename", error))?;
    drop(lock);
    Ok(python)
}

/// Waits for the lock; it is released when the file is dropped or the process ends.
async fn lock(path: PathBuf) -> io::Result<File> {
    tokio::task::spawn_blocking(move || {
        let file = File::create(path)?;
        file.lock()?;
        Ok(file)
    })
    .await
    .map_err(io::Error::other)?
}

fn interpreter(environment: &Path) -> PathBuf {
    environment.join("bin").join("python")
}

async fn is_file(path: &Path) -> bool {
    tokio::fs::metadata(path)
        .await
        .is_ok_and(|meta| meta.is_file())
}

/// Removes a half-made environment; when there is none, there is nothing to do.
async fn discard(path: &Path) {
    drop(tokio::fs::remove_dir_all(path).await);
}

async fn run(mut command: Command, python: &str, step: &str) -> Result<(), MotoError> {
    let output = command
        .stdin(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => MotoError::PythonMissing {
                python: python.to_owned(),
            },
            _ => MotoError::Install {
                step: step.to_owned(),
                detail: error.to_string(),
            },
        })?;
    if output.status.success() {
        return Ok(());
    }
    let written = [output.stdout, output.stderr].concat();
    Err(MotoError::Install {
        step: step.to_owned(),
        detail: last_lines(&String::from_utf8_lossy(&written)),
    })
}

/// The end of what a command wrote, where the reason usually is.
pub(super) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let skipped = lines.len().saturating_sub(4);
    lines
        .iter()
        .skip(skipped)
        .copied()
        .collect::<Vec<_>>()
        .join(" / ")
}
