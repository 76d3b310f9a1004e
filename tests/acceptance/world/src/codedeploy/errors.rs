//! CodeDeploy's errors: every rule has its own code.

use crate::ApiError;

/// The error of that kind: `error("InvalidRevision", …)` is `InvalidRevisionException`.
pub(super) fn error(kind: &str, message: impl Into<String>) -> ApiError {
    ApiError::new(format!("{kind}Exception"), message)
}

/// Checks a name: 1–100 letters, digits and `+=,.@_-`.
pub(super) fn name<'a>(
    sent: Option<&'a str>,
    what: &str,
    words: &str,
) -> Result<&'a str, ApiError> {
    let Some(name) = sent.filter(|name| !name.is_empty()) else {
        return Err(error(
            &format!("{what}NameRequired"),
            format!("You must specify the {words} name."),
        ));
    };
    let fits = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c));
    if !fits || name.len() > 100 {
        return Err(error(
            &format!("Invalid{what}Name"),
            format!(
                "The {words} name {name} is invalid: it has 1 to 100 letters, digits and + = , . @ _ - characters."
            ),
        ));
    }
    Ok(name)
}

pub(super) fn application_name(sent: Option<&str>) -> Result<&str, ApiError> {
    name(sent, "Application", "application")
}

pub(super) fn group_name(sent: Option<&str>) -> Result<&str, ApiError> {
    name(sent, "DeploymentGroup", "deployment group")
}

pub(super) fn config_name(sent: Option<&str>) -> Result<&str, ApiError> {
    name(sent, "DeploymentConfig", "deployment configuration")
}

pub(super) fn no_application(name: &str) -> ApiError {
    error(
        "ApplicationDoesNotExist",
        format!("No application found for name: {name}"),
    )
}

pub(super) fn no_group(name: &str) -> ApiError {
    error(
        "DeploymentGroupDoesNotExist",
        format!("No Deployment Group found for name: {name}"),
    )
}

pub(super) fn no_config(name: &str) -> ApiError {
    error(
        "DeploymentConfigDoesNotExist",
        format!("No Deployment Configuration found for name: {name}"),
    )
}

pub(super) fn no_deployment(id: &str) -> ApiError {
    error(
        "DeploymentDoesNotExist",
        format!("The deployment {id} could not be found"),
    )
}
