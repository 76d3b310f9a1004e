//! What the user can write, and what it does: one struct for schema, configuration, plan and state.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::schema::Attributes;
use tfplugin::schema::validators::{
    between, each, float, items_at_least, items_between, keys, length_between, not_empty,
};
use tfplugin::value::{Attr, Number, Set};

use super::rules;
use super::words::{
    AdjustmentWord, Aggregation, Breach, ComparisonWord, Forecast, Metric, Mode, UnmanagedWord,
};
use crate::names;

/// A map of structures, each of which may be unknown.
pub(super) type Map<T> = Attr<BTreeMap<String, Attr<T>>>;

/// A map attribute with text elements, each of which may be unknown.
pub(super) type TextMap = Map<String>;

/// The elements that are known; none for null and unknown.
pub(super) fn known_entries<T>(map: &Map<T>) -> impl Iterator<Item = (&String, &T)> {
    let entries = map.known().into_iter().flatten();
    entries.filter_map(|(name, entry)| Some((name, entry.known()?)))
}

/// The elements, if all of them are known; none for null.
pub(super) fn whole_map<T>(map: &Map<T>) -> Option<BTreeMap<&String, &T>> {
    match map {
        Attr::Unknown => None,
        Attr::Null => Some(BTreeMap::new()),
        Attr::Known(entries) => entries
            .iter()
            .map(|(name, entry)| Some((name, entry.known()?)))
            .collect(),
    }
}

/// Names of all policies that are known.
pub(super) fn policy_names(model: &Model) -> impl Iterator<Item = &String> {
    fn names<T>(map: &Map<T>) -> impl Iterator<Item = &String> {
        known_entries(map).map(|(name, _)| name)
    }
    names(&model.target_tracking)
        .chain(names(&model.step))
        .chain(names(&model.predictive))
}

/// The texts, if all of them are known; none for null.
pub(super) fn known_texts(map: &TextMap) -> Option<BTreeMap<String, String>> {
    let texts = whole_map(map)?.into_iter();
    Some(
        texts
            .map(|(key, text)| (key.clone(), text.clone()))
            .collect(),
    )
}

/// A wholly known map; null when there is nothing in it.
pub(super) fn map_or_null<T>(entries: BTreeMap<String, T>) -> Map<T> {
    if entries.is_empty() {
        return Attr::Null;
    }
    Attr::Known(
        entries
            .into_iter()
            .map(|(name, entry)| (name, Attr::Known(entry)))
            .collect(),
    )
}

/// A wholly known set.
pub(super) fn text_set(texts: impl IntoIterator<Item = String>) -> Set<Attr<String>> {
    let texts: BTreeSet<_> = texts.into_iter().collect();
    texts.into_iter().map(Attr::Known).collect()
}

/// Everything that scales one Amazon ECS service, in one place: the bounds of its number of tasks, target tracking,
/// steps with their alarms, forecasts, and schedules.
///
/// Schedules change the bounds behind Terraform's back, and that is what they are for: inside a scheduled window plans
/// stay empty, and an apply does not end the window. `bounds_now` shows the bounds in force and which schedule set them.
///
/// Give the service itself `desired_count_owner = "autoscaler"`, so that the number of tasks belongs to one of them only.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    /// Cluster name or ARN.
    #[attr(required, validate(not_empty()), with = names::replaced_unless_same_cluster)]
    pub cluster: Attr<String>,
    /// Name of the service, which has to exist.
    #[attr(required, requires_replace, validate(rules::service_name()))]
    pub service: Attr<String>,
    /// Fewest tasks, whenever no schedule says otherwise.
    #[attr(required, validate(between(0, 5000)))]
    pub min_capacity: Attr<i64>,
    /// Most tasks, whenever no schedule says otherwise.
    #[attr(required, validate(between(0, 5000)))]
    pub max_capacity: Attr<i64>,
    /// What of the scaling is held for a while. Nothing, when absent.
    #[attr(default = SuspendedModel::defaults())]
    pub suspended: Attr<SuspendedModel>,
    /// Policy name to a metric and the value it is kept at. AWS makes and removes the alarms itself. Each has exactly one
    /// of `metric`, `queue_backlog`, `custom_metric` and `metric_math`.
    #[attr(optional, validate(items_between(1, 50), keys(rules::policy_name())))]
    pub target_tracking: Map<TrackingModel>,
    /// Policy name to steps: how many tasks more or fewer, by how far an alarm's metric is beyond its threshold.
    #[attr(optional, validate(items_between(1, 50), keys(rules::policy_name())))]
    pub step: Map<StepPolicyModel>,
    /// Policy name to a metric that AWS forecasts from its past, at least a day of it, so that tasks run before the load
    /// comes. It only adds tasks: let `target_tracking` take them away again.
    #[attr(optional, validate(items_between(1, 50), keys(rules::policy_name())))]
    pub predictive: Map<PredictiveModel>,
    /// Action name to when it sets other bounds. They stay until the next one sets them again.
    #[attr(optional, validate(items_between(1, 200), keys(rules::policy_name())))]
    pub schedules: Map<ScheduleModel>,
    /// What happens with scaling of the service that is not in this configuration: `report` names it in a warning and
    /// leaves it; `adopt` also takes over what exists under the same name when this resource is created; `remove` deletes
    /// it.
    #[attr(default = UnmanagedWord::Report)]
    pub unmanaged: Attr<UnmanagedWord>,
    /// Tags of the scalable target and of alarms. Without any, and without `default_tags`, a plan does not look at the
    /// target's tags.
    #[attr(optional, validate(items_at_least(1), keys(rules::tag_key())))]
    pub tags: TextMap,
    /// `CLUSTER/SERVICE`.
    #[attr(computed)]
    pub id: Attr<String>,
    /// ARN of the scalable target.
    #[attr(computed)]
    pub arn: Attr<String>,
    /// All tags, with the provider's `default_tags`.
    #[attr(computed)]
    pub tags_all: Attr<BTreeMap<String, String>>,
    /// Policy name to ARN, for the actions of alarms of your own.
    #[attr(computed)]
    pub policy_arns: TextMap,
    /// Policy name to the names of the alarms that call it, AWS's own among them.
    #[attr(computed)]
    pub alarm_names: Attr<BTreeMap<String, Attr<Set<Attr<String>>>>>,
    /// The bounds in force when the state was last read.
    #[attr(computed)]
    pub bounds_now: Attr<BoundsNowModel>,
    /// Why the last attempt to scale did nothing, in plain words; null when nothing is in the way.
    #[attr(computed)]
    pub why_not_scaled: Attr<String>,
}

/// `suspended`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct SuspendedModel {
    /// Policies do not remove tasks.
    #[attr(default = false)]
    pub scale_in: Attr<bool>,
    /// Policies do not add tasks.
    #[attr(default = false)]
    pub scale_out: Attr<bool>,
    /// Schedules do nothing.
    #[attr(default = false)]
    pub scheduled: Attr<bool>,
}

/// One of `target_tracking`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct TrackingModel {
    /// A metric of the service: `cpu` and `memory` in percent of what is reserved, their `_high_resolution` forms (20
    /// seconds), or `requests_per_target`, per minute.
    #[attr(optional)]
    pub metric: Attr<Metric>,
    /// ARN of an Application Load Balancer; only with `metric = "requests_per_target"`.
    #[attr(optional, validate(rules::load_balancer()))]
    pub load_balancer_arn: Attr<String>,
    /// ARN of a target group; only with `metric = "requests_per_target"`.
    #[attr(optional, validate(rules::target_group()))]
    pub target_group_arn: Attr<String>,
    /// Visible messages of an SQS queue for each running task. Needs Container Insights on the cluster, which counts the
    /// tasks.
    #[attr(optional)]
    pub queue_backlog: Attr<QueueModel>,
    /// One CloudWatch metric. It must fall when tasks are added.
    #[attr(optional, with = rules::with_tracked_statistic)]
    pub custom_metric: Attr<MetricModel>,
    /// An expression over CloudWatch metrics. It must fall when tasks are added.
    #[attr(optional)]
    pub metric_math: Attr<MathModel>,
    /// Value the metric is kept at.
    #[attr(required, validate(rules::above_zero(), float()))]
    pub target: Attr<Number>,
    /// Time after tasks were added before more are added.
    #[attr(default = "5m", validate(rules::cooldown()))]
    pub scale_out_cooldown: Attr<String>,
    /// Time after tasks were removed before more are removed.
    #[attr(default = "5m", validate(rules::cooldown()))]
    pub scale_in_cooldown: Attr<String>,
    /// Only add tasks, never remove any.
    #[attr(default = false)]
    pub disable_scale_in: Attr<bool>,
}

/// `queue_backlog`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct QueueModel {
    /// Name of the queue.
    #[attr(required, validate(length_between(1, 80)))]
    pub queue_name: Attr<String>,
}

/// A metric that target tracking or an alarm looks at.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct MetricModel {
    #[attr(flatten)]
    pub series: SeriesModel,
    /// Unit, when the metric is stored with several.
    #[attr(optional, validate(not_empty()))]
    pub unit: Attr<String>,
}

/// What CloudWatch is asked for; one of `metrics` of `metric_math`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct SeriesModel {
    /// Namespace, such as `AWS/SQS`.
    #[attr(required, validate(length_between(1, 255)))]
    pub namespace: Attr<String>,
    /// Metric name.
    #[attr(required, validate(length_between(1, 255)))]
    pub name: Attr<String>,
    /// Dimensions.
    #[attr(optional, validate(items_between(1, 30), each(not_empty())))]
    pub dimensions: TextMap,
    /// Statistic.
    #[attr(default = "Average", validate(not_empty()))]
    pub statistic: Attr<String>,
}

/// `metric_math`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct MathModel {
    /// Expression over the names in `metrics`, such as `m1 / m2`.
    #[attr(required, any_text, validate(length_between(1, 2048)))]
    pub expression: Attr<String>,
    /// Name in the expression to metric.
    #[attr(required, validate(items_between(1, 9), keys(rules::query_id())), with = rules::with_tracked_statistic)]
    pub metrics: Map<SeriesModel>,
}

/// One of `step`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct StepPolicyModel {
    /// What `adjustment` means: tasks more or fewer, percent more or fewer, or exactly so many tasks.
    #[attr(default = AdjustmentWord::ChangeInCapacity)]
    pub adjustment_type: Attr<AdjustmentWord>,
    /// Time after the policy has scaled before it scales again.
    #[attr(default = "5m", validate(rules::cooldown()))]
    pub cooldown: Attr<String>,
    /// Least change in tasks; only with `PercentChangeInCapacity`.
    #[attr(optional, validate(between(1, 100_000)))]
    pub min_adjustment_magnitude: Attr<i64>,
    /// How the data points of the alarm's metric are joined.
    #[attr(default = Aggregation::Average)]
    pub metric_aggregation: Attr<Aggregation>,
    /// The steps. They must not overlap and leave no gap.
    #[attr(required, validate(items_between(1, 20)))]
    pub steps: Attr<Vec<Attr<StepModel>>>,
    /// The alarm that calls the policy; it is made, kept and deleted with the policy. When absent, put the policy's ARN
    /// (`policy_arns`) into the actions of an alarm of your own.
    #[attr(optional)]
    pub alarm: Attr<AlarmModel>,
}

/// One of `steps`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct StepModel {
    /// From here on, counted from the alarm's threshold; minus infinity when absent.
    #[attr(optional, validate(float()))]
    pub lower: Attr<Number>,
    /// Up to but not including here, counted from the alarm's threshold; infinity when absent.
    #[attr(optional, validate(float()))]
    pub upper: Attr<Number>,
    /// Tasks or percent, by `adjustment_type`.
    #[attr(required, validate(between(-100_000, 100_000)))]
    pub adjustment: Attr<i64>,
}

/// `alarm` of a step policy.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct AlarmModel {
    /// What it looks at. `statistic` may also be a percentile such as `p99`.
    #[attr(required)]
    pub metric: Attr<MetricModel>,
    /// Length of one period.
    #[attr(default = "1m", validate(rules::period()))]
    pub period: Attr<String>,
    /// Periods looked at.
    #[attr(required, validate(between(1, 1440)))]
    pub evaluation_periods: Attr<i64>,
    /// Of those, how many have to breach; all when absent.
    #[attr(optional, validate(between(1, 1440)))]
    pub datapoints_to_alarm: Attr<i64>,
    /// How the value is compared with the threshold.
    #[attr(required)]
    pub comparison: Attr<ComparisonWord>,
    /// Threshold; the steps count from it.
    #[attr(required, validate(float()))]
    pub threshold: Attr<Number>,
}

/// One of `predictive`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct PredictiveModel {
    /// `ForecastOnly` shows forecasts in the AWS console and changes nothing; `ForecastAndScale` acts on them.
    #[attr(default = Mode::ForecastOnly)]
    pub mode: Attr<Mode>,
    /// What is forecast: `cpu` and `memory` in percent of what is reserved, or `requests_per_target`.
    #[attr(required)]
    pub metric: Attr<Forecast>,
    /// ARN of an Application Load Balancer; only with `metric = "requests_per_target"`.
    #[attr(optional, validate(rules::load_balancer()))]
    pub load_balancer_arn: Attr<String>,
    /// ARN of a target group; only with `metric = "requests_per_target"`.
    #[attr(optional, validate(rules::target_group()))]
    pub target_group_arn: Attr<String>,
    /// Value the metric is kept at.
    #[attr(required, validate(rules::above_zero(), float()))]
    pub target: Attr<Number>,
    /// How long before the forecast load the tasks are started.
    #[attr(default = "5m", validate(rules::buffer()))]
    pub scheduling_buffer: Attr<String>,
    /// What happens when the forecast needs more tasks than the upper bound: the bound holds, or AWS raises it. A bound
    /// that AWS has raised is no difference in a plan, and stays until `max_capacity` changes.
    #[attr(default = Breach::HonorMaxCapacity)]
    pub max_capacity_breach: Attr<Breach>,
    /// By how many percent more than the forecast the upper bound may be exceeded; required with `IncreaseMaxCapacity`,
    /// and only then.
    #[attr(optional, validate(between(0, 100)))]
    pub max_capacity_buffer: Attr<i64>,
}

/// One of `schedules`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct ScheduleModel {
    /// When: `cron(minute hour day-of-month month day-of-week year)`, of whose two fields for days one is `?`,
    /// `at(yyyy-mm-ddThh:mm:ss)`, or `rate(5 minutes)`.
    #[attr(required, validate(rules::schedule()))]
    pub schedule: Attr<String>,
    /// Time zone of `cron` and `at`, such as `Europe/Berlin`.
    #[attr(default = "UTC", validate(not_empty()))]
    pub timezone: Attr<String>,
    /// It does nothing before; `cron` and `rate` also fire at this moment.
    #[attr(optional, validate(rules::moment()))]
    pub start_time: Attr<String>,
    /// It does nothing after.
    #[attr(optional, validate(rules::moment()))]
    pub end_time: Attr<String>,
    /// Fewest tasks from then on; unchanged when absent.
    #[attr(optional, validate(between(0, 5000)))]
    pub min_capacity: Attr<i64>,
    /// Most tasks from then on; unchanged when absent.
    #[attr(optional, validate(between(0, 5000)))]
    pub max_capacity: Attr<i64>,
}

/// `bounds_now`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct BoundsNowModel {
    /// Fewest tasks.
    #[attr(computed)]
    pub min: Attr<i64>,
    /// Most tasks.
    #[attr(computed)]
    pub max: Attr<i64>,
    /// Name of the schedule that set them; null when none did.
    #[attr(computed)]
    pub set_by: Attr<String>,
}
