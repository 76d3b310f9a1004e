//! `PutMetricAlarm` and `PutCompositeAlarm`: reading, checking and storing an alarm.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::alarm::{
    Alarm, AlarmEvaluation, AlarmState, Comparison, Condition, MetricCondition, Source,
    TreatMissing,
};
use super::composite::Rule;
use super::fields::Fields;
use super::history::{self, Kind};
use super::metrics::{Metric, dimensions_json};
use super::statistic::Statistic;
use super::{errors, evaluation, query, tags};
use crate::ApiError;
use crate::state::State as World;

/// `PutMetricAlarm`: creates, or replaces everything but state and tags.
pub(super) fn metric(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let name = name(input)?;
    if is_other_kind(world, &name, false) {
        return Err(errors::validation(format!(
            "A composite alarm named {name} exists already."
        )));
    }
    check_actions(input)?;
    let mut settings = common_settings(input);
    let condition = condition(input)?;
    show_condition(&mut settings, input, &condition);
    let period = condition.period_seconds;
    store(
        world,
        name.clone(),
        settings,
        Condition::Metric(condition),
        input,
    );
    let due = evaluation::next_due(world.now.millis(), period);
    if let Some(alarm) = world.cloudwatch.alarms.get_mut(&name) {
        alarm.due = Some(due);
    }
    Ok(json!({}))
}

/// `PutCompositeAlarm`: every alarm of the rule must exist; the first evaluation happens at once.
pub(super) fn composite(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let name = name(input)?;
    let text = input
        .filled("AlarmRule")
        .ok_or_else(|| errors::missing("AlarmRule"))?;
    let rule = Rule::parse(text)
        .map_err(|reason| errors::validation(format!("Invalid AlarmRule: {reason}")))?;
    if let Some(unknown) = rule
        .children()
        .iter()
        .find(|child| !world.cloudwatch.alarms.contains_key(*child))
    {
        return Err(errors::validation(format!(
            "Could not save the composite alarm as alarms [{unknown}] in the alarm rule do not exist"
        )));
    }
    if is_other_kind(world, &name, true) {
        return Err(errors::validation(format!(
            "A metric alarm named {name} exists already."
        )));
    }
    check_actions(input)?;
    let mut settings = common_settings(input);
    settings.insert("AlarmRule".to_owned(), json!(text));
    if let Some(suppressor) = input.filled("ActionsSuppressor") {
        settings.insert("ActionsSuppressor".to_owned(), json!(suppressor));
    }
    for member in [
        "ActionsSuppressorWaitPeriod",
        "ActionsSuppressorExtensionPeriod",
    ] {
        if let Some(seconds) = input.integer(member) {
            settings.insert(member.to_owned(), json!(seconds));
        }
    }
    store(world, name, settings, Condition::Composite(rule), input);
    evaluation::run_composites(world);
    Ok(json!({}))
}

fn name(input: Fields<'_>) -> Result<String, ApiError> {
    let name = input
        .filled("AlarmName")
        .ok_or_else(|| errors::missing("AlarmName"))?;
    if name.chars().count() > 255 {
        return Err(errors::validation(
            "1 validation error detected: Value at 'alarmName' failed to satisfy constraint: Member must have length less than or equal to 255",
        ));
    }
    Ok(name.to_owned())
}

fn is_other_kind(world: &World, name: &str, composite: bool) -> bool {
    match world
        .cloudwatch
        .alarms
        .get(name)
        .map(|alarm| &alarm.condition)
    {
        Some(Condition::Composite(_)) => !composite,
        Some(Condition::Metric(_)) => composite,
        None => false,
    }
}

/// The lists of what an alarm calls.
const ACTIONS: [&str; 3] = ["OKActions", "AlarmActions", "InsufficientDataActions"];

/// What an alarm calls is named by ARN: at most five of each.
fn check_actions(input: Fields<'_>) -> Result<(), ApiError> {
    for member in ACTIONS {
        let arns = input.texts(member);
        if arns.len() > 5 {
            return Err(errors::validation(format!(
                "{member} can have at most 5 items."
            )));
        }
        if let Some(other) = arns.iter().find(|arn| !is_arn(arn)) {
            return Err(errors::validation(format!("Invalid arn syntax: {other}")));
        }
    }
    Ok(())
}

/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
fn is_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [prefix, partition, service, _region, _account, resource] = parts.as_slice() else {
        return false;
    };
    *prefix == "arn"
        && ![partition, service, resource]
            .iter()
            .any(|part| part.is_empty())
}

fn common_settings(input: Fields<'_>) -> Map<String, Value> {
    let mut settings = Map::new();
    if let Some(description) = input.text("AlarmDescription") {
        settings.insert("AlarmDescription".to_owned(), json!(description));
    }
    for member in ACTIONS {
        settings.insert(member.to_owned(), json!(input.texts(member)));
    }
    settings
}

fn condition(input: Fields<'_>) -> Result<MetricCondition, ApiError> {
    let word = input
        .filled("ComparisonOperator")
        .ok_or_else(|| errors::missing("ComparisonOperator"))?;
    let comparison = Comparison::parse(word).ok_or_else(|| {
        errors::validation(format!("Value '{word}' at 'comparisonOperator' failed to satisfy constraint: Member must satisfy enum value set"))
    })?;
    let periods = input
        .integer("EvaluationPeriods")
        .ok_or_else(|| errors::missing("EvaluationPeriods"))?;
    let needed = input.integer("DatapointsToAlarm").unwrap_or(periods);
    if periods < 1 || !(1..=periods).contains(&needed) {
        return Err(errors::validation(
            "DatapointsToAlarm must be at least 1 and at most EvaluationPeriods.",
        ));
    }
    let threshold = match (
        input.float("Threshold"),
        input.filled("ThresholdMetricId"),
        comparison,
    ) {
        (Some(threshold), None, _) => threshold,
        (None, Some(_), Comparison::Band) => 0.0,
        _ => {
            return Err(errors::validation(
                "Exactly one of Threshold and ThresholdMetricId must be given; the latter goes with the anomaly detection comparisons alone.",
            ));
        }
    };
    let word = input.filled("TreatMissingData").unwrap_or("missing");
    let missing = TreatMissing::parse(word).ok_or_else(|| {
        errors::validation(format!(
            "The value {word} for parameter TreatMissingData is not supported."
        ))
    })?;
    let (source, period_seconds) = source(input)?;
    if periods.saturating_mul(period_seconds) > 7 * 86_400 {
        return Err(errors::validation(
            "Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800).",
        ));
    }
    Ok(MetricCondition {
        source,
        comparison,
        threshold,
        period_seconds,
        evaluation_periods: periods,
        datapoints_to_alarm: needed,
        missing,
    })
}

fn source(input: Fields<'_>) -> Result<(Source, i64), ApiError> {
    if !input.list("Metrics").is_empty() {
        if input.has("MetricName") || input.has("Statistic") {
            return Err(errors::combination(
                "Metrics list and MetricName, Namespace, Statistic, Period or Dimensions cannot be used together.",
            ));
        }
        let queries = query::read(input, "Metrics")?;
        if queries.iter().filter(|query| query.returns).count() > 2 {
            return Err(errors::validation(
                "Exactly one element of the metrics list should return data.",
            ));
        }
        let period = queries.iter().filter_map(|query| match &query.kind {
            super::alarm::QueryKind::Metric { period_seconds, .. } => Some(*period_seconds),
            super::alarm::QueryKind::Expression { period_seconds, .. } => *period_seconds,
        });
        let period = period.max().unwrap_or(60);
        return Ok((Source::Queries(queries), period));
    }
    input
        .filled("MetricName")
        .ok_or_else(|| errors::missing("MetricName"))?;
    input
        .filled("Namespace")
        .ok_or_else(|| errors::missing("Namespace"))?;
    let period = input
        .integer("Period")
        .ok_or_else(|| errors::missing("Period"))?;
    if period != 10 && period != 20 && period != 30 && (period < 60 || period % 60 != 0) {
        return Err(errors::validation(
            "Period must be 10, 20, 30 or a multiple of 60",
        ));
    }
    let ((Some(word), None) | (None, Some(word))) =
        (input.filled("Statistic"), input.filled("ExtendedStatistic"))
    else {
        return Err(errors::combination(
            "Exactly one of Statistic and ExtendedStatistic must be given.",
        ));
    };
    let statistic = Statistic::parse(word)
        .filter(|statistic| statistic.is_extended() == input.filled("ExtendedStatistic").is_some())
        .ok_or_else(|| errors::validation(format!("The value {word} is not a valid statistic.")))?;
    let unit = input.filled("Unit").map(str::to_owned);
    Ok((
        Source::Metric {
            metric: Metric::read(input),
            statistic,
            unit,
        },
        period,
    ))
}

fn show_condition(
    settings: &mut Map<String, Value>,
    input: Fields<'_>,
    condition: &MetricCondition,
) {
    let mut set = |name: &str, value: Value| settings.insert(name.to_owned(), value);
    match &condition.source {
        Source::Metric { metric, .. } => {
            set("Namespace", json!(metric.namespace));
            set("MetricName", json!(metric.name));
            set("Dimensions", dimensions_json(&metric.dimensions));
            set("Period", json!(condition.period_seconds));
        }
        Source::Queries(queries) => {
            set("Metrics", query::json(queries));
        }
    }
    set("EvaluationPeriods", json!(condition.evaluation_periods));
    if input.has("DatapointsToAlarm") {
        set("DatapointsToAlarm", json!(condition.datapoints_to_alarm));
    }
    if input.has("Threshold") {
        set("Threshold", json!(condition.threshold));
    }
    let echoed = [
        "Statistic",
        "ExtendedStatistic",
        "Unit",
        "ComparisonOperator",
        "TreatMissingData",
        "EvaluateLowSampleCountPercentile",
        "ThresholdMetricId",
    ];
    for member in echoed {
        if let Some(text) = input.filled(member) {
            set(member, json!(text));
        }
    }
}

fn store(
    world: &mut World,
    name: String,
    settings: Map<String, Value>,
    condition: Condition,
    input: Fields<'_>,
) {
    let now = world.now.millis();
    let before = world.cloudwatch.alarms.remove(&name);
    let what = if before.is_some() {
        "updated"
    } else {
        "created"
    };
    // Tags sent for an alarm that exists are ignored, and its state stays as it was: so says PutMetricAlarm.
    let (standing, tags): (AlarmEvaluation, BTreeMap<String, String>) = match before {
        Some(alarm) => (alarm.standing, alarm.tags),
        None => (initial(now), tags::read(input, "Tags")),
    };
    let alarm = Alarm {
        arn: world.arn("cloudwatch", &format!("alarm:{name}")),
        name: name.clone(),
        settings,
        condition,
        actions_enabled: input.boolean("ActionsEnabled").unwrap_or(true),
        standing,
        updated: now,
        due: None,
        tags,
    };
    world.cloudwatch.alarms.insert(name.clone(), alarm);
    history::note(
        world,
        &name,
        Kind::Configuration,
        format!("Alarm \"{name}\" {what}"),
    );
}

fn initial(now: i64) -> AlarmEvaluation {
    AlarmEvaluation {
        state: AlarmState::InsufficientData,
        reason: "Unchecked: Initial alarm creation".to_owned(),
        data: None,
        updated: now,
        transitioned: now,
        by_hand: false,
    }
}
