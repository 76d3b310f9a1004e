//! Room for the tasks that a rollout adds.

use super::checked::Checked;
use super::definition::{is_fargate, launch};
use crate::desired::{DesiredController, DesiredCount, DesiredService};
use crate::finding::{Field, Finding, FindingLevel, Rule, finding};
use crate::live::Live;
use crate::ports::{
    FreeCapacity, Launch, LaunchType, Ports, ProviderName, Quota, Strategy, TaskDefinition,
    is_daemon,
};

/// Both are warnings: somebody may add capacity, and other tasks may end, before the apply needs the room.
pub(super) async fn of(
    ports: &Ports,
    wanted: &DesiredService,
    live: Option<&Live>,
    found: &TaskDefinition,
) -> Checked {
    let mut checked = Checked::default();
    let (Some(task), Some(extra)) = (Size::of(found), extra_tasks(wanted, live)) else {
        return checked;
    };
    // Where a daemon starts a task, its old one makes room.
    if extra == 0 || is_daemon(&wanted.settings.parts) {
        return checked;
    }
    if launch(wanted, live) == Some(&Launch::Type(LaunchType::Ec2)) {
        let cluster = &wanted.service.cluster;
        let call = ports.services.free_capacity(cluster);
        if let Some(free) = checked.ask(Field::Desired, false, call).await {
            checked
                .findings
                .extend(of_instances(wanted, task, extra, &free));
        }
    } else if is_on_demand(wanted, live) {
        let call = ports.prerequisites.fargate_vcpus();
        if let Some(Some(quota)) = checked.ask(Field::Desired, false, call).await {
            let running = live.map_or(0, |live| live.service.running);
            checked
                .findings
                .extend(of_quota(task, extra, running, quota));
        }
    }
    checked
}

/// What one task takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) cpu: u32,
    pub(super) memory: u32,
}

impl Size {
    /// The size of the whole task; `None` where only containers have one.
    fn of(found: &TaskDefinition) -> Option<Self> {
        let number = |text: &Option<String>| text.as_ref()?.parse().ok().filter(|size| *size > 0);
        Some(Self {
            cpu: number(&found.cpu)?,
            memory: number(&found.memory)?,
        })
    }
}

/// Tasks that run beside those that run now; `None` when a strategy is not known.
pub(super) fn extra_tasks(wanted: &DesiredService, live: Option<&Live>) -> Option<u32> {
    let Some(live) = live else {
        return Some(wanted.desired.at_creation());
    };
    let desired = match wanted.desired {
        DesiredCount::Fixed(count) => count,
        DesiredCount::Initial(_) => live.service.desired,
        DesiredCount::Bounded { min, max, .. } => live.service.desired.clamp(min, max.max(min)),
    };
    let configuration = &wanted.settings.deployment_configuration;
    match (&wanted.controller, &configuration.strategy) {
        (DesiredController::CodeDeploy { .. } | DesiredController::External, _)
        | (
            DesiredController::Ecs,
            Strategy::BlueGreen | Strategy::Canary { .. } | Strategy::Linear { .. },
        ) => Some(desired),
        // Old tasks may stop first; where all of them have to stay, at least one more must fit.
        (DesiredController::Ecs, Strategy::Rolling) => {
            let keeps_all = configuration.minimum_healthy_percent.unwrap_or(100) >= 100;
            Some(u32::from(keeps_all && desired > 0))
        }
        (DesiredController::Ecs, Strategy::Unknown(_)) => None,
    }
}

/// Whether the tasks count for the on-demand quota, all of them.
fn is_on_demand(wanted: &DesiredService, live: Option<&Live>) -> bool {
    let is_spot = match launch(wanted, live) {
        Some(Launch::Strategy(providers)) => providers
            .iter()
            .any(|provider| provider.provider() == ProviderName::FargateSpot),
        Some(Launch::Type(_)) | None => false,
    };
    is_fargate(wanted, live) && !is_spot
}

/// Each task fits on one instance or does not run.
pub(super) fn of_instances(
    wanted: &DesiredService,
    task: Size,
    extra: u32,
    free: &[FreeCapacity],
) -> Option<Finding> {
    let fits: u32 = free
        .iter()
        .map(|instance| (instance.cpu / task.cpu).min(instance.memory / task.memory))
        .fold(0, u32::saturating_add);
    (fits < extra).then(|| {
        finding(
            Rule::CapacityShort,
            FindingLevel::Warning,
            Field::Desired,
            format!(
                "The instances of cluster `{}` have capacity for {fits} more tasks of this size; the deployment \
                 starts {extra} in addition to the running ones.",
                wanted.service.cluster_name()
            ),
            &format!(
                "Each task takes {} CPU units and {} MiB, and until the old tasks stop both revisions run. Tasks \
                 without capacity wait, at most until the timeout.",
                task.cpu, task.memory
            ),
            "Add instances before the apply, or use a capacity provider that adds them.",
        )
    })
}

/// Where AWS does not say how much is used, this service alone is counted.
pub(super) fn of_quota(task: Size, extra: u32, running: u32, quota: Quota) -> Option<Finding> {
    let each = f64::from(task.cpu) / 1024.0;
    let used = quota.used.unwrap_or(f64::from(running) * each);
    let needed = f64::from(extra) * each;
    (used + needed > quota.limit).then(|| {
        finding(
            Rule::QuotaShort,
            FindingLevel::Warning,
            Field::Desired,
            format!(
                "The deployment adds {} vCPUs on Fargate; {} of the account's {} are in use.",
                rounded(needed),
                rounded(used),
                rounded(quota.limit)
            ),
            "Until the old tasks stop both revisions run. AWS starts no task beyond the quota.",
            "Request a higher quota \"Fargate On-Demand vCPU resource count\", or free vCPUs that are in use.",
        )
    })
}

/// To hundredths, without zeros at the end.
fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
