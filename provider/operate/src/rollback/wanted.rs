//! What somebody wants to go back to.

use switchyard_engine::ports::Place;
use switchyard_engine::snapshot::SnapshotId;

/// What to go back to, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rollback {
    /// A task definition: ARN or `family:revision`.
    pub to: Option<String>,
    /// A snapshot, and where it is kept.
    pub snapshot: Option<(Place, SnapshotId)>,
    /// Why; recorded in a tag of the service.
    pub reason: Option<String>,
    /// Only says what would be done.
    pub dry_run: bool,
}
