//! Strategies, and what they are called in each controller.

use std::time::Duration;

use switchyard_engine::{DesiredStep, Shape, Share, shifts};
use tfplugin::value::Attr;

pub(super) use super::choice::ControllerChoice;
pub(crate) use super::choice::Strategy;
use super::model::{DeploymentModel, Model, ShiftModel, StepModel, or_default, whole_list};
use super::parse::{APPROVAL, share};
use super::words::{ControllerWord, StrategyWord};
use crate::duration;

impl ControllerChoice {
    /// The controller, if it is known.
    pub(super) fn of(model: &Model) -> Option<Self> {
        match or_default(&model.controller, &Model::defaults().controller)? {
            ControllerWord::Ecs => Some(Self::Ecs),
            ControllerWord::CodeDeploy => Some(Self::CodeDeploy),
            ControllerWord::External => Some(Self::External),
            ControllerWord::Unknown(_) => None,
        }
    }
}

impl Strategy {
    /// The strategy, if it is known.
    pub(super) fn of(deployment: &DeploymentModel) -> Option<Self> {
        deployment.strategy.known()?.engine()
    }

    /// The word users write.
    pub(super) fn word(self) -> StrategyWord {
        StrategyWord::of(self)
    }
}

/// A predefined CodeDeploy configuration for ECS.
#[derive(Debug)]
pub(super) struct Predefined {
    /// Full name.
    pub(super) name: &'static str,
    /// The strategy it stands for.
    pub(super) strategy: Strategy,
    /// Percent per shift and minutes between shifts; nothing for all at once.
    pub(super) shift: Option<(u32, u32)>,
}

/// All predefined CodeDeploy configurations for the ECS compute platform (AWS: "Predefined deployment
/// configurations for an Amazon ECS compute platform").
pub(super) const PREDEFINED: [Predefined; 5] = [
    Predefined {
        name: "CodeDeployDefault.ECSAllAtOnce",
        strategy: Strategy::AllAtOnce,
        shift: None,
    },
    Predefined {
        name: "CodeDeployDefault.ECSCanary10Percent5Minutes",
        strategy: Strategy::Canary,
        shift: Some((10, 5)),
    },
    Predefined {
        name: "CodeDeployDefault.ECSCanary10Percent15Minutes",
        strategy: Strategy::Canary,
        shift: Some((10, 15)),
    },
    Predefined {
        name: "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
        strategy: Strategy::Linear,
        shift: Some((10, 1)),
    },
    Predefined {
        name: "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
        strategy: Strategy::Linear,
        shift: Some((10, 3)),
    },
];

/// The names, for messages.
pub(super) fn predefined_names() -> String {
    PREDEFINED
        .iter()
        .map(|known| format!("`{}`", known.name))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The predefined name that shares the longest beginning with `name`.
pub(super) fn nearest_predefined(name: &str) -> &'static str {
    let shared = |known: &Predefined| {
        known
            .name
            .chars()
            .zip(name.chars())
            .take_while(|(a, b)| a == b)
            .count()
    };
    PREDEFINED
        .iter()
        .max_by_key(|known| shared(known))
        .map_or("CodeDeployDefault.ECSAllAtOnce", |known| known.name)
}

/// The predefined configuration that does what `deployment` says.
pub(super) fn predefined(deployment: &DeploymentModel, strategy: Strategy) -> Option<&'static str> {
    let wanted = match strategy {
        Strategy::Rolling | Strategy::Steps => return None,
        Strategy::AllAtOnce => None,
        Strategy::Canary => Some(whole_shift(deployment.canary.known()?)?),
        Strategy::Linear => Some(whole_shift(deployment.linear.known()?)?),
    };
    PREDEFINED
        .iter()
        .find(|known| known.strategy == strategy && known.shift == wanted)
        .map(|known| known.name)
}

/// Whether everything is known that [`predefined`] looks at.
pub(super) fn shift_is_known(deployment: &DeploymentModel, strategy: Strategy) -> bool {
    let shift = match strategy {
        Strategy::Rolling | Strategy::AllAtOnce | Strategy::Steps => return true,
        Strategy::Canary => &deployment.canary,
        Strategy::Linear => &deployment.linear,
    };
    match shift {
        Attr::Null => true,
        Attr::Unknown => false,
        Attr::Known(shift) => !shift.percent.is_unknown() && !shift.interval.is_unknown(),
    }
}

fn whole_shift(shift: &ShiftModel) -> Option<(u32, u32)> {
    let percent = i64::try_from(shift.percent.known()?.clone()).ok()?;
    Some((
        u32::try_from(percent).ok()?,
        duration::parse_minutes(shift.interval.known()?).ok()?,
    ))
}

/// Percent and minutes of a shift for ECS, with ECS's own defaults for what is not written.
pub(super) fn ecs_shift(shift: &Attr<ShiftModel>, default: (f64, u32)) -> Option<(f64, u32)> {
    match shift {
        Attr::Null => Some(default),
        Attr::Unknown => None,
        Attr::Known(shift) => {
            let percent = shift.percent.known()?.nearest_f64()?;
            Some((
                percent,
                duration::parse_minutes(shift.interval.known()?).ok()?,
            ))
        }
    }
}

/// ECS's default for `canary` (percent, minutes).
pub(super) const ECS_CANARY: (f64, u32) = (5.0, 10);
/// ECS's default for `linear` (percent, minutes).
pub(super) const ECS_LINEAR: (f64, u32) = (10.0, 6);

/// The weights of `steps` and how long each is held; `None` while one of them is unknown.
pub(super) fn steps(deployment: &DeploymentModel) -> Option<Vec<DesiredStep>> {
    deployment.step.known()?;
    let default = StepModel::defaults();
    let steps = whole_list(&deployment.step)?.into_iter().map(|step| {
        let hold = or_default(&step.hold, &default.hold)?;
        let approval = hold == APPROVAL;
        Some(DesiredStep {
            share: share(step.percent.known()?)?,
            hold: match approval {
                true => Duration::ZERO,
                false => duration::parse(hold).ok()?,
            },
            approval,
        })
    });
    steps.collect()
}

/// The equal shift with which ECS reaches every one of the weights.
pub(super) fn common_shift(steps: &[DesiredStep]) -> Share {
    let tenths = steps.iter().map(|step| step.share.tenths());
    Share::of_tenths(tenths.fold(0, greatest_common_divisor))
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    match a.checked_rem(b) {
        Some(rest) => greatest_common_divisor(b, rest),
        None => a,
    }
}

/// The smallest equal shift of ECS (AWS: `stepPercent`, 3.0–100.0).
pub(super) const LEAST_SHIFT: Share = Share::of_tenths(30);

/// Equal shifts of `percent` until 100 percent are reached: 10 percent are ten shifts with nine waits between them, 30
/// percent are four shifts (30, 60, 90, 100) with three.
pub(super) fn equal_shifts(percent: f64) -> u32 {
    let share = Share::of_percent(percent).unwrap_or(Share::WHOLE);
    shifts(Shape::Linear { share, minutes: 0 }).fold(0, |count, _| count + 1)
}

#[cfg(test)]
mod tests {
    use tfplugin::value::Number;

    use super::*;

    fn canary(percent: i64, interval: &str) -> DeploymentModel {
        DeploymentModel {
            strategy: Attr::Known(StrategyWord::Canary),
            canary: Attr::Known(ShiftModel {
                percent: Attr::Known(Number::from(percent)),
                interval: Attr::Known(interval.to_owned()),
            }),
            ..DeploymentModel::default()
        }
    }

    #[test]
    fn finds_the_predefined_configuration() {
        assert_eq!(
            predefined(&canary(10, "5m"), Strategy::Canary),
            Some("CodeDeployDefault.ECSCanary10Percent5Minutes")
        );
        assert_eq!(predefined(&canary(20, "5m"), Strategy::Canary), None);
        assert_eq!(
            predefined(&DeploymentModel::default(), Strategy::AllAtOnce),
            Some("CodeDeployDefault.ECSAllAtOnce")
        );
    }

    #[test]
    fn the_name_people_get_wrong_leads_to_the_right_one() {
        assert_eq!(
            nearest_predefined("CodeDeployDefault.ECSAllAtOnceBlueGreen"),
            "CodeDeployDefault.ECSAllAtOnce"
        );
    }

    #[test]
    fn counts_equal_shifts() {
        for (percent, count) in [(10.0, 10), (30.0, 4), (50.0, 2), (100.0, 1), (3.0, 34)] {
            assert_eq!(equal_shifts(percent), count, "{percent}");
        }
    }

    #[test]
    fn the_common_shift_reaches_every_weight() {
        let steps = |weights: &[u32]| -> Vec<DesiredStep> {
            let hold = Duration::ZERO;
            weights
                .iter()
                .map(|tenths| DesiredStep {
                    share: Share::of_tenths(*tenths),
                    hold,
                    approval: false,
                })
                .collect()
        };
        for (weights, shift) in [
            (&[100, 500, 1000][..], 100),
            (&[10, 70, 1000], 10),
            (&[250, 1000], 250),
            (&[1000], 1000),
            (&[125, 1000], 125),
        ] {
            let common = common_shift(&steps(weights));
            assert_eq!(common, Share::of_tenths(shift), "{weights:?}");
        }
    }
}
