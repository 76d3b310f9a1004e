//! S3 (REST, XML).

use std::sync::Arc;
use std::time::Duration;

use switchyard_aws::{Aws, AwsConfig};
use switchyard_engine::ports::{ErrorKind, ObjectStore, Place, PlaceFacts, Written};

use crate::fake::{Fake, NoProbes, RealClock, Reply, Seen, config};

const NAME: &str = "main/checkout/20261121T123456Z-1a2b3c4d.json";

fn place() -> Place {
    Place::Bucket {
        bucket: "kept".to_owned(),
        prefix: "team a/".to_owned(),
        region: None,
        kms_key: None,
    }
}

fn s3(body: &str) -> Reply {
    Reply::Http(200, "application/xml", body.as_bytes().to_vec())
}

fn error(status: u16, code: &str) -> Reply {
    let body = format!(
        "<Error><Code>{code}</Code><Message>In S3's words.</Message><RequestId>r</RequestId></Error>"
    );
    Reply::Http(status, "application/xml", body.into_bytes())
}

fn empty(status: u16) -> Reply {
    Reply::Http(status, "application/xml", Vec::new())
}

fn store(config: AwsConfig) -> Arc<dyn ObjectStore> {
    let ports = Aws::connect(config).ports(Arc::new(RealClock), Arc::new(NoProbes));
    ports.snapshots
}

fn requests(fake: &Fake) -> Vec<String> {
    let shown = |seen: Seen| format!("{} {}?{}", seen.method, seen.path, seen.query);
    fake.seen().into_iter().map(shown).collect()
}

fn page(keys: &[(&str, u64)], next: Option<&str>) -> Reply {
    let contents: String = keys
        .iter()
        .map(|(key, size)| {
            format!(
                "<Contents><Key>{key}</Key><LastModified>2026-11-21T12:34:56.000Z</LastModified><Size>{size}</Size></Contents>"
            )
        })
        .collect();
    let next = next.map_or_else(String::new, |token| {
        format!("<NextContinuationToken>{token}</NextContinuationToken>")
    });
    s3(&format!(
        "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{contents}<IsTruncated>{}</IsTruncated>{next}\
         </ListBucketResult>",
        !next.is_empty()
    ))
}

#[tokio::test]
async fn objects_are_listed_over_pages_by_their_name_below_the_place() {
    let fake = Fake::script([
        page(
            &[("team a/main/b.json", 7), ("team a/main/", 0)],
            Some("more"),
        ),
        page(
            &[("team a/main/a.pin", 0), ("team a/main/not ours.txt", 3)],
            None,
        ),
    ])
    .await;
    let found = fake.ports().snapshots.list(&place(), "main/").await;
    let found = found.unwrap();
    let names: Vec<_> = found.iter().map(|it| (it.name.as_str(), it.size)).collect();
    assert_eq!(names, [("main/a.pin", 0), ("main/b.json", 7)]);
    assert_eq!(found[0].modified, "2026-11-21T12:34:56Z".parse().unwrap());
    assert_eq!(
        requests(&fake),
        [
            "GET /kept/?list-type=2&prefix=team%20a%2Fmain%2F",
            "GET /kept/?list-type=2&prefix=team%20a%2Fmain%2F&continuation-token=more",
        ]
    );
}

#[tokio::test]
async fn a_bucket_that_does_not_exist_is_not_an_empty_one() {
    let fake = Fake::script([error(404, "NoSuchBucket"), error(404, "NoSuchBucket")]).await;
    let store = fake.ports().snapshots;
    let listed = store.list(&place(), "").await.unwrap_err();
    assert_eq!(
        (listed.kind, listed.code.as_str(), listed.target.as_str()),
        (ErrorKind::NotFound, "NoSuchBucket", "s3://kept/team a/")
    );
    let read = store.read(&place(), NAME).await.unwrap_err();
    assert_eq!(read.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn an_object_is_read_whole_and_an_absent_one_is_none() {
    let fake = Fake::script([s3("{\"format\":1}"), error(404, "NoSuchKey")]).await;
    let store = fake.ports().snapshots;
    let read = store.read(&place(), NAME).await.unwrap();
    assert_eq!(read.as_deref(), Some(b"{\"format\":1}".as_slice()));
    assert_eq!(store.read(&place(), NAME).await.unwrap(), None);
    let seen = requests(&fake);
    assert!(
        seen[0].starts_with(&format!("GET /kept/team%20a/{NAME}?")),
        "{seen:?}"
    );
}

#[tokio::test]
async fn an_object_that_is_too_large_is_refused() {
    let limit = 4 << 20;
    let fake = Fake::script([
        Reply::Http(200, "application/json", vec![b'x'; limit]),
        Reply::Http(200, "application/json", vec![b'x'; limit + 1]),
    ])
    .await;
    let store = fake.ports().snapshots;
    assert_eq!(
        store.read(&place(), NAME).await.unwrap().unwrap().len(),
        limit
    );
    let error = store.read(&place(), NAME).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Rejected);
    assert!(error.message.contains("4 MiB"), "{}", error.message);
}

#[tokio::test]
async fn an_object_whose_checksum_is_wrong_is_not_handed_out() {
    let checksum = ("x-amz-checksum-crc32", "AAAAAA==".to_owned());
    let fake = Fake::script([Reply::With(200, checksum, b"{}".to_vec())]).await;
    let error = fake.ports().snapshots.read(&place(), NAME).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout);
    assert!(error.message.contains("checksum"), "{}", error.message);
}

#[tokio::test]
async fn a_new_object_is_written_only_where_none_is() {
    let fake = Fake::script([empty(200)]).await;
    let store = fake.ports().snapshots;
    let written = store.write_new(&place(), NAME, b"{}").await.unwrap();
    assert_eq!(written, Written::New);
    let seen = &fake.seen()[0];
    assert_eq!(
        (
            seen.method.as_str(),
            seen.path.as_str(),
            seen.body.as_slice()
        ),
        (
            "PUT",
            format!("/kept/team%20a/{NAME}").as_str(),
            b"{}".as_slice()
        )
    );
    assert_eq!(seen.headers["if-none-match"], "*");
    assert!(seen.headers.contains_key("x-amz-checksum-crc32"));
    // The bucket's own encryption decides.
    assert!(!seen.headers.contains_key("x-amz-server-side-encryption"));
}

#[tokio::test]
async fn a_key_encrypts_and_a_region_is_asked() {
    let fake = Fake::script([empty(200)]).await;
    let place = Place::Bucket {
        bucket: "kept".to_owned(),
        prefix: String::new(),
        region: Some("us-west-2".to_owned()),
        kms_key: Some("alias/kept".to_owned()),
    };
    let store = fake.ports().snapshots;
    store.write_new(&place, NAME, b"{}").await.unwrap();
    let headers = &fake.seen()[0].headers;
    assert_eq!(headers["x-amz-server-side-encryption"], "aws:kms");
    assert_eq!(
        headers["x-amz-server-side-encryption-aws-kms-key-id"],
        "alias/kept"
    );
    assert!(headers["authorization"].contains("/us-west-2/s3/"));
}

#[tokio::test]
async fn an_object_of_somebody_else_is_left_alone() {
    for metadata in ["another-call", ""] {
        let name = ("x-amz-meta-switchyard-writer", metadata.to_owned());
        let fake = Fake::script([
            error(412, "PreconditionFailed"),
            Reply::With(200, name, Vec::new()),
        ])
        .await;
        let store = fake.ports().snapshots;
        let written = store.write_new(&place(), NAME, b"{}").await.unwrap();
        assert_eq!(written, Written::Exists);
        assert_eq!(fake.seen()[1].method, "HEAD");
    }
    // Deleted in between: it was there.
    let fake = Fake::script([error(412, "PreconditionFailed"), empty(404)]).await;
    let written = fake
        .ports()
        .snapshots
        .write_new(&place(), NAME, b"{}")
        .await;
    assert_eq!(written.unwrap(), Written::Exists);
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_knows_its_own_object() {
    let word = Arc::new(std::sync::Mutex::new(None));
    let fake = Fake::start(move |seen| {
        let mut word = word.lock().unwrap();
        match (seen.method.as_str(), word.clone()) {
            ("PUT", None) => {
                *word = Some(seen.headers["x-amz-meta-switchyard-writer"].clone());
                Reply::HangUp
            }
            ("PUT", Some(_)) => error(412, "PreconditionFailed"),
            (_, word) => {
                let name = "x-amz-meta-switchyard-writer";
                Reply::With(200, (name, word.unwrap()), Vec::new())
            }
        }
    })
    .await;
    let mut config = fake.config();
    config.max_retries = Some(2);
    let written = store(config).write_new(&place(), NAME, b"{}").await;
    assert_eq!(written.unwrap(), Written::New);
    let methods: Vec<_> = fake.seen().into_iter().map(|seen| seen.method).collect();
    assert_eq!(methods, ["PUT", "PUT", "HEAD"]);
}

#[tokio::test]
async fn two_writers_at_once_are_decided_by_asking_again() {
    let conflict = || error(409, "ConditionalRequestConflict");
    let fake = Fake::script([conflict(), empty(200), conflict(), conflict()]).await;
    let mut config = fake.config();
    config.max_retries = Some(1);
    let store = store(config);
    let written = store.write_new(&place(), NAME, b"{}").await;
    assert_eq!(written.unwrap(), Written::New);
    let error = store.write_new(&place(), NAME, b"{}").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
    assert_eq!(fake.seen().len(), 4);
}

#[tokio::test]
async fn deleting_what_is_gone_is_fine_and_being_refused_is_not() {
    let fake = Fake::script([
        empty(204),
        error(404, "NoSuchBucket"),
        error(403, "AccessDenied"),
    ])
    .await;
    let store = fake.ports().snapshots;
    store.delete(&place(), NAME).await.unwrap();
    store.delete(&place(), NAME).await.unwrap();
    let error = store.delete(&place(), NAME).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Denied);
    assert_eq!(fake.seen()[0].method, "DELETE");
}

#[tokio::test]
async fn a_bucket_in_another_region_is_named_with_its_region() {
    let body = "<Error><Code>PermanentRedirect</Code><Message>The bucket you are attempting to access must be \
                addressed using the specified endpoint.</Message></Error>";
    let region = ("x-amz-bucket-region", "us-west-2".to_owned());
    let fake = Fake::script([Reply::With(301, region, body.as_bytes().to_vec())]).await;
    let error = fake.ports().snapshots.list(&place(), "").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Rejected);
    assert!(
        error
            .message
            .contains("specified endpoint. The bucket is in region us-west-2"),
        "{}",
        error.message
    );
    assert_eq!(error.request_id.as_deref(), Some("r-s3"));
}

/// Answers to the three questions about a bucket.
async fn facts(versioning: Reply, encryption: Reply, block: Reply) -> PlaceFacts {
    let fake = Fake::start(move |seen| match seen.query.split('=').next() {
        Some("versioning") => versioning.clone(),
        Some("encryption") => encryption.clone(),
        Some("publicAccessBlock") => block.clone(),
        _ => error(400, "Unasked"),
    })
    .await;
    fake.ports().snapshots.facts(&place()).await.unwrap()
}

fn versioning(status: &str) -> Reply {
    s3(&format!(
        "<VersioningConfiguration>{status}</VersioningConfiguration>"
    ))
}

fn encryption() -> Reply {
    s3(
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>\
        </ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
    )
}

fn block(ignore: bool, restrict: bool) -> Reply {
    s3(&format!(
        "<PublicAccessBlockConfiguration><BlockPublicAcls>false</BlockPublicAcls><IgnorePublicAcls>{ignore}</IgnorePublicAcls>\
         <BlockPublicPolicy>false</BlockPublicPolicy><RestrictPublicBuckets>{restrict}</RestrictPublicBuckets>\
         </PublicAccessBlockConfiguration>"
    ))
}

#[tokio::test]
async fn a_bucket_tells_what_it_promises() {
    let all = |promised| PlaceFacts {
        versioned: promised,
        encrypted: promised,
        public_blocked: promised,
    };
    let enabled = versioning("<Status>Enabled</Status>");
    let found = facts(enabled.clone(), encryption(), block(true, true)).await;
    assert_eq!(found, all(Some(true)));

    let never = facts(
        versioning(""),
        error(404, "ServerSideEncryptionConfigurationNotFoundError"),
        error(404, "NoSuchPublicAccessBlockConfiguration"),
    )
    .await;
    assert_eq!(never, all(Some(false)));

    let denied = || error(403, "AccessDenied");
    assert_eq!(facts(denied(), denied(), denied()).await, all(None));

    let half = facts(
        versioning("<Status>Suspended</Status>"),
        error(501, "NotImplemented"),
        block(true, false),
    )
    .await;
    assert_eq!(
        half,
        PlaceFacts {
            versioned: Some(false),
            encrypted: None,
            public_blocked: Some(false)
        }
    );
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_says_so() {
    let fake = Fake::start(|_| s3("<SomethingElse/>")).await;
    let error = fake.ports().snapshots.facts(&place()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unexpected);
    assert!(
        error
            .message
            .starts_with("The response (HTTP 200) could not be understood: "),
        "{}",
        error.message
    );
}

#[tokio::test]
async fn facts_of_a_bucket_that_is_not_there_or_not_reached_are_no_facts() {
    let fake = Fake::start(|_| error(404, "NoSuchBucket")).await;
    let found = fake.ports().snapshots.facts(&place()).await.unwrap_err();
    assert_eq!(found.kind, ErrorKind::NotFound);
    let fake = Fake::start(|_| Reply::Silence).await;
    let mut config = fake.config();
    config.attempt_timeout = Duration::from_millis(200);
    let found = store(config).facts(&place()).await.unwrap_err();
    assert_eq!(found.kind, ErrorKind::Timeout);
}

/// They are extras of a plan, which does not wait for them.
#[tokio::test]
async fn facts_of_a_bucket_are_asked_for_once() {
    let fake = Fake::start(|_| error(503, "SlowDown")).await;
    let facts = fake.patient_ports().snapshots.facts(&place()).await;
    assert!(facts.unwrap_err().kind.is_transient());
    assert!(fake.seen().len() <= 3, "{:?}", fake.seen());
}

#[tokio::test]
async fn what_cannot_be_a_name_never_leaves() {
    let fake = Fake::script([]).await;
    let store = fake.ports().snapshots;
    for name in ["", "a/../b", "a b", "/a"] {
        let kinds = [
            store.read(&place(), name).await.unwrap_err().kind,
            store.write_new(&place(), name, b"").await.unwrap_err().kind,
            store.delete(&place(), name).await.unwrap_err().kind,
        ];
        assert_eq!(kinds, [ErrorKind::Rejected; 3], "{name}");
    }
    let folder = Place::Folder("here".to_owned());
    let error = store.list(&folder, "").await.unwrap_err();
    assert!(error.message.contains("bug"), "{}", error.message);
    assert_eq!(fake.seen().len(), 0);
}

#[tokio::test]
async fn on_aws_the_bucket_is_a_host_of_its_region() {
    // A proxy sees which host is asked for.
    let fake = Fake::script([]).await;
    let mut config = config(&fake.url);
    config.endpoints.all = None;
    config.https_proxy = Some(fake.url.clone());
    let place = Place::Bucket {
        bucket: "kept".to_owned(),
        prefix: String::new(),
        region: Some("us-west-2".to_owned()),
        kms_key: None,
    };
    store(config).list(&place, "").await.unwrap_err();
    assert_eq!(fake.seen()[0].method, "CONNECT");
    assert_eq!(
        fake.seen()[0].headers["host"],
        "kept.s3.us-west-2.amazonaws.com:443"
    );
}
