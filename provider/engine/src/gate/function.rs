//! One call of a function.

use serde_json::{Value, json};

use super::ask::{Missed, test_listener_url};
use super::config::FunctionCheck;
use super::means::{Means, SideFacts};
use crate::ports::{FunctionAnswer, ServiceRef};

/// Version of the event. Members are added without a new one.
const VERSION: u32 = 1;

/// Most characters of a reason that are told.
const REASON_CHARS: usize = 300;

/// What is asked, and at which moment.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) gate: &'a str,
    /// The moment as users write it.
    pub(super) moment: &'a str,
    /// Percent of production traffic on the new revision.
    pub(super) weight: f64,
    pub(super) service: &'a ServiceRef,
    pub(super) facts: &'a SideFacts,
}

/// Runs the function: `Ok` when its answer says `Succeeded`. Both say what was answered.
pub(super) async fn call(
    means: Means<'_>,
    asked: Asked<'_>,
    check: &FunctionCheck,
) -> Result<String, Missed> {
    let url = match asked.facts.test_route {
        Some(_) => test_listener_url(means, asked.facts, "/").await,
        None => None,
    };
    let event = event(asked, check, url);
    let answer = means
        .functions
        .invoke(&check.function, &event, check.timeout)
        .await;
    match answer {
        Ok(answer) => judged(&answer).map_err(Missed::Bad),
        // A function that was not run says nothing about the new revision.
        Err(error) if error.kind.is_transient() => Err(Missed::Unasked(error.to_string())),
        Err(error) => Err(Missed::Refused(error.to_string())),
    }
}

/// What the function gets.
fn event(asked: Asked<'_>, check: &FunctionCheck, url: Option<String>) -> Value {
    let facts = asked.facts;
    json!({
        "version": VERSION,
        "source": "switchyard",
        "gate": asked.gate,
        "moment": asked.moment,
        "weight": asked.weight,
        "cluster": asked.service.cluster_name(),
        "service": asked.service.name,
        "deployment": facts.deployment,
        "task_definition": facts.task_definition,
        "new_target_group": facts.new_target_group,
        "old_target_group": facts.old_target_group,
        "load_balancer": facts.load_balancer,
        "test_url": url,
        "payload": check.payload,
    })
}

/// What an answer means.
fn judged(answer: &FunctionAnswer) -> Result<String, String> {
    if let Some(failure) = failed(answer) {
        return Err(failure);
    }
    let body: Option<Value> = serde_json::from_str(&answer.payload).ok();
    let text = |name: &str| body.as_ref()?.get(name)?.as_str().map(plain);
    let reason = text("reason").map_or_else(String::new, |reason| format!(": {reason}"));
    match text("status").as_deref() {
        Some("Succeeded") => Ok(format!("the function returned `Succeeded`{reason}")),
        Some("Failed") => Err(format!("the function returned `Failed`{reason}")),
        Some(other) => Err(format!(
            "the function returned the status `{other}`; it must be `Succeeded` or `Failed`"
        )),
        None => Err(
            "the function returned no `status`; it must return an object such as {\"status\": \"Succeeded\"}"
                .to_owned(),
        ),
    }
}

/// How the function itself has failed; `None` when it has answered.
pub(super) fn failed(answer: &FunctionAnswer) -> Option<String> {
    let error = answer.error.as_ref()?;
    let body: Option<Value> = serde_json::from_str(&answer.payload).ok();
    let message = body
        .as_ref()
        .and_then(|body| body.get("errorMessage")?.as_str());
    let what = message.map_or_else(String::new, |message| format!(": {}", plain(message)));
    Some(format!("the function itself failed ({error}){what}"))
}

/// Text of others in one line, cut.
pub(super) fn plain(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .take(REASON_CHARS)
        .collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(error: Option<&str>, payload: &str) -> Result<String, String> {
        judged(&FunctionAnswer {
            error: error.map(str::to_owned),
            payload: payload.to_owned(),
        })
    }

    #[test]
    fn only_succeeded_passes() {
        assert_eq!(
            answered(None, r#"{"status":"Succeeded"}"#),
            Ok("the function returned `Succeeded`".to_owned())
        );
        assert_eq!(
            answered(None, r#"{"status":"Failed","reason":"cart\nis empty"}"#),
            Err("the function returned `Failed`: cart is empty".to_owned())
        );
        for payload in [
            "",
            "null",
            "{}",
            "\"Succeeded\"",
            r#"{"status":"succeeded"}"#,
            r#"{"status":1}"#,
        ] {
            assert!(answered(None, payload).is_err(), "{payload}");
        }
    }

    #[test]
    fn a_function_that_fails_does_not_pass_whatever_it_says() {
        let failed = answered(
            Some("Unhandled"),
            r#"{"status":"Succeeded","errorMessage":"out of memory"}"#,
        );
        assert_eq!(
            failed,
            Err("the function itself failed (Unhandled): out of memory".to_owned())
        );
    }

    #[test]
    fn long_reasons_are_cut() {
        let long = format!(r#"{{"status":"Failed","reason":"{}"}}"#, "x".repeat(1000));
        assert!(answered(None, &long).unwrap_err().len() < 400);
    }
}
