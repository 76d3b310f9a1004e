//! Pages of a list: the token is the number of items already given.

use serde_json::Value;

use super::errors;
use crate::ApiError;

/// One page of at most `size` items, and the token of the next one.
///
/// # Errors
/// `InvalidNextToken` for a token this endpoint never gave.
pub(crate) fn page<T>(
    items: Vec<T>,
    token: Option<&str>,
    size: usize,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let skip = match token {
        None => 0,
        Some(token) => token
            .parse::<usize>()
            .ok()
            .filter(|skip| *skip > 0)
            .ok_or_else(errors::invalid_token)?,
    };
    let more = items.len() > skip.saturating_add(size);
    let page = items.into_iter().skip(skip).take(size).collect();
    Ok((page, more.then(|| skip.saturating_add(size).to_string())))
}

/// Adds the next token to an answer, when there is one.
pub(crate) fn set_next(answer: &mut Value, name: &str, next: Option<String>) {
    if let (Some(object), Some(next)) = (answer.as_object_mut(), next) {
        object.insert(name.to_owned(), Value::String(next));
    }
}

/// The page size a caller asked for, within what the service allows.
pub(crate) fn size(asked: Option<i64>, largest: usize) -> usize {
    asked
        .and_then(|size| usize::try_from(size).ok())
        .filter(|size| *size > 0)
        .map_or(largest, |size| size.min(largest))
}
