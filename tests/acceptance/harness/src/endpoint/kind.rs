//! Which program, or AWS, answers at an endpoint.

use std::fmt;

use super::caller::Caller;
use super::capability::Capability;

/// What stands behind an endpoint. Only what no call can tell is decided by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A lab that runs outside of the suite.
    Lab,
    /// LocalStack, with or without a licence.
    LocalStack {
        /// Version, as it says.
        version: String,
        /// Whether a licence is active.
        licensed: bool,
    },
    /// MiniStack.
    MiniStack,
    /// moto's server.
    Moto,
    /// AWS itself.
    Aws,
    /// Something else.
    Other,
}

impl Kind {
    /// Asks for what each of them, and nobody else, answers.
    pub(super) fn detect(caller: &mut Caller) -> Self {
        let mut page = |path: &str| {
            let answer = caller.page(path).ok()?;
            (answer["status"] == 200)
                .then(|| answer["body"].as_str().unwrap_or_default().to_owned())
        };
        if let Some(body) = page("/_localstack/info")
            && let Ok(info) = serde_json::from_str::<serde_json::Value>(&body)
        {
            return Self::LocalStack {
                version: info["version"].as_str().unwrap_or("?").to_owned(),
                licensed: info["is_license_activated"] == true,
            };
        }
        if page("/_lab/state").is_some_and(|body| body.starts_with('{')) {
            return Self::Lab;
        }
        if page("/_ministack/health").is_some() {
            return Self::MiniStack;
        }
        match page("/moto-api/") {
            Some(body) if body.contains("Moto") => Self::Moto,
            _ => Self::Other,
        }
    }

    /// Why it lacks something that no call tells; `None` when it has it, as far as is known.
    pub(super) fn lacks(&self, capability: Capability) -> Option<&'static str> {
        const ONLY_LAB: &str = "only the lab has them";
        match (capability, self) {
            (Capability::OwnEndpoint, _) => {
                Some("the case starts the endpoint it is about; `make test` runs it")
            }
            (Capability::LabControls, Self::Lab) => {
                Some("the suite uses them only in a lab that it starts itself")
            }
            (Capability::LabImages, Self::Lab) => None,
            (Capability::LabControls | Capability::LabImages, _) => Some(ONLY_LAB),
            (Capability::EmptyAccount, Self::Aws | Self::Other) => {
                Some("the case counts everything there is, and others may have made things there")
            }
            (Capability::RunningTasks, Self::Moto) => Some("moto starts no tasks"),
            (Capability::RunningTasks, Self::MiniStack) => {
                Some("MiniStack starts no tasks without Docker")
            }
            // Both answer the question, and neither has any.
            (Capability::NativeBlueGreen, Self::MiniStack) => {
                Some("MiniStack lists no service deployments")
            }
            (Capability::NativeBlueGreen, Self::Moto) => {
                Some("service deployments beside moto are rolling ones")
            }
            _ => None,
        }
    }

    /// Whether somebody pays for what is made there.
    #[must_use]
    pub fn is_real(&self) -> bool {
        *self == Self::Aws
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lab => f.write_str("a lab"),
            Self::LocalStack { version, licensed } => {
                let with = if *licensed { "with" } else { "without" };
                write!(f, "LocalStack {version} {with} a licence")
            }
            Self::MiniStack => f.write_str("MiniStack"),
            Self::Moto => f.write_str("moto"),
            Self::Aws => f.write_str("AWS"),
            Self::Other => f.write_str("an endpoint of another kind"),
        }
    }
}
