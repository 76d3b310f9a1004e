//! Scaling policies. A part this build does not know makes the whole policy unknown: it is shown, and never sent.

use std::collections::BTreeMap;

use aws_sdk_applicationautoscaling::operation::put_scaling_policy::builders::PutScalingPolicyFluentBuilder;
use aws_sdk_applicationautoscaling::types as sdk;
use aws_smithy_types::error::operation::BuildError;
use switchyard_engine::ports::{
    AdjustmentType, BreachBehavior, CustomMetric, MetricAggregation, MetricMath, MetricQuery,
    MetricSource, Policy, PredefinedMetric, PredictiveMetric, PredictiveMode, PredictiveScaling,
    ScalingPolicy, StepAdjustment, StepScaling, TargetTracking, TrackedMetric,
};

use crate::convert::{count, to_count};

/// Target tracking reads metric math once a minute; its queries have no period.
const MATH_PERIOD: u32 = 60;

/// Names of the alarms that call a policy.
pub(crate) fn alarm_names(alarms: &[sdk::Alarm]) -> Vec<String> {
    let alarms = alarms.iter();
    alarms.map(|alarm| alarm.alarm_name().to_owned()).collect()
}

pub(crate) fn policy(found: &sdk::ScalingPolicy) -> ScalingPolicy {
    let kind = found.policy_type().as_str();
    let policy = match kind {
        "TargetTrackingScaling" => found
            .target_tracking_scaling_policy_configuration()
            .and_then(tracking)
            .map(Policy::TargetTracking),
        "StepScaling" => found
            .step_scaling_policy_configuration()
            .and_then(step)
            .map(Policy::Step),
        "PredictiveScaling" => found
            .predictive_scaling_policy_configuration()
            .and_then(predictive)
            .map(Policy::Predictive),
        _ => None,
    };
    ScalingPolicy {
        name: found.policy_name().to_owned(),
        arn: found.policy_arn().to_owned(),
        policy: policy.unwrap_or_else(|| Policy::Unknown(kind.to_owned())),
        alarms: alarm_names(found.alarms()),
    }
}

fn tracking(found: &sdk::TargetTrackingScalingPolicyConfiguration) -> Option<TargetTracking> {
    let metric = match (
        found.predefined_metric_specification(),
        found.customized_metric_specification(),
    ) {
        (Some(known), _) => TrackedMetric::Predefined {
            metric: PredefinedMetric::parse(known.predefined_metric_type().as_str()),
            resource_label: known.resource_label().map(str::to_owned),
        },
        (None, Some(own)) if own.metrics().is_empty() => TrackedMetric::Custom(CustomMetric {
            namespace: own.namespace()?.to_owned(),
            name: own.metric_name()?.to_owned(),
            dimensions: own
                .dimensions()
                .iter()
                .map(|each| (each.name().to_owned(), each.value().to_owned()))
                .collect(),
            statistic: own.statistic()?.as_str().to_owned(),
            unit: own.unit().map(str::to_owned),
        }),
        (None, Some(own)) => {
            let queries: Option<_> = own.metrics().iter().map(query).collect();
            TrackedMetric::Math(MetricMath { queries: queries? })
        }
        (None, None) => return None,
    };
    Some(TargetTracking {
        metric,
        target: found.target_value(),
        scale_out_cooldown: found.scale_out_cooldown().map(count),
        scale_in_cooldown: found.scale_in_cooldown().map(count),
        disable_scale_in: found.disable_scale_in().unwrap_or(false),
    })
}

/// `None` for a query with a unit, which the engine's queries do not have.
fn query(found: &sdk::TargetTrackingMetricDataQuery) -> Option<MetricQuery> {
    let source = match (found.metric_stat(), found.expression()) {
        (None, Some(expression)) => MetricSource::Expression(expression.to_owned()),
        (Some(stat), None) if stat.unit().is_none() => {
            let metric = stat.metric()?;
            MetricSource::Metric {
                namespace: metric.namespace()?.to_owned(),
                name: metric.metric_name()?.to_owned(),
                dimensions: metric
                    .dimensions()
                    .iter()
                    .map(|each| (each.name().to_owned(), each.value().to_owned()))
                    .collect(),
                statistic: stat.stat().to_owned(),
                period_seconds: MATH_PERIOD,
            }
        }
        _ => return None,
    };
    Some(MetricQuery {
        id: found.id().to_owned(),
        source,
        // AWS returns what does not say otherwise.
        returned: found.return_data().unwrap_or(true),
    })
}

fn step(found: &sdk::StepScalingPolicyConfiguration) -> Option<StepScaling> {
    let steps = found.step_adjustments().iter().map(|step| StepAdjustment {
        lower: step.metric_interval_lower_bound(),
        upper: step.metric_interval_upper_bound(),
        by: step.scaling_adjustment(),
    });
    Some(StepScaling {
        adjustment: AdjustmentType::parse(found.adjustment_type()?.as_str()),
        steps: steps.collect(),
        cooldown: found.cooldown().map(count),
        min_magnitude: found.min_adjustment_magnitude().map(count),
        aggregation: found
            .metric_aggregation_type()
            .map(|word| MetricAggregation::parse(word.as_str())),
    })
}

/// `None` without exactly one metric.
fn predictive(found: &sdk::PredictiveScalingPolicyConfiguration) -> Option<PredictiveScaling> {
    let [specification] = found.metric_specifications() else {
        return None;
    };
    let metric = match specification.predefined_metric_pair_specification() {
        Some(pair) => PredictiveMetric::parse(pair.predefined_metric_type(), pair.resource_label()),
        None => PredictiveMetric::Unknown("a metric specification of its own".to_owned()),
    };
    let buffer = found.max_capacity_buffer().map(count);
    Some(PredictiveScaling {
        // What is absent is `ForecastOnly`.
        mode: found.mode().map_or(PredictiveMode::ForecastOnly, |mode| {
            PredictiveMode::parse(mode.as_str())
        }),
        metric,
        target: specification.target_value(),
        scheduling_buffer: found.scheduling_buffer_time().map(count),
        on_breach: found
            .max_capacity_breach_behavior()
            .map(|word| BreachBehavior::parse(word.as_str(), buffer)),
    })
}

/// Why a policy cannot be sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unwritable {
    /// It, or a part of it, is not known.
    #[error("the policy has a part that cannot be sent: {0}")]
    Unknown(String),
    /// A required member is absent.
    #[error(transparent)]
    Incomplete(#[from] BuildError),
}

/// The configuration of a policy, in the member of its type.
#[derive(Debug)]
pub(crate) enum Configuration {
    Tracking(sdk::TargetTrackingScalingPolicyConfiguration),
    Step(sdk::StepScalingPolicyConfiguration),
    Predictive(sdk::PredictiveScalingPolicyConfiguration),
}

impl Configuration {
    pub(crate) fn on(
        self,
        request: PutScalingPolicyFluentBuilder,
    ) -> PutScalingPolicyFluentBuilder {
        match self {
            Self::Tracking(part) => request.target_tracking_scaling_policy_configuration(part),
            Self::Step(part) => request.step_scaling_policy_configuration(part),
            Self::Predictive(part) => request.predictive_scaling_policy_configuration(part),
        }
    }
}

pub(crate) fn to_policy(policy: &Policy) -> Result<Configuration, Unwritable> {
    if let Some(what) = policy.unwritable() {
        return Err(Unwritable::Unknown(what.to_owned()));
    }
    match policy {
        Policy::TargetTracking(tracking) => Ok(Configuration::Tracking(to_tracking(tracking)?)),
        Policy::Step(step) => Ok(Configuration::Step(to_step(step)?)),
        Policy::Predictive(predictive) => Ok(Configuration::Predictive(to_predictive(predictive)?)),
        Policy::Unknown(what) => Err(Unwritable::Unknown(what.clone())),
    }
}

fn to_tracking(
    tracking: &TargetTracking,
) -> Result<sdk::TargetTrackingScalingPolicyConfiguration, BuildError> {
    let builder = sdk::TargetTrackingScalingPolicyConfiguration::builder()
        .target_value(tracking.target)
        .set_scale_out_cooldown(tracking.scale_out_cooldown.map(to_count))
        .set_scale_in_cooldown(tracking.scale_in_cooldown.map(to_count))
        .disable_scale_in(tracking.disable_scale_in);
    match &tracking.metric {
        TrackedMetric::Predefined {
            metric,
            resource_label,
        } => builder.predefined_metric_specification(
            sdk::PredefinedMetricSpecification::builder()
                .predefined_metric_type(metric.word().into())
                .set_resource_label(resource_label.clone())
                .build()?,
        ),
        TrackedMetric::Custom(custom) => builder.customized_metric_specification(
            sdk::CustomizedMetricSpecification::builder()
                .namespace(&custom.namespace)
                .metric_name(&custom.name)
                .set_dimensions(Some(to_dimensions(&custom.dimensions)?))
                .statistic(custom.statistic.as_str().into())
                .set_unit(custom.unit.clone())
                .build(),
        ),
        TrackedMetric::Math(math) => {
            let queries: Result<_, _> = math.queries.iter().map(to_query).collect();
            builder.customized_metric_specification(
                sdk::CustomizedMetricSpecification::builder()
                    .set_metrics(Some(queries?))
                    .build(),
            )
        }
    }
    .build()
}

fn to_dimensions(
    dimensions: &BTreeMap<String, String>,
) -> Result<Vec<sdk::MetricDimension>, BuildError> {
    let dimensions = dimensions.iter();
    dimensions
        .map(|(name, value)| {
            let dimension = sdk::MetricDimension::builder();
            dimension.name(name).value(value).build()
        })
        .collect()
}

fn to_query(query: &MetricQuery) -> Result<sdk::TargetTrackingMetricDataQuery, BuildError> {
    let builder = sdk::TargetTrackingMetricDataQuery::builder()
        .id(&query.id)
        .return_data(query.returned);
    match &query.source {
        MetricSource::Expression(expression) => builder.expression(expression),
        MetricSource::Metric {
            namespace,
            name,
            dimensions,
            statistic,
            period_seconds: _,
        } => {
            let dimensions: Result<_, _> = dimensions
                .iter()
                .map(|(name, value)| {
                    let dimension = sdk::TargetTrackingMetricDimension::builder();
                    dimension.name(name).value(value).build()
                })
                .collect();
            let metric = sdk::TargetTrackingMetric::builder()
                .namespace(namespace)
                .metric_name(name)
                .set_dimensions(Some(dimensions?));
            let stat = sdk::TargetTrackingMetricStat::builder()
                .metric(metric.build())
                .stat(statistic);
            builder.metric_stat(stat.build()?)
        }
    }
    .build()
}

fn to_step(step: &StepScaling) -> Result<sdk::StepScalingPolicyConfiguration, BuildError> {
    let steps: Result<_, _> = step
        .steps
        .iter()
        .map(|step| {
            sdk::StepAdjustment::builder()
                .set_metric_interval_lower_bound(step.lower)
                .set_metric_interval_upper_bound(step.upper)
                .scaling_adjustment(step.by)
                .build()
        })
        .collect();
    let aggregation = step.aggregation.as_ref().map(MetricAggregation::word);
    Ok(sdk::StepScalingPolicyConfiguration::builder()
        .adjustment_type(step.adjustment.word().into())
        .set_step_adjustments(Some(steps?))
        .set_cooldown(step.cooldown.map(to_count))
        .set_min_adjustment_magnitude(step.min_magnitude.map(to_count))
        .set_metric_aggregation_type(aggregation.map(Into::into))
        .build())
}

fn to_predictive(
    predictive: &PredictiveScaling,
) -> Result<sdk::PredictiveScalingPolicyConfiguration, BuildError> {
    let pair = sdk::PredictiveScalingPredefinedMetricPairSpecification::builder()
        .predefined_metric_type(predictive.metric.word())
        .set_resource_label(predictive.metric.resource_label().map(str::to_owned))
        .build()?;
    let specification = sdk::PredictiveScalingMetricSpecification::builder()
        .target_value(predictive.target)
        .predefined_metric_pair_specification(pair)
        .build()?;
    let on_breach = predictive.on_breach.as_ref();
    sdk::PredictiveScalingPolicyConfiguration::builder()
        .metric_specifications(specification)
        .mode(predictive.mode.word().into())
        .set_scheduling_buffer_time(predictive.scheduling_buffer.map(to_count))
        .set_max_capacity_breach_behavior(on_breach.map(|it| it.word().into()))
        .set_max_capacity_buffer(on_breach.and_then(BreachBehavior::buffer).map(to_count))
        .build()
}
