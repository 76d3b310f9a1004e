//! Managed resources.

use std::sync::Arc;

use tfplugin_proto::tfplugin6 as proto;

use super::Shared;
use super::codec::{decode, decode_identity, encode, encode_identity, raw_state};
use super::early::{Early, deferred};
use crate::context::Context;
use crate::diagnostic::{Diagnostics, path_to_proto};
use crate::pipeline::apply::{self, ApplyInput};
use crate::pipeline::inspect;
use crate::pipeline::plan::{self, PlanInput};
use crate::pipeline::verify;
use crate::private::Private;
use crate::provider::{ClientCapabilities, Provider};
use crate::resource::{ImportRequest, MoveRequest, ReadRequest};
use crate::transport::Purpose;

pub(super) async fn validate<P: Provider>(
    shared: Arc<Shared<P>>,
    _: Context<P::Client>,
    request: proto::validate_resource_config::Request,
) -> Result<proto::validate_resource_config::Response, Diagnostics> {
    let registered = shared.catalog.resource(&request.type_name)?;
    let config = decode(
        request.config.as_ref(),
        &registered.value_type,
        "configuration",
    )?;
    let capabilities = ClientCapabilities::from_proto(request.client_capabilities.as_ref());
    if shared.purpose == Purpose::Destroy {
        return Ok(proto::validate_resource_config::Response::default());
    }
    let mut diagnostics = registered.schema.check(&config, capabilities);
    if !diagnostics.has_errors() {
        diagnostics.extend(registered.resource.dyn_validate(&config));
    }
    Ok(proto::validate_resource_config::Response {
        diagnostics: diagnostics.to_proto(),
    })
}

pub(super) async fn upgrade<P: Provider>(
    shared: Arc<Shared<P>>,
    _: Context<P::Client>,
    request: proto::upgrade_resource_state::Request,
) -> Result<proto::upgrade_resource_state::Response, Diagnostics> {
    let registered = shared.catalog.resource(&request.type_name)?;
    let state = raw_state(request.raw_state)?;
    let upgraded = inspect::upgrade(registered, request.version, &state)?;
    let upgraded_state = encode(&upgraded, &registered.value_type, "upgraded state")?;
    Ok(proto::upgrade_resource_state::Response {
        upgraded_state,
        diagnostics: Vec::new(),
    })
}

pub(super) async fn upgrade_identity<P: Provider>(
    shared: Arc<Shared<P>>,
    _: Context<P::Client>,
    request: proto::upgrade_resource_identity::Request,
) -> Result<proto::upgrade_resource_identity::Response, Diagnostics> {
    let registered = shared.catalog.resource(&request.type_name)?;
    let identity = raw_state(request.raw_identity)?;
    let upgraded = inspect::upgrade_identity(registered, request.version, &identity)?;
    let upgraded_identity = encode_identity(upgraded.as_ref(), registered)?;
    Ok(proto::upgrade_resource_identity::Response {
        upgraded_identity,
        diagnostics: Vec::new(),
    })
}

pub(super) async fn read<P: Provider>(
    shared: Arc<Shared<P>>,
    context: Context<P::Client>,
    request: proto::read_resource::Request,
) -> Result<proto::read_resource::Response, Diagnostics> {
    let registered = shared.catalog.resource(&request.type_name)?;
    let state = decode(
        request.current_state.as_ref(),
        &registered.value_type,
        "state",
    )?;
    if state.is_null() {
        // Nothing recorded is nothing there.
        return Ok(proto::read_resource::Response::default());
    }
    let asked = ReadRequest {
        state,
        identity: decode_identity(request.current_identity.as_ref(), registered)?,
        private: Private::decode(&request.private)?,
    };
    let found = inspect::read(registered, &context, asked).await?;
    verify::recorded(registered, "reading", &found)?;
    Ok(proto::read_resource::Response {
        new_state: encode(&found.state, &registered.value_type, "state")?,
        diagnostics: found.warnings.to_proto(),
        private: found.private.encode(),
        deferred: None,
        new_identity: encode_identity(found.identity.as_ref(), registered)?,
    })
}

pub(super) async fn plan<P: Provider>(
    shared: Arc<Shared<P>>,
    context: Context<P::Client>,
    request: proto::plan_resource_change::Request,
) -> Result<proto::plan_resource_change::Response, Diagnostics> {
    let registered = shared.catalog.resource(&request.type_name)?;
    let r#type = &registered.value_type;
    let input = PlanInput {
        prior: decode(request.prior_state.as_ref(), r#type, "prior state")?,
        proposed: decode(
            request.proposed_new_state.as_ref(),
            r#type,
            "proposed state",
        )?,
        config: decode(request.config.as_ref(), r#type, "configuration")?,
        private: Private::decode(&request.prior_private)?,
        identity: decode_identity(request.prior_identity.as_ref(), registered)?,
    };
    let asked = verify::enabled().then(|| input.clone());
    let answer = match shared.purpose {
        Purpose::Destroy if !input.proposed.is_null() => plan::unjudged(registered, input),
        Purpose::Destroy | Purpose::Any => plan::plan(registered, &context, input).await,
    };
    let Some(planned) = &answer.planned else {
        return Err(answer.diagnostics);
    };
    if let Some(asked) = asked {
        verify::plan(registered, &asked, &answer)?;
    }
    Ok(proto::plan_resource_change::Response {
        planned_state: encode(planned, r#type, "planned state")?,
        requires_replace: answer.replace.iter().map(path_to_proto).collect(),
        planned_private: answer.private.encode(),
        diagnostics: answer.diagnostics.to_proto(),
        legacy_type_system: false,
        deferred: None,
        planned_identity: encode_identity(answer.identity.as_ref(), registered)?,
    })
}

pub(super) async fn apply<P: Provider>(
    shared: Arc<Shared<P>>,
    context: Context<P::Client>,
    request: proto::apply_resource_change::Request,
) -> Result<proto::apply_resource_change::Response, Diagnostics> {
    let registered = shared.catalog.resource(&request.type_name)?;
    let r#type = &registered.value_type;
    let input = ApplyInput {
        prior: decode(request.prior_state.as_ref(), r#type, "prior state")?,
        planned: decode(request.planned_state.as_ref(), r#type, "planned state")?,
        config: decode(request.config.as_ref(), r#type, "configuration")?,
        private: Private::decode(&request.planned_private)?,
        identity: decode_identity(request.planned_identity.as_ref(), registered)?,
    };
    let planned = verify::enabled().then(|| input.planned.clone());
    if let Ok(client) = context.client() {
        shared.provider.apply_begins(client);
    }
    let mut answer = apply::apply(registered, &context, input).await;
    if let Some(planned) = planned {
        // The state is sent all the same: refusing the answer would lose the object.
        let violations = verify::apply(registered, &planned, &answer);
        answer.diagnostics.extend(violations);
    }
    let mut diagnostics = answer.diagnostics;
    let new_state = answer
        .state
        .map(|state| encode(&state, r#type, "state"))
        .transpose();
    let identity = encode_identity(answer.identity.as_ref(), registered);
    Ok(proto::apply_resource_change::Response {
        new_state: keep_or_report(new_state.map(Option::flatten), &mut diagnostics),
        private: answer.private.encode(),
        new_identity: keep_or_report(identity, &mut diagnostics),
        diagnostics: diagnostics.to_proto(),
        legacy_type_system: false,
    })
}

/// The part of an apply answer that can be sent, with the failure of the rest among the diagnostics.
fn keep_or_report<T>(
    part: Result<Option<T>, Diagnostics>,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    part.unwrap_or_else(|bugs| {
        diagnostics.extend(bugs);
        None
    })
}

pub(super) async fn import<P: Provider>(
    shared: Arc<Shared<P>>,
    context: Context<P::Client>,
    request: proto::import_resource_state::Request,
) -> Result<proto::import_resource_state::Response, Diagnostics> {
    let registered = shared.catalog.resource(&request.type_name)?;
    let early = Early::Import(registered.type_name);
    if let Some(deferred) = deferred(early, &context, request.client_capabilities.as_ref())? {
        return Ok(proto::import_resource_state::Response {
            deferred: Some(deferred),
            ..proto::import_resource_state::Response::default()
        });
    }
    let asked = match decode_identity(request.identity.as_ref(), registered)? {
        Some(identity) => ImportRequest::Identity(identity),
        None => ImportRequest::Id(request.id),
    };
    let found = inspect::import(registered, &context, asked).await?;
    verify::recorded(registered, "importing", &found)?;
    let imported = proto::import_resource_state::ImportedResource {
        type_name: request.type_name,
        state: encode(&found.state, &registered.value_type, "imported state")?,
        private: found.private.encode(),
        identity: encode_identity(found.identity.as_ref(), registered)?,
    };
    Ok(proto::import_resource_state::Response {
        imported_resources: vec![imported],
        diagnostics: found.warnings.to_proto(),
        deferred: None,
    })
}

pub(super) async fn move_state<P: Provider>(
    shared: Arc<Shared<P>>,
    _: Context<P::Client>,
    request: proto::move_resource_state::Request,
) -> Result<proto::move_resource_state::Response, Diagnostics> {
    let registered = shared.catalog.resource(&request.target_type_name)?;
    let asked = MoveRequest {
        source_provider: request.source_provider_address,
        source_type: request.source_type_name,
        source_version: request.source_schema_version,
        source_state: raw_state(request.source_state)?,
        source_private: request.source_private,
        source_identity: request
            .source_identity
            .map(|identity| raw_state(Some(identity)))
            .transpose()?,
    };
    let moved = inspect::move_state(registered, &asked)?;
    verify::recorded(registered, "moving", &moved)?;
    Ok(proto::move_resource_state::Response {
        target_state: encode(&moved.state, &registered.value_type, "moved state")?,
        diagnostics: moved.warnings.to_proto(),
        target_private: moved.private.encode(),
        target_identity: encode_identity(moved.identity.as_ref(), registered)?,
    })
}
