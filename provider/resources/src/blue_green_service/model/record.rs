//! What the last rollout left: only the provider writes these.
//!
//! It is what people and outputs ask for. Stages, weights and what each gate measured are in the file at `report_path`:
//! every plan reads and writes the state of every service.

use std::collections::BTreeMap;

use tfplugin::schema::Attributes;
use tfplugin::value::Attr;

use crate::blue_green_service::words::{OutcomeWord, VerdictWord};

/// `last_deployment`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct LastDeploymentModel {
    /// Service deployment ARN (ECS), CodeDeploy deployment id or task set id; null when AWS named none.
    #[attr(computed)]
    pub id: Attr<String>,
    /// `succeeded`, `rolled_back`, `failed`, `cancelled`, `left_running`, or `unhealthy` (live, and a gate failed
    /// afterwards).
    #[attr(computed)]
    pub outcome: Attr<OutcomeWord>,
    /// Why the deployment was started and, if it failed, why it failed.
    #[attr(computed)]
    pub reason: Attr<String>,
    /// Task definition that was live before, as `family:revision`; null at creation.
    #[attr(computed)]
    pub from_task_definition: Attr<String>,
    /// Task definition that was deployed, as `family:revision`.
    #[attr(computed)]
    pub to_task_definition: Attr<String>,
    /// When it ended.
    #[attr(computed)]
    pub finished_at: Attr<String>,
    /// Seconds from the start of the apply until that time.
    #[attr(computed)]
    pub duration_seconds: Attr<u64>,
    /// Seconds from the decision to roll back until production traffic was back on the old revision; null without a
    /// rollback.
    #[attr(computed)]
    pub recovery_seconds: Attr<u64>,
    /// Health score of the last moment that was judged, 0 to 100, of what was measured; null if nothing was measured.
    #[attr(computed)]
    pub score: Attr<u64>,
    /// The worst verdict of each gate, by its name: `failed`, `inconclusive`, `no_data` (nothing was measured,
    /// because there was no traffic or CloudWatch has no value, and that counts as passed) or `passed`.
    #[attr(computed)]
    pub gates: Attr<BTreeMap<String, VerdictWord>>,
}

/// One of `quarantined_images`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct QuarantinedModel {
    /// Container name.
    #[attr(computed)]
    pub container: Attr<String>,
    /// Image as written.
    #[attr(computed)]
    pub image: Attr<String>,
    /// Digest of the image (`sha256:…`); null if AWS did not return it.
    #[attr(computed)]
    pub digest: Attr<String>,
}

/// `last_snapshots`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct LastSnapshotsModel {
    /// Id of the snapshot taken before.
    #[attr(computed)]
    pub before: Attr<String>,
    /// Id of the snapshot taken after.
    #[attr(computed)]
    pub after: Attr<String>,
}
