//! ECS: holds, task sets, task definitions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use switchyard_engine::ports::{
    BreakerThreshold, CircuitBreaker, ContinueAction, Controller, CpuArchitecture,
    DeploymentConfiguration, EcsStatus, ErrorKind, HookState, HookStatus, HookTarget,
    HookTargetType, HookTimeoutAction, Launch, LaunchType, LifecycleHook, LifecycleStage,
    LoadBalancer, Network, NewTaskSet, ServiceChange, Strategy, ThresholdUnit,
};

use crate::site::{REGION, Site, service};

#[tokio::test]
async fn a_held_deployment_shows_its_hook_and_goes_on() {
    let site = Site::new();
    site.serve("v1", json!({ "strategy": "BLUE_GREEN" }));
    let services = &site.ports.services;
    let pause = LifecycleHook {
        target: HookTarget::Pause,
        stages: BTreeSet::from([LifecycleStage::PreProductionTrafficShift]),
        details: None,
        timeout_minutes: Some(90),
        on_timeout: Some(HookTimeoutAction::Continue),
        more: String::new(),
    };
    let function = LifecycleHook {
        target: HookTarget::Lambda {
            function: "arn:aws:lambda:eu-west-1:123456789012:function:smoke".to_owned(),
            role: "arn:aws:iam::123456789012:role/hooks".to_owned(),
        },
        stages: BTreeSet::from([LifecycleStage::PostScaleUp]),
        details: Some("{\"path\":\"/health\"}".to_owned()),
        timeout_minutes: None,
        on_timeout: None,
        more: String::new(),
    };
    let configuration = DeploymentConfiguration {
        strategy: Strategy::Linear {
            percent: 50.0,
            bake_minutes: 0,
        },
        bake_minutes: Some(0),
        maximum_percent: Some(200),
        minimum_healthy_percent: Some(100),
        circuit_breaker: Some(CircuitBreaker {
            enable: true,
            rollback: true,
            threshold: Some(BreakerThreshold {
                unit: ThresholdUnit::UnboundedPercent,
                value: 40,
            }),
            reset_on_healthy_task: Some(false),
        }),
        hooks: Some(vec![pause, function]),
        alarms: None,
    };
    let change = ServiceChange {
        task_definition: Some(site.definition("v2")),
        deployment_configuration: Some(configuration.clone()),
        ..ServiceChange::default()
    };
    let updated = services.update_service(&service(), &change).await.unwrap();
    let shown = updated.deployment_configuration.unwrap();
    assert_eq!(
        (&shown.hooks, &shown.circuit_breaker),
        (&configuration.hooks, &configuration.circuit_breaker)
    );
    let mut seen = BTreeSet::new();
    for weight in [0.0, 50.0] {
        let held = loop {
            site.advance(1);
            let newest = services
                .list_deployments(&service(), 1)
                .await
                .unwrap()
                .remove(0);
            let waits = |hook: &&HookState| hook.status == HookStatus::AwaitingAction;
            if let Some(hook) = newest.hooks.iter().find(waits).cloned() {
                break (newest, hook);
            }
        };
        let (deployment, hook) = held;
        assert_eq!(
            deployment.stage,
            Some(LifecycleStage::PreProductionTrafficShift)
        );
        assert_eq!(deployment.target.unwrap().production_weight, Some(weight));
        assert_eq!(
            (hook.target_type, hook.target),
            (HookTargetType::Pause, None)
        );
        assert!(hook.expires_at.unwrap() > site.ports.clock.now());
        assert!(seen.insert(hook.id.clone()), "each firing has its own id");
        services
            .continue_deployment(&deployment.arn, &hook.id, ContinueAction::Continue)
            .await
            .unwrap();
    }
    // The old tasks drain for as long as their group says.
    site.advance(600);
    let newest = services
        .list_deployments(&service(), 1)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(newest.status, EcsStatus::Successful);
}

#[tokio::test]
async fn task_sets_are_made_promoted_and_deleted() {
    let site = Site::new();
    let services = &site.ports.services;
    site.ecs(
        "CreateService",
        json!({ "cluster": "main", "serviceName": "web", "desiredCount": 4, "deploymentController": { "type": "EXTERNAL" } }),
    );
    let new = NewTaskSet {
        service: service(),
        client_token: "token-1".to_owned(),
        task_definition: site.definition("v1"),
        launch: Some(Launch::Type(LaunchType::Fargate)),
        platform_version: None,
        network: Some(Network {
            subnets: BTreeSet::from(["subnet-1".to_owned()]),
            security_groups: BTreeSet::new(),
            assign_public_ip: false,
        }),
        load_balancers: vec![LoadBalancer {
            target_group: site.blue.clone(),
            container: "app".to_owned(),
            port: 8080,
            alternate: None,
        }],
        scale_percent: 50.0,
        external_id: None,
        parts: BTreeMap::new(),
        tags: BTreeMap::from([("side".to_owned(), "new".to_owned())]),
    };
    let created = services.create_task_set(&new).await.unwrap();
    assert_eq!((created.scale_percent, created.computed_desired), (50.0, 2));
    let again = services.create_task_set(&new).await.unwrap();
    assert_eq!(again.id, created.id, "the token makes it one");
    site.advance(3);
    let early = services.find_service(&service()).await.unwrap().unwrap();
    assert_eq!(
        (early.task_definition, early.task_sets[0].pending),
        (None, 2)
    );
    site.advance(60);
    services
        .promote_task_set(&service(), &created.id)
        .await
        .unwrap();
    let live = services.find_service(&service()).await.unwrap().unwrap();
    assert_eq!(live.controller, Controller::External);
    assert_eq!(live.task_definition.as_ref(), Some(&new.task_definition));
    assert_eq!(
        (live.task_sets.len(), live.task_sets[0].is_stable()),
        (1, true)
    );
    assert_eq!(
        site.ports
            .routing
            .target_health(&site.blue)
            .await
            .unwrap()
            .len(),
        2
    );
    let refused = services
        .delete_task_set(&service(), &created.id, false)
        .await;
    assert_eq!(refused.unwrap_err().kind, ErrorKind::Rejected);
    services
        .delete_task_set(&service(), &created.id, true)
        .await
        .unwrap();
    site.advance(600);
    services
        .delete_task_set(&service(), &created.id, true)
        .await
        .unwrap();
}

#[tokio::test]
async fn definitions_are_registered_listed_and_deregistered() {
    let site = Site::new();
    let services = &site.ports.services;
    let image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:v1";
    let document = json!({
        "family": "shop", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "executionRoleArn": "arn:aws:iam::123456789012:role/pull", "runtimePlatform": { "cpuArchitecture": "ARM64" },
        "containerDefinitions": [{
            "name": "app", "image": image,
            "secrets": [{ "name": "DB", "valueFrom": "/shop/db" }],
            "logConfiguration": { "logDriver": "awslogs", "options": {
                "awslogs-group": "/shop", "awslogs-region": REGION, "awslogs-stream-prefix": "web",
            } },
        }],
    });
    let tags = BTreeMap::from([("owner".to_owned(), "shop".to_owned())]);
    let first = services
        .register_task_definition(&document, &tags)
        .await
        .unwrap();
    let second = services
        .register_task_definition(&document, &BTreeMap::new())
        .await
        .unwrap();
    assert_eq!((first.revision, second.revision), (1, 2));
    let found = services
        .find_task_definition(&first.arn)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found, first);
    assert_eq!(
        (found.tags, found.cpu_architecture),
        (tags, Some(CpuArchitecture::Arm64))
    );
    assert_eq!(found.secrets[0].from, "/shop/db");
    let group = &found.log_groups[0];
    assert_eq!(
        (group.group.as_str(), group.stream_prefix.as_deref()),
        ("/shop", Some("web"))
    );
    assert_eq!(found.document["containerDefinitions"][0]["image"], image);
    assert_eq!(
        services.list_task_definitions("shop").await.unwrap(),
        [second.arn.clone(), first.arn.clone()]
    );
    for _ in 0..2 {
        services
            .deregister_task_definition(&first.arn)
            .await
            .unwrap();
    }
    assert_eq!(
        services.list_task_definitions("shop").await.unwrap(),
        [second.arn]
    );
    let gone = services
        .find_task_definition(&first.arn)
        .await
        .unwrap()
        .unwrap();
    assert!(!gone.is_active());
    assert!(services.free_capacity("main").await.unwrap().is_empty());
}

#[tokio::test]
async fn instances_say_what_the_tasks_on_them_leave() {
    let site = Site::new();
    let resources = |cpu, memory| {
        json!([
            { "name": "CPU", "type": "INTEGER", "integerValue": cpu },
            { "name": "MEMORY", "type": "INTEGER", "integerValue": memory },
        ])
    };
    for (cpu, memory) in [(2048, 4096), (1024, 2048)] {
        site.ecs(
            "RegisterContainerInstance",
            json!({ "cluster": "main", "totalResources": resources(cpu, memory) }),
        );
    }
    let left = async || {
        let mut left = site.ports.services.free_capacity("main").await.unwrap();
        left.sort_by_key(|one| one.cpu);
        left.iter()
            .map(|one| (one.cpu, one.memory))
            .collect::<Vec<_>>()
    };
    assert_eq!(left().await, [(1024, 2048), (2048, 4096)]);
    let container = json!({ "name": "app", "image": "app:v1", "cpu": 1536, "memory": 1024 });
    site.ecs(
        "RegisterTaskDefinition",
        json!({ "family": "job", "containerDefinitions": [container] }),
    );
    site.ecs(
        "RunTask",
        json!({ "cluster": "main", "taskDefinition": "job", "launchType": "EC2" }),
    );
    site.advance(30);
    assert_eq!(left().await, [(512, 3072), (1024, 2048)]);
}
