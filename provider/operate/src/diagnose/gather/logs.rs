//! What the programs have written.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use switchyard_engine::ports::{ErrorKind, Inspection, LogLine, LogQuery, Ports};

use crate::diagnose::evidence::Reading;
use crate::diagnose::patterns::{ERRORS, grouped};
use crate::diagnose::seen::Pattern;
use crate::view::ServiceView;

/// How far back logs are searched.
const LOGS: SignedDuration = SignedDuration::from_mins(30);
/// Lines that are grouped of one log group.
const LINES: usize = 2000;

/// Errors in the log groups of all sides.
pub(super) async fn patterns(
    ports: &Ports,
    inspection: &dyn Inspection,
    view: &ServiceView,
    now: Timestamp,
) -> Reading<Vec<Pattern>> {
    let names: BTreeSet<&String> = view
        .sides
        .iter()
        .filter_map(|side| side.task_definition.as_ref())
        .collect();
    let mut groups = BTreeSet::new();
    for name in names {
        match ports.services.find_task_definition(name).await {
            Ok(found) => {
                for log in found.into_iter().flat_map(|found| found.log_groups) {
                    groups.insert((log.group, log.region));
                }
            }
            Err(error) => return Reading::unread(&error),
        }
    }
    if groups.is_empty() {
        return Reading::Nothing;
    }
    let mut lines: Vec<LogLine> = Vec::new();
    for (group, region) in groups {
        let wanted = LogQuery {
            group,
            region,
            stream_prefix: None,
            since: now - LOGS,
            pattern: Some(ERRORS.to_owned()),
            limit: LINES,
        };
        match inspection.log_lines(&wanted).await {
            Ok(found) => lines.extend(found.lines),
            // ECS creates it with the first task.
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return Reading::unread(&error),
        }
    }
    Reading::Seen(grouped(&lines))
}
