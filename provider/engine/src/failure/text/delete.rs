//! A delete that has not ended.

use super::{FailureText, limit_passed, technical_line};
use crate::failure::parts::{Remains, Undeleted};
use crate::ports::Error;

pub(super) fn text(
    service: &str,
    why: Undeleted,
    remains: Remains,
    error: Option<&Error>,
) -> FailureText {
    let why = match why {
        Undeleted::Canceled => "The delete was canceled.".to_owned(),
        Undeleted::TimedOut(limit) => limit_passed(limit),
    };
    let now = match remains {
        Remains::Draining { running } => format!(
            "The service is draining: {running} tasks are still running, and its name stays taken until they have \
             stopped."
        ),
        Remains::Existing { running } => {
            format!("The service still exists; {running} tasks are running.")
        }
        Remains::Nothing => "AWS no longer shows the service.".to_owned(),
    };
    let mut lines = vec![why];
    lines.extend(error.map(|error| error.message.clone()));
    FailureText {
        summary: format!("Service `{service}` is not deleted yet"),
        now,
        why: lines,
        next: "Destroy again: the destroy continues where it stopped. A long deregistration delay of the target \
               groups makes draining slow; raise the delete timeout accordingly."
            .to_owned(),
        technical: error.map(technical_line).into_iter().collect(),
    }
}
