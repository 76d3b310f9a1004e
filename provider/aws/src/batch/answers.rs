//! What becomes of one answer for several keys.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use switchyard_engine::ports::{Error, ErrorKind};

/// An answer for each key that was asked for, and what was found besides.
pub(super) fn spread<K: Clone + Eq + Hash, V>(
    asked: &[K],
    found: HashMap<K, V>,
) -> HashMap<K, Result<Option<V>, Arc<Error>>> {
    let absent = asked.iter().map(|key| (key.clone(), Ok(None)));
    let mut answers: HashMap<_, _> = absent.collect();
    answers.extend(found.into_iter().map(|(key, value)| (key, Ok(Some(value)))));
    answers
}

/// Whether an error for many keys may be the fault of one of them: one that is refused, or one whose
/// answer cannot be understood.
pub(super) fn blames_one_key(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Denied | ErrorKind::NotFound | ErrorKind::Rejected | ErrorKind::Unexpected
    )
}

pub(super) fn copy(error: &Error, target: &str) -> Error {
    Error {
        operation: error.operation,
        target: target.to_owned(),
        kind: error.kind,
        code: error.code.clone(),
        message: error.message.clone(),
        request_id: error.request_id.clone(),
    }
}

pub(super) fn lost_key(target: &str) -> Error {
    Error {
        operation: "switchyard:Batch",
        target: target.to_owned(),
        kind: ErrorKind::Unexpected,
        code: String::new(),
        message:
            "a gathered read lost one of its keys. This is a bug in the provider; please report it"
                .to_owned(),
        request_id: None,
    }
}
