//! How an action ended, in words.

use switchyard_engine::ports::{ErrorKind, Ports, Service, ServiceRef, ServiceStatus};
use switchyard_operate::{Exit, Selection, Target, Trouble};
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::value::Path;

use crate::called;
use crate::snapshots::service::ServiceModel;

/// An action did not do what it is for.
const FAILED: &str = "SY0265";

/// There was nothing to do.
const NOTHING: &str = "SY0266";

/// What is written is not possible.
pub(super) const IMPOSSIBLE: &str = "SY0267";

/// What an action is about, as its messages name it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    /// What was to be done: "The rollback of service `web`".
    pub(super) what: &'a str,
}

/// The service of a configuration that is wholly known, as commands are given one.
pub(super) fn selection(of: &ServiceModel) -> Result<Selection, Diagnostics> {
    let service = of.service_ref().ok_or_else(|| {
        Diagnostics::bug(
            "running an action",
            "a part of the configuration is unknown",
        )
    })?;
    Ok(Selection::Services(vec![Target {
        cluster: Some(service.cluster),
        name: service.name,
        route: None,
        planned: None,
        last: None,
    }]))
}

/// The end of a command as that of an action.
pub(super) fn ended(subject: Subject<'_>, ended: Result<Exit, Trouble>) -> Diagnostics {
    let what = subject.what;
    match ended {
        Ok(Exit::Done) => Diagnostics::none(),
        Ok(Exit::Nothing) => nothing(
            what,
            "The progress of the action says what there is. Nothing was changed.",
        ),
        Ok(Exit::Failed | Exit::NotSucceeded) => failed(
            what,
            "The progress of the action says what happened.\n\nRun `switchyard status` to see where traffic is.",
        ),
        Err(trouble) => match trouble.exit() {
            Exit::Nothing => nothing(what, &trouble.to_string()),
            Exit::Done | Exit::Failed | Exit::NotSucceeded => failed(what, &trouble.to_string()),
        },
    }
}

fn nothing(what: &str, why: &str) -> Diagnostics {
    Diagnostic::warning(
        format!("{what} had nothing to do"),
        format!("{why}\n\nCode {NOTHING}."),
    )
    .into()
}

pub(super) fn failed(what: &str, why: &str) -> Diagnostics {
    Diagnostic::error(
        format!("{what} did not succeed"),
        format!("{why}\n\nCode {FAILED}."),
    )
    .into()
}

/// The service that a planned action is about, as far as its name is known. One that is made by the same apply is not
/// there yet, so that only the apply says that it is missing.
///
/// # Errors
/// It cannot be read.
pub(super) async fn planned_service(
    ports: &Ports,
    of: &ServiceModel,
) -> Result<Option<Service>, Diagnostics> {
    let Some(service) = of.service_ref() else {
        return Ok(None);
    };
    match find(ports, &service).await {
        Ok(found) => Ok(found),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => {
            Err(called::unreadable(&format!("Service `{}`", service.name), &error).into())
        }
    }
}

async fn find(
    ports: &Ports,
    service: &ServiceRef,
) -> Result<Option<Service>, switchyard_engine::ports::Error> {
    let found = ports.services.find_service(service).await?;
    Ok(found.filter(|found| found.status == ServiceStatus::Active))
}

/// A service that is not there when the plan is made, as a warning.
pub(super) fn not_there(of: &ServiceModel) -> Diagnostics {
    let name = of.service.known().map_or("", String::as_str);
    let cluster = of.cluster.known().map_or("", String::as_str);
    Diagnostic::warning(
        format!("Service `{name}` does not exist yet"),
        format!(
            "Cluster `{cluster}` has no active service of this name. If this apply does not create it before the action \
             runs, the action fails.\n\nCode {FAILED}."
        ),
    )
    .at(Path::root().attribute("service"))
    .into()
}
