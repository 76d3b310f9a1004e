//! AWS's words as enums.

use open_words::words;

words! {
    /// Status of a service deployment (the state machine of DescribeServiceDeployments).
    pub enum EcsStatus {
        Pending = "PENDING",
        InProgress = "IN_PROGRESS",
        StopRequested = "STOP_REQUESTED",
        RollbackRequested = "ROLLBACK_REQUESTED",
        RollbackInProgress = "ROLLBACK_IN_PROGRESS",
        /// The only success.
        Successful = "SUCCESSFUL",
        Stopped = "STOPPED",
        RollbackSuccessful = "ROLLBACK_SUCCESSFUL",
        RollbackFailed = "ROLLBACK_FAILED",
    }

    /// Status of a CodeDeploy deployment.
    pub enum CodeDeployStatus {
        Created = "Created",
        Queued = "Queued",
        InProgress = "InProgress",
        Baking = "Baking",
        /// Waits for ContinueDeployment.
        Ready = "Ready",
        /// The only success.
        Succeeded = "Succeeded",
        Failed = "Failed",
        Stopped = "Stopped",
    }

    /// `status` of a task set.
    pub enum TaskSetStatus {
        Active = "ACTIVE",
        Draining = "DRAINING",
        Primary = "PRIMARY",
    }

    /// Life-cycle stage of a service deployment, in order.
    pub enum LifecycleStage {
        ReconcileService = "RECONCILE_SERVICE",
        PreScaleUp = "PRE_SCALE_UP",
        ScaleUp = "SCALE_UP",
        PostScaleUp = "POST_SCALE_UP",
        TestTrafficShift = "TEST_TRAFFIC_SHIFT",
        PostTestTrafficShift = "POST_TEST_TRAFFIC_SHIFT",
        PreProductionTrafficShift = "PRE_PRODUCTION_TRAFFIC_SHIFT",
        ProductionTrafficShift = "PRODUCTION_TRAFFIC_SHIFT",
        PostProductionTrafficShift = "POST_PRODUCTION_TRAFFIC_SHIFT",
        BakeTime = "BAKE_TIME",
        CleanUp = "CLEAN_UP",
    }
}

impl EcsStatus {
    /// Whether AWS may still change something because of the deployment. With an unknown word it may.
    pub fn is_running(&self) -> bool {
        match self {
            Self::Pending
            | Self::InProgress
            | Self::StopRequested
            | Self::RollbackRequested
            | Self::RollbackInProgress
            | Self::Unknown(_) => true,
            Self::Successful | Self::Stopped | Self::RollbackSuccessful | Self::RollbackFailed => {
                false
            }
        }
    }
}

impl CodeDeployStatus {
    /// Whether CodeDeploy may still change something because of the deployment. With an unknown word it may.
    pub fn is_running(&self) -> bool {
        match self {
            Self::Created
            | Self::Queued
            | Self::InProgress
            | Self::Baking
            | Self::Ready
            | Self::Unknown(_) => true,
            Self::Succeeded | Self::Failed | Self::Stopped => false,
        }
    }
}
