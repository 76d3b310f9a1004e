//! The rules of this folder, each on what AWS answered.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::capacity::{Size, extra_tasks, of_instances, of_quota};
use super::reads::Route;
use super::*;
use crate::desired::{
    DesiredLoadBalancer, DesiredRevision, DesiredStep, DesiredTaskDefinition, Intent, OnCancel,
    OnForeign, ScalingDuring, Settings,
};
use crate::gate::{
    Area, Check, Condition, Flow, Gate, GateClass, Inconclusive, MetricCheck, MissingData,
    MomentKind, Operator,
};
use crate::ports::{
    Controller, DeploymentConfiguration, DeploymentGroup, FreeCapacity, HookTarget, LifecycleHook,
    PropagateTags, Quota, Service, ServiceRef, ServiceStatus, Strategy, TargetHealth, TargetState,
    TargetType, WeightedTarget,
};
use crate::tagging::DesiredTags;
use crate::{Live, LiveRevision};
use switchyard_rollout::weights::Share;

pub(crate) const BLUE: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web-blue/1";
pub(crate) const GREEN: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web-green/2";
const RULE: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:listener-rule/app/web/1/2/3";
const BALANCER: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/web/1";

pub(crate) fn wanted() -> DesiredService {
    DesiredService {
        service: ServiceRef {
            cluster: "main".to_owned(),
            name: "web".to_owned(),
        },
        intent: Intent::Update,
        controller: DesiredController::Ecs,
        revision: DesiredRevision {
            task_definition: DesiredTaskDefinition::Named("web:2".to_owned()),
            launch: None,
            platform_version: None,
            network: None,
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
            tags: DesiredTags::default(),
        },
        desired: DesiredCount::Fixed(2),
        force: false,
        rewritten: BTreeSet::new(),
        time_limit: Duration::from_secs(30 * 60),
        on_cancel: OnCancel::Rollback,
        on_foreign: OnForeign::Wait,
        steps: Vec::new(),
        approvals: BTreeSet::new(),
        gates: crate::gate::Gates::default(),
        scaling: ScalingDuring::Keep,
        warn_only: BTreeSet::new(),
        this_rollout: None,
        recovery_objective: Duration::from_secs(300),
        revision_retention: None,
        refuses_failed_images: true,
    }
}

pub(crate) fn external() -> DesiredService {
    let mut wanted = wanted();
    wanted.controller = DesiredController::External;
    wanted.steps = [(100, 5), (500, 10), (1000, 15)]
        .map(|(tenths, minutes)| DesiredStep {
            share: Share::of_tenths(tenths),
            hold: Duration::from_secs(minutes * 60),
            approval: false,
        })
        .into();
    wanted
}

fn under_code_deploy() -> DesiredService {
    let mut wanted = wanted();
    wanted.controller = DesiredController::CodeDeploy {
        application: "shop".to_owned(),
        group: "web".to_owned(),
        config: None,
        hooks: BTreeMap::new(),
        rollback_events: None,
        alarms: None,
    };
    wanted.settings.deployment_configuration.strategy = Strategy::Rolling;
    wanted
}

pub(crate) fn live(controller: Controller) -> Live {
    Live {
        service: Service {
            arn: "arn:aws:ecs:eu-west-1:1:service/main/web".to_owned(),
            name: "web".to_owned(),
            cluster_arn: "arn:aws:ecs:eu-west-1:1:cluster/main".to_owned(),
            status: ServiceStatus::Active,
            controller,
            task_definition: None,
            desired: 5,
            running: 5,
            pending: 0,
            launch: None,
            platform_version: None,
            network: None,
            load_balancers: Vec::new(),
            deployment_configuration: None,
            health_check_grace_seconds: None,
            enable_execute_command: false,
            enable_managed_tags: false,
            propagate_tags: PropagateTags::None,
            rolling_out: false,
            current_deployment: None,
            current_revisions: Vec::new(),
            task_sets: Vec::new(),
            events: Vec::new(),
            tags: BTreeMap::new(),
            created_at: None,
            parts: BTreeMap::new(),
            beyond: BTreeSet::new(),
        },
        revision: LiveRevision::default(),
        deployment: None,
        unfinished: Vec::new(),
        others: Vec::new(),
        emergency: None,
    }
}

fn metric(name: &str, observe_only: bool, above: f64) -> Gate {
    Gate {
        name: name.to_owned(),
        class: GateClass::Smoke,
        area: Area::Basic,
        when: BTreeSet::from([MomentKind::BeforeTraffic, MomentKind::Step]),
        check: Check::Metric(MetricCheck {
            anomaly: None,
            queries: Vec::new(),
            result: "errors".to_owned(),
            success: None,
            failure: Some(Condition {
                operator: Operator::Above,
                value: above,
            }),
            compare_percent: None,
            interval: Duration::from_secs(60),
            initial_delay: Duration::from_secs(120),
            failure_limit: 0,
            consecutive_successes: 3,
            no_data: MissingData::Inconclusive,
            not_a_number: MissingData::Pass,
            minimum_requests: None,
        }),
        observe_only,
        on_inconclusive: Inconclusive::Fail,
        time_limit: Duration::from_secs(600),
        flow: Flow::default(),
        pair: None,
    }
}

fn group(arn: &str, balancer: &str) -> TargetGroup {
    TargetGroup {
        arn: arn.to_owned(),
        name: "web".to_owned(),
        load_balancers: vec![balancer.to_owned()],
        target_type: TargetType::Ip,
        health_check_path: None,
        health_check_port: None,
        health_check_interval: 30,
        healthy_threshold: 2,
    }
}

fn targets(states: &[TargetState]) -> Vec<TargetHealth> {
    states
        .iter()
        .map(|state| TargetHealth {
            target: "10.0.0.1".to_owned(),
            port: Some(8080),
            state: state.clone(),
            reason: None,
            description: None,
        })
        .collect()
}

fn forward(blue: u32, green: u32) -> Vec<WeightedTarget> {
    [(BLUE, blue), (GREEN, green)]
        .map(|(target_group, weight)| WeightedTarget {
            target_group: target_group.to_owned(),
            weight,
        })
        .into()
}

fn deployment_group(ready_wait_minutes: Option<u32>) -> DeploymentGroup {
    DeploymentGroup {
        application: "shop".to_owned(),
        name: "web".to_owned(),
        config: "CodeDeployDefault.ECSAllAtOnce".to_owned(),
        cluster: Some("main".to_owned()),
        service: Some("web".to_owned()),
        target_groups: Vec::new(),
        production_listeners: Vec::new(),
        test_listeners: Vec::new(),
        termination_wait_minutes: None,
        ready_wait_minutes,
        rollback_events: Vec::new(),
        alarms: vec!["of-the-group".to_owned()],
    }
}

#[test]
fn the_time_limit_covers_steps_gates_and_draining() {
    let mut wanted = external();
    assert_eq!(
        time_limit::of(&wanted, time_limit::Known::default())
            .unwrap()
            .now,
        "The timeout is 30 minutes; steps alone take 30."
    );
    wanted.time_limit = Duration::from_secs(40 * 60);
    assert_eq!(time_limit::of(&wanted, time_limit::Known::default()), None);
    let drains = time_limit::Known {
        drain_seconds: 300,
        ..time_limit::Known::default()
    };
    let found = time_limit::of(&wanted, drains).unwrap();
    assert_eq!(found.severity, FindingLevel::Warning);
    assert_eq!(
        found.now,
        "The timeout is 40 minutes; steps and draining alone take 35."
    );
    assert_eq!(found.next, "Set the timeout to at least 45 minutes.");
    // Two minutes of delay and two more passes a minute apart: all of it before traffic, nothing of it in the
    // holds, which are longer.
    wanted.gates.list = vec![metric("errors", false, 1.0)];
    let found = time_limit::of(&wanted, drains).unwrap();
    assert_eq!(
        found.now,
        "The timeout is 40 minutes; steps, gates and draining alone take 39."
    );
    wanted.gates.list = vec![metric("errors", true, 1.0)];
    let watched = time_limit::of(&wanted, drains).unwrap();
    assert_eq!(
        watched.now,
        "The timeout is 40 minutes; steps and draining alone take 35."
    );
}

#[test]
fn a_network_load_balancer_takes_ten_minutes_for_a_shift() {
    let mut wanted = wanted();
    let known = time_limit::Known::of_strategy(&wanted);
    assert_eq!(time_limit::of(&wanted, known), None);
    wanted.time_limit = Duration::from_secs(15 * 60);
    wanted
        .revision
        .load_balancer
        .as_mut()
        .unwrap()
        .production_rule =
        Some("arn:aws:elasticloadbalancing:eu-west-1:1:listener/net/web/1/2".to_owned());
    let found = time_limit::of(&wanted, known).unwrap();
    assert_eq!(found.severity, FindingLevel::Warning);
    assert_eq!(
        found.now,
        "The timeout is 15 minutes; moving a Network Load Balancer alone take 10."
    );
}

#[test]
fn gates_before_traffic_need_a_group_that_waits() {
    let mut wanted = under_code_deploy();
    let found =
        |wanted: &DesiredService, wait| code_deploy::of_group(wanted, &deployment_group(wait), &[]);
    assert_eq!(found(&wanted, None), []);
    wanted.gates.list = vec![metric("errors", false, 1.0)];
    for (wait, severity) in [
        (None, Some(FindingLevel::Error)),
        (Some(0), Some(FindingLevel::Error)),
        (Some(5), Some(FindingLevel::Warning)),
        (Some(10), None),
    ] {
        let findings = found(&wanted, wait);
        assert_eq!(
            findings.first().map(|found| found.severity),
            severity,
            "{wait:?}"
        );
        for finding in findings {
            assert_eq!(finding.rule, Rule::ReadyWaitMissing);
            assert!(
                finding.next.contains("wait_time_in_minutes = 20"),
                "{}",
                finding.next
            );
        }
    }
}

#[test]
fn alarms_of_our_deployments_come_before_those_of_the_group() {
    let mut wanted = under_code_deploy();
    let group = deployment_group(None);
    assert_eq!(alarm_names(&wanted, Some(&group)), ["of-the-group"]);
    assert_eq!(alarm_field(&wanted), Field::Alarms);
    if let DesiredController::CodeDeploy { alarms, .. } = &mut wanted.controller {
        *alarms = Some(vec!["ours".to_owned()]);
    }
    assert_eq!(alarm_names(&wanted, Some(&group)), ["ours"]);
    assert_eq!(alarm_names(&wanted, None), ["ours"]);
    assert_eq!(alarm_field(&wanted), Field::CodeDeployAlarms);
}

#[test]
fn services_move_between_ecs_and_code_deploy_only() {
    let differs = |wanted: &DesiredService, from: Controller| {
        let findings = offline::all(wanted, Some(&live(from)));
        findings
            .iter()
            .any(|found| found.rule == Rule::ControllerDiffers)
    };
    assert!(!differs(&wanted(), Controller::Ecs));
    assert!(!differs(&wanted(), Controller::CodeDeploy));
    assert!(!differs(&under_code_deploy(), Controller::Ecs));
    assert!(differs(&wanted(), Controller::External));
    assert!(differs(&external(), Controller::Ecs));
    assert!(differs(&wanted(), Controller::Unknown("NEW".to_owned())));
}

#[test]
fn external_needs_a_pair_and_a_rule() {
    let rules = |wanted: &DesiredService| -> Vec<Rule> {
        offline::all(wanted, None)
            .iter()
            .map(|found| found.rule)
            .collect()
    };
    assert_eq!(rules(&external()), []);
    let mut wanted = external();
    wanted
        .revision
        .load_balancer
        .as_mut()
        .unwrap()
        .target_groups
        .remove(GREEN);
    assert_eq!(rules(&wanted), [Rule::PairIncomplete]);
    let mut wanted = external();
    wanted
        .revision
        .load_balancer
        .as_mut()
        .unwrap()
        .production_rule = None;
    assert_eq!(rules(&wanted), [Rule::PairIncomplete]);
}

#[test]
fn where_we_write_the_rule_one_of_the_groups_is_enough() {
    let rules =
        |wanted: &DesiredService, live: Option<&Live>, targets: Vec<WeightedTarget>| -> Vec<Rule> {
            let route = Route {
                targets,
                stickiness_seconds: None,
            };
            let found = routing::of_rules(wanted, live, Some(&Some(route)), None);
            found.iter().map(|found| found.rule).collect()
        };
    let one = || vec![forward(1, 0)[0].clone()];
    let moved = live(Controller::CodeDeploy);
    assert_eq!(
        rules(&wanted(), None, one()),
        [Rule::ProductionRuleElsewhere]
    );
    assert_eq!(rules(&wanted(), Some(&moved), one()), []);
    assert_eq!(rules(&external(), None, one()), []);
    assert_eq!(
        rules(&external(), None, Vec::new()),
        [Rule::ProductionRuleElsewhere]
    );
}

#[test]
fn a_listener_of_a_network_load_balancer_starts_with_the_live_group_alone() {
    let mut wanted = wanted();
    wanted
        .revision
        .load_balancer
        .as_mut()
        .unwrap()
        .production_rule =
        Some("arn:aws:elasticloadbalancing:eu-west-1:1:listener/net/web/1/2".to_owned());
    let rules = |targets: Vec<WeightedTarget>| -> Vec<Rule> {
        let route = Route {
            targets,
            stickiness_seconds: None,
        };
        let found = routing::of_rules(&wanted, None, Some(&Some(route)), None);
        found.iter().map(|found| found.rule).collect()
    };
    assert_eq!(rules(forward(1, 0)), []);
    assert_eq!(rules(vec![forward(1, 0)[0].clone()]), []);
    assert_eq!(rules(Vec::new()), [Rule::ProductionRuleElsewhere]);
}

#[test]
fn a_hook_names_a_function_and_a_role() {
    let mut wanted = wanted();
    wanted.settings.deployment_configuration.hooks = Some(vec![LifecycleHook {
        target: HookTarget::Lambda {
            function: "check".to_owned(),
            role: "arn:aws:iam::1:instance-profile/x".to_owned(),
        },
        stages: BTreeSet::new(),
        details: None,
        timeout_minutes: None,
        on_timeout: None,
        more: String::new(),
    }]);
    wanted.revision.load_balancer.as_mut().unwrap().role = Some("ecs".to_owned());
    let fields: Vec<Field> = roles::of_wanted(&wanted)
        .iter()
        .map(|found| found.field)
        .collect();
    assert_eq!(fields, [Field::Role, Field::Hooks, Field::Hooks]);
}

#[test]
fn exec_needs_a_task_role() {
    let definition = |task_role: Option<&str>| TaskDefinition {
        arn: "arn:aws:ecs:eu-west-1:1:task-definition/web:1".to_owned(),
        family: "web".to_owned(),
        revision: 1,
        status: Some(crate::ports::TaskDefinitionStatus::Active),
        containers: Vec::new(),
        network_mode: None,
        cpu: None,
        memory: None,
        cpu_architecture: None,
        execution_role: None,
        task_role: task_role.map(ToOwned::to_owned),
        secrets: Vec::new(),
        log_groups: Vec::new(),
        tags: BTreeMap::new(),
        document: serde_json::Value::Null,
    };
    let mut wanted = wanted();
    assert_eq!(roles::of_exec(&wanted, &definition(None)), None);
    wanted.settings.enable_execute_command = true;
    let found = roles::of_exec(&wanted, &definition(None)).map(|found| found.rule);
    assert_eq!(found, Some(Rule::TaskRoleMissing));
    let role = "arn:aws:iam::1:role/shell";
    assert_eq!(roles::of_exec(&wanted, &definition(Some(role))), None);
}

#[test]
fn a_group_of_another_load_balancer_gets_no_traffic() {
    let wanted = wanted();
    assert_eq!(routing::load_balancer_of(RULE).as_deref(), Some(BALANCER));
    let other = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/api/9";
    let mut idle = group(GREEN, other);
    idle.load_balancers.clear();
    assert_eq!(
        routing::of_balancer(&wanted, &[group(BLUE, BALANCER), idle]),
        []
    );
    let found = routing::of_balancer(&wanted, &[group(BLUE, BALANCER), group(GREEN, other)]);
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].now,
        "Target group `web-green` belongs to load balancer `api`, and the production rule to `web`."
    );
}

#[test]
fn stickiness_matters_where_a_weight_is_held_for_less() {
    let sticky = |seconds| {
        Some(Route {
            targets: forward(1, 0),
            stickiness_seconds: Some(seconds),
        })
    };
    assert_eq!(
        routing::of_stickiness(&external(), Some(&sticky(300))),
        None
    );
    let found = routing::of_stickiness(&external(), Some(&sticky(301))).unwrap();
    assert_eq!(found.rule, Rule::StickinessTooLong);
    assert_eq!(
        routing::of_stickiness(&wanted(), Some(&sticky(86400))),
        None,
        "one shift"
    );
    let mut canary = wanted();
    canary.settings.deployment_configuration.strategy = Strategy::Canary {
        percent: 10.0,
        bake_minutes: 5,
    };
    assert!(routing::of_stickiness(&canary, Some(&sticky(301))).is_some());
}

#[test]
fn production_is_empty_only_when_others_could_serve() {
    let empty = |forward: &[WeightedTarget], blue: &[TargetState], green: &[TargetState]| {
        let health = BTreeMap::from([
            (BLUE.to_owned(), targets(blue)),
            (GREEN.to_owned(), targets(green)),
        ]);
        production::empty(forward, &health, None)
    };
    use TargetState::{Draining, Healthy, Unhealthy, Unused};
    let found = empty(&forward(0, 1), &[Healthy, Healthy], &[]).unwrap();
    assert_eq!(found.severity, FindingLevel::Error);
    assert_eq!(
        found.now,
        "Critical: production forwards to `web-green`, which has no targets, while 2 targets are in `web-blue`. \
         Requests fail now."
    );
    assert!(empty(&forward(0, 1), &[Unused], &[Draining]).is_some());
    assert_eq!(
        empty(&forward(1, 0), &[Healthy], &[]),
        None,
        "as it should be"
    );
    assert_eq!(
        empty(&forward(1, 1), &[Healthy], &[]),
        None,
        "half of it serves"
    );
    assert_eq!(
        empty(&forward(0, 1), &[Unhealthy], &[]),
        None,
        "nothing could serve"
    );
    assert_eq!(
        empty(&forward(0, 1), &[Healthy], &[Unhealthy]),
        None,
        "a load balancer sends traffic to unhealthy targets when there are no others"
    );
    let health = BTreeMap::from([
        (BLUE.to_owned(), targets(&[Healthy])),
        (GREEN.to_owned(), targets(&[])),
    ]);
    let severity = |serving| {
        let found = production::empty(&forward(0, 1), &health, Some(serving));
        found.map(|found| found.severity)
    };
    assert_eq!(
        severity(BLUE),
        Some(FindingLevel::Warning),
        "the apply heals it"
    );
    assert_eq!(severity("elsewhere"), Some(FindingLevel::Error));
    let unread = BTreeMap::from([(BLUE.to_owned(), targets(&[Healthy]))]);
    assert_eq!(
        production::empty(&forward(0, 1), &unread, None),
        None,
        "not looked at"
    );
}

#[test]
fn both_fleets_need_room() {
    let running = live(Controller::Ecs);
    let mut wanted = wanted();
    assert_eq!(extra_tasks(&wanted, None), Some(2));
    wanted.desired = DesiredCount::Initial(2);
    assert_eq!(
        extra_tasks(&wanted, Some(&running)),
        Some(5),
        "the autoscaler's number"
    );
    wanted.desired = DesiredCount::Bounded {
        initial: 2,
        min: 1,
        max: 4,
    };
    assert_eq!(extra_tasks(&wanted, Some(&running)), Some(4));
    wanted.settings.deployment_configuration.strategy = Strategy::Rolling;
    assert_eq!(extra_tasks(&wanted, Some(&running)), Some(1));
    wanted
        .settings
        .deployment_configuration
        .minimum_healthy_percent = Some(50);
    assert_eq!(
        extra_tasks(&wanted, Some(&running)),
        Some(0),
        "an old one stops first"
    );

    let task = Size {
        cpu: 256,
        memory: 512,
    };
    let instance = |cpu, memory| FreeCapacity { cpu, memory };
    // Five thirds of a task's memory on each of three instances are three tasks, not five.
    let free = [
        instance(2048, 853),
        instance(2048, 853),
        instance(2048, 853),
    ];
    assert_eq!(of_instances(&wanted, task, 3, &free), None);
    let found = of_instances(&wanted, task, 4, &free).unwrap();
    assert!(
        found.now.contains("capacity for 3 more tasks"),
        "{}",
        found.now
    );
    assert!(of_instances(&wanted, task, 1, &[]).is_some());
}

#[test]
fn the_quota_has_room_for_both_fleets() {
    let task = Size {
        cpu: 512,
        memory: 1024,
    };
    let quota = |limit, used| Quota { limit, used };
    assert_eq!(of_quota(task, 4, 4, quota(10.0, Some(8.0))), None);
    let found = of_quota(task, 5, 4, quota(10.0, Some(8.0))).unwrap();
    assert_eq!(
        found.now,
        "The deployment adds 2.5 vCPUs on Fargate; 8 of the account's 10 are in use."
    );
    assert_eq!(of_quota(task, 4, 4, quota(4.0, None)), None);
    assert!(of_quota(task, 4, 5, quota(4.0, None)).is_some());
}

#[test]
fn a_rollout_to_what_is_wanted_is_no_news() {
    let ours = "arn:aws:ecs:eu-west-1:1:task-definition/web:2";
    assert_eq!(
        running::of_rollout("d-1", Some(ours), Some(ours), running::Fate::Awaited),
        None
    );
    let other = "arn:aws:ecs:eu-west-1:1:task-definition/web:7";
    let found =
        running::of_rollout("d-1", Some(other), Some(ours), running::Fate::Awaited).unwrap();
    assert_eq!(found.severity, FindingLevel::Warning);
    assert_eq!(
        found.now,
        "Deployment d-1 to revision web:7 is in progress."
    );
    assert!(
        running::of_rollout("d-1", None, None, running::Fate::Awaited).is_some(),
        "not known to be ours"
    );
}

#[test]
fn the_gate_that_watches_speaks_up_first() {
    let mut wanted = wanted();
    let found = |wanted: &DesiredService| thresholds::of_gates(wanted).len();
    wanted.gates.list = vec![metric("undo", false, 25.0), metric("watch", true, 10.0)];
    assert_eq!(found(&wanted), 0);
    wanted.gates.list = vec![metric("undo", false, 5.0), metric("watch", true, 10.0)];
    assert_eq!(found(&wanted), 1);
    // Not bad above, but below: 99 percent undoes before 95 percent warns.
    for gate in &mut wanted.gates.list {
        if let Check::Metric(check) = &mut gate.check {
            check.failure = None;
            check.success = Some(Condition {
                operator: Operator::AtLeast,
                value: if gate.observe_only { 95.0 } else { 99.0 },
            });
        }
    }
    assert_eq!(found(&wanted), 1);
}

#[test]
fn a_downgraded_finding_says_so() {
    let mut wanted = wanted();
    wanted.warn_only.insert(Rule::ClusterMissing);
    let mut found = cluster(&wanted, false).unwrap();
    downgrade(&mut found, &wanted);
    assert_eq!(found.severity, FindingLevel::Warning);
    assert!(
        found.next.ends_with(
            "This is an error by default; it is a warning here because `preflight.warn_only` names SY0101."
        ),
        "{}",
        found.next
    );
    wanted.warn_only.clear();
    let mut found = cluster(&wanted, false).unwrap();
    downgrade(&mut found, &wanted);
    assert_eq!(found.severity, FindingLevel::Error);
}
