//! What ECS checks.

use serde_json::Value;

use super::needs::{Called, Need};

pub(super) fn of(called: &Called<'_>, action: &str) -> Vec<Need> {
    let mut needs = resources(called, action);
    if let "CreateService" | "RegisterTaskDefinition" = called.operation
        && called.has("tags")
        && let Some(first) = needs.first()
    {
        let tags = Need::new("ecs:TagResource", first.resource.clone());
        needs.push(tags.with("ecs:CreateAction", called.operation));
    }
    if called.operation == "RunTask" && called.has("tags") {
        let task = format!("task/{}/*", cluster_name(called));
        let tags = Need::new("ecs:TagResource", called.arn("ecs", &task));
        needs.push(tags.with("ecs:CreateAction", called.operation));
    }
    needs.extend(passed_roles(called));
    for need in &mut needs {
        if let Some(cluster) = cluster_of(called) {
            need.context.push(("ecs:cluster", cluster));
        }
    }
    needs
}

fn resources(called: &Called<'_>, action: &str) -> Vec<Need> {
    let on = |resource: String| vec![Need::new(action, resource)];
    match called.operation {
        "CreateService" => on(service(called, called.text("serviceName"))),
        "DeleteService"
        | "ListServiceDeployments"
        | "UpdateService"
        | "UpdateServicePrimaryTaskSet" => on(service(called, called.text("service"))),
        "DescribeServices" => {
            let services = called.texts("services").into_iter();
            called.on_each(action, services.map(|name| service(called, name)).collect())
        }
        "ContinueServiceDeployment" | "StopServiceDeployment" => {
            with_service(called, action, vec![called.text("serviceDeploymentArn")])
        }
        "DescribeServiceDeployments" => {
            with_service(called, action, called.texts("serviceDeploymentArns"))
        }
        "DescribeServiceRevisions" => {
            with_service(called, action, called.texts("serviceRevisionArns"))
        }
        "CreateTaskSet" => on(task_set(called, "*")),
        "DeleteTaskSet" => on(task_set(called, called.text("taskSet"))),
        "DescribeClusters" => {
            let clusters = called.texts("clusters").into_iter();
            let arn = |name: &str| called.arn("ecs", &format!("cluster/{}", short(name)));
            called.on_each(action, clusters.map(arn).collect())
        }
        "ListContainerInstances" => {
            on(called.arn("ecs", &format!("cluster/{}", cluster_name(called))))
        }
        "ListTasks" => {
            let instances = format!("container-instance/{}/*", cluster_name(called));
            on(called.arn("ecs", &instances))
        }
        "DescribeContainerInstances" => in_cluster(called, action, "containerInstances"),
        "DescribeTasks" => in_cluster(called, action, "tasks"),
        "RunTask" => on(match called.text("taskDefinition") {
            arn if arn.starts_with("arn:") => arn.to_owned(),
            name => called.arn("ecs", &format!("task-definition/{name}")),
        }),
        "ExecuteCommand" => {
            let task = called.text("task");
            let task = format!("task/{}/{}", cluster_name(called), short(task));
            let cluster = format!("cluster/{}", cluster_name(called));
            vec![
                Need::new(action, called.arn("ecs", &cluster)),
                Need::new(action, called.arn("ecs", &task)),
            ]
        }
        "StopTask" => {
            let task = format!(
                "task/{}/{}",
                cluster_name(called),
                short(called.text("task"))
            );
            on(called.arn("ecs", &task))
        }
        "RegisterTaskDefinition" => {
            let family = format!("task-definition/{}:*", called.text("family"));
            on(called.arn("ecs", &family))
        }
        "TagResource" | "UntagResource" => on(called.text("resourceArn").to_owned()),
        _ => on("*".to_owned()),
    }
}

/// The last part of a name or ARN.
fn short(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn cluster_name<'a>(called: &Called<'a>) -> &'a str {
    let input: &'a Value = called.input;
    let cluster = input.get("cluster").and_then(Value::as_str);
    short(cluster.unwrap_or("default"))
}

/// The condition key, for operations that name a cluster.
fn cluster_of(called: &Called<'_>) -> Option<String> {
    called.input.get("cluster")?;
    Some(called.arn("ecs", &format!("cluster/{}", cluster_name(called))))
}

fn service(called: &Called<'_>, name: &str) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    let rest = format!("service/{}/{name}", cluster_name(called));
    called.arn("ecs", &rest)
}

fn task_set(called: &Called<'_>, id: &str) -> String {
    let (cluster, service) = (cluster_name(called), short(called.text("service")));
    let rest = format!("task-set/{cluster}/{service}/{}", short(id));
    called.arn("ecs", &rest)
}

/// Deployments and revisions, and the services they belong to: the reference lists both kinds, and does not say that one
/// of them is enough.
fn with_service(called: &Called<'_>, action: &str, arns: Vec<&str>) -> Vec<Need> {
    let services = arns.iter().filter_map(|arn| {
        let (_, rest) = arn.rsplit_once(':')?;
        let mut parts = rest.split('/').skip(1);
        let (cluster, service) = (parts.next()?, parts.next()?);
        Some(called.arn("ecs", &format!("service/{cluster}/{service}")))
    });
    let all = services.chain(arns.iter().map(|arn| (*arn).to_owned()));
    called.on_each(action, all.collect())
}

/// Things of a cluster by id or ARN.
fn in_cluster(called: &Called<'_>, action: &str, member: &str) -> Vec<Need> {
    let kind = if member == "tasks" {
        "task"
    } else {
        "container-instance"
    };
    let arn = |id: &str| match id.starts_with("arn:") {
        true => id.to_owned(),
        false => called.arn("ecs", &format!("{kind}/{}/{id}", cluster_name(called))),
    };
    let all = called.texts(member).into_iter().map(arn);
    called.on_each(action, all.collect())
}

/// `iam:PassRole` on every role that ECS is given.
fn passed_roles(called: &Called<'_>) -> Vec<Need> {
    let passed = |roles: Vec<&str>, to: &str| -> Vec<Need> {
        let roles = roles.into_iter();
        roles
            .map(|role| {
                let role = match role.starts_with("arn:") {
                    true => role.to_owned(),
                    false => format!("arn:aws:iam::{}:role/{role}", called.front.account),
                };
                Need::new("iam:PassRole", role).with("iam:PassedToService", to)
            })
            .collect()
    };
    let list = |value: Option<&'_ Value>| value.and_then(Value::as_array).cloned();
    match called.operation {
        "CreateService" | "UpdateService" => {
            let balancers = list(called.input.get("loadBalancers")).unwrap_or_default();
            let hooks = called
                .input
                .pointer("/deploymentConfiguration/lifecycleHooks");
            let hooks = list(hooks).unwrap_or_default();
            let of_balancers = balancers
                .iter()
                .filter_map(|it| it.pointer("/advancedConfiguration/roleArn")?.as_str());
            let of_hooks = hooks.iter().filter_map(|it| it.get("roleArn")?.as_str());
            let of_parts = [
                ("/volumeConfigurations", "/managedEBSVolume/roleArn"),
                ("/vpcLatticeConfigurations", "/roleArn"),
                ("/serviceConnectConfiguration/services", "/tls/roleArn"),
            ]
            .into_iter()
            .flat_map(|(part, role)| {
                let elements = called.input.pointer(part).and_then(Value::as_array);
                let elements = elements.into_iter().flatten();
                elements.filter_map(move |it| it.pointer(role)?.as_str())
            });
            let roles = of_balancers.chain(of_hooks).chain(of_parts).collect();
            passed(roles, "ecs.amazonaws.com")
        }
        "RegisterTaskDefinition" => {
            let roles = [called.text("taskRoleArn"), called.text("executionRoleArn")];
            let roles = roles.into_iter().filter(|role| !role.is_empty());
            passed(roles.collect(), "ecs-tasks.amazonaws.com")
        }
        _ => Vec::new(),
    }
}
