//! What the user can write, and what it does.

use tfplugin::schema::validators::{
    at_least, between, each, items_at_least, items_between, not_empty, one_of, parses, string,
    whole_number,
};
use tfplugin::schema::{Attribute, IdentitySchema, NestedBlock, Nesting, Schema, Validator};
use tfplugin::value::{Type, Value};

use crate::{duration, names};

/// Schema version stored in state.
const VERSION: i64 = 0;

pub(super) fn schema() -> Schema {
    Schema::new(VERSION)
        .description(DESCRIPTION)
        .attributes(required())
        .attributes(optional())
        .attributes(computed())
        .block(timeouts())
}

pub(super) fn identity() -> IdentitySchema {
    IdentitySchema::new(0)
        .required("cluster", Type::String, "Cluster name.")
        .required("name", Type::String, "Service name.")
}

const DESCRIPTION: &str = "An Amazon ECS service whose deployments are part of `terraform apply`: the new revision \
    comes up beside the old one, gets traffic step by step, and apply succeeds only when the new revision really \
    serves. When a deployment fails or is rolled back, apply fails, explains why, and the state names the revision \
    that is live.\n\n\
    The target groups are an unordered pair: which side is live is read from AWS, so plans stay empty however often \
    the sides have swapped.";

fn required() -> Vec<Attribute> {
    vec![
        Attribute::string("name")
            .required()
            .requires_replace()
            .validator(string("must be 1 to 255 letters, digits, hyphens and underscores", is_service_name))
            .description("Service name, unique in the cluster."),
        Attribute::string("cluster")
            .required()
            .requires_replace_if("unless both spellings name the same cluster", |change| {
                match (change.prior.as_str(), change.planned.as_str()) {
                    (Some(prior), Some(planned)) => !names::same_cluster(prior, planned),
                    _ => true,
                }
            })
            .validator(not_empty())
            .description("Cluster name or ARN."),
        Attribute::string("task_definition").required().validator(not_empty()).description(
            "Task definition to run: ARN or `family:revision`. A change starts a deployment. In the state it is the \
             revision that is live, also after a deployment that failed.",
        ),
        Attribute::nested("deployment", Nesting::Single, deployment())
            .required()
            .description("How a new revision takes over from the old one."),
    ]
}

fn optional() -> Vec<Attribute> {
    vec![
        Attribute::string("controller")
            .default(Value::from("ecs"))
            .validator(one_of(["ecs", "codedeploy"]))
            .description(
                "Who moves traffic: `ecs` (native ECS deployments) or `codedeploy` (AWS CodeDeploy; needs \
                 `codedeploy`).",
            ),
        Attribute::nested("codedeploy", Nesting::Single, code_deploy()).optional().description(
            "CodeDeploy application and deployment group. Both refer to this service, so write their names, not \
             references: the group is created after the service. Needed with `controller = \"codedeploy\"`.",
        ),
        Attribute::number("desired_count")
            .default(Value::from(1))
            .validator(whole_number())
            .validator(between(0, 100_000))
            .description("Number of tasks. With `desired_count_owner = \"autoscaler\"` only the number to start with."),
        Attribute::string("desired_count_owner")
            .default(Value::from("terraform"))
            .validator(one_of(["terraform", "autoscaler"]))
            .description(
                "Who decides the number of tasks after creation: `terraform` (differences are drift) or `autoscaler` \
                 (Application Auto Scaling; differences are expected). Switching is an in-place change that does \
                 nothing in AWS.",
            ),
        Attribute::string("launch_type")
            .optional_computed()
            .use_state_for_unknown()
            .requires_replace_if("because ECS cannot change the launch type of a service", |change| {
                !change.planned.is_null() && !change.planned.is_unknown()
            })
            .validator(one_of(["FARGATE", "EC2", "EXTERNAL"]))
            .description(
                "Where tasks run: `FARGATE`, `EC2` or `EXTERNAL`. Without it and without \
                 `capacity_provider_strategy`, the cluster's default strategy is used.",
            ),
        Attribute::nested("capacity_provider_strategy", Nesting::List, capacity_provider())
            .optional()
            .validator(items_between(1, 20))
            .description("Capacity providers and their shares, instead of `launch_type`. A change starts a deployment."),
        Attribute::string("platform_version").optional_computed().use_state_for_unknown().description(
            "Fargate platform version, such as `LATEST` or `1.4.0`. A change starts a deployment.",
        ),
        Attribute::nested("network_configuration", Nesting::Single, network())
            .optional()
            .description("Network of the tasks; needed with network mode `awsvpc`. A change starts a deployment."),
        Attribute::nested("load_balancer", Nesting::Single, load_balancer())
            .optional()
            .description("How traffic reaches the service. A change starts a deployment."),
        Attribute::string("health_check_grace_period")
            .optional()
            .validator(duration_text())
            .description("How long failed load balancer health checks of a new task are ignored, such as `\"60s\"`."),
        Attribute::bool("enable_execute_command")
            .default(Value::from(false))
            .description("Allow ECS Exec. Tasks that run already are not affected."),
        Attribute::bool("enable_ecs_managed_tags")
            .default(Value::from(false))
            .description("Let ECS tag tasks with cluster and service name."),
        Attribute::string("propagate_tags")
            .default(Value::from("NONE"))
            .validator(one_of(["NONE", "SERVICE", "TASK_DEFINITION"]))
            .description("Where tasks get their tags from: `NONE`, `SERVICE` or `TASK_DEFINITION`."),
        Attribute::map("redeploy_triggers", Type::String)
            .optional()
            .description("Any values. A change starts a deployment even when nothing else differs."),
        Attribute::string("on_cancel")
            .default(Value::from("rollback"))
            .validator(one_of(["rollback", "leave"]))
            .description(
                "What happens to a running deployment when `terraform apply` is interrupted once: `rollback` stops it \
                 and returns traffic to the old revision, `leave` lets it run on; the next apply follows it.",
            ),
        Attribute::map("tags", Type::String)
            .optional()
            .validator(tag_keys())
            .description("Tags of the service. They win over the provider's `default_tags`."),
    ]
}

fn computed() -> Vec<Attribute> {
    vec![
        Attribute::string("id").computed().use_state_for_unknown().description("`CLUSTER/SERVICE`, as used by import."),
        Attribute::string("arn").computed().use_state_for_unknown().description("Service ARN."),
        Attribute::map("tags_all", Type::String)
            .computed()
            .description("All tags of the service, the provider's `default_tags` included."),
        Attribute::string("live_target_group")
            .computed()
            .description("ARN of the target group that serves production now; null without a load balancer."),
        Attribute::string("deployment_id")
            .computed()
            .description("ARN (ECS) or id (CodeDeploy) of the last deployment of this resource that succeeded; null before the first."),
        Attribute::bool("will_deploy").computed().description(
            "In a plan with changes: whether the apply starts a deployment; unknown while `task_definition` is. In the state: whether the last apply did.",
        ),
    ]
}

fn capacity_provider() -> Vec<Attribute> {
    vec![
        Attribute::string("capacity_provider")
            .required()
            .validator(not_empty())
            .description("Name, such as `FARGATE_SPOT`."),
        Attribute::number("base")
            .default(Value::from(0))
            .validator(whole_number())
            .validator(between(0, 100_000))
            .description("Tasks that run on it before shares count."),
        Attribute::number("weight")
            .default(Value::from(1))
            .validator(whole_number())
            .validator(between(0, 1000))
            .description("Relative share of the remaining tasks."),
    ]
}

fn network() -> Vec<Attribute> {
    vec![
        Attribute::set("subnets", Type::String)
            .required()
            .validator(items_between(1, 16))
            .description("Subnet ids."),
        Attribute::set("security_groups", Type::String)
            .optional_computed()
            .use_state_for_unknown()
            .validator(items_between(1, 5))
            .description("Security group ids; the default group of the VPC when absent."),
        Attribute::bool("assign_public_ip")
            .default(Value::from(false))
            .description("Give tasks a public IP address (Fargate)."),
    ]
}

fn load_balancer() -> Vec<Attribute> {
    vec![
        Attribute::string("container_name")
            .required()
            .validator(not_empty())
            .description("Container that receives traffic."),
        Attribute::number("container_port")
            .required()
            .validator(whole_number())
            .validator(between(1, 65_535))
            .description("Its port."),
        Attribute::set("target_groups", Type::String)
            .required()
            .validator(items_between(1, 2))
            .validator(each(string("must be a target group ARN", |text| text.contains(":targetgroup/"))))
            .description(
                "ARNs of the target groups: the pair between which deployments alternate, or one group with the \
                 strategy `rolling`. The order means nothing.",
            ),
        Attribute::string("production_listener_rule").optional().validator(listener_or_rule()).description(
            "ARN of the listener rule that carries production traffic (a default rule's ARN is fine), or of the \
             listener for a Network Load Balancer. It must forward to both groups. Needed with `controller = \
             \"ecs\"` and any strategy but `rolling`. With `codedeploy` it only says on which side the first \
             tasks start, and is needed when both groups are behind listeners (production and test).",
        ),
        Attribute::string("test_listener_rule")
            .optional()
            .validator(listener_or_rule())
            .description("ARN of the listener rule for test traffic, which reaches the new revision first."),
        Attribute::string("role_arn")
            .optional()
            .validator(string("must be an IAM role ARN", |text| text.starts_with("arn:") && text.contains(":role/")))
            .description(
                "Role that lets ECS edit the listener rules (managed policy \
                 `AmazonECSInfrastructureRolePolicyForLoadBalancers`). Needed together with \
                 `production_listener_rule`.",
            ),
    ]
}

fn deployment() -> Vec<Attribute> {
    vec![
        Attribute::string("strategy")
            .required()
            .validator(one_of(["rolling", "all_at_once", "canary", "linear"]))
            .description(
                "`all_at_once`, `canary` and `linear` bring the new revision up beside the old one and then move \
                 traffic; `rolling` (controller `ecs` only) replaces tasks in place.",
            ),
        Attribute::nested("canary", Nesting::Single, shift("the first shift", 1))
            .optional()
            .description("Shift of the `canary` strategy. ECS takes 5 percent and 10 minutes when absent."),
        Attribute::nested("linear", Nesting::Single, shift("each shift", 3))
            .optional()
            .description("Shifts of the `linear` strategy. ECS takes 10 percent and 6 minutes when absent."),
        Attribute::string("bake_time").optional().validator(minutes_text(1440)).description(
            "How long both revisions keep running after all traffic has moved, in whole minutes, at most `24h` \
             (controller `ecs`; with CodeDeploy the deployment group decides).",
        ),
        Attribute::number("maximum_percent")
            .optional()
            .validator(whole_number())
            .validator(at_least(100))
            .description("`rolling` only: most tasks during a deployment, in percent of `desired_count`."),
        Attribute::number("minimum_healthy_percent")
            .optional()
            .validator(whole_number())
            .validator(between(0, 100))
            .description("`rolling` only: fewest healthy tasks during a deployment, in percent of `desired_count`."),
        Attribute::nested("circuit_breaker", Nesting::Single, circuit_breaker())
            .optional()
            .description("`rolling` only: stop a deployment whose tasks keep failing."),
        Attribute::nested("alarms", Nesting::Single, alarms()).optional().description(
            "CloudWatch alarms that fail a deployment (controller `ecs`; with CodeDeploy the deployment group has \
             them).",
        ),
    ]
}

fn shift(which: &str, least: i64) -> Vec<Attribute> {
    vec![
        Attribute::number("percent")
            .required()
            .validator(between(least, 100))
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

fn code_deploy() -> Vec<Attribute> {
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
    ]
}

fn timeouts() -> NestedBlock {
    let attribute = |name: &str, what: &str| {
        Attribute::string(name)
            .optional()
            .validator(duration_text())
            .description(what.to_owned())
    };
    NestedBlock::single(
        "timeouts",
        vec![
            attribute(
                "create",
                "Default: the configured shift and bake times plus `30m`.",
            ),
            attribute(
                "update",
                "Default: the configured shift and bake times plus `30m`.",
            ),
            attribute("delete", "Default: `20m`."),
        ],
    )
    .description("How long operations may take, such as `\"45m\"`.")
}

fn duration_text() -> impl Validator + Clone {
    parses("must be a duration", duration::parse)
}

fn minutes_text(most: u32) -> impl Validator + Clone {
    parses(
        format!("must be a duration of whole minutes, at most {most} minutes"),
        move |text| match duration::parse_minutes(text)? {
            minutes if minutes > most => Err(format!("`{text}` is longer than {most} minutes.")),
            minutes => Ok(minutes),
        },
    )
}

fn listener_or_rule() -> impl Validator + Clone {
    string("must be the ARN of a listener rule or listener", |text| {
        text.contains(":listener-rule/") || text.contains(":listener/")
    })
}

fn tag_keys() -> impl Validator + Clone {
    tfplugin::schema::validators::keys(string(
        "must not start with `aws:`, which AWS reserves",
        |key| !key.starts_with("aws:"),
    ))
}

fn is_service_name(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn is_code_deploy_name(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b))
}
