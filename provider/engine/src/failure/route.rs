//! A deployment that has ended well for nobody: what its traffic goes through is gone.

use super::{Failure, FailureKind};
use crate::app_spec::short_name;
use crate::finding::MissingRoute;
use crate::live::Live;

/// The failure of a deployment after which `missing` was found gone; `None` when nothing is.
#[must_use]
pub fn route_missing(live: &Live, missing: &[MissingRoute]) -> Option<Failure> {
    let first = missing.first()?;
    let name = &live.service.name;
    let revision = live.revision.task_definition.as_deref().map(short_name);
    let runs = match revision {
        Some(revision) => format!("Revision {revision} runs"),
        None => "The service runs".to_owned(),
    };
    let words: Vec<&str> = missing.iter().map(|found| found.words.as_str()).collect();
    Some(Failure {
        kind: FailureKind::RouteMissing,
        summary: format!("Service `{name}` was deployed, but {}", first.words),
        now: format!("{runs}, and {}.", words.join(", and ")),
        why: vec![first.finding.why.clone()],
        next: format!(
            "{} Then apply again; nothing else needs to be cleaned up.",
            first.finding.next
        ),
        technical: Vec::new(),
    })
}
