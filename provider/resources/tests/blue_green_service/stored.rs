//! What the state file keeps of a service: little, and states of older versions are read.

use serde_json::{Map, Value as Json, json};
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{Account, WEB, all_at_once, answers, object, rolling, sound, steps};
use crate::folder::last;

/// The value as the state file has it.
pub(crate) fn stored(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => number.to_string().parse().unwrap(),
        Value::String(text) => text.as_str().into(),
        Value::List(elements) => elements.iter().map(stored).collect(),
        Value::Set(elements) => elements.iter().map(stored).collect(),
        Value::Map(members) | Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), stored(member)))
            .collect(),
        other => panic!("not in a state: {other:?}"),
    }
}

/// What version 0 of the schema had in the places of what the last deployment leaves now.
fn as_version_0(state: &Value, from: &Json, to: &str) -> Map<String, Json> {
    let Json::Object(mut old) = stored(state) else {
        panic!("{state:?}");
    };
    let id = stored(last(state).attribute("id"));
    let said = |moment: &str, verdict: &str| {
        json!({
            "gate": "answers", "moment": moment, "weight": 0, "verdict": verdict, "observe_only": true,
            "measurements": 3, "message": "all 2 targets responded as expected", "at": "2026-03-01T10:02:11Z",
        })
    };
    let last = json!({
        "id": id, "outcome": "succeeded", "reason": "Because the revision differs.", "from_task_definition": from,
        "to_task_definition": to, "started_at": "2026-03-01T10:00:00Z", "finished_at": "2026-03-01T10:05:00Z",
        "duration_seconds": 300, "recovery_seconds": null, "score": 61,
        "timeline": [{ "at": "2026-03-01T10:00:10Z", "stage": "IN_PROGRESS", "weight": 2.5 }],
        "gates": [said("before_traffic", "passed"), said("bake", "failed"), said("after", "no_data")],
    });
    old.insert("deployment_id".to_owned(), id);
    old.insert("last_deployment".to_owned(), last);
    old
}

#[tokio::test]
async fn a_state_of_version_0_is_read_and_is_no_change() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let (one, two) = (account.task_definition("v1"), account.task_definition("v2"));
    let config = account
        .native(all_at_once(), &two)
        .with_attribute("gate", Value::list([answers(&["bake"])]));
    let state = sound(terraform.apply(WEB, config.clone()).await);

    let old = as_version_0(&state, &one.into(), &two);
    terraform.remember(WEB, 0, Json::Object(old).to_string());
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert_eq!(plan.action, PlannedAction::NoOp);
    let mut expected = stored(&state);
    let id = last(&state).attribute("id").as_str().unwrap().to_owned();
    expected["last_deployment"] = json!(format!(
        "outcome=succeeded from=web:1 to=web:2 finished_at=2026-03-01T10:05:00Z seconds=300 score=61 \
         gate.answers=failed id={id} reason=\"Because the revision differs.\""
    ));
    assert_eq!(stored(&plan.prior), expected);

    // Version 2 had an object with the same members.
    let mut old = stored(&state);
    old["last_deployment"] = json!({
        "id": id, "outcome": "succeeded", "reason": "Because the revision differs.", "from_task_definition": "web:1",
        "to_task_definition": "web:2", "finished_at": "2026-03-01T10:05:00Z", "duration_seconds": 300,
        "recovery_seconds": null, "score": 61, "gates": { "answers": "failed" },
    });
    old.as_object_mut().unwrap().remove("deploys");
    old["deployment"].as_object_mut().unwrap().remove("freeze");
    terraform.remember(WEB, 2, old.to_string());
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert_eq!(plan.action, PlannedAction::NoOp);
    expected["deploys"] = Json::Null;
    assert_eq!(stored(&plan.prior), expected);

    // Imported, or never deployed by this resource.
    let mut old = as_version_0(&state, &Json::Null, &two);
    old["last_deployment"] = Json::Null;
    terraform.remember(WEB, 0, Json::Object(old).to_string());
    let plan = terraform.plan(WEB, config.clone()).await;
    assert_eq!(plan.action, PlannedAction::NoOp, "{}", plan.diagnostics);
    assert!(plan.prior.attribute("last_deployment").is_null());

    // Nobody has written that.
    terraform.remember(WEB, -1, Json::Object(Map::new()).to_string());
    let plan = terraform.plan(WEB, config).await;
    let said = plan.diagnostics.to_string();
    assert!(said.contains("no upgrade from version -1"), "{said}");
}

/// What version 1 of the schema had where blocks are now: lists under the names of lists, and null without any.
fn as_version_1(state: &Value) -> Json {
    fn rename(object: &mut Json, from: &str, to: &str) {
        let members = object.as_object_mut().unwrap();
        let value = members.remove(from).unwrap();
        let nothing = value.as_array().is_some_and(Vec::is_empty);
        members.insert(to.to_owned(), if nothing { Json::Null } else { value });
    }
    let mut old = stored(state);
    rename(&mut old["deployment"], "step", "steps");
    rename(&mut old["deployment"], "lifecycle_hook", "lifecycle_hooks");
    old["deployment"].as_object_mut().unwrap().remove("freeze");
    for gate in old["gate"].as_array_mut().unwrap() {
        rename(&mut gate["metric"], "query", "queries");
    }
    rename(
        &mut old,
        "capacity_provider_strategy",
        "capacity_provider_strategy",
    );
    old
}

#[tokio::test]
async fn a_state_of_version_1_is_read_and_is_no_change() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let plain = account.native(steps(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, plain.clone()).await);
    let hook = object! {
        stages: Value::set(["PRE_SCALE_UP"]),
        function_arn: "arn:aws:lambda:eu-west-1:123456789012:function:check",
        role_arn: "arn:aws:iam::123456789012:role/hook",
    };
    let errors = object! {
        name: "errors",
        when: Value::set(["after"]),
        metric: object! {
            query: Value::list([object! { id: "errors", namespace: "Shop", name: "Errors" }]),
            success_when: "<= 1",
        },
    };
    let config = plain
        .with_attribute(
            "deployment",
            steps().with_attribute("lifecycle_hook", Value::list([hook])),
        )
        .with_attribute("gate", Value::list([errors]));
    let state = sound(terraform.apply(WEB, config.clone()).await);

    terraform.remember(WEB, 1, as_version_1(&state).to_string());
    let plan = terraform.plan(WEB, config).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert_eq!(plan.action, PlannedAction::NoOp);
    assert_eq!(stored(&plan.prior), stored(&state));
}

/// The attributes of a service without a load balancer, as Terraform lays them out; each plan reads them, and writes
/// them.
#[tokio::test]
async fn a_service_is_small_in_the_state() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account
        .native(rolling(), &account.task_definition("v1"))
        .with_attribute("load_balancer", Value::Null);
    let state = sound(terraform.apply(WEB, config.clone()).await);
    let bytes = serde_json::to_string_pretty(&stored(&state)).unwrap().len();
    assert!(bytes < 3_000, "{bytes} bytes");
    assert!(
        terraform.private(WEB).unwrap().is_empty(),
        "nothing to remember that the state does not say"
    );
    // Another revision: the one before is remembered, by its name.
    let next = config.with_attribute("task_definition", account.task_definition("v2"));
    sound(terraform.apply(WEB, next).await);
    let private = terraform.private(WEB).unwrap().len();
    assert!((1..100).contains(&private), "{private} bytes");
}
