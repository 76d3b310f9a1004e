//! Keeping a snapshot, and letting old ones go.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::condition::SnapshotCondition;
use super::document::Snapshot;
use super::id::SnapshotId;
use super::prune::{Retention, prunable};
use super::stored::{AT_ONCE, Entry, Key, Named, located, names, open};
use crate::ports::{Error, ErrorKind, Place, Ports, Result, ServiceRef, Written};

/// What has become of a snapshot that is stored.
#[derive(Debug)]
pub struct Taken {
    /// Its name.
    pub id: SnapshotId,
    /// Of the document.
    pub checksum: String,
    /// How the service was.
    pub condition: SnapshotCondition,
    /// Where it lies.
    pub location: String,
    /// Where its copy lies, or why there is none; absent when none was asked for.
    pub copied: Option<Result<String>>,
    /// What retention has deleted, oldest first.
    pub pruned: Vec<SnapshotId>,
    /// What retention has deleted among the copies, oldest first.
    pub copies_pruned: Vec<SnapshotId>,
    /// Why retention did not get to its end; the next snapshot tries again.
    pub not_pruned: Option<Error>,
}

/// Stores a snapshot, copies it, then deletes what retention lets go, in both places.
///
/// # Errors
/// It is not stored, and nothing was deleted. What is stored already under its name and is something else is not
/// touched (kind `AlreadyExists`).
pub async fn take(
    ports: &Ports,
    place: &Place,
    copy: Option<&Place>,
    snapshot: &Snapshot,
    retention: &Retention,
) -> Result<Taken> {
    let id = snapshot.id();
    let location = store(ports, place, snapshot).await?;
    let mut retention = retention.clone();
    // Where clocks differ it need not be the newest.
    retention.keep.insert(id);
    let copied = match copy {
        None => None,
        Some(copy) => Some(store(ports, copy, snapshot).await),
    };
    let mut taken = Taken {
        id,
        checksum: snapshot.checksum(),
        condition: snapshot.condition().clone(),
        location,
        copied,
        pruned: Vec::new(),
        copies_pruned: Vec::new(),
        not_pruned: None,
    };
    let pinned = match prune(ports, place, snapshot, &retention, &mut taken.pruned).await {
        Ok(pinned) => pinned,
        Err(error) => {
            taken.not_pruned = Some(error);
            return Ok(taken);
        }
    };
    if let (Some(copy), Some(Ok(_))) = (copy, &taken.copied) {
        // Pins are set where snapshots are read from, and hold for the copies as well.
        retention.keep.extend(pinned);
        let pruned = prune(ports, copy, snapshot, &retention, &mut taken.copies_pruned).await;
        taken.not_pruned = pruned.err();
    }
    Ok(taken)
}

/// Writes it, and says where.
async fn store(ports: &Ports, place: &Place, snapshot: &Snapshot) -> Result<String> {
    let name = key_of(snapshot).document(&snapshot.service());
    let document = snapshot.to_json();
    let written = ports
        .snapshots
        .write_new(place, &name, document.as_bytes())
        .await;
    let location = located(place, &name);
    match written {
        Ok(Written::New) => Ok(location),
        Ok(Written::Exists) => match is_there(ports, place, &name, snapshot).await? {
            true => Ok(location),
            false => Err(in_the_way(location)),
        },
        // Perhaps only the answer was lost, or what came after the writing failed.
        Err(error) if error.kind.is_transient() || error.kind == ErrorKind::Unexpected => {
            match is_there(ports, place, &name, snapshot).await {
                Ok(true) => Ok(location),
                Ok(false) | Err(_) => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

/// Whether this snapshot lies under its name.
async fn is_there(ports: &Ports, place: &Place, name: &str, snapshot: &Snapshot) -> Result<bool> {
    let bytes = ports.snapshots.read(place, name).await?;
    let found = bytes.map(|bytes| Snapshot::parse(&bytes));
    Ok(matches!(found, Some(Ok(found)) if found == *snapshot))
}

fn in_the_way(location: String) -> Error {
    Error {
        operation: "snapshot:Write",
        target: location,
        kind: ErrorKind::AlreadyExists,
        code: String::new(),
        message: "a different object has the name of the new snapshot; it was not changed. Check it, and move it away"
            .to_owned(),
        request_id: None,
    }
}

/// Deletes what retention lets go; `pruned` is right even on an error. The answer is what is pinned.
async fn prune(
    ports: &Ports,
    place: &Place,
    snapshot: &Snapshot,
    retention: &Retention,
    pruned: &mut Vec<SnapshotId>,
) -> Result<BTreeSet<SnapshotId>> {
    let (service, home) = (snapshot.service(), snapshot.home());
    let mut names = names(ports, place, &service).await?;
    // Those of the same names in other accounts and regions are somebody else's. What was stored before the name told
    // the account tells it itself.
    names.retain(|named| named.key.home.is_none() || named.key.home == home);
    let now = ports.clock.now();
    let is_own = |entry: &Entry| entry.home == home;
    let entries = read_for(ports, place, &service, (&names, retention, now), is_own).await?;
    for id in prunable(&entries, retention, now) {
        let Some(entry) = entries.iter().find(|entry| entry.id == id) else {
            continue;
        };
        if let_go(ports, place, &service, &entry.key).await? {
            tracing::info!(snapshot = %id, "an old snapshot was deleted");
            pruned.push(id);
        }
    }
    let pinned = |named: &Named| named.pinned.then_some(named.id);
    Ok(names.iter().filter_map(pinned).collect())
}

/// Reads what decides which snapshots go: none while the names say that none may. Otherwise the newest that can be
/// read, as many as stay, the newest good one, and what may go.
async fn read_for(
    ports: &Ports,
    place: &Place,
    service: &ServiceRef,
    (names, retention, now): (&[Named], &Retention, Timestamp),
    is_own: impl Fn(&Entry) -> bool,
) -> Result<Vec<Entry>> {
    let goes = |(nth, named): &(usize, &Named)| may_go(retention, now, *nth, named);
    let mut entries = Vec::new();
    if !names.iter().enumerate().any(|at| goes(&at)) {
        return Ok(entries);
    }
    let mut left = names.iter().enumerate();
    loop {
        let known = known_of(&entries);
        let counts = names.len() > count_of(retention) && known.readable < count_of(retention);
        let wanted = left
            .by_ref()
            .filter(|at| counts || !known.has_good || goes(at));
        let some: Vec<&Named> = wanted.take(AT_ONCE).map(|(_, named)| named).collect();
        if some.is_empty() {
            return Ok(entries);
        }
        let read = open(ports, place, service, some).await?;
        entries.extend(read.into_iter().filter(&is_own));
    }
}

/// What is known of the newest snapshots: how many can be read, and whether one of these is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    readable: usize,
    has_good: bool,
}

fn known_of(entries: &[Entry]) -> Known {
    let readable = || {
        entries
            .iter()
            .filter_map(|entry| entry.content.as_ref().ok())
    };
    Known {
        readable: readable().count(),
        has_good: readable().any(|summary| summary.condition.is_good()),
    }
}

/// Whether retention may let the `nth` newest snapshot go, as far as its name says.
fn may_go(retention: &Retention, now: Timestamp, nth: usize, named: &Named) -> bool {
    let is_old = now.duration_since(named.id.taken_at()) > retention.age;
    let stays = named.pinned || retention.keep.contains(&named.id);
    (nth >= count_of(retention) || is_old) && !stays
}

fn count_of(retention: &Retention) -> usize {
    usize::try_from(retention.count).unwrap_or(usize::MAX)
}

/// What a new snapshot is stored under.
fn key_of(snapshot: &Snapshot) -> Key {
    Key {
        home: snapshot.home(),
        id: snapshot.id(),
    }
}

/// Deletes one snapshot, unless it has been pinned since it was listed. Whether it is gone.
async fn let_go(ports: &Ports, place: &Place, service: &ServiceRef, key: &Key) -> Result<bool> {
    let store = &ports.snapshots;
    let (name, pin) = (key.document(service), key.pin(service));
    if store.read(place, &pin).await?.is_some() {
        return Ok(false);
    }
    let Some(document) = store.read(place, &name).await? else {
        return Ok(false);
    };
    store.delete(place, &name).await?;
    // A pin that came meanwhile found the snapshot still there: it gets it back. So it does when nobody can tell.
    let pinned = store.read(place, &pin).await;
    if let Ok(None) = pinned {
        return Ok(true);
    }
    store.write_new(place, &name, &document).await?;
    pinned.map(|_| false)
}
