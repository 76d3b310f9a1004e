//! Who changed what drifted, from CloudTrail, when asked for. The AWS command line is asked, as Terraform is for saved plans:
//! it finds credentials as people set them up for it, and the provider carries nothing of it.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use switchyard_engine::ports::Clock;

use crate::answer::Answer;
use crate::culprit::Culprit;
use crate::finding::{Disposition, DriftFinding};
use crate::plan::secret;

/// Asks CloudTrail.
pub trait SearchTrail {
    /// Events of the last 90 days that name a resource, newest first: the answer of LookupEvents as JSON. Without a
    /// region, it is that of the environment.
    ///
    /// # Errors
    ///
    /// Why there is no answer, as a sentence without its full stop.
    fn search(&self, name: &str, region: Option<&str>) -> Result<Vec<u8>, String>;
}

/// Most questions of one run: at two a second, half a minute.
const MOST: usize = 60;

/// Asks for each finding that counts, and writes down who did it. Returns what could not be asked, as a sentence.
pub(crate) fn blame(answer: &mut Answer, trail: &dyn SearchTrail) -> Result<(), String> {
    let mut known: HashMap<(String, Option<String>), Option<Culprit>> = HashMap::new();
    let counted = answer
        .plans
        .iter_mut()
        .filter_map(|plan| plan.result.as_mut().ok())
        .flat_map(|report| &mut report.findings)
        .filter(|finding| matches!(finding.standing, Disposition::Counts(_)));
    let mut asked = 0;
    for finding in counted {
        let region = region(finding);
        for name in finding.names.clone() {
            let key = (name, region.clone());
            if !known.contains_key(&key) {
                if asked == MOST {
                    return Err(format!(
                        "CloudTrail was asked about the first {MOST} names only, because it answers two questions a second"
                    ));
                }
                asked += 1;
                let events = trail.search(&key.0, key.1.as_deref()).map_err(|reason| {
                    format!("CloudTrail was not asked who changed what drifted: {reason}")
                })?;
                known.insert(key.clone(), newest(&events));
            }
            if let Some(Some(culprit)) = known.get(&key) {
                finding.culprit = Some(culprit.clone());
                break;
            }
        }
    }
    Ok(())
}

/// Services without regions write their events in this one.
const GLOBAL: &str = "us-east-1";

fn region(finding: &DriftFinding) -> Option<String> {
    let is_global = ["aws_iam_", "aws_route53_", "aws_cloudfront_"]
        .iter()
        .any(|prefix| finding.resource_type.starts_with(prefix));
    match is_global {
        true => Some(GLOBAL.to_owned()),
        false => finding.region.clone(),
    }
}

/// The newest event that changed something, of Terraform only when nobody else did.
fn newest(answer: &[u8]) -> Option<Culprit> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let events = answer.get("Events")?.as_array()?;
    let mut changes: Vec<(bool, Culprit)> = events.iter().filter_map(change).collect();
    changes.sort_by_key(|(is_terraform, culprit)| (*is_terraform, std::cmp::Reverse(culprit.at)));
    changes.into_iter().next().map(|(_, culprit)| culprit)
}

/// A change that was made, and whether Terraform made it.
fn change(event: &Value) -> Option<(bool, Culprit)> {
    let text = |value: &Value, pointer: &str| value.pointer(pointer)?.as_str().map(str::to_owned);
    let details: Value = serde_json::from_str(&text(event, "/CloudTrailEvent")?).ok()?;
    let is_read = details.get("readOnly") == Some(&Value::Bool(true))
        || text(event, "/ReadOnly").as_deref() == Some("true");
    if is_read || details.get("errorCode").is_some() {
        return None;
    }
    let identity = text(&details, "/userIdentity/arn")
        .or_else(|| text(&details, "/userIdentity/invokedBy"))
        .or_else(|| text(event, "/Username"))?;
    let agent = text(&details, "/userAgent").unwrap_or_default();
    let culprit = Culprit {
        identity,
        operation: text(&details, "/eventName")?,
        at: text(&details, "/eventTime")?.parse().ok()?,
        source: text(&details, "/sourceIPAddress"),
    };
    Some((agent.contains("Terraform"), culprit))
}

/// The AWS command line.
pub struct AwsCommand {
    clock: Arc<dyn Clock>,
    has_asked: AtomicBool,
}

/// CloudTrail answers two questions a second in each account and region.
const PAUSE: Duration = Duration::from_millis(500);

impl AwsCommand {
    /// Remembers the clock; nothing is started before the first question.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            has_asked: AtomicBool::new(false),
        }
    }

    fn pause(&self) -> Result<(), String> {
        if !self.has_asked.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("the runtime could not be started ({error})"))?;
        runtime.block_on(self.clock.sleep(PAUSE));
        Ok(())
    }
}

impl std::fmt::Debug for AwsCommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AwsCommand").finish_non_exhaustive()
    }
}

impl SearchTrail for AwsCommand {
    fn search(&self, name: &str, region: Option<&str>) -> Result<Vec<u8>, String> {
        self.pause()?;
        let wanted = json!([{"AttributeKey": "ResourceName", "AttributeValue": name}]);
        let mut command = Command::new("aws");
        command
            .args(["cloudtrail", "lookup-events", "--output", "json"])
            .args(["--max-items", "50", "--lookup-attributes"])
            .arg(wanted.to_string())
            .env("AWS_PAGER", "")
            .stdin(Stdio::null());
        if let Some(region) = region {
            command.args(["--region", region]);
        }
        let output = command.output().map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                "there is no `aws` on the PATH; install the AWS command line".to_owned()
            }
            _ => format!("`aws` could not be started ({error})"),
        })?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let words: Vec<&str> = said.split_whitespace().collect();
        let said = match words.as_slice() {
            [] => output.status.to_string(),
            words => secret::without_secrets(&words.join(" ")),
        };
        let said = said.trim_end_matches('.');
        Err(if said.contains("AccessDenied") {
            format!("the credentials lack cloudtrail:LookupEvents ({said})")
        } else {
            format!("`aws cloudtrail lookup-events` failed ({said})")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(time: &str, name: &str, agent: &str, also: &Value) -> Value {
        let mut details = json!({
            "eventTime": time, "eventName": name, "userAgent": agent, "sourceIPAddress": "203.0.113.9", "readOnly": false,
            "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/ada"},
        });
        for (key, value) in also.as_object().unwrap() {
            details[key] = value.clone();
        }
        json!({"EventName": name, "Username": "ada", "CloudTrailEvent": details.to_string()})
    }

    fn found(events: &[Value]) -> Option<String> {
        newest(json!({ "Events": events }).to_string().as_bytes()).map(|culprit| culprit.operation)
    }

    #[test]
    fn the_newest_change_counts_and_terraform_only_when_nobody_else_did() {
        let none = json!({});
        let old = event("2026-03-01T10:00:00Z", "Old", "console", &none);
        let new = event("2026-03-02T10:00:00Z", "New", "aws-cli", &none);
        let terraform = event(
            "2026-03-03T10:00:00Z",
            "Apply",
            "HashiCorp Terraform/1.11",
            &none,
        );
        let read = event(
            "2026-03-04T10:00:00Z",
            "Get",
            "aws-cli",
            &json!({"readOnly": true}),
        );
        let denied = event(
            "2026-03-04T10:00:00Z",
            "No",
            "aws-cli",
            &json!({"errorCode": "AccessDenied"}),
        );
        let all = [old, new, terraform.clone(), read, denied];
        assert_eq!(found(&all).as_deref(), Some("New"));
        assert_eq!(found(&[terraform]).as_deref(), Some("Apply"));
        assert_eq!(found(&[]), None);
        assert_eq!(newest(b"nothing"), None);
    }

    #[test]
    fn a_service_that_acts_by_itself_is_named() {
        let by_service = json!({"userIdentity": {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}});
        let event = event("2026-03-01T10:00:00Z", "Scale", "x", &by_service);
        let culprit = newest(json!({"Events": [event]}).to_string().as_bytes()).unwrap();
        assert_eq!(
            culprit.sentence(),
            "CloudTrail: autoscaling.amazonaws.com called Scale on 2026-03-01T10:00:00Z from 203.0.113.9."
        );
    }
}
