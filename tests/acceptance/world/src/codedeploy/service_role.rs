//! What CodeDeploy does in the name of the service role of a deployment group.

use serde_json::{Value, json};

use super::deployment::{Deployment, Failure};
use crate::ecs;
use crate::elbv2;
use crate::roles::RoleRequest;
use crate::state::State as World;

/// As CodeDeploy calls its sessions.
const SESSION: &str = "CodeDeploy";

/// Whether the role of the deployment's group may do this.
///
/// # Errors
/// `IAM_ROLE_PERMISSIONS`, with the service that refused.
pub(super) fn may(
    world: &World,
    deployment: &Deployment,
    action: &str,
    on: &str,
) -> Result<(), Failure> {
    let request = RoleRequest {
        action: action.to_owned(),
        resource: on.to_owned(),
        passed_to: None,
    };
    ask(world, deployment, &request)
}

fn ask(world: &World, deployment: &Deployment, request: &RoleRequest) -> Result<(), Failure> {
    let key = (deployment.application.clone(), deployment.group.clone());
    let group = world.codedeploy.groups.get(&key);
    let Some(role) = group.and_then(|group| group.settings.get("serviceRoleArn")?.as_str()) else {
        return Ok(());
    };
    let Err(denied) = world.may_request(role, SESSION, request) else {
        return Ok(());
    };
    let service = match request.action.split(':').next().unwrap_or_default() {
        "elasticloadbalancing" => "AmazonElasticLoadBalancing",
        "lambda" => "AWSLambda",
        "cloudwatch" => "AmazonCloudWatch",
        // A role is passed by a call to ECS.
        _ => "AmazonECS",
    };
    Err(Failure {
        code: "IAM_ROLE_PERMISSIONS",
        message: format!(
            "The IAM role {role} does not give you permission to perform operations in the following AWS service: {service}. \
             Contact your AWS administrator if you need help. If you are an AWS administrator, you can grant permissions to \
             your users or groups by creating IAM policies. ({denied})"
        ),
    })
}

/// What a deployment reads before it begins.
pub(super) fn look(world: &World, deployment: &Deployment) -> Result<(), Failure> {
    may(
        world,
        deployment,
        "ecs:DescribeServices",
        &service_arn(world, deployment),
    )?;
    ["DescribeTargetGroups", "DescribeListeners", "DescribeRules"]
        .into_iter()
        .try_for_each(|read| {
            let action = format!("elasticloadbalancing:{read}");
            may(world, deployment, &action, "*")
        })
}

/// A task set is made, and ECS gets the roles of its revision.
pub(super) fn create_task_set(world: &mut World, deployment: &Deployment) -> Result<(), Failure> {
    may(
        world,
        deployment,
        "ecs:CreateTaskSet",
        &task_set_arn(world, deployment, "*"),
    )?;
    let named = json!({ "taskDefinition": deployment.spec.task_definition });
    let found = ecs::call(world, "DescribeTaskDefinition", named).unwrap_or_default();
    for member in ["executionRoleArn", "taskRoleArn"] {
        let role = found.pointer(&format!("/taskDefinition/{member}"));
        let Some(role) = role.and_then(Value::as_str) else {
            continue;
        };
        let request = RoleRequest {
            action: "iam:PassRole".to_owned(),
            resource: match role.starts_with("arn:") {
                true => role.to_owned(),
                false => format!("arn:aws:iam::{}:role/{role}", world.account),
            },
            passed_to: Some("ecs-tasks.amazonaws.com"),
        };
        ask(world, deployment, &request)?;
    }
    Ok(())
}

pub(super) fn delete_task_set(
    world: &World,
    deployment: &Deployment,
    id: &str,
) -> Result<(), Failure> {
    let on = task_set_arn(world, deployment, id);
    may(world, deployment, "ecs:DeleteTaskSet", &on)
}

pub(super) fn make_primary(world: &World, deployment: &Deployment) -> Result<(), Failure> {
    let on = service_arn(world, deployment);
    may(world, deployment, "ecs:UpdateServicePrimaryTaskSet", &on)
}

pub(super) fn write_rule(
    world: &World,
    deployment: &Deployment,
    rule: &str,
) -> Result<(), Failure> {
    let (action, on) = elbv2::write_of_route(world, rule);
    may(world, deployment, action, &on)
}

fn service_arn(world: &World, deployment: &Deployment) -> String {
    let ecs = &deployment.ecs;
    world.arn("ecs", &format!("service/{}/{}", ecs.cluster, ecs.service))
}

fn task_set_arn(world: &World, deployment: &Deployment, id: &str) -> String {
    let ecs = &deployment.ecs;
    let rest = format!("task-set/{}/{}/{id}", ecs.cluster, ecs.service);
    world.arn("ecs", &rest)
}
