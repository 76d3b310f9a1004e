//! Schema, metadata, configuration.

use std::sync::Arc;

use tfplugin_proto::tfplugin6 as proto;

use super::Shared;
use super::codec::decode;
use super::function;
use crate::context::{ClientState, Context};
use crate::diagnostic::Diagnostics;
use crate::provider::{ClientCapabilities, ConfigureRequest, Configured, Provider};
use crate::transport::ConnectionId;

impl ClientCapabilities {
    pub(super) fn from_proto(message: Option<&proto::ClientCapabilities>) -> Self {
        Self {
            write_only_attributes: message.is_some_and(|sent| sent.write_only_attributes_allowed),
        }
    }
}

fn server_capabilities() -> proto::ServerCapabilities {
    proto::ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: false,
    }
}

pub(super) fn metadata<P: Provider>(shared: &Shared<P>) -> proto::get_metadata::Response {
    use proto::get_metadata as m;
    let catalog = &shared.catalog;
    let owned = |name: &&'static str| (*name).to_owned();
    m::Response {
        server_capabilities: Some(server_capabilities()),
        diagnostics: catalog.problems.to_proto(),
        resources: catalog
            .resources
            .keys()
            .map(|n| m::ResourceMetadata {
                type_name: owned(n),
            })
            .collect(),
        data_sources: catalog
            .data_sources
            .keys()
            .map(|n| m::DataSourceMetadata {
                type_name: owned(n),
            })
            .collect(),
        functions: catalog
            .functions
            .keys()
            .map(|n| m::FunctionMetadata { name: owned(n) })
            .collect(),
        ephemeral_resources: catalog
            .ephemeral_resources
            .keys()
            .map(|n| m::EphemeralMetadata {
                type_name: owned(n),
            })
            .collect(),
        list_resources: catalog
            .list_resources
            .keys()
            .map(|n| m::ListResourceMetadata {
                type_name: owned(n),
            })
            .collect(),
        actions: catalog
            .actions
            .keys()
            .map(|n| m::ActionMetadata {
                type_name: owned(n),
            })
            .collect(),
        state_stores: Vec::new(),
    }
}

pub(super) fn schemas<P: Provider>(shared: &Shared<P>) -> proto::get_provider_schema::Response {
    let catalog = &shared.catalog;
    let action = |schema: proto::Schema| proto::ActionSchema {
        schema: Some(schema),
    };
    proto::get_provider_schema::Response {
        provider: Some(catalog.provider.to_proto()),
        resource_schemas: catalog
            .resources
            .iter()
            .map(|(n, r)| ((*n).to_owned(), r.schema.to_proto()))
            .collect(),
        data_source_schemas: catalog
            .data_sources
            .iter()
            .map(|(n, d)| ((*n).to_owned(), d.schema.to_proto()))
            .collect(),
        functions: function::signatures(shared),
        ephemeral_resource_schemas: catalog
            .ephemeral_resources
            .iter()
            .map(|(n, e)| ((*n).to_owned(), e.schema.to_proto()))
            .collect(),
        list_resource_schemas: catalog
            .list_resources
            .iter()
            .map(|(n, l)| ((*n).to_owned(), l.schema.to_proto()))
            .collect(),
        action_schemas: catalog
            .actions
            .iter()
            .map(|(n, a)| ((*n).to_owned(), action(a.schema.to_proto())))
            .collect(),
        server_capabilities: Some(server_capabilities()),
        diagnostics: catalog.problems.to_proto(),
        ..proto::get_provider_schema::Response::default()
    }
}

pub(super) fn identities<P: Provider>(
    shared: &Shared<P>,
) -> proto::get_resource_identity_schemas::Response {
    let identities = shared
        .catalog
        .resources
        .iter()
        .filter_map(|(name, registered)| {
            registered
                .identity
                .as_ref()
                .map(|identity| ((*name).to_owned(), identity.schema.to_proto()))
        });
    proto::get_resource_identity_schemas::Response {
        identity_schemas: identities.collect(),
        diagnostics: Vec::new(),
    }
}

pub(super) async fn validate<P: Provider>(
    shared: Arc<Shared<P>>,
    _: Context<P::Client>,
    request: proto::validate_provider_config::Request,
) -> Result<proto::validate_provider_config::Response, Diagnostics> {
    let config = decode(
        request.config.as_ref(),
        &shared.catalog.provider_type,
        "provider configuration",
    )?;
    // Terraform says nothing about its capabilities here; write-only is no concern, nothing is stored.
    let mut diagnostics = shared.catalog.provider.check(
        &config,
        ClientCapabilities {
            write_only_attributes: true,
        },
    );
    if !diagnostics.has_errors() {
        diagnostics.extend(shared.provider.validate(&config));
    }
    Ok(proto::validate_provider_config::Response {
        diagnostics: diagnostics.to_proto(),
    })
}

pub(super) async fn configure<P: Provider>(
    shared: Arc<Shared<P>>,
    context: Context<P::Client>,
    request: proto::configure_provider::Request,
    connection: Option<ConnectionId>,
) -> Result<proto::configure_provider::Response, Diagnostics> {
    let config = decode(
        request.config.as_ref(),
        &shared.catalog.provider_type,
        "provider configuration",
    )?;
    let request = ConfigureRequest {
        config,
        terraform_version: request.terraform_version,
        capabilities: ClientCapabilities::from_proto(request.client_capabilities.as_ref()),
        cancel: context.cancel().clone(),
    };
    let (state, diagnostics) = match shared.provider.configure(request).await {
        Ok(Configured {
            outcome: Ok(client),
            warnings,
        }) => (ClientState::Ready(Arc::new(client)), warnings),
        Ok(Configured {
            outcome: Err(paths),
            warnings,
        }) => (ClientState::Waiting(paths), warnings),
        Err(diagnostics) => (ClientState::Failed(diagnostics.clone()), diagnostics),
    };
    shared.sessions.configure(connection, state);
    Ok(proto::configure_provider::Response {
        diagnostics: diagnostics.to_proto(),
    })
}
