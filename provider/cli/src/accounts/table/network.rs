//! Networks: security groups, routes, access lists, endpoints.

use super::pair::{ID, POLICY, Pair, part};
use crate::accounts::form;
use crate::accounts::form::Take::{Each, Own, Record, Records};

const GROUPS: &[&str] = &["aws_security_group", "aws_default_security_group"];
const TABLES: &[&str] = &["aws_route_table", "aws_default_route_table"];
const ACLS: &[&str] = &["aws_network_acl", "aws_default_network_acl"];
const ENDPOINTS: &[&str] = &["aws_vpc_endpoint"];
const OPTIONS: &[(&str, &str)] = &[("dns", "allow_remote_vpc_dns_resolution")];

/// The pairs.
pub(super) const PAIRS: &[Pair] = &[
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
];
