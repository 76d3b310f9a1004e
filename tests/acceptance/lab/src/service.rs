//! The services the lab answers itself, and by which names clients know them.

use switchyard_world::Service;

use crate::protocol::{JsonVersion, Protocol};

/// What the wire needs to know about an owned service.
#[derive(Debug)]
pub(crate) struct Owned {
    pub(crate) service: Service,
    /// The name in reports and fault plans.
    pub(crate) name: &'static str,
    /// The name in the signature's credential scope.
    signing_name: &'static str,
    /// Other names people use.
    aliases: &'static [&'static str],
    /// What `X-Amz-Target` (and the RPC v2 path) calls the service.
    target: &'static str,
    /// The protocol in which an operation nobody recognises is refused.
    pub(crate) default_protocol: Protocol,
    pub(crate) throttle_code: &'static str,
    pub(crate) unknown_operation_code: &'static str,
}

impl Owned {
    /// The prefix of the service's actions in a policy.
    pub(crate) fn policy_prefix(&self) -> &'static str {
        match self.service {
            Service::CloudWatch => "cloudwatch",
            Service::AutoScaling
            | Service::CodeDeploy
            | Service::Ecs
            | Service::Elbv2
            | Service::Lambda => self.signing_name,
        }
    }
}

/// XML namespace of ELBv2 answers.
pub(crate) const ELBV2_NAMESPACE: &str =
    "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/";
/// XML namespace of CloudWatch answers.
pub(crate) const CLOUDWATCH_NAMESPACE: &str = "http://monitoring.amazonaws.com/doc/2010-08-01/";
/// XML namespace of STS answers.
pub(crate) const STS_NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

static OWNED: [Owned; 5] = [
    Owned {
        service: Service::Ecs,
        name: "ecs",
        signing_name: "ecs",
        aliases: &[],
        target: "AmazonEC2ContainerServiceV20141113",
        default_protocol: Protocol::Json(JsonVersion::V1_1),
        throttle_code: "ThrottlingException",
        unknown_operation_code: "UnknownOperationException",
    },
    Owned {
        service: Service::Elbv2,
        name: "elbv2",
        signing_name: "elasticloadbalancing",
        aliases: &["elasticloadbalancingv2", "elb"],
        target: "ElasticLoadBalancing_v10",
        default_protocol: Protocol::Query {
            namespace: ELBV2_NAMESPACE,
        },
        throttle_code: "Throttling",
        unknown_operation_code: "InvalidAction",
    },
    Owned {
        service: Service::CodeDeploy,
        name: "codedeploy",
        signing_name: "codedeploy",
        aliases: &[],
        target: "CodeDeploy_20141006",
        default_protocol: Protocol::Json(JsonVersion::V1_1),
        throttle_code: "ThrottlingException",
        unknown_operation_code: "UnknownOperationException",
    },
    Owned {
        service: Service::AutoScaling,
        name: "application-autoscaling",
        signing_name: "application-autoscaling",
        aliases: &["applicationautoscaling", "appautoscaling", "autoscaling"],
        target: "AnyScaleFrontendService",
        default_protocol: Protocol::Json(JsonVersion::V1_1),
        throttle_code: "ThrottlingException",
        unknown_operation_code: "UnknownOperationException",
    },
    Owned {
        service: Service::CloudWatch,
        name: "cloudwatch",
        signing_name: "monitoring",
        aliases: &[],
        target: "GraniteServiceVersion20100801",
        default_protocol: Protocol::Query {
            namespace: CLOUDWATCH_NAMESPACE,
        },
        throttle_code: "Throttling",
        unknown_operation_code: "InvalidAction",
    },
];

/// The owned service with this name in a signature's credential scope.
pub(crate) fn signed_as(name: &str) -> Option<&'static Owned> {
    OWNED.iter().find(|owned| owned.signing_name == name)
}

/// The owned service that `X-Amz-Target` or an RPC v2 path calls by this name.
pub(crate) fn targeted_as(target: &str) -> Option<&'static Owned> {
    OWNED.iter().find(|owned| owned.target == target)
}

/// The owned service a person means by this name.
pub(crate) fn named(name: &str) -> Option<&'static Owned> {
    OWNED.iter().find(|owned| {
        owned.name == name || owned.signing_name == name || owned.aliases.contains(&name)
    })
}

/// The name under which calls of a service are logged, whatever a person calls it.
pub(crate) fn canonical_name(name: &str) -> &str {
    named(name).map_or(name, |owned| owned.name)
}
