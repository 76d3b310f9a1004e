//! How a new revision takes over.

use tfplugin::value::{Attr, Number};

use super::{List, TextSet};

tfplugin::object! {
    /// `deployment`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct DeploymentModel {
        /// Strategy word.
        pub strategy: Attr<String>,
        /// Canary numbers.
        pub canary: Attr<ShiftModel>,
        /// Linear numbers.
        pub linear: Attr<ShiftModel>,
        /// Weights that are held.
        pub steps: List<StepModel>,
        /// Duration text, whole minutes.
        pub bake_time: Attr<String>,
        /// Rolling only.
        pub maximum_percent: Attr<i64>,
        /// Rolling only.
        pub minimum_healthy_percent: Attr<i64>,
        /// Rolling only.
        pub circuit_breaker: Attr<CircuitBreakerModel>,
        /// Functions that ECS calls.
        pub lifecycle_hooks: List<HookModel>,
        /// Alarms that undo a rollout.
        pub alarms: Attr<AlarmsModel>,
        /// `keep`, `suspend_scale_in` or `suspend`.
        pub autoscaling: Attr<String>,
        /// Duration text.
        pub recovery_objective: Attr<String>,
        /// `all_at_once` or `same`.
        pub rollback_strategy: Attr<String>,
    }
}

tfplugin::object! {
    /// `canary` and `linear`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ShiftModel {
        /// Percent of one shift.
        pub percent: Attr<Number>,
        /// Duration text between shifts, whole minutes.
        pub interval: Attr<String>,
    }
}

tfplugin::object! {
    /// `circuit_breaker`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct CircuitBreakerModel {
        /// On.
        pub enable: Attr<bool>,
        /// Roll back.
        pub rollback: Attr<bool>,
        /// When it triggers.
        pub threshold: Attr<ThresholdModel>,
        /// A healthy task sets its count back.
        pub reset_on_healthy_task: Attr<bool>,
    }
}

tfplugin::object! {
    /// `alarms`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct AlarmsModel {
        /// Alarm names.
        pub names: TextSet,
        /// Roll back when one fires.
        pub rollback: Attr<bool>,
    }
}

tfplugin::object! {
    /// `codedeploy`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct CodeDeployModel {
        /// Application name.
        pub application: Attr<String>,
        /// Deployment group name.
        pub deployment_group: Attr<String>,
        /// Deployment configuration name.
        pub deployment_config: Attr<String>,
        /// Functions at life-cycle events.
        pub hooks: Attr<CodeDeployHooksModel>,
        /// Events of the automatic rollback.
        pub rollback_on: TextSet,
        /// Alarm names.
        pub alarms: TextSet,
    }
}

tfplugin::object! {
    /// One of `steps`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct StepModel {
        /// Production weight in percent.
        pub percent: Attr<Number>,
        /// Duration text.
        pub hold: Attr<String>,
    }
}

tfplugin::object! {
    /// `threshold` of the circuit breaker.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ThresholdModel {
        /// `count`, `bounded_percent` or `unbounded_percent`.
        pub r#type: Attr<String>,
        /// Tasks or percent.
        pub value: Attr<i64>,
    }
}

tfplugin::object! {
    /// One of `lifecycle_hooks`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct HookModel {
        /// Stage words.
        pub stages: TextSet,
        /// Function ARN.
        pub function_arn: Attr<String>,
        /// Role ARN.
        pub role_arn: Attr<String>,
        /// JSON text.
        pub details: Attr<String>,
        /// Duration text, whole minutes.
        pub timeout: Attr<String>,
        /// `rollback` or `continue`.
        pub on_timeout: Attr<String>,
    }
}

tfplugin::object! {
    /// `hooks` of CodeDeploy.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct CodeDeployHooksModel {
        /// Function.
        pub before_install: Attr<String>,
        /// Function.
        pub after_install: Attr<String>,
        /// Function.
        pub after_allow_test_traffic: Attr<String>,
        /// Function.
        pub before_allow_traffic: Attr<String>,
        /// Function.
        pub after_allow_traffic: Attr<String>,
    }
}
