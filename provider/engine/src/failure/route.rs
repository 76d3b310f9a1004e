//! A deployment that has ended well for nobody: what its traffic goes through is gone.

use super::{Failure, What};
use crate::app_spec::short_name;
use crate::finding::MissingRoute;
use crate::live::Live;

/// The failure of a deployment after which `missing` was found gone; `None` when nothing is.
#[must_use]
pub fn route_missing(live: &Live, missing: &[MissingRoute]) -> Option<Failure> {
    let (first, others) = missing.split_first()?;
    let revision = live.revision.task_definition.as_deref();
    let others = others.iter().map(|found| found.words.clone()).collect();
    Some(Failure::new(
        live.service.name.as_str(),
        What::RouteMissing {
            revision: revision.map(|arn| short_name(arn).to_owned()),
            missing: (first.words.clone(), others),
            finding: first.finding.clone(),
        },
    ))
}
