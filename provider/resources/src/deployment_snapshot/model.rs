//! The typed model: one struct for configuration, plan and state.

use std::collections::BTreeMap;

use switchyard_engine::ports::{Place, ServiceRef};
use switchyard_engine::snapshot::SnapshotId;
use tfplugin::value::{Attr, Set};

use crate::snapshots::place::{self, BucketModel};
use crate::snapshots::retention::RetentionModel;
use crate::snapshots::service;

tfplugin::object! {
    /// `switchyard_deployment_snapshot`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Model {
        /// `CLUSTER/SERVICE/SNAPSHOT_ID`.
        pub id: Attr<String>,
        /// Cluster name or ARN, as the user spells it.
        pub cluster: Attr<String>,
        /// Service name.
        pub service: Attr<String>,
        /// Where snapshots are kept, unless in `bucket`.
        pub folder: Attr<String>,
        /// Where snapshots are kept, unless in `folder`.
        pub bucket: Attr<BucketModel>,
        /// Where a second one is written to.
        pub copy_to: Attr<BucketModel>,
        /// A change takes a new snapshot.
        pub triggers: Attr<BTreeMap<String, Attr<String>>>,
        /// Which ones stay.
        pub retention: Attr<RetentionModel>,
        /// Ids that stay in any case.
        pub keep: Attr<Set<Attr<String>>>,
        /// Whether a destroy deletes the stored snapshot.
        pub delete_on_destroy: Attr<bool>,
        /// The snapshot's own id.
        pub snapshot_id: Attr<String>,
        /// SHA-256 of the document.
        pub checksum: Attr<String>,
        /// RFC 3339.
        pub taken_at: Attr<String>,
        /// `good`, `degraded` or `unreadable`.
        pub condition: Attr<String>,
        /// Why it is not good.
        pub condition_reasons: Attr<Vec<String>>,
        /// Where the document is.
        pub location: Attr<String>,
        /// Where the copy is; null without one.
        pub copy_location: Attr<String>,
        /// The document, JSON text.
        pub document: Attr<String>,
        /// Ids that the last apply deleted.
        pub pruned: Attr<Vec<String>>,
    }
}

impl Model {
    /// The service; `None` while part of it is unknown.
    pub(super) fn service_ref(&self) -> Option<ServiceRef> {
        service::service_ref(&self.cluster, &self.service)
    }

    /// Where the snapshot is; `None` while part of it is unknown.
    pub(super) fn place(&self) -> Option<Place> {
        place::place(&self.folder, &self.bucket)
    }

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
