//! From the model to what the engine is asked for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use switchyard_engine::ports::{
    AlarmDefinition, Bounds, BreachBehavior, CustomMetric, MetricMath, MetricQuery, MetricSource,
    Policy, PredefinedMetric, PredictiveMetric, PredictiveScaling, ScheduledAction, ServiceRef,
    StepAdjustment, StepScaling, SuspendedState, TargetTracking, TrackedMetric,
};
use switchyard_engine::scaling::{Owned, WantedScaling};
use tfplugin::value::{Attr, Number};

use super::memory::Memory;
use super::model::{
    AlarmModel, MathMetricModel, MathModel, MetricModel, Model, PredictiveModel, ScheduleModel,
    StepModel, StepPolicyModel, SuspendedModel, TrackingModel, known_entries, known_texts,
    policy_names, whole_map,
};
use super::words::{Aggregation, Breach, Forecast};
use crate::{duration, names, tags};

/// Seconds of the periods that metric math is evaluated at.
const MATH_PERIOD: u32 = 60;

/// Id of the query that target tracking looks at.
pub(super) const RESULT: &str = "result";

/// Messages for each running task; before the first task runs, one is assumed.
const BACKLOG: &str = "IF(running > 0, visible / running, visible)";

/// Reads a model into the engine's terms; `None` as long as something it needs is unknown.
pub(super) fn wanted(model: &Model, default_tags: &tags::Tags) -> Option<WantedScaling> {
    let service = service_ref(model)?;
    let tags = tags::merged(default_tags, &known_texts(&model.tags)?);
    let mut policies = BTreeMap::new();
    let mut alarms = BTreeMap::new();
    for (name, entry) in whole_map(&model.target_tracking)? {
        policies.insert(name.clone(), tracking(&service, entry)?);
    }
    for (name, entry) in whole_map(&model.step)? {
        policies.insert(name.clone(), step(entry)?);
        if let Some(written) = optional(&entry.alarm, Some)? {
            let alarm = alarm(&service, name, written)?;
            alarms.insert(
                name.clone(),
                AlarmDefinition {
                    tags: tags.clone(),
                    ..alarm
                },
            );
        }
    }
    for (name, entry) in whole_map(&model.predictive)? {
        policies.insert(name.clone(), predictive(entry)?);
    }
    let schedules = whole_map(&model.schedules)?
        .into_iter()
        .map(|(name, entry)| Some((name.clone(), schedule(name, entry)?)))
        .collect::<Option<_>>()?;
    Some(WantedScaling {
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
    Some(ServiceRef {
        cluster: names::cluster_name(model.cluster.known()?).to_owned(),
        name: model.service.known()?.clone(),
    })
}

/// What a state, and what is remembered beside it, say is ours.
pub(super) fn owned(state: &Model, memory: &Memory) -> Owned {
    let service = service_ref(state);
    let steps = known_entries(&state.step);
    let with_alarm = steps.filter(|(_, entry)| entry.alarm.is_known());
    Owned {
        target: true,
        bounds: bounds(state),
        policies: policy_names(state)
            .chain(&memory.policies)
            .cloned()
            .collect(),
        schedules: known_entries(&state.schedules)
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
    let Some(written) = optional(written, Some)? else {
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
        target: f64_of(entry.target.known()?)?,
        scale_out_cooldown: optional(&entry.scale_out_cooldown, seconds)?,
        scale_in_cooldown: optional(&entry.scale_in_cooldown, seconds)?,
        disable_scale_in: switch(&entry.disable_scale_in)?,
    }))
}

fn tracked(service: &ServiceRef, entry: &TrackingModel) -> Option<TrackedMetric> {
    if let Some(metric) = optional(&entry.metric, Some)? {
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
    if let Some(queue) = optional(&entry.queue_backlog, Some)? {
        return Some(TrackedMetric::Math(backlog(
            service,
            queue.queue_name.known()?,
        )));
    }
    if let Some(written) = optional(&entry.custom_metric, Some)? {
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
        ("ClusterName", service.cluster.as_str()),
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
    let mut queries = whole_map(&written.metrics)?
        .into_iter()
        .map(|(id, metric)| {
            Some(MetricQuery {
                id: id.clone(),
                source: MetricSource::Metric {
                    namespace: metric.namespace.known()?.clone(),
                    name: metric.name.known()?.clone(),
                    dimensions: known_texts(&metric.dimensions)?,
                    statistic: metric
                        .statistic
                        .clone()
                        .or(MathMetricModel::defaults().statistic)
                        .into_known()?,
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
    Some(CustomMetric {
        namespace: written.namespace.known()?.clone(),
        name: written.name.known()?.clone(),
        dimensions: known_texts(&written.dimensions)?,
        statistic: written
            .statistic
            .clone()
            .or(MetricModel::defaults().statistic)
            .into_known()?,
        unit: optional(&written.unit, |unit| Some(unit.clone()))?,
    })
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
            .steps
            .known()?
            .iter()
            .map(|step| adjustment(step.known()?))
            .collect::<Option<_>>()?,
        cooldown: optional(&entry.cooldown, seconds)?,
        min_magnitude: optional(&entry.min_adjustment_magnitude, whole)?,
        aggregation: optional(&entry.metric_aggregation, Aggregation::engine)?,
    }))
}

pub(super) fn adjustment(step: &StepModel) -> Option<StepAdjustment> {
    Some(StepAdjustment {
        lower: optional(&step.lower, f64_of)?,
        upper: optional(&step.upper, f64_of)?,
        by: i32::try_from(*step.adjustment.known()?).ok()?,
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
        target: f64_of(entry.target.known()?)?,
        scheduling_buffer: optional(&entry.scheduling_buffer, seconds)?,
        on_breach: optional(&entry.max_capacity_breach, |word| match word {
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
    format!("switchyard-{}-{}-{policy}", service.cluster, service.name)
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
            service.name, service.cluster
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
        datapoints_to_alarm: optional(&written.datapoints_to_alarm, whole)?,
        comparison: written.comparison.known()?.engine()?,
        threshold: f64_of(written.threshold.known()?)?,
        actions: Vec::new(),
        tags: BTreeMap::new(),
    })
}

pub(super) fn schedule(name: &str, entry: &ScheduleModel) -> Option<ScheduledAction> {
    let moment = |text: &String| text.parse::<Timestamp>().ok();
    Some(ScheduledAction {
        name: name.to_owned(),
        arn: None,
        schedule: entry.schedule.known()?.clone(),
        timezone: optional(&entry.timezone, |zone| Some(zone.clone()))?,
        start: optional(&entry.start_time, moment)?,
        end: optional(&entry.end_time, moment)?,
        min: optional(&entry.min_capacity, whole)?,
        max: optional(&entry.max_capacity, whole)?,
        created: None,
    })
}

/// `None` while it is unknown or cannot be read, `Some(None)` for null.
fn optional<'a, T, U>(
    value: &'a Attr<T>,
    read: impl FnOnce(&'a T) -> Option<U>,
) -> Option<Option<U>> {
    match value {
        Attr::Unknown => None,
        Attr::Null => Some(None),
        Attr::Known(value) => read(value).map(Some),
    }
}

fn switch(value: &Attr<bool>) -> Option<bool> {
    Some(optional(value, |on| Some(*on))?.unwrap_or(false))
}

fn seconds(text: impl AsRef<str>) -> Option<u32> {
    u32::try_from(duration::parse(text.as_ref()).ok()?.as_secs()).ok()
}

fn whole(number: &i64) -> Option<u32> {
    u32::try_from(*number).ok()
}

pub(super) fn f64_of(number: &Number) -> Option<f64> {
    f64::try_from(number)
        .ok()
        .or_else(|| number.to_string().parse().ok())
}
