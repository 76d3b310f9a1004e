//! Checks against AWS what could only fail later.

mod code_deploy;
mod offline;
mod routing;
mod tasks;

use crate::finding::{Field, Finding, Rule, Severity};
use crate::live::Live;
use crate::ports::{AlarmState, DeploymentGroup, ErrorKind, Ports, TargetGroup, TaskDefinition};
use crate::wanted::{Desired, Wanted, WantedController};

/// Everything that is wrong with `wanted`, as far as AWS can be asked without changing anything.
///
/// Never fails: a call that fails is left out, because a plan must not need more rights than an apply.
/// The caller leaves `wanted` out of this as long as parts of it are unknown.
pub async fn verify(ports: &Ports, wanted: &Wanted, live: Option<&Live>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(cluster(ports, wanted).await);
    let task_definition = task_definition(ports, wanted, &mut findings).await;
    let groups = target_groups(ports, wanted, &mut findings).await;
    if let Some(found) = &task_definition {
        findings.extend(tasks::of_containers(wanted, found));
        findings.extend(tasks::of_target_types(found, &groups));
    }
    findings.extend(offline::of_controller(wanted, live));
    findings.extend(offline::of_pair(wanted));
    findings.extend(offline::of_guards(wanted));
    let group = match &wanted.controller {
        WantedController::Ecs => {
            findings.extend(routing::of_rules(ports, wanted, live).await);
            None
        }
        WantedController::CodeDeploy {
            application,
            group,
            config,
        } => {
            let found = deployment_group(ports, application, group, live, &mut findings).await;
            if let Some(found) = &found {
                findings.extend(code_deploy::of_group(wanted, found, &groups));
            }
            let config = config
                .clone()
                .or_else(|| found.as_ref().map(|found| found.config.clone()));
            findings.extend(
                code_deploy::of_config(ports, wanted, config.as_deref(), found.as_ref()).await,
            );
            found
        }
    };
    findings.extend(routing::of_attachment(&groups));
    findings.extend(offline::of_time_limit(wanted));
    findings.extend(alarms(ports, wanted, group.as_ref()).await);
    findings.extend(desired(ports, wanted).await);
    findings.sort_by_key(|finding| (finding.severity, finding.rule));
    findings
}

/// A finding, in one line where it is made.
fn finding(
    rule: Rule,
    severity: Severity,
    field: Field,
    now: String,
    why: &str,
    next: &str,
) -> Finding {
    Finding {
        rule,
        severity,
        field,
        now,
        why: why.to_owned(),
        next: next.to_owned(),
    }
}

async fn cluster(ports: &Ports, wanted: &Wanted) -> Option<Finding> {
    let cluster = &wanted.service.cluster;
    let is_active = match ports.services.cluster_is_active(cluster).await {
        Ok(is_active) => is_active,
        Err(error) if error.kind == ErrorKind::NotFound => false,
        Err(_) => return None,
    };
    (!is_active).then(|| {
        finding(
            Rule::ClusterMissing,
            Severity::Error,
            Field::Cluster,
            format!("Cluster `{cluster}` does not exist or is not active."),
            "A service lives in a cluster.",
            "Create the cluster, or correct the name, the region or the account.",
        )
    })
}

async fn task_definition(
    ports: &Ports,
    wanted: &Wanted,
    findings: &mut Vec<Finding>,
) -> Option<TaskDefinition> {
    let name = &wanted.revision.task_definition;
    let found = match ports.services.find_task_definition(name).await {
        Ok(found) => found,
        Err(error) if error.kind == ErrorKind::NotFound => None,
        Err(_) => return None,
    };
    if found.as_ref().is_some_and(|found| found.is_active) {
        return found;
    }
    let now = match found {
        Some(_) => format!("Task definition `{name}` is deregistered."),
        None => format!("Task definition `{name}` does not exist."),
    };
    findings.push(finding(
        Rule::TaskDefinitionMissing,
        Severity::Error,
        Field::TaskDefinition,
        now,
        "AWS starts tasks only from an active task definition.",
        "Register the task definition, or name an active revision.",
    ));
    None
}

async fn target_groups(
    ports: &Ports,
    wanted: &Wanted,
    findings: &mut Vec<Finding>,
) -> Vec<TargetGroup> {
    let arns: Vec<String> = wanted
        .revision
        .load_balancer
        .iter()
        .flat_map(|balancer| balancer.target_groups.iter().cloned())
        .collect();
    if arns.is_empty() {
        return Vec::new();
    }
    let Ok(groups) = ports.routing.find_target_groups(&arns).await else {
        return Vec::new();
    };
    for arn in arns
        .iter()
        .filter(|arn| !groups.iter().any(|group| group.arn == **arn))
    {
        findings.push(finding(
            Rule::TargetGroupMissing,
            Severity::Error,
            Field::TargetGroups,
            format!("Target group `{arn}` does not exist."),
            "Tasks are registered in target groups that exist.",
            "Create the target group, or correct its ARN.",
        ));
    }
    groups
}

async fn deployment_group(
    ports: &Ports,
    application: &str,
    group: &str,
    live: Option<&Live>,
    findings: &mut Vec<Finding>,
) -> Option<DeploymentGroup> {
    let found = match ports.code_deploy.find_group(application, group).await {
        Ok(found) => found,
        Err(error) if error.kind == ErrorKind::NotFound => None,
        Err(_) => return None,
    };
    // A new service comes before its group: the group refers to the service.
    if found.is_none() && live.is_some() {
        findings.push(finding(
            Rule::CodeDeployGroupMissing,
            Severity::Error,
            Field::CodeDeployGroup,
            format!("CodeDeploy deployment group `{group}` of application `{application}` does not exist."),
            "Every change of the revision becomes a deployment of that group.",
            "Create the deployment group, or correct the names.",
        ));
    }
    found
}

/// Alarms of the service, or of the deployment group.
async fn alarms(ports: &Ports, wanted: &Wanted, group: Option<&DeploymentGroup>) -> Vec<Finding> {
    let configured = wanted
        .settings
        .deployment_configuration
        .alarms
        .as_ref()
        .filter(|alarms| alarms.enable);
    let names: Vec<String> = match (&wanted.controller, group) {
        (WantedController::Ecs, _) => configured
            .iter()
            .flat_map(|alarms| alarms.names.iter().cloned())
            .collect(),
        (WantedController::CodeDeploy { .. }, Some(group)) => group.alarms.clone(),
        (WantedController::CodeDeploy { .. }, None) => Vec::new(),
    };
    if names.is_empty() {
        return Vec::new();
    }
    let Ok(states) = ports.alarms.alarm_states(&names).await else {
        return Vec::new();
    };
    names
        .iter()
        .filter_map(|name| match states.get(name) {
            None => Some(finding(
                Rule::AlarmMissing,
                Severity::Error,
                Field::Alarms,
                format!("Alarm `{name}` does not exist."),
                "A rollout that watches a missing alarm fails, or is not watched.",
                "Create the alarm, or take its name out.",
            )),
            Some(AlarmState::Firing) => Some(finding(
                Rule::AlarmFiring,
                Severity::Warning,
                Field::Alarms,
                format!("Alarm `{name}` is firing now."),
                "ECS ignores an alarm that fires already when the rollout starts, and CodeDeploy stops at once on it.",
                "Find out why it fires before rolling out.",
            )),
            Some(AlarmState::Ok | AlarmState::InsufficientData | AlarmState::Unknown(_)) => None,
        })
        .collect()
}

async fn desired(ports: &Ports, wanted: &Wanted) -> Option<Finding> {
    let Desired::Fixed(count) = wanted.desired else {
        return None;
    };
    let target = ports
        .scaling
        .find_scalable_target(&wanted.service)
        .await
        .ok()??;
    Some(finding(
        Rule::DesiredContested,
        Severity::Warning,
        Field::Desired,
        format!(
            "The desired count is {count} here, and an autoscaler keeps it between {} and {}.",
            target.min, target.max
        ),
        "Each apply and the autoscaler undo what the other one did.",
        "Let the autoscaler own the desired count, or remove its scalable target.",
    ))
}
