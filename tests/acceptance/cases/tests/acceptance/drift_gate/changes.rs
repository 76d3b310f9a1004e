//! Forty changes that somebody else makes in the stack, and what the gate says of each.

use serde_json::{Value, json};

/// The id of a resource by its address.
pub(super) type Ids<'i> = &'i dyn Fn(&str) -> String;

/// One change.
pub(super) struct Change {
    pub(super) service: &'static str,
    pub(super) operation: &'static str,
    pub(super) input: fn(Ids<'_>) -> Value,
    /// What counts of it: address, attribute or event, severity.
    pub(super) found: &'static [&'static str],
    /// What the report has to name.
    pub(super) told: &'static str,
}

const fn change(
    service: &'static str,
    operation: &'static str,
    input: fn(Ids<'_>) -> Value,
    found: &'static [&'static str],
    told: &'static str,
) -> Change {
    Change {
        service,
        operation,
        input,
        found,
        told,
    }
}

/// A policy that lets everybody do everything.
fn opened() -> String {
    let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// A role that everybody may assume.
fn trusting() -> String {
    let statement =
        json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn allowed(action: &str) -> String {
    let statement = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// Changes that one plan shows, none of them in the same attribute as another.
pub(super) fn batches() -> [&'static [Change]; 4] {
    [FIRST, SECOND, THIRD, FOURTH]
}

#[rustfmt::skip]
const FIRST: &[Change] = &[
    change("iam", "AttachRolePolicy", |_| json!({"RoleName": "app", "PolicyArn": super::ADMIN}),
        &["aws_iam_role.app managed_policy_arns critical"], "aws iam detach-role-policy --role-name 'app'"),
    change("ec2", "AuthorizeSecurityGroupIngress", |id| json!({"GroupId": id("aws_security_group.web"),
            "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}),
        &["aws_security_group.web ingress critical"], "IpProtocol=tcp,FromPort=22,ToPort=22,IpRanges=[{CidrIp=0.0.0.0/0}]"),
    change("sqs", "SetQueueAttributes", |id| json!({"QueueUrl": id("aws_sqs_queue.jobs"), "Attributes": {"Policy": opened()}}),
        &["aws_sqs_queue_policy.jobs policy critical"], "Action \\\"sqs:SendMessage\\\" -> \\\"*\\\""),
    change("kms", "DisableKey", |id| json!({"KeyId": id("aws_kms_key.data")}),
        &["aws_kms_key.data is_enabled critical"], "kms.unusable"),
    change("logs", "PutRetentionPolicy", |_| json!({"logGroupName": "/app", "retentionInDays": 1}),
        &["aws_cloudwatch_log_group.app retention_in_days critical"], "logs.shortened"),
    change("ecr", "PutImageTagMutability", |_| json!({"repositoryName": "app", "imageTagMutability": "MUTABLE"}),
        &["aws_ecr_repository.app image_tag_mutability major"], "MUTABLE"),
    change("s3", "DeletePublicAccessBlock", |_| json!({"Bucket": "drift-data"}),
        &["aws_s3_bucket_public_access_block.data deleted critical"], "create it again"),
    change("sns", "SetTopicAttributes", |id| json!({"TopicArn": id("aws_sns_topic.alerts"), "AttributeName": "Policy",
            "AttributeValue": opened()}),
        &["aws_sns_topic_policy.alerts policy critical"], "Action \\\"sns:Publish\\\" -> \\\"*\\\""),
    change("ssm", "PutParameter", |_| json!({"Name": "/app/flag", "Value": "on", "Overwrite": true}),
        &["aws_ssm_parameter.flag value critical"], "secrets.value"),
    change("dynamodb", "UpdateTable", |_| json!({"TableName": "orders", "DeletionProtectionEnabled": false}),
        &["aws_dynamodb_table.orders deletion_protection_enabled critical"], "dynamodb.protection"),
];

#[rustfmt::skip]
const SECOND: &[Change] = &[
    change("iam", "PutRolePolicy", |_| json!({"RoleName": "app", "PolicyName": "extra", "PolicyDocument": allowed("*")}),
        &["aws_iam_role.app inline_policy critical"], "aws iam delete-role-policy --role-name 'app' --policy-name 'extra'"),
    change("iam", "CreatePolicyVersion", |id| json!({"PolicyArn": id("aws_iam_policy.read"), "PolicyDocument": allowed("s3:*"),
            "SetAsDefault": true}),
        &["aws_iam_policy.read policy critical"], "Action \\\"s3:GetObject\\\" -> \\\"s3:*\\\""),
    change("s3", "PutBucketVersioning", |_| json!({"Bucket": "drift-data", "VersioningConfiguration": {"Status": "Suspended"}}),
        &["aws_s3_bucket_versioning.data versioning_configuration[0].status critical"], "Suspended"),
    change("s3", "DeleteBucketPolicy", |_| json!({"Bucket": "drift-data"}),
        &["aws_s3_bucket_policy.data deleted critical"], "aws_s3_bucket_policy.data"),
    change("s3", "PutBucketCors", |_| json!({"Bucket": "drift-data", "CORSConfiguration": {"CORSRules": [
            {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}}),
        &["aws_s3_bucket_cors_configuration.data cors_rule[0].allowed_origins critical",
          "aws_s3_bucket_cors_configuration.data cors_rule[0].max_age_seconds minor"], "s3.cors-opened"),
    change("ec2", "ModifyVpcAttribute", |id| json!({"VpcId": id("aws_vpc.main"), "EnableDnsHostnames": {"Value": false}}),
        &["aws_vpc.main enable_dns_hostnames major"], "network.vpc"),
    change("ec2", "CreateRoute", |id| json!({"RouteTableId": id("aws_route_table.main"), "DestinationCidrBlock": "192.0.2.0/24",
            "GatewayId": id("aws_internet_gateway.main")}),
        &["aws_route_table.main route critical"], "aws ec2 delete-route"),
    change("cloudwatch", "DisableAlarmActions", |_| json!({"AlarmNames": ["errors"]}),
        &["aws_cloudwatch_metric_alarm.errors actions_enabled major"], "alarms.silent"),
    change("route53", "ChangeResourceRecordSets", |id| json!({"HostedZoneId": id("aws_route53_zone.main"), "ChangeBatch": {"Changes": [
            {"Action": "UPSERT", "ResourceRecordSet": {"Name": "www.shop.example", "Type": "A", "TTL": 60,
                "ResourceRecords": [{"Value": "198.51.100.9"}]}}]}}),
        &["aws_route53_record.www records critical"], "198.51.100.9"),
    change("secretsmanager", "PutResourcePolicy", |id| json!({"SecretId": id("aws_secretsmanager_secret.db"), "ResourcePolicy": opened()}),
        &["aws_secretsmanager_secret_policy.db policy critical"], "aws_secretsmanager_secret_policy.db"),
];

#[rustfmt::skip]
const THIRD: &[Change] = &[
    change("kms", "PutKeyPolicy", |id| json!({"KeyId": id("aws_kms_key.data"), "PolicyName": "default", "Policy": opened()}),
        &["aws_kms_key_policy.data policy critical"], "kms.policy"),
    change("events", "DisableRule", |_| json!({"Name": "nightly"}),
        &["aws_cloudwatch_event_rule.nightly state critical"], "events.disabled"),
    change("elbv2", "ModifyListener", |id| json!({"ListenerArn": id("aws_lb_listener.main"), "Port": 8080}),
        &["aws_lb_listener.main port critical"], "lb.listener"),
    change("elbv2", "ModifyTargetGroup", |id| json!({"TargetGroupArn": id("aws_lb_target_group.main"), "HealthCheckPath": "/other"}),
        &["aws_lb_target_group.main health_check[0].path major"], "/other"),
    change("ec2", "CreateNetworkAclEntry", |id| json!({"NetworkAclId": id("aws_network_acl.main"), "RuleNumber": 90, "Protocol": "-1",
            "RuleAction": "allow", "Egress": false, "CidrBlock": "0.0.0.0/0"}),
        &["aws_network_acl.main ingress critical"], "aws ec2 delete-network-acl-entry"),
    change("ec2", "DeleteNetworkAclEntry", |id| json!({"NetworkAclId": id("aws_network_acl.main"), "RuleNumber": 100, "Egress": true}),
        &["aws_network_acl_rule.out deleted critical"], "aws_network_acl_rule.out"),
    change("s3", "DeleteBucketLifecycle", |_| json!({"Bucket": "drift-logs"}),
        &["aws_s3_bucket_lifecycle_configuration.logs deleted critical"], "aws_s3_bucket_lifecycle_configuration.logs"),
    change("iam", "UpdateAssumeRolePolicy", |_| json!({"RoleName": "app", "PolicyDocument": trusting()}),
        &["aws_iam_role.app assume_role_policy critical"], "iam.trust"),
    change("iam", "RemoveUserFromGroup", |_| json!({"GroupName": "developers", "UserName": "ada"}),
        &["aws_iam_user_group_membership.ada groups critical"], "aws_iam_user_group_membership.ada"),
    change("logs", "TagLogGroup", |_| json!({"logGroupName": "/app", "tags": {"Stack": "other"}}),
        &["aws_cloudwatch_log_group.app tags.Stack minor"], "any.tags"),
];

#[rustfmt::skip]
const FOURTH: &[Change] = &[
    change("ec2", "RevokeSecurityGroupIngress", |id| json!({"GroupId": id("aws_security_group.web"),
            "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]}),
        &["aws_vpc_security_group_ingress_rule.https deleted critical"], "aws_vpc_security_group_ingress_rule.https"),
    change("elbv2", "SetSecurityGroups", |id| json!({"LoadBalancerArn": id("aws_lb.main"), "SecurityGroups": [id("aws_security_group.data")]}),
        &["aws_lb.main security_groups critical"], "aws_lb.main"),
    change("sqs", "TagQueue", |id| json!({"QueueUrl": id("aws_sqs_queue.jobs"), "Tags": {"Owner": "nobody"}}),
        &["aws_sqs_queue.jobs tags.Owner minor"], "nobody"),
    change("iam", "PutUserPolicy", |_| json!({"UserName": "ada", "PolicyName": "own", "PolicyDocument": allowed("*")}),
        &["aws_iam_user_policy.own policy critical"], "Action \\\"iam:GetUser\\\" -> \\\"*\\\""),
    change("ecs", "PutClusterCapacityProviders", |_| json!({"cluster": "main", "capacityProviders": ["FARGATE"],
            "defaultCapacityProviderStrategy": []}),
        &["aws_ecs_cluster_capacity_providers.main capacity_providers major"], "FARGATE_SPOT"),
    change("cloudwatch", "DeleteAlarms", |_| json!({"AlarmNames": ["errors"]}),
        &["aws_cloudwatch_metric_alarm.errors deleted major"], "alarms.gone"),
    change("ec2", "CreateTags", |id| json!({"Resources": [id("aws_vpc.main")], "Tags": [{"Key": "Stack", "Value": "other"}]}),
        &["aws_vpc.main tags.Stack minor"], "any.tags"),
    change("s3", "PutBucketEncryption", |_| json!({"Bucket": "drift-data", "ServerSideEncryptionConfiguration": {"Rules": [
            {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}}),
        &["aws_s3_bucket_server_side_encryption_configuration.data rule[0].apply_server_side_encryption_by_default[0].kms_master_key_id critical",
          "aws_s3_bucket_server_side_encryption_configuration.data rule[0].apply_server_side_encryption_by_default[0].sse_algorithm critical",
          "aws_s3_bucket_server_side_encryption_configuration.data rule[0].bucket_key_enabled major"], "AES256"),
    change("iam", "DetachGroupPolicy", |id| json!({"GroupName": "developers", "PolicyArn": id("aws_iam_policy.read")}),
        &["aws_iam_group_policy_attachment.read deleted critical"], "aws_iam_group_policy_attachment.read"),
    change("ec2", "DeleteRoute", |id| json!({"RouteTableId": id("aws_route_table.main"), "DestinationCidrBlock": "0.0.0.0/0"}),
        &["aws_route.out deleted critical"], "aws_route.out"),
];
