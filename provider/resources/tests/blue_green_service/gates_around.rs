//! Gates before anything begins, and gates that take a deployment back after its end.

use switchyard_support::intercept::{Fault, Intercept, Selector, is_read};
use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{
    Account, WEB, all_at_once, answers, code_deploy_at_once, configured, error, never, object,
    rolling, sound, steps,
};
use crate::folder::last;

fn gated(config: &Value, gate: &Value) -> Value {
    config
        .clone()
        .with_attribute("gate", Value::list([gate.clone()]))
}

/// Every way of deploying, with what is to be done once the service is there.
fn ways() -> Vec<(&'static str, Account, Value)> {
    let native = |deployment: Value| {
        let account = Account::new();
        let config = account.native(deployment, &account.task_definition("v1"));
        (account, config)
    };
    let (account, config) = native(rolling());
    let mut all = vec![("rolling", account, config)];
    let (account, config) = native(all_at_once());
    all.push(("all_at_once", account, config));
    let account = Account::new();
    let config = account.external(steps(), &account.task_definition("v1"));
    all.push(("external", account, config));
    let account = Account::with_code_deploy();
    let config = account.code_deployed(&code_deploy_at_once(), &account.task_definition("v1"));
    all.push(("codedeploy", account, config));
    all
}

#[tokio::test]
async fn a_gate_before_the_start_keeps_everything_as_it_is() {
    for (way, account, config) in ways() {
        let terraform = account.terraform().await;
        // The first one has nothing running that could be asked.
        let gate = never(&["before_start"]);
        sound(terraform.apply(WEB, gated(&config, &gate)).await);
        if way == "codedeploy" {
            account.deployment_group(1);
        }
        let watched = Intercept::new(account.ports.clone());
        let terraform_two = configured(watched.ports(), object! {}).await;
        let imported = ImportRequest::Id("main/web".to_owned());
        let imported = terraform_two.import(WEB, imported).await;
        assert!(
            !imported.diagnostics.has_errors(),
            "{way}: {}",
            imported.diagnostics
        );
        let next = config
            .clone()
            .with_attribute("task_definition", account.task_definition("v2"));
        let before = watched.calls().len();
        let outcome = terraform_two.apply(WEB, gated(&next, &gate)).await;
        let said = error(&outcome);
        for words in ["never", "before the start", "SY0176", "Nothing was changed"] {
            assert!(said.contains(words), "{way}: {words}: {said}");
        }
        let calls = watched.calls();
        let writes: Vec<_> = calls[before..]
            .iter()
            .filter(|call| !is_read(call))
            .collect();
        assert_eq!(writes, Vec::<&&str>::new(), "{way}");
        let state = outcome.state.clone().unwrap();
        assert_eq!(
            state.attribute("live_task_definition"),
            config.attribute("task_definition"),
            "{way}"
        );

        // One that passes lets it begin.
        let sound_gate = answers(&["before_start"]);
        let outcome = terraform_two.apply(WEB, gated(&next, &sound_gate)).await;
        assert!(
            !outcome.diagnostics.has_errors(),
            "{way}: {}",
            outcome.diagnostics
        );
        assert_eq!(
            outcome.attribute("live_task_definition"),
            next.attribute("task_definition"),
            "{way}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_asked_of_the_running_revision_is_refused() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let plain = account.native(all_at_once(), &account.task_definition("v1"));
    let when = Value::set(["before_start"]);
    let command =
        object! { name: "c", when: when.clone(), command: object! { command: Value::list(["x"]) } };
    let metric = object! { predefined: "target_requests", compare_percent: 10 };
    let compared = object! { name: "m", when: when, metric: metric };
    let listener = answers(&["before_start"])
        .with_attribute("http", object! { target: "test_listener", path: "/" });
    let back = answers(&["bake"]).with_attribute("on_failure", "roll_back");
    for (gate, words) in [
        (command, "cannot run at `before_start`"),
        (compared, "cannot run at `before_start`"),
        (listener, "cannot run at `before_start`"),
        (back, "does not run after the deployment"),
    ] {
        let plan = terraform.plan(WEB, gated(&plain, &gate)).await;
        let said = plan.diagnostics.to_string();
        assert!(
            said.contains(words) && said.contains("SY0011"),
            "{gate:?}: {said}"
        );
    }
}

#[tokio::test]
async fn a_gate_afterwards_takes_the_deployment_back_under_every_controller() {
    for (way, account, config) in ways() {
        let terraform = account.terraform().await;
        sound(terraform.apply(WEB, config.clone()).await);
        if way == "codedeploy" {
            account.deployment_group(1);
        }
        let next = config
            .clone()
            .with_attribute("task_definition", account.task_definition("v2"));
        let gate = never(&["after"]).with_attribute("on_failure", "roll_back");
        let outcome = terraform.apply(WEB, gated(&next, &gate)).await;
        let said = error(&outcome);
        for words in [
            "was rolled back to web:1",
            "never",
            "SY0201",
            "All traffic is on web:1 again",
        ] {
            assert!(said.contains(words), "{way}: {words}: {said}");
        }
        let state = outcome.state.clone().unwrap();
        for name in ["live_task_definition", "task_definition"] {
            assert_eq!(
                state.attribute(name),
                config.attribute("task_definition"),
                "{way}: {name}"
            );
        }
        assert_eq!(
            state.attribute("unfinished"),
            &Value::list::<Value>([]),
            "{way}"
        );
        let record = last(&state);
        assert_eq!(
            record.attribute("outcome").as_str(),
            Some("rolled_back"),
            "{way}"
        );
        assert!(!record.attribute("recovery_seconds").is_null(), "{way}");
        assert_eq!(account.tag("switchyard:watching").await, None, "{way}");
        let plan = terraform.plan(WEB, config.clone()).await;
        assert!(
            !plan.diagnostics.has_errors(),
            "{way}: {}",
            plan.diagnostics
        );
        assert_eq!(plan.attribute("will_deploy"), &Value::from(false), "{way}");
    }
}

/// A gate that fails and does not go back leaves nothing to be watched.
#[tokio::test]
async fn a_gate_that_only_reports_leaves_the_new_revision_and_no_note() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    let next = config.with_attribute("task_definition", account.task_definition("v2"));
    let back = answers(&["after"]).with_attribute("on_failure", "roll_back");
    let both = Value::list([never(&["after"]), back]);
    let outcome = terraform
        .apply(WEB, next.clone().with_attribute("gate", both))
        .await;
    assert!(error(&outcome).contains("SY0217"));
    assert_eq!(
        outcome.attribute("live_task_definition"),
        next.attribute("task_definition")
    );
    assert_eq!(account.tag("switchyard:watching").await, None);
}

#[tokio::test]
async fn an_apply_that_is_killed_while_it_watches_is_continued_by_the_next_one() {
    for (way, account, config) in ways() {
        let terraform = account.terraform().await;
        sound(terraform.apply(WEB, config.clone()).await);
        if way == "codedeploy" {
            account.deployment_group(1);
        }
        let gate = answers(&["after"]).with_attribute("on_failure", "roll_back");
        let next = config
            .clone()
            .with_attribute("task_definition", account.task_definition("v2"));
        let dying = Intercept::new(account.ports.clone())
            .with(Selector::NthOf("ecs:TagResource", 1), Fault::DiesBefore);
        let doomed = configured(dying.ports(), object! {}).await;
        let imported = ImportRequest::Id("main/web".to_owned());
        let imported = doomed.import(WEB, imported).await;
        assert!(
            !imported.diagnostics.has_errors(),
            "{way}: {}",
            imported.diagnostics
        );
        let died = dying
            .until_death(doomed.apply(WEB, gated(&next, &gate)))
            .await;
        assert!(died.is_none(), "{way}: it dies at the end of its watch");

        // Terraform has the old state, the configuration has a gate that is never content.
        let strict = never(&["after"]).with_attribute("on_failure", "roll_back");
        let plan = terraform.plan(WEB, gated(&next, &strict)).await;
        assert_eq!(plan.action, PlannedAction::Update, "{way}");
        let left = format!("{:?}", plan.prior.attribute("unfinished"));
        assert!(
            left.contains("the gates after its deployment of web:2"),
            "{way}: {left}"
        );
        let outcome = terraform.apply(WEB, gated(&next, &strict)).await;
        let said = error(&outcome);
        assert!(said.contains("was rolled back to web:1"), "{way}: {said}");
        assert_eq!(
            outcome.attribute("live_task_definition"),
            config.attribute("task_definition"),
            "{way}"
        );
        assert_eq!(account.tag("switchyard:watching").await, None, "{way}");
    }
}
