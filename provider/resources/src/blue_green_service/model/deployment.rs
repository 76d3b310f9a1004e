//! How a new revision takes over: ECS, CodeDeploy.

use tfplugin::schema::validators::{between, each, items_at_least, items_between, not_empty};
use tfplugin::schema::{Attributes, NestedBlock};
use tfplugin::value::{Attr, Number};

use super::{FreezeModel, List, SetOf, TextSet};
use crate::blue_green_service::rules;
use crate::blue_green_service::words::{
    AutoscalingWord, OnTimeoutWord, RollbackEventWord, RollbackStrategyWord, StageWord,
    StrategyWord, ThresholdWord,
};

/// `deployment`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct DeploymentModel {
    /// `all_at_once`, `canary`, `linear` and `steps` start the new revision alongside the old one and then move
    /// traffic; `rolling` (controller `ecs` only) replaces tasks in place. `steps` (controllers `ecs` and `external`)
    /// holds the weights of its `step` blocks.
    #[attr(required)]
    pub strategy: Attr<StrategyWord>,
    /// Shift of the `canary` strategy. The default of ECS is 5 percent and 10 minutes.
    #[attr(block)]
    pub canary: Attr<ShiftModel>,
    /// Shifts of the `linear` strategy. The default of ECS is 10 percent and 6 minutes.
    #[attr(block, with = rules::each_shift)]
    pub linear: Attr<ShiftModel>,
    /// A weight of the `steps` strategy and how long it is held, rising to 100. With `controller = "ecs"` their greatest
    /// common divisor must be at least 3 percent.
    #[attr(block, with = |block: NestedBlock| block.items(0, 100))]
    pub step: List<StepModel>,
    /// How long both revisions keep running after all traffic has moved, in whole minutes, at most `24h` (controller
    /// `ecs`; with CodeDeploy the deployment group decides, with `external` the hold of the last step). By default a
    /// new service has none.
    #[attr(optional, validate(rules::minutes_text()))]
    pub bake_time: Attr<String>,
    /// `rolling` only: maximum number of tasks during a deployment, in percent of `desired_count`. Defaults to 200,
    /// as in AWS.
    #[attr(optional, computed, validate(between(100, 2_147_483_647)))]
    pub maximum_percent: Attr<i64>,
    /// `rolling` only: minimum number of healthy tasks during a deployment, in percent of `desired_count`. Defaults
    /// to 100, as in AWS.
    #[attr(optional, computed, validate(between(0, 100)))]
    pub minimum_healthy_percent: Attr<i64>,
    /// `rolling` only: stop a deployment whose tasks keep failing.
    #[attr(block)]
    pub circuit_breaker: Attr<CircuitBreakerModel>,
    /// CloudWatch alarms that fail a deployment (controller `ecs`; with CodeDeploy the deployment group has them, with
    /// `external` use gates).
    #[attr(block)]
    pub alarms: Attr<AlarmsModel>,
    /// A Lambda function that ECS calls during a deployment (controller `ecs`, any strategy except `rolling`).
    #[attr(block, with = |block: NestedBlock| block.items(0, 10))]
    pub lifecycle_hook: List<HookModel>,
    /// A pause of the deployment until a person approves (controller `ecs`, any strategy except `rolling`). To approve,
    /// run `aws ecs continue-service-deployment`. A return to an earlier revision on the short way
    /// (`rollback_strategy`) does not wait for approval.
    #[attr(block, with = |block: NestedBlock| block.items(0, 9))]
    pub approval: List<ApprovalModel>,
    /// What happens to Application Auto Scaling during a deployment. Suspended scaling is resumed when the deployment
    /// ends, or by the next apply after a crash.
    #[attr(default = AutoscalingWord::Keep)]
    pub autoscaling: Attr<AutoscalingWord>,
    /// Objective for the duration of a rollback; a longer rollback is reported.
    #[attr(default = "5m", validate(rules::duration_text()))]
    pub recovery_objective: Attr<String>,
    /// Times at which nothing is deployed: a plan that starts a deployment is an error then. Set the environment variable
    /// `SWITCHYARD_OVERRIDE_FREEZE` to a reason to deploy all the same.
    #[attr(block, with = |block: NestedBlock| block.items(0, 50))]
    pub freeze: List<FreezeModel>,
    /// How a revision that was live before is deployed again: with `restore_snapshot`, or when the task definition
    /// (or the images) are one of the last five that this resource made live. `all_at_once` moves all traffic when
    /// the gates of `before_traffic` have passed, without shifts, bake time and the gates during them. `same` deploys
    /// it like any other change, as does the strategy `rolling`.
    #[attr(default = RollbackStrategyWord::AllAtOnce)]
    pub rollback_strategy: Attr<RollbackStrategyWord>,
}

/// `canary` and `linear`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct ShiftModel {
    /// Traffic of the first shift, in percent.
    #[attr(required, validate(rules::shift()))]
    pub percent: Attr<Number>,
    /// Time between shifts, in whole minutes, at most `24h`.
    #[attr(required, validate(rules::minutes_text()))]
    pub interval: Attr<String>,
}

/// One `step`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct StepModel {
    /// Production traffic of the new revision, in percent.
    #[attr(required, validate(rules::share()))]
    pub percent: Attr<Number>,
    /// Minimum time for which the weight is held, such as `"5m"`; gates may extend it. `"approval"` (controller `ecs`)
    /// holds it until a person approves (`aws ecs continue-service-deployment`), for at most 24 hours; then ECS rolls
    /// the deployment back.
    #[attr(default = "0s", validate(rules::hold_text()))]
    pub hold: Attr<String>,
}

/// `circuit_breaker`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct CircuitBreakerModel {
    /// Turn the circuit breaker on.
    #[attr(default = true)]
    pub enable: Attr<bool>,
    /// Roll back to the last revision that worked.
    #[attr(default = true)]
    pub rollback: Attr<bool>,
    /// When it triggers. Defaults to half of `desired_count`, at least 3 and at most 200 tasks.
    #[attr(block)]
    pub threshold: Attr<ThresholdModel>,
    /// Whether a healthy task resets the count of failed ones to zero. The default of AWS is to reset it.
    #[attr(optional)]
    pub reset_on_healthy_task: Attr<bool>,
}

/// `threshold` of the circuit breaker.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct ThresholdModel {
    /// `count` of failed tasks, or percent of `desired_count`: `bounded_percent` counts at least 3 and at most 200 tasks.
    #[attr(required)]
    pub r#type: Attr<ThresholdWord>,
    /// Tasks, or percent (1 to 100).
    #[attr(required, validate(between(1, 2_147_483_647)))]
    pub value: Attr<i64>,
}

/// `alarms`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct AlarmsModel {
    /// Alarm names.
    #[attr(required, validate(items_at_least(1)))]
    pub names: TextSet,
    /// Roll back when one fires; otherwise the deployment only fails.
    #[attr(default = true)]
    pub rollback: Attr<bool>,
}

/// One `lifecycle_hook`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct HookModel {
    /// Lifecycle stages at which it is called
    #[attr(required, validate(items_at_least(1)), with = rules::named_stages)]
    pub stages: SetOf<StageWord>,
    /// Lambda function. It must return a `hookStatus`, unlike a function for CodeDeploy.
    #[attr(required, validate(rules::function_arn()))]
    pub function_arn: Attr<String>,
    /// Role that ECS uses to call it.
    #[attr(required, validate(rules::role_arn()))]
    pub role_arn: Attr<String>,
    /// JSON that the function receives as `hookDetails`, such as `jsonencode({ … })`.
    #[attr(optional, validate(rules::json_text()))]
    pub details: Attr<String>,
    /// How long it may take, in whole minutes, at most `24h`. The default of AWS is `24h`.
    #[attr(optional, validate(rules::minutes_text()))]
    pub timeout: Attr<String>,
    /// What happens when it times out.
    #[attr(default = OnTimeoutWord::Rollback)]
    pub on_timeout: Attr<OnTimeoutWord>,
}

/// One `approval`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct ApprovalModel {
    /// Lifecycle stages at which the deployment waits
    #[attr(required, validate(items_at_least(1)), with = rules::named_pauses)]
    pub stages: SetOf<StageWord>,
    /// How long it waits at each of them, in whole minutes, at most `336h` (14 days).
    #[attr(default = "24h", validate(rules::pause_text()))]
    pub time_limit: Attr<String>,
    /// What happens when nobody has approved by then.
    #[attr(default = OnTimeoutWord::Rollback)]
    pub on_timeout: Attr<OnTimeoutWord>,
}

/// `codedeploy`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct CodeDeployModel {
    /// Application name.
    #[attr(required, validate(rules::code_deploy_name()))]
    pub application: Attr<String>,
    /// Deployment group name.
    #[attr(required, validate(rules::code_deploy_name()))]
    pub deployment_group: Attr<String>,
    /// Deployment configuration. By default it follows from `deployment`: `all_at_once` is
    /// `CodeDeployDefault.ECSAllAtOnce`, and `canary` and `linear` must match a predefined one (canary 10 percent
    /// every 5 or 15 minutes, linear 10 percent every 1 or 3 minutes). Create others with
    /// `aws_codedeploy_deployment_config` and name them here.
    #[attr(optional, validate(rules::code_deploy_name()))]
    pub deployment_config: Attr<String>,
    /// Lambda functions (names or ARNs) that CodeDeploy calls at its lifecycle events.
    #[attr(block)]
    pub hooks: Attr<CodeDeployHooksModel>,
    /// Events at which CodeDeploy rolls back. Defaults to those of the deployment group.
    #[attr(optional, validate(rules::words(RollbackEventWord::WORDS)))]
    pub rollback_on: SetOf<RollbackEventWord>,
    /// CloudWatch alarms that stop a deployment. Defaults to those of the deployment group.
    #[attr(optional, validate(items_between(1, 10), each(not_empty())))]
    pub alarms: TextSet,
}

/// `hooks` of CodeDeploy.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct CodeDeployHooksModel {
    /// Before the new tasks are created.
    #[attr(optional, validate(not_empty()))]
    pub before_install: Attr<String>,
    /// When they run.
    #[attr(optional, validate(not_empty()))]
    pub after_install: Attr<String>,
    /// When the test listener reaches the new tasks.
    #[attr(optional, validate(not_empty()))]
    pub after_allow_test_traffic: Attr<String>,
    /// Before production traffic reaches the new tasks.
    #[attr(optional, validate(not_empty()))]
    pub before_allow_traffic: Attr<String>,
    /// When all production traffic reaches the new tasks.
    #[attr(optional, validate(not_empty()))]
    pub after_allow_traffic: Attr<String>,
}
