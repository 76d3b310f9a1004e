//! S3, which moto answers: the names of its operations, for the call log and fault plans, and what moto spells wrong.
//!
//! S3 says its operations by method, path and query.

use bytes::Bytes;
use http::Method;
use http::request::Parts;

/// Operations on a bucket that a field of the query selects.
const ON_SETTINGS: [(&str, &str, &str); 12] = [
    ("GET", "encryption", "GetBucketEncryption"),
    ("GET", "list-type", "ListObjectsV2"),
    ("GET", "policy", "GetBucketPolicy"),
    ("GET", "publicAccessBlock", "GetPublicAccessBlock"),
    ("GET", "tagging", "GetBucketTagging"),
    ("GET", "versioning", "GetBucketVersioning"),
    ("GET", "versions", "ListObjectVersions"),
    ("POST", "delete", "DeleteObjects"),
    ("PUT", "encryption", "PutBucketEncryption"),
    ("PUT", "publicAccessBlock", "PutPublicAccessBlock"),
    ("PUT", "tagging", "PutBucketTagging"),
    ("PUT", "versioning", "PutBucketVersioning"),
];

/// Fields of the query that belong to a plain operation; any other one makes it another operation.
const PLAIN: [&str; 2] = ["versionId", "x-id"];

/// The operation of a request with the bucket in its path, if it is one of those that are known here.
pub(crate) fn operation(parts: &Parts) -> Option<&'static str> {
    let path = parts.uri.path().strip_prefix('/')?;
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    let fields: Vec<&str> = parts
        .uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter_map(|field| field.split('=').next())
        // A presigned address carries its signature in the query.
        .filter(|field| !field.is_empty() && !field.starts_with("X-Amz-"))
        .collect();
    let is_plain = fields.iter().all(|field| PLAIN.contains(field));
    let is = |method: Method| parts.method == method;
    match (bucket.is_empty(), key.is_empty()) {
        (true, _) => (is(Method::GET) && is_plain).then_some("ListBuckets"),
        (false, true) => {
            let named = ON_SETTINGS.iter().find(|(method, field, _)| {
                parts.method.as_str() == *method && fields.contains(field)
            });
            match named {
                Some((_, _, name)) => Some(name),
                None if !is_plain => None,
                None if is(Method::PUT) => Some("CreateBucket"),
                None if is(Method::HEAD) => Some("HeadBucket"),
                None if is(Method::DELETE) => Some("DeleteBucket"),
                None => None,
            }
        }
        (false, false) if !is_plain => None,
        (false, false) if is(Method::GET) => Some("GetObject"),
        (false, false) if is(Method::HEAD) => Some("HeadObject"),
        (false, false) if is(Method::DELETE) => Some("DeleteObject"),
        (false, false) if is(Method::PUT) => {
            let copies = parts.headers.contains_key("x-amz-copy-source");
            Some(if copies { "CopyObject" } else { "PutObject" })
        }
        (false, false) => None,
    }
}

/// moto's answer as S3 spells it. moto names the root of one document after the operation; strict SDKs refuse that.
pub(crate) fn spelled(operation: &str, document: Bytes) -> Bytes {
    const WRONG: &str = "GetBucketVersioningResponse";
    match std::str::from_utf8(&document) {
        Ok(text) if operation == "GetBucketVersioning" && text.contains(WRONG) => {
            Bytes::from(text.replace(WRONG, "VersioningConfiguration"))
        }
        Ok(_) | Err(_) => document,
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn named(method: &str, uri: &str) -> Option<&'static str> {
        let request = Request::builder().method(method).uri(uri);
        operation(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn operations_are_told_by_method_path_and_query() {
        for (method, uri, name) in [
            ("GET", "/", "ListBuckets"),
            ("PUT", "/kept", "CreateBucket"),
            ("PUT", "/kept/", "CreateBucket"),
            ("GET", "/kept/?list-type=2&prefix=a%2F", "ListObjectsV2"),
            ("GET", "/kept?versioning", "GetBucketVersioning"),
            ("PUT", "/kept?versioning=", "PutBucketVersioning"),
            ("PUT", "/kept/a/b.json?x-id=PutObject", "PutObject"),
            ("GET", "/kept/a/b.json?x-id=GetObject", "GetObject"),
            ("HEAD", "/kept/a/b.json", "HeadObject"),
            ("DELETE", "/kept/a/b.json?versionId=1", "DeleteObject"),
            (
                "GET",
                "/kept/a?X-Amz-Credential=x&X-Amz-Signature=y",
                "GetObject",
            ),
        ] {
            assert_eq!(named(method, uri), Some(name), "{method} {uri}");
        }
        for (method, uri) in [
            ("GET", "/kept?lifecycle"),
            ("PUT", "/kept/a?acl"),
            ("POST", "/kept/a?uploads"),
            ("GET", "/kept"),
        ] {
            assert_eq!(named(method, uri), None, "{method} {uri}");
        }
    }
}
