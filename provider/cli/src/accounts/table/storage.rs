//! Buckets and what is configured of them.

use super::pair::{ARN, POLICY, Pair, part};
use crate::accounts::form;
use crate::accounts::form::Take::{Each, Own, Record, Records};

const BUCKET: &[&str] = &["bucket", "id"];
const BUCKETS: &[&str] = &["aws_s3_bucket"];
const SSE: &[(&str, &str)] = &[
    (
        "key",
        "apply_server_side_encryption_by_default.kms_master_key_id",
    ),
    (
        "algorithm",
        "apply_server_side_encryption_by_default.sse_algorithm",
    ),
    ("bucket_key", "bucket_key_enabled"),
];
const CORS: &[(&str, &str)] = &[
    ("headers", "allowed_headers"),
    ("methods", "allowed_methods"),
    ("origins", "allowed_origins"),
    ("expose", "expose_headers"),
    ("age", "max_age_seconds"),
];
const LOCK: &[(&str, &str)] = &[
    ("mode", "rule.default_retention.mode"),
    ("days", "rule.default_retention.days"),
    ("years", "rule.default_retention.years"),
];

/// The pairs.
pub(super) const PAIRS: &[Pair] = &[
    Pair {
        wholes: BUCKETS,
        attribute: "policy",
        take: POLICY,
        parts: &[part("aws_s3_bucket_policy", "bucket", BUCKET, POLICY)],
    },
    Pair {
        wholes: BUCKETS,
        attribute: "versioning",
        take: Own(form::versioning),
        parts: &[part(
            "aws_s3_bucket_versioning",
            "bucket",
            BUCKET,
            Own(form::own_versioning),
        )],
    },
    Pair {
        wholes: BUCKETS,
        attribute: "server_side_encryption_configuration",
        take: Records("server_side_encryption_configuration.rule", SSE),
        parts: &[part(
            "aws_s3_bucket_server_side_encryption_configuration",
            "bucket",
            BUCKET,
            Records("rule", SSE),
        )],
    },
    Pair {
        wholes: BUCKETS,
        attribute: "lifecycle_rule",
        take: Own(form::lifecycle),
        parts: &[part(
            "aws_s3_bucket_lifecycle_configuration",
            "bucket",
            BUCKET,
            Own(form::own_lifecycle),
        )],
    },
    Pair {
        wholes: BUCKETS,
        attribute: "cors_rule",
        take: Records("cors_rule", CORS),
        parts: &[part(
            "aws_s3_bucket_cors_configuration",
            "bucket",
            BUCKET,
            Records("cors_rule", CORS),
        )],
    },
    Pair {
        wholes: BUCKETS,
        attribute: "logging",
        take: Records(
            "logging",
            &[("bucket", "target_bucket"), ("prefix", "target_prefix")],
        ),
        parts: &[part(
            "aws_s3_bucket_logging",
            "bucket",
            BUCKET,
            Record(&[("bucket", "target_bucket"), ("prefix", "target_prefix")]),
        )],
    },
    Pair {
        wholes: BUCKETS,
        attribute: "website",
        take: Own(form::website),
        parts: &[part(
            "aws_s3_bucket_website_configuration",
            "bucket",
            BUCKET,
            Own(form::own_website),
        )],
    },
    Pair {
        wholes: BUCKETS,
        attribute: "replication_configuration",
        take: Own(form::replication),
        parts: &[part(
            "aws_s3_bucket_replication_configuration",
            "bucket",
            BUCKET,
            Own(form::own_replication),
        )],
    },
    Pair {
        wholes: BUCKETS,
        attribute: "object_lock_configuration",
        take: Records("object_lock_configuration", LOCK),
        parts: &[part(
            "aws_s3_bucket_object_lock_configuration",
            "bucket",
            BUCKET,
            Record(LOCK),
        )],
    },
    Pair {
        wholes: BUCKETS,
        attribute: "request_payer",
        take: Each("request_payer"),
        parts: &[part(
            "aws_s3_bucket_request_payment_configuration",
            "bucket",
            BUCKET,
            Each("payer"),
        )],
    },
    Pair {
        wholes: BUCKETS,
        attribute: "acceleration_status",
        take: Each("acceleration_status"),
        parts: &[part(
            "aws_s3_bucket_accelerate_configuration",
            "bucket",
            BUCKET,
            Each("status"),
        )],
    },
    Pair {
        wholes: BUCKETS,
        attribute: "grant",
        take: Own(form::grants),
        parts: &[part(
            "aws_s3_bucket_acl",
            "bucket",
            BUCKET,
            Own(form::own_grants),
        )],
    },
    Pair {
        wholes: &["aws_s3_access_point"],
        attribute: "policy",
        take: POLICY,
        parts: &[part(
            "aws_s3control_access_point_policy",
            "access_point_arn",
            ARN,
            POLICY,
        )],
    },
];
