//! What UpdateService accepts under the controllers that roll out elsewhere.

use super::errors;
use super::settings::Controller;
use crate::error::ApiError;
use crate::input::Input;

/// Members that belong to a deployment, with AWS's words for them.
const DEPLOYED: [(&str, &str); 8] = [
    ("taskDefinition", "task definition"),
    ("networkConfiguration", "network parameters"),
    ("platformVersion", "platform version"),
    ("loadBalancers", "load balancers"),
    ("serviceRegistries", "service registries"),
    (
        "serviceConnectConfiguration",
        "service connect configuration",
    ),
    ("volumeConfigurations", "volume configurations"),
    ("capacityProviderStrategy", "capacity provider strategy"),
];

/// Refuses the members that the controller does not let UpdateService change.
pub(super) fn check(controller: Controller, input: &Input) -> Result<(), ApiError> {
    let (word, advice) = match controller {
        Controller::Ecs => return Ok(()),
        Controller::CodeDeploy => (
            "a CODE_DEPLOY",
            "Use AWS CodeDeploy to trigger a new deployment.",
        ),
        Controller::External => ("an EXTERNAL", "Use CreateTaskSet to deploy a new task set."),
    };
    for (member, name) in DEPLOYED {
        if input.has(member) {
            return Err(errors::invalid(format!(
                "Unable to update {name} on services with {word} deployment controller. {advice}"
            )));
        }
    }
    if input.flag("forceNewDeployment")?.unwrap_or(false) {
        return Err(errors::invalid(format!(
            "Cannot force a new deployment on services with {word} deployment controller. {advice}"
        )));
    }
    Ok(())
}
