//! Tags of applications and deployment groups.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::errors::error;
use crate::ApiError;
use crate::cloudwatch::fields::Fields;
use crate::state::State as World;

/// Reads a list of `{Key, Value}`.
pub(super) fn read(input: Fields<'_>, member: &str) -> BTreeMap<String, String> {
    let pair = |tag: Fields<'_>| {
        Some((
            tag.text("Key")?.to_owned(),
            tag.text("Value").unwrap_or_default().to_owned(),
        ))
    };
    input.structures(member).filter_map(pair).collect()
}

/// The tags behind `ResourceArn`: `application:NAME` or `deploymentgroup:APPLICATION/NAME`.
fn find<'a>(
    world: &'a mut World,
    input: Fields<'_>,
) -> Result<&'a mut BTreeMap<String, String>, ApiError> {
    let arn = input
        .filled("ResourceArn")
        .ok_or_else(|| error("ResourceArnRequired", "The resource ARN is required."))?;
    let prefix = world.arn("codedeploy", "");
    let resource = arn.strip_prefix(&prefix).ok_or_else(|| {
        error(
            "InvalidArn",
            format!("The specified ARN is not in a valid format: {arn}"),
        )
    })?;
    let state = &mut world.codedeploy;
    let found = if let Some(name) = resource.strip_prefix("application:") {
        state
            .applications
            .get_mut(name)
            .map(|application| &mut application.tags)
    } else if let Some((application, group)) = resource
        .strip_prefix("deploymentgroup:")
        .and_then(|rest| rest.split_once('/'))
    {
        state
            .groups
            .get_mut(&(application.to_owned(), group.to_owned()))
            .map(|group| &mut group.tags)
    } else {
        return Err(error(
            "ArnNotSupported",
            format!("The specified ARN is not supported: {arn}"),
        ));
    };
    found.ok_or_else(|| {
        error(
            "ResourceValidation",
            format!("The resource {arn} does not exist."),
        )
    })
}

/// `ListTagsForResource`.
pub(super) fn list(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let tags: Vec<Value> = find(world, input)?
        .iter()
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect();
    Ok(json!({"Tags": tags}))
}

/// `TagResource`.
pub(super) fn add(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    find(world, input)?.extend(read(input, "Tags"));
    Ok(json!({}))
}

/// `UntagResource`.
pub(super) fn remove(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let tags = find(world, input)?;
    for key in input.texts("TagKeys") {
        tags.remove(&key);
    }
    Ok(json!({}))
}
