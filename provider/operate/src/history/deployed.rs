//! The deployments that CodeDeploy remembers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use switchyard_engine::list_code_deploy_deployments;
use switchyard_engine::ports::{CodeDeployDeployment, CodeDeployStatus, Error, Ports};

use super::entry::Entry;
use super::lead_of;
use crate::select::Chosen;
use crate::words::short;

/// Most deployments that are read of a service, each with a call of its own.
const MOST: usize = 50;

/// The deployments since then, newest first. The deployment by which CodeDeploy rolls one back is the end of that one.
pub(super) async fn entries(
    ports: &Ports,
    chosen: &Chosen,
    since: Timestamp,
) -> Result<Vec<Entry>, Error> {
    let all = list_code_deploy_deployments(ports, &chosen.found, MOST).await?;
    let mut entries = told(&chosen.service.name, &all);
    entries.retain(|entry| entry.started_at.is_none_or(|at| at >= since));
    let mut known = BTreeMap::new();
    for entry in &mut entries {
        let Some(arn) = entry.task_definition.clone() else {
            continue;
        };
        if !known.contains_key(&arn) {
            let found = ports.services.find_task_definition(&arn).await?;
            known.insert(arn.clone(), found);
        }
        let Some(Some(found)) = known.get(&arn) else {
            continue;
        };
        let images = found.containers.iter();
        entry.images = images
            .map(|it| (it.name.clone(), it.image.clone()))
            .collect();
        if entry.succeeded == Some(true) {
            entry.lead_seconds = lead_of(found, entry.finished_at);
        }
    }
    Ok(entries)
}

/// `all`: newest first.
fn told(service: &str, all: &[CodeDeployDeployment]) -> Vec<Entry> {
    let mut live: Option<String> = None;
    let mut entries = Vec::new();
    for found in all.iter().rev() {
        let to = found.task_definition();
        let from = live.clone();
        let succeeded = found.status == CodeDeployStatus::Succeeded;
        if succeeded {
            live.clone_from(&to);
        }
        if found.rolls_back.is_some() {
            continue;
        }
        let back = found.rollback_deployment.as_ref();
        let back = back.and_then(|id| all.iter().find(|it| it.id == *id));
        let is_running = found.status.is_running() || back.is_some_and(|it| it.status.is_running());
        let error = found.error.as_ref().map(|error| error.message.clone());
        entries.push(Entry {
            service: service.to_owned(),
            id: found.id.clone(),
            status: found.status.word().to_owned(),
            succeeded: (!is_running).then_some(succeeded),
            from: from.as_deref().map(|arn| short(arn).to_owned()),
            to: to.as_deref().map(|arn| short(arn).to_owned()),
            images: BTreeMap::new(),
            reason: error
                .or_else(|| found.rollback_message.clone())
                .filter(|_| !succeeded),
            started_at: found.created_at,
            finished_at: match back {
                Some(back) => back.completed_at,
                None => found.completed_at,
            },
            lead_seconds: None,
            task_definition: to,
        });
    }
    entries.reverse();
    entries
}
