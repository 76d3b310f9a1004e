//! What the tests of the engine share.

#![allow(dead_code, reason = "each test binary uses its part")]

pub(crate) mod fake;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use switchyard_engine::gate::Gates;
use switchyard_engine::ports::{
    DeploymentConfiguration, Launch, LaunchType, Network, PropagateTags, ServiceRef, Strategy,
};
use switchyard_engine::{
    DesiredController, DesiredCount, DesiredLoadBalancer, DesiredRevision, DesiredService,
    DesiredTags, DesiredTaskDefinition, Intent, OnCancel, OnForeign, ScalingDuring, Settings,
};

pub(crate) const BLUE: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web-blue/1";
pub(crate) const GREEN: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web-green/2";
pub(crate) const BALANCER: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/web/1";
pub(crate) const RULE: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:1:listener-rule/app/web/1/2/3";

pub(crate) fn task_definition(revision: u32) -> String {
    format!("arn:aws:ecs:eu-west-1:1:task-definition/web:{revision}")
}

pub(crate) fn tags(pairs: &[(&str, &str)]) -> DesiredTags {
    let pairs = pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    pairs.collect::<BTreeMap<_, _>>().into()
}

/// A service `web` under ECS with a blue/green pair, at task definition revision 1.
pub(crate) fn wanted() -> DesiredService {
    DesiredService {
        service: ServiceRef {
            cluster: "main".to_owned(),
            name: "web".to_owned(),
        },
        intent: Intent::Create,
        controller: DesiredController::Ecs,
        revision: DesiredRevision {
            task_definition: DesiredTaskDefinition::Named(task_definition(1)),
            launch: Some(Launch::Type(LaunchType::Fargate)),
            platform_version: None,
            network: Some(Network {
                subnets: BTreeSet::from(["subnet-1".to_owned()]),
                security_groups: BTreeSet::new(),
                assign_public_ip: false,
            }),
            load_balancer: Some(DesiredLoadBalancer {
                container: "app".to_owned(),
                port: 8080,
                target_groups: BTreeSet::from([BLUE.to_owned(), GREEN.to_owned()]),
                production_rule: Some(RULE.to_owned()),
                test_rule: None,
                role: Some("arn:aws:iam::1:role/ecs".to_owned()),
            }),
            additional: Vec::new(),
            parts: BTreeMap::new(),
        },
        settings: Settings {
            deployment_configuration: DeploymentConfiguration {
                strategy: Strategy::BlueGreen,
                bake_minutes: Some(0),
                maximum_percent: None,
                minimum_healthy_percent: None,
                circuit_breaker: None,
                hooks: None,
                alarms: None,
            },
            health_check_grace_seconds: None,
            enable_execute_command: false,
            enable_managed_tags: false,
            propagate_tags: PropagateTags::None,
            parts: BTreeMap::new(),
            tags: tags(&[("team", "shop")]),
        },
        desired: DesiredCount::Fixed(2),
        force: false,
        rewritten: BTreeSet::new(),
        time_limit: Duration::from_secs(30 * 60),
        on_cancel: OnCancel::Rollback,
        on_foreign: OnForeign::Wait,
        steps: Vec::new(),
        approvals: BTreeSet::new(),
        gates: Gates::default(),
        scaling: ScalingDuring::Keep,
        warn_only: BTreeSet::new(),
        this_rollout: None,
        recovery_objective: Duration::from_secs(5 * 60),
        revision_retention: None,
        refuses_failed_images: true,
    }
}

/// The same service, in the state already, at another revision.
pub(crate) fn update_to(revision: u32) -> DesiredService {
    let mut wanted = wanted();
    wanted.intent = Intent::Update;
    wanted.revision.task_definition = DesiredTaskDefinition::Named(task_definition(revision));
    wanted
}

/// The same service under CodeDeploy.
pub(crate) fn under_code_deploy(mut wanted: DesiredService) -> DesiredService {
    wanted.controller = DesiredController::CodeDeploy {
        application: "shop".to_owned(),
        group: "web".to_owned(),
        config: None,
        hooks: BTreeMap::new(),
        rollback_events: None,
        alarms: None,
    };
    wanted.settings.deployment_configuration.strategy = Strategy::Rolling;
    wanted.settings.deployment_configuration.bake_minutes = None;
    wanted
}

/// The same service with task sets whose traffic we move.
pub(crate) fn external(mut wanted: DesiredService) -> DesiredService {
    wanted.controller = DesiredController::External;
    wanted.settings.deployment_configuration.strategy = Strategy::Rolling;
    wanted.settings.deployment_configuration.bake_minutes = None;
    wanted
}
