//! Where snapshots are kept: small objects under names with slashes, in a folder or in an S3 bucket.

use jiff::Timestamp;

use super::Result;

/// A place for objects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A local folder; made when something is written.
    Folder(String),
    /// An S3 bucket that exists.
    Bucket {
        /// Name.
        bucket: String,
        /// What every name begins with; empty, or ends with `/`.
        prefix: String,
        /// Its region; the provider's when absent.
        region: Option<String>,
        /// KMS key for new objects; the bucket's own encryption when absent.
        kms_key: Option<String>,
    },
}

/// One stored object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// Name below the place.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Written.
    pub modified: Timestamp,
}

/// What [`ObjectStore::write_new`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The object is there, whole.
    New,
    /// An object of this name was there already; it was not touched.
    Exists,
}

/// What a place promises.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlaceFacts {
    /// Earlier versions are kept (S3 versioning). A folder says `None`.
    pub versioned: Option<bool>,
    /// Objects are encrypted at rest by the place. A folder says `None`; S3 has encrypted every new object since 2023.
    pub encrypted: Option<bool>,
    /// Reading without credentials is blocked (S3 public access block). A folder says `None`.
    pub public_blocked: Option<bool>,
}

/// Most bytes an object may have.
pub const OBJECT_LIMIT: u64 = 4 * 1024 * 1024;

/// Checks a name: parts of `[A-Za-z0-9._-]` joined by `/`, none of which is empty, begins with a dot or is longer
/// than a file name may be.
///
/// # Errors
/// What is wrong, as the end of a sentence.
pub fn check_object_name(name: &str) -> std::result::Result<(), &'static str> {
    for part in name.split('/') {
        if part.is_empty() {
            return Err("a part of its name is empty");
        }
        if part.starts_with('.') {
            return Err("a part of its name begins with a dot");
        }
        if part.len() > 255 {
            return Err("a part of its name has more than 255 characters");
        }
        if !part.bytes().all(is_name_byte) {
            return Err("its name has characters other than letters, digits, `.`, `_` and `-`");
        }
    }
    Ok(())
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

/// Keeps objects. Names are made of `[A-Za-z0-9._-]` and `/`; an adapter refuses any other
/// (see [`check_object_name`]).
#[async_trait::async_trait]
pub trait ObjectStore: Send + Sync + 'static {
    /// All objects whose name begins with `prefix`, by name. Half-written ones are not listed. A place that does not
    /// exist yet (folder) has none; a bucket that does not exist is an error of kind `NotFound`.
    async fn list(&self, place: &Place, prefix: &str) -> Result<Vec<StoredObject>>;
    /// The bytes, if the object is there. More than [`OBJECT_LIMIT`] is an error.
    async fn read(&self, place: &Place, name: &str) -> Result<Option<Vec<u8>>>;
    /// Writes an object that does not exist yet, wholly or not at all; of two simultaneous writers of one name
    /// exactly one gets [`Written::New`].
    async fn write_new(&self, place: &Place, name: &str, bytes: &[u8]) -> Result<Written>;
    /// Deletes; absent is fine.
    async fn delete(&self, place: &Place, name: &str) -> Result<()>;
    /// What the place promises.
    async fn facts(&self, place: &Place) -> Result<PlaceFacts>;
}
