//! An object that no state has, as a finding.

use switchyard_engine::ports::{LiveObject, ObjectKind};

use super::Search;
use crate::accounts::quoted;
use crate::finding::{DriftFinding, Fate, Remedy, What};
use crate::judge::Subject;
use crate::money::Cost;
use crate::plan::Path;
use crate::rules::{self, OBJECT, Stray};

pub(super) fn of(object: &LiveObject, search: &Search<'_>) -> DriftFinding {
    let rule = rules::judge_stray(weigh(object, search));
    let (resource_type, _) = terraform(object);
    let path = Path::default().key(OBJECT);
    let standing = search.judging.standing(&Subject {
        address: &object.arn,
        resource_type,
        path: Some(&path),
        rule,
        fate: Fate::Unmanaged,
    });
    let names = match search.judging.keeps_names {
        true => vec![object.name.clone(), object.arn.clone()],
        false => Vec::new(),
    };
    DriftFinding {
        address: object.arn.clone(),
        resource_type: resource_type.to_owned(),
        remedies: remedies(object),
        what: What::Found {
            name: format!("{} {}", word(object.kind), object.name),
        },
        rule,
        standing: standing.disposition,
        fate: Fate::Unmanaged,
        planned: None,
        explained_by: Vec::new(),
        remains: None,
        cost: Cost::Nothing,
        region: object.arn.split(':').nth(3).map(str::to_owned),
        names,
        culprit: None,
        accepted_before: None,
        seen: None,
        expired: standing.expired,
    }
}

/// How much is at stake.
fn weigh(object: &LiveObject, search: &Search<'_>) -> Stray {
    let is_of_ours = object.uses.iter().any(|arn| search.owned.has_arn(arn));
    match object.kind {
        ObjectKind::Listener | ObjectKind::Rule | ObjectKind::TaskSet if is_of_ours => {
            Stray::Traffic
        }
        ObjectKind::TargetGroup if object.uses.is_empty() => Stray::Leftover,
        ObjectKind::Application
        | ObjectKind::DeploymentGroup
        | ObjectKind::Alarm
        | ObjectKind::CompositeAlarm
        | ObjectKind::LogGroup => Stray::Leftover,
        ObjectKind::Cluster
        | ObjectKind::Service
        | ObjectKind::TaskSet
        | ObjectKind::LoadBalancer
        | ObjectKind::Listener
        | ObjectKind::Rule
        | ObjectKind::TargetGroup
        | ObjectKind::ScalableTarget
        | ObjectKind::ScalingPolicy => Stray::Object,
    }
}

fn word(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Cluster => "cluster",
        ObjectKind::Service => "service",
        ObjectKind::TaskSet => "task set",
        ObjectKind::LoadBalancer => "load balancer",
        ObjectKind::Listener => "listener",
        ObjectKind::Rule => "listener rule with",
        ObjectKind::TargetGroup => "target group",
        ObjectKind::ScalableTarget => "scalable target of service",
        ObjectKind::ScalingPolicy => "scaling policy",
        ObjectKind::Application => "CodeDeploy application",
        ObjectKind::DeploymentGroup => "CodeDeploy deployment group",
        ObjectKind::Alarm => "alarm",
        ObjectKind::CompositeAlarm => "composite alarm",
        ObjectKind::LogGroup => "log group",
    }
}

/// The type that can manage it, and what an import calls it.
fn terraform(object: &LiveObject) -> (&'static str, String) {
    let (arn, name) = (object.arn.clone(), object.name.clone());
    let (of, last) = name.rsplit_once('/').unwrap_or(("", &name));
    match object.kind {
        ObjectKind::Cluster => ("aws_ecs_cluster", name),
        ObjectKind::Service => ("aws_ecs_service", name),
        ObjectKind::TaskSet => {
            let start = arn.split(":task-set/").next().unwrap_or_default();
            let id = arn.split("/ecs-svc/").nth(1).unwrap_or(last);
            let service = name.split("/ecs-svc/").next().unwrap_or(of);
            let cluster = object.cluster.as_deref().unwrap_or_default();
            let id = format!("ecs-svc/{id},{start}:service/{service},{start}:cluster/{cluster}");
            ("aws_ecs_task_set", id)
        }
        ObjectKind::LoadBalancer => ("aws_lb", arn),
        ObjectKind::Listener => ("aws_lb_listener", arn),
        ObjectKind::Rule => ("aws_lb_listener_rule", arn),
        ObjectKind::TargetGroup => ("aws_lb_target_group", arn),
        ObjectKind::ScalableTarget => (
            "aws_appautoscaling_target",
            format!("ecs/service/{name}/ecs:service:DesiredCount"),
        ),
        ObjectKind::ScalingPolicy => (
            "aws_appautoscaling_policy",
            format!("ecs/service/{of}/ecs:service:DesiredCount/{last}"),
        ),
        ObjectKind::Application => ("aws_codedeploy_app", name),
        ObjectKind::DeploymentGroup => (
            "aws_codedeploy_deployment_group",
            name.replacen('/', ":", 1),
        ),
        ObjectKind::Alarm => ("aws_cloudwatch_metric_alarm", name),
        ObjectKind::CompositeAlarm => ("aws_cloudwatch_composite_alarm", name),
        ObjectKind::LogGroup => ("aws_cloudwatch_log_group", name),
    }
}

fn remedies(object: &LiveObject) -> Vec<Remedy> {
    let (resource_type, id) = terraform(object);
    vec![
        Remedy {
            purpose: "manage it: write a resource for it, then import it",
            command: format!("terraform import {resource_type}.NAME {}", quoted(&id)),
        },
        Remedy {
            purpose: "delete it, if nothing needs it",
            command: format!("aws {}", deletion(object)),
        },
        Remedy {
            purpose: "accept it: it does not count any longer",
            command: "switchyard gate --unmanaged --baseline FILE --accept REASON PLAN".to_owned(),
        },
    ]
}

/// The command that deletes it.
fn deletion(object: &LiveObject) -> String {
    let (arn, name) = (quoted(&object.arn), quoted(&object.name));
    let (of, last) = object.name.rsplit_once('/').unwrap_or(("", &object.name));
    let (of, last) = (quoted(of), quoted(last));
    let cluster = quoted(object.cluster.as_deref().unwrap_or_default());
    match object.kind {
        ObjectKind::Cluster => format!("ecs delete-cluster --cluster {name}"),
        ObjectKind::Service => {
            format!("ecs delete-service --cluster {cluster} --service {last} --force")
        }
        ObjectKind::TaskSet => {
            let service = object.name.split("/ecs-svc/").next().unwrap_or_default();
            let service = quoted(service.rsplit('/').next().unwrap_or_default());
            format!(
                "ecs delete-task-set --cluster {cluster} --service {service} --task-set {arn} --force"
            )
        }
        ObjectKind::LoadBalancer => format!("elbv2 delete-load-balancer --load-balancer-arn {arn}"),
        ObjectKind::Listener => format!("elbv2 delete-listener --listener-arn {arn}"),
        ObjectKind::Rule => format!("elbv2 delete-rule --rule-arn {arn}"),
        ObjectKind::TargetGroup => format!("elbv2 delete-target-group --target-group-arn {arn}"),
        ObjectKind::ScalableTarget => format!(
            "application-autoscaling deregister-scalable-target {SCALED} --resource-id {}",
            quoted(&format!("service/{}", object.name))
        ),
        ObjectKind::ScalingPolicy => {
            let service = object
                .name
                .rsplit_once('/')
                .map_or("", |(service, _)| service);
            format!(
                "application-autoscaling delete-scaling-policy {SCALED} --resource-id {} --policy-name {last}",
                quoted(&format!("service/{service}"))
            )
        }
        ObjectKind::Application => format!("deploy delete-application --application-name {name}"),
        ObjectKind::DeploymentGroup => format!(
            "deploy delete-deployment-group --application-name {of} --deployment-group-name {last}"
        ),
        ObjectKind::Alarm | ObjectKind::CompositeAlarm => {
            format!("cloudwatch delete-alarms --alarm-names {name}")
        }
        ObjectKind::LogGroup => format!("logs delete-log-group --log-group-name {name}"),
    }
}

const SCALED: &str = "--service-namespace ecs --scalable-dimension ecs:service:DesiredCount";
