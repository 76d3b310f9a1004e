//! What to do about causes that AWS names. Every advice is followed by `Then apply again`.

use switchyard_rollout::Hopeless;

/// Fragment of AWS's words → advice. The first row that occurs wins, so the special stands before the general.
const TABLE: &[(&str, &str)] = &[
    // Tasks.
    (
        "no matching manifest",
        "The image is not built for the processor architecture of the task definition: build it for that one.",
    ),
    (
        "not contain descriptor matching platform",
        "The image is not built for the processor architecture of the task definition: build it for that one.",
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
        "The image is built for another processor architecture: build it for the one the task definition names.",
    ),
    (
        "CannotStartContainerError",
        "Check the container's entry point and command.",
    ),
    (
        "ContainerRuntime",
        "The container runtime failed: look at the task's own reason.",
    ),
    (
        "SpotInterruption",
        "Spot capacity was taken away: give the capacity provider strategy a base that is not Spot.",
    ),
    (
        "exited with 137",
        "The container was killed (137), mostly for lack of memory: give it more, or find what uses it.",
    ),
    (
        "exited with 139",
        "The container crashed (139): look at its logs.",
    ),
    (
        "exited with 255",
        "The container could not run (255): look at its logs, and check the image's processor architecture.",
    ),
    ("exited with", "Look at the logs of the stopped tasks."),
    (
        "failed to start",
        "Look at the reasons of the stopped tasks.",
    ),
    // Targets.
    (
        "Target.ResponseCodeMismatch",
        "Make the health check path answer with a code the target group accepts.",
    ),
    (
        "Target.Timeout",
        "Let the security group admit the load balancer, and answer the health check within its time-out.",
    ),
    (
        "Target.FailedHealthChecks",
        "Check that the container listens on its port and that the security group admits the load balancer.",
    ),
    (
        "health check",
        "Check the health check path, port and grace period.",
    ),
    // Hooks.
    (
        "ook timed out",
        "Look at the logs of the life-cycle hook's function: it did not answer in its time.",
    ),
    (
        "ifecycle hook",
        "Look at the logs of the life-cycle hook's function.",
    ),
    // Alarms.
    (
        "ALARM_ACTIVE",
        "Look at the alarm and at the new revision's metrics.",
    ),
    (
        "larm fired",
        "Look at the alarm and at the new revision's metrics.",
    ),
    (
        "larm detected",
        "Look at the alarm and at the new revision's metrics.",
    ),
    // CodeDeploy.
    (
        "ECS_UPDATE_ERROR",
        "CodeDeploy could not change the service: look at the service's events.",
    ),
    (
        "HOOK_EXECUTION_FAILURE",
        "Look at the logs of the life-cycle hook's function.",
    ),
    (
        "HOOK_CONFIGURATION_MISSING",
        "Give the deployment the hook its configuration names.",
    ),
    (
        "INVALID_ECS_SERVICE",
        "Check that the deployment group names this service, and that the service's controller is CODE_DEPLOY.",
    ),
    (
        "IAM_ROLE_MISSING",
        "Create the service role the deployment group names.",
    ),
    (
        "IAM_ROLE_PERMISSIONS",
        "Allow the deployment group's service role what AWSCodeDeployRoleForECS allows.",
    ),
    (
        "ELASTIC_LOAD_BALANCING_INVALID",
        "Point the production listener of the deployment group at the target group whose tasks run, and check that the group names the right listeners and target groups.",
    ),
    (
        "ELB_UPDATE_ERROR",
        "CodeDeploy could not change the listener: check its default action and rules.",
    ),
    (
        "TIMEOUT",
        "The new tasks did not become healthy in time: look at stopped tasks and target health.",
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
        "Raise the limit AWS names, or free what uses it.",
    ),
    (
        "INVALID_REVISION",
        "AWS rejects the AppSpec: check container name, port and task definition.",
    ),
    ("INTERNAL_ERROR", "AWS had an internal error."),
    // Capacity.
    (
        "RESOURCE:MEMORY",
        "The cluster has too little memory: add capacity. Both revisions run at full size during a rollout.",
    ),
    (
        "RESOURCE:CPU",
        "The cluster has too little CPU: add capacity. Both revisions run at full size during a rollout.",
    ),
    (
        "unable to place a task",
        "The cluster has no room: add capacity. Both revisions run at full size during a rollout.",
    ),
    (
        "apacity is unavailable",
        "AWS has no capacity there now: add subnets in other zones, or wait.",
    ),
    (
        "circuit breaker",
        "Look at the stopped tasks of the new revision.",
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
            "Push the image, or correct its name; if it is there, let the execution role pull it (an image of another \
             account also needs that account's permission)."
        }
        Hopeless::Secret => {
            "Create the secret or parameter, or correct its name; if it is there, let the execution role read it (and its \
             key, when it is encrypted with one of yours)."
        }
        Hopeless::Architecture => {
            "Build the image for the processor architecture of the task definition (`docker buildx build --platform`), \
             or set `cpuArchitecture` in its `runtimePlatform`."
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
            Some("Look at the logs of the stopped tasks.")
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
