//! Times at which nothing is deployed.

use switchyard_engine::LONGEST_WINDOW;
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::Path;

use super::Rule;
use crate::blue_green_service::model::{DeploymentModel, known_elements};
use crate::duration;

pub(super) fn all(deployment: &DeploymentModel, found: &mut Vec<Diagnostic>) {
    for (index, freeze) in known_elements(&deployment.freeze) {
        let path = Path::root()
            .attribute("deployment")
            .attribute("freeze")
            .index(index);
        let mut report = |path: Path, summary: &str, detail: &str| {
            found.push(Rule::Freeze.error(path, summary, detail));
        };
        let (schedule, dates) = (&freeze.schedule, &freeze.dates);
        if schedule.is_null() && dates.is_null() {
            report(
                path.clone(),
                "The freeze never holds",
                "It has neither a `schedule` nor `dates`. Add `schedule` and `duration` for windows that recur, or \
                 `dates` for days.",
            );
        }
        if schedule.is_known() && dates.is_known() {
            report(
                path.clone().attribute("dates"),
                "`schedule` and `dates` are in the same freeze",
                "A freeze has one of them. Write a second `freeze` block for the other.",
            );
        }
        if schedule.is_known() && freeze.duration.is_null() {
            report(
                path.clone().attribute("schedule"),
                "The windows of the freeze have no length",
                "`schedule` says when a window begins. Add `duration`, such as `\"62h\"`.",
            );
        }
        if schedule.is_null() && freeze.duration.is_known() {
            report(
                path.clone().attribute("duration"),
                "`duration` has no effect here",
                "It is the length of the windows of `schedule`; `dates` are whole days. Remove it, or add `schedule`.",
            );
        }
        let lasts = freeze.duration.known().map(|text| duration::parse(text));
        if let Some(Ok(lasts)) = lasts
            && lasts > LONGEST_WINDOW
        {
            report(
                path.attribute("duration"),
                "The windows of the freeze are longer than a year",
                "Such a freeze never ends. Use at most 366 days.",
            );
        }
    }
}
