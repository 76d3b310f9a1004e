//! Times at which nothing is deployed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::tz::TimeZone;
use switchyard_support::intercept::Intercept;
use tfplugin::resource::ImportRequest;
use tfplugin::testing::Simulator;
use tfplugin::value::Value;

use crate::account::{
    Account, Terraform, WEB, all_at_once, configured, error, object, sound, switchyard,
};
use crate::folder::{Folder, report};

/// A freeze of the whole day that it is now, in UTC.
fn today(account: &Account) -> Value {
    let now = account.ports.clock.now().to_zoned(TimeZone::UTC);
    object! { reason: "Christmas business", dates: Value::set([now.date().to_string()]) }
}

fn frozen(config: &Value, freeze: Value) -> Value {
    let deployment = config.attribute("deployment").clone();
    let deployment = deployment.with_attribute("freeze", Value::list([freeze]));
    config.clone().with_attribute("deployment", deployment)
}

/// A service at its first revision, and its configuration with the second one.
async fn applied() -> (Account, Terraform, Value, Value) {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    let next = config
        .clone()
        .with_attribute("task_definition", account.task_definition("v2"));
    (account, terraform, config, next)
}

#[tokio::test]
async fn a_deployment_waits_for_the_end_of_the_freeze_and_settings_do_not() {
    let (account, terraform, config, next) = applied().await;
    let freeze = today(&account);
    // Naming the freeze deploys nothing.
    sound(terraform.apply(WEB, frozen(&config, freeze.clone())).await);
    let settings = config.clone().with_attribute("desired_count", 3);
    sound(
        terraform
            .apply(WEB, frozen(&settings, freeze.clone()))
            .await,
    );

    let next = frozen(&next, freeze);
    let plan = terraform.plan(WEB, next.clone()).await;
    let said = plan.diagnostics.to_string();
    assert!(plan.diagnostics.has_errors(), "{said}");
    for part in [
        "Service `web` is not deployed before",
        "T00:00:00+00:00: Christmas business",
        "This plan deploys web:2 in place of web:1.",
        "SWITCHYARD_OVERRIDE_FREEZE",
        "SY0244",
    ] {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
    let outcome = terraform.apply(WEB, next.clone()).await;
    assert!(outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    assert_eq!(account.deployments().len(), 1);

    account.pass(24 * 60);
    sound(terraform.apply(WEB, next).await);
    assert_eq!(account.deployments().len(), 2);
}

#[tokio::test]
async fn as_long_as_it_is_unknown_whether_a_plan_deploys_it_only_warns() {
    let (account, terraform, config, _) = applied().await;
    let unknown = config.with_attribute("task_definition", Value::unknown());
    let plan = terraform.plan(WEB, frozen(&unknown, today(&account))).await;
    let said = plan.diagnostics.to_string();
    assert!(!plan.diagnostics.has_errors(), "{said}");
    assert!(said.contains("SY0244"), "{said}");
    assert!(said.contains("not known yet whether"), "{said}");
}

#[tokio::test]
async fn a_reason_overrides_the_freeze_and_is_in_the_report() {
    let account = Account::new();
    let folder = Folder::new("freeze");
    let path = folder.file("web.json");
    let config = account
        .native(all_at_once(), &account.task_definition("v1"))
        .with_attribute("report_path", path.as_str());
    let config = frozen(&config, today(&account));
    // Spaces are no reason.
    for (reason, is_heard) in [("  ", false), ("INC-123", true)] {
        let provider = switchyard(account.ports.clone());
        let terraform = Simulator::new(provider.overriding_freezes(Some(reason.to_owned())));
        let said = terraform.configure(object! {}).await;
        assert!(said.is_empty(), "{said}");
        let outcome = terraform.apply(WEB, config.clone()).await;
        let said = outcome.diagnostics.to_string();
        assert_eq!(outcome.diagnostics.has_errors(), !is_heard, "{said}");
        if is_heard {
            assert!(said.contains("in spite of a freeze"), "{said}");
            assert!(
                said.contains("INC-123") && said.contains("SY0247"),
                "{said}"
            );
            let plan = terraform.plan(WEB, config.clone()).await;
            assert!(
                plan.is_empty() && plan.diagnostics.is_empty(),
                "{}",
                plan.diagnostics
            );
        }
    }
    let written = report(&path);
    assert_eq!(written["freeze"]["reason"], "INC-123");
    assert_eq!(written["freeze"]["freeze"], "Christmas business");
    assert_eq!(written["deployment"]["outcome"], "succeeded");
}

#[tokio::test]
async fn a_freeze_that_begins_between_plan_and_apply_holds_the_apply() {
    let (account, _, _, next) = applied().await;
    let tomorrow = account.ports.clock.now().to_zoned(TimeZone::UTC);
    let tomorrow = tomorrow.date().tomorrow().unwrap();
    let freeze =
        object! { reason: "Christmas business", dates: Value::set([tomorrow.to_string()]) };
    // The cluster is asked for once in each plan, after the look at the calendar.
    let (world, asked) = (account.world.clone(), AtomicUsize::new(0));
    let slow = Intercept::new(account.ports.clone()).before_each(move |_, call| {
        if call == "ecs:DescribeClusters" && asked.fetch_add(1, Ordering::SeqCst) == 1 {
            world.advance(Duration::from_secs(24 * 60 * 60));
        }
    });
    let terraform = configured(slow.ports(), object! {}).await;
    let id = ImportRequest::Id("main/web".to_owned());
    let imported = terraform.import(WEB, id).await;
    assert!(imported.diagnostics.is_empty(), "{}", imported.diagnostics);
    let before = terraform.state(WEB);
    let outcome = terraform.apply(WEB, frozen(&next, freeze)).await;
    let said = error(&outcome);
    assert!(
        said.contains("SY0244") && said.contains("Nothing was changed"),
        "{said}"
    );
    assert_eq!(account.deployments().len(), 1);
    assert_eq!(terraform.state(WEB), before);
}

#[tokio::test]
async fn windows_recur_in_their_time_zone() {
    let (account, terraform, _, next) = applied().await;
    let every_day = object! {
        reason: "night", schedule: "cron(0 0 * * ? *)", duration: "24h", timezone: "Europe/Berlin",
    };
    for _ in 0..3 {
        let plan = terraform.plan(WEB, frozen(&next, every_day.clone())).await;
        let said = plan.diagnostics.to_string();
        assert!(
            said.contains("T00:00:00+01:00: night") || said.contains("T00:00:00+02:00: night"),
            "{said}"
        );
        account.pass(24 * 60);
    }
}

#[tokio::test]
async fn a_freeze_that_cannot_work_is_refused_before_anything_is_read() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), "web:1");
    let cron = "cron(0 18 ? * FRI *)";
    let table = [
        (object! { reason: "x" }, "neither a `schedule` nor `dates`"),
        (object! { reason: "x", schedule: cron }, "no length"),
        (
            object! { reason: "x", schedule: cron, duration: "9000h" },
            "at most 366 days",
        ),
        (
            object! { reason: "x", schedule: cron, duration: "1h", dates: Value::set(["2026-12-24"]) },
            "one of them",
        ),
        (
            object! { reason: "x", dates: Value::set(["2026-12-24"]), duration: "1h" },
            "whole days",
        ),
        (
            object! { reason: "x", dates: Value::set(["24.12.2026"]) },
            "is not a day",
        ),
        (
            object! { reason: "x", schedule: "cron(0 25 ? * FRI *)", duration: "1h" },
            "must be `cron(…)`",
        ),
        (
            object! { reason: "x", schedule: "rate(1 day)", duration: "1h" },
            "has no beginning",
        ),
        (
            object! { reason: "x", dates: Value::set(["2026-12-24"]), timezone: "Europe/Nowhere" },
            "There is no time zone",
        ),
    ];
    for (freeze, part) in table {
        let plan = terraform.plan(WEB, frozen(&config, freeze)).await;
        let said = plan.diagnostics.to_string();
        assert!(plan.diagnostics.has_errors(), "{part}");
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
}
