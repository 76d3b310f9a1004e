//! What a plan finds before a rollout, and what it asks for that.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};
use switchyard_engine::ports::{
    DeploymentConfiguration, ErrorKind, Launch, LaunchType, Network, Ports, PropagateTags,
    ServiceRef, Strategy,
};
use switchyard_engine::{
    DesiredController, DesiredCount, DesiredLoadBalancer, DesiredRevision, DesiredService,
    DesiredStep, DesiredTags, DesiredTaskDefinition, Field, Finding, FindingLevel, Intent, Live,
    OnCancel, OnForeign, Rule, ScalingDuring, Settings, Share, apply, gate::Gates, observe, verify,
    verify_rollout,
};
use switchyard_support::intercept::{Fault, Intercept, Selector};
use switchyard_world::ports::Face;
use switchyard_world::{Service, World, WorldConfig};
use tokio_util::sync::CancellationToken;

const REGION: &str = "eu-west-1";
const REPOSITORY: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db";

struct Account {
    world: World,
    ports: Ports,
    blue: String,
    green: String,
    rule: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Account {
    fn new() -> Self {
        let world = World::new(WorldConfig::default());
        let ports = Face::new(world.clone(), REGION).ports();
        let mut account = Self {
            world,
            ports,
            blue: String::new(),
            green: String::new(),
            rule: String::new(),
        };
        account.call(
            Service::Ecs,
            "CreateCluster",
            json!({ "clusterName": "main" }),
        );
        let balancer = account.call(
            Service::Elbv2,
            "CreateLoadBalancer",
            json!({ "Name": "shop", "Subnets": ["subnet-1", "subnet-2"], "SecurityGroups": ["sg-1"] }),
        );
        account.blue = account.target_group("web-blue");
        account.green = account.target_group("web-green");
        let missing =
            json!({ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "404" } });
        let listener = account.call(
            Service::Elbv2,
            "CreateListener",
            json!({
                "LoadBalancerArn": balancer["LoadBalancers"][0]["LoadBalancerArn"],
                "Protocol": "HTTP", "Port": 80, "DefaultActions": [missing],
            }),
        );
        let rule = account.call(
            Service::Elbv2,
            "CreateRule",
            json!({
                "ListenerArn": listener["Listeners"][0]["ListenerArn"], "Priority": 10,
                "Conditions": [{ "Field": "path-pattern", "Values": ["/*"] }],
                "Actions": [account.forward(1, 0)],
            }),
        );
        account.rule = text(&rule["Rules"][0]["RuleArn"]);
        account
    }

    fn forward(&self, blue: u32, green: u32) -> Value {
        let pair = json!([
            { "TargetGroupArn": self.blue, "Weight": blue },
            { "TargetGroupArn": self.green, "Weight": green },
        ]);
        json!({ "Type": "forward", "ForwardConfig": { "TargetGroups": pair } })
    }

    fn call(&self, service: Service, operation: &str, input: Value) -> Value {
        self.world
            .call(service, REGION, operation, input)
            .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
    }

    fn target_group(&self, name: &str) -> String {
        let group = json!({
            "Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-0a0a0a0a0a0a0a0a0", "TargetType": "ip",
            "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2, "HealthyThresholdCount": 2,
        });
        let created = self.call(Service::Elbv2, "CreateTargetGroup", group);
        text(&created["TargetGroups"][0]["TargetGroupArn"])
    }

    /// A definition with an ECR image, two keys of one secret, and a log group; then spoiled.
    fn task_definition(&self, spoil: impl Fn(&mut Value)) -> String {
        let mut input = json!({
            "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
            "memory": "512", "executionRoleArn": "arn:aws:iam::123456789012:role/pull",
            "containerDefinitions": [{
                "name": "app", "image": format!("{REPOSITORY}:v1"), "essential": true,
                "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
                "secrets": [
                    { "name": "USER", "valueFrom": format!("{SECRET}-AbCdEf:user::") },
                    { "name": "KEY", "valueFrom": format!("{SECRET}-AbCdEf:key::") },
                ],
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": { "awslogs-group": "/shop/web", "awslogs-region": REGION, "awslogs-stream-prefix": "web" },
                },
            }],
        });
        spoil(&mut input);
        let registered = self.call(Service::Ecs, "RegisterTaskDefinition", input);
        text(&registered["taskDefinition"]["taskDefinitionArn"])
    }

    fn wanted(&self, task_definition: String) -> DesiredService {
        DesiredService {
            service: ServiceRef {
                cluster: "main".to_owned(),
                name: "web".to_owned(),
            },
            intent: Intent::Create,
            controller: DesiredController::Ecs,
            revision: DesiredRevision {
                task_definition: DesiredTaskDefinition::Named(task_definition),
                launch: Some(Launch::Type(LaunchType::Fargate)),
                platform_version: None,
                network: Some(Network {
                    subnets: BTreeSet::from(["subnet-1".to_owned()]),
                    security_groups: BTreeSet::from(["sg-1".to_owned()]),
                    assign_public_ip: false,
                }),
                load_balancer: Some(DesiredLoadBalancer {
                    container: "app".to_owned(),
                    port: 8080,
                    target_groups: BTreeSet::from([self.blue.clone(), self.green.clone()]),
                    production_rule: Some(self.rule.clone()),
                    test_rule: None,
                    role: Some("arn:aws:iam::123456789012:role/ecs".to_owned()),
                }),
                additional: Vec::new(),
                parts: BTreeMap::new(),
            },
            settings: Settings {
                deployment_configuration: DeploymentConfiguration {
                    strategy: Strategy::BlueGreen,
                    bake_minutes: None,
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
            time_limit: Duration::from_secs(40 * 60),
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

    /// The service runs, at a definition without flaws; the wish for the next one.
    async fn running(&self, next: String) -> (DesiredService, Option<Live>) {
        let first = self.wanted(self.task_definition(|_| {}));
        let applied = apply(&self.ports, &first, &CancellationToken::new()).await;
        assert!(applied.result.is_ok(), "{:?}", applied.result);
        let mut wanted = self.wanted(next);
        wanted.intent = Intent::Update;
        (wanted, self.live().await)
    }

    async fn live(&self) -> Option<Live> {
        let service = ServiceRef {
            cluster: "main".to_owned(),
            name: "web".to_owned(),
        };
        observe(&self.ports, &service).await.unwrap()
    }
}

fn rules(findings: &[Finding]) -> Vec<Rule> {
    findings.iter().map(|finding| finding.rule).collect()
}

#[tokio::test]
async fn only_a_rollout_asks_for_more_and_each_question_once() {
    let account = Account::new();
    let next = account.task_definition(|_| {});
    let (wanted, live) = account.running(next).await;

    let settings = Intercept::new(account.ports.clone());
    let found = verify(&settings.ports(), &wanted, live.as_ref()).await;
    assert_eq!(found, []);
    let rollout = Intercept::new(account.ports.clone());
    let found = verify_rollout(&rollout.ports(), &wanted, live.as_ref()).await;
    assert_eq!(found, []);

    let mut more = rollout.calls();
    for call in settings.calls() {
        let at = more.iter().position(|one| *one == call).unwrap();
        more.remove(at);
    }
    more.sort_unstable();
    assert_eq!(
        more,
        [
            "ec2:DescribeSubnets",
            "ecr:BatchGetImage",
            "elbv2:DescribeTargetHealth",
            "elbv2:DescribeTargetHealth",
            "logs:DescribeLogGroups",
            "secretsmanager:DescribeSecret",
            "servicequotas:GetServiceQuota",
        ]
    );
}

#[tokio::test]
async fn what_tasks_need_is_looked_for() {
    type Spoil = fn(&mut Value);
    let table: [(Rule, &str, Spoil); 5] = [
        (Rule::ImageMissing, "web:v9--missing", |input| {
            input["containerDefinitions"][0]["image"] = format!("{REPOSITORY}:v9--missing").into();
        }),
        (
            Rule::ImageArchitecture,
            "is built for `linux/arm64`, and the task definition runs on X86_64 (`linux/amd64`)",
            |input| {
                input["containerDefinitions"][0]["image"] =
                    format!("{REPOSITORY}:v9--arm64").into();
            },
        ),
        (
            Rule::ExecutionRoleMissing,
            "the `awslogs` driver and images of a private ECR registry",
            // With secrets, or for Fargate alone, AWS does not register it.
            |input| {
                let members = input.as_object_mut().unwrap();
                members.remove("executionRoleArn");
                members.remove("requiresCompatibilities");
                let container = input["containerDefinitions"][0].as_object_mut().unwrap();
                container.remove("secrets");
            },
        ),
        (Rule::SecretMissing, "shop/db-missing", |input| {
            input["containerDefinitions"][0]["secrets"][0]["valueFrom"] =
                format!("{SECRET}-missing-AbCdEf:user::").into();
        }),
        (Rule::LogGroupMissing, "/shop/web-missing", |input| {
            input["containerDefinitions"][0]["logConfiguration"]["options"]["awslogs-group"] =
                "/shop/web-missing".into();
        }),
    ];
    let account = Account::new();
    for (rule, says, spoil) in table {
        let mut wanted = account.wanted(account.task_definition(spoil));
        let found = verify_rollout(&account.ports, &wanted, None).await;
        assert_eq!(rules(&found), [rule], "{found:?}");
        let finding = found.first().unwrap();
        assert_eq!(
            (finding.severity, finding.field),
            (FindingLevel::Error, Field::TaskDefinition)
        );
        assert!(finding.now.contains(says), "{}", finding.now);
        assert_eq!(
            verify(&account.ports, &wanted, None).await,
            [],
            "a change of settings starts no task"
        );
        wanted.warn_only.insert(rule);
        let found = verify_rollout(&account.ports, &wanted, None).await;
        assert_eq!(
            found.first().map(|found| found.severity),
            Some(FindingLevel::Warning)
        );
    }
}

#[tokio::test]
async fn windows_needs_images_and_definitions_of_its_own() {
    let account = Account::new();
    let definition = account.task_definition(|input| {
        input["cpu"] = "1024".into();
        input["memory"] = "2048".into();
        input["runtimePlatform"] =
            json!({ "operatingSystemFamily": "WINDOWS_SERVER_2022_CORE", "cpuArchitecture": "X86_64" });
        input["containerDefinitions"][0]["user"] = "app".into();
    });
    let mut wanted = account.wanted(definition);
    wanted.revision.platform_version = Some("1.4.0".to_owned());
    let found = verify_rollout(&account.ports, &wanted, None).await;
    let found: Vec<(Rule, FindingLevel, Field)> = found
        .iter()
        .map(|found| (found.rule, found.severity, found.field))
        .collect();
    let (error, warning) = (FindingLevel::Error, FindingLevel::Warning);
    assert_eq!(
        found,
        [
            (Rule::ImageArchitecture, error, Field::TaskDefinition),
            (Rule::WindowsTask, error, Field::PlatformVersion),
            (Rule::WindowsTask, warning, Field::TaskDefinition),
        ]
    );
    let refused = account.world.call(
        Service::Ecs,
        REGION,
        "RegisterTaskDefinition",
        json!({
            "family": "small", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "runtimePlatform": { "operatingSystemFamily": "WINDOWS_SERVER_2022_CORE" },
            "containerDefinitions": [{ "name": "app", "image": "app:1" }],
        }),
    );
    assert!(refused.is_err(), "Fargate has no such size for Windows");
}

#[tokio::test]
async fn tasks_need_addresses() {
    let account = Account::new();
    let definition = account.task_definition(|_| {});
    let found =
        async |subnets: &[&str], live: Option<&Live>, change: &dyn Fn(&mut DesiredService)| {
            let mut wanted = account.wanted(definition.clone());
            let network = wanted.revision.network.as_mut().unwrap();
            network.subnets = subnets.iter().map(|id| (*id).to_owned()).collect();
            change(&mut wanted);
            let found = verify_rollout(&account.ports, &wanted, live).await;
            let ours = found
                .iter()
                .find(|found| found.rule == Rule::AddressesShort)?;
            assert_eq!(ours.field, Field::Network);
            Some((ours.severity, ours.now.clone()))
        };
    let same = |_: &mut DesiredService| {};
    let three = |wanted: &mut DesiredService| wanted.desired = DesiredCount::Fixed(3);
    assert_eq!(
        found(&["subnet-full"], None, &same).await,
        None,
        "two for two"
    );
    let (severity, now) = found(&["subnet-full", "subnet-exhausted"], None, &three)
        .await
        .unwrap();
    assert_eq!(severity, FindingLevel::Warning);
    assert!(
        now.contains("2 (`subnet-exhausted` 0, `subnet-full` 2)"),
        "{now}"
    );
    assert!(now.ends_with("the running ones: 3."), "{now}");
    let (severity, _) = found(&["subnet-exhausted"], None, &same).await.unwrap();
    assert_eq!(severity, FindingLevel::Error, "not even one");
    let unknown = ["subnet-exhausted", "subnet-missing"];
    assert_eq!(found(&unknown, None, &same).await, None);

    let (_, live) = account.running(definition.clone()).await;
    let mut live = live.unwrap();
    let rolling = |wanted: &mut DesiredService| {
        let configuration = &mut wanted.settings.deployment_configuration;
        configuration.strategy = Strategy::Rolling;
        configuration.minimum_healthy_percent = Some(50);
    };
    let none = ["subnet-exhausted"];
    assert!(found(&none, Some(&live), &same).await.is_some());
    assert_eq!(
        found(&none, Some(&live), &rolling).await,
        None,
        "old ones make room"
    );
    let bridge = account.task_definition(|input| {
        input["networkMode"] = "bridge".into();
        input["requiresCompatibilities"] = json!(["EC2"]);
    });
    let on_instances = |wanted: &mut DesiredService| {
        wanted.revision.task_definition = DesiredTaskDefinition::Named(bridge.clone());
    };
    assert_eq!(found(&none, Some(&live), &on_instances).await, None);
    live.deployment = Some(switchyard_engine::OngoingDeployment {
        id: "d-1".to_owned(),
        status: switchyard_engine::ports::EcsStatus::InProgress,
        stage: None,
        target_task_definition: None,
        ours: true,
        paused: false,
        started_at: None,
    });
    assert_eq!(
        found(&none, Some(&live), &same).await,
        None,
        "they have theirs"
    );
}

#[tokio::test]
async fn instances_decide_on_the_architecture_that_a_definition_leaves_open() {
    let account = Account::new();
    let definition = |architecture: Option<&str>| {
        account.task_definition(|input| {
            input["containerDefinitions"][0]["image"] = format!("{REPOSITORY}:v9--arm64").into();
            input["requiresCompatibilities"] = json!(["EC2"]);
            if let Some(word) = architecture {
                input["runtimePlatform"] = json!({ "cpuArchitecture": word });
            }
        })
    };
    for (architecture, is_wrong) in [
        (None, false),
        (Some("ARM64"), false),
        (Some("X86_64"), true),
    ] {
        let mut wanted = account.wanted(definition(architecture));
        wanted.revision.launch = Some(Launch::Type(LaunchType::Ec2));
        let found = rules(&verify_rollout(&account.ports, &wanted, None).await);
        assert_eq!(
            found.contains(&Rule::ImageArchitecture),
            is_wrong,
            "{architecture:?}"
        );
    }
}

#[tokio::test]
async fn a_log_group_that_is_created_or_elsewhere_is_not_looked_for() {
    let account = Account::new();
    let definition = account.task_definition(|input| {
        let options = &mut input["containerDefinitions"][0]["logConfiguration"]["options"];
        options["awslogs-group"] = "/shop/web-missing".into();
        options["awslogs-create-group"] = "true".into();
    });
    let wanted = account.wanted(definition);
    assert_eq!(verify_rollout(&account.ports, &wanted, None).await, []);
    let definition = account.task_definition(|input| {
        let options = &mut input["containerDefinitions"][0]["logConfiguration"]["options"];
        options["awslogs-group"] = "/shop/web-missing".into();
        options["awslogs-region"] = "us-east-1".into();
    });
    let wanted = account.wanted(definition);
    assert_eq!(verify_rollout(&account.ports, &wanted, None).await, []);
}

#[tokio::test]
async fn the_owner_decides_which_images_are_looked_at() {
    let account = Account::new();
    let missing = format!("{REPOSITORY}:v9--missing");
    let bad = account.task_definition(|input| {
        input["containerDefinitions"][0]["image"] = missing.clone().into();
    });
    let (mut wanted, live) = account.running(bad.clone()).await;
    let found = verify_rollout(&account.ports, &wanted, live.as_ref()).await;
    assert_eq!(rules(&found), [Rule::ImageMissing]);

    // Somebody else deploys: what is live counts, not what a new service would start with.
    wanted.revision.task_definition = DesiredTaskDefinition::Live {
        initial: Some(bad.clone()),
    };
    assert_eq!(
        verify_rollout(&account.ports, &wanted, live.as_ref()).await,
        []
    );

    // An image replaces the bad one, and a bad image the good one of the live definition.
    let put = |base: Option<&str>, container: &str, image: String| DesiredTaskDefinition::Images {
        base: base.map(str::to_owned),
        images: BTreeMap::from([(container.to_owned(), image)]),
    };
    wanted.revision.task_definition = put(Some(&bad), "app", format!("{REPOSITORY}:v2"));
    assert_eq!(
        verify_rollout(&account.ports, &wanted, live.as_ref()).await,
        []
    );
    wanted.revision.task_definition = put(None, "app", missing);
    let found = verify_rollout(&account.ports, &wanted, live.as_ref()).await;
    assert_eq!(rules(&found), [Rule::ImageMissing]);
    assert_eq!(found.first().map(|found| found.field), Some(Field::Images));
    wanted.revision.task_definition = put(None, "proxy", format!("{REPOSITORY}:v2"));
    let found = verify(&account.ports, &wanted, live.as_ref()).await;
    assert_eq!(rules(&found), [Rule::ContainerMissing]);
}

#[tokio::test]
async fn what_could_not_be_looked_at_is_one_warning() {
    let account = Account::new();
    let definition = account.task_definition(|input| {
        input["containerDefinitions"][0]["secrets"][0]["valueFrom"] =
            format!("{SECRET}-missing-AbCdEf:user::").into();
        let mut sidecar = input["containerDefinitions"][0].clone();
        sidecar["name"] = "proxy".into();
        sidecar["image"] = format!("{REPOSITORY}:proxy").into();
        sidecar["portMappings"] = json!([]);
        input["containerDefinitions"]
            .as_array_mut()
            .unwrap()
            .push(sidecar);
    });
    let wanted = account.wanted(definition);
    for kind in [ErrorKind::Denied, ErrorKind::Unavailable] {
        let refused = Intercept::new(account.ports.clone()).with(
            Selector::Operation("ecr:BatchGetImage", usize::MAX),
            Fault::Fails(kind),
        );
        let found = verify_rollout(&refused.ports(), &wanted, None).await;
        assert_eq!(
            rules(&found),
            [Rule::SecretMissing, Rule::ChecksIncomplete],
            "the other checks are made"
        );
        let why = &found.last().unwrap().why;
        assert_eq!(why.matches("ecr:BatchGetImage`").count(), 1, "{why}");
    }
    // What only guesses at room is no reason to nag.
    let refused = Intercept::new(account.ports.clone()).with(
        Selector::Operation("servicequotas:GetServiceQuota", usize::MAX),
        Fault::Fails(ErrorKind::Denied),
    );
    let found = verify_rollout(&refused.ports(), &wanted, None).await;
    assert_eq!(rules(&found), [Rule::SecretMissing]);
}

#[tokio::test]
async fn production_at_the_empty_side_is_told_and_the_apply_returns_it() {
    let account = Account::new();
    let next = account.task_definition(|_| {});
    let (wanted, live) = account.running(next).await;
    let group = live.as_ref().unwrap().revision.live_target_group.clone();
    let (blue, green) = if group.as_deref() == Some(account.blue.as_str()) {
        (0, 1)
    } else {
        (1, 0)
    };
    account.call(
        Service::Elbv2,
        "ModifyRule",
        json!({ "RuleArn": account.rule, "Actions": [account.forward(blue, green)] }),
    );
    let found = verify_rollout(&account.ports, &wanted, live.as_ref()).await;
    assert_eq!(
        rules(&found),
        [Rule::ProductionRuleStray, Rule::ProductionEmpty]
    );
    let severe = found
        .iter()
        .filter(|found| found.severity == FindingLevel::Error);
    assert_eq!(
        severe.count(),
        0,
        "the apply puts it right before anything else"
    );
}

#[tokio::test]
async fn instances_need_room_for_both_revisions() {
    let account = Account::new();
    let mut wanted = account.wanted(account.task_definition(|_| {}));
    wanted.revision.launch = Some(Launch::Type(LaunchType::Ec2));
    let found = verify_rollout(&account.ports, &wanted, None).await;
    assert_eq!(rules(&found), [Rule::CapacityShort]);
    assert_eq!(
        found.first().map(|found| found.severity),
        Some(FindingLevel::Warning)
    );
}

#[tokio::test]
async fn the_old_side_drains_within_the_time_limit() {
    let account = Account::new();
    let mut wanted = account.wanted(account.task_definition(|_| {}));
    wanted.controller = DesiredController::External;
    wanted.steps = vec![
        DesiredStep {
            share: Share::of_tenths(100),
            hold: Duration::from_secs(10 * 60),
            approval: false,
        },
        DesiredStep {
            share: Share::WHOLE,
            hold: Duration::from_secs(16 * 60),
            approval: false,
        },
    ];
    // 26 minutes of steps, 5 of AWS's own deregistration delay, 10 for tasks: 41.
    let found = verify_rollout(&account.ports, &wanted, None).await;
    assert_eq!(rules(&found), [Rule::TimeLimitTooSmall]);
    let now = &found.first().unwrap().now;
    assert_eq!(
        now,
        "The timeout is 40 minutes; steps and draining alone take 31."
    );
}

#[tokio::test]
async fn a_failure_tells_the_last_words_of_a_container() {
    let account = Account::new();
    let broken = account.task_definition(|input| {
        input["containerDefinitions"][0]["image"] = format!("{REPOSITORY}:v2--crash").into();
    });
    let (wanted, _) = account.running(broken).await;
    let applied = apply(&account.ports, &wanted, &CancellationToken::new()).await;
    let failure = applied.result.unwrap_err();
    let why = failure.why();
    let told = why
        .iter()
        .position(|line| line == "Last log lines of container `app`:");
    let told = told.unwrap_or_else(|| panic!("{}", failure.detail()));
    let lines = why.iter().skip(told + 1);
    let lines = lines.take_while(|line| line.starts_with("  ")).count();
    assert!((1..=5).contains(&lines), "{}", failure.detail());
}
