//! `deployment.maximum_percent` and `deployment.minimum_healthy_percent` when the configuration leaves them out.
//!
//! A rolling service always has both. One that is imported or taken over records them, and leaving them out means
//! AWS's default: no difference as long as the service has it.

use tfplugin::value::Attr;

use super::desired::{DEFAULT_MAXIMUM_PERCENT, DEFAULT_MINIMUM_HEALTHY_PERCENT};
use super::model::{DeploymentModel, Model};
use super::words::StrategyWord;

/// The plan with what the configuration leaves out: the recorded default, or nothing.
pub(super) fn settled(prior: Option<&Model>, config: &Model, proposed: Model) -> Model {
    let (Attr::Known(written), Attr::Known(planned)) = (&config.deployment, &proposed.deployment)
    else {
        return proposed;
    };
    let recorded = prior.and_then(|prior| prior.deployment.known());
    let recorded = recorded.filter(|it| it.strategy == Attr::Known(StrategyWord::Rolling));
    let left_out = |written: Attr<i64>, of: fn(&DeploymentModel) -> Attr<i64>, default: u32| {
        let default = Attr::Known(i64::from(default));
        let is_recorded = recorded.is_some_and(|recorded| of(recorded) == default);
        match (written, is_recorded, &planned.strategy) {
            (Attr::Known(_) | Attr::Unknown, _, _) => written,
            (Attr::Null, true, Attr::Known(StrategyWord::Rolling)) => default,
            (Attr::Null, true, Attr::Unknown) => Attr::Unknown,
            (Attr::Null, true, Attr::Known(_) | Attr::Null) | (Attr::Null, false, _) => Attr::Null,
        }
    };
    let deployment = DeploymentModel {
        maximum_percent: left_out(
            written.maximum_percent,
            |it| it.maximum_percent,
            DEFAULT_MAXIMUM_PERCENT,
        ),
        minimum_healthy_percent: left_out(
            written.minimum_healthy_percent,
            |it| it.minimum_healthy_percent,
            DEFAULT_MINIMUM_HEALTHY_PERCENT,
        ),
        ..planned.clone()
    };
    Model {
        deployment: Attr::Known(deployment),
        ..proposed
    }
}
