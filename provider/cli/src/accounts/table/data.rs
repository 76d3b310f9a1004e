//! Clusters and databases.

use super::pair::{Pair, part};
use crate::accounts::form::Take::{Each, Record, Records};

const GLOBAL: &[&str] = &["global_cluster_identifier", "id"];
const STRATEGY: &[(&str, &str)] = &[
    ("provider", "capacity_provider"),
    ("weight", "weight"),
    ("base", "base"),
];

/// The pairs.
pub(super) const PAIRS: &[Pair] = &[
    Pair {
        wholes: &["aws_ecs_cluster"],
        attribute: "capacity_providers",
        take: Each("capacity_providers"),
        parts: &[part(
            "aws_ecs_cluster_capacity_providers",
            "cluster_name",
            &["name"],
            Each("capacity_providers"),
        )],
    },
    Pair {
        wholes: &["aws_ecs_cluster"],
        attribute: "default_capacity_provider_strategy",
        take: Records("default_capacity_provider_strategy", STRATEGY),
        parts: &[part(
            "aws_ecs_cluster_capacity_providers",
            "cluster_name",
            &["name"],
            Records("default_capacity_provider_strategy", STRATEGY),
        )],
    },
    Pair {
        wholes: &["aws_rds_cluster"],
        attribute: "iam_roles",
        take: Each("iam_roles"),
        parts: &[part(
            "aws_rds_cluster_role_association",
            "db_cluster_identifier",
            &["cluster_identifier", "id"],
            Each("role_arn"),
        )],
    },
    Pair {
        wholes: &["aws_rds_cluster"],
        attribute: "cluster_members",
        take: Each("cluster_members"),
        parts: &[part(
            "aws_rds_cluster_instance",
            "cluster_identifier",
            &["cluster_identifier", "id"],
            Each("identifier"),
        )],
    },
    Pair {
        wholes: &["aws_docdb_cluster"],
        attribute: "cluster_members",
        take: Each("cluster_members"),
        parts: &[part(
            "aws_docdb_cluster_instance",
            "cluster_identifier",
            &["cluster_identifier", "id"],
            Each("identifier"),
        )],
    },
    Pair {
        wholes: &["aws_neptune_cluster"],
        attribute: "cluster_members",
        take: Each("cluster_members"),
        parts: &[part(
            "aws_neptune_cluster_instance",
            "cluster_identifier",
            &["cluster_identifier", "id"],
            Each("identifier"),
        )],
    },
    Pair {
        wholes: &["aws_redshift_cluster"],
        attribute: "iam_roles",
        take: Each("iam_roles"),
        parts: &[part(
            "aws_redshift_cluster_iam_roles",
            "cluster_identifier",
            &["cluster_identifier", "id"],
            Each("iam_role_arns"),
        )],
    },
    Pair {
        wholes: &["aws_elasticache_user_group"],
        attribute: "user_ids",
        take: Each("user_ids"),
        parts: &[part(
            "aws_elasticache_user_group_association",
            "user_group_id",
            &["user_group_id", "id"],
            Each("user_id"),
        )],
    },
    Pair {
        wholes: &["aws_rds_global_cluster"],
        attribute: "global_cluster_members",
        take: Records("global_cluster_members", &[("arn", "db_cluster_arn")]),
        parts: &[part(
            "aws_rds_cluster",
            "global_cluster_identifier",
            GLOBAL,
            Record(&[("arn", "arn")]),
        )],
    },
    Pair {
        wholes: &["aws_docdb_global_cluster"],
        attribute: "global_cluster_members",
        take: Records("global_cluster_members", &[("arn", "db_cluster_arn")]),
        parts: &[part(
            "aws_docdb_cluster",
            "global_cluster_identifier",
            GLOBAL,
            Record(&[("arn", "arn")]),
        )],
    },
    Pair {
        wholes: &["aws_neptune_global_cluster"],
        attribute: "global_cluster_members",
        take: Records("global_cluster_members", &[("arn", "db_cluster_arn")]),
        parts: &[part(
            "aws_neptune_cluster",
            "global_cluster_identifier",
            GLOBAL,
            Record(&[("arn", "arn")]),
        )],
    },
    Pair {
        wholes: &["aws_elasticache_replication_group"],
        attribute: "member_clusters",
        take: Each("member_clusters"),
        parts: &[part(
            "aws_elasticache_cluster",
            "replication_group_id",
            &["replication_group_id", "id"],
            Each("cluster_id"),
        )],
    },
    Pair {
        wholes: &["aws_db_instance"],
        attribute: "replicas",
        take: Each("replicas"),
        parts: &[part(
            "aws_db_instance",
            "replicate_source_db",
            &["identifier", "arn"],
            Each("identifier"),
        )],
    },
];
