//! Objects in local folders: where snapshots are kept when there is no bucket.

use std::sync::Arc;

use async_trait::async_trait;
use switchyard_engine::ports::{ObjectStore, Place, PlaceFacts, Result, StoredObject, Written};

/// [`ObjectStore`] that keeps folders itself and hands buckets on.
#[derive(Clone)]
pub struct Folders {
    buckets: Arc<dyn ObjectStore>,
}

impl Folders {
    /// Keeps folders; what concerns a bucket goes to `buckets`.
    #[must_use]
    pub fn before(buckets: Arc<dyn ObjectStore>) -> Self {
        Self { buckets }
    }
}

impl std::fmt::Debug for Folders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Folders").finish_non_exhaustive()
    }
}

#[async_trait]
impl ObjectStore for Folders {
    async fn list(&self, place: &Place, prefix: &str) -> Result<Vec<StoredObject>> {
        self.buckets.list(place, prefix).await
    }

    async fn read(&self, place: &Place, name: &str) -> Result<Option<Vec<u8>>> {
        self.buckets.read(place, name).await
    }

    async fn write_new(&self, place: &Place, name: &str, bytes: &[u8]) -> Result<Written> {
        self.buckets.write_new(place, name, bytes).await
    }

    async fn delete(&self, place: &Place, name: &str) -> Result<()> {
        self.buckets.delete(place, name).await
    }

    async fn facts(&self, place: &Place) -> Result<PlaceFacts> {
        self.buckets.facts(place).await
    }
}
