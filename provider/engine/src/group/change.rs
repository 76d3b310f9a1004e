//! A change of a group: wave by wave, and all the way back when a member fails.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::{join_all, try_join_all};
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::back::{Returning, go_back, write};
use super::cause::{GroupCause, Standing};
use super::end::{GroupApplied, GroupFailure};
use super::look::{GroupMember, check_member, look_at_member};
use super::note::GroupNote;
use super::order::waves;
use super::places::Places;
use super::wish::{DesiredGroup, DesiredMember};
use crate::app_spec::short_name;
use crate::apply::apply;
use crate::as_live::as_configured;
use crate::desired::OnCancel;
use crate::failure::{Failure, FailureKind};
use crate::freeze::frozen;
use crate::notes::{GROUP_CHANGE_TAG, GROUP_REGIONS_TAG, GROUP_TAG};
use crate::ports::{Error, ErrorKind, Ports, ServiceRef, region_of};

/// Longest rest between two looks at whether somebody has cancelled.
const REST: Duration = Duration::from_secs(15);

/// Moves every member to its task definition, in the order of the waves. When one fails, the others of its wave are stopped,
/// and every member that has begun goes back to what was live before.
///
/// May be dropped at any await point: the next call finds in the notes of the members what was live before.
pub async fn apply_group(
    places: &Places,
    wanted: &DesiredGroup,
    cancel: &CancellationToken,
) -> GroupApplied {
    let result = Box::pin(change(places, wanted, cancel)).await;
    GroupApplied {
        members: standings(places, wanted).await,
        result,
    }
}

/// Each member that can be read.
async fn standings(places: &Places, wanted: &DesiredGroup) -> BTreeMap<String, Standing> {
    let looks = wanted.members.iter().map(|member| async {
        let found = look_at_member(places, &member.service)
            .await
            .ok()
            .flatten()?;
        Some((member.key.clone(), found.standing()))
    });
    join_all(looks).await.into_iter().flatten().collect()
}

/// A member on its way.
struct Mover<'w> {
    member: &'w DesiredMember,
    wave: u32,
    found: GroupMember,
    /// `family:revision` it goes to.
    to: &'w str,
    /// `family:revision` it goes back to.
    before: String,
}

impl Mover<'_> {
    fn moves(&self) -> bool {
        self.found.revision() != self.to || !self.found.is_quiet()
    }

    /// Whether a change that has not ended has brought it there already: it goes back when the rest of that change fails.
    fn has_moved(&self) -> bool {
        !self.moves() && self.before != self.to
    }

    fn region(&self) -> Option<&str> {
        region_of(&self.member.service.cluster)
    }

    fn key(&self) -> String {
        self.member.key.clone()
    }

    /// Its note of a change to this.
    fn note(&self, to: &str, is_open: bool) -> GroupNote {
        GroupNote {
            member: self.key(),
            wave: self.wave,
            from: self.before.clone(),
            to: to.to_owned(),
            is_open,
        }
    }

    /// Its note where the whole group is as it is wanted: what the last change was stays known.
    fn settled(&self) -> GroupNote {
        match &self.found.note {
            Some(note) if note.to == self.to => GroupNote {
                member: self.key(),
                wave: self.wave,
                is_open: false,
                ..note.clone()
            },
            Some(_) | None => self.note(self.to, false),
        }
    }

    fn returning(&self) -> Returning {
        Returning {
            key: self.key(),
            service: self.member.service.clone(),
            wave: self.wave,
            from: self.to.to_owned(),
            to: self.before.clone(),
        }
    }
}

async fn change(
    places: &Places,
    wanted: &DesiredGroup,
    cancel: &CancellationToken,
) -> Result<Vec<String>, Box<GroupFailure>> {
    let movers = movers(places, wanted).await.map_err(GroupFailure::early)?;
    if !movers.iter().any(Mover::moves) {
        let notes = movers.iter().map(|mover| (mover, mover.settled()));
        let noted = join_group(places, wanted, notes).await;
        return match noted {
            Ok(()) => Ok(Vec::new()),
            Err((member, error)) => {
                Err(GroupFailure::early(GroupCause::NotNoted { member, error }))
            }
        };
    }
    if let Some(cause) = is_frozen(places, wanted, &movers) {
        return Err(GroupFailure::early(cause));
    }
    // First what they go back to, then the first move.
    let notes = movers
        .iter()
        .map(|mover| (mover, mover.note(mover.to, true)));
    let noted = join_group(places, wanted, notes).await;
    noted.map_err(|(member, error)| GroupFailure::early(GroupCause::Early { member, error }))?;
    let mut begun: Vec<&Mover<'_>> = movers.iter().filter(|mover| mover.has_moved()).collect();
    match forward(places, wanted, &movers, &mut begun, cancel).await {
        Ok(()) => {}
        Err(cause) => return Err(undone(places, cause, &movers, &begun).await),
    }
    let notes = movers
        .iter()
        .map(|mover| (mover, mover.note(mover.to, false)));
    let moved = begun.into_iter().map(Mover::key).collect();
    match join_group(places, wanted, notes).await {
        Ok(()) => Ok(moved),
        Err((member, error)) => Err(GroupFailure::early(GroupCause::NotNoted { member, error })),
    }
}

/// A member that is to move and may not.
fn is_frozen(places: &Places, wanted: &DesiredGroup, movers: &[Mover<'_>]) -> Option<GroupCause> {
    if wanted.overrides_freezes {
        return None;
    }
    movers
        .iter()
        .filter(|mover| mover.moves())
        .find_map(|mover| {
            let checks = mover.member.checks.as_ref()?;
            let frozen = frozen(places.home(), &checks.freezes)?;
            Some(GroupCause::Frozen {
                member: mover.key(),
                frozen,
            })
        })
}

/// The members with what they are now, in the order of their waves.
async fn movers<'w>(
    places: &Places,
    wanted: &'w DesiredGroup,
) -> Result<Vec<Mover<'w>>, GroupCause> {
    let order = waves(&wanted.order()).map_err(GroupCause::Disorder)?;
    let wave_of = |key: &String| {
        let at = order.iter().position(|wave| wave.contains(key));
        at.and_then(|at| u32::try_from(at + 1).ok()).unwrap_or(1)
    };
    let looks = wanted.members.iter().map(|member| async move {
        let name = Some(member.task_definition.as_str());
        check_member(places, &wanted.name, &member.key, &member.service, name).await
    });
    let found = try_join_all(looks).await?;
    let movers = wanted
        .members
        .iter()
        .zip(found)
        .map(|(member, found)| Mover {
            wave: wave_of(&member.key),
            to: short_name(&member.task_definition),
            before: GroupNote::before(found.note.as_ref(), found.revision()).to_owned(),
            member,
            found,
        });
    let mut movers: Vec<Mover<'w>> = movers.collect();
    movers.sort_by(|one, other| (one.wave, &one.member.key).cmp(&(other.wave, &other.member.key)));
    Ok(movers)
}

/// Writes the group and a note at each of them, where that is not there.
async fn join_group<'w>(
    places: &Places,
    wanted: &DesiredGroup,
    notes: impl Iterator<Item = (&'w Mover<'w>, GroupNote)>,
) -> Result<(), (String, Box<Error>)> {
    let regions = &wanted.regions();
    let writes = notes.map(|(mover, note)| async move {
        let mut set = BTreeMap::from([(GROUP_CHANGE_TAG.to_owned(), note.to_string())]);
        let mut remove = BTreeSet::new();
        if mover.found.group.as_deref() != Some(&wanted.name) {
            set.insert(GROUP_TAG.to_owned(), wanted.name.clone());
        }
        match (regions, &mover.found.regions) {
            (now, before) if now == before => {}
            (Some(now), _) => drop(set.insert(GROUP_REGIONS_TAG.to_owned(), now.clone())),
            (None, _) => drop(remove.insert(GROUP_REGIONS_TAG.to_owned())),
        }
        let arn = &mover.found.live.service.arn;
        let ports = places.at(&mover.member.service).await;
        let written = ports.services.change_tags(arn, &set, &remove).await;
        written.map_err(|error| (mover.key(), Box::new(error)))
    });
    try_join_all(writes).await.map(drop)
}

/// Moves wave by wave. `begun` are the members that an apply before this one has moved; what begins to move comes after them.
async fn forward<'m, 'w>(
    places: &Places,
    wanted: &DesiredGroup,
    movers: &'m [Mover<'w>],
    begun: &mut Vec<&'m Mover<'w>>,
    cancel: &CancellationToken,
) -> Result<(), GroupCause> {
    for wave in movers.chunk_by(|one, other| one.wave == other.wave) {
        let wave: Vec<&Mover<'w>> = wave.iter().filter(|mover| mover.moves()).collect();
        if wave.is_empty() {
            continue;
        }
        if let Some(pause) = pause_before(wanted, &wave, begun) {
            rest(places.home(), pause, cancel).await;
            held(places, begun).await?;
        }
        if cancel.is_cancelled() {
            return Err(cancelled(wanted));
        }
        begun.extend(wave.iter().copied());
        together(places, wanted, &wave, cancel).await?;
    }
    Ok(())
}

/// How long a wave waits for the waves before it, where one of those has moved.
fn pause_before(
    wanted: &DesiredGroup,
    wave: &[&Mover<'_>],
    begun: &[&Mover<'_>],
) -> Option<Duration> {
    let number = wave.first()?.wave;
    let earlier = begun.iter().filter(|mover| mover.wave < number);
    let before = earlier.max_by_key(|mover| mover.wave)?.region();
    let is_elsewhere = wave.iter().any(|mover| mover.region() != before);
    Some(match is_elsewhere {
        true => wanted.pause_between_regions,
        false => wanted.pause,
    })
}

fn cancelled(wanted: &DesiredGroup) -> GroupCause {
    GroupCause::Cancelled {
        left: match wanted.on_cancel {
            OnCancel::Rollback => false,
            OnCancel::Leave => true,
        },
    }
}

/// Moves the members of a wave at the same time. The first one that fails stops the others.
async fn together(
    places: &Places,
    wanted: &DesiredGroup,
    wave: &[&Mover<'_>],
    cancel: &CancellationToken,
) -> Result<(), GroupCause> {
    let stop = cancel.child_token();
    let moves = wave.iter().map(|mover| {
        let stop = &stop;
        Box::pin(async move {
            let moved = one(places, wanted, mover, stop).await;
            if moved.is_err() {
                stop.cancel();
            }
            (mover.key(), moved)
        })
    });
    let failed = join_all(moves).await.into_iter();
    let failed = failed.filter_map(|(member, moved)| Some((member, moved.err()?)));
    let mut failed: Vec<(String, Box<Failure>)> = failed.collect();
    // The others were stopped because of it.
    failed.sort_by_key(|(_, failure)| failure.kind() == FailureKind::Cancelled);
    match failed.into_iter().next() {
        None => Ok(()),
        Some((_, failure)) if failure.kind() == FailureKind::Cancelled && cancel.is_cancelled() => {
            Err(cancelled(wanted))
        }
        Some((member, failure)) => Err(GroupCause::Member { member, failure }),
    }
}

async fn one(
    places: &Places,
    wanted: &DesiredGroup,
    mover: &Mover<'_>,
    stop: &CancellationToken,
) -> Result<(), Box<Failure>> {
    let live = &mover.found.live;
    let named = &mover.member.task_definition;
    let Some(mut wish) = as_configured(live, named) else {
        // It was looked at a moment ago.
        return Ok(());
    };
    (wish.time_limit, wish.on_cancel) = (wanted.time_limit, wanted.on_cancel);
    if let Some(checks) = &mover.member.checks {
        wish.gates.clone_from(&checks.gates);
        wish.steps.clone_from(&checks.steps);
        wish.approvals.clone_from(&checks.approvals);
    }
    let ports = places.at(&mover.member.service).await;
    apply(&ports, &wish, stop).await.result.map(drop)
}

/// Waits until the members that have moved have served for a while, or somebody cancels.
async fn rest(ports: &Ports, pause: Duration, cancel: &CancellationToken) {
    let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
    let until = ports
        .clock
        .now()
        .saturating_add(pause)
        .unwrap_or(Timestamp::MAX);
    loop {
        let left = until.duration_since(ports.clock.now());
        let left = Duration::try_from(left).unwrap_or_default().min(REST);
        if left.is_zero() || cancel.is_cancelled() {
            return;
        }
        tokio::select! {
            () = ports.clock.sleep(left) => {}
            () = cancel.cancelled() => {}
        }
    }
}

/// Whether what has moved is still live: an alarm may have rolled it back after its deployment, or somebody else.
async fn held(places: &Places, begun: &[&Mover<'_>]) -> Result<(), GroupCause> {
    let looks = begun.iter().map(|mover| async move {
        let found = look_at_member(places, &mover.member.service).await;
        let live = match found {
            Ok(found) => found.map(|found| found.revision().to_owned()),
            // It was live a moment ago, and nothing says otherwise.
            Err(error) if error.kind != ErrorKind::NotFound => return Ok(()),
            Err(_) => None,
        };
        match live.as_deref() == Some(mover.to) {
            true => Ok(()),
            false => Err(GroupCause::NotHeld {
                member: mover.key(),
                live,
            }),
        }
    });
    try_join_all(looks).await.map(drop)
}

/// What has begun goes back, unless it is to be left.
async fn undone(
    places: &Places,
    cause: GroupCause,
    movers: &[Mover<'_>],
    begun: &[&Mover<'_>],
) -> Box<GroupFailure> {
    let keys: BTreeSet<&str> = begun
        .iter()
        .map(|mover| mover.member.key.as_str())
        .collect();
    let others = || {
        let others = movers.iter();
        others.filter(|mover| !keys.contains(mover.member.key.as_str()))
    };
    let untouched = others()
        .filter(|mover| mover.moves())
        .map(Mover::key)
        .collect();
    if let GroupCause::Cancelled { left: true } = cause {
        return Box::new(GroupFailure {
            cause,
            back: Vec::new(),
            untouched,
        });
    }
    let returning = begun.iter().map(|mover| mover.returning());
    let back = go_back(places, returning.collect()).await;
    let closed = others().map(|mover| async move {
        let noted = GroupMember {
            note: None,
            ..mover.found.clone()
        };
        // Where that cannot be written, the next apply does.
        let ports = places.at(&mover.member.service).await;
        drop(write(&ports, &noted, &mover.note(&mover.before, false)).await);
    });
    join_all(closed).await;
    Box::new(GroupFailure {
        cause,
        back,
        untouched,
    })
}

/// Takes services out of a group: their tags go, the services stay as they are. The note of a change that has not ended
/// stays, so that the next group of the service knows what was live before.
///
/// # Errors
/// The first call that failed. The others were tried as well.
pub async fn leave_group(
    places: &Places,
    group: &str,
    services: &[ServiceRef],
) -> crate::ports::Result<()> {
    let each = services.iter().map(|service| async move {
        let Some(found) = look_at_member(places, service).await? else {
            return Ok(());
        };
        if found.group.as_deref() != Some(group) {
            return Ok(());
        }
        let mut remove = BTreeSet::from([GROUP_TAG.to_owned()]);
        if found.regions.is_some() {
            remove.insert(GROUP_REGIONS_TAG.to_owned());
        }
        if found.note.is_some_and(|note| !note.is_open) {
            remove.insert(GROUP_CHANGE_TAG.to_owned());
        }
        let arn = &found.live.service.arn;
        let ports = places.at(service).await;
        ports
            .services
            .change_tags(arn, &BTreeMap::new(), &remove)
            .await
    });
    let ended = join_all(each).await.into_iter();
    // The cluster is gone, and everything in it.
    let is_gone = |error: &Error| error.kind == ErrorKind::NotFound;
    let mut failed = ended
        .filter_map(crate::ports::Result::err)
        .filter(|error| !is_gone(error));
    failed.next().map_or(Ok(()), Err)
}
