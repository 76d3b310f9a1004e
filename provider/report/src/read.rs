//! The file of a deployment.

use std::fmt;

use serde::Deserialize;
use switchyard_engine::DeploymentRecord;

/// The newest form of the file that this build reads.
const NEWEST: u32 = 2;

/// One deployment of one service.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    /// Name of the cluster.
    pub cluster: String,
    /// Name of the service.
    pub service: String,
    /// What happened.
    pub record: DeploymentRecord,
    /// The freeze that it did not heed.
    pub freeze: Option<Overridden>,
}

/// A freeze that somebody has overridden.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Overridden {
    /// The freeze, in the configuration's words.
    pub freeze: String,
    /// Until when it holds.
    pub until: String,
    /// Why there was a deployment all the same.
    pub reason: String,
}

/// Why a file is no report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is no JSON, or lacks something.
    Malformed(String),
    /// It is JSON, and something else.
    NotAReport,
    /// A later build has written it.
    Newer(u32),
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) => write!(f, "it is not a whole report of a deployment: {why}"),
            Self::NotAReport => f.write_str(
                "it is not a report of a deployment; reports are the files that `report_path` of \
                 `switchyard_blue_green_service` names",
            ),
            Self::Newer(version) => write!(
                f,
                "its form is version {version}, and this build reads versions up to {NEWEST}; use a newer `switchyard`"
            ),
        }
    }
}

impl std::error::Error for Unread {}

#[derive(Deserialize)]
struct Form {
    schema_version: Option<u32>,
    deployment: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct File {
    service: Name,
    deployment: DeploymentRecord,
    freeze: Option<Overridden>,
}

#[derive(Deserialize)]
struct Name {
    cluster: String,
    name: String,
}

/// Reads the text of a report.
///
/// # Errors
/// [`Unread`].
pub fn read(text: &str) -> Result<Deployment, Unread> {
    // Editors on Windows write a mark first.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let malformed = |error: serde_json::Error| Unread::Malformed(error.to_string());
    let value: serde_json::Value = serde_json::from_str(text).map_err(malformed)?;
    let Ok(form) = Form::deserialize(&value) else {
        return Err(Unread::NotAReport);
    };
    match (form.schema_version, form.deployment) {
        (Some(version), _) if version > NEWEST => return Err(Unread::Newer(version)),
        (Some(_), Some(_)) => {}
        (Some(_) | None, Some(_) | None) => return Err(Unread::NotAReport),
    }
    let file = File::deserialize(value).map_err(malformed)?;
    Ok(Deployment {
        cluster: file.service.cluster,
        service: file.service.name,
        record: file.deployment,
        freeze: file.freeze,
    })
}
