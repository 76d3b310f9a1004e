//! The evaluation of alarms, and what follows a change of state.
//!
//! CloudWatch looks back a little further than N periods. When at least N of the periods it finds have data, the newest N
//! decide and missing ones do not matter; otherwise missing data counts as the alarm says (user guide, "Configuring how
//! CloudWatch alarms treat missing data").

use serde_json::{Value, json};

use super::alarm::{Alarm, AlarmState, Condition, MetricCondition, Query, Source, TreatMissing};
use super::history::{self, Kind};
use super::math::MathResult;
use super::metrics::Window;
use super::query::Request;
use super::{Store, seconds_text};
use crate::autoscaling;
use crate::state::State as World;

/// Periods looked at beyond N.
const EXTRA_PERIODS: i64 = 2;

/// When an alarm with that period is evaluated next, after `now` (epoch milliseconds).
pub(super) fn next_due(now: i64, period_seconds: i64) -> i64 {
    let step = if period_seconds < 60 { 10_000 } else { 60_000 };
    (now.div_euclid(step) + 1) * step
}

/// Evaluates the metric alarms that are due, then every composite alarm.
pub(super) fn run_due(world: &mut World) {
    let now = world.now.millis();
    let due = |alarm: &&Alarm| alarm.due.is_some_and(|due| due <= now);
    let names: Vec<String> = world
        .cloudwatch
        .alarms
        .values()
        .filter(due)
        .map(|alarm| alarm.name.clone())
        .collect();
    for name in &names {
        run_one(world, name, now);
    }
    if !names.is_empty() {
        run_composites(world);
    }
}

fn run_one(world: &mut World, name: &str, now: i64) {
    let Some(alarm) = world.cloudwatch.alarms.get_mut(name) else {
        return;
    };
    let Condition::Metric(condition) = alarm.condition.clone() else {
        return;
    };
    alarm.due = Some(next_due(now, condition.period_seconds));
    let standing = alarm.standing.clone();
    let points = newest_first(&world.cloudwatch.metrics, &condition, now);
    let nothing_new = points.iter().all(Option::is_none);
    if standing.by_hand && nothing_new {
        return;
    }
    let state = decide(&condition, &points, standing.state);
    if state == standing.state {
        if let Some(alarm) = world.cloudwatch.alarms.get_mut(name) {
            alarm.standing.by_hand = false;
        }
        repeat_scaling(world, name, &points);
        return;
    }
    let reason = reason(&condition, &points, state);
    let data = reason_data(&condition, &points, now);
    move_to(world, name, state, reason, Some(data.to_string()));
    act(world, name, points.iter().flatten().next().copied());
}

/// The values of the last N + 2 periods, newest first.
fn newest_first(store: &Store, condition: &MetricCondition, now: i64) -> Vec<Option<f64>> {
    let step = if condition.period_seconds < 60 {
        10_000
    } else {
        60_000
    };
    let end = now.div_euclid(step) * step;
    let length = condition.period_seconds * 1000;
    let periods = condition.evaluation_periods + EXTRA_PERIODS;
    let start = end - periods * length;
    let series = match &condition.source {
        Source::Metric {
            metric,
            statistic,
            unit,
        } => {
            let window = Window {
                start,
                end,
                origin: end,
                period_seconds: condition.period_seconds,
                statistic: *statistic,
                unit: unit.as_deref(),
            };
            store.aggregate(metric, &window)
        }
        Source::Queries(queries) => {
            let request = Request {
                store,
                queries,
                start,
                end,
                origin: end,
            };
            let wanted = queries
                .iter()
                .find(|query| query.returns)
                .or_else(|| queries.last());
            match wanted.map(|query: &Query| request.run(query)) {
                Some(Ok(MathResult::Series(series))) => series,
                Some(Ok(MathResult::List(mut list))) if list.len() == 1 => {
                    list.pop().unwrap_or_default()
                }
                _ => super::math::Series::default(),
            }
        }
    };
    (1..=periods)
        .map(|back| series.points.get(&(end - back * length)).copied())
        .collect()
}

fn decide(condition: &MetricCondition, points: &[Option<f64>], current: AlarmState) -> AlarmState {
    let breaches = |value: f64| condition.comparison.breached(value, condition.threshold);
    let (all, needed) = (condition.evaluation_periods, condition.datapoints_to_alarm);
    let known: Vec<f64> = points
        .iter()
        .flatten()
        .copied()
        .take(usize_of(all))
        .collect();
    let bad = count(&known, breaches);
    let known_count = i64::try_from(known.len()).unwrap_or(all);
    let absent = all - known_count;
    let alarm_when = |holds: bool| {
        if holds {
            AlarmState::Alarm
        } else {
            AlarmState::Ok
        }
    };
    if absent == 0 {
        return alarm_when(bad >= needed);
    }
    match condition.missing {
        TreatMissing::Breaching => alarm_when(bad + absent >= needed),
        TreatMissing::NotBreaching => alarm_when(bad >= needed),
        TreatMissing::Ignore if bad >= needed => AlarmState::Alarm,
        TreatMissing::Ignore if known_count - bad > all - needed => AlarmState::Ok,
        TreatMissing::Ignore => current,
        TreatMissing::Missing if known.is_empty() => AlarmState::InsufficientData,
        TreatMissing::Missing => {
            alarm_when(bad >= needed || is_premature(condition, points, breaches))
        }
    }
}

/// With missing data an alarm fires early when the oldest breach inside N periods is at least M periods old and
/// everything newer breaches or is missing.
fn is_premature(
    condition: &MetricCondition,
    points: &[Option<f64>],
    breaches: impl Fn(f64) -> bool,
) -> bool {
    let recent = points.iter().take(usize_of(condition.evaluation_periods));
    let mut oldest = None;
    for (age, point) in recent.enumerate() {
        match point {
            Some(value) if breaches(*value) => oldest = Some(age + 1),
            Some(_) => break,
            None => {}
        }
    }
    oldest.is_some_and(|age| age >= usize_of(condition.datapoints_to_alarm))
}

fn count(values: &[f64], test: impl Fn(f64) -> bool) -> i64 {
    i64::try_from(values.iter().filter(|value| test(**value)).count()).unwrap_or(i64::MAX)
}

fn usize_of(value: i64) -> usize {
    usize::try_from(value).unwrap_or_default()
}

fn reason(condition: &MetricCondition, points: &[Option<f64>], state: AlarmState) -> String {
    let known: Vec<f64> = points
        .iter()
        .flatten()
        .copied()
        .take(usize_of(condition.evaluation_periods))
        .collect();
    if known.is_empty() {
        let count = condition.evaluation_periods;
        return match state {
            AlarmState::InsufficientData => {
                format!("Insufficient Data: {count} datapoints were unknown.")
            }
            AlarmState::Ok | AlarmState::Alarm => {
                let kind = if state == AlarmState::Alarm {
                    "[Breaching]"
                } else {
                    "[NonBreaching]"
                };
                format!(
                    "Threshold Crossed: no datapoints were received for {count} periods and {count} missing datapoints were treated as {kind}."
                )
            }
        };
    }
    let bad = count(&known, |value| {
        condition.comparison.breached(value, condition.threshold)
    });
    let values: Vec<String> = known.iter().map(|value| format!("{value:?}")).collect();
    let (hits, change) = if state == AlarmState::Alarm {
        (bad, "OK -> ALARM")
    } else {
        (
            i64::try_from(known.len()).unwrap_or_default() - bad,
            "ALARM -> OK",
        )
    };
    format!(
        "Threshold Crossed: {hits} out of the last {} datapoints [{}] {} the threshold ({:?}) (minimum {} datapoints for {change} transition).",
        known.len(),
        values.join(", "),
        if state == AlarmState::Alarm {
            "crossed"
        } else {
            "did not cross"
        },
        condition.threshold,
        condition.datapoints_to_alarm,
    )
}

fn reason_data(condition: &MetricCondition, points: &[Option<f64>], now: i64) -> Value {
    json!({
        "version": "1.0",
        "queryDate": seconds_text(now),
        "period": condition.period_seconds,
        "recentDatapoints": points.iter().rev().flatten().collect::<Vec<_>>(),
        "threshold": condition.threshold,
    })
}

/// Writes a state and its history; actions are a separate step.
pub(super) fn move_to(
    world: &mut World,
    name: &str,
    state: AlarmState,
    reason: String,
    data: Option<String>,
) {
    let now = world.now.millis();
    let Some(alarm) = world.cloudwatch.alarms.get_mut(name) else {
        return;
    };
    let before = alarm.standing.state;
    let standing = &mut alarm.standing;
    if state != before {
        standing.transitioned = now;
    }
    (standing.state, standing.updated, standing.by_hand) = (state, now, false);
    standing.reason.clone_from(&reason);
    standing.data = data;
    if state != before {
        release_parents(world, name);
        let summary = format!("Alarm updated from {} to {}", before.word(), state.word());
        let data = json!({
            "version": "1.0",
            "oldState": {"stateValue": before.word()},
            "newState": {"stateValue": state.word(), "stateReason": reason},
        });
        history::note_with(world, name, Kind::State, summary, data);
    }
}

/// A composite alarm set by hand stays so until one of its children changes.
fn release_parents(world: &mut World, child: &str) {
    for alarm in world.cloudwatch.alarms.values_mut() {
        if let Condition::Composite(rule) = &alarm.condition
            && rule.children().iter().any(|name| name == child)
        {
            alarm.standing.by_hand = false;
        }
    }
}

/// What follows a state set from outside: its actions, and the composite alarms that look at it.
pub(super) fn follow_up(world: &mut World, name: &str) {
    act(world, name, None);
    run_composites(world);
}

/// Runs the actions of the state an alarm is in.
fn act(world: &mut World, name: &str, value: Option<f64>) {
    let Some(alarm) = world
        .cloudwatch
        .alarms
        .get(name)
        .filter(|alarm| alarm.actions_enabled)
    else {
        return;
    };
    for action in alarm.actions(alarm.standing.state) {
        if autoscaling::is_policy(&action) {
            autoscaling::alarm_fired(world, &action, name, value);
        }
        let summary = format!("Successfully executed action {action}");
        history::note(world, name, Kind::Action, summary);
    }
}

/// Scaling policies are called again at every evaluation for as long as the alarm stays in ALARM and new data comes in.
fn repeat_scaling(world: &mut World, name: &str, points: &[Option<f64>]) {
    let Some(value) = points.first().copied().flatten() else {
        return;
    };
    let alarms = &world.cloudwatch.alarms;
    let firing =
        |alarm: &&Alarm| alarm.actions_enabled && alarm.standing.state == AlarmState::Alarm;
    let Some(alarm) = alarms.get(name).filter(firing) else {
        return;
    };
    for action in alarm.actions(AlarmState::Alarm) {
        if autoscaling::is_policy(&action) {
            autoscaling::alarm_fired(world, &action, name, Some(value));
        }
    }
}

/// Brings every composite alarm in line with its children; composites of composites settle in as many rounds as there
/// are alarms.
pub(super) fn run_composites(world: &mut World) {
    for _ in 0..=world.cloudwatch.alarms.len() {
        let changes = composite_changes(world);
        if changes.is_empty() {
            return;
        }
        for (name, state) in changes {
            let reason = format!("The alarm rule of {name} turned {}", state.word());
            move_to(world, &name, state, reason, None);
            act(world, &name, None);
        }
    }
}

fn composite_changes(world: &World) -> Vec<(String, AlarmState)> {
    let state_of = |name: &str| super::alarm_state(world, name);
    let change = |alarm: &Alarm| match &alarm.condition {
        Condition::Composite(rule) => {
            let state = if rule.holds(&state_of) {
                AlarmState::Alarm
            } else {
                AlarmState::Ok
            };
            let fixed = alarm.standing.by_hand || alarm.standing.state == state;
            (!fixed).then(|| (alarm.name.clone(), state))
        }
        Condition::Metric(_) => None,
    };
    world
        .cloudwatch
        .alarms
        .values()
        .filter_map(change)
        .collect()
}
