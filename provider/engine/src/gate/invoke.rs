//! One call of the new version of a function, as its users would call it.

use std::time::Duration;

use super::ask::Missed;
use super::config::{Expectation, InvokeCheck};
use super::expect::unmet;
use super::function::{failed, plain};
use super::means::Means;
use crate::ports::{FunctionAnswer, ProbeResponse};

/// Calls the version: `Ok` when it answers as expected. Both say what was answered.
pub(super) async fn call(means: Means<'_>, check: &InvokeCheck) -> Result<String, Missed> {
    let answer = means
        .functions
        .invoke(&check.function, &check.payload, check.timeout)
        .await;
    match answer {
        Ok(answer) => judged(&check.expect, answer).map_err(Missed::Bad),
        // A function that was not run says nothing about the new version.
        Err(error) if error.kind.is_transient() => Err(Missed::Unasked(error.to_string())),
        Err(error) => Err(Missed::Refused(error.to_string())),
    }
}

/// What an answer means.
fn judged(expect: &Expectation, answer: FunctionAnswer) -> Result<String, String> {
    if let Some(failure) = failed(&answer) {
        return Err(failure);
    }
    let response = ProbeResponse {
        status: 200,
        body: answer.payload,
        latency: Duration::ZERO,
    };
    match unmet(expect, &response) {
        Some(unmet) => Err(format!("the function answered, but {}", plain(&unmet))),
        None => Ok("the function answered as expected".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn answered(error: Option<&str>, payload: &str) -> Result<String, String> {
        let expect = Expectation {
            json: BTreeMap::from([("/statusCode".to_owned(), json!(200))]),
            ..Expectation::default()
        };
        let answer = FunctionAnswer {
            error: error.map(str::to_owned),
            payload: payload.to_owned(),
        };
        judged(&expect, answer)
    }

    #[test]
    fn an_answer_is_judged_by_what_is_in_it() {
        assert_eq!(
            answered(None, r#"{"statusCode":200}"#),
            Ok("the function answered as expected".to_owned())
        );
        for (payload, says) in [
            (
                r#"{"statusCode":500}"#,
                "`/statusCode` is 500, expected 200",
            ),
            ("null", "has nothing at `/statusCode`"),
            ("", "is not JSON"),
        ] {
            let said = answered(None, payload).unwrap_err();
            assert!(said.contains(says), "{said}");
        }
    }

    #[test]
    fn a_function_that_fails_has_not_answered() {
        let said = answered(Some("Unhandled"), r#"{"errorMessage":"no such table"}"#);
        let says = "the function itself failed (Unhandled): no such table";
        assert_eq!(said, Err(says.to_owned()));
    }
}
