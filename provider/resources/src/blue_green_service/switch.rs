//! Changes of the controller.

use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path};

use super::model::Model;
use super::strategy::ControllerChoice;
use super::words::ControllerWord;

/// The change, if both ends are known and differ. What a build does not know is no end.
fn change(prior: &Model, planned: &Model) -> Option<(ControllerChoice, ControllerChoice)> {
    if prior.controller.is_null() {
        return None;
    }
    let (from, to) = (ControllerChoice::of(prior)?, ControllerChoice::of(planned)?);
    (from != to).then_some((from, to))
}

/// Whether somebody else decides about deployments afterwards.
pub(super) fn changes(prior: &Model, planned: &Model) -> bool {
    change(prior, planned).is_some()
}

/// Whether the change is a deployment: AWS answers the change to `ecs` with one.
pub(super) fn deploys(prior: &Model, planned: &Model) -> bool {
    matches!(
        change(prior, planned),
        Some((ControllerChoice::CodeDeploy, ControllerChoice::Ecs))
    )
}

/// Why the controller cannot be changed like this.
pub(super) fn refusal(prior: &Model, planned: &Model) -> Option<Diagnostic> {
    let (Attr::Known(from), Attr::Known(to)) = (&prior.controller, &planned.controller) else {
        return None;
    };
    if from == to || is_switchable(from, to) {
        return None;
    }
    let refusal = Diagnostic::error(
        format!("The controller cannot be changed from `{from}` to `{to}` in place"),
        format!(
            "Nothing was changed: the service still runs under `{from}`.\n\nA running service can change only \
             between `ecs` and `codedeploy`. Under `external` tasks belong to task sets, which no other controller \
             accepts.\n\nSet `controller = \"{from}\"` again. To use `{to}`, create a second service with a \
             different name and its own target groups, move traffic to it, and remove this one. A service can move \
             in place from `ecs` to `codedeploy`, and back. If an interruption is acceptable, replace the service \
             with `terraform apply -replace=ADDRESS`."
        ),
    );
    Some(refusal.at(Path::root().attribute("controller")))
}

fn is_switchable(from: &ControllerWord, to: &ControllerWord) -> bool {
    use ControllerWord::{CodeDeploy, Ecs};
    matches!((from, to), (Ecs, CodeDeploy) | (CodeDeploy, Ecs))
}

/// What the apply will do, in its order.
pub(super) fn announcement(prior: &Model, planned: &Model) -> Option<Diagnostic> {
    let order = match change(prior, planned)? {
        (ControllerChoice::CodeDeploy, ControllerChoice::Ecs) => {
            "The apply waits until no deployment runs. Then it writes both target groups into the production rule, \
             the live one with all of the traffic, and moves the service to ECS, which starts a deployment of the \
             planned revision. Production stays reachable at all times.\n\nKeep the CodeDeploy application and \
             deployment group until this apply has succeeded. Delete them afterwards, the deployment group first. \
             No other resource may manage the weights of the rule."
        }
        (ControllerChoice::Ecs, ControllerChoice::CodeDeploy) => {
            "The apply waits until no deployment runs, and moves the service to CodeDeploy. Traffic stays where it \
             is. CodeDeploy then deploys changes of the revision, for which it needs the deployment group that \
             `codedeploy` names."
        }
        (
            ControllerChoice::Ecs | ControllerChoice::CodeDeploy | ControllerChoice::External,
            ControllerChoice::Ecs | ControllerChoice::CodeDeploy | ControllerChoice::External,
        ) => return None,
    };
    let (from, to) = (prior.controller.known()?, planned.controller.known()?);
    let warning = Diagnostic::warning(
        format!("The service moves from `{from}` to `{to}` in place"),
        order,
    );
    Some(warning.at(Path::root().attribute("controller")))
}
