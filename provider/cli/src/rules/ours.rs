//! Rules for the resources of this provider.

use super::Event::Changed;
use super::{Rule, Severity, Verdict};

const SERVICE: &[&str] = &["switchyard_blue_green_service"];
const SCALING: &[&str] = &["switchyard_scaling_policy_set"];

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "service.account",
        types: SERVICE,
        events: &[
            Changed("arn"),
            Changed("deployment_id"),
            Changed("last_deployment"),
            Changed("live_target_group"),
            Changed("quarantined_images"),
            Changed("unfinished"),
            Changed("will_deploy"),
        ],
        verdict: Verdict::Expected,
        meaning: "Which side serves and what the last deployment did change with every deployment.",
        advice: "Nothing to do.",
    },
    Rule {
        id: "service.desired-count",
        types: SERVICE,
        events: &[Changed("desired_count")],
        verdict: Verdict::CountsIfPlanned(Severity::Major),
        meaning: "The number of tasks was changed; the owner of the number decides whether that is right.",
        advice: "Say who owns the number with `desired_count_owner`.",
    },
    Rule {
        id: "service.revision",
        types: SERVICE,
        events: &[Changed("task_definition"), Changed("images")],
        verdict: Verdict::CountsIfPlanned(Severity::Critical),
        meaning: "Somebody else rolled out another revision, which serves production now.",
        advice: "Say who owns the revision with `task_definition_owner`; an apply deploys the configured one.",
    },
    Rule {
        id: "service.traffic",
        types: SERVICE,
        events: &[
            Changed("load_balancer"),
            Changed("controller"),
            Changed("codedeploy"),
        ],
        verdict: Verdict::Counts(Severity::Critical),
        meaning: "The way of production traffic to the service was changed.",
        advice: "Check which target group serves before anything else.",
    },
    Rule {
        id: "service.network",
        types: SERVICE,
        events: &[Changed("network_configuration")],
        verdict: Verdict::Counts(Severity::Critical),
        meaning: "Subnets, security groups or public addresses of the tasks were changed.",
        advice: "Check who can reach the tasks now.",
    },
    Rule {
        id: "service.deployment",
        types: SERVICE,
        events: &[Changed("deployment"), Changed("gate")],
        verdict: Verdict::Counts(Severity::Major),
        meaning: "The next deployment would go another way than the reviewed one.",
        advice: "Put it back before the next deployment.",
    },
    Rule {
        id: "service.access",
        types: SERVICE,
        events: &[Changed("enable_execute_command")],
        verdict: Verdict::Counts(Severity::Major),
        meaning: "ECS Exec, which opens a shell in tasks, was switched.",
        advice: "Find out who needed it.",
    },
    Rule {
        id: "scaling.policies",
        types: SCALING,
        events: &[Changed("*")],
        verdict: Verdict::CountsIfPlanned(Severity::Major),
        meaning: "Bounds, policies or schedules of scaling were changed.",
        advice: "Check that the service can still grow under load.",
    },
];
