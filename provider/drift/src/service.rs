//! `switchyard_blue_green_service`.

use super::{Class, DriftCondition, DriftRule, ExpectedBy, Severity, region};

pub(super) const TYPE: &str = "switchyard_blue_green_service";

const CRITICAL: Class = Class::Drift(Severity::Critical);
const MAJOR: Class = Class::Drift(Severity::Major);
const MINOR: Class = Class::Drift(Severity::Minor);

const APPLY: &str = "Apply: the setting is reverted without a deployment.";
const APPLY_DEPLOYS: &str = "Apply: a deployment restores the configuration. To keep the change, add it to the \
                             configuration.";

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
        when: DriftCondition::Always,
        class,
        meaning,
        remedy,
    }
}

const fn only(when: DriftCondition, rule: DriftRule) -> DriftRule {
    DriftRule { when, ..rule }
}

/// The first that applies counts.
#[rustfmt::skip]
pub(super) const RULES: &[DriftRule] = &[
    rule("service.other", "arn", CRITICAL,
        "A different service has this name. It is not known whether it has the traffic.",
        "Find out who created it. Then import it, or remove it and apply."),

    // What runs.
    only(DriftCondition::Gone, rule("service.task-definition-gone", "task_definition", CRITICAL,
        "No revision serves: nothing answers requests.",
        "Apply: the configured revision is deployed.")),
    only(DriftCondition::Is("task_definition_owner", "external"), rule("service.task-definition-deployed", "task_definition",
        Class::Expected(ExpectedBy::Ci),
        "The pipeline that owns the task definition has deployed.",
        "Nothing to do.")),
    rule("service.task-definition", "task_definition", MAJOR,
        "A revision that is not configured answers production requests.",
        "Apply: the configured revision is deployed. To keep the other one, add it to the configuration, or change \
         the owner (`task_definition_owner`)."),
    rule("service.images", "images", MAJOR,
        "An image that is not configured answers production requests.",
        "Apply: the configured image is deployed. To keep the other one, add it to `images`."),
    only(DriftCondition::Is("task_definition_owner", "external"), rule("service.live-revision-deployed", "live_task_definition",
        Class::Expected(ExpectedBy::Ci),
        "The pipeline that owns the task definition has deployed.",
        "Nothing to do.")),
    rule("service.live-revision", "live_task_definition", MAJOR,
        "A different revision than the last apply left answers production requests.",
        "Apply: the configured revision is deployed, or that of `restore_snapshot`. To keep the other one, add it \
         to the configuration, or change the owner (`task_definition_owner`)."),
    rule("service.live-side", "live_target_group", Class::Expected(ExpectedBy::Controller),
        "A deployment has swapped the sides.",
        "Nothing to do."),

    // How many.
    only(DriftCondition::Is("desired_count_owner", "autoscaler"), rule("service.desired-count-scaled", "desired_count",
        Class::Expected(ExpectedBy::Autoscaler),
        "The autoscaler follows the load.",
        "Nothing to do.")),
    only(DriftCondition::Within("desired_count_bounds"), rule("service.desired-count-within-bounds", "desired_count",
        Class::Expected(ExpectedBy::Autoscaler),
        "The number of tasks is within its bounds.",
        "Nothing to do.")),
    only(DriftCondition::Zero, rule("service.desired-count-zero", "desired_count", CRITICAL,
        "The desired count is 0: nothing answers requests.",
        "Apply: the tasks start again.")),
    rule("service.desired-count", "desired_count", MAJOR,
        "The service has a different capacity than configured.",
        "Apply: the number is reverted at once. To let another owner decide, set `desired_count_owner`."),

    // Where traffic goes.
    only(DriftCondition::Gone, rule("service.load-balancer-gone", "load_balancer", CRITICAL,
        "New tasks are not registered with the load balancer: production loses its targets as tasks are replaced.",
        APPLY_DEPLOYS)),
    rule("service.target-groups", "load_balancer.target_groups", CRITICAL,
        "Tasks are registered in target groups that the production rule may not reach.",
        APPLY_DEPLOYS),
    rule("service.production-rule", "load_balancer.production_listener_rule", CRITICAL,
        "The next deployment moves the weights of a different rule: production stays where it is while the old \
         tasks stop.",
        "Apply before anybody deploys: the service uses the configured rule again."),
    rule("service.test-rule", "load_balancer.test_listener_rule", MAJOR,
        "Test traffic, and gates that use it, do not reach the new revision of the next deployment.",
        "Apply: the service uses the configured rule again."),
    rule("service.load-balancer-role", "load_balancer.role_arn", MAJOR,
        "The next deployment may not be allowed to move traffic, and fails.",
        "Apply: the service uses the configured role again."),
    rule("service.load-balancer", "load_balancer", MAJOR,
        "Requests reach a different container or port than configured.",
        APPLY_DEPLOYS),
    rule("service.grace-period", "health_check_grace_period", MINOR,
        "Nothing changes for running tasks. New tasks have a different time to become healthy.",
        APPLY),

    // Where tasks run.
    rule("service.security-groups", "network_configuration.security_groups", MAJOR,
        "Network access to or from the tasks has changed: the load balancer or dependencies may be blocked, or \
         others allowed.",
        APPLY_DEPLOYS),
    rule("service.public-ip", "network_configuration.assign_public_ip", MAJOR,
        "Contrary to the configuration, tasks can be reached from the internet, or cannot reach it.",
        APPLY_DEPLOYS),
    rule("service.network", "network_configuration", MAJOR,
        "Tasks run in different subnets than configured: different zones, different routes.",
        APPLY_DEPLOYS),
    rule("service.launch-type", "launch_type", MAJOR,
        "Tasks run on different capacity than configured.",
        APPLY_DEPLOYS),
    rule("service.capacity-providers", "capacity_provider_strategy", MAJOR,
        "Tasks run on different capacity than configured, such as a larger share of Spot.",
        APPLY_DEPLOYS),
    rule("service.platform-version", "platform_version", MINOR,
        "Nothing changes for requests. Tasks run on a different platform version of Fargate.",
        APPLY_DEPLOYS),

    rule("service.additional-target-groups", "additional_load_balancer", CRITICAL,
        "Tasks are not registered in the configured target groups: what they serve has no targets, or others.",
        APPLY_DEPLOYS),
    rule("service.service-connect", "service_connect_configuration", MAJOR,
        "Other services may not reach this one by name, or this one others.",
        APPLY_DEPLOYS),
    rule("service.registries", "service_registries", MAJOR,
        "Clients that look the service up by DNS may not find its tasks.",
        APPLY_DEPLOYS),
    rule("service.volumes", "volume_configuration", MAJOR,
        "New tasks have different volumes than configured.",
        APPLY_DEPLOYS),
    rule("service.lattice", "vpc_lattice_configurations", MAJOR,
        "Requests through VPC Lattice may not reach the tasks.",
        APPLY_DEPLOYS),
    rule("service.placement-constraints", "placement_constraints", MAJOR,
        "New tasks may run on different instances than configured, or on none.",
        APPLY),
    rule("service.placement-strategy", "ordered_placement_strategy", MINOR,
        "New tasks are distributed differently than configured.",
        APPLY),
    rule("service.zone-rebalancing", "availability_zone_rebalancing", MINOR,
        "Nothing changes for requests. ECS evens out tasks between zones, or does not.",
        APPLY),
    rule("service.scheduling", "scheduling_strategy", CRITICAL,
        "A different service has this name: a service keeps the scheduling strategy it was created with.",
        "Find out who created it. An apply replaces it."),

    // How the next revision takes over.
    rule("service.controller", "controller", MAJOR,
        "A different controller moves traffic at the next deployment, with different rules.",
        "Find out who changed the controller. Then add it to the configuration, or apply."),
    rule("service.deployment-alarms", "deployment.alarms", MAJOR,
        "The next deployment is rolled back by different alarms than configured, or by none.",
        APPLY),
    rule("service.circuit-breaker", "deployment.circuit_breaker", MAJOR,
        "A deployment whose tasks keep failing ends differently than configured.",
        APPLY),
    rule("service.lifecycle-hooks", "deployment.lifecycle_hook", MAJOR,
        "The next deployment is checked by different functions than configured, or by none.",
        APPLY),
    rule("service.approvals", "deployment.approval", MAJOR,
        "The next deployment waits for a person at different stages than configured, or at none.",
        APPLY),
    rule("service.strategy", "deployment.strategy", MAJOR,
        "The next deployment moves traffic differently than configured.",
        APPLY),
    rule("service.canary", "deployment.canary", MAJOR,
        "The next deployment starts with a different share of requests on the new revision.",
        APPLY),
    rule("service.linear", "deployment.linear", MAJOR,
        "The next deployment moves traffic in different portions or at a different speed.",
        APPLY),
    rule("service.steps", "deployment.step", MAJOR,
        "The next deployment does not hold the configured weights.",
        APPLY),
    rule("service.bake-time", "deployment.bake_time", MINOR,
        "Nothing changes now. After the next deployment the old revision stays for a different time.",
        APPLY),
    rule("service.maximum-percent", "deployment.maximum_percent", MINOR,
        "Nothing changes now. The next deployment may run a different number of tasks at once.",
        APPLY),
    rule("service.minimum-healthy-percent", "deployment.minimum_healthy_percent", MAJOR,
        "The next deployment may run with less capacity than configured.",
        APPLY),

    // The rest.
    rule("service.execute-command", "enable_execute_command", MAJOR,
        "Nothing changes for requests. ECS Exec is now enabled or disabled for tasks that start from now on.",
        APPLY),
    rule("service.managed-tags", "enable_ecs_managed_tags", MINOR,
        "Nothing changes for requests. New tasks have different tags.",
        APPLY),
    rule("service.propagate-tags", "propagate_tags", MINOR,
        "Nothing changes for requests. New tasks have different tags.",
        APPLY),
    rule("service.tags", "tags", MINOR,
        "Nothing changes for requests. Cost reports and policies that use tags see different values.",
        APPLY),
    rule("service.tags-all", "tags_all", MINOR,
        "Nothing changes for requests. Cost reports and policies that use tags see different values.",
        APPLY),
    rule("service.unfinished", "unfinished", CRITICAL,
        "Something runs, or was left behind, that is not configured: a deployment that may change production, a \
         second task set, suspended scaling.",
        "Apply: it is completed, or rolled back if it is no longer configured."),
    region::named("service.region", TYPE),
];
