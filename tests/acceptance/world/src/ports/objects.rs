//! Objects of snapshots, in memory: folders and buckets behave alike.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use switchyard_engine::ports::{
    Error, ErrorKind, OBJECT_LIMIT, ObjectStore, Place, PlaceFacts, Result, StoredObject, Written,
    check_object_name,
};

/// Name → bytes.
type Objects = BTreeMap<String, Vec<u8>>;

/// An [`ObjectStore`] in memory. Clones share the objects.
#[derive(Clone, Debug, Default)]
pub struct MemoryObjects(Arc<Mutex<BTreeMap<Place, Objects>>>);

impl MemoryObjects {
    /// Puts an object, also over another one: what a person or a torn write leaves behind.
    pub fn put(&self, place: &Place, name: &str, bytes: &[u8]) {
        self.with(place, |objects| {
            objects.insert(name.to_owned(), bytes.to_vec());
        });
    }

    /// The names of all objects of a place.
    #[must_use]
    pub fn names(&self, place: &Place) -> BTreeSet<String> {
        self.with(place, |objects| objects.keys().cloned().collect())
    }

    fn with<T>(&self, place: &Place, act: impl FnOnce(&mut Objects) -> T) -> T {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        act(places.entry(place.clone()).or_default())
    }
}

/// What every adapter refuses.
fn check(operation: &'static str, name: &str, bytes: &[u8]) -> Result<()> {
    let wrong = match check_object_name(name) {
        Err(wrong) => wrong,
        Ok(()) if bytes.len() as u64 > OBJECT_LIMIT => "it has more than 4 MiB",
        Ok(()) => return Ok(()),
    };
    Err(Error {
        operation,
        target: name.to_owned(),
        kind: ErrorKind::Rejected,
        code: String::new(),
        message: wrong.to_owned(),
        request_id: None,
    })
}

#[async_trait]
impl ObjectStore for MemoryObjects {
    async fn list(&self, place: &Place, prefix: &str) -> Result<Vec<StoredObject>> {
        Ok(self.with(place, |objects| {
            objects
                .iter()
                .filter(|(name, _)| name.starts_with(prefix))
                .map(|(name, bytes)| StoredObject {
                    name: name.clone(),
                    size: bytes.len() as u64,
                    modified: Timestamp::UNIX_EPOCH,
                })
                .collect()
        }))
    }

    async fn read(&self, place: &Place, name: &str) -> Result<Option<Vec<u8>>> {
        let bytes = self.with(place, |objects| objects.get(name).cloned());
        check("memory:Read", name, bytes.as_deref().unwrap_or_default())?;
        Ok(bytes)
    }

    async fn write_new(&self, place: &Place, name: &str, bytes: &[u8]) -> Result<Written> {
        check("memory:Write", name, bytes)?;
        Ok(self.with(place, |objects| {
            if objects.contains_key(name) {
                return Written::Exists;
            }
            objects.insert(name.to_owned(), bytes.to_vec());
            Written::New
        }))
    }

    async fn delete(&self, place: &Place, name: &str) -> Result<()> {
        check("memory:Delete", name, &[])?;
        self.with(place, |objects| objects.remove(name));
        Ok(())
    }

    async fn facts(&self, place: &Place) -> Result<PlaceFacts> {
        Ok(match place {
            Place::Folder(_) => PlaceFacts::default(),
            Place::Bucket { .. } => PlaceFacts {
                versioned: Some(true),
                encrypted: Some(true),
                public_blocked: Some(true),
            },
        })
    }
}
