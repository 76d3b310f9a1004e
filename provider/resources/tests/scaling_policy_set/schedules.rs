//! Schedules that would do nothing are refused; those that have done their work stay.

use std::time::Duration;

use serde_json::json;
use tfplugin::value::Value;

use crate::account::{Account, WEB, blocks, config, night, object, sound};

fn with(entry: Value) -> Value {
    config().with_attribute("scheduled_action", blocks! { "sale" => entry })
}

/// Once, so many hours from now.
fn once(account: &Account, hours: i64) -> Value {
    let at = account.now() + jiff::SignedDuration::from_hours(hours);
    let local = at.strftime("at(%Y-%m-%dT%H:%M:%S)").to_string();
    object! { schedule: local, min_capacity: 4 }
}

#[tokio::test]
async fn a_schedule_that_never_fires_is_refused() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let past = (account.now() - jiff::SignedDuration::from_hours(1)).to_string();
    for wrong in [
        once(&account, -1),
        object! { schedule: "cron(0 20 * * ? 2001)", min_capacity: 4 },
        night().with_attribute("end_time", past),
    ] {
        let refused = terraform.apply(WEB, with(wrong)).await;
        let said = refused.diagnostics.to_string();
        assert!(said.contains("Schedule `sale` never fires"), "{said}");
        assert!(said.contains("Rule SY0146."), "{said}");
        assert_eq!(account.bounds(), None);
    }
}

#[tokio::test]
async fn a_schedule_that_has_fired_stays_and_cannot_be_moved_into_the_past() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = with(once(&account, 1));
    sound(terraform.apply(WEB, config.clone()).await);
    account.world.advance(Duration::from_secs(2 * 3600));
    assert_eq!(account.bounds(), Some((4, 10)));
    let plan = terraform.plan(WEB, config).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );
    // Another time than the one at which it fired.
    let plan = terraform.plan(WEB, with(once(&account, -2))).await;
    let said = plan.diagnostics.to_string();
    assert!(said.contains("SY0146"), "{said}");
}

#[tokio::test]
async fn a_schedule_with_a_start_sets_the_bounds_at_that_moment() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let start = (account.now() + jiff::SignedDuration::from_mins(30)).to_string();
    // On the first day of the year, and at the start.
    let yearly = object! { schedule: "cron(0 0 1 1 ? *)", start_time: start, min_capacity: 4 };
    sound(terraform.apply(WEB, with(yearly.clone())).await);
    account.world.advance(Duration::from_secs(3600));
    assert_eq!(account.bounds(), Some((4, 10)));
    let plan = terraform.plan(WEB, with(yearly)).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );
    let by = plan.prior.attribute("bounds_now").attribute("set_by");
    assert_eq!(by.as_str(), Some("sale"));
}

#[tokio::test]
async fn a_schedule_that_changes_inside_its_window_keeps_the_window() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, with(night())).await);
    while account.bounds() != Some((1, 2)) {
        account.world.advance(Duration::from_secs(3600));
    }
    let created = |account: &Account| {
        let shown = account.scaling("DescribeScheduledActions", json!({}));
        shown["ScheduledActions"][0]["CreationTime"].clone()
    };
    let before = created(&account);
    let wider = with(night().with_attribute("max_capacity", 3));
    sound(terraform.apply(WEB, wider.clone()).await);
    assert_eq!(account.bounds(), Some((1, 3)));
    assert_eq!(created(&account), before);
    let plan = terraform.plan(WEB, wider).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );
}
