//! A dashboard: found, brought about.

use std::time::Duration;

use serde_json::Value;

use crate::ports::{Error, LiveDashboard, Ports, Result as PortResult};

/// How long a dashboard that was put may stay unseen, and how often it is read in that time.
const SEEN_WITHIN: u32 = 30;
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What was being done when a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DashboardCall {
    /// Reading the dashboard.
    Read,
    /// Putting it.
    Put,
    /// Reading it after it was put.
    ReadAgain,
}

/// Why the dashboard is not what it should be.
#[derive(Debug)]
pub enum DashboardFailed {
    /// Another dashboard has the name.
    Taken,
    /// A call failed.
    Call {
        /// What was being done.
        doing: DashboardCall,
        /// What AWS said.
        error: Error,
    },
    /// It was put, and AWS does not show it.
    NotSeen,
}

/// Whether two bodies are the same JSON document, whatever their spaces and the order of their members.
#[must_use]
pub fn is_same_body(one: &str, other: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    one == other || read(one).is_some_and(|it| Some(it) == read(other))
}

/// Whether a dashboard with another body has the name.
///
/// # Errors
/// What GetDashboard fails with.
pub async fn taken_dashboard(ports: &Ports, name: &str, body: &str) -> PortResult<bool> {
    let found = ports.monitoring.find_dashboard(name).await?;
    Ok(found.is_some_and(|found| !is_same_body(&found.body, body)))
}

/// Puts the dashboard, unless it is as desired already. `is_ours` says that the name is recorded as ours. Also AWS's
/// remarks about the body.
///
/// # Errors
/// Nothing was changed, except where the call that failed is the one after the put.
pub async fn apply_dashboard(
    ports: &Ports,
    name: &str,
    body: &str,
    is_ours: bool,
) -> Result<(LiveDashboard, Vec<String>), DashboardFailed> {
    let failing = |doing| move |error| DashboardFailed::Call { doing, error };
    let found = ports.monitoring.find_dashboard(name).await;
    let remarks = match found.map_err(failing(DashboardCall::Read))? {
        Some(found) if is_same_body(&found.body, body) => return Ok((found, Vec::new())),
        Some(_) if !is_ours => return Err(DashboardFailed::Taken),
        Some(_) | None => {
            let put = ports.monitoring.put_dashboard(name, body).await;
            put.map_err(failing(DashboardCall::Put))?
        }
    };
    for _ in 0..SEEN_WITHIN {
        let found = ports.monitoring.find_dashboard(name).await;
        match found.map_err(failing(DashboardCall::ReadAgain))? {
            Some(found) if is_same_body(&found.body, body) => return Ok((found, remarks)),
            Some(_) | None => ports.clock.sleep(LOOK_EVERY).await,
        }
    }
    Err(DashboardFailed::NotSeen)
}
