//! From the model to what the engine is asked for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use switchyard_engine::ports::{
    AlarmDefinition, Bounds, BreachBehavior, CustomMetric, MetricMath, MetricQuery, MetricSource,
    Policy, PredefinedMetric, PredictiveMetric, PredictiveScaling, ScheduledAction, ServiceRef,
    StepAdjustment, StepScaling, SuspendedState, TargetTracking, TrackedMetric,
};
use switchyard_engine::scaling::{DesiredScaling, Owned};
use tfplugin::value::{Attr, Number};

use super::memory::Memory;
use super::model::{
    AlarmModel, MathModel, MetricModel, Model, PredictiveModel, ScheduledActionModel, SeriesModel,
    StepModel, StepPolicyModel, SuspendedModel, TrackingModel, known_blocks, known_texts,
    policy_names, whole_blocks,
};
use super::words::{Aggregation, Breach, Forecast};
use crate::tags::Tagging;
use crate::{duration, names};

/// Seconds of the periods that metric math is evaluated at.
const MATH_PERIOD: u32 = 60;

/// Id of the query that target tracking looks at.
pub(super) const RESULT: &str = "result";

/// Messages for each running task; before the first task runs, one is assumed.
const BACKLOG: &str = "IF(running > 0, visible / running, visible)";

/// Reads a model into the engine's terms; `None` as long as something it needs is unknown.
pub(super) fn wanted(model: &Model, tagging: &Tagging) -> Option<DesiredScaling> {
    let service = service_ref(model)?;
    let tags = tagging.wanted(&known_texts(&model.tags)?);
    let mut policies = BTreeMap::new();
    let mut alarms = BTreeMap::new();
    for (name, entry) in whole_blocks(&model.target_tracking)? {
        policies.insert(name.clone(), tracking(&service, entry)?);
    }
    for (name, entry) in whole_blocks(&model.step)? {
        policies.insert(name.clone(), step(entry)?);
        if let Some(written) = entry.alarm.settled(Some)? {
            let alarm = alarm(&service, name, written)?;
            alarms.insert(
                name.clone(),
                AlarmDefinition {
                    tags: tags.values().clone(),
                    ..alarm
                },
            );
        }
    }
    for (name, entry) in whole_blocks(&model.predictive)? {
        policies.insert(name.clone(), predictive(entry)?);
    }
    let schedules = whole_blocks(&model.scheduled_action)?
        .into_iter()
        .map(|(name, entry)| Some((name.clone(), schedule(name, entry)?)))
        .collect::<Option<_>>()?;
    Some(DesiredScaling {
        service,
        bounds: bounds(model)?,
        suspended: suspended(&model.suspended)?,
        policies,
        alarms,
        schedules,
        unmanaged: model
            .unmanaged
            .as_ref()
            .or(Model::defaults().unmanaged.as_ref())
            .known()?
            .engine()?,
        tags,
    })
}

/// The service, once cluster and name are known.
pub(super) fn service_ref(model: &Model) -> Option<ServiceRef> {
    names::service_ref(&model.cluster, &model.service)
}

/// What a state, and what is remembered beside it, say is ours.
pub(super) fn owned(state: &Model, memory: &Memory) -> Owned {
    let service = service_ref(state);
    let steps = known_blocks(&state.step);
    let with_alarm = steps.filter(|(_, entry)| entry.alarm.is_known());
    Owned {
        target: true,
        bounds: bounds(state),
        policies: policy_names(state)
            .chain(&memory.policies)
            .cloned()
            .collect(),
        schedules: known_blocks(&state.scheduled_action)
            .map(|(name, _)| name)
            .chain(&memory.schedules)
            .cloned()
            .collect(),
        alarms: with_alarm
            .filter_map(|(name, _)| Some(alarm_name(service.as_ref()?, name)))
            .chain(memory.alarms.iter().cloned())
            .collect(),
    }
}

/// The bounds that hold without schedules.
pub(super) fn bounds(model: &Model) -> Option<Bounds> {
    Some(Bounds {
        min: u32::try_from(*model.min_capacity.known()?).ok()?,
        max: u32::try_from(*model.max_capacity.known()?).ok()?,
    })
}

pub(super) fn suspended(written: &Attr<SuspendedModel>) -> Option<SuspendedState> {
    let Some(written) = written.settled(Some)? else {
        return Some(SuspendedState::default());
    };
    Some(SuspendedState {
        scale_in: switch(&written.scale_in)?,
        scale_out: switch(&written.scale_out)?,
        scheduled: switch(&written.scheduled)?,
    })
}

pub(super) fn tracking(service: &ServiceRef, entry: &TrackingModel) -> Option<Policy> {
    Some(Policy::TargetTracking(TargetTracking {
        metric: tracked(service, entry)?,
        target: entry.target_value.known()?.nearest_f64()?,
        scale_out_cooldown: entry.scale_out_cooldown.settled(seconds)?,
        scale_in_cooldown: entry.scale_in_cooldown.settled(seconds)?,
        disable_scale_in: switch(&entry.disable_scale_in)?,
    }))
}

fn tracked(service: &ServiceRef, entry: &TrackingModel) -> Option<TrackedMetric> {
    if let Some(metric) = entry.metric.settled(Some)? {
        let metric = metric.engine()?;
        let resource_label = match metric {
            PredefinedMetric::RequestsPerTarget => Some(resource_label(
                entry.load_balancer_arn.known()?,
                entry.target_group_arn.known()?,
            )?),
            PredefinedMetric::Cpu
            | PredefinedMetric::Memory
            | PredefinedMetric::CpuHighResolution
            | PredefinedMetric::MemoryHighResolution
            | PredefinedMetric::Unknown(_) => None,
        };
        return Some(TrackedMetric::Predefined {
            metric,
            resource_label,
        });
    }
    if let Some(queue) = entry.queue_backlog.settled(Some)? {
        return Some(TrackedMetric::Math(backlog(
            service,
            queue.queue_name.known()?,
        )));
    }
    if let Some(written) = entry.custom_metric.settled(Some)? {
        return Some(TrackedMetric::Custom(metric(written)?));
    }
    math(entry.metric_math.known()?).map(TrackedMetric::Math)
}

/// The tail of the load balancer's ARN, then the tail of the target group's.
fn resource_label(load_balancer: &str, target_group: &str) -> Option<String> {
    let (_, balancer) = load_balancer.split_once(":loadbalancer/")?;
    let (_, group) = target_group.split_once(":targetgroup/")?;
    Some(format!("{balancer}/targetgroup/{group}"))
}

/// Visible messages for each running task.
pub(super) fn backlog(service: &ServiceRef, queue: &str) -> MetricMath {
    let dimensions = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    let metric = |id: &str, namespace: &str, name: &str, dimensions| MetricQuery {
        id: id.to_owned(),
        source: MetricSource::Metric {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            dimensions,
            statistic: "Average".to_owned(),
            period_seconds: MATH_PERIOD,
        },
        returned: false,
    };
    let of_service = [
        ("ClusterName", service.cluster_name()),
        ("ServiceName", service.name.as_str()),
    ];
    MetricMath {
        queries: vec![
            metric(
                "running",
                "ECS/ContainerInsights",
                "RunningTaskCount",
                dimensions(&of_service),
            ),
            metric(
                "visible",
                "AWS/SQS",
                "ApproximateNumberOfMessagesVisible",
                dimensions(&[("QueueName", queue)]),
            ),
            result(BACKLOG),
        ],
    }
}

fn result(expression: &str) -> MetricQuery {
    MetricQuery {
        id: RESULT.to_owned(),
        source: MetricSource::Expression(expression.to_owned()),
        returned: true,
    }
}

fn math(written: &MathModel) -> Option<MetricMath> {
    let mut queries = whole_blocks(&written.metric)?
        .into_iter()
        .map(|(id, query)| {
            let metric = &query.series;
            Some(MetricQuery {
                id: id.clone(),
                source: MetricSource::Metric {
                    namespace: metric.namespace.known()?.clone(),
                    name: metric.metric_name.known()?.clone(),
                    dimensions: known_texts(&metric.dimensions)?,
                    statistic: statistic(metric)?,
                    period_seconds: MATH_PERIOD,
                },
                returned: false,
            })
        })
        .collect::<Option<Vec<_>>>()?;
    queries.push(result(written.expression.known()?));
    Some(MetricMath { queries })
}

fn metric(written: &MetricModel) -> Option<CustomMetric> {
    let series = &written.series;
    Some(CustomMetric {
        namespace: series.namespace.known()?.clone(),
        name: series.metric_name.known()?.clone(),
        dimensions: known_texts(&series.dimensions)?,
        statistic: statistic(series)?,
        unit: written.unit.settled(|unit| Some(unit.clone()))?,
    })
}

fn statistic(series: &SeriesModel) -> Option<String> {
    let statistic = series.statistic.clone();
    statistic.or(SeriesModel::defaults().statistic).into_known()
}

pub(super) fn step(entry: &StepPolicyModel) -> Option<Policy> {
    Some(Policy::Step(StepScaling {
        adjustment: entry
            .adjustment_type
            .as_ref()
            .or(StepPolicyModel::defaults().adjustment_type.as_ref())
            .known()?
            .engine()?,
        steps: entry
            .step_adjustment
            .known()?
            .iter()
            .map(|step| adjustment(step.known()?))
            .collect::<Option<_>>()?,
        cooldown: entry.cooldown.settled(seconds)?,
        min_magnitude: entry.min_adjustment_magnitude.settled(whole)?,
        aggregation: entry.metric_aggregation_type.settled(Aggregation::engine)?,
    }))
}

pub(super) fn adjustment(step: &StepModel) -> Option<StepAdjustment> {
    Some(StepAdjustment {
        lower: step
            .metric_interval_lower_bound
            .settled(Number::nearest_f64)?,
        upper: step
            .metric_interval_upper_bound
            .settled(Number::nearest_f64)?,
        by: i32::try_from(*step.scaling_adjustment.known()?).ok()?,
    })
}

pub(super) fn predictive(entry: &PredictiveModel) -> Option<Policy> {
    Some(Policy::Predictive(PredictiveScaling {
        mode: entry
            .mode
            .as_ref()
            .or(PredictiveModel::defaults().mode.as_ref())
            .known()?
            .engine()?,
        metric: match entry.metric.known()? {
            Forecast::Cpu => PredictiveMetric::Cpu,
            Forecast::Memory => PredictiveMetric::Memory,
            Forecast::RequestsPerTarget => PredictiveMetric::Requests {
                resource_label: resource_label(
                    entry.load_balancer_arn.known()?,
                    entry.target_group_arn.known()?,
                )?,
            },
            Forecast::Unknown(_) => return None,
        },
        target: entry.target_value.known()?.nearest_f64()?,
        scheduling_buffer: entry.scheduling_buffer.settled(seconds)?,
        on_breach: entry
            .max_capacity_breach_behavior
            .settled(|word| match word {
                Breach::HonorMaxCapacity => Some(BreachBehavior::HonorMax),
                Breach::IncreaseMaxCapacity => Some(BreachBehavior::IncreaseMax {
                    buffer: whole(entry.max_capacity_buffer.known()?)?,
                }),
                Breach::Unknown(_) => None,
            })?,
    }))
}

/// The name of the alarm that calls a step policy.
pub(super) fn alarm_name(service: &ServiceRef, policy: &str) -> String {
    format!(
        "switchyard-{}-{}-{policy}",
        service.cluster_name(),
        service.name
    )
}

/// An alarm without actions and tags.
pub(super) fn alarm(
    service: &ServiceRef,
    policy: &str,
    written: &AlarmModel,
) -> Option<AlarmDefinition> {
    Some(AlarmDefinition {
        name: alarm_name(service, policy),
        description: format!(
            "Calls the scaling policy {policy} of the service {} in {}.",
            service.name,
            service.cluster_name()
        ),
        metric: metric(written.metric.known()?)?,
        period_seconds: seconds(
            written
                .period
                .as_ref()
                .or(AlarmModel::defaults().period.as_ref())
                .known()?,
        )?,
        evaluation_periods: whole(written.evaluation_periods.known()?)?,
        datapoints_to_alarm: written.datapoints_to_alarm.settled(whole)?,
        comparison: written.comparison.known()?.engine()?,
        threshold: written.threshold.known()?.nearest_f64()?,
        actions: Vec::new(),
        tags: BTreeMap::new(),
    })
}

pub(super) fn schedule(name: &str, entry: &ScheduledActionModel) -> Option<ScheduledAction> {
    let moment = |text: &String| text.parse::<Timestamp>().ok();
    Some(ScheduledAction {
        name: name.to_owned(),
        arn: None,
        schedule: entry.schedule.known()?.clone(),
        timezone: entry.timezone.settled(|zone| Some(zone.clone()))?,
        start: entry.start_time.settled(moment)?,
        end: entry.end_time.settled(moment)?,
        min: entry.min_capacity.settled(whole)?,
        max: entry.max_capacity.settled(whole)?,
        created: None,
    })
}

fn switch(value: &Attr<bool>) -> Option<bool> {
    Some(value.settled(|on| Some(*on))?.unwrap_or(false))
}

fn seconds(text: impl AsRef<str>) -> Option<u32> {
    u32::try_from(duration::parse(text.as_ref()).ok()?.as_secs()).ok()
}

fn whole(number: &i64) -> Option<u32> {
    u32::try_from(*number).ok()
}
