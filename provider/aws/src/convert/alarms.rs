//! CloudWatch alarm states.

use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
use aws_sdk_cloudwatch::types::StateValue;
use switchyard_engine::ports::AlarmState;

fn state(value: &StateValue) -> AlarmState {
    match value.as_str() {
        "ALARM" => AlarmState::Firing,
        "OK" => AlarmState::Ok,
        "INSUFFICIENT_DATA" => AlarmState::InsufficientData,
        other => AlarmState::Unknown(other.to_owned()),
    }
}

/// Name and state of every alarm in the answer, metric and composite ones alike.
pub(crate) fn states(
    answer: &DescribeAlarmsOutput,
) -> impl Iterator<Item = (String, AlarmState)> + '_ {
    let metric = answer
        .metric_alarms()
        .iter()
        .map(|alarm| (alarm.alarm_name(), alarm.state_value()));
    let composite = answer
        .composite_alarms()
        .iter()
        .map(|alarm| (alarm.alarm_name(), alarm.state_value()));
    metric
        .chain(composite)
        .filter_map(|(name, value)| Some((name?.to_owned(), state(value?))))
}
