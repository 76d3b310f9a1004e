//! A deployment: where it stands, and how it is shown.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::appspec::AppSpec;
use super::configs::Routing;
use super::group_rules::{Alarms, AutoRollback, EcsGroup};
use super::targets::Counts;
use crate::Timestamp;

/// The status of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Created,
    Queued,
    InProgress,
    /// All traffic moved; the old task set waits for its end.
    Baking,
    /// Waiting for `ContinueDeployment`.
    Ready,
    Succeeded,
    Failed,
    Stopped,
}

impl Status {
    /// The wire word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::Queued => "Queued",
            Self::InProgress => "InProgress",
            Self::Baking => "Baking",
            Self::Ready => "Ready",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
        }
    }

    /// Whether nothing will change any more.
    pub(super) fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Stopped)
    }

    /// Whether it ended well.
    pub(super) fn is_success(self) -> bool {
        self == Self::Succeeded
    }

    /// Whether its targets can be asked for.
    pub(super) fn has_started(self) -> bool {
        !matches!(self, Self::Created | Self::Queued)
    }
}

/// The eight events of an ECS deployment, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    BeforeInstall,
    Install,
    AfterInstall,
    AllowTestTraffic,
    AfterAllowTestTraffic,
    BeforeAllowTraffic,
    AllowTraffic,
    AfterAllowTraffic,
}

impl Event {
    pub(super) const ALL: [Self; 8] = [
        Self::BeforeInstall,
        Self::Install,
        Self::AfterInstall,
        Self::AllowTestTraffic,
        Self::AfterAllowTestTraffic,
        Self::BeforeAllowTraffic,
        Self::AllowTraffic,
        Self::AfterAllowTraffic,
    ];

    /// The wire word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::BeforeInstall => "BeforeInstall",
            Self::Install => "Install",
            Self::AfterInstall => "AfterInstall",
            Self::AllowTestTraffic => "AllowTestTraffic",
            Self::AfterAllowTestTraffic => "AfterAllowTestTraffic",
            Self::BeforeAllowTraffic => "BeforeAllowTraffic",
            Self::AllowTraffic => "AllowTraffic",
            Self::AfterAllowTraffic => "AfterAllowTraffic",
        }
    }
}

/// How far one event is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum EventStatus {
    #[default]
    Pending,
    InProgress,
    Succeeded,
    Skipped,
    /// With the function that failed, if one did, and what it said.
    Failed {
        script: String,
        message: String,
    },
}

impl EventStatus {
    /// The wire word.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Skipped => "Skipped",
            Self::Failed { .. } => "Failed",
        }
    }
}

/// One event with its times.
#[derive(Debug, Clone, Default)]
pub(super) struct EventRecord {
    pub(super) status: EventStatus,
    pub(super) started: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
}

/// What the deployment does now, named by what it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Created,
    Queued,
    /// The hook of a scriptable event.
    Hook(Event),
    /// The replacement task set, healthy.
    Install,
    TestTraffic,
    /// `ContinueDeployment`, when the group asks for it.
    Ready,
    /// The next shift; so many are done.
    Traffic {
        shifts: u32,
    },
    /// The end of the original task set's wait.
    TerminationWait,
    /// The original task set's deletion.
    Cleanup,
    /// Traffic back on the original task set (a rollback deployment's only work).
    Undo,
}

/// Who made a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Creator {
    User,
    /// The rollback of the deployment with this id.
    Rollback {
        of: String,
    },
}

/// Why a deployment ended badly.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// For example `ALARM_ACTIVE`.
    pub(super) code: &'static str,
    pub(super) message: String,
}

/// One of the two task sets of a deployment.
#[derive(Debug, Clone)]
pub(super) struct Side {
    pub(super) task_set: String,
    /// The ARN of its target group.
    pub(super) target_group: String,
    /// What ECS said of it last: kept for when it is gone.
    pub(super) last: Counts,
}

/// A deployment.
#[derive(Debug, Clone)]
pub(crate) struct Deployment {
    pub(super) id: String,
    pub(super) application: String,
    pub(super) group: String,
    pub(super) config: String,
    pub(super) routing: Routing,
    pub(super) description: Option<String>,
    pub(super) creator: Creator,
    pub(super) revision: Value,
    pub(super) previous_revision: Option<Value>,
    pub(super) spec: AppSpec,
    pub(super) ecs: EcsGroup,
    pub(super) service_arn: String,
    pub(super) auto_rollback: AutoRollback,
    pub(super) alarms: Alarms,
    /// Settings of the group as they were at the start, for show.
    pub(super) shown: Map<String, Value>,
    pub(super) status: Status,
    pub(super) phase: Phase,
    /// When the phase began.
    pub(super) entered: Timestamp,
    /// When it is looked at next.
    pub(super) wake: Timestamp,
    /// `ContinueDeployment` was called in this phase.
    pub(super) proceed: bool,
    pub(super) created: Timestamp,
    pub(super) started: Option<Timestamp>,
    pub(super) completed: Option<Timestamp>,
    pub(super) failure: Option<Failure>,
    /// The rollback deployment made for this one, and what it is for.
    pub(super) rolled_back_by: Option<(String, String)>,
    pub(super) events: BTreeMap<Event, EventRecord>,
    /// What `PutLifecycleEventHookExecutionStatus` said.
    pub(super) hook_answers: BTreeMap<Event, bool>,
    pub(super) blue: Option<Side>,
    pub(super) green: Option<Side>,
    /// The green side's share of production traffic, in percent.
    pub(super) green_percent: u32,
    pub(super) updated: Timestamp,
}

impl Deployment {
    /// What the group shows of its last deployments.
    pub(super) fn last_json(&self) -> Value {
        let mut shown = Map::new();
        shown.insert("deploymentId".to_owned(), json!(self.id));
        shown.insert("status".to_owned(), json!(self.status.word()));
        shown.insert("createTime".to_owned(), json!(self.created));
        if let Some(completed) = self.completed {
            shown.insert("endTime".to_owned(), json!(completed));
        }
        Value::Object(shown)
    }

    /// `deploymentInfo`.
    pub(super) fn json(&self) -> Value {
        let mut shown = self.shown.clone();
        let mut set = |member: &str, value: Value| shown.insert(member.to_owned(), value);
        set("applicationName", json!(self.application));
        set("deploymentGroupName", json!(self.group));
        set("deploymentConfigName", json!(self.config));
        set("deploymentId", json!(self.id));
        set("revision", self.revision.clone());
        set("status", json!(self.status.word()));
        set("createTime", json!(self.created));
        set("deploymentOverview", self.overview());
        set("ignoreApplicationStopFailures", json!(false));
        set("updateOutdatedInstancesOnly", json!(false));
        set(
            "instanceTerminationWaitTimeStarted",
            json!(self.phase == Phase::TerminationWait && !self.status.is_final()),
        );
        set("deploymentStatusMessages", json!([]));
        set("computePlatform", json!("ECS"));
        set("fileExistsBehavior", json!("DISALLOW"));
        let creator = match &self.creator {
            Creator::User => "user",
            Creator::Rollback { .. } => "codeDeployRollback",
        };
        set("creator", json!(creator));
        let optional = [
            ("previousRevision", self.previous_revision.clone()),
            (
                "description",
                self.description.as_ref().map(|text| json!(text)),
            ),
            ("startTime", self.started.map(|at| json!(at))),
            ("completeTime", self.completed.map(|at| json!(at))),
            (
                "errorInformation",
                self.failure
                    .as_ref()
                    .map(|failure| json!({"code": failure.code, "message": failure.message})),
            ),
            ("rollbackInfo", self.rollback_json()),
        ];
        for (member, value) in optional {
            if let Some(value) = value {
                set(member, value);
            }
        }
        Value::Object(shown)
    }

    fn rollback_json(&self) -> Option<Value> {
        let mut info = Map::new();
        if let Creator::Rollback { of } = &self.creator {
            info.insert("rollbackTriggeringDeploymentId".to_owned(), json!(of));
        }
        if let Some((id, message)) = &self.rolled_back_by {
            info.insert("rollbackDeploymentId".to_owned(), json!(id));
            info.insert("rollbackMessage".to_owned(), json!(message));
        }
        (!info.is_empty()).then_some(Value::Object(info))
    }

    /// The one target, counted under its status.
    fn overview(&self) -> Value {
        let own = self.target_word();
        let counts = [
            "Pending",
            "InProgress",
            "Succeeded",
            "Failed",
            "Skipped",
            "Ready",
        ];
        let counts = counts
            .iter()
            .map(|word| ((*word).to_owned(), json!(i32::from(*word == own))));
        Value::Object(counts.collect())
    }

    /// The status of its target.
    pub(super) fn target_word(&self) -> &'static str {
        match self.status {
            Status::Created | Status::Queued => "Pending",
            Status::InProgress | Status::Baking => "InProgress",
            Status::Ready => "Ready",
            Status::Succeeded => "Succeeded",
            Status::Failed => "Failed",
            Status::Stopped => "Skipped",
        }
    }
}
