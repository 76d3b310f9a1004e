//! When a member fails, is disturbed or interrupted: everything goes back, and the message says what runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;
use switchyard_support::intercept::Intercept;
use tfplugin::testing::PlannedAction;

use crate::account::{Account, GROUP, SHOP, configured, ecs, group, member, shop, shop_at, sound};

/// Everything at the first revision, in a group; the second one of `broken` crashes.
async fn broken(broken: &[&str]) -> (Account, crate::account::Terraform) {
    let account = Account::new();
    for (name, _) in SHOP {
        let tag = if broken.contains(&name) {
            "v2--crash"
        } else {
            "v2"
        };
        account.definition(name, tag);
    }
    let terraform = account.terraform().await;
    sound(terraform.apply(GROUP, shop_at(1)).await);
    (account, terraform)
}

fn first() -> [String; 4] {
    SHOP.map(|(name, _)| format!("{name}:1"))
}

#[tokio::test]
async fn a_failure_in_the_middle_takes_back_what_had_moved_and_starts_nothing_else() {
    let (account, terraform) = broken(&["events"]).await;
    let failed = terraform.apply(GROUP, shop_at(2)).await;
    let said = failed.diagnostics.to_string();
    assert!(
        said.contains(
            "Group `shop` failed at member `events`; all members went back to what was live before"
        ),
        "{said}"
    );
    for words in [
        "`events` runs events:1, as before.",
        "`users` went back to users:1.",
        "`payments` went back to payments:1.",
        "Not deployed: `gateway`.",
        "SY0310",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("image"), "a group refuses no image: {said}");
    assert_eq!(account.all_live(), first());
    assert_eq!(account.deployments("gateway").len(), 1);
    // The last wave goes back first.
    let last = |name: &str| account.deployments(name).last().unwrap().clone();
    assert_eq!(last("users").2, "users:1");

    // The state says what is live, so that the next plan deploys again.
    let state = failed.state.unwrap();
    let members = state.attribute("member");
    let live: Vec<&str> = members
        .elements()
        .unwrap()
        .iter()
        .map(|member| member.attribute("task_definition").as_str().unwrap())
        .collect();
    assert!(live.iter().all(|live| live.ends_with(":1")), "{live:?}");
    assert_eq!(state.attribute("unfinished").elements().unwrap().len(), 0);
    assert_eq!(
        terraform.plan(GROUP, shop_at(2)).await.action,
        PlannedAction::Update
    );
    let plan = terraform.plan(GROUP, shop_at(1)).await;
    assert!(plan.is_empty(), "the group is what it was");

    account.definition("events", "v3");
    let mended = shop(["gateway:2", "events:3", "users:2", "payments:2"]);
    sound(terraform.apply(GROUP, mended).await);
    assert_eq!(account.live("gateway"), "gateway:2");
}

#[tokio::test]
async fn the_others_of_the_wave_are_stopped() {
    let (account, terraform) = broken(&["payments"]).await;
    let failed = terraform.apply(GROUP, shop_at(2)).await;
    let said = failed.diagnostics.to_string();
    assert!(said.contains("failed at member `payments`"), "{said}");
    assert!(
        said.contains("Not deployed: `events`, `gateway`."),
        "{said}"
    );
    assert_eq!(account.all_live(), first());
    assert_eq!(account.deployments("events").len(), 1);
}

#[tokio::test]
async fn a_first_apply_that_fails_leaves_nothing() {
    let account = Account::new();
    account.definition("users", "v2");
    account.definition("events", "v2--crash");
    let terraform = account.terraform().await;
    let members = vec![
        member("users", "users:2", &[]),
        member("events", "events:2", &["users"]),
    ];
    let failed = terraform.apply(GROUP, group(members)).await;
    assert!(failed.diagnostics.has_errors());
    assert_eq!(failed.state, None, "nothing is recorded");
    assert_eq!(account.all_live(), first());
    assert_eq!(account.tag("users", "switchyard:group"), None);
}

#[tokio::test]
async fn what_somebody_else_deploys_meanwhile_is_left_alone() {
    let (account, _) = broken(&["events"]).await;
    account.definition("users", "v3");
    let world = account.world.clone();
    let is_done = Arc::new(AtomicBool::new(false));
    // When the second wave begins, somebody deploys a member of the first one.
    let disturbed = Intercept::new(account.ports.clone());
    let updates = Arc::new(AtomicUsize::new(0));
    let disturbed = disturbed.after_each(move |_, operation| {
        if operation == "ecs:UpdateService"
            && updates.fetch_add(1, Ordering::SeqCst) == 2
            && !is_done.swap(true, Ordering::SeqCst)
        {
            let input =
                json!({ "cluster": "main", "service": "users", "taskDefinition": "users:3" });
            ecs(&world, "UpdateService", input);
        }
    });
    let terraform = configured(disturbed.ports()).await;
    let request = tfplugin::resource::ImportRequest::Id("shop".to_owned());
    sound(terraform.import(GROUP, request).await);
    let failed = terraform.apply(GROUP, shop_at(2)).await;
    let said = failed.diagnostics.to_string();
    assert!(
        said.contains("SY0311") && said.contains("not every member went back"),
        "{said}"
    );
    assert!(
        said.contains("`users` runs users:3: somebody else has deployed it"),
        "{said}"
    );
    account.world.advance(std::time::Duration::from_secs(600));
    assert_eq!(account.live("users"), "users:3");
    assert_eq!(account.live("payments"), "payments:1");
}

#[tokio::test]
async fn a_member_that_does_not_stay_live_takes_the_group_back() {
    let (account, _) = broken(&[]).await;
    let world = account.world.clone();
    let disturbed = Intercept::new(account.ports.clone());
    // During the pause after the first wave, somebody goes back by hand.
    let updates = Arc::new(AtomicUsize::new(0));
    let begun = Arc::clone(&updates);
    let clock = Arc::clone(&account.ports.clock);
    let since = std::sync::Mutex::new(None);
    let disturbed = disturbed.before_each(move |_, operation| {
        let (world, updates) = (&world, &updates);
        if operation == "ecs:UpdateService" {
            updates.fetch_add(1, Ordering::SeqCst);
        }
        let is_quiet = || {
            let input = json!({ "cluster": "main", "services": ["users", "payments"] });
            let found = ecs(world, "DescribeServices", input);
            let services = found["services"].as_array().unwrap().clone();
            services.iter().all(|it| {
                it["deployments"].as_array().unwrap().len() == 1
                    && it["deployments"][0]["rolloutState"] == "COMPLETED"
            })
        };
        if updates.load(Ordering::SeqCst) != 2 || !is_quiet() {
            return;
        }
        let now = clock.now();
        let since = *since.lock().unwrap().get_or_insert(now);
        if now.duration_since(since).as_mins() >= 30 {
            let input =
                json!({ "cluster": "main", "service": "users", "taskDefinition": "users:1" });
            ecs(world, "UpdateService", input);
            world.advance(std::time::Duration::from_secs(600));
            updates.fetch_add(100, Ordering::SeqCst);
        }
    });
    let terraform = configured(disturbed.ports()).await;
    let request = tfplugin::resource::ImportRequest::Id("shop".to_owned());
    sound(terraform.import(GROUP, request).await);
    let paused = shop_at(2).with_attribute("pause_between_waves", "1h");
    let failed = terraform.apply(GROUP, paused).await;
    assert!(begun.load(Ordering::SeqCst) > 100, "it was disturbed");
    let said = failed.diagnostics.to_string();
    assert!(
        said.contains("did not stay live: users:1 is live"),
        "{said}"
    );
    assert_eq!(account.all_live(), first());
}

#[test]
fn an_interrupted_apply_takes_back_what_has_begun_or_leaves_it() {
    for (on_cancel, words, is_left) in [
        (
            "rollback",
            "all members went back to what was live before",
            false,
        ),
        ("leave", "members were left where they are", true),
    ] {
        // Time moves only while everybody waits, one after the other.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .event_interval(1)
            .build();
        runtime.unwrap().block_on(async {
            let (account, terraform) = broken(&[]).await;
            let config = || shop_at(2).with_attribute("on_cancel", on_cancel);
            let interrupts = async {
                while account.deployments("users").len() < 2 {
                    tokio::task::yield_now().await;
                }
                terraform.stop().await
            };
            let (outcome, _) = tokio::join!(terraform.apply(GROUP, config()), interrupts);
            let said = outcome.diagnostics.to_string();
            assert!(said.contains(words) && said.contains("SY0312"), "{said}");
            assert!(
                said.contains("Not deployed: `events`, `gateway`."),
                "{said}"
            );
            let open = account.tag("users", "switchyard:group-change").unwrap();
            assert_eq!(open.ends_with("change=open"), is_left, "{open}");
            if !is_left {
                assert_eq!(account.all_live(), first());
            }
            // What was left is finished, or goes back, as the configuration says then.
            let again = account.terraform().await;
            let request = tfplugin::resource::ImportRequest::Id("shop".to_owned());
            sound(again.import(GROUP, request).await);
            assert_eq!(
                again.plan(GROUP, config()).await.action,
                PlannedAction::Update
            );
            let paused = config().with_attribute("pause_between_waves", "20m");
            sound(again.apply(GROUP, paused).await);
            assert_eq!(
                account.all_live(),
                SHOP.map(|(name, _)| format!("{name}:2"))
            );
            // The wave that an apply before has moved is waited for as well.
            let last = |name: &str| account.deployments(name).last().unwrap().clone();
            assert!(last("events").0 - last("users").1 >= 1200.0);
            let before = again.state(GROUP).unwrap().attribute("before").clone();
            assert_eq!(before.entries().unwrap()["users"].as_str(), Some("users:1"));
        });
    }
}
