//! `DescribeAlarmHistory`: what happened to alarms, newest first; kept for 30 days.

use serde_json::{Value, json};

use super::alarm::seconds;
use super::fields::Fields;
use super::{State, paging};
use crate::ApiError;
use crate::state::State as World;

const KEPT: i64 = 30 * 24 * 3_600_000;

/// What an entry tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Configuration,
    State,
    Action,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Configuration => "ConfigurationUpdate",
            Self::State => "StateUpdate",
            Self::Action => "Action",
        }
    }
}

/// One entry.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    alarm: String,
    composite: bool,
    at: i64,
    kind: Kind,
    summary: String,
    data: Value,
}

/// Adds an entry.
pub(super) fn note(world: &mut World, alarm: &str, kind: Kind, summary: String) {
    note_with(world, alarm, kind, summary, json!({"version": "1.0"}));
}

/// Adds an entry with data of its own.
pub(super) fn note_with(world: &mut World, alarm: &str, kind: Kind, summary: String, data: Value) {
    let at = world.now.millis();
    let composite = matches!(
        world
            .cloudwatch
            .alarms
            .get(alarm)
            .map(|alarm| &alarm.condition),
        Some(super::alarm::Condition::Composite(_))
    );
    world
        .cloudwatch
        .history
        .retain(|entry| entry.at > at - KEPT);
    world.cloudwatch.history.push(Entry {
        alarm: alarm.to_owned(),
        composite,
        at,
        kind,
        summary,
        data,
    });
}

/// `DescribeAlarmHistory`, 100 a page.
pub(super) fn describe(state: &State, input: Fields<'_>) -> Result<Value, ApiError> {
    let (from, to) = (input.moment("StartDate"), input.moment("EndDate"));
    let types = input.texts("AlarmTypes");
    let fits = |entry: &&Entry| {
        input
            .filled("AlarmName")
            .is_none_or(|name| name == entry.alarm)
            && input
                .filled("HistoryItemType")
                .is_none_or(|kind| kind == entry.kind.word())
            && from.is_none_or(|from| entry.at >= from)
            && to.is_none_or(|to| entry.at <= to)
            && (types.is_empty() || types.iter().any(|kind| kind == type_of(entry)))
    };
    let mut all: Vec<&Entry> = state.history.iter().filter(fits).collect();
    if input.filled("ScanBy") != Some("TimestampAscending") {
        all.reverse();
    }
    let size = paging::size(input.integer("MaxRecords"), 100);
    let (page, next) = paging::page(all, input.filled("NextToken"), size)?;
    let items: Vec<Value> = page.into_iter().map(item).collect();
    let mut answer = json!({"AlarmHistoryItems": items});
    paging::set_next(&mut answer, "NextToken", next);
    Ok(answer)
}

fn type_of(entry: &Entry) -> &'static str {
    if entry.composite {
        "CompositeAlarm"
    } else {
        "MetricAlarm"
    }
}

fn item(entry: &Entry) -> Value {
    json!({
        "AlarmName": entry.alarm,
        "AlarmType": type_of(entry),
        "Timestamp": seconds(entry.at),
        "HistoryItemType": entry.kind.word(),
        "HistorySummary": entry.summary,
        "HistoryData": entry.data.to_string(),
    })
}
