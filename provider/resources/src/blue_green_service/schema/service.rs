//! Where tasks run and how they are reached.

use tfplugin::schema::Attribute;
use tfplugin::schema::validators::{between, each, items_between, not_empty, string, whole_number};
use tfplugin::value::{Type, Value};

use super::texts::{listener_or_rule, role_arn};

pub(super) fn capacity_provider() -> Vec<Attribute> {
    vec![
        Attribute::string("capacity_provider")
            .required()
            .validator(not_empty())
            .description("Name, such as `FARGATE_SPOT`."),
        Attribute::number("base")
            .default(Value::from(0))
            .validator(whole_number())
            .validator(between(0, 100_000))
            .description("Tasks that run on it before shares count."),
        Attribute::number("weight")
            .default(Value::from(1))
            .validator(whole_number())
            .validator(between(0, 1000))
            .description("Relative share of the remaining tasks."),
    ]
}

pub(super) fn network() -> Vec<Attribute> {
    vec![
        Attribute::set("subnets", Type::String)
            .required()
            .validator(items_between(1, 16))
            .description("Subnet ids."),
        Attribute::set("security_groups", Type::String)
            .optional_computed()
            .use_state_for_unknown()
            .validator(items_between(1, 5))
            .description("Security group ids; the default group of the VPC when absent."),
        Attribute::bool("assign_public_ip")
            .default(Value::from(false))
            .description("Give tasks a public IP address (Fargate)."),
    ]
}

pub(super) fn load_balancer() -> Vec<Attribute> {
    vec![
        Attribute::string("container_name")
            .required()
            .validator(not_empty())
            .description("Container that receives traffic."),
        Attribute::number("container_port")
            .required()
            .validator(whole_number())
            .validator(between(1, 65_535))
            .description("Its port."),
        Attribute::set("target_groups", Type::String)
            .required()
            .validator(items_between(1, 2))
            .validator(each(string("must be a target group ARN", |text| text.contains(":targetgroup/"))))
            .description(
                "ARNs of the target groups: the pair between which deployments alternate, or one group with the \
                 strategy `rolling`. The order means nothing.",
            ),
        Attribute::string("production_listener_rule").optional().validator(listener_or_rule()).description(
            "ARN of the listener rule that carries production traffic (a default rule's ARN is fine), or of the \
             listener for a Network Load Balancer. It must forward to both groups. Needed with `controller = \
             \"ecs\"` and any strategy but `rolling`, and with `external`. With `codedeploy` it only says on which side the first \
             tasks start, and is needed when both groups are behind listeners (production and test).",
        ),
        Attribute::string("test_listener_rule")
            .optional()
            .validator(listener_or_rule())
            .description("ARN of the listener rule for test traffic, which reaches the new revision first."),
        Attribute::string("role_arn")
            .optional()
            .validator(role_arn())
            .description(
                "Role that lets ECS edit the listener rules (managed policy \
                 `AmazonECSInfrastructureRolePolicyForLoadBalancers`). Needed together with \
                 `production_listener_rule`.",
            ),
    ]
}
