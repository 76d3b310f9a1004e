//! Objects in local folders: where snapshots are kept when there is no bucket.

mod failed;
mod folder;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use switchyard_engine::ports::{
    Error, ErrorKind, ObjectStore, Place, PlaceFacts, Result, StoredObject, Written,
};

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
        let Place::Folder(root) = place else {
            return self.buckets.list(place, prefix).await;
        };
        let (root, prefix) = (PathBuf::from(root), prefix.to_owned());
        run_blocking(failed::LIST, move || folder::list(&root, &prefix)).await
    }

    async fn read(&self, place: &Place, name: &str) -> Result<Option<Vec<u8>>> {
        let Place::Folder(root) = place else {
            return self.buckets.read(place, name).await;
        };
        let (root, name) = (PathBuf::from(root), name.to_owned());
        run_blocking(failed::READ, move || folder::read(&root, &name)).await
    }

    async fn write_new(&self, place: &Place, name: &str, bytes: &[u8]) -> Result<Written> {
        let Place::Folder(root) = place else {
            return self.buckets.write_new(place, name, bytes).await;
        };
        let (root, name, bytes) = (PathBuf::from(root), name.to_owned(), bytes.to_vec());
        run_blocking(failed::WRITE, move || {
            folder::write_new(&root, &name, &bytes)
        })
        .await
    }

    async fn delete(&self, place: &Place, name: &str) -> Result<()> {
        let Place::Folder(root) = place else {
            return self.buckets.delete(place, name).await;
        };
        let (root, name) = (PathBuf::from(root), name.to_owned());
        run_blocking(failed::DELETE, move || folder::delete(&root, &name)).await
    }

    async fn facts(&self, place: &Place) -> Result<PlaceFacts> {
        match place {
            Place::Folder(_) => Ok(PlaceFacts::default()),
            Place::Bucket { .. } => self.buckets.facts(place).await,
        }
    }
}

/// Runs what waits for a disk where it holds up nothing else. Once begun it is done to its end, even when nobody waits
/// for it any more.
async fn run_blocking<T: Send + 'static>(
    operation: &'static str,
    act: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let ended = tokio::task::spawn_blocking(act).await;
    ended.unwrap_or_else(|error| {
        Err(Error {
            operation,
            target: String::new(),
            kind: ErrorKind::Unexpected,
            code: String::new(),
            message: format!("this is a bug in Switchyard: {error}"),
            request_id: None,
        })
    })
}
