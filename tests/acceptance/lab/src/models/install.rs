//! Installs the models, and documented examples of calls, where moto is installed.

use std::path::PathBuf;

use crate::moto::MotoConfig;
use crate::python::{self, Packages, PythonError};

/// The botocore release whose models the lab is held against.
pub const BOTOCORE_VERSION: &str = "1.44.8";

/// The AWS command line whose examples the adapters are held against.
pub const AWSCLI_VERSION: &str = "1.46.3";

/// What is read of the installed packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelPackages {
    /// `botocore/data`, as [`LabConfig::models`](crate::LabConfig::models) wants it.
    pub models: PathBuf,
    /// `awscli/examples`.
    pub examples: PathBuf,
}

/// Makes sure that botocore and awscli are installed and says where. Nothing of them runs.
///
/// # Errors
/// [`PythonError`] with what the failing command wrote.
pub async fn install(config: &MotoConfig) -> Result<ModelPackages, PythonError> {
    let packages = Packages {
        name: &format!("models-{BOTOCORE_VERSION}-{AWSCLI_VERSION}"),
        requirements: &[
            "--no-deps",
            "--no-compile",
            &format!("botocore=={BOTOCORE_VERSION}"),
            &format!("awscli=={AWSCLI_VERSION}"),
        ],
    };
    let interpreter = python::install(&config.home, &config.python, packages).await?;
    let environment = interpreter.ancestors().nth(2);
    let step = "find site-packages".to_owned();
    let detail = format!("{} is in no virtual environment", interpreter.display());
    let packages = environment
        .and_then(|environment| site_packages(&environment.join("lib")))
        .ok_or(PythonError::Step { step, detail })?;
    Ok(ModelPackages {
        models: packages.join("botocore").join("data"),
        examples: packages.join("awscli").join("examples"),
    })
}

/// `lib/pythonX.Y/site-packages`.
fn site_packages(lib: &std::path::Path) -> Option<PathBuf> {
    std::fs::read_dir(lib)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("site-packages")))
        .find(|place| place.is_dir())
}
