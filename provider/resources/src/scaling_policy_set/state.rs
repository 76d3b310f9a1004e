//! From what AWS shows to the model: the user's spelling stays as long as it means what AWS has.

use std::collections::BTreeMap;
use std::time::Duration;

use switchyard_engine::ports::{
    AlarmDefinition, Bounds, BreachBehavior, CustomMetric, MetricMath, MetricSource, Policy,
    PredefinedMetric, PredictiveMetric, PredictiveScaling, ScalingPolicy, ScheduledAction,
    ServiceRef, StepScaling, SuspendedState, TargetTracking, TrackedMetric,
};
use switchyard_engine::scaling::{
    LiveScaling, Owned, are_right, bounds_now, raises_bounds, same_alarm, same_policy,
    same_schedule, why_not_scaled,
};
use tfplugin::value::{Attr, Number};

use super::desired::{self, RESULT};
use super::model::{
    AlarmModel, Blocks, BoundsNowModel, MathModel, MetricModel, Model, Named, PredictiveModel,
    QueryModel, QueueModel, ScheduledActionModel, SeriesModel, StepModel, StepPolicyModel,
    SuspendedModel, TextMap, TrackingModel, blocks, known_blocks, known_texts, policy_names,
    text_set,
};
use super::spelling;
use super::words::{AdjustmentWord, Aggregation, Breach, ComparisonWord, Forecast, Metric, Mode};
use crate::tags::Tagging;
use crate::{duration, names};

/// Cooldown of ECS, and how far ahead of a forecast tasks start, where AWS shows none.
const FIVE_MINUTES: u32 = 300;

/// Which policies and schedules belong into the state.
#[derive(Clone, Copy)]
pub(super) enum Shown<'a> {
    /// All there are.
    All,
    /// Those that are ours.
    Ours(&'a Owned),
}

impl Shown<'_> {
    fn policy(self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Ours(owned) => owned.policies.contains(name),
        }
    }

    fn schedule(self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Ours(owned) => owned.schedules.contains(name),
        }
    }
}

pub(super) fn id(cluster: &str, service: &str) -> String {
    format!("{}/{service}", names::cluster_name(cluster))
}

/// The state after a read. `model` is the state (or plan) before.
pub(super) fn refreshed(
    model: &Model,
    service: &ServiceRef,
    shown: Shown<'_>,
    live: &LiveScaling,
    tagging: &Tagging,
) -> Model {
    let seen = Seen {
        model,
        service,
        live,
    };
    let own = known_texts(&model.tags).unwrap_or_default();
    let bounds = seen.base();
    let mut state = Model {
        id: Attr::Known(id(service.cluster_name(), &service.name)),
        arn: Attr::from(live.target.arn.clone()),
        min_capacity: Attr::Known(bounds.min.into()),
        max_capacity: Attr::Known(bounds.max.into()),
        suspended: seen.suspended(),
        target_tracking: seen.trackers(shown),
        step: seen.steps(shown),
        predictive: seen.predictive(shown),
        scheduled_action: seen.scheduled_actions(shown),
        unmanaged: model.unmanaged.clone().or(Model::defaults().unmanaged),
        tags: text_map_or_null(tagging.own(&live.tags, &own)),
        tags_all: Attr::Known(tagging.all(&live.tags)),
        ..model.clone()
    };
    // Some targets show no ARN, and without one tags cannot be read.
    if live.target.arn.is_none() {
        state.tags = model.tags.clone();
        state.tags_all = match &model.tags_all {
            Attr::Known(all) => Attr::Known(all.clone()),
            Attr::Null | Attr::Unknown => Attr::Known(BTreeMap::new()),
        };
    }
    spelling::as_recorded(model, &mut state);
    account(&mut state, live);
    state
}

/// The state after an apply that succeeded: the plan, with what was unknown filled in.
pub(super) fn completed(planned: &Model, live: &LiveScaling) -> Model {
    let mut told = planned.clone();
    account(&mut told, live);
    let keep = |planned: &Attr<String>, told: Attr<String>| match planned {
        Attr::Unknown => told,
        Attr::Known(_) | Attr::Null => planned.clone(),
    };
    Model {
        id: match (planned.cluster.known(), planned.service.known()) {
            (Some(cluster), Some(service)) => Attr::Known(id(cluster, service)),
            _ => planned.id.clone(),
        },
        arn: keep(&planned.arn, Attr::from(live.target.arn.clone())),
        why_not_scaled: keep(&planned.why_not_scaled, told.why_not_scaled),
        policy_arns: if planned.policy_arns.is_unknown() {
            told.policy_arns
        } else {
            planned.policy_arns.clone()
        },
        alarm_names: if planned.alarm_names.is_unknown() {
            told.alarm_names
        } else {
            planned.alarm_names.clone()
        },
        bounds_now: if planned.bounds_now.is_unknown() {
            told.bounds_now
        } else {
            planned.bounds_now.clone()
        },
        ..planned.clone()
    }
}

/// The state after a creation that made something and could not see it again.
pub(super) fn presumed(planned: &Model, owned: &Owned) -> Model {
    fn keep_ours<T: Clone + Named + Ord>(
        all: &Blocks<T>,
        is_ours: impl Fn(&str) -> bool,
    ) -> Blocks<T> {
        let ours = known_blocks(all).filter(|(name, _)| is_ours(name));
        blocks(ours.map(|(_, block)| block.clone()))
    }
    let told = |known: &Attr<String>| match known {
        Attr::Known(text) => Attr::Known(text.clone()),
        Attr::Null | Attr::Unknown => Attr::Null,
    };
    Model {
        target_tracking: keep_ours(&planned.target_tracking, |name| {
            owned.policies.contains(name)
        }),
        step: keep_ours(&planned.step, |name| owned.policies.contains(name)),
        predictive: keep_ours(&planned.predictive, |name| owned.policies.contains(name)),
        scheduled_action: keep_ours(&planned.scheduled_action, |name| {
            owned.schedules.contains(name)
        }),
        arn: told(&planned.arn),
        policy_arns: Attr::Known(BTreeMap::new()),
        alarm_names: Attr::Known(BTreeMap::new()),
        bounds_now: Attr::Null,
        why_not_scaled: Attr::Null,
        ..planned.clone()
    }
}

/// Fills in what only AWS knows.
fn account(state: &mut Model, live: &LiveScaling) {
    let names: Vec<String> = policy_names(state).cloned().collect();
    let ours = || {
        live.policies
            .iter()
            .filter(|policy| names.contains(&policy.name))
    };
    let arns = ours().map(|policy| (policy.name.clone(), Attr::Known(policy.arn.clone())));
    let arns: BTreeMap<_, _> = arns.collect();
    let alarms = ours().map(|policy| {
        let names = text_set(policy.alarms.iter().cloned());
        (policy.name.clone(), Attr::Known(names))
    });
    let alarms: BTreeMap<_, _> = alarms.collect();
    state.policy_arns = Attr::Known(arns);
    state.alarm_names = Attr::Known(alarms);
    let now = live.target.bounds;
    let right = bounds_now(
        desired::bounds(state).unwrap_or(now),
        &live.schedules,
        live.now,
    );
    state.bounds_now = Attr::Known(BoundsNowModel {
        min: Attr::Known(now.min.into()),
        max: Attr::Known(now.max.into()),
        set_by: Attr::from(right.by.filter(|_| right.bounds == now)),
    });
    state.why_not_scaled = Attr::from(why_not_scaled(&live.activities));
}

struct Seen<'a> {
    model: &'a Model,
    service: &'a ServiceRef,
    live: &'a LiveScaling,
}

impl Seen<'_> {
    /// The bounds without schedules: what is recorded, as long as AWS has it or what the schedules made of it.
    fn base(&self) -> Bounds {
        let now = self.live.target.bounds;
        let raises = raises_bounds(self.live.policies.iter().map(|found| &found.policy));
        let recorded = desired::bounds(self.model).filter(|recorded| {
            let right = bounds_now(*recorded, &self.live.schedules, self.live.now);
            are_right(now, *recorded, raises) || are_right(now, right.bounds, raises)
        });
        recorded.unwrap_or(now)
    }

    fn suspended(&self) -> Attr<SuspendedModel> {
        let now = self.live.target.suspended;
        if desired::suspended(&self.model.suspended) == Some(now) {
            return self.model.suspended.clone();
        }
        let SuspendedState {
            scale_in,
            scale_out,
            scheduled,
        } = now;
        Attr::Known(SuspendedModel {
            scale_in: Attr::Known(scale_in),
            scale_out: Attr::Known(scale_out),
            scheduled: Attr::Known(scheduled),
        })
    }

    fn trackers(&self, shown: Shown<'_>) -> Blocks<TrackingModel> {
        let recorded: BTreeMap<_, _> = known_blocks(&self.model.target_tracking).collect();
        let mut entries = Vec::new();
        for found in self.live.policies.iter().filter(|p| shown.policy(&p.name)) {
            let Policy::TargetTracking(live) = &found.policy else {
                continue;
            };
            let same = recorded.get(&found.name).filter(|entry| {
                desired::tracking(self.service, entry)
                    .is_some_and(|recorded| same_policy(&recorded, &found.policy))
            });
            let entry = match same {
                Some(entry) => Some((*entry).clone()),
                None => tracking(self.service, found, live),
            };
            entries.extend(entry);
        }
        blocks(entries)
    }

    fn steps(&self, shown: Shown<'_>) -> Blocks<StepPolicyModel> {
        let recorded: BTreeMap<_, _> = known_blocks(&self.model.step).collect();
        let mut entries = Vec::new();
        for found in self.live.policies.iter().filter(|p| shown.policy(&p.name)) {
            let Policy::Step(live) = &found.policy else {
                continue;
            };
            let recorded = recorded.get(&found.name);
            let same = recorded.filter(|entry| {
                desired::step(entry).is_some_and(|recorded| same_policy(&recorded, &found.policy))
            });
            let entry = match same {
                Some(entry) => Some((*entry).clone()),
                None => step(&found.name, live),
            };
            let alarm = self.alarm(found, recorded.and_then(|entry| entry.alarm.known()));
            entries.extend(entry.map(|entry| StepPolicyModel { alarm, ..entry }));
        }
        blocks(entries)
    }

    fn predictive(&self, shown: Shown<'_>) -> Blocks<PredictiveModel> {
        let recorded: BTreeMap<_, _> = known_blocks(&self.model.predictive).collect();
        let mut entries = Vec::new();
        for found in self.live.policies.iter().filter(|p| shown.policy(&p.name)) {
            let Policy::Predictive(live) = &found.policy else {
                continue;
            };
            let same = recorded.get(&found.name).filter(|entry| {
                desired::predictive(entry)
                    .is_some_and(|recorded| same_policy(&recorded, &found.policy))
            });
            let entry = match same {
                Some(entry) => Some((*entry).clone()),
                None => predictive(found, live),
            };
            entries.extend(entry);
        }
        blocks(entries)
    }

    /// The alarm we keep for a policy. One that does not call the policy is as good as none.
    fn alarm(&self, policy: &ScalingPolicy, recorded: Option<&AlarmModel>) -> Attr<AlarmModel> {
        let name = desired::alarm_name(self.service, &policy.name);
        let calls = |alarm: &&AlarmDefinition| alarm.actions.contains(&policy.arn);
        let Some(live) = self.live.alarms.get(&name).filter(calls) else {
            return Attr::Null;
        };
        let same = recorded.filter(|entry| {
            desired::alarm(self.service, &policy.name, entry)
                .is_some_and(|recorded| same_alarm(&recorded, live))
        });
        match same {
            Some(entry) => Attr::Known(entry.clone()),
            None => Attr::from(alarm(live)),
        }
    }

    fn scheduled_actions(&self, shown: Shown<'_>) -> Blocks<ScheduledActionModel> {
        let recorded: BTreeMap<_, _> = known_blocks(&self.model.scheduled_action).collect();
        let found = self.live.schedules.iter();
        let entries = found
            .filter(|found| shown.schedule(&found.name))
            .map(|found| {
                let same = recorded.get(&found.name).filter(|entry| {
                    desired::schedule(&found.name, entry)
                        .is_some_and(|recorded| same_schedule(&recorded, found))
                });
                same.map_or_else(|| scheduled_action(found), |entry| (*entry).clone())
            });
        blocks(entries)
    }
}

/// A policy as one would write it; `None` when it cannot be written here.
fn tracking(
    service: &ServiceRef,
    found: &ScalingPolicy,
    live: &TargetTracking,
) -> Option<TrackingModel> {
    let cooldown = |seconds: Option<u32>| Attr::Known(time(seconds.unwrap_or(FIVE_MINUTES)));
    let entry = TrackingModel {
        name: Attr::Known(found.name.clone()),
        target_value: number(live.target),
        scale_out_cooldown: cooldown(live.scale_out_cooldown),
        scale_in_cooldown: cooldown(live.scale_in_cooldown),
        disable_scale_in: Attr::Known(live.disable_scale_in),
        ..TrackingModel::default()
    };
    Some(match &live.metric {
        TrackedMetric::Predefined {
            metric,
            resource_label,
        } => {
            let (balancer, group) = match (metric, resource_label) {
                (PredefinedMetric::RequestsPerTarget, Some(label)) => arns(&found.arn, label)?,
                _ => (Attr::Null, Attr::Null),
            };
            TrackingModel {
                metric: Attr::Known(Metric::of(metric)?),
                load_balancer_arn: balancer,
                target_group_arn: group,
                ..entry
            }
        }
        TrackedMetric::Custom(custom) => TrackingModel {
            custom_metric: Attr::Known(metric(custom)),
            ..entry
        },
        TrackedMetric::Math(live) => match queue(service, live) {
            Some(queue) => TrackingModel {
                queue_backlog: Attr::Known(queue),
                ..entry
            },
            None => TrackingModel {
                metric_math: Attr::Known(math(live)?),
                ..entry
            },
        },
    })
}

/// The ARNs a resource label was made of; partition, region and account are those of the policy.
fn arns(policy: &str, label: &str) -> Option<(Attr<String>, Attr<String>)> {
    let (balancer, group) = label.split_once("/targetgroup/")?;
    let mut parts = policy.split(':');
    let (arn, partition) = (parts.next()?, parts.next()?);
    let (_, region, account) = (parts.next()?, parts.next()?, parts.next()?);
    let prefix = format!("{arn}:{partition}:elasticloadbalancing:{region}:{account}");
    Some((
        Attr::Known(format!("{prefix}:loadbalancer/{balancer}")),
        Attr::Known(format!("{prefix}:targetgroup/{group}")),
    ))
}

fn metric(live: &CustomMetric) -> MetricModel {
    MetricModel {
        series: SeriesModel {
            namespace: Attr::Known(live.namespace.clone()),
            metric_name: Attr::Known(live.name.clone()),
            dimensions: text_map_or_null(live.dimensions.clone()),
            statistic: Attr::Known(live.statistic.clone()),
        },
        unit: Attr::from(live.unit.clone()),
    }
}

/// The queue, if these are the queries of `queue_backlog`.
fn queue(service: &ServiceRef, live: &MetricMath) -> Option<QueueModel> {
    let name = live.queries.iter().find_map(|query| match &query.source {
        MetricSource::Metric { dimensions, .. } => dimensions.get("QueueName").cloned(),
        MetricSource::Expression(_) => None,
    })?;
    (desired::backlog(service, &name) == *live).then_some(QueueModel {
        queue_name: Attr::Known(name),
    })
}

/// Metrics and one expression over them; `None` when there is more.
fn math(live: &MetricMath) -> Option<MathModel> {
    let mut model = MathModel::default();
    let mut metrics = Vec::new();
    for query in &live.queries {
        match &query.source {
            MetricSource::Expression(expression) if query.id == RESULT && query.returned => {
                model.expression = Attr::Known(expression.clone());
            }
            MetricSource::Metric {
                namespace,
                name,
                dimensions,
                statistic,
                period_seconds: 60,
            } if !query.returned => {
                metrics.push(QueryModel {
                    id: Attr::Known(query.id.clone()),
                    series: SeriesModel {
                        namespace: Attr::Known(namespace.clone()),
                        metric_name: Attr::Known(name.clone()),
                        dimensions: text_map_or_null(dimensions.clone()),
                        statistic: Attr::Known(statistic.clone()),
                    },
                });
            }
            MetricSource::Expression(_) | MetricSource::Metric { .. } => return None,
        }
    }
    let is_whole = model.expression.is_known() && !metrics.is_empty();
    model.metric = blocks(metrics);
    is_whole.then_some(model)
}

/// Without its alarm.
fn step(name: &str, live: &StepScaling) -> Option<StepPolicyModel> {
    let steps = live.steps.iter().map(|step| {
        Attr::Known(StepModel {
            metric_interval_lower_bound: step.lower.map_or(Attr::Null, number),
            metric_interval_upper_bound: step.upper.map_or(Attr::Null, number),
            scaling_adjustment: Attr::Known(step.by.into()),
        })
    });
    Some(StepPolicyModel {
        name: Attr::Known(name.to_owned()),
        adjustment_type: Attr::Known(AdjustmentWord::of(&live.adjustment)?),
        cooldown: Attr::Known(time(live.cooldown.unwrap_or(FIVE_MINUTES))),
        min_adjustment_magnitude: Attr::from(live.min_magnitude.map(i64::from)),
        metric_aggregation_type: match &live.aggregation {
            None => StepPolicyModel::defaults().metric_aggregation_type,
            Some(aggregation) => Attr::Known(Aggregation::of(aggregation)?),
        },
        step_adjustment: Attr::Known(steps.collect()),
        alarm: Attr::Null,
    })
}

/// A policy as one would write it; `None` when it cannot be written here.
fn predictive(found: &ScalingPolicy, live: &PredictiveScaling) -> Option<PredictiveModel> {
    let (metric, (load_balancer_arn, target_group_arn)) = match &live.metric {
        PredictiveMetric::Cpu => (Forecast::Cpu, (Attr::Null, Attr::Null)),
        PredictiveMetric::Memory => (Forecast::Memory, (Attr::Null, Attr::Null)),
        PredictiveMetric::Requests { resource_label } => (
            Forecast::RequestsPerTarget,
            arns(&found.arn, resource_label)?,
        ),
        PredictiveMetric::Unknown(_) => return None,
    };
    let (breach, buffer) = match &live.on_breach {
        None | Some(BreachBehavior::HonorMax) => (Breach::HonorMaxCapacity, None),
        Some(BreachBehavior::IncreaseMax { buffer }) => {
            (Breach::IncreaseMaxCapacity, Some(*buffer))
        }
        Some(BreachBehavior::Unknown(_)) => return None,
    };
    Some(PredictiveModel {
        name: Attr::Known(found.name.clone()),
        mode: Attr::Known(Mode::of(&live.mode)?),
        metric: Attr::Known(metric),
        load_balancer_arn,
        target_group_arn,
        target_value: number(live.target),
        scheduling_buffer: Attr::Known(time(live.scheduling_buffer.unwrap_or(FIVE_MINUTES))),
        max_capacity_breach_behavior: Attr::Known(breach),
        max_capacity_buffer: Attr::from(buffer.map(i64::from)),
    })
}

fn alarm(live: &AlarmDefinition) -> Option<AlarmModel> {
    // A period of seconds is none that one could write here.
    let period = live.period_seconds.is_multiple_of(60);
    let points = live.datapoints_to_alarm;
    period.then(|| AlarmModel {
        metric: Attr::Known(metric(&live.metric)),
        period: Attr::Known(time(live.period_seconds)),
        evaluation_periods: Attr::Known(live.evaluation_periods.into()),
        datapoints_to_alarm: Attr::from(
            points
                .filter(|points| *points != live.evaluation_periods)
                .map(i64::from),
        ),
        comparison: Attr::from(ComparisonWord::of(&live.comparison)),
        threshold: number(live.threshold),
    })
}

fn scheduled_action(live: &ScheduledAction) -> ScheduledActionModel {
    ScheduledActionModel {
        name: Attr::Known(live.name.clone()),
        schedule: Attr::Known(live.schedule.clone()),
        timezone: Attr::from(live.timezone.clone()).or(ScheduledActionModel::defaults().timezone),
        start_time: Attr::from(live.start.map(|at| at.to_string())),
        end_time: Attr::from(live.end.map(|at| at.to_string())),
        min_capacity: Attr::from(live.min.map(i64::from)),
        max_capacity: Attr::from(live.max.map(i64::from)),
    }
}

fn text_map_or_null(texts: BTreeMap<String, String>) -> TextMap {
    if texts.is_empty() {
        return Attr::Null;
    }
    let texts = texts.into_iter();
    Attr::Known(texts.map(|(key, text)| (key, Attr::Known(text))).collect())
}

fn time(seconds: u32) -> String {
    duration::format(Duration::from_secs(seconds.into()))
}

/// AWS sends no numbers that are infinite.
fn number(value: f64) -> Attr<Number> {
    Attr::from(Number::try_from(value).ok())
}
