//! Rules across attributes that need no AWS: checked by `terraform validate`, without credentials.
//!
//! Unknown values are valid: they are checked again when they are known.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use switchyard_engine::ports::{Firings, ScheduleExpression, time_zone};
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::value::{Attr, Number, Path};

use super::desired;
use super::model::{
    Blocks, MathModel, Model, Named, PredictiveModel, ScheduledActionModel, StepPolicyModel,
    TrackingModel, known_blocks,
};
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

/// A block that is looked at. Blocks of a set have no address, so messages say which one is meant.
#[derive(Clone, Copy)]
struct Block<'a> {
    /// The name of all of its kind.
    kind: &'static str,
    name: &'a str,
}

impl Block<'_> {
    fn path(self) -> Path {
        Path::root().attribute(self.kind)
    }

    fn error(self, rule: Rule, summary: impl fmt::Display, detail: impl AsRef<str>) -> Diagnostic {
        let Self { kind, name } = self;
        let what = if kind == SCHEDULED_ACTION {
            "Scheduled action"
        } else {
            "Policy"
        };
        rule.error(self.path(), format!("{what} `{name}`: {summary}"), detail)
    }
}

const SCHEDULED_ACTION: &str = "scheduled_action";

/// The known blocks of one kind.
fn each<'a, T: Named>(
    kind: &'static str,
    blocks: &'a Blocks<T>,
) -> impl Iterator<Item = (Block<'a>, &'a T)> {
    known_blocks(blocks).map(move |(name, entry)| (Block { kind, name }, entry))
}

/// All violations of a configuration, as far as its values are known.
pub(super) fn validate(config: &Model) -> Diagnostics {
    let mut found = Vec::new();
    bounds(config, &mut found);
    amount(config, &mut found);
    names(config, &mut found);
    let mut metrics = BTreeMap::new();
    for (block, entry) in each("target_tracking", &config.target_tracking) {
        tracker(block, entry, &mut metrics, &mut found);
    }
    for (block, entry) in each("step", &config.step) {
        steps(block, entry, &mut found);
        alarm(config, block, entry, &mut found);
    }
    for (block, entry) in each("predictive", &config.predictive) {
        predictive(block, entry, &mut found);
    }
    for (block, entry) in each(SCHEDULED_ACTION, &config.scheduled_action) {
        schedule(block, entry, &mut found);
    }
    found.into_iter().collect()
}

fn bounds(config: &Model, found: &mut Vec<Diagnostic>) {
    if let (Some(min), Some(max)) = (config.min_capacity.known(), config.max_capacity.known())
        && min > max
    {
        let path = Path::root().attribute("min_capacity");
        found.push(Rule::Bounds.error(path, crossed(*min, *max), CROSSED));
    }
}

const CROSSED: &str = "No number of tasks lies between them. Swap or change them.";

fn crossed(min: i64, max: i64) -> String {
    format!("`min_capacity` ({min}) is above `max_capacity` ({max})")
}

/// Nothing at all, or more than AWS takes.
fn amount(config: &Model, found: &mut Vec<Diagnostic>) {
    /// How many blocks there are; none when that is unknown.
    fn length<T>(blocks: &Blocks<T>) -> Option<usize> {
        Some(blocks.settled(|blocks| Some(blocks.len()))?.unwrap_or(0))
    }
    let policies = [
        length(&config.target_tracking),
        length(&config.step),
        length(&config.predictive),
    ];
    let actions = length(&config.scheduled_action);
    if policies
        .iter()
        .chain([&actions])
        .all(|length| *length == Some(0))
    {
        found.push(Rule::Nothing.error(
            Path::root(),
            "Nothing scales the service",
            "There is no policy and no scheduled action, so the bounds have no effect. Add `target_tracking`, `step`, \
             `predictive` or `scheduled_action`.",
        ));
    }
    let policies: usize = policies.into_iter().flatten().sum();
    if policies > 50 {
        found.push(Rule::TooMany.error(
            Path::root(),
            format!("{policies} policies are too many"),
            "AWS allows 50 policies for one service. Remove some.",
        ));
    }
}

/// One name, one policy; one name, one scheduled action.
fn names(config: &Model, found: &mut Vec<Diagnostic>) {
    fn all<'a, T: Named>(
        kind: &'static str,
        blocks: &'a Blocks<T>,
    ) -> impl Iterator<Item = Block<'a>> {
        each(kind, blocks).map(|(block, _)| block)
    }
    let policies = all("target_tracking", &config.target_tracking)
        .chain(all("step", &config.step))
        .chain(all("predictive", &config.predictive));
    let actions = all(SCHEDULED_ACTION, &config.scheduled_action);
    twice(policies, "policies", found);
    twice(actions, "scheduled actions", found);
}

fn twice<'a>(blocks: impl Iterator<Item = Block<'a>>, what: &str, found: &mut Vec<Diagnostic>) {
    let mut places = BTreeMap::new();
    for Block { kind, name } in blocks {
        let Some(other) = places.insert(name, kind) else {
            continue;
        };
        let where_they_are = if other == kind {
            format!("Both are in `{kind}`")
        } else {
            format!("One is in `{other}`, one in `{kind}`")
        };
        found.push(Rule::Twice.error(
            Path::root().attribute(kind),
            format!("Two {what} have the name `{name}`"),
            format!(
                "{where_they_are}; AWS identifies {what} by their name and would keep only one of them. Rename one."
            ),
        ));
    }
}

fn tracker<'a>(
    block: Block<'a>,
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
        found.push(block.error(
            Rule::OneMetric,
            format!("it has {many}"),
            "Set exactly one of `metric`, `queue_backlog`, `custom_metric` and `metric_math`.",
        ));
    }
    if let Some(metric) = entry.metric.known()
        && let Some(other) = metrics.insert(metric, block.name)
    {
        found.push(block.error(
            Rule::Twice,
            format!("it tracks the same metric as `{other}`"),
            "AWS allows one target tracking policy for each of its own metrics. Remove one of the two.",
        ));
    }
    counted_at(
        block,
        &entry.metric,
        [&entry.load_balancer_arn, &entry.target_group_arn],
        found,
    );
    percent(block, &entry.metric, &entry.target_value, found);
    if let Some(math) = entry.metric_math.known() {
        queries(block, math, found);
    }
}

/// One id, one metric of an expression.
fn queries(block: Block<'_>, math: &MathModel, found: &mut Vec<Diagnostic>) {
    let mut ids = BTreeSet::new();
    for (id, _) in known_blocks(&math.metric) {
        if !ids.insert(id) {
            found.push(block.error(
                Rule::Twice,
                format!("two metrics of its expression have the id `{id}`"),
                "The expression names its metrics by their ids. Give each `metric` an id of its own.",
            ));
        }
    }
}

/// Requests are counted somewhere; nothing else is.
fn counted_at(
    block: Block<'_>,
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
            found.push(block.error(
                Rule::OneMetric,
                format!("`{attribute}` is missing"),
                "`requests_per_target` counts the requests of one target group of one load balancer. Set both.",
            ));
        } else if !is_requests && arn.is_known() && !metric.is_unknown() {
            found.push(block.error(
                Rule::OneMetric,
                format!("`{attribute}` has no effect here"),
                "Only `metric = \"requests_per_target\"` uses a target group. Remove it.",
            ));
        }
    }
}

fn percent(
    block: Block<'_>,
    metric: &Attr<Metric>,
    target: &Attr<Number>,
    found: &mut Vec<Diagnostic>,
) {
    let is_percent = metric.known().is_some_and(|metric| match metric {
        Metric::Cpu | Metric::CpuHighResolution | Metric::Memory | Metric::MemoryHighResolution => {
            true
        }
        Metric::RequestsPerTarget | Metric::Unknown(_) => false,
    });
    if let (true, Some(target)) = (is_percent, target.known())
        && *target > Number::from(100)
    {
        found.push(block.error(
            Rule::Target,
            format!("its target {target} is above 100 percent"),
            "The metric is a percentage of what is reserved, on average over all tasks. With a target that it \
             hardly ever reaches, the policy never adds a task. Use at most 100.",
        ));
    }
}

fn steps(block: Block<'_>, entry: &StepPolicyModel, found: &mut Vec<Diagnostic>) {
    let is_percent = entry.adjustment_type == Attr::Known(AdjustmentWord::PercentChangeInCapacity);
    if entry.min_adjustment_magnitude.is_known()
        && !is_percent
        && !entry.adjustment_type.is_unknown()
    {
        found.push(block.error(
            Rule::Steps,
            "`min_adjustment_magnitude` has no effect here",
            "Only percentages can result in adjustments that are too small. Remove it, or set `adjustment_type = \
             \"PercentChangeInCapacity\"`.",
        ));
    }
    let Some(steps) = entry.step_adjustment.known() else {
        return;
    };
    let parsed: Option<Vec<_>> = steps
        .iter()
        .map(|step| desired::adjustment(step.known()?))
        .collect();
    let Some(mut steps) = parsed else {
        return;
    };
    let mut wrong = |summary: &str, detail: &str| {
        found.push(block.error(Rule::Steps, summary, detail));
    };
    let low = |bound: Option<f64>| bound.unwrap_or(f64::NEG_INFINITY);
    let high = |bound: Option<f64>| bound.unwrap_or(f64::INFINITY);
    steps.sort_by(|a, b| low(a.lower).total_cmp(&low(b.lower)));
    if steps
        .iter()
        .any(|step| step.lower.is_none() && step.upper.is_none())
    {
        wrong(
            "a step has no bound",
            "AWS requires one of them. For a policy that only adds tasks set `metric_interval_lower_bound = 0`; for \
             one that only removes them set `metric_interval_upper_bound = 0`.",
        );
        return;
    }
    if steps.iter().any(|step| low(step.lower) >= high(step.upper)) {
        wrong(
            "a step ends before it begins",
            "Its `metric_interval_lower_bound` is not below its `metric_interval_upper_bound`. Swap or change them.",
        );
        return;
    }
    for (one, next) in steps.iter().zip(steps.iter().skip(1)) {
        let (end, start) = (high(one.upper), low(next.lower));
        if end > start {
            wrong(
                "two steps overlap",
                "For some values both would apply. Let each step begin where the previous one ends.",
            );
            return;
        }
        if end < start {
            wrong(
                "there is a gap between two steps",
                "The values in between have no step, which AWS refuses. Let each step begin where the \
                 previous one ends; a step with `scaling_adjustment = 0` does nothing.",
            );
            return;
        }
    }
}

fn predictive(block: Block<'_>, entry: &PredictiveModel, found: &mut Vec<Diagnostic>) {
    let metric = entry.metric.clone().map(Metric::from);
    counted_at(
        block,
        &metric,
        [&entry.load_balancer_arn, &entry.target_group_arn],
        found,
    );
    percent(block, &metric, &entry.target_value, found);
    let increases = match &entry.max_capacity_breach_behavior {
        Attr::Unknown => return,
        Attr::Null => false,
        Attr::Known(word) => *word == Breach::IncreaseMaxCapacity,
    };
    let buffer = &entry.max_capacity_buffer;
    if increases && buffer.is_null() {
        found.push(block.error(
            Rule::Buffer,
            "`max_capacity_buffer` is missing",
            "With `IncreaseMaxCapacity` AWS may exceed `max_capacity` up to this many percent above the forecast. \
             Set a number from 0 to 100.",
        ));
    } else if !increases && buffer.is_known() {
        found.push(block.error(
            Rule::Buffer,
            "`max_capacity_buffer` has no effect here",
            "The forecast never exceeds the upper bound. Remove it, or set `max_capacity_breach_behavior = \
             \"IncreaseMaxCapacity\"`.",
        ));
    }
}

fn alarm(config: &Model, block: Block<'_>, entry: &StepPolicyModel, found: &mut Vec<Diagnostic>) {
    let Some(alarm) = entry.alarm.known() else {
        return;
    };
    if let (Some(points), Some(periods)) = (
        alarm.datapoints_to_alarm.known(),
        alarm.evaluation_periods.known(),
    ) && points > periods
    {
        found.push(block.error(
            Rule::Alarm,
            "more data points must breach than are evaluated",
            format!("`datapoints_to_alarm` is {points}, `evaluation_periods` is {periods}. Lower the first or raise the second."),
        ));
    }
    let length = desired::service_ref(config)
        .map(|service| desired::alarm_name(&service, block.name).chars().count());
    if length.is_some_and(|length| length > 255) {
        found.push(block.error(
            Rule::Alarm,
            "the alarm's name would be too long",
            "It consists of the names of cluster, service and policy, and AWS allows 255 characters. Give the policy a \
             shorter name.",
        ));
    }
}

fn schedule(block: Block<'_>, entry: &ScheduledActionModel, found: &mut Vec<Diagnostic>) {
    if entry.min_capacity.is_null() && entry.max_capacity.is_null() {
        found.push(block.error(
            Rule::Schedule,
            "it changes nothing",
            "It has neither `min_capacity` nor `max_capacity`. Add one of them or both.",
        ));
    }
    if let (Some(min), Some(max)) = (entry.min_capacity.known(), entry.max_capacity.known())
        && min > max
    {
        found.push(block.error(Rule::Bounds, crossed(*min, *max), CROSSED));
    }
    let expression = entry
        .schedule
        .known()
        .map(|text| (text, ScheduleExpression::parse(text)));
    if let Some((text, Err(why))) = &expression {
        found.push(block.error(
            Rule::Schedule,
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
        found.push(block.error(
            Rule::Schedule,
            format!("`{zone}` is not a time zone"),
            format!("AWS uses names of time zones such as `Europe/Berlin`; {why}."),
        ));
    }
    let moment = |time: &Attr<String>| time.known()?.parse::<Timestamp>().ok();
    if let (Some(start), Some(end)) = (moment(&entry.start_time), moment(&entry.end_time))
        && start >= end
    {
        found.push(block.error(
            Rule::Schedule,
            "it ends before it begins",
            "`end_time` is not after `start_time`, so it would never have an effect. Change one of them.",
        ));
    } else if let Some((text, Ok(expression))) = &expression {
        never_fires(block, entry, (text, expression), found);
    }
}

/// What can be told without knowing when it is applied: the plan asks again, from then on.
fn never_fires(
    block: Block<'_>,
    entry: &ScheduledActionModel,
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
        found.push(block.error(
            Rule::NeverFires,
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
        found.push(block.error(
            Rule::NeverFires,
            format!("`{text}` never fires between `start_time` and `end_time`"),
            "The bounds would never change. Change the times, or remove `start_time` and `end_time`, which a \
             schedule for one time does not need.",
        ));
    }
}
