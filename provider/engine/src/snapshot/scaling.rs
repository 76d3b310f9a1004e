//! The part of the document that comes from Application Auto Scaling.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::sections::finite;
use crate::ports::{
    AdjustmentType, BreachBehavior, CustomMetric, MetricAggregation, MetricQuery, MetricSource,
    Policy, PredefinedMetric, PredictiveMetric, PredictiveMode, ScalableTarget, ScalingPolicy,
    ScheduledAction, StepAdjustment, SuspendedState, TrackedMetric,
};

/// Automatic scaling of the desired count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScalingSection {
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) suspended: SuspendedSection,
    /// By name.
    pub(super) policies: BTreeMap<String, PolicySection>,
    /// By name.
    pub(super) schedules: BTreeMap<String, ScheduleSection>,
}

/// What of it is suspended.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SuspendedSection {
    pub(super) scale_in: bool,
    pub(super) scale_out: bool,
    pub(super) scheduled: bool,
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum PolicySection {
    TargetTracking {
        metric: MetricSection,
        #[serde(skip_serializing_if = "Option::is_none")]
        target: Option<f64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        scale_out_cooldown_seconds: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        scale_in_cooldown_seconds: Option<u32>,
        disable_scale_in: bool,
    },
    Step {
        adjustment: String,
        steps: Vec<StepSection>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cooldown_seconds: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        min_magnitude: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        aggregation: Option<String>,
        /// Alarms that call it.
        alarms: BTreeSet<String>,
    },
    Predictive {
        mode: String,
        metric: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        resource_label: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        target: Option<f64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        scheduling_buffer_seconds: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        max_capacity_breach: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        max_capacity_buffer_percent: Option<u32>,
    },
    /// A policy this version does not know.
    Unknown { word: String },
}

/// What target tracking looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum MetricSection {
    Predefined {
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        resource_label: Option<String>,
    },
    Custom {
        namespace: String,
        name: String,
        dimensions: BTreeMap<String, String>,
        statistic: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
    },
    Math {
        queries: Vec<QuerySection>,
    },
}

/// A query of metric math: an expression, or a metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuerySection {
    pub(super) id: String,
    pub(super) returned: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expression: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) dimensions: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) statistic: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) period_seconds: Option<u32>,
}

/// One step of a step policy.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lower: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) upper: Option<f64>,
    pub(super) by: i32,
}

/// A scheduled action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScheduleSection {
    pub(super) schedule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timezone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) min: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max: Option<u32>,
}

impl ScalingSection {
    /// `suspended` is what is suspended without a rollout's doing.
    pub(super) fn of(
        target: &ScalableTarget,
        suspended: SuspendedState,
        policies: &[ScalingPolicy],
        schedules: &[ScheduledAction],
    ) -> Self {
        Self {
            min: target.bounds.min,
            max: target.bounds.max,
            suspended: SuspendedSection {
                scale_in: suspended.scale_in,
                scale_out: suspended.scale_out,
                scheduled: suspended.scheduled,
            },
            policies: policies
                .iter()
                .map(|found| (found.name.clone(), PolicySection::of(found)))
                .collect(),
            schedules: schedules
                .iter()
                .map(|found| (found.name.clone(), ScheduleSection::of(found)))
                .collect(),
        }
    }
}

impl PolicySection {
    fn of(found: &ScalingPolicy) -> Self {
        match &found.policy {
            Policy::TargetTracking(policy) => Self::TargetTracking {
                metric: MetricSection::of(&policy.metric),
                target: finite(policy.target),
                scale_out_cooldown_seconds: policy.scale_out_cooldown,
                scale_in_cooldown_seconds: policy.scale_in_cooldown,
                disable_scale_in: policy.disable_scale_in,
            },
            Policy::Step(policy) => Self::Step {
                adjustment: match &policy.adjustment {
                    AdjustmentType::Change => "ChangeInCapacity".to_owned(),
                    AdjustmentType::Percent => "PercentChangeInCapacity".to_owned(),
                    AdjustmentType::Exact => "ExactCapacity".to_owned(),
                    AdjustmentType::Unknown(word) => word.clone(),
                },
                steps: policy.steps.iter().map(StepSection::of).collect(),
                cooldown_seconds: policy.cooldown,
                min_magnitude: policy.min_magnitude,
                aggregation: policy.aggregation.as_ref().map(|word| match word {
                    MetricAggregation::Average => "Average".to_owned(),
                    MetricAggregation::Minimum => "Minimum".to_owned(),
                    MetricAggregation::Maximum => "Maximum".to_owned(),
                    MetricAggregation::Unknown(word) => word.clone(),
                }),
                alarms: found.alarms.iter().cloned().collect(),
            },
            Policy::Predictive(policy) => {
                let (metric, resource_label) = forecast(&policy.metric);
                let (max_capacity_breach, max_capacity_buffer_percent) = match &policy.on_breach {
                    None => (None, None),
                    Some(BreachBehavior::HonorMax) => (Some("HonorMaxCapacity".to_owned()), None),
                    Some(BreachBehavior::IncreaseMax { buffer }) => {
                        (Some("IncreaseMaxCapacity".to_owned()), Some(*buffer))
                    }
                    Some(BreachBehavior::Unknown(word)) => (Some(word.clone()), None),
                };
                Self::Predictive {
                    mode: match &policy.mode {
                        PredictiveMode::ForecastOnly => "ForecastOnly".to_owned(),
                        PredictiveMode::ForecastAndScale => "ForecastAndScale".to_owned(),
                        PredictiveMode::Unknown(word) => word.clone(),
                    },
                    metric,
                    resource_label,
                    target: finite(policy.target),
                    scheduling_buffer_seconds: policy.scheduling_buffer,
                    max_capacity_breach,
                    max_capacity_buffer_percent,
                }
            }
            Policy::Unknown(word) => Self::Unknown { word: word.clone() },
        }
    }
}

fn forecast(metric: &PredictiveMetric) -> (String, Option<String>) {
    match metric {
        PredictiveMetric::Cpu => ("ECSServiceCPUUtilization".to_owned(), None),
        PredictiveMetric::Memory => ("ECSServiceMemoryUtilization".to_owned(), None),
        PredictiveMetric::Requests { resource_label } => {
            ("ALBRequestCount".to_owned(), Some(resource_label.clone()))
        }
        PredictiveMetric::Unknown(word) => (word.clone(), None),
    }
}

impl MetricSection {
    fn of(metric: &TrackedMetric) -> Self {
        match metric {
            TrackedMetric::Predefined {
                metric,
                resource_label,
            } => Self::Predefined {
                name: predefined(metric).to_owned(),
                resource_label: resource_label.clone(),
            },
            TrackedMetric::Custom(CustomMetric {
                namespace,
                name,
                dimensions,
                statistic,
                unit,
            }) => Self::Custom {
                namespace: namespace.clone(),
                name: name.clone(),
                dimensions: dimensions.clone(),
                statistic: statistic.clone(),
                unit: unit.clone(),
            },
            TrackedMetric::Math(math) => Self::Math {
                queries: math.queries.iter().map(QuerySection::of).collect(),
            },
        }
    }
}

fn predefined(metric: &PredefinedMetric) -> &str {
    match metric {
        PredefinedMetric::Cpu => "ECSServiceAverageCPUUtilization",
        PredefinedMetric::Memory => "ECSServiceAverageMemoryUtilization",
        PredefinedMetric::RequestsPerTarget => "ALBRequestCountPerTarget",
        PredefinedMetric::CpuHighResolution => "ECSServiceAverageCPUUtilizationHighResolution",
        PredefinedMetric::MemoryHighResolution => {
            "ECSServiceAverageMemoryUtilizationHighResolution"
        }
        PredefinedMetric::Unknown(word) => word,
    }
}

impl QuerySection {
    fn of(query: &MetricQuery) -> Self {
        let empty = Self {
            id: query.id.clone(),
            returned: query.returned,
            expression: None,
            namespace: None,
            name: None,
            dimensions: BTreeMap::new(),
            statistic: None,
            period_seconds: None,
        };
        match &query.source {
            MetricSource::Expression(expression) => Self {
                expression: Some(expression.clone()),
                ..empty
            },
            MetricSource::Metric {
                namespace,
                name,
                dimensions,
                statistic,
                period_seconds,
            } => Self {
                namespace: Some(namespace.clone()),
                name: Some(name.clone()),
                dimensions: dimensions.clone(),
                statistic: Some(statistic.clone()),
                period_seconds: Some(*period_seconds),
                ..empty
            },
        }
    }
}

impl StepSection {
    fn of(step: &StepAdjustment) -> Self {
        Self {
            lower: step.lower.and_then(finite),
            upper: step.upper.and_then(finite),
            by: step.by,
        }
    }
}

impl ScheduleSection {
    fn of(found: &ScheduledAction) -> Self {
        Self {
            schedule: found.schedule.clone(),
            timezone: found.timezone.clone(),
            start: found.start,
            end: found.end,
            min: found.min,
            max: found.max,
        }
    }
}
