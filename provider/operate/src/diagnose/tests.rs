//! Each kind of issue from its evidence: a service that is well, with one thing wrong.

use std::collections::{BTreeMap, BTreeSet};

use switchyard_engine::ports::{
    ActivityStatus, AlarmState, Bounds, CertificateFacts, Controller, EcsStatus, NotScaledReason,
    Opening, PropagateTags, Quota, ScalableTarget, ScalingActivity, Service, ServiceDeployment,
    ServiceEvent, ServiceStatus, StopCode, StoppedTask, SubnetFacts, SuspendedState, TargetGroup,
    TargetHealth, TargetState, TargetType, WayOut,
};

use super::evidence::{Group, Reading, ScalingSeen};
use super::issue::IssueKind as Kind;
use super::issue::IssueSeverity::{self as Severity, Critical, Major, Minor};
use super::network::is_suspect;
use super::seen::{Hour, Hours, NetworkSeen, Pattern, Usage};
use super::tasks::{Pull, TaskCause, cause};
use super::*;
use crate::view::{
    Carrier, DeploymentView, EndedView, Role, ServiceView, SideView, State, TaskCounts, WaitView,
};

const NOW: i64 = 1_800_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(NOW + seconds).unwrap()
}

fn target(state: TargetState, reason: Option<&str>) -> TargetHealth {
    TargetHealth {
        target: "10.0.0.1".to_owned(),
        port: Some(8080),
        state,
        reason: reason.map(str::to_owned),
        description: reason.map(|reason| format!("about {reason}")),
    }
}

fn group(name: &str, percent: f64, targets: Vec<TargetHealth>) -> Group {
    Group {
        group: TargetGroup {
            arn: format!("arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/{name}/0"),
            name: name.to_owned(),
            load_balancers: Vec::new(),
            target_type: TargetType::Ip,
            health_check_path: Some("/health".to_owned()),
            health_check_port: Some("traffic-port".to_owned()),
            health_check_interval: 10,
            healthy_threshold: 2,
        },
        percent: Some(percent),
        targets,
    }
}

fn healthy() -> TargetHealth {
    target(TargetState::Healthy, None)
}

fn side(role: Role, revision: &str, traffic: f64) -> SideView {
    SideView {
        role,
        revision: Some(revision.to_owned()),
        task_definition: Some(format!(
            "arn:aws:ecs:eu-west-1:1:task-definition/{revision}"
        )),
        images: BTreeMap::new(),
        traffic_percent: Some(traffic),
        tasks: None,
        target_group: None,
        targets: None,
    }
}

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
        current_revisions: Vec::new(),
        task_sets: Vec::new(),
        events: Vec::new(),
        tags: BTreeMap::new(),
        created_at: None,
        parts: BTreeMap::new(),
        beyond: BTreeSet::new(),
    }
}

fn certificate(days: i64) -> CertificateFacts {
    CertificateFacts {
        arn: "arn:aws:acm:eu-west-1:1:certificate/0".to_owned(),
        domain: "shop.example".to_owned(),
        ends_at: at(days * 86_400),
        is_renewed: true,
    }
}

fn opening(protocol: &str, ports: Option<(u32, u32)>, group: &str) -> Opening {
    Opening {
        protocol: protocol.to_owned(),
        ports,
        groups: BTreeSet::from([group.to_owned()]),
        has_addresses: false,
    }
}

/// A network in which everything is reached.
fn reached() -> NetworkSeen {
    NetworkSeen {
        subnets: vec![SubnetFacts {
            id: "subnet-1".to_owned(),
            vpc: "vpc-1".to_owned(),
            way_out: WayOut::Nat,
        }],
        public_ip: false,
        endpoints: BTreeSet::new(),
        openings: vec![opening("tcp", Some((8000, 9000)), "sg-lb")],
        groups: BTreeSet::from(["sg-tasks".to_owned()]),
        balancer_groups: BTreeSet::from(["sg-lb".to_owned()]),
        ports: BTreeSet::from([8080]),
        is_ecr: true,
    }
}

fn with_network(evidence: &mut Evidence, change: impl FnOnce(&mut NetworkSeen)) {
    let mut seen = reached();
    change(&mut seen);
    evidence.network = Reading::Seen(seen);
}

/// A service with everything that can be checked, and nothing wrong.
fn well() -> Evidence {
    let hour = Hour {
        requests: 1000.0,
        errors: 1.0,
        latency: Some(0.1),
    };
    Evidence {
        now: at(0),
        view: ServiceView {
            service: "web".to_owned(),
            cluster: "main".to_owned(),
            arn: service().arn,
            region: Some("eu-west-1".to_owned()),
            at: at(0),
            state: State::Steady,
            problems: Vec::new(),
            emergency: None,
            status: "ACTIVE".to_owned(),
            controller: "ECS".to_owned(),
            strategy: None,
            tasks: TaskCounts {
                desired: 2,
                running: 2,
                pending: 0,
            },
            sides: vec![side(Role::Live, "web:1", 100.0)],
            deployment: None,
            scaling: None,
            alarms: Vec::new(),
            last_deployment: None,
            unfinished: Vec::new(),
            operated: None,
            events: Vec::new(),
        },
        service: service(),
        deployment: Reading::Nothing,
        stopped: Reading::Seen(Vec::new()),
        groups: Reading::Seen(vec![
            group("web-blue", 100.0, vec![healthy(), healthy()]),
            group("web-green", 0.0, Vec::new()),
        ]),
        has_rule: true,
        scaling: Reading::Seen(ScalingSeen {
            target: ScalableTarget {
                arn: None,
                bounds: Bounds { min: 2, max: 8 },
                suspended: SuspendedState::default(),
            },
            policies: 1,
            activities: Vec::new(),
        }),
        alarms: Reading::Seen(BTreeMap::from([(
            "errors".to_owned(),
            Some(AlarmState::Ok),
        )])),
        hours: Reading::Seen(Hours {
            now: hour,
            before: vec![hour; 7],
        }),
        usage: Reading::Seen(Usage {
            cpu_mean: Some(40.0),
            memory_most: Some(60.0),
        }),
        patterns: Reading::Seen(Vec::new()),
        quota: Reading::Seen(Quota {
            limit: 100.0,
            used: Some(10.0),
        }),
        certificates: Reading::Seen(vec![certificate(300)]),
        network: Reading::Seen(reached()),
    }
}

fn deploying(evidence: &mut Evidence) -> &mut DeploymentView {
    evidence.deployment = Reading::Seen(ServiceDeployment {
        arn: "arn:aws:ecs:eu-west-1:1:service-deployment/main/web/9".to_owned(),
        status: EcsStatus::InProgress,
        status_reason: None,
        stage: None,
        sources: Vec::new(),
        target: None,
        rollback_revision: None,
        rollback_reason: None,
        triggered_alarms: Vec::new(),
        breaker: None,
        failed_tasks: 3,
        hooks: Vec::new(),
        created_at: None,
        finished_at: None,
    });
    evidence.view.deployment.insert(DeploymentView {
        id: "arn:aws:ecs:eu-west-1:1:service-deployment/main/web/9".to_owned(),
        carried_out_by: Carrier::Ecs,
        status: "IN_PROGRESS".to_owned(),
        stage: Some("SCALE_UP".to_owned()),
        to: Some("web:2".to_owned()),
        started_by_switchyard: true,
        started_at: Some(at(-60)),
        rolling_back: false,
        reason: None,
        waits_for: None,
        functions: Vec::new(),
        bake_minutes: None,
    })
}

fn wait(evidence: &mut Evidence, minutes: i64) {
    deploying(evidence).waits_for = Some(WaitView {
        hook: Some("hook".to_owned()),
        until: Some(at(minutes * 60)),
        then: Some("rollback".to_owned()),
    });
}

fn stopped(code: StopCode, reason: &str, container: (Option<i64>, Option<&str>)) -> StoppedTask {
    StoppedTask {
        arn: "arn:aws:ecs:eu-west-1:1:task/main/0".to_owned(),
        task_definition: "arn:aws:ecs:eu-west-1:1:task-definition/web:2".to_owned(),
        started_by: None,
        stop_code: Some(code),
        reason: Some(reason.to_owned()),
        containers: BTreeMap::from([(
            "app".to_owned(),
            (container.0, container.1.map(str::to_owned)),
        )]),
        stopped_at: Some(at(-30)),
    }
}

fn crashed() -> StoppedTask {
    stopped(
        StopCode::EssentialContainerExited,
        "Essential container in task exited",
        (Some(1), None),
    )
}

fn activity(status: ActivityStatus, not_scaled: Option<&str>) -> ScalingActivity {
    ScalingActivity {
        status,
        description: "Setting desired count to 9.".to_owned(),
        cause: "monitor alarm web-high in state ALARM triggered policy cpu".to_owned(),
        message: Some("no capacity".to_owned()),
        started: at(-600),
        ended: None,
        not_scaled: not_scaled
            .map(|code| NotScaledReason {
                code: code.to_owned(),
                ..NotScaledReason::default()
            })
            .into_iter()
            .collect(),
    }
}

fn scale(evidence: &mut Evidence) -> &mut ScalingSeen {
    match &mut evidence.scaling {
        Reading::Seen(seen) => seen,
        Reading::Unread(_) | Reading::Nothing => panic!("it scales"),
    }
}

fn hours(evidence: &mut Evidence) -> &mut Hour {
    match &mut evidence.hours {
        Reading::Seen(hours) => &mut hours.now,
        Reading::Unread(_) | Reading::Nothing => panic!("it has traffic"),
    }
}

fn alarm(evidence: &mut Evidence, state: Option<AlarmState>) {
    evidence.alarms = Reading::Seen(BTreeMap::from([("errors".to_owned(), state)]));
}

#[test]
fn a_service_that_is_well_has_no_issue() {
    let found = judged(&well(), Sizing::NotAsked);
    assert_eq!(found.issues, Vec::new());
    assert_eq!(found.score.total, 100);
    assert!(
        found
            .checks
            .iter()
            .all(|check| check.outcome == Outcome::Checked { issues: Vec::new() })
    );
}

type Case = (
    &'static str,
    fn(&mut Evidence),
    Kind,
    Severity,
    &'static [&'static str],
);

/// What goes wrong, and the issue that it is: its words are looked for in everything it says.
const CASES: &[Case] = &[
    (
        "a pause",
        |it| wait(it, 120),
        Kind::DeploymentPaused,
        Minor,
        &[
            "web:2 waits",
            "2h left",
            "switchyard approve web --cluster main",
        ],
    ),
    (
        "a pause that ends soon",
        |it| wait(it, 5),
        Kind::DeploymentPaused,
        Major,
        &["ECS rolls back at", "5m left"],
    ),
    (
        "tasks that do not become healthy",
        |it| deploying(it).started_at = Some(at(-20 * 60)),
        Kind::DeploymentStuck,
        Major,
        &[
            "has waited for healthy tasks for 20m",
            "counted 3 failed tasks",
            "switchyard rollback web --cluster main",
        ],
    ),
    (
        "a function that does not answer",
        |it| {
            let deployment = deploying(it);
            deployment.stage = Some("POST_TEST_TRAFFIC_SHIFT".to_owned());
            deployment.functions = vec!["check".to_owned()];
            deployment.started_at = Some(at(-11 * 60));
        },
        Kind::DeploymentStuck,
        Major,
        &["waited for a lifecycle hook", "`check` has not answered"],
    ),
    (
        "a rollback",
        |it| {
            let deployment = deploying(it);
            deployment.rolling_back = true;
            deployment.reason = Some("alarm detected".to_owned());
        },
        Kind::DeploymentRollingBack,
        Major,
        &["to web:2 is being rolled back", "alarm detected"],
    ),
    (
        "a failed deployment",
        |it| {
            it.view.last_deployment = Some(EndedView {
                id: "arn:x/9".to_owned(),
                status: "ROLLBACK_SUCCESSFUL".to_owned(),
                succeeded: false,
                to: Some("web:2".to_owned()),
                reason: Some("circuit breaker".to_owned()),
                started_at: None,
                finished_at: Some(at(-60)),
            });
        },
        Kind::DeploymentFailed,
        Minor,
        &[
            "to web:2, did not succeed",
            "circuit breaker",
            "web:1 is live",
        ],
    ),
    (
        "something left behind",
        |it| {
            it.view.unfinished =
                vec!["task set ecs-svc/1 (web:2) is not the primary one".to_owned()]
        },
        Kind::Unfinished,
        Minor,
        &["ecs-svc/1", "terraform apply"],
    ),
    (
        "no task",
        |it| {
            it.view.tasks.running = 0;
            it.service.events = vec![ServiceEvent {
                id: String::new(),
                at: at(-5),
                message: "(service web) was unable to start".to_owned(),
            }];
        },
        Kind::TasksMissing,
        Critical,
        &["0 of 2 tasks are running", "was unable to start"],
    ),
    (
        "too few tasks",
        |it| it.view.tasks.running = 1,
        Kind::TasksMissing,
        Major,
        &["1 of 2 tasks"],
    ),
    (
        "tasks that crashed and were replaced",
        |it| it.stopped = Reading::Seen(vec![crashed(), crashed()]),
        Kind::ContainerExited,
        Minor,
        &[
            "2 tasks of web:2",
            "exit code 1",
            "container `app` exited with 1",
        ],
    ),
    (
        "tasks that crash while they are deployed",
        |it| {
            deploying(it);
            it.stopped = Reading::Seen(vec![crashed()]);
        },
        Kind::ContainerExited,
        Major,
        &["Revision web:2 and its deployment", "rollback"],
    ),
    (
        "no room",
        |it| {
            deploying(it);
            it.service.events = vec![ServiceEvent {
                id: String::new(),
                at: at(-5),
                message: "(service web) was unable to place a task because RESOURCE:MEMORY"
                    .to_owned(),
            }];
        },
        Kind::NoCapacity,
        Major,
        &["RESOURCE:MEMORY", "Add container instances"],
    ),
    (
        "one unhealthy target",
        |it| {
            let targets = vec![
                healthy(),
                target(TargetState::Unhealthy, Some("Target.Timeout")),
            ];
            it.groups = Reading::Seen(vec![group("web-blue", 100.0, targets)]);
        },
        Kind::TargetsUnhealthy,
        Major,
        &[
            "1 target of `web-blue` is unhealthy: Target.Timeout",
            "`/health` on the port of the target",
            "security group",
        ],
    ),
    (
        "only unhealthy targets",
        |it| {
            let targets = vec![target(
                TargetState::Unhealthy,
                Some("Target.ResponseCodeMismatch"),
            )];
            it.groups = Reading::Seen(vec![group("web-blue", 100.0, targets)]);
        },
        Kind::TargetsUnhealthy,
        Critical,
        &[
            "100 % of production traffic",
            "`/health` answers with a code",
        ],
    ),
    (
        "unhealthy targets without traffic",
        |it| {
            let targets = vec![target(
                TargetState::Unhealthy,
                Some("Target.FailedHealthChecks"),
            )];
            it.groups = Reading::Seen(vec![
                group("web-blue", 100.0, vec![healthy()]),
                group("web-green", 0.0, targets),
            ]);
        },
        Kind::TargetsUnhealthy,
        Minor,
        &["nothing listens on the port"],
    ),
    (
        "traffic to an empty side",
        |it| {
            it.groups = Reading::Seen(vec![
                group("web-blue", 0.0, vec![healthy()]),
                group("web-green", 100.0, vec![]),
            ]);
        },
        Kind::TrafficToNobody,
        Critical,
        &[
            "100 % of production traffic goes to `web-green`, which has no targets",
            "terraform plan",
        ],
    ),
    (
        "a rule that forwards to nobody",
        |it| it.groups = Reading::Seen(vec![group("web-blue", 0.0, vec![healthy()])]),
        Kind::TrafficLost,
        Critical,
        &["sends traffic to no target group"],
    ),
    (
        "a live side without traffic",
        |it| {
            it.view.sides = vec![side(Role::Live, "web:1", 0.0)];
            it.groups = Reading::Seen(vec![
                group("web-blue", 0.0, vec![healthy()]),
                group("other", 100.0, vec![healthy()]),
            ]);
        },
        Kind::TrafficLost,
        Critical,
        &[
            "The live revision gets no production traffic",
            "`other` gets 100 %",
        ],
    ),
    (
        "a split that nobody moves",
        |it| {
            it.groups = Reading::Seen(vec![
                group("web-blue", 90.0, vec![healthy()]),
                group("web-green", 10.0, vec![healthy()]),
            ]);
        },
        Kind::TrafficSplit,
        Major,
        &["`web-green` gets 10 %"],
    ),
    (
        "suspended scaling",
        |it| scale(it).target.suspended.scale_out = true,
        Kind::ScalingSuspended,
        Major,
        &["scaling out", "--resource-id service/main/web"],
    ),
    (
        "suspended schedules",
        |it| scale(it).target.suspended.scheduled = true,
        Kind::ScalingSuspended,
        Minor,
        &["scheduled scaling"],
    ),
    (
        "bounds without room",
        |it| scale(it).target.bounds = Bounds { min: 2, max: 2 },
        Kind::ScalingFixed,
        Minor,
        &["minimum and maximum are both 2"],
    ),
    (
        "a maximum that is too low",
        |it| {
            (it.view.tasks.desired, it.view.tasks.running) = (8, 8);
            scale(it).activities = vec![activity(
                ActivityStatus::Unfulfilled,
                Some("AlreadyAtMaxCapacity"),
            )];
        },
        Kind::ScalingAtMaximum,
        Major,
        &["maximum of 8 tasks for 10m", "AlreadyAtMaxCapacity"],
    ),
    (
        "scaling that failed",
        |it| scale(it).activities = vec![activity(ActivityStatus::Failed, None)],
        Kind::ScalingFailed,
        Major,
        &["no capacity", "Setting desired count to 9."],
    ),
    (
        "an alarm that fires",
        |it| alarm(it, Some(AlarmState::Firing)),
        Kind::AlarmFiring,
        Major,
        &["`errors` is firing"],
    ),
    (
        "an alarm without data",
        |it| alarm(it, Some(AlarmState::InsufficientData)),
        Kind::AlarmWithoutData,
        Minor,
        &["INSUFFICIENT_DATA"],
    ),
    (
        "an alarm in a new state",
        |it| alarm(it, Some(AlarmState::parse("NEW"))),
        Kind::AlarmWithoutData,
        Minor,
        &["`NEW`, which this version does not know"],
    ),
    (
        "an alarm that is gone",
        |it| alarm(it, None),
        Kind::AlarmMissing,
        Major,
        &["does not exist"],
    ),
    (
        "more errors than usual",
        |it| hours(it).errors = 30.0,
        Kind::ErrorsHigh,
        Major,
        &["3 % of the requests", "30 of 1000", "median 0.1 %"],
    ),
    (
        "very many errors",
        |it| hours(it).errors = 300.0,
        Kind::ErrorsHigh,
        Critical,
        &["30 %"],
    ),
    (
        "slower than usual",
        |it| hours(it).latency = Some(0.3),
        Kind::LatencyHigh,
        Minor,
        &["300 ms", "median 100 ms"],
    ),
    (
        "far slower than usual",
        |it| hours(it).latency = Some(0.9),
        Kind::LatencyHigh,
        Major,
        &["900 ms"],
    ),
    (
        "no requests",
        |it| hours(it).requests = 3.0,
        Kind::FewerRequests,
        Major,
        &["Only 3 requests", "median 1000 requests"],
    ),
    (
        "full memory",
        |it| {
            it.usage = Reading::Seen(Usage {
                cpu_mean: Some(10.0),
                memory_most: Some(97.0),
            })
        },
        Kind::MemoryHigh,
        Major,
        &["97 %", "diagnose web --cluster main --rightsize"],
    ),
    (
        "full CPU",
        |it| {
            it.usage = Reading::Seen(Usage {
                cpu_mean: Some(91.0),
                memory_most: None,
            })
        },
        Kind::CpuHigh,
        Major,
        &["91 %"],
    ),
    (
        "errors in the logs",
        |it| {
            it.patterns = Reading::Seen(vec![Pattern {
                shape: "ERROR …".to_owned(),
                example: "ERROR 17".to_owned(),
                count: 3,
                last_at: at(-7),
            }]);
        },
        Kind::LogErrors,
        Minor,
        &["3 lines with errors", "3 times, last at", "ERROR 17"],
    ),
    (
        "a quota that is nearly used up",
        |it| {
            it.quota = Reading::Seen(Quota {
                limit: 100.0,
                used: Some(82.0),
            })
        },
        Kind::QuotaNear,
        Minor,
        &["82 %", "82 of 100 vCPUs"],
    ),
    (
        "a quota that is used up",
        |it| {
            it.quota = Reading::Seen(Quota {
                limit: 100.0,
                used: Some(99.0),
            })
        },
        Kind::QuotaNear,
        Major,
        &["99 %"],
    ),
];

/// What the network and certificates add.
const NETWORK: &[Case] = &[
    (
        "a security group that lets nobody in",
        |it| with_network(it, |seen| seen.openings.clear()),
        Kind::NoWayIn,
        Critical,
        &[
            "on port 8080",
            "--group-id sg-tasks",
            "--source-group sg-lb",
        ],
    ),
    (
        "a rule for another port",
        |it| {
            with_network(it, |seen| {
                seen.openings = vec![opening("tcp", Some((443, 443)), "sg-lb")]
            })
        },
        Kind::NoWayIn,
        Critical,
        &["`sg-tasks`"],
    ),
    (
        "a rule for another protocol",
        |it| {
            with_network(it, |seen| {
                seen.openings = vec![opening("udp", None, "sg-lb")]
            })
        },
        Kind::NoWayIn,
        Critical,
        &["`sg-lb`"],
    ),
    (
        "a rule for another group",
        |it| {
            with_network(it, |seen| {
                seen.openings = vec![opening("-1", None, "sg-other")]
            })
        },
        Kind::NoWayIn,
        Critical,
        &["No rule"],
    ),
    (
        "a subnet without a route and only some endpoints",
        |it| {
            with_network(it, |seen| {
                seen.subnets[0].way_out = WayOut::Nowhere;
                seen.endpoints = BTreeSet::from(["com.amazonaws.eu-west-1.ecr.api".to_owned()]);
            });
        },
        Kind::NoWayOut,
        Major,
        &["`subnet-1`", "endpoints for ecr.dkr, s3"],
    ),
    (
        "a public subnet and tasks without a public address",
        |it| with_network(it, |seen| seen.subnets[0].way_out = WayOut::Internet),
        Kind::NoWayOut,
        Major,
        &["assign_public_ip = true"],
    ),
    (
        "images from elsewhere",
        |it| {
            with_network(it, |seen| {
                seen.subnets[0].way_out = WayOut::Nowhere;
                seen.is_ecr = false;
                seen.endpoints = ["ecr.api", "ecr.dkr", "s3"]
                    .map(|name| format!("com.amazonaws.x.{name}"))
                    .into();
            });
        },
        Kind::NoWayOut,
        Major,
        &["registry outside of AWS"],
    ),
    (
        "a certificate that ends this month",
        |it| it.certificates = Reading::Seen(vec![certificate(29)]),
        Kind::CertificateEnds,
        Minor,
        &["shop.example ends in 29d", "DomainValidationOptions"],
    ),
    (
        "a certificate that ends this week",
        |it| {
            let imported = CertificateFacts {
                is_renewed: false,
                ..certificate(3)
            };
            it.certificates = Reading::Seen(vec![imported]);
        },
        Kind::CertificateEnds,
        Major,
        &["was imported"],
    ),
    (
        "a certificate that has ended",
        |it| it.certificates = Reading::Seen(vec![certificate(-1)]),
        Kind::CertificateEnds,
        Critical,
        &["has ended"],
    ),
];

#[test]
fn ways_that_are_open_are_no_issue() {
    let open: &[fn(&mut NetworkSeen)] = &[
        |seen| seen.openings = vec![opening("-1", None, "sg-lb")],
        |seen| {
            seen.openings = vec![Opening {
                has_addresses: true,
                ..opening("6", Some((8080, 8080)), "sg-x")
            }];
        },
        // A Network Load Balancer without groups.
        |seen| {
            seen.balancer_groups.clear();
            seen.openings.clear();
        },
        |seen| seen.subnets[0].way_out = WayOut::Elsewhere,
        |seen| {
            seen.subnets[0].way_out = WayOut::Internet;
            seen.public_ip = true;
        },
        |seen| {
            seen.subnets[0].way_out = WayOut::Nowhere;
            seen.endpoints = ["ecr.api", "ecr.dkr", "s3"]
                .map(|name| format!("com.amazonaws.x.{name}"))
                .into();
        },
    ];
    for (number, change) in open.iter().enumerate() {
        let mut evidence = well();
        with_network(&mut evidence, change);
        assert_eq!(
            judged(&evidence, Sizing::NotAsked).issues,
            Vec::new(),
            "{number}"
        );
    }
}

#[test]
fn the_network_is_asked_only_when_something_points_at_it() {
    assert!(!is_suspect(&well()));
    let mut evidence = well();
    let targets = vec![target(TargetState::Unhealthy, Some("Target.Timeout"))];
    evidence.groups = Reading::Seen(vec![group("web-blue", 100.0, targets)]);
    assert!(is_suspect(&evidence));
    let mut evidence = well();
    evidence.stopped = Reading::Seen(vec![crashed()]);
    assert!(!is_suspect(&evidence));
    let pull = "CannotPullContainerError: dial tcp 10.0.0.1:443: i/o timeout";
    evidence.stopped = Reading::Seen(vec![stopped(
        StopCode::TaskFailedToStart,
        pull,
        (None, None),
    )]);
    assert!(is_suspect(&evidence));
}

#[test]
fn each_fault_is_one_issue_that_says_what_to_do() {
    for (name, make, kind, severity, words) in CASES.iter().chain(NETWORK) {
        let mut evidence = well();
        make(&mut evidence);
        let found = judged(&evidence, Sizing::NotAsked);
        let told: Vec<_> = found
            .issues
            .iter()
            .map(|issue| (issue.kind, issue.severity))
            .collect();
        assert_eq!(told, [(*kind, *severity)], "{name}");
        let issue = &found.issues[0];
        let text = text::block(&found, false);
        for word in *words {
            assert!(text.contains(word), "{name}: {word:?} is not in\n{text}");
        }
        for (part, is_there) in [
            ("affects", !issue.affects.is_empty()),
            ("cause", !issue.cause.is_empty()),
            ("evidence", !issue.evidence.is_empty()),
            ("steps", !issue.steps.is_empty()),
            ("prevention", !issue.prevention.is_empty()),
        ] {
            assert!(is_there, "{name} has no {part}");
        }
        assert!(found.score.total < 100, "{name}");
    }
}

#[test]
fn what_is_usual_is_no_issue() {
    type Quiet = (&'static str, fn(&mut Evidence));
    let quiet: &[Quiet] = &[
        ("a deployment that has just begun", |it| {
            deploying(it);
        }),
        ("a deployment that bakes", |it| {
            let deployment = deploying(it);
            deployment.stage = Some("BAKE_TIME".to_owned());
            deployment.started_at = Some(at(-7200));
        }),
        ("a split while it is deployed", |it| {
            deploying(it);
            it.groups = Reading::Seen(vec![
                group("web-blue", 90.0, vec![healthy()]),
                group("web-green", 10.0, vec![healthy()]),
            ]);
        }),
        ("scaling that a deployment has suspended", |it| {
            deploying(it);
            scale(it).target.suspended.scale_out = true;
        }),
        ("tasks that scaling has stopped", |it| {
            it.stopped = Reading::Seen(vec![stopped(
                StopCode::ServiceSchedulerInitiated,
                "Scaling activity initiated by deployment ecs-svc/1",
                (Some(0), None),
            )]);
        }),
        ("targets that come and go", |it| {
            let targets = vec![
                healthy(),
                target(TargetState::Initial, None),
                target(TargetState::Draining, None),
            ];
            it.groups = Reading::Seen(vec![group("web-blue", 100.0, targets)]);
        }),
        ("few requests", |it| {
            *hours(it) = Hour {
                requests: 10.0,
                errors: 5.0,
                latency: Some(9.0),
            };
            if let Reading::Seen(hours) = &mut it.hours {
                hours.before = vec![hours.now; 7];
            }
        }),
        ("nothing to compare with", |it| {
            if let Reading::Seen(hours) = &mut it.hours {
                (hours.now.latency, hours.before) = (Some(9.0), Vec::new());
            }
        }),
        ("a service of no tasks", |it| {
            (it.view.tasks.desired, it.view.tasks.running) = (0, 0);
            it.groups = Reading::Seen(vec![group("web-blue", 100.0, Vec::new())]);
        }),
    ];
    for (name, make) in quiet {
        let mut evidence = well();
        make(&mut evidence);
        let found = judged(&evidence, Sizing::NotAsked);
        assert_eq!(found.issues, Vec::new(), "{name}");
    }
}

#[test]
fn each_end_of_a_task_has_its_cause() {
    let start = StopCode::TaskFailedToStart;
    let ended = StopCode::EssentialContainerExited;
    for (task, expected) in [
        (
            stopped(
                start.clone(),
                "CannotPullContainerError: failed to resolve ref app:9: not found",
                (None, None),
            ),
            Some(TaskCause::Image(Pull::Refused)),
        ),
        (
            stopped(
                start.clone(),
                "CannotPullContainerError: dial tcp 10.0.0.1:443: i/o timeout",
                (None, None),
            ),
            Some(TaskCause::Image(Pull::Unreachable)),
        ),
        (
            stopped(
                start.clone(),
                "CannotPullContainerError: 429 toomanyrequests",
                (None, None),
            ),
            Some(TaskCause::Image(Pull::Limited)),
        ),
        (
            stopped(
                start.clone(),
                "ResourceInitializationError: unable to pull secrets: AccessDeniedException",
                (None, None),
            ),
            Some(TaskCause::Secret),
        ),
        (
            stopped(
                start.clone(),
                "ResourceInitializationError: unable to pull secrets: context deadline exceeded",
                (None, None),
            ),
            Some(TaskCause::Secret),
        ),
        (
            stopped(
                ended.clone(),
                "Essential container in task exited",
                (Some(255), Some("exec format error")),
            ),
            Some(TaskCause::Architecture),
        ),
        (
            stopped(
                ended.clone(),
                "Essential container in task exited",
                (Some(137), Some("OutOfMemoryError: killed")),
            ),
            Some(TaskCause::Memory),
        ),
        (
            stopped(
                ended.clone(),
                "Essential container in task exited",
                (Some(137), None),
            ),
            Some(TaskCause::Memory),
        ),
        (
            stopped(
                ended.clone(),
                "Essential container in task exited",
                (Some(1), Some("bind: address already in use")),
            ),
            Some(TaskCause::Port),
        ),
        (
            stopped(
                start.clone(),
                "CannotStartContainerError: executable file not found in $PATH",
                (None, None),
            ),
            Some(TaskCause::Entry),
        ),
        (
            stopped(
                StopCode::ServiceSchedulerInitiated,
                "Task failed ELB health checks in (target-group web-blue)",
                (Some(143), None),
            ),
            // AWS words it without "health check" in one piece.
            Some(TaskCause::Health),
        ),
        (
            stopped(
                start.clone(),
                "Capacity is unavailable at this time",
                (None, None),
            ),
            Some(TaskCause::Capacity),
        ),
        (
            stopped(
                StopCode::SpotInterruption,
                "Your Spot Task was interrupted.",
                (Some(143), None),
            ),
            Some(TaskCause::Spot),
        ),
        (
            stopped(
                ended.clone(),
                "Essential container in task exited",
                (Some(3), None),
            ),
            Some(TaskCause::Exit(3)),
        ),
        (
            stopped(ended, "Essential container in task exited", (Some(0), None)),
            Some(TaskCause::Exit(0)),
        ),
        (
            stopped(start, "TaskFailedToStart: something new", (None, None)),
            Some(TaskCause::Other),
        ),
        (
            stopped(
                StopCode::UserInitiated,
                "Task stopped by user",
                (Some(137), None),
            ),
            None,
        ),
        (
            stopped(
                StopCode::ServiceSchedulerInitiated,
                "Scaling activity initiated by deployment x",
                (Some(137), None),
            ),
            None,
        ),
    ] {
        assert_eq!(cause(&task), expected, "{:?}", task.reason);
    }
}

#[test]
fn what_cannot_be_read_is_listed_and_keeps_nothing_else() {
    let mut evidence = well();
    evidence.alarms = Reading::Unread("AWS refuses cloudwatch:DescribeAlarms.".to_owned());
    evidence.scaling = Reading::Nothing;
    evidence.view.tasks.running = 1;
    let found = judged(&evidence, Sizing::NotAsked);
    assert_eq!(found.issues.len(), 1);
    let text = text::block(&found, false);
    assert!(
        text.contains("not checked  alarms: AWS refuses cloudwatch:DescribeAlarms."),
        "{text}"
    );
    assert!(!text.contains("scaling"), "{text}");
    let json = serde_json::to_value(&found).unwrap();
    let checks = json["checks"].as_array().unwrap();
    let result = |name: &str| {
        let check = checks.iter().find(|check| check["name"] == name).unwrap();
        check["result"].clone()
    };
    assert_eq!(result("alarms"), "not_checked");
    assert_eq!(result("scaling"), "not_applicable");
    assert_eq!(result("traffic"), "checked");
}
