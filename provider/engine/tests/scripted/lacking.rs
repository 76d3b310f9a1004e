//! Endpoints that leave out of their answers what AWS always sends: what is not shown is not known, and never a reason to
//! go on.

use std::time::Duration;

use switchyard_engine::ports::{ErrorKind, ServiceRef, WeightedTarget};
use switchyard_engine::{DesiredStep, FailureKind, ReportKind, Rule, Share, observe, verify};

use super::support::fake::{Fake, weighted};
use super::support::{BLUE, GREEN, external, under_code_deploy, update_to, wanted};
use super::{created, run};
use switchyard_support::intercept::{Fault, Intercept, Selector};

#[tokio::test]
async fn a_create_whose_deployments_are_never_listed_asks_once_more_and_says_so() {
    let fake = Fake::new();
    fake.state().lacks.deployments = true;
    let failure = run(&fake, &wanted()).await.result.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::NotListed);
    assert_eq!(fake.state().creations, 1);
    let forced = fake
        .state()
        .sent
        .iter()
        .filter(|it| it.force_new_deployment)
        .count();
    assert_eq!(forced, 1, "{:?}", fake.state().sent);
    for words in ["no deployment of it is listed", "it is not known whether"] {
        assert!(failure.summary().contains(words), "{}", failure.summary());
    }
    for words in [
        "ListServiceDeployments",
        "`endpoint`",
        "2 of 2 tasks are running",
    ] {
        assert!(failure.detail().contains(words), "{}", failure.detail());
    }
}

#[tokio::test]
async fn a_create_whose_time_is_over_before_that_says_so_too() {
    let fake = Fake::new();
    fake.state().lacks.deployments = true;
    let mut short = wanted();
    short.time_limit = Duration::from_secs(60);
    let failure = run(&fake, &short).await.result.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::NotListed);
    assert_eq!(fake.deployments(), 1);
}

#[tokio::test]
async fn an_update_whose_deployment_is_never_listed_is_no_success() {
    let fake = created().await;
    fake.state().lacks.deployments = true;
    let applied = run(&fake, &update_to(2)).await;
    assert_eq!(applied.result.unwrap_err().kind(), FailureKind::NotListed);
    // The one of the creation, and the one that was asked for.
    assert_eq!(fake.deployments(), 2);
}

/// An update of task sets in steps, at an endpoint without counts.
async fn uncounted(healthy: usize) -> (Fake, switchyard_engine::Applied) {
    let fake = Fake::new();
    let first = run(&fake, &external(wanted())).await;
    assert_eq!(first.result.unwrap().kind, ReportKind::Created);
    {
        let mut state = fake.state();
        state.lacks.counts = true;
        state.forwarded.clear();
        state.healthy = [(BLUE.to_owned(), healthy), (GREEN.to_owned(), healthy)].into();
    }
    let mut next = external(update_to(2));
    let hold = Duration::from_secs(60);
    next.steps = [100, 500, 1000]
        .map(|tenths| DesiredStep {
            share: Share::of_tenths(tenths),
            hold,
            approval: false,
        })
        .into();
    let applied = run(&fake, &next).await;
    (fake, applied)
}

/// Percent of production on the second group.
fn on_green(forward: &[WeightedTarget]) -> u32 {
    let green = forward.iter().filter(|target| target.target_group == GREEN);
    let green: u32 = green.map(|target| target.weight).sum();
    let all: u32 = forward.iter().map(|target| target.weight).sum();
    (green * 100).checked_div(all).unwrap_or(0)
}

#[tokio::test]
async fn task_sets_without_counts_and_targets_get_no_traffic() {
    let (fake, applied) = uncounted(0).await;
    assert!(applied.result.is_err());
    let forwarded = fake.state().forwarded.clone();
    assert!(
        forwarded.iter().all(|(_, forward)| on_green(forward) == 0),
        "{forwarded:?}"
    );
    assert_eq!(on_green(&fake.state().forward), 0);
}

#[tokio::test]
async fn task_sets_without_counts_are_judged_by_their_targets_step_by_step() {
    let (fake, applied) = uncounted(2).await;
    assert_eq!(applied.result.unwrap().kind, ReportKind::RolledOut);
    let steps: Vec<u32> = fake
        .state()
        .forwarded
        .iter()
        .map(|(_, forward)| on_green(forward))
        .collect();
    assert_eq!(steps, [10, 50, 100]);
}

#[tokio::test]
async fn the_live_group_of_an_unresolved_revision_is_the_one_with_the_traffic() {
    let fake = created().await;
    fake.state().lacks.resolved = true;
    let service = ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    };
    for (forward, live) in [
        (weighted([(BLUE, 1), (GREEN, 0)]), Some(BLUE)),
        (weighted([(BLUE, 10), (GREEN, 90)]), Some(GREEN)),
        (weighted([(BLUE, 50), (GREEN, 50)]), None),
        (weighted([(BLUE, 0), (GREEN, 0)]), None),
    ] {
        fake.state().forward = forward;
        let seen = observe(&fake.ports(), &service).await.unwrap().unwrap();
        assert_eq!(seen.revision.live_target_group.as_deref(), live);
    }
}

#[tokio::test]
async fn a_plan_says_that_the_controllers_service_is_not_there_and_not_that_it_may_not_be_read() {
    let fake = Fake::new();
    for (kind, says) in [(ErrorKind::Rejected, true), (ErrorKind::Denied, false)] {
        let seen = Intercept::new(fake.ports()).with(
            Selector::Operation("codedeploy:GetDeploymentGroup", usize::MAX),
            Fault::Fails(kind),
        );
        let findings = verify(&seen.ports(), &under_code_deploy(wanted()), None).await;
        let found = findings.iter().find(|it| it.rule == Rule::ChecksIncomplete);
        let names = found.is_some_and(|it| it.why.contains("codedeploy:GetDeploymentGroup"));
        assert_eq!(
            (found.is_some(), names),
            (says, says),
            "{kind:?}: {findings:?}"
        );
    }
}
