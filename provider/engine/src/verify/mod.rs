//! Checks against AWS what could only fail later.

mod addresses;
mod capacity;
mod checked;
mod code_deploy;
mod definition;
mod gone;
mod incomplete;
mod offline;
mod pairs;
mod preflight;
mod production;
mod reads;
mod regions;
mod roles;
mod routing;
mod running;
mod shared;
mod tasks;
#[cfg(test)]
pub(crate) mod tests;
mod thresholds;
mod time_limit;
mod windows;

use crate::desired::{DesiredController, DesiredCount, DesiredService, DesiredTaskDefinition};
use crate::finding::{Field, Finding, FindingLevel, Rule, finding};
use crate::live::Live;
use crate::ports::{AlarmState, Ports, ScalableTarget, TargetGroup, TaskDefinition};
pub use gone::{WrittenRoutes, missing_routes};
pub use production::{StrayTraffic, stray_traffic};
use reads::{AlarmStates, ControllerReads, Reads, alarm_names};
pub use windows::{is_windows_family, not_on_windows};

/// Everything that is wrong with `wanted`, as far as AWS can be asked without changing anything; a rollout of others that the
/// apply would wait for or stop is part of it.
///
/// Never fails: a check whose call is refused is left out, because a plan must not need more rights than an
/// apply. When AWS cannot be reached, nothing more is asked after the first call that ended so. What could
/// not be checked because of that is a finding itself. Findings of the rules in [`DesiredService::warn_only`] are
/// warnings that say so.
///
/// The caller leaves `wanted` out of this as long as parts of it are unknown.
pub async fn verify(ports: &Ports, wanted: &DesiredService, live: Option<&Live>) -> Vec<Finding> {
    checked(ports, wanted, live, Extent::Settings).await
}

/// [`verify`], and everything a rollout needs before anything moves: images, secrets, log groups, where
/// production points, room for the tasks of both revisions. For changes that start a
/// rollout; takes a few calls more.
pub async fn verify_rollout(
    ports: &Ports,
    wanted: &DesiredService,
    live: Option<&Live>,
) -> Vec<Finding> {
    checked(ports, wanted, live, Extent::Rollout).await
}

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// What any change needs.
    Settings,
    /// What a rollout needs, too.
    Rollout,
}

async fn checked(
    ports: &Ports,
    wanted: &DesiredService,
    live: Option<&Live>,
    extent: Extent,
) -> Vec<Finding> {
    if let Some(elsewhere) = regions::of(ports, wanted).await {
        return vec![elsewhere];
    }
    let mut findings = offline::all(wanted, live);
    match reads::of(ports, wanted, live).await {
        Ok(reads) => {
            findings.extend(judged(&reads, wanted, live));
            findings.extend(listeners_gone(ports, wanted, &reads, extent).await);
            let besides = pairs::of(ports, wanted, live).await;
            findings.extend(besides.findings);
            let mut refused = besides.refused;
            match extent {
                Extent::Settings => {
                    // An apply of settings waits for a deployment that is in progress, too.
                    let running = preflight::of_running(ports, wanted, live, &reads).await;
                    findings.extend(running.findings);
                    refused.extend(running.refused);
                }
                Extent::Rollout => {
                    let (found, more) = preflight::of(ports, wanted, live, &reads).await;
                    findings.extend(found);
                    refused.extend(more);
                }
            }
            findings.extend(incomplete::of_refusals(&reads, &refused));
        }
        Err(unanswered) => findings.push(incomplete::of_unreachable(&unanswered)),
    }
    for finding in &mut findings {
        downgrade(finding, wanted);
    }
    findings.sort_by_key(|finding| (finding.severity, finding.rule));
    findings
}

/// A deployment needs the listeners of its group. Anything else goes on without: the group is put right after the
/// service whose name it has.
async fn listeners_gone(
    ports: &Ports,
    wanted: &DesiredService,
    reads: &Reads,
    extent: Extent,
) -> Vec<Finding> {
    let mut gone = gone::of_code_deploy(ports, wanted, reads).await;
    for finding in &mut gone {
        if extent == Extent::Settings && finding.rule == Rule::GroupListenerMissing {
            finding.severity = FindingLevel::Warning;
        }
    }
    gone
}

/// A rule that the user wants to be only warned about; that it is one is part of the warning.
fn downgrade(finding: &mut Finding, wanted: &DesiredService) {
    if finding.severity == FindingLevel::Error && wanted.warn_only.contains(&finding.rule) {
        finding.severity = FindingLevel::Warning;
        finding.next.push_str(&format!(
            " This is an error by default; it is a warning here because `preflight.warn_only` names {}.",
            finding.rule
        ));
    }
}

/// Whether tasks can be made from it. One that was deregistered is registered again where it is to be restored.
fn is_usable(wanted: &DesiredService, found: &TaskDefinition) -> bool {
    let again = matches!(
        wanted.revision.task_definition,
        DesiredTaskDefinition::Restored(_)
    );
    found.is_active() || again
}

/// What the answers say.
fn judged(reads: &Reads, wanted: &DesiredService, live: Option<&Live>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(
        reads
            .cluster
            .answer()
            .and_then(|is_active| cluster(wanted, *is_active)),
    );
    let groups: &[TargetGroup] = reads.target_groups.answer().map_or(&[], Vec::as_slice);
    if let Some(found) = reads.task_definition.answer() {
        match found.as_ref().filter(|found| is_usable(wanted, found)) {
            Some(found) => {
                findings.extend(tasks::of_containers(wanted, found));
                findings.extend(tasks::of_network(wanted, found));
                findings.extend(tasks::of_image_names(wanted, found));
                findings.extend(roles::of_definition(found));
                findings.extend(roles::of_exec(wanted, found));
                findings.extend(tasks::of_target_types(found, groups));
            }
            None => findings.push(no_task_definition(wanted, live, found.as_ref())),
        }
    }
    if let Some(groups) = reads.target_groups.answer() {
        findings.extend(missing_groups(wanted, groups));
        findings.extend(routing::of_attachment(groups));
        findings.extend(routing::of_balancer(wanted, groups));
    }
    match &reads.controller {
        ControllerReads::Ecs {
            production,
            test,
            alarms,
        } => {
            findings.extend(routing::of_rules(
                wanted,
                live,
                production.answer(),
                test.answer(),
            ));
            findings.extend(routing::of_stickiness(wanted, production.answer()));
            if let Some(states) = alarms.answer() {
                let names = alarm_names(wanted, None);
                findings.extend(of_alarms(Field::Alarms, &names, states));
            }
        }
        ControllerReads::CodeDeploy {
            group,
            config,
            alarms,
        } => {
            let found = group.answer().and_then(Option::as_ref);
            match (group.answer(), found) {
                (_, Some(found)) => findings.extend(code_deploy::of_group(wanted, found, groups)),
                (Some(_), None) => {
                    findings.extend(code_deploy::no_group(wanted, live));
                    findings.extend(code_deploy::no_side(wanted, live, groups));
                }
                (None, None) => {}
            }
            if let Some(config) = config.answer() {
                findings.extend(code_deploy::of_config(wanted, config.as_ref(), found));
            }
            if let Some(states) = alarms.answer() {
                let names = alarm_names(wanted, found);
                findings.extend(of_alarms(alarm_field(wanted), &names, states));
            }
        }
    }
    findings.extend(
        reads
            .scalable
            .answer()
            .and_then(Option::as_ref)
            .and_then(|target| contested(wanted, target)),
    );
    findings
}

fn cluster(wanted: &DesiredService, is_active: bool) -> Option<Finding> {
    let cluster = &wanted.service.cluster;
    (!is_active).then(|| {
        finding(
            Rule::ClusterMissing,
            FindingLevel::Error,
            Field::Cluster,
            format!("Cluster `{cluster}` does not exist or is not active."),
            "A service belongs to a cluster.",
            "Create the cluster, or correct the name, the region or the account.",
        )
    })
}

/// `inactive` is the deregistered one, if there is any.
fn no_task_definition(
    wanted: &DesiredService,
    live: Option<&Live>,
    inactive: Option<&TaskDefinition>,
) -> Finding {
    let name = reads::definition_name(wanted, live).unwrap_or_default();
    let now = match inactive {
        Some(_) => format!("Task definition `{name}` is deregistered."),
        None => format!("Task definition `{name}` does not exist."),
    };
    finding(
        Rule::TaskDefinitionMissing,
        FindingLevel::Error,
        Field::TaskDefinition,
        now,
        "AWS starts tasks only from an active task definition.",
        "Register the task definition, or name an active revision.",
    )
}

fn target_group_arns(wanted: &DesiredService) -> impl Iterator<Item = &String> {
    let balancer = wanted.revision.load_balancer.iter();
    balancer.flat_map(|balancer| &balancer.target_groups)
}

fn missing_groups(wanted: &DesiredService, groups: &[TargetGroup]) -> Vec<Finding> {
    target_group_arns(wanted)
        .filter(|arn| !groups.iter().any(|group| group.arn == **arn))
        .map(|arn| missing_group(arn))
        .collect()
}

fn missing_group(arn: &str) -> Finding {
    finding(
        Rule::TargetGroupMissing,
        FindingLevel::Error,
        Field::TargetGroups,
        format!("Target group `{arn}` does not exist."),
        "Tasks can be registered only in target groups that exist.",
        "Create the target group, or correct its ARN.",
    )
}

/// Where those alarms are written; the group's own are not written here at all.
fn alarm_field(wanted: &DesiredService) -> Field {
    match &wanted.controller {
        DesiredController::CodeDeploy {
            alarms: Some(_), ..
        } => Field::CodeDeployAlarms,
        DesiredController::CodeDeploy { alarms: None, .. }
        | DesiredController::Ecs
        | DesiredController::External => Field::Alarms,
    }
}

fn of_alarms(field: Field, names: &[String], states: &AlarmStates) -> Vec<Finding> {
    names
        .iter()
        .filter_map(|name| match states.get(name) {
            None => Some(finding(
                Rule::AlarmMissing,
                FindingLevel::Error,
                field,
                format!("Alarm `{name}` does not exist."),
                "A deployment that watches a missing alarm fails, or is not guarded.",
                "Create the alarm, or remove its name.",
            )),
            Some(AlarmState::Firing) => Some(finding(
                Rule::AlarmFiring,
                FindingLevel::Warning,
                field,
                format!("Alarm `{name}` is firing now."),
                "ECS ignores an alarm that already fires when the deployment starts, and CodeDeploy stops the \
                 deployment at once.",
                "Find out why it fires before you deploy.",
            )),
            Some(AlarmState::Ok | AlarmState::InsufficientData | AlarmState::Unknown(_)) => None,
        })
        .collect()
}

fn contested(wanted: &DesiredService, target: &ScalableTarget) -> Option<Finding> {
    let DesiredCount::Fixed(count) = wanted.desired else {
        return None;
    };
    Some(finding(
        Rule::DesiredContested,
        FindingLevel::Warning,
        Field::Desired,
        format!(
            "The desired count is {count} here, and an autoscaler keeps it between {} and {}.",
            target.bounds.min, target.bounds.max
        ),
        "The applies and the autoscaler undo each other's changes.",
        "Let the autoscaler own the desired count, or remove its scalable target.",
    ))
}
