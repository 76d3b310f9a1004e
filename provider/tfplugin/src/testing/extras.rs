//! Data sources, functions, ephemeral resources, lists and actions.

use std::time::SystemTime;

use futures::StreamExt as _;
use tfplugin_proto::tfplugin6 as proto;
use tfplugin_proto::tfplugin6::provider_server::Provider as _;
use tonic::Request;

use super::Simulator;
use super::calls::{ask, decode, diagnostics, encode};
use super::config::{complete, refused};
use super::planning::{check, identity_from};
use crate::contract;
use crate::diagnostic::Diagnostics;
use crate::function::FunctionError;
use crate::provider::Provider;
use crate::value::Value;

/// An open ephemeral resource.
#[derive(Clone, Debug)]
#[must_use]
pub struct Lease {
    /// The value.
    pub result: Value,
    /// When it wants to be renewed.
    pub renew_at: Option<SystemTime>,
    /// Warnings.
    pub diagnostics: Diagnostics,
    type_name: String,
    /// Given to close.
    opened: Option<Vec<u8>>,
    /// Given to the next renewal.
    renewed: Option<Vec<u8>>,
}

/// One finding of a list resource.
#[derive(Clone, Debug)]
pub struct Listed {
    /// What identifies the object.
    pub identity: Option<Value>,
    /// Its name for people.
    pub display_name: String,
    /// The object, when it was asked for.
    pub object: Option<Value>,
    /// Messages of this finding.
    pub diagnostics: Diagnostics,
}

/// What an action did.
#[derive(Clone, Debug)]
#[must_use]
pub struct Invocation {
    /// What it told on the way.
    pub progress: Vec<String>,
    /// How often it said that it was done; Terraform relies on exactly once.
    pub completions: usize,
    /// Everything that was said.
    pub diagnostics: Diagnostics,
}

impl<P: Provider> Simulator<P> {
    /// Reads a data source. Attributes may be left out of `config`.
    ///
    /// # Errors
    ///
    /// Everything that was said, when there was an error.
    pub async fn read_data(&self, type_name: &str, config: Value) -> Result<Value, Diagnostics> {
        let offered = self.server.catalog().data_source(type_name)?;
        let config = complete(&offered.schema.block, config);
        refused(&offered.schema.block, &config).into_result(())?;
        let encoded = encode(&config, &offered.value_type)?;
        let request = proto::validate_data_resource_config::Request {
            type_name: type_name.to_owned(),
            config: encoded.clone(),
        };
        let answer = ask(self
            .server
            .validate_data_resource_config(Request::new(request)))
        .await?;
        diagnostics(answer.diagnostics).into_result(())?;
        let request = proto::read_data_source::Request {
            type_name: type_name.to_owned(),
            config: encoded,
            provider_meta: None,
            client_capabilities: Some(self.world().capabilities),
        };
        let answer = ask(self.server.read_data_source(Request::new(request))).await?;
        diagnostics(answer.diagnostics).into_result(())?;
        let state = decode(answer.state.as_ref(), &offered.value_type)?;
        if state.is_null() {
            return Err(Diagnostics::error(
                "Provider produced null object",
                type_name.to_owned(),
            ));
        }
        check(
            "Provider produced invalid object",
            contract::wholly_known(&state),
        )
        .into_result(state)
    }

    /// Calls a function with arguments of its parameters' types.
    ///
    /// # Errors
    ///
    /// What the function answered instead of a result.
    pub async fn call(&self, name: &str, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let plain = |failure: Diagnostics| FunctionError::new(failure.to_string());
        let Some(offered) = self.server.catalog().functions.get(name) else {
            return Err(FunctionError::new(format!("there is no function `{name}`")));
        };
        let mut encoded = Vec::with_capacity(arguments.len());
        for (position, argument) in arguments.iter().enumerate() {
            let r#type = offered
                .signature
                .parameter_at(position)
                .map_or(crate::value::Type::Dynamic, |p| p.r#type.clone());
            encoded.push(
                encode(argument, &r#type)
                    .map_err(plain)?
                    .unwrap_or_default(),
            );
        }
        let request = proto::call_function::Request {
            name: name.to_owned(),
            arguments: encoded,
        };
        let answer = ask(self.server.call_function(Request::new(request)))
            .await
            .map_err(plain)?;
        if let Some(error) = answer.error {
            let argument = error
                .function_argument
                .and_then(|position| usize::try_from(position).ok());
            return Err(FunctionError {
                text: error.text,
                argument,
            });
        }
        decode(answer.result.as_ref(), &offered.signature.returns).map_err(plain)
    }

    /// Opens an ephemeral resource. Attributes may be left out of `config`.
    ///
    /// # Errors
    ///
    /// Everything that was said, when there was an error.
    pub async fn open(&self, type_name: &str, config: Value) -> Result<Lease, Diagnostics> {
        let offered = self.server.catalog().ephemeral(type_name)?;
        let config = complete(&offered.schema.block, config);
        refused(&offered.schema.block, &config).into_result(())?;
        let encoded = encode(&config, &offered.value_type)?;
        let request = proto::validate_ephemeral_resource_config::Request {
            type_name: type_name.to_owned(),
            config: encoded.clone(),
        };
        let answer = ask(self
            .server
            .validate_ephemeral_resource_config(Request::new(request)))
        .await?;
        diagnostics(answer.diagnostics).into_result(())?;
        let request = proto::open_ephemeral_resource::Request {
            type_name: type_name.to_owned(),
            config: encoded,
            client_capabilities: None,
        };
        let answer = ask(self.server.open_ephemeral_resource(Request::new(request))).await?;
        let said = diagnostics(answer.diagnostics).into_result_keeping_warnings()?;
        let result = decode(answer.result.as_ref(), &offered.value_type)?;
        check(
            "Provider produced invalid ephemeral resource instance",
            contract::plan_valid(&offered.schema, &Value::Null, &config, &result),
        )
        .into_result(())?;
        Ok(Lease {
            result,
            renew_at: answer
                .renew_at
                .and_then(|time| SystemTime::try_from(time).ok()),
            diagnostics: said,
            type_name: type_name.to_owned(),
            renewed: answer.private.clone(),
            opened: answer.private,
        })
    }

    /// Renews an open ephemeral resource.
    ///
    /// # Errors
    ///
    /// Everything that was said, when there was an error.
    pub async fn renew(&self, lease: &mut Lease) -> Result<(), Diagnostics> {
        let request = proto::renew_ephemeral_resource::Request {
            type_name: lease.type_name.clone(),
            private: lease.renewed.take(),
        };
        let answer = ask(self.server.renew_ephemeral_resource(Request::new(request))).await?;
        lease
            .diagnostics
            .extend(diagnostics(answer.diagnostics).into_result_keeping_warnings()?);
        lease.renew_at = answer
            .renew_at
            .and_then(|time| SystemTime::try_from(time).ok());
        lease.renewed = answer.private;
        Ok(())
    }

    /// Closes an ephemeral resource, with the private data of its opening.
    pub async fn close(&self, lease: Lease) -> Diagnostics {
        let request = proto::close_ephemeral_resource::Request {
            type_name: lease.type_name,
            private: lease.opened,
        };
        match ask(self.server.close_ephemeral_resource(Request::new(request))).await {
            Ok(answer) => diagnostics(answer.diagnostics),
            Err(failure) => failure,
        }
    }

    /// Lists objects. Terraform stops reading at the limit; so does this.
    ///
    /// # Errors
    ///
    /// What was said, when the listing broke off.
    pub async fn list(
        &self,
        type_name: &str,
        config: Value,
        with_objects: bool,
        limit: usize,
    ) -> Result<Vec<Listed>, Diagnostics> {
        let registered = self.registered(type_name)?;
        let offered = self.server.catalog().list(type_name)?;
        let config = encode(
            &complete(&offered.schema.block, config),
            &offered.value_type,
        )?;
        let request = proto::validate_list_resource_config::Request {
            type_name: type_name.to_owned(),
            config: config.clone(),
            ..proto::validate_list_resource_config::Request::default()
        };
        let answer = ask(self
            .server
            .validate_list_resource_config(Request::new(request)))
        .await?;
        diagnostics(answer.diagnostics).into_result(())?;
        let request = proto::list_resource::Request {
            type_name: type_name.to_owned(),
            config,
            include_resource_object: with_objects,
            limit: i64::try_from(limit).unwrap_or(i64::MAX),
        };
        let mut events = ask(self.server.list_resource(Request::new(request))).await?;
        let mut found = Vec::new();
        while found.len() < limit {
            let Some(event) = events.next().await else {
                break;
            };
            let event =
                event.map_err(|status| Diagnostics::error("Plugin error", status.to_string()))?;
            let said = diagnostics(event.diagnostic).into_result_keeping_warnings()?;
            found.push(Listed {
                identity: identity_from(event.identity.as_ref(), registered)?,
                display_name: event.display_name,
                object: event
                    .resource_object
                    .map(|object| decode(Some(&object), &registered.value_type))
                    .transpose()?,
                diagnostics: said,
            });
        }
        Ok(found)
    }

    /// Validates, plans and runs an action. Attributes may be left out of `config`.
    pub async fn invoke(&self, type_name: &str, config: Value) -> Invocation {
        let mut invocation = Invocation {
            progress: Vec::new(),
            completions: 0,
            diagnostics: Diagnostics::none(),
        };
        if let Err(failure) = self.try_invoke(type_name, config, &mut invocation).await {
            invocation.diagnostics.extend(failure);
        }
        invocation
    }

    async fn try_invoke(
        &self,
        type_name: &str,
        config: Value,
        invocation: &mut Invocation,
    ) -> Result<(), Diagnostics> {
        use proto::invoke_action::event::Type;
        let offered = self.server.catalog().action(type_name)?;
        let config = encode(
            &complete(&offered.schema.block, config),
            &offered.value_type,
        )?;
        let request = proto::validate_action_config::Request {
            type_name: type_name.to_owned(),
            config: config.clone(),
        };
        let answer = ask(self.server.validate_action_config(Request::new(request))).await?;
        invocation
            .diagnostics
            .extend(diagnostics(answer.diagnostics).into_result_keeping_warnings()?);
        let request = proto::plan_action::Request {
            action_type: type_name.to_owned(),
            config: config.clone(),
            client_capabilities: Some(self.world().capabilities),
        };
        let answer = ask(self.server.plan_action(Request::new(request))).await?;
        invocation
            .diagnostics
            .extend(diagnostics(answer.diagnostics).into_result_keeping_warnings()?);
        let request = proto::invoke_action::Request {
            action_type: type_name.to_owned(),
            config,
            client_capabilities: Some(self.world().capabilities),
        };
        let mut events = ask(self.server.invoke_action(Request::new(request))).await?;
        while let Some(event) = events.next().await {
            let event =
                event.map_err(|status| Diagnostics::error("Plugin error", status.to_string()))?;
            match event.r#type {
                Some(Type::Progress(progress)) => invocation.progress.push(progress.message),
                Some(Type::Completed(completed)) => {
                    invocation.completions += 1;
                    invocation
                        .diagnostics
                        .extend(diagnostics(completed.diagnostics));
                }
                None => {
                    return Err(Diagnostics::error(
                        "An event of the action says nothing",
                        "",
                    ));
                }
            }
        }
        Ok(())
    }
}
