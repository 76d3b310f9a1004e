//! What a bucket promises.

use aws_sdk_s3::types::BucketVersioningStatus;
use switchyard_engine::ports::{Error, ErrorKind, PlaceFacts, Result};

use super::{Bucket, S3, call};
use crate::patience::once;

pub(super) const VERSIONING: &str = "s3:GetBucketVersioning";
const ENCRYPTION: &str = "s3:GetBucketEncryption";
const PUBLIC_ACCESS: &str = "s3:GetPublicAccessBlock";

/// The three are asked side by side, each of them once: they are extras of a plan. What must not be
/// asked is unknown.
pub(super) async fn of(s3: &S3, bucket: &Bucket<'_>) -> Result<PlaceFacts> {
    let (versioned, encrypted, public_blocked) = futures::try_join!(
        versioned(s3, bucket),
        encrypted(s3, bucket),
        public_blocked(s3, bucket),
    )?;
    Ok(PlaceFacts {
        versioned,
        encrypted,
        public_blocked,
    })
}

async fn versioned(s3: &S3, bucket: &Bucket<'_>) -> Result<Option<bool>> {
    let target = bucket.target("");
    let request = s3
        .client(VERSIONING, &target)
        .await?
        .get_bucket_versioning()
        .bucket(bucket.name)
        .customize()
        .config_override(bucket.in_region().retry_config(once()));
    let answer = s3
        .caller
        .read(call(VERSIONING, &target), request.send())
        .await;
    known(answer.map(|answer| answer.status == Some(BucketVersioningStatus::Enabled)))
}

async fn encrypted(s3: &S3, bucket: &Bucket<'_>) -> Result<Option<bool>> {
    let target = bucket.target("");
    let request = s3
        .client(ENCRYPTION, &target)
        .await?
        .get_bucket_encryption()
        .bucket(bucket.name)
        .customize()
        .config_override(bucket.in_region().retry_config(once()));
    let answer = s3
        .caller
        .read(call(ENCRYPTION, &target), request.send())
        .await;
    known(answer.map(|answer| {
        let rules = answer.server_side_encryption_configuration();
        rules.is_some_and(|configuration| !configuration.rules().is_empty())
    }))
}

/// Two of the four switches decide about reading; the others keep new rules from being written.
async fn public_blocked(s3: &S3, bucket: &Bucket<'_>) -> Result<Option<bool>> {
    let target = bucket.target("");
    let request = s3
        .client(PUBLIC_ACCESS, &target)
        .await?
        .get_public_access_block()
        .bucket(bucket.name)
        .customize()
        .config_override(bucket.in_region().retry_config(once()));
    let answer = s3
        .caller
        .read(call(PUBLIC_ACCESS, &target), request.send())
        .await;
    known(answer.map(|answer| {
        answer
            .public_access_block_configuration()
            .is_some_and(|block| {
                block.ignore_public_acls() == Some(true)
                    && block.restrict_public_buckets() == Some(true)
            })
    }))
}

/// A setting that was never made is an error in S3; so is one that the caller must not read, or that a store which
/// only speaks S3's language does not have.
fn known(answer: Result<bool>) -> Result<Option<bool>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.code == "NoSuchBucket" => Err(error),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(Some(false)),
        Err(error) if is_unknowable(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_unknowable(error: &Error) -> bool {
    matches!(
        error.code.as_str(),
        "AccessDenied" | "AccessDeniedException" | "MethodNotAllowed" | "NotImplemented"
    )
}
