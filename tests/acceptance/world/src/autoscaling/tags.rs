//! Tags of scalable targets.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::errors;
use super::target::Target;
use crate::ApiError;
use crate::cloudwatch::fields::Fields;
use crate::state::State as World;

/// Reads the `Tags` map.
pub(super) fn read(input: Fields<'_>) -> BTreeMap<String, String> {
    let map = input
        .value("Tags")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    map.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect()
}

fn find<'a>(world: &'a mut World, input: Fields<'_>) -> Result<&'a mut Target, ApiError> {
    let arn = input
        .filled("ResourceARN")
        .ok_or_else(|| errors::missing("ResourceARN"))?;
    let mut targets = world.autoscaling.targets.values_mut();
    targets
        .find(|target| target.arn == arn)
        .ok_or_else(|| errors::no_such_arn(arn))
}

/// `ListTagsForResource`.
pub(super) fn list(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    Ok(json!({"Tags": find(world, input)?.tags}))
}

/// `TagResource`.
pub(super) fn add(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let target = find(world, input)?;
    target.tags.extend(read(input));
    if target.tags.len() > 50 {
        return Err(ApiError::new(
            "TooManyTagsException",
            "A scalable target can have at most 50 tags.",
        ));
    }
    Ok(json!({}))
}

/// `UntagResource`.
pub(super) fn remove(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let target = find(world, input)?;
    for key in input.texts("TagKeys") {
        target.tags.remove(&key);
    }
    Ok(json!({}))
}
