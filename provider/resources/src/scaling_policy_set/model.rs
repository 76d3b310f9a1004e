//! What the user can write, and what it does: one struct for schema, configuration, plan and state.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::schema::validators::{
    between, each, float, items_at_least, items_between, keys, length_between, not_empty,
};
use tfplugin::schema::{Attributes, NestedBlock};
use tfplugin::value::{Attr, Number, Set};

use super::rules;
use super::words::{
    AdjustmentWord, Aggregation, Breach, ComparisonWord, Forecast, Metric, Mode, UnmanagedWord,
};
use crate::names;
use crate::region::{self, RegionModel};

/// Blocks of one kind, each with a name. Which one comes first says nothing.
pub(super) type Blocks<T> = Attr<Set<Attr<T>>>;

/// A map attribute with text elements, each of which may be unknown.
pub(super) type TextMap = Attr<BTreeMap<String, Attr<String>>>;

/// A block that is known by its name.
pub(super) trait Named {
    /// What it is called.
    fn name(&self) -> &Attr<String>;
}

macro_rules! named {
    ($($block:ident by $name:ident),+ $(,)?) => {
        $(impl Named for $block {
            fn name(&self) -> &Attr<String> {
                &self.$name
            }
        })+
    };
}

named! {
    TrackingModel by name,
    StepPolicyModel by name,
    PredictiveModel by name,
    ScheduledActionModel by name,
    QueryModel by id,
}

/// The blocks that are known, as their names are.
pub(super) fn known_blocks<T: Named>(blocks: &Blocks<T>) -> impl Iterator<Item = (&String, &T)> {
    let blocks = blocks.known().into_iter().flat_map(|blocks| blocks.iter());
    blocks.filter_map(|block| {
        let block = block.known()?;
        Some((block.name().known()?, block))
    })
}

/// The blocks by their names, if all of them are known.
pub(super) fn whole_blocks<T: Named>(blocks: &Blocks<T>) -> Option<BTreeMap<&String, &T>> {
    match blocks {
        Attr::Unknown => None,
        Attr::Null => Some(BTreeMap::new()),
        Attr::Known(blocks) => blocks
            .iter()
            .map(|block| {
                let block = block.known()?;
                Some((block.name().known()?, block))
            })
            .collect(),
    }
}

/// Names of all policies that are known.
pub(super) fn policy_names(model: &Model) -> impl Iterator<Item = &String> {
    fn names<T: Named>(blocks: &Blocks<T>) -> impl Iterator<Item = &String> {
        known_blocks(blocks).map(|(name, _)| name)
    }
    names(&model.target_tracking)
        .chain(names(&model.step))
        .chain(names(&model.predictive))
}

/// The texts, if all of them are known; none for null.
pub(super) fn known_texts(map: &TextMap) -> Option<BTreeMap<String, String>> {
    let texts = map.settled(|texts| {
        let texts = texts.iter();
        texts
            .map(|(key, text)| Some((key.clone(), text.known()?.clone())))
            .collect()
    })?;
    Some(texts.unwrap_or_default())
}

/// Blocks that are wholly known.
pub(super) fn blocks<T: Ord>(all: impl IntoIterator<Item = T>) -> Blocks<T> {
    Attr::Known(all.into_iter().map(Attr::Known).collect())
}

/// A wholly known set.
pub(super) fn text_set(texts: impl IntoIterator<Item = String>) -> Set<Attr<String>> {
    let texts: BTreeSet<_> = texts.into_iter().collect();
    texts.into_iter().map(Attr::Known).collect()
}

/// Everything that scales one Amazon ECS service: the bounds of its number of tasks, target tracking, steps with
/// their alarms, forecasts, and schedules.
///
/// Schedules change the bounds outside Terraform by design: inside a scheduled window plans stay empty, and an apply
/// does not end the window. `bounds_now` shows the current bounds and the schedule that set them.
///
/// Set `desired_count_owner = "autoscaler"` on the service itself, so that the number of tasks has only one owner.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Model {
    /// Cluster name or ARN.
    #[attr(required, validate(not_empty()), with = names::replaced_unless_same_cluster)]
    pub cluster: Attr<String>,
    /// Name of the service. It must exist.
    #[attr(required, requires_replace, validate(rules::service_name()))]
    pub service: Attr<String>,
    #[attr(flatten, with = region::replaced_in_another)]
    pub placed: RegionModel,
    /// Minimum number of tasks, unless a schedule says otherwise.
    #[attr(required, validate(between(0, 5000)))]
    pub min_capacity: Attr<i64>,
    /// Maximum number of tasks, unless a schedule says otherwise.
    #[attr(required, validate(between(0, 5000)))]
    pub max_capacity: Attr<i64>,
    /// What happens to scaling of the service that is not in this configuration: `report` names it in a warning and
    /// does not change it; `adopt` also takes over what exists with the same name when this resource is created;
    /// `remove` deletes it.
    #[attr(default = UnmanagedWord::Report)]
    pub unmanaged: Attr<UnmanagedWord>,
    /// Tags of the scalable target and of alarms. Without any, and without `default_tags`, a plan does not read the
    /// tags of the target.
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
    /// ARNs of the policies by name, for the actions of your alarms.
    #[attr(computed)]
    pub policy_arns: TextMap,
    /// Names of the alarms that call each policy, by policy name, including those of AWS.
    #[attr(computed)]
    pub alarm_names: Attr<BTreeMap<String, Attr<Set<Attr<String>>>>>,
    /// The bounds when the state was last read.
    #[attr(computed)]
    pub bounds_now: Attr<BoundsNowModel>,
    /// Why the last attempt to scale did nothing; null if nothing prevents scaling.
    #[attr(computed)]
    pub why_not_scaled: Attr<String>,
    /// Which parts of the scaling are suspended. Defaults to none.
    #[attr(block)]
    pub suspended: Attr<SuspendedModel>,
    /// A target tracking policy: a metric and its target value. AWS creates and deletes the alarms. It has exactly one
    /// of `metric`, `queue_backlog`, `custom_metric` and `metric_math`.
    #[attr(block)]
    pub target_tracking: Blocks<TrackingModel>,
    /// A step scaling policy: how many tasks to add or remove, depending on how far the metric of an alarm is beyond
    /// its threshold.
    #[attr(block)]
    pub step: Blocks<StepPolicyModel>,
    /// A predictive scaling policy: a metric that AWS forecasts from at least a day of history, so that tasks run
    /// before the load comes. It only adds tasks: use `target_tracking` to remove them again.
    #[attr(block)]
    pub predictive: Blocks<PredictiveModel>,
    /// A scheduled action: different bounds from a certain time on. They stay until the next scheduled action.
    #[attr(block, with = |block: NestedBlock| block.items(0, 200))]
    pub scheduled_action: Blocks<ScheduledActionModel>,
}

region::regional!(Model, "cluster" = cluster);

/// `suspended`.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
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

/// `target_tracking`.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TrackingModel {
    /// Name of the policy, unique among all policies of the service.
    #[attr(required, validate(rules::policy_name()))]
    pub name: Attr<String>,
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
    /// Visible messages of an SQS queue for each running task. Requires Container Insights on the cluster, which
    /// counts the tasks.
    #[attr(block)]
    pub queue_backlog: Attr<QueueModel>,
    /// One CloudWatch metric. It must fall when tasks are added.
    #[attr(block, with = rules::with_tracked_statistic)]
    pub custom_metric: Attr<MetricModel>,
    /// An expression over CloudWatch metrics. It must fall when tasks are added.
    #[attr(block)]
    pub metric_math: Attr<MathModel>,
    /// Target value of the metric.
    #[attr(required, validate(rules::above_zero(), float()))]
    pub target_value: Attr<Number>,
    /// Time after adding tasks before more are added.
    #[attr(default = "5m", validate(rules::cooldown()))]
    pub scale_out_cooldown: Attr<String>,
    /// Time after removing tasks before more are removed.
    #[attr(default = "5m", validate(rules::cooldown()))]
    pub scale_in_cooldown: Attr<String>,
    /// Only add tasks, never remove them.
    #[attr(default = false)]
    pub disable_scale_in: Attr<bool>,
}

/// `queue_backlog`.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct QueueModel {
    /// Name of the queue.
    #[attr(required, validate(length_between(1, 80)))]
    pub queue_name: Attr<String>,
}

/// A metric of target tracking or of an alarm.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MetricModel {
    #[attr(flatten)]
    pub series: SeriesModel,
    /// Unit, if the metric is stored with several.
    #[attr(optional, validate(not_empty()))]
    pub unit: Attr<String>,
}

/// What CloudWatch is asked for.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SeriesModel {
    /// Namespace, such as `AWS/SQS`.
    #[attr(required, validate(length_between(1, 255)))]
    pub namespace: Attr<String>,
    /// Metric name.
    #[attr(required, validate(length_between(1, 255)))]
    pub metric_name: Attr<String>,
    /// Dimensions.
    #[attr(optional, validate(items_between(1, 30), each(not_empty())))]
    pub dimensions: TextMap,
    /// Statistic.
    #[attr(default = "Average", validate(not_empty()))]
    pub statistic: Attr<String>,
}

/// `metric_math`.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MathModel {
    /// Expression over the ids of the metrics, such as `m1 / m2`.
    #[attr(required, any_text, validate(length_between(1, 2048)))]
    pub expression: Attr<String>,
    /// A metric of the expression.
    #[attr(block, with = |block| rules::with_tracked_statistic(block).items(1, 9))]
    pub metric: Blocks<QueryModel>,
}

/// `metric` of `metric_math`.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct QueryModel {
    /// Its name in the expression.
    #[attr(required, validate(rules::query_id()))]
    pub id: Attr<String>,
    #[attr(flatten)]
    pub series: SeriesModel,
}

/// `step`.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StepPolicyModel {
    /// Name of the policy, unique among all policies of the service.
    #[attr(required, validate(rules::policy_name()))]
    pub name: Attr<String>,
    /// Meaning of `scaling_adjustment`: a change in tasks, a change in percent, or an exact number of tasks.
    #[attr(default = AdjustmentWord::ChangeInCapacity)]
    pub adjustment_type: Attr<AdjustmentWord>,
    /// Time after the policy has scaled before it scales again.
    #[attr(default = "5m", validate(rules::cooldown()))]
    pub cooldown: Attr<String>,
    /// Minimum change in tasks; only with `PercentChangeInCapacity`.
    #[attr(optional, validate(between(1, 100_000)))]
    pub min_adjustment_magnitude: Attr<i64>,
    /// How the data points of the alarm's metric are aggregated.
    #[attr(default = Aggregation::Average)]
    pub metric_aggregation_type: Attr<Aggregation>,
    /// A step. Steps must not overlap or leave a gap.
    #[attr(block, with = |block: NestedBlock| block.items(1, 20))]
    pub step_adjustment: Attr<Set<Attr<StepModel>>>,
    /// The alarm that calls the policy; it is created, changed and deleted with the policy. Without it, add the ARN of
    /// the policy (`policy_arns`) to the actions of one of your alarms.
    #[attr(block)]
    pub alarm: Attr<AlarmModel>,
}

/// `step_adjustment`.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StepModel {
    /// Lower bound, relative to the threshold of the alarm. Defaults to minus infinity.
    #[attr(optional, validate(float()))]
    pub metric_interval_lower_bound: Attr<Number>,
    /// Upper bound (exclusive), relative to the threshold of the alarm. Defaults to infinity.
    #[attr(optional, validate(float()))]
    pub metric_interval_upper_bound: Attr<Number>,
    /// Tasks or percent, depending on `adjustment_type`.
    #[attr(required, validate(between(-100_000, 100_000)))]
    pub scaling_adjustment: Attr<i64>,
}

/// `alarm` of a step policy.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AlarmModel {
    /// The metric. `statistic` may also be a percentile such as `p99`.
    #[attr(block, with = NestedBlock::required)]
    pub metric: Attr<MetricModel>,
    /// Length of one period.
    #[attr(default = "1m", validate(rules::period()))]
    pub period: Attr<String>,
    /// Number of periods that are evaluated.
    #[attr(required, validate(between(1, 1440)))]
    pub evaluation_periods: Attr<i64>,
    /// How many of them must breach. Defaults to all.
    #[attr(optional, validate(between(1, 1440)))]
    pub datapoints_to_alarm: Attr<i64>,
    /// How the value is compared with the threshold.
    #[attr(required)]
    pub comparison: Attr<ComparisonWord>,
    /// Threshold; the bounds of the steps are relative to it.
    #[attr(required, validate(float()))]
    pub threshold: Attr<Number>,
}

/// `predictive`.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PredictiveModel {
    /// Name of the policy, unique among all policies of the service.
    #[attr(required, validate(rules::policy_name()))]
    pub name: Attr<String>,
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
    /// Target value of the metric.
    #[attr(required, validate(rules::above_zero(), float()))]
    pub target_value: Attr<Number>,
    /// How long before the forecast load the tasks are started.
    #[attr(default = "5m", validate(rules::buffer()))]
    pub scheduling_buffer: Attr<String>,
    /// What happens when the forecast needs more tasks than the upper bound: the bound applies, or AWS raises it. A
    /// bound that AWS has raised is not a difference in a plan, and stays until `max_capacity` changes.
    #[attr(default = Breach::HonorMaxCapacity)]
    pub max_capacity_breach_behavior: Attr<Breach>,
    /// How many percent above the forecast AWS may exceed the upper bound; required with `IncreaseMaxCapacity`, and
    /// only then.
    #[attr(optional, validate(between(0, 100)))]
    pub max_capacity_buffer: Attr<i64>,
}

/// `scheduled_action`.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ScheduledActionModel {
    /// Name of the action.
    #[attr(required, validate(rules::policy_name()))]
    pub name: Attr<String>,
    /// When it fires: `cron(minute hour day-of-month month day-of-week year)` with `?` in one of the two fields for
    /// days, `at(yyyy-mm-ddThh:mm:ss)`, or `rate(5 minutes)`.
    #[attr(required, validate(rules::schedule()))]
    pub schedule: Attr<String>,
    /// Time zone of `cron` and `at`, such as `Europe/Berlin`.
    #[attr(default = "UTC", validate(not_empty()))]
    pub timezone: Attr<String>,
    /// It does nothing before this time; `cron` and `rate` also fire at this time.
    #[attr(optional, validate(rules::moment()))]
    pub start_time: Attr<String>,
    /// It does nothing after this time.
    #[attr(optional, validate(rules::moment()))]
    pub end_time: Attr<String>,
    /// Minimum number of tasks from then on. Unchanged by default.
    #[attr(optional, validate(between(0, 5000)))]
    pub min_capacity: Attr<i64>,
    /// Maximum number of tasks from then on. Unchanged by default.
    #[attr(optional, validate(between(0, 5000)))]
    pub max_capacity: Attr<i64>,
}

/// `bounds_now`.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BoundsNowModel {
    /// Minimum number of tasks.
    #[attr(computed)]
    pub min: Attr<i64>,
    /// Maximum number of tasks.
    #[attr(computed)]
    pub max: Attr<i64>,
    /// Name of the schedule that set them; null if none did.
    #[attr(computed)]
    pub set_by: Attr<String>,
}
