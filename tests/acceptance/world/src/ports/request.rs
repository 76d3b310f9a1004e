//! What requests are made of.

use serde_json::{Map, Value};

/// Adds `member` when there is a value: absent means "leave alone".
pub(super) fn put(request: &mut Map<String, Value>, member: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        request.insert(member.to_owned(), value.into());
    }
}
