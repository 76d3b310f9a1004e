//! What [`crate::verify`] finds before anything is changed.

/// One thing that is wrong, or will surprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable rule.
    pub rule: Rule,
    /// Whether the apply would fail.
    pub severity: Severity,
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
pub enum Severity {
    /// The apply would fail.
    Error,
    /// The apply may work, but not as the user expects.
    Warning,
}

/// The input a finding is about; the caller knows which attribute that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Deployment alarms.
    Alarms,
    /// Circuit breaker.
    CircuitBreaker,
    /// Cluster.
    Cluster,
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
    /// Container port.
    Port,
    /// Production listener rule.
    ProductionRule,
    /// Role for the rules.
    Role,
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
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id())
    }
}
