//! `rollback`.

use std::time::Duration;

use futures::future::select;
use switchyard_engine::ports::{LifecycleStage, Strategy};
use switchyard_operate::{Deed, Exit, Rollback, SnapshotVerb};
use switchyard_support::account::{Account, update};

use crate::operator::{
    CANARY, create_code_deployed, deploy, every, first_of_api, live_with, newest, operated,
    pass_until, pause, stepped, third_by_code_deploy, web,
};

fn plainly() -> Rollback {
    Rollback::default()
}

fn dry() -> Rollback {
    Rollback {
        dry_run: true,
        ..Rollback::default()
    }
}

/// v1 and v2 were live, v2 is.
async fn second_live() -> Account {
    let account = live_with(CANARY, vec![pause(LifecycleStage::PostScaleUp)]).await;
    deploy(&account, "v2");
    pass_until(&account, crate::operator::is_paused).await;
    let approve = switchyard_operate::Decision::Approve;
    web()
        .answer(&account.ports, approve, None)
        .await
        .ends(Exit::Done);
    pass_until(&account, |it| it["status"] == "SUCCESSFUL").await;
    account
}

#[tokio::test]
async fn the_deployment_in_progress_is_taken_back_and_followed_until_traffic_is_back() {
    let account = live_with(CANARY, Vec::new()).await;
    let to = deploy(&account, "v2");
    pass_until(&account, |it| {
        it["targetServiceRevision"]["requestedProductionTrafficWeight"] == 10.0
    })
    .await;
    let count = account.deployments().len();
    let text = web()
        .rollback(&account.ports, &dry())
        .await
        .ends(Exit::Done);
    assert_eq!(
        text,
        format!(
            "The deployment of `web` to {to} is stopped with a rollback; traffic returns to web:1. Traffic: 90 % on web:1, \
             10 % on {to}. Nothing was changed.\n"
        )
    );
    assert_eq!(newest(&account).unwrap()["status"], "IN_PROGRESS");
    let wanted = Rollback {
        reason: Some("5xx".to_owned()),
        ..plainly()
    };
    let text = web()
        .rollback(&account.ports, &wanted)
        .await
        .ends(Exit::Done);
    assert!(
        text.ends_with("`web` is rolled back: web:1 is live.\n"),
        "{text}"
    );
    assert_eq!(newest(&account).unwrap()["status"], "ROLLBACK_SUCCESSFUL");
    // Whoever asks twice does not go back twice.
    let again = web().rollback(&account.ports, &plainly()).await.nothing();
    assert!(again.contains("has gone back already"), "{again}");
    assert_eq!(
        account.deployments().len(),
        count,
        "no other deployment was started"
    );
    let note = operated(&account).await.unwrap();
    assert!(
        note.ends_with(&format!("rolled back deployment to {to}: 5xx")),
        "{note}"
    );
}

#[tokio::test]
async fn without_a_deployment_the_revision_before_is_deployed_all_at_once() {
    let account = second_live().await;
    let text = web()
        .rollback(&account.ports, &dry())
        .await
        .ends(Exit::Done);
    assert!(text.starts_with("`web` goes back from web:"), "{text}");
    assert!(
        text.contains(
            " to web:1, all at once and without a bake time; its strategy (CANARY) stays"
        ),
        "{text}"
    );
    assert!(
        text.contains("  image of app: app:v2 -> app:v1\n"),
        "{text}"
    );
    assert!(text.ends_with("Nothing was changed.\n"), "{text}");
    let count = account.deployments().len();

    let text = web()
        .rollback(&account.ports, &plainly())
        .await
        .ends(Exit::Done);
    assert!(
        text.contains("`web` is rolled back: web:1 is live."),
        "{text}"
    );
    assert!(
        text.contains("the next apply deploys what it says"),
        "{text}"
    );
    assert_eq!(account.deployments().len(), count + 1);
    let found = web().json().status(&account.ports).await.json();
    let service = &found["services"][0];
    assert_eq!(service["sides"][0]["revision"], "web:1");
    assert_eq!(service["state"], "steady");
    assert_eq!(service["unfinished"], serde_json::json!([]));
    // Asked once more, it does not deploy again what was left.
    let again = web().rollback(&account.ports, &plainly()).await.nothing();
    assert!(
        again.contains("its last deployment ended with web:1 live again"),
        "{again}"
    );
    // What the service deploys with is what it was, pause and all.
    assert_eq!(service["strategy"], "CANARY");
    let described = account.ecs(
        "DescribeServices",
        serde_json::json!({ "cluster": "main", "services": ["web"] }),
    );
    let configuration = &described["services"][0]["deploymentConfiguration"];
    assert_eq!(configuration["lifecycleHooks"][0]["targetType"], "PAUSE");
    assert!(
        service["operated"]
            .as_str()
            .unwrap()
            .ends_with("rollback to web:1")
    );
}

#[tokio::test]
async fn a_named_revision_or_a_snapshot_is_gone_back_to() {
    let account = second_live().await;
    let take = SnapshotVerb::Take("before the night".to_owned());
    let taken = web().json().snapshots(&account.ports, &take).await.json();
    let id = taken["snapshot_id"].as_str().unwrap().parse().unwrap();
    let back = Rollback {
        to: Some("web:1".to_owned()),
        ..plainly()
    };
    web().rollback(&account.ports, &back).await.ends(Exit::Done);
    let again = web()
        .rollback(&account.ports, &back)
        .await
        .ends(Exit::Nothing);
    assert_eq!(again, "web:1 is live already. Nothing was changed.\n");
    let place = switchyard_engine::ports::Place::Folder("kept".to_owned());
    let to_snapshot = Rollback {
        snapshot: Some((place, id)),
        ..plainly()
    };
    let text = web()
        .rollback(&account.ports, &to_snapshot)
        .await
        .ends(Exit::Done);
    assert!(text.contains("is rolled back: web:"), "{text}");
    let found = web().json().status(&account.ports).await.json();
    assert_eq!(found["services"][0]["sides"][0]["images"]["app"], "app:v2");
}

#[tokio::test]
async fn what_cannot_be_gone_back_to_is_told_before_anything_is_changed() {
    let account = crate::operator::live().await;
    let none = web().rollback(&account.ports, &plainly()).await.fails();
    assert!(
        none.contains("No revision of `web` is known that was live before web:1"),
        "{none}"
    );
    let missing = Rollback {
        to: Some("web:99".to_owned()),
        ..plainly()
    };
    let missing = web().rollback(&account.ports, &missing).await.fails();
    assert!(
        missing.contains("There is no task definition `web:99`"),
        "{missing}"
    );
    assert_eq!(account.deployments().len(), 1);
    deploy(&account, "v2");
    pass_until(&account, |it| it["status"] == "IN_PROGRESS").await;
    let named = Rollback {
        to: Some("web:1".to_owned()),
        ..plainly()
    };
    let message = web().rollback(&account.ports, &named).await.fails();
    assert!(
        message.contains("is in progress. Nothing was changed."),
        "{message}"
    );
}

#[tokio::test]
async fn a_revision_that_does_not_start_is_told_and_traffic_stays() {
    let account = second_live().await;
    account.task_definition("v3--missing");
    let wanted = Rollback {
        to: Some("web:4".to_owned()),
        ..plainly()
    };
    let listed = account.ecs(
        "ListTaskDefinitions",
        serde_json::json!({ "familyPrefix": "web" }),
    );
    let newest = listed["taskDefinitionArns"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    let wanted = Rollback {
        to: newest.as_str().map(str::to_owned),
        ..wanted
    };
    let text = web()
        .rollback(&account.ports, &wanted)
        .await
        .ends(Exit::NotSucceeded);
    assert!(text.contains("rolled back"), "{text}");
    let found = web().json().status(&account.ports).await.json();
    assert_eq!(found["services"][0]["sides"][0]["images"]["app"], "app:v2");
}

#[tokio::test]
async fn a_service_that_codedeploy_has_not_deployed_yet_is_told_what_to_do() {
    let account = Account::with_code_deploy();
    create_code_deployed(&account).await;
    let wanted = Rollback {
        to: Some("web:1".to_owned()),
        ..plainly()
    };
    web()
        .rollback(&account.ports, &wanted)
        .await
        .ends(Exit::Nothing);
    account.task_definition("v2");
    let other = Rollback {
        to: Some("web:2".to_owned()),
        ..plainly()
    };
    let message = web().rollback(&account.ports, &other).await.fails();
    assert!(
        message.contains("no deployment of it is known that names the deployment group"),
        "{message}"
    );
    assert!(message.contains("Nothing was changed."), "{message}");
}

#[tokio::test]
async fn codedeploy_goes_back_by_its_own_deployments_behind_their_functions() {
    let account = third_by_code_deploy().await;
    let text = web()
        .rollback(&account.ports, &dry())
        .await
        .ends(Exit::Done);
    assert!(
        text.contains("`web` goes back from web:")
            && text.contains("  image of app: app:v3 -> app:v2\n"),
        "{text}"
    );
    assert!(
        text.contains("CodeDeploy deploys it (shop/web, CodeDeployDefault.ECSAllAtOnce).\n  BeforeAllowTraffic calls check\n"),
        "{text}"
    );
    let count = account.code_deploy_deployments();
    let wanted = Rollback {
        reason: Some("5xx".to_owned()),
        ..plainly()
    };
    let text = web()
        .rollback(&account.ports, &wanted)
        .await
        .ends(Exit::Done);
    assert!(text.contains("`web` is rolled back: web:"), "{text}");
    assert_eq!(account.code_deploy_deployments(), count + 1);
    let found = web().json().status(&account.ports).await.json();
    let service = &found["services"][0];
    assert_eq!(service["sides"][0]["images"]["app"], "app:v2", "{found:#}");
    assert_eq!(service["state"], "steady", "{found:#}");
    let note = operated(&account).await.unwrap();
    assert!(
        note.contains(" rollback to web:") && note.ends_with(": 5xx"),
        "{note}"
    );
    // Whoever asks twice does not go back twice.
    let again = web().rollback(&account.ports, &plainly()).await.nothing();
    assert!(again.contains("has gone back already"), "{again}");
    assert_eq!(account.code_deploy_deployments(), count + 1);
}

/// A service whose weights an apply has moved: v1 and v2 were live, v2 is.
async fn second_by_apply() -> Account {
    let account = Account::new();
    account.done(&stepped(&account, "v1")).await;
    account.done(&update(stepped(&account, "v2"))).await;
    account
}

/// The state after the last apply.
fn from_state() -> crate::operator::Way {
    let values = serde_json::json!({
        "name": "web", "cluster": "main", "last_deployment": "outcome=succeeded from=web:1 to=web:2",
    });
    let resource = serde_json::json!({
        "type": "switchyard_blue_green_service", "mode": "managed", "values": values,
    });
    let state = serde_json::json!({ "values": { "root_module": { "resources": [resource] } } });
    let mut way = web();
    way.wanted.names.clear();
    way.wanted.cluster = None;
    way.wanted.file = Some(("state.json".to_owned(), state.to_string()));
    way
}

#[tokio::test]
async fn task_sets_go_back_behind_their_rule() {
    let account = second_by_apply().await;
    let before = account.weights();
    let unknown = web().rollback(&account.ports, &plainly()).await.fails();
    assert!(
        unknown.contains("the state does (`--from FILE`)"),
        "{unknown}"
    );
    let text = from_state()
        .rollback(&account.ports, &dry())
        .await
        .ends(Exit::Done);
    assert!(
        text.contains("goes back from web:2 to web:1") && text.contains("moves the traffic itself"),
        "{text}"
    );
    assert_eq!(account.weights(), before, "nothing was changed");
    let text = from_state()
        .rollback(&account.ports, &plainly())
        .await
        .ends(Exit::Done);
    assert!(
        text.contains("`web` is rolled back: web:1 is live."),
        "{text}"
    );
    let (blue, green) = account.weights();
    assert_eq!((green, blue), before, "the sides have swapped");
    let found = web().json().status(&account.ports).await.json();
    let service = &found["services"][0];
    assert_eq!(service["sides"][0]["images"]["app"], "app:v1", "{found:#}");
    assert_eq!(service["sides"].as_array().unwrap().len(), 1, "{found:#}");
    let again = from_state()
        .rollback(&account.ports, &plainly())
        .await
        .nothing();
    assert!(again.contains("has gone back already"), "{again}");
}

/// Killed at any look, the same command finishes what it has begun.
#[tokio::test]
async fn a_killed_return_of_task_sets_is_finished_by_the_same_command() {
    for seconds in [0, 20, 60, 100, 140, 300] {
        let account = second_by_apply().await;
        let way = web();
        let wanted = Rollback {
            to: Some("web:1".to_owned()),
            ..plainly()
        };
        {
            let going = Box::pin(way.rollback(&account.ports, &wanted));
            let killed = Box::pin(account.ports.clock.sleep(Duration::from_secs(seconds)));
            drop(select(going, killed).await);
        }
        let ran = web().rollback(&account.ports, &wanted).await;
        assert!(
            matches!(ran.result, Ok(Exit::Done | Exit::Nothing)),
            "{seconds}: {:?}\n{}",
            ran.result,
            ran.text
        );
        let found = web().json().status(&account.ports).await.json();
        let service = &found["services"][0];
        assert_eq!(
            service["sides"][0]["images"]["app"], "app:v1",
            "{seconds}: {found:#}"
        );
        assert_eq!(service["state"], "steady", "{seconds}: {found:#}");
    }
}

/// What an apply is about to deploy is never taken over.
#[tokio::test]
async fn a_deployment_of_an_apply_is_left_to_it() {
    let account = second_by_apply().await;
    from_state()
        .rollback(&account.ports, &plainly())
        .await
        .ends(Exit::Done);
    {
        let next = update(stepped(&account, "v3"));
        let applying = Box::pin(account.apply(&next));
        let killed = Box::pin(account.ports.clock.sleep(Duration::from_secs(20)));
        drop(select(applying, killed).await);
    }
    let message = web().rollback(&account.ports, &plainly()).await.fails();
    assert!(
        message.starts_with("An apply carries out the deployment of `web`"),
        "{message}"
    );
}

#[tokio::test]
async fn a_rolling_service_goes_back_as_it_deploys() {
    let account = Account::new();
    account.done(&account.wanted(Strategy::Rolling, "v1")).await;
    deploy(&account, "v2");
    pass_until(&account, |it| it["status"] == "SUCCESSFUL").await;
    let text = web()
        .rollback(&account.ports, &plainly())
        .await
        .ends(Exit::Done);
    assert!(
        text.contains("`web` is rolled back: web:1 is live."),
        "{text}"
    );
}

#[tokio::test]
async fn a_deployment_of_codedeploy_is_taken_back() {
    let account = Account::with_code_deploy();
    create_code_deployed(&account).await;
    let arn = account.task_definition("v2");
    let properties = serde_json::json!({
        "TaskDefinition": arn, "LoadBalancerInfo": { "ContainerName": "app", "ContainerPort": 8080 },
    });
    let spec = serde_json::json!({ "version": 0.0, "Resources": [{ "TargetService": {
        "Type": "AWS::ECS::Service", "Properties": properties,
    } }] });
    let content = serde_json::json!({ "content": spec.to_string() });
    account.code_deploy(
        "CreateDeployment",
        serde_json::json!({
            "applicationName": "shop", "deploymentGroupName": "web",
            "deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent15Minutes",
            "revision": { "revisionType": "AppSpecContent", "appSpecContent": content },
        }),
    );
    for _ in 0..24 {
        account.ports.clock.sleep(Duration::from_secs(5)).await;
    }
    let found = web().json().status(&account.ports).await.json();
    let service = &found["services"][0];
    assert_eq!(service["state"], "deploying", "{found:#}");
    assert_eq!(service["deployment"]["carried_out_by"], "codedeploy");
    assert_eq!(service["sides"][0]["traffic_percent"], 90.0, "{found:#}");
    let text = web()
        .rollback(&account.ports, &plainly())
        .await
        .ends(Exit::Done);
    assert!(
        text.ends_with("`web` is rolled back: web:1 is live.\n"),
        "{text}"
    );
    let found = web().json().status(&account.ports).await.json();
    assert_eq!(found["services"][0]["state"], "steady", "{found:#}");
}

#[tokio::test]
async fn one_service_that_cannot_go_back_keeps_no_other_from_it() {
    let account = second_live().await;
    first_of_api(&account).await;
    let ran = every().rollback(&account.ports, &plainly()).await;
    let trouble = ran.result.clone().unwrap_err();
    assert_eq!(trouble.exit(), Exit::Failed);
    let said = trouble.to_string();
    assert!(
        said.contains("No revision of `api` is known that was live before"),
        "{said}"
    );
    assert!(!said.contains("`web`"), "{said}");
    assert!(
        ran.text.contains("`web` is rolled back: web:1 is live."),
        "{}",
        ran.text
    );
    let found = web().json().status(&account.ports).await.json();
    assert_eq!(found["services"][0]["sides"][0]["revision"], "web:1");
    // Others are told of what was changed, and of nothing else.
    let [acted] = ran.acted.as_slice() else {
        panic!("{:?}", ran.acted);
    };
    assert_eq!(
        (acted.deed, acted.service.as_str()),
        (Deed::RolledBack, "web")
    );
    assert_eq!(acted.to.as_deref(), Some("web:1"));
}

#[tokio::test]
async fn what_is_only_shown_is_no_deed() {
    let account = second_live().await;
    let ran = web().rollback(&account.ports, &dry()).await;
    assert_eq!(ran.acted, []);
}
