//! What S3 checks. Its operations and its actions have different names.

use http::request::Parts;

use super::needs::Need;
use crate::protocol::query::percent_decode;

/// What a request to S3 needs.
pub(super) fn of(operation: &str, parts: &Parts) -> Vec<Need> {
    let (bucket, key) = named(parts);
    let (of_bucket, of_object) = (
        format!("arn:aws:s3:::{bucket}"),
        format!("arn:aws:s3:::{bucket}/{key}"),
    );
    let (action, resource) = match operation {
        "ListBuckets" => ("ListAllMyBuckets", "*".to_owned()),
        "HeadBucket" | "ListObjectsV2" => ("ListBucket", of_bucket),
        "ListObjectVersions" => ("ListBucketVersions", of_bucket),
        "GetBucketEncryption" => ("GetEncryptionConfiguration", of_bucket),
        "PutBucketEncryption" => ("PutEncryptionConfiguration", of_bucket),
        "GetPublicAccessBlock" => ("GetBucketPublicAccessBlock", of_bucket),
        "PutPublicAccessBlock" => ("PutBucketPublicAccessBlock", of_bucket),
        "HeadObject" => ("GetObject", of_object),
        "CopyObject" => ("PutObject", of_object),
        "DeleteObject" | "GetObject" | "PutObject" => (operation, of_object),
        other => (other, of_bucket),
    };
    let mut needs = vec![Need::new(format!("s3:{action}"), resource)];
    needs.extend(key_of(parts).map(|key| Need::new("kms:GenerateDataKey", key)));
    needs
}

/// What it takes to be told that an object is not there.
pub(super) fn listing(parts: &Parts) -> Need {
    let (bucket, _) = named(parts);
    Need::new("s3:ListBucket", format!("arn:aws:s3:::{bucket}"))
}

/// Bucket and key of a request with the bucket in its path.
fn named(parts: &Parts) -> (String, String) {
    let path = percent_decode(parts.uri.path().as_bytes(), false);
    let path = path.trim_start_matches('/');
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    (bucket.to_owned(), key.to_owned())
}

/// The KMS key that the request wants the object encrypted with.
fn key_of(parts: &Parts) -> Option<String> {
    let header = parts
        .headers
        .get("x-amz-server-side-encryption-aws-kms-key-id");
    Some(header?.to_str().ok()?.to_owned())
}
