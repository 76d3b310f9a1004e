use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;

/// For each pair: the whole, its names, its attribute as its part makes it, the same with something nobody accounts
/// for, and the part.
struct Sample {
    whole: &'static str,
    attribute: &'static str,
    names: Value,
    after: Value,
    more: Value,
    part: &'static str,
    values: Value,
}

macro_rules! sample {
    ($whole:literal . $attribute:literal, $names:tt, $after:tt, $more:tt, $part:literal, $values:tt) => {
        Sample {
            whole: $whole,
            attribute: $attribute,
            names: json!($names),
            after: json!($after),
            more: json!($more),
            part: $part,
            values: json!($values),
        }
    };
}

const OPEN: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*"}]}"#;
const SHUT: &str =
    r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":["*"]},"Version":"2012-10-17"}"#;
/// The same document as AWS may write it.
const SHUT_TOO: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Action":"*","Effect":"Deny","Principal":"*"}]}"#;

#[rustfmt::skip]
fn samples() -> Vec<Sample> {
    let mut samples = vec![
        sample!("aws_iam_role"."managed_policy_arns", {"name": "r"}, ["p"], ["p", "admin"],
            "aws_iam_role_policy_attachment", {"role": "r", "policy_arn": "p"}),
        sample!("aws_iam_role"."managed_policy_arns", {"name": "r"}, ["p"], ["p", "admin"],
            "aws_iam_policy_attachment", {"roles": ["q", "r"], "policy_arn": "p"}),
        sample!("aws_iam_role"."managed_policy_arns", {"name": "r"}, ["p", "q"], ["p", "admin"],
            "aws_iam_role_policy_attachments_exclusive", {"role_name": "r", "policy_arns": ["p", "q"]}),
        sample!("aws_iam_role"."inline_policy", {"id": "r"}, [{"name": "i", "policy": SHUT_TOO}], [{"name": "i", "policy": OPEN}],
            "aws_iam_role_policy", {"role": "r", "name": "i", "policy": SHUT}),
        sample!("aws_s3_bucket"."versioning", {"bucket": "b"}, [{"enabled": true, "mfa_delete": false}], [{"enabled": false, "mfa_delete": false}],
            "aws_s3_bucket_versioning", {"bucket": "b", "versioning_configuration": [{"status": "Enabled", "mfa_delete": ""}]}),
        sample!("aws_s3_bucket"."server_side_encryption_configuration", {"bucket": "b"},
            [{"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": "k"}], "bucket_key_enabled": false}]}],
            [{"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256", "kms_master_key_id": ""}]}]}],
            "aws_s3_bucket_server_side_encryption_configuration",
            {"bucket": "b", "rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": "k"}], "bucket_key_enabled": null}]}),
        sample!("aws_s3_bucket"."lifecycle_rule", {"bucket": "b"},
            [{"id": "old", "enabled": true, "prefix": "logs/", "tags": {}, "abort_incomplete_multipart_upload_days": 7,
              "expiration": [{"days": 30, "date": "", "expired_object_delete_marker": false}],
              "transition": [], "noncurrent_version_expiration": [{"days": 90}], "noncurrent_version_transition": []}],
            [{"id": "old", "enabled": true, "prefix": "logs/", "expiration": [{"days": 1}]}],
            "aws_s3_bucket_lifecycle_configuration",
            {"bucket": "b", "rule": [{"id": "old", "status": "Enabled", "prefix": "", "filter": [{"prefix": "logs/", "and": [], "tag": []}],
              "abort_incomplete_multipart_upload": [{"days_after_initiation": 7}],
              "expiration": [{"days": 30, "date": null, "expired_object_delete_marker": false}],
              "noncurrent_version_expiration": [{"noncurrent_days": 90, "newer_noncurrent_versions": null}]}]}),
        sample!("aws_s3_bucket"."cors_rule", {"bucket": "b"},
            [{"allowed_headers": [], "allowed_methods": ["GET"], "allowed_origins": ["https://a.example"], "expose_headers": [], "max_age_seconds": 60}],
            [{"allowed_methods": ["GET"], "allowed_origins": ["*"], "max_age_seconds": 60}],
            "aws_s3_bucket_cors_configuration",
            {"bucket": "b", "cors_rule": [{"allowed_methods": ["GET"], "allowed_origins": ["https://a.example"], "max_age_seconds": 60}]}),
        sample!("aws_s3_bucket"."logging", {"bucket": "b"}, [{"target_bucket": "l", "target_prefix": "p/"}], [{"target_bucket": "other", "target_prefix": "p/"}],
            "aws_s3_bucket_logging", {"bucket": "b", "target_bucket": "l", "target_prefix": "p/"}),
        sample!("aws_s3_bucket"."website", {"bucket": "b"},
            [{"index_document": "i.html", "error_document": "", "redirect_all_requests_to": "", "routing_rules": ""}],
            [{"index_document": "i.html", "error_document": "evil.html"}],
            "aws_s3_bucket_website_configuration", {"bucket": "b", "index_document": [{"suffix": "i.html"}], "error_document": []}),
        sample!("aws_s3_bucket"."replication_configuration", {"bucket": "b"},
            [{"role": "r", "rules": [{"id": "all", "status": "Enabled", "destination": [{"bucket": "copy", "storage_class": ""}]}]}],
            [{"role": "r", "rules": [{"id": "all", "status": "Enabled", "destination": [{"bucket": "evil"}]}]}],
            "aws_s3_bucket_replication_configuration",
            {"bucket": "b", "role": "r", "rule": [{"id": "all", "status": "Enabled", "destination": [{"bucket": "copy"}]}]}),
        sample!("aws_s3_bucket"."object_lock_configuration", {"bucket": "b"},
            [{"object_lock_enabled": "Enabled", "rule": [{"default_retention": [{"mode": "GOVERNANCE", "days": 30, "years": null}]}]}],
            [{"object_lock_enabled": "Enabled", "rule": [{"default_retention": [{"mode": "GOVERNANCE", "days": 1}]}]}],
            "aws_s3_bucket_object_lock_configuration",
            {"bucket": "b", "rule": [{"default_retention": [{"mode": "GOVERNANCE", "days": 30, "years": null}]}]}),
        sample!("aws_s3_bucket"."request_payer", {"bucket": "b"}, "Requester", "BucketOwner",
            "aws_s3_bucket_request_payment_configuration", {"bucket": "b", "payer": "Requester"}),
        sample!("aws_s3_bucket"."acceleration_status", {"bucket": "b"}, "Enabled", "Suspended",
            "aws_s3_bucket_accelerate_configuration", {"bucket": "b", "status": "Enabled"}),
        sample!("aws_s3_bucket"."grant", {"bucket": "b"},
            [{"id": "me", "type": "CanonicalUser", "uri": "", "permissions": ["FULL_CONTROL"]}],
            [{"id": "", "type": "Group", "uri": "http://acs.amazonaws.com/groups/global/AllUsers", "permissions": ["READ"]}],
            "aws_s3_bucket_acl",
            {"bucket": "b", "access_control_policy": [{"grant": [{"grantee": [{"id": "me", "type": "CanonicalUser", "uri": ""}], "permission": "FULL_CONTROL"}]}]}),
        sample!("aws_security_group"."ingress", {"id": "sg-1"},
            [{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.0.0/8"], "security_groups": [], "self": false, "description": "x"}],
            [{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}],
            "aws_vpc_security_group_ingress_rule",
            {"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": "10.0.0.0/8"}),
        sample!("aws_security_group"."ingress", {"id": "sg-1"},
            [{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": [], "self": true, "security_groups": ["sg-2"]}],
            [{"protocol": "-1", "from_port": 0, "to_port": 0, "self": true, "security_groups": ["sg-3"]}],
            "aws_security_group_rule",
            {"security_group_id": "sg-1", "type": "ingress", "protocol": "all", "from_port": 0, "to_port": 65535, "self": true, "source_security_group_id": "sg-2"}),
        sample!("aws_default_security_group"."egress", {"id": "sg-1"},
            [{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": []}],
            [{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": ["::/0"]}],
            "aws_vpc_security_group_egress_rule",
            {"security_group_id": "sg-1", "ip_protocol": "-1", "from_port": null, "to_port": null, "cidr_ipv4": "0.0.0.0/0"}),
        sample!("aws_security_group"."egress", {"id": "sg-1"},
            [{"protocol": "udp", "from_port": 53, "to_port": 53, "prefix_list_ids": ["pl-1"]}],
            [{"protocol": "udp", "from_port": 0, "to_port": 53, "prefix_list_ids": ["pl-1"]}],
            "aws_security_group_rule",
            {"security_group_id": "sg-1", "type": "egress", "protocol": "17", "from_port": 53, "to_port": 53, "prefix_list_ids": ["pl-1"]}),
        sample!("aws_route_table"."route", {"id": "rtb-1"},
            [{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1", "nat_gateway_id": ""}],
            [{"cidr_block": "0.0.0.0/0", "gateway_id": "", "nat_gateway_id": "nat-1"}],
            "aws_route", {"route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1", "state": "active"}),
        sample!("aws_route_table"."propagating_vgws", {"id": "rtb-1"}, ["vgw-1"], ["vgw-1", "vgw-2"],
            "aws_vpn_gateway_route_propagation", {"route_table_id": "rtb-1", "vpn_gateway_id": "vgw-1"}),
        sample!("aws_network_acl"."ingress", {"id": "acl-1"},
            [{"rule_no": 100, "protocol": "6", "action": "allow", "cidr_block": "10.0.0.0/8", "ipv6_cidr_block": "", "from_port": 443, "to_port": 443, "icmp_type": 0, "icmp_code": 0}],
            [{"rule_no": 90, "protocol": "-1", "action": "allow", "cidr_block": "0.0.0.0/0", "from_port": 0, "to_port": 0}],
            "aws_network_acl_rule",
            {"network_acl_id": "acl-1", "egress": false, "rule_number": 100, "protocol": "tcp", "rule_action": "allow", "cidr_block": "10.0.0.0/8", "from_port": 443, "to_port": 443, "icmp_type": null}),
        sample!("aws_network_acl"."egress", {"id": "acl-1"},
            [{"rule_no": 100, "protocol": "-1", "action": "deny", "cidr_block": "0.0.0.0/0", "from_port": 0, "to_port": 0}],
            [{"rule_no": 100, "protocol": "-1", "action": "allow", "cidr_block": "0.0.0.0/0", "from_port": 0, "to_port": 0}],
            "aws_network_acl_rule",
            {"network_acl_id": "acl-1", "egress": true, "rule_number": 100, "protocol": "-1", "rule_action": "deny", "cidr_block": "0.0.0.0/0", "from_port": null}),
        sample!("aws_network_acl"."subnet_ids", {"id": "acl-1"}, ["subnet-1"], ["subnet-1", "subnet-2"],
            "aws_network_acl_association", {"network_acl_id": "acl-1", "subnet_id": "subnet-1"}),
        sample!("aws_vpc_endpoint"."route_table_ids", {"id": "vpce-1"}, ["rtb-1"], ["rtb-2"],
            "aws_vpc_endpoint_route_table_association", {"vpc_endpoint_id": "vpce-1", "route_table_id": "rtb-1"}),
        sample!("aws_vpc_endpoint"."subnet_ids", {"id": "vpce-1"}, ["subnet-1"], ["subnet-2"],
            "aws_vpc_endpoint_subnet_association", {"vpc_endpoint_id": "vpce-1", "subnet_id": "subnet-1"}),
        sample!("aws_vpc_endpoint"."security_group_ids", {"id": "vpce-1"}, ["sg-1"], ["sg-2"],
            "aws_vpc_endpoint_security_group_association", {"vpc_endpoint_id": "vpce-1", "security_group_id": "sg-1"}),
        sample!("aws_vpc_endpoint"."private_dns_enabled", {"id": "vpce-1"}, true, "changed",
            "aws_vpc_endpoint_private_dns", {"vpc_endpoint_id": "vpce-1", "private_dns_enabled": true}),
        sample!("aws_ec2_managed_prefix_list"."entry", {"id": "pl-1"}, [{"cidr": "10.0.0.0/8", "description": ""}], [{"cidr": "0.0.0.0/0", "description": ""}],
            "aws_ec2_managed_prefix_list_entry", {"prefix_list_id": "pl-1", "cidr": "10.0.0.0/8", "description": null}),
        sample!("aws_vpc_peering_connection"."accepter", {"id": "pcx-1"}, [{"allow_remote_vpc_dns_resolution": true}], [{"allow_remote_vpc_dns_resolution": "other"}],
            "aws_vpc_peering_connection_options", {"vpc_peering_connection_id": "pcx-1", "accepter": [{"allow_remote_vpc_dns_resolution": true}]}),
        sample!("aws_vpc_peering_connection_accepter"."requester", {"id": "pcx-1"}, [{"allow_remote_vpc_dns_resolution": true}], [{"allow_remote_vpc_dns_resolution": "other"}],
            "aws_vpc_peering_connection_options", {"vpc_peering_connection_id": "pcx-1", "requester": [{"allow_remote_vpc_dns_resolution": true}]}),
        sample!("aws_internet_gateway"."vpc_id", {"id": "igw-1"}, "vpc-1", "vpc-2",
            "aws_internet_gateway_attachment", {"internet_gateway_id": "igw-1", "vpc_id": "vpc-1"}),
        sample!("aws_vpn_gateway"."vpc_id", {"id": "vgw-1"}, "vpc-1", "vpc-2",
            "aws_vpn_gateway_attachment", {"vpn_gateway_id": "vgw-1", "vpc_id": "vpc-1"}),
        sample!("aws_vpc"."dhcp_options_id", {"id": "vpc-1"}, "dopt-1", "dopt-2",
            "aws_vpc_dhcp_options_association", {"vpc_id": "vpc-1", "dhcp_options_id": "dopt-1"}),
        sample!("aws_vpc"."main_route_table_id", {"id": "vpc-1"}, "rtb-1", "rtb-2",
            "aws_main_route_table_association", {"vpc_id": "vpc-1", "route_table_id": "rtb-1"}),
        sample!("aws_instance"."vpc_security_group_ids", {"primary_network_interface_id": "eni-1"}, ["sg-1"], ["sg-1", "sg-2"],
            "aws_network_interface_sg_attachment", {"network_interface_id": "eni-1", "security_group_id": "sg-1"}),
        sample!("aws_instance"."ebs_block_device", {"id": "i-1"}, [{"device_name": "/dev/sdh", "volume_id": "vol-1", "volume_size": 10}], [{"device_name": "/dev/sdh", "volume_id": "vol-2"}],
            "aws_volume_attachment", {"instance_id": "i-1", "device_name": "/dev/sdh", "volume_id": "vol-1"}),
        sample!("aws_network_interface"."security_groups", {"id": "eni-1"}, ["sg-1"], ["sg-1", "sg-2"],
            "aws_network_interface_sg_attachment", {"network_interface_id": "eni-1", "security_group_id": "sg-1"}),
        sample!("aws_network_interface"."attachment", {"id": "eni-1"}, [{"instance": "i-1", "device_index": 1, "attachment_id": "a"}], [{"instance": "i-2", "device_index": 1}],
            "aws_network_interface_attachment", {"network_interface_id": "eni-1", "instance_id": "i-1", "device_index": 1}),
        sample!("aws_eip"."instance", {"allocation_id": "eipalloc-1"}, "i-1", "i-2",
            "aws_eip_association", {"allocation_id": "eipalloc-1", "instance_id": "i-1", "id": "eipassoc-1", "network_interface_id": "eni-1"}),
        sample!("aws_eip"."association_id", {"allocation_id": "eipalloc-1"}, "eipassoc-1", "eipassoc-2",
            "aws_eip_association", {"allocation_id": "eipalloc-1", "instance_id": "i-1", "id": "eipassoc-1", "network_interface_id": "eni-1"}),
        sample!("aws_eip"."association_id", {"id": "eipalloc-1"}, "eipassoc-1", "eipassoc-2",
            "aws_nat_gateway", {"allocation_id": "eipalloc-1", "association_id": "eipassoc-1", "network_interface_id": "eni-1"}),
        sample!("aws_eip"."network_interface", {"id": "eipalloc-1"}, "eni-1", "eni-2",
            "aws_nat_gateway", {"allocation_id": "eipalloc-1", "association_id": "eipassoc-1", "network_interface_id": "eni-1"}),
        sample!("aws_eip"."network_interface", {"id": "eipalloc-1"}, "eni-1", "eni-2",
            "aws_eip_association", {"allocation_id": "eipalloc-1", "network_interface_id": "eni-1"}),
        sample!("aws_autoscaling_group"."target_group_arns", {"name": "g"}, ["tg"], ["tg", "other"],
            "aws_autoscaling_attachment", {"autoscaling_group_name": "g", "lb_target_group_arn": "tg", "elb": null}),
        sample!("aws_autoscaling_group"."target_group_arns", {"name": "g"}, ["tg"], ["tg", "other"],
            "aws_autoscaling_traffic_source_attachment", {"autoscaling_group_name": "g", "traffic_source": [{"identifier": "tg", "type": "elbv2"}]}),
        sample!("aws_autoscaling_group"."load_balancers", {"name": "g"}, ["lb"], ["other"],
            "aws_autoscaling_attachment", {"autoscaling_group_name": "g", "elb": "lb"}),
        sample!("aws_autoscaling_group"."traffic_source", {"name": "g"}, [{"identifier": "tg", "type": "elbv2"}], [{"identifier": "other", "type": "elbv2"}],
            "aws_autoscaling_traffic_source_attachment", {"autoscaling_group_name": "g", "traffic_source": [{"identifier": "tg", "type": "elbv2"}]}),
        sample!("aws_autoscaling_group"."traffic_source", {"name": "g"}, [{"identifier": "tg", "type": "elbv2"}], [{"identifier": "other", "type": "elbv2"}],
            "aws_autoscaling_attachment", {"autoscaling_group_name": "g", "lb_target_group_arn": "tg"}),
        sample!("aws_autoscaling_group"."tag", {"name": "g"}, [{"key": "a", "value": "1", "propagate_at_launch": true}], [{"key": "a", "value": "2", "propagate_at_launch": true}],
            "aws_autoscaling_group_tag", {"autoscaling_group_name": "g", "tag": [{"key": "a", "value": "1", "propagate_at_launch": true}]}),
        sample!("aws_appautoscaling_policy"."alarm_arns", {"arn": "p"}, ["a"], ["a", "b"],
            "aws_cloudwatch_metric_alarm", {"arn": "a", "alarm_actions": ["topic", "p"]}),
        sample!("aws_appautoscaling_policy"."alarm_arns", {"arn": "p"}, ["a"], ["a", "b"],
            "aws_cloudwatch_metric_alarm", {"arn": "a", "ok_actions": ["p"]}),
        sample!("aws_appautoscaling_policy"."alarm_arns", {"arn": "p"}, ["a"], ["a", "b"],
            "aws_cloudwatch_metric_alarm", {"arn": "a", "insufficient_data_actions": ["p"]}),
        sample!("aws_elb"."instances", {"name": "lb"}, ["i-1"], ["i-1", "i-2"],
            "aws_elb_attachment", {"elb": "lb", "instance": "i-1"}),
        sample!("aws_sqs_queue"."redrive_policy", {"url": "q"}, "{\"maxReceiveCount\":4,\"deadLetterTargetArn\":\"d\"}", "{\"maxReceiveCount\":9}",
            "aws_sqs_queue_redrive_policy", {"queue_url": "q", "redrive_policy": "{\"deadLetterTargetArn\":\"d\",\"maxReceiveCount\":4}"}),
        sample!("aws_sqs_queue"."redrive_allow_policy", {"url": "q"}, "{\"redrivePermission\":\"denyAll\"}", "{\"redrivePermission\":\"allowAll\"}",
            "aws_sqs_queue_redrive_allow_policy", {"queue_url": "q", "redrive_allow_policy": "{\"redrivePermission\":\"denyAll\"}"}),
        sample!("aws_api_gateway_stage"."web_acl_arn", {"arn": "stage"}, "acl", "other",
            "aws_wafv2_web_acl_association", {"resource_arn": "stage", "web_acl_arn": "acl"}),
        sample!("aws_ecs_cluster"."capacity_providers", {"name": "c"}, ["FARGATE"], ["FARGATE", "FARGATE_SPOT"],
            "aws_ecs_cluster_capacity_providers", {"cluster_name": "c", "capacity_providers": ["FARGATE"]}),
        sample!("aws_ecs_cluster"."default_capacity_provider_strategy", {"name": "c"},
            [{"capacity_provider": "FARGATE", "weight": 1, "base": 0}], [{"capacity_provider": "FARGATE_SPOT", "weight": 1}],
            "aws_ecs_cluster_capacity_providers",
            {"cluster_name": "c", "default_capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 1, "base": 0}]}),
        sample!("aws_rds_cluster"."iam_roles", {"cluster_identifier": "db"}, ["r"], ["r", "admin"],
            "aws_rds_cluster_role_association", {"db_cluster_identifier": "db", "role_arn": "r"}),
        sample!("aws_redshift_cluster"."iam_roles", {"cluster_identifier": "db"}, ["r"], ["r", "admin"],
            "aws_redshift_cluster_iam_roles", {"cluster_identifier": "db", "iam_role_arns": ["r"]}),
        sample!("aws_elasticache_user_group"."user_ids", {"user_group_id": "g"}, ["default", "u"], ["default", "u", "evil"],
            "aws_elasticache_user_group_association", {"user_group_id": "g", "user_id": "u"}),
        sample!("aws_route53_zone"."vpc", {"zone_id": "z"}, [{"vpc_id": "vpc-1", "vpc_region": "eu-west-1"}], [{"vpc_id": "vpc-2"}],
            "aws_route53_zone_association", {"zone_id": "z", "vpc_id": "vpc-1"}),
        sample!("aws_vpc_endpoint_service"."allowed_principals", {"id": "vpce-svc-1"}, ["p"], ["p", "*"],
            "aws_vpc_endpoint_service_allowed_principal", {"vpc_endpoint_service_id": "vpce-svc-1", "principal_arn": "p"}),
        sample!("aws_vpn_connection"."routes", {"id": "vpn-1"}, [{"destination_cidr_block": "10.0.0.0/8", "state": "available"}], [{"destination_cidr_block": "0.0.0.0/0"}],
            "aws_vpn_connection_route", {"vpn_connection_id": "vpn-1", "destination_cidr_block": "10.0.0.0/8"}),
        sample!("aws_elasticache_replication_group"."member_clusters", {"id": "g"}, ["g-1"], ["g-1", "g-2"],
            "aws_elasticache_cluster", {"replication_group_id": "g", "cluster_id": "g-1"}),
        sample!("aws_db_instance"."replicas", {"identifier": "db"}, ["copy"], ["copy", "other"],
            "aws_db_instance", {"replicate_source_db": "db", "identifier": "copy"}),
        sample!("aws_cognito_user_pool"."domain", {"id": "p"}, "login", "evil",
            "aws_cognito_user_pool_domain", {"user_pool_id": "p", "domain": "login"}),
        sample!("aws_cognito_user_pool"."custom_domain", {"id": "p"}, "login.example", "evil.example",
            "aws_cognito_user_pool_domain", {"user_pool_id": "p", "domain": "login.example"}),
    ];
    for (whole, part) in [
        ("aws_rds_cluster", "aws_rds_cluster_instance"),
        ("aws_docdb_cluster", "aws_docdb_cluster_instance"),
        ("aws_neptune_cluster", "aws_neptune_cluster_instance"),
    ] {
        samples.push(Sample {
            whole,
            attribute: "cluster_members",
            names: json!({"cluster_identifier": "db"}),
            after: json!(["db-0"]),
            more: json!(["db-0", "db-1"]),
            part,
            values: json!({"cluster_identifier": "db", "identifier": "db-0"}),
        });
    }
    for (whole, part) in [
        ("aws_rds_global_cluster", "aws_rds_cluster"),
        ("aws_docdb_global_cluster", "aws_docdb_cluster"),
        ("aws_neptune_global_cluster", "aws_neptune_cluster"),
    ] {
        samples.push(Sample {
            whole,
            attribute: "global_cluster_members",
            names: json!({"global_cluster_identifier": "g"}),
            after: json!([{"db_cluster_arn": "db", "is_writer": true, "readers": []}]),
            more: json!([{"db_cluster_arn": "db"}, {"db_cluster_arn": "other"}]),
            part,
            values: json!({"global_cluster_identifier": "g", "arn": "db"}),
        });
    }
    for (whole, attribute, name, part, refers) in [
        ("aws_s3_access_point", "policy", "arn", "aws_s3control_access_point_policy", "access_point_arn"),
        ("aws_s3_bucket", "policy", "bucket", "aws_s3_bucket_policy", "bucket"),
        ("aws_vpc_endpoint", "policy", "id", "aws_vpc_endpoint_policy", "vpc_endpoint_id"),
        ("aws_sqs_queue", "policy", "url", "aws_sqs_queue_policy", "queue_url"),
        ("aws_sns_topic", "policy", "arn", "aws_sns_topic_policy", "arn"),
        ("aws_kms_key", "policy", "key_id", "aws_kms_key_policy", "key_id"),
        ("aws_secretsmanager_secret", "policy", "arn", "aws_secretsmanager_secret_policy", "secret_arn"),
        ("aws_opensearch_domain", "access_policies", "domain_name", "aws_opensearch_domain_policy", "domain_name"),
        ("aws_elasticsearch_domain", "access_policies", "domain_name", "aws_elasticsearch_domain_policy", "domain_name"),
        ("aws_api_gateway_rest_api", "policy", "id", "aws_api_gateway_rest_api_policy", "rest_api_id"),
    ] {
        samples.push(Sample {
            whole,
            attribute,
            names: json!({ name: "it" }),
            after: json!(SHUT_TOO),
            more: json!(OPEN),
            part,
            values: json!({refers: "it", attribute: SHUT}),
        });
    }
    samples
}

fn parts(sample: &Sample) -> Parts {
    let mut parts = Parts::default();
    parts.present("the.part", sample.part, &sample.values);
    parts
}

fn explain(sample: &Sample, parts: &Parts, before: &Value, after: &Value) -> Option<Vec<String>> {
    let names = sample.names.as_object().unwrap();
    parts.explain(&Whole {
        resource_type: sample.whole,
        attribute: sample.attribute,
        names,
        before,
        after,
    })
}

fn name(sample: &Sample) -> String {
    format!("{}.{} of {}", sample.whole, sample.attribute, sample.part)
}

/// Users that AWS adds to a group by itself are in it from the start.
fn start(sample: &Sample) -> Value {
    match sample.attribute {
        "user_ids" => json!(["default"]),
        _ => Value::Null,
    }
}

#[test]
fn every_pair_has_a_sample() {
    let sampled: BTreeSet<_> = samples().iter().map(|s| (s.attribute, s.part)).collect();
    for pair in pairs() {
        for part in pair.parts {
            assert!(
                sampled.contains(&(pair.attribute, part.resource_type)),
                "{:?}.{} lacks a sample with {}",
                pair.wholes,
                pair.attribute,
                part.resource_type
            );
        }
    }
}

#[test]
fn what_a_part_makes_is_accounted_for() {
    for sample in samples() {
        assert_eq!(
            explain(&sample, &parts(&sample), &start(&sample), &sample.after),
            Some(vec!["the.part".to_owned()]),
            "{}",
            name(&sample)
        );
    }
}

#[test]
fn what_no_part_makes_is_not() {
    for sample in samples() {
        let (start, with) = (start(&sample), parts(&sample));
        assert_eq!(
            explain(&sample, &with, &start, &sample.more),
            None,
            "{}",
            name(&sample)
        );
        assert_eq!(
            explain(&sample, &with, &sample.after, &sample.more),
            None,
            "{}",
            name(&sample)
        );
        let without = Parts::default();
        assert_eq!(
            explain(&sample, &without, &start, &sample.after),
            None,
            "{}",
            name(&sample)
        );
    }
}

#[test]
fn parts_of_another_object_account_for_nothing() {
    for sample in samples() {
        let mut other = Sample { ..sample };
        for name in other.names.as_object_mut().unwrap().values_mut() {
            *name = json!("another");
        }
        assert_eq!(
            explain(&other, &parts(&other), &start(&other), &other.after),
            None,
            "{}",
            name(&other)
        );
    }
}

#[test]
fn what_went_with_its_part_is_accounted_for() {
    for sample in samples() {
        let mut gone = Parts::default();
        gone.lost("the.part", sample.part, &sample.values);
        assert_eq!(
            explain(&sample, &gone, &sample.after, &start(&sample)),
            Some(vec!["the.part".to_owned()]),
            "{}",
            name(&sample)
        );
        // It went, and the plan knows no part that did.
        let nobody = Parts::default();
        assert_eq!(
            explain(&sample, &nobody, &sample.after, &start(&sample)),
            None,
            "{}",
            name(&sample)
        );
        // The part is said to be there, and what it makes is not.
        assert_eq!(
            explain(&sample, &parts(&sample), &sample.after, &start(&sample)),
            None,
            "{}",
            name(&sample)
        );
    }
}

/// The last apply removed a part, of which the plan knows nothing any more.
#[test]
fn what_is_left_is_accounted_for_by_what_is_configured() {
    let sample = &samples()[0];
    let before = json!(["p", "removed"]);
    assert!(explain(sample, &parts(sample), &before, &json!(["p"])).is_some());
    assert!(explain(sample, &parts(sample), &before, &json!([])).is_none());
}

fn unmanaged(sample: &Sample, parts: &Parts, now: &Value) -> Vec<Value> {
    let found = parts.unmanaged(
        &Whole {
            resource_type: sample.whole,
            attribute: sample.attribute,
            names: sample.names.as_object().unwrap(),
            before: &Value::Null,
            after: now,
        },
        false,
    );
    assert_eq!(found.known, Vec::<Value>::new());
    found.all
}

#[test]
fn access_is_unmanaged_when_no_part_makes_it() {
    let mut tried = BTreeSet::new();
    for sample in samples() {
        if !list_watched(sample.whole).any(|attribute| attribute == sample.attribute) {
            continue;
        }
        tried.insert((sample.whole, sample.attribute));
        let with = parts(&sample);
        let clean = unmanaged(&sample, &with, &sample.after);
        assert_eq!(clean, Vec::<Value>::new(), "{}", name(&sample));
        let found = unmanaged(&sample, &with, &sample.more);
        assert_eq!(found.len(), 1, "{}: {found:?}", name(&sample));
    }
    assert!(tried.len() > 12, "{tried:?}");
}

#[test]
fn one_source_of_a_rule_is_unmanaged_beside_others() {
    let mut parts = Parts::default();
    let rule = json!({"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": "10.0.0.0/8"});
    parts.present("the.part", "aws_vpc_security_group_ingress_rule", &rule);
    let block = |cidrs: &[&str], own: bool| {
        json!({"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": cidrs,
        "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": own, "description": ""})
    };
    let names = json!({"id": "sg-1"});
    let found = parts.unmanaged(
        &Whole {
            resource_type: "aws_security_group",
            attribute: "ingress",
            names: names.as_object().unwrap(),
            before: &json!([block(&["0.0.0.0/0"], false)]),
            after: &json!([block(&["10.0.0.0/8", "0.0.0.0/0"], true)]),
        },
        false,
    );
    let everybody = block(&["0.0.0.0/0"], false);
    assert_eq!(found.all, [everybody.clone(), block(&[], true)]);
    assert_eq!(found.known, [everybody]);
}

#[test]
fn what_aws_makes_by_itself_is_not_unmanaged() {
    let account = "arn:aws:sns:eu-west-1:123456789012:alerts";
    let statement = |statement: Value| json!(json!({"Statement": [statement]}).to_string());
    let root = |account: &str| {
        let principal = json!({"AWS": format!("arn:aws:iam::{account}:root")});
        statement(
            json!({"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}),
        )
    };
    let owner = |key: &str| {
        let condition = json!({"StringEquals": {key: "123456789012"}});
        statement(
            json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["SNS:Publish"], "Resource": account,
            "Condition": condition}),
        )
    };
    let all = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
    let grant =
        |uri: &str| json!([{"id": "", "type": "Group", "permissions": ["READ"], "uri": uri}]);
    let groups = "http://acs.amazonaws.com/groups";
    for (of, attribute, now, expected) in [
        ("aws_sns_topic", "policy", owner("AWS:SourceOwner"), 0),
        ("aws_sns_topic", "policy", owner("aws:PrincipalOrgID"), 1),
        ("aws_kms_key", "policy", root("123456789012"), 0),
        ("aws_kms_key", "policy", root("999999999999"), 1),
        ("aws_vpc_endpoint", "policy", statement(all.clone()), 0),
        ("aws_sqs_queue", "policy", statement(all), 1),
        (
            "aws_s3_bucket",
            "grant",
            grant(&format!("{groups}/s3/LogDelivery")),
            0,
        ),
        (
            "aws_s3_bucket",
            "grant",
            grant(&format!("{groups}/global/AllUsers")),
            1,
        ),
        (
            "aws_s3_bucket",
            "grant",
            json!([{"id": "abc", "type": "CanonicalUser", "permissions": ["FULL_CONTROL"], "uri": ""}]),
            0,
        ),
        // Rules may come from blocks that the plan does not show.
        (
            "aws_security_group",
            "ingress",
            json!([{"cidr_blocks": ["0.0.0.0/0"], "protocol": "-1"}]),
            0,
        ),
        (
            "aws_iam_role",
            "inline_policy",
            json!([{"name": "", "policy": ""}]),
            0,
        ),
    ] {
        let names = json!({"arn": account, "id": "it"});
        let found = Parts::default().unmanaged(
            &Whole {
                resource_type: of,
                attribute,
                names: names.as_object().unwrap(),
                before: &Value::Null,
                after: &now,
            },
            false,
        );
        assert_eq!(found.all.len(), expected, "{of}.{attribute} {now}");
    }
}

#[test]
fn every_pair_is_in_the_guide() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/guides/drift-gate.md"
    );
    let text = std::fs::read_to_string(path).unwrap();
    let head = "| attribute | explained by |\n|---|---|\n";
    let (start, rest) = text.split_once(head).unwrap();
    let (_, end) = rest.split_once("\n\n").unwrap();
    let rows: Vec<String> = guide_rows().collect();
    let wanted = format!("{start}{head}{}\n\n{end}", rows.join("\n"));
    // GATE_GOLDEN=pairs rewrites the table, beside GATE_GOLDEN=write for those of the rules.
    #[expect(clippy::disallowed_methods, reason = "only this test reads it")]
    let write = std::env::var("GATE_GOLDEN").is_ok_and(|value| value == "pairs");
    if write {
        std::fs::write(path, &wanted).unwrap();
    } else {
        assert_eq!(text, wanted, "GATE_GOLDEN=pairs writes the table again");
    }
}
