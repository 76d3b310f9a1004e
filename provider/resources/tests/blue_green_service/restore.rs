//! Snapshots around deployments, and going back to one.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;
use switchyard_engine::ports::{
    Error, ErrorKind, ObjectStore, Place, PlaceFacts, Ports, Result, ServiceRef, StoredObject,
    Written,
};
use switchyard_engine::snapshot::{self, Entry, Snapshot};
use switchyard_world::Service;
use switchyard_world::ports::Face;
use tfplugin::testing::{Plan, PlannedAction};
use tfplugin::value::Value;

use crate::account::{
    Account, Terraform, WEB, all_at_once, answers, canary, code_deploy_at_once, configured, error,
    never, object, sound, steps,
};

fn place() -> Place {
    Place::Folder("kept".to_owned())
}

fn service() -> ServiceRef {
    ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    }
}

fn with_snapshots(config: Value) -> Value {
    config.with_attribute("snapshots", object! { folder: "kept" })
}

fn restoring(config: &Value, id: &str) -> Value {
    config.clone().with_attribute("restore_snapshot", id)
}

fn last(state: &Value, which: &str) -> String {
    let id = state.attribute("last_snapshots").attribute(which).as_str();
    id.expect("one was taken").to_owned()
}

async fn kept(account: &Account) -> Vec<Entry> {
    snapshot::list(&account.ports, &place(), &service())
        .await
        .unwrap()
}

async fn found(account: &Account, id: &str) -> Snapshot {
    let id = id.parse().unwrap();
    let found = snapshot::read(&account.ports, &place(), &service(), &id).await;
    found.unwrap().unwrap().content.unwrap()
}

async fn pins(account: &Account) -> Vec<String> {
    let kept = kept(account).await.into_iter();
    kept.filter(|entry| entry.pinned)
        .map(|entry| entry.id.to_string())
        .collect()
}

async fn runs(account: &Account) -> String {
    let live = switchyard_engine::observe(&account.ports, &service()).await;
    live.unwrap().unwrap().revision.task_definition.unwrap()
}

async fn image(account: &Account) -> String {
    let live = runs(account).await;
    let found = account.ports.services.find_task_definition(&live).await;
    found.unwrap().unwrap().containers[0].image.clone()
}

#[track_caller]
fn is_empty(plan: &Plan) {
    assert_eq!(plan.action, PlannedAction::NoOp, "{:?}", plan.planned);
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
}

/// What is said by a plan or an apply that goes back, with this part in it.
#[track_caller]
fn goes_back(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
}

/// A service that ran v1 and runs v2; with what it was configured as, and the id of v1's snapshot.
async fn at_v2(account: &Account, config: impl Fn(&str) -> Value) -> (Terraform, Value, String) {
    let terraform = account.terraform().await;
    let config = |image: &str| with_snapshots(config(&account.task_definition(image)));
    let state = sound(terraform.apply(WEB, config("v1")).await);
    assert!(
        state
            .attribute("last_snapshots")
            .attribute("before")
            .is_null()
    );
    account.pass(60);
    let second = config("v2");
    let state = sound(terraform.apply(WEB, second.clone()).await);
    let before = last(&state, "before");
    account.pass(60);
    is_empty(&terraform.plan(WEB, second.clone()).await);
    (terraform, second, before)
}

#[tokio::test]
async fn one_is_taken_before_and_after_every_deployment_and_by_nothing_else() {
    let account = Account::new();
    let (terraform, config, before) = at_v2(&account, |v| account.native(all_at_once(), v)).await;
    let entries = kept(&account).await;
    assert_eq!(entries.len(), 3, "after v1; before and after v2");
    assert!(entries.iter().any(|entry| entry.id.to_string() == before));
    let reasons: Vec<String> = entries
        .into_iter()
        .map(|entry| entry.content.unwrap().reason)
        .collect();
    assert_eq!(
        reasons,
        [
            "after a deployment",
            "before a deployment",
            "after a deployment"
        ]
    );
    let more = config.with_attribute("desired_count", 3);
    sound(terraform.apply(WEB, more.clone()).await);
    assert_eq!(kept(&account).await.len(), 3);
    let quiet = more.with_attribute(
        "snapshots",
        object! { folder: "kept", before: false, after: false },
    );
    sound(terraform.apply(WEB, quiet.clone()).await);
    let v3 = quiet.with_attribute("task_definition", account.task_definition("v3").as_str());
    let state = sound(terraform.apply(WEB, v3).await);
    assert!(state.attribute("last_snapshots").is_null());
    assert_eq!(kept(&account).await.len(), 3);
}

#[tokio::test]
async fn going_back_is_planned_in_words_deployed_and_ended_by_removing_it() {
    for name in ["ecs", "external", "gated"] {
        let account = Account::new();
        let config = |v: &str| match name {
            "ecs" => account.native(canary(), v),
            "external" => account.external(steps(), v),
            _ => {
                let gate = Value::list([answers(&["before_traffic"])]);
                account
                    .native(all_at_once(), v)
                    .with_attribute("gate", gate)
            }
        };
        let (terraform, second, id) = at_v2(&account, config).await;
        let second_runs = runs(&account).await;
        let back = restoring(&second, &id);
        let plan = terraform.plan(WEB, back.clone()).await;
        assert_eq!(plan.action, PlannedAction::Update, "{name}");
        assert_eq!(plan.attribute("will_deploy"), &Value::from(true));
        goes_back(
            &plan.diagnostics.to_string(),
            &[
                &format!("Service `web` returns to snapshot `{id}`"),
                "(before a deployment), when the service was good",
                "What changes:",
                "app:v1",
                "Code SY0162.",
            ],
        );
        let said = plan.diagnostics.to_string();
        assert!(!said.contains("load_balancer"), "the sides swap: {said}");
        let outcome = terraform.apply(WEB, back.clone()).await;
        assert!(
            !outcome.diagnostics.has_errors(),
            "{name}: {}",
            outcome.diagnostics
        );
        assert_eq!(image(&account).await, "app:v1", "{name}");
        let state = outcome.state.unwrap();
        assert_eq!(
            state.attribute("live_task_definition").as_str(),
            Some(runs(&account).await.as_str()),
            "{name}"
        );
        assert_eq!(
            state.attribute("task_definition").as_str(),
            Some(second_runs.as_str()),
            "{name}: what is written stays"
        );
        assert_eq!(pins(&account).await, [id.as_str()], "{name}");
        account.pass(60);
        is_empty(&terraform.plan(WEB, back).await);
        // What was live before the restore comes back as fast.
        let outcome = terraform.apply(WEB, second.clone()).await;
        let said = &outcome.diagnostics;
        assert!(!said.has_errors(), "{name}: {said}");
        let state = outcome.state.unwrap();
        assert_eq!(runs(&account).await, second_runs, "{name}");
        assert_eq!(
            state.attribute("task_definition").as_str(),
            Some(second_runs.as_str())
        );
        assert_eq!(pins(&account).await, Vec::<String>::new(), "{name}");
        is_empty(&terraform.plan(WEB, second).await);
    }
}

#[tokio::test]
async fn a_code_deploy_service_goes_back_with_the_whole_pair_recorded() {
    let account = Account::with_code_deploy();
    let terraform = account.terraform().await;
    let config = |image: &str| {
        let definition = account.task_definition(image);
        with_snapshots(account.code_deployed(&code_deploy_at_once(), &definition))
    };
    sound(terraform.apply(WEB, config("v1")).await);
    account.deployment_group(0);
    let second = config("v2");
    let state = sound(terraform.apply(WEB, second.clone()).await);
    let id = last(&state, "before");
    let document = found(&account, &id).await.to_json();
    assert!(document.contains(&account.blue) && document.contains(&account.green));
    account.pass(60);
    let back = restoring(&second, &id);
    let outcome = terraform.apply(WEB, back.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    assert_eq!(image(&account).await, "app:v1");
    account.pass(60);
    is_empty(&terraform.plan(WEB, back).await);
}

#[tokio::test]
async fn a_revision_that_was_deregistered_is_registered_again_once() {
    let account = Account::new();
    let (terraform, config, id) = at_v2(&account, |v| account.native(all_at_once(), v)).await;
    let first = found(&account, &id).await;
    let first = first.task_definition_arn().to_owned();
    account.ecs(
        "DeregisterTaskDefinition",
        json!({ "taskDefinition": first }),
    );
    let back = restoring(&config, &id);
    let outcome = terraform.apply(WEB, back.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    let now = runs(&account).await;
    assert_ne!(now, first);
    assert_eq!(image(&account).await, "app:v1");
    account.pass(60);
    is_empty(&terraform.plan(WEB, back.clone()).await);
    // Another change does not register it once more.
    let more = back.with_attribute("desired_count", 3);
    sound(terraform.apply(WEB, more).await);
    assert_eq!(runs(&account).await, now);
}

#[tokio::test]
async fn a_snapshot_decides_for_every_owner() {
    for owner in ["images", "external"] {
        let account = Account::new();
        let terraform = account.terraform().await;
        let base = account.task_definition("v1");
        let config = |image: &str| {
            let config = with_snapshots(account.native(all_at_once(), &base))
                .with_attribute("task_definition_owner", owner);
            match owner {
                "images" => config.with_attribute("images", Value::map([("app", image)])),
                _ => config,
            }
        };
        sound(terraform.apply(WEB, config("app:v1")).await);
        let state = match owner {
            "images" => sound(terraform.apply(WEB, config("app:v2")).await),
            _ => {
                account.ecs(
                    "UpdateService",
                    json!({ "cluster": "main", "service": "web", "taskDefinition": account.task_definition("v2") }),
                );
                account.pass(30);
                let state = terraform.state(WEB);
                state.expect("it is recorded")
            }
        };
        let id = match owner {
            "images" => last(&state, "before"),
            _ => last(&state, "after"),
        };
        account.pass(60);
        let back = restoring(&config("app:v2"), &id);
        let outcome = terraform.apply(WEB, back.clone()).await;
        assert!(
            !outcome.diagnostics.has_errors(),
            "{owner}: {}",
            outcome.diagnostics
        );
        assert_eq!(image(&account).await, "app:v1", "{owner}");
        account.pass(60);
        is_empty(&terraform.plan(WEB, back).await);
        let outcome = terraform.apply(WEB, config("app:v2")).await;
        assert!(
            !outcome.diagnostics.has_errors(),
            "{owner}: {}",
            outcome.diagnostics
        );
        // A pipeline deploys when it likes to; the configuration at once.
        let expected = if owner == "images" {
            "app:v2"
        } else {
            "app:v1"
        };
        assert_eq!(image(&account).await, expected, "{owner}");
        account.pass(60);
        is_empty(&terraform.plan(WEB, config("app:v2")).await);
    }
}

#[tokio::test]
async fn a_way_back_that_fails_is_planned_again_and_pins_nothing() {
    let account = Account::new();
    let (terraform, config, id) = at_v2(&account, |v| account.native(all_at_once(), v)).await;
    let gated = config.with_attribute("gate", Value::list([never(&["before_traffic"])]));
    sound(terraform.apply(WEB, gated.clone()).await);
    let back = restoring(&gated, &id);
    let outcome = terraform.apply(WEB, back.clone()).await;
    assert!(outcome.diagnostics.has_errors());
    assert_eq!(image(&account).await, "app:v2");
    let state = outcome.state.unwrap();
    assert!(state.attribute("restore_snapshot").is_null());
    assert_eq!(pins(&account).await, Vec::<String>::new());
    account.pass(60);
    // Its image is to blame until somebody says that it is not.
    let plan = terraform.plan(WEB, back.clone()).await;
    goes_back(
        &plan.diagnostics.to_string(),
        &[
            "failed in the last deployment (at restore_snapshot)",
            "SY0016",
        ],
    );
    let again = back.with_attribute("redeploy_failed", true);
    let plan = terraform.plan(WEB, again).await;
    assert_eq!(plan.attribute("will_deploy"), &Value::from(true));
    // Giving up needs nothing: the same apply has put back the settings that the short way had changed.
    is_empty(&terraform.plan(WEB, gated).await);
}

#[tokio::test]
async fn what_cannot_be_gone_back_to_is_refused_by_the_plan() {
    let account = Account::new();
    let (terraform, config, id) = at_v2(&account, |v| account.native(all_at_once(), v)).await;
    let refused = async |id: &str, parts: &[&str]| {
        let plan = terraform.plan(WEB, restoring(&config, id)).await;
        assert!(plan.diagnostics.has_errors(), "{id}");
        goes_back(&plan.diagnostics.to_string(), parts);
    };
    refused(
        "20200101T000000Z-00000000",
        &[
            "There is no snapshot `20200101T000000Z-00000000`",
            "folder `kept`",
            "SY0231",
        ],
    )
    .await;
    refused("yesterday", &["must be the id of a snapshot"]).await;
    let name = format!("main/web/123456789012/eu-west-1/{id}.json");
    let store = &account.ports.snapshots;
    let whole = store.read(&place(), &name).await.unwrap().unwrap();
    let replaced = async |bytes: &[u8]| {
        store.delete(&place(), &name).await.unwrap();
        store.write_new(&place(), &name, bytes).await.unwrap();
    };
    replaced(&whole[..whole.len() / 2]).await;
    refused(&id, &["cannot be used", "SY0232", "Nothing was changed."]).await;
    assert_eq!(
        store.read(&place(), &name).await.unwrap().unwrap(),
        whole[..whole.len() / 2]
    );
    replaced(&whole).await;
    let first = found(&account, &id).await;
    let first = first.task_definition_arn();
    account.ecs(
        "DeregisterTaskDefinition",
        json!({ "taskDefinition": first }),
    );
    account.ecs(
        "DeleteTaskDefinitions",
        json!({ "taskDefinitions": [first] }),
    );
    refused(
        &id,
        &["cannot be restored: its task definition is gone", "SY0163"],
    )
    .await;
    let nowhere = restoring(&config, &id).with_attribute("snapshots", Value::Null);
    let said = terraform.validate(WEB, nowhere).await;
    goes_back(
        &said.to_string(),
        &["`restore_snapshot` needs `snapshots`", "SY0043"],
    );
}

/// A store that fails when something is written.
struct ReadOnly(Arc<dyn ObjectStore>);

#[async_trait]
impl ObjectStore for ReadOnly {
    async fn list(&self, place: &Place, prefix: &str) -> Result<Vec<StoredObject>> {
        self.0.list(place, prefix).await
    }

    async fn read(&self, place: &Place, name: &str) -> Result<Option<Vec<u8>>> {
        self.0.read(place, name).await
    }

    async fn write_new(&self, _: &Place, name: &str, _: &[u8]) -> Result<Written> {
        Err(Error {
            operation: "folder:Write",
            target: name.to_owned(),
            kind: ErrorKind::Denied,
            code: String::new(),
            message: "Permission denied".to_owned(),
            request_id: None,
        })
    }

    async fn delete(&self, place: &Place, name: &str) -> Result<()> {
        self.0.delete(place, name).await
    }

    async fn facts(&self, place: &Place) -> Result<PlaceFacts> {
        self.0.facts(place).await
    }
}

#[tokio::test]
async fn without_a_snapshot_before_nothing_is_deployed_and_without_one_after_it_is_told() {
    let account = Account::new();
    let ports = Ports {
        snapshots: Arc::new(ReadOnly(Arc::clone(&account.ports.snapshots))),
        ..account.ports.clone()
    };
    let terraform = configured(ports, object! {}).await;
    let config = |image: &str| {
        with_snapshots(account.native(all_at_once(), &account.task_definition(image)))
    };
    let first = config("v1");
    let outcome = terraform.apply(WEB, first.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    goes_back(
        &outcome.diagnostics.to_string(),
        &[
            "No snapshot of service `web` was stored after its deployment",
            "SY0230",
        ],
    );
    let before = account.deployments().len();
    let outcome = terraform.apply(WEB, config("v2")).await;
    goes_back(
        &error(&outcome),
        &[
            "so nothing was deployed",
            "The service did not change",
            "SY0230",
        ],
    );
    assert_eq!(account.deployments().len(), before);
    assert_eq!(image(&account).await, "app:v1");
    // What deploys nothing needs no snapshot.
    let more = first.with_attribute("desired_count", 3);
    sound(terraform.apply(WEB, more).await);
}

/// A snapshot of the service of the same name in another region, in the same place.
#[tokio::test]
async fn a_snapshot_of_another_region_is_refused() {
    let account = Account::new();
    let there = |operation: &str, input: serde_json::Value| {
        account
            .world
            .call(Service::Ecs, "us-east-1", operation, input)
            .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
    };
    there("CreateCluster", json!({ "clusterName": "main" }));
    there(
        "RegisterTaskDefinition",
        json!({
            "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
            "memory": "512", "containerDefinitions": [{ "name": "app", "image": "app:v1", "essential": true }],
        }),
    );
    there(
        "CreateService",
        json!({
            "cluster": "main", "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2,
            "launchType": "FARGATE",
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
        }),
    );
    account.pass(30);
    let mut ports = Face::new(account.world.clone(), "us-east-1").ports();
    ports.snapshots = Arc::clone(&account.ports.snapshots);
    let found = snapshot::capture(&ports, &service(), "test").await;
    let found = found.unwrap().unwrap();
    let retention = snapshot::Retention::default();
    let kept = snapshot::take(&ports, &place(), None, &found, &retention).await;
    let id = kept.unwrap().id.to_string();

    let terraform = account.terraform().await;
    let config = with_snapshots(account.native(all_at_once(), &account.task_definition("v1")));
    for round in ["before it is made", "afterwards"] {
        let plan = terraform.plan(WEB, restoring(&config, &id)).await;
        let said = plan.diagnostics.to_string();
        assert!(plan.diagnostics.has_errors(), "{round}");
        for part in [
            "SY0164",
            "region eu-west-1",
            "region us-east-1",
            "Nothing was changed.",
        ] {
            assert!(said.contains(part), "{round}: {said}");
        }
        let made = terraform.apply(WEB, config.clone()).await;
        assert!(!made.diagnostics.has_errors(), "{}", made.diagnostics);
    }
}
