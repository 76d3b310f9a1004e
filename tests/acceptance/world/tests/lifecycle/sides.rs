//! Rollouts whose weights are held by us.

use std::time::Duration;

use switchyard_engine::ports::{ServiceRef, Strategy, TaskSetStatus};
use switchyard_engine::{DesiredController, DesiredService, DesiredStep, ReportKind, Share};

use switchyard_support::account::{Account, update};

/// Steps in tenths of a percent, each held for two minutes.
pub(crate) fn stepped(account: &Account, tag: &str, steps: &[u32]) -> DesiredService {
    let mut wanted = account.wanted(Strategy::Rolling, tag);
    wanted.controller = DesiredController::External;
    wanted.steps = steps
        .iter()
        .map(|tenths| DesiredStep {
            share: Share::of_tenths(*tenths),
            hold: Duration::from_secs(120),
            approval: false,
        })
        .collect();
    let configuration = &mut wanted.settings.deployment_configuration;
    (
        configuration.maximum_percent,
        configuration.minimum_healthy_percent,
    ) = (None, None);
    let balancer = wanted.revision.load_balancer.as_mut().unwrap();
    balancer.target_groups.insert(account.green.clone());
    balancer.production_rule = Some(account.rule.clone());
    wanted
}

#[tokio::test]
async fn task_sets_take_turns_behind_the_rule() {
    let account = Account::new();
    let first = stepped(&account, "v1", &[70, 500, 1000]);
    assert_eq!(account.done(&first).await.kind, ReportKind::Created);
    assert_eq!(
        account.done(&update(first)).await.kind,
        ReportKind::Unchanged
    );
    for tag in ["v2", "v3"] {
        let next = update(stepped(&account, tag, &[70, 500, 1000]));
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
        let service = ServiceRef {
            cluster: "main".to_owned(),
            name: "web".to_owned(),
        };
        let found = account.ports.services.find_service(&service).await;
        let mut sets = found.unwrap().unwrap().task_sets;
        // The old one is there for as long as its tasks drain.
        sets.retain(|set| !set.is_leaving());
        assert_eq!(sets.len(), 1, "{tag}: {sets:?}");
        assert_eq!(sets[0].status, TaskSetStatus::Primary, "{tag}");
        let (blue, green) = account.weights();
        assert!((blue == 0) != (green == 0), "{tag}: {blue}/{green}");
    }
}

#[tokio::test]
async fn a_broken_task_set_never_gets_traffic() {
    let account = Account::new();
    let first = stepped(&account, "v1", &[100, 1000]);
    account.done(&first).await;
    let before = account.weights();
    let mut broken = update(stepped(&account, "v2--unready", &[100, 1000]));
    broken.time_limit = Duration::from_secs(20 * 60);
    let (_, live) = account.failed(&broken).await;
    assert_eq!(live.as_deref(), first.revision.task_definition.name());
    assert_eq!(account.weights(), before);
    let next = update(stepped(&account, "v3", &[100, 1000]));
    assert_eq!(account.done(&next).await.kind, ReportKind::RolledOut);
}
