//! Strategies, what they are called in each controller, and how long they take by themselves.

use std::time::Duration;

use tfplugin::value::{Attr, Number};

use super::model::{DeploymentModel, Model, ShiftModel};
use crate::duration;

/// Who moves traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Controller {
    /// ECS itself.
    Ecs,
    /// AWS CodeDeploy.
    CodeDeploy,
}

impl Controller {
    /// The controller, if it is known. Null is the default, `ecs`.
    pub(super) fn of(model: &Model) -> Option<Self> {
        match model.controller.as_deref() {
            Attr::Null | Attr::Known("ecs") => Some(Self::Ecs),
            Attr::Known("codedeploy") => Some(Self::CodeDeploy),
            Attr::Known(_) | Attr::Unknown => None,
        }
    }
}

/// How a new revision takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strategy {
    /// Tasks are replaced in place.
    Rolling,
    /// All traffic moves at once.
    AllAtOnce,
    /// Two shifts.
    Canary,
    /// Equal shifts.
    Linear,
}

impl Strategy {
    /// The strategy, if it is known.
    pub(super) fn of(deployment: &DeploymentModel) -> Option<Self> {
        match deployment.strategy.as_deref().into_known()? {
            "rolling" => Some(Self::Rolling),
            "all_at_once" => Some(Self::AllAtOnce),
            "canary" => Some(Self::Canary),
            "linear" => Some(Self::Linear),
            _ => None,
        }
    }

    /// The word users write.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Rolling => "rolling",
            Self::AllAtOnce => "all_at_once",
            Self::Canary => "canary",
            Self::Linear => "linear",
        }
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
        Strategy::Rolling => return None,
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
        Strategy::Rolling | Strategy::AllAtOnce => return true,
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
            let percent = f64_of(shift.percent.known()?)?;
            Some((
                percent,
                duration::parse_minutes(shift.interval.known()?).ok()?,
            ))
        }
    }
}

fn f64_of(number: &Number) -> Option<f64> {
    number.to_string().parse().ok()
}

/// ECS's default for `canary` (percent, minutes).
pub(super) const ECS_CANARY: (f64, u32) = (5.0, 10);
/// ECS's default for `linear` (percent, minutes).
pub(super) const ECS_LINEAR: (f64, u32) = (10.0, 6);

/// What a deployment gets on top of its own waits before it times out: task start, health checks,
/// draining.
pub(super) const DEFAULT_ALLOWANCE: Duration = Duration::from_secs(30 * 60);

/// How long the deployment waits by its own settings: shifts and bakes. Nothing while they are unknown.
pub(super) fn planned_waits(deployment: &DeploymentModel, strategy: Strategy) -> Option<Duration> {
    let shifts = match strategy {
        Strategy::Rolling | Strategy::AllAtOnce => 0,
        Strategy::Canary => u64::from(ecs_shift(&deployment.canary, ECS_CANARY)?.1),
        Strategy::Linear => {
            let (percent, minutes) = ecs_shift(&deployment.linear, ECS_LINEAR)?;
            u64::from(minutes) * waits_between_shifts(percent)
        }
    };
    let bake = match deployment.bake_time.as_deref() {
        Attr::Null => 0,
        Attr::Unknown => return None,
        Attr::Known(text) => u64::from(duration::parse_minutes(text).ok()?),
    };
    Some(Duration::from_secs((shifts + bake) * 60))
}

/// Waits between equal shifts of `percent` until 100 percent are reached: 10 percent are ten shifts with
/// nine waits, 30 percent are four shifts (30, 60, 90, 100) with three.
fn waits_between_shifts(percent: f64) -> u64 {
    (1..=100)
        .take_while(|shift| f64::from(*shift) * percent < 100.0)
        .count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canary(percent: i64, interval: &str) -> DeploymentModel {
        DeploymentModel {
            strategy: Attr::Known("canary".to_owned()),
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
    fn counts_the_waits_between_shifts() {
        for (percent, waits) in [(10.0, 9), (30.0, 3), (50.0, 1), (100.0, 0), (3.0, 33)] {
            assert_eq!(waits_between_shifts(percent), waits, "{percent}");
        }
    }

    #[test]
    fn own_waits_are_shifts_and_bake() {
        let deployment = DeploymentModel {
            bake_time: Attr::Known("5m".to_owned()),
            ..canary(10, "10m")
        };
        assert_eq!(
            planned_waits(&deployment, Strategy::Canary),
            Some(Duration::from_secs(15 * 60))
        );
    }
}
