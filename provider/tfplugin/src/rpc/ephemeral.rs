//! Ephemeral resources.

use std::sync::Arc;

use prost_types::Timestamp;
use tfplugin_proto::tfplugin6 as proto;

use super::Shared;
use super::codec::{decode, encode};
use super::early::{Early, deferred};
use crate::context::Context;
use crate::diagnostic::Diagnostics;
use crate::ephemeral::{Opened, Renewed};
use crate::pipeline::{fit, inspect, verify};
use crate::private::Private;
use crate::provider::{ClientCapabilities, Provider};

pub(super) async fn validate<P: Provider>(
    shared: Arc<Shared<P>>,
    _: Context<P::Client>,
    request: proto::validate_ephemeral_resource_config::Request,
) -> Result<proto::validate_ephemeral_resource_config::Response, Diagnostics> {
    let offered = shared.catalog.ephemeral(&request.type_name)?;
    let config = decode(
        request.config.as_ref(),
        &offered.value_type,
        "configuration",
    )?;
    let mut diagnostics = offered.schema.check(
        &config,
        ClientCapabilities {
            write_only_attributes: true,
        },
    );
    if !diagnostics.has_errors() {
        diagnostics.extend(offered.item.dyn_validate(&config));
    }
    Ok(proto::validate_ephemeral_resource_config::Response {
        diagnostics: diagnostics.to_proto(),
    })
}

pub(super) async fn open<P: Provider>(
    shared: Arc<Shared<P>>,
    context: Context<P::Client>,
    request: proto::open_ephemeral_resource::Request,
) -> Result<proto::open_ephemeral_resource::Response, Diagnostics> {
    let offered = shared.catalog.ephemeral(&request.type_name)?;
    let config = decode(
        request.config.as_ref(),
        &offered.value_type,
        "configuration",
    )?;
    let early = Early::Ephemeral(offered.type_name);
    if let Some(deferred) = deferred(early, &context, request.client_capabilities.as_ref())? {
        let unknown = inspect::not_read_yet(&offered.schema, &config);
        return Ok(proto::open_ephemeral_resource::Response {
            result: encode(&unknown, &offered.value_type, "result")?,
            deferred: Some(deferred),
            ..proto::open_ephemeral_resource::Response::default()
        });
    }
    let Opened {
        result,
        renew_at,
        private,
        warnings,
    } = offered.item.dyn_open(&context, config.clone()).await?;
    let place = format!("opening `{}`", offered.type_name);
    let result = fit::fit(result, &offered.value_type).strictly(&place)?;
    let result = fit::without_write_only(&offered.schema.block, result);
    if result.is_null() {
        return Err(Diagnostics::bug(place, "there is no result"));
    }
    let (result, unknown) = fit::without_unknowns(result);
    if let Some(path) = unknown.first() {
        return Err(Diagnostics::bug(
            place,
            format_args!("the value of `{path}` is unknown"),
        ));
    }
    verify::echoes(&offered.schema, &place, &config, &result)?;
    Ok(proto::open_ephemeral_resource::Response {
        diagnostics: warnings.to_proto(),
        renew_at: renew_at.map(Timestamp::from),
        result: encode(&result, &offered.value_type, "result")?,
        private: optional(&private),
        deferred: None,
    })
}

pub(super) async fn renew<P: Provider>(
    shared: Arc<Shared<P>>,
    context: Context<P::Client>,
    request: proto::renew_ephemeral_resource::Request,
) -> Result<proto::renew_ephemeral_resource::Response, Diagnostics> {
    let offered = shared.catalog.ephemeral(&request.type_name)?;
    let private = Private::decode(request.private.as_deref().unwrap_or_default())?;
    let Renewed {
        renew_at,
        private: next,
        warnings,
    } = offered.item.dyn_renew(&context, private.clone()).await?;
    Ok(proto::renew_ephemeral_resource::Response {
        diagnostics: warnings.to_proto(),
        renew_at: renew_at.map(Timestamp::from),
        private: optional(&next.unwrap_or(private)),
    })
}

pub(super) async fn close<P: Provider>(
    shared: Arc<Shared<P>>,
    context: Context<P::Client>,
    request: proto::close_ephemeral_resource::Request,
) -> Result<proto::close_ephemeral_resource::Response, Diagnostics> {
    let offered = shared.catalog.ephemeral(&request.type_name)?;
    let private = Private::decode(request.private.as_deref().unwrap_or_default())?;
    let diagnostics = offered.item.dyn_close(&context, private).await;
    Ok(proto::close_ephemeral_resource::Response {
        diagnostics: diagnostics.to_proto(),
    })
}

fn optional(private: &Private) -> Option<Vec<u8>> {
    (!private.is_empty()).then(|| private.encode())
}
