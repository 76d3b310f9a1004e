//! What AWS shows of a service now: everything the checks look at, and nothing that acts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use switchyard_engine::ports::{
    AlarmState, CertificateFacts, Quota, ScalableTarget, ScalingActivity, Service,
    ServiceDeployment, StoppedTask, TargetGroup, TargetHealth,
};

use super::issue::Outcome;
use super::seen::{Hours, NetworkSeen, Pattern, Usage};
use crate::view::ServiceView;

/// One reading.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reading<T> {
    /// AWS shows this.
    Seen(T),
    /// It could not be read: why, as a sentence.
    Unread(String),
    /// There is nothing to read.
    Nothing,
}

impl<T> Reading<T> {
    /// What a check makes of it.
    pub(super) fn check(&self, judge: impl FnOnce(&T) -> Vec<super::Issue>) -> Outcome {
        match self {
            Self::Seen(seen) => Outcome::Checked {
                issues: judge(seen),
            },
            Self::Unread(why) => Outcome::NotChecked { why: why.clone() },
            Self::Nothing => Outcome::NotApplicable,
        }
    }

    pub(super) fn seen(&self) -> Option<&T> {
        match self {
            Self::Seen(seen) => Some(seen),
            Self::Unread(_) | Self::Nothing => None,
        }
    }
}

/// A target group that matters to the service.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    pub(super) group: TargetGroup,
    /// Percent of production traffic; absent where no rule says it.
    pub(super) percent: Option<f64>,
    pub(super) targets: Vec<TargetHealth>,
}

/// Automatic scaling of the service.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ScalingSeen {
    pub(super) target: ScalableTarget,
    /// Number of policies.
    pub(super) policies: usize,
    /// Newest first.
    pub(super) activities: Vec<ScalingActivity>,
}

/// Everything that was read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Evidence {
    pub(super) now: Timestamp,
    pub(super) view: ServiceView,
    pub(super) service: Service,
    /// The deployment in progress, where ECS carries it out.
    pub(super) deployment: Reading<ServiceDeployment>,
    pub(super) stopped: Reading<Vec<StoppedTask>>,
    pub(super) groups: Reading<Vec<Group>>,
    /// Whether a rule of the service is known that splits traffic.
    pub(super) has_rule: bool,
    pub(super) scaling: Reading<ScalingSeen>,
    /// Alarms that deployments look at, by name; those that do not exist are absent.
    pub(super) alarms: Reading<BTreeMap<String, Option<AlarmState>>>,
    pub(super) hours: Reading<Hours>,
    pub(super) usage: Reading<Usage>,
    pub(super) patterns: Reading<Vec<Pattern>>,
    pub(super) quota: Reading<Quota>,
    pub(super) certificates: Reading<Vec<CertificateFacts>>,
    /// Read only where something that was seen may come from it.
    pub(super) network: Reading<NetworkSeen>,
}

impl Evidence {
    /// The service as the commands name it.
    pub(super) fn named(&self) -> String {
        format!("{} --cluster {}", self.view.service, self.view.cluster)
    }

    /// A command about this service.
    pub(super) fn command(&self, verb: &str, more: &str) -> String {
        match more {
            "" => format!("`switchyard {verb} {}`", self.named()),
            more => format!("`switchyard {verb} {} {more}`", self.named()),
        }
    }

    /// Whether a deployment is in progress.
    pub(super) fn is_deploying(&self) -> bool {
        self.view.deployment.is_some()
    }

    /// The step that ends a deployment that fails, where there is one.
    pub(super) fn way_back(&self) -> Option<String> {
        self.is_deploying().then(|| {
            format!(
                "To go back first: {}.",
                self.command("rollback", "--dry-run")
            )
        })
    }
}
