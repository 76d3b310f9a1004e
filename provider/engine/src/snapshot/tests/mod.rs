//! Documents, names, retention and differences.

mod condition;
mod difference;
mod document;
mod retention;
mod round_trip;
mod secrets;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::SnapshotCondition;
use super::definition::{ContainerSection, LogSection, TaskDefinitionSection};
use super::document::Snapshot;
use super::scaling::{ScalingSection, SuspendedSection};
use super::sections::{
    LoadBalancerSection, NetworkSection, RuleSection, Serves, ServiceSection, TargetGroupSection,
    TargetsSection,
};

const BLUE: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web-blue/1";
const GREEN: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web-green/2";
const RULE: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:listener-rule/app/web/1/2/3";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_264_496 + second).unwrap()
}

fn texts(items: &[&str]) -> BTreeSet<String> {
    items.iter().map(|&item| item.to_owned()).collect()
}

/// A service as many have one.
fn snapshot() -> Snapshot {
    let container = ContainerSection {
        image: "shop/app:1".to_owned(),
        digest: Some("sha256:aa".to_owned()),
        essential: true,
        environment: texts(&["MODE", "PORT"]),
        secrets: BTreeMap::from([("KEY".to_owned(), "/shop/key".to_owned())]),
        log: Some(LogSection {
            driver: "awslogs".to_owned(),
            group: Some("/shop/web".to_owned()),
            options: texts(&["awslogs-group", "awslogs-region"]),
            secret_options: BTreeMap::new(),
        }),
        ..ContainerSection::default()
    };
    let group = |name: &str| TargetGroupSection {
        name: Some(name.to_owned()),
        container: Some("app".to_owned()),
        port: Some(8080),
        targets: TargetsSection {
            healthy: 2,
            ..TargetsSection::default()
        },
    };
    Snapshot {
        taken_at: at(0),
        reason: "before a rollout".to_owned(),
        condition: SnapshotCondition::Good,
        service: ServiceSection {
            cluster: "main".to_owned(),
            name: "web".to_owned(),
            arn: "arn:aws:ecs:eu-west-1:1:service/main/web".to_owned(),
            controller: "ECS".to_owned(),
            desired: 2,
            running: 2,
            pending: 0,
            launch_type: Some("FARGATE".to_owned()),
            capacity_providers: Vec::new(),
            platform_version: Some("LATEST".to_owned()),
            deployment: None,
            health_check_grace_seconds: None,
            enable_execute_command: false,
            enable_managed_tags: false,
            propagate_tags: "NONE".to_owned(),
            tags: texts(&["team"]),
        },
        task_definition: TaskDefinitionSection {
            arn: "arn:aws:ecs:eu-west-1:1:task-definition/web:7".to_owned(),
            family: "web".to_owned(),
            revision: 7,
            cpu: Some("256".to_owned()),
            memory: Some("512".to_owned()),
            network_mode: Some("awsvpc".to_owned()),
            cpu_architecture: None,
            operating_system: None,
            ephemeral_storage_gib: None,
            pid_mode: None,
            ipc_mode: None,
            requires_compatibilities: texts(&["FARGATE"]),
            execution_role: None,
            task_role: None,
            containers: BTreeMap::from([("app".to_owned(), container)]),
            volumes: BTreeMap::new(),
            tags: BTreeSet::new(),
        },
        load_balancer: Some(LoadBalancerSection {
            target_groups: BTreeMap::from([
                (BLUE.to_owned(), group("web-blue")),
                (GREEN.to_owned(), group("web-green")),
            ]),
            live_target_groups: texts(&[BLUE]),
            rules: BTreeMap::from([(
                RULE.to_owned(),
                RuleSection {
                    serves: Serves::Production,
                    weights: BTreeMap::from([(BLUE.to_owned(), 1), (GREEN.to_owned(), 0)]),
                    stickiness_seconds: None,
                },
            )]),
            role: None,
        }),
        scaling: Some(ScalingSection {
            min: 1,
            max: 4,
            suspended: SuspendedSection {
                scale_in: false,
                scale_out: false,
                scheduled: false,
            },
            policies: BTreeMap::new(),
            schedules: BTreeMap::new(),
        }),
        network: Some(NetworkSection {
            subnets: texts(&["subnet-1"]),
            security_groups: texts(&["sg-1"]),
            assign_public_ip: false,
        }),
    }
}
