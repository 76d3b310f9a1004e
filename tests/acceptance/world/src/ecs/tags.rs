//! Tags of everything that has an ARN in ECS.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::errors;
use crate::error::ApiError;
use crate::input::Input;
use crate::state::State as World;

/// Tags by key.
pub(super) type Tags = BTreeMap<String, String>;

/// Reads a `tags` member.
pub(super) fn of_input(input: &Input) -> Result<Tags, ApiError> {
    let mut tags = Tags::new();
    for tag in input.objects("tags")? {
        let key = tag.required("key")?;
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(errors::invalid(format!(
                "The tag key {key} is reserved: keys must not begin with aws:."
            )));
        }
        check_text("key", &key, 1..=128)?;
        let value = tag.text("value")?.unwrap_or_default();
        check_text("value", &value, 0..=256)?;
        if tags.insert(key.clone(), value).is_some() {
            return Err(errors::invalid(format!("Duplicate tag key {key}.")));
        }
    }
    check_count(&tags)?;
    Ok(tags)
}

/// ECS API reference, `Tag`: lengths and characters of keys and values.
fn check_text(what: &str, text: &str, lengths: RangeInclusive<usize>) -> Result<(), ApiError> {
    let is_allowed = |letter: char| {
        letter.is_alphanumeric() || letter.is_whitespace() || "_.:/=+-@".contains(letter)
    };
    if lengths.contains(&text.chars().count()) && text.chars().all(is_allowed) {
        return Ok(());
    }
    Err(errors::invalid(format!(
        "The tag {what} {text} is not valid."
    )))
}

/// A resource has at most 50 tags.
fn check_count(tags: &Tags) -> Result<(), ApiError> {
    if tags.len() <= 50 {
        return Ok(());
    }
    Err(errors::invalid("A resource can have at most 50 tags."))
}

/// The tags of something as the answers list them.
pub(super) fn render(state: &World, arn: &str) -> Vec<Value> {
    state
        .ecs
        .tags
        .get(arn)
        .into_iter()
        .flatten()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect()
}

/// Whether a Describe call asked for tags.
pub(super) fn asked_for(input: &Input) -> Result<bool, ApiError> {
    includes(input, "TAGS")
}

/// Whether a Describe call's `include` names `what`.
pub(super) fn includes(input: &Input, what: &str) -> Result<bool, ApiError> {
    Ok(input
        .texts("include")?
        .unwrap_or_default()
        .iter()
        .any(|given| given == what))
}

fn resource(state: &World, input: &Input) -> Result<String, ApiError> {
    let arn = input.required("resourceArn")?;
    let ecs = &state.ecs;
    let known = ecs.services.contains_key(&arn)
        || ecs.tasks.contains_key(&arn)
        || ecs.tags.contains_key(&arn)
        || ecs.clusters.values().any(|cluster| cluster.arn == arn)
        || ecs.definitions.find(&arn).is_some();
    if known {
        Ok(arn)
    } else {
        Err(errors::invalid(
            "The specified resource is missing. Specify a valid ARN and try again.",
        ))
    }
}

pub(super) fn add(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let arn = resource(state, input)?;
    let added = of_input(input)?;
    let mut tags = state.ecs.tags.get(&arn).cloned().unwrap_or_default();
    tags.extend(added);
    check_count(&tags)?;
    state.ecs.tags.insert(arn, tags);
    Ok(json!({}))
}

pub(super) fn remove(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let arn = resource(state, input)?;
    let keys = input.texts("tagKeys")?.unwrap_or_default();
    if let Some(tags) = state.ecs.tags.get_mut(&arn) {
        tags.retain(|key, _| !keys.contains(key));
    }
    Ok(json!({}))
}

pub(super) fn list(state: &World, input: &Input) -> Result<Value, ApiError> {
    let arn = resource(state, input)?;
    Ok(json!({ "tags": render(state, &arn) }))
}
