//! Values to and from messages.

use tfplugin_proto::tfplugin6 as proto;

use crate::diagnostic::Diagnostics;
use crate::pipeline::Registered;
use crate::value::{Type, Value};

/// A value from a message. An unset or empty message is null; msgpack wins over JSON.
pub(super) fn decode(
    message: Option<&proto::DynamicValue>,
    r#type: &Type,
    what: &str,
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
        Diagnostics::bug(
            format_args!("decoding the {what} sent by Terraform"),
            format_args!("it does not fit the schema: {cause}"),
        )
    })
}

/// A message from a value.
pub(super) fn encode(
    value: &Value,
    r#type: &Type,
    what: &str,
) -> Result<Option<proto::DynamicValue>, Diagnostics> {
    match value.encode_msgpack(r#type) {
        Ok(msgpack) => Ok(Some(proto::DynamicValue {
            msgpack,
            json: Vec::new(),
        })),
        Err(cause) => Err(Diagnostics::bug(
            format_args!("encoding the {what} for Terraform"),
            format_args!("it does not fit the schema: {cause}"),
        )),
    }
}

/// An identity from a message. A resource without an identity schema has none.
pub(super) fn decode_identity<C>(
    message: Option<&proto::ResourceIdentityData>,
    registered: &Registered<C>,
) -> Result<Option<Value>, Diagnostics> {
    let (Some(message), Some(identity)) = (message, &registered.identity) else {
        return Ok(None);
    };
    let value = decode(
        message.identity_data.as_ref(),
        &identity.value_type,
        "identity",
    )?;
    Ok((!value.is_null()).then_some(value))
}

/// A message from an identity.
pub(super) fn encode_identity<C>(
    identity: Option<&Value>,
    registered: &Registered<C>,
) -> Result<Option<proto::ResourceIdentityData>, Diagnostics> {
    let (Some(value), Some(identity)) = (identity, &registered.identity) else {
        return Ok(None);
    };
    let identity_data = encode(value, &identity.value_type, "identity")?;
    Ok(Some(proto::ResourceIdentityData { identity_data }))
}

/// Raw state from a message.
pub(super) fn raw_state(
    message: Option<proto::RawState>,
) -> Result<crate::resource::RawState, Diagnostics> {
    let message = message.unwrap_or_default();
    if message.json.is_empty() && !message.flatmap.is_empty() {
        return Err(Diagnostics::error(
            "State written by Terraform 0.11 or older",
            "The state of this object has the form used before Terraform 0.12, which this provider never wrote. \
             Nothing was changed. Remove the object from the state with `terraform state rm` and import it again.",
        ));
    }
    Ok(crate::resource::RawState { json: message.json })
}
