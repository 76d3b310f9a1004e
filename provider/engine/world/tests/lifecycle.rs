//! Whole life cycles of a service: the engine against the in-memory AWS, through the ports.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../../tests/support/intercept.rs"]
#[allow(dead_code, reason = "shared with the engine's own tests")]
mod intercept;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use intercept::{Fault, Intercept, Selector};
use serde_json::{Value, json};
use switchyard_engine::ports::{
    CircuitBreaker, DeploymentAlarms, DeploymentConfiguration, ErrorKind, Launch, LaunchType,
    Network, Ports, PropagateTags, ServiceRef, Strategy,
};
use switchyard_engine::{
    Applied, CREATING_TAG, Desired, Failure, FailureKind, Intent, OnCancel, Report, ReportKind,
    ScalingDuring, Settings, Wanted, WantedController, WantedLoadBalancer, WantedRevision,
    WantedTaskDefinition, apply, delete, gate::Gates, observe, verify,
};
use switchyard_world::ports::Face;
use switchyard_world::{Service, World, WorldConfig};
use tokio_util::sync::CancellationToken;

const REGION: &str = "eu-west-1";

/// An account with a cluster, a load balancer, a pair of target groups, and a production rule.
struct Account {
    world: World,
    ports: Ports,
    blue: String,
    green: String,
    rule: String,
    listener: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Account {
    fn new() -> Self {
        let world = World::new(WorldConfig::default());
        let ports = Face::new(world.clone(), REGION).ports();
        let empty = String::new;
        let mut account = Self {
            world,
            ports,
            blue: empty(),
            green: empty(),
            rule: empty(),
            listener: empty(),
        };
        account.ecs("CreateCluster", json!({ "clusterName": "main" }));
        let subnets = json!({ "Name": "shop", "Subnets": ["subnet-1", "subnet-2"], "SecurityGroups": ["sg-1"] });
        let balancer = account.elb("CreateLoadBalancer", subnets);
        let balancer = text(&balancer["LoadBalancers"][0]["LoadBalancerArn"]);
        account.blue = account.target_group("web-blue");
        account.green = account.target_group("web-green");
        let answer = json!({ "StatusCode": "404", "ContentType": "text/plain" });
        let missing = json!({ "Type": "fixed-response", "FixedResponseConfig": answer });
        let listener = json!({ "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": 80, "DefaultActions": [missing] });
        account.listener =
            text(&account.elb("CreateListener", listener)["Listeners"][0]["ListenerArn"]);
        let pair = json!([
            { "TargetGroupArn": account.blue, "Weight": 1 },
            { "TargetGroupArn": account.green, "Weight": 0 },
        ]);
        let rule = json!({
            "ListenerArn": account.listener,
            "Priority": 10,
            "Conditions": [{ "Field": "path-pattern", "Values": ["/*"] }],
            "Actions": [{ "Type": "forward", "ForwardConfig": { "TargetGroups": pair } }],
        });
        account.rule = text(&account.elb("CreateRule", rule)["Rules"][0]["RuleArn"]);
        account
    }

    /// With a listener that CodeDeploy can move, and its deployment group.
    fn with_code_deploy() -> Self {
        let account = Self::new();
        let action = json!({ "Type": "forward", "TargetGroupArn": account.blue });
        account.elb(
            "ModifyListener",
            json!({ "ListenerArn": account.listener, "DefaultActions": [action] }),
        );
        account.elb("DeleteRule", json!({ "RuleArn": account.rule }));
        account
    }

    fn deployment_group(&self, termination_minutes: u32) {
        self.code_deploy(
            "CreateApplication",
            json!({ "applicationName": "shop", "computePlatform": "ECS" }),
        );
        self.code_deploy("CreateDeploymentGroup", json!({
            "applicationName": "shop", "deploymentGroupName": "web",
            "serviceRoleArn": "arn:aws:iam::123456789012:role/deploy",
            "deploymentStyle": { "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL" },
            "ecsServices": [{ "clusterName": "main", "serviceName": "web" }],
            "autoRollbackConfiguration": { "enabled": true, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"] },
            "blueGreenDeploymentConfiguration": {
                "deploymentReadyOption": { "actionOnTimeout": "CONTINUE_DEPLOYMENT" },
                "terminateBlueInstancesOnDeploymentSuccess": { "action": "TERMINATE", "terminationWaitTimeInMinutes": termination_minutes },
            },
            "loadBalancerInfo": { "targetGroupPairInfoList": [{
                "targetGroups": [{ "name": "web-blue" }, { "name": "web-green" }],
                "prodTrafficRoute": { "listenerArns": [self.listener] },
            }] },
        }));
    }

    fn target_group(&self, name: &str) -> String {
        let group = json!({
            "Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-0a0a0a0a0a0a0a0a0", "TargetType": "ip",
            "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2, "HealthyThresholdCount": 2,
        });
        text(&self.elb("CreateTargetGroup", group)["TargetGroups"][0]["TargetGroupArn"])
    }

    fn call(&self, service: Service, operation: &str, input: Value) -> Value {
        self.world
            .call(service, REGION, operation, input)
            .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
    }

    fn ecs(&self, operation: &str, input: Value) -> Value {
        self.call(Service::Ecs, operation, input)
    }

    fn elb(&self, operation: &str, input: Value) -> Value {
        self.call(Service::Elbv2, operation, input)
    }

    fn code_deploy(&self, operation: &str, input: Value) -> Value {
        self.call(Service::CodeDeploy, operation, input)
    }

    fn task_definition(&self, tag: &str) -> String {
        let container = json!({
            "name": "app", "image": format!("app:{tag}"), "essential": true,
            "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
        });
        let input = json!({
            "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
            "memory": "512", "containerDefinitions": [container],
        });
        text(&self.ecs("RegisterTaskDefinition", input)["taskDefinition"]["taskDefinitionArn"])
    }

    /// The service `web` with this image tag.
    fn wanted(&self, strategy: Strategy, tag: &str) -> Wanted {
        let is_rolling = strategy == Strategy::Rolling;
        let mut target_groups = BTreeSet::from([self.blue.clone()]);
        if !is_rolling {
            target_groups.insert(self.green.clone());
        }
        Wanted {
            service: ServiceRef {
                cluster: "main".to_owned(),
                name: "web".to_owned(),
            },
            intent: Intent::Create,
            controller: WantedController::Ecs,
            revision: WantedRevision {
                task_definition: WantedTaskDefinition::Named(self.task_definition(tag)),
                launch: Some(Launch::Type(LaunchType::Fargate)),
                platform_version: Some("LATEST".to_owned()),
                network: Some(Network {
                    subnets: BTreeSet::from(["subnet-1".to_owned(), "subnet-2".to_owned()]),
                    security_groups: BTreeSet::from(["sg-1".to_owned()]),
                    assign_public_ip: false,
                }),
                load_balancer: Some(WantedLoadBalancer {
                    container: "app".to_owned(),
                    port: 8080,
                    target_groups,
                    production_rule: (!is_rolling).then(|| self.rule.clone()),
                    test_rule: None,
                    role: (!is_rolling).then(|| "arn:aws:iam::123456789012:role/ecs".to_owned()),
                }),
            },
            settings: Settings {
                deployment_configuration: DeploymentConfiguration {
                    strategy,
                    bake_minutes: (!is_rolling).then_some(2),
                    maximum_percent: is_rolling.then_some(200),
                    minimum_healthy_percent: is_rolling.then_some(100),
                    circuit_breaker: None,
                    hooks: None,
                    alarms: None,
                },
                health_check_grace_seconds: Some(0),
                enable_execute_command: false,
                enable_managed_tags: false,
                propagate_tags: PropagateTags::None,
                tags: BTreeMap::from([("team".to_owned(), "shop".to_owned())]),
            },
            desired: Desired::Fixed(2),
            force: false,
            time_limit: Duration::from_secs(40 * 60),
            on_cancel: OnCancel::Rollback,
            steps: Vec::new(),
            gates: Gates::default(),
            scaling: ScalingDuring::Keep,
            warn_only: BTreeSet::new(),
            recovery_objective: Duration::from_secs(5 * 60),
            revision_retention: None,
        }
    }

    fn code_deployed(&self, tag: &str) -> Wanted {
        let mut wanted = self.wanted(Strategy::BlueGreen, tag);
        let config = Some("CodeDeployDefault.ECSAllAtOnce".to_owned());
        wanted.controller = WantedController::CodeDeploy {
            application: "shop".to_owned(),
            group: "web".to_owned(),
            config,
            hooks: BTreeMap::new(),
            rollback_events: None,
            alarms: None,
        };
        wanted.settings.deployment_configuration.strategy = Strategy::Rolling;
        wanted.settings.deployment_configuration.bake_minutes = None;
        let balancer = wanted.revision.load_balancer.as_mut().unwrap();
        balancer.production_rule = Some(self.listener.clone());
        balancer.role = None;
        wanted
    }

    async fn apply(&self, wanted: &Wanted) -> Applied {
        apply(&self.ports, wanted, &CancellationToken::new()).await
    }

    async fn done(&self, wanted: &Wanted) -> Report {
        let applied = self.apply(wanted).await;
        let report = applied
            .result
            .unwrap_or_else(|failure| panic!("{failure}\n{}", failure.detail()));
        let live = applied.live.unwrap();
        assert_eq!(
            live.revision.task_definition.as_deref(),
            wanted.revision.task_definition.name()
        );
        assert_eq!(live.deployment, None);
        assert!(!self.has_mark().await);
        report
    }

    async fn failed(&self, wanted: &Wanted) -> (Failure, Option<String>) {
        let applied = self.apply(wanted).await;
        (
            *applied.result.unwrap_err(),
            applied.live.and_then(|live| live.revision.task_definition),
        )
    }

    async fn has_mark(&self) -> bool {
        let service = ServiceRef {
            cluster: "main".to_owned(),
            name: "web".to_owned(),
        };
        let found = self.ports.services.find_service(&service).await.unwrap();
        found.is_some_and(|found| found.tags.contains_key(CREATING_TAG))
    }

    fn deployments(&self) -> Vec<Value> {
        let listed = self.world.call(
            Service::Ecs,
            REGION,
            "ListServiceDeployments",
            json!({ "cluster": "main", "service": "web" }),
        );
        listed
            .map(|listed| listed["serviceDeployments"].as_array().unwrap().clone())
            .unwrap_or_default()
    }

    fn code_deploy_deployments(&self) -> usize {
        let input = json!({ "applicationName": "shop", "deploymentGroupName": "web" });
        self.world
            .call(Service::CodeDeploy, REGION, "ListDeployments", input)
            .map_or(0, |listed| listed["deployments"].as_array().unwrap().len())
    }

    /// Weights of the production rule: blue, green.
    fn weights(&self) -> (u64, u64) {
        let rules = self.elb("DescribeRules", json!({ "RuleArns": [self.rule] }));
        let groups = rules["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"]
            .as_array()
            .unwrap()
            .clone();
        let weight = |arn: &str| {
            let found = groups.iter().find(|group| group["TargetGroupArn"] == arn);
            found
                .and_then(|group| group["Weight"].as_u64())
                .unwrap_or(0)
        };
        (weight(&self.blue), weight(&self.green))
    }
}

fn update(mut wanted: Wanted) -> Wanted {
    wanted.intent = Intent::Update;
    wanted
}

fn strategies() -> [Strategy; 4] {
    [
        Strategy::Rolling,
        Strategy::BlueGreen,
        Strategy::Canary {
            percent: 10.0,
            bake_minutes: 2,
        },
        Strategy::Linear {
            percent: 50.0,
            bake_minutes: 2,
        },
    ]
}

/// Waits, without moving time, until `condition` holds.
async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn every_strategy_creates_rolls_out_and_is_quiet_in_between() {
    for strategy in strategies() {
        let account = Account::new();
        let first = account.wanted(strategy.clone(), "v1");
        assert_eq!(
            verify(&account.ports, &first, None).await,
            [],
            "{strategy:?}"
        );
        assert_eq!(
            account.done(&first).await.kind,
            ReportKind::Created,
            "{strategy:?}"
        );
        assert_eq!(
            account.done(&update(first)).await.kind,
            ReportKind::Unchanged,
            "{strategy:?}"
        );
        for (number, tag) in ["v2", "v3", "v4"].into_iter().enumerate() {
            let next = update(account.wanted(strategy.clone(), tag));
            let live = observe(&account.ports, &next.service).await.unwrap();
            assert_eq!(
                verify(&account.ports, &next, live.as_ref()).await,
                [],
                "{strategy:?}"
            );
            assert_eq!(
                account.done(&next).await.kind,
                ReportKind::RolledOut,
                "{strategy:?} {tag}"
            );
            assert_eq!(
                account.done(&next).await.kind,
                ReportKind::Unchanged,
                "{strategy:?} {tag}"
            );
            assert_eq!(
                account.deployments().len(),
                number + 2,
                "{strategy:?} {tag}"
            );
            if strategy != Strategy::Rolling {
                let (blue, green) = account.weights();
                assert_eq!(
                    blue == 0,
                    number % 2 == 0,
                    "{strategy:?} {tag}: {blue}/{green}"
                );
                assert_eq!(
                    green == 0,
                    number % 2 == 1,
                    "{strategy:?} {tag}: {blue}/{green}"
                );
            }
        }
    }
}

#[tokio::test]
async fn settings_change_without_a_rollout() {
    let account = Account::new();
    account
        .done(&account.wanted(Strategy::BlueGreen, "v1"))
        .await;
    let mut wanted = update(account.wanted(Strategy::BlueGreen, "v1"));
    // The same revision as the one that is live.
    wanted.revision.task_definition = WantedTaskDefinition::Named(
        wanted
            .revision
            .task_definition
            .name()
            .unwrap()
            .replace("web:2", "web:1"),
    );
    wanted.desired = Desired::Fixed(3);
    wanted.settings.deployment_configuration.bake_minutes = Some(5);
    wanted
        .settings
        .tags
        .insert("cost".to_owned(), "1".to_owned());
    assert_eq!(account.done(&wanted).await.kind, ReportKind::Adjusted);
    assert_eq!(account.done(&wanted).await.kind, ReportKind::Unchanged);
    assert_eq!(account.deployments().len(), 1);
}

#[tokio::test]
async fn a_first_rollout_that_crashes_is_given_up_explained_and_repaired() {
    for strategy in strategies() {
        let account = Account::new();
        let (failure, _) = account
            .failed(&account.wanted(strategy.clone(), "v1--crash"))
            .await;
        assert_eq!(
            failure.kind,
            FailureKind::FirstRolloutFailed,
            "{strategy:?}: {}",
            failure.detail()
        );
        assert!(
            failure.why.iter().any(|line| line.contains("exited with")),
            "{strategy:?}: {}",
            failure.detail()
        );
        let repaired = update(account.wanted(strategy.clone(), "v2"));
        assert_eq!(
            account.done(&repaired).await.kind,
            ReportKind::RolledOut,
            "{strategy:?}"
        );
    }
}

#[tokio::test]
async fn a_crashing_revision_never_becomes_live() {
    for strategy in strategies() {
        let account = Account::new();
        let first = account.wanted(strategy.clone(), "v1");
        account.done(&first).await;
        let mut next = update(account.wanted(strategy.clone(), "v2--crash"));
        if strategy == Strategy::Rolling {
            next.settings.deployment_configuration.circuit_breaker = Some(CircuitBreaker {
                enable: true,
                rollback: true,
                threshold: None,
                reset_on_healthy_task: None,
            });
        }
        let (failure, live) = account.failed(&next).await;
        // Without a circuit breaker of AWS's, the engine stops it early itself.
        assert_eq!(
            failure.kind,
            FailureKind::RolledBack,
            "{strategy:?}: {}",
            failure.detail()
        );
        assert_eq!(
            live.as_deref(),
            first.revision.task_definition.name(),
            "{strategy:?}"
        );
        assert!(
            failure.why.iter().any(|line| line.contains("exited with")),
            "{strategy:?}: {}",
            failure.detail()
        );
        account
            .done(&update(account.wanted(strategy.clone(), "v3")))
            .await;
    }
}

#[tokio::test]
async fn causes_that_aws_names_are_told() {
    let table = [
        ("v1--missing", "CannotPullContainerError"),
        ("v1--secret-denied", "ResourceInitializationError"),
    ];
    for (tag, cause) in table {
        let account = Account::new();
        let (failure, _) = account
            .failed(&account.wanted(Strategy::BlueGreen, tag))
            .await;
        assert_eq!(failure.kind, FailureKind::FirstRolloutFailed, "{tag}");
        assert!(
            failure.detail().contains(cause),
            "{tag}: {}",
            failure.detail()
        );
    }
}

#[tokio::test]
async fn an_alarm_during_the_bake_rolls_back() {
    let account = Account::new();
    account.call(Service::CloudWatch, "PutMetricAlarm", json!({
        "AlarmName": "web-5xx", "Namespace": "Shop", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }));
    let alarmed = |mut wanted: Wanted| {
        let names = BTreeSet::from(["web-5xx".to_owned()]);
        wanted.settings.deployment_configuration.alarms = Some(DeploymentAlarms {
            names,
            enable: true,
            rollback: true,
        });
        wanted.settings.deployment_configuration.bake_minutes = Some(5);
        wanted
    };
    let first = alarmed(account.wanted(Strategy::BlueGreen, "v1"));
    account.done(&first).await;
    let next = update(alarmed(account.wanted(Strategy::BlueGreen, "v2")));
    let fires = async {
        until(|| {
            let arn = account.deployments().first().map(|found| found["serviceDeploymentArn"].clone());
            let input = json!({ "serviceDeploymentArns": [arn] });
            account.deployments().len() == 2
                && account.ecs("DescribeServiceDeployments", input)["serviceDeployments"][0]["lifecycleStage"] == "BAKE_TIME"
        })
        .await;
        account.call(
            Service::CloudWatch,
            "PutMetricData",
            json!({ "Namespace": "Shop", "MetricData": [{ "MetricName": "Errors", "Value": 100.0 }] }),
        );
    };
    let ((failure, live), ()) = tokio::join!(account.failed(&next), fires);
    assert_eq!(
        failure.kind,
        FailureKind::RolledBack,
        "{}",
        failure.detail()
    );
    assert!(failure.detail().contains("web-5xx"), "{}", failure.detail());
    assert_eq!(live.as_deref(), first.revision.task_definition.name());
    assert_eq!(account.weights().1, 0);
}

#[tokio::test]
async fn someone_else_may_stop_or_replace_the_rollout() {
    for supersedes in [false, true] {
        let account = Account::new();
        account
            .done(&account.wanted(Strategy::BlueGreen, "v1"))
            .await;
        let next = update(account.wanted(Strategy::BlueGreen, "v2"));
        let other = account.task_definition("v3");
        let meddles = async {
            until(|| account.deployments().len() == 2).await;
            if supersedes {
                account.ecs(
                    "UpdateService",
                    json!({ "cluster": "main", "service": "web", "taskDefinition": other }),
                );
            } else {
                let arn = account.deployments()[0]["serviceDeploymentArn"].clone();
                account.ecs(
                    "StopServiceDeployment",
                    json!({ "serviceDeploymentArn": arn, "stopType": "ABORT" }),
                );
            }
        };
        let ((failure, _), ()) = tokio::join!(account.failed(&next), meddles);
        let expected = if supersedes {
            FailureKind::Superseded
        } else {
            FailureKind::Stopped
        };
        assert_eq!(failure.kind, expected, "{}", failure.detail());
        // Whatever happened, the next apply gets there.
        assert_eq!(account.done(&next).await.kind, ReportKind::RolledOut);
    }
}

#[tokio::test]
async fn the_time_limit_rolls_back_or_leaves() {
    for on_cancel in [OnCancel::Rollback, OnCancel::Leave] {
        let account = Account::new();
        let first = account.wanted(Strategy::BlueGreen, "v1");
        account.done(&first).await;
        let mut next = update(account.wanted(Strategy::BlueGreen, "v2--unready"));
        next.time_limit = Duration::from_secs(300);
        next.on_cancel = on_cancel;
        let applied = account.apply(&next).await;
        let live = applied.live.unwrap();
        assert_eq!(applied.result.unwrap_err().kind, FailureKind::TimedOut);
        assert_eq!(
            live.revision.task_definition.as_deref(),
            first.revision.task_definition.name()
        );
        assert_eq!(live.deployment.is_some(), on_cancel == OnCancel::Leave);
    }
}

#[tokio::test]
async fn cancelling_at_any_time_does_what_was_declared() {
    for on_cancel in [OnCancel::Rollback, OnCancel::Leave] {
        for seconds in [0, 10, 40, 90, 150] {
            let account = Account::new();
            let first = account.wanted(
                Strategy::Canary {
                    percent: 10.0,
                    bake_minutes: 2,
                },
                "v1",
            );
            account.done(&first).await;
            let mut next = update(account.wanted(
                Strategy::Canary {
                    percent: 10.0,
                    bake_minutes: 2,
                },
                "v2",
            ));
            next.on_cancel = on_cancel;
            let cancel = CancellationToken::new();
            let start = account.world.now();
            let cancels = async {
                until(|| account.deployments().len() == 2).await;
                until(|| account.world.now().since(start) >= Duration::from_secs(seconds)).await;
                cancel.cancel();
            };
            let (applied, ()) = tokio::join!(apply(&account.ports, &next, &cancel), cancels);
            let live = applied.live.unwrap();
            let failure = applied.result.unwrap_err();
            assert_eq!(
                failure.kind,
                FailureKind::Cancelled,
                "{seconds} s: {}",
                failure.detail()
            );
            assert_eq!(
                live.deployment.is_some(),
                on_cancel == OnCancel::Leave,
                "{on_cancel:?} {seconds} s"
            );
            // What is called live is what has the traffic, also half-way.
            let (blue, green) = account.weights();
            let (side, revision) = if blue > green {
                (&account.blue, &first)
            } else {
                (&account.green, &next)
            };
            assert_eq!(
                live.revision.live_target_group.as_ref(),
                Some(side),
                "{seconds} s"
            );
            assert_eq!(
                live.revision.task_definition.as_deref(),
                revision.revision.task_definition.name(),
                "{seconds} s"
            );
            // The next apply adopts what was left, or starts again.
            let before = account.deployments().len();
            account.done(&next).await;
            let expected = if on_cancel == OnCancel::Leave {
                before
            } else {
                before + 1
            };
            assert_eq!(
                account.deployments().len(),
                expected,
                "{on_cancel:?} {seconds} s"
            );
        }
    }
}

#[tokio::test]
async fn delete_frees_the_name_and_create_waits_for_it() {
    let account = Account::new();
    let first = account.wanted(Strategy::BlueGreen, "v1");
    account.done(&first).await;
    let cancel = CancellationToken::new();
    account.ecs(
        "DeleteService",
        json!({ "cluster": "main", "service": "web", "force": true }),
    );
    assert_eq!(account.done(&first).await.kind, ReportKind::Created);
    delete(
        &account.ports,
        &first.service,
        Duration::from_secs(1200),
        &cancel,
    )
    .await
    .unwrap();
    assert!(
        observe(&account.ports, &first.service)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_target_group_without_a_listener_fails_with_its_reason() {
    let account = Account::new();
    let mut wanted = account.wanted(Strategy::Rolling, "v1");
    wanted
        .revision
        .load_balancer
        .as_mut()
        .unwrap()
        .target_groups = BTreeSet::from([account.target_group("lonely")]);
    let (failure, _) = account.failed(&wanted).await;
    assert_eq!(failure.kind, FailureKind::Rejected, "{}", failure.detail());
    assert!(
        failure.detail().contains("load balancer"),
        "{}",
        failure.detail()
    );
}

// CodeDeploy.

#[tokio::test]
async fn code_deploy_creates_deploys_and_is_quiet_in_between() {
    let account = Account::with_code_deploy();
    let first = account.code_deployed("v1");
    assert_eq!(account.done(&first).await.kind, ReportKind::Created);
    account.deployment_group(5);
    assert_eq!(
        account.done(&update(first)).await.kind,
        ReportKind::Unchanged
    );
    for (number, tag) in ["v2", "v3", "v4"].into_iter().enumerate() {
        let mut next = update(account.code_deployed(tag));
        next.desired = Desired::Fixed(2 + u32::try_from(number).unwrap());
        let live = observe(&account.ports, &next.service).await.unwrap();
        assert_eq!(
            verify(&account.ports, &next, live.as_ref()).await,
            [],
            "{tag}"
        );
        assert_eq!(
            account.done(&next).await.kind,
            ReportKind::RolledOut,
            "{tag}"
        );
        assert_eq!(
            account.done(&next).await.kind,
            ReportKind::Unchanged,
            "{tag}"
        );
        assert_eq!(account.code_deploy_deployments(), number + 1, "{tag}");
    }
}

#[tokio::test]
async fn a_stopped_code_deploy_deployment_is_followed_through_its_rollback() {
    let account = Account::with_code_deploy();
    let first = account.code_deployed("v1");
    account.done(&first).await;
    account.deployment_group(5);
    let next = update(account.code_deployed("v2"));
    let stops = async {
        until(|| account.code_deploy_deployments() == 1).await;
        let input = json!({ "applicationName": "shop", "deploymentGroupName": "web" });
        let id = account.code_deploy("ListDeployments", input)["deployments"][0].clone();
        account.code_deploy(
            "StopDeployment",
            json!({ "deploymentId": id, "autoRollbackEnabled": true }),
        );
    };
    let ((failure, live), ()) = tokio::join!(account.failed(&next), stops);
    assert_eq!(
        failure.kind,
        FailureKind::RolledBack,
        "{}",
        failure.detail()
    );
    assert!(
        failure.next.contains("Somebody stopped the deployment"),
        "{}",
        failure.detail()
    );
    assert_eq!(live.as_deref(), first.revision.task_definition.name());
    assert_eq!(account.done(&next).await.kind, ReportKind::RolledOut);
}

#[tokio::test]
async fn a_code_deploy_revision_that_crashes_never_becomes_live() {
    let account = Account::with_code_deploy();
    let first = account.code_deployed("v1");
    account.done(&first).await;
    account.deployment_group(5);
    let next = update(account.code_deployed("v2--crash"));
    let (failure, live) = account.failed(&next).await;
    assert!(
        matches!(
            failure.kind,
            FailureKind::RolledBack | FailureKind::TimedOut
        ),
        "{}",
        failure.detail()
    );
    assert!(
        failure.why.iter().any(|line| line.contains("exited with")),
        "{}",
        failure.detail()
    );
    // It was stopped by this apply: that is no cause, and nobody is to be asked about it.
    let detail = failure.detail();
    for misleading in ["MANUAL_STOP", "on request", "Somebody", "has started"] {
        assert!(!detail.contains(misleading), "{detail}");
    }
    assert!(detail.contains("Look at the logs"), "{detail}");
    assert_eq!(live.as_deref(), first.revision.task_definition.name());
}

// Death and errors.

/// A wish, and how many rollouts the account holds.
struct Story {
    account: Account,
    target: Wanted,
    rollouts: fn(&Account) -> usize,
}

/// Fewer polls, and so fewer calls to die at.
fn without_bake(mut wanted: Wanted) -> Wanted {
    wanted.settings.deployment_configuration.bake_minutes = Some(0);
    wanted
}

async fn creation() -> Story {
    let account = Account::new();
    let target = without_bake(account.wanted(Strategy::BlueGreen, "v1"));
    Story {
        account,
        target,
        rollouts: |account| account.deployments().len(),
    }
}

async fn rollout() -> Story {
    let account = Account::new();
    account
        .done(&without_bake(account.wanted(Strategy::BlueGreen, "v1")))
        .await;
    let mut target = update(without_bake(account.wanted(Strategy::BlueGreen, "v2")));
    target.desired = Desired::Fixed(3);
    target
        .settings
        .tags
        .insert("cost".to_owned(), "1".to_owned());
    Story {
        account,
        target,
        rollouts: |account| account.deployments().len(),
    }
}

async fn code_deploy_rollout() -> Story {
    let account = Account::with_code_deploy();
    account.done(&account.code_deployed("v1")).await;
    account.deployment_group(0);
    let mut target = update(account.code_deployed("v2"));
    target.desired = Desired::Fixed(3);
    Story {
        account,
        target,
        rollouts: |account| account.code_deploy_deployments(),
    }
}

/// Kills the process at its n-th call, for every n; the next apply converges with exactly one rollout.
async fn survives_death(story: impl AsyncFn() -> Story) {
    for fault in [Fault::DiesBefore, Fault::DiesAfter] {
        for nth in 0.. {
            let Story {
                account,
                target,
                rollouts,
            } = story().await;
            let before = rollouts(&account);
            let dying = Intercept::new(account.ports.clone()).with(Selector::Nth(nth), fault);
            let ports = dying.ports();
            let cancel = CancellationToken::new();
            if dying
                .until_death(apply(&ports, &target, &cancel))
                .await
                .is_some()
            {
                break;
            }
            let exists = observe(&account.ports, &target.service)
                .await
                .unwrap()
                .is_some();
            let mut again = target.clone();
            // Once the mark is gone the create is over: a state that was lost after that is imported.
            if exists && !account.has_mark().await {
                again.intent = Intent::Update;
            }
            account.done(&again).await;
            assert_eq!(
                rollouts(&account),
                before + 1,
                "{fault:?} at {nth}: {:?}",
                dying.calls()
            );
        }
    }
}

#[tokio::test]
async fn a_killed_create_is_finished() {
    survives_death(creation).await;
}

#[tokio::test]
async fn a_killed_rollout_is_finished() {
    survives_death(rollout).await;
}

#[tokio::test]
async fn a_killed_code_deploy_rollout_is_finished() {
    survives_death(code_deploy_rollout).await;
}

/// Each call of the apply fails once, in each way that passes.
async fn rides_out(story: impl AsyncFn() -> Story) {
    let faults = [
        Fault::Fails(ErrorKind::Throttled),
        Fault::Fails(ErrorKind::Unavailable),
        Fault::AnswerLost,
    ];
    for fault in faults {
        for nth in 0.. {
            let Story {
                account,
                target,
                rollouts,
            } = story().await;
            let before = rollouts(&account);
            let failing = Intercept::new(account.ports.clone()).with(Selector::Nth(nth), fault);
            let applied = apply(&failing.ports(), &target, &CancellationToken::new()).await;
            if failing.calls().len() <= nth {
                break;
            }
            let result = applied.result;
            assert!(
                result.is_ok(),
                "{fault:?} at {nth} {:?}: {}",
                failing.calls().get(nth),
                result.unwrap_err().detail()
            );
            assert_eq!(
                rollouts(&account),
                before + 1,
                "{fault:?} at {nth} {:?}",
                failing.calls().get(nth)
            );
            let mut again = target;
            again.intent = Intent::Update;
            account.done(&again).await;
        }
    }
}

#[tokio::test]
async fn a_create_rides_out_passing_errors() {
    rides_out(creation).await;
}

#[tokio::test]
async fn a_rollout_rides_out_passing_errors() {
    rides_out(rollout).await;
}

#[tokio::test]
async fn a_code_deploy_rollout_rides_out_passing_errors() {
    rides_out(code_deploy_rollout).await;
}
