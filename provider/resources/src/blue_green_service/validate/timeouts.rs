//! Time-outs.

use std::time::Duration;

use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::Path;

use super::Rule;
use crate::blue_green_service::gates;
use crate::blue_green_service::model::{DeploymentModel, Model};
use crate::blue_green_service::strategy::Strategy;
use crate::blue_green_service::waits::{self, Waits};
use crate::duration;

/// The least time tasks need on top of everything else.
const MARGIN: Duration = Duration::from_secs(120);

pub(super) fn all(
    config: &Model,
    deployment: &DeploymentModel,
    strategy: Strategy,
    found: &mut Vec<Diagnostic>,
) {
    let Some(timeouts) = config.timeouts.known() else {
        return;
    };
    let Some(waits) = Waits::of(deployment, strategy) else {
        return;
    };
    let gates = gates::gates(config).unwrap_or_default();
    let (alone, longest) = (waits.alone(), waits::longest(&gates, |_| true));
    let Some(by_default) = waits::default_limit(config, deployment, strategy, &gates) else {
        return;
    };
    for (name, value) in [("create", &timeouts.create), ("update", &timeouts.update)] {
        let Some(limit) = value.known().and_then(|text| duration::parse(text).ok()) else {
            continue;
        };
        let path = Path::root().attribute("timeouts").attribute(name);
        if limit <= alone + MARGIN {
            found.push(Rule::TimeoutTooShort.error(
                path,
                "The timeout is shorter than the deployment",
                format!(
                    "The shifts, holds and bake time of this deployment take {}, and tasks need time to start and \
                     drain. A timeout of {} would roll back every deployment. Use at least {}.",
                    duration::format(alone),
                    duration::format(limit),
                    duration::format(by_default),
                ),
            ));
        } else if limit <= alone + longest + MARGIN {
            found.push(Rule::TimeoutTooShort.error(
                path,
                "The timeout is shorter than a gate may take",
                format!(
                    "The shifts, holds and bake time of this deployment take {}, and a gate may stay undecided for \
                     {} in addition. With a timeout of {} the deployment could be rolled back before the gate is \
                     decided. Use at least {}, or a shorter `time_limit` of the gate.",
                    duration::format(alone),
                    duration::format(longest),
                    duration::format(limit),
                    duration::format(by_default),
                ),
            ));
        }
    }
}
