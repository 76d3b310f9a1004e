//! What can be written, and what it holds: one struct for schema, configuration, plan and state.

use std::collections::BTreeMap;

use switchyard_engine::ports::{Place, ServiceRef};
use switchyard_engine::snapshot::SnapshotId;
use tfplugin::schema::{Attribute, Attributes};
use tfplugin::value::Attr;

use crate::names;
use crate::region::{self, RegionModel};
use crate::snapshots::place::{self, BucketModel, PlaceModel};
use crate::snapshots::retention::KeptModel;
use crate::snapshots::service::ServiceModel;

/// Records how one Amazon ECS service runs at a moment: service, task definition and images, load balancer and
/// weights, scaling, network, and whether it was healthy, as one JSON document with a checksum.
///
/// It does not contain values of environment variables and secrets, only their names and references.
///
/// A snapshot is taken when the resource is created, when `triggers` change, and when the place changes. Documents
/// are never overwritten.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    #[attr(flatten, with = names::replaced_with_service)]
    pub of: ServiceModel,
    #[attr(flatten, with = region::replaced_in_another)]
    pub placed: RegionModel,
    #[attr(flatten, with = mark_shown)]
    pub place: PlaceModel,
    /// A bucket, preferably in a different region, to which every snapshot is copied. A failed copy is a warning, and
    /// the next apply tries again.
    #[attr(block)]
    pub copy_to: Attr<BucketModel>,
    /// When one of these values changes, the apply takes a new snapshot. The old one stays stored for as long as
    /// `retention` says.
    #[attr(optional, any_text, null_elements)]
    pub triggers: Attr<BTreeMap<String, Attr<String>>>,
    #[attr(flatten)]
    pub kept: KeptModel,
    /// Whether a destroy deletes the stored snapshot. Others of the service, copies, and a snapshot that is pinned stay
    /// in any case.
    #[attr(default = false)]
    pub delete_on_destroy: Attr<bool>,
    /// `CLUSTER/SERVICE/SNAPSHOT_ID`.
    #[attr(computed)]
    pub id: Attr<String>,
    /// Id of the snapshot: the time when it was taken (UTC) and the beginning of its checksum.
    #[attr(computed)]
    pub snapshot_id: Attr<String>,
    /// SHA-256 of the document.
    #[attr(computed)]
    pub checksum: Attr<String>,
    /// When it was taken (RFC 3339).
    #[attr(computed)]
    pub taken_at: Attr<String>,
    /// `good` if the service was steady and healthy and no deployment was in progress; otherwise `degraded`.
    /// `unreadable` if the stored document is damaged.
    #[attr(computed)]
    pub condition: Attr<String>,
    /// Why the condition is not `good`.
    #[attr(computed)]
    pub condition_reasons: Attr<Vec<String>>,
    /// Where the document is stored.
    #[attr(computed)]
    pub location: Attr<String>,
    /// Where the copy is stored; null if there is none.
    #[attr(computed)]
    pub copy_location: Attr<String>,
    /// The document, as JSON text. It contains no values of environment variables and no secrets.
    #[attr(computed)]
    pub document: Attr<String>,
    /// Ids of the snapshots that the last apply deleted because of `retention`.
    #[attr(computed)]
    pub pruned: Attr<Vec<String>>,
}

region::regional!(Model, "cluster" = of.cluster);

/// The default folder is shown in the state; `plan` fills it in unless there is a bucket.
fn mark_shown(attribute: Attribute) -> Attribute {
    if attribute.name == "folder" {
        attribute.computed()
    } else {
        attribute
    }
}

impl Model {
    /// Where the copy goes; `None` without one and while part of it is unknown.
    pub(super) fn copy_place(&self) -> Option<Place> {
        self.copy_to.known().and_then(place::of_bucket)
    }

    /// The recorded snapshot's id, when it is one.
    pub(super) fn recorded(&self) -> Option<SnapshotId> {
        self.snapshot_id.known()?.parse().ok()
    }
}

/// `CLUSTER/SERVICE/SNAPSHOT_ID`.
pub(super) fn id(service: &ServiceRef, snapshot: &SnapshotId) -> String {
    format!("{}/{}/{snapshot}", service.cluster_name(), service.name)
}
