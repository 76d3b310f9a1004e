//! Whole life cycles of a service: the engine against the in-memory AWS, through the ports.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod load;
mod lost;
mod sides;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use switchyard_engine::ports::{CircuitBreaker, DeploymentAlarms, ErrorKind, Strategy};
use switchyard_engine::{
    DesiredCount, DesiredService, DesiredTaskDefinition, FailureKind, Intent, OnCancel, ReportKind,
    apply, delete, observe, verify,
};
use switchyard_support::account::{Account, tags, update};
use switchyard_support::intercept::{Fault, Intercept, Selector};
use switchyard_world::Service;
use tokio_util::sync::CancellationToken;
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
    wanted.revision.task_definition = DesiredTaskDefinition::Named(
        wanted
            .revision
            .task_definition
            .name()
            .unwrap()
            .replace("web:2", "web:1"),
    );
    wanted.desired = DesiredCount::Fixed(3);
    wanted.settings.deployment_configuration.bake_minutes = Some(5);
    wanted.settings.tags = tags(&[("cost", "1"), ("team", "shop")]);
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
            failure.kind(),
            FailureKind::FirstRolloutFailed,
            "{strategy:?}: {}",
            failure.detail()
        );
        assert!(
            failure
                .why()
                .iter()
                .any(|line| line.contains("exited with")),
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
            failure.kind(),
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
            failure
                .why()
                .iter()
                .any(|line| line.contains("exited with")),
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
        assert_eq!(failure.kind(), FailureKind::FirstRolloutFailed, "{tag}");
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
    let alarmed = |mut wanted: DesiredService| {
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
        failure.kind(),
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
        assert_eq!(failure.kind(), expected, "{}", failure.detail());
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
        assert_eq!(applied.result.unwrap_err().kind(), FailureKind::TimedOut);
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
                failure.kind(),
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
    assert_eq!(
        failure.kind(),
        FailureKind::Rejected,
        "{}",
        failure.detail()
    );
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
        next.desired = DesiredCount::Fixed(2 + u32::try_from(number).unwrap());
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
        failure.kind(),
        FailureKind::RolledBack,
        "{}",
        failure.detail()
    );
    assert!(
        failure.next().contains("Somebody stopped the deployment"),
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
            failure.kind(),
            FailureKind::RolledBack | FailureKind::TimedOut
        ),
        "{}",
        failure.detail()
    );
    assert!(
        failure
            .why()
            .iter()
            .any(|line| line.contains("exited with")),
        "{}",
        failure.detail()
    );
    // It was stopped by this apply: that is no cause, and nobody is to be asked about it.
    let detail = failure.detail();
    for misleading in ["MANUAL_STOP", "on request", "Somebody", "has started"] {
        assert!(!detail.contains(misleading), "{detail}");
    }
    assert!(detail.contains("Check the logs"), "{detail}");
    assert_eq!(live.as_deref(), first.revision.task_definition.name());
}

// Death and errors.

/// A wish, and how many rollouts the account holds.
struct Story {
    account: Account,
    target: DesiredService,
    rollouts: fn(&Account) -> usize,
}

/// Fewer polls, and so fewer calls to die at.
fn without_bake(mut wanted: DesiredService) -> DesiredService {
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
    target.desired = DesiredCount::Fixed(3);
    target.settings.tags = tags(&[("cost", "1"), ("team", "shop")]);
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
    target.desired = DesiredCount::Fixed(3);
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
            // Also a create that was over, and of which nobody has heard.
            account.done(&target).await;
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
    Box::pin(survives_death(creation)).await;
}

#[tokio::test]
async fn a_killed_rollout_is_finished() {
    Box::pin(survives_death(rollout)).await;
}

#[tokio::test]
async fn a_killed_code_deploy_rollout_is_finished() {
    Box::pin(survives_death(code_deploy_rollout)).await;
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
