//! What the last rollout left: only the provider writes these.

use std::collections::BTreeMap;

use tfplugin::value::Attr;

tfplugin::object! {
    /// `last_deployment`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct LastDeploymentModel {
        /// Id or ARN.
        pub id: Attr<String>,
        /// Outcome word.
        pub outcome: Attr<String>,
        /// One sentence.
        pub reason: Attr<String>,
        /// `family:revision`.
        pub from_task_definition: Attr<String>,
        /// `family:revision`.
        pub to_task_definition: Attr<String>,
        /// RFC 3339.
        pub finished_at: Attr<String>,
        /// Seconds.
        pub duration_seconds: Attr<u64>,
        /// Seconds.
        pub recovery_seconds: Attr<u64>,
        /// 0–100.
        pub score: Attr<u64>,
        /// Gate → verdict word.
        pub gates: Attr<BTreeMap<String, String>>,
    }
}

tfplugin::object! {
    /// One of `quarantined_images`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct QuarantinedModel {
        /// Container name.
        pub container: Attr<String>,
        /// Image as written.
        pub image: Attr<String>,
        /// `sha256:…`.
        pub digest: Attr<String>,
    }
}
