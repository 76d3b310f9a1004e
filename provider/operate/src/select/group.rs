//! The services of a group.

use switchyard_engine::GROUP_TAG;
use switchyard_engine::group::{GroupNote, Places, members_of};
use switchyard_engine::ports::{ErrorKind, Ports};

use super::{Chosen, chosen, no_cluster, place};
use crate::trouble::Trouble;

/// The services that carry the tag of a group.
pub(super) async fn carrying(
    ports: &Ports,
    group: &str,
    cluster: Option<&str>,
) -> Result<Vec<Chosen>, Trouble> {
    let found = match (
        members_of(&Places::from(ports), group, cluster).await,
        cluster,
    ) {
        (Ok(found), _) => found,
        (Err(error), Some(cluster)) if error.kind == ErrorKind::NotFound => {
            return Err(no_cluster(ports, cluster, &error).await);
        }
        (Err(error), _) => return Err(Trouble::reading(&error)),
    };
    if found.is_empty() {
        return Err(Trouble::new(format!(
            "There is no group `{group}` {}: no service has the tag `{GROUP_TAG}` with this value. For a different \
             region, use `--region`.",
            place(ports).await
        )));
    }
    let found = found.into_iter().map(|service| chosen(service, None));
    Ok(in_order(found.collect()))
}

/// Services that a state or plan names as members. What does not carry the group's tag is none of them, or not yet.
pub(super) fn members(group: &str, found: Vec<Chosen>) -> Result<Vec<Chosen>, Trouble> {
    let is_member = |it: &Chosen| it.found.tags.get(GROUP_TAG).is_some_and(|tag| tag == group);
    match found.iter().find(|it| !is_member(it)) {
        None => Ok(in_order(found)),
        Some(other) => Err(Trouble::new(format!(
            "Service `{}` is not in group `{group}`: its tag `{GROUP_TAG}` {}. Nothing was changed. Apply the \
             configuration of the group first, or use a newer state.",
            other.service.name,
            match other.found.tags.get(GROUP_TAG) {
                Some(tag) => format!("names `{tag}`"),
                None => "is missing".to_owned(),
            }
        ))),
    }
}

/// By wave, then by name.
fn in_order(mut members: Vec<Chosen>) -> Vec<Chosen> {
    members.sort_by_key(|it| {
        let note = GroupNote::of(&it.found.tags);
        (note.map(|note| note.wave), it.service.name.clone())
    });
    members
}
