//! Aliases of functions of AWS Lambda.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use switchyard_engine::ports::{
    AliasChange, AliasRouting, ErrorKind, FunctionAliases, FunctionVersion, LiveAlias, NewAlias,
    Result, Share, Version, VersionState,
};

use super::absent_is_none;
use super::functions::{API, escaped};
use crate::call::{Call, Caller};
use crate::direct::{Answer, Effect};
use crate::failed::{incomplete, unreadable};

const CREATE: &str = "lambda:CreateAlias";
const DELETE: &str = "lambda:DeleteAlias";
const FIND: &str = "lambda:GetAlias";
const UPDATE: &str = "lambda:UpdateAlias";
const VERSION: &str = "lambda:GetFunctionConfiguration";

/// [`FunctionAliases`] over AWS Lambda.
#[derive(Debug)]
pub(crate) struct Aliases(Caller);

/// `AliasConfiguration`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    alias_arn: Option<String>,
    name: Option<String>,
    function_version: Option<String>,
    description: Option<String>,
    routing_config: Option<RoutingConfig>,
    revision_id: Option<String>,
}

/// `AliasRoutingConfiguration`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RoutingConfig {
    additional_version_weights: Option<BTreeMap<String, f64>>,
}

/// What is read of `FunctionConfiguration`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FunctionConfiguration {
    version: Option<String>,
    state: Option<String>,
    state_reason: Option<String>,
}

impl Aliases {
    pub(crate) fn new(caller: &Caller) -> Self {
        Self(caller.clone())
    }

    async fn call(
        &self,
        operation: &'static str,
        (method, path): (&'static str, String),
        target: &str,
        body: Option<Value>,
    ) -> Result<Answer> {
        let effect = match method {
            "GET" => Effect::Reads,
            _ => Effect::WritesOnce,
        };
        let body = body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
        let call = Call::plain(operation, target);
        self.0.rest(call, effect, method, path, body, None).await
    }
}

fn path(function: &str, name: Option<&str>) -> String {
    let all = format!("/{API}/functions/{}/aliases", escaped(function));
    match name {
        Some(name) => format!("{all}/{}", escaped(name)),
        None => all,
    }
}

fn target(function: &str, name: &str) -> String {
    format!("{function}:{name}")
}

/// Weights of the additional version; none takes the additional version away.
fn routing_config(routing: &AliasRouting) -> Value {
    let weights: BTreeMap<String, f64> = routing
        .guest
        .iter()
        .map(|guest| {
            (
                guest.version.to_string(),
                f64::from(guest.share.tenths()) / 1000.0,
            )
        })
        .collect();
    json!({ "AdditionalVersionWeights": weights })
}

fn alias(
    operation: &'static str,
    function: &str,
    name: &str,
    answer: &Answer,
) -> Result<LiveAlias> {
    let target = target(function, name);
    let found: Configuration = serde_json::from_slice(&answer.body)
        .map_err(|error| unreadable(operation, &target, &error))?;
    let missing = |member| incomplete(operation, &target, member);
    let version = |word: &str, member| Version::parse(word).ok_or_else(|| missing(member));
    let main = found
        .function_version
        .ok_or_else(|| missing("FunctionVersion"))?;
    let settled = version(&main, "FunctionVersion")?;
    let weights = found
        .routing_config
        .and_then(|config| config.additional_version_weights)
        .unwrap_or_default();
    // AWS allows one.
    let routing = match weights.first_key_value() {
        None => AliasRouting::only(settled),
        Some((word, weight)) => {
            let share = Share::of_percent(weight * 100.0);
            let share = share.ok_or_else(|| missing("AdditionalVersionWeights"))?;
            AliasRouting::shared(settled, version(word, "AdditionalVersionWeights")?, share)
        }
    };
    Ok(LiveAlias {
        arn: found.alias_arn.ok_or_else(|| missing("AliasArn"))?,
        function: function.to_owned(),
        name: found.name.unwrap_or_else(|| name.to_owned()),
        routing,
        description: found.description.unwrap_or_default(),
        revision: found.revision_id.ok_or_else(|| missing("RevisionId"))?,
    })
}

#[async_trait::async_trait]
impl FunctionAliases for Aliases {
    async fn find_alias(&self, function: &str, name: &str) -> Result<Option<LiveAlias>> {
        let at = ("GET", path(function, Some(name)));
        let answer = self.call(FIND, at, &target(function, name), None).await;
        absent_is_none(answer)?
            .map(|answer| alias(FIND, function, name, &answer))
            .transpose()
    }

    async fn create_alias(&self, new: &NewAlias) -> Result<LiveAlias> {
        let body = json!({
            "Name": new.name,
            "FunctionVersion": new.version.to_string(),
            "Description": new.description,
        });
        let at = ("POST", path(&new.function, None));
        let target = target(&new.function, &new.name);
        let answer = self.call(CREATE, at, &target, Some(body)).await?;
        alias(CREATE, &new.function, &new.name, &answer)
    }

    async fn change_alias(&self, found: &LiveAlias, change: &AliasChange) -> Result<LiveAlias> {
        let (function, name) = (found.function.as_str(), found.name.as_str());
        let mut body = Map::new();
        body.insert("RevisionId".to_owned(), found.revision.as_str().into());
        if let Some(routing) = &change.routing {
            let settled = routing.settled.to_string();
            body.insert("FunctionVersion".to_owned(), settled.into());
            body.insert("RoutingConfig".to_owned(), routing_config(routing));
        }
        if let Some(description) = &change.description {
            body.insert("Description".to_owned(), description.as_str().into());
        }
        let body = Value::Object(body);
        let at = ("PUT", path(function, Some(name)));
        let target = target(function, name);
        let answer = self.call(UPDATE, at, &target, Some(body)).await?;
        alias(UPDATE, function, name, &answer)
    }

    async fn delete_alias(&self, function: &str, name: &str) -> Result<()> {
        let at = ("DELETE", path(function, Some(name)));
        match self.call(DELETE, at, &target(function, name), None).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn find_version(&self, function: &str, version: &str) -> Result<Option<FunctionVersion>> {
        let path = format!(
            "/{API}/functions/{}/configuration?Qualifier={}",
            escaped(function),
            escaped(version)
        );
        let target = target(function, version);
        let answer = self.call(VERSION, ("GET", path), &target, None).await;
        let Some(answer) = absent_is_none(answer)? else {
            return Ok(None);
        };
        let found: FunctionConfiguration = serde_json::from_slice(&answer.body)
            .map_err(|error| unreadable(VERSION, &target, &error))?;
        let word = found.version.unwrap_or_else(|| version.to_owned());
        let version = Version::parse(&word);
        Ok(Some(FunctionVersion {
            version: version.ok_or_else(|| incomplete(VERSION, &target, "Version"))?,
            // Versions from before there were states have none.
            state: found
                .state
                .map_or(VersionState::Active, |word| VersionState::parse(&word)),
            reason: found.state_reason,
        }))
    }
}
