//! Quotas that are nearly used up.

use switchyard_engine::ports::Quota;

use super::evidence::Evidence;
use super::issue::{Issue, IssueKind, IssueSeverity};
use crate::words::percent;

/// Percent at which it is worth a word.
const NEAR: f64 = 80.0;
/// Percent at which the next deployment may not fit.
const FULL: f64 = 95.0;

/// vCPUs of Fargate in the account and region.
pub(super) fn quota(_: &Evidence, quota: &Quota) -> Vec<Issue> {
    let share = quota.used.filter(|_| quota.limit > 0.0);
    let Some(share) = share.map(|used| used / quota.limit * 100.0) else {
        return Vec::new();
    };
    if share < NEAR {
        return Vec::new();
    }
    vec![Issue {
        kind: IssueKind::QuotaNear,
        severity: match share >= FULL {
            true => IssueSeverity::Major,
            false => IssueSeverity::Minor,
        },
        title: format!("{} of the Fargate vCPU quota is in use", percent(share)),
        affects: "Deployments and scaling of every service in this account and region".to_owned(),
        cause: "Both revisions run at full size during a deployment, and all services share one quota.".to_owned(),
        evidence: vec![format!(
            "{} of {} vCPUs are in use.",
            quota.used.unwrap_or_default(),
            quota.limit
        )],
        steps: vec![
            "Request more: `aws service-quotas request-service-quota-increase --service-code fargate --quota-code \
             L-3032A538 --desired-value NUMBER`."
                .to_owned(),
        ],
        prevention: "Set an alarm on the usage metric of the quota at 80 %.".to_owned(),
    }]
}
