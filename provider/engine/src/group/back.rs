//! The way back of a group: in the reverse order of its waves, all at once, and each member only from where the group has
//! brought it.

use futures::future::join_all;
use tokio_util::sync::CancellationToken;

use super::look::{GroupMember, look_at_member};
use super::note::GroupNote;
use super::places::Places;
use crate::app_spec::short_name;
use crate::apply::apply;
use crate::as_live::as_live;
use crate::failure::Failure;
use crate::notes::GROUP_CHANGE_TAG;
use crate::pace::Pace;
use crate::ports::{Ports, Result, ServiceRef};

/// Looks in a row that may fail before a member is given up: a minute.
const PATIENCE: u32 = 6;

/// A member that goes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returning {
    /// Its name in the group.
    pub key: String,
    /// The service.
    pub service: ServiceRef,
    /// Its wave, counted from 1: the last one goes back first.
    pub wave: u32,
    /// `family:revision` to which the group has brought it, or was about to.
    pub from: String,
    /// `family:revision` it goes back to.
    pub to: String,
}

/// What has become of a member that was to go back.
#[derive(Debug)]
pub enum Return {
    /// This `family:revision` is live again.
    Back(String),
    /// This `family:revision` was live already: ECS had rolled the deployment back, or it had not begun.
    Already(String),
    /// Somebody else has deployed this `family:revision` since: it was left alone.
    Others(String),
    /// The deployment of the revision before failed.
    Failed(Box<Failure>),
    /// It could not be tried, for this reason (a clause).
    Stuck(String),
}

impl Return {
    /// Whether what was live before is live.
    pub fn is_back(&self) -> bool {
        match self {
            Self::Back(_) | Self::Already(_) => true,
            Self::Others(_) | Self::Failed(_) | Self::Stuck(_) => false,
        }
    }
}

/// The members that the last change of their group has moved, or was about to, each with what it goes back to. What has gone
/// back already and what somebody else has deployed since is not among them.
pub fn returns(members: &[(ServiceRef, GroupMember)]) -> Vec<Returning> {
    let mut returns: Vec<Returning> = members
        .iter()
        .filter_map(|(service, found)| {
            let note = found.note.as_ref()?;
            let was_moved = note.from != note.to && found.revision() == note.to;
            (was_moved || note.is_open).then(|| Returning {
                key: note.member.clone(),
                service: service.clone(),
                wave: note.wave,
                from: note.to.clone(),
                to: note.from.clone(),
            })
        })
        .collect();
    in_order(&mut returns);
    returns
}

/// The last wave first; within a wave by name.
fn in_order(returns: &mut [Returning]) {
    returns.sort_by(|one, other| (other.wave, &one.key).cmp(&(one.wave, &other.key)));
}

/// Takes the members back, wave by wave, and follows that to its end. What fails for one member keeps none of the others.
/// Whoever is killed here can ask for the same again: members that are back stay as they are.
pub async fn go_back(places: &Places, mut members: Vec<Returning>) -> Vec<(String, Return)> {
    in_order(&mut members);
    let mut ended = Vec::new();
    for wave in members.chunk_by(|one, other| one.wave == other.wave) {
        let each = wave.iter().map(|member| {
            Box::pin(async {
                let end = one(places, member).await;
                (member.key.clone(), end)
            })
        });
        ended.extend(join_all(each).await);
    }
    ended
}

async fn one(places: &Places, member: &Returning) -> Return {
    let ports = &places.at(&member.service).await;
    let found = match look(places, &member.service).await {
        Ok(Some(found)) => found,
        Ok(None) => return Return::Stuck("its service no longer exists".to_owned()),
        Err(error) => {
            return Return::Stuck(format!("{} failed: {}", error.operation, error.message));
        }
    };
    let live = found.revision().to_owned();
    let end = match () {
        () if live == member.to && found.is_quiet() => Return::Already(live),
        () if live != member.to && live != member.from => Return::Others(live),
        () => deploy(ports, member, &found).await,
    };
    match &end {
        Return::Back(live) | Return::Already(live) | Return::Others(live) => {
            let note = GroupNote {
                member: member.key.clone(),
                wave: member.wave,
                from: live.clone(),
                to: live.clone(),
                is_open: false,
            };
            // Where that cannot be written, the next look finds that there is nothing to go back to, and writes it.
            drop(write(ports, &found, &note).await);
        }
        Return::Failed(_) | Return::Stuck(_) => {}
    }
    end
}

async fn deploy(ports: &Ports, member: &Returning, found: &GroupMember) -> Return {
    let definition = match ports.services.find_task_definition(&member.to).await {
        Ok(Some(definition)) => definition.arn,
        Ok(None) => return Return::Stuck(format!("task definition {} was deleted", member.to)),
        Err(error) => {
            return Return::Stuck(format!("{} failed: {}", error.operation, error.message));
        }
    };
    let Some(wish) = as_live(&found.live, &definition) else {
        return Return::Stuck("ECS no longer deploys its service".to_owned());
    };
    // Going back is what is done about a cancelled apply: it is not cancelled itself.
    let applied = apply(ports, &wish, &CancellationToken::new()).await;
    match applied.result {
        Ok(_) => {
            let live = applied.live.and_then(|live| live.revision.task_definition);
            Return::Back(live.map_or(member.to.clone(), |live| short_name(&live).to_owned()))
        }
        Err(failure) => Return::Failed(failure),
    }
}

/// A look that bears some failures: who goes back does so in the middle of trouble.
async fn look(places: &Places, service: &ServiceRef) -> Result<Option<GroupMember>> {
    let mut pace = Pace::new(&service.name);
    let mut left = PATIENCE;
    loop {
        left = left.saturating_sub(1);
        match look_at_member(places, service).await {
            Err(error) if error.kind.is_transient() && left > 0 => {
                places.home().clock.sleep(pace.pause()).await;
            }
            looked => return looked,
        }
    }
}

/// Writes a note at a member, where it is not there already.
pub(super) async fn write(ports: &Ports, found: &GroupMember, note: &GroupNote) -> Result<()> {
    if found.note.as_ref() == Some(note) {
        return Ok(());
    }
    let set = [(GROUP_CHANGE_TAG.to_owned(), note.to_string())];
    let services = &ports.services;
    services
        .change_tags(&found.live.service.arn, &set.into(), &Default::default())
        .await
}
