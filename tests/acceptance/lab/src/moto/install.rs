//! Creates the virtual environment moto runs in.

use std::path::PathBuf;

use crate::python::{self, Packages, PythonError};

use super::{MotoConfig, MotoError};

/// The moto release the lab was tested with.
pub const MOTO_VERSION: &str = "5.2.5";

/// Makes sure moto is installed and returns the Python that can import it.
///
/// # Errors
/// [`MotoError::PythonMissing`] or [`MotoError::Install`] with what the failing command wrote.
pub async fn install(config: &MotoConfig) -> Result<PathBuf, MotoError> {
    let packages = Packages {
        name: &format!("moto-{MOTO_VERSION}"),
        requirements: &[&format!("moto[server]=={MOTO_VERSION}")],
    };
    python::install(&config.home, &config.python, packages)
        .await
        .map_err(|error| match error {
            PythonError::Missing { python } => MotoError::PythonMissing { python },
            PythonError::Step { step, detail } => MotoError::Install { step, detail },
        })
}
