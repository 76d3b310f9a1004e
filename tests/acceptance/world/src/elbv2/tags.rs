//! Tags of everything that has an ARN here.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    State, done, listener_not_found, load_balancer_not_found, rule_not_found,
    target_group_not_found,
};
use crate::error::ApiError;
use crate::input::Input;
use crate::state::State as World;

/// Reads a `Tags` member.
pub(super) fn of_input(input: &Input) -> Result<BTreeMap<String, String>, ApiError> {
    let mut tags = BTreeMap::new();
    for tag in input.objects("Tags")? {
        let key = tag.required("Key")?;
        let value = tag.text("Value")?.unwrap_or_default();
        if tags.insert(key.clone(), value).is_some() {
            return Err(ApiError::new(
                "DuplicateTagKeys",
                format!("The tag key '{key}' is specified more than once"),
            ));
        }
    }
    check_count(&tags)?;
    Ok(tags)
}

/// A resource has at most 50 tags.
fn check_count(tags: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if tags.len() <= 50 {
        return Ok(());
    }
    Err(ApiError::new(
        "TooManyTags",
        "A resource can have at most 50 tags",
    ))
}

fn check_exists(state: &State, arn: &str) -> Result<(), ApiError> {
    let (known, missing) = if arn.contains(":targetgroup/") {
        (
            state.target_groups.contains_key(arn),
            target_group_not_found(),
        )
    } else if arn.contains(":listener-rule/") {
        (state.rules.contains_key(arn), rule_not_found())
    } else if arn.contains(":listener/") {
        (state.listeners.contains_key(arn), listener_not_found())
    } else if arn.contains(":loadbalancer/") {
        (
            state.load_balancers.contains_key(arn),
            load_balancer_not_found(arn),
        )
    } else {
        (
            false,
            ApiError::new("ValidationError", format!("'{arn}' is not a valid ARN")),
        )
    };
    if known { Ok(()) } else { Err(missing) }
}

fn resources(state: &World, input: &Input) -> Result<Vec<String>, ApiError> {
    let arns = input.texts("ResourceArns")?.unwrap_or_default();
    for arn in &arns {
        check_exists(&state.elbv2, arn)?;
    }
    Ok(arns)
}

pub(super) fn add(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let added = of_input(input)?;
    for arn in resources(state, input)? {
        state
            .elbv2
            .tags
            .entry(arn)
            .or_default()
            .extend(added.clone());
    }
    done()
}

pub(super) fn remove(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let keys = input.texts("TagKeys")?.unwrap_or_default();
    for arn in resources(state, input)? {
        if let Some(tags) = state.elbv2.tags.get_mut(&arn) {
            tags.retain(|key, _| !keys.contains(key));
        }
    }
    done()
}

pub(super) fn describe(state: &World, input: &Input) -> Result<Value, ApiError> {
    let described: Vec<Value> = resources(state, input)?
        .iter()
        .map(|arn| {
            let tags: Vec<Value> = state
                .elbv2
                .tags
                .get(arn)
                .into_iter()
                .flatten()
                .map(|(key, value)| json!({ "Key": key, "Value": value }))
                .collect();
            json!({ "ResourceArn": arn, "Tags": tags })
        })
        .collect();
    Ok(json!({ "TagDescriptions": described }))
}
