//! `switchyard_blue_green_service`.

use super::{Class, DriftRule, Owner, Severity, When};

pub(super) const TYPE: &str = "switchyard_blue_green_service";

const CRITICAL: Class = Class::Drift(Severity::Critical);
const MAJOR: Class = Class::Drift(Severity::Major);
const MINOR: Class = Class::Drift(Severity::Minor);

const APPLY: &str = "Apply: the setting goes back without a deployment.";
const APPLY_DEPLOYS: &str = "Apply: a deployment brings back what the configuration says. To keep the change, write it into the configuration.";

const fn rule(
    id: &'static str,
    attribute: &'static str,
    class: Class,
    meaning: &'static str,
    remedy: &'static str,
) -> DriftRule {
    DriftRule {
        id,
        resource_type: TYPE,
        attribute,
        when: When::Always,
        class,
        meaning,
        remedy,
    }
}

const fn only(when: When, rule: DriftRule) -> DriftRule {
    DriftRule { when, ..rule }
}

/// The first that applies counts.
#[rustfmt::skip]
pub(super) const RULES: &[DriftRule] = &[
    rule("service.other", "arn", CRITICAL,
        "Another service answers to this name. Whether it has the traffic is not known.",
        "Find out who made it. Then import it, or remove it and apply."),

    // What runs.
    only(When::Gone, rule("service.task-definition-gone", "task_definition", CRITICAL,
        "No revision serves: nothing answers requests.",
        "Apply: the revision of the configuration is deployed.")),
    only(When::Is("task_definition_owner", "external"), rule("service.task-definition-deployed", "task_definition",
        Class::Expected(Owner::Ci),
        "The pipeline that owns the task definition has deployed.",
        "Nothing to do.")),
    rule("service.task-definition", "task_definition", MAJOR,
        "Production requests are answered by a revision that the configuration does not name.",
        "Apply: the revision of the configuration is deployed. To keep the other one, write it into the configuration, \
         or let its owner decide (`task_definition_owner`)."),
    rule("service.images", "images", MAJOR,
        "Production requests are answered by an image that the configuration does not name.",
        "Apply: the image of the configuration is deployed. To keep the other one, write it into `images`."),
    only(When::Is("task_definition_owner", "external"), rule("service.live-revision-deployed", "live_task_definition",
        Class::Expected(Owner::Ci),
        "The pipeline that owns the task definition has deployed.",
        "Nothing to do.")),
    rule("service.live-revision", "live_task_definition", MAJOR,
        "Production requests are answered by another revision than the last apply left.",
        "Apply: what the configuration says is deployed, or what `restore_snapshot` names. To keep the other one, write it \
         into the configuration, or let its owner decide (`task_definition_owner`)."),
    rule("service.live-side", "live_target_group", Class::Expected(Owner::Controller),
        "A deployment has swapped the sides.",
        "Nothing to do."),

    // How many.
    only(When::Is("desired_count_owner", "autoscaler"), rule("service.desired-count-scaled", "desired_count",
        Class::Expected(Owner::Autoscaler),
        "The autoscaler follows the load.",
        "Nothing to do.")),
    only(When::Within("desired_count_bounds"), rule("service.desired-count-within-bounds", "desired_count",
        Class::Expected(Owner::Autoscaler),
        "The number of tasks is within its bounds.",
        "Nothing to do.")),
    only(When::Zero, rule("service.desired-count-zero", "desired_count", CRITICAL,
        "The service is told to run no task: nothing answers requests.",
        "Apply: the tasks start again.")),
    rule("service.desired-count", "desired_count", MAJOR,
        "The service has another capacity than the configuration says.",
        "Apply: the number goes back at once. To let somebody else decide, set `desired_count_owner`."),

    // Where traffic goes.
    only(When::Gone, rule("service.load-balancer-gone", "load_balancer", CRITICAL,
        "New tasks are not registered with the load balancer: production loses its targets as tasks are replaced.",
        APPLY_DEPLOYS)),
    rule("service.target-groups", "load_balancer.target_groups", CRITICAL,
        "Tasks are registered in other target groups than those the production rule is meant to reach.",
        APPLY_DEPLOYS),
    rule("service.production-rule", "load_balancer.production_listener_rule", CRITICAL,
        "The next deployment moves the weights of another rule: production stays where it is while the old tasks stop.",
        "Apply before anybody deploys: the service names the rule of the configuration again."),
    rule("service.test-rule", "load_balancer.test_listener_rule", MAJOR,
        "Test traffic, and gates that use it, do not reach the new revision of the next deployment.",
        "Apply: the service names the rule of the configuration again."),
    rule("service.load-balancer-role", "load_balancer.role_arn", MAJOR,
        "The next deployment may not be allowed to move traffic, and fails.",
        "Apply: the service has the role of the configuration again."),
    rule("service.load-balancer", "load_balancer", MAJOR,
        "Requests reach another container or port than the configuration says.",
        APPLY_DEPLOYS),
    rule("service.grace-period", "health_check_grace_period", MINOR,
        "Nothing changes for the tasks that run. New tasks are given another time to become healthy.",
        APPLY),

    // Where tasks run.
    rule("service.security-groups", "network_configuration.security_groups", MAJOR,
        "Who may reach the tasks has changed: the load balancer, or what the tasks depend on, may be shut out, or others \
         let in.",
        APPLY_DEPLOYS),
    rule("service.public-ip", "network_configuration.assign_public_ip", MAJOR,
        "Tasks can be reached from the internet, or cannot reach it, against what the configuration says.",
        APPLY_DEPLOYS),
    rule("service.network", "network_configuration", MAJOR,
        "Tasks run in other subnets than the configuration says: other zones, other routes.",
        APPLY_DEPLOYS),
    rule("service.launch-type", "launch_type", MAJOR,
        "Tasks run on other capacity than the configuration says.",
        APPLY_DEPLOYS),
    rule("service.capacity-providers", "capacity_provider_strategy", MAJOR,
        "Tasks run on other capacity than the configuration says, such as more of it on Spot.",
        APPLY_DEPLOYS),
    rule("service.platform-version", "platform_version", MINOR,
        "Nothing changes for requests. Tasks run on another version of Fargate.",
        APPLY_DEPLOYS),

    // How the next revision takes over.
    rule("service.controller", "controller", MAJOR,
        "Somebody else moves traffic at the next deployment, by other rules.",
        "Find out who moved the service. Then write the controller into the configuration, or apply."),
    rule("service.deployment-alarms", "deployment.alarms", MAJOR,
        "Other alarms than the configuration says undo the next deployment, or none does.",
        APPLY),
    rule("service.circuit-breaker", "deployment.circuit_breaker", MAJOR,
        "A deployment whose tasks keep failing ends in another way than the configuration says.",
        APPLY),
    rule("service.lifecycle-hooks", "deployment.lifecycle_hooks", MAJOR,
        "The next deployment is checked by other functions than the configuration says, or by none.",
        APPLY),
    rule("service.strategy", "deployment.strategy", MAJOR,
        "The next deployment moves traffic in another way than the configuration says.",
        APPLY),
    rule("service.canary", "deployment.canary", MAJOR,
        "The next deployment gives the new revision another share of requests first.",
        APPLY),
    rule("service.linear", "deployment.linear", MAJOR,
        "The next deployment moves traffic in other portions or at another pace.",
        APPLY),
    rule("service.steps", "deployment.steps", MAJOR,
        "The next deployment does not hold the weights that the configuration names.",
        APPLY),
    rule("service.bake-time", "deployment.bake_time", MINOR,
        "Nothing changes now. The old revision stays for another time after the next deployment.",
        APPLY),
    rule("service.maximum-percent", "deployment.maximum_percent", MINOR,
        "Nothing changes now. The next deployment may run another number of tasks at once.",
        APPLY),
    rule("service.minimum-healthy-percent", "deployment.minimum_healthy_percent", MAJOR,
        "The next deployment may run with less capacity than the configuration says.",
        APPLY),

    // The rest.
    rule("service.execute-command", "enable_execute_command", MAJOR,
        "Nothing changes for requests. Who may open a shell in tasks that start from now on has changed.",
        APPLY),
    rule("service.managed-tags", "enable_ecs_managed_tags", MINOR,
        "Nothing changes for requests. New tasks carry other tags.",
        APPLY),
    rule("service.propagate-tags", "propagate_tags", MINOR,
        "Nothing changes for requests. New tasks carry other tags.",
        APPLY),
    rule("service.tags", "tags", MINOR,
        "Nothing changes for requests. Cost reports and rules that go by tags see something else.",
        APPLY),
    rule("service.tags-all", "tags_all", MINOR,
        "Nothing changes for requests. Cost reports and rules that go by tags see something else.",
        APPLY),
    rule("service.unfinished", "unfinished", CRITICAL,
        "Something runs, or was left, that the configuration does not say: a deployment that may change what production \
         gets, a second task set, suspended scaling.",
        "Apply: it is finished, or taken back when it is no longer wanted."),
];
