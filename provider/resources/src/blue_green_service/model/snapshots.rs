//! Snapshots that a service takes.

use tfplugin::schema::Attributes;
use tfplugin::value::Attr;

use crate::snapshots::place::{BucketModel, PlaceModel};
use crate::snapshots::retention::KeptModel;

/// `snapshots`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct SnapshotsModel {
    #[attr(flatten)]
    pub place: PlaceModel,
    /// Bucket for a second copy of every snapshot, preferably in a different region.
    #[attr(block)]
    pub copy_to: Attr<BucketModel>,
    /// Take one before every deployment. If it cannot be stored, nothing is deployed.
    #[attr(default = true)]
    pub before: Attr<bool>,
    /// Take one after every deployment, successful or not.
    #[attr(default = true)]
    pub after: Attr<bool>,
    #[attr(flatten)]
    pub kept: KeptModel,
}
