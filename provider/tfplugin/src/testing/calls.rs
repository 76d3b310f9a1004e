//! Calling the server as Terraform does, and reading what it says.

use std::future::Future;

use tfplugin_proto::tfplugin6 as proto;
use tonic::{Response, Status};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::value::{Path, PathStep, Type, Value};

/// Makes a call. A failed call is what a provider must never answer.
pub(super) async fn ask<T>(
    call: impl Future<Output = Result<Response<T>, Status>>,
) -> Result<T, Diagnostics> {
    match call.await {
        Ok(answer) => Ok(answer.into_inner()),
        Err(status) => Err(Diagnostics::error(
            "Plugin error",
            format!("The call failed: {status}"),
        )),
    }
}

pub(super) fn encode(
    value: &Value,
    r#type: &Type,
) -> Result<Option<proto::DynamicValue>, Diagnostics> {
    let msgpack = value.encode_msgpack(r#type).map_err(|cause| {
        Diagnostics::error(
            "The value does not fit the schema",
            format!("What the test gave cannot be sent: {cause}"),
        )
    })?;
    Ok(Some(proto::DynamicValue {
        msgpack,
        json: Vec::new(),
    }))
}

/// An unset or empty message is null.
pub(super) fn decode(
    message: Option<&proto::DynamicValue>,
    r#type: &Type,
) -> Result<Value, Diagnostics> {
    let Some(message) = message else {
        return Ok(Value::Null);
    };
    let decoded = if !message.msgpack.is_empty() {
        Value::decode_msgpack(&message.msgpack, r#type)
    } else if !message.json.is_empty() {
        Value::decode_json(&message.json, r#type)
    } else {
        return Ok(Value::Null);
    };
    decoded.map_err(|cause| {
        Diagnostics::error("Provider produced an invalid value", cause.to_string())
    })
}

/// Messages from their wire form.
pub(super) fn diagnostics(sent: Vec<proto::Diagnostic>) -> Diagnostics {
    use proto::diagnostic::Severity;
    sent.into_iter()
        .map(|sent| {
            let diagnostic = match Severity::try_from(sent.severity) {
                Ok(Severity::Error) => Diagnostic::error(sent.summary, sent.detail),
                Ok(Severity::Warning) => Diagnostic::warning(sent.summary, sent.detail),
                Ok(Severity::Invalid) | Err(_) => Diagnostic::error(
                    "Diagnostic without a severity",
                    format!("{}: {}", sent.summary, sent.detail),
                ),
            };
            match sent.attribute {
                Some(path) => diagnostic.at(self::path(path)),
                None => diagnostic,
            }
        })
        .collect()
}

pub(super) fn path(sent: proto::AttributePath) -> Path {
    use proto::attribute_path::step::Selector;
    let steps = sent.steps.into_iter().filter_map(|step| step.selector);
    steps
        .map(|selector| match selector {
            Selector::AttributeName(name) => PathStep::Attribute(name),
            Selector::ElementKeyString(key) => PathStep::Key(key),
            Selector::ElementKeyInt(index) => PathStep::Index(index),
        })
        .collect()
}
