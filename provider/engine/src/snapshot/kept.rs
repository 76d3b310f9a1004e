//! Snapshots in a place: names, reading, pinning.

use std::collections::BTreeSet;

use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;

use super::condition::Condition;
use super::document::Snapshot;
use super::id::SnapshotId;
use super::unreadable::Unreadable;
use crate::ports::{
    Error, ErrorKind, OBJECT_LIMIT, Place, Ports, Result, ServiceRef, StoredObject,
};

/// Objects that are read at the same time.
const AT_ONCE: usize = 8;

/// A stored snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub id: SnapshotId,
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
    pub condition: Condition,
    /// ARN of the task definition revision that had production traffic.
    pub task_definition_arn: String,
    /// Of the document.
    pub checksum: String,
}

/// The snapshots of a service, newest first. Those that cannot be read are in the list, too; objects whose name is
/// not an id's are not snapshots and are left out. One listing, and one read for each.
///
/// # Errors
/// A call failed.
pub async fn list(ports: &Ports, place: &Place, service: &ServiceRef) -> Result<Vec<Entry>> {
    let folder = folder_of(service);
    let objects = ports.snapshots.list(place, &folder).await?;
    let pins: BTreeSet<SnapshotId> = ids(&objects, &folder, ".pin").map(|(id, _)| id).collect();
    let entries = ids(&objects, &folder, ".json").map(|(id, size)| {
        let pinned = pins.contains(&id);
        async move {
            let content = match size > OBJECT_LIMIT {
                true => Some(Err(Unreadable::TooLarge { size })),
                false => read(ports, place, service, &id).await?,
            };
            // Absent: deleted since it was listed.
            Ok::<_, Error>(content.map(|content| Entry {
                id,
                size,
                content: content.map(|snapshot| Summary::of(&snapshot)),
                pinned,
            }))
        }
    });
    let entries: Vec<_> = entries.collect();
    let read: Vec<Option<Entry>> = stream::iter(entries)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let mut entries: Vec<Entry> = read.into_iter().flatten().collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    Ok(entries)
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
) -> Result<Option<std::result::Result<Snapshot, Unreadable>>> {
    let name = document_name(service, id);
    let bytes = ports.snapshots.read(place, &name).await?;
    Ok(bytes.map(|bytes| checked(&bytes, service, id)))
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
    let document = document_name(service, id);
    ports.snapshots.delete(place, &document).await?;
    ports.snapshots.delete(place, &pin_name(service, id)).await
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
    let name = pin_name(service, id);
    // First the pin, then the look whether it holds something: retention does it the other way round, so that one
    // of the two sees the other.
    ports.snapshots.write_new(place, &name, b"pinned\n").await?;
    let document = document_name(service, id);
    if ports.snapshots.read(place, &document).await?.is_some() {
        return Ok(());
    }
    ports.snapshots.delete(place, &name).await?;
    Err(Error {
        operation: "snapshot:Pin",
        target: location(place, service, id),
        kind: ErrorKind::NotFound,
        code: String::new(),
        message: format!("there is no snapshot `{id}`"),
        request_id: None,
    })
}

/// Lets retention have a snapshot again. Not pinned is fine.
///
/// # Errors
/// The call failed.
pub async fn unpin(
    ports: &Ports,
    place: &Place,
    service: &ServiceRef,
    id: &SnapshotId,
) -> Result<()> {
    ports.snapshots.delete(place, &pin_name(service, id)).await
}

/// Where a snapshot lies: a path, or `s3://BUCKET/…`.
pub fn location(place: &Place, service: &ServiceRef, id: &SnapshotId) -> String {
    let name = document_name(service, id);
    match place {
        Place::Folder(folder) => format!("{}/{name}", folder.trim_end_matches('/')),
        Place::Bucket { bucket, prefix, .. } => format!("s3://{bucket}/{prefix}{name}"),
    }
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

/// Name of the document's object.
pub(super) fn document_name(service: &ServiceRef, id: &SnapshotId) -> String {
    format!("{}{id}.json", folder_of(service))
}

/// Name of the marker that pins it.
pub(super) fn pin_name(service: &ServiceRef, id: &SnapshotId) -> String {
    format!("{}{id}.pin", folder_of(service))
}

/// Whether the bytes are the snapshot that its place says.
fn checked(
    bytes: &[u8],
    service: &ServiceRef,
    id: &SnapshotId,
) -> std::result::Result<Snapshot, Unreadable> {
    let snapshot = Snapshot::parse(bytes)?;
    let of = snapshot.service();
    if of.cluster_name() != service.cluster_name() || of.name != service.name {
        return Err(Unreadable::OtherService {
            of: format!("{}/{}", of.cluster_name(), of.name),
            found_with: format!("{}/{}", service.cluster_name(), service.name),
        });
    }
    let own = snapshot.id();
    if own != *id {
        return Err(Unreadable::OtherId {
            id: own.to_string(),
            name: id.to_string(),
        });
    }
    Ok(snapshot)
}

/// Objects directly in the folder that are named after an id.
fn ids<'a>(
    objects: &'a [StoredObject],
    folder: &'a str,
    ending: &'a str,
) -> impl Iterator<Item = (SnapshotId, u64)> + 'a {
    objects.iter().filter_map(move |object| {
        let name = object.name.strip_prefix(folder)?.strip_suffix(ending)?;
        Some((name.parse().ok()?, object.size))
    })
}
