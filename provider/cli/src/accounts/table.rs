//! Which attributes of hashicorp/aws repeat what other resources say.

use super::form::{self, Take};
use Take::{Each, Own, Record, Records};

/// An attribute of a whole, and the resources that account for it.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) wholes: &'static [&'static str],
    pub(super) attribute: &'static str,
    pub(super) take: Take,
    pub(super) parts: &'static [PartOf],
}

/// A type that is part of a whole.
#[derive(Debug)]
pub(super) struct PartOf {
    pub(super) resource_type: &'static str,
    /// Its attribute that names the whole.
    pub(super) refers: &'static str,
    /// Attributes of the whole that it may be named by.
    pub(super) names: &'static [&'static str],
    pub(super) take: Take,
}

const fn part(
    resource_type: &'static str,
    refers: &'static str,
    names: &'static [&'static str],
    take: Take,
) -> PartOf {
    PartOf {
        resource_type,
        refers,
        names,
        take,
    }
}

const ID: &[&str] = &["id"];
const NAME: &[&str] = &["name", "id"];
const ARN: &[&str] = &["arn", "id"];
const GLOBAL: &[&str] = &["global_cluster_identifier", "id"];
const BUCKET: &[&str] = &["bucket", "id"];

const BUCKETS: &[&str] = &["aws_s3_bucket"];
const GROUPS: &[&str] = &["aws_security_group", "aws_default_security_group"];
const TABLES: &[&str] = &["aws_route_table", "aws_default_route_table"];
const ACLS: &[&str] = &["aws_network_acl", "aws_default_network_acl"];
const ENDPOINTS: &[&str] = &["aws_vpc_endpoint"];
const SCALED: &[&str] = &["aws_autoscaling_group"];

const POLICY: Take = Each("policy");

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
const TAG: &[(&str, &str)] = &[
    ("key", "key"),
    ("value", "value"),
    ("propagate", "propagate_at_launch"),
];
const SOURCE: &[(&str, &str)] = &[("identifier", "identifier"), ("type", "type")];
const VOLUME: &[(&str, &str)] = &[("device", "device_name"), ("volume", "volume_id")];
const OPTIONS: &[(&str, &str)] = &[("dns", "allow_remote_vpc_dns_resolution")];

/// All pairs.
pub(super) const PAIRS: &[Pair] = &[
    // IAM.
    Pair {
        wholes: &["aws_iam_role"],
        attribute: "managed_policy_arns",
        take: Each("managed_policy_arns"),
        parts: &[
            part(
                "aws_iam_role_policy_attachment",
                "role",
                NAME,
                Each("policy_arn"),
            ),
            part(
                "aws_iam_policy_attachment",
                "roles",
                NAME,
                Each("policy_arn"),
            ),
            part(
                "aws_iam_role_policy_attachments_exclusive",
                "role_name",
                NAME,
                Each("policy_arns"),
            ),
        ],
    },
    Pair {
        wholes: &["aws_iam_role"],
        attribute: "inline_policy",
        take: Records("inline_policy", &[("name", "name"), ("policy", "policy")]),
        parts: &[part(
            "aws_iam_role_policy",
            "role",
            NAME,
            Record(&[("name", "name"), ("policy", "policy")]),
        )],
    },
    // Buckets.
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
    // Networks.
    Pair {
        wholes: GROUPS,
        attribute: "ingress",
        take: Own(|group, id| form::security_group_rules(form::find(group, "ingress"), id)),
        parts: &[
            part(
                "aws_vpc_security_group_ingress_rule",
                "security_group_id",
                ID,
                Own(form::ingress_rule),
            ),
            part(
                "aws_security_group_rule",
                "security_group_id",
                ID,
                Own(form::ingress_rule),
            ),
        ],
    },
    Pair {
        wholes: GROUPS,
        attribute: "egress",
        take: Own(|group, id| form::security_group_rules(form::find(group, "egress"), id)),
        parts: &[
            part(
                "aws_vpc_security_group_egress_rule",
                "security_group_id",
                ID,
                Own(form::egress_rule),
            ),
            part(
                "aws_security_group_rule",
                "security_group_id",
                ID,
                Own(form::egress_rule),
            ),
        ],
    },
    Pair {
        wholes: TABLES,
        attribute: "route",
        take: Own(form::routes),
        parts: &[part(
            "aws_route",
            "route_table_id",
            ID,
            Own(form::own_route),
        )],
    },
    Pair {
        wholes: TABLES,
        attribute: "propagating_vgws",
        take: Each("propagating_vgws"),
        parts: &[part(
            "aws_vpn_gateway_route_propagation",
            "route_table_id",
            ID,
            Each("vpn_gateway_id"),
        )],
    },
    Pair {
        wholes: ACLS,
        attribute: "ingress",
        take: Own(|acl, _| form::acl_entries(form::find(acl, "ingress"))),
        parts: &[part(
            "aws_network_acl_rule",
            "network_acl_id",
            ID,
            Own(|rule, _| form::own_acl_entry(rule, false)),
        )],
    },
    Pair {
        wholes: ACLS,
        attribute: "egress",
        take: Own(|acl, _| form::acl_entries(form::find(acl, "egress"))),
        parts: &[part(
            "aws_network_acl_rule",
            "network_acl_id",
            ID,
            Own(|rule, _| form::own_acl_entry(rule, true)),
        )],
    },
    Pair {
        wholes: ACLS,
        attribute: "subnet_ids",
        take: Each("subnet_ids"),
        parts: &[part(
            "aws_network_acl_association",
            "network_acl_id",
            ID,
            Each("subnet_id"),
        )],
    },
    Pair {
        wholes: ENDPOINTS,
        attribute: "policy",
        take: POLICY,
        parts: &[part(
            "aws_vpc_endpoint_policy",
            "vpc_endpoint_id",
            ID,
            POLICY,
        )],
    },
    Pair {
        wholes: ENDPOINTS,
        attribute: "route_table_ids",
        take: Each("route_table_ids"),
        parts: &[part(
            "aws_vpc_endpoint_route_table_association",
            "vpc_endpoint_id",
            ID,
            Each("route_table_id"),
        )],
    },
    Pair {
        wholes: ENDPOINTS,
        attribute: "subnet_ids",
        take: Each("subnet_ids"),
        parts: &[part(
            "aws_vpc_endpoint_subnet_association",
            "vpc_endpoint_id",
            ID,
            Each("subnet_id"),
        )],
    },
    Pair {
        wholes: ENDPOINTS,
        attribute: "security_group_ids",
        take: Each("security_group_ids"),
        parts: &[part(
            "aws_vpc_endpoint_security_group_association",
            "vpc_endpoint_id",
            ID,
            Each("security_group_id"),
        )],
    },
    Pair {
        wholes: ENDPOINTS,
        attribute: "private_dns_enabled",
        take: Each("private_dns_enabled"),
        parts: &[part(
            "aws_vpc_endpoint_private_dns",
            "vpc_endpoint_id",
            ID,
            Each("private_dns_enabled"),
        )],
    },
    Pair {
        wholes: &["aws_vpc_endpoint_service"],
        attribute: "allowed_principals",
        take: Each("allowed_principals"),
        parts: &[part(
            "aws_vpc_endpoint_service_allowed_principal",
            "vpc_endpoint_service_id",
            ID,
            Each("principal_arn"),
        )],
    },
    Pair {
        wholes: &["aws_vpn_connection"],
        attribute: "routes",
        take: Records("routes", &[("to", "destination_cidr_block")]),
        parts: &[part(
            "aws_vpn_connection_route",
            "vpn_connection_id",
            ID,
            Record(&[("to", "destination_cidr_block")]),
        )],
    },
    Pair {
        wholes: &["aws_ec2_managed_prefix_list"],
        attribute: "entry",
        take: Records("entry", &[("cidr", "cidr"), ("description", "description")]),
        parts: &[part(
            "aws_ec2_managed_prefix_list_entry",
            "prefix_list_id",
            ID,
            Record(&[("cidr", "cidr"), ("description", "description")]),
        )],
    },
    Pair {
        wholes: &[
            "aws_vpc_peering_connection",
            "aws_vpc_peering_connection_accepter",
        ],
        attribute: "accepter",
        take: Records("accepter", OPTIONS),
        parts: &[part(
            "aws_vpc_peering_connection_options",
            "vpc_peering_connection_id",
            ID,
            Records("accepter", OPTIONS),
        )],
    },
    Pair {
        wholes: &[
            "aws_vpc_peering_connection",
            "aws_vpc_peering_connection_accepter",
        ],
        attribute: "requester",
        take: Records("requester", OPTIONS),
        parts: &[part(
            "aws_vpc_peering_connection_options",
            "vpc_peering_connection_id",
            ID,
            Records("requester", OPTIONS),
        )],
    },
    Pair {
        wholes: &["aws_internet_gateway"],
        attribute: "vpc_id",
        take: Each("vpc_id"),
        parts: &[part(
            "aws_internet_gateway_attachment",
            "internet_gateway_id",
            ID,
            Each("vpc_id"),
        )],
    },
    Pair {
        wholes: &["aws_vpn_gateway"],
        attribute: "vpc_id",
        take: Each("vpc_id"),
        parts: &[part(
            "aws_vpn_gateway_attachment",
            "vpn_gateway_id",
            ID,
            Each("vpc_id"),
        )],
    },
    Pair {
        wholes: &["aws_vpc", "aws_default_vpc"],
        attribute: "dhcp_options_id",
        take: Each("dhcp_options_id"),
        parts: &[part(
            "aws_vpc_dhcp_options_association",
            "vpc_id",
            ID,
            Each("dhcp_options_id"),
        )],
    },
    Pair {
        wholes: &["aws_vpc", "aws_default_vpc"],
        attribute: "main_route_table_id",
        take: Each("main_route_table_id"),
        parts: &[part(
            "aws_main_route_table_association",
            "vpc_id",
            ID,
            Each("route_table_id"),
        )],
    },
    // Instances.
    Pair {
        wholes: &["aws_instance"],
        attribute: "vpc_security_group_ids",
        take: Each("vpc_security_group_ids"),
        parts: &[part(
            "aws_network_interface_sg_attachment",
            "network_interface_id",
            &["primary_network_interface_id"],
            Each("security_group_id"),
        )],
    },
    Pair {
        wholes: &["aws_instance"],
        attribute: "ebs_block_device",
        take: Records("ebs_block_device", VOLUME),
        parts: &[part(
            "aws_volume_attachment",
            "instance_id",
            ID,
            Record(VOLUME),
        )],
    },
    Pair {
        wholes: &["aws_network_interface"],
        attribute: "security_groups",
        take: Each("security_groups"),
        parts: &[part(
            "aws_network_interface_sg_attachment",
            "network_interface_id",
            ID,
            Each("security_group_id"),
        )],
    },
    Pair {
        wholes: &["aws_network_interface"],
        attribute: "attachment",
        take: Records(
            "attachment",
            &[("instance", "instance"), ("index", "device_index")],
        ),
        parts: &[part(
            "aws_network_interface_attachment",
            "network_interface_id",
            ID,
            Record(&[("instance", "instance_id"), ("index", "device_index")]),
        )],
    },
    Pair {
        wholes: &["aws_eip"],
        attribute: "instance",
        take: Each("instance"),
        parts: &[part(
            "aws_eip_association",
            "allocation_id",
            &["allocation_id", "id"],
            Each("instance_id"),
        )],
    },
    Pair {
        wholes: &["aws_eip"],
        attribute: "association_id",
        take: Each("association_id"),
        parts: &[
            part(
                "aws_eip_association",
                "allocation_id",
                &["allocation_id", "id"],
                Each("id"),
            ),
            part(
                "aws_nat_gateway",
                "allocation_id",
                &["allocation_id", "id"],
                Each("association_id"),
            ),
        ],
    },
    Pair {
        wholes: &["aws_eip"],
        attribute: "network_interface",
        take: Each("network_interface"),
        parts: &[
            part(
                "aws_eip_association",
                "allocation_id",
                &["allocation_id", "id"],
                Each("network_interface_id"),
            ),
            part(
                "aws_nat_gateway",
                "allocation_id",
                &["allocation_id", "id"],
                Each("network_interface_id"),
            ),
        ],
    },
    // Groups of instances and their load balancers.
    Pair {
        wholes: SCALED,
        attribute: "target_group_arns",
        take: Each("target_group_arns"),
        parts: &[
            part(
                "aws_autoscaling_attachment",
                "autoscaling_group_name",
                NAME,
                Each("lb_target_group_arn"),
            ),
            part(
                "aws_autoscaling_traffic_source_attachment",
                "autoscaling_group_name",
                NAME,
                Each("traffic_source.identifier"),
            ),
        ],
    },
    Pair {
        wholes: SCALED,
        attribute: "load_balancers",
        take: Each("load_balancers"),
        parts: &[part(
            "aws_autoscaling_attachment",
            "autoscaling_group_name",
            NAME,
            Each("elb"),
        )],
    },
    Pair {
        wholes: SCALED,
        attribute: "traffic_source",
        take: Records("traffic_source", SOURCE),
        parts: &[
            part(
                "aws_autoscaling_traffic_source_attachment",
                "autoscaling_group_name",
                NAME,
                Records("traffic_source", SOURCE),
            ),
            part(
                "aws_autoscaling_attachment",
                "autoscaling_group_name",
                NAME,
                Own(form::own_sources),
            ),
        ],
    },
    Pair {
        wholes: SCALED,
        attribute: "tag",
        take: Records("tag", TAG),
        parts: &[part(
            "aws_autoscaling_group_tag",
            "autoscaling_group_name",
            NAME,
            Records("tag", TAG),
        )],
    },
    Pair {
        wholes: &["aws_elb"],
        attribute: "instances",
        take: Each("instances"),
        parts: &[part("aws_elb_attachment", "elb", NAME, Each("instance"))],
    },
    // Policies of other services.
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
    // Clusters and databases.
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
    // Names.
    Pair {
        wholes: &["aws_route53_zone"],
        attribute: "vpc",
        take: Records("vpc", &[("vpc", "vpc_id")]),
        parts: &[part(
            "aws_route53_zone_association",
            "zone_id",
            &["zone_id", "id"],
            Record(&[("vpc", "vpc_id")]),
        )],
    },
    Pair {
        wholes: &["aws_cognito_user_pool"],
        attribute: "domain",
        take: Each("domain"),
        parts: &[part(
            "aws_cognito_user_pool_domain",
            "user_pool_id",
            ID,
            Each("domain"),
        )],
    },
    Pair {
        wholes: &["aws_cognito_user_pool"],
        attribute: "custom_domain",
        take: Each("custom_domain"),
        parts: &[part(
            "aws_cognito_user_pool_domain",
            "user_pool_id",
            ID,
            Each("domain"),
        )],
    },
];

const STRATEGY: &[(&str, &str)] = &[
    ("provider", "capacity_provider"),
    ("weight", "weight"),
    ("base", "base"),
];

/// The rows of the guide's table: attributes of wholes, and the resources that account for them.
#[cfg(test)]
pub(super) fn guide_rows() -> impl Iterator<Item = String> {
    PAIRS.iter().map(|pair| {
        let wholes = pair
            .wholes
            .iter()
            .map(|whole| format!("`{whole}.{}`", pair.attribute));
        let parts = pair
            .parts
            .iter()
            .map(|of| format!("`{}`", of.resource_type));
        let join = |names: Vec<String>| names.join(", ");
        format!("| {} | {} |", join(wholes.collect()), join(parts.collect()))
    })
}
