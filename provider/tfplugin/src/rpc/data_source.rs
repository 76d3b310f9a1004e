//! Data sources.

use std::sync::Arc;

use tfplugin_proto::tfplugin6 as proto;

use super::Shared;
use super::codec::{decode, encode};
use super::early::{Early, deferred};
use crate::context::Context;
use crate::diagnostic::Diagnostics;
use crate::pipeline::{fit, inspect, verify};
use crate::provider::{ClientCapabilities, Provider};

pub(super) async fn validate<P: Provider>(
    shared: Arc<Shared<P>>,
    _: Context<P::Client>,
    request: proto::validate_data_resource_config::Request,
) -> Result<proto::validate_data_resource_config::Response, Diagnostics> {
    let offered = shared.catalog.data_source(&request.type_name)?;
    let config = decode(
        request.config.as_ref(),
        &offered.value_type,
        "configuration",
    )?;
    let mut diagnostics = offered.schema.check(&config, ClientCapabilities::default());
    if !diagnostics.has_errors() {
        diagnostics.extend(offered.item.dyn_validate(&config));
    }
    Ok(proto::validate_data_resource_config::Response {
        diagnostics: diagnostics.to_proto(),
    })
}

pub(super) async fn read<P: Provider>(
    shared: Arc<Shared<P>>,
    context: Context<P::Client>,
    request: proto::read_data_source::Request,
) -> Result<proto::read_data_source::Response, Diagnostics> {
    let offered = shared.catalog.data_source(&request.type_name)?;
    let config = decode(
        request.config.as_ref(),
        &offered.value_type,
        "configuration",
    )?;
    let early = Early::DataSource(offered.type_name);
    if let Some(deferred) = deferred(early, &context, request.client_capabilities.as_ref())? {
        let unknown = inspect::not_read_yet(&offered.schema, &config);
        return Ok(proto::read_data_source::Response {
            state: encode(&unknown, &offered.value_type, "result")?,
            diagnostics: Vec::new(),
            deferred: Some(deferred),
        });
    }
    let found = offered.item.dyn_read(&context, config.clone()).await?;
    let place = format!("reading `{}`", offered.type_name);
    let state = fit::fit(found.state, &offered.value_type).strictly(&place)?;
    let (state, unknown) = fit::without_unknowns(state);
    if let Some(path) = unknown.first() {
        return Err(Diagnostics::bug(
            place,
            format_args!("the value of `{path}` is unknown"),
        ));
    }
    if state.is_null() {
        return Err(Diagnostics::bug(place, "there is no result"));
    }
    verify::echoes(&offered.schema, &place, &config, &state)?;
    Ok(proto::read_data_source::Response {
        state: encode(&state, &offered.value_type, "result")?,
        diagnostics: found.warnings.to_proto(),
        deferred: None,
    })
}
