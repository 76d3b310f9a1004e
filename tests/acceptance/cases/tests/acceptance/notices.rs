//! Notifications of a deployment, with the real Terraform: to a server that fails first, a topic and a bus, under the
//! policy of the guide.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use switchyard_harness::Stage;

use crate::booking::{ask, first};
use crate::operating::{command, run_in};
use crate::permissions::{self, NOTICES, each_was_needed};
use crate::{APP, Scene};

/// What a server has read.
type Seen = Arc<Mutex<Vec<String>>>;

/// A server that answers 500 to its first request, and 200 to all others.
fn server() -> (String, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    let address = listener.local_addr().expect("a bound listener");
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let text = whole(&mut stream);
            let mut kept = kept.lock().expect("nobody panics here");
            let status = if kept.is_empty() {
                "500 Not Now"
            } else {
                "200 OK"
            };
            kept.push(text);
            drop(write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"
            ));
        }
    });
    (format!("http://{address}/deployments"), seen)
}

/// One request, to the end of its body.
pub(crate) fn whole(stream: &mut TcpStream) -> String {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut piece).unwrap_or_default();
        bytes.extend(piece.iter().take(count));
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let lower = text.to_lowercase();
        let length = lower
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.and_then(|it| it.trim().parse().ok()).unwrap_or(0);
        let is_whole = text
            .split_once("\r\n\r\n")
            .is_some_and(|(_, body)| body.len() >= length);
        if is_whole || count == 0 {
            return text;
        }
    }
}

/// The topic of the guide, and the queue that hears it.
fn topic(stage: &Stage) -> String {
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let created = ask(
        stage,
        "sns",
        form,
        "Action=CreateTopic&Version=2010-03-31&Name=deployments",
    );
    let topic = first(&created, "arn:aws:sns:");
    queue(stage, "CreateQueue", &json!({ "QueueName": "heard" }));
    let subscribe = format!(
        "Action=Subscribe&Version=2010-03-31&TopicArn={topic}&Protocol=sqs&\
         Endpoint=arn:aws:sqs:eu-west-1:123456789012:heard"
    );
    let _ = ask(stage, "sns", form, &subscribe);
    topic
}

fn queue(stage: &Stage, operation: &str, input: &Value) -> String {
    let headers = format!(
        "content-type: application/x-amz-json-1.0\r\nx-amz-target: AmazonSQS.{operation}\r\n"
    );
    ask(stage, "sqs", &headers, &input.to_string())
}

/// A call in JSON 1.1.
fn json_call(stage: &Stage, service: &str, target: &str, input: &Value) -> String {
    let headers = format!("content-type: application/x-amz-json-1.1\r\nx-amz-target: {target}\r\n");
    ask(stage, service, &headers, &input.to_string())
}

#[test]
fn a_deployment_is_told_in_every_direction_under_the_policy_of_the_guide() {
    let scene = Scene::new();
    let stage = &scene.stage;
    let topic = topic(stage);
    let bus = json_call(
        stage,
        "events",
        "AWSEvents.CreateEventBus",
        &json!({ "Name": "operations" }),
    );
    let bus = first(&bus, "arn:aws:events:");
    let secret = json!({ "Name": "slack-deployments", "SecretString": "{\"key\": \"a-signing-key\"}",
        "ClientRequestToken": "0".repeat(32) });
    let secret = json_call(
        stage,
        "secretsmanager",
        "secretsmanager.CreateSecret",
        &secret,
    );
    let secret = first(&secret, "arn:aws:secretsmanager:");
    let (url, seen) = server();
    let (chat, heard) = server();
    let parameter = json!({ "Name": "/chat/slack", "Value": chat, "Type": "SecureString" });
    let _ = json_call(stage, "ssm", "AmazonSSM.PutParameter", &parameter);
    permissions::restrict(&scene, &[permissions::ALWAYS, NOTICES]);

    let provider = format!(
        "notify {{\n    to  = \"sns\"\n    arn = {topic:?}\n  }}\n  notify {{\n    to  = \"eventbridge\"\n    arn = {bus:?}\n  }}\n  \
         notify {{\n    to     = \"webhook\"\n    url    = {url:?}\n    secret = \"{secret}:key::\"\n  }}\n  \
         notify {{\n    to     = \"slack\"\n    secret = \"/chat/slack\"\n  }}\n  deployment_metrics {{}}"
    );
    let project = stage.project(&scene.native(&scene.v1).provider(&provider).hcl());
    let run = project.apply().ok();
    for undelivered in ["SY0255", "SY0256"] {
        assert!(!run.stdout.contains(undelivered), "{}", run.stdout);
    }
    assert_eq!(project.state(APP)["live_task_definition"], scene.v1);
    project.plans_nothing();

    // The event that was refused first came again, and each is signed with the key in the secret.
    let seen = seen.lock().expect("nobody panics here").clone();
    let kinds: Vec<&str> = seen.iter().map(|text| kind(text)).collect();
    assert_eq!(kinds, ["started", "started", "succeeded"]);
    assert!(
        seen.iter()
            .all(|text| text.contains("x-switchyard-signature: v1="))
    );
    let texts: Vec<String> = heard.lock().expect("nobody panics here").clone();
    assert!(
        texts.iter().any(|text| text.contains("succeeded after")),
        "{texts:?}"
    );

    // The topic passed it on to whoever subscribes.
    let url = "https://sqs.eu-west-1.amazonaws.com/123456789012/heard";
    let input = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10 });
    let received = queue(stage, "ReceiveMessage", &input);
    assert!(
        received.contains("duration_seconds") && received.contains("Deployment Succeeded"),
        "{received}"
    );

    let listed = stage.call(
        "cloudwatch",
        "ListMetrics",
        json!({ "Namespace": "Custom/DeploymentHealth" }),
    );
    assert!(listed.to_string().contains("DeploymentSuccess"), "{listed}");

    // Neither the state nor anything that Terraform keeps has the secrets.
    let kept = std::fs::read_to_string(project.folder().join("terraform.tfstate")).unwrap();
    assert!(
        !kept.contains("a-signing-key") && !kept.contains(&chat),
        "{kept}"
    );
    each_was_needed(&scene, NOTICES, &[]);
    project.destroy().ok();
}

/// A receiver behind the proxy of the environment, which the calls to AWS do not take: the lab is on loopback.
#[test]
fn an_emergency_scaling_is_told_through_the_proxy_of_the_environment() {
    let scene = Scene::new();
    let project = scene.stage.project(&scene.native(&scene.v1).hcl());
    project.apply().ok();
    let (proxy, seen) = server();
    let file = project.scratch().join("notify.json");
    let notify = json!({ "notify": [{
        "to": "webhook", "url": "http://hooks.invalid/deployments", "secret": "env:HOOK_KEY",
    }] });
    std::fs::write(&file, notify.to_string()).unwrap();
    let file = file.to_str().unwrap();
    let scale = |proxy: &str| {
        let arguments = [
            "scale",
            "web",
            "--cluster",
            "main",
            "--count",
            "5",
            "--for",
            "2h",
            "--yes",
            "--reason",
            "sale",
            "--notify",
            file,
        ];
        let mut command = command(&scene, &arguments);
        command.env("HOOK_KEY", "key").env("HTTP_PROXY", proxy);
        run_in(command, &arguments).ok()
    };
    let proxy = proxy.trim_end_matches("/deployments");
    let told = scale(proxy);
    assert_eq!(told.stderr, "");
    let requests = seen.lock().expect("nobody panics here").clone();
    // Refused once, and sent again.
    assert_eq!(requests.len(), 2, "{requests:?}");
    let last = requests.last().map(String::as_str).unwrap_or_default();
    assert!(
        last.starts_with("POST http://hooks.invalid/deployments HTTP/1.1"),
        "{last}"
    );
    assert_eq!(kind(last), "emergency_scaling");
    assert!(
        last.contains("2 -> 5 tasks, until") && last.contains(": sale"),
        "{last}"
    );
}

/// The event that a request is about.
fn kind(request: &str) -> &str {
    let mut lines = request.lines();
    let kind = lines.find_map(|line| line.strip_prefix("x-switchyard-event: "));
    kind.unwrap_or_default()
}
