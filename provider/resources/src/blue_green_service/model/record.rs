//! What the last rollout left: only the provider writes these.

use tfplugin::schema::Attributes;
use tfplugin::value::Attr;

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
