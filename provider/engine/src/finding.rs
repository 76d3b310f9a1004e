//! What [`crate::verify`] finds before anything is changed.

/// One thing that is wrong, or will surprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable rule.
    pub rule: Rule,
    /// Whether the apply would fail.
    pub severity: FindingLevel,
    /// The input it is about.
    pub field: Field,
    /// What is true now.
    pub now: String,
    /// Why that is a problem.
    pub why: String,
    /// What to do.
    pub next: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingLevel {
    /// The apply would fail.
    Error,
    /// The apply may work, but not as the user expects.
    Warning,
}

/// The input a finding is about; the caller knows which attribute that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Target groups and pairs besides.
    Additional,
    /// Deployment alarms.
    Alarms,
    /// Circuit breaker.
    CircuitBreaker,
    /// Cluster.
    Cluster,
    /// Alarms of our CodeDeploy deployments.
    CodeDeployAlarms,
    /// CodeDeploy application and group.
    CodeDeployGroup,
    /// CodeDeploy deployment configuration.
    CodeDeployConfig,
    /// Container name.
    Container,
    /// Controller.
    Controller,
    /// Desired count.
    Desired,
    /// Gates.
    Gates,
    /// Life-cycle hooks.
    Hooks,
    /// Images that are put into a task definition.
    Images,
    /// Fargate platform version.
    PlatformVersion,
    /// Scaling policies.
    Policies,
    /// Container port.
    Port,
    /// Subnets and security groups.
    Network,
    /// Production listener rule.
    ProductionRule,
    /// Role for the rules.
    Role,
    /// The service itself.
    Service,
    /// Weights that are held.
    Steps,
    /// Strategy.
    Strategy,
    /// Target groups.
    TargetGroups,
    /// Task definition.
    TaskDefinition,
    /// Test listener rule.
    TestRule,
    /// Time limit.
    TimeLimit,
    /// What happens to policies and schedules of others.
    Unmanaged,
}

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $name:ident = $id:literal,)+) => {
        /// Rules of [`crate::verify`]. Ids are stable; each has a page in `docs/errors`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule { $($(#[doc = $doc])+ $name,)+ }

        impl Rule {
            /// Every rule, in the order of ids.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The id, such as `SY0101`.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)+ }
            }
        }
    };
}

rules! {
    /// The cluster does not exist or is not active.
    ClusterMissing = "SY0101",
    /// The task definition does not exist or was deregistered.
    TaskDefinitionMissing = "SY0102",
    /// The task definition has no container of that name.
    ContainerMissing = "SY0103",
    /// The container does not expose that port.
    PortNotExposed = "SY0104",
    /// A target group does not exist.
    TargetGroupMissing = "SY0105",
    /// A target group's target type does not fit the task definition's network mode.
    TargetTypeMismatch = "SY0106",
    /// No listener forwards to any of the target groups.
    TargetGroupDetached = "SY0107",
    /// The production rule does not exist.
    ProductionRuleMissing = "SY0108",
    /// The production rule does not forward to the target groups.
    ProductionRuleElsewhere = "SY0109",
    /// The test rule does not exist.
    TestRuleMissing = "SY0110",
    /// The production rule sends traffic to a side that is not the live one.
    ProductionRuleStray = "SY0111",
    /// A deployment alarm does not exist.
    AlarmMissing = "SY0112",
    /// A deployment alarm is firing already: AWS ignores it for this rollout.
    AlarmFiring = "SY0113",
    /// The CodeDeploy application or deployment group does not exist.
    CodeDeployGroupMissing = "SY0114",
    /// The deployment group deploys another service.
    CodeDeployGroupElsewhere = "SY0115",
    /// The deployment group's target groups are not the wanted pair.
    CodeDeployTargetGroups = "SY0116",
    /// The deployment configuration does not exist or is not for ECS.
    CodeDeployConfigMissing = "SY0117",
    /// The circuit breaker works only with the rolling strategy of the ECS controller.
    CircuitBreakerUnsupported = "SY0118",
    /// Deployment alarms do not work under CodeDeploy.
    AlarmsUnsupported = "SY0119",
    /// The strategy needs a pair of target groups, a production rule and a role.
    PairIncomplete = "SY0120",
    /// The time limit is shorter than the shifts and bakes take.
    TimeLimitTooSmall = "SY0121",
    /// An autoscaler is registered for a desired count that is fixed here.
    DesiredContested = "SY0122",
    /// The service has another controller.
    ControllerDiffers = "SY0123",
    /// AWS refused a call that checks need, or could not be reached.
    ChecksIncomplete = "SY0124",
    /// Both target groups are behind listeners, and nothing says which one is production.
    ProductionSideUnknown = "SY0125",
    /// An image does not exist.
    ImageMissing = "SY0126",
    /// An image is not built for the CPU architecture of the task definition.
    ImageArchitecture = "SY0127",
    /// The tasks need an execution role, and the task definition names none.
    ExecutionRoleMissing = "SY0128",
    /// What should be a role or a function is the ARN of something else.
    ArnMalformed = "SY0129",
    /// A secret or parameter does not exist.
    SecretMissing = "SY0130",
    /// A log group does not exist, and nothing creates it.
    LogGroupMissing = "SY0131",
    /// A target group belongs to another load balancer than the production rule.
    TargetGroupOtherBalancer = "SY0132",
    /// Production points at a target group without targets while the tasks run in another one.
    ProductionEmpty = "SY0133",
    /// The cluster's instances have no room for the tasks that a rollout adds.
    CapacityShort = "SY0134",
    /// The Fargate quota has no room for the tasks that a rollout adds.
    QuotaShort = "SY0135",
    /// A rollout to something else is under way: the apply waits for it.
    RolloutRunning = "SY0136",
    /// Gates before traffic need a deployment group that waits for them.
    ReadyWaitMissing = "SY0137",
    /// Clients stay with the old revision for longer than a weight is held.
    StickinessTooLong = "SY0138",
    /// A gate undoes the rollout at a value at which the watching gate does not complain yet.
    RollbackBelowAlert = "SY0139",
    /// The service to scale does not exist.
    ScalingServiceMissing = "SY0140",
    /// The service has a scalable target that is not in the state.
    ScalingTargetExists = "SY0141",
    /// A policy, schedule or alarm of that name exists and is somebody else's.
    ScalingNameTaken = "SY0142",
    /// A policy of somebody else tracks the same metric.
    ScalingMetricTaken = "SY0143",
    /// Requests per target are counted on one target group, and the service moves between two.
    ScalingMetricBlind = "SY0144",
    /// The service has policies or schedules that are not in the state.
    ScalingNotOurs = "SY0145",
    /// A schedule never fires.
    ScalingScheduleNeverFires = "SY0146",
    /// A listener that the deployment group names does not exist.
    GroupListenerMissing = "SY0147",
    /// The number of tasks of a running service becomes zero.
    NoTasks = "SY0148",
    /// ARNs of another region than the provider's.
    OtherRegion = "SY0150",
    /// A network configuration that the task definition's network mode needs, or cannot have.
    NetworkMismatch = "SY0151",
    /// A gate asks through the test listener, and the deployment group has none.
    TestListenerMissing = "SY0152",
    /// Another service has the target groups or the rule.
    TrafficShared = "SY0153",
    /// ECS Exec needs a task role, and the task definition names none.
    TaskRoleMissing = "SY0154",
    /// The subnets have no addresses for the tasks that a rollout adds.
    AddressesShort = "SY0165",
    /// New services have gates that name one another.
    DependencyCircle = "SY0166",
    /// A task on Windows has what AWS does not run there.
    WindowsTask = "SY0168",
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id())
    }
}

/// Something that the traffic of a service needs, and that does not exist any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingRoute {
    /// What it is, in words, such as ``production rule `ARN` does not exist``.
    pub words: String,
    /// What to tell.
    pub finding: Finding,
}

impl MissingRoute {
    /// [`Self::finding`] for somebody whose change has succeeded all the same.
    #[must_use]
    pub fn warning(&self) -> Finding {
        Finding {
            severity: FindingLevel::Warning,
            ..self.finding.clone()
        }
    }
}

/// A finding, in one line where it is made.
pub(crate) fn finding(
    rule: Rule,
    severity: FindingLevel,
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
