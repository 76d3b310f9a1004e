//! What the user can write, and what it does.

mod deployment;
mod gate;
mod kept;
mod record;
mod service;
mod texts;

pub(super) use deployment::HOOK_STAGES;

use tfplugin::schema::validators::{
    between, each, items_at_least, items_between, not_empty, one_of, string, whole_number,
};
use tfplugin::schema::{Attribute, IdentitySchema, NestedBlock, Nesting, Schema};
use tfplugin::value::{Type, Value};

use crate::names;
use texts::{duration_text, is_service_name, rule_id, tag_keys};

/// Schema version stored in state.
const VERSION: i64 = 1;

pub(super) fn schema() -> Schema {
    Schema::new(VERSION)
        .code(crate::called::INVALID)
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
            .validator(string(
                "must be 1 to 255 letters, digits, hyphens and underscores",
                is_service_name,
            ))
            .description("Service name, unique in the cluster."),
        Attribute::string("cluster")
            .required()
            .requires_replace_if(
                "unless both spellings name the same cluster",
                |change| match (change.prior.as_str(), change.planned.as_str()) {
                    (Some(prior), Some(planned)) => !names::same_cluster(prior, planned),
                    _ => true,
                },
            )
            .validator(not_empty())
            .description("Cluster name or ARN."),
        Attribute::nested("deployment", Nesting::Single, deployment::attributes())
            .required()
            .description("How a new revision takes over from the old one."),
    ]
}

fn optional() -> Vec<Attribute> {
    let mut attributes = revision();
    attributes.extend(rollouts());
    attributes.extend(kept::optional());
    attributes.extend(settings());
    attributes
}

/// What tasks run, and who says so.
fn revision() -> Vec<Attribute> {
    vec![
        Attribute::string("task_definition").optional_computed().validator(not_empty()).description(
            "Task definition to run: ARN or `family:revision`. Needed with `task_definition_owner = \"terraform\"`: a \
             change starts a deployment, and in the state it is the revision that is live, also after a deployment \
             that failed. With `images` it is the definition everything but the images comes from, the live one when \
             absent. With `external` it is what a new service starts with; in the state it is the live one.",
        ),
        Attribute::string("task_definition_owner")
            .default(Value::from("terraform"))
            .validator(one_of(["terraform", "images", "external"]))
            .description(
                "Who decides what tasks run: `terraform` (differences are drift), `images` (this configuration says \
                 the images, and the provider registers a task definition with them whenever they or the base \
                 differ), or `external` (somebody else deploys; the state follows). Switching is an in-place change \
                 that deploys nothing by itself.",
            ),
        Attribute::map("images", Type::String)
            .optional()
            .validator(items_at_least(1))
            .validator(each(not_empty()))
            .description(
                "Container to image, for `task_definition_owner = \"images\"`. Write the digest \
                 (`repository@sha256:…`) to deploy exactly that image. In the state they are the live ones.",
            ),
        Attribute::number("revision_retention")
            .optional()
            .validator(whole_number())
            .validator(between(1, 1_000_000))
            .description(
                "How many of the revisions registered for `images` stay active; all of them when absent. The live one \
                 and the one before are always kept.",
            ),
    ]
}

/// How a new revision takes over.
fn rollouts() -> Vec<Attribute> {
    vec![
        Attribute::string("controller")
            .default(Value::from("ecs"))
            .validator(one_of(["ecs", "codedeploy", "external"]))
            .description(
                "Who moves traffic: `ecs` (native ECS deployments), `codedeploy` (AWS CodeDeploy; needs `codedeploy`) \
                 or `external` (this provider, with task sets and the weights of the production rule; needs the \
                 strategy `steps`). A service moves between `ecs` and `codedeploy` in place, in the order that keeps \
                 production reachable; to `ecs` that is a deployment. `external` is for the life of the service.",
            ),
        Attribute::nested("codedeploy", Nesting::Single, deployment::code_deploy()).optional().description(
            "CodeDeploy application and deployment group. Both refer to this service, so write their names, not \
             references: the group is created after the service. Needed with `controller = \"codedeploy\"`.",
        ),
        Attribute::nested("gate", Nesting::List, gate::attributes()).optional().description(
            "What has to be true of the new revision before the deployment goes on. A gate that fails undoes the \
             deployment. Names must differ.",
        ),
        Attribute::nested("health_score", Nesting::Single, gate::health_score())
            .optional()
            .description("Judges all gates of a moment together. Without it every gate counts by itself."),
        Attribute::nested("preflight", Nesting::Single, preflight())
            .optional()
            .description("How the plan's checks against AWS are taken."),
        Attribute::bool("redeploy_failed").default(Value::from(false)).description(
            "Deploy images again although they are in `quarantined_images`. Without it that is an error at plan.",
        ),
        Attribute::string("report_path").optional().validator(not_empty()).description(
            "File into which each apply with a deployment writes its account as JSON, whatever its end; folders are \
             made. Relative to the folder in which Terraform runs.",
        ),
    ]
}

fn settings() -> Vec<Attribute> {
    vec![
        Attribute::number("desired_count")
            .default(Value::from(1))
            .validator(whole_number())
            .validator(between(0, 100_000))
            .description(
                "Number of tasks. With `desired_count_owner` `autoscaler` or `bounded` only the number to start with.",
            ),
        Attribute::string("desired_count_owner")
            .default(Value::from("terraform"))
            .validator(one_of(["terraform", "autoscaler", "bounded"]))
            .description(
                "Who decides the number of tasks after creation: `terraform` (differences are drift), `autoscaler` \
                 (Application Auto Scaling; differences are expected) or `bounded` (any number within \
                 `desired_count_bounds` is right, and one outside is set to the nearer bound). Switching is an \
                 in-place change that deploys nothing.",
            ),
        Attribute::nested("desired_count_bounds", Nesting::Single, bounds())
            .optional()
            .description("The right numbers of tasks, for `desired_count_owner = \"bounded\"`."),
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
        Attribute::nested("capacity_provider_strategy", Nesting::List, service::capacity_provider())
            .optional()
            .validator(items_between(1, 20))
            .description("Capacity providers and their shares, instead of `launch_type`. A change starts a deployment."),
        Attribute::string("platform_version").optional_computed().use_state_for_unknown().description(
            "Fargate platform version, such as `LATEST` or `1.4.0`. A change starts a deployment.",
        ),
        Attribute::nested("network_configuration", Nesting::Single, service::network())
            .optional()
            .description("Network of the tasks; needed with network mode `awsvpc`. A change starts a deployment."),
        Attribute::nested("load_balancer", Nesting::Single, service::load_balancer())
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
            .any_text()
            .null_elements()
            .description("Any values. A change starts a deployment even when nothing else differs."),
        Attribute::string("on_cancel")
            .default(Value::from("rollback"))
            .validator(one_of(["rollback", "leave"]))
            .description(
                "What happens to a running deployment when `terraform apply` is interrupted once: `rollback` stops it \
                 and returns traffic to the old revision, `leave` lets it run on; the next apply follows it.",
            ),
        Attribute::string("on_foreign_deployment")
            .default(Value::from("wait"))
            .validator(one_of(["wait", "stop"]))
            .description(
                "What an apply does about a deployment to something else that somebody else has begun: `wait` lets it \
                 end first, and fails at once when it is paused until somebody lets it go on, `stop` stops it with a \
                 rollback. What an interrupted apply of this resource has begun, and the configuration does not want \
                 any more, is always stopped with a rollback.",
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
        Attribute::string("live_task_definition")
            .computed()
            .description("ARN of the task definition that serves production now, whoever decided on it."),
        Attribute::string("live_target_group")
            .computed()
            .description("ARN of the target group that serves production now; null without a load balancer, and while none does."),
        Attribute::bool("will_deploy").computed().description(
            "In a plan with changes: whether the apply starts a deployment; unknown while that depends on something \
             unknown. In the state: whether the last apply did.",
        ),
        Attribute::nested("last_deployment", Nesting::Single, record::last_deployment())
            .computed()
            .description(
                "The last deployment of this resource, whatever its end; null before the first. Its whole account is in the \
                 file at `report_path`.",
            ),
        kept::computed(),
        Attribute::nested("quarantined_images", Nesting::List, record::quarantined())
            .computed()
            .description(
                "Images of the last deployment that failed because of them. Deploying them again is an error at plan \
                 unless `redeploy_failed` is set. A deployment of them that succeeds takes them out.",
            ),
        Attribute::list("unfinished", Type::String).computed().description(
            "What runs, or was left, that is not what the configuration says, in words: a deployment under way, a \
             second task set, suspended scaling. When there is something, the next plan is an update whose apply \
             finishes it, or takes it back when it is no longer wanted.",
        ),
    ]
}

fn bounds() -> Vec<Attribute> {
    let number = |name: &str, what: &str| {
        Attribute::number(name)
            .required()
            .validator(whole_number())
            .validator(between(0, 100_000))
            .description(what.to_owned())
    };
    vec![number("min", "Fewest tasks."), number("max", "Most tasks.")]
}

fn preflight() -> Vec<Attribute> {
    vec![
        Attribute::set("warn_only", Type::String)
            .required()
            .validator(each(rule_id()))
            .description("Ids of checks, such as `SY0127`, whose findings are warnings here instead of errors."),
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
                "Default: shifts, holds and bakes with the time their gates may take, plus `30m` (`90m` under CodeDeploy, \
                 whose deployment groups have waits of their own) and `10m` for each shift that ECS makes behind a \
                 Network Load Balancer.",
            ),
            attribute(
                "update",
                "Default: shifts, holds and bakes with the time their gates may take, plus `30m` (`90m` under CodeDeploy, \
                 whose deployment groups have waits of their own) and `10m` for each shift that ECS makes behind a \
                 Network Load Balancer.",
            ),
            attribute("delete", "Default: `20m`."),
        ],
    )
    .description("How long operations may take, such as `\"45m\"`.")
}
