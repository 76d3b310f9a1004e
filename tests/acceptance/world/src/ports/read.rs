//! Reading members of wire trees. Absent members read as `None` or as nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

pub(super) fn text(value: &Value, member: &str) -> Option<String> {
    value
        .get(member)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

pub(super) fn word(value: &Value, member: &str) -> String {
    text(value, member).unwrap_or_default()
}

pub(super) fn flag(value: &Value, member: &str) -> bool {
    value.get(member).and_then(Value::as_bool).unwrap_or(false)
}

pub(super) fn number(value: &Value, member: &str) -> Option<u32> {
    value
        .get(member)
        .and_then(Value::as_u64)
        .and_then(|number| u32::try_from(number).ok())
}

pub(super) fn count(value: &Value, member: &str) -> u32 {
    number(value, member).unwrap_or(0)
}

pub(super) fn float(value: &Value, member: &str) -> Option<f64> {
    value.get(member).and_then(Value::as_f64)
}

pub(super) fn moment(value: &Value, member: &str) -> Option<Timestamp> {
    let moment = crate::Timestamp::from_epoch_seconds(float(value, member)?);
    Timestamp::from_millisecond(moment.millis()).ok()
}

/// A moment on its way out, as epoch seconds.
pub(super) fn seconds(moment: Timestamp) -> Value {
    crate::Timestamp::from_millis(moment.as_millisecond())
        .epoch_seconds()
        .into()
}

pub(super) fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value
        .get(member)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

pub(super) fn texts(value: &Value, member: &str) -> Vec<String> {
    list(value, member)
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// `[{key, value}]` as a map.
pub(super) fn tags(value: &Value, member: &str) -> BTreeMap<String, String> {
    list(value, member)
        .iter()
        .map(|tag| (word(tag, "key"), word(tag, "value")))
        .collect()
}
