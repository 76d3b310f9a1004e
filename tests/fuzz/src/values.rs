//! Terraform's values in their two forms.

use tfplugin::value::{Type, Value};

/// The first line of an input is the type's signature, the rest is the value.
fn typed(input: &[u8]) -> Option<(Type, &[u8])> {
    let end = input.iter().position(|byte| *byte == b'\n')?;
    let (signature, rest) = input.split_at_checked(end)?;
    Some((Type::from_signature(signature).ok()?, rest.get(1..)?))
}

/// What is read from msgpack can be written, and means the same when it is read again.
pub fn msgpack(input: &[u8]) {
    let Some((ty, bytes)) = typed(input) else {
        return;
    };
    if let Ok(value) = Value::decode_msgpack(bytes, &ty) {
        let written = value.encode_msgpack(&ty);
        let again = written.map(|bytes| Value::decode_msgpack(&bytes, &ty));
        assert_eq!(again, Ok(Ok(value)), "as {}", ty.to_signature());
    }
}

/// What is read from JSON can be written, and means the same when it is read again.
pub fn json(input: &[u8]) {
    let Some((ty, text)) = typed(input) else {
        return;
    };
    if let Ok(value) = Value::decode_json(text, &ty) {
        let written = value.encode_json(&ty);
        let again = written.map(|text| Value::decode_json(&text, &ty));
        assert_eq!(again, Ok(Ok(value)), "as {}", ty.to_signature());
    }
}
