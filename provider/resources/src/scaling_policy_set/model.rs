//! The typed model: one struct for configuration, plan and state.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::value::{Attr, Number, Set};

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

tfplugin::object! {
    /// `switchyard_scaling_policy_set`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Model {
        /// `CLUSTER/SERVICE`.
        pub id: Attr<String>,
        /// ARN of the scalable target.
        pub arn: Attr<String>,
        /// Cluster name or ARN, as the user spells it.
        pub cluster: Attr<String>,
        /// Service name.
        pub service: Attr<String>,
        /// Fewest tasks outside of scheduled windows.
        pub min_capacity: Attr<i64>,
        /// Most tasks outside of scheduled windows.
        pub max_capacity: Attr<i64>,
        /// What is suspended.
        pub suspended: Attr<SuspendedModel>,
        /// Policy name → what it tracks.
        pub target_tracking: Map<TrackingModel>,
        /// Policy name → its steps.
        pub step: Map<StepPolicyModel>,
        /// Policy name → what it forecasts.
        pub predictive: Map<PredictiveModel>,
        /// Action name → when and what.
        pub schedules: Map<ScheduleModel>,
        /// `report`, `adopt` or `remove`.
        pub unmanaged: Attr<String>,
        /// Own tags.
        pub tags: TextMap,
        /// Own tags and the provider's.
        pub tags_all: Attr<BTreeMap<String, String>>,
        /// Policy name → ARN.
        pub policy_arns: TextMap,
        /// Policy name → names of the alarms that call it.
        pub alarm_names: Attr<BTreeMap<String, Attr<Set<Attr<String>>>>>,
        /// The bounds AWS has.
        pub bounds_now: Attr<BoundsNowModel>,
        /// Why the last attempt to scale did nothing.
        pub why_not_scaled: Attr<String>,
    }
}

tfplugin::object! {
    /// `suspended`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct SuspendedModel {
        /// Policies do not scale in.
        pub scale_in: Attr<bool>,
        /// Policies do not scale out.
        pub scale_out: Attr<bool>,
        /// Schedules do nothing.
        pub scheduled: Attr<bool>,
    }
}

tfplugin::object! {
    /// One of `target_tracking`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct TrackingModel {
        /// A metric AWS knows by name.
        pub metric: Attr<String>,
        /// For `requests_per_target`.
        pub load_balancer_arn: Attr<String>,
        /// For `requests_per_target`.
        pub target_group_arn: Attr<String>,
        /// Messages per task.
        pub queue_backlog: Attr<QueueModel>,
        /// One metric.
        pub custom_metric: Attr<MetricModel>,
        /// An expression over metrics.
        pub metric_math: Attr<MathModel>,
        /// Value the metric is kept at.
        pub target: Attr<Number>,
        /// Duration text.
        pub scale_out_cooldown: Attr<String>,
        /// Duration text.
        pub scale_in_cooldown: Attr<String>,
        /// Only ever scales out.
        pub disable_scale_in: Attr<bool>,
    }
}

tfplugin::object! {
    /// `queue_backlog`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct QueueModel {
        /// Name of the SQS queue.
        pub queue_name: Attr<String>,
    }
}

tfplugin::object! {
    /// A metric.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct MetricModel {
        /// Namespace.
        pub namespace: Attr<String>,
        /// Metric name.
        pub name: Attr<String>,
        /// Dimensions.
        pub dimensions: TextMap,
        /// Statistic.
        pub statistic: Attr<String>,
        /// Unit.
        pub unit: Attr<String>,
    }
}

tfplugin::object! {
    /// `metric_math`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct MathModel {
        /// Expression over the ids of `metrics`.
        pub expression: Attr<String>,
        /// Id → metric.
        pub metrics: Map<MathMetricModel>,
    }
}

tfplugin::object! {
    /// One of `metrics` of `metric_math`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct MathMetricModel {
        /// Namespace.
        pub namespace: Attr<String>,
        /// Metric name.
        pub name: Attr<String>,
        /// Dimensions.
        pub dimensions: TextMap,
        /// Statistic.
        pub statistic: Attr<String>,
    }
}

tfplugin::object! {
    /// One of `step`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct StepPolicyModel {
        /// What an adjustment means.
        pub adjustment_type: Attr<String>,
        /// Duration text.
        pub cooldown: Attr<String>,
        /// Least change in tasks.
        pub min_adjustment_magnitude: Attr<i64>,
        /// How data points are joined.
        pub metric_aggregation: Attr<String>,
        /// The steps.
        pub steps: Attr<Vec<Attr<StepModel>>>,
        /// The alarm that calls the policy.
        pub alarm: Attr<AlarmModel>,
    }
}

tfplugin::object! {
    /// One of `steps`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct StepModel {
        /// From here, counted from the alarm's threshold.
        pub lower: Attr<Number>,
        /// Up to here.
        pub upper: Attr<Number>,
        /// Tasks or percent.
        pub adjustment: Attr<i64>,
    }
}

tfplugin::object! {
    /// `alarm` of a step policy.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct AlarmModel {
        /// What it looks at.
        pub metric: Attr<MetricModel>,
        /// Duration text.
        pub period: Attr<String>,
        /// Periods looked at.
        pub evaluation_periods: Attr<i64>,
        /// Of those, how many have to breach.
        pub datapoints_to_alarm: Attr<i64>,
        /// `>=`, `>`, `<=` or `<`.
        pub comparison: Attr<String>,
        /// Threshold.
        pub threshold: Attr<Number>,
    }
}

tfplugin::object! {
    /// One of `predictive`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct PredictiveModel {
        /// `ForecastOnly` or `ForecastAndScale`.
        pub mode: Attr<String>,
        /// A pair of metrics AWS knows by name.
        pub metric: Attr<String>,
        /// For `requests_per_target`.
        pub load_balancer_arn: Attr<String>,
        /// For `requests_per_target`.
        pub target_group_arn: Attr<String>,
        /// Value the metric is kept at.
        pub target: Attr<Number>,
        /// Duration text.
        pub scheduling_buffer: Attr<String>,
        /// `HonorMaxCapacity` or `IncreaseMaxCapacity`.
        pub max_capacity_breach: Attr<String>,
        /// Percent, for `IncreaseMaxCapacity`.
        pub max_capacity_buffer: Attr<i64>,
    }
}

tfplugin::object! {
    /// One of `schedules`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ScheduleModel {
        /// `at(…)`, `rate(…)` or `cron(…)`.
        pub schedule: Attr<String>,
        /// IANA name.
        pub timezone: Attr<String>,
        /// RFC 3339.
        pub start_time: Attr<String>,
        /// RFC 3339.
        pub end_time: Attr<String>,
        /// New lower bound.
        pub min_capacity: Attr<i64>,
        /// New upper bound.
        pub max_capacity: Attr<i64>,
    }
}

tfplugin::object! {
    /// `bounds_now`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct BoundsNowModel {
        /// Fewest tasks.
        pub min: Attr<i64>,
        /// Most tasks.
        pub max: Attr<i64>,
        /// Name of the schedule that set them; null when none did.
        pub set_by: Attr<String>,
    }
}
