//! Names: zones and domains.

use super::pair::{ID, Pair, part};
use crate::accounts::form::Take::{Each, Record, Records};

/// The pairs.
pub(super) const PAIRS: &[Pair] = &[
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
