//! Rollouts that are held, watched, or change the controller, with requests under way all the time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod traffic;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};
use switchyard_engine::gate::{
    Area, Check, Expectation, Flow, Gate, GateClass, HttpCheck, Inconclusive, MomentKind,
    ProbeTarget,
};
use switchyard_engine::ports::{
    HookTarget, HookTimeoutAction, LifecycleHook, LifecycleStage, Ports, Strategy,
};
use switchyard_engine::{
    Applied, DesiredService, DesiredStep, DesiredTaskDefinition, FailureKind, RecordOutcome,
    ScalingDuring, Share, apply,
};
use switchyard_support::account::{Account, text, update};
use switchyard_support::intercept::{Fault, Intercept, Selector};
use switchyard_world::Service;
use tokio_util::sync::CancellationToken;
use traffic::Traffic;

async fn run(ports: &Ports, wanted: &DesiredService) -> Applied {
    apply(ports, wanted, &CancellationToken::new()).await
}

async fn done(ports: &Ports, wanted: &DesiredService, context: &str) -> Applied {
    let applied = run(ports, wanted).await;
    let ended = applied
        .result
        .as_ref()
        .map_err(|failure| format!("{failure}\n{}", failure.detail()));
    assert!(ended.is_ok(), "{context}: {}", ended.unwrap_err());
    applied
}

fn controller(account: &Account) -> String {
    let found = account.ecs(
        "DescribeServices",
        json!({ "cluster": "main", "services": ["web"] }),
    );
    text(&found["services"][0]["deploymentController"]["type"])
}

// Steps and gates.

fn percent(tenths: u32, minutes: u64) -> DesiredStep {
    DesiredStep {
        share: Share::of_tenths(tenths),
        hold: Duration::from_secs(60 * minutes),
        approval: false,
    }
}

/// 10, 50 and 100 percent, each held.
fn in_steps(account: &Account, tag: &str) -> DesiredService {
    let strategy = Strategy::Linear {
        percent: 10.0,
        bake_minutes: 0,
    };
    let mut wanted = account.wanted(strategy, tag);
    wanted.steps = vec![percent(100, 5), percent(500, 10), percent(1000, 2)];
    wanted.settings.deployment_configuration.hooks = Some(vec![LifecycleHook {
        target: HookTarget::Pause,
        stages: BTreeSet::from([
            LifecycleStage::PreProductionTrafficShift,
            LifecycleStage::PostProductionTrafficShift,
        ]),
        details: None,
        timeout_minutes: Some(60),
        on_timeout: Some(HookTimeoutAction::Rollback),
        more: String::new(),
    }]);
    wanted.time_limit = Duration::from_secs(90 * 60);
    wanted
}

/// Every target of the new side answers `/checkout` with 200.
fn checkout(when: MomentKind) -> Gate {
    Gate {
        name: "checkout".to_owned(),
        class: GateClass::Api,
        area: Area::Basic,
        when: BTreeSet::from([when]),
        check: Check::Http(HttpCheck {
            target: ProbeTarget::NewTargets,
            path: "/checkout".to_owned(),
            method: "GET".to_owned(),
            headers: BTreeMap::new(),
            body: None,
            expect: Expectation::default(),
            timeout: Duration::from_secs(10),
            consecutive_passes: 2,
            attempts: 2,
            retry_delay: None,
            interval: Duration::from_secs(5),
            load: None,
        }),
        observe_only: false,
        on_inconclusive: Inconclusive::Fail,
        time_limit: Duration::from_secs(300),
        flow: Flow::default(),
        pair: None,
    }
}

#[tokio::test]
async fn steps_hold_the_weights_that_were_asked_for_and_lose_no_request() {
    let account = Account::new();
    let traffic = Traffic::of(&account);
    let ports = traffic.over(&account.ports);
    done(&account.ports, &in_steps(&account, "v1"), "creation").await;
    for (tag, weights) in [("v2", (0, 100)), ("v3", (100, 0))] {
        traffic.forget();
        let applied = done(&ports, &update(in_steps(&account, tag)), tag).await;
        traffic.assert_none_failed(tag);
        assert_eq!(account.weights(), weights);
        let record = applied.record.unwrap();
        assert_eq!(record.outcome, RecordOutcome::Succeeded);
        let held: Vec<f64> = record
            .timeline
            .iter()
            .filter(|entry| entry.stage.contains("is held for"))
            .filter_map(|entry| entry.weight)
            .collect();
        assert_eq!(held, [10.0, 50.0, 100.0], "{:#?}", record.timeline);
        // 5 + 10 + 2 minutes of holds.
        assert!(record.duration_seconds >= 17 * 60, "{record:?}");
        assert!(record.images[0].image.contains(tag), "{record:?}");
    }
    assert_eq!(account.deployments().len(), 3);
}

#[tokio::test]
async fn a_gate_that_fails_at_ten_percent_costs_no_more_than_that_share() {
    let account = Account::new();
    let traffic = Traffic::of(&account);
    let ports = traffic.over(&account.ports);
    done(&account.ports, &in_steps(&account, "v1"), "creation").await;
    traffic.forget();
    let mut wanted = update(in_steps(&account, "v2--5xx-after-0s"));
    wanted.gates.list.push(checkout(MomentKind::Step));
    let applied = run(&ports, &wanted).await;
    let failure = applied.result.unwrap_err();
    assert_eq!(
        failure.kind(),
        FailureKind::GateFailed,
        "{}",
        failure.detail()
    );
    let record = applied.record.unwrap();
    assert_eq!(record.outcome, RecordOutcome::RolledBack);
    assert!(record.quarantine);
    // Traffic is back at once; requests under way may take the five minutes of the deregistration delay.
    let recovery = record.recovery_seconds.unwrap();
    assert!((1..=60).contains(&recovery), "{recovery}");
    assert!(record.duration_seconds > recovery + 300, "{record:?}");
    let (failed, all) = traffic.failed();
    assert!(failed > 0 && failed * 10 <= all, "{failed} of {all} failed");
    traffic.forget();
    ports.clock.sleep(Duration::from_secs(60)).await;
    traffic.assert_none_failed("after the rollback");
}

#[tokio::test]
async fn a_gate_before_traffic_costs_no_request_at_all() {
    let account = Account::new();
    let traffic = Traffic::of(&account);
    let ports = traffic.over(&account.ports);
    done(&account.ports, &in_steps(&account, "v1"), "creation").await;
    traffic.forget();
    let mut wanted = update(in_steps(&account, "v2--5xx-after-0s"));
    wanted.gates.list.push(checkout(MomentKind::BeforeTraffic));
    let applied = run(&ports, &wanted).await;
    assert_eq!(applied.result.unwrap_err().kind(), FailureKind::GateFailed);
    traffic.assert_none_failed("a broken revision that never got traffic");
}

#[tokio::test]
async fn a_missing_image_is_given_up_early_and_not_quarantined() {
    let account = Account::new();
    done(&account.ports, &in_steps(&account, "v1"), "creation").await;
    for (tag, quarantine) in [
        ("v2--missing", false),
        ("v3--secret-denied", false),
        ("v4--arm64", true),
    ] {
        let wanted = update(in_steps(&account, tag));
        let applied = run(&account.ports, &wanted).await;
        let failure = applied.result.unwrap_err();
        assert_eq!(
            failure.kind(),
            FailureKind::RolledBack,
            "{}",
            failure.detail()
        );
        let record = applied.record.unwrap();
        assert_eq!(record.quarantine, quarantine, "{tag}");
        assert!(record.duration_seconds < 10 * 60, "{tag}: {record:?}");
    }
}

// Another controller.

/// A service under CodeDeploy, on green after one rollout, whose listener's default rule moves.
async fn under_code_deploy() -> Account {
    let mut account = Account::with_code_deploy();
    let rules = account.elb("DescribeRules", json!({ "ListenerArn": account.listener }));
    let rules = rules["Rules"].as_array().unwrap().clone();
    let default = rules.iter().find(|rule| rule["IsDefault"] == json!(true));
    account.rule = text(&default.unwrap()["RuleArn"]);
    done(&account.ports, &account.code_deployed("v1"), "creation").await;
    account.deployment_group(0);
    done(
        &account.ports,
        &update(account.code_deployed("v2")),
        "CodeDeploy",
    )
    .await;
    account
}

/// The same revision `tag` under ECS.
fn native(account: &Account, definition: &DesiredTaskDefinition) -> DesiredService {
    let mut wanted = update(account.wanted(Strategy::BlueGreen, "unused"));
    wanted.revision.task_definition = definition.clone();
    wanted
}

#[tokio::test]
async fn code_deploy_to_ecs_and_back_never_leaves_production_without_a_target() {
    let account = under_code_deploy().await;
    let traffic = Traffic::of(&account);
    let ports = traffic.over(&account.ports);
    let definition = DesiredTaskDefinition::Named(account.task_definition("v3"));
    for round in 0..2 {
        // To ECS, together with a new revision in the first round.
        let context = format!("to ECS, round {round}");
        let applied = done(&ports, &native(&account, &definition), &context).await;
        assert_eq!(controller(&account), "ECS");
        traffic.assert_none_failed(&context);
        let live = applied.live.unwrap().revision.task_definition;
        assert_eq!(live.as_deref(), definition.name());
        let again = done(&ports, &native(&account, &definition), &context).await;
        assert_eq!(
            again.record, None,
            "{context}: a second apply has nothing to do"
        );
        // Back, with the same revision.
        let mut back = update(account.code_deployed("unused"));
        back.revision.task_definition = definition.clone();
        let context = format!("to CodeDeploy, round {round}");
        let applied = done(&ports, &back, &context).await;
        assert_eq!(controller(&account), "CODE_DEPLOY");
        let live = applied.live.unwrap().revision.task_definition;
        assert_eq!(live.as_deref(), definition.name());
        // And CodeDeploy deploys again.
        let next = update(account.code_deployed(&format!("v{}", round + 4)));
        let context = format!("CodeDeploy, round {round}");
        done(&ports, &next, &context).await;
        traffic.assert_none_failed(&context);
    }
}

#[tokio::test]
async fn a_killed_change_of_the_controller_is_finished_by_the_next_apply() {
    for fault in [Fault::DiesBefore, Fault::DiesAfter, Fault::AnswerLost] {
        for nth in 0.. {
            let account = under_code_deploy().await;
            let traffic = Traffic::of(&account);
            let ports = traffic.over(&account.ports);
            let definition = DesiredTaskDefinition::Named(account.task_definition("v3"));
            let wanted = native(&account, &definition);
            let dying = Intercept::new(ports.clone()).with(Selector::Nth(nth), fault);
            let (dying_ports, cancel) = (dying.ports(), CancellationToken::new());
            dying
                .until_death(apply(&dying_ports, &wanted, &cancel))
                .await;
            let context = format!("{fault:?} at {nth}");
            done(&ports, &wanted, &context).await;
            traffic.assert_none_failed(&context);
            assert_eq!(controller(&account), "ECS", "{context}");
            assert_eq!(account.deployments().len(), 1, "{context}");
            if dying.calls().len() <= nth {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_killed_change_back_is_finished_by_the_next_apply() {
    for fault in [Fault::DiesBefore, Fault::DiesAfter, Fault::AnswerLost] {
        for nth in 0.. {
            let account = under_code_deploy().await;
            let definition = DesiredTaskDefinition::Named(account.task_definition("v3"));
            done(&account.ports, &native(&account, &definition), "to ECS").await;
            let traffic = Traffic::of(&account);
            let ports = traffic.over(&account.ports);
            let wanted = update(account.code_deployed("v4"));
            let before = account.code_deploy_deployments();
            let dying = Intercept::new(ports.clone()).with(Selector::Nth(nth), fault);
            let (dying_ports, cancel) = (dying.ports(), CancellationToken::new());
            dying
                .until_death(apply(&dying_ports, &wanted, &cancel))
                .await;
            let context = format!("{fault:?} at {nth}");
            done(&ports, &wanted, &context).await;
            traffic.assert_none_failed(&context);
            assert_eq!(controller(&account), "CODE_DEPLOY", "{context}");
            assert_eq!(account.code_deploy_deployments(), before + 1, "{context}");
            if dying.calls().len() <= nth {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_broken_revision_that_comes_with_the_change_is_rolled_back() {
    let account = under_code_deploy().await;
    let traffic = Traffic::of(&account);
    let ports = traffic.over(&account.ports);
    let definition = DesiredTaskDefinition::Named(account.task_definition("v3--crash"));
    let applied = run(&ports, &native(&account, &definition)).await;
    let failure = applied.result.unwrap_err();
    assert_eq!(
        failure.kind(),
        FailureKind::RolledBack,
        "{}",
        failure.detail()
    );
    traffic.assert_none_failed("a crashing revision");
    // The controller has moved; the old revision is live under it.
    assert_eq!(controller(&account), "ECS");
    let sound = DesiredTaskDefinition::Named(account.task_definition("v4"));
    done(&ports, &native(&account, &sound), "the next revision").await;
    traffic.assert_none_failed("the next revision");
}

// Automatic scaling.

fn scalable(account: &Account) -> Value {
    let input = json!({ "ServiceNamespace": "ecs", "ResourceIds": ["service/main/web"] });
    let found = account.call(Service::AutoScaling, "DescribeScalableTargets", input);
    found["ScalableTargets"][0]["SuspendedState"].clone()
}

#[tokio::test]
async fn scaling_is_resumed_wherever_a_run_dies() {
    for fault in [Fault::DiesBefore, Fault::DiesAfter, Fault::AnswerLost] {
        for nth in 0.. {
            let account = Account::new();
            let strategy = Strategy::BlueGreen;
            done(
                &account.ports,
                &account.wanted(strategy.clone(), "v1"),
                "creation",
            )
            .await;
            account.call(Service::AutoScaling, "RegisterScalableTarget", json!({
                "ServiceNamespace": "ecs", "ResourceId": "service/main/web", "ScalableDimension": "ecs:service:DesiredCount",
                "MinCapacity": 2, "MaxCapacity": 6,
            }));
            let before = scalable(&account);
            let mut wanted = update(account.wanted(strategy, "v2"));
            wanted.scaling = ScalingDuring::SuspendIn;
            let dying = Intercept::new(account.ports.clone()).with(Selector::Nth(nth), fault);
            let (ports, cancel) = (dying.ports(), CancellationToken::new());
            dying.until_death(apply(&ports, &wanted, &cancel)).await;
            let context = format!("{fault:?} at {nth}");
            let applied = done(&account.ports, &wanted, &context).await;
            assert_eq!(applied.live.unwrap().unfinished, []);
            assert_eq!(scalable(&account), before, "{context}");
            assert_eq!(account.deployments().len(), 2, "{context}");
            if dying.calls().len() <= nth {
                break;
            }
        }
    }
}

// Owners of the task definition.

#[tokio::test]
async fn images_are_rolled_out_registered_once_and_kept_in_number() {
    let account = Account::new();
    let strategy = Strategy::BlueGreen;
    done(
        &account.ports,
        &account.wanted(strategy.clone(), "v1"),
        "creation",
    )
    .await;
    let wanted = |tag: &str| {
        let mut wanted = update(account.wanted(strategy.clone(), "unused"));
        wanted.revision.task_definition = DesiredTaskDefinition::Images {
            base: None,
            images: BTreeMap::from([("app".to_owned(), format!("app:{tag}"))]),
        };
        wanted.revision_retention = Some(2);
        wanted
    };
    let mut live = Vec::new();
    for tag in ["v2", "v3", "v4", "v5"] {
        let applied = done(&account.ports, &wanted(tag), tag).await;
        let record = applied.record.unwrap();
        assert_eq!(record.images[0].image, format!("app:{tag}"));
        live.push(record.to_task_definition);
        let again = done(&account.ports, &wanted(tag), tag).await;
        assert_eq!(again.record, None, "{tag}: nothing differs");
    }
    let status = |arn: &str| {
        let found = account.ecs("DescribeTaskDefinition", json!({ "taskDefinition": arn }));
        text(&found["taskDefinition"]["status"])
    };
    let statuses: Vec<String> = live.iter().map(|arn| status(arn)).collect();
    assert_eq!(statuses, ["INACTIVE", "INACTIVE", "ACTIVE", "ACTIVE"]);
}
