//! When gates run.

use switchyard_engine::Share;
use switchyard_engine::gate::MomentKind;
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Number, Path};

use crate::blue_green_service::gates;
use crate::blue_green_service::model::{GateModel, MetricModel, Model, ShiftModel, known_elements};
use crate::blue_green_service::parse;
use crate::blue_green_service::strategy::Strategy;
use crate::blue_green_service::validate::Rule;
use crate::blue_green_service::words::{OnFailureWord, TargetWord, WhenWord};

/// What cannot be asked of the revision that runs, and who goes back from where.
pub(super) fn running(gate: &GateModel, name: &str, path: &Path, found: &mut Vec<Diagnostic>) {
    let Some(when) = gates::moments(&gate.when) else {
        return;
    };
    let is_back = gate.on_failure == Attr::Known(OnFailureWord::RollBack);
    if is_back && !when.contains(&MomentKind::After) {
        found.push(Rule::GateMoment.error(
            path.clone().attribute("on_failure"),
            format!("The gate `{name}` does not run after the deployment"),
            "`roll_back` deploys the revision before again, after the deployment. Before its end, a failure rolls it back \
             anyway. Add `after` to `when`, or set `on_failure = \"stop\"`.",
        ));
    }
    let is_compared = |metric: &MetricModel| metric.compare_percent.is_known();
    let only_new = match () {
        () if !when.contains(&MomentKind::BeforeStart) => return,
        () if gate.command.is_known() => "a `command` runs in a task of the new revision",
        () if gate
            .http
            .known()
            .is_some_and(|http| http.target == Attr::Known(TargetWord::TestListener)) =>
        {
            "the test listener leads to the new revision"
        }
        () if gate.metric.known().is_some_and(is_compared) => {
            "`compare_percent` compares the new revision with the old one"
        }
        () => return,
    };
    found.push(Rule::GateMoment.error(
        path.clone().attribute("when"),
        format!("The gate `{name}` cannot run at `before_start`"),
        format!(
            "At that moment nothing is started, and the gate checks the revision that runs: {only_new}. Remove \
             `before_start`, or use a different check."
        ),
    ));
}

/// How traffic gets to the new revision.
#[derive(Clone, Copy)]
pub(super) struct Way {
    pub(super) strategy: Strategy,
    /// Its first shift moves all of it, so there is no weight in between.
    pub(super) is_at_once: bool,
}

/// Whether the first shift of a strategy that has shifts moves all traffic; not as long as it is unknown.
pub(super) fn is_at_once(config: &Model, strategy: Strategy) -> bool {
    let Attr::Known(deployment) = &config.deployment else {
        return false;
    };
    let is_whole = |percent: &Attr<Number>| {
        let share = percent.known().and_then(parse::share);
        share.is_some_and(Share::is_whole)
    };
    let of = |shift: &Attr<ShiftModel>| shift.known().is_some_and(|it| is_whole(&it.percent));
    match strategy {
        Strategy::Canary => of(&deployment.canary),
        Strategy::Linear => of(&deployment.linear),
        Strategy::Steps => {
            let first = known_elements(&deployment.step).next();
            first.is_some_and(|(index, step)| index == 0 && is_whole(&step.percent))
        }
        Strategy::AllAtOnce | Strategy::Rolling => false,
    }
}

/// The moments that never come.
pub(super) fn check(
    gate: &GateModel,
    name: &str,
    way: Way,
    path: &Path,
    found: &mut Vec<Diagnostic>,
) {
    let Some(when) = gates::moments(&gate.when) else {
        return;
    };
    let never = |moment: MomentKind| match (moment, way.strategy) {
        (MomentKind::After | MomentKind::BeforeStart, _) => None,
        (MomentKind::BeforeTraffic | MomentKind::Step | MomentKind::Bake, Strategy::Rolling) => {
            Some(
                "a rolling deployment replaces tasks inside one target group, so there is no new side to check before \
             it has ended. Set `when = [\"after\"]`, or choose a strategy that moves traffic",
            )
        }
        (MomentKind::Step, Strategy::AllAtOnce) => Some(
            "`all_at_once` has no weight in between. Choose `canary`, `linear` or `steps`, or run the gate at \
             `before_traffic`, `bake` or `after`",
        ),
        (MomentKind::Step, Strategy::Canary | Strategy::Linear | Strategy::Steps)
            if way.is_at_once =>
        {
            Some(
                "with `percent = 100` the first shift moves all traffic, so there is no weight in between. Use a smaller \
                 `percent`, or run the gate at `before_traffic`, `bake` or `after`",
            )
        }
        (
            MomentKind::BeforeTraffic | MomentKind::Step | MomentKind::Bake,
            Strategy::AllAtOnce | Strategy::Canary | Strategy::Linear | Strategy::Steps,
        ) => None,
    };
    for moment in when {
        let Some(why) = never(moment) else {
            continue;
        };
        found.push(Rule::GateMoment.error(
            path.clone().attribute("when"),
            format!(
                "The gate `{name}` would never run at `{}`",
                WhenWord::of(moment)
            ),
            format!("This deployment does not have that moment: {why}."),
        ));
    }
}
