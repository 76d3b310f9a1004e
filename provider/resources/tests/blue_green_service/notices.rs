//! Who is told of a deployment, what is measured, and what becomes of the apply when nobody listens.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use switchyard_engine::ports::Ports;
use switchyard_world::Service;
use switchyard_world::ports::MemoryNotices;
use tfplugin::value::Value;

use crate::account::{
    Account, Terraform, WEB, all_at_once, canary, configured, error, object, sound,
};

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:deployments";
const URL: &str = "https://chat.example/services/hunter2";

/// An account, and everything that leaves it.
struct Watched {
    account: Account,
    ports: Ports,
    heard: MemoryNotices,
}

impl Watched {
    fn new() -> Self {
        let account = Account::new();
        let heard = MemoryNotices::default();
        heard.keep("env:CHAT", URL);
        let ports = Ports {
            notices: Arc::new(heard.clone()),
            posts: Arc::new(heard.clone()),
            ..account.ports.clone()
        };
        Self {
            account,
            ports,
            heard,
        }
    }

    async fn terraform(&self, provider: Value) -> Terraform {
        configured(self.ports.clone(), provider).await
    }

    fn config(&self, deployment: Value, tag: &str) -> Value {
        let definition = self.account.task_definition(tag);
        self.account.native(deployment, &definition)
    }

    /// The events that the topic got.
    fn events(&self) -> Vec<Json> {
        let told = self.heard.topics();
        told.iter()
            .map(|notice| serde_json::from_str(&notice.message).unwrap())
            .collect()
    }

    fn kinds(&self) -> Vec<String> {
        self.events()
            .iter()
            .map(|event| event["type"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn topic() -> Value {
    object! { to: "sns", arn: TOPIC }
}

fn chat() -> Value {
    object! { to: "slack", secret: "env:CHAT" }
}

fn blocks(blocks: impl IntoIterator<Item = Value>) -> Value {
    object! { notify: Value::list(blocks) }
}

#[tokio::test]
async fn a_deployment_is_told_to_everybody_and_no_secret_is_kept() {
    let watched = Watched::new();
    let terraform = watched.terraform(blocks([topic(), chat()])).await;
    sound(
        terraform
            .apply(WEB, watched.config(all_at_once(), "v1"))
            .await,
    );
    assert_eq!(watched.kinds(), ["started", "succeeded"]);
    let state = sound(
        terraform
            .apply(WEB, watched.config(all_at_once(), "v2"))
            .await,
    );
    assert_eq!(
        watched.kinds(),
        ["started", "succeeded", "started", "succeeded"]
    );
    let last = watched.events().pop().unwrap();
    assert_eq!(last["schema_version"], 1);
    assert_eq!(last["service"], json!({ "cluster": "main", "name": "web" }));
    assert_eq!(
        (&last["from_revision"], &last["to_revision"]),
        (&json!("web:1"), &json!("web:2"))
    );
    assert!(last["duration_seconds"].as_u64().unwrap() > 0);
    assert_eq!(last["reason"], Json::Null);
    let posts = watched.heard.posts();
    assert_eq!(posts.len(), 4);
    assert!(posts.iter().all(|post| post.url == URL));
    assert!(!format!("{state:?}").contains("hunter2"));
    // Nothing is told of an apply that deploys nothing.
    let settings = watched.config(all_at_once(), "v1");
    let settings = settings
        .with_attribute(
            "task_definition",
            state.attribute("task_definition").clone(),
        )
        .with_attribute("desired_count", 3);
    sound(terraform.apply(WEB, settings).await);
    assert_eq!(watched.kinds().len(), 4);
}

#[tokio::test]
async fn steps_are_told_to_whom_asks_for_them() {
    let watched = Watched::new();
    let steps = object! { to: "sns", arn: TOPIC, events: Value::set(["step", "succeeded"]) };
    let terraform = watched.terraform(blocks([steps])).await;
    sound(
        terraform
            .apply(WEB, watched.config(all_at_once(), "v1"))
            .await,
    );
    let before = watched.events().len();
    sound(terraform.apply(WEB, watched.config(canary(), "v2")).await);
    let told: Vec<(Json, Json)> = watched
        .events()
        .into_iter()
        .skip(before)
        .map(|event| (event["type"].clone(), event["traffic_percent"].clone()))
        .collect();
    assert_eq!(
        told,
        [
            (json!("step"), json!(10.0)),
            (json!("step"), json!(100.0)),
            (json!("succeeded"), Json::Null),
        ]
    );
}

#[tokio::test]
async fn a_rollback_is_told_with_its_reason() {
    let watched = Watched::new();
    let terraform = watched.terraform(blocks([topic()])).await;
    sound(
        terraform
            .apply(WEB, watched.config(all_at_once(), "v1"))
            .await,
    );
    let outcome = terraform
        .apply(WEB, watched.config(all_at_once(), "v2--crash"))
        .await;
    let said = error(&outcome);
    let last = watched.events().pop().unwrap();
    assert_eq!(last["type"], "rolled_back", "{said}");
    assert_eq!(last["outcome"], "rolled_back");
    let reason = last["reason"].as_str().unwrap();
    assert!(
        reason.contains("Service `web`") || reason.contains("service `web`"),
        "{reason}"
    );
    assert!(!reason.contains("Last log lines"), "{reason}");
}

#[tokio::test]
async fn a_receiver_that_refuses_is_one_warning_and_the_deployment_is_live() {
    let watched = Watched::new();
    watched.heard.answer_with(500);
    let terraform = watched.terraform(blocks([chat(), topic()])).await;
    let outcome = terraform
        .apply(WEB, watched.config(all_at_once(), "v1"))
        .await;
    let said = outcome.diagnostics.to_string();
    assert!(!outcome.diagnostics.has_errors(), "{said}");
    assert_eq!(outcome.diagnostics.iter().count(), 1, "{said}");
    for part in [
        "Notifications about service `web` were not delivered",
        "Slack (`env:CHAT`): 2 events not delivered; it answered with status 500.",
        "SY0255",
    ] {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
    assert!(!said.contains("hunter2"), "{said}");
    // Three attempts for the first event; at most one for the other, which the end of the apply does not wait for.
    assert!((3..=4).contains(&watched.heard.posts().len()));
    assert_eq!(watched.kinds(), ["started", "succeeded"]);
    assert_eq!(
        outcome.attribute("live_task_definition"),
        outcome.attribute("task_definition")
    );
}

#[tokio::test]
async fn a_service_with_receivers_of_its_own_tells_only_those() {
    let watched = Watched::new();
    let terraform = watched.terraform(blocks([topic()])).await;
    let config = watched.config(all_at_once(), "v1");
    let own = config
        .clone()
        .with_attribute("notify", Value::list([chat()]));
    sound(terraform.apply(WEB, own).await);
    assert_eq!(watched.kinds(), Vec::<String>::new());
    assert_eq!(watched.heard.posts().len(), 2);
    // Who is told is no part of what runs.
    let plan = terraform.plan(WEB, config.clone()).await;
    assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
    sound(terraform.apply(WEB, config).await);
    assert_eq!(watched.account.deployments().len(), 1);
}

#[tokio::test]
async fn a_block_that_names_no_receiver_is_refused_before_anything_is_read() {
    let watched = Watched::new();
    let terraform = watched.terraform(object! {}).await;
    for (block, part) in [
        (object! { to: "sns" }, "`arn` does not name a topic"),
        (
            object! { to: "slack", url: URL },
            "The URL of `slack` is a secret",
        ),
        (
            object! { to: "slack", secret: URL },
            "does not say where a secret is kept",
        ),
        (
            object! { to: "webhook", url: "https://h/x" },
            "`secret` is missing",
        ),
    ] {
        let config = watched.config(all_at_once(), "v1");
        let config = config.with_attribute("notify", Value::list([block.clone()]));
        let said = terraform.plan(WEB, config).await.diagnostics.to_string();
        assert!(said.contains(part) && said.contains("SY0175"), "{said}");
        let provider =
            tfplugin::testing::Simulator::new(crate::account::switchyard(watched.ports.clone()));
        let said = provider.configure(blocks([block])).await.to_string();
        assert!(said.contains(part) && said.contains("SY0175"), "{said}");
    }
}

#[tokio::test]
async fn each_deployment_is_measured_once_where_somebody_asks() {
    let watched = Watched::new();
    let terraform = watched.terraform(object! {}).await;
    sound(
        terraform
            .apply(WEB, watched.config(all_at_once(), "v1"))
            .await,
    );
    let metrics = |namespace: &str| {
        let input = json!({ "Namespace": namespace });
        let listed = watched
            .account
            .call(Service::CloudWatch, "ListMetrics", input);
        let mut names: Vec<String> = listed["Metrics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|metric| metric["MetricName"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(metrics("Custom/DeploymentHealth"), Vec::<String>::new());
    let said = terraform
        .configure(object! { deployment_metrics: object! {} })
        .await;
    assert!(said.is_empty(), "{said}");
    sound(
        terraform
            .apply(WEB, watched.config(all_at_once(), "v2"))
            .await,
    );
    assert_eq!(
        metrics("Custom/DeploymentHealth"),
        [
            "DeploymentDuration",
            "DeploymentFailure",
            "DeploymentSuccess",
            "HealthCheckDuration",
            "RollbackTriggered",
        ]
    );
}
