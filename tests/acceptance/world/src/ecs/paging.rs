//! Pages of List calls.

use serde_json::{Map, Value, json};

use super::errors;
use crate::error::ApiError;
use crate::input::{Input, page};

/// Answers a List call: one page of ARNs, `nextToken` when there is more.
pub(super) fn listed(input: &Input, member: &str, arns: &[String]) -> Result<Value, ApiError> {
    let size = input.number_in("maxResults", 1, 100)?.unwrap_or(100);
    let token = input.text("nextToken")?;
    let (arns, next) = page(arns, token.as_deref(), usize::try_from(size).unwrap_or(100))
        .ok_or_else(errors::invalid_token)?;
    let mut answer = Map::from_iter([(member.to_owned(), json!(arns))]);
    if let Some(next) = next {
        answer.insert("nextToken".to_owned(), json!(next));
    }
    Ok(Value::Object(answer))
}
