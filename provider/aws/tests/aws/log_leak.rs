//! No secret in any log line, whatever the level and whoever wrote it.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use serde_json::json;
use switchyard_aws::{AccessKeys, AssumeRole, Aws, may_log};
use switchyard_engine::ports::Place;
use tracing::Metadata;
use tracing::field::{Field, Visit};
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use crate::fake::{Fake, NoProbes, RealClock, Reply, json as reply, xml, xml_error};

/// Writes every event and span of every level into one text.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

struct Written<'a>(&'a mut String);

impl Visit for Written<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl<S: tracing::Subscriber> Layer<S> for Everything {
    fn on_new_span(
        &self,
        attributes: &tracing::span::Attributes<'_>,
        _: &tracing::span::Id,
        _: Context<'_, S>,
    ) {
        let mut text = self.0.lock().unwrap();
        writeln!(text, "span {}", attributes.metadata().target()).unwrap();
        attributes.record(&mut Written(&mut text));
    }

    fn on_record(
        &self,
        _: &tracing::span::Id,
        values: &tracing::span::Record<'_>,
        _: Context<'_, S>,
    ) {
        values.record(&mut Written(&mut self.0.lock().unwrap()));
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut text = self.0.lock().unwrap();
        writeln!(
            text,
            "{} {}",
            event.metadata().level(),
            event.metadata().target()
        )
        .unwrap();
        event.record(&mut Written(&mut text));
    }
}

const SECRETS: [&str; 4] = [
    "secret-of-the-user",
    "token-of-the-user",
    "secret-of-the-role",
    "token-of-the-role",
];

/// A call with an assumed role, then one refused with `refusal`; returns everything logged.
async fn logged(refusal: Reply, may_log: fn(&Metadata<'_>) -> bool) -> String {
    let everything = Everything::default();
    let layer = everything.clone().with_filter(FilterFn::new(may_log));
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let fake = Fake::start(move |seen| match seen.form().get("Action").map(String::as_str) {
        Some("AssumeRole") => xml(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
             <AccessKeyId>AKIDROLE</AccessKeyId><SecretAccessKey>secret-of-the-role</SecretAccessKey>\
             <SessionToken>token-of-the-role</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>\
             </Credentials></AssumeRoleResult></AssumeRoleResponse>",
        ),
        Some(_) => refusal.clone(),
        None => reply(json!({"clusters": []})),
    })
    .await;
    let mut config = fake.config();
    config.access_keys = Some(AccessKeys {
        id: "AKIDEXAMPLE".to_owned(),
        secret: "secret-of-the-user".to_owned().into(),
        session_token: Some("token-of-the-user".to_owned().into()),
    });
    config.assume_role = vec![AssumeRole {
        role_arn: "arn:aws:iam::1:role/one".to_owned(),
        ..AssumeRole::default()
    }];
    tracing::trace!(?config, "Connects.");
    let ports = Aws::connect(config).ports(Arc::new(RealClock), Arc::new(NoProbes));
    assert!(!ports.services.cluster_is_active("main").await.unwrap());
    let error = ports.routing.find_rule("arn:rule").await.unwrap_err();
    tracing::trace!(?error, %error, "Refused.");
    everything.0.lock().unwrap().clone()
}

fn assert_no_secret(text: &str) {
    assert_none_of(&SECRETS, text);
}

fn assert_none_of(secrets: &[&str], text: &str) {
    for &secret in secrets {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} was logged");
    }
}

#[tokio::test]
async fn no_secret_is_logged_at_any_level_by_anyone() {
    let text = logged(xml_error("ValidationError", "no"), |_| true).await;
    assert!(text.contains("AKIDEXAMPLE") && text.contains("TRACE aws_"));
    assert_no_secret(&text);
}

#[tokio::test]
async fn an_answer_that_repeats_the_token_does_not_pass_the_log_filter() {
    let echo = xml_error(
        "SignatureDoesNotMatch",
        "It does not match. The Canonical String was x-amz-security-token:token-of-the-role token-of-the-user",
    );
    let text = logged(echo, may_log).await;
    assert!(text.contains("AKIDEXAMPLE") && text.contains("A call to AWS failed."));
    assert_no_secret(&text);
}

#[tokio::test]
async fn what_containers_hold_and_presigned_urls_do_not_pass_the_log_filter() {
    let everything = Everything::default();
    let layer = everything.clone().with_filter(FilterFn::new(may_log));
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let fake = Fake::start(|seen| {
        let (_, operation) = seen.target().split_once('.').unwrap_or_default();
        match operation {
            "DescribeTaskDefinition" | "RegisterTaskDefinition" => {
                reply(json!({"taskDefinition": definition()}))
            }
            "BatchGetImage" => reply(json!({"images": [{
                "imageId": {"imageDigest": "sha256:1"},
                "imageManifest": json!({"config": {"digest": "sha256:2"}}).to_string()}]})),
            "GetDownloadUrlForLayer" => {
                let host = &seen.headers["host"];
                reply(json!({"downloadUrl": format!("http://{host}/?X-Amz-Signature=signature-of-the-url")}))
            }
            "GetLogEvents" => reply(json!({"events": [{"message": "line-of-the-container"}]})),
            _ if seen.path == "/kept/a.json" => {
                Reply::Http(200, "application/json", b"content-of-the-object".to_vec())
            }
            _ => Reply::HangUp,
        }
    })
    .await;
    let ports = fake.ports();
    let place = Place::Bucket {
        bucket: "kept".to_owned(),
        prefix: String::new(),
        region: None,
        kms_key: None,
    };
    let content = b"content-of-the-object";
    let store = &ports.snapshots;
    store.write_new(&place, "a.json", content).await.unwrap();
    let read = store.read(&place, "a.json").await.unwrap();
    assert_eq!(read.as_deref(), Some(content.as_slice()));
    let found = ports.services.find_task_definition("web").await.unwrap();
    let document = found.unwrap().document;
    let tags = std::collections::BTreeMap::new();
    let services = &ports.services;
    services
        .register_task_definition(&document, &tags)
        .await
        .unwrap();
    let image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1";
    ports.prerequisites.find_image(image).await.unwrap();
    let lines = ports
        .prerequisites
        .last_log_lines("/ecs/web", "web", 1)
        .await;
    assert_eq!(lines.unwrap(), ["line-of-the-container"]);

    let text = everything.0.lock().unwrap().clone();
    assert!(text.contains("ecs:RegisterTaskDefinition") && text.contains("logs:GetLogEvents"));
    assert!(text.contains("s3:PutObject") && text.contains("s3:GetObject"));
    assert!(fake.seen().iter().any(|seen| seen.method == "GET"));
    let secrets = [
        "password-of-the-container",
        "signature-of-the-url",
        "line-of-the-container",
        "content-of-the-object",
    ];
    assert_none_of(&secrets, &text);
}

fn definition() -> serde_json::Value {
    json!({
        "taskDefinitionArn": "arn:aws:ecs:eu-west-1:1:task-definition/web:1", "family": "web", "revision": 1,
        "status": "ACTIVE", "containerDefinitions": [{"name": "web", "image": "web:1",
            "environment": [{"name": "PASSWORD", "value": "password-of-the-container"}]}]
    })
}
