//! Scaling policies.

use std::collections::BTreeMap;

use crate::ports::MetricQuery;

/// A policy as AWS has it.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalingPolicy {
    /// Name, unique on its target.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// What it does.
    pub policy: Policy,
    /// Names of the alarms that call it: those AWS made itself (target tracking), or those of users (step).
    pub alarms: Vec<String>,
}

/// What a policy does.
#[derive(Clone, Debug, PartialEq)]
pub enum Policy {
    /// `TargetTrackingScaling`.
    TargetTracking(TargetTracking),
    /// `StepScaling`.
    Step(StepScaling),
    /// `PredictiveScaling`.
    Predictive(PredictiveScaling),
    /// A policy type, or a part of a known one, that this build does not know; never sent.
    Unknown(String),
}

/// Keeps a metric at a value.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetTracking {
    /// The metric.
    pub metric: TrackedMetric,
    /// Its value, greater than 0.
    pub target: f64,
    /// Seconds after a scale-out; ECS default 300 when absent.
    pub scale_out_cooldown: Option<u32>,
    /// Seconds after a scale-in; ECS default 300 when absent.
    pub scale_in_cooldown: Option<u32>,
    /// Only ever scales out.
    pub disable_scale_in: bool,
}

/// What target tracking looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum TrackedMetric {
    /// A metric AWS knows by name.
    Predefined {
        /// Which one.
        metric: PredefinedMetric,
        /// For requests per target: the tail of the load balancer's ARN, `/`, the tail of the target group's.
        resource_label: Option<String>,
    },
    /// One metric.
    Custom(CustomMetric),
    /// Metric math.
    Math(MetricMath),
}

open_words::words! {
    /// `PredefinedMetricType`.
    pub enum PredefinedMetric {
        Cpu = "ECSServiceAverageCPUUtilization",
        Memory = "ECSServiceAverageMemoryUtilization",
        RequestsPerTarget = "ALBRequestCountPerTarget",
        /// Every 20 seconds.
        CpuHighResolution = "ECSServiceAverageCPUUtilizationHighResolution",
        /// Every 20 seconds.
        MemoryHighResolution = "ECSServiceAverageMemoryUtilizationHighResolution",
    }

    /// `AdjustmentType`.
    pub enum AdjustmentType {
        /// So many tasks more or fewer.
        Change = "ChangeInCapacity",
        /// So many percent more or fewer.
        Percent = "PercentChangeInCapacity",
        /// So many tasks.
        Exact = "ExactCapacity",
    }

    /// `MetricAggregationType`.
    pub enum MetricAggregation {
        Average = "Average",
        Minimum = "Minimum",
        Maximum = "Maximum",
    }

    /// `Mode` of predictive scaling.
    pub enum PredictiveMode {
        ForecastOnly = "ForecastOnly",
        ForecastAndScale = "ForecastAndScale",
    }
}

/// `CustomizedMetricSpecification` with one metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomMetric {
    /// Namespace.
    pub namespace: String,
    /// Metric name.
    pub name: String,
    /// Dimensions.
    pub dimensions: BTreeMap<String, String>,
    /// `Average`, `Minimum`, `Maximum`, `SampleCount` or `Sum`.
    pub statistic: String,
    /// Unit.
    pub unit: Option<String>,
}

/// Queries of which exactly one is returned. `period_seconds` of a metric is what AWS evaluates at.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricMath {
    /// In the order they were written.
    pub queries: Vec<MetricQuery>,
}

/// Changes the count by how far a metric is from its alarm's threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct StepScaling {
    /// What an adjustment means.
    pub adjustment: AdjustmentType,
    /// The steps, at most 20.
    pub steps: Vec<StepAdjustment>,
    /// Seconds; ECS default 300 when absent.
    pub cooldown: Option<u32>,
    /// Least change in tasks, for `PercentChangeInCapacity`.
    pub min_magnitude: Option<u32>,
    /// How data points are joined; AWS default `Average` when absent.
    pub aggregation: Option<MetricAggregation>,
}

/// One step; bounds count from the alarm's threshold, the lower one belongs to it, the upper one does not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepAdjustment {
    /// Absent: minus infinity.
    pub lower: Option<f64>,
    /// Absent: infinity.
    pub upper: Option<f64>,
    /// Tasks or percent, by the adjustment type.
    pub by: i32,
}

/// Scales ahead of what a forecast says.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictiveScaling {
    /// Whether the forecast is acted on.
    pub mode: PredictiveMode,
    /// What is forecast.
    pub metric: PredictiveMetric,
    /// Value the metric is kept at.
    pub target: f64,
    /// Seconds ahead of the forecast, at most 3600.
    pub scheduling_buffer: Option<u32>,
    /// What happens when the forecast exceeds the upper bound.
    pub on_breach: Option<BreachBehavior>,
}

/// `PredefinedMetricPairSpecification`: a load metric and a scaling metric that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PredictiveMetric {
    /// `ECSServiceCPUUtilization`.
    Cpu,
    /// `ECSServiceMemoryUtilization`.
    Memory,
    /// `ALBRequestCount`, with the resource label of target tracking.
    Requests {
        /// As [`TrackedMetric::Predefined`]'s.
        resource_label: String,
    },
    /// A specification this build does not write.
    Unknown(String),
}

/// `MaxCapacityBreachBehavior`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BreachBehavior {
    /// `HonorMaxCapacity`.
    HonorMax,
    /// `IncreaseMaxCapacity`, by so many percent beyond the forecast (`MaxCapacityBuffer`).
    IncreaseMax {
        /// Percent, 0 to 100.
        buffer: u32,
    },
    /// A word this build does not know.
    Unknown(String),
}
