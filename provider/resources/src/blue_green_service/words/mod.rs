//! The words of the configuration, and what the engine calls them.

mod gate;

pub(crate) use gate::{
    AreaWord, GateClassWord, InconclusiveWord, MethodWord, MissingWord, OnFailureWord, OutsideWord,
    Predefined, TargetWord, WhenWord,
};

use switchyard_engine::ports::{
    Controller as AwsController, HookTimeoutAction, LaunchType, PropagateTags, ThresholdUnit,
};
use switchyard_engine::{GateVerdict, OnCancel, OnForeign, RecordOutcome, ScalingDuring};

use super::choice::Strategy;
use crate::words::counterparts;

tfplugin::words! {
    /// Who decides what tasks run.
    pub(crate) enum OwnerWord {
        Terraform = "terraform",
        Images = "images",
        External = "external",
    }
}

tfplugin::words! {
    /// Who moves traffic.
    pub(crate) enum ControllerWord {
        Ecs = "ecs",
        CodeDeploy = "codedeploy",
        External = "external",
    }
}

tfplugin::words! {
    /// Who decides the number of tasks.
    pub(crate) enum CountOwnerWord {
        Terraform = "terraform",
        Autoscaler = "autoscaler",
        Bounded = "bounded",
    }
}

tfplugin::words! {
    /// Where tasks run.
    pub(crate) enum LaunchWord {
        Fargate = "FARGATE",
        Ec2 = "EC2",
        External = "EXTERNAL",
    }
}

tfplugin::words! {
    /// Where tasks get their tags from.
    pub(crate) enum PropagateWord {
        None = "NONE",
        Service = "SERVICE",
        TaskDefinition = "TASK_DEFINITION",
    }
}

tfplugin::words! {
    /// Whether something is switched on.
    pub(crate) enum SwitchWord {
        Enabled = "ENABLED",
        Disabled = "DISABLED",
    }
}

tfplugin::words! {
    /// What decides how many tasks run.
    pub(crate) enum SchedulingWord {
        Replica = "REPLICA",
        Daemon = "DAEMON",
    }
}

tfplugin::words! {
    /// Conditions for instances.
    pub(crate) enum ConstraintWord {
        DistinctInstance = "distinctInstance",
        MemberOf = "memberOf",
    }
}

tfplugin::words! {
    /// How tasks are distributed over instances.
    pub(crate) enum PlacementWord {
        Binpack = "binpack",
        Random = "random",
        Spread = "spread",
    }
}

tfplugin::words! {
    /// How Service Connect logs requests.
    pub(crate) enum AccessLogWord {
        Text = "TEXT",
        Json = "JSON",
    }
}

tfplugin::words! {
    /// What an interrupted apply does with its deployment.
    pub(crate) enum OnCancelWord {
        Rollback = "rollback",
        Leave = "leave",
    }
}

tfplugin::words! {
    /// What an apply does about a deployment of somebody else.
    pub(crate) enum OnForeignWord {
        Wait = "wait",
        Stop = "stop",
    }
}

tfplugin::words! {
    /// How a new revision takes over.
    pub(crate) enum StrategyWord {
        Rolling = "rolling",
        AllAtOnce = "all_at_once",
        Canary = "canary",
        Linear = "linear",
        Steps = "steps",
    }
}

tfplugin::words! {
    /// What happens to Application Auto Scaling during a deployment.
    pub(crate) enum AutoscalingWord {
        Keep = "keep",
        SuspendScaleIn = "suspend_scale_in",
        Suspend = "suspend",
    }
}

tfplugin::words! {
    /// How a revision that was live before is deployed again.
    pub(crate) enum RollbackStrategyWord {
        AllAtOnce = "all_at_once",
        Same = "same",
    }
}

tfplugin::words! {
    /// What the threshold of the circuit breaker counts.
    pub(crate) enum ThresholdWord {
        Count = "count",
        BoundedPercent = "bounded_percent",
        UnboundedPercent = "unbounded_percent",
    }
}

tfplugin::words! {
    /// Stages at which ECS calls functions (AWS: "Lifecycle hooks for Amazon ECS service deployments").
    pub(crate) enum StageWord {
        ReconcileService = "RECONCILE_SERVICE",
        PreScaleUp = "PRE_SCALE_UP",
        PostScaleUp = "POST_SCALE_UP",
        TestTrafficShift = "TEST_TRAFFIC_SHIFT",
        PostTestTrafficShift = "POST_TEST_TRAFFIC_SHIFT",
        PreProductionTrafficShift = "PRE_PRODUCTION_TRAFFIC_SHIFT",
        ProductionTrafficShift = "PRODUCTION_TRAFFIC_SHIFT",
        PostProductionTrafficShift = "POST_PRODUCTION_TRAFFIC_SHIFT",
    }
}

impl StageWord {
    /// Whether a deployment can wait there: not while traffic moves.
    pub(crate) fn can_pause(&self) -> bool {
        match self {
            Self::ReconcileService
            | Self::PreScaleUp
            | Self::PostScaleUp
            | Self::PostTestTrafficShift
            | Self::PreProductionTrafficShift
            | Self::PostProductionTrafficShift => true,
            Self::TestTrafficShift | Self::ProductionTrafficShift | Self::Unknown(_) => false,
        }
    }
}

tfplugin::words! {
    /// What happens when a hook's time is over.
    pub(crate) enum OnTimeoutWord {
        Rollback = "rollback",
        Continue = "continue",
    }
}

tfplugin::words! {
    /// Events at which CodeDeploy rolls back.
    pub(crate) enum RollbackEventWord {
        Failure = "DEPLOYMENT_FAILURE",
        Alarm = "DEPLOYMENT_STOP_ON_ALARM",
        Request = "DEPLOYMENT_STOP_ON_REQUEST",
    }
}

tfplugin::words! {
    /// How a deployment has ended.
    pub(crate) enum OutcomeWord {
        Succeeded = "succeeded",
        RolledBack = "rolled_back",
        Failed = "failed",
        Cancelled = "cancelled",
        LeftRunning = "left_running",
        Unhealthy = "unhealthy",
    }
}

tfplugin::words! {
    /// What a gate has said.
    pub(crate) enum VerdictWord {
        Failed = "failed",
        Inconclusive = "inconclusive",
        NoData = "no_data",
        Passed = "passed",
    }
}

counterparts! {
    StrategyWord == Strategy {
        Rolling = Rolling,
        AllAtOnce = AllAtOnce,
        Canary = Canary,
        Linear = Linear,
        Steps = Steps,
    }
    AutoscalingWord == ScalingDuring {
        Keep = Keep,
        SuspendScaleIn = SuspendIn,
        Suspend = SuspendAll,
    }
    OnCancelWord == OnCancel {
        Rollback = Rollback,
        Leave = Leave,
    }
    OnForeignWord == OnForeign {
        Wait = Wait,
        Stop = Stop,
    }
    OutcomeWord == RecordOutcome {
        Succeeded = Succeeded,
        RolledBack = RolledBack,
        Failed = Failed,
        Cancelled = Cancelled,
        LeftRunning = LeftRunning,
        Unhealthy = Unhealthy,
    }
    VerdictWord == GateVerdict {
        Failed = Failed,
        Inconclusive = Inconclusive,
        NoData = NoData,
        Passed = Passed,
    }
}

counterparts! {
    ControllerWord <=> AwsController {
        Ecs = Ecs,
        CodeDeploy = CodeDeploy,
        External = External,
    }
    LaunchWord <=> LaunchType {
        Fargate = Fargate,
        Ec2 = Ec2,
        External = External,
    }
    PropagateWord <=> PropagateTags {
        None = None,
        Service = Service,
        TaskDefinition = TaskDefinition,
    }
    ThresholdWord <=> ThresholdUnit {
        Count = Count,
        BoundedPercent = BoundedPercent,
        UnboundedPercent = UnboundedPercent,
    }
    OnTimeoutWord <=> HookTimeoutAction {
        Rollback = Rollback,
        Continue = Continue,
    }
}
