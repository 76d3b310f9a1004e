//! What an endpoint may lack, and how to find out.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use super::caller::{Caller, Refusal};
use super::kind::Kind;

/// Something a case needs of the endpoint it runs against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// Clusters, task definitions and services.
    Ecs,
    /// Service deployments: what blue/green, canary and linear strategies are followed by.
    NativeBlueGreen,
    /// Task sets, which CodeDeploy and external controllers use.
    TaskSets,
    /// Tasks that run, become healthy and answer.
    RunningTasks,
    /// Load balancers, target groups, listeners and rules.
    LoadBalancing,
    /// Applications, deployment groups and deployments for ECS.
    CodeDeploy,
    /// Application Auto Scaling for ECS.
    AutoScaling,
    /// CloudWatch alarms and metrics.
    CloudWatch,
    /// VPCs and what belongs to them.
    Network,
    /// Roles and policies.
    Iam,
    /// Buckets and objects.
    S3,
    /// Log groups.
    Logs,
    /// Secrets Manager.
    Secrets,
    /// Systems Manager parameters.
    Parameters,
    /// Nothing that others made.
    EmptyAccount,
    /// Container images that fail the way their tag asks for, and task definitions that need no roles.
    LabImages,
    /// What only the suite's own lab has: faults, a log of calls, a clock, a way in to tasks and listeners.
    LabControls,
    /// An endpoint that the case starts itself, so that another one changes nothing.
    OwnEndpoint,
}

impl Capability {
    /// All of them, in the order of the enum.
    pub const ALL: [Self; 18] = [
        Self::Ecs,
        Self::NativeBlueGreen,
        Self::TaskSets,
        Self::RunningTasks,
        Self::LoadBalancing,
        Self::CodeDeploy,
        Self::AutoScaling,
        Self::CloudWatch,
        Self::Network,
        Self::Iam,
        Self::S3,
        Self::Logs,
        Self::Secrets,
        Self::Parameters,
        Self::EmptyAccount,
        Self::LabImages,
        Self::LabControls,
        Self::OwnEndpoint,
    ];

    /// The call that tells whether an endpoint has it; `None` when no call can tell.
    fn probe(self) -> Option<(&'static str, &'static str, Value)> {
        let nowhere = json!({ "cluster": "switchyard-probe", "service": "switchyard-probe" });
        Some(match self {
            Self::Ecs => ("ecs", "ListClusters", json!({})),
            Self::NativeBlueGreen => ("ecs", "ListServiceDeployments", nowhere),
            Self::TaskSets => ("ecs", "DescribeTaskSets", nowhere),
            Self::LoadBalancing => ("elbv2", "DescribeLoadBalancers", json!({})),
            Self::CodeDeploy => ("codedeploy", "ListDeploymentConfigs", json!({})),
            Self::AutoScaling => (
                "application-autoscaling",
                "DescribeScalingActivities",
                json!({ "ServiceNamespace": "ecs" }),
            ),
            Self::Network => ("ec2", "DescribeVpcs", json!({})),
            Self::Iam => ("iam", "ListRoles", json!({})),
            Self::S3 => ("s3", "ListBuckets", json!({})),
            Self::Logs => ("logs", "DescribeLogGroups", json!({})),
            Self::Secrets => ("secretsmanager", "ListSecrets", json!({})),
            Self::Parameters => ("ssm", "DescribeParameters", json!({})),
            Self::CloudWatch
            | Self::RunningTasks
            | Self::EmptyAccount
            | Self::LabImages
            | Self::LabControls
            | Self::OwnEndpoint => return None,
        })
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ecs => "ECS",
            Self::NativeBlueGreen => "ECS service deployments (blue/green)",
            Self::TaskSets => "ECS task sets",
            Self::RunningTasks => "tasks that run",
            Self::LoadBalancing => "Elastic Load Balancing v2",
            Self::CodeDeploy => "CodeDeploy",
            Self::AutoScaling => "Application Auto Scaling",
            Self::CloudWatch => "CloudWatch",
            Self::Network => "VPC",
            Self::Iam => "IAM",
            Self::S3 => "S3",
            Self::Logs => "CloudWatch Logs",
            Self::Secrets => "Secrets Manager",
            Self::Parameters => "Systems Manager parameters",
            Self::EmptyAccount => "an account with nothing else in it",
            Self::LabImages => "the lab's images",
            Self::LabControls => "the lab's controls",
            Self::OwnEndpoint => "an endpoint of its own",
        })
    }
}

/// What an endpoint lacks, and why.
pub type Lacking = BTreeMap<Capability, String>;

/// Asks an endpoint for everything.
pub(super) fn probe(caller: &mut Caller, kind: &Kind) -> Lacking {
    let mut lacking = Lacking::new();
    for capability in Capability::ALL {
        let reason = match (capability.probe(), capability) {
            (Some((service, operation, input)), _) => caller
                .call(service, operation, input)
                .err()
                .and_then(|refusal| missing(&format!("{service}:{operation}"), &refusal))
                .or_else(|| kind.lacks(capability).map(str::to_owned)),
            (None, Capability::CloudWatch) => cloudwatch(caller),
            (None, _) => kind.lacks(capability).map(str::to_owned),
        };
        if let Some(reason) = reason {
            lacking.insert(capability, reason);
        }
    }
    // Without the service itself its parts are not there either, whatever a probe of theirs said.
    if let Some(reason) = lacking.get(&Capability::Ecs).cloned() {
        for part in [
            Capability::NativeBlueGreen,
            Capability::TaskSets,
            Capability::RunningTasks,
        ] {
            lacking.entry(part).or_insert_with(|| reason.clone());
        }
    }
    lacking
}

/// Our provider asks CloudWatch in another protocol than most programs, so it is asked in that one.
fn cloudwatch(caller: &mut Caller) -> Option<String> {
    match caller.metrics_in_cbor() {
        Err(refusal) => Some(refusal.to_string()),
        Ok(answer) if answer["status"] == 200 => None,
        Ok(answer) => Some(format!(
            "cloudwatch:DescribeAlarms in Smithy RPC v2 (CBOR) is answered with status {}",
            answer["status"]
        )),
    }
}

/// Why an operation that was refused is not to be had, or `None` when the endpoint knows it and only has no such object.
fn missing(operation: &str, refusal: &Refusal) -> Option<String> {
    const CODES: [&str; 6] = [
        "InternalFailure",
        "InvalidAction",
        "NotImplemented",
        "UnknownOperation",
        "UnknownOperationException",
        "Unreachable",
    ];
    let denied = refusal.code.contains("Denied")
        || refusal.code.contains("Unauthorized")
        || matches!(refusal.status, 401 | 403);
    let is_missing = denied
        || !(400..500).contains(&refusal.status)
        // Without a code of AWS's, the status stands in its place.
        || refusal.code.is_empty()
        || refusal.code == refusal.status.to_string()
        || CODES.contains(&refusal.code.as_str());
    is_missing.then(|| format!("{operation}: {refusal}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(code: &str, status: u16) -> Refusal {
        Refusal {
            code: code.to_owned(),
            message: "no".to_owned(),
            status,
        }
    }

    #[test]
    fn an_object_that_is_not_there_is_an_operation_that_is() {
        for code in [
            "ClusterNotFoundException",
            "ServiceNotFoundException",
            "InvalidParameterException",
        ] {
            assert_eq!(missing("ecs:X", &refusal(code, 400)), None, "{code}");
        }
    }

    #[test]
    fn what_is_not_implemented_not_allowed_or_not_answered_is_lacking_with_the_reason() {
        for (code, status) in [
            ("InternalFailure", 501),
            ("UnknownOperationException", 400),
            ("500", 500),
            ("404", 404),
            ("400", 400),
            ("AccessDeniedException", 400),
            ("EndpointConnectionError", 0),
        ] {
            let reason = missing("ecs:X", &refusal(code, status)).expect(code);
            assert!(reason.starts_with("ecs:X: "), "{reason}");
            assert!(reason.contains(code), "{reason}");
        }
    }

    #[test]
    fn every_capability_is_listed_once_and_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> =
            Capability::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), Capability::ALL.len());
    }
}
