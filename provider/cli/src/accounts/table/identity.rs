//! IAM: roles, users, groups and their policies.

use super::pair::{NAME, Pair, part};
use crate::accounts::form::Take::{Each, Record, Records};

/// The pairs.
pub(super) const PAIRS: &[Pair] = &[
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
];
