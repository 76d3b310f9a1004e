//! Settings and the strategy they belong to.

use switchyard_engine::Share;
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path};

use super::{Rule, missing, not_used};
use crate::blue_green_service::model::DeploymentModel;
use crate::blue_green_service::parse;
use crate::blue_green_service::strategy::Strategy;
use crate::blue_green_service::words::ThresholdWord;

pub(super) fn all(deployment: &DeploymentModel, strategy: Strategy, found: &mut Vec<Diagnostic>) {
    let path = Path::root().attribute("deployment");
    for (name, is_set, owner) in [
        ("canary", deployment.canary.is_known(), Strategy::Canary),
        ("linear", deployment.linear.is_known(), Strategy::Linear),
        ("step", deployment.step.is_known(), Strategy::Steps),
        (
            "maximum_percent",
            deployment.maximum_percent.is_known(),
            Strategy::Rolling,
        ),
        (
            "minimum_healthy_percent",
            deployment.minimum_healthy_percent.is_known(),
            Strategy::Rolling,
        ),
        (
            "circuit_breaker",
            deployment.circuit_breaker.is_known(),
            Strategy::Rolling,
        ),
    ] {
        // Under the other controllers it is said already. Under ECS a service may have one, which the plan tells.
        if is_set && owner != strategy && name != "circuit_breaker" {
            found.push(not_used(
                path.clone().attribute(name),
                name,
                &format!(
                    "it belongs to the strategy `{}`, and the strategy is `{}`",
                    owner.word(),
                    strategy.word()
                ),
            ));
        }
    }
    if strategy == Strategy::Rolling && deployment.bake_time.is_known() {
        found.push(not_used(
            path.attribute("bake_time"),
            "bake_time",
            "a rolling deployment has no second side during a bake time",
        ));
    }
    if strategy == Strategy::Steps {
        steps(deployment, found);
    }
    threshold(deployment, found);
}

fn steps(deployment: &DeploymentModel, found: &mut Vec<Diagnostic>) {
    let path = || Path::root().attribute("deployment").attribute("step");
    let steps = match &deployment.step {
        Attr::Unknown => return,
        Attr::Null => {
            found.push(missing(
                Path::root().attribute("deployment"),
                "step",
                "the strategy `steps` holds the weights of these blocks",
            ));
            return;
        }
        Attr::Known(steps) => steps,
    };
    let weights: Vec<Option<Share>> = steps
        .iter()
        .map(|step| parse::share(step.known()?.percent.known()?))
        .collect();
    for (pair, index) in weights.windows(2).zip(1..) {
        if let [Some(before), Some(weight)] = pair
            && before >= weight
        {
            found.push(Rule::Steps.error(
                path().index(index).attribute("percent"),
                "The weights of the steps do not rise",
                format!(
                    "{weight} percent follows {before} percent. A deployment only moves traffic to the new revision; write each \
                     weight once, the smallest first.",
                ),
            ));
        }
    }
    if let Some(Some(last)) = weights.last()
        && !last.is_whole()
    {
        found.push(Rule::Steps.error(
            path(),
            "The last step is not 100 percent",
            "A deployment ends with all traffic on the new revision, and the last hold says how long both revisions \
             then keep running. Add a last `step` with `percent = 100` and a `hold`, such as `\"15m\"`.",
        ));
    }
}

fn threshold(deployment: &DeploymentModel, found: &mut Vec<Diagnostic>) {
    let threshold = deployment
        .circuit_breaker
        .known()
        .and_then(|breaker| breaker.threshold.known());
    let Some((threshold, value)) =
        threshold.and_then(|threshold| Some((threshold, *threshold.value.known()?)))
    else {
        return;
    };
    let counts_percent = matches!(
        threshold.r#type,
        Attr::Known(ThresholdWord::BoundedPercent | ThresholdWord::UnboundedPercent)
    );
    if counts_percent && value > 100 {
        let path = Path::root()
            .attribute("deployment")
            .attribute("circuit_breaker");
        found.push(Rule::BreakerThreshold.error(
            path.attribute("threshold").attribute("value"),
            "More than 100 percent of the tasks cannot fail",
            format!(
                "The threshold is {value} percent of `desired_count`; AWS accepts 1 to 100. Use a smaller number, \
                 or `type = \"count\"` to count failed tasks."
            ),
        ));
    }
}
