//! Alarms: what they are, and how they are shown, deleted, switched and set.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::composite::Rule;
use super::fields::Fields;
use super::history::{self, Kind};
use super::math::Expression;
use super::metrics::Metric;
use super::statistic::Statistic;
use super::{State, errors, evaluation, paging};
use crate::ApiError;
use crate::state::State as World;

/// The three states of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AlarmState {
    Ok,
    Alarm,
    InsufficientData,
}

impl AlarmState {
    /// The wire word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    /// Reads a wire word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "OK" => Some(Self::Ok),
            "ALARM" => Some(Self::Alarm),
            "INSUFFICIENT_DATA" => Some(Self::InsufficientData),
            _ => None,
        }
    }
}

/// What a missing data point counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TreatMissing {
    Breaching,
    NotBreaching,
    Ignore,
    Missing,
}

impl TreatMissing {
    /// Reads a wire word; `None` for one CloudWatch refuses.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "breaching" => Some(Self::Breaching),
            "notBreaching" => Some(Self::NotBreaching),
            "ignore" => Some(Self::Ignore),
            "missing" => Some(Self::Missing),
            _ => None,
        }
    }
}

/// How a value is held against the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    GreaterOrEqual,
    Greater,
    Less,
    LessOrEqual,
    /// The three anomaly-band comparisons: accepted and shown, never breached, because no band is learned here.
    Band,
}

impl Comparison {
    /// Reads a wire word; `None` for one CloudWatch refuses.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "GreaterThanOrEqualToThreshold" => Some(Self::GreaterOrEqual),
            "GreaterThanThreshold" => Some(Self::Greater),
            "LessThanThreshold" => Some(Self::Less),
            "LessThanOrEqualToThreshold" => Some(Self::LessOrEqual),
            "LessThanLowerOrGreaterThanUpperThreshold"
            | "LessThanLowerThreshold"
            | "GreaterThanUpperThreshold" => Some(Self::Band),
            _ => None,
        }
    }

    /// Whether `value` breaches `threshold`.
    pub(crate) fn breached(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::GreaterOrEqual => value >= threshold,
            Self::Greater => value > threshold,
            Self::Less => value < threshold,
            Self::LessOrEqual => value <= threshold,
            Self::Band => false,
        }
    }
}

/// Where an alarm's values come from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// One metric.
    Metric {
        metric: Metric,
        statistic: Statistic,
        unit: Option<String>,
    },
    /// Metric queries, of which one returns data.
    Queries(Vec<Query>),
}

/// One metric query of an alarm or of `GetMetricData`.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) id: String,
    pub(crate) label: Option<String>,
    pub(crate) returns: bool,
    pub(crate) kind: QueryKind,
}

/// A query is a metric or an expression over the other queries.
#[derive(Debug, Clone)]
pub(crate) enum QueryKind {
    Metric {
        metric: Metric,
        statistic: Statistic,
        unit: Option<String>,
        period_seconds: i64,
    },
    Expression {
        expression: Expression,
        text: String,
        period_seconds: Option<i64>,
    },
}

/// What decides an alarm's state.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    Metric(MetricCondition),
    Composite(Rule),
}

/// The condition of a metric alarm.
#[derive(Debug, Clone)]
pub(crate) struct MetricCondition {
    pub(crate) source: Source,
    pub(crate) comparison: Comparison,
    pub(crate) threshold: f64,
    pub(crate) period_seconds: i64,
    /// N: how many periods are looked at.
    pub(crate) evaluation_periods: i64,
    /// M: how many of them must breach.
    pub(crate) datapoints_to_alarm: i64,
    pub(crate) missing: TreatMissing,
}

/// An alarm.
#[derive(Debug, Clone)]
pub(crate) struct Alarm {
    pub(crate) name: String,
    pub(crate) arn: String,
    /// The settings as `DescribeAlarms` shows them.
    pub(crate) settings: Map<String, Value>,
    pub(crate) condition: Condition,
    pub(crate) actions_enabled: bool,
    pub(crate) standing: AlarmEvaluation,
    pub(crate) updated: i64,
    /// When it is evaluated next (epoch milliseconds); composite alarms follow their children instead.
    pub(crate) due: Option<i64>,
    pub(crate) tags: BTreeMap<String, String>,
}

/// The state an alarm is in, since when and why.
#[derive(Debug, Clone)]
pub(crate) struct AlarmEvaluation {
    pub(crate) state: AlarmState,
    pub(crate) reason: String,
    pub(crate) data: Option<String>,
    pub(crate) updated: i64,
    pub(crate) transitioned: i64,
    /// Set by hand: lasts until an evaluation has data of its own.
    pub(crate) by_hand: bool,
}

impl Alarm {
    pub(super) fn state(&self) -> AlarmState {
        self.standing.state
    }

    pub(super) fn due(&self) -> Option<i64> {
        self.due
    }

    /// The ARNs to act on when the alarm is in that state.
    pub(super) fn actions(&self, state: AlarmState) -> Vec<String> {
        let member = match state {
            AlarmState::Ok => "OKActions",
            AlarmState::Alarm => "AlarmActions",
            AlarmState::InsufficientData => "InsufficientDataActions",
        };
        let listed = self
            .settings
            .get(member)
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        listed
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }

    fn is_composite(&self) -> bool {
        matches!(self.condition, Condition::Composite(_))
    }

    /// The wire form.
    fn json(&self) -> Value {
        let mut shown = self.settings.clone();
        let mut set = |name: &str, value: Value| shown.insert(name.to_owned(), value);
        set("AlarmName", json!(self.name));
        set("AlarmArn", json!(self.arn));
        set("ActionsEnabled", json!(self.actions_enabled));
        set("AlarmConfigurationUpdatedTimestamp", seconds(self.updated));
        set("StateValue", json!(self.standing.state.word()));
        set("StateReason", json!(self.standing.reason));
        if let Some(data) = &self.standing.data {
            set("StateReasonData", json!(data));
        }
        set("StateUpdatedTimestamp", seconds(self.standing.updated));
        set(
            "StateTransitionedTimestamp",
            seconds(self.standing.transitioned),
        );
        Value::Object(shown)
    }
}

/// Epoch milliseconds as the wire's epoch seconds.
pub(super) fn seconds(millis: i64) -> Value {
    json!(crate::Timestamp::from_millis(millis))
}

/// `DescribeAlarms`, 100 a page. Without `AlarmTypes` only metric alarms are shown, as CloudWatch does.
pub(super) fn describe(state: &State, input: Fields<'_>) -> Result<Value, ApiError> {
    let types = input.texts("AlarmTypes");
    let (names, prefix) = (input.texts("AlarmNames"), input.filled("AlarmNamePrefix"));
    if !names.is_empty() && prefix.is_some() {
        return Err(errors::combination(
            "AlarmNames and AlarmNamePrefix must not be specified at the same time.",
        ));
    }
    let wanted_type = |alarm: &Alarm| {
        if alarm.is_composite() {
            types.iter().any(|kind| kind == "CompositeAlarm")
        } else {
            types.is_empty() || types.iter().any(|kind| kind == "MetricAlarm")
        }
    };
    let fits = |alarm: &&Alarm| {
        wanted_type(alarm)
            && (names.is_empty() || names.contains(&alarm.name))
            && prefix.is_none_or(|prefix| alarm.name.starts_with(prefix))
            && input
                .filled("StateValue")
                .is_none_or(|word| word == alarm.state().word())
            && input
                .filled("ActionPrefix")
                .is_none_or(|prefix| acts_on(alarm, prefix))
            && input
                .filled("ChildrenOfAlarmName")
                .is_none_or(|parent| is_child(state, parent, &alarm.name))
            && input
                .filled("ParentsOfAlarmName")
                .is_none_or(|child| is_child(state, &alarm.name, child))
    };
    let all: Vec<&Alarm> = state.alarms.values().filter(fits).collect();
    let size = paging::size(input.integer("MaxRecords"), 100);
    let (page, next) = paging::page(all, input.filled("NextToken"), size)?;
    let (composite, metric): (Vec<&Alarm>, Vec<&Alarm>) =
        page.into_iter().partition(|alarm| alarm.is_composite());
    let mut answer = json!({
        "MetricAlarms": metric.into_iter().map(Alarm::json).collect::<Vec<_>>(),
        "CompositeAlarms": composite.into_iter().map(Alarm::json).collect::<Vec<_>>(),
    });
    paging::set_next(&mut answer, "NextToken", next);
    Ok(answer)
}

fn acts_on(alarm: &Alarm, prefix: &str) -> bool {
    [
        AlarmState::Ok,
        AlarmState::Alarm,
        AlarmState::InsufficientData,
    ]
    .into_iter()
    .flat_map(|state| alarm.actions(state))
    .any(|arn| arn.starts_with(prefix))
}

fn is_child(state: &State, parent: &str, child: &str) -> bool {
    match state.alarms.get(parent).map(|alarm| &alarm.condition) {
        Some(Condition::Composite(rule)) => rule.children().iter().any(|name| name == child),
        Some(Condition::Metric(_)) | None => false,
    }
}

/// `DescribeAlarmsForMetric`.
pub(super) fn describe_for_metric(state: &State, input: Fields<'_>) -> Result<Value, ApiError> {
    input
        .filled("MetricName")
        .ok_or_else(|| errors::missing("MetricName"))?;
    input
        .filled("Namespace")
        .ok_or_else(|| errors::missing("Namespace"))?;
    let metric = Metric::read(input);
    let fits = |alarm: &&Alarm| match &alarm.condition {
        Condition::Metric(MetricCondition {
            source: Source::Metric { metric: of, .. },
            period_seconds,
            ..
        }) => {
            *of == metric
                && input
                    .integer("Period")
                    .is_none_or(|period| period == *period_seconds)
        }
        Condition::Metric(_) | Condition::Composite(_) => false,
    };
    let alarms: Vec<Value> = state
        .alarms
        .values()
        .filter(fits)
        .map(Alarm::json)
        .collect();
    Ok(json!({"MetricAlarms": alarms}))
}

/// `DeleteAlarms`: all or nothing; one unknown name refuses the call.
pub(super) fn delete(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let names = input.texts("AlarmNames");
    if let Some(unknown) = names
        .iter()
        .find(|name| !world.cloudwatch.alarms.contains_key(*name))
    {
        return Err(errors::not_found(format!("Alarm {unknown} does not exist")));
    }
    for name in &names {
        remove(world, name);
    }
    Ok(json!({}))
}

/// Deletes one alarm, if it exists.
pub(super) fn remove(world: &mut World, name: &str) {
    if world.cloudwatch.alarms.remove(name).is_some() {
        history::note(
            world,
            name,
            Kind::Configuration,
            format!("Alarm \"{name}\" deleted"),
        );
    }
}

/// `EnableAlarmActions` and `DisableAlarmActions`; unknown names are passed over, as CloudWatch does.
pub(super) fn enable_actions(world: &mut World, input: Fields<'_>, enabled: bool) -> Value {
    for name in input.texts("AlarmNames") {
        if let Some(alarm) = world.cloudwatch.alarms.get_mut(&name) {
            alarm.actions_enabled = enabled;
            history::note(
                world,
                &name,
                Kind::Configuration,
                format!("Alarm \"{name}\" updated"),
            );
        }
    }
    json!({})
}

/// `SetAlarmState`: lasts until the next evaluation that has data to say otherwise; actions run as for a real change.
pub(super) fn set_state(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let name = input
        .filled("AlarmName")
        .ok_or_else(|| errors::missing("AlarmName"))?;
    let word = input
        .filled("StateValue")
        .ok_or_else(|| errors::missing("StateValue"))?;
    let reason = input
        .text("StateReason")
        .ok_or_else(|| errors::missing("StateReason"))?;
    let state = AlarmState::parse(word).ok_or_else(|| {
        errors::validation(format!(
            "Value '{word}' at 'stateValue' failed to satisfy constraint"
        ))
    })?;
    if !world.cloudwatch.alarms.contains_key(name) {
        return Err(errors::not_found(format!("Alarm {name} does not exist")));
    }
    let data = input.filled("StateReasonData").map(str::to_owned);
    evaluation::move_to(world, name, state, reason.to_owned(), data);
    if let Some(alarm) = world.cloudwatch.alarms.get_mut(name) {
        alarm.standing.by_hand = true;
    }
    evaluation::follow_up(world, name);
    Ok(json!({}))
}
