//! Aliases of functions.

use async_trait::async_trait;
use serde_json::{Value, json};
use switchyard_engine::ports::{
    AliasChange, AliasRouting, Error, ErrorKind, FunctionAliases, FunctionVersion, LiveAlias,
    NewAlias, Result, Share, Version, VersionState,
};

use super::Face;
use crate::Service;

const LAMBDA: Service = Service::Lambda;

/// Lambda's codes, as the adapter reads them.
fn classified(error: Error) -> Error {
    let kind = match error.code.as_str() {
        "PreconditionFailedException" => ErrorKind::Conflict,
        "ResourceConflictException" => ErrorKind::AlreadyExists,
        _ => error.kind,
    };
    Error { kind, ..error }
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_default().to_owned()
}

fn version(word: &str) -> Version {
    Version::parse(word).unwrap_or(Version::Latest)
}

fn read(function: &str, found: &Value) -> LiveAlias {
    let settled = version(&text(found, "FunctionVersion"));
    let weights = found["RoutingConfig"]["AdditionalVersionWeights"].as_object();
    let guest = weights.and_then(|weights| weights.iter().next());
    let routing = guest.map_or(AliasRouting::only(settled), |(word, weight)| {
        let percent = weight.as_f64().unwrap_or_default() * 100.0;
        let share = Share::of_percent(percent).unwrap_or_default();
        AliasRouting::shared(settled, version(word), share)
    });
    LiveAlias {
        arn: text(found, "AliasArn"),
        function: function.to_owned(),
        name: text(found, "Name"),
        routing,
        description: text(found, "Description"),
        revision: text(found, "RevisionId"),
    }
}

#[async_trait]
impl FunctionAliases for Face {
    async fn find_alias(&self, function: &str, name: &str) -> Result<Option<LiveAlias>> {
        let input = json!({ "FunctionName": function, "Name": name });
        let found = self.find(LAMBDA, "lambda:GetAlias", name, input)?;
        Ok(found.map(|found| read(function, &found)))
    }

    async fn create_alias(&self, new: &NewAlias) -> Result<LiveAlias> {
        let input = json!({
            "FunctionName": new.function,
            "Name": new.name,
            "FunctionVersion": new.version.to_string(),
            "Description": new.description,
        });
        let made = self.call(LAMBDA, "lambda:CreateAlias", &new.name, input);
        Ok(read(&new.function, &made.map_err(classified)?))
    }

    async fn change_alias(&self, alias: &LiveAlias, change: &AliasChange) -> Result<LiveAlias> {
        let mut input = json!({
            "FunctionName": alias.function, "Name": alias.name, "RevisionId": alias.revision,
        });
        if let Some(routing) = &change.routing {
            input["FunctionVersion"] = Value::from(routing.settled.to_string());
            let mut weights = json!({});
            if let Some(guest) = &routing.guest {
                weights[guest.version.to_string()] =
                    Value::from(f64::from(guest.share.tenths()) / 1000.0);
            }
            input["RoutingConfig"] = json!({ "AdditionalVersionWeights": weights });
        }
        if let Some(description) = &change.description {
            input["Description"] = Value::from(description.as_str());
        }
        let changed = self.call(LAMBDA, "lambda:UpdateAlias", &alias.name, input);
        Ok(read(&alias.function, &changed.map_err(classified)?))
    }

    async fn delete_alias(&self, function: &str, name: &str) -> Result<()> {
        let input = json!({ "FunctionName": function, "Name": name });
        self.call(LAMBDA, "lambda:DeleteAlias", name, input)?;
        Ok(())
    }

    async fn find_version(&self, function: &str, word: &str) -> Result<Option<FunctionVersion>> {
        let input = json!({ "FunctionName": function, "Qualifier": word });
        let found = self.find(LAMBDA, "lambda:GetFunctionConfiguration", function, input)?;
        Ok(found.map(|found| FunctionVersion {
            version: version(word),
            state: VersionState::parse(&text(&found, "State")),
            reason: found["StateReason"].as_str().map(str::to_owned),
        }))
    }
}
