//! What an apply has seen of AWS: the latest raw views.

use switchyard_rollout as rollout;

use crate::live::LiveRevision;
use crate::lost_traffic::Stray;
use crate::ports::{
    CodeDeployDeployment, CodeDeployTarget, DeploymentGroup, Service, ServiceDeployment,
};

/// The latest raw views.
#[derive(Debug, Default)]
pub(crate) struct Sighting {
    pub(crate) service: Option<Service>,
    /// The live revision when the apply first saw the service.
    pub(crate) before: Option<LiveRevision>,
    /// The live revision when the service was last compared.
    pub(crate) live: Option<LiveRevision>,
    pub(crate) deployment: Option<ServiceDeployment>,
    /// A deployment that is not followed and waits at a pause.
    pub(crate) paused: Option<ServiceDeployment>,
    pub(crate) code_deploy: Option<CodeDeployDeployment>,
    pub(crate) target: Option<CodeDeployTarget>,
    pub(crate) group: Option<DeploymentGroup>,
    /// Target groups of the rollout that was followed last.
    pub(crate) groups: Groups,
    /// Why no task could start, when that was seen.
    pub(crate) hopeless: Option<rollout::Hopeless>,
    /// Which gates failed and why, in sentences.
    pub(crate) gates: Vec<String>,
    /// How long going back took, once it has ended.
    pub(crate) recovery: Option<std::time::Duration>,
    /// The images are to blame, or may be: they are not deployed again unasked.
    pub(crate) quarantined: bool,
    /// Production traffic that reaches nobody, when it was looked for last.
    pub(crate) lost: Option<Stray>,
    /// The sides of a service whose traffic we move.
    pub(crate) sides: Option<rollout::Sides>,
}

/// Target groups of both sides, as far as AWS tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Groups {
    pub(crate) new: Option<String>,
    pub(crate) old: Option<String>,
}
