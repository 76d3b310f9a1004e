//! Functions of AWS Lambda.

use std::time::Duration;

use serde_json::Value;
use switchyard_engine::ports::{FunctionAnswer, Functions, Result};

use crate::call::{Call, Caller};
use crate::direct::Effect;

const INVOKE: &str = "lambda:Invoke";

/// The version of the API that every path of Lambda begins with.
pub(super) const API: &str = "2015-03-31";

/// [`Functions`] over AWS Lambda.
#[derive(Debug)]
pub(crate) struct Lambda(Caller);

impl Lambda {
    pub(crate) fn new(caller: &Caller) -> Self {
        Self(caller.clone())
    }
}

/// A part of a path: what is not unreserved (RFC 3986) is escaped, such as the colons of an ARN.
pub(super) fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            let is_plain =
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
            match is_plain {
                true => char::from(byte).to_string(),
                false => format!("%{byte:02X}"),
            }
        })
        .collect()
}

#[async_trait::async_trait]
impl Functions for Lambda {
    async fn invoke(
        &self,
        function: &str,
        event: &Value,
        time_limit: Duration,
    ) -> Result<FunctionAnswer> {
        let name = escaped(function);
        let path = format!("/{API}/functions/{name}/invocations");
        let body = event.to_string().into_bytes();
        let call = Call::plain(INVOKE, function);
        let answer = self
            .0
            .rest(
                call,
                Effect::WritesOnce,
                "POST",
                path,
                body,
                Some(time_limit),
            )
            .await?;
        Ok(FunctionAnswer {
            error: answer.header("x-amz-function-error").map(ToOwned::to_owned),
            payload: String::from_utf8_lossy(&answer.body).into_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_one_part_of_the_path() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:judge:live";
        let path = "arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Ajudge%3Alive";
        assert_eq!(escaped(arn), path);
        assert_eq!(escaped("judge-1_a"), "judge-1_a");
        assert_eq!(escaped("a/b?c"), "a%2Fb%3Fc");
    }
}
