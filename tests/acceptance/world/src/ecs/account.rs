//! Account settings.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::input::Input;
use crate::state::State as World;

/// The settings every account has, with their defaults.
const DEFAULTS: [(&str, &str); 7] = [
    ("awsvpcTrunking", "disabled"),
    ("containerInsights", "disabled"),
    ("containerInstanceLongArnFormat", "enabled"),
    ("dualStackIPv6", "enabled"),
    ("serviceLongArnFormat", "enabled"),
    ("taskLongArnFormat", "enabled"),
    ("tagResourceAuthorization", "off"),
];

fn render(state: &World, name: &str, value: &str) -> Value {
    json!({
        "name": name,
        "value": value,
        "principalArn": format!("arn:aws:iam::{}:root", state.account),
    })
}

pub(super) fn list(state: &World, input: &Input) -> Result<Value, ApiError> {
    let (name, value) = (input.text("name")?, input.text("value")?);
    let mut all = state.ecs.account_settings.clone();
    for (name, default) in DEFAULTS {
        all.entry(name.to_owned())
            .or_insert_with(|| default.to_owned());
    }
    let settings: Vec<Value> = all
        .iter()
        .filter(|(known, set)| {
            name.as_ref().is_none_or(|name| name == *known)
                && value.as_ref().is_none_or(|value| value == *set)
        })
        .map(|(known, set)| render(state, known, set))
        .collect();
    Ok(json!({ "settings": settings }))
}

pub(super) fn put(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let (name, value) = (input.required("name")?, input.required("value")?);
    let setting = render(state, &name, &value);
    state.ecs.account_settings.insert(name, value);
    Ok(json!({ "setting": setting }))
}

pub(super) fn delete(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let name = input.required("name")?;
    let value = state.ecs.account_settings.remove(&name).unwrap_or_default();
    Ok(json!({ "setting": render(state, &name, &value) }))
}
