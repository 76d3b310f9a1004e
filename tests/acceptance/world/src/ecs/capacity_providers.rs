//! Capacity providers: the two Fargate ones and those an account creates. They are echoed; capacity never runs out.

use serde_json::{Map, Value, json};

use super::{errors, tags};
use crate::error::ApiError;
use crate::input::Input;
use crate::state::State as World;

/// A capacity provider of the account's own.
#[derive(Clone, Debug)]
pub(super) struct CapacityProvider {
    arn: String,
    name: String,
    status: &'static str,
    /// How the last update or deletion ended; none before the first.
    update_status: Option<&'static str>,
    settings: Map<String, Value>,
}

const ECHOED: [&str; 3] = [
    "autoScalingGroupProvider",
    "managedInstancesProvider",
    "cluster",
];

pub(super) fn exists(state: &World, name: &str) -> bool {
    matches!(name, "FARGATE" | "FARGATE_SPOT")
        || state
            .ecs
            .capacity_providers
            .get(name)
            .is_some_and(|provider| provider.status == "ACTIVE")
}

fn given_settings(input: &Input) -> Map<String, Value> {
    let given = |name: &str| Some((name.to_owned(), input.value(name)?.clone()));
    ECHOED.into_iter().filter_map(given).collect()
}

/// The settings of a new provider: what is given, and AWS's defaults.
fn settings_of(input: &Input) -> Map<String, Value> {
    let mut settings = given_settings(input);
    if let Some(Value::Object(group)) = settings.get_mut("autoScalingGroupProvider") {
        group
            .entry("managedTerminationProtection")
            .or_insert_with(|| json!("DISABLED"));
        group
            .entry("managedDraining")
            .or_insert_with(|| json!("ENABLED"));
        if let Value::Object(scaling) = group.entry("managedScaling").or_insert_with(|| json!({})) {
            for (key, value) in [
                ("status", json!("DISABLED")),
                ("targetCapacity", json!(100)),
                ("minimumScalingStepSize", json!(1)),
                ("maximumScalingStepSize", json!(10_000)),
                ("instanceWarmupPeriod", json!(300)),
            ] {
                scaling.entry(key).or_insert(value);
            }
        }
    }
    settings
}

/// Changes what is given and keeps the rest.
fn merge(before: &mut Map<String, Value>, changes: Map<String, Value>) {
    for (key, change) in changes {
        match (before.get_mut(&key), change) {
            (Some(Value::Object(before)), Value::Object(change)) => merge(before, change),
            (_, change) => {
                before.insert(key, change);
            }
        }
    }
}

fn render(state: &World, provider: &CapacityProvider, with_tags: bool) -> Value {
    let mut members = provider.settings.clone();
    members.insert("capacityProviderArn".to_owned(), json!(provider.arn));
    members.insert("name".to_owned(), json!(provider.name));
    members.insert("status".to_owned(), json!(provider.status));
    if let Some(status) = provider.update_status {
        members.insert("updateStatus".to_owned(), json!(status));
    }
    let tags = if with_tags {
        tags::render(state, &provider.arn)
    } else {
        Vec::new()
    };
    members.insert("tags".to_owned(), json!(tags));
    Value::Object(members)
}

pub(super) fn create(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let name = input.required("name")?;
    if exists(state, &name) {
        return Err(errors::client(format!(
            "A capacity provider with the name {name} already exists."
        )));
    }
    let arn = state.arn("ecs", &format!("capacity-provider/{name}"));
    let tags = tags::of_input(input)?;
    state.ecs.tags.insert(arn.clone(), tags);
    let provider = CapacityProvider {
        arn,
        name: name.clone(),
        status: "ACTIVE",
        update_status: None,
        settings: settings_of(input),
    };
    let rendered = render(state, &provider, true);
    state.ecs.capacity_providers.insert(name, provider);
    Ok(json!({ "capacityProvider": rendered }))
}

fn last_segment(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

pub(super) fn update(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let name = input.required("name")?;
    let Some(provider) = state.ecs.capacity_providers.get_mut(&name) else {
        return Err(errors::client(
            "The specified capacity provider does not exist.",
        ));
    };
    merge(&mut provider.settings, given_settings(input));
    provider.update_status = Some("UPDATE_COMPLETE");
    let provider = state.ecs.capacity_providers.get(&name);
    Ok(json!({ "capacityProvider": provider.map(|provider| render(state, provider, true)) }))
}

pub(super) fn describe(state: &World, input: &Input) -> Result<Value, ApiError> {
    let with_tags = tags::asked_for(input)?;
    let builtin = |name: &str| {
        json!({
            "capacityProviderArn": state.arn("ecs", &format!("capacity-provider/{name}")),
            "name": name,
            "status": "ACTIVE",
            "tags": [],
        })
    };
    let mut found = Vec::new();
    let mut failures = Vec::new();
    match input
        .texts("capacityProviders")?
        .filter(|names| !names.is_empty())
    {
        Some(names) => {
            for given in names {
                let name = last_segment(&given);
                if matches!(name, "FARGATE" | "FARGATE_SPOT") {
                    found.push(builtin(name));
                } else if let Some(provider) = state.ecs.capacity_providers.get(name) {
                    found.push(render(state, provider, with_tags));
                } else {
                    failures.push(errors::missing(&given));
                }
            }
        }
        None => {
            found.extend([builtin("FARGATE"), builtin("FARGATE_SPOT")]);
            found.extend(
                state
                    .ecs
                    .capacity_providers
                    .values()
                    .map(|provider| render(state, provider, with_tags)),
            );
        }
    }
    Ok(json!({ "capacityProviders": found, "failures": failures }))
}

pub(super) fn delete(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let given = input.required("capacityProvider")?;
    let name = last_segment(&given).to_owned();
    if state
        .ecs
        .clusters
        .values()
        .any(|cluster| cluster.uses(&name))
    {
        return Err(errors::client(
            "The specified capacity provider is in use and cannot be removed.",
        ));
    }
    let Some(provider) = state.ecs.capacity_providers.get_mut(&name) else {
        return Err(errors::client(
            "The specified capacity provider does not exist.",
        ));
    };
    provider.status = "INACTIVE";
    provider.update_status = Some("DELETE_COMPLETE");
    let provider = state.ecs.capacity_providers.get(&name);
    Ok(json!({ "capacityProvider": provider.map(|provider| render(state, provider, true)) }))
}
