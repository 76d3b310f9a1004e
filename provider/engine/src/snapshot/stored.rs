//! Snapshots in a place: names, reading, pinning.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;

use super::condition::SnapshotCondition;
use super::document::Snapshot;
use super::home::Home;
use super::id::SnapshotId;
use super::unreadable::Unreadable;
use crate::ports::{
    Error, ErrorKind, OBJECT_LIMIT, Place, Ports, Result, ServiceRef, StoredObject,
};

/// Objects that are read at the same time.
pub(super) const AT_ONCE: usize = 8;

/// A stored snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is stored under.
    pub(super) key: Key,
    /// Its name.
    pub id: SnapshotId,
    /// Account and region of the service it is of. Absent where neither its name nor its content says so.
    pub home: Option<Home>,
    /// Where it lies: a path, or `s3://BUCKET/…`.
    pub location: String,
    /// Bytes.
    pub size: u64,
    /// What is in it, or why it cannot be read.
    pub content: std::result::Result<Summary, Unreadable>,
    /// A service is set to go back to it: it is never deleted by retention.
    pub pinned: bool,
}

/// What is told of a stored snapshot without reading it whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// When it was taken.
    pub taken_at: Timestamp,
    /// Why.
    pub reason: String,
    /// How the service was.
    pub condition: SnapshotCondition,
    /// ARN of the task definition revision that had production traffic.
    pub task_definition_arn: String,
    /// Of the document.
    pub checksum: String,
}

/// A stored document, and where it lies.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// A path, or `s3://BUCKET/…`.
    pub location: String,
    /// What is in it, or why it cannot be read.
    pub content: std::result::Result<Snapshot, Unreadable>,
}

/// A stored snapshot by its name alone: nothing of it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// What it is stored under.
    pub(super) key: Key,
    /// Its name, which says when it was taken.
    pub id: SnapshotId,
    /// Where it lies: a path, or `s3://BUCKET/…`.
    pub location: String,
    /// Bytes.
    pub size: u64,
    /// A service is set to go back to it: it is never deleted by retention.
    pub pinned: bool,
}

/// The names of a service's snapshots, newest first: of every account and region in which there is one of this name.
/// Objects whose name is not an id's are not snapshots and are left out. One listing, and no read.
///
/// # Errors
/// The call failed.
pub async fn names(ports: &Ports, place: &Place, service: &ServiceRef) -> Result<Vec<Named>> {
    let folder = folder_of(service);
    let objects = ports.snapshots.list(place, &folder).await?;
    let pins: BTreeSet<Key> = keys(&objects, &folder, ".pin")
        .map(|(key, _)| key)
        .collect();
    let named = keys(&objects, &folder, ".json").map(|(key, size)| Named {
        id: key.id,
        location: located(place, &key.document(service)),
        size,
        pinned: pins.contains(&key),
        key,
    });
    let mut names: Vec<Named> = named.collect();
    names.sort_by_key(|named| std::cmp::Reverse(named.id));
    Ok(names)
}

/// The same, without those of other accounts and regions when there are any: whose the service is, the service itself
/// says. All of them when it is gone, since then nobody says so. Only what was stored before the name told the account
/// is read for it.
///
/// # Errors
/// A call failed.
pub async fn names_own(ports: &Ports, place: &Place, service: &ServiceRef) -> Result<Vec<Named>> {
    let mut names = names(ports, place, service).await?;
    let untold: Vec<&Named> = names
        .iter()
        .filter(|named| named.key.home.is_none())
        .collect();
    let read = open(ports, place, service, untold).await?;
    let read: BTreeMap<SnapshotId, Option<Home>> = read
        .into_iter()
        .map(|entry| (entry.id, entry.home))
        .collect();
    let home_of = |named: &Named| match &named.key.home {
        Some(home) => Some(home.clone()),
        None => read.get(&named.id).cloned().flatten(),
    };
    let homes: BTreeSet<Home> = names.iter().filter_map(home_of).collect();
    if homes.len() > 1 {
        let live = ports.services.find_service(service).await?;
        if let Some(own) = live.and_then(|live| Home::of_arn(&live.arn)) {
            names.retain(|named| home_of(named).is_none_or(|home| home == own));
        }
    }
    Ok(names)
}

/// Reads some of the snapshots, in the same order. Those that cannot be read are there, too; those that were deleted
/// since they were listed are not.
///
/// # Errors
/// A call failed.
pub async fn open<'a>(
    ports: &Ports,
    place: &Place,
    service: &ServiceRef,
    names: impl IntoIterator<Item = &'a Named>,
) -> Result<Vec<Entry>> {
    let entries = names
        .into_iter()
        .map(|named| open_one(ports, place, service, named));
    let entries: Vec<_> = entries.collect();
    let read: Vec<Option<Entry>> = stream::iter(entries)
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(read.into_iter().flatten().collect())
}

async fn open_one(
    ports: &Ports,
    place: &Place,
    service: &ServiceRef,
    named: &Named,
) -> Result<Option<Entry>> {
    let Named {
        key,
        id,
        location,
        size,
        pinned,
    } = named.clone();
    let content = match size > OBJECT_LIMIT {
        true => Some(Err(Unreadable::TooLarge { size })),
        false => read_key(ports, place, service, &key).await?,
    };
    Ok(content.map(|content| Entry {
        id,
        home: match &content {
            Ok(snapshot) => snapshot.home(),
            Err(_) => key.home.clone(),
        },
        location,
        key,
        size,
        content: content.map(|snapshot| Summary::of(&snapshot)),
        pinned,
    }))
}

/// The newest snapshot that fits, read one after the other until one does.
///
/// # Errors
/// A call failed.
pub async fn newest(
    ports: &Ports,
    place: &Place,
    service: &ServiceRef,
    names: &[Named],
    fits: impl Fn(&Entry) -> bool,
) -> Result<Option<Entry>> {
    for named in names {
        let entry = open_one(ports, place, service, named).await?;
        if let Some(entry) = entry.filter(&fits) {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

/// The snapshots of a service, newest first, each of them read: see [`names`].
///
/// # Errors
/// A call failed.
pub async fn list(ports: &Ports, place: &Place, service: &ServiceRef) -> Result<Vec<Entry>> {
    let names = names(ports, place, service).await?;
    open(ports, place, service, &names).await
}

/// The snapshot of this name; absent when there is none.
///
/// # Errors
/// The call failed.
pub async fn read(
    ports: &Ports,
    place: &Place,
    service: &ServiceRef,
    id: &SnapshotId,
) -> Result<Option<Stored>> {
    let Some(key) = find(ports, place, service, id).await? else {
        return Ok(None);
    };
    let content = read_key(ports, place, service, &key).await?;
    Ok(content.map(|content| Stored {
        location: located(place, &key.document(service)),
        content,
    }))
}

async fn read_key(
    ports: &Ports,
    place: &Place,
    service: &ServiceRef,
    key: &Key,
) -> Result<Option<std::result::Result<Snapshot, Unreadable>>> {
    let bytes = ports.snapshots.read(place, &key.document(service)).await?;
    Ok(bytes.map(|bytes| checked(&bytes, service, key)))
}

/// Deletes a snapshot and its pin. Absent is fine.
///
/// # Errors
/// A call failed.
pub async fn delete(
    ports: &Ports,
    place: &Place,
    service: &ServiceRef,
    id: &SnapshotId,
) -> Result<()> {
    let Some(key) = find(ports, place, service, id).await? else {
        return Ok(());
    };
    ports
        .snapshots
        .delete(place, &key.document(service))
        .await?;
    ports.snapshots.delete(place, &key.pin(service)).await
}

/// Keeps retention away from a snapshot.
///
/// # Errors
/// A call failed; of kind `NotFound` when there is no such snapshot.
pub async fn pin(
    ports: &Ports,
    place: &Place,
    service: &ServiceRef,
    id: &SnapshotId,
) -> Result<()> {
    let absent = || Error {
        operation: "snapshot:Pin",
        target: location(place, service, id),
        kind: ErrorKind::NotFound,
        code: String::new(),
        message: format!("there is no snapshot `{id}`"),
        request_id: None,
    };
    let key = find(ports, place, service, id).await?.ok_or_else(absent)?;
    let name = key.pin(service);
    // First the pin, then the look whether it holds something: retention does it the other way round, so that one
    // of the two sees the other.
    ports.snapshots.write_new(place, &name, b"pinned\n").await?;
    let document = key.document(service);
    if ports.snapshots.read(place, &document).await?.is_some() {
        return Ok(());
    }
    ports.snapshots.delete(place, &name).await?;
    Err(absent())
}

/// Lets retention have a snapshot again. Not pinned is fine.
///
/// # Errors
/// A call failed.
pub async fn unpin(
    ports: &Ports,
    place: &Place,
    service: &ServiceRef,
    id: &SnapshotId,
) -> Result<()> {
    let folder = folder_of(service);
    let objects = ports.snapshots.list(place, &folder).await?;
    let pins: Vec<Key> = keys(&objects, &folder, ".pin")
        .map(|(key, _)| key)
        .filter(|key| key.id == *id)
        .collect();
    for key in pins {
        ports.snapshots.delete(place, &key.pin(service)).await?;
    }
    Ok(())
}

/// Where the snapshots of a service with this id lie, for messages about one that was not found: a path, or
/// `s3://BUCKET/…`.
pub fn location(place: &Place, service: &ServiceRef, id: &SnapshotId) -> String {
    located(place, &format!("{}…/{id}.json", folder_of(service)))
}

/// Where an object lies.
pub(super) fn located(place: &Place, name: &str) -> String {
    match place {
        Place::Folder(folder) => format!("{}/{name}", folder.trim_end_matches('/')),
        Place::Bucket { bucket, prefix, .. } => format!("s3://{bucket}/{prefix}{name}"),
    }
}

/// What a snapshot is stored under. Without a home where it was written before homes were a part of the name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) home: Option<Home>,
    pub(super) id: SnapshotId,
}

impl Key {
    /// `CLUSTER/SERVICE/ACCOUNT/REGION/ID`
    fn stem(&self, service: &ServiceRef) -> String {
        let (folder, id) = (folder_of(service), self.id);
        match &self.home {
            Some(Home { account, region }) => format!("{folder}{account}/{region}/{id}"),
            None => format!("{folder}{id}"),
        }
    }

    /// Name of the document's object.
    pub(super) fn document(&self, service: &ServiceRef) -> String {
        format!("{}.json", self.stem(service))
    }

    /// Name of the marker that pins it.
    pub(super) fn pin(&self, service: &ServiceRef) -> String {
        format!("{}.pin", self.stem(service))
    }
}

/// What a snapshot of this id is stored under, if there is one.
async fn find(
    ports: &Ports,
    place: &Place,
    service: &ServiceRef,
    id: &SnapshotId,
) -> Result<Option<Key>> {
    let folder = folder_of(service);
    let objects = ports.snapshots.list(place, &folder).await?;
    // One with a home wins, since its name was given by this version.
    Ok(keys(&objects, &folder, ".json")
        .map(|(key, _)| key)
        .filter(|key| key.id == *id)
        .max())
}

impl Summary {
    /// Of a snapshot.
    pub fn of(snapshot: &Snapshot) -> Self {
        Self {
            taken_at: snapshot.taken_at(),
            reason: snapshot.reason().to_owned(),
            condition: snapshot.condition().clone(),
            task_definition_arn: snapshot.task_definition_arn().to_owned(),
            checksum: snapshot.checksum(),
        }
    }
}

/// `CLUSTER/SERVICE/`
fn folder_of(service: &ServiceRef) -> String {
    format!("{}/{}/", service.cluster_name(), service.name)
}

/// Whether the bytes are the snapshot that its place says.
fn checked(
    bytes: &[u8],
    service: &ServiceRef,
    key: &Key,
) -> std::result::Result<Snapshot, Unreadable> {
    let snapshot = Snapshot::parse(bytes)?;
    let of = snapshot.service();
    let is_elsewhere = key.home.is_some() && snapshot.home() != key.home;
    if of.cluster_name() != service.cluster_name() || of.name != service.name || is_elsewhere {
        let said = |of: &ServiceRef, home: Option<&Home>| {
            let home = home.map_or_else(String::new, |home| format!(" ({home})"));
            format!("{}/{}{home}", of.cluster_name(), of.name)
        };
        let (own, named) = (snapshot.home(), key.home.as_ref());
        let own = own.as_ref().filter(|_| is_elsewhere);
        return Err(Unreadable::OtherService {
            of: said(&of, own),
            found_with: said(service, named.filter(|_| is_elsewhere)),
        });
    }
    let own = snapshot.id();
    if own != key.id {
        return Err(Unreadable::OtherId {
            id: own.to_string(),
            name: key.id.to_string(),
        });
    }
    Ok(snapshot)
}

/// Objects of the folder that are named after an id, directly in it or below an account and a region.
fn keys<'a>(
    objects: &'a [StoredObject],
    folder: &'a str,
    ending: &'a str,
) -> impl Iterator<Item = (Key, u64)> + 'a {
    objects.iter().filter_map(move |object| {
        let name = object.name.strip_prefix(folder)?.strip_suffix(ending)?;
        let parts: Vec<&str> = name.split('/').collect();
        let (home, id) = match parts.as_slice() {
            [id] => (None, id),
            [account, region, id] => {
                let (account, region) = ((*account).to_owned(), (*region).to_owned());
                (Some(Home { account, region }), id)
            }
            _ => return None,
        };
        let id = id.parse().ok()?;
        Some((Key { home, id }, object.size))
    })
}
