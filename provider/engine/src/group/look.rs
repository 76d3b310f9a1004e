//! What a member is now.

use super::cause::{GroupCause, Standing};
use super::note::GroupNote;
use super::places::Places;
use crate::app_spec::short_name;
use crate::live::Live;
use crate::notes::{GROUP_REGIONS_TAG, GROUP_TAG};
use crate::observe::live_of;
use crate::ports::{Controller, Ports, Result, Service, ServiceRef, ServiceStatus};
use std::collections::BTreeSet;

/// More than a group has, so that no number of a wave is longer.
const MOST_WAVES: u32 = 999;

/// A service that may be a member of a group, as AWS shows it.
#[derive(Clone, Debug)]
pub struct GroupMember {
    /// The service.
    pub live: Live,
    /// ARN of the live task definition.
    pub task_definition: String,
    /// The group it belongs to.
    pub group: Option<String>,
    /// The regions in which it says that its group has members, where there are several.
    pub regions: Option<String>,
    /// What it remembers of the group's last change.
    pub note: Option<GroupNote>,
}

impl GroupMember {
    /// `family:revision` that is live.
    pub fn revision(&self) -> &str {
        short_name(&self.task_definition)
    }

    /// What it runs, and what it goes back to.
    pub fn standing(&self) -> Standing {
        let note = self.note.as_ref();
        let from = note.map_or(self.revision(), |note| &note.from);
        Standing {
            live: self.task_definition.clone(),
            before: from.to_owned(),
            is_open: note.is_some_and(|note| note.is_open),
        }
    }

    /// Whether nothing of it is in progress. A deployment that began a moment ago has no task yet, and shows only in the state of
    /// the rollout.
    pub(super) fn is_quiet(&self) -> bool {
        let live = &self.live;
        live.deployment.is_none() && live.unfinished.is_empty() && !live.service.rolling_out
    }
}

/// Looks at a service; `None` when it does not exist, or is deployed by hand and runs nothing.
///
/// # Errors
/// Whatever a port call ended with; an unknown cluster is of kind `NotFound`.
pub async fn look_at_member(places: &Places, service: &ServiceRef) -> Result<Option<GroupMember>> {
    let ports = &places.at(service).await;
    let found = match ports.services.find_service(service).await? {
        None => return Ok(None),
        Some(found) => match found.status {
            ServiceStatus::Inactive | ServiceStatus::Draining => return Ok(None),
            ServiceStatus::Active | ServiceStatus::Unknown(_) => found,
        },
    };
    let group = found.tags.get(GROUP_TAG).cloned();
    let regions = found.tags.get(GROUP_REGIONS_TAG).cloned();
    let note = GroupNote::of(&found.tags);
    let live = live_of(ports, found, None).await?;
    Ok(live
        .revision
        .task_definition
        .clone()
        .map(|task_definition| GroupMember {
            live,
            task_definition,
            group,
            regions,
            note,
        }))
}

/// Whether a service can be a member of this group and run this task definition, where that is known already. Reads only.
///
/// # Errors
/// Why not.
pub async fn check_member(
    places: &Places,
    group: &str,
    key: &str,
    service: &ServiceRef,
    task_definition: Option<&str>,
) -> std::result::Result<GroupMember, GroupCause> {
    let early = |error| GroupCause::Early {
        member: key.to_owned(),
        error: Box::new(error),
    };
    let found = look_at_member(places, service).await.map_err(early)?;
    let found = found.ok_or_else(|| GroupCause::Missing(key.to_owned()))?;
    match &found.live.service.controller {
        // Without its settings, no deployment of it can be asked for.
        Controller::Ecs if found.live.service.deployment_configuration.is_some() => {}
        other @ (Controller::Ecs
        | Controller::CodeDeploy
        | Controller::External
        | Controller::Unknown(_)) => {
            return Err(GroupCause::NotEcs {
                member: key.to_owned(),
                controller: other.to_string(),
            });
        }
    }
    if let Some(other) = found.group.as_ref().filter(|other| *other != group) {
        return Err(GroupCause::Taken {
            member: key.to_owned(),
            group: other.clone(),
        });
    }
    let Some(name) = task_definition.filter(|name| short_name(name) != found.revision()) else {
        return Ok(found);
    };
    let note = GroupNote {
        member: key.to_owned(),
        wave: MOST_WAVES,
        from: found.revision().to_owned(),
        to: short_name(name).to_owned(),
        is_open: false,
    };
    if !note.fits() {
        return Err(GroupCause::TooLong(key.to_owned()));
    }
    let definition = places
        .at(service)
        .await
        .services
        .find_task_definition(name)
        .await;
    match definition.map_err(early)? {
        Some(definition) if definition.is_active() => Ok(found),
        Some(_) | None => Err(GroupCause::NoDefinition(key.to_owned())),
    }
}

/// The services that belong to a group: of one cluster (name or ARN), or of all clusters of the region and of the regions
/// that its members name.
///
/// # Errors
/// Whatever a port call ended with; an unknown cluster is of kind `NotFound`.
pub async fn members_of(
    places: &Places,
    group: &str,
    cluster: Option<&str>,
) -> Result<Vec<Service>> {
    let mut found = in_region(places.home(), group, cluster).await?;
    if cluster.is_some() {
        return Ok(found);
    }
    let named: BTreeSet<String> = found.iter().flat_map(regions_of).collect();
    let home = places.home_region().await.map(str::to_owned);
    for region in named.iter().filter(|region| Some(*region) != home.as_ref()) {
        let ports = places.region(region).await;
        found.extend(in_region(&ports, group, None).await?);
    }
    Ok(found)
}

/// The regions in which a member says that its group has members.
fn regions_of(service: &Service) -> Vec<String> {
    let named = service.tags.get(GROUP_REGIONS_TAG).into_iter();
    let named = named.flat_map(|regions| regions.split(' '));
    let named = named.filter(|region| !region.is_empty());
    named.map(str::to_owned).collect()
}

async fn in_region(ports: &Ports, group: &str, cluster: Option<&str>) -> Result<Vec<Service>> {
    let clusters = match cluster {
        Some(cluster) => vec![cluster.to_owned()],
        None => ports.services.list_clusters().await?,
    };
    let mut found = Vec::new();
    for cluster in clusters {
        let services = ports.services.list_services(&cluster).await?;
        found.extend(services.into_iter().filter(|service| {
            let is_there = match service.status {
                ServiceStatus::Inactive | ServiceStatus::Draining => false,
                ServiceStatus::Active | ServiceStatus::Unknown(_) => true,
            };
            is_there
                && service
                    .tags
                    .get(GROUP_TAG)
                    .is_some_and(|name| name == group)
        }));
    }
    Ok(found)
}
