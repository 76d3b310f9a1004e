//! Instances, groups of them, their load balancers, and what scales them.

use super::pair::{ARN, ID, NAME, Pair, part};
use crate::accounts::form;
use crate::accounts::form::Take::{Each, Own, Record, Records};

const SCALED: &[&str] = &["aws_autoscaling_group"];
const ALARM: &str = "aws_cloudwatch_metric_alarm";
const TAG: &[(&str, &str)] = &[
    ("key", "key"),
    ("value", "value"),
    ("propagate", "propagate_at_launch"),
];
const SOURCE: &[(&str, &str)] = &[("identifier", "identifier"), ("type", "type")];
const VOLUME: &[(&str, &str)] = &[("device", "device_name"), ("volume", "volume_id")];

/// The pairs.
pub(super) const PAIRS: &[Pair] = &[
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
    Pair {
        wholes: &["aws_appautoscaling_policy"],
        attribute: "alarm_arns",
        take: Each("alarm_arns"),
        parts: &[
            part(ALARM, "alarm_actions", ARN, Each("arn")),
            part(ALARM, "ok_actions", ARN, Each("arn")),
            part(ALARM, "insufficient_data_actions", ARN, Each("arn")),
        ],
    },
];
