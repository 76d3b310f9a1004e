//! Virtual environments for the Python programs that stand in for AWS services: built once, kept in a folder.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

/// Why a virtual environment is not there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PythonError {
    /// No such Python on this machine.
    #[error("`{python}` was not found")]
    Missing {
        /// The command that was looked for.
        python: String,
    },
    /// A step of the installation failed.
    #[error("`{step}` failed: {detail}")]
    Step {
        /// The command.
        step: String,
        /// The last lines it wrote.
        detail: String,
    },
}

/// A virtual environment: its name says what is in it, so that another version is another environment.
#[derive(Clone, Copy, Debug)]
pub struct Packages<'a> {
    /// Name of the environment's folder, with the version.
    pub name: &'a str,
    /// What pip is asked to install.
    pub requirements: &'a [&'a str],
}

/// Makes sure the packages are installed below `home` and returns the Python that can import them.
///
/// A lock file makes processes that need them at the same moment wait for the first of them. The
/// environment is built beside its final place and renamed, so that an interrupted installation is
/// never taken for a whole one.
///
/// # Errors
/// [`PythonError`] with what the failing command wrote.
pub async fn install(
    home: &Path,
    python: &str,
    packages: Packages<'_>,
) -> Result<PathBuf, PythonError> {
    let place = home.join(packages.name);
    let interpreter_there = interpreter(&place);
    if is_file(&interpreter_there).await {
        return Ok(interpreter_there);
    }
    let failed = |step: &str, error: io::Error| PythonError::Step {
        step: step.to_owned(),
        detail: format!("{}: {error}", home.display()),
    };
    tokio::fs::create_dir_all(home)
        .await
        .map_err(|error| failed("create folder", error))?;
    let lock = lock(home.join(format!("{}.lock", packages.name)))
        .await
        .map_err(|error| failed("lock folder", error))?;
    if is_file(&interpreter_there).await {
        return Ok(interpreter_there);
    }

    let building = home.join(format!("{}.partial", packages.name));
    discard(&building).await;
    let mut venv = Command::new(python);
    venv.args(["-m", "venv"]).arg(&building);
    run(venv, python, "python -m venv").await?;
    let mut pip = Command::new(interpreter(&building));
    pip.args(["-m", "pip", "install", "--quiet"])
        .arg("--disable-pip-version-check")
        .args(packages.requirements);
    let step = format!("pip install {}", packages.name);
    run(pip, python, &step).await?;
    tokio::fs::rename(&building, &place)
        .await
        .map_err(|error| failed("rename", error))?;
    drop(lock);
    Ok(interpreter_there)
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
    match cfg!(windows) {
        true => environment.join("Scripts").join("python.exe"),
        false => environment.join("bin").join("python"),
    }
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

async fn run(mut command: Command, python: &str, step: &str) -> Result<(), PythonError> {
    let output = command
        .stdin(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => PythonError::Missing {
                python: python.to_owned(),
            },
            _ => PythonError::Step {
                step: step.to_owned(),
                detail: error.to_string(),
            },
        })?;
    if output.status.success() {
        return Ok(());
    }
    let written = [output.stdout, output.stderr].concat();
    Err(PythonError::Step {
        step: step.to_owned(),
        detail: last_lines(&String::from_utf8_lossy(&written)),
    })
}

/// The end of what a command wrote, where the reason usually is.
#[must_use]
pub fn last_lines(text: &str) -> String {
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
