//! What to do about causes that AWS names. Every advice is followed by `Then apply again`.

use switchyard_rollout::Hopeless;

/// Fragment of AWS's words → advice. The first row that occurs wins, so the special stands before the general.
const TABLE: &[(&str, &str)] = &[
    // Tasks.
    (
        "no matching manifest",
        "The image is not built for the CPU architecture of the task definition: build it for that architecture.",
    ),
    (
        "not contain descriptor matching platform",
        "The image is not built for the CPU architecture of the task definition: build it for that architecture.",
    ),
    (
        "CannotPullContainerError",
        "Check that the image exists, and that the subnets reach the registry (NAT or VPC endpoints).",
    ),
    (
        "ResourceInitializationError",
        "Check that the execution role may read the secrets and write the logs, and that the subnets reach those services.",
    ),
    (
        "OutOfMemory",
        "Give the container more memory, or find what uses it.",
    ),
    (
        "exec format error",
        "The image is built for a different CPU architecture: build it for that of the task definition.",
    ),
    (
        "CannotStartContainerError",
        "Check the container's entry point and command.",
    ),
    (
        "ContainerRuntime",
        "The container runtime failed: read the reason of the task.",
    ),
    (
        "SpotInterruption",
        "Spot capacity was reclaimed: give the capacity provider strategy a base that is not Spot.",
    ),
    (
        "exited with 137",
        "The container was killed (137), usually because it ran out of memory: give it more, or find what uses it.",
    ),
    (
        "exited with 139",
        "The container crashed (139): check its logs.",
    ),
    (
        "exited with 255",
        "The container could not run (255): check its logs, and the CPU architecture of the image.",
    ),
    ("exited with", "Check the logs of the stopped tasks."),
    ("failed to start", "Check the reasons of the stopped tasks."),
    // Targets.
    (
        "Target.ResponseCodeMismatch",
        "Make the health check path return a code that the target group accepts.",
    ),
    (
        "Target.Timeout",
        "Allow the load balancer in the security group, and respond to the health check within its timeout.",
    ),
    (
        "Target.FailedHealthChecks",
        "Check that the container listens on its port and that the security group allows the load balancer.",
    ),
    (
        "health check",
        "Check the health check path, port and grace period.",
    ),
    // Hooks.
    (
        "ook timed out",
        "Check the logs of the lifecycle hook's function: it did not respond in time.",
    ),
    (
        "ifecycle hook",
        "Check the logs of the lifecycle hook's function.",
    ),
    // Alarms.
    (
        "ALARM_ACTIVE",
        "Check the alarm and the new revision's metrics.",
    ),
    (
        "larm fired",
        "Check the alarm and the new revision's metrics.",
    ),
    (
        "larm detected",
        "Check the alarm and the new revision's metrics.",
    ),
    // CodeDeploy.
    (
        "ECS_UPDATE_ERROR",
        "CodeDeploy could not change the service: check the service's events.",
    ),
    (
        "HOOK_EXECUTION_FAILURE",
        "Check the logs of the lifecycle hook's function.",
    ),
    (
        "HOOK_CONFIGURATION_MISSING",
        "Create the hook that the configuration of the deployment names.",
    ),
    (
        "INVALID_ECS_SERVICE",
        "Check that the deployment group names this service, and that the service's controller is CODE_DEPLOY.",
    ),
    (
        "IAM_ROLE_MISSING",
        "Create the service role that the deployment group names.",
    ),
    (
        "IAM_ROLE_PERMISSIONS",
        "Give the deployment group's service role the permissions of AWSCodeDeployRoleForECS.",
    ),
    (
        "ELASTIC_LOAD_BALANCING_INVALID",
        "Make the production listener of the deployment group forward to the target group with the running tasks, \
         and check that the deployment group names the right listeners and target groups.",
    ),
    (
        "ELB_UPDATE_ERROR",
        "CodeDeploy could not change the listener: check its default action and rules.",
    ),
    (
        "TIMEOUT",
        "The new tasks did not become healthy in time: check stopped tasks and target health.",
    ),
    (
        "THROTTLED",
        "AWS had too many requests: wait a few minutes.",
    ),
    (
        "MANUAL_STOP",
        "Somebody stopped the deployment: find out who and why.",
    ),
    (
        "MISSING_BLUE_GREEN_DEPLOYMENT_CONFIGURATION",
        "Give the deployment group a blue/green configuration.",
    ),
    (
        "MISSING_ELB_INFORMATION",
        "Give the deployment group its pair of target groups and the production listener.",
    ),
    (
        "RESOURCE_LIMIT_EXCEEDED",
        "Raise the limit that AWS names, or free what uses it.",
    ),
    (
        "INVALID_REVISION",
        "AWS rejects the AppSpec: check container name, port and task definition.",
    ),
    ("INTERNAL_ERROR", "AWS had an internal error."),
    // Capacity.
    (
        "RESOURCE:MEMORY",
        "The cluster has too little memory: add capacity. Both revisions run at full size during a deployment.",
    ),
    (
        "RESOURCE:CPU",
        "The cluster has too little CPU: add capacity. Both revisions run at full size during a deployment.",
    ),
    (
        "unable to place a task",
        "The cluster has no capacity: add some. Both revisions run at full size during a deployment.",
    ),
    (
        "apacity is unavailable",
        "AWS has no capacity there now: add subnets in different zones, or wait.",
    ),
    (
        "circuit breaker",
        "Check the stopped tasks of the new revision.",
    ),
];

/// The advice for a sentence of AWS's, if its cause is known.
pub(crate) fn advice_for(line: &str) -> Option<&'static str> {
    TABLE
        .iter()
        .find(|(fragment, _)| line.contains(fragment))
        .map(|(_, advice)| *advice)
}

/// What to do about a reason for which no task can start.
pub(crate) fn advice_on(hopeless: Hopeless) -> &'static str {
    match hopeless {
        Hopeless::Image => {
            "Push the image, or correct its name. If it exists, allow the execution role to pull it (an image in a \
             different account also needs that account's permission)."
        }
        Hopeless::Secret => {
            "Create the secret or parameter, or correct its name. If it exists, allow the execution role to read it \
             (and its key, if it is encrypted with a customer managed key)."
        }
        Hopeless::Architecture => {
            "Build the image for the CPU architecture of the task definition (`docker buildx build --platform`), or \
             set `cpuArchitecture` in its `runtimePlatform`."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_special_cause_wins_over_the_general_one() {
        let line = "2 tasks stopped: Essential container in task exited; container `app` exited with 255: exec format error";
        assert!(advice_for(line).is_some_and(|advice| advice.contains("architecture")));
        let line =
            "1 task stopped: Essential container in task exited; container `app` exited with 3";
        assert_eq!(
            advice_for(line),
            Some("Check the logs of the stopped tasks.")
        );
        assert_eq!(advice_for("all is well"), None);
    }

    #[test]
    fn no_advice_says_itself_to_apply_again() {
        for (fragment, advice) in TABLE {
            assert!(!advice.contains("pply again"), "{fragment}: {advice}");
        }
    }
}
