//! Aliases, their weights and their revisions.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{INVALID, function_name, not_found};
use crate::error::ApiError;
use crate::input::Input;
use crate::outside;
use crate::state;

/// All aliases: function and name → alias.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    aliases: BTreeMap<(String, String), Alias>,
}

#[derive(Clone, Debug)]
struct Alias {
    version: String,
    description: String,
    weights: BTreeMap<String, f64>,
    revision: String,
}

fn refused(message: String) -> ApiError {
    ApiError::new(INVALID, message)
}

fn arn(state: &state::State, function: &str, name: &str) -> String {
    state.arn("lambda", &format!("function:{function}:{name}"))
}

fn rendered(state: &state::State, function: &str, name: &str, alias: &Alias) -> Value {
    let mut shown = json!({
        "AliasArn": arn(state, function, name),
        "Name": name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision,
    });
    if !alias.weights.is_empty() {
        shown["RoutingConfig"] = json!({ "AdditionalVersionWeights": alias.weights });
    }
    shown
}

fn revision(state: &mut state::State) -> String {
    let ids = &mut state.ids;
    format!(
        "{}-{}-{}-{}-{}",
        ids.hex(8),
        ids.hex(4),
        ids.hex(4),
        ids.hex(4),
        ids.hex(12)
    )
}

fn key(input: &Input) -> Result<(String, String), ApiError> {
    Ok((function_name(input)?, input.required("Name")?))
}

fn known(state: &state::State, (function, name): &(String, String)) -> Result<Alias, ApiError> {
    let found = state.lambda.aliases.get(&(function.clone(), name.clone()));
    found.cloned().ok_or_else(|| {
        let arn = arn(state, function, name);
        not_found(&format!("Cannot find alias arn: {arn}"))
    })
}

fn version_exists(state: &state::State, function: &str, version: &str) -> Result<(), ApiError> {
    match outside::function_version(function, version) {
        Some(_) => Ok(()),
        None => Err(not_found(&format!(
            "Function not found: {}",
            arn(state, function, version)
        ))),
    }
}

/// `RoutingConfig`; `None` when it was not sent. One additional version, a published one, beside a published one.
fn weights(
    state: &state::State,
    input: &Input,
    function: &str,
    main: &str,
) -> Result<Option<BTreeMap<String, f64>>, ApiError> {
    let Some(config) = input.object("RoutingConfig")? else {
        return Ok(None);
    };
    let mut weights = BTreeMap::new();
    if let Some(sent) = config.object("AdditionalVersionWeights")? {
        for (version, weight) in sent.members() {
            let weight = weight.as_f64().unwrap_or(f64::NAN);
            if !(0.0..=1.0).contains(&weight) {
                return Err(refused(format!(
                    "Invalid weight {weight} of version {version}: it must be between 0.0 and 1.0"
                )));
            }
            weights.insert(version.clone(), weight);
        }
    }
    if weights.len() > 1 {
        return Err(refused(
            "An alias can route traffic to at most one additional version".to_owned(),
        ));
    }
    for version in weights.keys() {
        if version == "$LATEST" || main == "$LATEST" {
            return Err(refused(
                "$LATEST is not supported for an alias pointing to more than 1 version".to_owned(),
            ));
        }
        if version == main {
            return Err(refused(format!(
                "Invalid function version {version}. Function version {version} is already included in routing \
                 configuration."
            )));
        }
        version_exists(state, function, version)?;
    }
    Ok(Some(weights))
}

pub(super) fn create(state: &mut state::State, input: &Input) -> Result<Value, ApiError> {
    let (function, name) = key(input)?;
    let version = input.required("FunctionVersion")?;
    version_exists(state, &function, &version)?;
    let weights = weights(state, input, &function, &version)?.unwrap_or_default();
    let key = (function.clone(), name.clone());
    if state.lambda.aliases.contains_key(&key) {
        let arn = arn(state, &function, &name);
        let message = format!("Alias already exists: {arn}");
        return Err(ApiError::new("ResourceConflictException", message).with_status(409));
    }
    let alias = Alias {
        version,
        description: input.text("Description")?.unwrap_or_default(),
        weights,
        revision: revision(state),
    };
    let shown = rendered(state, &function, &name, &alias);
    state.lambda.aliases.insert(key, alias);
    Ok(shown)
}

pub(super) fn find(state: &mut state::State, input: &Input) -> Result<Value, ApiError> {
    let key = key(input)?;
    let alias = known(state, &key)?;
    Ok(rendered(state, &key.0, &key.1, &alias))
}

pub(super) fn update(state: &mut state::State, input: &Input) -> Result<Value, ApiError> {
    let key = key(input)?;
    let mut alias = known(state, &key)?;
    let sent = input.text("RevisionId")?;
    if sent.is_some_and(|sent| sent != alias.revision) {
        let message = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API \
                       to retrieve the latest Revision Id";
        return Err(ApiError::new("PreconditionFailedException", message).with_status(412));
    }
    if let Some(version) = input.text("FunctionVersion")? {
        version_exists(state, &key.0, &version)?;
        alias.version = version;
    }
    if let Some(weights) = weights(state, input, &key.0, &alias.version)? {
        alias.weights = weights;
    } else if alias.weights.contains_key(&alias.version) {
        return Err(refused(format!(
            "Invalid function version {}. It is already included in routing configuration.",
            alias.version
        )));
    }
    if let Some(description) = input.text("Description")? {
        alias.description = description;
    }
    alias.revision = revision(state);
    let shown = rendered(state, &key.0, &key.1, &alias);
    state.lambda.aliases.insert(key, alias);
    Ok(shown)
}

/// One that is gone is no error.
pub(super) fn delete(state: &mut state::State, input: &Input) -> Result<Value, ApiError> {
    let key = key(input)?;
    state.lambda.aliases.remove(&key);
    Ok(json!({}))
}
