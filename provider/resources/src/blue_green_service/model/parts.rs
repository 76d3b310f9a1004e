//! What a service has besides: placement, Service Connect, service discovery, volumes, VPC Lattice, more target groups.
//! Names and shapes are those of `aws_ecs_service`.

use std::collections::BTreeMap;

use tfplugin::schema::validators::{at_least, between, items_at_least, length_between, not_empty};
use tfplugin::schema::{Attributes, NestedBlock};
use tfplugin::value::Attr;

use super::{List, TextMap};
use crate::blue_green_service::rules;
use crate::blue_green_service::words::{
    AccessLogWord, ConstraintWord, PlacementWord, SchedulingWord, SwitchWord,
};

/// What a service has besides.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct PartsModel {
    /// Whether ECS moves tasks between Availability Zones to keep them even: `ENABLED` or `DISABLED`. By default AWS
    /// decides. Only with `controller = "ecs"`.
    #[attr(optional, computed, use_state_for_unknown)]
    pub availability_zone_rebalancing: Attr<SwitchWord>,
    /// `REPLICA` keeps `desired_count` tasks; `DAEMON` one task on each container instance (EC2 and external instances,
    /// strategy `rolling`). A change replaces the service.
    #[attr(default = SchedulingWord::Replica, with = rules::fixed_scheduling)]
    pub scheduling_strategy: Attr<SchedulingWord>,
    /// A condition for the instances on which tasks may run (not with Fargate), at most 10.
    #[attr(block, with = |block: NestedBlock| block.items(0, 10))]
    pub placement_constraints: List<ConstraintModel>,
    /// How tasks are distributed over instances (not with Fargate), at most 5, in this order.
    #[attr(block, with = |block: NestedBlock| block.items(0, 5))]
    pub ordered_placement_strategy: List<PlacementModel>,
    /// Service Connect (only with `controller = "ecs"`). A change starts a deployment.
    #[attr(block)]
    pub service_connect_configuration: Attr<ServiceConnectModel>,
    /// Service discovery with AWS Cloud Map (not with `codedeploy` after creation). A change starts a deployment.
    #[attr(block)]
    pub service_registries: Attr<RegistryModel>,
    /// A volume of the task definition that is configured at launch (only with `controller = "ecs"`). A change starts a
    /// deployment.
    #[attr(block, with = |block: NestedBlock| block.items(0, 1))]
    pub volume_configuration: List<VolumeModel>,
    /// A target group of VPC Lattice (only with `controller = "ecs"`). A change starts a deployment.
    #[attr(block)]
    pub vpc_lattice_configurations: List<LatticeModel>,
    /// A target group besides that of `load_balancer` in which every task is registered (only with `controller = "ecs"`);
    /// at most 4. With strategies other than `rolling` it is a pair, whose traffic moves together with that of
    /// `load_balancer`. A change starts a deployment.
    #[attr(block, with = |block: NestedBlock| block.items(0, 4))]
    pub additional_load_balancer: List<AdditionalModel>,
}

/// One of `placement_constraints`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct ConstraintModel {
    /// `distinctInstance` or `memberOf`.
    #[attr(required)]
    pub r#type: Attr<ConstraintWord>,
    /// Expression of the cluster query language, for `memberOf`.
    #[attr(optional, validate(not_empty()))]
    pub expression: Attr<String>,
}

/// One of `ordered_placement_strategy`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct PlacementModel {
    /// `binpack`, `random` or `spread`.
    #[attr(required)]
    pub r#type: Attr<PlacementWord>,
    /// What is packed (`cpu` or `memory`) or spread over (`instanceId`, or an attribute such as
    /// `attribute:ecs.availability-zone`).
    #[attr(optional, validate(not_empty()))]
    pub field: Attr<String>,
}

/// `service_connect_configuration`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct ServiceConnectModel {
    /// Whether the service uses Service Connect.
    #[attr(required)]
    pub enabled: Attr<bool>,
    /// Name or ARN of the Cloud Map namespace. Defaults to that of the cluster.
    #[attr(optional, validate(not_empty()))]
    pub namespace: Attr<String>,
    /// A port of the tasks that others reach by name.
    #[attr(block)]
    pub service: List<ConnectServiceModel>,
    /// Where the proxy writes its log.
    #[attr(block)]
    pub log_configuration: Attr<LogModel>,
    /// Whether the proxy logs requests.
    #[attr(block)]
    pub access_log_configuration: Attr<AccessLogModel>,
}

/// One `service`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct ConnectServiceModel {
    /// Name of a port mapping of the task definition.
    #[attr(required, validate(not_empty()))]
    pub port_name: Attr<String>,
    /// Name in Cloud Map. Defaults to `port_name`.
    #[attr(optional, validate(not_empty()))]
    pub discovery_name: Attr<String>,
    /// Port of the proxy, instead of one that ECS chooses.
    #[attr(optional, validate(between(0, 65_535)))]
    pub ingress_port_override: Attr<i64>,
    /// Name and port under which clients reach it.
    #[attr(block)]
    pub client_alias: List<AliasModel>,
    /// Timeouts of requests.
    #[attr(block)]
    pub timeout: Attr<ConnectTimeoutModel>,
    /// Encryption between proxies.
    #[attr(block)]
    pub tls: Attr<ConnectTlsModel>,
}

/// `client_alias`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct AliasModel {
    /// Port that clients use.
    #[attr(required, validate(between(0, 65_535)))]
    pub port: Attr<i64>,
    /// Name that clients use. Defaults to the discovery name and the namespace.
    #[attr(optional, validate(not_empty()))]
    pub dns_name: Attr<String>,
    /// Which requests reach the new revision before production traffic does, in deployments that move traffic.
    #[attr(block)]
    pub test_traffic_rules: Attr<TestTrafficModel>,
}

/// `test_traffic_rules`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct TestTrafficModel {
    /// A header of the request.
    #[attr(block)]
    pub header: Attr<TestHeaderModel>,
}

/// `header`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct TestHeaderModel {
    /// Its name.
    #[attr(required, validate(not_empty()))]
    pub name: Attr<String>,
    /// Its value.
    #[attr(block)]
    pub value: Attr<TestHeaderValueModel>,
}

/// `value`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct TestHeaderValueModel {
    /// The whole value.
    #[attr(required)]
    pub exact: Attr<String>,
}

/// `timeout` of Service Connect.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct ConnectTimeoutModel {
    /// Seconds without traffic after which a connection is closed; 0 is never.
    #[attr(optional, validate(between(0, 2_147_483_647)))]
    pub idle_timeout_seconds: Attr<i64>,
    /// Seconds that one request may take; 0 is any time.
    #[attr(optional, validate(between(0, 2_147_483_647)))]
    pub per_request_timeout_seconds: Attr<i64>,
}

/// `tls` of Service Connect.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct ConnectTlsModel {
    /// Who issues the certificates.
    #[attr(block, with = NestedBlock::required)]
    pub issuer_cert_authority: Attr<IssuerModel>,
    /// KMS key for the certificates' private keys.
    #[attr(optional, validate(not_empty()))]
    pub kms_key: Attr<String>,
    /// Role that ECS uses for it.
    #[attr(optional, validate(rules::role_arn()))]
    pub role_arn: Attr<String>,
}

/// `issuer_cert_authority`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct IssuerModel {
    /// ARN of the AWS Private CA certificate authority.
    #[attr(required, validate(not_empty()))]
    pub aws_pca_authority_arn: Attr<String>,
}

/// `log_configuration` of Service Connect.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct LogModel {
    /// Log driver, such as `awslogs`.
    #[attr(required, validate(not_empty()))]
    pub log_driver: Attr<String>,
    /// Its options.
    #[attr(optional)]
    pub options: TextMap,
    /// An option whose value is a secret.
    #[attr(block)]
    pub secret_option: List<SecretOptionModel>,
}

/// `secret_option`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct SecretOptionModel {
    /// Name of the option.
    #[attr(required, validate(not_empty()))]
    pub name: Attr<String>,
    /// ARN of the secret or parameter.
    #[attr(required, validate(not_empty()))]
    pub value_from: Attr<String>,
}

/// `access_log_configuration`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct AccessLogModel {
    /// `TEXT` or `JSON`.
    #[attr(required)]
    pub format: Attr<AccessLogWord>,
    /// Whether query parameters are logged: `ENABLED` or `DISABLED`.
    #[attr(optional)]
    pub include_query_parameters: Attr<SwitchWord>,
}

/// `service_registries`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct RegistryModel {
    /// ARN of the Cloud Map service.
    #[attr(required, validate(not_empty()))]
    pub registry_arn: Attr<String>,
    /// Port of an SRV record.
    #[attr(optional, validate(between(0, 65_535)))]
    pub port: Attr<i64>,
    /// Container of an SRV record.
    #[attr(optional, validate(not_empty()))]
    pub container_name: Attr<String>,
    /// Port of the container.
    #[attr(optional, validate(between(0, 65_535)))]
    pub container_port: Attr<i64>,
}

/// `volume_configuration`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct VolumeModel {
    /// Name of the volume in the task definition.
    #[attr(required, validate(not_empty()))]
    pub name: Attr<String>,
    /// An EBS volume that ECS makes for each task.
    #[attr(block, with = NestedBlock::required)]
    pub managed_ebs_volume: Attr<EbsModel>,
}

/// `managed_ebs_volume`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct EbsModel {
    /// Role that ECS uses for volumes (managed policy `AmazonECSInfrastructureRolePolicyForVolumes`).
    #[attr(required, validate(rules::role_arn()))]
    pub role_arn: Attr<String>,
    /// Whether the volume is encrypted.
    #[attr(default = true)]
    pub encrypted: Attr<bool>,
    /// `ext3`, `ext4`, `xfs` or `ntfs`.
    #[attr(default = "xfs", validate(not_empty()))]
    pub file_system_type: Attr<String>,
    /// I/O operations per second.
    #[attr(optional, validate(at_least(100)))]
    pub iops: Attr<i64>,
    /// KMS key.
    #[attr(optional, validate(not_empty()))]
    pub kms_key_id: Attr<String>,
    /// Size in GiB. Required without `snapshot_id`.
    #[attr(optional, validate(between(1, 65_536)))]
    pub size_in_gb: Attr<i64>,
    /// Snapshot the volume is made from.
    #[attr(optional, validate(not_empty()))]
    pub snapshot_id: Attr<String>,
    /// Throughput in MiB/s (`gp3`).
    #[attr(optional, validate(between(0, 2000)))]
    pub throughput: Attr<i64>,
    /// Volume type, such as `gp3`.
    #[attr(optional, validate(not_empty()))]
    pub volume_type: Attr<String>,
    /// Rate in MiB/s at which the blocks of the snapshot are loaded.
    #[attr(optional, validate(between(100, 300)))]
    pub volume_initialization_rate: Attr<i64>,
    /// Tags of the volume.
    #[attr(block)]
    pub tag_specifications: List<EbsTagsModel>,
}

/// `tag_specifications`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct EbsTagsModel {
    /// `volume`.
    #[attr(required, validate(length_between(1, 255)))]
    pub resource_type: Attr<String>,
    /// Where further tags come from: `NONE`, `SERVICE` or `TASK_DEFINITION`.
    #[attr(optional, validate(not_empty()))]
    pub propagate_tags: Attr<String>,
    /// Tags.
    #[attr(optional, validate(items_at_least(1)))]
    pub tags: Attr<BTreeMap<String, Attr<String>>>,
}

/// One of `vpc_lattice_configurations`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct LatticeModel {
    /// Role that ECS uses for it (managed policy `AmazonECSInfrastructureRolePolicyForVpcLattice`).
    #[attr(required, validate(rules::role_arn()))]
    pub role_arn: Attr<String>,
    /// ARN of the VPC Lattice target group.
    #[attr(required, validate(not_empty()))]
    pub target_group_arn: Attr<String>,
    /// Name of a port mapping of the task definition.
    #[attr(required, validate(not_empty()))]
    pub port_name: Attr<String>,
}

/// One `additional_load_balancer`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct AdditionalModel {
    /// ARN of the target group.
    #[attr(required, validate(rules::target_group()))]
    pub target_group_arn: Attr<String>,
    /// Container that receives traffic.
    #[attr(required, validate(not_empty()))]
    pub container_name: Attr<String>,
    /// Its port.
    #[attr(required, validate(between(1, 65_535)))]
    pub container_port: Attr<i64>,
    /// ARN of the other target group of the pair. Required with every strategy except `rolling`. Which of the two is
    /// written first does not matter.
    #[attr(optional, validate(rules::target_group()))]
    pub alternate_target_group_arn: Attr<String>,
    /// ARN of the listener rule for production traffic of the pair, or of the listener for a Network Load Balancer. It must
    /// forward to both target groups; the listener of a Network Load Balancer may start with one of them. Required together
    /// with `alternate_target_group_arn`.
    #[attr(optional, validate(rules::listener_or_rule()))]
    pub production_listener_rule: Attr<String>,
    /// ARN of the listener rule for test traffic of the pair.
    #[attr(optional, validate(rules::listener_or_rule()))]
    pub test_listener_rule: Attr<String>,
    /// Role that lets ECS edit the listener rules. Required together with `production_listener_rule`.
    #[attr(optional, validate(rules::role_arn()))]
    pub role_arn: Attr<String>,
}
