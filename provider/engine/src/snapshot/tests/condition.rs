//! When a service is well.

use std::collections::{BTreeMap, BTreeSet};

use super::{BLUE, GREEN, RULE, snapshot};
use crate::ports::{
    Controller, EcsStatus, PropagateTags, Service, ServiceDeployment, ServiceStatus,
    StabilityStatus, TaskSet, TaskSetStatus,
};
use crate::snapshot::SnapshotCondition;
use crate::snapshot::condition::{Facts, judge};
use crate::snapshot::sections::LoadBalancerSection;

fn service() -> Service {
    Service {
        arn: "arn:aws:ecs:eu-west-1:1:service/main/web".to_owned(),
        name: "web".to_owned(),
        cluster_arn: "arn:aws:ecs:eu-west-1:1:cluster/main".to_owned(),
        status: ServiceStatus::Active,
        controller: Controller::Ecs,
        task_definition: None,
        desired: 2,
        running: 2,
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
        current_revisions: vec!["rev-1".to_owned()],
        task_sets: Vec::new(),
        events: Vec::new(),
        tags: BTreeMap::new(),
        created_at: None,
        parts: BTreeMap::new(),
        beyond: BTreeSet::new(),
    }
}

fn task_set(status: &str) -> TaskSet {
    TaskSet {
        id: "ecs-svc/1".to_owned(),
        status: TaskSetStatus::parse(status),
        external_id: None,
        task_definition: "web:1".to_owned(),
        load_balancers: Vec::new(),
        network: None,
        launch: None,
        platform_version: None,
        running: 2,
        computed_desired: 2,
        stability: Some(StabilityStatus::SteadyState),
        pending: 0,
        scale_percent: 100.0,
        created_at: None,
        parts: BTreeMap::new(),
        tags: BTreeMap::new(),
    }
}

fn deployment(status: EcsStatus) -> ServiceDeployment {
    ServiceDeployment {
        arn: "deployment".to_owned(),
        status,
        status_reason: None,
        stage: None,
        sources: Vec::new(),
        target: None,
        rollback_revision: None,
        rollback_reason: None,
        triggered_alarms: Vec::new(),
        breaker: None,
        failed_tasks: 0,
        hooks: Vec::new(),
        created_at: None,
        finished_at: None,
    }
}

fn of_service(change: impl FnOnce(&mut Service)) -> Vec<String> {
    let mut service = service();
    change(&mut service);
    judged(&service, None, None)
}

fn of_balancer(change: impl FnOnce(&mut LoadBalancerSection)) -> Vec<String> {
    let mut balancer = snapshot().load_balancer.unwrap();
    change(&mut balancer);
    judged(&service(), None, Some(&balancer))
}

fn judged(
    service: &Service,
    deployment: Option<&ServiceDeployment>,
    load_balancer: Option<&LoadBalancerSection>,
) -> Vec<String> {
    let condition = judge(&Facts {
        service,
        deployment,
        load_balancer,
    });
    assert_eq!(condition.is_good(), condition == SnapshotCondition::Good);
    condition.reasons().to_vec()
}

#[test]
fn a_steady_healthy_service_is_good() {
    let none: [&str; 0] = [];
    assert_eq!(of_service(|_| ()), none);
    assert_eq!(of_balancer(|_| ()), none);
    let ended = deployment(EcsStatus::Successful);
    assert_eq!(judged(&service(), Some(&ended), None), none);
    assert_eq!(
        of_service(|service| {
            service.task_sets = vec![task_set("PRIMARY"), task_set("DRAINING")];
        }),
        none
    );
}

#[test]
fn what_speaks_against_it_is_told_in_sentences() {
    type Change = fn(&mut Service);
    let table: [(Change, &str); 11] = [
        (|service| service.running = 1, "1 task running, 2 desired."),
        (|service| service.running = 3, "3 tasks running, 2 desired."),
        (
            |service| service.pending = 2,
            "2 tasks had not started yet.",
        ),
        (
            |service| {
                service.desired = 0;
                service.running = 0;
            },
            "No task was desired and none was running, so nothing shows that it works.",
        ),
        (
            |service| service.current_revisions.push("rev-2".to_owned()),
            "Tasks of 2 revisions were in the service.",
        ),
        (
            |service| service.task_sets = vec![task_set("PRIMARY"), task_set("ACTIVE")],
            "The service had 2 task sets: a deployment was in progress, or had not been completed.",
        ),
        (
            |service| {
                let mut set = task_set("PRIMARY");
                set.stability = Some(StabilityStatus::Stabilizing);
                service.task_sets = vec![set];
            },
            "AWS did not report the primary task set as steady.",
        ),
        (
            |service| service.status = ServiceStatus::Unknown("SLEEPING".to_owned()),
            "AWS reports the service as `SLEEPING`, which this version does not know.",
        ),
        (
            |service| {
                service
                    .tags
                    .insert(crate::CREATING_TAG.to_owned(), "x".to_owned());
            },
            "The first deployment of the service had not ended.",
        ),
        (
            |service| {
                service
                    .tags
                    .insert(crate::SCALING_TAG.to_owned(), "in".to_owned());
            },
            "A deployment had suspended automatic scaling.",
        ),
        (
            |service| service.status = ServiceStatus::Draining,
            "The service is being deleted.",
        ),
    ];
    for (change, reason) in table {
        assert_eq!(of_service(change), [reason]);
    }
}

#[test]
fn a_deployment_under_way_speaks_against_it_in_any_word() {
    for (status, word) in [
        (EcsStatus::Pending, "PENDING"),
        (EcsStatus::InProgress, "IN_PROGRESS"),
        (EcsStatus::RollbackInProgress, "ROLLBACK_IN_PROGRESS"),
        (EcsStatus::Unknown("MUSING".to_owned()), "MUSING"),
    ] {
        let running = deployment(status);
        assert_eq!(
            judged(&service(), Some(&running), None),
            [format!("A deployment was in progress ({word}).")]
        );
    }
}

#[test]
fn unwell_targets_speak_against_it() {
    type Change = fn(&mut LoadBalancerSection);
    let table: [(Change, &[&str]); 8] = [
        (
            |balancer| {
                balancer.role = Some("arn:aws:iam::1:role/ecs".to_owned());
                balancer.rules.clear();
            },
            &["The production rule did not exist."],
        ),
        (
            |balancer| {
                balancer
                    .target_groups
                    .get_mut(BLUE)
                    .unwrap()
                    .targets
                    .unhealthy = 1
            },
            &["1 target of target group `web-blue` was unhealthy."],
        ),
        (
            |balancer| {
                balancer
                    .target_groups
                    .get_mut(BLUE)
                    .unwrap()
                    .targets
                    .initial = 2
            },
            &["2 targets of target group `web-blue` were still being checked."],
        ),
        (
            |balancer| {
                balancer
                    .target_groups
                    .get_mut(BLUE)
                    .unwrap()
                    .targets
                    .healthy = 0
            },
            &["Target group `web-blue` had no healthy target."],
        ),
        // Nobody is sent there.
        (
            |balancer| {
                balancer
                    .target_groups
                    .get_mut(GREEN)
                    .unwrap()
                    .targets
                    .unhealthy = 1
            },
            &[],
        ),
        (
            |balancer| balancer.live_target_groups.clear(),
            &["AWS did not show which target group has the production traffic."],
        ),
        (
            |balancer| {
                let rule = balancer.rules.get_mut(RULE).unwrap();
                rule.weights.insert(GREEN.to_owned(), 1);
            },
            &["The production rule sent traffic to target group `web-green` as well."],
        ),
        (
            |balancer| {
                let rule = balancer.rules.get_mut(RULE).unwrap();
                rule.weights.insert(BLUE.to_owned(), 0);
            },
            &["The production rule sent no traffic to the target group of the running tasks."],
        ),
    ];
    for (change, reasons) in table {
        assert_eq!(of_balancer(change), reasons);
    }
}
