//! Rules about deployment groups and configurations.

use std::collections::BTreeSet;

use switchyard_rollout::weights::{Shape, Share};

use super::time_limit;
use crate::desired::{DesiredController, DesiredService};
use crate::finding::{Field, Finding, FindingLevel, Rule, finding};
use crate::gate::{Check, Gate, MomentKind, ProbeTarget};
use crate::live::Live;
use crate::ports::{
    ComputePlatform, DeploymentConfig, DeploymentGroup, TargetGroup, TrafficRouting,
};
use crate::text::quoted;

/// A first revision starts on the side that production points at. With one listener for production and one
/// for tests, the listeners alone do not tell which is which.
pub(super) fn no_side(
    wanted: &DesiredService,
    live: Option<&Live>,
    groups: &[TargetGroup],
) -> Option<Finding> {
    let balancer = wanted.revision.load_balancer.as_ref()?;
    let attached = |group: &&TargetGroup| !group.load_balancers.is_empty();
    let is_open = live.is_none()
        && balancer.production_rule.is_none()
        && groups.iter().filter(attached).count() > 1;
    is_open.then(|| {
        finding(
            Rule::ProductionSideUnknown,
            FindingLevel::Error,
            Field::ProductionRule,
            "Both target groups are behind listeners, and nothing says which one is production.".to_owned(),
            "The first tasks must start in the target group that production forwards to; on the other side every \
             request would find no target. Without a deployment group, nothing says which listener is for tests.",
            "Name the production listener, or its rule, in `load_balancer.production_listener_rule`.",
        )
    })
}

/// The group deploys this service, with this pair.
pub(super) fn of_group(
    wanted: &DesiredService,
    group: &DeploymentGroup,
    groups: &[TargetGroup],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let service = &wanted.service;
    let is_ours = group.deploys(service);
    if !is_ours {
        findings.push(finding(
            Rule::CodeDeployGroupElsewhere,
            FindingLevel::Error,
            Field::CodeDeployGroup,
            format!(
                "Deployment group `{}` deploys service `{}` in cluster `{}`.",
                group.name,
                group.service.as_deref().unwrap_or_default(),
                group.cluster.as_deref().unwrap_or_default()
            ),
            "A deployment group deploys exactly one service.",
            "Name the deployment group of this service.",
        ));
    }
    let wanted_names: BTreeSet<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    let found_names: BTreeSet<&str> = group.target_groups.iter().map(String::as_str).collect();
    if wanted_names.len() == 2 && wanted_names != found_names {
        findings.push(finding(
            Rule::CodeDeployTargetGroups,
            FindingLevel::Error,
            Field::TargetGroups,
            format!(
                "Deployment group `{}` moves traffic between {}.",
                group.name,
                quoted(&group.target_groups)
            ),
            "CodeDeploy uses its own pair and ignores that of the service.",
            "Name the same two target groups here and in the deployment group.",
        ));
    }
    findings.extend(of_ready_wait(wanted, group));
    findings.extend(of_test_listener(wanted, group));
    findings
}

/// Gates that ask through the test listener need one.
fn of_test_listener(wanted: &DesiredService, group: &DeploymentGroup) -> Option<Finding> {
    let asks = |gate: &&Gate| match &gate.check {
        Check::Http(http) => http.target == ProbeTarget::TestListener,
        Check::Command(_)
        | Check::Connect(_)
        | Check::Dependency(_)
        | Check::Function(_)
        | Check::Invoke(_)
        | Check::Metric(_) => false,
    };
    let gate = wanted.gates.list.iter().find(asks)?;
    group.test_listeners.is_empty().then(|| {
        finding(
            Rule::TestListenerMissing,
            FindingLevel::Error,
            Field::Gates,
            format!(
                "Gate `{}` sends its requests through the test listener, and deployment group `{}` has none.",
                gate.name, group.name
            ),
            "Under CodeDeploy the deployment group names the test listener. Without one the gate cannot be decided, \
             and the deployment is rolled back.",
            "Add `test_traffic_route` to the deployment group, or set `target = \"new_targets\"` in the gate.",
        )
    })
}

/// Minutes that a wait for gates gets on top of what the gates may take.
const READY_SLACK_MINUTES: u64 = 10;

/// Gates before traffic hold a deployment only where the group lets it wait.
fn of_ready_wait(wanted: &DesiredService, group: &DeploymentGroup) -> Option<Finding> {
    let gates = wanted.gates.list.iter();
    let asked = gates.filter(|gate| gate.when.contains(&MomentKind::BeforeTraffic));
    let limit = asked.map(|gate| gate.time_limit).max()?;
    let minutes = limit.as_secs().div_ceil(60) + READY_SLACK_MINUTES;
    let next = format!(
        "Set in the deployment group: `deployment_ready_option {{ action_on_timeout = \"STOP_DEPLOYMENT\", \
         wait_time_in_minutes = {minutes} }}` (in `blue_green_deployment_config`). The apply continues the deployment as \
         soon as the gates have passed."
    );
    let name = &group.name;
    match group.ready_wait_minutes.map(u64::from) {
        None | Some(0) => Some(finding(
            Rule::ReadyWaitMissing,
            FindingLevel::Error,
            Field::CodeDeployGroup,
            format!(
                "Deployment group `{name}` moves traffic as soon as the new tasks run, and there are gates before traffic."
            ),
            "CodeDeploy waits for gates only if its deployment group waits before it moves traffic.",
            &next,
        )),
        Some(wait) if wait * 60 < limit.as_secs() => Some(finding(
            Rule::ReadyWaitMissing,
            FindingLevel::Warning,
            Field::CodeDeployGroup,
            format!(
                "Deployment group `{name}` waits {wait} minutes before it stops the deployment, and the gates \
                 before traffic may take {}.",
                limit.as_secs().div_ceil(60)
            ),
            "If nobody continues the deployment by then, CodeDeploy stops it.",
            &next,
        )),
        Some(_) => None,
    }
}

/// Nothing deploys the service. A new service comes before its group: the group refers to the service.
pub(super) fn no_group(wanted: &DesiredService, live: Option<&Live>) -> Option<Finding> {
    let DesiredController::CodeDeploy {
        application, group, ..
    } = &wanted.controller
    else {
        return None;
    };
    live?;
    Some(finding(
        Rule::CodeDeployGroupMissing,
        FindingLevel::Error,
        Field::CodeDeployGroup,
        format!(
            "CodeDeploy deployment group `{group}` of application `{application}` does not exist."
        ),
        "Every change of the revision becomes a deployment of that deployment group.",
        "Create the deployment group, or correct the names.",
    ))
}

/// The configuration exists, is for ECS, and fits the time limit.
pub(super) fn of_config(
    wanted: &DesiredService,
    found: Option<&DeploymentConfig>,
    group: Option<&DeploymentGroup>,
) -> Option<Finding> {
    let name = match &wanted.controller {
        DesiredController::CodeDeploy {
            config: Some(name), ..
        } => name,
        DesiredController::CodeDeploy { config: None, .. } => &group?.config,
        DesiredController::Ecs | DesiredController::External => return None,
    };
    let Some(found) = found.filter(|found| found.compute_platform == ComputePlatform::Ecs) else {
        return Some(finding(
            Rule::CodeDeployConfigMissing,
            FindingLevel::Error,
            Field::CodeDeployConfig,
            format!("There is no deployment configuration `{name}` for ECS."),
            "A deployment needs a configuration whose compute platform is ECS.",
            "Use one of CodeDeployDefault.ECSAllAtOnce, .ECSLinear10PercentEvery1Minutes, \
             .ECSLinear10PercentEvery3Minutes, .ECSCanary10Percent5Minutes, .ECSCanary10Percent15Minutes, or create it.",
        ));
    };
    let shape = match found.routing.as_ref()? {
        TrafficRouting::AllAtOnce => Shape::AllAtOnce,
        TrafficRouting::Canary {
            percent,
            interval_minutes,
        } => Shape::Canary {
            share: Share::of_tenths(percent.saturating_mul(10)),
            minutes: *interval_minutes,
        },
        TrafficRouting::Linear {
            percent,
            interval_minutes,
        } => Shape::Linear {
            share: Share::of_tenths(percent.saturating_mul(10)),
            minutes: *interval_minutes,
        },
        TrafficRouting::Unknown(_) => return None,
    };
    let termination = group.and_then(|group| group.termination_wait_minutes);
    time_limit::of(
        wanted,
        time_limit::Known {
            shape: Some(shape),
            termination_minutes: termination.unwrap_or(0),
            drain_seconds: 0,
        },
    )
}
