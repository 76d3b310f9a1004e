//! What an apply deploys, as the one line that every plan with a deployment shows.
//!
//! The line in a plan is the line in the state afterwards. So it must not be what the state says already: Terraform shows
//! only what differs.

use switchyard_engine::DeploymentRecord;
use tfplugin::value::Attr;

use super::memory::Memory;
use super::model::Model;
use super::owner::TaskDefinitionOwner;
use crate::names;

/// A plan, or an apply, that deploys nothing.
const NOTHING: &str = "nothing";

/// What is added when the same is deployed again.
const AGAIN: &str = ", once more";

/// The plan of a creation.
pub(super) fn first() -> Attr<String> {
    Attr::Known("the first revision".to_owned())
}

/// The plan of an update; unknown as long as it is unknown what is deployed, or whether something is. `beside` says whether
/// the images or the snapshot, where they decide, differ from what is live.
pub(super) fn planned(
    prior: &Model,
    memory: &Memory,
    planned: &Model,
    beside: Attr<bool>,
) -> Attr<String> {
    let line = match planned.will_deploy {
        Attr::Null | Attr::Unknown => return Attr::Unknown,
        Attr::Known(false) => return Attr::Known(NOTHING.to_owned()),
        Attr::Known(true) => {
            let live = memory.live_task_definition(prior);
            line(live.known().map(String::as_str), planned, beside)
        }
    };
    match line {
        Some(line) => Attr::Known(differing(line, prior)),
        None => Attr::Unknown,
    }
}

fn line(live: Option<&str>, planned: &Model, beside: Attr<bool>) -> Option<String> {
    let (what, is_new) = match TaskDefinitionOwner::of(planned)? {
        TaskDefinitionOwner::Terraform => {
            let to = planned.task_definition.known()?;
            let is_live = live.is_some_and(|live| names::same_task_definition(live, to));
            (names::task_definition_name(to).to_owned(), !is_live)
        }
        TaskDefinitionOwner::Images => ("new images".to_owned(), beside.known().copied()?),
        TaskDefinitionOwner::Snapshot => {
            let id = planned.restore_snapshot.known()?;
            (format!("snapshot {id}"), beside.known().copied()?)
        }
        TaskDefinitionOwner::External => (String::new(), false),
    };
    let live = live.map(names::task_definition_name);
    Some(match (live, is_new) {
        (Some(live), true) => format!("{what} in place of {live}"),
        (Some(live), false) => format!("{live} again"),
        (None, true) => what,
        (None, false) => "the live revision again".to_owned(),
    })
}

/// Never what the state says.
fn differing(line: String, prior: &Model) -> String {
    if prior.deploys.known() == Some(&line) {
        line + AGAIN
    } else {
        line
    }
}

/// What an apply has deployed whose plan did not know it.
pub(super) fn done(record: Option<&DeploymentRecord>) -> Attr<String> {
    Attr::Known(match record {
        None => NOTHING.to_owned(),
        Some(record) => {
            let to = names::task_definition_name(&record.to_task_definition);
            match &record.from_task_definition {
                Some(from) => format!("{to} in place of {}", names::task_definition_name(from)),
                None => to.to_owned(),
            }
        }
    })
}
