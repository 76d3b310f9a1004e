//! Objects in S3 buckets.

mod facts;

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder as Override;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;
use aws_types::region::Region;
use switchyard_engine::ports::{
    Error, ErrorKind, OBJECT_LIMIT, ObjectStore, Place, PlaceFacts, Result, StoredObject, Written,
    check_object_name,
};

use super::absent_is_none;
use crate::call::{Call, Caller, RetryConditionalConflict};
use crate::convert;
use crate::failed::{chain, incomplete};

const DELETE: &str = "s3:DeleteObject";
const GET: &str = "s3:GetObject";
const HEAD: &str = "s3:HeadObject";
const LIST: &str = "s3:ListObjectsV2";
const PUT: &str = "s3:PutObject";

/// User metadata of an object: which call wrote it.
const WRITER: &str = "switchyard-writer";

/// [`ObjectStore`] over S3. Folders are somebody else's.
#[derive(Debug)]
pub(crate) struct S3 {
    caller: Caller,
}

impl S3 {
    pub(crate) fn new(caller: &Caller) -> Self {
        Self {
            caller: caller.clone(),
        }
    }

    async fn client(&self, operation: &'static str, target: &str) -> Result<Client> {
        self.caller.connection.s3(operation, target).await
    }

    /// Which call wrote the object.
    async fn writer(&self, bucket: &Bucket<'_>, name: &str) -> Result<Option<String>> {
        let target = bucket.target(name);
        let request = self
            .client(HEAD, &target)
            .await?
            .head_object()
            .bucket(bucket.name)
            .key(bucket.key(name))
            .customize()
            .config_override(bucket.in_region());
        let answer = self.caller.read(call(HEAD, &target), request.send()).await;
        let found = absent_is_none(answer)?;
        Ok(found
            .and_then(|found| found.metadata)
            .and_then(|mut metadata| metadata.remove(WRITER)))
    }
}

fn call<'a>(operation: &'static str, target: &'a str) -> Call<'a> {
    Call {
        operation,
        target,
        class: None,
    }
}

/// The parts of [`Place::Bucket`].
struct Bucket<'a> {
    name: &'a str,
    prefix: &'a str,
    region: Option<&'a str>,
    kms_key: Option<&'a str>,
}

impl<'a> Bucket<'a> {
    fn of(operation: &'static str, place: &'a Place) -> Result<Self> {
        match place {
            Place::Bucket {
                bucket,
                prefix,
                region,
                kms_key,
            } => Ok(Self {
                name: bucket,
                prefix,
                region: region.as_deref(),
                kms_key: kms_key.as_deref(),
            }),
            Place::Folder(folder) => Err(refused(
                operation,
                folder,
                "a folder was asked for where S3 buckets are kept",
            )),
        }
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// For logs and errors.
    fn target(&self, name: &str) -> String {
        format!("s3://{}/{}{name}", self.name, self.prefix)
    }

    /// An absent region is not set: that would unset the client's own.
    fn in_region(&self) -> Override {
        match self.region {
            Some(region) => Override::new().region(Region::new(region.to_owned())),
            None => Override::new(),
        }
    }
}

fn refused(operation: &'static str, target: &str, what: &str) -> Error {
    Error {
        operation,
        target: target.to_owned(),
        kind: ErrorKind::Rejected,
        code: String::new(),
        message: format!("{what}. This is a bug in the provider; please report it"),
        request_id: None,
    }
}

fn checked(operation: &'static str, name: &str) -> Result<()> {
    check_object_name(name).map_err(|wrong| {
        refused(
            operation,
            name,
            &format!("the object cannot be kept: {wrong}"),
        )
    })
}

/// A word that no other call has: the standard library seeds its hashers from the system's source of randomness.
fn unique() -> String {
    let word = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", word(), word())
}

#[async_trait]
impl ObjectStore for S3 {
    async fn list(&self, place: &Place, prefix: &str) -> Result<Vec<StoredObject>> {
        let bucket = Bucket::of(LIST, place)?;
        let target = bucket.target(prefix);
        let client = self.client(LIST, &target).await?;
        let (mut found, mut next) = (Vec::new(), None);
        loop {
            let request = client
                .list_objects_v2()
                .bucket(bucket.name)
                .prefix(bucket.key(prefix))
                .set_continuation_token(next)
                .customize()
                .config_override(bucket.in_region());
            let answer = self.caller.read(call(LIST, &target), request.send()).await;
            let answer = answer?;
            for object in answer.contents() {
                let key = object.key().unwrap_or_default();
                // What others put below the prefix under other names could not be read here.
                let name = key
                    .strip_prefix(bucket.prefix)
                    .filter(|name| check_object_name(name).is_ok());
                let Some(name) = name else { continue };
                let modified = convert::time(object.last_modified().copied());
                found.push(StoredObject {
                    name: name.to_owned(),
                    size: u64::try_from(object.size().unwrap_or_default()).unwrap_or_default(),
                    modified: modified.ok_or_else(|| incomplete(LIST, &target, "LastModified"))?,
                });
            }
            next = answer
                .next_continuation_token
                .filter(|token| !token.is_empty());
            if next.is_none() {
                found.sort_by(|one, other| one.name.cmp(&other.name));
                return Ok(found);
            }
        }
    }

    async fn read(&self, place: &Place, name: &str) -> Result<Option<Vec<u8>>> {
        checked(GET, name)?;
        let bucket = Bucket::of(GET, place)?;
        let target = bucket.target(name);
        let request = self
            .client(GET, &target)
            .await?
            .get_object()
            .bucket(bucket.name)
            .key(bucket.key(name))
            .customize()
            .config_override(bucket.in_region());
        match self.caller.read(call(GET, &target), request.send()).await {
            Ok(answer) => whole(answer.body, &target).await.map(Some),
            Err(error) if error.code == "NoSuchKey" => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn write_new(&self, place: &Place, name: &str, bytes: &[u8]) -> Result<Written> {
        checked(PUT, name)?;
        let bucket = Bucket::of(PUT, place)?;
        let target = bucket.target(name);
        let encryption = bucket.kms_key.map(|_| ServerSideEncryption::AwsKms);
        let writer = unique();
        let request = self
            .client(PUT, &target)
            .await?
            .put_object()
            .bucket(bucket.name)
            .key(bucket.key(name))
            .if_none_match("*")
            .metadata(WRITER, &writer)
            .set_server_side_encryption(encryption)
            .set_ssekms_key_id(bucket.kms_key.map(ToOwned::to_owned))
            .body(ByteStream::from(bytes.to_vec()))
            .customize()
            .config_override(
                bucket
                    .in_region()
                    .retry_classifier(RetryConditionalConflict),
            );
        match self.caller.write(call(PUT, &target), request.send()).await {
            Ok(_) => Ok(Written::New),
            // A call whose answer was lost is sent again, and then finds its own object.
            Err(error) if error.kind == ErrorKind::AlreadyExists => {
                match self.writer(&bucket, name).await? {
                    Some(found) if found == writer => Ok(Written::New),
                    Some(_) | None => Ok(Written::Exists),
                }
            }
            Err(error) => Err(error),
        }
    }

    async fn delete(&self, place: &Place, name: &str) -> Result<()> {
        checked(DELETE, name)?;
        let bucket = Bucket::of(DELETE, place)?;
        let target = bucket.target(name);
        let request = self
            .client(DELETE, &target)
            .await?
            .delete_object()
            .bucket(bucket.name)
            .key(bucket.key(name))
            .customize()
            .config_override(bucket.in_region());
        let answer = self.caller.write(call(DELETE, &target), request.send());
        absent_is_none(answer.await).map(|_| ())
    }

    async fn facts(&self, place: &Place) -> Result<PlaceFacts> {
        let bucket = Bucket::of(facts::VERSIONING, place)?;
        facts::of(self, &bucket).await
    }
}

/// The bytes of an answer, up to the limit. A connection that stalls is ended by the SDK.
async fn whole(mut body: ByteStream, target: &str) -> Result<Vec<u8>> {
    let failed = |kind, message: String| Error {
        operation: GET,
        target: target.to_owned(),
        kind,
        code: String::new(),
        message,
        request_id: None,
    };
    let mut bytes = Vec::new();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|error| {
            let message = format!("The object was not received completely: {}", chain(&error));
            failed(ErrorKind::Timeout, message)
        })?;
        let length = u64::try_from(bytes.len() + piece.len()).unwrap_or(u64::MAX);
        if length > OBJECT_LIMIT {
            let message = "The object is larger than 4 MiB. This provider writes no such object, so it belongs to \
                           somebody else";
            return Err(failed(ErrorKind::Rejected, message.to_owned()));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_calls_have_one_word() {
        assert_ne!(unique(), unique());
    }
}
