//! What a service has that no attribute holds.

use std::collections::BTreeSet;

use crate::live::Live;
use crate::ports::{Controller, Ports, Result};

/// Paths of AWS's members, of the service and of its live revision, which shows more. Takes one
/// DescribeServiceRevisions for a service of the controller `ECS`.
///
/// # Errors
/// Whatever that call ended with.
pub async fn beyond(ports: &Ports, live: &Live) -> Result<BTreeSet<String>> {
    let mut all = live.service.beyond.clone();
    let revisions = &live.service.current_revisions;
    if live.service.controller == Controller::Ecs && !revisions.is_empty() {
        let found = ports.services.find_revisions(revisions).await?;
        all.extend(found.into_iter().flat_map(|revision| revision.beyond));
    }
    Ok(all)
}
