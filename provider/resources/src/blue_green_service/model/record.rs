//! What the last rollout left: only the provider writes these.

use tfplugin::value::{Attr, Number};

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
        /// Task definition ARN.
        pub from_task_definition: Attr<String>,
        /// Task definition ARN.
        pub to_task_definition: Attr<String>,
        /// RFC 3339.
        pub started_at: Attr<String>,
        /// RFC 3339.
        pub finished_at: Attr<String>,
        /// Seconds.
        pub duration_seconds: Attr<u64>,
        /// Seconds.
        pub recovery_seconds: Attr<u64>,
        /// 0–100.
        pub score: Attr<u64>,
        /// Stages and weights.
        pub timeline: Attr<Vec<RecordStageModel>>,
        /// Gates.
        pub gates: Attr<Vec<RecordGateModel>>,
    }
}

tfplugin::object! {
    /// One of `last_deployment.timeline`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct RecordStageModel {
        /// RFC 3339.
        pub at: Attr<String>,
        /// Stage word.
        pub stage: Attr<String>,
        /// Percent.
        pub weight: Attr<Number>,
    }
}

tfplugin::object! {
    /// One of `last_deployment.gates`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct RecordGateModel {
        /// Name.
        pub gate: Attr<String>,
        /// Moment word.
        pub moment: Attr<String>,
        /// Percent.
        pub weight: Attr<Number>,
        /// Verdict word.
        pub verdict: Attr<String>,
        /// It stopped nothing.
        pub observe_only: Attr<bool>,
        /// Measurements made.
        pub measurements: Attr<u64>,
        /// One sentence.
        pub message: Attr<String>,
        /// RFC 3339.
        pub at: Attr<String>,
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
