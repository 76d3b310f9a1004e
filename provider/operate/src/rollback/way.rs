//! Which revision to go back to.

use std::collections::{BTreeMap, BTreeSet};

use switchyard_engine::ports::{Controller, EcsStatus, Ports, ServiceDeployment};
use switchyard_engine::snapshot::{self, Restorable, SnapshotId, Stored};
use switchyard_engine::{DesiredController, DesiredService, served_by_code_deploy};

use super::wanted::Rollback;
use crate::action::ImageChange;
use crate::select::Chosen;
use crate::trouble::Trouble;
use crate::view::{Role, ServiceView};
use crate::words::short;

/// Deployments that are looked at for the revision that was live before.
const DEPLOYMENTS: u32 = 20;

/// The revision to go back to, and what changes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// Task definition ARN.
    pub(super) to: String,
    /// It has to be registered again, because it was deregistered.
    again: bool,
    /// Container → what changes.
    pub(super) images: BTreeMap<String, ImageChange>,
}

impl Way {
    pub(super) async fn find(
        ports: &Ports,
        chosen: &Chosen,
        view: &ServiceView,
        wanted: &Rollback,
    ) -> Result<Self, Trouble> {
        let name = match (&wanted.to, &wanted.snapshot) {
            (Some(to), _) => to.clone(),
            (None, Some((place, id))) => of_snapshot(ports, chosen, place, id).await?,
            (None, None) => before(ports, chosen, view).await?,
        };
        let found = ports.services.find_task_definition(&name).await;
        let found = found.map_err(|error| Trouble::reading(&error))?.ok_or_else(|| {
            Trouble::new(format!(
                "There is no task definition `{name}`. Nothing was changed. `switchyard history` lists what was live."
            ))
        })?;
        let live = view.sides.iter().find(|side| side.role == Role::Live);
        let now = live.map(|side| side.images.clone()).unwrap_or_default();
        let containers = found.containers.iter();
        let then: BTreeMap<&String, &String> = containers.map(|it| (&it.name, &it.image)).collect();
        let names: BTreeSet<&String> = now.keys().chain(then.keys().copied()).collect();
        let images = names.into_iter().filter_map(|container| {
            let (from, to) = (now.get(container), then.get(container).copied());
            let change = ImageChange {
                from: from.cloned(),
                to: to.cloned(),
            };
            (from != to).then(|| (container.clone(), change))
        });
        Ok(Self {
            images: images.collect(),
            again: !found.is_active(),
            to: found.arn,
        })
    }

    /// What will be done, in sentences. `wish` is what the engine is asked for.
    pub(super) fn words(&self, view: &ServiceView, wish: &DesiredService) -> String {
        let from = view.live_definition().map_or("another revision", short);
        let mut text = format!(
            "`{}` goes back from {from} to {}, all at once and without a bake time; its strategy{} stays as it is.\n",
            view.service,
            short(&self.to),
            view.strategy
                .as_ref()
                .map(|word| format!(" ({word})"))
                .unwrap_or_default()
        );
        text.push_str(&carried_out(wish));
        if self.again {
            text.push_str(
                "This task definition was deregistered: the same is registered again as a new revision.\n",
            );
        }
        for (container, change) in &self.images {
            let word =
                |image: &Option<String>| image.clone().unwrap_or_else(|| "nothing".to_owned());
            text.push_str(&format!(
                "  image of {container}: {} -> {}\n",
                word(&change.from),
                word(&change.to)
            ));
        }
        text
    }
}

/// Who moves the traffic, where ECS does not.
fn carried_out(wish: &DesiredService) -> String {
    match &wish.controller {
        DesiredController::Ecs => String::new(),
        DesiredController::CodeDeploy {
            application,
            group,
            config,
            hooks,
            ..
        } => {
            let config = config.as_deref().unwrap_or("its own configuration");
            let functions: Vec<String> = hooks
                .iter()
                .map(|(hook, function)| format!("  {} calls {function}\n", hook.word()))
                .collect();
            format!(
                "CodeDeploy deploys it ({application}/{group}, {config}).\n{}",
                functions.concat()
            )
        }
        DesiredController::External => {
            "This command moves the traffic itself, once the new tasks are healthy. If it is killed, run it again: it \
             continues.\n"
                .to_owned()
        }
    }
}

/// The task definition of a snapshot.
async fn of_snapshot(
    ports: &Ports,
    chosen: &Chosen,
    place: &switchyard_engine::ports::Place,
    id: &SnapshotId,
) -> Result<String, Trouble> {
    let failed = |error| Trouble::reading(&error);
    let service = &chosen.service;
    let found = snapshot::read(ports, place, service, id)
        .await
        .map_err(failed)?;
    let found = match found {
        Some(Stored {
            content: Ok(found), ..
        }) => found,
        Some(Stored {
            location,
            content: Err(why),
        }) => {
            return Err(Trouble::new(format!(
                "{location} cannot be read. {why} Nothing was changed."
            )));
        }
        None => {
            return Err(Trouble::new(format!(
                "There is no snapshot `{id}` of `{}` at {}. Nothing was changed. `switchyard snapshot list` lists them.",
                service.name,
                snapshot::location(place, service, id)
            )));
        }
    };
    match snapshot::restorable(ports, &found).await.map_err(failed)? {
        Restorable::Active(arn) | Restorable::Inactive { arn } => Ok(arn),
        Restorable::Deleted { arn, reason } => Err(Trouble::new(format!(
            "Snapshot `{id}` cannot be restored: its tasks ran {}. {reason} Nothing was changed.",
            short(&arn)
        ))),
    }
}

/// The task definition that was live before the present one: by the deployments that AWS remembers, or by the state.
async fn before(ports: &Ports, chosen: &Chosen, view: &ServiceView) -> Result<String, Trouble> {
    match &chosen.found.controller {
        Controller::Ecs | Controller::Unknown(_) => before_of_ecs(ports, chosen, view).await,
        Controller::CodeDeploy => {
            let served = served_by_code_deploy(ports, &chosen.found).await;
            let served = served.map_err(|error| Trouble::reading(&error))?;
            let was_taken_back = served.first().is_some_and(|(_, is_rollback)| *is_rollback);
            let served: Vec<&str> = served.iter().map(|(arn, _)| arn.as_str()).collect();
            settled(chosen, view, &served, was_taken_back)
        }
        Controller::External => settled(chosen, view, &[], false),
    }
}

/// By the deployments that ECS remembers.
async fn before_of_ecs(
    ports: &Ports,
    chosen: &Chosen,
    view: &ServiceView,
) -> Result<String, Trouble> {
    let failed = |error| Trouble::reading(&error);
    let services = &ports.services;
    let deployments = services
        .list_deployments(&chosen.service, DEPLOYMENTS)
        .await
        .map_err(failed)?;
    let served: Vec<String> = deployments
        .iter()
        .filter_map(served_after)
        .map(str::to_owned)
        .collect();
    let revisions = services.find_revisions(&served).await.map_err(failed)?;
    let definition = |arn: &String| {
        let mut revisions = revisions.iter();
        let found = revisions.find(|revision| revision.arn == *arn)?;
        Some(found.task_definition.as_str())
    };
    let served: Vec<&str> = served.iter().filter_map(definition).collect();
    let was_taken_back = deployments
        .first()
        .is_some_and(|newest| newest.status == EcsStatus::RollbackSuccessful);
    settled(chosen, view, &served, was_taken_back)
}

/// `served`: what served after each deployment that AWS remembers, newest first.
fn settled(
    chosen: &Chosen,
    view: &ServiceView,
    served: &[&str],
    was_taken_back: bool,
) -> Result<String, Trouble> {
    let name = &chosen.service.name;
    let live = view.live_definition();
    let shown = live.map_or("the present one", short);
    match earlier(served, live) {
        _ if was_taken_back => Err(Trouble::nothing(gone_back(name, shown))),
        Earlier::GoneBack => Err(Trouble::nothing(gone_back(name, shown))),
        Earlier::Is(definition) => Ok(definition.to_owned()),
        Earlier::Unknown => match &chosen.last {
            Some(last) if last.to == shown => Ok(last.from.clone()),
            Some(last) if last.from == shown => Err(Trouble::nothing(gone_back(name, shown))),
            Some(_) | None => Err(Trouble::new(format!(
                "No revision of `{name}` is known that was live before {shown}. Nothing was changed. {}Name one: `--to \
                 FAMILY:REVISION`, or a snapshot: `--snapshot ID`.",
                not_remembered(&chosen.found.controller)
            ))),
        },
    }
}

/// Why AWS does not say what was live before.
fn not_remembered(controller: &Controller) -> &'static str {
    match controller {
        Controller::Ecs | Controller::Unknown(_) => "",
        Controller::CodeDeploy => {
            "The first deployment of a CodeDeploy deployment group does not say what it replaced; the state of an apply does \
             (`--from FILE`). "
        }
        Controller::External => {
            "AWS does not remember what an apply has deployed; the state does (`--from FILE`). "
        }
    }
}

fn gone_back(name: &str, live: &str) -> String {
    format!(
        "`{name}` has gone back already: its last deployment ended with {live} live again. Nothing was changed. To go \
         further back, name the revision: `--to FAMILY:REVISION`."
    )
}

/// What was live before.
#[derive(Debug, PartialEq, Eq)]
enum Earlier<'a> {
    /// This.
    Is(&'a str),
    /// The present one is there because somebody went back to it: what was live before it was left for a reason.
    GoneBack,
    /// Nobody knows.
    Unknown,
}

/// `served`: what served after each deployment, newest first.
fn earlier<'a>(served: &[&'a str], live: Option<&str>) -> Earlier<'a> {
    let is_live = |definition: &&&str| Some(**definition) == live;
    let mut before = served.iter().skip_while(is_live);
    let Some(first) = before.next() else {
        return Earlier::Unknown;
    };
    match before.any(|definition| Some(*definition) == live) {
        true => Earlier::GoneBack,
        false => Earlier::Is(first),
    }
}

/// The revision that served when the deployment had ended.
fn served_after(deployment: &ServiceDeployment) -> Option<&str> {
    match deployment.status {
        EcsStatus::Successful => deployment.target.as_ref().map(|target| target.arn.as_str()),
        EcsStatus::RollbackSuccessful => deployment.rollback_revision.as_deref(),
        EcsStatus::Pending
        | EcsStatus::InProgress
        | EcsStatus::StopRequested
        | EcsStatus::RollbackRequested
        | EcsStatus::RollbackInProgress
        | EcsStatus::Stopped
        | EcsStatus::RollbackFailed
        | EcsStatus::Unknown(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_revision_before_is_not_the_one_that_somebody_went_back_from() {
        for (served, expected) in [
            (&[][..], Earlier::Unknown),
            (&["3"], Earlier::Unknown),
            (&["3", "3"], Earlier::Unknown),
            (&["3", "3", "2", "1"], Earlier::Is("2")),
            (&["3", "2", "3", "1"], Earlier::GoneBack),
            // The present one is not the newest: it was live longer than ECS remembers, or came in another way.
            (&["2", "1"], Earlier::Is("2")),
        ] {
            assert_eq!(earlier(served, Some("3")), expected, "{served:?}");
        }
    }
}
