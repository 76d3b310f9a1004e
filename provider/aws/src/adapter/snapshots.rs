//! Objects in S3 buckets.

use async_trait::async_trait;
use switchyard_engine::ports::{
    Error, ErrorKind, ObjectStore, Place, PlaceFacts, Result, StoredObject, Written,
};

use crate::call::Caller;

/// [`ObjectStore`] over S3. Folders are somebody else's.
pub(crate) struct S3;

impl S3 {
    pub(crate) fn new(_caller: &Caller) -> Self {
        Self
    }
}

fn no_bucket(operation: &'static str, place: &Place) -> Error {
    Error {
        operation,
        target: format!("{place:?}"),
        kind: ErrorKind::Unexpected,
        code: String::new(),
        message: "this is not a bucket".to_owned(),
        request_id: None,
    }
}

#[async_trait]
impl ObjectStore for S3 {
    async fn list(&self, place: &Place, _prefix: &str) -> Result<Vec<StoredObject>> {
        Err(no_bucket("s3:ListObjectsV2", place))
    }
    async fn read(&self, place: &Place, _name: &str) -> Result<Option<Vec<u8>>> {
        Err(no_bucket("s3:GetObject", place))
    }
    async fn write_new(&self, place: &Place, _name: &str, _bytes: &[u8]) -> Result<Written> {
        Err(no_bucket("s3:PutObject", place))
    }
    async fn delete(&self, place: &Place, _name: &str) -> Result<()> {
        Err(no_bucket("s3:DeleteObject", place))
    }
    async fn facts(&self, place: &Place) -> Result<PlaceFacts> {
        Err(no_bucket("s3:GetBucketVersioning", place))
    }
}
