//! Which programs there are, and what each needs to run.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use switchyard_lab::python::{self, Packages};
use switchyard_lab::{LabConfig, MOTO_VERSION, install_moto};

use crate::terraform::setting;

/// A program that stands in for AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// LocalStack without a licence.
    LocalStack,
    /// MiniStack.
    MiniStack,
    /// moto's server, with service deployments of ours beside what it has.
    Moto,
}

/// The Python that LocalStack is made for.
const PYTHON: &str = "3.11";

impl Program {
    /// The release that is tested against.
    #[must_use]
    pub fn version(self) -> &'static str {
        match self {
            Self::LocalStack => "4.9.2",
            Self::MiniStack => "1.5.33",
            Self::Moto => MOTO_VERSION,
        }
    }

    /// What pip is asked for. LocalStack needs more than it says: newer releases of these break it.
    #[must_use]
    pub fn requirements(self) -> Vec<String> {
        let version = self.version();
        match self {
            Self::LocalStack => [
                &format!("localstack-core[runtime]=={version}"),
                "cbor2<6",
                "pyopenssl==25.3.0",
                "cryptography<47",
                "service_identity",
            ]
            .map(str::to_owned)
            .into(),
            Self::MiniStack => vec![format!("ministack=={version}")],
            Self::Moto => vec![format!("moto[server]=={version}")],
        }
    }

    /// What the Python that can import it runs.
    pub(super) fn script(self) -> &'static str {
        match self {
            Self::LocalStack => include_str!("localstack.py"),
            Self::MiniStack => include_str!("ministack.py"),
            Self::Moto => include_str!("moto.py"),
        }
    }

    /// Settings of its own: nothing is reported, nothing is downloaded, and files stay in the folder of the case.
    pub(super) fn environment(self, folder: &Path) -> Vec<(&'static str, OsString)> {
        let place = |name: &str| folder.join(name).into_os_string();
        match self {
            Self::LocalStack => vec![
                ("FILESYSTEM_ROOT", folder.into()),
                ("OVERRIDE_IN_DOCKER", "0".into()),
                ("DISABLE_EVENTS", "1".into()),
                ("SKIP_SSL_CERT_DOWNLOAD", "1".into()),
                ("DNS_ADDRESS", "0".into()),
            ],
            Self::MiniStack => vec![
                ("S3_DATA_DIR", place("s3")),
                ("STATE_DIR", place("state")),
                ("LOG_LEVEL", "WARNING".into()),
            ],
            Self::Moto => vec![("MOTO_IAM_LOAD_MANAGED_POLICIES", "true".into())],
        }
    }

    /// The Python that can import it, installed where moto is.
    pub(super) fn install(self) -> Result<PathBuf, String> {
        let config = LabConfig::from_environment().moto;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let base = match self {
            Self::Moto => {
                return runtime
                    .block_on(install_moto(&config))
                    .map_err(|error| format!("{self} cannot be installed: {error}"));
            }
            Self::MiniStack => config.python.clone(),
            Self::LocalStack => {
                let found = suitable_python()
                    .ok_or_else(|| format!("{self} needs Python {PYTHON}, which is not on PATH"))?;
                found.to_string_lossy().into_owned()
            }
        };
        let requirements = self.requirements();
        let requirements: Vec<&str> = requirements.iter().map(String::as_str).collect();
        let packages = Packages {
            name: &format!("{}-{}", self.to_string().to_lowercase(), self.version()),
            requirements: &requirements,
        };
        runtime
            .block_on(python::install(&config.home, &base, packages))
            .map_err(|error| format!("{self} cannot be installed: {error}"))
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::LocalStack => "LocalStack",
            Self::MiniStack => "MiniStack",
            Self::Moto => "moto",
        };
        f.write_str(name)
    }
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
