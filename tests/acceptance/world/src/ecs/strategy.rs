//! `deploymentConfiguration`: the strategy, its limits and its hooks.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::errors;
use super::stage::Stage;
use crate::error::ApiError;
use crate::input::Input;

/// How a service is rolled out, read from its echo.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct DeploymentConfiguration {
    pub(super) strategy: String,
    pub(super) maximum_percent: u32,
    pub(super) minimum_healthy_percent: u32,
    pub(super) bake_time_in_minutes: u32,
    pub(super) linear_configuration: Option<Linear>,
    pub(super) canary_configuration: Option<Canary>,
    pub(super) deployment_circuit_breaker: Breaker,
    pub(super) alarms: Alarms,
    pub(super) lifecycle_hooks: Vec<Hook>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Linear {
    pub(super) step_percent: f64,
    pub(super) step_bake_time_in_minutes: u32,
}

impl Default for Linear {
    fn default() -> Self {
        Self {
            step_percent: 10.0,
            step_bake_time_in_minutes: 6,
        }
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Canary {
    pub(super) canary_percent: f64,
    pub(super) canary_bake_time_in_minutes: u32,
}

impl Default for Canary {
    fn default() -> Self {
        Self {
            canary_percent: 5.0,
            canary_bake_time_in_minutes: 10,
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Breaker {
    pub(super) enable: bool,
    pub(super) rollback: bool,
    pub(super) reset_on_healthy_task: Option<bool>,
    pub(super) threshold_configuration: Option<Threshold>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Threshold {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) value: u32,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Alarms {
    pub(super) alarm_names: Vec<String>,
    pub(super) enable: bool,
    pub(super) rollback: bool,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Hook {
    pub(super) target_type: Option<String>,
    pub(super) hook_target_arn: Option<String>,
    pub(super) role_arn: Option<String>,
    pub(super) lifecycle_stages: Vec<String>,
    pub(super) timeout_configuration: Option<HookTimeout>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct HookTimeout {
    pub(super) timeout_in_minutes: Option<u32>,
    pub(super) action: Option<String>,
}

impl Hook {
    pub(super) fn pauses(&self) -> bool {
        self.target_type.as_deref() == Some("PAUSE")
    }
}

/// How production traffic moves.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Strategy {
    /// Tasks are replaced in one group.
    Rolling,
    /// The new revision's share after each shift, in percent; the last is 100. Between shifts the time to wait.
    Shifting {
        steps: Vec<f64>,
        step_bake_minutes: u32,
    },
}

impl DeploymentConfiguration {
    /// Writes `given` over `before` and fills in AWS's defaults.
    pub(super) fn merge(before: Map<String, Value>, given: Option<&Input>) -> Map<String, Value> {
        let mut merged = before;
        if let Some(given) = given {
            for (name, value) in given.members() {
                if value.is_null() {
                    continue;
                }
                merged.insert(name.clone(), value.clone());
            }
        }
        let strategy = merged
            .entry("strategy")
            .or_insert_with(|| json!("ROLLING"))
            .clone();
        for (name, default) in [
            ("maximumPercent", json!(200)),
            ("minimumHealthyPercent", json!(100)),
            ("bakeTimeInMinutes", json!(0)),
            (
                "deploymentCircuitBreaker",
                json!({ "enable": false, "rollback": false }),
            ),
            (
                "alarms",
                json!({ "alarmNames": [], "enable": false, "rollback": false }),
            ),
        ] {
            merged.entry(name).or_insert(default);
        }
        if strategy == "LINEAR" {
            let linear = merged
                .entry("linearConfiguration")
                .or_insert_with(|| json!({}));
            if let Value::Object(linear) = linear {
                linear.entry("stepPercent").or_insert_with(|| json!(10.0));
                linear
                    .entry("stepBakeTimeInMinutes")
                    .or_insert_with(|| json!(6));
            }
        } else {
            merged.remove("linearConfiguration");
        }
        if strategy == "CANARY" {
            let canary = merged
                .entry("canaryConfiguration")
                .or_insert_with(|| json!({}));
            if let Value::Object(canary) = canary {
                canary.entry("canaryPercent").or_insert_with(|| json!(5.0));
                canary
                    .entry("canaryBakeTimeInMinutes")
                    .or_insert_with(|| json!(10));
            }
        } else {
            merged.remove("canaryConfiguration");
        }
        merged
    }

    /// Reads and checks a configuration.
    pub(super) fn read(echo: Value) -> Result<Self, ApiError> {
        let configuration: Self = serde_json::from_value(echo)
            .map_err(|reason| errors::invalid(format!("deploymentConfiguration: {reason}")))?;
        configuration.check()?;
        Ok(configuration)
    }

    fn check(&self) -> Result<(), ApiError> {
        if !matches!(
            self.strategy.as_str(),
            "" | "ROLLING" | "BLUE_GREEN" | "LINEAR" | "CANARY"
        ) {
            return Err(errors::invalid(format!(
                "Invalid deployment strategy: {}",
                self.strategy
            )));
        }
        if self.bake_time_in_minutes > 1440 {
            return Err(errors::invalid(
                "bakeTimeInMinutes must be between 0 and 1440.",
            ));
        }
        if let Some(linear) = &self.linear_configuration
            && (!(3.0..=100.0).contains(&linear.step_percent)
                || linear.step_bake_time_in_minutes > 1440)
        {
            return Err(errors::invalid(
                "stepPercent must be between 3.0 and 100.0, stepBakeTimeInMinutes between 0 and 1440.",
            ));
        }
        if let Some(canary) = &self.canary_configuration
            && (!(0.1..=100.0).contains(&canary.canary_percent)
                || canary.canary_bake_time_in_minutes > 1440)
        {
            return Err(errors::invalid(
                "canaryPercent must be between 0.1 and 100.0, canaryBakeTimeInMinutes between 0 and 1440.",
            ));
        }
        if let Some(threshold) = &self.deployment_circuit_breaker.threshold_configuration {
            let most = match threshold.kind.as_str() {
                "COUNT" => u32::MAX,
                "BOUNDED_PERCENT" | "UNBOUNDED_PERCENT" => 100,
                other => {
                    return Err(errors::invalid(format!(
                        "Invalid circuit breaker threshold type: {other}"
                    )));
                }
            };
            if !(1..=most).contains(&threshold.value) {
                return Err(errors::invalid(
                    "The circuit breaker threshold must be at least 1, and at most 100 when it is a percentage.",
                ));
            }
        }
        self.check_hooks()
    }

    fn check_hooks(&self) -> Result<(), ApiError> {
        let pauses = self
            .lifecycle_hooks
            .iter()
            .filter(|hook| hook.pauses())
            .count();
        if pauses > 10 || self.lifecycle_hooks.len() - pauses > 10 {
            return Err(errors::invalid(
                "A service can have at most 10 lifecycle hooks of each target type.",
            ));
        }
        for hook in &self.lifecycle_hooks {
            if !hook.pauses() && (hook.hook_target_arn.is_none() || hook.role_arn.is_none()) {
                return Err(errors::invalid(
                    "A Lambda lifecycle hook needs hookTargetArn and roleArn.",
                ));
            }
            if hook.lifecycle_stages.is_empty() {
                return Err(errors::invalid(
                    "A lifecycle hook needs at least one lifecycle stage.",
                ));
            }
            for name in &hook.lifecycle_stages {
                let Some(stage) = Stage::parse(name) else {
                    return Err(errors::invalid(format!("Invalid lifecycle stage: {name}")));
                };
                if !stage.allows(hook.pauses()) {
                    return Err(errors::invalid(format!(
                        "The lifecycle stage {name} does not allow this hook target type."
                    )));
                }
            }
            let limit = if hook.pauses() { 20_160 } else { 1440 };
            let minutes = hook
                .timeout_configuration
                .as_ref()
                .and_then(|timeout| timeout.timeout_in_minutes);
            if minutes.is_some_and(|minutes| !(1..=limit).contains(&minutes)) {
                return Err(errors::invalid(format!(
                    "timeoutInMinutes must be between 1 and {limit}."
                )));
            }
        }
        Ok(())
    }

    /// How production traffic moves.
    pub(super) fn shifts(&self) -> Strategy {
        match self.strategy.as_str() {
            "BLUE_GREEN" => Strategy::Shifting {
                steps: vec![100.0],
                step_bake_minutes: 0,
            },
            "CANARY" => {
                let canary = self.canary_configuration.clone().unwrap_or_default();
                Strategy::Shifting {
                    steps: vec![canary.canary_percent, 100.0],
                    step_bake_minutes: canary.canary_bake_time_in_minutes,
                }
            }
            "LINEAR" => {
                let linear = self.linear_configuration.clone().unwrap_or_default();
                let mut steps = Vec::new();
                let mut share = linear.step_percent;
                while share < 99.95 && linear.step_percent > 0.0 {
                    steps.push((share * 10.0).round() / 10.0);
                    share += linear.step_percent;
                }
                steps.push(100.0);
                Strategy::Shifting {
                    steps,
                    step_bake_minutes: linear.step_bake_time_in_minutes,
                }
            }
            _ => Strategy::Rolling,
        }
    }
}

impl Breaker {
    /// Failed tasks that trip it, for a service of this size.
    pub(super) fn threshold(&self, desired: u32) -> u32 {
        let share = |percent: u32| desired.saturating_mul(percent).div_ceil(100);
        match &self.threshold_configuration {
            Some(threshold) if threshold.kind == "COUNT" => threshold.value.max(1),
            Some(threshold) if threshold.kind == "UNBOUNDED_PERCENT" => {
                share(threshold.value).max(1)
            }
            Some(threshold) => share(threshold.value).clamp(3, 200),
            None => share(50).clamp(3, 200),
        }
    }
}
