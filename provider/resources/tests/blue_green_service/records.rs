//! What rollouts leave: their account, the file, images in quarantine, things left behind.

use serde_json::json;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{Account, WEB, all_at_once, error, never, rolling, sound};
use crate::folder::{Folder, last, report};

#[tokio::test]
async fn each_rollout_is_told_in_the_state_and_in_the_file() {
    let folder = Folder::new("told");
    let path = folder.file("deployments/web.json");
    let account = Account::new();
    let terraform = account.terraform().await;
    let one = account.task_definition("v1");
    let config = account
        .native(all_at_once(), &one)
        .with_attribute("report_path", path.as_str());
    sound(terraform.apply(WEB, config.clone()).await);
    assert_eq!(report(&path)["deployment"]["to_task_definition"], one);
    let two = account.task_definition("v2");
    let next = config
        .clone()
        .with_attribute("task_definition", two.as_str());
    let plan = terraform.plan(WEB, next.clone()).await;
    assert!(plan.attribute("last_deployment").is_unknown());
    let state = sound(terraform.apply(WEB, next.clone()).await);
    let record = state.attribute("last_deployment").clone();
    for (name, expected) in [
        ("outcome", "succeeded"),
        ("from_task_definition", "web:1"),
        ("to_task_definition", "web:2"),
        (
            "id",
            account.deployments()[0]["serviceDeploymentArn"]
                .as_str()
                .unwrap(),
        ),
    ] {
        assert_eq!(
            last(&state).attribute(name).as_str(),
            Some(expected),
            "{name}"
        );
    }
    let told = report(&path);
    assert!(
        told["deployment"]["timeline"]
            .as_array()
            .is_some_and(|seen| !seen.is_empty())
    );
    assert_eq!(told["schema_version"], 2);
    assert_eq!(told["deployment"]["controller"], "ecs");
    assert_eq!(told["deployment"]["failure"], serde_json::Value::Null);
    let seen = told["deployment"]["timeline"].as_array().unwrap();
    assert!(
        seen.iter().any(|entry| entry["running"].is_number()),
        "{told:#}"
    );
    let events = told["deployment"]["events"].as_array().unwrap();
    assert!(events.iter().all(|event| event["message"].is_string()));
    assert!(!events.is_empty(), "{told:#}");
    assert_eq!(told["service"], json!({ "cluster": "main", "name": "web" }));
    assert_eq!(told["deployment"]["outcome"], "succeeded");
    assert_eq!(told["deployment"]["to_task_definition"], two);

    // A change of settings leaves both alone.
    let changed = next.with_attribute("desired_count", 3);
    let plan = terraform.plan(WEB, changed.clone()).await;
    assert_eq!(plan.attribute("last_deployment"), &record);
    let state = sound(terraform.apply(WEB, changed).await);
    assert_eq!(state.attribute("last_deployment"), &record);
    assert_eq!(report(&path), told);

    // A rollout that fails is told, too.
    let broken = config.with_attribute("task_definition", account.task_definition("v3--crash"));
    let outcome = terraform.apply(WEB, broken).await;
    error(&outcome);
    let record = last(&outcome.state.unwrap());
    assert_eq!(record.attribute("outcome").as_str(), Some("rolled_back"));
    let told = report(&path);
    assert_eq!(told["deployment"]["outcome"], "rolled_back");
    let failure = &told["deployment"]["failure"];
    assert!(
        failure["code"]
            .as_str()
            .is_some_and(|code| code.starts_with("SY02")),
        "{told:#}"
    );
    assert!(failure["summary"].is_string() && failure["next"].is_string());
    let left: Vec<_> = std::fs::read_dir(folder.0.join("deployments"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["web.json"]);
}

#[tokio::test]
async fn a_report_that_cannot_be_written_is_a_warning() {
    let folder = Folder::new("unwritable");
    std::fs::write(folder.0.join("file"), "in the way").unwrap();
    let path = folder.file("file/web.json");
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account
        .native(all_at_once(), &account.task_definition("v1"))
        .with_attribute("report_path", path.as_str());
    let outcome = terraform.apply(WEB, config).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    let said = outcome.diagnostics.to_string();
    assert!(said.contains("was not written"), "{said}");
    assert!(!outcome.tainted);
    assert_eq!(
        last(&outcome.state.unwrap()).attribute("outcome").as_str(),
        Some("succeeded")
    );
}

/// What is at the path stays, whatever it is, and nothing is waited for.
#[cfg(unix)]
#[tokio::test]
async fn a_report_replaces_nothing_but_a_file() {
    use std::os::unix::fs::{FileTypeExt as _, symlink};

    let folder = Folder::new("in-the-way");
    let secret = folder.0.join("secret");
    std::fs::write(&secret, "untouched").unwrap();
    symlink(&secret, folder.0.join("link")).unwrap();
    symlink(&secret, folder.0.join("web.json.partial")).unwrap();
    std::fs::create_dir(folder.0.join("folder")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(folder.0.join("socket")).unwrap();
    for (name, says) in [
        ("link", "symbolic link"),
        ("folder", "there is a folder"),
        ("socket", "is not a file"),
    ] {
        let account = Account::new();
        let terraform = account.terraform().await;
        let config = account
            .native(all_at_once(), &account.task_definition("v1"))
            .with_attribute("report_path", folder.file(name));
        let outcome = terraform.apply(WEB, config).await;
        let said = outcome.diagnostics.to_string();
        assert!(!outcome.diagnostics.has_errors(), "{said}");
        assert!(said.contains(says) && said.contains("SY0241"), "{said}");
    }
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account
        .native(all_at_once(), &account.task_definition("v1"))
        .with_attribute("report_path", folder.file("web.json"));
    let outcome = terraform.apply(WEB, config).await;
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), "untouched");
    assert!(folder.0.join("link").is_symlink());
    let socket = std::fs::symlink_metadata(folder.0.join("socket")).unwrap();
    assert!(socket.file_type().is_socket());
}

/// Registers a revision with an image for the app and one for a helper beside it.
fn with_helper(account: &Account, app: &str, helper: &str) -> String {
    let container = |name: &str, image: &str, port: u32| json!({ "name": name, "image": image, "essential": true, "portMappings": [{ "containerPort": port }] });
    let registered = account.ecs(
        "RegisterTaskDefinition",
        json!({
            "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
            "memory": "512", "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
            "containerDefinitions": [container("app", app, 8080), container("helper", helper, 9090)],
        }),
    );
    registered["taskDefinition"]["taskDefinitionArn"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn quarantined(state: &Value) -> Vec<String> {
    let images = state
        .attribute("quarantined_images")
        .elements()
        .unwrap()
        .iter();
    images
        .map(|image| {
            let text = |name: &str| image.attribute(name).as_str().unwrap().to_owned();
            format!("{} {}", text("container"), text("image"))
        })
        .collect()
}

#[tokio::test]
async fn an_image_that_failed_is_not_deployed_again_unasked() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &with_helper(&account, "app:v1", "helper:v1"));
    let state = sound(terraform.apply(WEB, config.clone()).await);
    assert_eq!(quarantined(&state), [""; 0]);
    let gates = |gates: &[Value]| Value::list(gates.iter().cloned());
    let failing = gates(&[never(&["before_traffic"])]);
    let two = config.clone().with_attribute(
        "task_definition",
        with_helper(&account, "app:v2", "helper:v1"),
    );
    let outcome = terraform
        .apply(WEB, two.clone().with_attribute("gate", failing))
        .await;
    error(&outcome);
    // The helper serves in the old revision, too.
    assert_eq!(quarantined(&outcome.state.unwrap()), ["app app:v2"]);

    // Another revision with the same image is refused, wherever it is registered.
    let again = config.clone().with_attribute(
        "task_definition",
        with_helper(&account, "app:v2", "helper:v2"),
    );
    let plan = terraform.plan(WEB, again.clone()).await;
    assert!(plan.diagnostics.has_errors());
    let said = plan.diagnostics.to_string();
    assert!(said.contains("SY0016") && said.contains("app:v2"), "{said}");
    let at = plan
        .diagnostics
        .errors()
        .next()
        .unwrap()
        .attribute
        .clone()
        .unwrap();
    assert_eq!(at.to_string(), "task_definition");

    // Settings change, other images are deployed; the list stays.
    let plan = terraform
        .plan(WEB, config.clone().with_attribute("desired_count", 3))
        .await;
    assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
    let three = config.clone().with_attribute(
        "task_definition",
        with_helper(&account, "app:v3", "helper:v1"),
    );
    let state = sound(terraform.apply(WEB, three).await);
    assert_eq!(quarantined(&state), ["app app:v2"]);

    // Asked for, it is deployed, and what works is in quarantine no more.
    let asked = two.with_attribute("redeploy_failed", true);
    let state = sound(terraform.apply(WEB, asked).await);
    assert_eq!(quarantined(&state), [""; 0]);
    let outcome = terraform.apply(WEB, again).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
}

#[tokio::test]
async fn quarantine_knows_an_image_by_its_digest() {
    let image = |tag: &str| format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:{tag}");
    let account = Account::new();
    let terraform = account.terraform().await;
    let base = with_helper(&account, &image("v1"), "helper:v1");
    let config = |tag: &str| {
        account
            .native(all_at_once(), &base)
            .with_attribute("task_definition_owner", "images")
            .with_attribute("images", Value::map([("app", image(tag).as_str())]))
    };
    sound(terraform.apply(WEB, config("v1")).await);
    let failing = config("v2").with_attribute("gate", Value::list([never(&["before_traffic"])]));
    let outcome = terraform.apply(WEB, failing).await;
    error(&outcome);
    let held = outcome.attribute("quarantined_images").elements().unwrap()[0].clone();
    let digest = held.attribute("digest").as_str().unwrap().to_owned();
    assert!(digest.starts_with("sha256:"), "{digest}");
    // By another name.
    let same = format!("somewhere.example.com/app@{digest}");
    let renamed = config("v2").with_attribute("images", Value::map([("app", same.as_str())]));
    for wanted in [config("v2"), renamed] {
        let plan = terraform.plan(WEB, wanted).await;
        let said = plan.diagnostics.to_string();
        assert!(said.contains("SY0016"), "{said}");
        let refused = plan
            .diagnostics
            .errors()
            .find(|error| error.detail.contains("SY0016"));
        let at = refused.unwrap().attribute.clone().unwrap();
        assert_eq!(at.to_string(), "images[\"app\"]");
    }
    // An image that is not known yet may be another one, whatever the base has.
    let unknown = config("v2")
        .with_attribute(
            "task_definition",
            with_helper(&account, &image("v2"), "helper:v1"),
        )
        .with_attribute("images", Value::unknown());
    let one = Value::map([("app", Value::unknown())]);
    for unknown in [unknown.clone(), unknown.with_attribute("images", one)] {
        let plan = terraform.plan(WEB, unknown.clone()).await;
        assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
        let same = unknown
            .clone()
            .with_attribute("images", Value::map([("app", image("v2").as_str())]));
        let outcome = terraform.apply_learning(WEB, unknown, same).await;
        assert!(error(&outcome).contains("SY0016"));
    }
    sound(terraform.apply(WEB, config("v3")).await);
}

#[tokio::test]
async fn what_an_interrupted_apply_left_is_finished_by_the_next_one() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(rolling(), &account.task_definition("v1"));
    let state = sound(terraform.apply(WEB, config.clone()).await);
    assert_eq!(state.attribute("unfinished"), &Value::List(Vec::new()));
    account.call(
        switchyard_world::Service::AutoScaling,
        "RegisterScalableTarget",
        json!({
            "ServiceNamespace": "ecs", "ResourceId": "service/main/web",
            "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 1, "MaxCapacity": 4,
            "SuspendedState": { "DynamicScalingInSuspended": true },
        }),
    );
    let arn = account.service().await.unwrap().arn;
    let mark = json!([{ "key": "switchyard:scaling-suspended", "value": "in" }]);
    account.ecs("TagResource", json!({ "resourceArn": arn, "tags": mark }));
    let owned = config.with_attribute("desired_count_owner", "autoscaler");
    let plan = terraform.plan(WEB, owned.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    let left = plan
        .prior
        .attribute("unfinished")
        .elements()
        .unwrap()
        .to_vec();
    assert_eq!(left, [Value::from("automatic scaling is suspended")]);
    assert_eq!(plan.attribute("unfinished"), &Value::List(Vec::new()));
    assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
    // It may be a deployment that is finished.
    assert!(plan.attribute("last_deployment").is_unknown());
    assert!(plan.attribute("live_target_group").is_unknown());
    let done = sound(terraform.apply(WEB, owned.clone()).await);
    for kept in ["last_deployment", "live_target_group"] {
        assert_eq!(done.attribute(kept), state.attribute(kept), "{kept}");
    }
    let service = switchyard_engine::ports::ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    };
    let target = account.ports.scaling.find_scalable_target(&service).await;
    assert!(!target.unwrap().unwrap().suspended.scale_in);
    assert!(terraform.plan(WEB, owned).await.is_empty());
}
