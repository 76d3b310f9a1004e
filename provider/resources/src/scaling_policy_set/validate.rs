//! Rules across attributes that need no AWS: checked by `terraform validate`, without credentials.
//!
//! Unknown values are valid: they are checked again when they are known.

use std::collections::BTreeMap;

use jiff::Timestamp;
use switchyard_engine::ports::{Firings, ScheduleExpression, time_zone};
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::value::{Attr, Number, Path};

use super::model::{
    Map, Model, PredictiveModel, ScheduleModel, StepPolicyModel, TrackingModel, known_entries,
};
use super::wanted;
use super::words::{AdjustmentWord, Breach, Metric};

/// A rule across attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Lower bounds above upper ones.
    Bounds,
    /// Nothing that scales.
    Nothing,
    /// A tracker without a metric, or with two.
    OneMetric,
    /// Two policies under one name, or two trackers of one metric.
    Twice,
    /// A target the metric cannot have.
    Target,
    /// Steps that overlap, leave a gap or have no beginning.
    Steps,
    /// A schedule that cannot be read, or sets nothing.
    Schedule,
    /// An alarm AWS refuses.
    Alarm,
    /// More policies than a service can have.
    TooMany,
    /// A schedule without a time at which it fires.
    NeverFires,
    /// A buffer without a bound to exceed, or the other way round.
    Buffer,
}

impl Rule {
    /// Stable id, the name of the page in `docs/errors/`.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Bounds => "SY0020",
            Self::Nothing => "SY0021",
            Self::OneMetric => "SY0022",
            Self::Twice => "SY0023",
            Self::Target => "SY0024",
            Self::Steps => "SY0025",
            Self::Schedule => "SY0026",
            Self::Alarm => "SY0027",
            Self::TooMany => "SY0028",
            Self::Buffer => "SY0029",
            Self::NeverFires => "SY0030",
        }
    }

    fn error(self, path: Path, summary: impl Into<String>, detail: impl AsRef<str>) -> Diagnostic {
        let detail = format!("{}\n\nRule {}.", detail.as_ref(), self.id());
        Diagnostic::error(summary, detail).at(path)
    }
}

/// All violations of a configuration, as far as its values are known.
pub(super) fn validate(config: &Model) -> Diagnostics {
    let mut found = Vec::new();
    bounds(config, &mut found);
    amount(config, &mut found);
    names(config, &mut found);
    let mut metrics = BTreeMap::new();
    for (name, entry) in known_entries(&config.target_tracking) {
        let path = Path::root().attribute("target_tracking").key(name.clone());
        tracker(&path, name, entry, &mut metrics, &mut found);
    }
    for (name, entry) in known_entries(&config.step) {
        let path = Path::root().attribute("step").key(name.clone());
        steps(&path, entry, &mut found);
        alarm(config, &path, name, entry, &mut found);
    }
    for (name, entry) in known_entries(&config.predictive) {
        let path = Path::root().attribute("predictive").key(name.clone());
        predictive(&path, entry, &mut found);
    }
    for (name, entry) in known_entries(&config.schedules) {
        let path = Path::root().attribute("schedules").key(name.clone());
        schedule(&path, entry, &mut found);
    }
    found.into_iter().collect()
}

fn bounds(config: &Model, found: &mut Vec<Diagnostic>) {
    if let (Some(min), Some(max)) = (config.min_capacity.known(), config.max_capacity.known())
        && min > max
    {
        found.push(crossed(Path::root().attribute("min_capacity"), *min, *max));
    }
}

fn crossed(path: Path, min: i64, max: i64) -> Diagnostic {
    Rule::Bounds.error(
        path,
        format!("`min_capacity` ({min}) is above `max_capacity` ({max})"),
        "No number of tasks lies between them. Swap or change them.",
    )
}

/// Nothing at all, or more than AWS takes.
fn amount(config: &Model, found: &mut Vec<Diagnostic>) {
    let is_empty = |is_null: bool, length: Option<usize>| is_null || length == Some(0);
    let lengths = [
        (
            config.target_tracking.is_null(),
            config.target_tracking.known().map(BTreeMap::len),
        ),
        (
            config.step.is_null(),
            config.step.known().map(BTreeMap::len),
        ),
        (
            config.predictive.is_null(),
            config.predictive.known().map(BTreeMap::len),
        ),
        (
            config.schedules.is_null(),
            config.schedules.known().map(BTreeMap::len),
        ),
    ];
    if lengths
        .iter()
        .all(|(is_null, length)| is_empty(*is_null, *length))
    {
        found.push(Rule::Nothing.error(
            Path::root(),
            "Nothing scales the service",
            "There is no policy and no schedule, so the bounds have no effect. Add `target_tracking`, `step`, \
             `predictive` or `schedules`.",
        ));
    }
    let policies: usize = lengths
        .iter()
        .take(3)
        .filter_map(|(_, length)| *length)
        .sum();
    if policies > 50 {
        found.push(Rule::TooMany.error(
            Path::root(),
            format!("{policies} policies are too many"),
            "AWS allows 50 policies for one service. Remove some.",
        ));
    }
}

/// One name, one policy.
fn names(config: &Model, found: &mut Vec<Diagnostic>) {
    fn keys<T>(map: &Map<T>) -> Vec<&String> {
        map.known()
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
            .collect()
    }
    let mut places = BTreeMap::new();
    for (attribute, names) in [
        ("target_tracking", keys(&config.target_tracking)),
        ("step", keys(&config.step)),
        ("predictive", keys(&config.predictive)),
    ] {
        for name in names {
            let Some(other) = places.insert(name, attribute) else {
                continue;
            };
            found.push(Rule::Twice.error(
                Path::root().attribute(attribute).key(name.clone()),
                format!("Two policies have the name `{name}`"),
                format!(
                    "One is in `{other}`, one in `{attribute}`; AWS identifies policies by their name and would \
                     keep only one of them. Rename one."
                ),
            ));
        }
    }
}

fn tracker<'a>(
    path: &Path,
    name: &'a str,
    entry: &'a TrackingModel,
    metrics: &mut BTreeMap<&'a Metric, &'a str>,
    found: &mut Vec<Diagnostic>,
) {
    let kinds = [
        (entry.metric.is_null(), entry.metric.is_known()),
        (
            entry.queue_backlog.is_null(),
            entry.queue_backlog.is_known(),
        ),
        (
            entry.custom_metric.is_null(),
            entry.custom_metric.is_known(),
        ),
        (entry.metric_math.is_null(), entry.metric_math.is_known()),
    ];
    let written = kinds.iter().filter(|(_, is_known)| *is_known).count();
    if written > 1 || kinds.iter().all(|(is_null, _)| *is_null) {
        let many = if written == 0 {
            "no metric"
        } else {
            "more than one metric"
        };
        found.push(Rule::OneMetric.error(
            path.clone(),
            format!("The policy `{name}` has {many}"),
            "Set exactly one of `metric`, `queue_backlog`, `custom_metric` and `metric_math`.",
        ));
    }
    if let Some(metric) = entry.metric.known()
        && let Some(other) = metrics.insert(metric, name)
    {
        found.push(Rule::Twice.error(
            path.clone().attribute("metric"),
            format!("`{other}` and `{name}` track the same metric"),
            "AWS allows one target tracking policy for each of its own metrics. Remove one of the two.",
        ));
    }
    counted_at(
        path,
        &entry.metric,
        [&entry.load_balancer_arn, &entry.target_group_arn],
        found,
    );
    percent(path, &entry.metric, &entry.target, found);
}

/// Requests are counted somewhere; nothing else is.
fn counted_at(
    path: &Path,
    metric: &Attr<Metric>,
    [load_balancer, target_group]: [&Attr<String>; 2],
    found: &mut Vec<Diagnostic>,
) {
    let is_requests = *metric == Attr::Known(Metric::RequestsPerTarget);
    let arns = [
        ("load_balancer_arn", load_balancer),
        ("target_group_arn", target_group),
    ];
    for (attribute, arn) in arns {
        if is_requests && arn.is_null() {
            found.push(Rule::OneMetric.error(
                path.clone().attribute(attribute),
                format!("`{attribute}` is missing"),
                "`requests_per_target` counts the requests of one target group of one load balancer. Set both.",
            ));
        } else if !is_requests && arn.is_known() && !metric.is_unknown() {
            found.push(Rule::OneMetric.error(
                path.clone().attribute(attribute),
                format!("`{attribute}` has no effect here"),
                "Only `metric = \"requests_per_target\"` uses a target group. Remove it.",
            ));
        }
    }
}

fn percent(path: &Path, metric: &Attr<Metric>, target: &Attr<Number>, found: &mut Vec<Diagnostic>) {
    let is_percent = metric.known().is_some_and(|metric| match metric {
        Metric::Cpu | Metric::CpuHighResolution | Metric::Memory | Metric::MemoryHighResolution => {
            true
        }
        Metric::RequestsPerTarget | Metric::Unknown(_) => false,
    });
    if let (true, Some(target)) = (is_percent, target.known())
        && *target > Number::from(100)
    {
        found.push(Rule::Target.error(
            path.clone().attribute("target"),
            format!("The target {target} is above 100 percent"),
            "The metric is a percentage of what is reserved, on average over all tasks. With a target that it \
             hardly ever reaches, the policy never adds a task. Use at most 100.",
        ));
    }
}

fn steps(path: &Path, entry: &StepPolicyModel, found: &mut Vec<Diagnostic>) {
    let is_percent = entry.adjustment_type == Attr::Known(AdjustmentWord::PercentChangeInCapacity);
    if entry.min_adjustment_magnitude.is_known()
        && !is_percent
        && !entry.adjustment_type.is_unknown()
    {
        found.push(Rule::Steps.error(
            path.clone().attribute("min_adjustment_magnitude"),
            "`min_adjustment_magnitude` has no effect here",
            "Only percentages can result in adjustments that are too small. Remove it, or set `adjustment_type = \
             \"PercentChangeInCapacity\"`.",
        ));
    }
    let Some(steps) = entry.steps.known() else {
        return;
    };
    let parsed: Option<Vec<_>> = steps
        .iter()
        .map(|step| wanted::adjustment(step.known()?))
        .collect();
    let Some(mut steps) = parsed else {
        return;
    };
    let path = path.clone().attribute("steps");
    let mut wrong = |summary: &str, detail: &str| {
        found.push(Rule::Steps.error(path.clone(), summary, detail));
    };
    let low = |bound: Option<f64>| bound.unwrap_or(f64::NEG_INFINITY);
    let high = |bound: Option<f64>| bound.unwrap_or(f64::INFINITY);
    steps.sort_by(|a, b| low(a.lower).total_cmp(&low(b.lower)));
    if steps
        .iter()
        .any(|step| step.lower.is_none() && step.upper.is_none())
    {
        wrong(
            "A step has neither `lower` nor `upper`",
            "AWS requires one of them. For a policy that only adds tasks set `lower = 0`; for one that only removes \
             them set `upper = 0`.",
        );
        return;
    }
    if steps.iter().any(|step| low(step.lower) >= high(step.upper)) {
        wrong(
            "A step ends before it begins",
            "Its `lower` is not below its `upper`. Swap or change them.",
        );
        return;
    }
    for (one, next) in steps.iter().zip(steps.iter().skip(1)) {
        let (end, start) = (high(one.upper), low(next.lower));
        if end > start {
            wrong(
                "Two steps overlap",
                "For some values both would apply. Let each step begin where the previous one ends.",
            );
            return;
        }
        if end < start {
            wrong(
                "There is a gap between two steps",
                "The values in between have no step, which AWS refuses. Let each step begin where the previous one \
                 ends; a step with `adjustment = 0` does nothing.",
            );
            return;
        }
    }
}

fn predictive(path: &Path, entry: &PredictiveModel, found: &mut Vec<Diagnostic>) {
    let metric = entry.metric.clone().map(Metric::from);
    counted_at(
        path,
        &metric,
        [&entry.load_balancer_arn, &entry.target_group_arn],
        found,
    );
    percent(path, &metric, &entry.target, found);
    let increases = match &entry.max_capacity_breach {
        Attr::Unknown => return,
        Attr::Null => false,
        Attr::Known(word) => *word == Breach::IncreaseMaxCapacity,
    };
    let buffer = &entry.max_capacity_buffer;
    let path = path.clone().attribute("max_capacity_buffer");
    if increases && buffer.is_null() {
        found.push(Rule::Buffer.error(
            path,
            "`max_capacity_buffer` is missing",
            "With `IncreaseMaxCapacity` AWS may exceed `max_capacity` up to this many percent above the forecast. \
             Set a number from 0 to 100.",
        ));
    } else if !increases && !buffer.is_null() {
        found.push(Rule::Buffer.error(
            path,
            "`max_capacity_buffer` has no effect here",
            "The forecast never exceeds the upper bound. Remove it, or set `max_capacity_breach = \
             \"IncreaseMaxCapacity\"`.",
        ));
    }
}

fn alarm(
    config: &Model,
    path: &Path,
    name: &str,
    entry: &StepPolicyModel,
    found: &mut Vec<Diagnostic>,
) {
    let Some(alarm) = entry.alarm.known() else {
        return;
    };
    let path = path.clone().attribute("alarm");
    if let (Some(points), Some(periods)) = (
        alarm.datapoints_to_alarm.known(),
        alarm.evaluation_periods.known(),
    ) && points > periods
    {
        found.push(Rule::Alarm.error(
            path.clone().attribute("datapoints_to_alarm"),
            "More data points must breach than are evaluated",
            format!("`datapoints_to_alarm` is {points}, `evaluation_periods` is {periods}. Lower the first or raise the second."),
        ));
    }
    let length = wanted::service_ref(config)
        .map(|service| wanted::alarm_name(&service, name).chars().count());
    if length.is_some_and(|length| length > 255) {
        found.push(Rule::Alarm.error(
            path,
            "The alarm's name would be too long",
            "It consists of the names of cluster, service and policy, and AWS allows 255 characters. Give the \
             policy a shorter name.",
        ));
    }
}

fn schedule(path: &Path, entry: &ScheduleModel, found: &mut Vec<Diagnostic>) {
    if entry.min_capacity.is_null() && entry.max_capacity.is_null() {
        found.push(Rule::Schedule.error(
            path.clone(),
            "The schedule changes nothing",
            "It has neither `min_capacity` nor `max_capacity`. Add one of them or both.",
        ));
    }
    if let (Some(min), Some(max)) = (entry.min_capacity.known(), entry.max_capacity.known())
        && min > max
    {
        found.push(crossed(path.clone().attribute("min_capacity"), *min, *max));
    }
    let expression = entry
        .schedule
        .known()
        .map(|text| (text, ScheduleExpression::parse(text)));
    if let Some((text, Err(why))) = &expression {
        found.push(Rule::Schedule.error(
            path.clone().attribute("schedule"),
            format!("`{text}` is not a schedule"),
            format!(
                "AWS would refuse it: {why}. Examples are `cron(0 20 ? * MON-FRI *)`, `at(2030-01-31T18:00:00)` and \
                 `rate(12 hours)`."
            ),
        ));
    }
    if let Some(zone) = entry.timezone.known()
        && let Err(why) = time_zone(Some(zone))
    {
        found.push(Rule::Schedule.error(
            path.clone().attribute("timezone"),
            format!("`{zone}` is not a time zone"),
            format!("AWS uses names of time zones such as `Europe/Berlin`; {why}."),
        ));
    }
    let moment = |time: &Attr<String>| time.known()?.parse::<Timestamp>().ok();
    if let (Some(start), Some(end)) = (moment(&entry.start_time), moment(&entry.end_time))
        && start >= end
    {
        found.push(Rule::Schedule.error(
            path.clone().attribute("end_time"),
            "The schedule ends before it begins",
            "`end_time` is not after `start_time`, so it would never have an effect. Change one of them.",
        ));
    } else if let Some((text, Ok(expression))) = &expression {
        never_fires(path, entry, (text, expression), found);
    }
}

/// What can be told without knowing when it is applied: the plan asks again, from then on.
fn never_fires(
    path: &Path,
    entry: &ScheduleModel,
    (text, expression): (&str, &ScheduleExpression),
    found: &mut Vec<Diagnostic>,
) {
    fn moment(time: &Attr<String>) -> Option<Option<Timestamp>> {
        match time {
            Attr::Unknown => None,
            Attr::Null => Some(None),
            Attr::Known(text) => text.parse().ok().map(Some),
        }
    }
    let zone = match &entry.timezone {
        Attr::Unknown => return,
        Attr::Null => time_zone(None),
        Attr::Known(name) => time_zone(Some(name)),
    };
    let (Ok(zone), Some(start), Some(end)) =
        (zone, moment(&entry.start_time), moment(&entry.end_time))
    else {
        return;
    };
    let begin = Timestamp::UNIX_EPOCH;
    if expression.next_after(begin, &zone, begin).is_none() {
        found.push(Rule::NeverFires.error(
            path.clone().attribute("schedule"),
            format!("`{text}` never fires"),
            "There is no such day, so the bounds would never change. Use days that exist.",
        ));
        return;
    }
    let firings = Firings {
        expression,
        zone: &zone,
        created: begin,
        start,
        end,
    };
    if firings.next_after(begin).is_none() {
        found.push(Rule::NeverFires.error(
            path.clone().attribute("schedule"),
            format!("`{text}` never fires between `start_time` and `end_time`"),
            "The bounds would never change. Change the times, or remove `start_time` and `end_time`, which a \
             schedule for one time does not need.",
        ));
    }
}
