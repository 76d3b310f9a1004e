//! Snapshots that a service takes and goes back to.

use tfplugin::value::{Attr, Set};

use crate::snapshots::place::BucketModel;
use crate::snapshots::retention::RetentionModel;

tfplugin::object! {
    /// `snapshots`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct SnapshotsModel {
        /// Local folder.
        pub folder: Attr<String>,
        /// Bucket.
        pub bucket: Attr<BucketModel>,
        /// Bucket for copies.
        pub copy_to: Attr<BucketModel>,
        /// Take one before a deployment.
        pub before: Attr<bool>,
        /// Take one after a deployment.
        pub after: Attr<bool>,
        /// Which ones stay.
        pub retention: Attr<RetentionModel>,
        /// Ids that stay.
        pub keep: Attr<Set<Attr<String>>>,
    }
}

tfplugin::object! {
    /// `last_snapshots`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct LastSnapshotsModel {
        /// Id of the one taken before the last deployment.
        pub before: Attr<String>,
        /// Id of the one taken after it.
        pub after: Attr<String>,
    }
}
