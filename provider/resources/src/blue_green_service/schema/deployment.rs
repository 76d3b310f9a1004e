//! How a new revision takes over: ECS, CodeDeploy.

use tfplugin::schema::validators::{
    between, each, float, items_at_least, items_between, not_empty, number, one_of, string,
    whole_number,
};
use tfplugin::schema::{Attribute, Nesting};
use tfplugin::value::{Number, Type, Value};

use super::super::strategy;
use super::texts::{duration_text, is_code_deploy_name, json_text, minutes_text, role_arn};

pub(super) fn attributes() -> Vec<Attribute> {
    vec![
        Attribute::string("strategy")
            .required()
            .validator(one_of(["rolling", "all_at_once", "canary", "linear", "steps"]))
            .description(
                "`all_at_once`, `canary`, `linear` and `steps` bring the new revision up beside the old one and then \
                 move traffic; `rolling` (controller `ecs` only) replaces tasks in place. `steps` (controllers `ecs` \
                 and `external`) holds the weights that are written in `steps`.",
            ),
        Attribute::nested("canary", Nesting::Single, shift("the first shift", 1))
            .optional()
            .description("Shift of the `canary` strategy. ECS takes 5 percent and 10 minutes when absent."),
        Attribute::nested("linear", Nesting::Single, shift("each shift", 3))
            .optional()
            .description("Shifts of the `linear` strategy. ECS takes 10 percent and 6 minutes when absent."),
        Attribute::nested("steps", Nesting::List, step())
            .optional()
            .validator(items_between(1, 100))
            .description(
                "Weights of the `steps` strategy and how long each is held, rising to 100. With `controller = \"ecs\"` \
                 their greatest common divisor must be at least 3 percent.",
            ),
        Attribute::string("bake_time").optional().validator(minutes_text(1440)).description(
            "How long both revisions keep running after all traffic has moved, in whole minutes, at most `24h` \
             (controller `ecs`; with CodeDeploy the deployment group decides, with `external` the hold of the last \
             step). Left out, a new service has none.",
        ),
        Attribute::number("maximum_percent")
            .optional()
            .computed()
            .validator(whole_number())
            .validator(between(100, 2_147_483_647))
            .description("`rolling` only: most tasks during a deployment, in percent of `desired_count`. \
                 Left out: 200, AWS's default."),
        Attribute::number("minimum_healthy_percent")
            .optional()
            .computed()
            .validator(whole_number())
            .validator(between(0, 100))
            .description("`rolling` only: fewest healthy tasks during a deployment, in percent of \
                 `desired_count`. Left out: 100, AWS's default."),
        Attribute::nested("circuit_breaker", Nesting::Single, circuit_breaker())
            .optional()
            .description("`rolling` only: stop a deployment whose tasks keep failing."),
        Attribute::nested("alarms", Nesting::Single, alarms()).optional().description(
            "CloudWatch alarms that fail a deployment (controller `ecs`; with CodeDeploy the deployment group has \
             them, with `external` use gates).",
        ),
        Attribute::nested("lifecycle_hooks", Nesting::List, hook())
            .optional()
            .validator(items_between(1, 10))
            .description("Lambda functions that ECS calls during a deployment (controller `ecs`, any strategy but `rolling`)."),
        Attribute::string("autoscaling")
            .default(Value::from("keep"))
            .validator(one_of(["keep", "suspend_scale_in", "suspend"]))
            .description(
                "What happens to Application Auto Scaling during a deployment. What is suspended is resumed at its \
                 end, also by the next apply after a crash.",
            ),
        Attribute::string("recovery_objective")
            .default(Value::from("5m"))
            .validator(duration_text())
            .description("How long going back to the old revision may take; a longer way is reported."),
        Attribute::string("rollback_strategy")
            .default(Value::from("all_at_once"))
            .validator(one_of(["all_at_once", "same"]))
            .description(
                "How a revision that was live before is deployed again: with `restore_snapshot`, or when the task \
                 definition (or the images) are one of the last five that this resource has made live. `all_at_once` \
                 moves all traffic when the gates of `before_traffic` have passed, without shifts, bake time and the gates \
                 that watch them. `same` deploys it like any other change; so does the strategy `rolling`.",
            ),
    ]
}

fn shift(which: &str, least: i64) -> Vec<Attribute> {
    vec![
        Attribute::number("percent")
            .required()
            .validator(between(least, 100))
            .validator(float())
            .description(format!("Traffic of {which}, in percent, {least} to 100.")),
        Attribute::string("interval")
            .required()
            .validator(minutes_text(1440))
            .description("Time between shifts, in whole minutes, at most `24h`."),
    ]
}

fn circuit_breaker() -> Vec<Attribute> {
    vec![
        Attribute::bool("enable")
            .default(Value::from(true))
            .description("Watch failing tasks."),
        Attribute::bool("rollback")
            .default(Value::from(true))
            .description("Return to the last revision that worked."),
        Attribute::nested("threshold", Nesting::Single, threshold())
            .optional()
            .description("When it triggers; half of `desired_count`, at least 3 and at most 200 tasks, when absent."),
        Attribute::bool("reset_on_healthy_task")
            .optional()
            .description("A healthy task sets the count of failed ones back to zero; AWS does so when absent."),
    ]
}

fn threshold() -> Vec<Attribute> {
    vec![
        Attribute::string("type")
            .required()
            .validator(one_of(["count", "bounded_percent", "unbounded_percent"]))
            .description(
                "`count` of failed tasks, or percent of `desired_count`: `bounded_percent` counts at least 3 and at \
                 most 200 tasks.",
            ),
        Attribute::number("value")
            .required()
            .validator(whole_number())
            .validator(between(1, 2_147_483_647))
            .description("Tasks, or percent (1 to 100)."),
    ]
}

fn step() -> Vec<Attribute> {
    vec![
        Attribute::number("percent")
            .required()
            .validator(number(
                "must be above 0 and at most 100, in steps of 0.1",
                is_tenths,
            ))
            .description("Production traffic of the new revision, in percent."),
        Attribute::string("hold")
            .default(Value::from("0s"))
            .validator(duration_text())
            .description("How long it is held at least, such as `\"5m\"`; gates may take longer."),
    ]
}

fn is_tenths(percent: &Number) -> bool {
    strategy::tenths(percent).is_some_and(|tenths| (1..=1000).contains(&tenths))
}

/// Stages at which ECS calls functions (AWS: "Lifecycle hooks for Amazon ECS service deployments").
pub(in crate::blue_green_service) const HOOK_STAGES: [&str; 8] = [
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
];

fn hook() -> Vec<Attribute> {
    vec![
        Attribute::set("stages", Type::String)
            .required()
            .validator(items_at_least(1))
            .description(format!("Stages at which it is called: `{}`.", HOOK_STAGES.join("`, `"))),
        Attribute::string("function_arn")
            .required()
            .validator(string("must be a Lambda function ARN", |text| {
                text.starts_with("arn:") && text.contains(":lambda:") && text.contains(":function:")
            }))
            .description("Lambda function. It answers with a `hookStatus`, unlike a function for CodeDeploy."),
        Attribute::string("role_arn")
            .required()
            .validator(role_arn())
            .description("Role with which ECS calls it."),
        Attribute::string("details").optional().validator(json_text()).description(
            "JSON that the function gets as `hookDetails`, such as `jsonencode({ … })`.",
        ),
        Attribute::string("timeout")
            .optional()
            .validator(minutes_text(1440))
            .description("How long it may take, in whole minutes, at most `24h`. AWS takes `24h` when absent."),
        Attribute::string("on_timeout")
            .default(Value::from("rollback"))
            .validator(one_of(["rollback", "continue"]))
            .description("What happens when its time is over."),
    ]
}

fn alarms() -> Vec<Attribute> {
    vec![
        Attribute::set("names", Type::String)
            .required()
            .validator(items_at_least(1))
            .description("Alarm names."),
        Attribute::bool("rollback")
            .default(Value::from(true))
            .description("Roll back when one fires; otherwise the deployment only fails."),
    ]
}

pub(super) fn code_deploy() -> Vec<Attribute> {
    let name = || {
        string(
            "must be 1 to 100 letters, digits and `+=,.@_-`",
            is_code_deploy_name,
        )
    };
    vec![
        Attribute::string("application").required().validator(name()).description("Application name."),
        Attribute::string("deployment_group").required().validator(name()).description("Deployment group name."),
        Attribute::string("deployment_config").optional().validator(name()).description(
            "Deployment configuration. When absent it follows from `deployment`: `all_at_once` is \
             `CodeDeployDefault.ECSAllAtOnce`, and `canary` and `linear` must match a predefined one (canary 10 \
             percent every 5 or 15 minutes, linear 10 percent every 1 or 3 minutes). Create others with \
             `aws_codedeploy_deployment_config` and name them here.",
        ),
        Attribute::nested("hooks", Nesting::Single, code_deploy_hooks())
            .optional()
            .description("Lambda functions (names or ARNs) that CodeDeploy calls at its life-cycle events."),
        Attribute::set("rollback_on", Type::String)
            .optional()
            .validator(each(one_of([
                "DEPLOYMENT_FAILURE",
                "DEPLOYMENT_STOP_ON_ALARM",
                "DEPLOYMENT_STOP_ON_REQUEST",
            ])))
            .description("Events at which CodeDeploy rolls back; the deployment group's own when absent."),
        Attribute::set("alarms", Type::String)
            .optional()
            .validator(items_between(1, 10))
            .validator(each(not_empty()))
            .description("CloudWatch alarms that stop a deployment; the deployment group's own when absent."),
    ]
}

fn code_deploy_hooks() -> Vec<Attribute> {
    let event = |name: &str, what: &str| {
        Attribute::string(name)
            .optional()
            .validator(not_empty())
            .description(what.to_owned())
    };
    vec![
        event("before_install", "Before the new tasks are created."),
        event("after_install", "When they run."),
        event(
            "after_allow_test_traffic",
            "When the test listener reaches them.",
        ),
        event(
            "before_allow_traffic",
            "Before production traffic reaches them.",
        ),
        event(
            "after_allow_traffic",
            "When all production traffic reaches them.",
        ),
    ]
}
