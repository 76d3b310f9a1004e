//! Policies of resources.

use super::pair::{ARN, ID, POLICY, Pair, part};
use crate::accounts::form::Take::Each;

/// The pairs.
pub(super) const PAIRS: &[Pair] = &[
    Pair {
        wholes: &["aws_sqs_queue"],
        attribute: "policy",
        take: POLICY,
        parts: &[part(
            "aws_sqs_queue_policy",
            "queue_url",
            &["id", "url"],
            POLICY,
        )],
    },
    Pair {
        wholes: &["aws_sqs_queue"],
        attribute: "redrive_policy",
        take: Each("redrive_policy"),
        parts: &[part(
            "aws_sqs_queue_redrive_policy",
            "queue_url",
            &["id", "url"],
            Each("redrive_policy"),
        )],
    },
    Pair {
        wholes: &["aws_sqs_queue"],
        attribute: "redrive_allow_policy",
        take: Each("redrive_allow_policy"),
        parts: &[part(
            "aws_sqs_queue_redrive_allow_policy",
            "queue_url",
            &["id", "url"],
            Each("redrive_allow_policy"),
        )],
    },
    Pair {
        wholes: &["aws_sns_topic"],
        attribute: "policy",
        take: POLICY,
        parts: &[part("aws_sns_topic_policy", "arn", ARN, POLICY)],
    },
    Pair {
        wholes: &["aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key"],
        attribute: "policy",
        take: POLICY,
        parts: &[part(
            "aws_kms_key_policy",
            "key_id",
            &["key_id", "id", "arn"],
            POLICY,
        )],
    },
    Pair {
        wholes: &["aws_secretsmanager_secret"],
        attribute: "policy",
        take: POLICY,
        parts: &[part(
            "aws_secretsmanager_secret_policy",
            "secret_arn",
            ARN,
            POLICY,
        )],
    },
    Pair {
        wholes: &["aws_opensearch_domain"],
        attribute: "access_policies",
        take: Each("access_policies"),
        parts: &[part(
            "aws_opensearch_domain_policy",
            "domain_name",
            &["domain_name"],
            Each("access_policies"),
        )],
    },
    Pair {
        wholes: &["aws_elasticsearch_domain"],
        attribute: "access_policies",
        take: Each("access_policies"),
        parts: &[part(
            "aws_elasticsearch_domain_policy",
            "domain_name",
            &["domain_name"],
            Each("access_policies"),
        )],
    },
    Pair {
        wholes: &["aws_api_gateway_rest_api"],
        attribute: "policy",
        take: POLICY,
        parts: &[part(
            "aws_api_gateway_rest_api_policy",
            "rest_api_id",
            ID,
            POLICY,
        )],
    },
    Pair {
        wholes: &["aws_api_gateway_stage"],
        attribute: "web_acl_arn",
        take: Each("web_acl_arn"),
        parts: &[part(
            "aws_wafv2_web_acl_association",
            "resource_arn",
            ARN,
            Each("web_acl_arn"),
        )],
    },
];
