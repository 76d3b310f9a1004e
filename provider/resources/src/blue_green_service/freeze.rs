//! Times at which nothing is deployed: what a plan and an apply say then.

use serde::Serialize;
use switchyard_engine::ports::{ScheduleExpression, time_zone};
use switchyard_engine::{Days, Freeze, FreezeTimes, Frozen, frozen};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path};

use super::model::{FreezeModel, Model, known_elements, known_set, or_default};
use crate::client::Client;
use crate::duration;

/// Environment variable with the reason to deploy all the same.
pub(crate) const OVERRIDE: &str = "SWITCHYARD_OVERRIDE_FREEZE";

/// Code of a deployment that a freeze forbids.
const FROZEN: &str = "SY0244";

/// Code of a deployment in spite of a freeze.
const OVERRIDDEN: &str = "SY0247";

/// A freeze that a deployment did not heed, as its report says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Overridden {
    /// The freeze, in the configuration's words.
    freeze: String,
    /// Until when it holds.
    until: String,
    /// Why there was a deployment all the same, in the words of whoever started it.
    reason: String,
}

/// What a freeze makes of a deployment.
#[derive(Debug)]
pub(super) enum Verdict {
    /// None holds now, or nothing is deployed.
    Free,
    /// The deployment is refused.
    Refused(Diagnostic),
    /// It goes on, because somebody said why.
    Overridden(Overridden, Diagnostic),
}

/// The verdict on a plan. As long as it is unknown whether the plan deploys, an apply, which plans again, knows.
pub(super) fn of(client: &Client, planned: &Model) -> Verdict {
    if planned.will_deploy == Attr::Known(false) {
        return Verdict::Free;
    }
    let Some(found) = frozen(client.ports(), &freezes(planned)) else {
        return Verdict::Free;
    };
    let name = planned.name.known().map_or("", String::as_str);
    match client.freeze_override() {
        Some(reason) => {
            let warning = overridden(name, &found, reason);
            let overridden = Overridden {
                freeze: found.reason,
                until: found.until,
                reason: reason.to_owned(),
            };
            Verdict::Overridden(overridden, warning)
        }
        None => Verdict::Refused(refused(name, &found, planned)),
    }
}

/// Where a run that destroys cannot be told from others by its command line, the message says how to destroy.
const DESTROY: &str = match cfg!(target_os = "linux") {
    true => "",
    false => " `terraform destroy` plans first as well; run it with `-refresh=false`.",
};

fn path() -> Path {
    Path::root().attribute("deployment").attribute("freeze")
}

fn refused(name: &str, found: &Frozen, planned: &Model) -> Diagnostic {
    let Frozen { reason, until, .. } = found;
    let line = match (&planned.will_deploy, &planned.deploys) {
        (Attr::Known(true), Attr::Known(line)) => format!("This plan deploys {line}."),
        (Attr::Known(true), Attr::Null | Attr::Unknown) => "This plan deploys.".to_owned(),
        (Attr::Known(false) | Attr::Null | Attr::Unknown, _) => {
            "It is not known yet whether this plan deploys; the apply does not start if it does."
                .to_owned()
        }
    };
    let text = format!(
        "Nothing was changed. `deployment.freeze` allows no deployment until {until}: {reason}.\n\n{line}\n\nApply after \
         that time, or apply only changes that start no deployment. To deploy now, set the environment variable \
         {OVERRIDE} to the reason, such as `{OVERRIDE}=\"INC-123: fixes the outage\"`; the plan and the report then say \
         so.{DESTROY}\n\nCode {FROZEN}."
    );
    let summary = format!("Service `{name}` is not deployed before {until}: {reason}");
    match planned.will_deploy {
        Attr::Known(_) => Diagnostic::error(summary, text).at(path()),
        Attr::Null | Attr::Unknown => Diagnostic::warning(summary, text).at(path()),
    }
}

fn overridden(name: &str, found: &Frozen, reason: &str) -> Diagnostic {
    let Frozen {
        reason: freeze,
        until,
        ..
    } = found;
    Diagnostic::warning(
        format!("Service `{name}` is deployed in spite of a freeze: {freeze}"),
        format!(
            "`deployment.freeze` allows no deployment until {until}. {OVERRIDE} is set: {reason}. The report of the \
             deployment says so.\n\nUnset {OVERRIDE} if this is not intended.\n\nCode {OVERRIDDEN}."
        ),
    )
    .at(path())
}

/// The freezes that are known. Those that are not valid are reported by the validation.
pub(super) fn freezes(model: &Model) -> Vec<Freeze> {
    let Some(deployment) = model.deployment.known() else {
        return Vec::new();
    };
    known_elements(&deployment.freeze)
        .filter_map(|(_, written)| freeze(written))
        .collect()
}

fn freeze(written: &FreezeModel) -> Option<Freeze> {
    let default = FreezeModel::defaults().timezone;
    let zone = or_default(&written.timezone, &default)?;
    let when = match (&written.schedule, &written.duration) {
        (Attr::Known(begins), Attr::Known(lasts)) => FreezeTimes::Windows {
            begins: ScheduleExpression::parse(begins).ok()?,
            lasts: duration::parse(lasts).ok()?,
        },
        _ => {
            let days = known_set(&written.dates)?;
            let days = days.iter().map(|text| Days::parse(text).ok());
            FreezeTimes::Days(days.collect::<Option<_>>()?)
        }
    };
    Some(Freeze {
        reason: written.reason.known()?.clone(),
        when,
        zone: time_zone(Some(zone)).ok()?,
    })
}
