//! Tags of alarms.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::alarm::Alarm;
use super::errors;
use super::fields::Fields;
use crate::ApiError;
use crate::state::State as World;

/// Reads a list of `{Key, Value}`.
pub(crate) fn read(input: Fields<'_>, member: &str) -> BTreeMap<String, String> {
    let pair = |tag: Fields<'_>| {
        Some((
            tag.text("Key")?.to_owned(),
            tag.text("Value").unwrap_or_default().to_owned(),
        ))
    };
    input.structures(member).filter_map(pair).collect()
}

/// The wire form, sorted by key.
pub(crate) fn json(tags: &BTreeMap<String, String>) -> Value {
    tags.iter()
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect()
}

fn find<'a>(world: &'a mut World, input: Fields<'_>) -> Result<&'a mut Alarm, ApiError> {
    let arn = input
        .filled("ResourceARN")
        .ok_or_else(|| errors::missing("ResourceARN"))?;
    let mut alarms = world.cloudwatch.alarms.values_mut();
    alarms
        .find(|alarm| alarm.arn == arn)
        .ok_or_else(|| errors::no_such_arn(arn))
}

/// `ListTagsForResource`.
pub(super) fn list(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    Ok(json!({"Tags": json(&find(world, input)?.tags)}))
}

/// `TagResource`.
pub(super) fn add(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    find(world, input)?.tags.extend(read(input, "Tags"));
    Ok(json!({}))
}

/// `UntagResource`.
pub(super) fn remove(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let alarm = find(world, input)?;
    for key in input.texts("TagKeys") {
        alarm.tags.remove(&key);
    }
    Ok(json!({}))
}
